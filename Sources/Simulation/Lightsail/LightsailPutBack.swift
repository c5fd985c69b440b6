package import AWS
package import BackupCore

/// What no snapshot holds and a restore puts back, and what it has to choose from.
extension World {
    package func getInstancePortStates(_ request: InstanceNameRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetInstancePortStatesReply
    {
        let refuse = try admit(Lightsail.getInstancePortStates, in: region)
        let found = try refuse.instance(request.instanceName, in: state(of: region, now: now), at: now)
        return GetInstancePortStatesReply(
            portStates: found.ports.map { port in
                var port = port
                port.state = "open"
                return port
            })
    }

    package mutating func putInstancePublicPorts(
        _ request: PutInstancePublicPortsRequest, in region: Region, now: Moment
    ) throws(AWSError) -> LightsailOperationReply {
        let refuse = try admit(Lightsail.putInstancePublicPorts, in: region)
        var state = state(of: region, now: now)
        let found = try refuse.instance(request.instanceName, in: state, at: now)
        for port in request.portInfos { try refuse.check(port) }
        for index in state.lightsailInstances.indices where state.lightsailInstances[index].name == found.name {
            state.lightsailInstances[index].ports = request.portInfos.map(\.withDefaults)
        }
        regions[region] = state
        let reply = done(refuse.operation, on: (found.name, "Instance"), in: region, now: now)
        return LightsailOperationReply(operation: reply.operations?.first)
    }

    package func getStaticIPs(_ request: LightsailPageRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetStaticIPsReply
    {
        let refuse = try admit(Lightsail.getStaticIPs, in: region)
        let page = try refuse.page(
            of: state(of: region, now: now).staticIPs, after: request.pageToken, size: timings.lightsailPageSize)
        return GetStaticIPsReply(
            staticIps: page.items.map { described($0, in: region) }, nextPageToken: page.token)
    }

    private func described(_ address: SimulatedStaticIP, in region: Region) -> LightsailStaticIP {
        var shown = LightsailStaticIP(name: address.name)
        shown.arn = lightsailARN("StaticIp", address.uuid, in: region)
        shown.supportCode = supportCode(address.uuid)
        shown.createdAt = EpochTime(address.createdAt)
        shown.location = location(region)
        shown.resourceType = "StaticIp"
        shown.ipAddress = address.address
        shown.attachedTo = address.attachedTo
        shown.isAttached = address.attachedTo != nil
        return shown
    }

    package mutating func attachStaticIP(_ request: AttachStaticIPRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.attachStaticIP, in: region)
        var state = state(of: region, now: now)
        guard let index = state.staticIPs.firstIndex(where: { $0.name == request.staticIpName }) else {
            throw refuse.notFound("StaticIp", request.staticIpName)
        }
        // Not verified: whether AWS would take it from the other one.
        if let holder = state.staticIPs[index].attachedTo {
            throw refuse.badInput("The static IP \(request.staticIpName) is attached to \(holder).")
        }
        let instance = try refuse.instance(request.instanceName, in: state, at: now)
        guard instance.life.stage(at: now) == .done else {
            throw refuse.badInput("The instance \(instance.name) is not running.")
        }
        guard !state.staticIPs.contains(where: { $0.attachedTo == instance.name }) else {
            throw refuse.badInput("The instance \(instance.name) has a static IP already.")
        }
        state.staticIPs[index].attachedTo = instance.name
        regions[region] = state
        return done(refuse.operation, on: (request.staticIpName, "StaticIp"), in: region, now: now)
    }

    package func getKeyPairs(_ request: GetKeyPairsRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetKeyPairsReply
    {
        let refuse = try admit(Lightsail.getKeyPairs, in: region)
        let own = state(of: region, now: now).keyPairs
        let names =
            request.includeDefaultKeyPair == true ? [SimulatedLightsailInstance.defaultKeyPair] + own : own
        let page = try refuse.page(of: Listed.all(names), after: request.pageToken, size: timings.lightsailPageSize)
        return GetKeyPairsReply(
            keyPairs: page.items.map { GetKeyPairsReply.KeyPair(name: $0.value) }, nextPageToken: page.token)
    }

    package func getBundles(_ request: GetBundlesRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetBundlesReply
    {
        let refuse = try admit(Lightsail.getBundles, in: region)
        let bundles = SimulatedBundles.all.filter { request.includeInactive == true || $0.isActive == true }
        let page = try refuse.page(of: Listed.all(bundles), after: request.pageToken, size: timings.lightsailPageSize)
        return GetBundlesReply(bundles: page.items.map(\.value), nextPageToken: page.token)
    }

    package func getDatabaseBundles(_ request: GetBundlesRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetDatabaseBundlesReply
    {
        let refuse = try admit(Lightsail.getDatabaseBundles, in: region)
        let bundles = SimulatedBundles.ofDatabases
        let page = try refuse.page(of: Listed.all(bundles), after: request.pageToken, size: timings.lightsailPageSize)
        return GetDatabaseBundlesReply(bundles: page.items.map(\.value), nextPageToken: page.token)
    }

    package func getRegions(_ request: GetRegionsRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetRegionsReply
    {
        _ = try admit(Lightsail.getRegions, in: region)
        let places = regions.keys.sorted().map { place in
            let zones = SimulatedZones.of(place).map { GetRegionsReply.Zone(zoneName: $0, state: "available") }
            return GetRegionsReply.Place(
                name: place.rawValue, availabilityZones: request.includeAvailabilityZones == true ? zones : [],
                relationalDatabaseAvailabilityZones:
                    request.includeRelationalDatabaseAvailabilityZones == true ? zones : [])
        }
        return GetRegionsReply(regions: places)
    }
}

/// The zones of a region.
enum SimulatedZones {
    static func of(_ region: Region) -> [String] { ["a", "b", "c"].map { "\(region)\($0)" } }

    /// The default subnet of a zone, and there is no other.
    static func subnet(of zone: String) -> String { "subnet-\(zone)" }

    static func vpc(of region: Region) -> String { "vpc-\(region)" }
}

/// Something that was never made, in a list that is paged.
private struct Listed<Value: Sendable>: Sequenced {
    let sequence: Int
    let value: Value

    static func all(_ values: [Value]) -> [Listed] {
        values.enumerated().map { Listed(sequence: $0.offset + 1, value: $0.element) }
    }
}

extension LightsailPort {
    /// From anywhere, if nothing is said of who may come.
    fileprivate var withDefaults: LightsailPort {
        var port = asked
        let isOpen = port.cidrs == nil && port.ipv6Cidrs == nil && port.cidrListAliases == nil
        port.cidrs = port.cidrs ?? (isOpen ? ["0.0.0.0/0"] : [])
        port.ipv6Cidrs = port.ipv6Cidrs ?? (isOpen ? ["::/0"] : [])
        port.cidrListAliases = port.cidrListAliases ?? []
        return port
    }
}

extension Refusal {
    fileprivate func check(_ port: LightsailPort) throws(AWSError) {
        guard let `protocol` = port.protocol, ["tcp", "udp", "all", "icmp", "icmpv6"].contains(`protocol`) else {
            throw badInput("portInfos: protocol must be tcp, udp, all, icmp or icmpv6.")
        }
        guard let from = port.fromPort, let to = port.toPort else {
            throw badInput("portInfos: fromPort and toPort are needed.")
        }
        let allowed = `protocol`.hasPrefix("icmp") ? -1...255 : 0...65535
        guard allowed.contains(from), allowed.contains(to), `protocol`.hasPrefix("icmp") || from <= to else {
            throw badInput("portInfos: \(from) to \(to) are no ports of \(`protocol`).")
        }
    }
}
