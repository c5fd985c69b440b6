import BackupCore
import BackupLedger
import Glibc
import Testing

@Suite struct PauseFileTests {
    private let noon = Moment(seconds: 1_795_176_000)

    @Test func whatIsWrittenIsReadByAnother() throws {
        let folder = try TemporaryFolder()
        #expect(try PauseFile(directory: folder.path).current() == [:])
        let open = Pause(since: noon, until: nil)
        let ending = Pause(since: noon, until: noon + .seconds(60))
        try PauseFile(directory: folder.path).change(PolicyName("web")) { _ in open }
        try PauseFile(directory: folder.path).change(PolicyName("db")) { _ in ending }
        #expect(try PauseFile(directory: folder.path).current() == [PolicyName("web"): open, PolicyName("db"): ending])
        try PauseFile(directory: folder.path).change(PolicyName("web")) { was in
            #expect(was == open)
            return nil
        }
        #expect(try PauseFile(directory: folder.path).current() == [PolicyName("db"): ending])
    }

    @Test(arguments: [
        ("web yesterday -", 1), ("web 2026-11-20T12:00:00Z", 1),
        ("web 2026-11-20T12:00:00Z -\ndb 2026-11-20T12:00:00Z soon", 2),
    ])
    func whatCannotBeReadSaysWhereAndIsLeftAlone(text: String, line: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/pauses"
        let file = try #require(fopen(path, "we"))
        fputs(text, file)
        fclose(file)
        let pauses = PauseFile(directory: folder.path)
        let error = #expect(throws: HistoryError.self) { try pauses.current() }
        #expect(error?.description.hasPrefix("\(path):\(line): ") == true, "\(error?.description ?? "")")
        #expect(throws: HistoryError.self) { try pauses.change(PolicyName("web")) { _ in nil } }
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_size == text.utf8.count)
    }

    @Test func changesFromSeveralThreadsAllCount() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        let pause = Pause(since: noon, until: nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    try PauseFile(directory: path).change(PolicyName("policy-\(index)")) { _ in pause }
                }
            }
            try await group.waitForAll()
        }
        #expect(try PauseFile(directory: path).current().count == 40)
        withExtendedLifetime(folder) {}
    }
}
