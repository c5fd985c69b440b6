import AWS
import BackupCore

/// A resource's tags, in the order in which they came, some of which may not be visible yet.
struct TagList: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        var key: String
        /// Nil for Lightsail's tags that are only a key.
        var value: String?
        var visibleAt: Moment
        /// It is not a tag but the end of one.
        var isRemoval = false
    }

    private var entries: [Entry] = [] {
        didSet { isPlain = Set(entries.map(\.key)).count == entries.count }
    }
    /// No key comes twice, as in most lists, which never change: nothing need be searched for.
    private var isPlain = true

    init() {}

    init(_ pairs: [(key: String, value: String?)], visibleAt: Moment) { set(pairs, visibleAt: visibleAt) }

    /// Lightsail's tags as a request gives them.
    init(_ tags: [LightsailTag]?, visibleAt: Moment) {
        self.init((tags ?? []).map { (key: $0.key, value: $0.value) }, visibleAt: visibleAt)
    }

    /// Adds tags or overwrites their values; until `visibleAt` the old state is what is seen.
    mutating func set(_ pairs: [(key: String, value: String?)], visibleAt: Moment) {
        entries += pairs.map { Entry(key: $0.key, value: $0.value, visibleAt: visibleAt) }
    }

    /// Deletes tags; until `visibleAt` they are still seen.
    mutating func remove(_ keys: [String], visibleAt: Moment) {
        entries += keys.map { Entry(key: $0, value: nil, visibleAt: visibleAt, isRemoval: true) }
    }

    /// What a description made at `now` shows.
    func visible(at now: Moment) -> [(key: String, value: String?)] {
        latest(isSettled(at: now) ? entries : entries.filter { $0.visibleAt <= now })
    }

    /// Whether everything in it is visible.
    func isSettled(at now: Moment) -> Bool { entries.allSatisfy { $0.visibleAt <= now } }

    /// What it shows under one key; nil if it shows no such tag.
    func value(of key: String, at now: Moment) -> String?? {
        guard isPlain else { return visible(at: now).first { $0.key == key }?.value }
        return entries.first { $0.key == key && $0.visibleAt <= now }?.value
    }

    /// What there really is.
    var all: [(key: String, value: String?)] { latest(entries) }

    /// The keys that count against the limit of 50: AWS's own do not.
    func countedKeys(adding keys: [String] = []) -> Int {
        Set(all.map(\.key) + keys).filter { !$0.hasPrefix("aws:") }.count
    }

    private func latest(_ entries: [Entry]) -> [(key: String, value: String?)] {
        if isPlain { return entries.map { ($0.key, $0.value) } }
        var order: [String] = []
        var values: [String: String?] = [:]
        for entry in entries {
            if entry.isRemoval {
                order.removeAll { $0 == entry.key }
                values[entry.key] = nil
                continue
            }
            if values[entry.key] == nil { order.append(entry.key) }
            values[entry.key] = .some(entry.value)
        }
        return order.map { ($0, values[$0] ?? nil) }
    }
}
