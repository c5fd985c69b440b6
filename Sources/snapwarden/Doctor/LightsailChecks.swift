import AWS
import BackupCore

/// The permissions of Lightsail in one region, as far as reading shows them: Lightsail has no DryRun.
struct LightsailChecks {
    let session: Session
    let place: Place

    func findings() async -> Findings {
        var findings = Findings()
        let readsResources = !(session.configuration.scopes[place]?.kinds.isEmpty ?? true)
        let page = LightsailPageRequest()
        // A name that nobody has: what is denied is denied before that is found out.
        let nobodys = "snapwarden-doctor-" + Nonce.fresh()
        switch place.provider {
        case .lightsailDisks:
            if readsResources { await read(Lightsail.getDisks, page, GetDisksReply.self, &findings) }
            await read(Lightsail.getDiskSnapshots, page, GetDiskSnapshotsReply.self, &findings)
            let name = DiskSnapshotNameRequest(diskSnapshotName: nobodys)
            await read(Lightsail.getDiskSnapshot, name, GetDiskSnapshotReply.self, &findings)
        case .lightsailDatabases:
            if readsResources { await read(Lightsail.getDatabases, page, GetDatabasesReply.self, &findings) }
            await read(Lightsail.getDatabaseSnapshots, page, GetDatabaseSnapshotsReply.self, &findings)
            let name = DatabaseSnapshotNameRequest(relationalDatabaseSnapshotName: nobodys)
            await read(Lightsail.getDatabaseSnapshot, name, GetDatabaseSnapshotReply.self, &findings)
        case .lightsail, .ec2:
            if readsResources { await read(Lightsail.getInstances, page, GetInstancesReply.self, &findings) }
            await read(Lightsail.getInstanceSnapshots, page, GetInstanceSnapshotsReply.self, &findings)
            let name = InstanceSnapshotNameRequest(instanceSnapshotName: nobodys)
            await read(Lightsail.getInstanceSnapshot, name, GetInstanceSnapshotReply.self, &findings)
        }
        return findings
    }

    private func read<Request: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ operation: Operation, _ request: Request, _ reply: Reply.Type, _ findings: inout Findings
    ) async {
        do throws(AWSError) {
            let _: Reply = try await LightsailClient(session.client(of: place.account)).perform(
                operation, request, in: place.region)
            findings.note(operation, place.site, .allowed)
        } catch {
            let isAllowed = error.code == "NotFoundException"
            findings.note(
                operation, place.site, isAllowed ? .allowed : error.needsPerson ? .denied(error) : .unclear(error))
        }
    }
}
