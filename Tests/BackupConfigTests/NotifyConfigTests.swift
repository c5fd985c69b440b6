import BackupConfig
import BackupCore
import Testing

/// Who is told of trouble.
@Suite struct NotifyConfigTests {
    private static let topic = "arn:aws:sns:us-east-1:111122223333:backups"

    private func reading(_ target: String) -> ConfigurationReading {
        ConfigurationFile.read(ConfigurationTests.minimal + "\nnotify:\n  ops: \(target)\n", file: "c.yaml")
    }

    @Test(arguments: [
        ("{ webhook: \"https://a.example/x?y\" }", NotifyTarget.Way.webhook(.plain("https://a.example/x?y"))),
        ("{ webhook: \"credential:chat\" }", .webhook(.credential("chat"))),
        ("{ ping: \"http://10.0.0.1:8000/p\" }", .ping(.plain("http://10.0.0.1:8000/p"))),
        ("{ command: [/bin/tell, it] }", .command(["/bin/tell", "it"])),
        ("{ sns: \"\(topic)\" }", .topic(topic, Region("us-east-1"))),
        ("{ sns: \"\(topic).fifo\" }", .topic(topic + ".fifo", Region("us-east-1"))),
        (
            "{ sns: \"arn:aws-cn:sns:cn-north-1:111122223333:b\" }",
            .topic("arn:aws-cn:sns:cn-north-1:111122223333:b", Region("cn-north-1"))
        ),
    ])
    func ways(text: String, way: NotifyTarget.Way) {
        let reading = reading(text)
        #expect(reading.problems.map(\.description) == [])
        #expect(reading.configuration?.notify == [NotifyTarget(name: "ops", way: way)])
    }

    @Test func allThatCanBeSaid() throws {
        let text = "{ command: [/x], on: [rpo-missed, recovered], at-most-every: 1h }"
        let target = try #require(reading(text).configuration?.notify.first)
        #expect(target.news == [.objectiveMissed, .recovered] && target.pause == .seconds(3600))
    }

    @Test(arguments: [
        ("{}", "8:3: notify \"ops\": says no way"),
        ("{ webhook: \"https://a\", command: [/x] }", "8:3: notify \"ops\": webhook and command exclude each other"),
        ("{ webhoook: \"https://a\" }", "8:3: notify \"ops\": says no way"),
        ("{ command: [/x], att: 5min }", "8:25: notify \"ops\": unknown key \"att\""),
        ("{ webhook: \"ftp://a\" }", "8:20: webhook: expected an address"),
        ("{ webhook: \"https:///x\" }", "8:20: webhook: expected an address"),
        ("{ webhook: \"https://a b\" }", "8:20: webhook: expected an address"),
        ("{ webhook: \"credential:\" }", "8:20: webhook: expected the name of a credential"),
        ("{ ping: \"credential:../x\" }", "8:17: ping: expected the name of a credential"),
        ("{ command: [tell] }", "8:10: command: expected a list whose first word is the program's whole path"),
        ("{ sns: backups }", "8:15: sns: expected a topic's ARN"),
        ("{ sns: \"arn:aws:sqs:us-east-1:111122223333:b\" }", "8:16: sns: expected a topic's ARN"),
        ("{ sns: \"arn:aws:sns:us-eest-1:111122223333:b\" }", "8:16: sns: expected a topic's ARN"),
        ("{ sns: \"arn:aws:sns:cn-north-1:111122223333:b\" }", "8:16: sns: expected a topic's ARN"),
        ("{ sns: \"arn:aws:sns:us-east-1:111122223333:a b\" }", "8:16: sns: expected a topic's ARN"),
        ("{ command: [/x], on: [failures] }", "8:25: on: name one at least"),
        (
            "{ command: [/x], on: [failure, failures] }",
            "8:39: on: expected failure, rpo-missed, recovered, got \"failures\""
        ),
        ("{ ping: \"https://a\", on: [failure] }", "8:29: on: a ping says that all is well"),
        ("{ command: [/x], at-most-every: 5m }", "8:40: at-most-every: \"5m\" is ambiguous"),
    ])
    func mistakes(text: String, problem: String) throws {
        let problems = reading(text).problems.map(\.description)
        let first = try #require(problems.first)
        #expect(first.hasPrefix("c.yaml:" + problem), "\(problems)")
    }

    @Test func policiesNameWhoHears() throws {
        let text =
            ConfigurationTests.minimal
            + "\n    notify: [ops]\nnotify: { ops: { command: [/x] }, all: { command: [/y] } }\n"
        let configuration = try #require(ConfigurationFile.read(text, file: "c.yaml").configuration)
        let heard = configuration.notify.map { configuration.policies(notifying: $0).count }
        #expect(heard == [1, 0])
        let wrong = ConfigurationFile.read(text.replacing("[ops]", with: "[opps]"), file: "c.yaml")
        #expect(
            wrong.problems.map(\.description)
                == ["c.yaml:7:14: notify: \"opps\" is not under notify (did you mean \"ops\"?): known are all, ops"])
    }
}
