import AWS
import ArgumentParser
import BackupCore
import Systemd

/// How events are written where there is no journal.
enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    case json
}

/// Where events go: the journal if standard error leads there, else lines on standard error.
enum Events {
    static func sink(_ format: LogFormat, clock: any WallClock) -> any EventSink {
        if Journal.isStandardError(Environment.all) { return Journal() }
        return LineLog(format: format == .json ? .json : .text, clock: clock, environment: Environment.all)
    }

    /// What shows events to whoever runs this command.
    static func lines(_ format: LogFormat, clock: any WallClock) -> EventLines {
        let output = Terminal.output
        return EventLines(
            log: LineLog(format: format == .json ? .json : .text, clock: clock, hasColour: output.hasColour),
            output: output)
    }
}

/// Events on somebody's standard error.
struct EventLines: Sendable {
    fileprivate let log: LineLog
    fileprivate let output: any TerminalOutput

    func show(_ event: Event) { output.write(log.line(event) + "\n", to: .error) }
}

/// Passes events on, and to whoever listens for a while.
final class EventTap: EventSink {
    private let sink: any EventSink
    private let listeners = Guarded<(last: Int, all: [Int: @Sendable (Event) -> Void])>((0, [:]))

    init(_ sink: any EventSink) { self.sink = sink }

    func emit(_ event: Event) {
        sink.emit(event)
        for listener in listeners.withLock({ Array($0.all.values) }) { listener(event) }
    }

    func listening<Value>(
        _ listener: @escaping @Sendable (Event) -> Void, during body: () async -> Value
    ) async -> Value {
        let number = listeners.withLock { listeners in
            listeners.last += 1
            listeners.all[listeners.last] = listener
            return listeners.last
        }
        let value = await body()
        listeners.withLock { $0.all[number] = nil }
        return value
    }
}
