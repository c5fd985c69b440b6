import AWS
import BackupCore
import Simulation

/// What a restore in EC2 uses.
extension Exchanging {
    func ec2Restore(_ region: Region, _ caller: Caller) -> Answer {
        switch call.operation {
        case EC2.describeAvailabilityZones.name:
            query(EC2.describeAvailabilityZones, DescribeAvailabilityZonesRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.describeAvailabilityZones(request, in: region, now: now)
            }
        case EC2.describeSubnets.name:
            query(EC2.describeSubnets, DescribeSubnetsRequest.self, region, caller) { world, request throws(AWSError) in
                try world.describeSubnets(request, in: region, now: now)
            }
        case EC2.describeReplaceRootVolumeTasks.name:
            query(EC2.describeReplaceRootVolumeTasks, DescribeReplaceRootVolumeTasksRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.describeReplaceRootVolumeTasks(request, in: region, now: now)
            }
        case EC2.getInstanceUEFIData.name:
            query(EC2.getInstanceUEFIData, GetInstanceUEFIDataRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.getInstanceUEFIData(request, in: region, now: now)
            }
        case EC2.createVolume.name:
            query(EC2.createVolume, CreateVolumeRequest.self, region, caller) { world, request throws(AWSError) in
                try world.createVolume(request, in: region, now: now)
            }
        case EC2.attachVolume.name:
            query(EC2.attachVolume, AttachVolumeRequest.self, region, caller) { world, request throws(AWSError) in
                try world.attachVolume(request, in: region, now: now)
            }
        case EC2.detachVolume.name:
            query(EC2.detachVolume, DetachVolumeRequest.self, region, caller) { world, request throws(AWSError) in
                try world.detachVolume(request, in: region, now: now)
            }
        case EC2.deleteVolume.name:
            query(EC2.deleteVolume, DeleteVolumeRequest.self, region, caller) { world, request throws(AWSError) in
                try world.deleteVolume(request, in: region, now: now)
            }
        case EC2.registerImage.name:
            query(EC2.registerImage, RegisterImageRequest.self, region, caller) { world, request throws(AWSError) in
                try world.registerImage(request, in: region, now: now)
            }
        case EC2.deregisterImage.name:
            query(EC2.deregisterImage, DeregisterImageRequest.self, region, caller) { world, request throws(AWSError) in
                try world.deregisterImage(request, in: region, now: now)
            }
        case EC2.runInstances.name:
            query(EC2.runInstances, RunInstancesRequest.self, region, caller) { world, request throws(AWSError) in
                try world.runInstances(request, in: region, now: now)
            }
        case EC2.terminateInstances.name:
            query(EC2.terminateInstances, TerminateInstancesRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.terminateInstances(request, in: region, now: now)
            }
        case EC2.createReplaceRootVolumeTask.name:
            query(EC2.createReplaceRootVolumeTask, CreateReplaceRootVolumeTaskRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.createReplaceRootVolumeTask(request, in: region, now: now)
            }
        default: refuseUnknownAction()
        }
    }
}
