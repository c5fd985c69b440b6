import CLinux
import Glibc

/// Programs, each watched by a thread of its own, so that no queue of ours waits for them.
///
/// A program gets our environment but for the service manager's socket; what it writes to standard error is thrown
/// away, for it may hold a secret.
package struct ChildProcesses: ChildRunner {
    /// Variables besides ours: `NAME=value`.
    private let environment: [String]
    /// Whether what they print is of use; if not it is read and thrown away, however much it is.
    private let keepsOutput: Bool

    package init(environment: [String] = [], keepsOutput: Bool = true) {
        (self.environment, self.keepsOutput) = (environment, keepsOutput)
    }

    /// Far more than credentials are long.
    static let longestOutput = 1 << 16

    /// Runs one to its end, whoever holds its output then; one that takes longer, or is not wanted any more, is killed with all
    /// that it started.
    package func run(_ words: [String], seconds: Int) async -> ChildOutcome {
        let cancelled = Flag()
        return await withTaskCancellationHandler {
            await watched(words, seconds: seconds, cancelled)
        } onCancel: {
            cancelled.set()
        }
    }

    private func watched(_ words: [String], seconds: Int, _ cancelled: Flag) async -> ChildOutcome {
        await withCheckedContinuation { continuation in
            let watch = ChildWatch(
                words, environment, seconds: seconds, keepsOutput: keepsOutput, cancelled, continuation: continuation)
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { context in
                    context.map { Unmanaged<ChildWatch>.fromOpaque($0).takeRetainedValue().run() }
                    return nil
                }, Unmanaged.passRetained(watch).toOpaque())
            if status == 0 {
                pthread_detach(thread)
            } else {
                Unmanaged.passUnretained(watch).release()
                continuation.resume(returning: .notStarted(String(cString: strerror(status))))
            }
        }
    }
}

/// One program from start to end.
private final class ChildWatch {
    private let words: [String]
    private let more: [String]
    private let seconds: Int
    private let keepsOutput: Bool
    private let cancelled: Flag
    private let continuation: CheckedContinuation<ChildOutcome, Never>

    init(
        _ words: [String], _ more: [String], seconds: Int, keepsOutput: Bool, _ cancelled: Flag,
        continuation: CheckedContinuation<ChildOutcome, Never>
    ) {
        (self.words, self.more) = (words, more)
        (self.keepsOutput, self.cancelled) = (keepsOutput, cancelled)
        self.seconds = seconds
        self.continuation = continuation
    }

    func run() { continuation.resume(returning: outcome()) }

    private func outcome() -> ChildOutcome {
        var (pid, descriptor): (Int32, Int32) = (0, -1)
        let status = Strings.with(words) { arguments in
            Strings.with(ChildWatch.environment + more) { linux_spawn(arguments, $0, &pid, &descriptor) }
        }
        guard status == 0 else { return .notStarted(String(cString: strerror(status))) }
        defer { close(descriptor) }
        let process = linux_process(pid)
        defer { close(process) }
        let (output, trouble) = read(descriptor, until: process)
        // Its group too: whatever it has started holds the pipe.
        if trouble != nil { kill(-pid, SIGKILL) }
        var end: Int32 = 0
        while waitpid(pid, &end, 0) < 0 && errno == EINTR {}
        if let trouble { return trouble }
        if end & 0x7F != 0 { return .failed("was ended by signal \(end & 0x7F)") }
        let code = end >> 8 & 0xFF
        return code == 0 ? .printed(output) : .failed("ended with exit code \(code)")
    }

    /// What it prints until it ends, unless it takes too long or is too much.
    private func read(_ output: Int32, until process: Int32) -> ([UInt8], ChildOutcome?) {
        var printed: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        var waiting = [
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: process, events: Int16(POLLIN), revents: 0),
        ]
        let deadline = ChildWatch.milliseconds + Int64(seconds) * 1000
        while true {
            let left = deadline - ChildWatch.milliseconds
            guard left > 0, !cancelled.isSet else { return (printed, .tookTooLong) }
            guard poll(&waiting, 2, Int32(min(left, 200))) > 0 else { continue }
            // What it printed last comes before its end.
            guard waiting[0].revents != 0 else { return (printed, nil) }
            let count = Glibc.read(output, &chunk, chunk.count)
            if count == 0 {
                // poll(2) passes over it from now on.
                waiting[0].fd = -1
                if process < 0 { return (printed, nil) }
            }
            guard count > 0, keepsOutput else { continue }
            printed += chunk[..<count]
            if printed.count > ChildProcesses.longestOutput { return (printed, .tooMuch) }
        }
    }

    /// A clock that nobody sets.
    private static var milliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension ChildWatch {
    /// Ours, without what lets a program speak for this service.
    fileprivate static var environment: [String] {
        var kept: [String] = []
        var entry = environ
        while let text = entry.pointee {
            let variable = String(cString: text)
            let name = variable.prefix { $0 != "=" }
            if !["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"].contains(name) { kept.append(variable) }
            entry += 1
        }
        return kept
    }
}

/// Texts as C wants them: an array of pointers with NULL at its end.
private enum Strings {
    static func with<Result>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
        let pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}
