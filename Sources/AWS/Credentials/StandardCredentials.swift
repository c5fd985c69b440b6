package import BackupCore

/// The credentials that ``CredentialChain`` leads to.
///
/// Environment and files are looked at in every use, which is cheap: a changed file counts at once. What had to be
/// fetched is kept as long as they lead to the same source.
package final class StandardCredentials: CredentialSource {
    private let environment: [String: String]
    private let doors: CredentialDoors
    private let current = Guarded<Current?>(nil)

    private struct Current {
        var origin: CredentialOrigin
        var source: any CredentialSource
    }

    package convenience init(
        environment: [String: String], settings: AWSSettings, transport: any Transport, clock: any WallClock,
        commons: AWSCommons = AWSCommons()
    ) {
        self.init(
            environment: environment,
            doors: CredentialDoors(
                settings: settings, transport: transport, clock: clock, commons: commons, children: ChildProcesses()))
    }

    init(environment: [String: String], doors: CredentialDoors) {
        self.environment = environment
        self.doors = doors
    }

    package func credentials() async throws(CredentialsError) -> Credentials {
        try await source().credentials()
    }

    package func credentials(after expired: Credentials) async throws(CredentialsError) -> Credentials? {
        try await source().credentials(after: expired)
    }

    private func source() throws(CredentialsError) -> any CredentialSource {
        let origin = try CredentialChain(environment: environment).origin()
        return current.withLock { current in
            if let current, current.origin == origin { return current.source }
            let source = doors.source(origin)
            current = Current(origin: origin, source: source)
            return source
        }
    }
}

/// What sources reach the world by.
struct CredentialDoors: Sendable {
    let settings: AWSSettings
    let transport: any Transport
    let clock: any WallClock
    let commons: AWSCommons
    let children: any ChildRunner

    /// AWS's time, for it is AWS who says when credentials end.
    private var time: CorrectedClock { CorrectedClock(local: clock, skew: commons.skew) }

    func source(_ origin: CredentialOrigin) -> any CredentialSource {
        switch origin {
        case .given(let credentials, let place):
            GivenCredentials(given: credentials, place: place) { time.now }
        case .role(let request, let region, let base):
            RenewedCredentials.role(
                request, in: region, base: source(base), settings: settings, transport: transport, clock: clock,
                commons: commons)
        case .webIdentity(let identity):
            renewed { () async throws(CredentialsError) in
                try await identity.fetch(from: STSClient(client(NoCredentials())))
            }
        case .process(let process):
            renewed { () async throws(CredentialsError) in try await process.fetch(by: children) }
        case .container(let endpoint):
            renewed { () async throws(CredentialsError) in try await endpoint.fetch(transport, clock) }
        case .instance(let metadata, let lookedIn):
            renewed { () async throws(CredentialsError) in
                do throws(CredentialsError) {
                    return try await metadata.fetch(transport, now: time.now)
                } catch {
                    throw CredentialsError("\(lookedIn); \(error)", isCancellation: error.isCancellation)
                }
            }
        }
    }

    private func renewed(_ fetch: @escaping RenewedCredentials.Fetch) -> RenewedCredentials {
        RenewedCredentials(now: { time.now }, fetch: fetch)
    }

    private func client(_ source: any CredentialSource) -> AWSClient {
        AWSClient(
            settings: settings, credentials: source, transport: transport, clock: clock, commons: commons)
    }
}

/// For calls that are not signed.
private struct NoCredentials: CredentialSource {
    func credentials() async throws(CredentialsError) -> Credentials {
        throw CredentialsError("this call is not signed")
    }
}
