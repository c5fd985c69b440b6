import AWS
import BackupCore

/// What a person or a program reads of a restore.
struct RestoreText {
    let point: RecoveryPoint
    let work: any RestoreWork
    let isUndo: Bool

    /// Every call that would be made, with what is chosen and what is lost.
    func show(_ outlook: RestoreOutlook, _ output: OutputFormat) throws {
        guard output == .table else { return try json(outlook).write() }
        Terminal.say(
            "\(isUndo ? "undo of the restore of" : "restore of") \(point.title) in \(point.site), taken \(point.taken)")
        for remark in work.remarks { Terminal.say("  - \(remark)") }
        for there in outlook.there { Terminal.say("  there already: \(there)") }
        if let waitsFor = outlook.waitsFor { Terminal.say("  waits for \(waitsFor)") }
        if outlook.isDone { Terminal.say("nothing is left to do") }
        for (index, step) in outlook.steps.enumerated() {
            Terminal.say("\n\(index + 1). \(step.purpose): \(step.operation.service.rawValue):\(step.operation.name)")
            for (name, value) in step.request.parameters { Terminal.say("     \(name): \(value)") }
        }
    }

    /// What is there in the end.
    func conclude(_ outlook: RestoreOutlook, _ output: OutputFormat, madeNothing: Bool) throws -> ExitStatus {
        if output == .json {
            try json(outlook).write()
            return .done
        }
        if isUndo {
            Terminal.say(madeNothing ? "nothing of a restore of \(point.title) is there" : "all of it is removed")
            for remark in work.remarks { Terminal.say("  - \(remark)") }
            return .done
        }
        let what = outlook.there.joined(separator: ", ")
        Terminal.say(madeNothing ? "nothing is left to do: \(what)" : "restored: \(what)")
        for remark in work.remarks where !madeNothing { Terminal.say("  - \(remark)") }
        return .done
    }

    private func json(_ outlook: RestoreOutlook) -> JSON {
        .object([
            "point": .text(point.title), "set": .text(point.set), "region": .text(point.site.region),
            "account": .account(point.site.account), "taken": .text(point.taken),
            "remarks": .list(work.remarks.map { .text($0) }), "there": .list(outlook.there.map { .text($0) }),
            "waits-for": .optional(outlook.waitsFor), "calls": .list(outlook.steps.map(call)),
        ])
    }

    private func call(_ step: RestoreStep) -> JSON {
        let parameters = step.request.parameters.map { ($0.name, JSON.text($0.value)) }
        return .object([
            "operation": .text("\(step.operation.service.rawValue):\(step.operation.name)"),
            "purpose": .text(step.purpose),
            "parameters": .object(Dictionary(parameters, uniquingKeysWith: { first, _ in first })),
        ])
    }
}

/// What is seen while a restore goes on: a line for each call, and on a terminal one that tells how long is waited.
final class RestoreProgress: Sendable {
    private let clock: any WallClock
    private let isQuiet: Bool
    private let said = Guarded<String?>(nil)

    init(clock: any WallClock, isQuiet: Bool) {
        self.clock = clock
        self.isQuiet = isQuiet
    }

    func tell(_ news: RestoreRunner.News) {
        switch news {
        case .doing(let step): line("\(step.purpose) (\(step.operation.name))")
        case .waiting(let what, let since):
            if Terminal.isInteractive, !isQuiet {
                Terminal.overwrite("waiting for \(what): \((clock.now - since).short)")
            } else {
                line("waiting for \(what)")
            }
        case .trouble(let error): line("AWS: \(error.code): \(error.message); trying on")
        }
    }

    func end() { if Terminal.isInteractive, !isQuiet { Terminal.overwrite("") } }

    /// Each once, however often it comes in a row.
    private func line(_ text: String) {
        let isNew = said.withLock { last in
            defer { last = text }
            return last != text
        }
        guard isNew, !isQuiet else { return }
        end()
        Terminal.say(text)
    }
}
