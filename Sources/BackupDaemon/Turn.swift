package import BackupCore

/// The one executor everything runs on, one job after the other, with the clock that goes with it.
///
/// `Task.sleep`, detached tasks and the global executor are used nowhere: each starts a wake-up every second for good.
package protocol Turn: TaskExecutor, SerialExecutor, WallClock {}

/// Those who sleep, earliest first; of two with the same moment the one that came first.
struct Sleepers {
    typealias ID = UInt64

    private struct Sleeper {
        var moment: Moment
        var id: ID
        var wake: CheckedContinuation<Void, any Error>
    }

    private var sleepers: [Sleeper] = []
    private var lastID: ID = 0

    var earliest: Moment? { sleepers.first?.moment }

    mutating func newID() -> ID {
        lastID += 1
        return lastID
    }

    mutating func add(_ id: ID, until moment: Moment, _ wake: CheckedContinuation<Void, any Error>) {
        let index = sleepers.firstIndex { moment < $0.moment } ?? sleepers.endIndex
        sleepers.insert(Sleeper(moment: moment, id: id, wake: wake), at: index)
    }

    mutating func cancel(_ id: ID) {
        guard let index = sleepers.firstIndex(where: { $0.id == id }) else { return }
        sleepers.remove(at: index).wake.resume(throwing: CancellationError())
    }

    mutating func wakeAll(through now: Moment) {
        while let first = sleepers.first, first.moment <= now {
            sleepers.removeFirst()
            first.wake.resume()
        }
    }
}
