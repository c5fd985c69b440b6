import BackupCore
import BackupDaemon
import Simulation

/// An AWS of one instance with one volume, in which what becomes of each call that makes something is a choice: whether it is
/// done, whether its reply arrives, whether its caller lives on, and when it is shown.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class ProtocolWorld: @unchecked Sendable {
    static let home = Place(.ec2, Region("us-east-1"))
    static let away = Place(.ec2, Region("eu-west-1"))
    /// How long a snapshot takes.
    private static let duration = Duration.seconds(30)

    struct Snapshot {
        var id: SnapshotID
        var point: RecoveryPoint
        var source: SnapshotID?
        var run: RunID?
        var started: Moment
        var shownFrom: Moment
    }

    let clock: ModelClock
    let consistency: Duration
    /// Which verb's calls meet with faults; the others' are done at once, and shown last.
    let tried: Intent.Verb
    private let chooser: Chooser
    private(set) var snapshots: [Snapshot] = []
    private var lastNumber = 0
    /// Nothing goes wrong any more.
    var isCalm = false
    private(set) var crashesLeft = 2
    private(set) var lossesLeft = 2
    /// How often each place and slot was begun.
    private(set) var begun: [String: Int] = [:]
    private(set) var violations: [String] = []
    /// What was asked for and what became of it, for whoever has to find out why something went wrong.
    private(set) var log: [String] = []

    init(_ clock: ModelClock, _ chooser: Chooser, consistency: Duration, tried: Intent.Verb) {
        (self.clock, self.chooser, self.consistency, self.tried) = (clock, chooser, consistency, tried)
    }

    func say(_ what: String) { log.append("\(clock.now) \(what)") }

    /// A point from before, with its copy: both were there when the daemons were first started.
    func addOlder(_ slot: Moment, of resource: Resource, _ policy: Policy) {
        let point = RecoveryPoint(
            policy: policy.name, resource: resource.id, slot: slot, kind: .scheduled, set: SetID("older"),
            place: ProtocolWorld.home, home: ProtocolWorld.home.site, taken: slot, declaredMembers: 1, members: [])
        var copy = point
        copy.place = ProtocolWorld.away
        snapshots.append(
            Snapshot(id: SnapshotID("s-older"), point: point, started: slot, shownFrom: slot))
        guard !policy.copies.isEmpty else { return }
        snapshots.append(
            Snapshot(
                id: SnapshotID("s-copied"), point: copy, source: SnapshotID("s-older"), started: slot, shownFrom: slot))
    }

    func choose(_ options: Int) -> Int { chooser.choose(options) }

    // MARK: What is there

    private func state(_ snapshot: Snapshot) -> MemberState {
        snapshot.started + ProtocolWorld.duration <= clock.now ? .completed : .pending
    }

    private func member(_ snapshot: Snapshot) -> Member {
        Member(
            snapshot: snapshot.id, volume: VolumeID("vol-1"), state: state(snapshot), started: snapshot.started,
            source: snapshot.source, run: snapshot.run)
    }

    /// The sets of a place: what is shown of them, or all.
    func points(in place: Place, all: Bool = false) -> [RecoveryPoint] {
        let there = snapshots.filter { $0.point.place == place && (all || $0.shownFrom <= clock.now) }
        return Dictionary(grouping: there, by: \.point.set).sorted { $0.key < $1.key }.map { _, members in
            var point = members[0].point
            point.members = members.map(member)
            return point
        }
    }

    // MARK: What is asked for

    /// What becomes of a call that makes something.
    enum Fate { case answered, lostBefore, lostAfter, crashBefore, crashAfter }

    func fate(of verb: Intent.Verb) -> Fate {
        guard verb == tried, !isCalm else { return .answered }
        let fates: [Fate] =
            [.answered] + (lossesLeft > 0 ? [.lostBefore, .lostAfter] : [])
            + (crashesLeft > 0 ? [.crashBefore, .crashAfter] : [])
        let fate = fates[chooser.choose(fates.count)]
        switch fate {
        case .answered: break
        case .lostBefore, .lostAfter: lossesLeft -= 1
        case .crashBefore, .crashAfter: crashesLeft -= 1
        }
        say("\(verb) \(fate)")
        return fate
    }

    /// Makes a snapshot, which is shown at once or as late as can be.
    func make(_ point: RecoveryPoint, source: SnapshotID?, _ run: RunID?, by verb: Intent.Verb) -> SnapshotID {
        lastNumber += 1
        let id = SnapshotID("s\(lastNumber)")
        let isLate = verb == tried && !isCalm ? chooser.choose(2) == 1 : true
        say(
            "\(run.map(String.init) ?? "-") makes \(id) of \(point.set) in \(point.place), shown \(isLate ? "late" : "at once")"
        )
        begun["\(point.place.region) \(point.slot)", default: 0] += 1
        snapshots.append(
            Snapshot(
                id: id, point: point, source: source, run: run, started: clock.now,
                shownFrom: isLate ? clock.now + consistency : clock.now))
        return id
    }

    /// Removes snapshots; never the last complete one of its place and slot.
    func delete(_ ids: [SnapshotID]) {
        say("\(ids) deleted")
        for snapshot in snapshots where ids.contains(snapshot.id) {
            let others = snapshots.filter {
                !ids.contains($0.id) && $0.point.place == snapshot.point.place && $0.point.slot == snapshot.point.slot
                    && state($0) == .completed
            }
            if others.isEmpty {
                violations.append("\(snapshot.id) was deleted, the last one of \(snapshot.point.slot)")
            }
        }
        snapshots.removeAll { ids.contains($0.id) }
    }
}
