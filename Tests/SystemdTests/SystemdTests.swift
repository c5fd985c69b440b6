import BackupCore
import Testing

@testable import Systemd

@Suite struct SystemdTests {
    private let event = Event(
        .setTaken, "web/i-1 taken\nin two lines",
        Event.Fields(
            policy: PolicyName("web"), resource: ResourceID("i-1"), slot: Moment(seconds: 0),
            site: Site(Region("us-east-1")), snapshot: "snap-1 snap-2", requestID: "r-1"))

    @Test func entryHasMessageIDAndFacts() {
        #expect(
            JournalEntry(event).fields == [
                "MESSAGE=web/i-1 taken\nin two lines", "MESSAGE_ID=\(EventKind.setTaken.messageID)", "PRIORITY=5",
                "SYSLOG_IDENTIFIER=snapwarden", "SNAPWARDEN_EVENT=set-taken", "SNAPWARDEN_POLICY=web",
                "SNAPWARDEN_RESOURCE=i-1", "SNAPWARDEN_SLOT=1970-01-01T00:00:00Z", "SNAPWARDEN_REGION=us-east-1",
                "SNAPWARDEN_SNAPSHOT_ID=snap-1 snap-2", "SNAPWARDEN_AWS_REQUEST_ID=r-1",
            ])
    }

    @Test(arguments: [
        ("MESSAGE", true), ("SNAPWARDEN_X9", true), ("_PID", false), ("lower", false), ("", false), ("A-B", false),
    ])
    func fieldName(text: String, isGood: Bool) { #expect((FieldName(text) != nil) == isGood) }

    @Test func everyKindHasAnIDOfItsOwn() {
        let ids = Set(EventKind.allCases.map(\.messageID))
        #expect(ids.count == EventKind.allCases.count)
        #expect(ids.allSatisfy { $0.count == 32 && $0.allSatisfy { $0.isHexDigit && !$0.isUppercase } })
    }

    @Test func linesForPeopleAndPrograms() {
        let moment = Moment(seconds: 1_795_140_000)
        #expect(
            LineLog.text(Event(.started, "on"), at: moment, colour: false) == "2026-11-20T02:00:00Z notice started: on")
        #expect(
            LineLog.json(Event(.started, "a \"b\"\n\u{1}"), at: moment)
                == #"{"time":"2026-11-20T02:00:00Z","priority":"notice","event":"started","message":"a \"b\"\n\u0001"}"#
        )
    }

    @Test func statusIsOneLine() { #expect(Notifier.statusText("a\nREADY=1") == "STATUS=a READY=1") }
}
