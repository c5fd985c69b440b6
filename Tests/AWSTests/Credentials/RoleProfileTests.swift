import Testing

@testable import AWS

/// Profiles that take on a role: with whose credentials, and what is refused.
@Suite struct RoleProfileTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        var environment: [String: String] = [:]
        let profile: String
        /// Other sections of the config file.
        var more = ""
        let decision: String
        var testDescription: String { name }
    }

    private static let arn = "arn:aws:iam::1:role/r"
    private static let base = "[profile base]\naws_access_key_id=B\naws_secret_access_key=b\n"
    private static let byBase = "by (B/b/- of profile \"base\" of ~/.aws/config)"
    private static let bare = "\(arn) as snapwarden ext - for - in us-east-1"

    @Test(arguments: [
        Row(
            name: "everything",
            profile: """
                source_profile = base
                role_session_name = nightly
                external_id = x-1
                duration_seconds = 900
                """,
            more: base, decision: "\(arn) as nightly ext x-1 for 900 in us-east-1 \(byBase)"),
        Row(
            name: "a region that is set", environment: ["AWS_REGION": "eu-west-1"], profile: "source_profile = base",
            more: base, decision: "\(arn) as snapwarden ext - for - in eu-west-1 \(byBase)"),
        Row(
            name: "the profile's region", profile: "source_profile = base\nregion = eu-west-3", more: base,
            decision: "\(arn) as snapwarden ext - for - in eu-west-3 \(byBase)"),
        Row(
            name: "a role of a role", profile: "source_profile = middle",
            more: "[profile middle]\nrole_arn=arn:aws-cn:iam::2:role/m\nsource_profile=base\n" + base,
            decision: "\(bare) by (arn:aws-cn:iam::2:role/m as snapwarden ext - for - in cn-north-1 \(byBase))"),
        Row(
            name: "a source's keys come before its role", profile: "source_profile = base",
            more: base + "role_arn = other\nsource_profile = nowhere\n", decision: "\(bare) \(byBase)"),
        Row(
            name: "its own keys", profile: "source_profile = default\naws_access_key_id=D\naws_secret_access_key=d",
            decision: "\(bare) by (D/d/- of profile \"default\" of ~/.aws/config)"),
        Row(
            name: "a source's process", profile: "source_profile = base",
            more: "[profile base]\ncredential_process = tool", decision: #"\#(bare) by (process ["tool"])"#),
        Row(
            name: "a source's web identity, not the environment's",
            environment: ["AWS_WEB_IDENTITY_TOKEN_FILE": "/e", "AWS_ROLE_ARN": "E"], profile: "source_profile = base",
            more: "[profile base]\nweb_identity_token_file = /p\nrole_arn = P\nrole_session_name = s",
            decision: "\(bare) by (P as s in us-east-1 by the token in /p)"),
        Row(
            name: "the environment's keys",
            environment: [
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/c"
            ], profile: "credential_source = EcsContainer",
            decision: "\(bare) by (container http://169.254.170.2/c)"),
        Row(
            name: "the instance", profile: "credential_source = Ec2InstanceMetadata",
            decision: "\(bare) by (instance http://169.254.169.254/ 1 × 1 s)"),
        Row(
            name: "the environment without keys", profile: "credential_source = Environment",
            decision: "error: profile \"default\": its credential_source Environment has no credentials here"),
        Row(
            name: "an unknown source", profile: "credential_source = environment",
            decision:
                "error: profile \"default\": credential_source is \"environment\": write Environment, EcsContainer "
                + "or Ec2InstanceMetadata"),
        Row(
            name: "no source", profile: "",
            decision: "error: profile \"default\" has role_arn but neither source_profile nor credential_source: say "
                + "with whose credentials the role is to be taken on"),
        Row(
            name: "two sources", profile: "source_profile = base\ncredential_source = Environment", more: base,
            decision: "error: profile \"default\" has both source_profile and credential_source: remove one"),
        Row(
            name: "a source that is nowhere", profile: "source_profile = base",
            decision: "error: profile \"default\": its source_profile \"base\" is nowhere: write it, or name another"),
        Row(
            name: "a source without credentials", profile: "source_profile = base",
            more: "[profile base]\nregion = eu-west-1",
            decision: "error: profile \"default\": its source_profile \"base\" has no credentials: add them"),
        Row(
            name: "a loop of one", profile: "source_profile = default",
            decision: "error: profile \"default\": its source_profile leads back to itself: default → default; "
                + "break the loop"),
        Row(
            name: "a loop of three", profile: "source_profile = a",
            more: "[profile a]\nrole_arn=A\nsource_profile=b\n[profile b]\nrole_arn=B\nsource_profile=a\n",
            decision: "error: profile \"b\": its source_profile leads back to itself: default → a → b → a; "
                + "break the loop"),
        Row(
            name: "MFA", profile: "source_profile = base\nmfa_serial = arn:aws:iam::1:mfa/me", more: base,
            decision: "error: profile \"default\" has mfa_serial: a role that asks a person for a code is not for a "
                + "service; let the role trust this one without MFA, and remove mfa_serial"),
        Row(
            name: "a duration that is none", profile: "source_profile = base\nduration_seconds = 1h", more: base,
            decision: "error: profile \"default\": duration_seconds is no whole number: write 3600, say"),
        Row(
            name: "a web identity is no role of another", profile: "web_identity_token_file = /t",
            decision: "\(arn) as snapwarden in us-east-1 by the token in /t"),
    ])
    func decides(_ row: Row) throws {
        let home = try Home(config: "[default]\nrole_arn = \(RoleProfileTests.arn)\n\(row.profile)\n\(row.more)")
        #expect(home.decision(row.environment) == row.decision)
    }

    @Test func aWebIdentityNeedsARole() throws {
        #expect(
            try Home().decision(["AWS_WEB_IDENTITY_TOKEN_FILE": "/t"])
                == "error: the web identity token file /t is named, but no role: set AWS_ROLE_ARN, or role_arn in the "
                + "profile")
    }
}
