import BackupConfig
import BackupCore
import BackupLedger

/// The config that a daemon works by, and what it goes on with if that cannot be read.
struct AppliedConfig {
    let path: String
    let stateDirectory: String
    let events: any EventSink

    /// What was read, to be put aside once the state directory is this daemon's; nothing if another stands in for it.
    typealias Sources = [(file: String, text: String)]

    /// The config as it stands in its files; if that has problems, the one last applied, which deletes nothing.
    ///
    /// - Throws: `ExitCode` 10, after all problems were printed, if there is none.
    func atStart() throws -> (Configuration, Sources) {
        let reading = ConfigurationFile.load(path)
        if let configuration = reading.configuration { return (configuration, reading.sources) }
        for problem in reading.problems { Terminal.complain(problem.description) }
        guard var last = lastApplied else { throw ExitStatus.invalidConfig.code }
        last.isStandIn = true
        reject(
            reading, "the one last applied stands in for it, and nothing is deleted until it is corrected and reloaded")
        return (last, [])
    }

    /// The config as it stands in its files now; nil, with the reasons said, keeps the one in force.
    func reloaded() -> Configuration? {
        let reading = ConfigurationFile.load(path)
        guard let configuration = reading.configuration else {
            reject(reading, "the old one stays in force")
            return nil
        }
        keep(reading.sources)
        return configuration
    }

    private var lastApplied: Configuration? {
        guard let sources = try? AppliedConfigFile(directory: stateDirectory).sources(), !sources.isEmpty else {
            return nil
        }
        return ConfigurationFile.read(sources).configuration
    }

    private func reject(_ reading: ConfigurationReading, _ consequence: String) {
        let problems = reading.problems.map(\.description).joined(separator: "\n")
        events.emit(
            Event(.configRejected, "the config has \(reading.problems.count) problems; \(consequence):\n\(problems)"))
    }

    /// Puts the config aside that the daemon works by.
    func keep(_ sources: Sources) {
        guard !sources.isEmpty else { return }
        do throws(HistoryError) {
            try AppliedConfigFile(directory: stateDirectory).keep(sources)
        } catch {
            events.emit(
                Event(
                    .ledgerTrouble,
                    "the config could not be put aside for a start on which it has problems: \(error)"))
        }
    }
}
