package import BackupCore

/// Temporary credentials: fetched when first asked for, and others in time before these end.
///
/// One fetches at a time, however many ask. As in botocore there are two windows before the end: in the first, 15 min
/// long, the one who comes first fetches, and all others go on with the old ones; in the second, 10 min, all wait for
/// the new ones. Of credentials that live for less than half an hour the windows are the last half and the last third,
/// so that they are not fetched anew at every use.
///
/// A fetch that fails is tried again at the next use. Until the old ones end, they are used all the same (botocore
/// gives up when the second window begins); after that, the failure is the answer.
package final class RenewedCredentials: CredentialSource {
    package typealias Fetch = @Sendable () async throws(CredentialsError) -> Credentials

    private let fetch: Fetch
    private let now: @Sendable () -> Moment
    private let state = Guarded(State())

    /// With a function that gives others at each call; their end may be nil for those that have none.
    package init(now: @escaping @Sendable () -> Moment, fetch: @escaping Fetch) {
        self.now = now
        self.fetch = fetch
    }

    fileprivate struct State {
        var held: Held?
        var isFetching = false
        var waiting: [CheckedContinuation<Outcome, Never>] = []
    }

    /// Credentials, and from when on others are wanted, and needed.
    fileprivate struct Held {
        var credentials: Credentials
        var wanted: Moment
        var needed: Moment

        init(_ credentials: Credentials, at now: Moment) {
            self.credentials = credentials
            let end = credentials.expiration ?? .never
            let life = credentials.expiration.map { ($0 - now).inSeconds } ?? 0
            wanted = end - .seconds(min(15 * 60, life / 2))
            needed = end - .seconds(min(10 * 60, life / 3))
        }
    }

    /// What becomes of one who waits for another's fetch.
    fileprivate enum Outcome: Sendable {
        case ended(Result<Credentials, CredentialsError>)
        /// The other was told to stop: somebody else must fetch.
        case abandoned
    }

    private enum Step {
        case use(Credentials)
        case fetch
        case wait
    }

    package func credentials() async throws(CredentialsError) -> Credentials {
        while true {
            switch step() {
            case .use(let credentials): return credentials
            case .fetch: return try await renewed()
            case .wait: if case .ended(let result) = await outcome() { return try result.get() }
            }
        }
    }

    package func credentials(after expired: Credentials) async throws(CredentialsError) -> Credentials? {
        state.withLock { state in
            if state.held?.credentials == expired { state.held = nil }
        }
        let found = try await credentials()
        return found == expired ? nil : found
    }

    private func step() -> Step {
        let now = now()
        return state.withLock { state in
            if let held = state.held, now < held.wanted || (state.isFetching && now < held.needed) {
                return .use(held.credentials)
            }
            if state.isFetching { return .wait }
            state.isFetching = true
            return .fetch
        }
    }

    private func outcome() async -> Outcome {
        await withCheckedContinuation { continuation in
            let isTooLate = state.withLock { state in
                if state.isFetching { state.waiting.append(continuation) }
                return !state.isFetching
            }
            if isTooLate { continuation.resume(returning: .abandoned) }
        }
    }

    /// Fetches, and hands the result to all who wait.
    private func renewed() async throws(CredentialsError) -> Credentials {
        let fetched: Result<Credentials, CredentialsError>
        do throws(CredentialsError) {
            fetched = .success(try await fetch())
        } catch {
            fetched = .failure(error)
        }
        let now = now()
        let (result, waiting) = state.withLock { state in
            let result = state.taking(fetched, at: now)
            defer { state.waiting = [] }
            state.isFetching = false
            return (result, state.waiting)
        }
        let isAbandoned = if case .failure(let error) = result { error.isCancellation } else { false }
        for one in waiting { one.resume(returning: isAbandoned ? .abandoned : .ended(result)) }
        return try result.get()
    }
}

extension RenewedCredentials.State {
    /// Keeps what was fetched, or gives what there is in its place.
    fileprivate mutating func taking(
        _ fetched: Result<Credentials, CredentialsError>, at now: Moment
    ) -> Result<Credentials, CredentialsError> {
        let failure: CredentialsError
        switch fetched {
        case .success(let credentials):
            guard let end = credentials.expiration, end <= now else {
                held = RenewedCredentials.Held(credentials, at: now)
                return fetched
            }
            failure = CredentialsError("the new credentials have ended already, at \(end): is the clock right?")
        case .failure(let error): failure = error
        }
        guard let old = held?.credentials, let end = old.expiration else { return .failure(failure) }
        guard end <= now else { return .success(old) }
        return .failure(
            CredentialsError(
                "the credentials ended at \(end), and there are no new ones: \(failure)",
                isCancellation: failure.isCancellation))
    }
}
