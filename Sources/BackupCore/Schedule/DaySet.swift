/// Which days a schedule means: by year, month, day of the month and day of the week.
///
/// Whole months are decided at once, as bit masks, so that a search over centuries takes microseconds.
struct DaySet: Sendable, Equatable {
    /// Ascending; nil means every year.
    var years: [Int]?
    /// 1 … 12.
    var months = BitSet(1...12)
    var monthDays = MonthDays()
    var weekdays = Weekdays()
    /// A day matches if either of the two restricts it in, not only if both do (Vixie's rule for cron).
    var takesEither = false

    /// The years a schedule can name; the same as systemd's and AWS's.
    static let firstYear = 1970
    static let lastYear = 2199

    /// The first day that matches, counted from 1970-01-01, from `day` on, itself included.
    func first(from day: Int64) -> Int64? {
        let start = CivilDate(dayNumber: max(0, day))
        var year = start.year
        var month = start.month
        var past = UInt32.max << UInt32(start.day)
        while let candidate = firstYear(from: year) {
            if candidate > year { (year, month, past) = (candidate, 1, .max) }
            while let candidate = months.first(from: month) {
                if candidate > month { (month, past) = (candidate, .max) }
                let first = Month(year: year, month: month)
                let mask = mask(of: first) & past
                if mask != 0 { return first.dayNumber + Int64(mask.trailingZeroBitCount) - 1 }
                (month, past) = (month + 1, .max)
            }
            (year, month, past) = (year + 1, 1, .max)
        }
        return nil
    }

    /// The last day that matches up to `day`, itself included.
    func last(through day: Int64) -> Int64? {
        guard day >= 0 else { return nil }
        let start = CivilDate(dayNumber: day)
        var year = start.year
        var month = start.month
        var upTo = UInt32.max >> UInt32(31 - start.day)
        while let candidate = lastYear(through: year) {
            if candidate < year { (year, month, upTo) = (candidate, 12, .max) }
            while let candidate = months.last(through: month), candidate > 0 {
                if candidate < month { (month, upTo) = (candidate, .max) }
                let first = Month(year: year, month: month)
                let mask = mask(of: first) & upTo
                if mask != 0 { return first.dayNumber + Int64(31 - mask.leadingZeroBitCount) - 1 }
                (month, upTo) = (month - 1, .max)
            }
            (year, month, upTo) = (year - 1, 12, .max)
        }
        return nil
    }

    private func firstYear(from year: Int) -> Int? {
        guard let years else { return year <= DaySet.lastYear ? year : nil }
        return years.first { $0 >= year }
    }

    private func lastYear(through year: Int) -> Int? {
        guard let years else { return year >= DaySet.firstYear ? min(year, DaySet.lastYear) : nil }
        return years.last { $0 <= year }
    }

    /// Bit n is set if the n-th of that month matches.
    private func mask(of month: Month) -> UInt32 {
        let days = monthDays.mask(in: month)
        let weekdays = weekdays.mask(in: month)
        return takesEither ? days | weekdays : days & weekdays
    }
}

/// A month, with what decides its days.
struct Month {
    let dayNumber: Int64
    /// 0 for Sunday … 6 for Saturday.
    let firstWeekday: Int
    let length: Int

    init(year: Int, month: Int) {
        dayNumber = CivilDate.dayNumber(year, month, 1)
        firstWeekday = Int((dayNumber + 4) % 7)
        length = CivilDate.days(inMonth: month, of: year)
    }

    /// Bits 1 … length.
    var all: UInt32 { UInt32.max >> UInt32(31 - length) & ~1 }

    func weekday(of day: Int) -> Int { (firstWeekday + day - 1) % 7 }

    /// All days that fall on one of these weekdays (bits 0 for Sunday … 6).
    func days(on weekdays: UInt64) -> UInt32 {
        // Day 1 is the first weekday: the week's seven bits, turned by it, repeat through the month.
        let week = weekdays & 0x7F
        let turned = (week | week << 7) >> UInt64(firstWeekday) & 0x7F
        let month = turned * 0x1020_4081 & 0x7FFF_FFFF
        return UInt32(truncatingIfNeeded: month << 1) & all
    }
}

/// Which days of a month, before weekdays are looked at.
struct MonthDays: Sendable, Equatable {
    /// 1 … 31.
    var days = BitSet(1...31)
    /// Counted from the end: 1 is the last day.
    var fromEnd = BitSet()
    /// The working day (Monday to Friday) nearest to that day, within the month.
    var nearestWorkday = BitSet()
    var lastWorkday = false

    func mask(in month: Month) -> UInt32 {
        var mask = UInt32(truncatingIfNeeded: days.bits)
        var number = fromEnd.first
        while let back = number {
            if back <= month.length { mask |= 1 << UInt32(month.length + 1 - back) }
            number = fromEnd.first(from: back + 1)
        }
        number = nearestWorkday.first
        while let day = number {
            if day <= month.length { mask |= 1 << UInt32(workday(nearestTo: day, in: month)) }
            number = nearestWorkday.first(from: day + 1)
        }
        if lastWorkday { mask |= 1 << UInt32(workday(nearestTo: month.length, in: month)) }
        return mask & month.all
    }

    private func workday(nearestTo day: Int, in month: Month) -> Int {
        switch month.weekday(of: day) {
        case 6: day == 1 ? 3 : day - 1
        case 0: day == month.length ? day - 2 : day + 1
        default: day
        }
    }
}

/// Which days of the week; 0 is Sunday, 6 is Saturday.
struct Weekdays: Sendable, Equatable {
    var any = BitSet(0...6)
    /// Only where it falls the last time in its month.
    var last = BitSet()
    /// Only where it falls the n-th time in its month, n from 1 to 5.
    var nth: [Int: BitSet] = [:]

    func mask(in month: Month) -> UInt32 {
        var mask = month.days(on: any.bits)
        if !last.isEmpty { mask |= month.days(on: last.bits) & (month.all << UInt32(month.length - 7)) & month.all }
        for (n, days) in nth { mask |= month.days(on: days.bits) & (0xFE << UInt32((n - 1) * 7)) }
        return mask
    }
}
