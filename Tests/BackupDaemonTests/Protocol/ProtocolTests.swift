import BackupCore
import BackupDaemon
import Glibc
import Simulation
import Testing

/// Creating, looking and repeating, in every order: an exhaustive exploration of the real runner and scheduler state.
///
/// In each unit of 30 s each daemon takes its turn before or after the other or not at all; each create (or each copy) is
/// answered, or its reply is lost before or after it was done, or its caller dies before or after, at most two of each; what was
/// made is shown at once or 60 s later; who died starts again with its ledger or an empty one. After two minutes of that (of two
/// daemons, half a minute) each takes its turns again; faults go on until a second slot comes, in calm.
@Suite struct ProtocolTests {
    /// What an exploration came to.
    private struct Tally: Sendable {
        var sequences = 0
        var states: Set<Int> = []
        var steps = 0
        var crashes = 0
        var losses = 0
        var conflicts = 0
        var violations: [String] = []

        mutating func add(_ outcome: Outcome, _ trail: [Int]) {
            sequences += 1
            steps += outcome.states.count
            states.formUnion(outcome.states)
            crashes += outcome.crashes
            losses += outcome.losses
            if outcome.isConflict { conflicts += 1 }
            if !outcome.violations.isEmpty { violations += outcome.violations + ["after the choices \(trail)"] }
        }

        var summary: String {
            "\(sequences) sequences of choices, \(states.count) states of the world, \(crashes) crashes, \(losses) lost replies, "
                + "\(conflicts) sequences in which two were begun; none of them stayed twice"
        }
    }

    private static let slot = Moment(seconds: 1_795_140_000)
    private static let unit = Duration.seconds(30)

    /// How many units two daemons are free in; `SNAPWARDEN_PROTOCOL_UNITS=3` takes hours, and goes on to four minutes.
    private static let units = getenv("SNAPWARDEN_PROTOCOL_UNITS").flatMap { Int(String(cString: $0)) } ?? 1

    private struct Setting: Sendable {
        var daemons: Int
        var tried: Intent.Verb
        var freeUnits: Int
    }

    @Test(arguments: [Intent.Verb.create, .copy]) func oneDaemonNeverMakesASecondOne(verb: Intent.Verb) throws {
        let tally = try explore(Setting(daemons: 1, tried: verb, freeUnits: 4))
        #expect(tally.violations == [])
        #expect(tally.conflicts == 0, "what one daemon begins is begun once, whatever is lost")
        print("1 daemon, \(verb.rawValue): \(tally.summary)")
    }

    @Test(arguments: [Intent.Verb.create, .copy]) func twoDaemonsEndWithOne(verb: Intent.Verb) throws {
        let tally = try explore(Setting(daemons: 2, tried: verb, freeUnits: ProtocolTests.units))
        #expect(tally.violations == [])
        #expect(tally.conflicts > 0, "the exploration must come across what it is about")
        print("2 daemons, \(verb.rawValue): \(tally.summary)")
    }

    private func explore(_ setting: Setting) throws -> Tally {
        var tally = Tally()
        let chooser = Chooser()
        repeat {
            let life = try Life(setting, chooser)
            let outcome = VirtualTurn(now: ProtocolTests.slot).run { await life.live() }
            tally.add(try #require(outcome), chooser.trail)
            if tally.sequences.isMultiple(of: 50_000) { print("\(setting.tried.rawValue): \(tally.summary); going on") }
        } while tally.violations.isEmpty && chooser.advance()
        return tally
    }

    // MARK: One sequence of choices

    private struct Outcome: Sendable {
        var violations: [String] = []
        var states: [Int] = []
        var crashes = 0
        var losses = 0
        var isConflict = false
    }

    /// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
    private final class Life: @unchecked Sendable {
        private let setting: Setting
        private let world: ProtocolWorld
        private let configuration: Configuration
        private var daemons: [ProtocolDaemon] = []
        private var outcome = Outcome()

        init(_ setting: Setting, _ chooser: Chooser) throws {
            self.setting = setting
            world = ProtocolWorld(
                ModelClock(ProtocolTests.slot - .seconds(7200)), chooser, consistency: .seconds(60),
                tried: setting.tried)
            var policy = try Nightly.policy(
                Retention(last: 5), setting.tried == .copy ? [CopyRule(region: ProtocolWorld.away.region)] : [])
            policy.schedules = [Schedule(try .cron("0 */12 * * *"), zone: .utc)]
            var configuration = Configuration(fleet: FleetName("f"), policies: [policy])
            configuration.timing.pollFirst = ProtocolTests.unit
            configuration.timing.pollLongest = ProtocolTests.unit
            self.configuration = configuration
        }

        func live() async -> Outcome {
            let clock = world.clock
            world.addOlder(clock.now - .seconds(10 * 3600), of: Nightly.instance(volumes: 1), configuration.policies[0])
            for index in 1...setting.daemons {
                daemons.append(await ProtocolDaemon(UInt64(index), world, configuration))
                await daemons[index - 1].step()
            }
            let first = nextSlot()
            clock.truth = first
            for _ in 0..<setting.freeUnits {
                for index in turns() { await daemons[index].step() }
                note()
                clock.truth = clock.truth + ProtocolTests.unit
            }
            await calm(until: first + .seconds(1200))
            check(first)
            world.isCalm = true
            let second = nextSlot()
            clock.truth = second
            await calm(until: second + .seconds(1200))
            check(second)
            (outcome.crashes, outcome.losses) = (2 - world.crashesLeft, 2 - world.lossesLeft)
            outcome.violations += world.violations
            if !outcome.violations.isEmpty { outcome.violations += world.log }
            return outcome
        }

        private func nextSlot() -> Moment {
            configuration.policies.compactMap { $0.nextSlot(after: world.clock.now) }.min() ?? world.clock.now
        }

        /// In which order the daemons have their turn in this unit; some may have none.
        private func turns() -> [Int] {
            let orders = setting.daemons == 1 ? [[0], []] : [[0, 1], [1, 0], [0], [1], []]
            return orders[world.choose(orders.count)]
        }

        private func calm(until end: Moment) async {
            while world.clock.now < end {
                for daemon in daemons { await daemon.step() }
                world.clock.truth = world.clock.truth + ProtocolTests.unit
            }
            note()
        }

        /// What there is at this moment, as a number.
        private func note() {
            var hasher = Hasher()
            hasher.combine(world.clock.now)
            hasher.combine(world.crashesLeft)
            hasher.combine(world.lossesLeft)
            for snapshot in world.snapshots {
                hasher.combine(snapshot.point.place)
                hasher.combine(snapshot.started)
                hasher.combine(snapshot.shownFrom)
                hasher.combine(snapshot.run)
            }
            outcome.states.append(hasher.finalize())
        }

        /// One set at home and one copy, of one member, is there of a slot, and no more were begun than there are daemons.
        private func check(_ slot: Moment) {
            for place in [ProtocolWorld.home, ProtocolWorld.away]
            where place == ProtocolWorld.home || setting.tried == .copy {
                let points = world.points(in: place, all: true).filter { $0.slot == slot }
                if points.count != 1 || points[0].members.count != 1 || points[0].state != .usable {
                    outcome.violations.append(
                        "\(place) \(slot) ends with \(points.map { "\($0.set) \($0.members.count)" })")
                }
                let begun = world.begun["\(place.region) \(slot)"] ?? 0
                if begun > setting.daemons { outcome.violations.append("\(place) \(slot): \(begun) were begun") }
                if begun > 1 { outcome.isConflict = true }
            }
        }
    }
}
