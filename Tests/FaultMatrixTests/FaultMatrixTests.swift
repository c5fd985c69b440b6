import AWS
import BackupCore
import Testing

/// Every operation that we call, struck by everything that can go wrong, once and for an hour: in the end AWS holds what
/// it would without, nothing was made twice, and whoever must do something was told.
@Suite struct FaultMatrixTests {
    private static let ofInstances: [Operation] = [
        EC2.describeInstances, EC2.describeVolumes, EC2.describeSnapshots, EC2.describeLockedSnapshots,
        EC2.describeImages, EC2.createSnapshots, EC2.copySnapshot, EC2.createTags, EC2.deleteSnapshot, EC2.deleteTags,
        Lightsail.getInstances, Lightsail.getInstanceSnapshots, Lightsail.getInstanceSnapshot,
        Lightsail.createInstanceSnapshot, Lightsail.copySnapshot, Lightsail.tagResource,
        Lightsail.deleteInstanceSnapshot, Lightsail.untagResource,
    ]

    /// What only volumes by themselves, other accounts, disks, databases and automatic snapshots need.
    private static let ofOthers: [Operation] = [
        EC2.createSnapshot, EC2.modifySnapshotAttribute, KMS.describeKey, STS.assumeRole, STS.getCallerIdentity,
        Lightsail.getDisks, Lightsail.getDiskSnapshots, Lightsail.getDiskSnapshot, Lightsail.createDiskSnapshot,
        Lightsail.deleteDiskSnapshot, Lightsail.getDatabases, Lightsail.getDatabaseSnapshots,
        Lightsail.getDatabaseSnapshot, Lightsail.createDatabaseSnapshot, Lightsail.deleteDatabaseSnapshot,
        Lightsail.getAutoSnapshots, Lightsail.enableAddOn, Lightsail.disableAddOn,
    ]

    /// What is asked once, at the start.
    private static let atTheStart = [Lightsail.enableAddOn, Lightsail.disableAddOn]

    /// All of them; in a build that is not optimised, where each of the 864 runs takes half a second, one of each scene.
    private static func struck(_ scene: MatrixRun.Scene) -> [Operation] {
        let all = scene == .instances ? ofInstances : ofOthers
        #if DEBUG
            return all.filter { $0 == EC2.createSnapshots || $0 == EC2.modifySnapshotAttribute }
        #else
            return all
        #endif
    }

    /// What became of one cell, for the table and for whoever reads that it is wrong.
    private struct Cell: Sendable {
        var operation: Operation
        var fault: WireFault
        var word: String
        var wrong: [String]
    }

    private static let made: [MatrixRun.Scene: [String: Int]] = [
        .instances: [
            "ec2:CreateSnapshots": 2, "ec2:CopySnapshot": 4, "lightsail:CreateInstanceSnapshot": 2,
            "lightsail:CopySnapshot": 2,
        ],
        .others: [
            "ec2:CreateSnapshot": 2, "ec2:CopySnapshot": 2, "lightsail:CreateDiskSnapshot": 2,
            "lightsail:CreateRelationalDatabaseSnapshot": 2,
        ],
    ]

    @Test(arguments: [MatrixRun.Scene.instances, .others])
    func everyFaultOfEveryOperation(scene: MatrixRun.Scene) async throws {
        let calm = try MatrixRun(scene: scene, strike: nil).outcome()
        #expect(calm.made == FaultMatrixTests.made[scene])
        #expect(calm.events.allSatisfy { $0.kind.priority.rawValue >= Priority.notice.rawValue }, "\(calm.events)")
        for most in [1, Int.max] {
            let cells = try await cells(scene, striking: most, calm)
            FaultMatrixTests.show(cells, of: scene, title: most == 1 ? "struck once" : "struck for an hour")
            for cell in cells {
                #expect(cell.wrong.isEmpty, "\(cell.fault.rawValue) on \(cell.operation.title): \(cell.wrong)")
            }
        }
    }

