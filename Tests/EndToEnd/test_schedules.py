"""Schedules as people meet them: tried by hand, previewed, paused, missed, and heeded by a running daemon."""

import contextlib
import datetime
import importlib.util
import json
import random
import re
import shutil
import subprocess
import threading
import time

import pytest
from support import ROOT, SNAPWARDEN, Aws, Installation, ServiceManager
from support import daemon, environment, needs_root, wait_for, wakeups
from warp import Warp, fall_idle

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
NOWHERE = ["--config", "/nonexistent/config", "--state-dir", "/nonexistent/state"]


def tried(*arguments, code=0):
    """What `schedule` says of an expression where there is no config, no home and no state directory."""
    env = environment("http://127.0.0.1:1")
    done = subprocess.run([SNAPWARDEN, "schedule", *NOWHERE, *arguments], env=env, capture_output=True, text=True)
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


# Option, expression, zone, the moment after which (UTC), and the slots, whose year is the same if it is left out.
SLOTS = [
    # The clocks go forward: 02:30 does not exist and runs when the gap is over; what fires in every hour just goes on.
    ("--cron", "30 2 * * *", BERLIN, "2026-03-27 12:00", "03-28 01:30, 03-29 01:00, 03-30 00:30"),
    ("--cron", "*/30 * * * *", BERLIN, "2026-03-29 00:15", "03-29 00:30, 03-29 01:00, 03-29 01:30"),
    ("--aws", "cron(30 2 * * ? *)", NEW_YORK, "2026-03-06 12:00", "03-07 07:30, 03-08 07:00, 03-09 06:30"),
    ("--calendar", f"02:30 {BERLIN}", None, "2026-03-27 12:00", "03-28 01:30, 03-29 01:00, 03-30 00:30"),
    ("--every", "6h", BERLIN, "2026-03-28 22:00", "03-28 23:00, 03-29 04:00, 03-29 10:00, 03-29 16:00"),
    # The clocks go back: of two 02:30 the first counts.
    ("--cron", "30 2 * * *", BERLIN, "2026-10-24 12:00", "10-25 00:30, 10-26 01:30"),
    ("--cron", "30 * * * *", NEW_YORK, "2026-11-01 05:00", "11-01 05:30, 11-01 06:30, 11-01 07:30"),
    ("--aws", "cron(30 1 * * ? *)", NEW_YORK, "2026-10-31 12:00", "11-01 05:30, 11-02 06:30"),
    ("--calendar", f"*-*-* 01:30 {NEW_YORK}", None, "2026-10-31 12:00", "11-01 05:30, 11-02 06:30"),
    ("--every", "6h", BERLIN, "2026-10-24 20:00", "10-24 22:00, 10-25 05:00, 10-25 11:00"),
    # Days that not every month or year has.
    ("--cron", "0 2 29 2 *", None, "2026-01-01 00:00", "2028-02-29 02:00, 2032-02-29 02:00, 2036-02-29 02:00"),
    ("--aws", "cron(0 2 29 2 ? *)", None, "2095-01-01 00:00", "2096-02-29 02:00, 2104-02-29 02:00"),
    ("--aws", "cron(0 2 L * ? *)", None, "2028-01-31 03:00", "02-29 02:00, 03-31 02:00, 04-30 02:00"),
    ("--aws", "cron(0 2 ? * 6L *)", None, "2026-01-01 00:00", "01-30 02:00, 02-27 02:00, 03-27 02:00"),
    ("--aws", "cron(0 2 15W * ? *)", None, "2026-02-01 00:00", "02-16 02:00, 03-16 02:00, 04-15 02:00"),
    ("--aws", "cron(0 2 1W * ? *)", None, "2026-07-15 00:00", "08-03 02:00, 09-01 02:00"),
    ("--aws", "cron(0 2 ? * MON#1 *)", None, "2026-01-01 00:00", "01-05 02:00, 02-02 02:00, 03-02 02:00"),
    ("--calendar", "Mon *-02-29", None, "2026-01-01 00:00", "2044-02-29 00:00, 2072-02-29 00:00"),
    ("--calendar", "*-*~1 18:00", None, "2028-02-01 00:00", "02-29 18:00, 03-31 18:00, 04-30 18:00"),
    ("--calendar", "Mon *-*~07/1", None, "2026-01-01 00:00", "01-26 00:00, 02-23 00:00, 03-30 00:00"),
    # The rest of each notation.
    ("--cron", "0 12 13 * fri", None, "2026-04-01 00:00", "04-03 12:00, 04-10 12:00, 04-13 12:00, 04-17 12:00"),
    ("--aws", "rate(12 hours)", None, "2026-01-01 00:00", "01-01 12:00, 01-02 00:00"),
    ("--calendar", f"Mon..Fri 08:00 {NEW_YORK}", None, "2026-03-06 00:00", "03-06 13:00, 03-09 12:00"),
    ("--every", "12h", "Asia/Kathmandu", "2026-01-01 00:00", "01-01 06:15, 01-01 18:15, 01-02 06:15"),
    ("--every", "36h", None, "2026-03-29 12:00", "03-30 00:00, 03-31 12:00, 04-02 00:00"),
    ("--every", "2w", None, "1970-01-01 00:00", "01-05 00:00, 01-19 00:00, 02-02 00:00"),
]


