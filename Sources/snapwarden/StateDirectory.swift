import ArgumentParser
import BackupCore
import BackupDaemon
import BackupLedger

/// The ledger's folder: locked by what writes, only read by what reads.
enum StateDirectory {
    /// Opens the ledger for writing, and closes it when `body` ends.
    ///
    /// - Throws: Exit code 11 if another snapwarden holds it, 1 if there is no such directory, after saying why; and what
    ///   `body` throws.
    static func withLedger<Value>(
        of directory: String, _ events: any EventSink, _ body: (Ledger) async throws -> Value
    ) async throws -> Value {
        let ledger = try open(directory, events)
        do {
            let value = try await body(ledger)
            await ledger.close()
            return value
        } catch {
            await ledger.close()
            throw error
        }
    }

    private static func open(_ directory: String, _ events: any EventSink) throws -> Ledger {
        do {
            return try Ledger.open(directory: directory) { damaged in
                events.emit(
                    Event(
                        .ledgerSetAside,
                        "the ledger was damaged; it is kept as \(damaged), and a new one is built from what AWS holds"))
            }
        } catch let error as StateDirectoryInUse {
            Terminal.complain("snapwarden: \(error)")
            throw ExitStatus.stateInUse.code
        } catch {
            Terminal.complain("snapwarden: \(error)")
            throw ExitStatus.failed.code
        }
    }

    /// What the ledger remembers and what is paused, without touching it; nothing where there is none.
    static func recall(_ directory: String) async -> Memory {
        var memory = Ledger.recall(fromDirectory: directory) ?? Memory()
        do throws(HistoryError) {
            let instructions = InstructionFiles(directory: directory)
            memory.pauses = try instructions.pauses()
            memory.approvals = try instructions.approvals()
        } catch {
            memory.areInstructionsKnown = false
            Terminal.complain("snapwarden: \(error)")
        }
        return memory
    }
}

extension Session {
    /// What the ledger remembers; what the daemon does, if this is one.
    func recall() async -> Memory {
        if let daemon { return await daemon.runner.memory }
        return await StateDirectory.recall(stateDirectory)
    }

    /// What the ledger remembers, with what the next pass would note of that reading before it plans.
    func memory(seeing inventory: Inventory, now: Moment) async -> Memory {
        taught(await recall(), by: inventory, now: now)
    }

    /// The same of what was recalled already.
    func taught(_ recalled: Memory, by inventory: Inventory, now: Moment) -> Memory {
        var memory = recalled
        for change in memory.corrections(seeing: inventory, now: now) { memory.apply(change) }
        for change in memory.lessons(of: inventory, under: configuration, now: now) { memory.apply(change) }
        return memory
    }

    /// What plans as the daemon would, which does not copy at once what it has just taken.
    func planner(
        _ inventory: Inventory, _ memory: Memory, _ eagerness: Eagerness = .scheduled
    ) async -> Planner {
        Planner(
            configuration: configuration, inventory: inventory, memory: memory, now: time.now, eagerness: eagerness,
            postponed: await daemon?.runner.postponed ?? [:],
            unsettled: memory.unsettled(in: inventory, configuration.timing, now: time.now))
    }

    func runner(_ ledger: Ledger, _ events: any EventSink) -> PlanRunner {
        PlanRunner(
            cloud: cloud, history: ledger, instructions: InstructionFiles(directory: stateDirectory), events: events,
            clock: time, nonces: { Nonce.fresh() }, run: RunID(.random(in: .min ... .max)))
    }
}

/// 128 random bits as 32 hexadecimal digits.
enum Nonce {
    static func fresh() -> String {
        let digits = Array("0123456789abcdef")
        return String((0..<32).map { _ in digits[Int.random(in: 0..<16)] })
    }
}
