"""Which points are kept: by `retention` on lists of times, and by the program itself over a month, against a script that
knows restic's rules and nothing of ours."""

import calendar
import datetime
import importlib.util
import json
import random
import re
import subprocess
import time
from zoneinfo import ZoneInfo

import pytest
from conftest import DR, HOME
from support import ROOT, SNAPWARDEN, Aws, Days, Installation, environment, tags

UTC = ZoneInfo("UTC")
NOWHERE = ["--config", "/nonexistent/config", "--state-dir", "/nonexistent/state"]


def reference():
    path = ROOT / "Tests/BackupCoreTests/Fixtures/retention_reference.py"
    spec = importlib.util.spec_from_file_location("retention_reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RESTIC = reference()


def tried(*arguments, times=(), text=None, code=0):
    """What `retention` says of times where there is no config, no home and no state directory."""
    text = "".join(f"{rfc3339(t)}\n" for t in times) if text is None else text
    command = [SNAPWARDEN, "retention", *NOWHERE, *arguments]
    env = environment("http://127.0.0.1:1")
    done = subprocess.run(command, env=env, input=text, capture_output=True, text=True)
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def seconds(text):
    return calendar.timegm(datetime.datetime.fromisoformat(text).astimezone(datetime.timezone.utc).timetuple())


# MARK: The command

DIVISIONS = ["last", "hourly", "daily", "weekly", "monthly", "yearly"]
COUNTED = [f"keep-{division}" for division in DIVISIONS]
WITHIN = ["keep-within", *(f"keep-within-{division}" for division in DIVISIONS[1:])]


def random_times(source):
    """Times that lie hours, days, weeks or months apart; no two alike."""
    apart = source.choice([1800, 7200, 86400, 5 * 86400, 40 * 86400])
    count, last = source.randrange(1, 60), source.randrange(1577836800, 1893456000)
    return sorted({last - source.randrange(0, count * apart) for _ in range(count)} | {last})


def random_rules(source):
    """Rules as the reference has them, where `m` is months."""
    rules = {}
    for key in source.sample(COUNTED, source.randrange(0, 4)):
        rules[key] = "all" if source.random() < 0.15 else source.randrange(1, 12)
    for key in source.sample(WITHIN, source.randrange(0 if rules else 1, 4)):
        parts = zip("ymdh", (source.randrange(3), source.randrange(14), source.randrange(60), source.randrange(50)))
        rules[key] = "".join(f"{n}{unit}" for unit, n in parts if n and source.random() < 0.6) or "7d"
    return rules


def options(rules):
    return [text for key, value in rules.items() for text in (f"--{key}", str(value).replace("m", "mo"))]


@pytest.mark.parametrize("seed", range(60))
def test_what_is_kept_is_what_restic_keeps(seed):
    source = random.Random(f"retention {seed}")
    times, rules = random_times(source), random_rules(source)
    shuffled = source.sample(times, len(times))
    rows = json.loads(tried(*options(rules), "--output", "json", times=shuffled).stdout)
    assert [seconds(row["time"]) for row in rows] == sorted(times, reverse=True)
    kept = [seconds(row["time"]) for row in rows if row["kept"]]
    assert sorted(kept) == RESTIC.keep(UTC, times, rules), f"{rules}"
    check_reasons(rows, rules)
    table = tried(*options(rules), times=times).stdout.splitlines()
    assert table[0].split() == ["TIME", "KEPT", "REASONS"]
    expected = [[row["time"], "yes" if row["kept"] else "no", ", ".join(row["reasons"])] for row in rows]
    assert [re.split(r"\s{2,}", line) for line in table[1:]] == expected


def check_reasons(rows, rules):
    """Each rule numbers its places without a gap, and what no rule keeps says so."""
    for row in rows:
        keys = [reason.split()[0] for reason in row["reasons"]]
        assert set(keys) <= set(rules) and len(set(keys)) == len(keys) if row["kept"] else row["reasons"] == [
            "no rule keeps it"
        ]
    for key, value in rules.items():
        reasons = [reason for row in rows for reason in row["reasons"] if reason.startswith(f"{key} ")]
        if key in COUNTED:
            assert reasons == [f"{key} {n + 1}/{value}" for n in range(len(reasons))]
            assert value == "all" or len(reasons) <= value


@pytest.mark.parametrize("seed", range(10))
def test_age_caps_the_rules_and_the_floor_stays(seed):
    source = random.Random(f"age {seed}")
    times, rules = random_times(source), random_rules(source)
    days, least = source.randrange(1, 200), source.randrange(1, 5)
    now = times[-1] + source.randrange(0, 100 * 86400)
    rows = json.loads(
        tried(
            *options(rules), "--delete-after", f"{days}d", "--keep-at-least", str(least), "--now", rfc3339(now),
            "--output", "json", times=times,
        ).stdout
    )
    young = {t for t in RESTIC.keep(UTC, times, rules) if t >= now - days * 86400}
    assert {seconds(row["time"]) for row in rows if row["kept"]} == young | set(times[-least:])
    for row in rows:
        if not row["kept"]:
            old = seconds(row["time"]) < now - days * 86400
            assert row["reasons"] == [f"older than delete-after {days}d" if old else "no rule keeps it"]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"])
def test_days_weeks_and_months_are_the_zones(zone):
    source = random.Random(zone)
    for _ in range(5):
        times = random_times(source)
        rules = {"keep-daily": 7, "keep-weekly": 5, "keep-monthly": "all"}
        rows = json.loads(tried(*options(rules), "--time-zone", zone, "--output", "json", times=times).stdout)
        kept = sorted(seconds(row["time"]) for row in rows if row["kept"])
        assert kept == RESTIC.keep(ZoneInfo(zone), times, rules)


def test_what_it_reads():
    text = "\n2026-11-20T02:00:00Z\r\n  2026-11-20T04:00:00+02:00\n2026-11-20t01:00:00.25z\n\n"
    rows = json.loads(tried("--keep-hourly", "1", "--output", "json", text=text).stdout)
    assert [(row["time"], row["kept"]) for row in rows] == [
        ("2026-11-20T02:00:00Z", True), ("2026-11-20T02:00:00Z", False), ("2026-11-20T01:00:00Z", False),
    ]
    assert tried(text="").stdout == "no times on standard input\n"
    assert json.loads(tried("--output", "json", text="").stdout) == []
    [row] = json.loads(tried("--output", "json", text="2026-11-20T02:00:00Z").stdout)
    assert row == {"time": "2026-11-20T02:00:00Z", "kept": True, "reasons": ["no rules: all are kept"]}


# Arguments, standard input, exit code, and what is said.
BAD = [
    ("", "2026-11-20T02:00:00Z\nyesterday\n", 10, "line 2: expected one time"),
    ("", "2026-11-20T02:00:00Z 2026-11-21T02:00:00Z\n", 10, "line 1: expected one time"),
    ("", "2026-02-30T02:00:00Z\n", 10, "line 1: expected one time"),
    ("", "1763604000\n", 10, "line 1: expected one time"),
    ("--keep-last 0", "", 10, "--keep-last: expected a whole number of 1 or more, or all"),
    ("--keep-daily=-1", "", 10, "--keep-daily: expected a whole number of 1 or more, or all"),
    ("--keep-weekly 1.5", "", 10, "--keep-weekly: expected a whole number of 1 or more, or all"),
    ("--keep-monthly ALL", "", 10, "--keep-monthly: expected a whole number of 1 or more, or all"),
    ("--keep-yearly 99999999999999999999", "", 10, "--keep-yearly: expected a whole number"),
    ("--keep-last +3", "", 10, "--keep-last: expected a whole number of 1 or more, or all"),
    ("--keep-within 5", "", 10, '"5" has no unit'),
    ("--keep-within-daily 6m", "", 10, "6min or 6mo"),
    ("--keep-within-yearly all", "", 10, "--keep-within-yearly: expected a duration"),
    ("--delete-after 90", "", 10, "--delete-after:"),
    ("--time-zone Europe/Berln", "", 10, 'did you mean "Europe/Berlin"?'),
    ("--now tomorrow", "", 64, "--now takes a time"),
    ("--keep-at-least 0", "", 64, "--keep-at-least takes 1 or more"),
    ("--keep-minutely 3", "", 64, "--keep-minutely"),
    ("--output yaml", "", 64, "yaml"),
]


@pytest.mark.parametrize(("arguments", "text", "code", "said"), BAD, ids=[row[0] or row[1] for row in BAD])
def test_bad_input_is_refused_and_nothing_is_printed(arguments, text, code, said):
    done = tried(*arguments.split(), text=text, code=code)
    assert said in done.stderr and done.stdout == ""


# MARK: A month

NORTH = "eu-north-1"
# Each policy with its instance (of Lightsail, without a hyphen) and its rules, at home and in each destination.
POLICIES = {
    "home-keeps-longer": ("web-1", {
        HOME: {"keep-last": 3, "keep-daily": 6, "keep-weekly": 4},
        DR: {"keep-last": 2, "keep-weekly": 2},
    }),
    "copies-are-kept-longer": ("db-1", {
        HOME: {"keep-last": 2, "keep-daily": 3},
        DR: {"keep-daily": 8, "keep-weekly": "all"},
        NORTH: {"keep-last": 1, "keep-monthly": 2},
    }),
    "lightsail": ("blog", {
        HOME: {"keep-last": 1, "keep-daily": 5, "keep-within": "3d"},
        DR: {"keep-daily": 2, "keep-monthly": 12},
    }),
    "first-of-each-week": ("web-2", {
        HOME: {"keep-daily": 2},
        DR: {"keep-last": 3},
    }),
}
FIRSTS = "first-of-each-week"


def month_config():
    text = "fleet: acme\ntiming: { consistency: 1s, poll-first: 1s, poll-longest: 1s }\npolicies:\n"
    for name, (instance, sides) in POLICIES.items():
        kind = "ec2-instances" if "-" in instance else "lightsail-instances"
        which = ", which: weekly" if name == FIRSTS else ""
        copies = ", ".join(
            f"{{ region: {region}, retention: {yaml(rules)}{which} }}" for region, rules in sides.items() if region != HOME
        )
        text += f"  {name}:\n    regions: [{HOME}]\n    select: {{ {kind}: {{ names: [{instance}] }} }}\n"
        text += '    schedule: { cron: "0 2,14 * * *" }\n'
        text += f"    retention: {yaml(sides[HOME])}\n    copies: [{copies}]\n"
    return text


def yaml(rules):
    return "{ " + ", ".join(f"{key}: {value}" for key, value in rules.items()) + " }"


class Month:
    """Sandbox and installation under a clock that the test moves, from the second of a month on."""

    def __init__(self, folder, start_sandbox, seed):
        seed["regions"].append(NORTH)
        seed["lightsail-instances"] = seed["lightsail-instances"][:1]
        today = datetime.datetime.fromtimestamp(time.time(), datetime.timezone.utc)
        first = (today.replace(day=1) + datetime.timedelta(days=40)).replace(day=2, hour=0, minute=0, second=0)
        self.start = calendar.timegm(first.timetuple())
        self.clock = Days(folder, self.start)
        self.sandbox = start_sandbox(seed, env=self.clock.server)
        self.installation = Installation(folder, Aws(self.sandbox.url), month_config(), self.clock)
        # When each slot's data was taken at home, by policy.
        self.taken = {name: {} for name in POLICIES}

    def run(self, day, hour):
        self.clock.move(self.start + day * 86400 + hour * 3600)
        self.installation.run("run", "--once")

    def shown(self, region):
        """The slots of each policy's points, with when each was started, as boto3 lists them."""
        found = {name: {} for name in POLICIES}
        for snapshot in self.installation.aws.snapshots(region):
            own = tags(snapshot)
            slots = found[own["snapwarden:policy"]]
            started, members = slots.get(own["snapwarden:slot"], (snapshot["StartTime"], 0))
            slots[own["snapwarden:slot"]] = (min(started, snapshot["StartTime"]), members + 1)
            assert snapshot["State"] == "completed"
        for slots in found.values():
            assert all(members == 3 for _, members in slots.values()), "sets are whole"
        for snapshot in self.lightsail(region):
            fleet, policy, home, _, _, slot = snapshot["name"].split("--")
            assert (fleet, home, snapshot["state"]) == ("acme", HOME, "available")
            slot = datetime.datetime.strptime(slot, "%Y%m%dT%H%M%SZ").strftime("%Y-%m-%dT%H:%M:%SZ")
            found[policy][slot] = (snapshot["createdAt"], 1)
        return {name: {slot: started for slot, (started, _) in slots.items()} for name, slots in found.items()}

    def lightsail(self, region):
        if region == NORTH:
            return []
        return self.sandbox.client("lightsail", region).get_instance_snapshots()["instanceSnapshots"]

    def check(self, when):
        """Each side holds exactly what the reference keeps of all that was ever taken."""
        sides = {region: self.shown(region) for region in (HOME, DR, NORTH)}
        for name, (_, rules) in POLICIES.items():
            for slot, started in sides[HOME][name].items():
                self.taken[name].setdefault(slot, int(started.timestamp()))
            for region in rules:
                times = self.copied(name) if region != HOME else self.taken[name]
                kept = RESTIC.keep(UTC, list(times.values()), rules[region])
                slots = sorted(slot for slot, taken in times.items() if taken in kept)
                assert sorted(sides[region][name]) == slots, f"{name} in {region}, {when}"

    def copied(self, name):
        """What of a policy's points is copied at all: everything, or the first of each week."""
        if name != FIRSTS:
            return self.taken[name]
        weeks = {}
        for slot, taken in sorted(self.taken[name].items(), key=lambda item: item[1]):
            weeks.setdefault(datetime.datetime.fromtimestamp(taken, datetime.timezone.utc).isocalendar()[:2], (slot, taken))
        return dict(weeks.values())


def test_over_a_month_each_side_holds_what_the_reference_keeps(tmp_path, start_sandbox, seed, monkeypatch):
    """A slot a day and now and then a second one; for three days in the middle the machine is off."""
    month = Month(tmp_path, start_sandbox, seed)
    month.clock.sign(monkeypatch)
    runs = 0
    for day in [*range(15), *range(18, 32)]:
        for hour in (3, 15) if day % 3 == 1 else (3,):
            month.run(day, hour)
            month.check(f"day {day}, {hour}:00")
            runs += 1
    assert all(len(taken) == runs for taken in month.taken.values())
    assert [a for a in month.installation.json("plan") if a["action"] != "create"] == []
    calls = [r["operation"] for r in month.sandbox.admin("GET", "requests") if r["mutating"]]
    deleted = calls.count("DeleteSnapshot") + calls.count("DeleteInstanceSnapshot")
    print(f"{runs} runs, {deleted} snapshots deleted, of {len(calls)} calls that change something")
    assert deleted > 300
