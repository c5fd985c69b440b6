import AWS
import BackupCore

/// The permissions of Lightsail in one region, as far as reading shows them: Lightsail has no DryRun.
struct LightsailChecks {
    let session: Session
    let place: Place

    private var region: Region { place.region }

    func findings() async -> Findings {
        var findings = Findings()
        let (client, region) = (LightsailClient(session.client), region)
        // A name that nobody has: what is denied is denied before that is found out.
        let nobodys = "snapwarden-doctor-" + Nonce.fresh()
        let readsResources = !(session.configuration.scopes[place]?.kinds.isEmpty ?? true)
        switch place.provider {
        case .lightsailDisks:
            if readsResources {
                await read(Lightsail.getDisks, &findings) { () async throws(AWSError) in
                    _ = try await client.getDisks(LightsailPageRequest(), in: region)
                }
            }
            await read(Lightsail.getDiskSnapshots, &findings) { () async throws(AWSError) in
                _ = try await client.getDiskSnapshots(LightsailPageRequest(), in: region)
            }
            await read(Lightsail.getDiskSnapshot, &findings) { () async throws(AWSError) in
                _ = try await client.getDiskSnapshot(DiskSnapshotNameRequest(diskSnapshotName: nobodys), in: region)
            }
        case .lightsailDatabases:
            if readsResources {
                await read(Lightsail.getDatabases, &findings) { () async throws(AWSError) in
                    _ = try await client.getDatabases(LightsailPageRequest(), in: region)
                }
            }
            await read(Lightsail.getDatabaseSnapshots, &findings) { () async throws(AWSError) in
                _ = try await client.getDatabaseSnapshots(LightsailPageRequest(), in: region)
            }
            await read(Lightsail.getDatabaseSnapshot, &findings) { () async throws(AWSError) in
                _ = try await client.getDatabaseSnapshot(
                    DatabaseSnapshotNameRequest(relationalDatabaseSnapshotName: nobodys), in: region)
            }
        case .lightsail, .ec2:
            if readsResources {
                await read(Lightsail.getInstances, &findings) { () async throws(AWSError) in
                    _ = try await client.getInstances(LightsailPageRequest(), in: region)
                }
            }
            await read(Lightsail.getInstanceSnapshots, &findings) { () async throws(AWSError) in
                _ = try await client.getInstanceSnapshots(LightsailPageRequest(), in: region)
            }
            await read(Lightsail.getInstanceSnapshot, &findings) { () async throws(AWSError) in
                _ = try await client.getInstanceSnapshot(
                    InstanceSnapshotNameRequest(instanceSnapshotName: nobodys), in: region)
            }
        }
        return findings
    }

    private func read(
        _ operation: Operation, _ findings: inout Findings, _ call: () async throws(AWSError) -> Void
    ) async {
        do throws(AWSError) {
            try await call()
            findings.note(operation, region, .allowed)
        } catch {
            let isAllowed = error.code == "NotFoundException"
            findings.note(
                operation, region, isAllowed ? .allowed : error.needsPerson ? .denied(error) : .unclear(error))
        }
    }
}
