import BackupConfig
import BackupCore
import Glibc

/// The parser that this process feeds, named by the environment.
///
/// libFuzzer calls one function for all inputs, from one thread.
private let parser = getenv("SNAPWARDEN_FUZZ").flatMap { Parser(rawValue: String(cString: $0)) }

/// What libFuzzer calls with each of its inputs.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let parser else { fatalError("set SNAPWARDEN_FUZZ to one of \(Parser.allCases.map(\.rawValue))") }
    parser.feed(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// What can be fed, with what must hold of whatever it accepts.
private enum Parser: String, CaseIterable {
    case cron, aws, calendar, every, at, zone, config

    func feed(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        switch self {
        case .cron: expect(text) { text throws(ExpressionError) in try .cron(text) }
        case .aws: expect(text) { text throws(ExpressionError) in try .aws(text) }
        case .calendar: expect(text) { text throws(ExpressionError) in try Expression.calendar(text).expression }
        case .every: expect(text) { text throws(ExpressionError) in try ScheduleText.every(text) }
        case .at: at(text)
        case .zone: zone(bytes)
        case .config: config(text)
        }
    }

    /// An error lies within the text; an expression's slots go forward, and both directions of the search agree.
    private func expect(_ text: String, _ read: (String) throws(ExpressionError) -> Expression) {
        do throws(ExpressionError) {
            let expression = try read(text)
            for zone in zones { expectOrder(Schedule(expression, zone: zone)) }
        } catch {
            precondition(error.position >= 0 && error.position <= text.count, "\(error) lies outside of \(text)")
            precondition(!error.message.isEmpty)
        }
    }

    private func expectOrder(_ schedule: Schedule) {
        for start in starts {
            var cursor = start
            for _ in 0..<3 {
                guard let slot = schedule.next(after: cursor) else { break }
                precondition(slot > cursor, "\(schedule.text): \(slot) after \(cursor)")
                precondition(schedule.isSlot(slot), "\(schedule.text): \(slot) is no slot")
                let before = Moment(seconds: slot.seconds - 1)
                let skipped = schedule.newest(through: before, after: cursor)
                precondition(skipped == nil, "\(schedule.text): a slot before \(slot)")
                cursor = slot
            }
        }
    }

    private func at(_ text: String) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        let days = parts.last.flatMap { try? WeekdayNames.days($0) }
        if let expression = try? Expression.at(Array(parts.dropLast()), on: days), parts.count > 1 {
            expectOrder(Schedule(expression, zone: zones[1]))
        }
    }

    private func zone(_ bytes: [UInt8]) {
        guard let zone = Zone(name: "Fuzz/Zone", bytes: bytes), let daily = try? Expression.cron("30 2 * * *") else {
            return
        }
        expectOrder(Schedule(daily, zone: zone))
    }

    /// There is a configuration, or something is wrong with the text, and never both.
    private func config(_ text: String) {
        let reading = ConfigurationFile.read(text, file: "fuzz.yaml", zones: ZoneCatalog(folder: "/nonexistent"))
        precondition((reading.configuration == nil) != reading.problems.isEmpty)
    }
}

/// A fixed zone, and one whose clocks change.
private let zones: [Zone] = {
    guard let file = fopen("/usr/share/zoneinfo/Europe/Berlin", "re") else { fatalError("tzdata is not installed") }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    guard let berlin = Zone(name: "Europe/Berlin", bytes: Array(bytes[..<count])) else { fatalError("no Berlin") }
    return [.utc, berlin]
}()

/// 2026, a summer time's end, the last second of what is scheduled, and before all time.
private let starts = [1_767_225_600, 1_792_886_399, 7_258_118_399, -62_135_596_800].map { Moment(seconds: $0) }
