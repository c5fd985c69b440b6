import AWS
import BackupCore
import Simulation

/// Lightsail's disks, databases and automatic snapshots.
extension Exchanging {
    func lightsailKinds(_ region: Region, _ caller: Caller) -> Answer {
        switch call.operation {
        case Lightsail.getDisks.name:
            json(Lightsail.getDisks, LightsailPageRequest.self, region, caller) { world, request throws(AWSError) in
                try world.getDisks(request, in: region, now: now)
            }
        case Lightsail.getDiskSnapshots.name:
            json(Lightsail.getDiskSnapshots, LightsailPageRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.getDiskSnapshots(request, in: region, now: now)
            }
        case Lightsail.getDiskSnapshot.name:
            json(Lightsail.getDiskSnapshot, DiskSnapshotNameRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.getDiskSnapshot(request, in: region, now: now)
            }
        case Lightsail.getDatabases.name:
            json(Lightsail.getDatabases, LightsailPageRequest.self, region, caller) { world, request throws(AWSError) in
                try world.getDatabases(request, in: region, now: now)
            }
        case Lightsail.getDatabaseSnapshots.name:
            json(Lightsail.getDatabaseSnapshots, LightsailPageRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.getDatabaseSnapshots(request, in: region, now: now)
            }
        case Lightsail.getDatabaseSnapshot.name:
            json(Lightsail.getDatabaseSnapshot, DatabaseSnapshotNameRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.getDatabaseSnapshot(request, in: region, now: now)
            }
        case Lightsail.getAutoSnapshots.name:
            json(Lightsail.getAutoSnapshots, GetAutoSnapshotsRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.getAutoSnapshots(request, in: region, now: now)
            }
        case Lightsail.createDiskSnapshot.name:
            json(Lightsail.createDiskSnapshot, CreateDiskSnapshotRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.createDiskSnapshot(request, in: region, now: now)
            }
        case Lightsail.deleteDiskSnapshot.name:
            json(Lightsail.deleteDiskSnapshot, DiskSnapshotNameRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.deleteDiskSnapshot(request, in: region, now: now)
            }
        case Lightsail.createDatabaseSnapshot.name:
            json(Lightsail.createDatabaseSnapshot, CreateDatabaseSnapshotRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.createDatabaseSnapshot(request, in: region, now: now)
            }
        case Lightsail.deleteDatabaseSnapshot.name:
            json(Lightsail.deleteDatabaseSnapshot, DatabaseSnapshotNameRequest.self, region, caller) {
                world, request throws(AWSError) in
                try world.deleteDatabaseSnapshot(request, in: region, now: now)
            }
        case Lightsail.enableAddOn.name:
            json(Lightsail.enableAddOn, EnableAddOnRequest.self, region, caller) { world, request throws(AWSError) in
                try world.enableAddOn(request, in: region, now: now)
            }
        case Lightsail.disableAddOn.name:
            json(Lightsail.disableAddOn, DisableAddOnRequest.self, region, caller) { world, request throws(AWSError) in
                try world.disableAddOn(request, in: region, now: now)
            }
        default: lightsailRestore(region, caller)
        }
    }
}
