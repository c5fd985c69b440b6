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

    /// `1h 0min behind AWS's`: how a clock stands to which this must be added to make it AWS's.
    package var againstAWS: String { self < .zero ? "\((.zero - self).short) ahead of AWS's" : "\(short) behind AWS's" }
}

extension Moment: CustomStringConvertible {
    /// RFC 3339 in UTC: `2026-11-20T02:00:00Z`.
    package var description: String {
        let local = CivilTime(utc: self)
        return "\(local.date)T\(local.clock)Z"
    }

    /// ISO 8601's basic form, for names that allow no colons: `20261120T020000Z`.
    package var compact: String {
        let local = CivilTime(utc: self)
        let date = local.date
        guard (0...9999).contains(date.year) else { return description.filter { $0 != "-" && $0 != ":" } }
        return String(unsafeUninitializedCapacity: 16) { text in
            var place = 0
            func write(_ number: Int, _ divisor: Int) {
                var divisor = divisor
                while divisor > 0 {
                    text[place] = UInt8(48 + number / divisor % 10)
                    place += 1
                    divisor /= 10
                }
            }
            write(Int(date.year), 1000)
            write(Int(date.month), 10)
            write(Int(date.day), 10)
            text[place] = UInt8(ascii: "T")
            place += 1
            for number in [local.hour, local.minute, local.second] { write(number, 10) }
            text[place] = UInt8(ascii: "Z")
            return place + 1
        }
    }

    /// Reads RFC 3339 with any offset; a fraction of a second is dropped, as AWS writes some.
    ///
    /// Source: RFC 3339, section 5.6.
    package init?(rfc3339 text: some StringProtocol) { self.init(rfc3339: Array(text.utf8)[...]) }

    /// Reads the same out of bytes.
    package init?(rfc3339 bytes: ArraySlice<UInt8>) {
        var reader = DigitReader(bytes)
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
        var reader = DigitReader(Array(text.utf8)[...])
        guard let date = reader.date(separator: nil), reader.take("T"), let hour = reader.number(2),
            let minute = reader.number(2), let second = reader.number(2), hour < 24, minute < 60, second < 60,
            reader.take("Z"), reader.isAtEnd
        else { return nil }
        self.init(seconds: date.dayNumber * 86_400 + Int64(hour * 3600 + minute * 60 + second))
    }
}

/// Reads fixed-width decimal fields from a text.
private struct DigitReader {
    private let bytes: ArraySlice<UInt8>
    private var next: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        next = bytes.startIndex
    }

    var isAtEnd: Bool { next == bytes.endIndex }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next < bytes.endIndex, UInt32(bytes[next]) == character.value else { return false }
        next += 1
        return true
    }

    mutating func number(_ width: Int) -> Int? {
        guard bytes.endIndex - next >= width else { return nil }
        var value = 0
        for index in next..<(next + width) {
            guard bytes[index] >= 48, bytes[index] <= 57 else { return nil }
            value = value * 10 + Int(bytes[index] - 48)
        }
        next += width
        return value
    }

    mutating func skipDigits() -> Int {
        let start = next
        while next < bytes.endIndex, bytes[next] >= 48, bytes[next] <= 57 { next += 1 }
        return next - start
    }

    mutating func date(separator: Unicode.Scalar?) -> CivilDate? {
        guard let year = number(4), separator.map({ take($0) }) ?? true, let month = number(2),
            separator.map({ take($0) }) ?? true, let day = number(2)
        else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }
}
