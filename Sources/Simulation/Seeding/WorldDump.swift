import BackupCore
import FoundationEssentials

/// Everything that there is in a world at a moment, sorted, for looking and comparing.
package struct WorldDump: Codable, Sendable, Equatable {
    package struct Place: Codable, Sendable, Equatable {
        package var region: String
        package var snapshots: [Snapshot]
        package var lightsailSnapshots: [LightsailSnapshot]
        package var instances: [Instance]

        enum CodingKeys: String, CodingKey {
            case region, snapshots
            case lightsailSnapshots = "lightsail-snapshots"
            case instances
        }
    }

    package struct Snapshot: Codable, Sendable, Equatable {
        package var id: String?
        package var volume: String
        package var state: String
        package var start: String?
        package var progress: String?
        package var message: String?
        package var description: String
        package var size: Int
        package var encrypted: Bool
        package var kmsKey: String?
        /// Where a copy comes from, `region/id`; without ids `region/snapshot of vol-…`.
        package var source: String?
        package var tags: [String: String]

        enum CodingKeys: String, CodingKey {
            case id, volume, state, start, progress, message, description, size, encrypted
            case kmsKey = "kms-key"
            case source, tags
        }
    }

    package struct LightsailSnapshot: Codable, Sendable, Equatable {
        package var name: String
        package var arn: String?
        package var state: String
        package var created: String?
        /// The instance, disk or database that it is of; the ARN says which.
        package var from: String
        package var fromARN: String
        package var disks: [String]
        package var source: String?
        package var tags: [String: String?]

        enum CodingKeys: String, CodingKey {
            case name, arn, state, created
            case from
            case fromARN = "from-arn"
            case disks, source, tags
        }
    }

    /// An instance of either service; its volumes are those of EC2.
    package struct Instance: Codable, Sendable, Equatable {
        package var id: String
        package var state: String
        package var tags: [String: String?]
        package var volumes: [String: [String: String]]
    }

    package var account: String
    package var regions: [Place]
    /// What other accounts hold; nil if there are none.
    package var accounts: [String: [Place]]?

    /// JSON with sorted keys, two dumps of which can be compared as text.
    package var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { Array($0) } ?? []
    }
}

/// How a world is dumped.
package enum DumpStyle: Sendable {
    case full
    /// Without ids and times of what was made, so that two runs that did the same give the same dump.
    ///
    /// Ids that stand in texts become what they stand for (`snapshot of vol-…`), and the values of tags that carry a
    /// nonce or a time of making become `*`.
    case plain
}
