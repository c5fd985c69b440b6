package import BackupCore

/// The standard environment variables that say where AWS is.
package struct AWSSettings: Sendable, Equatable {
    package var endpoints: [Service: Endpoint]
    package var everyEndpoint: Endpoint?
    package var caBundle: String?
    package var region: Region?

    /// - Throws: ``WireError`` naming the variable and what is wrong with it.
    package init(environment: [String: String]) throws(WireError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func endpoint(_ name: String) throws(WireError) -> Endpoint? {
            guard let text = value(name) else { return nil }
            guard let endpoint = Endpoint(text) else {
                throw WireError("\(name): expected http://HOST[:PORT] or https://HOST[:PORT], got \"\(text)\"")
            }
            return endpoint
        }
        endpoints = [:]
        for service in [Service.ec2, .lightsail, .sts, .kms] {
            endpoints[service] = try endpoint("AWS_ENDPOINT_URL_\(service.rawValue.uppercased())")
        }
        everyEndpoint = try endpoint("AWS_ENDPOINT_URL")
        caBundle = value("AWS_CA_BUNDLE")
        region = (value("AWS_REGION") ?? value("AWS_DEFAULT_REGION")).map { Region($0) }
    }

    /// Where a service of a region is: as the environment says, else AWS's own endpoint over HTTPS.
    package func endpoint(_ service: Service, in region: Region) -> Endpoint {
        if let given = endpoints[service] ?? everyEndpoint { return given }
        let suffix = region.rawValue.hasPrefix("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com"
        return Endpoint(scheme: "https", host: "\(service.rawValue).\(region)\(suffix)")
    }
}

/// A scheme and a host with an optional port.
package struct Endpoint: Sendable, Equatable {
    package var scheme: String
    package var host: String

    init(scheme: String, host: String) {
        self.scheme = scheme
        self.host = host
    }

    /// Reads `https://host:port`, with or without a slash at the end.
    init?(_ text: String) {
        for scheme in ["http", "https"] where text.hasPrefix(scheme + "://") {
            let rest = text.dropFirst(scheme.count + 3)
            let host = rest.hasSuffix("/") ? rest.dropLast() : rest
            guard !host.isEmpty, !host.contains(where: { "/?#@ ".contains($0) }) else { return nil }
            self.init(scheme: scheme, host: String(host))
            return
        }
        return nil
    }

    package var url: String { "\(scheme)://\(host)/" }
}