@pytest.mark.parametrize(("option", "expression", "zone", "after", "slots"), SLOTS)
def test_next_slots_of_an_expression(option, expression, zone, after, slots):
    slots = [(slot if len(slot) > 11 else after[:5] + slot).replace(" ", "T") + ":00Z" for slot in slots.split(", ")]
    zoned = ["--time-zone", zone] if zone else []
    after = after.replace(" ", "T") + ":00Z"
    done = tried(option, expression, *zoned, "--after", after, "--count", str(len(slots)), "--output", "json")
    own = re.search(r" (\w+/\w+)$", expression)
    zone = zone or (own[1] if own else "UTC")
    assert json.loads(done.stdout) == {"expression": expression, "time-zone": zone, "slots": slots}


def test_slots_begin_now_and_are_ten_unless_told():
    slots = json.loads(tried("--every", "15min", "--output", "json").stdout)["slots"]
    first, *later = [datetime.datetime.fromisoformat(slot).timestamp() for slot in slots]
    assert abs(first - time.time() - 450) < 510 and later == [first + 900 * n for n in range(1, 10)]


# Option, text, the character that is wrong (counted from one), and what is said about it.
BAD = [
    ("--cron", "0 25 * * *", 3, 'hour: expected 0 to 23, got "25"'),
    ("--cron", "0 2 * * mon,fryday", 13, "day of week: expected"),
    ("--cron", "0 2 * *", 1, "expected 5 fields"),
    ("--cron", "0 2 30 2 *", 5, "no such day"),
    ("--aws", "cron(0 2 * * MON *)", 10, '"?"'),
    ("--aws", "cron(0 2 ? * 2#6 *)", 16, "expected 1 to 5"),
    ("--aws", "rate(0 hours)", 6, "expected 1 or more"),
    ("--calendar", "Mon *-13-01", 7, "month: expected 1 to 12, got 13"),
    ("--calendar", "Mon..Fri 26:00", 10, "hour: expected 0 to 23"),
    ("--calendar", "02:00:00.5", 9, "fractions of a second"),
    ("--every", "6m", 1, "6min"),
    ("--every", "1mo", 1, "no fixed length"),
]


@pytest.mark.parametrize(("option", "text", "character", "said"), BAD)
def test_wrong_expression_is_told_with_its_place(option, text, character, said):
    done = tried(option, text, "--output", "json", code=10)
    message, quoted, caret = done.stderr.splitlines()
    assert done.stdout == "" and f"{option}: character {character}: " in message and said in message
    assert caret.index("^") - quoted.index(text) == character - 1


@pytest.mark.parametrize("wrong", ["--cron|@daily|--time-zone|Europe/Berln", "--calendar|02:00 Europe/Berln"])
def test_unknown_zone_is_told_with_the_nearest(wrong):
    done = tried(*wrong.split("|"), code=10)
    assert done.stdout == "" and '(did you mean "Europe/Berlin"?)' in done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_calendar_events_are_what_systemd_takes_them_for():
    """Others in each run; none with open steps, of which systemd 252 loses some slots at the ends of months."""
    path = ROOT / "Tests/BackupCoreTests/Fixtures/make-calendar-vectors.py"
    spec = importlib.util.spec_from_file_location("vectors", path)
    vectors = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(vectors)
    compared = 0
    while compared < 30:
        expression, after = vectors.random_expression(random), random.randrange(1704067200, 2051222400)
        if re.search(r"(?<![.\d])\d+/", expression) or not (theirs := vectors.analyze(expression, after)[1]):
            continue
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(after))
        done = tried("--calendar", expression, "--after", moment, "--count", str(vectors.ELAPSES), "--output", "json")
        slots = [datetime.datetime.fromisoformat(slot).timestamp() for slot in json.loads(done.stdout)["slots"]]
        assert slots == theirs, f"{expression} after {moment}"
        compared += 1


