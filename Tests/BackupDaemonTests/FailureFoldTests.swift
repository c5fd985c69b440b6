import BackupCore
import Testing

@testable import BackupDaemon

/// What fails again and again, or for many at once, does not fill the journal.
@Suite struct FailureFoldTests {
    private let site = Site(Region("us-east-1"))

    private func pair(_ number: Int, _ policy: String = "web") -> Pair {
        Pair(policy: PolicyName(policy), resource: ResourceID("i-\(number)"))
    }

    private func error(_ code: String, _ message: String = "no") -> CloudError {
        CloudError(
            kind: .refused, operation: "ec2:CreateSnapshots", region: site.region, code: code, message: message)
    }

    /// Two permissions are missing, one after the other: AWS has one code for both.
    @Test func whatIsMissingNextIsSaid() {
        #expect(error("A", "may not ec2:X on i-1 at 12:00").gist == error("A", "may not ec2:X on i-2 at 13:00").gist)
        #expect(error("A", "may not ec2:X").gist != error("A", "may not ec2:Y").gist)
    }

    @Test func theSameIsSaidOnce() {
        var fold = FailureFold()
        let says = { (fold: inout FailureFold, code: String) in
            defer { _ = fold.takeRest() }
            return fold.says(.actionFailed, "create", pair(1), in: site, error(code))
        }
        #expect(says(&fold, "No"))
        #expect(!says(&fold, "No"))
        #expect(says(&fold, "Never"), "another reason is news")
        #expect(says(&fold, "No"), "so is the one of before then")
        fold.succeeded("copy", pair(1), in: site)
        #expect(!says(&fold, "No"), "another action has succeeded")
        fold.succeeded("create", pair(1), in: site)
        #expect(says(&fold, "No"))
    }

    @Test func manyAtOnceAreCounted() {
        var fold = FailureFold()
        let said = (1...1000).count { fold.says(.actionFailed, "create", pair($0), in: site, error("No")) }
        let others = (1...3).count { fold.says(.actionFailed, "create", pair($0, "db"), in: site, error("No")) }
        let loud = (1...7).count { fold.counts(.failingOnAndOn, "create", pair($0), in: site, code: "No") }
        #expect(said == 5 && others == 3 && loud == 5)
        let rest = fold.takeRest()
        #expect(rest.map(\.count).sorted() == [2, 995])
        #expect(Set(rest.map(\.group.policy.rawValue)) == ["web"])
        #expect(fold.takeRest().isEmpty, "each pass for itself")
    }
}
