import BackupConfig
import BackupCore
import BackupLedger
import Glibc

/// What can be seen on this machine, without AWS.
extension Findings {
    /// And the config, unless it is invalid.
    static func ofInstallation(_ options: GlobalOptions) async -> (findings: Findings, configuration: Configuration?) {
        var findings = Findings()
        let reading = ConfigurationFile.load(options.path)
        findings.check(reading, options.path)
        findings.checkZones(reading.configuration, ZoneCatalog())
        await findings.checkState(options.statePath)
        return (findings, reading.configuration)
    }

    private mutating func check(_ reading: ConfigurationReading, _ path: String) {
        for problem in reading.problems {
            fail("config", problem.description, remedy: "mend it; \"snapwarden check\" shows all problems of a config")
        }
        for warning in reading.warnings {
            self.warn("config", warning.description, remedy: "see the comments in config/snapwarden.yaml")
        }
        if let configuration = reading.configuration {
            ok("config", "\(path): fleet \(configuration.fleet), \(configuration.policies.counted)")
        }
    }

    /// Local times need the zones' files; without a database no zone but UTC is known.
    private mutating func checkZones(_ configuration: Configuration?, _ catalog: ZoneCatalog) {
        guard catalog.names.count > 1 else {
            return fail("zones", "/usr/share/zoneinfo holds no time zones", remedy: "apt-get install tzdata")
        }
        let names = Set((configuration?.zones ?? []).map(\.name)).sorted()
        ok(
            "zones",
            "\(catalog.names.count - 1) in /usr/share/zoneinfo; of this config: \(names.joined(separator: ", "))")
    }

    private mutating func checkState(_ directory: String) async {
        var status = stat()
        guard fstatat(AT_FDCWD, directory, &status, 0) == 0 else {
            return warn(
                "state", "\(directory) does not exist",
                remedy: "the service makes it at its first start; by hand: install -d -m 700 \(directory)")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return fail("state", "\(directory) is no directory", remedy: "move it away, or name another by --state-dir")
        }
        guard access(directory, R_OK | W_OK | X_OK) == 0 else {
            return fail(
                "state", "\(directory) cannot be written by this user",
                remedy: "run doctor as the service's user, or give the directory to it")
        }
        checkSpace(directory)
        await checkLedger(directory)
    }

    /// So little that a ledger's write-ahead log may not fit.
    private static let leastMebibytes: UInt64 = 64

    private mutating func checkSpace(_ directory: String) {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return }
        let mebibytes = (UInt64(status.f_bavail) * UInt64(status.f_frsize)) >> 20
        guard mebibytes < Findings.leastMebibytes else { return }
        fail("state", "\(directory) has \(mebibytes) MiB left", remedy: "make room: without it no backup is begun")
    }

    private mutating func checkLedger(_ directory: String) async {
        let path = directory + "/ledger.sqlite"
        let isThere = access(path, F_OK) == 0
        if isThere, Ledger.recall(fromDirectory: directory) == nil {
            return fail(
                "state", "\(path) cannot be read as a ledger",
                remedy: "the daemon sets it aside at its next start, and reads everything back from AWS")
        }
        do throws(HistoryError) {
            let instructions = InstructionFiles(directory: directory)
            _ = (try instructions.pauses(), try instructions.approvals())
            ok("state", isThere ? "\(directory) holds a ledger" : "\(directory) is empty: nothing has run here yet")
        } catch {
            fail("state", "\(error)", remedy: "mend the line, or remove the file and pause or approve again")
        }
    }
}
