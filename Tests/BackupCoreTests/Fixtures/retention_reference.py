#!/usr/bin/env python3
"""Check retention-vectors.json against the rules as understood from restic.

    python3 reference.py [retention-vectors.json]

A small statement of restic 0.14's forget rules in plain Python; prints the
cases it answers differently, and exits with 1 if there are any. Python 3.11.
"""

import calendar
import datetime as dt
import json
import re
import sys
from zoneinfo import ZoneInfo

UNITS = {"y": "years", "m": "months", "d": "days", "h": "hours"}

PERIODS = {
    "hourly": lambda wall: (wall.year, wall.month, wall.day, wall.hour),
    "daily": lambda wall: (wall.year, wall.month, wall.day),
    "weekly": lambda wall: wall.isocalendar()[:2],
    "monthly": lambda wall: (wall.year, wall.month),
    "yearly": lambda wall: wall.year,
}


def wall_at(zone, epoch):
    return dt.datetime.fromtimestamp(epoch, zone).replace(tzinfo=None)


def epoch_at(zone, wall):
    """The instant of a wall clock, choosing as Go does if there is none or two.

    The wall clock is first read as if it were UTC; the offset in force then
    gives a guess, and the offset in force at the guess is the one that counts.
    """
    def offset(epoch):
        return int(dt.datetime.fromtimestamp(epoch, zone).utcoffset().total_seconds())
    as_utc = calendar.timegm(wall.timetuple())
    if offset(as_utc) == 0:
        return as_utc
    return as_utc - offset(as_utc - offset(as_utc))


def minus(zone, epoch, duration):
    """Years, months and days leave the wall clock; then hours are plain seconds."""
    part = dict.fromkeys(UNITS.values(), 0)
    for number, unit in re.findall(r"(\d+)([ymdh])", duration):
        part[UNITS[unit]] = int(number)
    wall = wall_at(zone, epoch)
    months = (wall.year - part["years"]) * 12 + wall.month - 1 - part["months"]
    first = wall.replace(year=months // 12, month=months % 12 + 1, day=1)
    wall = first + dt.timedelta(days=wall.day - 1 - part["days"])
    return epoch_at(zone, wall) - part["hours"] * 3600


def keep(zone, times, rules):
    newest_first = sorted(times, reverse=True)
    kept = set()
    for rule, value in rules.items():
        name = rule.removeprefix("keep-")
        within = name.startswith("within")
        period = PERIODS.get(name.removeprefix("within").removeprefix("-"))
        if within:
            after = minus(zone, newest_first[0], value)
            candidates = [time for time in newest_first if time > after]
            most = len(candidates)
        else:
            candidates = newest_first
            most = len(candidates) if value == "all" else value
        last = None
        for time in candidates:
            bucket = period(wall_at(zone, time)) if period else time
            if most and bucket != last:
                kept.add(time)
                most -= 1
                last = bucket
    return sorted(kept)


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "retention-vectors.json"
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    sets = {one["id"]: one for one in vectors["sets"]}
    wrong = 0
    for case in vectors["cases"]:
        one = sets[case["set"]]
        mine = keep(ZoneInfo(one["time-zone"]), one["times"], case["rules"])
        if mine != case["kept"]:
            wrong += 1
            print("different:", case["set"], case["rules"],
                  "only here:", sorted(set(mine) - set(case["kept"])),
                  "only restic:", sorted(set(case["kept"]) - set(mine)))
    print(f"{len(vectors['cases'])} cases, {wrong} different")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
