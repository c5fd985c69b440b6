package import BackupCore

/// The EC2 operations that change nothing.
///
/// Source of all names and shapes here: the EC2 API reference, version 2016-11-15.
package protocol EC2Reading: Sendable {
    func describeSnapshots(_ request: DescribeSnapshotsRequest, in region: Region) async throws(AWSError)
        -> DescribeSnapshotsReply
    /// Every snapshot of ours on all pages of DescribeSnapshots.
    ///
    /// If it throws, part of them may have been handed over.
    func eachSnapshot(
        _ request: DescribeSnapshotsRequest, of fleet: FleetName, in site: Site, _ take: (SeenMember) -> Void
    ) async throws(AWSError)
    func describeInstances(_ request: DescribeInstancesRequest, in region: Region) async throws(AWSError)
        -> DescribeInstancesReply
    func describeVolumes(_ request: DescribeVolumesRequest, in region: Region) async throws(AWSError)
        -> DescribeVolumesReply
    func describeLockedSnapshots(_ request: DescribeLockedSnapshotsRequest, in region: Region) async throws(AWSError)
        -> DescribeLockedSnapshotsReply
    func describeImages(_ request: DescribeImagesRequest, in region: Region) async throws(AWSError)
        -> DescribeImagesReply
}

extension EC2Reading {
    package func eachSnapshot(
        _ request: DescribeSnapshotsRequest, of fleet: FleetName, in site: Site, _ take: (SeenMember) -> Void
    ) async throws(AWSError) {
        var request = request
        repeat {
            let page = try await describeSnapshots(request, in: site.region)
            for snapshot in page.snapshots {
                if let seen = SeenMember(snapshot, of: fleet, in: site.account) { take(seen) }
            }
            request.nextToken = page.nextToken
        } while request.nextToken != nil
    }
}

/// The EC2 operations that change something.
package protocol EC2Writing: Sendable {
    func createSnapshots(_ request: CreateSnapshotsRequest, in region: Region) async throws(AWSError)
        -> CreateSnapshotsReply
    func createSnapshot(_ request: CreateSnapshotRequest, in region: Region) async throws(AWSError) -> EC2Snapshot
    /// Sent to the destination region.
    func copySnapshot(_ request: CopySnapshotRequest, in region: Region) async throws(AWSError) -> CopySnapshotReply
    func deleteSnapshot(_ request: DeleteSnapshotRequest, in region: Region) async throws(AWSError) -> EC2Done
    func createTags(_ request: CreateTagsRequest, in region: Region) async throws(AWSError) -> EC2Done
    func deleteTags(_ request: DeleteTagsRequest, in region: Region) async throws(AWSError) -> EC2Done
    func modifySnapshotAttribute(_ request: ModifySnapshotAttributeRequest, in region: Region) async throws(AWSError)
        -> EC2Done
}

/// All of EC2 that we use.
package typealias EC2Operations = EC2Reading & EC2Writing

/// The operations' names, and which of them may be repeated.
package enum EC2 {
    package static let describeSnapshots = Operation(.ec2, "DescribeSnapshots", isRepeatable: true)
    package static let describeInstances = Operation(.ec2, "DescribeInstances", isRepeatable: true)
    package static let describeVolumes = Operation(.ec2, "DescribeVolumes", isRepeatable: true)
    package static let describeLockedSnapshots = Operation(.ec2, "DescribeLockedSnapshots", isRepeatable: true)
    package static let describeImages = Operation(.ec2, "DescribeImages", isRepeatable: true)
    package static let createSnapshots = Operation(.ec2, "CreateSnapshots", isRepeatable: false)
    package static let createSnapshot = Operation(.ec2, "CreateSnapshot", isRepeatable: false)
    package static let copySnapshot = Operation(.ec2, "CopySnapshot", isRepeatable: false)
    package static let deleteSnapshot = Operation(.ec2, "DeleteSnapshot", isRepeatable: true)
    package static let createTags = Operation(.ec2, "CreateTags", isRepeatable: true)
    package static let deleteTags = Operation(.ec2, "DeleteTags", isRepeatable: true)
    package static let modifySnapshotAttribute = Operation(.ec2, "ModifySnapshotAttribute", isRepeatable: true)
}

/// The reply of an operation that only says that it was done.
package struct EC2Done: Codable, Sendable, Equatable {
    package var `return`: Bool?
    package init(return done: Bool? = true) { self.return = done }
}
