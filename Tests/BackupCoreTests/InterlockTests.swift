import Testing

@testable import BackupCore

/// Each rule that stands between a candidate and its deletion: a scene in which it objects, and what lifts that.
@Suite struct InterlockTests {
    static let rows =
        clock + people + reading + protections + copying + states + owing + incremental + stops + grace + debris
        + rivals + ledger

    @Test(arguments: rows) func says(_ row: PruneRow) throws {
        #expect(try row.lines() == row.says)
    }

    /// A rule that is added without rows here is found missing.
    @Test func everyRuleObjectsSomewhereAndLetsGoSomewhere() throws {
        for rule in InterlockRule.all + [.newerUsable, .rivals] {
            let rows = InterlockTests.rows.filter { $0.rule == rule.name }
            let objecting = rows.filter { row in row.says.contains { $0.hasSuffix(" [\(rule.name)]") } }
            let lettingGo = rows.filter { row in row.says.contains { $0.hasPrefix("prune ") } }
            #expect(!objecting.isEmpty && !lettingGo.isEmpty, "\(rule.name)")
        }
        #expect(Set(InterlockTests.rows.map(\.testDescription)).count == InterlockTests.rows.count)
    }

    /// The reason is told anew when it changes: it must not depend on the order in which AWS was read.
    @Test func ofTwoCopiesInFlightTheSameIsNamedInAnyOrder() throws {
        var scene = try Scene()
        scene.addPoint("2026-11-20")
        for region in ["eu-north-1", "eu-west-1"] {
            scene.addPoint("2026-11-20", in: Place(.ec2, Region(region)), states: [.pending, .pending])
        }
        let planner = Planner(
            configuration: scene.configuration, inventory: scene.inventory, memory: scene.memory, now: scene.now)
        let fleet = Planner.Fleet(index: InventoryIndex(scene.inventory, scene.configuration))
        for points in [scene.points, scene.points.reversed()] {
            let subject = Planner.Subject(policy: scene.policy, pair: scene.pair, points: points)
            let question = InterlockQuestion(planner: planner, subject: subject, fleet: fleet, point: scene.points[0])
            #expect(InterlockRule.copyInFlight.objection(question) == .copyInFlight(Site(Region("eu-north-1"))))
        }
    }

    // MARK: protected-by-aws

    private static let protections: [PruneRow] = [
        PruneRow(
            "protected-by-aws", "a member is locked",
            says: "withhold us-east-1 2026-11-19: snap-us-east-1-2026-11-19-0 is locked (governance) [protected-by-aws]"
        ) { $0.points[0].members[0].lock = SnapshotLock(state: "governance") },
        PruneRow("protected-by-aws", "the lock ends at this very second", says: PruneRow.goes) {
            $0.points[0].members[0].lock = SnapshotLock(state: "governance", until: $0.now)
        },
    ]

    // MARK: sane-clock

    private static let clock: [PruneRow] = [
        PruneRow(
            "sane-clock", "this machine's clock is a week ahead of AWS's",
            says:
                "withhold us-east-1 2026-11-19: this machine's clock is 7d 0h ahead of AWS's: no point is deleted before "
                + "they agree (timedatectl status) [sane-clock]"
        ) { $0.clockCorrections[Scene.home] = .seconds(-604_800) },
        PruneRow(
            "sane-clock", "another place's replies say that it is behind",
            says:
                "withhold us-east-1 2026-11-19: this machine's clock is 1h 0min behind AWS's: no point is deleted before "
                + "they agree (timedatectl status) [sane-clock]"
        ) { $0.clockCorrections[Scene.away] = .seconds(3600) },
        PruneRow(
            "sane-clock", "a second behind the last pass",
            says: "withhold us-east-1 2026-11-19: this machine's clock is behind the last pass (2026-11-20T12:00:01Z) "
                + "[sane-clock]"
        ) { $0.memory.lastPass = $0.now + .seconds(1) },
        PruneRow("sane-clock", "a pass at this very second", says: PruneRow.goes) { $0.memory.lastPass = $0.now },
        PruneRow(
            "sane-clock", "a point of tomorrow, which counts for nothing itself",
            says: "withhold us-east-1 2026-11-19: ec2/us-east-1/set-2026-11-21 is dated in the future: "
                + "one of the clocks is wrong [sane-clock]"
        ) { $0.addPoint("2026-11-21") },
        PruneRow(
            "sane-clock", "another policy's point of tomorrow",
            says: "withhold us-east-1 2026-11-19: ec2/us-east-1/set-2026-11-21 is dated in the future: "
                + "one of the clocks is wrong [sane-clock]"
        ) {
            $0.addPoint("2026-11-21")
            $0.points[2].policy = PolicyName("db")
        },
        PruneRow(
            "sane-clock", "AWS's clock five minutes and a second ahead of ours",
            says: "withhold us-east-1 2026-11-19: ec2/us-east-1/set-2026-11-21 is dated in the future: "
                + "one of the clocks is wrong [sane-clock]"
        ) {
            $0.addPoint("2026-11-21")
            $0.points[2].taken = $0.now + .seconds(301)
        },
        PruneRow("sane-clock", "AWS's clock five minutes ahead of ours", says: PruneRow.goes) {
            $0.points[1].taken = $0.now + .seconds(300)
        },
        PruneRow(
            "sane-clock", "debris waits as well",
            says: "withhold us-east-1 2026-11-19: this machine's clock is behind the last pass (2026-11-20T12:00:01Z) "
                + "[sane-clock]"
        ) {
            $0.points[0].members.removeLast()
            $0.memory.lastPass = $0.now + .seconds(1)
        },
    ]

