/// A moment on the UTC time line, in whole seconds since 1970-01-01T00:00:00Z.
package struct Moment: Hashable, Comparable, Sendable {
    package var seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    package static func < (a: Moment, b: Moment) -> Bool { a.seconds < b.seconds }
    package static func + (moment: Moment, span: Duration) -> Moment {
        Moment(seconds: moment.seconds + span.inSeconds)
    }
    package static func - (moment: Moment, span: Duration) -> Moment {
        Moment(seconds: moment.seconds - span.inSeconds)
    }
    package static func - (later: Moment, earlier: Moment) -> Duration { .seconds(later.seconds - earlier.seconds) }
}

extension Duration {
    /// The whole seconds of this duration; fractions are dropped.
    package var inSeconds: Int64 { components.seconds }

    /// `26h 10min`, `3d 4h`: the two largest units.
    package var short: String {
        let seconds = inSeconds
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)min"
        case ..<172_800: return "\(seconds / 3600)h \(seconds / 60 % 60)min"
        default: return "\(seconds / 86_400)d \(seconds / 3600 % 24)h"
        }
    }
}

extension Moment: CustomStringConvertible {
    /// RFC 3339 in UTC: `2026-11-20T02:00:00Z`.
    package var description: String {
        let local = CivilTime(utc: self)
        return "\(local.date)T\(local.clock)Z"
    }

    /// ISO 8601's basic form, for names that allow no colons: `20261120T020000Z`.
    package var compact: String { description.filter { $0 != "-" && $0 != ":" } }

    /// Reads RFC 3339 with any offset; a fraction of a second is dropped, as AWS writes some.
    ///
    /// Source: RFC 3339, section 5.6.
    package init?(rfc3339 text: some StringProtocol) {
        var reader = DigitReader(text)
        guard let date = reader.date(separator: "-"), reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.number(2), reader.take(":"), let minute = reader.number(2), reader.take(":"),
            let second = reader.number(2), hour < 24, minute < 60, second <= 60
        else { return nil }
        if reader.take(".") {
            guard reader.skipDigits() > 0 else { return nil }
        }
        var offset = 0
        if !(reader.take("Z") || reader.take("z")) {
            let sign = reader.take("+") ? 1 : reader.take("-") ? -1 : 0
            guard sign != 0, let hours = reader.number(2), reader.take(":"), let minutes = reader.number(2),
                hours < 24, minutes < 60
            else { return nil }
            offset = sign * (hours * 3600 + minutes * 60)
        }
        guard reader.isAtEnd else { return nil }
        self.init(seconds: date.dayNumber * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset))
    }

    /// Reads the form that ``compact`` writes.
    package init?(compact text: some StringProtocol) {
        var reader = DigitReader(text)
        guard let date = reader.date(separator: nil), reader.take("T"), let hour = reader.number(2),
            let minute = reader.number(2), let second = reader.number(2), hour < 24, minute < 60, second < 60,
            reader.take("Z"), reader.isAtEnd
        else { return nil }
        self.init(seconds: date.dayNumber * 86_400 + Int64(hour * 3600 + minute * 60 + second))
    }
}

/// Reads fixed-width decimal fields from a text.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: some StringProtocol) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Character) -> Bool {
        guard rest.first == character.asciiValue else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ width: Int) -> Int? {
        guard rest.count >= width else { return nil }
        var value = 0
        for byte in rest.prefix(width) {
            guard byte >= 48, byte <= 57 else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        rest = rest.dropFirst(width)
        return value
    }

    mutating func skipDigits() -> Int {
        let digits = rest.prefix { $0 >= 48 && $0 <= 57 }.count
        rest = rest.dropFirst(digits)
        return digits
    }

    mutating func date(separator: Character?) -> CivilDate? {
        guard let year = number(4), separator.map({ take($0) }) ?? true, let month = number(2),
            separator.map({ take($0) }) ?? true, let day = number(2)
        else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }
}
