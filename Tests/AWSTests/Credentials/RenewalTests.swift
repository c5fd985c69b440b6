import BackupCore
import Testing

@testable import AWS

/// Temporary credentials: when others are fetched, by whom, and what happens if that fails.
@Suite struct RenewalTests {
    /// Gives credentials `1`, `2`… that live for `life` seconds, or fails when told to; holds them back when told to.
    private actor Fountain {
        var life: Int64?
        var failure: CredentialsError?
        private(set) var fetches = 0
        private let clock: FakeClock
        private var isShut = false
        private var held: [CheckedContinuation<Void, Never>] = []
        private var watchers: [CheckedContinuation<Void, Never>] = []

        init(_ clock: FakeClock, life: Int64?) {
            self.clock = clock
            self.life = life
        }

        func set(life: Int64?) { self.life = life }
        func fail(_ error: CredentialsError?) { failure = error }
        func shut() { isShut = true }

        func open() {
            isShut = false
            for one in held { one.resume() }
            held = []
        }

        /// Returns once somebody fetches while it is shut.
        func someoneWaits() async {
            if held.isEmpty { await withCheckedContinuation { watchers.append($0) } }
        }

        func fetch() async throws(CredentialsError) -> Credentials {
            fetches += 1
            let number = fetches
            if isShut {
                for one in watchers { one.resume() }
                watchers = []
                await withCheckedContinuation { held.append($0) }
            }
            if Task.isCancelled { throw CredentialsError("cancelled", isCancellation: true) }
            if let failure { throw failure }
            return Credentials(
                accessKeyID: "\(number)", secret: "s", sessionToken: "t",
                expiration: life.map { clock.now + .seconds($0) })
        }
    }

    private let clock: FakeClock
    private let fountain: Fountain
    private let source: RenewedCredentials

    init() {
        let clock = FakeClock()
        let fountain = Fountain(clock, life: 3600)
        source = RenewedCredentials(now: { clock.now }) { () async throws(CredentialsError) in
            try await fountain.fetch()
        }
        (self.clock, self.fountain) = (clock, fountain)
    }

    private var key: String {
        get async {
            do throws(CredentialsError) {
                return try await source.credentials().accessKeyID
            } catch {
                return "\(error)"
            }
        }
    }

    private func wait(_ seconds: Int64) async throws { try await clock.sleep(until: clock.now + .seconds(seconds)) }

    /// Lifetime, seconds after the first fetch, and the key that is then in use.
    @Test(
        arguments: [
            (3600, 0, "1"), (3600, 3600 - 901, "1"), (3600, 3600 - 900, "2"), (3600, 3599, "2"), (3600, 9999, "2"),
            (900, 449, "1"), (900, 450, "2"), (1, 0, "1"), (1, 1, "2"), (nil, 1_000_000_000, "1"),
        ] as [(Int64?, Int64, String)])
    func fetchesInTime(_ life: Int64?, _ seconds: Int64, _ expected: String) async throws {
        await fountain.set(life: life)
        #expect(await key == "1")
        try await wait(seconds)
        #expect(await key == expected)
    }

    /// A hundred ask at once for the first ones.
    @Test func oneFetchForAHundred() async throws {
        await fountain.shut()
        let keys = await withTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { await key } }
            await fountain.someoneWaits()
            await fountain.open()
            return await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(keys == ["1"])
        #expect(await fountain.fetches == 1)
    }

    /// In the first window one fetches and the others go on; in the second all wait for the new ones.
    @Test(arguments: [(3600 - 900, "1"), (3600 - 601, "1"), (3600 - 600, "2"), (3600, "2")] as [(Int64, String)])
    func othersWhileOneFetches(_ seconds: Int64, _ expected: String) async throws {
        #expect(await key == "1")
        try await wait(seconds)
        await fountain.shut()
        async let first = key
        await fountain.someoneWaits()
        async let others = withTaskGroup(of: String.self) { group in
            for _ in 0..<99 { group.addTask { await key } }
            return await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        if expected == "1" { #expect(await others == ["1"], "they do not wait") }
        await fountain.open()
        #expect(await others == [expected])
        #expect(await first == "2")
        #expect(await fountain.fetches == 2)
    }

    /// A failure is the answer only once the old ones have ended, and is forgotten at the next use.
    @Test func aFailedFetchIsTriedAgain() async throws {
        #expect(await key == "1")
        await fountain.fail(CredentialsError("STS is away"))
        try await wait(3600 - 900)
        #expect(await key == "1")
        #expect(await key == "1")
        #expect(await fountain.fetches == 3, "each use tries")
        try await wait(300)
        #expect(await key == "1", "they have 10 minutes yet")
        try await wait(600)
        let end = Moment.published + .seconds(3600)
        #expect(await key == "the credentials ended at \(end), and there are no new ones: STS is away")
        await fountain.fail(nil)
        #expect(await key == "6")
        await fountain.fail(CredentialsError("STS is away"))
        #expect(await key == "6")
    }

    @Test func theFirstFetchFails() async throws {
        await fountain.fail(CredentialsError("STS is away"))
        #expect(await key == "STS is away")
        #expect(await key == "STS is away")
        await fountain.fail(nil)
        #expect(await key == "3")
    }

    /// Those who waited for a fetch that failed are told so, without each trying in turn.
    @Test func aFailureIsSharedByAllWhoWaited() async throws {
        await fountain.shut()
        await fountain.fail(CredentialsError("STS is away"))
        async let first = key
        await fountain.someoneWaits()
        async let second = key
        async let third = key
        // Nobody can tell that the two wait but by giving them the time to: they fetch for themselves if they come late.
        for _ in 0..<1000 { await Task.yield() }
        await fountain.open()
        #expect(await [first, second, third] == ["STS is away", "STS is away", "STS is away"])
        #expect(await fountain.fetches <= 3)
    }

    @Test func newOnesThatHaveEndedAreNone() async throws {
        await fountain.set(life: 0)
        #expect(await key == "the new credentials have ended already, at \(clock.now): is the clock right?")
        await fountain.set(life: 60)
        #expect(await key == "2")
    }

    /// Who is told to stop in the middle of a fetch takes nobody with them.
    @Test func aCancelledFetchFailsNobodyElse() async throws {
        await fountain.shut()
        let keys = await withTaskGroup(of: String.self) { group in
            group.addTask {
                await withTaskGroup(of: String.self) { inner in
                    inner.addTask { await key }
                    await fountain.someoneWaits()
                    inner.cancelAll()
                    return await inner.reduce("") { $0 + $1 }
                }
            }
            await fountain.someoneWaits()
            for _ in 0..<10 { group.addTask { await key } }
            for _ in 0..<1000 { await Task.yield() }
            await fountain.open()
            return await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(keys == ["cancelled", "2"])
        #expect(await fountain.fetches == 2)
    }

    /// AWS's word on what has expired counts for more than their end; of many who hear it, one fetches.
    @Test func awsCallsThemExpired() async throws {
        let old = try await source.credentials()
        let found = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<100 { group.addTask { try await source.credentials(after: old)?.accessKeyID } }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(found == ["2"])
        #expect(await fountain.fetches == 2)
    }

    /// The same ones again are no others.
    @Test func nothingElseToBeHad() async throws {
        let same = Credentials(accessKeyID: "A", secret: "s")
        let clock = clock
        let source = RenewedCredentials(now: { clock.now }) { () async throws(CredentialsError) in same }
        #expect(try await source.credentials() == same)
        #expect(try await source.credentials(after: same) == nil)
        #expect(try await FixedCredentials().credentials(after: FixedCredentials().credentials()) == nil)
    }
}
