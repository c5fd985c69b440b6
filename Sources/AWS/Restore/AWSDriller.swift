package import BackupCore

/// Restores what drills restore, and removes it again.
package struct AWSDriller: Driller {
    private let clients: @Sendable (AccountID) -> RestoreClients?
    private let clock: any WallClock
    private let timing: @Sendable () -> Timing
    private let completed: @Sendable (RecoveryPoint) async -> RecoveryPoint

    /// `clients` gives those of the config's accounts, `completed` the point with all that was noted of its resource.
    package init(
        clock: any WallClock, timing: @escaping @Sendable () -> Timing,
        completed: @escaping @Sendable (RecoveryPoint) async -> RecoveryPoint = { $0 },
        clients: @escaping @Sendable (AccountID) -> RestoreClients?
    ) {
        (self.clock, self.timing, self.completed, self.clients) = (clock, timing, completed, clients)
    }

    package func restore(_ drill: Drill) async throws(DrillFailure) -> Drilled {
        let clients = try clients(in: drill.point.site.account)
        var drill = drill
        drill.point = await completed(drill.point)
        do throws(RestoreError) {
            let work = try await Restores.restore(
                drill.point, order(for: drill), clients.reading, clock: clock, settled: timing().consistency)
            try await run(work, clients)
            return try await drilled(drill, clients.reading)
        } catch {
            throw DrillFailure(error.description)
        }
    }

    package func remove(_ mark: String, in place: Place) async throws(DrillFailure) {
        let clients = try clients(in: place.account)
        do throws(RestoreError) {
            try await remove(mark, in: place, clients)
        } catch {
            throw DrillFailure(error.description)
        }
    }

    package func sweep(
        _ place: Place, of fleet: FleetName, sparing stays: @Sendable (String) -> Bool
    ) async throws(DrillFailure) -> Set<String> {
        let clients = try clients(in: place.account)
        var failures: [String] = []
        var spared: Set<String> = []
        do throws(RestoreError) {
            let marks = try await Restores.marks(in: place, clients.reading)
            // One that does not go keeps none of the others.
            for mark in marks.sorted() where mark.hasPrefix(Drill.marks(of: fleet)) {
                guard !stays(mark) else {
                    spared.insert(mark)
                    continue
                }
                do throws(RestoreError) {
                    try await remove(mark, in: place, clients)
                } catch {
                    failures.append("\(mark): \(error)")
                }
            }
        } catch {
            failures.append(error.description)
        }
        if !failures.isEmpty { throw DrillFailure(failures.joined(separator: "; ")) }
        return spared
    }

    private func remove(_ mark: String, in place: Place, _ clients: RestoreClients) async throws(RestoreError) {
        if place.provider == .ec2 {
            try await run(EC2Undo(mark, in: place.region, clients.reading), clients, longest: .seconds(900))
        } else {
            try await run(LightsailUndo(mark, in: place.region, clients.reading), clients, longest: .seconds(900))
        }
    }

    private func clients(in account: AccountID) throws(DrillFailure) -> RestoreClients {
        guard let clients = clients(account) else { throw DrillFailure("the config names no account \(account)") }
        return clients
    }

    private func run(
        _ work: any RestoreWork, _ clients: RestoreClients, longest: Duration = .seconds(2 * 3600)
    ) async throws(RestoreError) {
        let runner = RestoreRunner(clients, clock: clock, timing: timing(), longest: longest)
        _ = try await runner.run(work) { _ in }
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
        order.aim = starts(drill) ? .newInstance : .volumesOnly
        return order
    }

    /// Whether an EC2 instance can be started of it: its root volume is there, and it runs Linux.
    private func starts(_ drill: Drill) -> Bool {
        let sidecar = drill.point.sidecar ?? Sidecar([])
        let devices = drill.point.members.compactMap(\.device)
        return drill.point.resourceKind == .ec2Instance && sidecar[.platform] ?? "Linux/UNIX" == "Linux/UNIX"
            && sidecar[.rootDevice].map(devices.contains) == true
    }

    /// Of an instance the address at which the internet reaches it, else that of its network.
    private func drilled(_ drill: Drill, _ reading: RestoreReading) async throws(RestoreError) -> Drilled {
        let region = drill.point.place.region
        switch drill.point.place.provider {
        case .ec2:
            let sight = EC2Sight(region: region, ec2: reading.ec2)
            let instance = try await sight.instances(RestoreMarks.one(drill.mark)).first { $0.state.name == "running" }
            if instance == nil, starts(drill) { throw .refused("the instance that was started is not there any more") }
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
