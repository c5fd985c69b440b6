import AWS
import BackupCore

/// The clients of every account that the config names; a changed config may change them.
final class AccountBook: Sendable {
    private let base: any CredentialSource
    private let settings: AWSSettings
    private let transport: any Transport
    private let clock: any WallClock
    private let commons: AWSCommons
    private let entries = Guarded<[AccountID: Entry]>([:])

    private struct Entry: Sendable {
        var role: AccountRole?
        var client: AWSClient
    }

    /// `base` gives the credentials of the standard chain, with which the roles are taken on.
    init(
        base: any CredentialSource, settings: AWSSettings, transport: any Transport, clock: any WallClock,
        commons: AWSCommons
    ) {
        self.base = base
        self.settings = settings
        self.transport = transport
        self.clock = clock
        self.commons = commons
    }

    /// Takes over the accounts of a config; the sessions of roles that stay the same go on.
    func use(_ configuration: Configuration) {
        var wanted: [AccountID: AccountRole?] = configuration.accounts.mapValues { $0 }
        wanted[.standard] = .some(nil)
        let before = entries.withLock { $0 }
        let after = wanted.map { id, role -> (AccountID, Entry) in
            if let entry = before[id], entry.role == role { return (id, entry) }
            return (id, Entry(role: role, client: client(of: id, role)))
        }
        entries.withLock { $0 = Dictionary(uniqueKeysWithValues: after) }
    }

    /// The client of an account; nil for one that the config does not name.
    func client(of account: AccountID) -> AWSClient? { entries.withLock { $0[account]?.client } }

    var clients: [AccountID: AccountClients] {
        entries.withLock { $0 }.mapValues { entry in
            AccountClients(
                ec2: EC2Client(entry.client), lightsail: LightsailClient(entry.client), keys: KMSClient(entry.client),
                sts: STSClient(entry.client))
        }
    }

    /// The region that the environment names, as for all STS calls; else the main one of the role's partition, which no
    /// account has to switch on.
    private func stsRegion(_ role: AccountRole) -> Region {
        if let region = settings.region, region.partition == role.arn.partition { return region }
        return Region(role.arn.partition.regions.first ?? "us-east-1")
    }

    private func client(of account: AccountID, _ role: AccountRole?) -> AWSClient {
        let credentials = role.map { role -> any CredentialSource in
            let request = AssumeRoleRequest(
                roleArn: role.arn.description, roleSessionName: role.sessionName, externalId: role.externalID,
                durationSeconds: Int(role.duration.inSeconds))
            return RenewedCredentials.role(
                request, in: stsRegion(role), base: base, settings: settings, transport: transport, clock: clock,
                commons: commons)
        }
        return AWSClient(
            settings: settings, credentials: credentials ?? base, transport: transport, clock: clock, commons: commons,
            account: account.rawValue)
    }
}
