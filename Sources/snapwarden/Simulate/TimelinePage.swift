import BackupCore

/// A rehearsal as one page that needs nothing else: a picture for each policy and region of which points live when.
struct TimelinePage {
    private let report: SimulationReport

    init(_ report: SimulationReport) { self.report = report }

    /// What a bar's colour means: the rule that kept the point longest.
    private static let rules: [(name: String, title: String)] = [
        ("point", "keep-last, keep-within"), ("hourly", "hourly"), ("daily", "daily"), ("weekly", "weekly"),
        ("monthly", "monthly"), ("yearly", "yearly"), ("other", "no rules, hold or floor"),
    ]

    var text: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Snapwarden: \(Self.escaped("\(report.rehearsal.from)")) to \(Self.escaped("\(report.rehearsal.to)"))</title>
        <link rel="icon" href="data:,">
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <h1>What would exist</h1>
        <p>\(Self.escaped("\(report.rehearsal.from) to \(report.rehearsal.to); \(report.assumptions)")).</p>
        \(table)
        <p class="legend">\(legend)</p>
        \(report.sides.map(section).joined(separator: "\n"))
        </body>
        </html>
        """
    }

    private var table: String {
        let heads = [
            "Policy", "Region", "Made", "Deleted", "At end", "Peak", "Steady", "GiB-months", "Largest gap",
        ]
        let rows = report.sides.map { side in
            [
                side.policy.name.rawValue, side.site.description + (side.isCopy ? " (copies)" : ""), "\(side.made)",
                "\(side.deleted)", "\(side.atEnd)", "\(side.peak)", SimulationReport.short(side.steady),
                SimulationReport.short(side.gibibyteMonths), side.largestGap.short,
            ].map { "<td>\(Self.escaped($0))</td>" }.joined()
        }
        return "<table><thead><tr>\(heads.map { "<th>\($0)</th>" }.joined())</tr></thead><tbody>"
            + rows.map { "<tr>\($0)</tr>" }.joined() + "</tbody></table>"
    }

    private var legend: String {
        "Each bar is a point from its creation to its deletion; kept longest by: "
            + Self.rules.map { "<span class=\"item\"><span class=\"key \($0.name)\"></span> \($0.title)</span>" }
            .joined(separator: " &nbsp; ")
    }

    private func section(_ side: SimulationReport.Side) -> String {
        let kind = side.isCopy ? "copies in" : "at home in"
        let title = Self.escaped("\(side.policy.name), \(kind) \(side.site)")
        guard let resource = side.resources.first else { return "<h2>\(title)</h2><p>No points.</p>" }
        let of = side.resourceCount == 1 ? "" : ", which stands for \(side.resourceCount)"
        return """
            <h2>\(title)</h2>
            <p>\(Self.escaped(resource.id.rawValue))\(of); rules: \(Self.escaped(rulesText(side)))</p>
            \(picture(resource.lives, side))
            """
    }

    private func rulesText(_ side: SimulationReport.Side) -> String {
        let text = retention(side).text
        return text.isEmpty ? "none, everything is kept" : text
    }

    private func retention(_ side: SimulationReport.Side) -> Retention {
        side.policy.copies.first { $0.site == side.site }?.retention ?? side.policy.retention
    }

    // MARK: The picture

    private static let width = 960.0

    private func picture(_ lives: [Recording.Life], _ side: SimulationReport.Side) -> String {
        let step = min(6, max(0.4, 480 / Double(max(1, lives.count))))
        let height = step * Double(lives.count) + 22
        let colours = colours(of: lives, retention(side), side.policy.zone)
        let bars = lives.enumerated().map { index, life in
            let start = x(life.born)
            let length = max(0.8, x(life.died ?? report.rehearsal.to) - start)
            let end = life.died.map { "deleted \($0)" } ?? "still there"
            return "<rect class=\"\(colours[index])\" x=\"\(Self.two(start))\" y=\"\(Self.two(Double(index) * step))\" "
                + "width=\"\(Self.two(length))\" height=\"\(Self.two(max(0.4, step * 0.8)))\">"
                + "<title>slot \(life.slot), \(end)</title></rect>"
        }
        return "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(height.rounded(.up)))\" role=\"img\" "
            + "aria-label=\"\(lives.count) points over time\">\(axis(height))\(bars.joined())</svg>"
    }

    /// The first of each month, or of each year where there are many.
    private func axis(_ height: Double) -> String {
        let years = (report.rehearsal.to - report.rehearsal.from).inSeconds > 1200 * 86_400
        var marks = ""
        var date = Zone.utc.local(report.rehearsal.from).date
        for _ in 0..<240 {
            guard let first = CivilDate(year: date.year, month: years ? 1 : date.month, day: 1) else { break }
            date = first.adding(months: years ? 12 : 1)
            let moment = Zone.utc.moment(of: CivilTime(date: date, secondOfDay: 0))
            guard moment < report.rehearsal.to else { break }
            let x = Self.two(x(moment))
            let label = years ? "\(date.year)" : "\(date.description.prefix(7))"
            marks +=
                "<line x1=\"\(x)\" x2=\"\(x)\" y1=\"0\" y2=\"\(Self.two(height - 16))\"/>"
                + "<text x=\"\(x)\" y=\"\(Self.two(height - 4))\">\(label)</text>"
        }
        return marks
    }

    private func x(_ moment: Moment) -> Double {
        let whole = Double((report.rehearsal.to - report.rehearsal.from).inSeconds)
        return Self.width * Double((moment - report.rehearsal.from).inSeconds) / whole
    }

    /// Of each life the class of the last rule that kept it, asked day by day.
    private func colours(of lives: [Recording.Life], _ retention: Retention, _ zone: Zone) -> [String] {
        var colours = Array(repeating: "other", count: lives.count)
        var alive: [Int] = []
        var coming = 0
        for day in report.days {
            while coming < lives.count, lives[coming].born <= day {
                alive.append(coming)
                coming += 1
            }
            alive.removeAll { !lives[$0].lives(at: day) }
            let newestFirst = Array(alive.reversed())
            let points = newestFirst.map { Dated(slot: lives[$0].slot, taken: lives[$0].taken) }
            for (index, verdict) in zip(newestFirst, retention.verdicts(on: points, in: zone, now: day)) {
                let divisions = verdict.reasons.compactMap { reason -> Division? in
                    if case .rule(let rule, _) = reason { rule.division } else { nil }
                }
                if let longest = divisions.max() { colours[index] = longest.rawValue }
            }
        }
        return colours
    }

    private static func two(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    private static let style = """
        :root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --faint: #d0d5db; --head: #f2f4f6;
          --point: #8a94a0; --hourly: #4a90d9; --daily: #2a9d5c; --weekly: #d99a1c; --monthly: #c8502d; --yearly: #8e44ad; }
        @media (prefers-color-scheme: dark) {
          :root { --back: #16191d; --text: #e3e6ea; --faint: #3a4048; --head: #22272d;
            --point: #9aa5b1; --hourly: #6aa9ec; --daily: #4cc282; --weekly: #efb643; --monthly: #ea7650; --yearly: #b77bd3; } }
        body { background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
          max-width: 62rem; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 0; } p { margin: .4rem 0; }
        table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .25rem .7rem; text-align: right; }
        th { background: var(--head); } td { border-top: 1px solid var(--faint); }
        th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
        svg { width: 100%; height: auto; display: block; } svg line { stroke: var(--faint); }
        svg text { fill: var(--text); font-size: 10px; } .item { white-space: nowrap; }
        .key { display: inline-block; width: .8em; height: .8em; }
        .point { fill: var(--point); background: var(--point); } .hourly { fill: var(--hourly); background: var(--hourly); }
        .daily { fill: var(--daily); background: var(--daily); } .weekly { fill: var(--weekly); background: var(--weekly); }
        .monthly { fill: var(--monthly); background: var(--monthly); }
        .yearly { fill: var(--yearly); background: var(--yearly); } .other { fill: var(--faint); background: var(--faint); }
        """
}
