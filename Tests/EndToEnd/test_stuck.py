"""What is stuck, at AWS or on the way there, keeps nothing else from being taken and copied in time."""

import concurrent.futures
import contextlib
import json
import signal
import threading
import time

import pytest
from conftest import DR, HOME, Sandbox
from judge import rfc3339, seconds
from proxy import Proxy
from support import Installation, daemon, tags, wait_for
from test_main_job import lightsail

#: The policy of what is going to be stuck.
STUCK = """
fleet: acme
timing: {{ consistency: 1s, poll-first: 1s, poll-longest: 1s }}
policies:
  stuck:
    regions: [us-east-1]
    select: {select}
    schedule: {{ cron: "0 2 1 1 *" }}
    first: now
    copies: [{{ region: eu-west-1 }}]
"""
OTHER = """
  {name}:
    regions: [us-east-1]
    select: {select}
    schedule: {{ calendar: "*:*:{second}/20" }}
    copies: [{{ region: eu-west-1 }}]
"""
SELECTS = {"ec2": "{{ ec2-instances: {{ ids: [{}] }} }}", "lightsail": "{{ lightsail-instances: {{ names: [{}] }} }}"}
#: Of EC2 there is a slot every five seconds, each time of another instance: a volume takes one snapshot in 15 s. The
#: Lightsail instance has one every 20 s, in between.
PERIOD, INSTANCES, BLOG_AT = 5, ["i-0", "i-1", "i-2", "i-3"], 2
SEED = {
    "regions": [HOME, DR],
    "ec2-instances": [
        {"id": name, "name": name, "volumes": [{"id": f"vol-{name}", "device": "/dev/xvda", "boot": True}]}
        for name in ["i-stuck", *INSTANCES]],
    "lightsail-instances": [
        {"name": "stuck", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01"},
        {"name": "blog", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a02"}],
}
FOR_EVER = 10**6
#: For how long it is watched; how many seconds after its slot a point is begun at the latest, and its copy.
WATCHED, LATE, COPY_LATE = 25, 5, 10

#: Whose it is, and what of it never ends: one of AWS's timings, or the first call of an operation.
KINDS = {
    "an EC2 snapshot": ("ec2", "snapshot-seconds"),
    "an EC2 copy": ("ec2", "copy-seconds"),
    "a Lightsail snapshot": ("lightsail", "snapshot-seconds"),
    "a Lightsail copy": ("lightsail", "copy-seconds"),
    "the reply to CreateSnapshots": ("ec2", "CreateSnapshots"),
    "the reply to CopySnapshot": ("ec2", "CopySnapshot"),
    "the reply to CreateTags": ("ec2", "CreateTags"),
    "the reply to Lightsail's CreateInstanceSnapshot": ("lightsail", "CreateInstanceSnapshot"),
    "the reply to Lightsail's CopySnapshot": ("lightsail", "CopySnapshot"),
    "the reply to Lightsail's TagResource": ("lightsail", "TagResource"),
}


class Deaf(Proxy):
    """Has the first call of one operation performed that says some word, and never answers it."""

    def __init__(self, sandbox, operation, word=b""):
        super().__init__(sandbox)
        self.operation, self.word = operation, word
        self.has_held, self.has_ended = threading.Event(), threading.Event()

    def treat(self, call):
        if call.operation == self.operation and self.word in call.body and not self.has_held.is_set():
            self.has_held.set()
            call.forward()
            self.has_ended.wait()
            call.hang_up()
        else:
            with contextlib.suppress(OSError):
                super().treat(call)

    def end(self):
        self.has_ended.set()
        super().end()


def begun(sandbox, region):
    """When boto3 says that the snapshots of each resource and slot in a region began, and their states."""
    found = {}
    for snapshot in sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]:
        own = tags(snapshot)
        place = own["snapwarden:resource"], own["snapwarden:slot"]
        found.setdefault(place, []).append((snapshot["StartTime"].timestamp(), snapshot["State"]))
    for snapshot in lightsail(sandbox, region):
        own = {tag["key"]: tag["value"] for tag in snapshot["tags"]}
        # A copy's name comes with the call, its tags come later.
        slot = own.get("snapwarden:slot", snapshot["name"].rpartition("--")[2])
        place = snapshot["fromInstanceName"], slot
        found.setdefault(place, []).append((snapshot["createdAt"].timestamp(), snapshot["state"]))
    return found


def due(since, until):
    """The slots of the others in a span of time, with their resources."""
    for moment in range(int(since) + 1, int(until) + 1):
        if moment % PERIOD == 0:
            yield INSTANCES[moment % 20 // PERIOD], rfc3339(moment)
        if moment % 20 == BLOG_AT:
            yield "blog", rfc3339(moment)


class World:
    """A sandbox, a proxy and a daemon, one of whose resources gets stuck."""

    def __init__(self, folder, kind):
        folder.mkdir()
        self.service, self.what = KINDS[kind]
        is_timing = self.what.endswith("-seconds")
        calm = {"snapshot-seconds": 1, "copy-seconds": 1}
        (folder / "seed.json").write_text(json.dumps(
            SEED | {"timings": calm | ({self.what: FOR_EVER} if is_timing else {})}))
        self.sandbox = Sandbox(folder / "seed.json")
        self.proxy = Deaf(self.sandbox, None if is_timing else self.what)
        name = {"ec2": "i-stuck", "lightsail": "stuck"}[self.service]
        stuck = STUCK.format(select=SELECTS[self.service].format(name))
        installation = Installation(folder, self.proxy, stuck)
        try:
            with daemon(installation) as process:
                if is_timing:
                    region = DR if self.what == "copy-seconds" else HOME
                    wait_for(lambda: begun(self.sandbox, region), 60)
                    self.sandbox.admin("POST", "set", {"timings": calm})
                else:
                    assert self.proxy.has_held.wait(60)
                installation.config.write_text(stuck + "".join(
                    OTHER.format(name=f"ec2-{n}", select=SELECTS["ec2"].format(instance), second=n * PERIOD)
                    for n, instance in enumerate(INSTANCES)
                ) + OTHER.format(name="blog", select=SELECTS["lightsail"].format("blog"), second=BLOG_AT))
                process.send_signal(signal.SIGHUP)
                # The next slot may come before the config is read.
                # What is new is known once the pass that hangs is handed over, five seconds after its last reply.
                self.since = time.time() + 8
                until = self.since + WATCHED
                wait_for(lambda: time.time() > until + COPY_LATE, WATCHED + 60)
                assert process.poll() is None
                self.slots = list(due(self.since, until))
                self.home, self.copies = begun(self.sandbox, HOME), begun(self.sandbox, DR)
                self.log = (folder / "daemon.log").read_text()
        finally:
            self.proxy.end()
            assert self.sandbox.stop() == 0

    def late(self, found, most):
        """Which of the slots were not begun in time, and how late they are."""
        wrong = {}
        for resource, slot in self.slots:
            starts = [start for start, _ in found.get((resource, slot), [])]
            lag = round(min(starts) - seconds(slot)) if starts else "never"
            if lag == "never" or lag > most:
                wrong[resource, slot] = lag
        return wrong


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """All of them at the same time: each waits most of its time."""
    folder = tmp_path_factory.mktemp("stuck")
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(KINDS)) as pool:
        yield {kind: pool.submit(World, folder / str(n), kind) for n, kind in enumerate(KINDS)}


@pytest.mark.alone
@pytest.mark.parametrize("kind", KINDS)
def test_the_others_are_taken_and_copied(worlds, kind):
    world = worlds[kind].result()
    assert len(world.slots) >= 5 and {"blog", *INSTANCES} == {resource for resource, _ in world.slots}
    late, copied_late = world.late(world.home, LATE), world.late(world.copies, COPY_LATE)
    assert (late, copied_late) == ({}, {}), f"of {len(world.slots)} slots since {rfc3339(world.since)}\n{world.log}"
    # Each once.
    assert all(len(world.home[place]) == len(world.copies[place]) == 1 for place in world.slots)
    if world.what == "snapshot-seconds":
        assert any(state == "pending" for found in world.home.values() for _, state in found), "nothing was stuck"
    if world.what == "copy-seconds":
        assert any(state == "pending" for found in world.copies.values() for _, state in found), "nothing was stuck"


#: The whole fleet is due at once, as at the start of a night.
AT_ONCE = STUCK.format(select="""
      ec2-instances: { names: ["*"] }
      lightsail-instances: { names: ["*"] }""")
OTHER_RESOURCES = {*INSTANCES, "blog"}


@pytest.mark.alone
@pytest.mark.parametrize(
    ("operation", "word"), [("CreateSnapshots", b"i-stuck"), ("CreateInstanceSnapshot", b'"stuck"')],
    ids=["of EC2", "of Lightsail"])
def test_due_at_once(tmp_path, start_sandbox, operation, word):
    """One create is never answered: the rest of the same night is taken and copied in a few seconds."""
    sandbox = start_sandbox(SEED | {"timings": {"snapshot-seconds": 1, "copy-seconds": 1}})
    proxy = Deaf(sandbox, operation, word)
    installation = Installation(tmp_path, proxy, AT_ONCE)

    def complete(region):
        return {resource for (resource, _), found in begun(sandbox, region).items()
                if all(state in ("completed", "available") for _, state in found)}

    with daemon(installation) as process:
        assert proxy.has_held.wait(30)
        wait_for(lambda: complete(HOME) >= OTHER_RESOURCES, 10)
        wait_for(lambda: complete(DR) >= OTHER_RESOURCES, 10)
        assert process.poll() is None
    proxy.end()
