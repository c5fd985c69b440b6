import BackupCore
import FoundationEssentials
import Testing

@testable import AWS

@Suite struct CredentialsTests {
    /// A folder of its own with the two shared files, and the environment that points to them.
    private final class Home {
        let path: String

        init(credentials: String? = nil, config: String? = nil) throws {
            path = FileManager.default.temporaryDirectory.path() + "/snapwarden-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try credentials?.write(toFile: path + "/credentials", atomically: false, encoding: .utf8)
            try config?.write(toFile: path + "/config", atomically: false, encoding: .utf8)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func source(_ more: [String: String] = [:]) -> StandardCredentials {
            let files = ["AWS_SHARED_CREDENTIALS_FILE": path + "/credentials", "AWS_CONFIG_FILE": path + "/config"]
            return StandardCredentials(environment: files.merging(more) { $1 })
        }

        func write(_ text: String) throws {
            try text.write(toFile: path + "/credentials", atomically: false, encoding: .utf8)
        }
    }

    @Test func theEnvironmentComesFirst() throws {
        let home = try Home(credentials: "[default]\naws_access_key_id = F\naws_secret_access_key = f\n")
        let keys = ["AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "e"]
        #expect(try home.source(keys).credentials() == Credentials(accessKeyID: "E", secret: "e"))
        let token = keys.merging(["AWS_SESSION_TOKEN": "t"]) { $1 }
        #expect(
            try home.source(token).credentials() == Credentials(accessKeyID: "E", secret: "e", sessionToken: "t"))
        let empty = ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""]
        #expect(try home.source(empty).credentials().accessKeyID == "F")
    }

    @Test func readsProfiles() throws {
        let home = try Home(
            credentials: """
                # a comment
                [default]
                aws_access_key_id=D
                aws_secret_access_key = with=sign/and+more
                s3 =
                  max_queue_size = 1

                ; another
                [ other ]\r
                aws_access_key_id = O\r
                aws_secret_access_key = o\r
                aws_session_token = t\r
                """,
            config: "[profile third]\nregion = x\naws_access_key_id = T\naws_secret_access_key = t\n")
        #expect(try home.source().credentials() == Credentials(accessKeyID: "D", secret: "with=sign/and+more"))
        #expect(
            try home.source(["AWS_PROFILE": "other"]).credentials()
                == Credentials(accessKeyID: "O", secret: "o", sessionToken: "t"))
        #expect(try home.source(["AWS_PROFILE": "third"]).credentials().accessKeyID == "T")
    }

    @Test func seesAChangedFile() throws {
        let home = try Home(credentials: "[default]\naws_access_key_id = A\naws_secret_access_key = a\n")
        let source = home.source()
        #expect(try source.credentials().accessKeyID == "A")
        try home.write("[default]\naws_access_key_id = B\naws_secret_access_key = b\n")
        #expect(try source.credentials().accessKeyID == "B")
    }

    @Test(arguments: [
        ("[default\n", ":1: the section's \"]\" is missing"),
        ("[default]\n\nsecret-without-a-name\n", ":3: expected \"name = value\""),
        (
            "[default]\naws_access_key_id = A\n",
            ": profile \"default\" has aws_access_key_id but no aws_secret_access_key"
        ),
    ])
    func saysWhereAFileIsWrong(_ text: String, _ message: String) throws {
        let home = try Home(credentials: text)
        let error = #expect(throws: CredentialsError.self) { try home.source().credentials() }
        #expect(error?.description == home.path + "/credentials" + message)
        #expect(error?.description.contains("secret-without") == false)
    }

    @Test func saysWhereItLooked() throws {
        let home = try Home()
        let error = #expect(throws: CredentialsError.self) {
            try home.source(["AWS_PROFILE": "p"]).credentials()
        }
        #expect(
            error?.description == """
                no AWS credentials for profile "p": looked in AWS_ACCESS_KEY_ID, \(home.path)/credentials, \
                \(home.path)/config; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, \
                or write a profile into one of these files
                """)
    }

    @Test func halfAPairIsAMistake() {
        let error = #expect(throws: CredentialsError.self) {
            try StandardCredentials(environment: ["AWS_ACCESS_KEY_ID": "A"]).credentials()
        }
        #expect(
            error?.description
                == "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: set both or neither")
    }
}
