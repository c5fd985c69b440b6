import BackupCore
import CSystemd
import Glibc

/// Tells systemd how the service is doing (sd_notify(3)); quiet no-ops where nobody listens.
package struct Notifier: ServiceManager {
    private let isListening: Bool
    /// The time within which systemd wants to hear of us (sd_watchdog_enabled(3)); nil if it does not.
    package let watchdog: Duration?

    package init(environment: [String: String]) {
        isListening = environment["NOTIFY_SOCKET"] != nil
        var microseconds: UInt64 = 0
        let isEnabled = sd_watchdog_enabled(0, &microseconds) > 0
        watchdog = isEnabled ? .microseconds(Int64(clamping: microseconds)) : nil
    }

    package func ready() { send("READY=1") }
    package func stopping() { send("STOPPING=1") }
    package func alive() { if watchdog != nil { send("WATCHDOG=1") } }
    package func status(_ line: @autoclosure () -> String) { if isListening { send(Notifier.statusText(line())) } }

    /// With the monotonic time that `Type=notify-reload` asks for (sd_notify(3), "RELOADING=1").
    package func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
    }

    /// A newline would begin another assignment.
    static func statusText(_ line: String) -> String {
        "STATUS=" + String(line.map { $0.isNewline ? " " : $0 })
    }

    private func send(_ state: String) {
        guard isListening else { return }
        _ = sd_notify(0, state)
    }
}
