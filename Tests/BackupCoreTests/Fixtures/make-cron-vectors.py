#!/usr/bin/env python3
"""Make test vectors for a cron schedule parser, with croniter as the counterpart.

Every vector is one five-field cron expression (Vixie syntax), a time zone, a
start moment and the 20 slots strictly after that moment, as epoch seconds.
Random with a fixed seed, plus a hand-written list.  The output is the same on
every run with the same croniter and the same time zone data.

Run it in an environment that has croniter (pip install croniter):

    python3 make-cron-vectors.py > cron-vectors.json
"""

import json
import random
import sys
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

from croniter import croniter

SEED = 20260328
RANDOM_COUNT = 440
SLOTS = 20
UTC = timezone.utc
ZONES = [
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
    "America/Sao_Paulo", "Pacific/Auckland", "Africa/Cairo", "America/Santiago",
]
DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun",
          "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH_LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

HAND_WRITTEN = """
@hourly
@daily
@midnight
@weekly
@monthly
@yearly
@annually
* * * * *
*/1 * * * *
*/1 */1 */1 */1 *
0 * * * *
0 0 * * *
0 0 29 2 *
0 0 29 2 1
0 0 29 2 0,6
59 23 29 feb *
*/30 12 29 FEB *
0 0 28-29 2 *
59 23 31 12 *
0 0 31 12 5
0 0 1 1 *
0 0 1 1 7
0 0 31 * *
15 4 31 * *
0 0 30 * *
0 0 29 * *
0 0 30,31 * *
0 0 29-31 * *
0 0 28-31 1-12 *
0 0 31 1,3,5 *
0 0 31 */2 *
0 0 31 4,12 *
0 0 30 1-3 *
0 12 31 jan,Mar,MAY,jul,aug,OcT,dec *
*/7 */5 * * *
*/59 */23 * * *
*/31 */12 */31 */12 *
*/7 * */10 * *
0 0 */2 * *
0 0 */3 * *
0 0 */16 * *
0 0 */31 * *
0 0 * */5 *
0 0 * */7 *
0 0 1 */12 *
0 0 * * */2
0 0 * * */3
0 0 * * */5
0 0 * * */7
0 0 */2 * 1
0 0 */2 * */2
0 0 */5 * mon-fri
0 0 13 * */2
0 0 13 * 5
0 0 13 * fri
0 0 13 */3 Fri
0 0 1,15 * 3
0 0 1-7 * 1
0 0 1-7 * *
0 9 8-14 * tue
0 9 29-31 * fri
30 6 31 * sun
0 0 31 2,3 1
0 0 1 2 1
5 5 5 5 5
0 0 * * 0
0 0 * * 7
5 0 * * 7
10 0 * * sun
15 0 * * SUN
20 0 * * 0,7
25 0 * * 5-7
30 0 * * 1-7
35 0 * * 0-6
40 0 * * 0-7
45 0 * * 6-7
50 0 * * 1-7/2
55 0 * * 4-7/2
0 1 * * 1-7/3
0 1 * * 0-6/3
0 2 * * mon-fri
0 3 * * MON-FRI
0 4 * * Mon,wed,FRI
0 5 * * mon-wed,sat
0 6 * * tue-sat/2
0 7 * jan-mar *
0 8 * JAN-dec/3 *
0 9 1 feb,APR-jun,Nov *
0 10 10 2-11/3 mOn
0-59/7 * * * *
0-58/7 * * * *
3-59/13 1-23/11 * * *
5-10/5 * * * *
5-9/4 * * * *
10-50/15,55 8-18/5 * * *
1-3,2-4,3-5 0 * * *
59,0,30,15 23,0,12 * * *
1,1,1 2,2 3,3 4,4 *
0,59 0,23 1,31 1,12 *
*/20,5 */8,1 * * *
10-20,*/25 * * * *
0 0 10-20/5,31 * *
0 0 1-31/15 * *
0 0 2-30/14 * *
0 0 1-31/2 2 *
0 12 29 1-3 *
59 23 28 2 *
59 23 30 4,6,9,11 *
59 23 31 8-12/4 *
0 22-23,0-4 * * *
0 0-23 * * *
0 0-23/23 * * *
0-59 0 1 1 *
59 * * * *
* 23 31 12 *
* 0 1 1 *
* * 29 2 *
* * * 2 1
* * 31 * 6
05 04 03 02 *
00 00 01 01 00
0  12   *  *   1-5
0	3	*	*	2
30 */6 1 * *
0 0 10,*/7 * *
0 0 * 1-12/11 *
0 0 25 dec *
0 0 24-26 dec sun
17 3 * * 1,3,5
"""

