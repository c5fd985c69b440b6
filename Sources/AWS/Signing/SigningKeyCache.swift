/// What is the same for a day, region and service: the scope, and four of a signature's five HMACs.
final class SigningKey: Sendable {
    /// `20261120/us-east-1/ec2/aws4_request`.
    let scope: [UInt8]
    /// Stage 3 of the signature.
    let bytes: [UInt8]
    let hmac: HMACKey
    fileprivate let origin: SigningKeyCache.Origin

    fileprivate init(_ origin: SigningKeyCache.Origin) {
        self.origin = origin
        scope = Array("\(origin.day)/\(origin.region)/\(origin.service)/aws4_request".utf8)
        bytes = SignatureV4.signingKey(
            secret: origin.secret, day: origin.day, region: origin.region, service: origin.service)
        hmac = HMACKey(bytes)
    }
}

/// The keys that were derived already.
struct SigningKeyCache {
    fileprivate struct Origin: Hashable {
        var day, region, service, secret: String
    }

    private var keys: [Origin: SigningKey] = [:]
    /// Most calls go where the one before went.
    private var last: SigningKey?

    mutating func key(secret: String, day: String, region: String, service: String) -> SigningKey {
        if let last, last.origin.day == day, last.origin.region == region, last.origin.service == service,
            last.origin.secret == secret
        {
            return last
        }
        let origin = Origin(day: day, region: region, service: service, secret: secret)
        let key = keys[origin] ?? derived(origin)
        last = key
        return key
    }

    private mutating func derived(_ origin: Origin) -> SigningKey {
        let key = SigningKey(origin)
        // A day's keys are worthless the day after.
        if keys.count > 100 { keys = [:] }
        keys[origin] = key
        return key
    }
}
