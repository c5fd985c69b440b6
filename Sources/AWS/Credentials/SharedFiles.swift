/// AWS's shared credentials and config files, as they are at this moment.
struct SharedFiles {
    let credentials: ProfileFile?
    let config: ProfileFile?
    /// Nil without a home directory and a variable that names one.
    let credentialsPath: String?
    let configPath: String?

    init(environment: [String: String]) throws(CredentialsError) {
        credentialsPath = SharedFiles.credentialsPath(environment)
        configPath = SharedFiles.path(environment, "AWS_CONFIG_FILE", "config")
        credentials = try SharedFiles.read(credentialsPath, .credentials)
        config = try SharedFiles.read(configPath, .config)
    }

    /// What both files say of a profile, the credentials file first; nil if neither knows it.
    func profile(_ name: String) -> [String: String]? {
        guard let more = config?[name] else { return credentials?[name] }
        return more.merging(credentials?[name] ?? [:]) { $1 }
    }

    /// The same for what is read once, at the start: a credentials file that is torn then says nothing.
    ///
    /// It may be whole a moment later, and whoever needs credentials looks at it again and says what is wrong with it.
    static func settings(
        of profile: String, environment: [String: String]
    ) throws(CredentialsError) -> [String: String] {
        let config = try read(path(environment, "AWS_CONFIG_FILE", "config"), .config)
        let credentials = try? read(credentialsPath(environment), .credentials)
        return (config?[profile] ?? [:]).merging(credentials?[profile] ?? [:]) { $1 }
    }

    /// The variable that names the profile, if one does: botocore knows two, and asks them in this order.
    static func profileVariable(_ environment: [String: String]) -> String? {
        ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"].first { !(environment[$0] ?? "").isEmpty }
    }

    /// The files, each with why it cannot be read.
    var places: [String] {
        [credentialsPath, configPath].compactMap { $0 }.map { path in
            fileFault(path).map { "\(path) (\($0))" } ?? path
        }
    }

    /// The file that is named; else the credential `aws-credentials` that systemd hands to the service; else the one at
    /// home.
    ///
    /// Source: systemd.exec(5), "Credentials".
    private static func credentialsPath(_ environment: [String: String]) -> String? {
        if environment["AWS_SHARED_CREDENTIALS_FILE"]?.isEmpty ?? true,
            let folder = environment["CREDENTIALS_DIRECTORY"],
            fileFault("\(folder)/aws-credentials") == nil
        {
            return "\(folder)/aws-credentials"
        }
        return path(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials")
    }

    private static func path(_ environment: [String: String], _ variable: String, _ name: String) -> String? {
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
        guard let given = environment[variable], !given.isEmpty else { return home.map { "\($0)/.aws/\(name)" } }
        guard given.hasPrefix("~/"), let home else { return given }
        return home + given.dropFirst()
    }

    private static func read(_ path: String?, _ kind: ProfileFile.Kind) throws(CredentialsError) -> ProfileFile? {
        guard let path, let text = fileText(path) else { return nil }
        return try ProfileFile(text, path: path, kind)
    }
}
