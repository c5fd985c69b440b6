import BackupCore
import Testing

@testable import AWS

/// What a `credential_process` may print, and what is said of it: never what it printed.
@Suite struct ProcessTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let outcome: ChildOutcome
        /// The key, or what is said.
        let result: String
        var testDescription: String { name }

        init(_ name: String, _ outcome: ChildOutcome, _ result: String) {
            (self.name, self.outcome, self.result) = (name, outcome, result)
        }

        init(_ name: String, printed: String, _ result: String) {
            self.init(name, .printed(Array(printed.utf8)), result)
        }
    }

    private static let before = "credential_process of profile \"p\" (tool)"
    private static let version = #""Version":1,"#

    @Test(arguments: [
        Row("keys", printed: document("P", token: "SessionToken", more: version), "P t-P -"),
        Row(
            "keys with an end",
            printed: document("P", end: "2026-11-20T08:00:00+01:00", token: "SessionToken", more: version),
            "P t-P 2026-11-20T07:00:00Z"),
        Row(
            "keys without a session", printed: #"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"s"}"#, "P - -"),
        Row(
            "no version", printed: document("secret"),
            "\(before): its answer has not \"Version\": 1, the only one there is"),
        Row(
            "another version", printed: document("secret", more: #""Version":2,"#),
            "\(before): its answer has not \"Version\": 1, the only one there is"),
        Row(
            "a version in quotes", printed: document("secret", more: #""Version":"1","#),
            "\(before) printed no JSON of credentials (what it printed is not shown)"),
        Row(
            "no JSON", printed: "secret", "\(before) printed no JSON of credentials (what it printed is not shown)"),
        Row(
            "no key", printed: #"{"Version":1,"SecretAccessKey":"secret"}"#, "\(before): its answer has no AccessKeyId"),
        Row("no secret", printed: #"{"Version":1,"AccessKeyId":"k"}"#, "\(before): its answer has no SecretAccessKey"),
        Row(
            "a failure", .failed("ended with exit code 3"),
            "\(before) ended with exit code 3: run it by hand as this user to see why"),
        Row(
            "no such program", .notStarted("No such file or directory"),
            "\(before) cannot be started: No such file or directory"),
        Row("too slow", .tookTooLong, "\(before) took longer than 60 s, and was ended"),
        Row("too much", .tooMuch, "\(before) printed more than credentials are long, and was ended"),
    ])
    func reads(_ row: Row) async throws {
        let process = try CredentialProcess("tool --flag", profile: "p")
        let child = FakeChild(outcome: row.outcome)
        do throws(CredentialsError) {
            let found = try await process.fetch(by: child)
            let end = found.expiration.map { "\($0)" } ?? "-"
            #expect("\(found.accessKeyID) \(found.sessionToken ?? "-") \(end)" == row.result)
        } catch {
            #expect(error.description == row.result)
        }
    }
}