    // MARK: not-now

    private static let people: [PruneRow] = [
        PruneRow(
            "not-now", "paused until someone resumes it",
            says: "withhold us-east-1 2026-11-19: the policy deletes nothing while it is paused [not-now]"
        ) { $0.memory.pauses[$0.policy.name] = Pause(since: moment("2026-11-20T09:00:00Z")) },
        PruneRow(
            "not-now", "paused until tomorrow",
            says: "withhold us-east-1 2026-11-19: the policy deletes nothing until 2026-11-21T00:00:00Z "
                + "(blackout or pause) [not-now]"
        ) {
            $0.memory.pauses[$0.policy.name] = Pause(
                since: moment("2026-11-20T09:00:00Z"), until: moment("2026-11-21T00:00:00Z"))
        },
        PruneRow("not-now", "the pause ends at this very second", says: PruneRow.goes) {
            $0.memory.pauses[$0.policy.name] = Pause(since: moment("2026-11-20T09:00:00Z"), until: $0.now)
        },
        PruneRow("not-now", "resumed", says: PruneRow.goes) {
            $0.memory.pauses[$0.policy.name] = Pause(
                since: moment("2026-11-20T09:00:00Z"), resumed: moment("2026-11-20T10:00:00Z"))
        },
        PruneRow("not-now", "another policy is paused", says: PruneRow.goes) {
            $0.memory.pauses[PolicyName("db")] = Pause(since: moment("2026-11-20T09:00:00Z"))
        },
        PruneRow(
            "not-now", "a blackout of prunes",
            says: "withhold us-east-1 2026-11-19: the policy deletes nothing until 2026-11-20T13:00:00Z "
                + "(blackout or pause) [not-now]"
        ) { $0.policy.blackouts = [Blackout(kinds: [.prunes], start: 0, end: 13 * 3600, zone: .utc)] },
        PruneRow("not-now", "a blackout of all else", says: PruneRow.goes) {
            $0.policy.blackouts = [Blackout(kinds: [.backups, .copies], start: 0, end: 13 * 3600, zone: .utc)]
        },
        PruneRow(
            "not-now", "nobody can say what is paused or approved",
            says: "withhold us-east-1 2026-11-19: what people paused or approved cannot be read [not-now]"
        ) { $0.memory.areInstructionsKnown = false },
        PruneRow(
            "not-now", "debris waits as well",
            says: "withhold us-east-1 2026-11-19: the policy deletes nothing while it is paused [not-now]"
        ) {
            $0.points[0].members.removeLast()
            $0.memory.pauses[$0.policy.name] = Pause(since: moment("2026-11-20T09:00:00Z"))
        },
    ]

    // MARK: complete-inventory

