/// A rule of an instance's firewall: who may reach which ports.
///
/// Source: Lightsail API reference, PortInfo and InstancePortState, which differ in nothing but `state`.
package struct LightsailPort: Codable, Sendable, Equatable {
    /// TCP and UDP: 0 to 65535; ICMP: the type, -1 for all.
    package var fromPort: Int?
    /// TCP and UDP: 0 to 65535; ICMP: the code, -1 for all.
    package var toPort: Int?
    /// `tcp`, `udp`, `all`, `icmp` or `icmpv6`.
    package var `protocol`: String?
    /// `open`; only ever read.
    package var state: String?
    package var cidrs: [String]?
    package var ipv6Cidrs: [String]?
    /// `lightsail-connect`: AWS's own clients in the browser.
    package var cidrListAliases: [String]?

    package init(
        _ protocol: String?, _ fromPort: Int?, _ toPort: Int?, cidrs: [String]? = nil, ipv6Cidrs: [String]? = nil,
        cidrListAliases: [String]? = nil
    ) {
        self.protocol = `protocol`
        self.fromPort = fromPort
        self.toPort = toPort
        self.cidrs = cidrs
        self.ipv6Cidrs = ipv6Cidrs
        self.cidrListAliases = cidrListAliases
    }

    /// The same rule as one asks for it.
    package var asked: LightsailPort {
        var port = self
        port.state = nil
        return port
    }
}

/// A request that names one instance: GetInstance, GetInstancePortStates.
package struct InstanceNameRequest: Codable, Sendable, Equatable {
    package var instanceName: String
    package init(instanceName: String) { self.instanceName = instanceName }
}

/// GetInstancePortStates' answer, which is not paged.
package struct GetInstancePortStatesReply: Codable, Sendable, Equatable {
    package var portStates: [LightsailPort]?
    package init(portStates: [LightsailPort]?) { self.portStates = portStates }
}

/// PutInstancePublicPorts: opens these ports, and closes all others.
package struct PutInstancePublicPortsRequest: Codable, Sendable, Equatable {
    package var portInfos: [LightsailPort]
    package var instanceName: String

    package init(portInfos: [LightsailPort], instanceName: String) {
        self.portInfos = portInfos
        self.instanceName = instanceName
    }
}

/// What some calls that change something answer: one operation, not a list.
package struct LightsailOperationReply: Codable, Sendable, Equatable {
    package var operation: LightsailOperation?
    package init(operation: LightsailOperation?) { self.operation = operation }
}
