import CLinux
import FoundationEssentials
import Glibc

/// Where a daemon answers commands, and what goes over that socket: a question as one line of JSON, and lines back.
enum ControlSocket {
    /// Who may ask, besides root and the daemon's own user.
    static let group = "snapwarden"
    private static let runtimeDirectory = "/run/snapwarden"

    /// Where the daemon listens: in the directory that systemd made for that, else beside its ledger.
    static func path(of options: GlobalOptions) -> String {
        (Environment.all["RUNTIME_DIRECTORY"] ?? options.statePath) + "/control"
    }

    /// Where commands look for the daemon of that state directory.
    static func candidates(for options: GlobalOptions) -> [String] {
        let beside = options.statePath + "/control"
        guard options.statePath == GlobalOptions.defaultState || options.stateDir == nil else { return [beside] }
        return [(Environment.all["RUNTIME_DIRECTORY"] ?? runtimeDirectory) + "/control", beside]
    }
}

/// A command to be carried out by the daemon.
struct ControlQuestion: Codable, Sendable {
    /// The release that asks.
    var version: String
    /// The whole command line.
    var arguments: [String]
    /// The config file that the person means, as an absolute path; empty for whichever the daemon works by.
    var config: String
    var isTerminal: Bool
    var hasColour: Bool
}

/// One line of what comes back; exactly one of these is there.
struct ControlReply: Codable, Sendable {
    var out: String?
    var error: String?
    /// The exit code: nothing follows.
    var exit: Int32?
    /// This daemon works by another config: the command carries itself out.
    var otherConfig: String?
}

/// A file's whole path without links, as far as it exists.
func resolvedPath(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
}