    private static let reading: [PruneRow] = [
        PruneRow(
            "complete-inventory", "its own place was not read",
            says: "withhold us-east-1 2026-11-19: ec2/us-east-1 was not read completely in this pass "
                + "[complete-inventory]"
        ) { $0.gaps = [Scene.home] },
        PruneRow(
            "complete-inventory", "its destination was not read",
            says: "withhold us-east-1 2026-11-19: ec2/eu-west-1 was not read completely in this pass "
                + "[complete-inventory]"
        ) {
            $0.addDestination()
            $0.gaps = [Scene.away]
        },
        PruneRow("complete-inventory", "all that concerns it was read", says: PruneRow.goes) { $0.addDestination() },
        PruneRow("complete-inventory", "a place that does not concern it was not read", says: PruneRow.goes) {
            $0.gaps = [Scene.away]
        },
        PruneRow(
            "complete-inventory", "a copy waits for its home",
            says: "withhold eu-west-1 2026-11-19: ec2/us-east-1 was not read completely in this pass "
                + "[complete-inventory]"
        ) {
            $0.addDestination(Retention(last: 1))
            $0.policy.retention = Retention()
            $0.addPoint("2026-11-19", in: Scene.away)
            $0.addPoint("2026-11-20", in: Scene.away)
            $0.gaps = [Scene.home]
        },
        PruneRow(
            "complete-inventory", "but not for a home that no policy names any more, which nobody reads",
            says: "prune eu-west-1 2026-11-19: no rule keeps it"
        ) {
            $0.addDestination(Retention(last: 1))
            $0.policy.regions = [Region("us-west-2")]
            $0.addPoint("2026-11-19", in: Scene.away)
            $0.addPoint("2026-11-20", in: Scene.away)
            $0.gaps = [Scene.home]
        },
        PruneRow(
            "complete-inventory", "debris waits as well",
            says: "withhold us-east-1 2026-11-19: ec2/us-east-1 was not read completely in this pass "
                + "[complete-inventory]"
        ) {
            $0.points[0].members.removeLast()
            $0.gaps = [Scene.home]
        },
    ]

    // MARK: copy-in-flight, known-states, owed-copy

    private static let copying: [PruneRow] = [
        PruneRow(
            "copy-in-flight", "its copy is being made",
            says: "withhold us-east-1 2026-11-19: it is being copied to eu-west-1 [copy-in-flight]"
        ) {
            $0.addDestination(Retention(last: 9))
            $0.points[0].copiedTo = []
            $0.addPoint("2026-11-19", in: Scene.away, states: [.completed, .pending])
        },
        PruneRow(
            "copy-in-flight", "though nothing is owed any more",
            says: "withhold us-east-1 2026-11-19: it is being copied to eu-west-1 [copy-in-flight]"
        ) {
            $0.addDestination(Retention(last: 9))
            $0.addPoint("2026-11-19", in: Scene.away, states: [.pending, .pending])
        },
        PruneRow("copy-in-flight", "its copy is made", says: PruneRow.goes) {
            $0.addDestination(Retention(last: 9))
            $0.points[0].copiedTo = []
            $0.addPoint("2026-11-19", in: Scene.away)
        },
        PruneRow("copy-in-flight", "another point's copy is being made", says: PruneRow.goes) {
            $0.addDestination(Retention(last: 9))
            $0.addPoint("2026-11-20", in: Scene.away, states: [.pending, .pending])
        },
    ]

    private static let states: [PruneRow] = [
        PruneRow(
            "known-states", "a member was archived",
            says: "withhold us-east-1 2026-11-19: a member is in state \"archived\", which is never deleted "
                + "[known-states]"
        ) { $0.points[0].members[1].state = .archived },
        PruneRow(
            "known-states", "what is left of a set is in the recycle bin",
            says: "withhold us-east-1 2026-11-19: a member is in state \"recoverable\", which is never deleted "
                + "[known-states]"
        ) {
            $0.points[0].members.removeLast()
            $0.points[0].members[0].state = .other("recoverable")
        },
        PruneRow(
            "known-states", "what is left of a set is completed",
            says: "prune us-east-1 2026-11-19: only 1 of 2 members are left, and a newer usable point exists"
        ) { $0.points[0].members.removeLast() },
    ]

