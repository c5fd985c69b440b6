import BackupConfig
import BackupCore
import Testing

/// What the config says of the calls to AWS.
@Suite struct CallSettingsTests {
    private func reading(_ line: String) -> (configuration: Configuration?, problems: [String]) {
        let reading = ConfigurationFile.read(ConfigurationTests.minimal + "\n" + line, file: "c.yaml")
        return (reading.configuration, reading.problems.map(\.description))
    }

    @Test(arguments: [("", 50), ("api-budget: 1%", 1), ("api-budget: 30%", 30), ("api-budget: 100%", 100)])
    func budgets(_ line: String, _ percent: Int) throws {
        let reading = reading(line)
        #expect(reading.problems == [])
        #expect(try #require(reading.configuration).apiBudget == percent)
    }

    @Test(arguments: [
        ("0%", "expected 1% to 10000%, got \"0%\""), ("10001%", "expected 1% to 10000%, got \"10001%\""),
        ("-5%", "expected 1% to 10000%, got \"-5%\""), ("+5%", "expected 1% to 10000%, got \"+5%\""),
        ("half", "expected 1% to 10000%, got \"half\""), ("50 %", "expected 1% to 10000%, got \"50 %\""),
        ("30", "\"30\" has no unit: write 30%"),
    ])
    func badBudgets(_ text: String, _ problem: String) {
        #expect(reading("api-budget: \(text)").problems == ["c.yaml:7:13: api-budget: \(problem)"])
    }

    @Test func anotherNameForItIsHintedAt() throws {
        let problem = try #require(reading("api-buget: 50%").problems.first)
        #expect(problem.contains("unknown key \"api-buget\" (did you mean \"api-budget\"?)"))
    }

    @Test(
        arguments: [
            ("", 60, []), ("timing: { call-timeout: 2s }", 2, []), ("timing: { call-timeout: 1h }", 3600, []),
            ("timing: { call-timeout: 0s }", nil, ["c.yaml:7:11: call-timeout: 1s at least"]),
            ("timing: { call-timeout: 2h }", nil, ["c.yaml:7:11: call-timeout: 1h at most"]),
            (
                "timing: { call-timeot: 2s }", nil,
                [
                    "c.yaml:7:11: timing: unknown key \"call-timeot\" (did you mean \"call-timeout\"?): known are consistency, "
                        + "poll-first, poll-longest, call-timeout"
                ]
            ),
        ] as [(String, Int64?, [String])])
    func timeouts(_ line: String, _ seconds: Int64?, _ problems: [String]) {
        let reading = reading(line)
        #expect(reading.problems == problems)
        #expect(reading.configuration?.timing.callTimeout == seconds.map { .seconds($0) })
    }
}
