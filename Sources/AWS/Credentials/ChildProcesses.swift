import CLinux
import Glibc

/// Programs, each watched by a thread of its own, so that no queue of ours waits for them.
///
/// A program gets our environment but for the service manager's socket; what it writes to standard error is thrown
/// away, for it may hold a secret.
package struct ChildProcesses: ChildRunner {
    /// Variables besides ours: `NAME=value`.
    private let environment: [String]

    package init(environment: [String] = []) { self.environment = environment }

    /// Far more than credentials are long.
    static let longestOutput = 1 << 16

    package func run(_ words: [String], seconds: Int) async -> ChildOutcome {
        await withCheckedContinuation { continuation in
            let watch = ChildWatch(words, environment, seconds: seconds, continuation: continuation)
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
    private let continuation: CheckedContinuation<ChildOutcome, Never>

    init(
        _ words: [String], _ more: [String], seconds: Int, continuation: CheckedContinuation<ChildOutcome, Never>
    ) {
        (self.words, self.more) = (words, more)
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
        let (output, trouble) = read(descriptor)
        // Its group too: whatever it has started holds the pipe.
        if trouble != nil { kill(-pid, SIGKILL) }
        var end: Int32 = 0
        while waitpid(pid, &end, 0) < 0 && errno == EINTR {}
        if let trouble { return trouble }
        if end & 0x7F != 0 { return .failed("was ended by signal \(end & 0x7F)") }
        let code = end >> 8 & 0xFF
        return code == 0 ? .printed(output) : .failed("ended with exit code \(code)")
    }

    /// Everything up to the end, unless it takes too long or is too much.
    private func read(_ descriptor: Int32) -> ([UInt8], ChildOutcome?) {
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        let deadline = ChildWatch.milliseconds + Int64(seconds) * 1000
        while true {
            let left = deadline - ChildWatch.milliseconds
            guard left > 0 else { return (output, .tookTooLong) }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, Int32(left)) > 0 else { continue }
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return (output, nil) }
            guard count > 0 else { continue }
            output += chunk[..<count]
            if output.count > ChildProcesses.longestOutput { return (output, .tooMuch) }
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
