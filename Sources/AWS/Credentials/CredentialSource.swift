import BackupCore

/// Where credentials come from.
package protocol CredentialSource: Sendable {
    /// The credentials to sign with now.
    ///
    /// - Throws: ``CredentialsError`` saying where was looked and what to do.
    func credentials() async throws(CredentialsError) -> Credentials

    /// Others than these, which AWS calls expired; nil if there are no others to be had.
    func credentials(after expired: Credentials) async throws(CredentialsError) -> Credentials?
}

extension CredentialSource {
    /// What there is by now, if it is something else.
    package func credentials(after expired: Credentials) async throws(CredentialsError) -> Credentials? {
        let found = try await credentials()
        return found == expired ? nil : found
    }
}

/// No credentials, or unreadable ones.
package struct CredentialsError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    /// The one who fetched them was told to stop: it says nothing about the credentials.
    package var isCancellation: Bool

    package init(_ description: String, isCancellation: Bool = false) {
        self.description = description
        self.isCancellation = isCancellation
    }

    /// A call to STS that failed.
    init(_ what: String, _ error: AWSError, _ remedy: String = "") {
        self.init(
            "\(what): \(error.operation): \(error.code): \(error.message)\(remedy)",
            isCancellation: error.code == AWSError.cancelled)
    }
}

/// Credentials that were given outright.
struct GivenCredentials: CredentialSource {
    let given: Credentials
    /// `the environment (AWS_ACCESS_KEY_ID)`, `profile "web" of /path`.
    let place: String
    let now: @Sendable () -> Moment

    func credentials() async throws(CredentialsError) -> Credentials {
        if let end = given.expiration, end <= now() {
            throw CredentialsError("the credentials in \(place) have expired at \(end): put new ones there")
        }
        return given
    }
}
