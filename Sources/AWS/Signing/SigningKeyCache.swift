/// Derived signing keys of the current day, so that one signature costs one HMAC instead of five.
package final class SigningKeyCache: Sendable {
    private struct Name: Hashable {
        let secret: String
        let scope: String
    }

    private struct Keys {
        var day = ""
        var byName: [Name: [UInt8]] = [:]
    }

    private let kept = Guarded(Keys())

    package init() {}

    /// The key for that scope and secret; derived if it is not there.
    ///
    /// Keys of another day are forgotten.
    func key(for scope: SignatureV4, of credentials: Credentials) -> [UInt8] {
        let name = Name(secret: credentials.secret, scope: scope.scope)
        return kept.withLock { kept in
            if kept.day != scope.day { kept = Keys(day: scope.day) }
            if let known = kept.byName[name] { return known }
            let key = scope.signingKey(secret: credentials.secret)
            kept.byName[name] = key
            return key
        }
    }

    /// How many keys are kept.
    package var count: Int { kept.withLock { $0.byName.count } }
}
