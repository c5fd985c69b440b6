/// What a snapshot does not hold of its resource, noted when it was taken: where it stood, what reached it, how its disks were.
///
/// One line of words, so that it fits into tags and a person can read it there:
/// `type=t3.small zone=us-east-1a group=sg-0a volume=/dev/xvda=gp3=3000=125`. What matters most comes first: where the tags
/// are full, words are left out from there on.
package struct Sidecar: Sendable, Equatable, CustomStringConvertible {
    /// What a fact is about.
    package enum Topic: String, Sendable, CaseIterable {
        /// The instance type; in Lightsail the bundle.
        case type
        case zone
        /// In Lightsail, where the names of snapshots cannot hold it as it is.
        case name
        case architecture
        /// `yes` if the driver of enhanced networking is there.
        case ena
        case bootMode = "boot"
        case tpm
        /// What is paid for: `Linux/UNIX`, `Windows`.
        case platform
        case rootDevice = "root"
        /// `dualstack`, `ipv4` or `ipv6`.
        case addresses
        case subnet
        case securityGroup = "group"
        case keyPair = "key-pair"
        case profile
        /// A device with the volume's type, IOPS and throughput, and `stays` if it outlives its instance; 0 where there is none.
        case volume
        /// A protocol, a range of ports, and where from; several for one range.
        case port
        case staticIP = "static-ip"
        /// Its name, and what it is set to.
        case addOn = "add-on"
        /// A key and a value.
        case tag
        /// The variables of a machine that boots by UEFI, as EC2 gives them; too much for tags.
        case uefiData = "uefi-data"
        /// There was more than the tags hold.
        case more
    }

    /// One thing that is so, in as many parts as its topic has.
    package struct Fact: Sendable, Equatable {
        package var topic: Topic
        package var parts: [String]

        package init(_ topic: Topic, _ parts: String...) { (self.topic, self.parts) = (topic, parts) }
        package init(_ topic: Topic, parts: [String]) { (self.topic, self.parts) = (topic, parts) }
    }

    /// As it is written; what no tag takes is written as `+` and two hexadecimal digits.
    package let description: String

    /// Of text that was written before; words that nobody here knows are passed over when it is asked.
    package init(text: String) { description = text }

    package init(_ facts: [Fact]) {
        description = facts.map { fact in
            ([fact.topic.rawValue] + fact.parts.map(Sidecar.escaped)).joined(separator: "=")
        }.joined(separator: " ")
    }

    package var isEmpty: Bool { description.isEmpty }

    package var facts: [Fact] {
        description.split(separator: " ").compactMap { word in
            let parts = word.split(separator: "=", omittingEmptySubsequences: false)
            guard let topic = parts.first.flatMap({ Topic(rawValue: String($0)) }) else { return nil }
            return Fact(topic, parts: parts.dropFirst().map(Sidecar.unescaped))
        }
    }

    /// What the first fact of a topic says; nil if there is none.
    package subscript(_ topic: Topic) -> String? { all(topic).first?.first }

    /// Whether all that was known of the resource found room.
    package var isWhole: Bool { !facts.contains { $0.topic == .more } }

    /// The parts of all facts of a topic.
    package func all(_ topic: Topic) -> [[String]] { facts.filter { $0.topic == topic }.map(\.parts) }

    // MARK: In tags

    /// What one tag takes (EC2 user guide, "Tag restrictions").
    static let mostCharacters = 256
    /// So many tags are spent on it.
    package static let mostTags = 4

    /// Whether tags hold all of it.
    package var fitsTags: Bool { texts(keeping: 0).isWhole }

    /// Whether the machine may have variables that were set by whoever made its image.
    package var bootsByUEFI: Bool { self[.bootMode]?.hasPrefix("uefi") == true }

    /// The texts of the tags that hold it, cut between words; the last word tells if not all of it found room.
    package var tagTexts: [String] {
        let (texts, isWhole) = texts(keeping: 0)
        guard !isWhole else { return texts }
        let more = Topic.more.rawValue
        var cut = self.texts(keeping: more.count + 1).texts
        cut.append(cut.popLast().map { $0 + " " + more } ?? more)
        return cut
    }

    private func texts(keeping room: Int) -> (texts: [String], isWhole: Bool) {
        let most = Sidecar.mostCharacters - room
        var (texts, isWhole): ([String], Bool) = ([], true)
        for word in description.split(separator: " ") {
            if let last = texts.last, last.count + 1 + word.count <= most {
                texts[texts.count - 1] = last + " " + word
            } else if texts.count < Sidecar.mostTags, word.count <= most {
                texts.append(String(word))
            } else {
                isWhole = false
                break
            }
        }
        return (texts, isWhole)
    }

    // MARK: Words

    /// Tags of Lightsail take letters, digits, spaces and `+ - = . _ : / @`; ours keep space, `=` and `+` for themselves.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._:/@".utf8.contains(byte)
        }
    }

    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = text.utf8.flatMap { byte in
            isPlain(byte) ? [byte] : [UInt8(ascii: "+"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+"),
                let escaped = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(escaped)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
