"""One config on two machines, for a month: what both make for lack of knowing better is settled by rule."""

import itertools
import json
import os
import signal
import subprocess
import time

import pytest
from conftest import DR, HOME
from judge import Judge, rfc3339, seconds
from support import Aws, Installation, wait_for
from warp import Warp, fall_idle, signing_by_warps  # noqa: F401

DAY = 86400
#: So long after it came up a conflict may last.
SETTLED = 600
START_WINDOW = 3600
TAKING = 20
#: AWS shows so late what it did that two who look at the same moment both do it: sooner it would refuse the second
#: one, since it takes one snapshot of a volume in 15 s.
TIMINGS = {"snapshot-seconds": TAKING, "copy-seconds": TAKING, "visible-after": 60}
HEAD = """
fleet: acme
start-window: 1h
policies:
"""


def instance(number, *volumes):
    return {"id": f"i-{number}", "name": f"web-{number}", "volumes": [
        {"id": v, "device": f"/dev/sd{v[-1]}", "boot": v == volumes[0]} for v in volumes]}


class Daemon:
    """The program on a state directory of its own."""

    def __init__(self, folder, sandbox, config, warp):
        folder.mkdir()
        self.installation = Installation(folder, Aws(sandbox.url), config, warp)
        self.log = folder / "log"
        self.process = None
        self.starts = 0
        self.start()

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.installation.command("run", "--log-format", "json"), env=self.installation.environment(),
                stdout=log, stderr=log)
        self.starts += 1
        wait_for(lambda: len(self.events("started")) == self.starts)

    def end(self, number):
        self.process.send_signal(number)
        self.process.wait(20)

    def events(self, kind):
        """What it said of that kind so far."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == kind]


class Pair:
    """A sandbox, two daemons on it, and a clock that all of them share."""

    def __init__(self, folder, start_sandbox, seed, config, protected, rules):
        self.warp = Warp(folder)
        self.warp.sign()
        self.sandbox = start_sandbox({"regions": [HOME, DR], "timings": TIMINGS, **seed}, env=self.warp.environment)
        self.judge = Judge(self.sandbox, "acme", protected, rules)
        self.protected = protected
        self.daemons = [Daemon(folder / name, self.sandbox, config, self.warp) for name in ("one", "two")]
        self.fall_idle()

    def fall_idle(self):
        fall_idle(self.sandbox.process, *(d.process for d in self.daemons if d.process.poll() is None))
        self.judge.count()

    def let_pass(self, span, steps):
        """So much time goes by, slowly enough for daemons to do what is due meanwhile; the last step goes on and on."""
        end = self.warp.now() + span
        for step in itertools.chain(steps, itertools.repeat(steps[-1])):
            if self.warp.now() >= end:
                return
            self.fall_idle()
            self.warp.move(step)
            yield

    def live_through(self, slot, pairs, steps):
        """Moves to a slot, and on until these have their point of it and nothing is left to do; 10 minutes must do."""
        self.warp.move_to(slot)
        for _ in self.let_pass(SETTLED, steps):
            if self.warp.now() > slot + 180 and not self.complaints(slot, pairs):
                return
        raise AssertionError(
            f"{SETTLED} s after the slot of {rfc3339(slot)} came:\n" + "\n".join(self.complaints(slot, pairs)))

    def complaints(self, slot, pairs):
        wrong = self.judge.complaints()
        missing = [pair for pair in pairs if slot not in self.judge.slots[pair]]
        return wrong + [f"{pair} has no point of {rfc3339(slot)}" for pair in missing]

    def end(self):
        for daemon in self.daemons:
            if daemon.process.poll() is None:
                daemon.end(signal.SIGKILL)


@pytest.fixture
def make_pair(tmp_path, start_sandbox, signing_by_warps):  # noqa: F811
    made = []

    def make(*arguments):
        made.append(Pair(tmp_path, start_sandbox, *arguments))
        return made[-1]

    yield make
    for pair in made:
        pair.end()


# MARK: A month

DAILY, OFTEN = "daily", "six-hourly"
#: The steps in which time goes by after a slot came, in seconds: while the two do not know each other, and later.
CAREFULLY, QUICKLY = [1, 1, 1, 2, 5, 5, 5, 5, 10], [60]
DAYS = int(os.environ.get("SNAPWARDEN_DAYS", 30))
MONTH_SEED = {
    "ec2-instances": [instance(1, "vol-a", "vol-b"), instance(2, "vol-c"), instance(3, "vol-d", "vol-e")],
    "ec2-volumes": [{"id": "vol-f", "name": "spare"}],
    "lightsail-instances": [{"name": "blog", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01"}],
}
MONTH_PROTECTED = {
    (DAILY, "i-1"): ["vol-a", "vol-b"], (DAILY, "i-2"): ["vol-c"], (DAILY, "blog"): ["blog"],
    (OFTEN, "i-3"): ["vol-d", "vol-e"], (OFTEN, "vol-f"): ["vol-f"],
}
MONTH_RULES = {
    DAILY: {HOME: {"keep-daily": 3, "keep-weekly": 2}, DR: {"keep-daily": 2, "keep-weekly": 3}},
    OFTEN: {HOME: {"keep-last": 3}, DR: {"keep-last": 2, "keep-daily": 2}},
}
MONTH_CONFIG = HEAD + """
  daily:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-1, i-2] }, lightsail-instances: { names: [blog] } }
    schedule: { cron: "0 6 * * *" }
    retention: { keep-daily: 3, keep-weekly: 2 }
    copies: [{ region: eu-west-1, retention: { keep-daily: 2, keep-weekly: 3 } }]
  six-hourly:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-3] }, ec2-volumes: { ids: [vol-f] } }
    schedule: { every: 6h }
    retention: { keep-last: 3 }
    copies: [{ region: eu-west-1, retention: { keep-last: 2, keep-daily: 2 } }]
