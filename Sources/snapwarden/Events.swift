import ArgumentParser
import BackupCore
import Systemd

/// How events are written where there is no journal.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// Where events go: the journal if standard error leads there, else lines on standard error.
enum Events {
    static func sink(_ format: LogFormat, clock: any WallClock) -> any EventSink {
        if Journal.isStandardError(Environment.all) { return Journal() }
        return LineLog(format: format == .json ? .json : .text, clock: clock, environment: Environment.all)
    }
}
