package import BackupCore

/// The least that a config needs of AWS in one account, as statements of a policy; GetCallerIdentity needs none.
///
/// Whatever makes or deletes something is bound to the fleet's tag; what only reads, to the regions of the config.
/// Source of what can be bound to what: Service Authorization Reference, "Actions, resources, and condition keys" of
/// Amazon EC2, Amazon Lightsail and AWS KMS.
package struct LeastPrivilege: Sendable {
    let fleet: FleetName
    /// The policies that protect what is in the account.
    let policies: [Policy]
    /// What is copied into it, from there or from elsewhere.
    let arrivals: [(policy: Policy, rule: CopyRule)]
    /// The roles that are taken on from it.
    let roles: [String]
    let account: AccountID
    /// Where drills restore, in any account.
    let drillPlaces: Set<Place>
    /// What no snapshot holds is put down there; the bucket is the standard account's.
    let bucket: SidecarBucket?
    let topics: [String]

    /// The rights of the standard credentials, or of the role of another account.
    package init(for configuration: Configuration, in account: AccountID = .standard) {
        fleet = configuration.fleet
        policies = configuration.policies.filter { $0.account == account }
        arrivals = configuration.policies.flatMap { policy in
            policy.copies.filter { $0.account == account }.map { (policy, $0) }
        }
        roles = account == .standard ? configuration.accounts.values.map(\.arn.description).sorted() : []
        self.account = account
        drillPlaces = configuration.drillPlaces
        bucket = configuration.sidecarBucket
        topics = Set(
            configuration.notify.compactMap { target in
                if case .topic(let topic, _) = target.way { topic } else { nil }
            }
        ).sorted()
    }

    package var policy: IAMPolicy {
        IAMPolicy(
            statements: roleStatements + ec2Statements + keyStatements + lightsailStatements + sidecarStatements
                + notifyStatements
                + drillStatements)
    }

    var roleStatements: [IAMPolicy.Statement] {
        roles.isEmpty
            ? [] : [IAMPolicy.Statement(sid: "TakeOnRoles", actions: [STS.assumeRole.right], resources: roles)]
    }

    /// All that only reads, and no more.
    var readingStatements: [IAMPolicy.Statement] {
        (ec2Statements + lightsailStatements).filter { statement in
            statement.actions.allSatisfy { $0.contains(":Describe") || $0.contains(":Get") }
        }
    }

    /// Where a provider's resources are, and where their copies go.
    func homes(of provider: Provider) -> [Region] {
        Set(policies.filter { $0.selects(from: provider) }.flatMap(\.regions)).sorted()
    }

    func destinations(of provider: Provider) -> [Region] {
        Set(arrivals.filter { $0.policy.selects(from: provider) }.map(\.rule.region)).sorted()
    }

    /// Where what is copied into the account comes from.
    func sources(of provider: Provider) -> [Region] {
        Set(arrivals.filter { $0.policy.selects(from: provider) }.flatMap(\.policy.regions)).sorted()
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
