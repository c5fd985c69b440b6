extension Schedule {
    /// The first slot after a moment; none if the expression has none within twelve years.
    ///
    /// What fires in every hour runs in real time through clock changes. For everything else a slot in a gap is the
    /// first valid moment after it, and a slot in an overlap is the first of the two.
    package func next(after moment: Moment) -> Moment? {
        switch expression {
        case .cron(let cron):
            cron.hours.first(from: 0) == 0 && (0..<24).allSatisfy(cron.hours.contains)
                ? nextInRealTime(after: moment, cron) : nextOnTheWall(after: moment, cron)
        case .every(let every):
            next(after: moment, every)
        }
    }

    /// The newest slot in `after ..< through`, both ends as in "later than `after`, `through` at the latest".
    package func newest(through: Moment, after: Moment) -> Moment? {
        var reach: Int64 = 120
        while true {
            let start = max(after, Moment(seconds: through.seconds - reach))
            var found: Moment?
            var cursor = start
            while let slot = next(after: cursor), slot <= through {
                found = slot
                cursor = slot
            }
            if let found { return found }
            if start == after || reach > 13 * 366 * 86_400 { return nil }
            reach *= 8
        }
    }

    private func nextOnTheWall(after moment: Moment, _ cron: CronExpression) -> Moment? {
        let now = zone.local(moment)
        var from = now.date
        // Bounded by `day(from:)`, which ends after twelve years without a match.
        while let date = cron.day(from: from) {
            var minuteOfDay = date == now.date ? now.secondOfDay / 60 : 0
            while let next = cron.minuteOfDay(from: minuteOfDay) {
                let slot = zone.moment(of: CivilTime(date: date, secondOfDay: next * 60))
                if slot > moment { return slot }
                minuteOfDay = next + 1
            }
            from = date.adding(days: 1)
        }
        return nil
    }

    private func nextInRealTime(after moment: Moment, _ cron: CronExpression) -> Moment? {
        var candidate = nextMinute(after: moment)
        while true {
            let local = zone.local(candidate)
            guard let date = cron.day(from: local.date) else { return nil }
            if date != local.date {
                candidate = zone.moment(of: CivilTime(date: date, secondOfDay: 0))
                continue
            }
            let minute = cron.minutes.first(from: local.minute)
            if minute == local.minute { return candidate }
            candidate = candidate + .seconds(Int64(((minute ?? 60) - local.minute) * 60))
        }
    }

    /// The next moment at which the zone's clock shows a full minute.
    private func nextMinute(after moment: Moment) -> Moment {
        moment + .seconds(Int64(60 - zone.local(moment).second))
    }

    private func next(after moment: Moment, _ every: EveryExpression) -> Moment? {
        guard every.dividesDay else { return nextFromTheAnchor(after: moment, every) }
        return every.period <= 3600
            ? nextInRealTime(after: moment, every) : nextOnTheWall(after: moment, every)
    }

    private func nextOnTheWall(after moment: Moment, _ every: EveryExpression) -> Moment? {
        let now = zone.local(moment)
        var second = Int64(now.secondOfDay) / every.period * every.period
        var date = now.date
        while true {
            let slot = zone.moment(of: CivilTime(date: date, secondOfDay: Int(second)))
            if slot > moment { return slot }
            second += every.period
            if second >= 86_400 {
                second = 0
                date = date.adding(days: 1)
            }
        }
    }

    private func nextInRealTime(after moment: Moment, _ every: EveryExpression) -> Moment? {
        var candidate = nextMinute(after: moment)
        while true {
            let excess = Int64(zone.local(candidate).secondOfDay) % every.period
            if excess == 0 { return candidate }
            candidate = candidate + .seconds(every.period - excess)
        }
    }

    private func nextFromTheAnchor(after moment: Moment, _ every: EveryExpression) -> Moment? {
        guard let monday = CivilDate(year: 1970, month: 1, day: 5) else { return nil }
        let anchor = zone.moment(of: CivilTime(date: monday, secondOfDay: 0)).seconds
        let elapsed = moment.seconds - anchor
        let periods = elapsed >= 0 ? elapsed / every.period : (elapsed - every.period + 1) / every.period
        return Moment(seconds: anchor + (periods + 1) * every.period)
    }
}

extension CronExpression {
    /// The first matching minute of a day, counted from midnight, that is at least `start`.
    func minuteOfDay(from start: Int) -> Int? {
        guard start < 1440 else { return nil }
        if hours.contains(start / 60), let minute = minutes.first(from: start % 60) {
            return start / 60 * 60 + minute
        }
        guard let hour = hours.first(from: start / 60 + 1), let minute = minutes.first else { return nil }
        return hour * 60 + minute
    }
}
