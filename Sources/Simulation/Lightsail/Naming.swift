import AWS
import BackupCore

/// Lightsail's words and rules that several operations share.
extension World {
    func lightsailARN(_ type: String, _ uuid: String, in region: Region) -> String {
        "arn:\(region.partition):lightsail:\(region):\(account):\(type)/\(uuid)"
    }

    /// The code that AWS's support asks for.
    func supportCode(_ uuid: String) -> String { "\(account)/\(uuid)" }

    func location(_ region: Region, zone: String = "all") -> LightsailLocation {
        LightsailLocation(availabilityZone: zone, regionName: region.rawValue)
    }

    func described(_ tags: TagList, at now: Moment) -> [LightsailTag] {
        tags.visible(at: now).map { LightsailTag(key: $0.key, value: $0.value) }
    }
}

extension RegionState {
    /// Names are unique per region over resource types.
    func isTaken(_ name: String) -> Bool {
        lightsailSnapshots.contains { $0.name == name } || lightsailDisks.contains { $0.name == name }
            || lightsailDatabases.contains { $0.name == name }
            || lightsailInstances.contains { $0.name == name } || staticIPs.contains { $0.name == name }
    }
}

extension Refusal {
    /// Lightsail's refusal of a parameter.
    func badInput(_ message: String) -> AWSError { self("InvalidInputException", message) }

    func notFound(_ type: String, _ name: String) -> AWSError {
        self("NotFoundException", "The \(type) does not exist: \(name)")
    }

    /// Checks the name of a resource to be made: the model's pattern `\w[\w\-]*\w`, 2 to 255 characters, not taken.
    func checkName(_ name: String, in state: RegionState) throws(AWSError) {
        let scalars = name.unicodeScalars
        let isWord: (Unicode.Scalar) -> Bool = {
            $0.isASCII && ($0.properties.isAlphabetic || "0"..."9" ~= $0 || $0 == "_")
        }
        guard (2...255).contains(scalars.count), scalars.allSatisfy({ isWord($0) || $0 == "-" }),
            scalars.first != "-", scalars.last != "-"
        else {
            throw badInput("The name \"\(name)\" does not match the pattern \\w[\\w\\-]*\\w of 2 to 255 characters.")
        }
        guard !state.isTaken(name) else { throw badInput("Some names are already in use: \(name)") }
    }

    /// Lightsail's rules for tags: characters, lengths, AWS's prefix, and 50 in all.
    func check(_ tags: [LightsailTag]?, adding existing: TagList = TagList()) throws(AWSError) {
        for tag in tags ?? [] {
            guard !tag.key.isEmpty, tag.key.unicodeScalars.count <= 128 else {
                throw badInput("A tag key has 1 to 128 characters: \"\(tag.key)\"")
            }
            guard (tag.value ?? "").unicodeScalars.count <= 256 else {
                throw badInput("A tag value has 256 characters at most: the value of \"\(tag.key)\"")
            }
            guard !tag.key.hasPrefix("aws:") else {
                throw badInput("The tag key prefix aws: is reserved: \"\(tag.key)\"")
            }
            for text in [tag.key, tag.value ?? ""] where !text.unicodeScalars.allSatisfy(Refusal.isTagCharacter) {
                throw badInput("A tag holds letters, digits, spaces and + - = . _ : / @ only: \"\(text)\"")
            }
        }
        guard existing.countedKeys(adding: (tags ?? []).map(\.key)) <= Refusal.tagLimit else {
            throw badInput("A resource has \(Refusal.tagLimit) tags at most.")
        }
    }

    private static func isTagCharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || " +-=._:/@".unicodeScalars.contains(scalar)
    }

    /// Lightsail's page; callers cannot say how long it is.
    func page<Element: Sequenced>(of items: [Element], after token: String?, size: Int) throws(AWSError)
        -> Page<Element>
    {
        guard let page = Pager.page(of: items, after: token, size: max(1, size)) else {
            throw badInput("The page token is not valid.")
        }
        return page
    }
}
