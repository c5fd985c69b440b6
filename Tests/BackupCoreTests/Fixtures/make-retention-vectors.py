#!/usr/bin/env python3
"""Make test vectors for backup retention rules, with restic as the judge.

    python3 make-retention-vectors.py > retention-vectors.json

What it makes: some dozens of random "sets" of snapshot times (the seed is
fixed), and for each set a number of "cases": a combination of forget rules and
the times of the snapshots that restic keeps under these rules. Every case is
answered by restic itself: each set becomes a small local repository (one
`restic backup --stdin --time ...` per snapshot) on which
`restic forget --dry-run --json --group-by ''` runs once per case.

Output: one JSON object; "sets" have an id, a time zone and the snapshot times
(epoch seconds, oldest first); "cases" have a set id, the rules (names as in
restic's options without the dashes; a count "all" means unlimited) and the
kept times (epoch seconds, ascending). One set or case per line.

Needs restic and openssl on the PATH, Python 3.11 and the system's time zone
data. Everything is done in a temporary directory; takes about four minutes on
two cores.

How it is fast: restic's password hashing costs half a second per invocation.
So one empty repository is initialised, its key file is replaced by one with
the cheapest hashing (same master key, see `cheap_key`), and it is copied for
each set.
"""

import base64
import calendar
import concurrent.futures
import datetime as dt
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

SEED = 20240239            # chosen to hit missing and doubled hours in several zones
WORKERS = 2
SETS = 36
CASES_PER_SET = 11
TRIVIAL_PER_SET = 2        # at most so many cases per set that keep all or none
MANY = 1_000_000           # what "all" is passed as, see NOTES
PASSWORD = "vectors"

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland"]
COUNTS = ["keep-last", "keep-hourly", "keep-daily", "keep-weekly",
          "keep-monthly", "keep-yearly"]
WITHINS = ["keep-within", "keep-within-hourly", "keep-within-daily",
           "keep-within-weekly", "keep-within-monthly", "keep-within-yearly"]

NOTES = [
    "Every case was answered by `restic forget --dry-run --json --group-by ''`.",
    "restic ran with TZ set to the set's time-zone; hours, days, ISO weeks, months and"
    " years are those of that zone.",
    "'all' was passed to restic as 1000000: this version has no 'unlimited', and its -1"
    " keeps nothing.",
    "This version does not additionally keep the oldest snapshot when a count is not"
    " used up; newer versions do.",
    "Durations count back from the newest snapshot, not from the present; a snapshot"
    " exactly at the limit is not kept.",
]

HOUR = 3600
DAY = 24 * HOUR


# ---------------------------------------------------------------- local times

def offset_at(zone, epoch):
    """Seconds east of UTC at an instant."""
    moment = dt.datetime.fromtimestamp(epoch, dt.timezone.utc).astimezone(zone)
    return int(moment.utcoffset().total_seconds())


def local(zone, epoch):
    """The wall clock of `zone` at an instant, without zone."""
    moment = dt.datetime.fromtimestamp(epoch, dt.timezone.utc)
    return (moment + dt.timedelta(seconds=offset_at(zone, epoch))).replace(tzinfo=None)


def instant(zone, wall):
    """The instant of a wall clock as Go's time.Date finds it (and so restic)."""
    seconds = calendar.timegm(wall.timetuple())
    first = offset_at(zone, seconds)
    return seconds - offset_at(zone, seconds - first) if first else seconds


