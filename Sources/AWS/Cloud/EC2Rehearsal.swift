package import BackupCore

/// Asks EC2 whether it would do what the writer does, by the very same requests with `DryRun`: nothing is done.
///
/// Source: EC2 API reference, `DryRun`: `DryRunOperation` where the call is allowed, `UnauthorizedOperation` where not.
package struct EC2Rehearsal: Sendable {
    /// What AWS says of a call that it was asked not to do.
    package enum Verdict: Sendable, Equatable {
        case allowed
        case denied(AWSError)
        /// Something else was in the way first.
        case unclear(AWSError)
    }

    private let ec2: any EC2Operations
    private let writer: EC2Writer

    package init(
        ec2: any EC2Operations, account: AccountID = .standard, fleet: FleetName, clock: any WallClock
    ) {
        self.ec2 = ec2
        writer = EC2Writer(
            ec2: ec2, reader: EC2Reader(ec2: ec2, fleet: fleet, account: account),
            fleet: fleet, clock: clock)
    }

    package func create(_ order: CreateOrder) async -> Verdict {
        var request = writer.request(for: order, writer.point(planned: order))
        request.dryRun = true
        return await verdict { () async throws(AWSError) in
            _ = try await ec2.createSnapshots(request, in: order.resource.site.region)
        }
    }

    package func copy(_ member: Member, _ order: CopyOrder) async -> Verdict {
        let source = SnapshotSource(site: order.point.site, snapshot: member.snapshot)
        var request = writer.request(copying: member, source, order)
        request.dryRun = true
        return await verdict { () async throws(AWSError) in
            _ = try await ec2.copySnapshot(request, in: order.rule.region)
        }
    }

    package func share(_ snapshot: SnapshotID, in region: Region, with number: String) async -> Verdict {
        await verdict { () async throws(AWSError) in
            _ = try await ec2.modifySnapshotAttribute(
                ModifySnapshotAttributeRequest(
                    snapshotId: snapshot.rawValue, .add, accounts: [number], dryRun: true), in: region)
        }
    }

    package func delete(_ snapshot: SnapshotID, in region: Region) async -> Verdict {
        await verdict { () async throws(AWSError) in
            _ = try await ec2.deleteSnapshot(
                DeleteSnapshotRequest(snapshotId: snapshot.rawValue, dryRun: true), in: region)
        }
    }

    /// Of the tag that every pass may write.
    package func tag(_ snapshot: SnapshotID, in region: Region) async -> Verdict {
        let tag = EC2Tag(key: "Name", value: "snapwarden")
        return await verdict { () async throws(AWSError) in
            _ = try await ec2.createTags(
                CreateTagsRequest(resources: [snapshot.rawValue], tags: [tag], dryRun: true), in: region)
        }
    }

    /// Of the mark of a hold.
    package func untag(_ snapshot: SnapshotID, in region: Region) async -> Verdict {
        let tag = DeleteTagsRequest.Tag(key: PointTags.holdKey)
        return await verdict { () async throws(AWSError) in
            _ = try await ec2.deleteTags(
                DeleteTagsRequest(resources: [snapshot.rawValue], tags: [tag], dryRun: true), in: region)
        }
    }

    private func verdict(_ call: () async throws(AWSError) -> Void) async -> Verdict {
        do throws(AWSError) {
            try await call()
            return .allowed
        } catch {
            if error.code == "DryRunOperation" { return .allowed }
            return error.code == "UnauthorizedOperation" ? .denied(error) : .unclear(error)
        }
    }
}