# (expression, zone, local start): slots in and around gaps and overlaps.
AROUND_TRANSITIONS = [
    ("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00"),
    ("31 2 * * *", "Europe/Berlin", "2026-10-24T12:00"),
    ("*/30 * * * *", "Europe/Berlin", "2026-03-28T23:30"),
    ("*/30 0-23 * * *", "Europe/Berlin", "2026-10-24T23:30"),
    ("0 */2 * * *", "Europe/Berlin", "2026-03-28T19:00"),
    ("0 1-23/2 * * *", "Europe/Berlin", "2026-03-28T19:00"),
    ("0 3 * * *", "Europe/Berlin", "2026-03-28T12:00"),
    ("30 2 29 3 *", "Europe/Berlin", "2026-03-01T00:00"),
    ("30 1 * * *", "America/New_York", "2026-10-31T12:00"),
    ("30 2 * * 0", "America/New_York", "2026-03-01T12:00"),
    ("*/15 1-3 * * *", "America/New_York", "2026-10-31T12:00"),
    ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00"),
    ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00"),
    ("*/10 * * * *", "Australia/Lord_Howe", "2026-04-05T00:35"),
    ("0 0 * * 1-6,7", "America/Santiago", "2026-09-04T12:00"),
    ("30 23 * * *", "America/Santiago", "2026-04-03T12:00"),
    ("0 0 * 1-12 *", "Africa/Cairo", "2026-04-22T12:00"),
    ("30 23 * 10 *", "Africa/Cairo", "2026-10-28T12:00"),
    ("10 2 * * *", "Pacific/Auckland", "2026-09-26T12:00"),
    ("20 2 * * *", "Pacific/Auckland", "2026-04-04T12:00"),
]


def random_item(rng, low, high, names=None):
    """One list item: a value, a range or a range with a step."""
    def name(value):
        if names is None or rng.random() < 0.4:
            return str(value)
        text = names[value % len(names) if low == 0 else value - 1]
        return rng.choice([text, text.upper(), text.capitalize()])

    kind = rng.random()
    if kind < 0.5:
        return name(rng.randint(low, high))
    start = rng.randint(low, high - 2)
    end = rng.randint(start + 1, high)
    # "sat-sun" is a range for croniter only: Vixie reads sun as 0 and refuses it.
    if names is DAYS and end == 7:
        text = f"{start}-{end}"
    else:
        text = f"{name(start)}-{name(end)}"
    if kind < 0.75:
        return text
    return f"{text}/{rng.randint(1, end - start)}"


def random_field(rng, low, high, star, names=None):
    """One field, `*` with the given probability."""
    if rng.random() < star:
        return "*"
    if rng.random() < 0.25:
        return f"*/{rng.randint(2, high)}"
    count = rng.choice([1, 1, 1, 2, 2, 3, 4])
    return ",".join(random_item(rng, low, high, names) for _ in range(count))


def random_expression(rng):
    return " ".join([
        random_field(rng, 0, 59, 0.1),
        random_field(rng, 0, 23, 0.25),
        random_field(rng, 1, 31, 0.45),
        random_field(rng, 1, 12, 0.5, MONTHS),
        random_field(rng, 0, 7, 0.5, DAYS),
    ])


def has_a_date(expression):
    """Whether some month and day of the expression exist together (not 30 Feb)."""
    if expression.startswith("@"):
        return True
    fields = croniter.expand(expression)[0]
    days = range(1, 32) if fields[2] == ["*"] else fields[2]
    months = range(1, 13) if fields[3] == ["*"] else fields[3]
    return any(day <= MONTH_LENGTHS[month - 1] for month in months for day in days)


