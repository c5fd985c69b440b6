import FoundationEssentials

@testable import AWS

/// A folder of its own with the two shared files, and the environment that points to them.
final class Home {
    let path: String

    init(credentials: String? = nil, config: String? = nil) throws {
        path = FileManager.default.temporaryDirectory.path() + "/snapwarden-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path + "/.aws", withIntermediateDirectories: true)
        if let credentials { try write(credentials, to: ".aws/credentials") }
        if let config { try write(config, to: ".aws/config") }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
    }

    func environment(_ more: [String: String] = [:]) -> [String: String] {
        ["HOME": path].merging(more.mapValues { $0.replacing("~", with: path) }) { $1 }
    }

    /// What the chain decides, or says, with this folder's name as `~`.
    func decision(_ more: [String: String] = [:]) -> String {
        do throws(CredentialsError) {
            return Home.text(try CredentialChain(environment: environment(more)).origin())
                .replacing(path, with: "~")
        } catch {
            return "error: \(error)".replacing(path, with: "~")
        }
    }

    private static func text(_ origin: CredentialOrigin) -> String {
        switch origin {
        case .given(let credentials, let place):
            "\(credentials.accessKeyID)/\(credentials.secret)/\(credentials.sessionToken ?? "-") of \(place)"
        case .role(let role, let region, let base):
            "\(role.roleArn) as \(role.roleSessionName) ext \(role.externalId ?? "-") "
                + "for \(role.durationSeconds.map(String.init) ?? "-") in \(region) by (\(text(base)))"
        case .webIdentity(let identity):
            "\(identity.role) as \(identity.sessionName) in \(identity.region) by the token in \(identity.tokenFile)"
        case .process(let process): "process \(process.words)"
        case .container(let endpoint): "container \(endpoint.url)"
        case .instance(let metadata, _):
            "instance \(metadata.base) \(metadata.attempts) × \(metadata.timeout) s"
                + (metadata.allowsVersion1 ? " v1" : "")
        }
    }
}
