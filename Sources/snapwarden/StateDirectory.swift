import ArgumentParser
import BackupCore
import BackupDaemon
import BackupLedger

/// The ledger's folder: locked by what writes, only read by what reads.
enum StateDirectory {
    /// Opens the ledger for writing.
    ///
    /// - Throws: Exit code 11 if another snapwarden holds it, 1 if it cannot be opened, after saying why.
    static func open(_ directory: String, _ events: any EventSink) throws -> Ledger {
        do {
            let ledger = try Ledger.open(directory: directory)
            if let damaged = ledger.setAside {
                events.emit(
                    Event(
                        .ledgerTrouble,
                        "the ledger was damaged; it is kept as \(damaged), and a new one is built from what AWS holds"))
            }
            return ledger
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
        var memory = Memory()
        if let ledger = Ledger.openReadOnly(directory: directory) {
            memory = (try? await ledger.recall()) ?? Memory()
        }
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
    /// What the ledger remembers, with what the next pass would note of that reading before it plans.
    func memory(seeing inventory: Inventory, now: Moment) async -> Memory {
        var memory = await StateDirectory.recall(stateDirectory)
        for change in memory.corrections(seeing: inventory, now: now) { memory.apply(change) }
        for change in memory.lessons(of: inventory, under: configuration, now: now) { memory.apply(change) }
        return memory
    }

    func runner(_ ledger: Ledger, _ events: any EventSink) -> PlanRunner {
        PlanRunner(
            cloud: cloud, history: ledger, instructions: InstructionFiles(directory: stateDirectory), events: events,
            clock: time, nonces: { Nonce.fresh() })
    }
}

/// 128 random bits as 32 hexadecimal digits.
enum Nonce {
    static func fresh() -> String {
        let digits = Array("0123456789abcdef")
        return String((0..<32).map { _ in digits[Int.random(in: 0..<16)] })
    }
}
