import AWS
import ArgumentParser
import BackupCore
import BackupDaemon

struct ListCommand: AnsweredByDaemon {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the recovery points in every region, with what keeps each.",
        discussion: """
            With --region no other region is asked for points: if one is lost, the points in the other are shown at once, \
            from their tags and names alone, on any machine with this config. Roles of accounts: are taken on in the \
            region that AWS_REGION names; let it be one that lives.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Flag(help: "Only points whose policy the config does not name, and nobody adopts; they are never deleted.")
    var orphans = false
    @Option(help: "Only the points in this region.") var region: String?
    @Option(help: "table or json.") var output = OutputFormat.table

    func answer(_ session: Session) async throws -> ExitStatus {
        let inventory = await session.inventory(in: try region.map(session.region))
        let isComplete = session.report(gapsIn: inventory)
        let planner = Planner(
            configuration: session.configuration, inventory: inventory,
            memory: await session.memory(seeing: inventory, now: session.time.now), now: session.time.now)
        let plan = planner.plan()
        let kept = plan.kept
        // By its name alone a copy is known where its home can be looked at; here nobody looks there.
        let nameless = region == nil ? [] : planner.inventory.knownByName
        let strays = plan.orphans.filter { stray in !nameless.contains { $0.id == stray.id } }
        let points = (orphans ? strays : planner.inventory.points + nameless).sorted {
            ($0.policy, $0.resource, $0.slot, $0.site) < ($1.policy, $1.resource, $1.slot, $1.site)
        }
        let names = inventory.names(of: points)
        let rows = points.map {
            PointRow(point: $0, name: names[$0.resource], kept: kept[$0.id] ?? [])
        }
        switch output {
        case .json: try JSON.list(rows.map(\.json)).write()
        case .table:
            show(rows)
            if !strays.isEmpty { Terminal.say("\n\(strays.summary(now: session.time.now))") }
        }
        return isComplete ? .done : .partlyDone
    }
}

extension Inventory {
    /// What the resources of points are called; of those that are not shown any more, by what their points tell.
    func names(of points: [RecoveryPoint]) -> [ResourceID: String] {
        let shown = listings.values.flatMap(\.resources).compactMap { resource in
            resource.name.map { (resource.id, $0) }
        }
        return Restores.names(of: points).merging(shown) { _, new in new }
    }
}

extension [RecoveryPoint] {
    /// `3 points (24 GiB) of policies that …, the oldest 40d 2h old`.
    fileprivate func summary(now: Moment) -> String {
        let gibibytes = flatMap(\.members).map(\.gibibytes).reduce(0, +)
        let names = Set(map(\.policy)).sorted().map(\.rawValue).joined(separator: ", ")
        let nameless =
            contains { $0.lacksTags && $0.place.provider.isLightsail }
            ? ", or copies of which only the name is left" : ""
        let age = map(\.taken).min().map { (now - $0).short } ?? "-"
        return
            "\(count) points (\(gibibytes) GiB of volumes) are of policies that the config does not name\(nameless): "
            + "\(names); the oldest is \(age) old. They are never deleted: give them to a policy with adopts:, or delete "
            + "them by hand"
    }
}

private func show(_ rows: [PointRow]) {
    var table = Table(["POLICY", "RESOURCE", "NAME", "SLOT", "REGION", "STATE", "GIB", "KEPT BY"])
    for row in rows {
        let point = row.point
        table.add([
            point.policy.rawValue, point.resource.rawValue, row.name ?? "-", point.slot.description,
            point.site.description,
            point.state.rawValue, String(point.members.map(\.gibibytes).reduce(0, +)), row.keptBy,
        ])
    }
    Terminal.say(table.isEmpty ? "no recovery points" : table.text)
}

/// A point as `list` shows it.
private struct PointRow {
    var point: RecoveryPoint
    /// What the resource is called, or was.
    var name: String?
    var kept: [KeepReason]

    var keptBy: String { reasons.isEmpty ? "-" : reasons.joined(separator: ", ") }

    /// A hold comes first, with its text, and is shown of points too that are not usable and kept by no rule.
    private var reasons: [String] {
        let hold = point.hold.map { $0.isEmpty ? "hold" : "hold (\($0))" }
        if point.isAutomatic { return ["Lightsail, which keeps seven"] }
        return [hold].compactMap { $0 } + kept.filter { $0 != .held }.map(\.description)
    }

    var json: JSON {
        .object([
            "policy": .text(point.policy), "resource": .text(point.resource), "name": .optional(name),
            "slot": .text(point.slot),
            "taken": .text(point.taken), "region": .text(point.site.region), "account": .account(point.site.account),
            "state": .text(point.state.rawValue),
            "source": .optional(point.isCopy ? "\(point.home)/\(point.set)" : nil),
            "members": .list(point.members.map(member)), "kept-by": .list(reasons.map { .text($0) }),
            "set": .text(point.set), "hold": .optional(point.hold),
        ])
    }

    private func member(_ member: Member) -> JSON {
        .object([
            "snapshot": .text(member.snapshot), "volume": .optional(member.volume?.rawValue),
            "source": .optional(member.source?.rawValue),
            "state": .text(member.state.word), "lock": .optional(member.lock?.state),
            "locked-until": .text(member.lock?.until), "image": .optional(member.image?.rawValue),
        ])
    }
}
