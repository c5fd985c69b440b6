package import BackupCore

/// Restores what drills restore, and removes it again.
package struct AWSDriller: Driller {
    private let clients: @Sendable (AccountID) -> RestoreClients?
    private let fleet: FleetName
    private let clock: any WallClock
    private let timing: @Sendable () -> Timing

    /// `clients` gives those of the config's accounts.
    package init(
        fleet: FleetName, clock: any WallClock, timing: @escaping @Sendable () -> Timing,
        clients: @escaping @Sendable (AccountID) -> RestoreClients?
    ) {
        (self.fleet, self.clock, self.timing, self.clients) = (fleet, clock, timing, clients)
    }

    package func restore(_ drill: Drill) async throws(DrillFailure) -> Drilled {
        let clients = try clients(in: drill.point.site.account)
        do throws(RestoreError) {
            let work = try await Restores.restore(drill.point, order(for: drill), clients.reading)
            _ = try await run(work, clients)
            return try await drilled(drill, clients.reading)
        } catch {
            throw DrillFailure(error.description)
        }
    }

    package func sweep(_ place: Place, keeping kept: Set<String>) async throws(DrillFailure) {
        let clients = try clients(in: place.account)
        let marks = RestoreMarks.beginning(Drill.marks(of: fleet), except: kept)
        do throws(RestoreError) {
            switch place.provider {
            case .ec2: _ = try await run(EC2Undo(marks, in: place.region, clients.reading), clients)
            case .lightsail, .lightsailDisks, .lightsailDatabases:
                _ = try await run(LightsailUndo(marks, in: place.region, clients.reading), clients)
            }
        } catch {
            throw DrillFailure(error.description)
        }
    }

    private func clients(in account: AccountID) throws(DrillFailure) -> RestoreClients {
        guard let clients = clients(account) else { throw DrillFailure("the config names no account \(account)") }
        return clients
    }

    private func run(_ work: any RestoreWork, _ clients: RestoreClients) async throws(RestoreError) -> RestoreOutlook {
        try await RestoreRunner(clients, clock: clock, timing: timing()).run(work) { _ in }
    }

    /// Like the original, but under names and a mark of its own, and without the tags and add-ons by which policies,
    /// bills and Lightsail would take it for real.
    private func order(for drill: Drill) -> RestoreOrder {
        var order = RestoreOrder()
        order.names = [drill.name]
        order.mark = drill.mark
        order.takesTags = false
        order.lightsail.addOns = []
        order.ec2.subnet = drill.rule.subnet
        order.ec2.securityGroups = [drill.rule.securityGroup].compactMap { $0 }
        let sidecar = drill.point.sidecar ?? Sidecar([])
        let devices = drill.point.members.compactMap(\.device)
        let canStart =
            sidecar[.platform] ?? "Linux/UNIX" == "Linux/UNIX" && sidecar[.rootDevice].map(devices.contains) == true
        order.aim = drill.point.resourceKind == .ec2Instance && canStart ? .newInstance : .volumesOnly
        return order
    }

    /// Of an instance the address at which the internet reaches it, else that of its network.
    private func drilled(_ drill: Drill, _ reading: RestoreReading) async throws(RestoreError) -> Drilled {
        let region = drill.point.place.region
        switch drill.point.place.provider {
        case .ec2:
            let sight = EC2Sight(region: region, ec2: reading.ec2)
            let instance = try await sight.instances([RestoreMarks.one(drill.mark).filter]).first
            return Drilled(runs: instance != nil, address: instance?.ipAddress ?? instance?.privateIpAddress)
        case .lightsail:
            let (lightsail, name) = (reading.lightsail, LightsailNaming.plain(drill.name))
            let reply = try await asked { () async throws(AWSError) in
                try await lightsail.getInstance(InstanceNameRequest(instanceName: name), in: region)
            }
            let address = reply.instance?.publicIpAddress ?? reply.instance?.ipv6Addresses?.first
            return Drilled(runs: true, address: address)
        case .lightsailDisks, .lightsailDatabases: return Drilled(runs: false)
        }
    }
}