    private func cells(
        _ scene: MatrixRun.Scene, striking most: Int, _ calm: MatrixRun.Outcome
    ) async throws -> [Cell] {
        let jobs = FaultMatrixTests.struck(scene).flatMap { operation in WireFault.allCases.map { (operation, $0) } }
        return try await withThrowingTaskGroup(of: (Int, Cell).self) { group in
            for (index, (operation, fault)) in jobs.enumerated() {
                group.addTask { (index, try FaultMatrixTests.cell(scene, operation, fault, striking: most, calm)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func cell(
        _ scene: MatrixRun.Scene, _ operation: Operation, _ fault: WireFault, striking most: Int,
        _ calm: MatrixRun.Outcome
    ) throws -> Cell {
        // Only people take holds off.
        let isPersons = operation == EC2.deleteTags || operation == Lightsail.untagResource
        let from = isPersons ? MatrixRun.person : atTheStart.contains(operation) ? 0 : MatrixRun.secondSlot
        let strike = Strike(
            operation: operation, fault: fault, from: from, until: from + (isPersons ? 1200 : 3600), most: most)
        let outcome = try MatrixRun(scene: scene, strike: strike).outcome()
        let told = outcome.events.contains { isAboutTrouble($0) } || !outcome.refusals.isEmpty
        var cell = Cell(operation: operation, fault: fault, word: told ? "told" : "healed", wrong: [])
        if outcome.events.contains(where: { $0.kind == .failingOnAndOn }) { cell.word = "called" }
        if outcome.strikes == 0 { cell.wrong.append("never struck") }
        cell.wrong += differences(calm.dump, outcome.dump)
        if outcome.made != calm.made { cell.wrong.append("made \(outcome.made)") }
        if !outcome.personSucceeded { cell.wrong.append("the person did not succeed: \(outcome.refusals)") }
        if mustTell(operation, fault, most), !told { cell.wrong.append("nobody was told") }
        return cell
    }

    /// The lines in which two dumps differ.
    private static func differences(_ calm: String, _ struck: String) -> [String] {
        let lines = { (text: String) in text.split(separator: "\n").map(String.init) }
        return lines(struck).difference(from: lines(calm)).map { change in
            switch change {
            case .insert(let line, let text, _): "+ line \(line): \(text)"
            case .remove(let line, let text, _): "- line \(line): \(text)"
            }
        }
    }

    private static func isAboutTrouble(_ event: Event) -> Bool {
        event.kind.priority.rawValue <= Priority.warning.rawValue || event.kind == .actionDeferred
            || (event.kind == .withheld && event.fields.errorCode != nil)
    }

    /// Whether somebody must hear of it: what a person must mend at once, everything else that does not pass by itself.
    ///
    /// A drip only takes its time. A write whose reply alone is lost is found by looking, or done already when it is
    /// repeated.
    private static func mustTell(_ operation: Operation, _ fault: WireFault, _ most: Int) -> Bool {
        // A key that cannot be looked at counts as one that can be shared: sharing says if it cannot. And whose account it is
        // was known before.
        if operation == KMS.describeKey || operation == STS.getCallerIdentity { return false }
        return switch fault {
        case .drip: false
        case .expired, .denied, .quota: true
        case .throttle, .internalError, .unavailable, .dropBefore: most > 1
        case .dropAfter, .truncated, .garbage, .stall: most > 1 && operation.isRead
        }
    }

    private static func show(_ cells: [Cell], of scene: MatrixRun.Scene, title: String) {
        let width = 13
        let pad = { (text: String, width: Int) in text + String(repeating: " ", count: max(1, width - text.count)) }
        print(pad(title, 44) + WireFault.allCases.map { pad($0.rawValue, width) }.joined())
        for operation in struck(scene) {
            let row = cells.filter { $0.operation == operation }.map {
                pad($0.wrong.isEmpty ? $0.word : "WRONG", width)
            }
            print(pad(operation.title, 44) + row.joined())
        }
    }
}

extension Operation {
    fileprivate var title: String { "\(service.rawValue):\(name)" }
    fileprivate var isRead: Bool { ["Describe", "Get", "AssumeRole"].contains { name.hasPrefix($0) } }
}
