import BackupCore
import FoundationEssentials

/// The JSON in which credentials are handed over by processes, containers and the instance metadata service.
///
/// It is never quoted: whatever is in it may be a secret.
struct CredentialDocument: Decodable {
    /// The processes' form has one, which must be 1.
    var version: Int?
    private var accessKeyId: String?
    private var secretAccessKey: String?
    private var token: String?
    private var sessionToken: String?
    private var expiration: String?
    /// `Success`, or what the instance metadata service has to say in place of credentials.
    private(set) var code: String?

    enum CodingKeys: String, CodingKey {
        case version = "Version"
        case accessKeyId = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case token = "Token"
        case sessionToken = "SessionToken"
        case expiration = "Expiration"
        case code = "Code"
    }

    /// Nil if it is no such JSON.
    init?(_ bytes: [UInt8]) {
        guard let document = try? JSONDecoder().decode(CredentialDocument.self, from: Data(bytes)) else { return nil }
        self = document
    }

    /// What it holds, with an end and a session token if they are needed.
    ///
    /// - Throws: what is missing or wrong, to be read after "its answer".
    func credentials(needsEnd: Bool) throws(CredentialsError) -> Credentials {
        let session = token ?? sessionToken
        let needed = [("AccessKeyId", accessKeyId), ("SecretAccessKey", secretAccessKey)]
        let more = needsEnd ? [("Token", session), ("Expiration", expiration)] : []
        if let missing = (needed + more).first(where: { $0.1?.isEmpty ?? true }) {
            throw CredentialsError("has no \(missing.0)")
        }
        var end: Moment?
        if let expiration {
            end = Moment(rfc3339: expiration)
            if end == nil { throw CredentialsError("has an Expiration that is no time") }
        }
        return Credentials(
            accessKeyID: accessKeyId ?? "", secret: secretAccessKey ?? "", sessionToken: session, expiration: end)
    }
}
