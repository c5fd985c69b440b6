import BackupCore
import BackupLedger
import Glibc
import Testing

@Suite struct InstructionFilesTests {
    private let noon = Moment(seconds: 1_795_176_000)

    @Test func whatIsWrittenIsReadByAnother() throws {
        let folder = try TemporaryFolder()
        #expect(try InstructionFiles(directory: folder.path).pauses() == [:])
        let open = Pause(since: noon, until: nil)
        let ending = Pause(since: noon, until: noon + .seconds(60), resumed: noon, earlier: noon - .seconds(9))
        try InstructionFiles(directory: folder.path).change(PolicyName("web")) { _ in open }
        try InstructionFiles(directory: folder.path).change(PolicyName("db")) { _ in ending }
        #expect(
            try InstructionFiles(directory: folder.path).pauses() == [
                PolicyName("web"): open, PolicyName("db"): ending,
            ])
        try InstructionFiles(directory: folder.path).change(PolicyName("web")) { was in
            #expect(was == open)
            return nil
        }
        #expect(try InstructionFiles(directory: folder.path).pauses() == [PolicyName("db"): ending])
    }

    @Test(arguments: [
        ("web yesterday - - -", 1), ("web 2026-11-20T12:00:00Z", 1), ("web - - - -", 1),
        ("web 2026-11-20T12:00:00Z - - -\ndb 2026-11-20T12:00:00Z soon - -", 2),
    ])
    func whatCannotBeReadSaysWhereAndIsLeftAlone(text: String, line: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/pauses"
        let file = try #require(fopen(path, "we"))
        fputs(text, file)
        fclose(file)
        let pauses = InstructionFiles(directory: folder.path)
        let error = #expect(throws: HistoryError.self) { try pauses.pauses() }
        #expect(error?.description.hasPrefix("\(path):\(line): ") == true, "\(error?.description ?? "")")
        #expect(throws: HistoryError.self) { try pauses.change(PolicyName("web")) { _ in nil } }
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_size == text.utf8.count)
    }

    @Test func approvalsAddUpAndRunOut() throws {
        let folder = try TemporaryFolder()
        let files = InstructionFiles(directory: folder.path)
        let points = ["a", "b", "c"].map { PointID(place: Place(.ec2, Region("us-east-1")), set: SetID($0)) }
        try files.approve([points[0]], until: noon, now: noon - .seconds(60))
        try files.approve([points[1]], until: noon + .seconds(60), now: noon - .seconds(60))
        #expect(try files.approvals() == [points[0]: noon, points[1]: noon + .seconds(60)])
        try files.approve([points[2]], until: noon + .seconds(60), now: noon)
        #expect(try files.approvals() == [points[1]: noon + .seconds(60), points[2]: noon + .seconds(60)])
    }

    @Test func theDaemonCanReadWhatRootWroteWithAnyUmask() throws {
        let folder = try TemporaryFolder()
        let old = umask(0o077)
        defer { umask(old) }
        try InstructionFiles(directory: folder.path).change(PolicyName("web")) { _ in Pause(since: noon) }
        var status = stat()
        #expect(stat(folder.path + "/pauses", &status) == 0 && status.st_mode & 0o777 == 0o644)
    }

    @Test func changesFromSeveralThreadsAllCount() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        let pause = Pause(since: noon, until: nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    try InstructionFiles(directory: path).change(PolicyName("policy-\(index)")) { _ in pause }
                }
            }
            try await group.waitForAll()
        }
        #expect(try InstructionFiles(directory: path).pauses().count == 40)
        withExtendedLifetime(folder) {}
    }
}
