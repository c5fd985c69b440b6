import BackupCore

/// What a profile of the shared files says.
extension CredentialChain {
    /// A role to be taken on with the credentials of another source; nil if the profile names none.
    ///
    /// `visited` are the profiles that led here, this one included.
    func fromRole(of name: String, visited: [String]) throws(CredentialsError) -> CredentialOrigin? {
        guard let values = files.profile(name), takesRole(values), let role = values["role_arn"] else { return nil }
        if values["mfa_serial"] != nil {
            throw CredentialsError(
                "profile \"\(name)\" has mfa_serial: a role that asks a person for a code is not for a service; let the "
                    + "role trust this one without MFA, and remove mfa_serial")
        }
        var request = AssumeRoleRequest(
            roleArn: role, roleSessionName: values["role_session_name"] ?? AssumeRoleRequest.ownName)
        request.externalId = values["external_id"]
        if let text = values["duration_seconds"] {
            guard let seconds = Int(text) else {
                throw CredentialsError("profile \"\(name)\": duration_seconds is no whole number: write 3600, say")
            }
            request.durationSeconds = seconds
        }
        return .role(
            request, region: region(of: role), base: try base(of: name, values, visited: visited))
    }

    private func takesRole(_ values: [String: String]) -> Bool {
        values["role_arn"] != nil && values["web_identity_token_file"] == nil
    }

    private func base(
        of name: String, _ values: [String: String], visited: [String]
    ) throws(CredentialsError) -> CredentialOrigin {
        switch (values["source_profile"], values["credential_source"]) {
        case (nil, nil):
            throw CredentialsError(
                "profile \"\(name)\" has role_arn but neither source_profile nor credential_source: say with whose "
                    + "credentials the role is to be taken on")
        case (.some, .some):
            throw CredentialsError("profile \"\(name)\" has both source_profile and credential_source: remove one")
        case (let source?, nil): return try fromSource(source, of: name, visited: visited)
        case (nil, let source?): return try fromNamedSource(source, of: name)
        }
    }

    private func fromSource(
        _ source: String, of name: String, visited: [String]
    ) throws(CredentialsError) -> CredentialOrigin {
        guard let values = files.profile(source) else {
            throw CredentialsError(
                "profile \"\(name)\": its source_profile \"\(source)\" is nowhere: write it, or name another")
        }
        let hasKeys = values["aws_access_key_id"] != nil || values["aws_secret_access_key"] != nil
        // A profile may name itself: the role is taken on with the keys that stand beside it.
        guard !visited.contains(source) || (source == name && hasKeys) else {
            throw CredentialsError(
                "profile \"\(name)\": its source_profile leads back to itself: "
                    + "\((visited + [source]).joined(separator: " → ")); break the loop")
        }
        if !hasKeys, let origin = try fromRole(of: source, visited: visited + [source]) { return origin }
        guard let origin = try fromProfile(source, withEnvironment: false) else {
            throw CredentialsError("profile \"\(name)\": its source_profile \"\(source)\" has no credentials: add them")
        }
        return origin
    }

    private func fromNamedSource(_ source: String, of name: String) throws(CredentialsError) -> CredentialOrigin {
        let origin: CredentialOrigin?
        switch source {
        case "Environment": origin = try fromEnvironment()
        case "EcsContainer": origin = try fromContainer()
        case "Ec2InstanceMetadata": origin = try fromInstance()
        default:
            throw CredentialsError(
                "profile \"\(name)\": credential_source is \"\(source)\": write Environment, EcsContainer or "
                    + "Ec2InstanceMetadata")
        }
        guard let origin else {
            throw CredentialsError("profile \"\(name)\": its credential_source \(source) has no credentials here")
        }
        return origin
    }

    /// Where STS is asked: in the region that is set, the profile's, or the main one of the role's partition.
    func region(of role: String) -> Region {
        let name = role.split(separator: ":", omittingEmptySubsequences: false).dropFirst().first ?? ""
        let main = Partition.all.first { $0.name == name }?.regions.first ?? "us-east-1"
        return Region(
            value("AWS_REGION") ?? value("AWS_DEFAULT_REGION") ?? files.profile(profile)?["region"] ?? main)
    }
}

extension CredentialChain {
    /// The sources that are a profile's own, in their order; nil if it has none.
    func fromProfile(_ name: String, withEnvironment: Bool) throws(CredentialsError) -> CredentialOrigin? {
        let values = files.profile(name) ?? [:]
        if let identity = try webIdentity(values, withEnvironment: withEnvironment) { return .webIdentity(identity) }
        if values["sso_role_name"] != nil || values["sso_account_id"] != nil {
            throw needsPerson(name, "sso_…", "IAM Identity Center")
        }
        if let origin = try keys(of: name, files.credentials?[name], files.credentialsPath) { return origin }
        if values["login_session"] != nil { throw needsPerson(name, "login_session", "aws login") }
        if let command = values["credential_process"] {
            return .process(try CredentialProcess(command, profile: name))
        }
        return try keys(of: name, files.config?[name], files.configPath)
    }

    private func needsPerson(_ name: String, _ keys: String, _ what: String) -> CredentialsError {
        CredentialsError(
            "profile \"\(name)\" signs in through \(what) (\(keys)), where a person signs in again and again: give the "
                + "service a role (role_arn, an instance or container role) or an access key instead")
    }

    private func keys(
        of name: String, _ values: [String: String]?, _ path: String?
    ) throws(CredentialsError) -> CredentialOrigin? {
        guard let values, let path, let key = values["aws_access_key_id"] else { return nil }
        for needed in ["aws_access_key_id", "aws_secret_access_key"] where values[needed]?.isEmpty ?? true {
            throw CredentialsError("\(path): profile \"\(name)\" has no \(needed): write both keys or neither")
        }
        let token = values["aws_security_token"] ?? values["aws_session_token"]
        let credentials = Credentials(
            accessKeyID: key, secret: values["aws_secret_access_key"] ?? "", sessionToken: token)
        return .given(credentials, place: "profile \"\(name)\" of \(path)")
    }

    private func webIdentity(
        _ values: [String: String], withEnvironment: Bool
    ) throws(CredentialsError) -> WebIdentity? {
        func setting(_ key: String, _ variable: String) -> String? {
            (withEnvironment ? value(variable) : nil) ?? values[key]
        }
        guard let path = setting("web_identity_token_file", "AWS_WEB_IDENTITY_TOKEN_FILE"), !path.isEmpty else {
            return nil
        }
        guard let role = setting("role_arn", "AWS_ROLE_ARN"), !role.isEmpty else {
            throw CredentialsError(
                "the web identity token file \(path) is named, but no role: set AWS_ROLE_ARN, or role_arn in the profile"
            )
        }
        return WebIdentity(
            tokenFile: path, role: role,
            sessionName: setting("role_session_name", "AWS_ROLE_SESSION_NAME") ?? AssumeRoleRequest.ownName,
            region: region(of: role))
    }
}
