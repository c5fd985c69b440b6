package import BackupCore

/// The cloud that the runner acts on: points in, points out; tags, names and looking before repeating inside.
package struct AWSCloud: Cloud {
    private let reader: AWSCloudReader
    private let ec2: EC2Writer
    private let lightsail: LightsailWriter

    package init(
        ec2: any EC2Operations, lightsail: any LightsailOperations, fleet: FleetName, clock: any WallClock
    ) {
        reader = AWSCloudReader(ec2: ec2, lightsail: lightsail, fleet: fleet, clock: clock)
        self.ec2 = EC2Writer(ec2: ec2, reader: EC2Reader(ec2: ec2, fleet: fleet), fleet: fleet, clock: clock)
        self.lightsail = LightsailWriter(
            lightsail: lightsail, reader: LightsailReader(lightsail: lightsail, fleet: fleet), fleet: fleet,
            clock: clock)
    }

    package func listing(of place: Place, scope: Scope) async -> Listing {
        await reader.listing(of: place, scope: scope)
    }

    package func refreshed(_ points: [RecoveryPoint], in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        try await reader.refreshed(points, in: place)
    }

    package func underWay(in place: Place) async throws(CloudError) -> [UnderWay] {
        try await reader.underWay(in: place)
    }

    package func create(_ order: CreateOrder) async throws(CloudError) -> RecoveryPoint {
        switch order.resource.provider {
        case .ec2: try await asCloudError { () async throws(AWSError) in try await ec2.create(order) }
        case .lightsail, .lightsailDisks, .lightsailDatabases:
            try await asCloudError { () async throws(AWSError) in try await lightsail.create(order) }
        }
    }

    package func copy(_ member: Member, _ order: CopyOrder) async throws(CloudError) -> RecoveryPoint {
        switch order.point.place.provider {
        case .ec2: try await asCloudError { () async throws(AWSError) in try await ec2.copy(member, order) }
        case .lightsail, .lightsailDisks, .lightsailDatabases:
            try await asCloudError { () async throws(AWSError) in try await lightsail.copy(order) }
        }
    }

    package func delete(_ snapshots: [SnapshotID], of point: PointID) async throws(CloudError) {
        try await asCloudError { () async throws(AWSError) in
            for snapshot in snapshots {
                switch point.place.provider {
                case .ec2: try await ec2.delete(snapshot, in: point.place.region)
                case .lightsail, .lightsailDisks, .lightsailDatabases:
                    try await lightsail.delete(snapshot, in: point.place)
                }
            }
        }
    }

    package func repair(_ order: RepairOrder) async throws(CloudError) {
        switch order.point.place.provider {
        case .ec2: try await asCloudError { () async throws(AWSError) in try await ec2.repair(order) }
        case .lightsail, .lightsailDisks, .lightsailDatabases:
            try await asCloudError { () async throws(AWSError) in try await lightsail.repair(order) }
        }
    }

    package func hold(_ point: RecoveryPoint, _ text: String) async throws(CloudError) {
        try await asCloudError { () async throws(AWSError) in
            switch point.place.provider {
            case .ec2: try await ec2.hold(point, text)
            case .lightsail, .lightsailDisks, .lightsailDatabases:
                try await lightsail.hold(point, text)
            }
        }
    }

    package func release(_ point: RecoveryPoint) async throws(CloudError) {
        try await asCloudError { () async throws(AWSError) in
            switch point.place.provider {
            case .ec2: try await ec2.release(point)
            case .lightsail, .lightsailDisks, .lightsailDatabases:
                try await lightsail.release(point)
            }
        }
    }

    package func setAutomatic(_ setting: AutomaticSetting, of resource: Resource) async throws(CloudError) {
        try await asCloudError { () async throws(AWSError) in try await lightsail.setAutomatic(setting, of: resource) }
    }

    private func asCloudError<Value>(
        _ body: () async throws(AWSError) -> Value
    ) async throws(CloudError) -> Value {
        do throws(AWSError) {
            return try await body()
        } catch {
            throw CloudError(error)
        }
    }
}
