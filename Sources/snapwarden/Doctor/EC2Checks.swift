import AWS
import BackupCore

/// The permissions and quotas of EC2 in one region.
struct EC2Checks {
    let session: Session
    let inventory: Inventory
    let site: Site
    let clock: any WallClock

    private var ec2: EC2Client { EC2Client(session.client(of: site.account)) }
    private var rehearsal: EC2Rehearsal {
        EC2Rehearsal(ec2: ec2, account: site.account, fleet: session.configuration.fleet, clock: clock)
    }
    private var region: Region { site.region }
    private var policies: [Policy] {
        session.configuration.policies.filter { policy in policy.selection.kinds.contains { $0.provider == .ec2 } }
    }

    func findings() async -> Findings {
        var findings = Findings()
        await tryReading(&findings)
        await tryCreating(&findings)
        await tryCopying(&findings)
        await trySharing(&findings)
        await tryChanging(&findings)
        await QuotaChecks(ec2: ec2, site: site, isDestination: !rulesHere.isEmpty).check(&findings)
        return findings
    }

    // MARK: Reading

    private func tryReading(_ findings: inout Findings) async {
        let (few, ec2, region) = (5, ec2, region)
        let scope = session.configuration.scopes[Place(.ec2, site)]
        await read(EC2.describeSnapshots, &findings) { () async throws(AWSError) in
            _ = try await ec2.describeSnapshots(.init(ownerIds: ["self"], maxResults: few), in: region)
        }
        await read(EC2.describeLockedSnapshots, &findings) { () async throws(AWSError) in
            _ = try await ec2.describeLockedSnapshots(.init(maxResults: few), in: region)
        }
        await read(EC2.describeImages, &findings) { () async throws(AWSError) in
            _ = try await ec2.describeImages(.init(owners: ["self"], maxResults: few), in: region)
        }
        guard let kinds = scope?.kinds, !kinds.isEmpty else { return }
        if kinds.contains(.ec2Instance) {
            await read(EC2.describeInstances, &findings) { () async throws(AWSError) in
                _ = try await ec2.describeInstances(.init(maxResults: few), in: region)
            }
        }
        await read(EC2.describeVolumes, &findings) { () async throws(AWSError) in
            _ = try await ec2.describeVolumes(.init(maxResults: few), in: region)
        }
    }

    private func read(
        _ operation: Operation, _ findings: inout Findings, _ call: () async throws(AWSError) -> Void
    ) async {
        do throws(AWSError) {
            try await call()
            findings.note(operation, site, .allowed)
        } catch {
            findings.note(operation, site, error.needsPerson ? .denied(error) : .unclear(error))
        }
    }

    // MARK: Making

    private func tryCreating(_ findings: inout Findings) async {
        let here = policies.filter { $0.homes.contains(site) }
        guard !here.isEmpty else { return }
        let resources = inventory.listings[Place(.ec2, site)]?.resources ?? []
        let pairs = here.compactMap { policy in resources.first(where: policy.selects).map { (policy, $0) } }
        guard let (policy, resource) = pairs.first else {
            return findings.warn(
                "permission", "\(EC2.createSnapshots.right) in \(site) was not tried: no instance is selected there",
                remedy: "see \"select\" in the config, and the instances' tags and names")
        }
        let order = CreateOrder(
            policy: policy, resource: resource, slot: clock.now, kind: .manual, nonce: SetID(Nonce.fresh()))
        findings.note(EC2.createSnapshots, site, await rehearsal.create(order))
    }

    /// The rules that copy into this region.
    private var rulesHere: [(policy: Policy, rule: CopyRule)] {
        policies.flatMap { policy in policy.copies.filter { $0.site == site }.map { (policy, $0) } }
    }

    private func tryCopying(_ findings: inout Findings) async {
        guard !rulesHere.isEmpty else { return }
        for (policy, rule) in rulesHere {
            let point = inventory.points.first {
                $0.place.provider == .ec2 && !$0.isCopy && $0.policy == policy.name && $0.state == .usable
            }
            guard let point, let member = point.members.first else { continue }
            let order = CopyOrder(point: point, members: [member], rule: rule, tags: policy.tags)
            return findings.note(EC2.copySnapshot, site, await rehearsal.copy(member, order))
        }
        findings.untried([EC2.copySnapshot], site)
    }

    /// With an account whose number the config holds.
    private func trySharing(_ findings: inout Findings) async {
        let sharers = policies.filter { $0.homes.contains(site) }
        guard let account = sharers.flatMap(\.sharing).filter({ $0 != .standard }).min() else { return }
        let members = (inventory.listings[Place(.ec2, site)]?.points ?? []).flatMap(\.members)
        guard let member = members.first(where: { $0.state == .completed && !$0.isUnshareable }) else {
            return findings.untried([EC2.modifySnapshotAttribute], site)
        }
        findings.note(
            EC2.modifySnapshotAttribute, site,
            await rehearsal.share(member.snapshot, in: region, with: account.rawValue))
    }

    private func tryChanging(_ findings: inout Findings) async {
        let points = inventory.listings[Place(.ec2, site)]?.points ?? []
        // A lock or an image would be in the way before the permission is looked at.
        let members = points.flatMap(\.members).filter { $0.state == .completed }
        guard let member = members.first(where: { $0.lock == nil && $0.image == nil }) else {
            return findings.untried([EC2.deleteSnapshot, EC2.createTags, EC2.deleteTags], site)
        }
        findings.note(EC2.deleteSnapshot, site, await rehearsal.delete(member.snapshot, in: region))
        findings.note(EC2.createTags, site, await rehearsal.tag(member.snapshot, in: region))
        findings.note(EC2.deleteTags, site, await rehearsal.untag(member.snapshot, in: region))
    }
}

extension Findings {
    /// What came of trying an operation.
    mutating func note(_ operation: Operation, _ site: Site, _ verdict: EC2Rehearsal.Verdict) {
        let title = "\(operation.right) in \(site)"
        switch verdict {
        case .allowed: ok("permission", title)
        case .denied(let error):
            fail(
                "permission", "\(title): \(error.code): \(error.message)",
                remedy: "allow \(operation.right); \"snapwarden iam-policy\" prints all that this config needs")
        case .unclear(let error):
            warn(
                "permission", "\(title): \(error.code): \(error.message)",
                remedy: "this says nothing of the permission: mend it or wait, then run doctor again")
        }
    }

    /// What needs something of ours to be tried on.
    mutating func untried(_ operations: [Operation], _ site: Site) {
        let names = operations.map(\.right).joined(separator: ", ")
        warn(
            "permission", "\(names) in \(site): not tried, there is no usable snapshot of ours to try it on",
            remedy: "run doctor again after the first backup")
    }
}
