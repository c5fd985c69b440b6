#!/usr/bin/env python3
"""Make test vectors for a calendar schedule parser, with systemd as the counterpart.

Every vector is one systemd OnCalendar expression, a time zone (the suffix of
the expression, else UTC), a start moment and up to 20 elapses strictly after
that moment, as epoch seconds; "ended" says that systemd found no more.  Also
made: expressions that systemd refuses, and the normalized form of every valid
expression.  Random with a fixed seed, plus a hand-written list.  The output is
the same on every run with the same systemd and the same time zone data.

Run it where systemd-analyze is installed:

    python3 make-calendar-vectors.py > calendar-vectors.json
"""

import json
import os
import random
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from itertools import cycle
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

SEED = 20260328
RANDOM_COUNT = 430
ELAPSES = 20
UTC = timezone.utc
ZONES = [
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
    "America/Sao_Paulo", "Pacific/Auckland", "Africa/Cairo", "America/Santiago",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
ELAPSE = re.compile(r"(?:Next elapse|Iter\. #\d+|\(in UTC\)): (?:\w{3} )?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")
NORMALIZED = re.compile(r"Normalized form: (.*)")

HAND_WRITTEN = """
minutely
hourly
daily
weekly
monthly
quarterly
semiannually
semi-annually
biannually
bi-annually
yearly
annually
anually
Hourly
DAILY
wEEkly
minutely UTC
hourly UTC
daily UTC
weekly Pacific/Auckland
monthly Europe/Berlin
quarterly America/New_York
semiannually Asia/Kathmandu
yearly Australia/Lord_Howe
hourly Africa/Cairo
daily America/Sao_Paulo
Mon
mon
MONDAY
mOnDaY
Monday
Mon,
Mon,Wed
Mon,Tue, 12:00
Mon,Mon
Sun..Sun
Mon  12:00
Mon  *-*-2   4:05
*-*-1  12:00
Mon, 17:48
Tue,Thu 06:30
Tuesday,thursday,SAT 06:30
Mon..Fri
Mon-Fri
monday..friday 22:00
Mon..Sun
Mon..Mon
Sat..Sun
Sat,Sun
Sun,Sat
Mon..Wed,Fri..Sun 12:00
Sat,Thu,Mon..Wed,Sat..Sun
Mon,Sun 12-*-* 2,1:23
Thu,Fri 2026-*-1,5 11:12:13
Wed *-1
Wed..Wed,Wed *-1
Wed, 17:48
Wed..Sat,Tue 12-10-15 1:2:3
Wed..Sat,Tue 27-10-15 1:2:3
*-*-7 0:0:0
10-15
monday *-12-* 17:00
Mon,Fri *-*-3,1,2 *:30:45
12,14,13,12:20,10,30
12..14:10,20,30
mon,fri *-1/2-1,3 *:30:45
03-05 08:05:40
08:05:40
05:40
Sat,Sun 12-05 08:05:40
Sat,Sun 08:05:40
2003-03-05 05:40
2003-02..04-05
2003-03-05 05:40 UTC
2003-03-05
03-05
*:2/3
*-*-*
*-*-* *:*:*
*-*-* *:*
*:*
*:*:*
*:*:30
*:*:00
*:*:0/20
*:*:5/25
*:*:10..20/5
*:*:0,59
*:0/15:0/30
*:0/15
*:0/30
*:0/7
*:7/13
*:0,15,30,45
*:10..20
*:5..5
*:0..59
*:0..10/20
*:5..10/6
*:1..5,3..8
*:0/10,5
10..10:00
0..23/24:00
0012:00
12:00,30
12:00:00,30
*:00..50/10
0:0
0:0:0
00:00:00
23:59:59
23:59
0/2:0
0/5:30
1/11:15
8..18:00
8..18/2:00
8..18/5,20:00,30
22,23,0..4:10
*-*-01
*-*-1
*-01
01-01
1-1
12-31 23:59:59
*-*-31
*-*-30
*-*-29
*-*-31 23:59:59
*-*-29..31/2
*-*-25/2
*-*-1/7
*-*-1..10/3
*-*-1..10/3 04:00
*-*-1..7,15,25..31/3
*-*-1,1,2
*-1,2,3..5/2-1
*-02-29
*-2-29 12:00
Mon *-02-29
Mon *-*-1..7
Fri *-*-13
Mon..Fri *-*-1
Sun *-12-25..31
*-02-28,29
*-02-30
*-02-29,30
*-02,04-30
*-04-31
*-04..06-31
*-*~1
*-*~01
*~1
*~1 18:00
02~1
*-*~2
*-*~28
*-*~1,3
*-*~1..3
*-*~1..1
*-*~7/1
*-*~7/2
*-*~7/6
*-*~10/3
*-*~1..7/2
*-*~28/9
*-*~*
*-02~3
*-02~03
*-02~28
*-2~1
*-1..3~1
*-1/2~1,2
*-01,02,12~1..5/2
Mon *-05~07/1
Fri *-*~07/1
Sun *-03,10~07/1 02:30
Mon..Fri *-*~1
Sat,Sun *-*~3/1 10:00
2026-02~1
2028-02~1..2
26-2~4/3
2026..2030-02~1
2026-*-*
2026-01-01
2026-1-1 1:1:1
2027-02-28 23:59
26-01-01
38-1-1
69-01-01
70-01-01
99-12-31
00-01-01
05-08-05
0-1-1
1970-01-01
1999-12-31 23:59:59
2026/2-*-*
2026/4-01-01
2024/4-02-29
2026..2030-06-15
2026..2036/3-06-15
2026,2028,2033-1-1
26,28-1,6-1
26..29-5-5
26/3-5-5
2025..2026-12-31 23:0/20
2100-02-29
2096/4-02-29
2199-12-31
2190/3-1-1
1971/10-1-1
*-1..2/1-*
*-1..12/12-1
*-*-10..31/22
*-31
0099-1-1
0026-1-1
99/2-1-1
*-1/3-*
*-1/5-1
*-3..11/4-10..20/5
*-6..6-1
*-*-15 12:00:00 UTC
12:00 UTC
12:00 utc
Mon UTC
*:0/20 UTC
*-*~1 Europe/Berlin
Mon..Fri 09:00 America/New_York
Sun 02:30 Asia/Kathmandu
*-*-* 05:45:30 Asia/Kathmandu
*-12-31 23:59:59 Pacific/Auckland
*-02-29 Australia/Lord_Howe
*-*-* 00:00:00
Mon *-*-* 00:00:00
*-01,07-01 00:00:00
*-01,04,07,10-01 00:00:00
@1893456000
@1893456000 UTC
"""

# (expression without zone, zone, local start): elapses in and around gaps and overlaps.
AROUND_TRANSITIONS = [
    ("02:30", "Europe/Berlin", "2026-03-28T00:00"),
    ("02:31", "Europe/Berlin", "2026-10-24T12:00"),
    ("*:0/30", "Europe/Berlin", "2026-03-28T23:30"),
    ("*:00/30", "Europe/Berlin", "2026-10-24T23:30"),
    ("hourly", "Europe/Berlin", "2026-10-24T23:00"),
    ("*:00:00", "Europe/Berlin", "2026-03-28T23:00"),
    ("0/2:00", "Europe/Berlin", "2026-03-28T19:00"),
    ("1/2:00", "Europe/Berlin", "2026-03-28T19:00"),
    ("02..03:30", "Europe/Berlin", "2026-03-28T12:00"),
    ("2026-03-29 02:30", "Europe/Berlin", "2026-03-01T00:00"),
    ("Sun 2026-03-* 02:30", "Europe/Berlin", "2026-03-01T00:00"),
    ("01:30", "America/New_York", "2026-10-31T12:00"),
    ("Sun 02:30", "America/New_York", "2026-03-01T12:00"),
    ("01..03:0/15", "America/New_York", "2026-10-31T12:00"),
    ("02:15", "Australia/Lord_Howe", "2026-10-03T12:00"),
    ("01:45", "Australia/Lord_Howe", "2026-04-04T12:00"),
    ("*:0/10", "Australia/Lord_Howe", "2026-04-05T00:35"),
    ("daily", "America/Santiago", "2026-09-04T12:00"),
    ("23:30", "America/Santiago", "2026-04-03T12:00"),
    ("00:00", "Africa/Cairo", "2026-04-22T12:00"),
    ("*-10-* 23:30", "Africa/Cairo", "2026-10-28T12:00"),
    ("*-*~1 00:00", "Africa/Cairo", "2026-04-22T12:00"),
    ("02:10", "Pacific/Auckland", "2026-09-26T12:00"),
    ("02:20", "Pacific/Auckland", "2026-04-04T12:00"),
]

# Starts that are not random; here so that the vector stays within a year (see
# with_bounded_day_steps).
STARTS = {"*-*-1/7": "2026-01-01T00:00"}

# The start for an expression that is over before its random start.
EARLY = int(datetime(2023, 12, 31, 12, tzinfo=UTC).timestamp())

# Every one is checked to be refused; the split is by lines, those that end in a blank are added.
REFUSED = """
*
*/2
*:*/2
*:*:*/2
*/2:00
*-*/2-*
*-*-*/2
*/2-*-*
*-*~*/2
Fri..Mon
Sat,Sun..Mon
Sun..Mon
Fri-Mon
Sun-Mon
Mon..
..Mon
Mon..Fri..Sun
Mon..Fri/2
Mon,,Tue
,Mon
Mon Tue
Mond
Mo
Tues
Thurs
Montag
1
8
12
1700000000
2 AM
2AM
2 PM
12:30 PM
24:00
25:00
24:00:00
12:60
*:60
*:*:60
*:*:61
00:00:60
-1:00
12:-5
12:
:30
12:00:
12:00:00:00
1:2:3:4
*:0/60
*:0/61
*:*:0/60
0/24:00
*:59/1
*:0/0
0/0:00
*:0/
*:/5
*:0/-5
*:5..10/0
*:5..
*:..5
*:10..5
22..4:00
*:5-10
8-18:00
*:5..10..15
*:1,,2
*:1,
*:,1
*:*,5
*:5,*
*-13-*
*-0-1
*-00-01
*-*-0
*-*-32
*-*-31..32
*-*-5..1
*-12..1-1
*-*-1/31
*-12/3-1
*-12/1-1
*-1/12-1
2026/500-1-1
2026/0-1-1
2026..2020-1-1
1969..2030-1-1
1970..2300-1-1
31-1
*-*-*~1
*-02~28/28
@1893456000.5
12:00  UTC
daily  UTC
2026-*
2026-* 10:00
 Mon
*-*-01-01
*-*-
-*-*
2026-
2026--01
2026-02-
2026/01/01
01.02.2026
2026-01-01-01
1969-01-01
1969-12-31
2200-01-01
10000-01-01
100-01-01
*-jan-01
*-*-Mon
jan
1 jan
*-*~0
*-*~29
*-*~31
*-*~32
*-*~3..1
*-*~7..1
*-*~1/2
*-02~29
~1
~
*~
*-*~
*-*~1~2
2026~1~1
*~*-1
2026-05-01T08:00
2026-05-01T08:00:00Z
*-*-*T08:00
12:00Z
12:00 +02:00
12:00 UTC+1
12:00 Foo/Bar
12:00 europe/berlin
Europe/Berlin
UTC
Europe/Berlin 12:00
UTC 12:00
12:00 UTC UTC
12:00 UTC Europe/Berlin
12:00 Mon
12:00 *-*-1
*-*-1 Mon
12:00 12:00
*-*-1 *-*-2
@daily
@hourly
@
@-1
half-yearly
biyearly
fortnightly
every day
every monday
secondly
dailyish
daily 12:00
Mon daily
weekly,daily
now
today
tomorrow
yesterday
+1h
1h
5 minutes
0 0 * * *
*/5 * * * *
12:00:00.
12,5
1.5:00
0x10:00
１２:00
12:00 # noon
12:00;13:00
never
"""


def analyze(expression, after=None):
    """systemd's answer: (normalized form, elapses), or None when it refuses."""
    moment = datetime.fromtimestamp(after or 0, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    done = subprocess.run(
        ["systemd-analyze", "calendar", f"--iterations={ELAPSES}",
         f"--base-time={moment}", "--", expression],
        env={"PATH": os.environ["PATH"], "TZ": "UTC", "LC_ALL": "C.UTF-8",
             "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    normalized = NORMALIZED.search(done.stdout)
    if done.returncode != 0:
        if normalized is not None:
            raise RuntimeError(f"{expression!r}: {done.stderr.strip()}")
        if "Failed to parse calendar specification" not in done.stderr:
            raise RuntimeError(f"{expression!r}: {done.stderr.strip()}")
        return None
    elapses = [int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
               for text in ELAPSE.findall(done.stdout)]
    if not elapses and "never" not in done.stdout:
        raise RuntimeError(f"{expression!r}: {done.stdout}")
    return normalized.group(1), elapses


def number(rng, value):
    return rng.choice([str(value), f"{value:02}"])


def random_part(rng, low, high, star):
    """One date or time component: `*`, or a list of values, ranges and steps."""
    if rng.random() < star:
        return "*"

    def item():
        kind = rng.random()
        start = rng.randint(low, high - 2)
        if kind < 0.5:
            return number(rng, rng.randint(low, high))
        if kind < 0.7:
            return f"{number(rng, start)}/{rng.randint(1, high - start)}"
        end = rng.randint(start + 1, high)
        text = f"{number(rng, start)}..{number(rng, end)}"
        return text if kind < 0.85 else f"{text}/{rng.randint(1, end - start)}"

    return ",".join(item() for _ in range(rng.choice([1, 1, 1, 1, 2, 2, 3])))


def random_weekdays(rng):
    def name(index):
        text = rng.choice([DAYS[index], DAYS[index][:3], DAYS[index][:3]])
        return rng.choice([text, text, text.lower(), text.upper()])

    def item():
        start = rng.randint(0, 6)
        if rng.random() < 0.6 or start == 6:
            return name(start)
        return f"{name(start)}..{name(rng.randint(start + 1, 6))}"

    return ",".join(item() for _ in range(rng.choice([1, 1, 1, 2, 2, 3])))


def random_date(rng):
    kind = rng.random()
    if kind < 0.65:
        year = "*-"
    elif kind < 0.75:
        year = ""
    elif kind < 0.8:
        year = f"{rng.randint(24, 45)}-"
    elif kind < 0.85:
        year = f"{rng.randint(2024, 2036)}-"
    elif kind < 0.9:
        year = f"{rng.randint(2020, 2030)}/{rng.randint(1, 9)}-"
    elif kind < 0.95:
        start = rng.randint(2020, 2034)
        year = f"{start}..{start + rng.randint(1, 12)}-"
    else:
        year = ",".join(str(rng.randint(2024, 2040)) for _ in range(3)) + "-"
    month = random_part(rng, 1, 12, 0.6)
    if rng.random() < 0.25:
        return f"{year}{month}~{rng.choice(['1', '01', '2', '5', '1..3', '7/1', '1,3', '1..9/4', '12/5', '28'])}"
    return f"{year}{month}-{random_part(rng, 1, 31, 0.35)}"


def random_time(rng):
    text = f"{random_part(rng, 0, 23, 0.25)}:{random_part(rng, 0, 59, 0.1)}"
    if rng.random() < 0.3:
        text += f":{random_part(rng, 0, 59, 0.1)}"
    return text


def random_expression(rng):
    """An expression without zone: weekdays, date and time, at least one of them."""
    while True:
        parts = []
        if rng.random() < 0.4:
            parts.append(random_weekdays(rng))
        if rng.random() < 0.6:
            parts.append(random_date(rng))
        if rng.random() < 0.7:
            parts.append(random_time(rng))
        if parts:
            return " ".join(parts)


def with_bounded_day_steps(form):
    """A normalized form with day steps 1/7 as 1..31/7: the same days.

    systemd 252 loses the first days of January after a step without an end that
    overshoots December (1/7: 29 December, then 8 January); with an end it does not.
    """
    def bounded(part):
        head, dash, days = part.rpartition("-")
        if not dash or "~" in part or not re.match(r"[*\d]", part):
            return part
        return head + dash + re.sub(r"(^|,)(\d+)/(\d+)(?=,|$)", r"\1\2..31/\3", days)

    return " ".join(map(bounded, form.split(" ")))


def is_plain(local, zone):
    """Whether this wall clock time exists exactly once in the zone."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return first.utcoffset() == second.utcoffset()


def is_sensitive(bare, zone, after, slots):
    """Whether a wall clock time of the expression falls in a gap or an overlap."""
    local = datetime.fromtimestamp(after, zone).replace(tzinfo=None, fold=0)
    if not is_plain(local, zone):
        return True
    found = analyze(bare, int(local.replace(tzinfo=UTC).timestamp()))[1]
    walls = [datetime.fromtimestamp(slot, UTC).replace(tzinfo=None) for slot in found]
    if not all(is_plain(wall, zone) for wall in walls):
        return True
    if [int(wall.replace(tzinfo=zone).timestamp()) for wall in walls] != slots:
        print(f"odd: {bare} in {zone} from {after}", file=sys.stderr)
        return True
    return False


def zone_of(expression):
    """The bare expression and the zone of its suffix (UTC when it has none)."""
    bare, _, last = expression.rpartition(" ")
    if last in ZONES:
        return bare, last
    return expression, "UTC"


def zone_data_version():
    for folder in TZPATH:
        file = Path(folder, "tzdata.zi")
        if file.is_file():
            return file.read_text().split("\n", 1)[0].removeprefix("# version ")
    return "unknown"


def main():
    rng = random.Random(SEED)
    cases = {}
    for bare, zone, start in AROUND_TRANSITIONS:
        moment = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))
        cases[f"{bare} {zone}"] = (int(moment.timestamp()), None)

    def random_case():
        moment = 1704067200 + rng.randrange(11 * 365 * 86400)
        kind = rng.random()
        return (moment - moment % 60 if kind < 0.4 else moment, kind < 0.25)

    for expression in HAND_WRITTEN.strip("\n").split("\n"):
        case = random_case()
        if expression in STARTS:
            moment = datetime.fromisoformat(STARTS[expression]).replace(tzinfo=UTC)
            case = (int(moment.timestamp()), False)
        cases.setdefault(expression, case)
    zones = cycle(ZONES)
    wanted = len(cases) + RANDOM_COUNT
    while len(cases) < wanted:
        expression = random_expression(rng)
        kind = rng.random()
        if kind > 0.45:
            expression += f" {next(zones)}"
        elif kind > 0.4:
            expression += " UTC"
        cases.setdefault(expression, random_case())

    vectors, sensitive, normalized = [], [], {}
    for expression, (after, on_slot) in cases.items():
        try:
            answer = analyze(expression, after)
            if answer and not answer[1] and on_slot is not None:
                after = min(after, EARLY)
                answer = analyze(expression, after)
            elif answer and on_slot and answer[1]:
                after = answer[1][0]
                answer = analyze(expression, after)
        except RuntimeError as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        if answer is None:
            print(f"refused: {expression!r}", file=sys.stderr)
            continue
        normalized[expression], slots = answer
        bounded = with_bounded_day_steps(answer[0])
        if bounded != answer[0] and analyze(bounded, after)[1] != slots:
            print(f"left out: {expression!r}: loses days in January", file=sys.stderr)
            continue
        bare, zone = zone_of(expression)
        if zone != "UTC" and is_sensitive(bare, ZoneInfo(zone), after, slots):
            sensitive.append(expression)
        vector = {"expression": expression, "time-zone": zone, "after": after, "slots": slots}
        if len(slots) < ELAPSES:
            vector["ended"] = True
        vectors.append(vector)

    invalid = []
    for expression in ["", " ", "daily ", "12:00 "] + REFUSED.strip("\n").split("\n"):
        answer = analyze(expression)
        if answer is None:
            invalid.append(expression)
        else:
            normalized.setdefault(expression, answer[0])
            print(f"not refused: {expression!r}: {answer[0]}", file=sys.stderr)

    made_by = subprocess.run(["systemd-analyze", "--version"], capture_output=True,
                             text=True, check=True).stdout.split("\n", 1)[0]
    head = {
        "made-by": made_by,
        "notes": [
            "after and slots are epoch seconds; slots are strictly after `after`.",
            f"time zone data {zone_data_version()}, seed {SEED}.",
            "ended: systemd found no elapse after the last slot (possibly none at all).",
            "dst-sensitive: expressions of the vectors in whose window a wall clock time of the"
            " expression falls in a DST gap or overlap (or which start in one), where the slots"
            " are systemd's own policy; all other vectors are plain wall clock arithmetic.",
            "Left out: open day steps where systemd 252 errs: they lose the first days of January"
            " after overshooting December (*-*-1/7: 29 December, then 8 January), and fail with"
            " \"Resource deadlock avoided\" where the overshoot meets a midnight in a DST gap"
            " (*-*-11/17 America/Santiago in late August).",
            "normalized may also hold expressions without a vector.",
        ],
    }

    def lines(values):
        return ",\n".join(json.dumps(value, separators=(",", ":")) for value in values)

    print("{" + json.dumps(head)[1:-1] + ",")
    print('"dst-sensitive": [\n' + lines(sensitive) + "\n],")
    print('"invalid": [\n' + lines(invalid) + "\n],")
    print('"normalized": {\n' + ",\n".join(
        f"{json.dumps(expression)}: {json.dumps(form)}"
        for expression, form in normalized.items()) + "\n},")
    print('"vectors": [\n' + lines(vectors) + "\n]}")


if __name__ == "__main__":
    main()
