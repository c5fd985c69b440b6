import AWS
import BackupCore
import Simulation

/// EC2's and STS's Query APIs.
extension Exchanging {
    func ec2(_ region: Region, _ caller: Caller) -> Answer {
        switch call.operation {
        case EC2.describeSnapshots.name:
            query(EC2.describeSnapshots, DescribeSnapshotsRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.describeSnapshots(request, in: region, now: now)
            }
        case EC2.describeInstances.name:
            query(EC2.describeInstances, DescribeInstancesRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.describeInstances(request, in: region, now: now)
            }
        case EC2.describeVolumes.name:
            query(EC2.describeVolumes, DescribeVolumesRequest.self, region, caller) { world, request throws(AWSError) in
                try world.describeVolumes(request, in: region, now: now)
            }
        case EC2.describeLockedSnapshots.name:
            query(EC2.describeLockedSnapshots, DescribeLockedSnapshotsRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.describeLockedSnapshots(request, in: region, now: now)
            }
        case EC2.describeImages.name:
            query(EC2.describeImages, DescribeImagesRequest.self, region, caller) { world, request throws(AWSError) in
                try world.describeImages(request, in: region, now: now)
            }
        case EC2.createSnapshots.name:
            query(EC2.createSnapshots, CreateSnapshotsRequest.self, region, caller) { world, request throws(AWSError) in
                try world.createSnapshots(request, in: region, now: now)
            }
        case EC2.createSnapshot.name:
            query(EC2.createSnapshot, CreateSnapshotRequest.self, region, caller) { world, request throws(AWSError) in
                try world.createSnapshot(request, in: region, now: now)
            }
        case EC2.copySnapshot.name:
            query(EC2.copySnapshot, CopySnapshotRequest.self, region, caller) { world, request throws(AWSError) in
                try world.copySnapshot(verified(request, for: region), in: region, now: now)
            }
        case EC2.deleteSnapshot.name:
            query(EC2.deleteSnapshot, DeleteSnapshotRequest.self, region, caller) { world, request throws(AWSError) in
                try world.deleteSnapshot(request, in: region, now: now)
            }
        case EC2.createTags.name:
            query(EC2.createTags, CreateTagsRequest.self, region, caller) { world, request throws(AWSError) in
                try world.createTags(request, in: region, now: now)
            }
        case EC2.deleteTags.name:
            query(EC2.deleteTags, DeleteTagsRequest.self, region, caller) { world, request throws(AWSError) in
                try world.deleteTags(request, in: region, now: now)
            }
        case EC2.modifySnapshotAttribute.name:
            query(EC2.modifySnapshotAttribute, ModifySnapshotAttributeRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.modifySnapshotAttribute(request, in: region, now: now)
            }
        default: ec2Restore(region, caller)
        }
    }

    func sts(_ region: Region, _ caller: Caller) -> Answer {
        switch call.operation {
        case STS.getCallerIdentity.name:
            answer(STS.getCallerIdentity, NoParameters.self, region, caller, .sts) { world, _ throws(AWSError) in
                try world.getCallerIdentity(in: region, by: caller)
            }
        case STS.assumeRole.name:
            answer(STS.assumeRole, AssumeRoleRequest.self, region, caller, .sts) { world, request throws(AWSError) in
                try world.assumeRole(request, in: region, by: caller, now: now)
            }
        case STS.assumeRoleWithWebIdentity.name:
            answer(STS.assumeRoleWithWebIdentity, AssumeRoleWithWebIdentityRequest.self, region, caller, .sts) {
                world, request throws(AWSError) in
                try world.assumeRoleWithWebIdentity(request, in: region, now: now)
            }
        default: refuseUnknownAction()
        }
    }

    func query<Request: Codable, Reply: Encodable & Sendable>(
        _ operation: Operation, _ type: Request.Type, _ region: Region, _ caller: Caller,
        _ body: (inout World, Request) throws(AWSError) -> Reply
    ) -> Answer { answer(operation, type, region, caller, .ec2, body) }

    private func answer<Request: Codable, Reply: Encodable & Sendable>(
        _ operation: Operation, _ type: Request.Type, _ region: Region, _ caller: Caller, _ dialect: QueryReply,
        _ body: (inout World, Request) throws(AWSError) -> Reply
    ) -> Answer {
        perform(
            operation, in: region, by: caller, read: { try read(type) },
            write: { reply in
                Array(try dialect.document(operation, reply, requestID: id).utf8)
            }, body)
    }

    /// The request's value; a parameter that does not come back when the value is written again was not understood.
    private func read<Request: Codable>(_ type: Request.Type) throws -> Request {
        let request = try QueryReply.request(type, from: call.parameters)
        let understood = Set(QueryForm.pairs(try WireEncoder.encode(request)).map { $0.0 })
        let known = understood.union(["Action", "Version"])
        for pair in call.parameters where !known.contains(pair.name) {
            throw WireError("The parameter \(pair.name) is not recognized")
        }
        return request
    }

    /// The request without its presigned URL if that is no good, which AWS finds out only later.
    private func verified(_ request: CopySnapshotRequest, for region: Region) -> CopySnapshotRequest {
        var request = request
        if let url = request.presignedUrl, !PresignedCopy(url).isGood(for: request, in: region, credentials, now) {
            request.presignedUrl = nil
        }
        return request
    }
}

/// GetCallerIdentity's request.
private struct NoParameters: Codable {}
