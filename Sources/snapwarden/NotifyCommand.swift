import AWS
import ArgumentParser
import BackupConfig
import BackupCore
import BackupDaemon

struct NotifyCommand: AnsweredByDaemon {
    static let configuration = CommandConfiguration(
        commandName: "notify", abstract: "Send a test notice to whoever is told of trouble.",
        discussion: """
            Each target of notify: in the config gets a notice that says it is a test, and a ping its ping, and what came \
            of it is shown. The running service sends it, with its credentials; without one the command does.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "One target; all of them if left out.") var target: String?

    func answer(_ session: Session) async throws -> ExitStatus {
        let all = session.configuration.notify
        let targets = all.filter { $0.name == target ?? $0.name }
        guard !targets.isEmpty else {
            let names = all.map(\.name).sorted()
            let hint =
                names.isEmpty
                ? "the config has no notify:"
                : "notify: has \(names.joined(separator: ", "))"
                    + (target.map { Suggestion.text(for: $0, among: names) } ?? "")
            Terminal.complain("snapwarden: nobody to notify: \(hint)")
            return .failed
        }
        var failures = 0
        for target in targets {
            do throws(NoticeFailure) {
                if target.isPing {
                    try await session.courier.ping(target)
                } else {
                    let test = Notice(
                        fleet: session.configuration.fleet, at: session.time.now, new: [], recovered: [], standing: 0)
                    try await session.courier.deliver(test, to: target)
                }
                Terminal.say("\(target.name): notified")
            } catch {
                failures += 1
                Terminal.complain("snapwarden: \(target.name) could not be notified: \(error)")
            }
        }
        return failures == 0 ? .done : failures == targets.count ? .failed : .partlyDone
    }
}

extension Session {
    /// What carries notices.
    var courier: Courier {
        Courier(transport: transport, sns: SNSClient(client(of: .standard)), environment: Environment.all)
    }
}