def next_slots(expression, start, count=SLOTS):
    # implement_cron_bug: a day field that begins with * is ANDed, as in Vixie cron.
    iterator = croniter(expression, start, ret_type=datetime,
                        implement_cron_bug=True, max_years_between_matches=100)
    return [iterator.get_next(datetime) for _ in range(count)]


def is_plain(local, zone):
    """Whether this wall clock time exists exactly once in the zone."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return first.utcoffset() == second.utcoffset()


def is_sensitive(expression, start, slots):
    """Whether a wall clock time of the expression falls in a gap or an overlap."""
    zone = start.tzinfo
    end = slots[-1].astimezone(zone).replace(tzinfo=None)
    local = start.replace(tzinfo=None, fold=0)
    if not is_plain(local, zone):
        return True
    walls = [wall.replace(tzinfo=None)
             for wall in next_slots(expression, local.replace(tzinfo=UTC), SLOTS + 8)]
    if not all(is_plain(wall, zone) for wall in walls if wall <= end):
        return True
    plain = [wall.replace(tzinfo=zone).timestamp() for wall in walls[:SLOTS]]
    if plain != [slot.timestamp() for slot in slots]:
        print(f"odd: {expression} in {zone} from {start}", file=sys.stderr)
        return True
    return False


def zone_data_version():
    for folder in TZPATH:
        file = Path(folder, "tzdata.zi")
        if file.is_file():
            return file.read_text().split("\n", 1)[0].removeprefix("# version ")
    return "unknown"


def main():
    rng = random.Random(SEED)
    cases = [(expression, ZoneInfo(zone),
              datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone)))
             for expression, zone, start in AROUND_TRANSITIONS]
    expressions = {expression: None for expression, _, _ in AROUND_TRANSITIONS}
    fresh = [line for line in HAND_WRITTEN.strip().split("\n") if line not in expressions]
    expressions.update(dict.fromkeys(fresh))
    while len(fresh) < RANDOM_COUNT + len(HAND_WRITTEN.strip().split("\n")):
        expression = random_expression(rng)
        if expression not in expressions and has_a_date(expression):
            expressions[expression] = None
            fresh.append(expression)

    zones = cycle(ZONES)
    first = datetime(2024, 1, 1, tzinfo=UTC)
    for expression in fresh:
        zone = UTC if rng.random() < 0.52 else ZoneInfo(next(zones))
        start = first + timedelta(seconds=rng.randrange(11 * 365 * 86400))
        kind = rng.random()
        if kind < 0.4:
            start = start.replace(second=0)
        start = start.astimezone(zone)
        if kind < 0.25:
            start = next_slots(expression, start, 1)[0]
        cases.append((expression, zone, start))

    vectors, sensitive = [], []
    for expression, zone, start in cases:
        slots = next_slots(expression, start)
        if zone is not UTC and is_sensitive(expression, start, slots):
            sensitive.append(expression)
        vectors.append({
            "expression": expression,
            "time-zone": "UTC" if zone is UTC else zone.key,
            "after": int(start.timestamp()),
            "slots": [int(slot.timestamp()) for slot in slots],
        })

    head = {
        "made-by": f"croniter {version('croniter')}",
        "notes": [
            "after and slots are epoch seconds; slots are strictly after `after`.",
            f"time zone data {zone_data_version()}, seed {SEED}.",
            "implement_cron_bug=True: when a day field begins with *, both day fields must match.",
            "Left out because croniter and Vixie cron differ: a/n, equal ranges (5-5 is the whole"
            " field in croniter), ranges that wrap (fri-mon, sat-sun, 22-2), L, #, W, ?, six fields.",
            "dst-sensitive: expressions of the vectors in whose window a wall clock time of the"
            " expression falls in a DST gap or overlap (or which start in one), where the slots"
            " are croniter's own policy; all other vectors are plain wall clock arithmetic.",
        ],
    }
    print("{" + json.dumps(head)[1:-1] + ",")
    print('"dst-sensitive": [\n' + ",\n".join(map(json.dumps, sensitive)) + "\n],")
    print('"vectors": [')
    print(",\n".join(json.dumps(v, separators=(",", ":")) for v in vectors))
    print("]}")


if __name__ == "__main__":
    main()
