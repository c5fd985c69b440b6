/// Derived keys: four of a signature's five HMACs are the same for a day, region and service.
///
/// `@unchecked Sendable`: `keys` is touched under the lock alone.
final class SigningKeyCache: @unchecked Sendable {
    static let shared = SigningKeyCache()

    private struct Scope: Hashable {
        var secret, day, region, service: String
    }

    private let lock = Lock()
    private var keys: [Scope: [UInt8]] = [:]

    func key(secret: String, day: String, region: String, service: String) -> [UInt8] {
        let scope = Scope(secret: secret, day: day, region: region, service: service)
        return lock.locked {
            if let key = keys[scope] { return key }
            let key = SignatureV4.signingKey(secret: secret, day: day, region: region, service: service)
            // A day's keys are worthless the day after.
            if keys.count > 100 { keys = [:] }
            keys[scope] = key
            return key
        }
    }
}
