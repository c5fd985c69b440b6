import BackupCore

/// Reads our tags out of an item's bytes, as ``PointTags/init(_:)`` reads them out of a dictionary.
final class TagReader {
    /// What an item's tags say.
    struct Found {
        var tags: PointTags
        /// The slot as the tag has it.
        var slotText: ArraySlice<UInt8>
        var hasName: Bool
    }

    private typealias Key = PointTags.Key
    private static let copied = Array(PointTags.copiedPrefix.utf8)
    private static let foreign = [Array("aws:dlm:".utf8), Array("aws:backup:".utf8)]

    private var recent = RecentTexts()
    /// The slot that was read last: its neighbours in a page mostly have the same.
    private var last: (text: [UInt8], slot: Moment) = ([], .longAgo)
    private var destinations: (names: [String], sites: Set<Site>) = ([], [])
    /// In which the snapshots are.
    private let account: AccountID

    init(account: AccountID) { self.account = account }

    /// Nil if the item is not ours, or what makes the identity is missing or cannot be read.
    func read(_ item: borrowing XMLItem) -> Found? {
        var values = [ArraySlice<UInt8>?](repeating: nil, count: Key.allCases.count)
        var (copiedTo, hasName): ([String], Bool) = ([], false)
        var index = 0
        while index + 1 < item.tagTexts.count {
            let (key, value) = (item.tagTexts[index], item.tagTexts[index + 1])
            guard key.isKey, !value.isKey else { return nil }
            index += 2
            let name = item[key]
            switch PointTags.keys.number(of: name) {
            case PointTags.name: hasName = true
            case NameTable.unknown:
                if TagReader.foreign.contains(where: { name.starts(with: $0) }) { return nil }
                guard name.starts(with: TagReader.copied) else { continue }
                copiedTo.append(recent.text(name.dropFirst(TagReader.copied.count)))
            case let number: values[Int(number)] = item[value]
            }
        }
        guard var tags = identity(values), let slotText = values[Int(Key.slot.rawValue)] else { return nil }
        complete(&tags, values)
        tags.copiedTo = sites(copiedTo)
        return Found(tags: tags, slotText: slotText, hasName: hasName)
    }

    private func identity(_ values: [ArraySlice<UInt8>?]) -> PointTags? {
        func value(_ key: Key) -> ArraySlice<UInt8>? { values[Int(key.rawValue)] }
        guard let fleet = value(.fleet), let policy = value(.policy), let resource = value(.resource),
            let slot = value(.slot).flatMap({ self.slot($0) }), let set = value(.set),
            let members = value(.members).flatMap({ Int(recent.text($0)) }), members > 0
        else { return nil }
        return PointTags(
            fleet: FleetName(rawValue: recent.text(fleet)), policy: PolicyName(rawValue: recent.text(policy)),
            resource: ResourceID(rawValue: recent.text(resource)), slot: slot,
            kind: value(.kind).flatMap { PointKind(rawValue: recent.text($0)) } ?? .scheduled,
            set: SetID(rawValue: String(decoding: set, as: UTF8.self)), members: members)
    }

    private func complete(_ tags: inout PointTags, _ values: [ArraySlice<UInt8>?]) {
        func value(_ key: Key) -> String? { values[Int(key.rawValue)].map { recent.text($0) } }
        tags.source = values[Int(Key.source.rawValue)].flatMap {
            SnapshotSource(String(decoding: $0, as: UTF8.self), near: account)
        }
        tags.taken = values[Int(Key.taken.rawValue)].flatMap { Moment(rfc3339: $0) }
        tags.volume = value(.volume).map { VolumeID(rawValue: $0) }
        tags.device = value(.device)
        tags.key = value(.key)
        tags.hold = value(.hold)
        tags.run = value(.run).flatMap { RunID($0) }
        tags.sidecar = sidecar(values)
    }

    /// That of the points of one resource is mostly the same, and then they share it.
    private func sidecar(_ values: [ArraySlice<UInt8>?]) -> Sidecar? {
        guard let first = values[Int(Key.about.rawValue)] else { return nil }
        let rest = Key.sidecar.dropFirst().compactMap { values[Int($0.rawValue)] }
        guard !rest.isEmpty else { return Sidecar(text: recent.text(first)) }
        return Sidecar(text: recent.text(ArraySlice(([first] + rest).joined(separator: [UInt8(ascii: " ")]))))
    }

    private func slot(_ text: ArraySlice<UInt8>) -> Moment? {
        if last.text.elementsEqual(text) { return last.slot }
        guard let slot = Moment(rfc3339: text) else { return nil }
        last = (Array(text), slot)
        return slot
    }

    private func sites(_ names: [String]) -> Set<Site> {
        if names != destinations.names { destinations = (names, Set(names.map { Site($0, near: account) })) }
        return destinations.sites
    }
}