def limit(zone, newest, years=0, months=0, days=0, hours=0):
    """`newest` minus a duration, with overflowing days rolling on (Go AddDate)."""
    wall = local(zone, newest)
    month = wall.year * 12 + wall.month - 1 - years * 12 - months
    wall = (wall.replace(year=month // 12, month=month % 12 + 1, day=1)
            + dt.timedelta(days=wall.day - 1 - days))
    return instant(zone, wall) - hours * HOUR


def changes(zone, year):
    """The instants of a year at which the zone's offset changes."""
    begin = calendar.timegm((year, 1, 1, 0, 0, 0))
    return [t for t in range(begin, begin + 366 * DAY, HOUR)
            if offset_at(zone, t) != offset_at(zone, t - HOUR)]


# ------------------------------------------------------------------ durations

def text(duration):
    return "".join(f"{n}{unit[0]}" for unit, n in duration.items() if n)


def random_duration(rng, span):
    """A duration of up to about `span` seconds, of one to four parts."""
    rest = max(2 * HOUR, int(span * rng.uniform(0.03, 1.15)))
    result = {}
    for unit, size in (("years", 365 * DAY), ("months", 30 * DAY),
                       ("days", DAY), ("hours", HOUR)):
        most = rest // size
        if most and (rng.random() < 0.7 or unit == "hours" and not result):
            result[unit] = most if rng.random() < 0.6 else rng.randint(1, most)
            rest -= result[unit] * size
            if rng.random() < 0.3:
                break
    return result or {"hours": max(1, rest // HOUR)}


# ------------------------------------------------------------------ time sets
#
# A style takes (rng, zone, newest, count) and returns (times, durations); the
# durations are those whose limits the times are meant to hit.

def daily(rng, zone, newest, count):
    times, at = [], newest
    for _ in range(count):
        times.append(at + rng.choice([0, 0, rng.randint(-4 * HOUR, 0)]))
        at -= DAY * rng.choice([1, 1, 1, 1, 2])
    return times, []


def hourly(rng, zone, newest, count):
    return [newest - n * HOUR - rng.choice([0, rng.randint(0, 1500)])
            for n in range(count)], []


def several_per_hour(rng, zone, newest, count):
    times, at = [], newest
    for _ in range(count):
        times.append(at)
        at -= rng.choice([1, 60, 599, 900, 1200, 1800, 3599])
    return times, []


def gaps_of_weeks(rng, zone, newest, count):
    times, at = [], newest
    for _ in range(count):
        times.append(at)
        at -= rng.choice([HOUR, DAY, DAY, 3 * DAY, rng.randint(7, 60) * DAY])
    return times, []


def irregular(rng, zone, newest, count):
    return [newest - int(10 ** rng.uniform(1, 8.2)) for _ in range(count)], []


def month_ends(rng, zone, newest, count):
    start = local(zone, newest)
    times = []
    for n in range(count):
        month = start.year * 12 + start.month - 1 - n // 2
        year, month = month // 12, month % 12 + 1
        last = calendar.monthrange(year, month)[1]
        wall = dt.datetime(year, month, rng.choice([1, 28, last - 1, last, last]),
                           *rng.choice([(0, 0, 0), (23, 59, 59), (0, 0, 1),
                                        (rng.randrange(24), rng.randrange(60), 0)]))
        times.append(instant(zone, wall))
    return times, [{"months": 1}, {"months": 3}, {"years": 1}]


def year_ends(rng, zone, newest, count):
    year = local(zone, newest).year
    times = []
    for n in range(count):
        wall = (dt.datetime(year - n // 6, 1, 1)
                + dt.timedelta(days=rng.randint(-8, 7),
                               seconds=rng.choice([-1, 0, 1, rng.randrange(DAY)])))
        times.append(instant(zone, wall))
    return times, [{"years": 1}, {"years": 2}, {"years": 1, "days": 3}]


def across_change(rng, zone, newest, count):
    """Around the instants where summer time begins or ends."""
    change = rng.choice(changes(zone, local(zone, newest).year) or [newest])
    times = []
    for n in range(count):
        times.append(change + rng.choice([
            rng.randint(-6, 6) * 900,
            rng.randint(-5, 5) * HOUR + rng.choice([-1, 0, 1]),
            rng.randint(-30 * HOUR, 30 * HOUR),
            rng.randint(-6, 3) * DAY]))
    newest = change + rng.randint(3, 20) * HOUR // 2
    times = [time for time in times if time < newest] + [newest]
    return times, [{"days": 1}, {"hours": 24}, {"days": 1, "hours": 3}, {"days": 2}]


def limit_in_change(rng, zone, newest, count):
    """The newest minus some days is a wall clock that is missing or occurs twice."""
    change = rng.choice(changes(zone, local(zone, newest).year) or [newest])
    before, after = offset_at(zone, change - 1), offset_at(zone, change)
    days = rng.randint(2, 20)
    wall = (dt.datetime.fromtimestamp(change + min(before, after), dt.timezone.utc)
            .replace(tzinfo=None) + dt.timedelta(days=days, minutes=rng.choice([0, 10, 30, 50])))
    newest = instant(zone, wall)
    times = [newest] + [change + n * 600 + rng.choice([0, 0, 1])
                        for n in range(-14, 15)][:count - 4]
    times += [newest - rng.randint(1, days * DAY) for _ in range(3)]
    return times, [{"days": days}, {"days": days, "hours": 1},
                   {"days": days - 1, "hours": 24}, {"months": 1}]


def limits(rng, zone, newest, count):
    """Hits limits to the second, from days that some months do not have."""
    day = rng.choice([(2020, 2, 29), (2021, 3, 31), (2020, 3, 30), (2022, 5, 31),
                      (2021, 7, 31), (2022, 12, 31), (2019, 10, 31), (2020, 3, 31)])
    newest = instant(zone, dt.datetime(*day, rng.randrange(24), rng.randrange(60), 0))
    durations = [{"months": 1}, {"years": 1}, {"months": rng.randint(2, 13)},
                 {"months": 1, "days": 1}, {"years": 1, "months": 1},
                 random_duration(rng, 700 * DAY), random_duration(rng, 60 * DAY),
                 {"days": rng.randint(1, 40)}, {"hours": rng.randint(24, 900)}]
    rng.shuffle(durations)
    times = [newest]
    for duration in durations[:count // 4]:
        at = limit(zone, newest, **duration)
        times += [at - 1, at, at + 1, at + rng.choice([-2, -1, 1, 2]) * DAY]
    return times, durations[:count // 4]


STYLES = [daily, hourly, several_per_hour, gaps_of_weeks, irregular, month_ends,
          year_ends, limits, limits]
ZONE_STYLES = [limit_in_change, across_change, limits, month_ends, limit_in_change,
               year_ends, hourly, across_change, irregular, limit_in_change, daily,
               across_change, several_per_hour]


def make_set(rng, number):
    """Sets alternate between UTC and the other zones."""
    if number % 2:
        name, style = "UTC", STYLES[number // 2 % len(STYLES)]
    else:
        name = ZONES[number // 2 % len(ZONES)]
        style = ZONE_STYLES[number // 2 % len(ZONE_STYLES)]
        if name == "Asia/Kathmandu" and style in (across_change, limit_in_change):
            name = "Europe/Berlin"          # Kathmandu knows no summer time
    zone = ZoneInfo(name)
    newest = rng.randint(calendar.timegm((2018, 1, 1, 0, 0, 0)),
                         calendar.timegm((2023, 6, 1, 0, 0, 0)))
    times, durations = style(rng, zone, newest, rng.randint(18, 48))
    for duration in durations[:4]:
        at = limit(zone, max(times), **duration)
        times += [at + step for step in (-1800, -1, 0, 1, 1800)
                  if rng.random() < 0.7 and at + step < max(times)]
    return {"id": number, "zone": name, "times": sorted(set(times)),
            "durations": durations}


def make_rules(rng, one):
    """One to four rules that fit the set."""
    span = one["times"][-1] - one["times"][0]
    rules = {}
    weights = COUNTS + WITHINS * (2 if one["durations"] else 1)
    for name in rng.sample(weights, rng.choice([1, 1, 2, 2, 3, 4])):
        if name in COUNTS:
            most = max(2, len(one["times"]) // 2)
            rules[name] = ("all" if rng.random() < 0.1 else
                           rng.randint(1, rng.choice([3, 8, most])))
        elif one["durations"] and rng.random() < 0.8:
            rules[name] = text(rng.choice(one["durations"]))
        else:
            rules[name] = text(random_duration(rng, span))
    return {name: rules[name] for name in COUNTS + WITHINS if name in rules}


# --------------------------------------------------------------------- restic

def restic(repository, *arguments, zone="UTC", stdin=b""):
    environment = {**os.environ, "TZ": zone, "RESTIC_PASSWORD": PASSWORD,
                   "GOMAXPROCS": "1"}
    done = subprocess.run(
        ["restic", "--repo", str(repository), "--no-cache", *arguments],
        input=stdin, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"restic {' '.join(arguments)}: {done.stderr.decode()}")
    return done.stdout


def aes(mode, key, data, iv=None):
    command = ["openssl", "enc", "-e", f"-aes-{len(key) * 8}-{mode}", "-nopad",
               "-K", key.hex()] + (["-iv", iv.hex()] if iv else [])
    return subprocess.run(command, input=data, check=True, stdout=subprocess.PIPE).stdout


def poly1305(r, s, message):
    mask = 0x0ffffffc0ffffffc0ffffffc0fffffff
    r, total = int.from_bytes(r, "little") & mask, 0
    for at in range(0, len(message), 16):
        block = int.from_bytes(message[at:at + 16] + b"\1", "little")
        total = (total + block) * r % ((1 << 130) - 5)
    return ((total + int.from_bytes(s, "little")) % (1 << 128)).to_bytes(16, "little")


def cheap_key(repository):
    """Replace the repository's key file by one whose password hashing is free."""
    master = restic(repository, "cat", "masterkey").strip()
    salt, iv = b"s" * 64, b"i" * 16
    user = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=2, r=1, p=1, dklen=64)
    sealed = aes("ctr", user[:32], master, iv)
    tag = poly1305(user[48:], aes("ecb", user[32:48], iv), sealed)
    file = json.dumps({
        "created": "2020-01-01T00:00:00Z", "username": "u", "hostname": "h",
        "kdf": "scrypt", "N": 2, "r": 1, "p": 1,
        "salt": base64.b64encode(salt).decode(),
        "data": base64.b64encode(iv + sealed + tag).decode()}).encode()
    keys = repository / "keys"
    for old in list(keys.iterdir()):
        old.unlink()
    (keys / hashlib.sha256(file).hexdigest()).write_bytes(file)


def add_snapshot(repository, name, epoch):
    """One backup at an instant, recorded with the zone's offset at that instant."""
    zone = ZoneInfo(name)
    wall = local(zone, epoch)
    if instant(zone, wall) != epoch:
        # The other one of two equal wall clocks: name the offset instead.
        hours, odd = divmod(offset_at(zone, epoch), HOUR)
        assert not odd
        name = f"Etc/GMT{-hours:+d}"
    restic(repository, "backup", "--quiet", "--host", "h", "--stdin",
           "--time", wall.strftime("%Y-%m-%d %H:%M:%S"),
           zone=name, stdin=b"x")


def epochs(snapshots):
    return sorted(int(dt.datetime.fromisoformat(s["time"]).timestamp())
                  for s in snapshots or [])


def forget(repository, one, rules):
    """The times restic keeps; checks that it saw exactly the set's times."""
    options = [f"--{name}={MANY if value == 'all' else value}"
               for name, value in rules.items()]
    answer, = json.loads(restic(repository, "forget", "--dry-run", "--json",
                                "--group-by", "", *options, zone=one["zone"]))
    kept, removed = epochs(answer["keep"]), epochs(answer["remove"])
    assert sorted(kept + removed) == one["times"], one
    return kept


def evaluate(empty, folder, one):
    """All cases of one set."""
    repository = folder / str(one["id"])
    shutil.copytree(empty, repository)
    for epoch in one["times"]:
        add_snapshot(repository, one["zone"], epoch)
    rng = random.Random(SEED * 1000 + one["id"])
    cases, seen, trivial = [], set(), 0
    while len(cases) < CASES_PER_SET:
        rules = make_rules(rng, one)
        key = json.dumps(rules)
        if key in seen:
            continue
        seen.add(key)
        kept = forget(repository, one, rules)
        if len(kept) in (0, len(one["times"])):
            trivial += 1
            if trivial > TRIVIAL_PER_SET:
                continue
        cases.append({"set": one["id"], "rules": rules, "kept": kept})
    shutil.rmtree(repository)
    print(f"set {one['id']}: {one['zone']}, {len(one['times'])} snapshots",
          file=sys.stderr)
    return cases


def lines(items):
    return ",\n".join(json.dumps(item, separators=(",", ":")) for item in items)


def main():
    rng = random.Random(SEED)
    sets = [make_set(rng, number) for number in range(1, SETS + 1)]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        empty = folder / "empty"
        restic(empty, "init")
        cheap_key(empty)
        version = restic(empty, "version").decode().strip()
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            cases = list(pool.map(lambda one: evaluate(empty, folder, one), sets))
    shown = [{"id": one["id"], "time-zone": one["zone"], "times": one["times"]}
             for one in sets]
    print('{"made-by":' + json.dumps(version) + ',\n"notes":[\n'
          + lines(NOTES) + '],\n"sets":[\n' + lines(shown)
          + '],\n"cases":[\n' + lines(case for group in cases for case in group)
          + ']}')


if __name__ == "__main__":
    main()
