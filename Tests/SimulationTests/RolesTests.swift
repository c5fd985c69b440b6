import AWS
import BackupCore
import Simulation
import Testing

/// Roles as STS gives them, and refuses them.
@Suite struct RolesTests {
    private static let arn = "arn:aws:iam::111122223333:role/team/backup"

    private static func world() throws -> World {
        var seed = Seed()
        seed.regions = ["us-east-1"]
        seed.roles = try JSONText.read(
            [RoleSeed].self,
            from: Array(
                """
                [{"arn": "\(arn)"}, {"arn": "\(arn)-x", "external-id": "x-1", "longest-seconds": 43200},
                 {"arn": "\(arn)-web", "web-identity-token": "jwt"}]
                """.utf8))
        return try World(seed, now: start)
    }

    @Test func givesASession() throws {
        var world = try RolesTests.world()
        let reply = try world.assumeRole(
            AssumeRoleRequest(roleArn: RolesTests.arn, roleSessionName: "nightly"), in: home, now: start)
        let credentials = reply.credentials.value
        #expect(credentials.accessKeyID.hasPrefix("ASIA") && credentials.sessionToken != nil)
        #expect(credentials.expiration == at(3600))
        #expect(world.session(credentials.accessKeyID)?.credentials == credentials)
        let user = try #require(reply.assumedRoleUser)
        #expect(user.arn == "arn:aws:sts::111122223333:assumed-role/backup/nightly")
        #expect(
            try world.getCallerIdentity(in: home, by: Caller(accessKey: credentials.accessKeyID))
                == CallerIdentity(account: "111122223333", arn: user.arn, userId: user.assumedRoleId))
        #expect(try world.getCallerIdentity(in: home).arn == "arn:aws:iam::123456789012:user/sandbox")
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        var role = RolesTests.arn
        var session = "snapwarden"
        var externalID: String?
        var seconds: Int?
        /// By a session of another role.
        var isChained = false
        let refusal: String?
        var testDescription: String { name }
    }

    private static func denied(_ role: String) -> String {
        "AccessDenied: User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: sts:AssumeRole on "
            + "resource: \(role)"
    }

    private static func invalid(_ value: String, _ member: String, _ rule: String) -> String {
        "ValidationError: 1 validation error detected: Value '\(value)' at '\(member)' failed to satisfy constraint: "
            + rule
    }

    @Test(arguments: [
        Row(name: "plain", refusal: nil),
        Row(name: "no such role", role: arn + "-y", refusal: denied(arn + "-y")),
        Row(name: "the external id", role: arn + "-x", externalID: "x-1", refusal: nil),
        Row(name: "no external id", role: arn + "-x", refusal: denied(arn + "-x")),
        Row(name: "another external id", role: arn + "-x", externalID: "x-2", refusal: denied(arn + "-x")),
        Row(name: "an external id that is not asked for", externalID: "x-2", refusal: nil),
        Row(name: "a web identity's role", role: arn + "-web", refusal: denied(arn + "-web")),
        Row(name: "the shortest", seconds: 900, refusal: nil),
        Row(
            name: "too short", seconds: 899,
            refusal: invalid("899", "durationSeconds", "Member must have value greater than or equal to 900")),
        Row(
            name: "too long for any", seconds: 43_201,
            refusal: invalid("43201", "durationSeconds", "Member must have value less than or equal to 43200")),
        Row(
            name: "too long for this one", seconds: 3601,
            refusal: "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
        Row(name: "twelve hours", role: arn + "-x", externalID: "x-1", seconds: 43_200, refusal: nil),
        Row(
            name: "an hour in a chain", role: arn + "-x", externalID: "x-1", seconds: 3600, isChained: true,
            refusal: nil),
        Row(
            name: "more in a chain", role: arn + "-x", externalID: "x-1", seconds: 3601, isChained: true,
            refusal:
                "ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed "
                + "by role chaining"),
        Row(
            name: "a short session name", session: "s",
            refusal: invalid("s", "roleSessionName", "Member must have length greater than or equal to 2")),
        Row(
            name: "a blank in it", session: "a b",
            refusal: invalid(
                "a b", "roleSessionName", "Member must satisfy regular expression pattern: [\\w+=,.@-]*")),
    ])
    func refuses(_ row: Row) throws {
        var world = try RolesTests.world()
        var caller = Caller()
        if row.isChained {
            let first = try world.assumeRole(AssumeRoleRequest(roleArn: RolesTests.arn), in: home, now: start)
            caller.accessKey = first.credentials.value.accessKeyID
        }
        let request = AssumeRoleRequest(
            roleArn: row.role, roleSessionName: row.session, externalId: row.externalID, durationSeconds: row.seconds)
        let refusal = refusal { () throws(AWSError) in
            _ = try world.assumeRole(request, in: home, by: caller, now: start)
        }
        #expect(refusal == row.refusal)
    }

    @Test(
        arguments: [
            ("-web", "jwt", nil),
            ("-web", "other", "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider"),
            ("", "jwt", "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        ] as [(String, String, String?)])
    func webIdentities(_ role: String, _ token: String, _ expected: String?) throws {
        var world = try RolesTests.world()
        let request = AssumeRoleWithWebIdentityRequest(roleArn: RolesTests.arn + role, webIdentityToken: token)
        let refusal = refusal { () throws(AWSError) in
            _ = try world.assumeRoleWithWebIdentity(request, in: home, now: start)
        }
        #expect(refusal == expected)
    }

    @Test func aSeedsRoleHasAnARN() {
        var seed = Seed()
        seed.roles = try? JSONText.read([RoleSeed].self, from: Array(#"[{"arn": "backup"}]"#.utf8))
        #expect(throws: SeedError("backup: a role's ARN is like arn:aws:iam::111122223333:role/name")) {
            try World(seed, now: start)
        }
    }

    @Test func repliesSurviveTheWire() throws {
        var world = try RolesTests.world()
        let reply = try world.assumeRole(AssumeRoleRequest(roleArn: RolesTests.arn), in: home, now: start)
        let document = try QueryReply.sts.document(STS.assumeRole, reply, requestID: "r")
        let result = try #require(try XMLDocument.read(Array(document.utf8)).node["AssumeRoleResult"])
        #expect(try WireDecoder.decode(AssumedRoleReply.self, from: result) == reply)
    }
}
