package import BackupCore

/// The least that a config needs of AWS, as statements of a policy; GetCallerIdentity needs none.
///
/// Whatever makes or deletes something is bound to the fleet's tag; what only reads, to the regions of the config.
/// Source of what can be bound to what: Service Authorization Reference, "Actions, resources, and condition keys" of
/// Amazon EC2, Amazon Lightsail and AWS KMS.
package struct LeastPrivilege: Sendable {
    let fleet: FleetName
    let policies: [Policy]

    package init(for configuration: Configuration) {
        fleet = configuration.fleet
        policies = configuration.policies
    }

    package var policy: IAMPolicy { IAMPolicy(statements: ec2Statements + keyStatements + lightsailStatements) }

    /// Where a provider's resources are, and where their copies go.
    func homes(of provider: Provider) -> [Region] {
        Set(policies.filter { $0.selects(from: provider) }.flatMap(\.regions)).sorted()
    }

    func destinations(of provider: Provider) -> [Region] {
        Set(policies.filter { $0.selects(from: provider) }.flatMap { $0.copies.map(\.region) }).sorted()
    }

    func places(of provider: Provider) -> [Region] {
        Set(homes(of: provider) + destinations(of: provider)).sorted()
    }

    /// The names of one kind of resource in each of the regions, in whichever account the policy is used.
    ///
    /// EC2 leaves the account of a snapshot's name empty, which the asterisk covers as well.
    func names(_ service: Service, _ resource: String, in regions: [Region]) -> [String] {
        regions.map { "arn:\($0.partition):\(service.rawValue):\($0):*:\(resource)" }
    }

    // MARK: Conditions

    var fleetKey: String { PointTags.fleetKey }
    /// What is made bears our tag from the first.
    var bearsOurTag: [String: [String]] { ["aws:RequestTag/" + fleetKey: [fleet.rawValue]] }
    /// What is there is ours.
    var isOurs: [String: [String]] { ["aws:ResourceTag/" + fleetKey: [fleet.rawValue]] }

    func isIn(_ regions: [Region]) -> [String: [String]] { ["aws:RequestedRegion": regions.map(\.rawValue)] }
}

extension Policy {
    /// Whether it backs up anything that is listed there.
    func selects(from provider: Provider) -> Bool { selection.kinds.contains { $0.provider == provider } }
}
