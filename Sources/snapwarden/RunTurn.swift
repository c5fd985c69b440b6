import ArgumentParser
import BackupDaemon
import Dispatch
import Glibc

/// Runs a command's asynchronous body on the one turn, and ends the process with its exit code.
///
/// This is the only place that starts a task: what runs on Swift's own executor wakes an idle process for good.
enum Turns {
    static func run(_ body: @escaping @Sendable (DispatchTurn) async throws -> ExitStatus) -> Never {
        let turn = DispatchTurn()
        Task(executorPreference: turn) {
            do {
                exit(try await body(turn).rawValue)
            } catch let code as ExitCode {
                exit(code.rawValue)
            } catch {
                Terminal.complain("snapwarden: \(error)")
                exit(ExitStatus.failed.rawValue)
            }
        }
        dispatchMain()
    }
}