    private static let owing: [PruneRow] = [
        PruneRow(
            "owed-copy", "the destination would keep it and never had it",
            says: "withhold us-east-1 2026-11-19: it still owes a copy to eu-west-1 [owed-copy]"
        ) {
            $0.addDestination(Retention(last: 9))
            $0.points[0].copiedTo = []
        },
        PruneRow("owed-copy", "the destination would not keep it either", says: PruneRow.goes) {
            $0.addDestination()
            $0.points[0].copiedTo = []
        },
        PruneRow("owed-copy", "its copy was seen usable, and is gone again", says: PruneRow.goes) {
            $0.addDestination(Retention(last: 9))
            $0.points[0].copiedTo = []
            $0.memory.copiesSeen = [PointID(place: Scene.away, set: $0.points[0].set): $0.now]
        },
        PruneRow(
            "owed-copy", "its copy is archived, which only what is complete can be", says: PruneRow.goes,
            "withhold eu-west-1 2026-11-19: a member is in state \"archived\", which is never deleted [known-states]"
        ) {
            $0.addDestination(Retention(last: 9))
            $0.points[0].copiedTo = []
            $0.addPoint("2026-11-19", in: Scene.away, states: [.archived, .completed])
        },
        PruneRow(
            "owed-copy", "its copy is in the recycle bin",
            says: "withhold us-east-1 2026-11-19: it still owes a copy to eu-west-1 [owed-copy]"
        ) {
            $0.addDestination(Retention(last: 9))
            $0.points[0].copiedTo = []
            $0.addPoint("2026-11-19", in: Scene.away, states: [.other("recoverable"), .completed])
        },
        PruneRow(
            "owed-copy", "its copy was seen usable elsewhere",
            says: "withhold us-east-1 2026-11-19: it still owes a copy to eu-west-1 [owed-copy]"
        ) {
            $0.addDestination(Retention(last: 9))
            $0.points[0].copiedTo = [Site(Region("eu-north-1"))]
        },
        PruneRow(
            "owed-copy", "one of two destinations waits still",
            says: "withhold us-east-1 2026-11-19: it still owes a copy to eu-north-1 [owed-copy]"
        ) {
            $0.addDestination(Retention(last: 9))
            $0.policy.copies.append(CopyRule(region: Region("eu-north-1"), retention: Retention(last: 9)))
            $0.addPoint("2026-11-20", in: Place(.ec2, Region("eu-north-1")))
        },
        PruneRow("owed-copy", "the destination was taken out of the config", says: PruneRow.goes) {
            $0.addDestination(Retention(last: 9))
            $0.points[0].copiedTo = []
            $0.policy.copies = []
        },
    ]

    // MARK: newest-copy

    /// Copies of both points, of which the newer one lacks the second volume; home keeps all.
    private static func splitCopies(_ scene: inout Scene) {
        scene.addDestination(Retention(last: 1))
        scene.policy.retention = Retention()
        scene.addPoint("2026-11-19", in: Scene.away)
        scene.addPoint("2026-11-20", in: Scene.away, states: [.completed])
        scene.points[3].declaredMembers = 1
    }

    private static let staysForItsVolume =
        "withhold eu-west-1 2026-11-19: it holds the newest copy of vol-2: without it the next is a full one "
        + "[newest-copy]"
    private static let copyGoes = "prune eu-west-1 2026-11-19: no rule keeps it"

