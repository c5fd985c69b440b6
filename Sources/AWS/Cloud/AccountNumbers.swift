import BackupCore

/// The accounts' twelve digits; those of the standard account are asked for, and known for a quarter of an hour.
final class AccountNumbers: Sendable {
    let accounts: @Sendable () -> [AccountID: AccountReading]
    private let clock: any WallClock
    private let standard = Guarded<(number: String, at: Moment)?>(nil)

    /// Other credentials, of another account, may come at any time.
    private static let life = Duration.seconds(900)

    init(_ accounts: @escaping @Sendable () -> [AccountID: AccountReading], clock: any WallClock) {
        self.accounts = accounts
        self.clock = clock
    }

    /// The standard account's, where there are others besides it whose tags may name it; nil if the config names it by its
    /// digits.
    func standardNumber(in region: Region) async throws(CloudError) -> String? {
        guard accounts().count > 1 else { return nil }
        let number = try await number(of: .standard, in: region)
        return accounts()[AccountID(number)] == nil ? number : nil
    }

    func number(of account: AccountID, in region: Region) async throws(CloudError) -> String {
        guard account == .standard else { return account.rawValue }
        let now = clock.now
        let known = standard.withLock { $0 }
        if let known, (known.at...(known.at + AccountNumbers.life)).contains(now) { return known.number }
        guard let sts = accounts()[.standard]?.sts else { throw .unknown(account, in: region) }
        do throws(AWSError) {
            let found = try await sts.getCallerIdentity(in: region).account
            standard.withLock { $0 = (found, now) }
            return found
        } catch {
            // What was so a while ago will be so still; were the credentials others now, more than this call would fail.
            guard let known else { throw CloudError(error) }
            return known.number
        }
    }

    /// The twelve digits of several.
    func numbers(of accounts: Set<AccountID>, in region: Region) async throws(CloudError) -> [AccountID: String] {
        var found: [AccountID: String] = [:]
        for account in accounts { found[account] = try await number(of: account, in: region) }
        return found
    }

    /// Refuses a place of the standard account if the config names that account as well: each snapshot would be there
    /// twice, and one of the two would look like a copy of the other.
    func checkApart(_ place: Place) async throws(CloudError) {
        guard place.account == .standard, accounts().count > 1 else { return }
        let number = try await number(of: .standard, in: place.region)
        guard accounts()[AccountID(number)] != nil else { return }
        throw CloudError(
            kind: .needsPerson, operation: STS.getCallerIdentity.right, region: place.region, code: "SameAccount",
            message:
                "the standard credentials are of account \(number), which the config names under accounts: give its "
                + "name as `account` to the policies and copies that have none")
    }
}

extension CloudError {
    /// A place in an account that there are no credentials for.
    static func unknown(_ account: AccountID, in region: Region) -> CloudError {
        CloudError(
            kind: .needsPerson, operation: STS.assumeRole.right, region: region, code: "UnknownAccount",
            message: "the config names no role for account \(account)")
    }
}
