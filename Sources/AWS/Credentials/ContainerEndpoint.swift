import BackupCore
import Glibc

/// The endpoint by which ECS and EKS give a container its role.
///
/// Source: AWS SDKs and Tools Reference Guide, "Container credential provider"; botocore's `ContainerMetadataFetcher`.
struct ContainerEndpoint: Equatable, Sendable {
    let url: String
    private let token: Token

    /// What goes into the header Authorization; a file is read each time, since it is renewed.
    private enum Token: Equatable, CustomStringConvertible {
        case none
        case text(String)
        case file(String)

        var description: String { "(a token)" }
    }

    static let attempts = 3
    private static let timeout = 2
    private static let ownHost = "169.254.170.2"
    /// Without TLS, a token goes to these and to this machine alone.
    private static let hosts = [ownHost, "169.254.170.23", "fd00:ec2::23", "localhost"]

    /// Nil if the environment names none.
    init?(environment: [String: String]) throws(CredentialsError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let path = value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            guard path.hasPrefix("/") else {
                throw CredentialsError("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with /")
            }
            url = "http://\(ContainerEndpoint.ownHost)\(path)"
        } else if let whole = value("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            url = whole
        } else {
            return nil
        }
        if let file = value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            token = .file(file)
        } else {
            token = value("AWS_CONTAINER_AUTHORIZATION_TOKEN").map { .text($0) } ?? .none
        }
        try checkHost()
    }

    private func checkHost() throws(CredentialsError) {
        guard let place = PlainURL(url) else {
            throw CredentialsError(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL like http://169.254.170.23/v1/credentials")
        }
        guard place.scheme == "https" || place.isLoopback || ContainerEndpoint.hosts.contains(place.host) else {
            throw CredentialsError(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI names the host \(place.host): without https it must be this machine or "
                    + ContainerEndpoint.hosts.joined(separator: ", "))
        }
    }

    func fetch(_ transport: any Transport, _ clock: any WallClock) async throws(CredentialsError) -> Credentials {
        var request = HTTPRequest(.get, url: url, headers: try headers())
        request.timeout = ContainerEndpoint.timeout
        request.isDirect = true
        var attempt = 1
        while true {
            do throws(CredentialsError) {
                return try await read(request, transport)
            } catch {
                if error.isCancellation || attempt == ContainerEndpoint.attempts { throw error }
                attempt += 1
            }
            do {
                try await clock.sleep(until: clock.now + .seconds(1))
            } catch {
                throw CredentialsError("cancelled", isCancellation: true)
            }
        }
    }

    private func read(_ request: HTTPRequest, _ transport: any Transport) async throws(CredentialsError) -> Credentials
    {
        let name = "the container's credentials (\(url))"
        let reply: HTTPReply
        do throws(TransportError) {
            reply = try await transport.send(request)
        } catch {
            throw CredentialsError(
                "\(name): \(error.message)", isCancellation: error.code == AWSError.cancelled)
        }
        guard reply.status == 200 else {
            throw CredentialsError(
                "\(name): the endpoint answers with HTTP \(reply.status): is its authorization token right?")
        }
        guard let document = CredentialDocument(reply.body) else {
            throw CredentialsError("\(name): the answer is no JSON of credentials (it is not shown)")
        }
        do throws(CredentialsError) {
            return try document.credentials(needsEnd: true)
        } catch {
            throw CredentialsError("\(name): the answer \(error)")
        }
    }

    private func headers() throws(CredentialsError) -> [Header] {
        let accept = Header("accept", "application/json")
        let (text, place): (String, String)
        switch token {
        case .none: return [accept]
        case .text(let given): (text, place) = (given, "AWS_CONTAINER_AUTHORIZATION_TOKEN")
        case .file(let path):
            guard let content = fileText(path) else {
                throw CredentialsError(
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: \(path): \(fileFault(path) ?? "it cannot be read")")
            }
            (text, place) = (content, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        }
        guard !text.unicodeScalars.contains(where: { $0 == "\r" || $0 == "\n" || $0 == "\0" }) else {
            throw CredentialsError("\(place): the token has a line break in it: write it without one")
        }
        return [accept, Header("authorization", text)]
    }
}

/// A URL of scheme and host, without a user in it.
struct PlainURL {
    let scheme: String
    let host: String

    init?(_ text: String) {
        guard let scheme = ["http", "https"].first(where: { text.hasPrefix($0 + "://") }),
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F && $0 != "\\" })
        else { return nil }
        let authority = text.dropFirst(scheme.count + 3).prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else { return nil }
        let name =
            authority.hasPrefix("[")
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        guard !name.isEmpty else { return nil }
        self.scheme = scheme
        host = name.lowercased()
    }

    /// 127.0.0.0/8 and ::1, written as addresses.
    var isLoopback: Bool {
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        var six = in6_addr()
        guard inet_pton(AF_INET6, host, &six) == 1 else { return false }
        return withUnsafeBytes(of: &six) { bytes in bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 }
    }
}
