import Glibc

/// Where credentials come from.
package protocol CredentialSource: Sendable {
    /// - Throws: ``CredentialsError`` saying where was looked and what to do.
    func credentials() throws(CredentialsError) -> Credentials
}

/// No credentials, or unreadable ones.
package struct CredentialsError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// The environment, then the shared files' profile, as botocore's chain begins.
///
/// The files are read at every use: they are small, and a changed one counts at once.
package struct StandardCredentials: CredentialSource {
    private let environment: [String: String]

    package init(environment: [String: String]) { self.environment = environment }

    package func credentials() throws(CredentialsError) -> Credentials {
        if let credentials = try fromEnvironment() { return credentials }
        for path in [credentialsPath, configPath].compactMap({ $0 }) {
            if let credentials = try fromFile(path) { return credentials }
        }
        let places = ["AWS_ACCESS_KEY_ID"] + [credentialsPath, configPath].compactMap { $0 }
        throw CredentialsError(
            "no AWS credentials for profile \"\(profile)\": looked in \(places.joined(separator: ", ")); "
                + "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write a profile into one of these files")
    }

    private var profile: String { environment["AWS_PROFILE"] ?? "default" }

    private func fromEnvironment() throws(CredentialsError) -> Credentials? {
        guard let key = environment["AWS_ACCESS_KEY_ID"], !key.isEmpty else { return nil }
        guard let secret = environment["AWS_SECRET_ACCESS_KEY"], !secret.isEmpty else {
            throw CredentialsError("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: set both or neither")
        }
        let token = environment["AWS_SESSION_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        return Credentials(accessKeyID: key, secret: secret, sessionToken: token)
    }

    private var credentialsPath: String? {
        environment["AWS_SHARED_CREDENTIALS_FILE"] ?? environment["HOME"].map { $0 + "/.aws/credentials" }
    }

    private var configPath: String? {
        environment["AWS_CONFIG_FILE"] ?? environment["HOME"].map { $0 + "/.aws/config" }
    }

    private func fromFile(_ path: String) throws(CredentialsError) -> Credentials? {
        guard let text = fileText(path) else { return nil }
        let profiles = try ProfileFile(text, path: path)
        guard let values = profiles[profile], let key = values["aws_access_key_id"] else { return nil }
        guard let secret = values["aws_secret_access_key"] else {
            throw CredentialsError("\(path): profile \"\(profile)\" has aws_access_key_id but no aws_secret_access_key")
        }
        return Credentials(accessKeyID: key, secret: secret, sessionToken: values["aws_session_token"])
    }
}

/// The whole of a text file; nil if it cannot be read.
package func fileText(_ path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = fread(&chunk, 1, chunk.count, file)
        if count == 0 { return ferror(file) == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
        bytes.append(contentsOf: chunk[..<count])
    }
}
