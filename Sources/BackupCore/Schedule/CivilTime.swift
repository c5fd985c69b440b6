/// A day of the proleptic Gregorian calendar.
package struct CivilDate: Hashable, Comparable, Sendable {
    package let year: Int
    package let month: Int
    package let day: Int

    /// The date, or nil if there is none such (30 February).
    package init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), day >= 1, day <= CivilDate.days(inMonth: month, of: year) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The date that many days after 1970-01-01.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    package init(dayNumber: Int64) {
        let shifted = dayNumber + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    /// How many days after 1970-01-01, negative before it (`days_from_civil`, same source).
    package var dayNumber: Int64 { CivilDate.dayNumber(year, month, day) }

    static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let year = Int64(month <= 2 ? year - 1 : year)
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// 0 for Sunday … 6 for Saturday, as cron counts.
    package var weekday: Int { Int(((dayNumber % 7) + 11) % 7) }

    package func adding(days: Int) -> CivilDate { CivilDate(dayNumber: dayNumber + Int64(days)) }

    /// The same day of another month, or that month's last day where it is shorter.
    package func adding(months: Int) -> CivilDate {
        let index = year * 12 + (month - 1) + months
        let newYear = index >= 0 ? index / 12 : (index - 11) / 12
        let newMonth = index - newYear * 12 + 1
        let newDay = min(day, CivilDate.days(inMonth: newMonth, of: newYear))
        return CivilDate(dayNumber: 0).with(year: newYear, month: newMonth, day: newDay)
    }

    package static func < (a: CivilDate, b: CivilDate) -> Bool { (a.year, a.month, a.day) < (b.year, b.month, b.day) }

    package static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private func with(year: Int, month: Int, day: Int) -> CivilDate {
        CivilDate(year: year, month: month, day: day) ?? self
    }
}

extension CivilDate: CustomStringConvertible {
    /// `2026-11-20`.
    package var description: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }
}

/// A date and a time of day as a clock on a wall shows them; which moment that is, a ``Zone`` says.
package struct CivilTime: Hashable, Comparable, Sendable {
    package let date: CivilDate
    /// Seconds since this day's midnight as the clock counts them, 0 ..< 86,400.
    package let secondOfDay: Int

    package init(date: CivilDate, secondOfDay: Int) {
        self.date = date
        self.secondOfDay = secondOfDay
    }

    package init(date: CivilDate, hour: Int, minute: Int) {
        self.init(date: date, secondOfDay: hour * 3600 + minute * 60)
    }

    /// What a clock set to UTC shows.
    package init(utc moment: Moment) { self.init(wall: moment.seconds) }

    init(wall: Wall) {
        let (day, second) = wall.dayAndSecond
        self.init(date: CivilDate(dayNumber: day), secondOfDay: second)
    }

    package var hour: Int { secondOfDay / 3600 }
    package var minute: Int { secondOfDay / 60 % 60 }
    package var second: Int { secondOfDay % 60 }

    /// The moment at which a clock set to UTC shows this.
    package var asUTC: Moment { Moment(seconds: wall) }

    var wall: Wall { date.dayNumber * 86_400 + Int64(secondOfDay) }

    package static func < (a: CivilTime, b: CivilTime) -> Bool {
        (a.date, a.secondOfDay) < (b.date, b.secondOfDay)
    }

    /// `02:00:00`.
    package var clock: String { "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))" }
}

extension Wall {
    /// The days since 1970-01-01, rounded down, and the seconds since that day's midnight.
    var dayAndSecond: (day: Int64, second: Int) {
        let day = self >= 0 ? self / 86_400 : (self - 86_399) / 86_400
        return (day, Int(self - day * 86_400))
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
