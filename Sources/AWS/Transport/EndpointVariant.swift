import BackupCore

/// Which of a service's endpoints in a region is meant.
package struct EndpointVariant: Sendable, Equatable {
    /// The one whose cryptography is validated by FIPS 140.
    package var isFIPS = false
    /// The one that answers over IPv6, too.
    package var isDualStack = false

    /// AWS's own host, whether or not there is one: AWS publishes no list of them that stays true.
    ///
    /// Source: botocore's `endpoint-rule-set-1.json` of the services (1.43); in GovCloud the plain hosts of EC2 and STS are
    /// the FIPS ones, and S3's name says that a host is dual-stack.
    func host(of service: Service, in region: Region) -> String {
        let partition = region.partition
        let isPlain = !isFIPS || (!isDualStack && partition.name == "aws-us-gov" && [.ec2, .sts].contains(service))
        let name = isPlain ? service.rawValue : "\(service.rawValue)-fips"
        if service == .s3, isDualStack { return "\(name).dualstack.\(region).\(partition.domain)" }
        return "\(name).\(region).\(isDualStack ? partition.dualStackDomain ?? partition.domain : partition.domain)"
    }

    /// The variables that ask for it.
    var variables: [String] {
        (isFIPS ? [EndpointVariant.variableOfFIPS] : []) + (isDualStack ? [EndpointVariant.variableOfDualStack] : [])
    }

    static let variableOfFIPS = "AWS_USE_FIPS_ENDPOINT"
    static let variableOfDualStack = "AWS_USE_DUALSTACK_ENDPOINT"
}
