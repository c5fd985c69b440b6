/// A public address that stays when its instance goes.
package struct LightsailStaticIP: Codable, Sendable, Equatable {
    package var name: String
    package var arn: String?
    package var supportCode: String?
    package var createdAt: EpochTime?
    package var location: LightsailLocation?
    package var resourceType: String?
    package var ipAddress: String?
    /// The name of the instance that has it.
    package var attachedTo: String?
    package var isAttached: Bool?

    package init(name: String) { self.name = name }
}

/// One page of GetStaticIps.
package struct GetStaticIPsReply: Codable, Sendable, Equatable {
    package var staticIps: [LightsailStaticIP]?
    package var nextPageToken: String?

    package init(staticIps: [LightsailStaticIP]?, nextPageToken: String? = nil) {
        self.staticIps = staticIps
        self.nextPageToken = nextPageToken
    }
}

/// AttachStaticIp: gives a static address to an instance.
package struct AttachStaticIPRequest: Codable, Sendable, Equatable {
    package var staticIpName: String
    package var instanceName: String

    package init(staticIpName: String, instanceName: String) {
        self.staticIpName = staticIpName
        self.instanceName = instanceName
    }
}

/// GetKeyPairs: those that were made or uploaded, and the region's default one if asked for.
package struct GetKeyPairsRequest: Codable, Sendable, Equatable {
    package var pageToken: String?
    package var includeDefaultKeyPair: Bool?

    package init(pageToken: String? = nil, includeDefaultKeyPair: Bool? = nil) {
        self.pageToken = pageToken
        self.includeDefaultKeyPair = includeDefaultKeyPair
    }
}

/// One page of GetKeyPairs.
package struct GetKeyPairsReply: Codable, Sendable, Equatable {
    package struct KeyPair: Codable, Sendable, Equatable {
        package var name: String
        package var fingerprint: String?
        package init(name: String, fingerprint: String? = nil) { (self.name, self.fingerprint) = (name, fingerprint) }
    }

    package var keyPairs: [KeyPair]?
    package var nextPageToken: String?

    package init(keyPairs: [KeyPair]?, nextPageToken: String? = nil) {
        self.keyPairs = keyPairs
        self.nextPageToken = nextPageToken
    }
}
