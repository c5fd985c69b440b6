package import BackupCore

/// What the environment and the shared files say of where AWS is: the environment first, then the profile.
///
/// Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints" and "Dual-stack and FIPS endpoints"; where it
/// leaves room, botocore (`configprovider.py`, 1.43).
package struct AWSSettings: Sendable, Equatable {
    package var endpoints: [Service: Endpoint] = [:]
    package var everyEndpoint: Endpoint?
    package var caBundle: String?
    package var region: Region?
    /// Which of AWS's own endpoints; the plain ones where some are given.
    package var variant = EndpointVariant()

    /// - Throws: ``WireError`` naming the variable or key and what is wrong with it.
    package init(environment: [String: String]) throws(WireError) {
        let reader = try SettingsReader(environment: environment)
        if try !reader.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") {
            for service in [Service.ec2, .lightsail, .sts, .kms, .s3, .sns] {
                endpoints[service] = try reader.endpoint("AWS_ENDPOINT_URL_\(service.rawValue.uppercased())")
            }
            everyEndpoint = try reader.endpoint("AWS_ENDPOINT_URL", "endpoint_url")
        }
        variant.isFIPS = try reader.flag(EndpointVariant.variableOfFIPS, "use_fips_endpoint")
        variant.isDualStack = try reader.flag(EndpointVariant.variableOfDualStack, "use_dualstack_endpoint")
        caBundle = reader.text("AWS_CA_BUNDLE", "ca_bundle")?.text
        region = (reader.text("AWS_REGION") ?? reader.text("AWS_DEFAULT_REGION", "region")).map { Region($0.text) }
        try checkVariant()
    }

    /// As botocore refuses it: nobody can say whether a given endpoint is of that kind.
    private func checkVariant() throws(WireError) {
        guard let wanted = variant.variables.first, everyEndpoint != nil || !endpoints.isEmpty else { return }
        throw WireError(
            "\(wanted): cannot be true where an endpoint is given (AWS_ENDPOINT_URL…), which is used as it is: unset one, "
                + "or set AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true")
    }

    /// Whether the endpoints that are wanted can be had in these regions.
    ///
    /// - Throws: ``WireError`` naming the first region that has none.
    package func check(_ regions: some Sequence<Region>) throws(WireError) {
        guard variant.isDualStack else { return }
        for region in regions where region.partition.dualStackDomain == nil {
            throw WireError(
                "\(EndpointVariant.variableOfDualStack): the partition \(region.partition) of \(region) has no dual-stack "
                    + "endpoints: unset it")
        }
    }

    /// Where a service of a region is: as given, else AWS's own endpoint over HTTPS.
    package func endpoint(_ service: Service, in region: Region) -> Endpoint {
        endpoints[service] ?? everyEndpoint
            ?? Endpoint(scheme: "https", host: variant.host(of: service, in: region))
    }

    func isGiven(_ service: Service) -> Bool { endpoints[service] != nil || everyEndpoint != nil }

    /// What may be behind a host that is nowhere; nothing if nothing but AWS's plain endpoints is asked for.
    func hint(on error: TransportError) -> String {
        guard error.code == TransportError.nameNotResolved, !variant.variables.isEmpty else { return "" }
        return " (not every region has what \(variant.variables.joined(separator: " and ")) asks for)"
    }
}
