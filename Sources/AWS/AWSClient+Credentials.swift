/// Who signs a call, and what happens if AWS finds that their time is over.
extension AWSClient {
    /// One attempt at a call, and one more with other credentials if AWS calls these expired and others are to be had.
    ///
    /// AWS did nothing on such an answer, so that even a call that must not happen twice is sent again. The body of a
    /// refusal comes back without secrets: AWS quotes what it was sent.
    func send(_ message: Message) async throws(AWSError) -> HTTPReply {
        guard message.isSigned else {
            return try await send(message, signedBy: nil).withoutSecrets(message.secrets)
        }
        let credentials = try await self.credentials(for: message)
        let reply = try await send(message, signedBy: credentials).withoutSecrets(message.secrets + credentials.secrets)
        guard reply.status >= 400, AWSError.expiry.contains(message.readError(reply).code),
            let fresh = try await self.credentials(for: message, after: credentials)
        else { return reply }
        return try await send(message, signedBy: fresh).withoutSecrets(message.secrets + fresh.secrets)
    }

    /// The credentials in force, or others than those expired ones; nil if there are no others.
    private func credentials(for message: Message, after expired: Credentials) async throws(AWSError) -> Credentials? {
        do throws(CredentialsError) {
            return try await source.credentials(after: expired)
        } catch {
            throw AWSError(message, code: AWSError.noCredentials, error.description, fate: .notPerformed)
        }
    }

    func credentials(for message: Message) async throws(AWSError) -> Credentials {
        do throws(CredentialsError) {
            return try await source.credentials()
        } catch {
            throw AWSError(message, code: AWSError.noCredentials, error.description, fate: .notPerformed)
        }
    }
}

extension AWSError {
    /// What AWS calls session credentials whose time is over.
    ///
    /// Source: STS and Lightsail API references, "Common errors"; EC2 API reference, "Error codes", where
    /// `RequestExpired` stands for a wrong clock as well.
    static let expiry: Set<String> = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"]
}

extension Credentials {
    /// What of them no text may show.
    var secrets: [String] { [secret, sessionToken].compactMap { $0 } }
}

extension HTTPReply {
    /// A refusal's body with every secret struck out, and whatever may be a signature: 64 hexadecimal digits in a row.
    ///
    /// "The request signature we calculated does not match" quotes the whole canonical request, session token and all.
    func withoutSecrets(_ secrets: [String]) -> HTTPReply {
        guard !(200..<300).contains(status) else { return self }
        var text = String(decoding: body, as: UTF8.self)
        // AWS's are 40 characters and more; a short one of a test would stand in every other word.
        for secret in secrets where secret.utf8.count >= 8 {
            for form in [secret, FormText.encode(secret), secret.replacing("/", with: "\\/")] {
                text = text.replacing(form, with: HTTPReply.struckOut)
            }
        }
        var reply = self
        reply.body = Array(HTTPReply.withoutSignatures(text).utf8)
        return reply
    }

    private static let struckOut = "(secret)"

    private static func withoutSignatures(_ text: String) -> String {
        var kept: [UInt8] = []
        var digits: [UInt8] = []
        for byte in Array(text.utf8) + [0] {
            if isHexadecimal(byte) {
                digits.append(byte)
                continue
            }
            kept += digits.count >= 64 ? Array(struckOut.utf8) : digits
            digits = []
            kept.append(byte)
        }
        return String(decoding: kept.dropLast(), as: UTF8.self)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
