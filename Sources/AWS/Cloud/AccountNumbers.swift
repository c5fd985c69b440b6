import BackupCore

/// The accounts' twelve digits; that of the standard account is asked for once.
final class AccountNumbers: Sendable {
    let accounts: @Sendable () -> [AccountID: AccountReading]
    private let standard = Guarded<String?>(nil)

    init(_ accounts: @escaping @Sendable () -> [AccountID: AccountReading]) { self.accounts = accounts }

    func number(of account: AccountID, in region: Region) async throws(CloudError) -> String {
        guard account == .standard else { return account.rawValue }
        if let known = standard.withLock({ $0 }) { return known }
        guard let sts = accounts()[.standard]?.sts else { throw .unknown(account, in: region) }
        do throws(AWSError) {
            let found = try await sts.getCallerIdentity(in: region).account
            standard.withLock { $0 = found }
            return found
        } catch {
            throw CloudError(error)
        }
    }

    /// Refuses a place of the standard account if the config names that account as well: each snapshot would be there
    /// twice, and one of the two would look like a copy of the other.
    func checkApart(_ place: Place) async throws(CloudError) {
        let known = accounts().keys
        guard place.account == .standard, known.count > 1 else { return }
        let number = try await number(of: .standard, in: place.region)
        guard known.contains(AccountID(number)) else { return }
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
