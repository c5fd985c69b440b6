import BackupCore

/// A program that prints credentials (`credential_process`).
///
/// Source: AWS SDKs and Tools Reference Guide, "Process credential provider".
struct CredentialProcess: Equatable, Sendable {
    let words: [String]
    let profile: String

    /// Seconds after which it is ended; botocore would wait for ever, and a backup must not.
    static let patience = 60

    init(_ command: String, profile: String) throws(CredentialsError) {
        guard let words = ShellWords.split(command), !words.isEmpty else {
            throw CredentialsError(
                "profile \"\(profile)\": credential_process is empty or a quote in it is not closed: write a command")
        }
        self.words = words
        self.profile = profile
    }

    func fetch(by children: any ChildRunner) async throws(CredentialsError) -> Credentials {
        let name = "credential_process of profile \"\(profile)\" (\(words[0]))"
        switch await children.run(words, seconds: CredentialProcess.patience) {
        case .notStarted(let reason):
            throw CredentialsError("\(name) cannot be started: \(reason)")
        case .tookTooLong:
            throw CredentialsError("\(name) took longer than \(CredentialProcess.patience) s, and was ended")
        case .tooMuch:
            throw CredentialsError("\(name) printed more than credentials are long, and was ended")
        case .failed(let how):
            throw CredentialsError("\(name) \(how): run it by hand as this user to see why")
        case .printed(let output):
            guard let document = CredentialDocument(output) else {
                throw CredentialsError("\(name) printed no JSON of credentials (what it printed is not shown)")
            }
            guard document.version == 1 else {
                throw CredentialsError("\(name): its answer has not \"Version\": 1, the only one there is")
            }
            do throws(CredentialsError) {
                return try document.credentials(needsEnd: false)
            } catch {
                throw CredentialsError("\(name): its answer \(error)")
            }
        }
    }
}

/// Runs a program for what it prints.
package protocol ChildRunner: Sendable {
    func run(_ words: [String], seconds: Int) async -> ChildOutcome
}

/// What became of a program.
package enum ChildOutcome: Sendable, Equatable {
    case printed([UInt8])
    case notStarted(String)
    /// `ended with exit code 3`.
    case failed(String)
    case tookTooLong
    case tooMuch
}
