import AWS
import BackupCore
import Simulation

/// Lightsail's and KMS's JSON APIs.
extension Exchanging {
    func lightsail(_ region: Region, _ caller: Caller) -> Answer {
        switch call.operation {
        case Lightsail.getInstances.name:
            json(Lightsail.getInstances, LightsailPageRequest.self, region, caller) { world, request throws(AWSError) in
                try world.getInstances(request, in: region, now: now)
            }
        case Lightsail.getInstanceSnapshots.name:
            json(Lightsail.getInstanceSnapshots, LightsailPageRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.getInstanceSnapshots(request, in: region, now: now)
            }
        case Lightsail.getInstanceSnapshot.name:
            json(Lightsail.getInstanceSnapshot, InstanceSnapshotNameRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.getInstanceSnapshot(request, in: region, now: now)
            }
        case Lightsail.getOperation.name:
            json(Lightsail.getOperation, GetOperationRequest.self, region, caller) { world, request throws(AWSError) in
                try world.getOperation(request, in: region, now: now)
            }
        case Lightsail.createInstanceSnapshot.name:
            json(Lightsail.createInstanceSnapshot, CreateInstanceSnapshotRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.createInstanceSnapshot(request, in: region, now: now)
            }
        case Lightsail.copySnapshot.name:
            json(Lightsail.copySnapshot, LightsailCopySnapshotRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.copySnapshot(request, in: region, now: now)
            }
        case Lightsail.deleteInstanceSnapshot.name:
            json(Lightsail.deleteInstanceSnapshot, InstanceSnapshotNameRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.deleteInstanceSnapshot(request, in: region, now: now)
            }
        case Lightsail.tagResource.name:
            json(Lightsail.tagResource, LightsailTagResourceRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.tagResource(request, in: region, now: now)
            }
        case Lightsail.untagResource.name:
            json(Lightsail.untagResource, LightsailUntagResourceRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.untagResource(request, in: region, now: now)
            }
        default: lightsailKinds(region, caller)
        }
    }

    func kms(_ region: Region, _ caller: Caller) -> Answer {
        guard call.operation == KMS.describeKey.name else { return refuseUnknownAction() }
        return json(KMS.describeKey, DescribeKeyRequest.self, region, caller) { world, request throws(AWSError) in
            try world.describeKey(request, in: region)
        }
    }

    func json<Request: Decodable, Reply: Encodable & Sendable>(
        _ operation: Operation, _ type: Request.Type, _ region: Region, _ caller: Caller,
        _ body: (inout World, Request) throws(AWSError) -> Reply
    ) -> Answer {
        perform(
            operation, in: region, by: caller,
            read: { try JSONText.read(type, from: request.body) },
            write: { try JSONText.write($0) }, body)
    }
}
