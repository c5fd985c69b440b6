package import BackupCore

/// The name of a Lightsail snapshot of ours, which is its identity: there is no token, and copies take no tags.
///
///     <fleet>--<policy>--<home region>--<resource>--<hash>--<YYYYMMDDTHHMMSSZ>
///
/// The hash is 80 bits of SHA-256 over all parts untruncated and the resource's ARN, so that two resources whose names
/// are cut or altered to the same text, or that bear one name one after the other, never share a snapshot's name: names
/// are unique over instances, disks, databases and all their snapshots, and the ARN says of which kind it is.
package struct LightsailName: Sendable, Equatable {
    package var fleet: FleetName
    package var policy: PolicyName
    package var home: Region
    package var slot: Moment
    /// The instance's name as it stands in the text: without dots, perhaps cut.
    package var instance: String
    var hash: String

    /// Lightsail allows 255 characters (developer guide, "Snapshot names").
    static let longest = 255

    package init(fleet: FleetName, policy: PolicyName, home: Region, instanceName: String, arn: String, slot: Moment) {
        self.fleet = fleet
        self.policy = policy
        self.home = home
        self.slot = slot
        hash = LightsailName.hash(fleet, policy, home, instanceName, arn, slot)
        instance = ""
        let room = LightsailName.longest - text.utf8.count
        instance = String(instanceName.map { $0.isASCII && $0 != "." ? $0 : "-" }.prefix(room))
    }

    package var text: String { "\(fleet)--\(policy)--\(home)--\(instance)--\(hash)--\(slot.compact)" }

    /// Reads a name; nil if it is not of this form.
    ///
    /// Fleet, policy and region hold no double hyphen; the instance's name may.
    package init?(_ text: String) {
        let parts = LightsailName.split(text)
        guard parts.count >= 6, let slot = parts.last.flatMap({ Moment(compact: $0) }),
            parts[parts.count - 2].count == 20
        else { return nil }
        fleet = FleetName(parts[0])
        policy = PolicyName(parts[1])
        home = Region(parts[2])
        instance = parts[3..<parts.count - 2].joined(separator: "--")
        hash = parts[parts.count - 2]
        self.slot = slot
    }

    /// Whether it is the name that the snapshot of this very resource would bear.
    func belongs(to name: String, arn: String) -> Bool {
        hash == LightsailName.hash(fleet, policy, home, name, arn, slot)
    }

    private static func hash(
        _ fleet: FleetName, _ policy: PolicyName, _ home: Region, _ name: String, _ arn: String, _ slot: Moment
    ) -> String {
        let parts = [fleet.rawValue, policy.rawValue, home.rawValue, name, arn, slot.description]
        return String(Hash.hex(Hash.sha256(Array(parts.joined(separator: "\n").utf8))).prefix(20))
    }

    /// The parts between double hyphens.
    private static func split(_ text: String) -> [String] {
        var parts: [String] = []
        var rest = text[...]
        while let range = firstSeparator(in: rest) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }

    private static func firstSeparator(in text: Substring) -> Range<Substring.Index>? {
        var index = text.startIndex
        while let next = text.index(index, offsetBy: 1, limitedBy: text.endIndex), next < text.endIndex {
            if text[index] == "-", text[next] == "-" { return index..<text.index(after: next) }
            index = next
        }
        return nil
    }
}

/// The UUID at the end of a Lightsail ARN: `arn:aws:lightsail:us-east-1:111122223333:Instance/244ad76f-…`.
func lightsailID(ofARN arn: String) -> ResourceID {
    ResourceID(arn.split(separator: "/").last.map(String.init) ?? arn)
}
