/// Derived keys: four of a signature's five HMACs are the same for a day, region and service.
///
/// `@unchecked Sendable`: what changes is touched under the lock alone.
final class SigningKeyCache: @unchecked Sendable {
    static let shared = SigningKeyCache()

    private struct Scope: Hashable {
        var day, region, service, secret: String
    }

    private let lock = Lock()
    private var keys: [Scope: HMACKey] = [:]
    /// Most calls go where the one before went.
    private var last: (scope: Scope, key: HMACKey)?

    func key(secret: String, day: String, region: String, service: String) -> HMACKey {
        let scope = Scope(day: day, region: region, service: service, secret: secret)
        return lock.locked {
            if let last, last.scope == scope { return last.key }
            let key = keys[scope] ?? derived(scope)
            last = (scope, key)
            return key
        }
    }

    private func derived(_ scope: Scope) -> HMACKey {
        let key = HMACKey(
            SignatureV4.signingKey(
                secret: scope.secret, day: scope.day, region: scope.region, service: scope.service))
        // A day's keys are worthless the day after.
        if keys.count > 100 { keys = [:] }
        keys[scope] = key
        return key
    }
}