NAMES = {"web": "web-1", "db": "db-1", "other": "web-2", "both": "*-1"}
HOURLY = 'schedule: { cron: "0 * * * *" }'


def config(top="", **policies):
    """Policies by what starts them, each for the sandbox's instances of NAMES or for those of its own name."""
    text = f"fleet: acme\ntiming: {{ consistency: 1s, poll-first: 1s, poll-longest: 1s }}\n{top}\npolicies:\n"
    for name, when in policies.items():
        select = f'{{ ec2-instances: {{ names: ["{NAMES.get(name, name)}"] }} }}'
        text += f"  {name}:\n    regions: [us-east-1]\n    select: {select}\n    {when}\n"
    return text


class Listener(ServiceManager):
    """Reads all the time: a daemon whose messages nobody takes waits until somebody does."""

    def __init__(self, folder):
        super().__init__(folder)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            self.seen.append(self.socket.recv(65536).decode())

    def await_message(self, pattern, seconds=30):
        def heard():
            while self.seen:
                if re.search(pattern, self.seen.pop(0)):
                    return True
        wait_for(heard, seconds)


class Site:
    """Sandbox and installation under one clock, which stands at 11:55 on a day to come."""

    def __init__(self, folder, start_sandbox, seed):
        self.folder, self.clock, self.manager = folder, Warp(folder), Listener(folder)
        self.day = (time.time() // 86400 + 2) * 86400
        self.clock.set(self.day + 11 * 3600 + 55 * 60 - time.time())
        self.daemons = []
        seed["timings"] = {"snapshot-seconds": 1, "copy-seconds": 1}
        self.sandbox = start_sandbox(seed, env=self.clock.environment)

    def install(self, text):
        self.installation = Installation(self.folder, Aws(self.sandbox.url), text, self.clock)
        return self.installation

    @contextlib.contextmanager
    def daemon(self):
        """A daemon that ticks every second, from its first pass on until it is killed."""
        with daemon(self.installation, self.manager, "--log-format", "json", WATCHDOG_USEC="2000000") as process:
            self.manager.await_message("^READY=1")
            self.manager.await_message("^STATUS=")
            self.daemons.append(process)
            yield process
        self.daemons.remove(process)

    def at(self, clock):
        """That hour and minute of the day, as RFC 3339."""
        return time.strftime(f"%Y-%m-%dT{clock}:00Z", time.gmtime(self.day))

    def move(self, clock, *taken):
        """Moves the clock a second past that time, and waits until that policy's point of that slot is there.

        It is usable only in a pass after the one that took it, and by then all that was due with it is taken.
        """
        # A reply on its way would take the one clock for wrong by the other.
        fall_idle(self.sandbox.process, *self.daemons)
        self.clock.set(datetime.datetime.fromisoformat(self.at(clock)).timestamp() + 1 - time.time())
        wait_for(lambda: not taken or taken in self.told("point-usable"))

    def told(self, kind):
        """Policy and time of the slot of each event of that kind that the daemon logged."""
        # The last line may be half written.
        events = map(json.loads, (self.folder / "daemon.log").read_text().split("\n")[:-1])
        return [(e.get("snapwarden_policy"), e.get("snapwarden_slot", "")[11:16]) for e in events if e["event"] == kind]

    def slots(self, policy):
        """The slots of a policy's points in AWS, as times of the day."""
        return sorted(p["slot"][11:16] for p in self.installation.json("list") if p["policy"] == policy)

    def standing(self, policy):
        [standing] = [s for s in self.installation.json("status")["resources"] if s["policy"] == policy]
        return standing


@pytest.fixture
def site(tmp_path, start_sandbox, seed):
    return Site(tmp_path, start_sandbox, seed)


def test_preview_says_local_time_utc_and_why(tmp_path):
    """It needs neither AWS nor a ledger, and makes none."""
    when = f'schedule: [{{ cron: "30 2 * * *", time-zone: {BERLIN} }}, {{ calendar: "Sun 02:30 {BERLIN}" }}]'
    installation = Installation(tmp_path, None, config(web=when, db=HOURLY))
    installation.state.rmdir()
    for after, changed in (
        ("2026-03-27T12:00:00Z", "2026-03-29T01:00:00Z +2026-03-29 03:00:00 .02:00 +02:30:00 does not exist"),
        ("2026-10-23T12:00:00Z", "2026-10-25T00:30:00Z +2026-10-25 02:30:00 .02:00 +02:30:00 comes twice"),
    ):
        head, *rows = installation.run("schedule", "web", "--after", after, "--count", "3").stdout.splitlines()
        assert head.split() == ["POLICY", "SLOT", "LOCAL", "TIME", "NOTE"] and len(rows) == 3
        assert re.match(f"web +{changed}", rows[1])
        assert all(re.fullmatch(r"web +\S+Z +\S+ 02:30:00 \+0[12]:00 *", row) for row in (rows[0], rows[2]))
    assert [policy["policy"] for policy in installation.json("schedule")] == ["db", "web"]
    assert not installation.state.exists()


@pytest.mark.parametrize("command", ["schedule", "pause", "resume"])
def test_unknown_policy_is_told_with_the_nearest(tmp_path, command):
    installation = Installation(tmp_path, None, config(**{f"policy-{n}": HOURLY for n in range(50)}, nightly=HOURLY))
    refused = installation.run(command, "nihgtly", code=1)
    assert refused.stdout == "" and 'no policy "nihgtly"' in refused.stderr
    assert 'did you mean "nightly"' in refused.stderr and "policy-7" not in refused.stderr


def test_spread_gives_each_resource_its_own_start_for_ever(site):
    site.install(config(both='schedule: { cron: "0 * * * *", spread: 10min }'))
    with site.daemon():
        [shown] = site.installation.json("schedule", "both")
        (soon, first), (late, second) = sorted((s["delay-seconds"], s["resource"]) for s in shown["starts"])
        assert 0 <= soon < late - 60 and late < 600 - 60
        table = site.installation.run("schedule", "both").stdout
        assert "STARTS AFTER THE SLOT" in table and first in table and second in table
        site.move(f"12:{soon // 60 + 1:02}", "both", "12:00")
        assert [p["resource"] for p in site.installation.json("list")] == [first]
        site.move(f"12:{late // 60 + 1:02}")
        wait_for(lambda: len(site.told("point-usable")) == 2)
    site.installation.forget()
    with site.daemon():
        assert site.installation.json("schedule", "both")[0]["starts"] == shown["starts"]


def test_blackout_delays_the_start(site):
    site.install(config(web=HOURLY + '\n    blackout: [{ from: "11:00", to: "12:30" }]', db=HOURLY))
    with site.daemon():
        site.move("12:00", "db", "12:00")
        assert site.slots("web") == []
        site.move("12:30", "web", "12:00")


def test_paused_policy_starts_nothing_until_resumed(site):
    site.install(config(web=HOURLY, db=HOURLY))
    with site.daemon():
        site.move("12:00", "web", "12:00")
        site.installation.run("pause", "web")
        site.manager.await_message("^STATUS=.*paused: web")
        assert site.told("paused") == [("web", "")]
    site.move("14:00")
    site.installation.run("run", "--once")
    with site.daemon():
        site.move("15:00", "db", "15:00")
        assert site.slots("web") == ["12:00"], "a restart ends no pause"
        assert re.search(r"^web .* paused\b", site.installation.run("status").stdout, re.M)
        standing = site.standing("web")
        assert (standing["paused"], standing["paused-until"], standing["next-slot"]) == (True, None, None)
        site.installation.run("resume", "web")
        wait_for(lambda: site.told("resumed") == [("web", "")])
        standing = site.standing("web")
        assert (standing["paused"], standing["next-slot"]) == (False, site.at("16:00"))
        site.move("16:00", "web", "16:00")
    assert site.slots("web") == ["12:00", "16:00"] and site.slots("db") == ["12:00", "14:00", "15:00", "16:00"]
    assert site.standing("web")["missed"] is None, "what falls into a pause is not missed"


def test_pause_with_an_end_lifts_by_itself(site):
    site.install(config(web=HOURLY, db=HOURLY))
    assert "--until" in site.installation.run("pause", "web", "--until", site.at("11:50"), code=64).stderr
    with site.daemon():
        site.installation.run("pause", "web", "--until", site.at("12:30"))
        site.manager.await_message("^STATUS=.*paused: web")
        site.move("12:00", "db", "12:00")
        standing = site.standing("web")
        assert (standing["paused-until"], standing["next-slot"]) == (site.at("12:30"), site.at("13:00"))
        site.move("12:30")
        site.manager.await_message("^STATUS=(?!.*paused)")
        site.move("13:00", "web", "13:00")
        assert site.slots("web") == ["13:00"] and not site.told("slot-missed")
        assert site.told("resumed") == [("web", "")], "its end is said too"


def test_status_line_names_no_slot_of_a_pause_as_next(site):
    site.install(config(web=HOURLY, db='schedule: { cron: "0 18 * * *" }'))
    site.installation.run("pause", "web", "--until", site.at("14:30"))
    assert re.search(r"; next web 15:00 UTC$", site.installation.run("status").stdout.strip())


def test_pause_outlives_a_clock_that_is_set_back(site):
    site.move("14:00")
    site.install(config(web=HOURLY)).run("pause", "web")
    site.move("12:00")
    assert site.standing("web")["paused"]


def test_slot_before_a_pause_is_taken_or_told(site):
    """Nothing is lost silently: the machine was off at 13:00, and at 13:10 a person paused the policy."""
    site.install(config(web=HOURLY, db=HOURLY))
    with site.daemon():
        site.move("12:00", "web", "12:00")
    site.move("13:10")
    site.installation.run("pause", "web")
    with site.daemon():
        wait_for(lambda: ("db", "13:00") in site.told("point-usable"))
        site.installation.run("resume", "web")
        site.move("14:00", "web", "14:00")
        assert "13:00" in site.slots("web") or ("web", "13:00") in site.told("slot-missed")


def test_after_downtime_the_newest_slot_is_caught_up_once_and_the_missed_are_told(site):
    rules = {"web": "run-once", "db": "skip", "other": "{ run-once-within: 30min }"}
    schedules = {policy: f'schedule: {{ cron: "0 * * * *", missed: {rule} }}' for policy, rule in rules.items()}
    site.install(config("start-window: 10min", **schedules))
    with site.daemon():
        for policy in rules:
            site.move("12:00", policy, "12:00")
    site.move("15:40")
    with site.daemon():
        wait_for(lambda: site.told("point-usable") == [("web", "15:00")])
        assert site.told("slot-missed") == [("db", "15:00"), ("other", "15:00"), ("web", "15:00")]
        for policy in rules:
            missed = {"count": 3, "oldest": site.at("13:00"), "newest": site.at("15:00")}
            assert site.standing(policy)["missed"] == missed
        assert site.installation.run("status").stdout.count(f"3, last {site.at('15:00')}") == 3
        site.move("16:00", "web", "16:00")
    assert site.slots("web") == ["12:00", "15:00", "16:00"]
    assert site.slots("db") == site.slots("other") == ["12:00", "16:00"]


@needs_root
def test_changed_zone_file_is_heeded_without_a_restart(site, tmp_path):
    """In a mount namespace of its own, in which the system's zones are a folder of the test's."""
    zones = tmp_path / "zones"
    for name in (BERLIN, "America/Bogota"):
        (zones / name).parent.mkdir(parents=True)
        shutil.copy(f"/usr/share/zoneinfo/{name}", zones / name)
    site.install(config(web=f'schedule: {{ cron: "0 12 * * *", time-zone: {BERLIN} }}'))
    inside = ["unshare", "-m", "sh", "-c", f'mount --bind "{zones}" /usr/share/zoneinfo && exec "$@"', "sh"]
    command = site.installation.command
    site.installation.command = lambda *arguments: inside + command(*arguments)
    with site.daemon():
        (zones / "America/Bogota").rename(zones / BERLIN)
        wait_for(lambda: site.told("zones-changed"))
        site.move("17:00", "web", "17:00")
    assert len(site.told("zones-changed")) == 1


@pytest.mark.alone
def test_a_thousand_idle_policies_wake_the_daemon_for_its_ticks_alone(tmp_path, start_sandbox):
    """As with one policy: with a watchdog of 4 s a tick comes every 2 s; nothing else may wake any thread."""
    volume = {"device": "/dev/xvda", "boot": True, "size": 8, "type": "gp3"}
    instances = [
        {"id": f"i-{n:017x}", "name": f"p{n}", "volumes": [{"id": f"vol-{n:017x}", **volume}]} for n in range(1000)
    ]
    sandbox = start_sandbox({"regions": ["us-east-1"], "ec2-instances": instances})
    zones = [BERLIN, NEW_YORK, "Asia/Tokyo", "UTC"]
    policies = {f"p{n}": f'schedule: {{ cron: "0 2 1 1 *", time-zone: {zones[n % 4]} }}' for n in range(1000)}
    manager, seconds = Listener(tmp_path), 12
    installation = Installation(tmp_path, Aws(sandbox.url), config(**policies))
    with daemon(installation, manager, WATCHDOG_USEC="4000000") as process:
        manager.await_message("^STATUS=1000 policies, 1000 resources protected", seconds=60)
        manager.await_message("^WATCHDOG=1")
        time.sleep(2)
        woken = wakeups(process.pid, seconds)
    ticks = seconds / 2
    print(f"{woken} voluntary context switches in {seconds} s, {ticks:.0f} ticks")
    assert ticks - 1 <= woken <= 4 * (ticks + 1)
