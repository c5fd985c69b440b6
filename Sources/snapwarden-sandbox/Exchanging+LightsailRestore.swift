import AWS
import BackupCore
import Simulation

/// What a restore in Lightsail uses.
extension Exchanging {
    func lightsailRestore(_ region: Region, _ caller: Caller) -> Answer {
        switch call.operation {
        case Lightsail.getInstance.name:
            json(Lightsail.getInstance, InstanceNameRequest.self, region, caller) { world, request throws(AWSError) in
                try world.getInstance(request, in: region, now: now)
            }
        case Lightsail.getInstancePortStates.name:
            json(Lightsail.getInstancePortStates, InstanceNameRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.getInstancePortStates(request, in: region, now: now)
            }
        case Lightsail.getStaticIPs.name:
            json(Lightsail.getStaticIPs, LightsailPageRequest.self, region, caller) { world, request throws(AWSError) in
                try world.getStaticIPs(request, in: region, now: now)
            }
        case Lightsail.getKeyPairs.name:
            json(Lightsail.getKeyPairs, GetKeyPairsRequest.self, region, caller) { world, request throws(AWSError) in
                try world.getKeyPairs(request, in: region, now: now)
            }
        case Lightsail.getBundles.name:
            json(Lightsail.getBundles, GetBundlesRequest.self, region, caller) { world, request throws(AWSError) in
                try world.getBundles(request, in: region, now: now)
            }
        case Lightsail.getDatabaseBundles.name:
            json(Lightsail.getDatabaseBundles, GetBundlesRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.getDatabaseBundles(request, in: region, now: now)
            }
        case Lightsail.getRegions.name:
            json(Lightsail.getRegions, GetRegionsRequest.self, region, caller) { world, request throws(AWSError) in
                try world.getRegions(request, in: region, now: now)
            }
        case Lightsail.getDisk.name:
            json(Lightsail.getDisk, DiskNameRequest.self, region, caller) { world, request throws(AWSError) in
                try world.getDisk(request, in: region, now: now)
            }
        case Lightsail.getDatabase.name:
            json(Lightsail.getDatabase, DatabaseNameRequest.self, region, caller) { world, request throws(AWSError) in
                try world.getDatabase(request, in: region, now: now)
            }
        case Lightsail.createInstancesFromSnapshot.name:
            json(Lightsail.createInstancesFromSnapshot, CreateInstancesFromSnapshotRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.createInstancesFromSnapshot(request, in: region, now: now)
            }
        case Lightsail.putInstancePublicPorts.name:
            json(Lightsail.putInstancePublicPorts, PutInstancePublicPortsRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.putInstancePublicPorts(request, in: region, now: now)
            }
        case Lightsail.attachStaticIP.name:
            json(Lightsail.attachStaticIP, AttachStaticIPRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.attachStaticIP(request, in: region, now: now)
            }
        case Lightsail.createDiskFromSnapshot.name:
            json(Lightsail.createDiskFromSnapshot, CreateDiskFromSnapshotRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.createDiskFromSnapshot(request, in: region, now: now)
            }
        case Lightsail.attachDisk.name:
            json(Lightsail.attachDisk, AttachDiskRequest.self, region, caller) { world, request throws(AWSError) in
                try world.attachDisk(request, in: region, now: now)
            }
        case Lightsail.createDatabaseFromSnapshot.name:
            json(Lightsail.createDatabaseFromSnapshot, CreateDatabaseFromSnapshotRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.createDatabaseFromSnapshot(request, in: region, now: now)
            }
        case Lightsail.deleteInstance.name:
            json(Lightsail.deleteInstance, DeleteInstanceRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.deleteInstance(request, in: region, now: now)
            }
        case Lightsail.deleteDisk.name:
            json(Lightsail.deleteDisk, DeleteDiskRequest.self, region, caller) { world, request throws(AWSError) in
                try world.deleteDisk(request, in: region, now: now)
            }
        case Lightsail.deleteDatabase.name:
            json(Lightsail.deleteDatabase, DeleteDatabaseRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.deleteDatabase(request, in: region, now: now)
            }
        default: refuseUnknownAction()
        }
    }
}
