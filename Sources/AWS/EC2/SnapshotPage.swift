import BackupCore

/// Reads our snapshots out of DescribeSnapshots' replies, which come in pages of a thousand, by the hundred.
///
/// It says the same as ``WireDecoder`` and ``SeenMember/init(_:of:)`` together, out of the bytes at once: no tree is made,
/// and no text that nobody keeps. One reader reads all pages of a listing, so that they share the texts they have in
/// common.
final class SnapshotPage {
    fileprivate enum Field: UInt8, CaseIterable {
        case snapshotId, volumeId, status, statusMessage, startTime, progress, description, volumeSize, encrypted
        case storageTier
    }

    private static let items = XMLItems(
        root: "DescribeSnapshotsResponse", list: "snapshotSet", tags: "tagSet",
        fields: Field.allCases.map { "\($0)" })

    private let fleet: FleetName
    private let tagReader: TagReader
    private let parser = XMLItemParser()
    private var recent = RecentTexts()
    private var fault: WireError?

    /// For the snapshots of a fleet, in an account.
    init(fleet: FleetName, account: AccountID) {
        self.fleet = fleet
        tagReader = TagReader(account: account)
    }

    /// Hands over what is ours of a page, of which nothing is left then.
    ///
    /// - Returns: The token of the next page; nil for the last.
    /// - Throws: ``WireError`` with what is wrong, perhaps after part of the page was handed over.
    func read(emptying body: inout [UInt8], _ take: (SeenMember) -> Void) throws(WireError) -> String? {
        let next = try withoutActuallyEscaping(take) { take throws(WireError) in
            try SnapshotPage.items.read(emptying: &body, with: self.parser, rootField: "nextToken") { item in
                guard self.fault == nil else { return }
                do throws(WireError) {
                    if let seen = try self.member(item) { take(seen) }
                } catch {
                    self.fault = error
                }
            }
        }
        if let fault { throw fault }
        return next
    }

    private func member(_ item: borrowing XMLItem) throws(WireError) -> SeenMember? {
        var snapshot = EC2Snapshot(snapshotId: "", state: "", startTime: ISOTime(.longAgo))
        var description: XMLItem.Text?
        var missing = Field.required
        for index in item.texts.indices {
            let text = item.texts[index]
            guard let field = Field(rawValue: text.field) else { continue }
            missing &= ~field.bit
            if field == .description { description = text } else { try set(field, item[text], of: &snapshot) }
        }
        if let field = Field.allCases.first(where: { missing & $0.bit != 0 }) {
            throw WireError("the \(field) of a snapshot is missing")
        }
        guard let found = tagReader.read(item), found.tags.fleet == fleet, let description,
            found.tags.isDescribed(by: item[description], slot: found.slotText)
        else { return nil }
        return SeenMember(tags: found.tags, member: Member(snapshot, found.tags), lacksName: !found.hasName)
    }

    private func set(_ field: Field, _ bytes: ArraySlice<UInt8>, of snapshot: inout EC2Snapshot) throws(WireError) {
        switch field {
        case .snapshotId: snapshot.snapshotId = String(decoding: bytes, as: UTF8.self)
        case .volumeId: snapshot.volumeId = recent.text(bytes)
        case .status: snapshot.state = recent.text(bytes)
        case .statusMessage: snapshot.stateMessage = recent.text(bytes)
        case .startTime: snapshot.startTime = ISOTime(try time(bytes))
        case .progress: snapshot.progress = recent.text(bytes)
        case .volumeSize: snapshot.volumeSize = bytes.isEmpty ? nil : try number(bytes)
        case .encrypted: snapshot.encrypted = bytes.isEmpty ? nil : try flag(bytes)
        case .storageTier: snapshot.storageTier = recent.text(bytes)
        case .description: return
        }
    }

    private func time(_ bytes: ArraySlice<UInt8>) throws(WireError) -> Moment {
        if let moment = Moment(rfc3339: bytes) { return moment }
        throw WireError("\"\(String(decoding: bytes, as: UTF8.self))\" is not a time")
    }

    private func number(_ bytes: ArraySlice<UInt8>) throws(WireError) -> Int {
        if let number = Int(recent.text(bytes)) { return number }
        throw WireError("expected a number, got \"\(String(decoding: bytes, as: UTF8.self))\"")
    }

    private func flag(_ bytes: ArraySlice<UInt8>) throws(WireError) -> Bool {
        switch recent.text(bytes) {
        case "true", "1": return true
        case "false", "0": return false
        case let other: throw WireError("expected true or false, got \"\(other)\"")
        }
    }
}

extension SnapshotPage.Field {
    fileprivate var bit: UInt32 { 1 << UInt32(rawValue) }
    fileprivate static let required = snapshotId.bit | status.bit | startTime.bit
}
