"""The daemon killed at random moments of a week, again and again, while AWS loses replies and is slow to show what it
did: in the end nothing is lost, nothing is there twice, and no delete took what was not to be deleted."""

import collections
import concurrent.futures
import email.utils
import json
import os
import random
import signal
import subprocess
import time

import pytest
from conftest import DR, HOME, Sandbox
from judge import Judge
from proxy import Proxy
from support import Aws, Installation, wait_for
from warp import Warp, fall_idle, signing_by_warps  # noqa: F401

#: Kills in each of the worlds; 170 make more than 500 with the ledger kept, and as many with it lost.
KILLS = int(os.environ.get("SNAPWARDEN_KILLS") or 90)
#: Of all choices; what the programs are about at each of these moments, no seed can tell.
SEED = os.environ.get("SNAPWARDEN_SEED") or random.randrange(10**9)
WEEK, SLOT = 7 * 86400, 6 * 3600

#: Whether the ledger is lost at every second restart or never, and how many seconds AWS takes to show what it did.
WORLDS = [(wipes, delay) for wipes in (False, True) for delay in (0, 2, 60)]
TAKING = 3
VOLUMES = ["vol-a", "vol-b", "vol-c"]
SEED_OF_WORLDS = {
    "regions": [HOME, DR],
    "ec2-instances": [{
        "id": "i-1", "name": "web",
        "volumes": [{"id": v, "device": f"/dev/sd{v[-1]}", "boot": v == "vol-a"} for v in VOLUMES]}],
    "ec2-volumes": [{"id": "vol-d", "name": "spare"}],
    "lightsail-instances": [{"name": "blog", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01"}],
}
PROTECTED = {("six-hourly", "i-1"): VOLUMES, ("spare", "vol-d"): ["vol-d"], ("six-hourly", "blog"): ["blog"]}
RULES = {
    "six-hourly": {HOME: {"keep-last": 3, "keep-daily": 2}, DR: {"keep-last": 2, "keep-daily": 3}},
    "spare": {HOME: {"keep-last": 2}, DR: {"keep-last": 2}},
}
CONFIG = """
fleet: acme
prune-grace: 10min
debris-grace: 1h
timing: {{ consistency: {consistency}s, poll-first: 1s, poll-longest: 5s }}
policies:
  six-hourly:
    regions: [us-east-1]
    select: {{ ec2-instances: {{ ids: [i-1] }}, lightsail-instances: {{ names: [blog] }} }}
    schedule: {{ every: 6h }}
    retention: {{ keep-last: 3, keep-daily: 2 }}
    copies: [{{ region: eu-west-1, retention: {{ keep-last: 2, keep-daily: 3 }} }}]
  spare:
    regions: [us-east-1]
    select: {{ ec2-volumes: {{ ids: [vol-d] }} }}
    schedule: {{ every: 6h }}
    retention: {{ keep-last: 2 }}
    copies: [{{ region: eu-west-1 }}]
"""
MUTATING = [
    ("ec2", "CreateSnapshots"), ("ec2", "CreateSnapshot"), ("ec2", "CopySnapshot"), ("ec2", "CreateTags"),
    ("ec2", "DeleteSnapshot"), ("lightsail", "CreateInstanceSnapshot"), ("lightsail", "CopySnapshot"),
    ("lightsail", "TagResource"), ("lightsail", "DeleteInstanceSnapshot"),
]


class World:
    """A sandbox, a daemon that does not live long, and a clock of their own."""

    def __init__(self, folder, number, wipes, delay):
        self.source = random.Random(f"{SEED} {number}")
        ledger = "lost" if wipes else "kept"
        self.name = f"world {number} (the ledger is {ledger}, {delay} s until AWS shows what it did)"
        self.wipes, self.delay = wipes, delay
        self.folder = folder / f"world-{number}"
        self.folder.mkdir()
        self.warp = Warp(self.folder)
        seed = self.folder / "seed.json"
        timings = {"snapshot-seconds": TAKING, "copy-seconds": TAKING, "visible-after": delay}
        seed.write_text(json.dumps(SEED_OF_WORLDS | {"timings": timings}))
        self.sandbox = Sandbox(seed, env=self.warp.environment)
        self.judge = Judge(self.sandbox, "acme", PROTECTED, RULES)
        config = CONFIG.format(consistency=max(1, delay))
        self.installation = Installation(self.folder, Aws(self.sandbox.url), config, self.warp)
        self.log = (self.folder / "daemon.log").open("ab")
        self.daemon = None
        self.kills = self.wiped = self.approved = 0

    def end(self):
        if self.daemon:
            self.kill()
        self.log.close()
        assert self.sandbox.stop() == 0

    def start(self, is_awaited=False):
        before = self.said().count(" started: ")
        self.daemon = subprocess.Popen(
            self.installation.command("run"), env=self.installation.environment(), stdout=self.log, stderr=self.log)
        if is_awaited:
            wait_for(lambda: self.said().count(" started: ") > before)
            self.fall_idle()

    def kill(self):
        self.daemon.kill()
        self.daemon.wait()

    def next_slot(self):
        return (int(self.warp.now()) // SLOT + 1) * SLOT

    def said(self):
        return (self.folder / "daemon.log").read_text()

    # MARK: Lives

    def week(self):
        """Starts and kills the daemon, while a week goes by between the starts."""
        for _ in range(KILLS):
            self.disturb()
            step = self.source.uniform(0, 3 * WEEK / KILLS)
            slot = self.next_slot()
            if self.source.random() < 1 / 3:
                # At once, as a service manager does.
                self.warp.move(self.source.uniform(0, 10))
                self.live(self.source.choice([self.briefly, self.on_and_on]))
            elif slot < self.warp.now() + step and self.source.random() < 0.6:
                self.warp.move_to(slot - 3)
                self.live(self.through_a_slot)
            else:
                self.warp.move(step)
                self.live(self.source.choice([self.briefly, self.on_and_on]))

    def live(self, how):
        self.start()
        how()
        assert self.daemon.poll() is None, f"{self.name}: the daemon ended by itself\n{self.said()[-4000:]}"
        self.kill()
        self.kills += 1
        self.judge.look()
        if self.wipes and self.source.random() < 0.5:
            self.installation.forget()
            self.wiped += 1

    def briefly(self):
        time.sleep(self.source.uniform(0.02, 0.5))

    def through_a_slot(self):
        """Starts before a slot comes, and dies soon after."""
        time.sleep(self.source.uniform(0.2, 0.4))
        self.warp.move(3)
        time.sleep(self.source.uniform(0, 0.5))

    def on_and_on(self):
        """Time passes faster, for long enough that something ends."""
        for _ in range(self.source.randrange(3, 9)):
            time.sleep(self.source.uniform(0.05, 0.2))
            self.warp.move(self.source.uniform(1, 15 + self.delay / 2))
            self.judge.count()

    def disturb(self):
        """Some reply of each mutating operation is lost, now and then before anything was done."""
        coming = {(fault["service"], fault["operation"]) for fault in self.sandbox.admin("GET", "faults")}
        faults = [
            {"service": service, "operation": operation, "skip": self.source.randrange(3),
             "kind": "dropAfter" if self.source.random() < 0.8 else "dropBefore"}
            for service, operation in MUTATING
            if (service, operation) not in coming and self.source.random() < 0.4]
        if self.kills == 0:
            # The first of each is lost, so that none is spared.
            faults = [{"service": s, "operation": o, "kind": "dropAfter"} for s, o in MUTATING]
        self.sandbox.admin("POST", "faults", faults)

    # MARK: Peace

    def rest(self):
        """AWS works well, and one daemon lives through one more slot and on until nothing is left to do.

        Gives what is wrong even then.
        """
        self.sandbox.admin("DELETE", "faults")
        self.start(is_awaited=True)
        slot = self.next_slot()
        self.warp.move_to(slot)
        for step in [5] * 20 + [30] * 40 + [300] * 60:
            self.fall_idle()
            self.warp.move(step)
            if not self.complaints(slot):
                break
            self.approve()
        # And it stays so.
        self.warp.move(1800)
        self.fall_idle()
        complaints = self.complaints(slot)
        self.daemon.terminate()
        assert self.daemon.wait(20) == 0
        return complaints

    def approve(self):
        """Lets go what the cap withholds, whenever the log asks for it.

        Where the ledger was lost again and again before a grace was over, more has piled up than may go unseen.
        """
        asked = self.said().count("let them go with --approve")
        if asked > self.approved:
            self.installation.run("prune", "--approve")
            self.approved = asked

    def fall_idle(self):
        fall_idle(self.sandbox.process, self.daemon)
        self.judge.count()

    def let_pass(self, span, step=20):
        """So much time goes by, slowly enough for the daemon to do what is due meanwhile."""
        for _ in range(span // step):
            self.fall_idle()
            self.warp.move(step)

    def complaints(self, slot):
        missing = [f"{pair} has no point of the last slot" for pair in PROTECTED if slot not in self.judge.slots[pair]]
        return self.judge.complaints() + missing

    def verdict(self):
        """All that is wrong in the end, by kind."""
        rest, judge = self.rest(), self.judge
        points, oddities = judge.look()
        verdict = {
            "duplicates": judge.duplicates(points),
            "orphans": oddities + judge.strangers(points)
            + [f"not listed, or not there: {what}" for what in judge.unlisted(points, self.installation.json("list"))]
            + [f"called an orphan: {row}" for row in self.installation.json("list", "--orphans")],
            "wrong deletes": judge.wrong_deletes(TAKING),
        }
        if not self.wipes:
            # Who remembers what it did has no reason to do it again, whatever AWS shows.
            verdict["made again"] = [f"{what}" for what in [*judge.taken_twice().items(), *judge.copied_twice()]]
        known = sum(verdict.values(), [])
        return verdict | {"other faults": [fault for fault in rest if fault not in known]}

    def numbers(self):
        judge = self.judge
        return {
            "kills and restarts": self.kills, "ledgers lost": self.wiped,
            "sets": len({made.set for made in judge.made(HOME)}), "copies": len(judge.made(DR)),
            "deletes": len(judge.performed("Delete")),
            "made twice for a while": len(judge.taken_twice()) + len(judge.copied_twice()),
        }


@pytest.fixture
def make_worlds(tmp_path, signing_by_warps):  # noqa: F811
    """Makes worlds, by what is lost and how long AWS takes, and ends them."""
    made = []

    def make(*kinds):
        made.extend(World(tmp_path, number, *kind) for number, kind in enumerate(kinds))
        return made

    yield make
    for world in made:
        world.end()


def all_at_once(do, *lists):
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(lists[0])) as pool:
        return list(pool.map(do, *lists))


def test_killed_at_random_moments_of_a_week(make_worlds):
    print(f"\nSNAPWARDEN_SEED={SEED}")
    worlds = make_worlds(*WORLDS)
    lost, total, faults = collections.Counter(), collections.Counter(), []

    def through(world):
        world.warp.sign()
        world.week()
        return world.verdict()

    for world, verdict in zip(worlds, all_at_once(through, worlds)):
        numbers = world.numbers() | {kind: len(found) for kind, found in verdict.items()}
        total.update(numbers)
        print(f"{world.name}: {', '.join(f'{number} {what}' for what, number in numbers.items())}")
        lost.update(
            (call["service"], call["operation"])
            for call in world.sandbox.admin("GET", "requests") if call["outcome"] == "dropped after")
        if any(verdict.values()):
            print(world.said()[-8000:], world.installation.run("plan", code=None).stdout, sep="\n")
        faults += [f"{world.name}: {kind}: {fault}" for kind, found in verdict.items() for fault in found]
    print("in all: " + ", ".join(f"{number} {what}" for what, number in total.items()))
    print("replies lost: " + ", ".join(f"{service}:{name} {lost[service, name]}" for service, name in MUTATING))
    assert not faults, "\n".join([f"SNAPWARDEN_SEED={SEED}", *faults])
    assert total["kills and restarts"] == KILLS * len(WORLDS) and total["deletes"] > total["kills and restarts"]
    assert set(lost) >= set(MUTATING), "no reply was lost of some operation"


# MARK: What AWS does not show yet

#: What is made of the three resources at home, and of the five volumes and instances in the other region.
MADE = {"Create.*Snapshot": 3, "CopySnapshot": 5}


@pytest.mark.parametrize("made", MADE, ids=["at home", "copies"])
def test_restarted_before_aws_shows_what_was_made(make_worlds, made):
    """A minute passes until AWS shows what it did; the next daemon begins within it."""
    ends = [(signal.SIGKILL, False), (signal.SIGTERM, False), (signal.SIGKILL, True)]
    worlds = make_worlds(*((wipes, 60) for _, wipes in ends))

    def through(world, end):
        world.warp.sign()
        assert world.rest() == []
        before = len(world.judge.performed(made))
        world.start(is_awaited=True)
        world.warp.move_to(world.next_slot())
        wait_for(lambda: world.warp.move(1) or len(world.judge.performed(made)) == before + MADE[made])
        # The outcomes are written down as the replies come in.
        world.fall_idle()
        world.daemon.send_signal(end[0])
        world.daemon.wait(20)
        if end[1]:
            world.installation.forget()
        world.start(is_awaited=True)
        world.let_pass(900)
        complaints = world.judge.complaints()
        world.kill()
        extra = len(world.judge.performed(made)) - before - MADE[made]
        how = f"ended by {end[0].name}, the ledger {'lost' if end[1] else 'kept'}"
        # Without a ledger nobody can know; then what is surplus must be gone by now.
        if extra and not end[1]:
            complaints.append(f"{extra} were made again")
        return f"{how}: {extra} made again", [f"{how}: {complaint}" for complaint in complaints]

    found = all_at_once(through, worlds, ends)
    print("\n" + "\n".join(said for said, _ in found))
    faults = [fault for _, complaints in found for fault in complaints]
    assert not faults, "\n".join(faults)


class Slow(Proxy):
    """AWS takes `seconds` for one call: that which `is_slow` picks, once."""

    def __init__(self, world, seconds, is_slow):
        super().__init__(world.sandbox)
        self.world, self.seconds, self.is_slow = world, seconds, is_slow
        world.installation.aws = Aws(self.endpoint)

    def treat(self, call):
        # Replies bear the time of the world, not of this machine.
        call.date_time_string = lambda: email.utils.formatdate(self.world.warp.now(), usegmt=True)
        with self.lock:
            slow = self.is_slow and self.is_slow(call)
            if slow:
                self.is_slow = None
        if slow:
            self.delay(call)
        else:
            super().treat(call)


class LateAndLost(Slow):
    """It is performed after that time, and the reply is lost."""

    def delay(self, call):
        self.world.warp.move(self.seconds)
        call.forward()
        call.hang_up()


class Late(Slow):
    """It is answered after that time."""

    def delay(self, call):
        reply = call.forward()
        self.world.warp.move(self.seconds)
        call.answer(*reply)


def check_one_set(world, proxy):
    world.let_pass(300, step=10)
    assert proxy.is_slow is None, "the call that was to be slow was never made"
    world.kill()
    proxy.end()
    calls = world.judge.performed("CreateSnapshots")
    assert len(calls) == 1, f"AWS made {len(calls)} sets for one slot\n{world.said()}"


def test_a_reply_lost_after_most_of_the_consistency_delay(make_worlds):
    """What AWS did a moment ago it shows a minute later, however long before it was asked to."""
    [world] = make_worlds((False, 60))
    world.warp.sign()
    proxy = LateAndLost(world, 50, lambda call: call.operation == "CreateSnapshots")
    world.start(is_awaited=True)
    world.warp.move_to(world.next_slot())
    check_one_set(world, proxy)


def test_a_reading_that_ends_after_the_consistency_delay(make_worlds):
    """A page that AWS wrote before it showed a set does not tell that there is none, however late it comes."""
    [world] = make_worlds((False, 60))
    world.warp.sign()
    proxy = Late(world, 50, None)
    world.start(is_awaited=True)
    world.warp.move_to(world.next_slot())
    wait_for(lambda: proxy.counts["ec2:CreateSnapshots"])
    world.fall_idle()
    world.warp.move(20)
    world.fall_idle()
    proxy.is_slow = lambda call: call.operation == "DescribeSnapshots" and HOME in call.headers["Authorization"]
    # Everything is read again.
    world.daemon.send_signal(signal.SIGHUP)
    wait_for(lambda: proxy.is_slow is None)
    check_one_set(world, proxy)
