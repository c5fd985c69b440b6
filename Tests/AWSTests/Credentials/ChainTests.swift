import BackupCore
import Testing

@testable import AWS

/// Which source counts: the order, the variables and the keys of botocore.
@Suite struct ChainTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        var environment: [String: String] = [:]
        var credentials: String?
        var config: String?
        let decision: String
        var testDescription: String { name }
    }

    private static let keys = ["AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "e"]
    private static let file = "[default]\naws_access_key_id=F\naws_secret_access_key=f\n"
    private static let role = "[default]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=base\n"
    private static let web = ["AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "R"]
    private static let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/c"]
    private static let process = "credential_process = tool --x 'a b'\n"

    @Test(arguments: [
        Row(
            name: "the environment before all", environment: keys.merging(web) { $1 }, credentials: file,
            config: role, decision: "E/e/- of the environment (AWS_ACCESS_KEY_ID)"),
        Row(
            name: "its token", environment: keys.merging(["AWS_SESSION_TOKEN": "t"]) { $1 },
            decision: "E/e/t of the environment (AWS_ACCESS_KEY_ID)"),
        Row(
            name: "its old token first",
            environment: keys.merging(["AWS_SESSION_TOKEN": "t", "AWS_SECURITY_TOKEN": "s"]) { $1 },
            decision: "E/e/s of the environment (AWS_ACCESS_KEY_ID)"),
        Row(
            name: "empty variables are none",
            environment: ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "e", "AWS_PROFILE": ""],
            credentials: file, decision: "F/f/- of profile \"default\" of ~/.aws/credentials"),
        Row(
            name: "half a pair", environment: ["AWS_ACCESS_KEY_ID": "E"], credentials: file,
            decision: "error: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: set both or neither"),
        Row(
            name: "a wrong end", environment: keys.merging(["AWS_CREDENTIAL_EXPIRATION": "soon"]) { $1 },
            decision: "error: AWS_CREDENTIAL_EXPIRATION is no time like 2026-11-20T02:00:00Z"),
        Row(
            name: "a role before a web identity and keys", environment: web,
            credentials: file + "[base]\naws_access_key_id=B\naws_secret_access_key=b\n", config: role,
            decision: "arn:aws:iam::1:role/r as snapwarden ext - for - in us-east-1 "
                + "by (B/b/- of profile \"base\" of ~/.aws/credentials)"),
        Row(
            name: "a web identity before keys", environment: web, credentials: file,
            decision: "R as snapwarden in us-east-1 by the token in /t"),
        Row(
            name: "the credentials file before a process and the config file", credentials: file,
            config: "[default]\naws_access_key_id=C\naws_secret_access_key=c\n" + process,
            decision: "F/f/- of profile \"default\" of ~/.aws/credentials"),
        Row(
            name: "a process before the config file's keys",
            config: "[default]\naws_access_key_id=C\naws_secret_access_key=c\n" + process,
            decision: #"process ["tool", "--x", "a b"]"#),
        Row(
            name: "the config file before a container", environment: container,
            config: "[default]\naws_access_key_id=C\naws_secret_access_key=c\naws_session_token=s",
            decision: "C/c/s of profile \"default\" of ~/.aws/config"),
        Row(
            name: "a container before the instance", environment: container,
            decision: "container http://169.254.170.2/c"),
        Row(
            name: "the relative URI before the full one",
            environment: container.merging(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/"]) { $1 },
            decision: "container http://169.254.170.2/c"),
        Row(name: "the instance last", decision: "instance http://169.254.169.254/ 1 × 1 s"),
        Row(
            name: "nothing at all", environment: ["AWS_EC2_METADATA_DISABLED": "True"],
            decision: "error: no AWS credentials for profile \"default\": looked in AWS_ACCESS_KEY_ID, "
                + "~/.aws/credentials (No such file or directory), ~/.aws/config (No such file or directory); "
                + "the instance metadata service is switched off (AWS_EC2_METADATA_DISABLED): set AWS_ACCESS_KEY_ID and "
                + "AWS_SECRET_ACCESS_KEY, or write a profile into one of these files"),
        Row(
            name: "a named profile",
            environment: ["AWS_PROFILE": "p"], credentials: file + "[p]\naws_access_key_id=P\naws_secret_access_key=p",
            decision: "P/p/- of profile \"p\" of ~/.aws/credentials"),
        Row(
            name: "AWS_DEFAULT_PROFILE before AWS_PROFILE",
            environment: ["AWS_PROFILE": "default", "AWS_DEFAULT_PROFILE": "p"],
            credentials: file + "[p]\naws_access_key_id=P\naws_secret_access_key=p",
            decision: "P/p/- of profile \"p\" of ~/.aws/credentials"),
        Row(
            name: "a profile that is nowhere", environment: keys.merging(["AWS_PROFILE": "p"]) { $1 },
            credentials: file,
            decision: "error: AWS_PROFILE names the profile \"p\", which is in none of ~/.aws/credentials, "
                + "~/.aws/config (No such file or directory): write it there, or unset AWS_PROFILE"),
        Row(
            name: "half a pair in a file", credentials: "[default]\naws_access_key_id=F\n",
            decision: "error: ~/.aws/credentials: profile \"default\" has no aws_secret_access_key: "
                + "write both keys or neither"),
        Row(
            name: "an empty key in a file", credentials: "[default]\naws_access_key_id=\naws_secret_access_key=f",
            decision: "error: ~/.aws/credentials: profile \"default\" has no aws_access_key_id: "
                + "write both keys or neither"),
        Row(
            name: "files elsewhere",
            environment: ["AWS_SHARED_CREDENTIALS_FILE": "~/.aws/config", "AWS_CONFIG_FILE": "/dev/null"],
            credentials: "[default]\naws_access_key_id=G\naws_secret_access_key=g\n", config: file,
            decision: "F/f/- of profile \"default\" of ~/.aws/config"),
        Row(
            name: "SSO", config: "[default]\nsso_session=s\nsso_account_id=1\nsso_role_name=r\n",
            decision:
                "error: profile \"default\" signs in through IAM Identity Center (sso_…), where a person signs in "
                + "again and again: give the service a role (role_arn, an instance or container role) or an access key "
                + "instead"),
        Row(
            name: "SSO comes before keys", credentials: file, config: "[default]\nsso_account_id=1\n",
            decision:
                "error: profile \"default\" signs in through IAM Identity Center (sso_…), where a person signs in "
                + "again and again: give the service a role (role_arn, an instance or container role) or an access key "
                + "instead"),
        Row(
            name: "aws login", config: "[default]\nlogin_session=s\n",
            decision: "error: profile \"default\" signs in through aws login (login_session), where a person signs in "
                + "again and again: give the service a role (role_arn, an instance or container role) or an access key "
                + "instead"),
        Row(
            name: "keys come before aws login", credentials: file, config: "[default]\nlogin_session=s\n",
            decision: "F/f/- of profile \"default\" of ~/.aws/credentials"),
        Row(
            name: "a process without an end to its quote", config: "[default]\ncredential_process = tool 'x\n",
            decision: "error: profile \"default\": credential_process is empty or a quote in it is not closed: "
                + "write a command"),
    ])
    func decides(_ row: Row) throws {
        let home = try Home(credentials: row.credentials, config: row.config)
        #expect(home.decision(row.environment) == row.decision)
    }

    /// systemd's credential stands for the file at home, and a file that is named stands for both.
    @Test func systemdsCredential() throws {
        let home = try Home(credentials: ChainTests.file)
        let folder = ["CREDENTIALS_DIRECTORY": "~"]
        #expect(home.decision(folder) == "F/f/- of profile \"default\" of ~/.aws/credentials")
        try home.write("[default]\naws_access_key_id=S\naws_secret_access_key=s\n", to: "aws-credentials")
        #expect(home.decision(folder) == "S/s/- of profile \"default\" of ~/aws-credentials")
        let named = folder.merging(["AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"]) { $1 }
        #expect(home.decision(named) == "F/f/- of profile \"default\" of ~/.aws/credentials")
    }

    @Test func seesAChangedFile() async throws {
        let home = try Home(credentials: ChainTests.file)
        let source = StandardCredentials(environment: home.environment(), doors: .none)
        #expect(try await source.credentials() == Credentials(accessKeyID: "F", secret: "f"))
        try home.write("[default]\naws_access_key_id = B\naws_secret_access_key = b\n", to: ".aws/credentials")
        #expect(try await source.credentials() == Credentials(accessKeyID: "B", secret: "b"))
    }

    @Test func theEnvironmentsKeysEnd() async throws {
        let clock = FakeClock()
        var variables = ChainTests.keys
        variables["AWS_CREDENTIAL_EXPIRATION"] = "\(clock.now + Duration.seconds(1))"
        let home = try Home()
        let source = StandardCredentials(environment: home.environment(variables), doors: .clocked(clock))
        #expect(try await source.credentials().accessKeyID == "E")
        try await clock.sleep(until: clock.now + Duration.seconds(1))
        let error = await #expect(throws: CredentialsError.self) { try await source.credentials() }
        #expect(
            error?.description
                == "the credentials in the environment (AWS_ACCESS_KEY_ID) have expired at \(clock.now): put new ones there"
        )
    }
}
