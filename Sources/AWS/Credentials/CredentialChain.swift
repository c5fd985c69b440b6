import BackupCore

/// Which source of credentials counts, by the environment and the shared files alone.
///
/// The order, the variables and the keys are botocore's (`botocore/credentials.py`, 1.43); the first that is configured
/// is the one, and is not passed over when it fails:
///
///     1  environment            AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
///     2  profile, role          role_arn with source_profile or credential_source
///     3  web identity           AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, or the profile's
///     4  credentials file       aws_access_key_id, aws_secret_access_key
///     5  process                credential_process of the profile
///     6  config file            as 4
///     7  container              AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI
///     8  instance metadata      unless AWS_EC2_METADATA_DISABLED=true
///
/// What needs a person (`mfa_serial`, `sso_…`, `login_session`) is refused where it stands in this order. The files of
/// boto 2 and of the first EC2 tools are not read.
struct CredentialChain {
    let environment: [String: String]
    let files: SharedFiles

    init(environment: [String: String]) throws(CredentialsError) {
        self.environment = environment
        files = try SharedFiles(environment: environment)
    }

    func origin() throws(CredentialsError) -> CredentialOrigin {
        try checkNamedProfile()
        if let origin = try fromEnvironment() { return origin }
        if let origin = try fromRole(of: profile, visited: [profile]) { return origin }
        if let origin = try fromProfile(profile, withEnvironment: true) { return origin }
        if let origin = try fromContainer() { return origin }
        if let origin = try fromInstance() { return origin }
        throw CredentialsError(
            "\(lookedIn); the instance metadata service is switched off (AWS_EC2_METADATA_DISABLED): set "
                + "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write a profile into one of these files")
    }

    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    private var profileVariable: String? { SharedFiles.profileVariable(environment) }

    var profile: String { profileVariable.flatMap { value($0) } ?? "default" }

    /// A profile that is asked for must be there, whatever else there is.
    private func checkNamedProfile() throws(CredentialsError) {
        guard let profileVariable, files.profile(profile) == nil else { return }
        throw CredentialsError(
            "\(profileVariable) names the profile \"\(profile)\", which is in none of "
                + "\(files.places.joined(separator: ", ")): write it there, or unset \(profileVariable)")
    }

    func fromEnvironment() throws(CredentialsError) -> CredentialOrigin? {
        guard let key = value("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secret = value("AWS_SECRET_ACCESS_KEY") else {
            throw CredentialsError("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: set both or neither")
        }
        var end: Moment?
        if let text = value("AWS_CREDENTIAL_EXPIRATION") {
            end = Moment(rfc3339: text)
            if end == nil { throw CredentialsError("AWS_CREDENTIAL_EXPIRATION is no time like 2026-11-20T02:00:00Z") }
        }
        let token = value("AWS_SECURITY_TOKEN") ?? value("AWS_SESSION_TOKEN")
        return .given(
            Credentials(accessKeyID: key, secret: secret, sessionToken: token, expiration: end),
            place: "the environment (AWS_ACCESS_KEY_ID)")
    }

    func fromContainer() throws(CredentialsError) -> CredentialOrigin? {
        try ContainerEndpoint(environment: environment).map { .container($0) }
    }

    func fromInstance() throws(CredentialsError) -> CredentialOrigin? {
        let profile = files.profile(profile) ?? [:]
        return try InstanceMetadata(environment: environment, profile: profile).map {
            .instance($0, lookedIn: lookedIn)
        }
    }

    private var lookedIn: String {
        let places = ["AWS_ACCESS_KEY_ID"] + files.places
        return "no AWS credentials for profile \"\(profile)\": looked in \(places.joined(separator: ", "))"
    }
}