"""
#: What becomes of the second daemon, before which day.
RESTARTS = {DAYS // 3: signal.SIGTERM, 2 * DAYS // 3: signal.SIGKILL}


def test_a_month_of_two(make_pair):
    begun = time.monotonic()
    two = make_pair(MONTH_SEED, MONTH_CONFIG, MONTH_PROTECTED, MONTH_RULES)
    midnight = (int(two.warp.now()) // DAY + 1) * DAY
    lives = 0
    for day in range(DAYS):
        if day in RESTARTS:
            two.daemons[1].end(RESTARTS[day])
            two.daemons[1].start()
            two.fall_idle()
            lives = 0
        for hour in (0, 6, 12, 18):
            pairs = [pair for pair in MONTH_PROTECTED if pair[0] == OFTEN or hour == 6]
            slot = midnight + day * DAY + hour * 3600
            two.live_through(slot, pairs, CAREFULLY if lives < 3 else QUICKLY)
            lives += 1
            # Whoever steps back looks now, and finds the slot taken.
            two.warp.move_to(slot + START_WINDOW // 2 + 60)
            two.fall_idle()
    two.fall_idle()
    judge = two.judge
    conflicts, copied_twice = judge.taken_twice(), {slot for _, slot, _ in judge.copied_twice()}
    starts = sum(daemon.starts for daemon in two.daemons)
    said = [len(daemon.events("fleet-conflict")) for daemon in two.daemons]
    points = {(made.pair, made.slot) for made in judge.made(HOME)}
    creates, deletes = (len(judge.performed(pattern)) for pattern in ("Create.*Snapshot", "Delete"))
    in_slots = {slot for _, slot in conflicts}
    print(
        f"\n{DAYS} days, {starts} starts: {len(points)} points of {creates} sets, {len(judge.made(DR))} snapshots "
        f"copied, {deletes} deletes; {len(conflicts)} points doubled in {len(in_slots)} slots, copies in {len(copied_twice)}; "
        f"fleet-conflict said {said} times; {time.monotonic() - begun:.0f} s")
    assert judge.complaints() == []
    assert judge.wrong_deletes(TAKING) == []
    # Nobody looked away while something was doubled: this is all that AWS ever made.
    assert creates == len(points) + sum(len(sets) - 1 for sets in conflicts.values())
    assert len(in_slots | copied_twice) <= starts, f"conflicts in {sorted(in_slots)} and {sorted(copied_twice)}"
    check_rule(two, conflicts)
    heard = {event["snapwarden_slot"] for daemon in two.daemons for event in daemon.events("fleet-conflict")}
    assert heard == in_slots | copied_twice, "each conflict is said, and no other"


def check_rule(two, conflicts):
    """The set that was begun first stays, of those of one second the one of the smaller name; it alone is copied."""
    stays = {min(sets, key=lambda nonce: (sets[nonce], nonce)) for sets in conflicts.values()}
    goes = {nonce for sets in conflicts.values() for nonce in sets} - stays
    copied = {made.set for made in two.judge.made(DR)}
    assert not copied & goes, f"copied though they go: {copied & goes}"
    assert stays <= copied, f"not copied though they stay: {stays - copied}"


# MARK: One is gone for good

LEFT_CONFIG = HEAD + """
  daily:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-1] } }
    schedule: { cron: "0 6 * * *" }
    retention: { keep-daily: 3 }
    copies: [{ region: eu-west-1 }]
"""


def test_the_one_that_goes_first_is_gone(make_pair):
    pair = (DAILY, "i-1")
    two = make_pair(
        {"ec2-instances": [instance(1, "vol-a", "vol-b")]}, LEFT_CONFIG, {pair: ["vol-a", "vol-b"]},
        {DAILY: {HOME: {"keep-daily": 3}, DR: {"keep-daily": 3}}})
    day = itertools.count((int(two.warp.now()) // DAY + 1) * DAY + 6 * 3600, DAY)
    # For the first slot, both; from the second one on, one.
    two.live_through(next(day), [pair], CAREFULLY)
    assert len(two.judge.taken_twice()) == 1
    takes = [len(daemon.events("set-taken")) for daemon in two.daemons]
    two.live_through(next(day), [pair], CAREFULLY)
    assert len(two.judge.taken_twice()) == 1
    takes = [len(daemon.events("set-taken")) - before for daemon, before in zip(two.daemons, takes)]
    assert sorted(takes) == [0, 1], "one alone took the second slot"
    two.daemons[takes.index(1)].end(signal.SIGKILL)

    slot = next(day)
    two.warp.move_to(slot)
    for _ in two.let_pass(START_WINDOW / 2 - 60, [60]):
        assert not taken(two, slot), "the slot was taken by the one that stepped back, before half the start window"
    for _ in two.let_pass(SETTLED, [10]):
        if taken(two, slot):
            break
    print(f"\nthe other one was killed: its slot was taken {taken(two, slot)[0] - slot} s after it came", end="")
    assert START_WINDOW / 2 <= taken(two, slot)[0] - slot <= START_WINDOW / 2 + 120

    slot = next(day)
    two.live_through(slot, [pair], CAREFULLY)
    print(f", the next one {taken(two, slot)[0] - slot} s after")
    assert taken(two, slot)[0] - slot <= 60
    assert len(two.judge.taken_twice()) == 1 and two.judge.wrong_deletes(TAKING) == []


def taken(two, slot):
    """When sets of that slot were begun."""
    return sorted(made.begun for made in two.judge.made(HOME) if seconds(made.slot) == slot)
