import BackupCore
import Simulation

/// A cloud of points in memory that fails as it is told, and has each delete judged before it does it.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class ModelCloud: Cloud, @unchecked Sendable {
    let clock: ModelClock
    var dice: SplitMix64
    var faults = Faults.none
    var sets: [Place: [TrueSet]] = [:]
    /// What exists and can be protected.
    var resources: [Resource] = []
    /// When a place can be read again.
    var outages: [Place: Moment] = [:]
    /// Places whose listings break off, though calls get through.
    var unlisted: Set<Place> = []
    /// Places in which tags cannot be written.
    var untaggable: Set<Place> = []
    /// Copies that were once whole: no point owes those any more.
    var everUsable: Set<PointID> = []
    /// Whether the machine that asks has died: nothing that it asks for arrives.
    var isMachineDead: () -> Bool = { false }
    /// Judges a delete before it is done.
    var judge: ([SnapshotID], PointID) -> Void = { _, _ in }
    /// Told of each place that was read completely.
    var wasRead: (Place) -> Void = { _ in }
    /// How many members were taken and copied.
    var (taken, copied) = (0, 0)
    private var lastNumber = 0

    init(_ clock: ModelClock, _ dice: SplitMix64) {
        self.clock = clock
        self.dice = dice
    }

    /// All sets there are, in an order that does not change.
    var all: [TrueSet] { sets.sorted { $0.key < $1.key }.flatMap(\.value) }

    func set(_ id: PointID) -> TrueSet? { sets[id.place]?.first { $0.id == id } }

    func change(_ id: PointID, _ change: (inout TrueSet) -> Void) {
        guard let index = sets[id.place]?.firstIndex(where: { $0.id == id }) else { return }
        sets[id.place]?[index].change(change)
    }

    func insert(_ set: TrueSet) { sets[set.id.place, default: []].append(set) }

    /// Lets time pass for all that is being made or was deleted.
    func advance() {
        let time = clock.truth
        for place in sets.keys {
            for index in sets[place]?.indices ?? 0..<0 { sets[place]?[index].advance(to: time) }
            sets[place]?.removeAll { $0.members.isEmpty }
        }
        for set in sets.values.joined() where set.truth.isCopy && set.truth.isWhole {
            everUsable.insert(set.id)
        }
    }

    func newSnapshot() -> SnapshotID {
        lastNumber += 1
        return SnapshotID("s\(lastNumber)")
    }
}

extension TrueSet {
    fileprivate mutating func change(_ change: (inout TrueSet) -> Void) { change(&self) }
}