    private static let incremental: [PruneRow] = [
        PruneRow("newest-copy", "of a volume that newer copies lack", says: staysForItsVolume) { splitCopies(&$0) },
        PruneRow("newest-copy", "a newer copy has the volume too", says: copyGoes) {
            splitCopies(&$0)
            $0.points.removeLast()
            $0.addPoint("2026-11-20", in: Scene.away)
        },
        PruneRow("newest-copy", "the newer copy that has it is not completed yet", says: staysForItsVolume) {
            splitCopies(&$0)
            $0.addPoint("2026-11-21", in: Scene.away, states: [.completed, .pending])
            $0.points[4].taken = $0.now
        },
        PruneRow("newest-copy", "the volume was detached", says: copyGoes) {
            splitCopies(&$0)
            $0.resource.volumes.removeLast()
        },
        PruneRow("newest-copy", "the volume is left out now", says: copyGoes) {
            splitCopies(&$0)
            $0.policy.exclusion.volumeIDs = ["vol-2"]
        },
        PruneRow("newest-copy", "the resource is not selected any more", says: copyGoes) {
            splitCopies(&$0)
            $0.policy.selection = Selection(ec2Instances: ResourceSelector(names: [Glob("db")]))
        },
        PruneRow("newest-copy", "another key is configured now", says: copyGoes) {
            splitCopies(&$0)
            $0.points[2].key = "default"
            $0.policy.copies[0].kmsKey = "alias/new"
        },
        PruneRow(
            "newest-copy", "a copy from before keys were noted counts as made under this one", says: staysForItsVolume
        ) {
            splitCopies(&$0)
            $0.policy.copies[0].kmsKey = "alias/new"
        },
        PruneRow(
            "newest-copy", "newer copies under another key build on nothing of this one",
            says: "withhold eu-west-1 2026-11-19: it holds the newest copy of vol-1: without it the next is a full one "
                + "[newest-copy]"
        ) {
            splitCopies(&$0)
            $0.points[2].key = "alias/dr"
            $0.points[3].key = "default"
            $0.policy.copies[0].kmsKey = "alias/dr"
        },
        PruneRow(
            "newest-copy", "back under the first key, with one new copy of both", says: copyGoes,
            "prune eu-west-1 2026-11-20: no rule keeps it"
        ) {
            splitCopies(&$0)
            $0.points[2].key = "alias/dr"
            $0.points[3].key = "default"
            $0.policy.copies[0].kmsKey = "alias/dr"
            $0.addPoint("2026-11-20T06:00:00Z", in: Scene.away)
            $0.points[4].key = "alias/dr"
        },
        PruneRow("newest-copy", "the key is named by its ARN now", says: staysForItsVolume) {
            splitCopies(&$0)
            $0.points[2].key = "1234abcd-12ab-34cd-56ef-1234567890ab"
            $0.policy.copies[0].kmsKey =
                "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        },
        PruneRow("newest-copy", "the alias may be of the key that is named by its id now", says: staysForItsVolume) {
            splitCopies(&$0)
            $0.points[2].key = "alias/dr"
            $0.policy.copies[0].kmsKey = "1234abcd-12ab-34cd-56ef-1234567890ab"
        },
        PruneRow("newest-copy", "another key is named by its id now", says: copyGoes) {
            splitCopies(&$0)
            $0.points[2].key = "arn:aws:kms:eu-west-1:111122223333:key/99999999-12ab-34cd-56ef-1234567890ab"
            $0.policy.copies[0].kmsKey = "1234abcd-12ab-34cd-56ef-1234567890ab"
        },
        PruneRow("newest-copy", "a home point is none", says: PruneRow.goes) { _ in },
        PruneRow("newest-copy", "Lightsail's copies do not build on each other", says: copyGoes) {
            splitCopies(&$0)
            for index in $0.points.indices {
                $0.points[index].place = Place(.lightsail, $0.points[index].site)
            }
            $0.resource.kind = .lightsailInstance
            $0.policy.selection = Selection(lightsailInstances: ResourceSelector(names: [Glob("*")]))
        },
    ]

    // MARK: fresh-after-stop, grace

    private static let stops: [PruneRow] = [
        PruneRow(
            "fresh-after-stop", "nothing was taken since backups went on",
            says: "withhold us-east-1 2026-11-19: backups had stopped until 2026-11-20T02:06:01Z: "
                + "nothing is deleted before one more point is usable [fresh-after-stop]"
        ) { $0.memory.resumed[$0.policy.name] = moment("2026-11-20T02:06:01Z") },
        PruneRow(
            "fresh-after-stop", "the newest point was taken as they went on, by AWS's clock, which may be behind",
            says: PruneRow.goes
        ) { $0.memory.resumed[$0.policy.name] = moment("2026-11-20T02:06:00Z") },
        PruneRow(
            "fresh-after-stop", "a pending point proves nothing",
            says: "withhold us-east-1 2026-11-19: backups had stopped until 2026-11-20T11:00:00Z: "
                + "nothing is deleted before one more point is usable [fresh-after-stop]"
        ) {
            $0.memory.resumed[$0.policy.name] = moment("2026-11-20T11:00:00Z")
            $0.addPoint("2026-11-20T11:30:00Z", states: [.pending, .completed])
        },
        PruneRow(
            "fresh-after-stop", "another resource's point proves nothing for one that is protected",
            says: "withhold us-east-1 2026-11-19: backups had stopped until 2026-11-20T11:00:00Z: "
                + "nothing is deleted before one more point is usable [fresh-after-stop]"
        ) {
            $0.memory.resumed[$0.policy.name] = moment("2026-11-20T11:00:00Z")
            $0.addPoint("2026-11-20T11:30:00Z")
            $0.points[2].resource = ResourceID("i-2")
        },
        PruneRow("fresh-after-stop", "it does for one that is not protected any more", says: PruneRow.goes) {
            $0.memory.resumed[$0.policy.name] = moment("2026-11-20T11:00:00Z")
            $0.addPoint("2026-11-20T11:30:00Z")
            $0.points[2].resource = ResourceID("i-2")
            $0.policy.selection = Selection(ec2Instances: ResourceSelector(names: [Glob("db")]))
        },
        PruneRow("fresh-after-stop", "another policy had stopped", says: PruneRow.goes) {
            $0.memory.resumed[PolicyName("db")] = moment("2026-11-20T11:00:00Z")
        },
    ]

    private static let grace: [PruneRow] = [
        PruneRow(
            "grace", "the rules changed a second after it was taken",
            says: "withhold us-east-1 2026-11-19: the retention rules are new to it: kept until 2026-11-21T12:00:00Z "
                + "(prune-grace) [grace]"
        ) { $0.memory.retention = RetentionInForce(text: "", since: moment("2026-11-19T02:01:01Z")) },
        PruneRow("grace", "the rules are as old as the point", says: PruneRow.goes) {
            $0.memory.retention = RetentionInForce(text: "", since: moment("2026-11-19T02:01:00Z"))
        },
        PruneRow(
            "grace", "of 24 hours the last second runs",
            says: "withhold us-east-1 2026-11-19: the retention rules are new to it: kept until 2026-11-20T12:00:01Z "
                + "(prune-grace) [grace]"
        ) {
            $0.memory.retention = RetentionInForce(text: "", since: moment("2026-11-19T12:00:00Z"))
            $0.memory.candidates[$0.points[0].id] = moment("2026-11-19T12:00:01Z")
        },
        PruneRow("grace", "24 hours a candidate", says: PruneRow.goes) {
            $0.memory.retention = RetentionInForce(text: "", since: moment("2026-11-19T12:00:00Z"))
            $0.memory.candidates[$0.points[0].id] = moment("2026-11-19T12:00:00Z")
        },
        PruneRow(
            "grace", "a new installation knows of no rules in force",
            says: "withhold us-east-1 2026-11-19: the retention rules are new to it: kept until 2026-11-21T12:00:00Z "
                + "(prune-grace) [grace]"
        ) { $0.memory.retention = nil },
        PruneRow("grace", "switched off", says: PruneRow.goes) {
            $0.memory.retention = nil
            $0.timing.pruneGrace = .zero
        },
    ]

    // MARK: newer-usable

    private static let debris: [PruneRow] = [
        PruneRow(
            "newer-usable", "what is left of the newest set",
            says: "withhold us-east-1 2026-11-19: members are missing, but no newer usable point exists [newer-usable]"
        ) {
            $0.points.removeLast()
            $0.points[0].members.removeLast()
        },
        PruneRow(
            "newer-usable", "a newer set that is only pending",
            says: "withhold us-east-1 2026-11-19: members are missing, but no newer usable point exists [newer-usable]"
        ) {
            $0.points[0].members.removeLast()
            $0.points[1].members[0].state = .pending
        },
        PruneRow(
            "newer-usable", "a newer usable set",
            says: "prune us-east-1 2026-11-19: only 1 of 2 members are left, and a newer usable point exists"
        ) { $0.points[0].members.removeLast() },
        PruneRow("newer-usable", "not before debris-grace is over") {
            $0.points[0].members.removeLast()
            $0.points[0].members[0].started = moment("2026-11-19T12:00:01Z")
        },
        PruneRow(
            "newer-usable", "what is left of a gone resource may be all there is of it",
            says: "withhold us-east-1 2026-11-19: members are missing, but no newer usable point exists [newer-usable]"
        ) {
            $0.points.removeLast()
            $0.points[0].members.removeLast()
            $0.isThere = false
            $0.memory.absent[$0.pair] = moment("2026-11-19T12:00:00Z")
        },
        PruneRow(
            "newer-usable", "no newer one is waited for once the resource is gone and its points fade",
            says: "prune us-east-1 2026-11-19: only 1 of 2 members are left, and its resource is gone"
        ) {
            $0.policy.whenResourceGone = .fade(after: CalendarSpan(days: 90), keepLast: 1)
            $0.points.removeLast()
            $0.points[0].members.removeLast()
            $0.isThere = false
            $0.memory.absent[$0.pair] = moment("2026-11-19T12:00:00Z")
        },
        PruneRow("newer-usable", "a held one stays") {
            $0.points[0].members.removeLast()
            $0.points[0].isHeld = true
        },
    ]
}
