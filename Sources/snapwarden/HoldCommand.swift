import ArgumentParser
import BackupConfig
import BackupCore
import BackupDaemon

struct HoldCommand: AnsweredByDaemon {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Keep a recovery point, whatever the rules say, until it is released.",
        discussion: """
            Writes the tag snapwarden:hold on every snapshot of the point, at home and on its copies in every region that \
            the config names; any console can do the same. A held point is never deleted: not by a rule, not as failed, \
            not as debris. A running daemon heeds it at once, as it looks before it deletes. Copies that are made later \
            are not held by it. `list` shows what is held, and why:

              snapwarden hold web-nightly/i-0a1b2c3d/2026-11-20T02:00:00Z --reason audit

            A hold is a mark of ours: who may delete snapshots can still do so. EC2's snapshot lock binds everybody, and \
            is heeded here too.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: PointTarget
    @Option(
        help: ArgumentHelp(
            "Why: the tag's value (default: the moment of the hold). 256 characters at the most; on Lightsail letters, "
                + "digits, spaces and + - = . _ : / @ only.", valueName: "text"))
    var reason: String?

    func validate() throws {
        guard let reason else { return }
        guard !reason.isEmpty, reason.unicodeScalars.count <= 256 else {
            throw ValidationError("--reason takes 1 to 256 characters, which is what a tag holds.")
        }
    }

    func answer(_ session: Session) async throws -> ExitStatus {
        await target.change(session, "held") { cloud, point, now throws(CloudError) in
            try await cloud.hold(point, reason ?? now.description)
        }
    }
}

struct ReleaseCommand: AnsweredByDaemon {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Take a hold off a recovery point: the rules decide on it again.",
        discussion: """
            Deletes the tag snapwarden:hold from every snapshot of the point, at home and on its copies, whoever wrote it. \
            If no rule keeps the point, a later pass deletes it. A point that is not held stays as it is.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: PointTarget

    func answer(_ session: Session) async throws -> ExitStatus {
        await target.change(session, "released") { cloud, point, _ throws(CloudError) in
            try await cloud.release(point)
        }
    }
}

/// The point that a command is about, and where.
struct PointTarget: ParsableArguments {
    @Argument(
        help: "POLICY/RESOURCE/SLOT as the journal writes it, or the set's id (`list --output json`).")
    var point: String
    @Option(help: "Only the point in this region, or ACCOUNT/REGION; without it, it and its copies everywhere.")
    var region: String?

    /// Makes the change in each region in which the point lies, and says how that went.
    func change(
        _ session: Session, _ word: String,
        _ body: @Sendable (any Cloud, RecoveryPoint, Moment) async throws(CloudError) -> Void
    ) async -> ExitStatus {
        let (reference, region) = (PointReference(point), region)
        let inventory = await session.inventory(pointsOnly: true).claimingLookalikes()
        let isComplete = session.report(gapsIn: inventory, of: region.map { Site($0).region })
        let everywhere = inventory.points.filter(reference.means).sorted { $0.id < $1.id }
        let points = everywhere.filter { [nil, $0.site.region.rawValue, $0.site.description].contains(region) }
        guard !points.isEmpty else {
            complain(reference, region, everywhere, among: inventory.points)
            return .failed
        }
        var failures = 0
        for point in points {
            let ids = point.members.map(\.snapshot.rawValue).joined(separator: " ")
            do throws(CloudError) {
                try await body(session.cloud, point, session.time.now)
                Terminal.say("\(point.title) is \(word) in \(point.site): \(ids)")
            } catch {
                failures += 1
                Terminal.complain("snapwarden: \(point.title) is not \(word) in \(point.site): \(error)")
            }
        }
        if failures == points.count { return .failed }
        return failures == 0 && isComplete ? .done : .partlyDone
    }
}

/// Says that there is no such point, and what comes nearest to it.
private func complain(
    _ reference: PointReference, _ region: String?, _ elsewhere: [RecoveryPoint], among known: [RecoveryPoint]
) {
    if let region, !elsewhere.isEmpty {
        let regions = Set(elsewhere.map(\.site.description)).sorted().joined(separator: ", ")
        return Terminal.complain("snapwarden: \(reference.text) is not in \(region): it is in \(regions)")
    }
    let isTitle = reference.text.contains("/")
    let near = Suggestion.nearest(
        3, to: reference.text, among: known.map { isTitle ? $0.title : $0.set.rawValue })
    let hint = near.isEmpty ? "there are none" : "the nearest are \(near.joined(separator: ", "))"
    Terminal.complain("snapwarden: no recovery point \"\(reference.text)\": \(hint)")
}
