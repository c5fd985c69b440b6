/// Reads the settings that a variable of the environment gives, or else a key of the profile.
///
/// A variable that is empty counts as unset.
struct SettingsReader {
    private let environment: [String: String]
    private let profile: [String: String]
    private let profileName: String

    /// - Throws: ``WireError`` if the config file cannot be understood.
    init(environment: [String: String]) throws(WireError) {
        self.environment = environment
        profileName = SharedFiles.profileVariable(environment).flatMap { environment[$0] } ?? "default"
        do throws(CredentialsError) {
            profile = try SharedFiles.settings(of: profileName, environment: environment)
        } catch {
            throw WireError("\(error)")
        }
    }

    /// The value, and what to call the place that it stands in.
    func text(_ variable: String, _ key: String? = nil) -> (text: String, place: String)? {
        if let text = environment[variable], !text.isEmpty { return (text, variable) }
        guard let key, let text = profile[key], !text.isEmpty else { return nil }
        return (text, "\(key) of profile \"\(profileName)\"")
    }

    /// True or false, in any case; botocore takes all other words as false, which nobody means who writes `1`.
    func flag(_ variable: String, _ key: String) throws(WireError) -> Bool {
        guard let (text, place) = text(variable, key) else { return false }
        guard let flag = Bool(text.lowercased()) else {
            throw WireError("\(place): expected true or false, got \"\(text)\"")
        }
        return flag
    }

    func endpoint(_ variable: String, _ key: String? = nil) throws(WireError) -> Endpoint? {
        guard let (text, place) = text(variable, key) else { return nil }
        guard let endpoint = Endpoint(text) else {
            throw WireError("\(place): expected http://HOST[:PORT] or https://HOST[:PORT], got \"\(text)\"")
        }
        return endpoint
    }
}
