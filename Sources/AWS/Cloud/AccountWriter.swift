import BackupCore

/// One account, acted on.
struct AccountWriter: Sendable {
    let ec2: EC2Writer
    let lightsail: LightsailWriter

    init(
        _ clients: AccountClients, _ account: AccountID, standardNumber: String?, fleet: FleetName, clock: any WallClock
    ) {
        ec2 = EC2Writer(
            ec2: clients.ec2,
            reader: EC2Reader(
                ec2: clients.ec2, fleet: fleet, account: account, standardNumber: standardNumber), fleet: fleet,
            clock: clock)
        lightsail = LightsailWriter(
            lightsail: clients.lightsail, reader: LightsailReader(lightsail: clients.lightsail, fleet: fleet),
            fleet: fleet, clock: clock)
    }

    func create(_ order: CreateOrder) async throws(AWSError) -> RecoveryPoint {
        order.resource.provider.isLightsail ? try await lightsail.create(order) : try await ec2.create(order)
    }

    func copy(_ member: Member, _ order: CopyOrder) async throws(AWSError) -> RecoveryPoint {
        order.point.place.provider.isLightsail
            ? try await lightsail.copy(order) : try await ec2.copy(member, order)
    }

    func delete(_ snapshots: [SnapshotID], of point: PointID) async throws(AWSError) {
        for snapshot in snapshots {
            if point.place.provider.isLightsail {
                try await lightsail.delete(snapshot, in: point.place)
            } else {
                try await ec2.delete(snapshot, in: point.place.region)
            }
        }
    }

    func repair(_ order: RepairOrder) async throws(AWSError) {
        if order.point.place.provider.isLightsail {
            try await lightsail.repair(order)
        } else {
            try await ec2.repair(order)
        }
    }

    func hold(_ point: RecoveryPoint, _ text: String) async throws(AWSError) {
        if point.place.provider.isLightsail {
            try await lightsail.hold(point, text)
        } else {
            try await ec2.hold(point, text)
        }
    }

    func release(_ point: RecoveryPoint) async throws(AWSError) {
        if point.place.provider.isLightsail {
            try await lightsail.release(point)
        } else {
            try await ec2.release(point)
        }
    }
}
