package import AWS
package import BackupCore

/// STS's rules for roles.
///
/// Source: STS API reference, "AssumeRole" and "AssumeRoleWithWebIdentity"; IAM User Guide, "Roles terms and concepts"
/// (role chaining).
extension World {
    package mutating func assumeRole(
        _ request: AssumeRoleRequest, in region: Region, by caller: Caller = Caller(), now: Moment
    ) throws(AWSError) -> AssumedRoleReply {
        let refuse = try admit(STS.assumeRole, in: region)
        try refuse.checkSession(request.roleSessionName, request.durationSeconds)
        if let id = request.externalId { try refuse.check(id, "externalId", 2...1224, also: "+=,.@:/-") }
        guard let role = roles[request.roleArn], role.webIdentityToken == nil,
            role.externalID == nil || role.externalID == request.externalId
        else {
            throw refuse(
                "AccessDenied",
                "User: \(arn(of: caller)) is not authorized to perform: sts:AssumeRole on resource: \(request.roleArn)",
                status: 403)
        }
        let seconds = request.durationSeconds ?? 3600
        guard sessions[caller.accessKey] == nil || seconds <= 3600 else {
            throw refuse.validation(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
        }
        return try begin(role, request.roleSessionName, seconds, refuse, now: now)
    }

    package mutating func assumeRoleWithWebIdentity(
        _ request: AssumeRoleWithWebIdentityRequest, in region: Region, now: Moment
    ) throws(AWSError) -> AssumedRoleReply {
        let refuse = try admit(STS.assumeRoleWithWebIdentity, in: region)
        try refuse.checkSession(request.roleSessionName, request.durationSeconds)
        guard let role = roles[request.roleArn], let token = role.webIdentityToken else {
            throw refuse(
                "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", status: 403)
        }
        guard token == request.webIdentityToken else {
            throw refuse("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider")
        }
        return try begin(role, request.roleSessionName, request.durationSeconds ?? 3600, refuse, now: now)
    }

    private mutating func begin(
        _ role: SimulatedRole, _ name: String, _ seconds: Int, _ refuse: Refusal, now: Moment
    ) throws(AWSError) -> AssumedRoleReply {
        guard seconds <= role.longest else {
            throw refuse.validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        }
        let credentials = Credentials(
            accessKeyID: "ASIA" + generator.hex(16).uppercased(), secret: generator.hex(40),
            sessionToken: "SANDBOX/" + generator.hex(40) + "+==", expiration: now + .seconds(Int64(seconds)))
        let id = String(stableHash(role.arn.description.utf8), radix: 16).uppercased()
        let user = AssumedRoleUser(
            arn: "arn:\(role.arn.partition):sts::\(role.arn.account):assumed-role/\(role.arn.name)/\(name)",
            assumedRoleId: "AROA\(id.prefix(17)):\(name)")
        sessions[credentials.accessKeyID] = SimulatedSession(
            credentials: credentials, account: role.arn.account.rawValue, user: user)
        return AssumedRoleReply(credentials: SessionCredentials(credentials), assumedRoleUser: user)
    }
}

extension Refusal {
    fileprivate func validation(_ message: String) -> AWSError { self("ValidationError", message) }

    fileprivate func checkSession(_ name: String, _ seconds: Int?) throws(AWSError) {
        try check(name, "roleSessionName", 2...64, also: "+=,.@-")
        guard let seconds, !(900...43_200).contains(seconds) else { return }
        let bound = seconds < 900 ? "greater than or equal to 900" : "less than or equal to 43200"
        throw constraint("\(seconds)", "durationSeconds", "Member must have value \(bound)")
    }

    /// Letters, digits, `_` and some more, so many of them.
    fileprivate func check(
        _ text: String, _ member: String, _ lengths: ClosedRange<Int>, also more: String
    ) throws(AWSError) {
        guard text.count >= lengths.lowerBound else {
            throw constraint(
                text, member, "Member must have length greater than or equal to \(lengths.lowerBound)")
        }
        guard text.count <= lengths.upperBound else {
            throw constraint(text, member, "Member must have length less than or equal to \(lengths.upperBound)")
        }
        let isGood = text.allSatisfy { character in
            character.isASCII
                && (character.isLetter || character.isNumber || character == "_" || more.contains(character))
        }
        guard isGood else {
            throw constraint(text, member, "Member must satisfy regular expression pattern: [\\w\(more)]*")
        }
    }

    private func constraint(_ value: String, _ member: String, _ rule: String) -> AWSError {
        validation("1 validation error detected: Value '\(value)' at '\(member)' failed to satisfy constraint: \(rule)")
    }
}
