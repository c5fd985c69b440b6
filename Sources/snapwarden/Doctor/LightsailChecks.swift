import AWS
import BackupCore

/// The permissions of Lightsail in one region, as far as reading shows them: Lightsail has no DryRun.
struct LightsailChecks {
    let session: Session
    let region: Region

    func findings() async -> Findings {
        var findings = Findings()
        let (client, region) = (LightsailClient(session.client), region)
        if session.configuration.scopes[Place(.lightsail, region)]?.resources == true {
            await read(Lightsail.getInstances, &findings) { () async throws(AWSError) in
                _ = try await client.getInstances(LightsailPageRequest(), in: region)
            }
        }
        await read(Lightsail.getInstanceSnapshots, &findings) { () async throws(AWSError) in
            _ = try await client.getInstanceSnapshots(LightsailPageRequest(), in: region)
        }
        // A name that nobody has: what is denied is denied before that is found out.
        await read(Lightsail.getInstanceSnapshot, &findings) { () async throws(AWSError) in
            let name = "snapwarden-doctor-" + Nonce.fresh()
            _ = try await client.getInstanceSnapshot(
                InstanceSnapshotNameRequest(instanceSnapshotName: name), in: region)
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
