"""How the daemon stops while AWS keeps it waiting for a reply."""

import collections
import contextlib
import json
import re
import signal
import sqlite3
import threading
import time

import pytest
from proxy import Proxy
from support import Installation, ServiceManager, daemon, tags, wait_for
from test_main_job import DR, HOME, Endpoint, lightsail

CONFIG = """
fleet: acme
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  nightly:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-1] } }
    schedule: { cron: "0 2 * * *" }
    first: now
    retention: { keep-daily: 2 }
"""
SEED = {
    "regions": [HOME], "timings": {"snapshot-seconds": 1},
    "ec2-instances": [{"id": "i-1", "name": "web", "volumes": [{"id": "vol-a", "device": "/dev/xvda", "boot": True}]}],
}


class Holding(Proxy):
    """Holds the reply to the first CreateSnapshots back for a while."""

    def __init__(self, sandbox, seconds):
        super().__init__(sandbox)
        self.seconds = seconds
        self.performed = threading.Event()

    def treat(self, call):
        reply, text = call.forward()
        if call.operation == "CreateSnapshots" and call.number == 1:
            self.performed.set()
            time.sleep(self.seconds)
        with contextlib.suppress(OSError):
            call.answer(reply, text)


@pytest.fixture
def site(tmp_path, start_sandbox):
    """A daemon that waits for the reply to a CreateSnapshots which AWS has performed."""
    sandbox = start_sandbox(SEED)

    def begin(seconds):
        proxy = Holding(sandbox, seconds)
        return sandbox, proxy, Installation(tmp_path, proxy, CONFIG)

    return begin


def stopped(process, manager, first, *more):
    """Signals, each once the one before was noticed, and how many seconds the process takes to end."""
    begin = time.monotonic()
    process.send_signal(first)
    manager.await_message("^STOPPING=1")
    for number in more:
        process.send_signal(number)
    process.wait(30)
    return time.monotonic() - begin


def open_intents(installation):
    ledger = sqlite3.connect(f"file:{installation.state}/ledger.sqlite?mode=ro", uri=True)
    return ledger.execute("SELECT count(*) FROM intents WHERE ended_at_s IS NULL").fetchone()[0]


def sets(sandbox):
    found = sandbox.client("ec2", HOME).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return [tags(s)["snapwarden:set"] for s in found]


@pytest.mark.alone
@pytest.mark.parametrize(
    ("held", "signals", "code", "least", "most", "left"),
    [(3, [signal.SIGTERM], 0, 0.5, 6, 0), (60, [signal.SIGTERM], 0, 7, 10, 1), (60, [signal.SIGINT], 0, 7, 10, 1),
     (60, [signal.SIGTERM, signal.SIGTERM], 1, 0, 3, 1), (60, [signal.SIGINT, signal.SIGTERM], 1, 0, 3, 1)],
    ids=["the reply comes in time", "the reply is given up", "by SIGINT", "told twice", "told twice otherwise"])
def test_calls_in_flight(site, tmp_path, held, signals, code, least, most, left):
    sandbox, proxy, installation = site(held)
    manager = ServiceManager(tmp_path / "manager")
    with daemon(installation, manager) as process:
        manager.await_message("^READY=1")
        assert proxy.performed.wait(30)
        seconds = stopped(process, manager, *signals)
        assert process.returncode == code
    log = (tmp_path / "daemon.log").read_text()
    assert least <= seconds <= most, f"{seconds}\n{log}"
    assert open_intents(installation) == left, log
    # Whatever was cut off: the next start finds what AWS has done, and makes it no second time.
    assert len(sets(sandbox)) == 1
    installation.aws = Endpoint(sandbox)
    installation.run("run", "--once")
    assert len(sets(sandbox)) == 1 and open_intents(installation) == 0


MEMBERS = [f"vol-{letter}" for letter in "abcdef"]
SIX = SEED | {
    "regions": [HOME, DR], "timings": {"snapshot-seconds": 1, "copy-seconds": 1},
    "ec2-instances": [{"id": "i-1", "name": "web", "volumes": [
        {"id": volume, "device": f"/dev/sd{volume[-1]}", "boot": volume == "vol-a"} for volume in MEMBERS]}],
}


class Slow(Proxy):
    """Takes its time over every reply to CopySnapshot; `answered` counts those that reached the program."""

    SECONDS = 1.5

    def __init__(self, sandbox):
        super().__init__(sandbox)
        self.answered = 0

    def treat(self, call):
        reply, text = call.forward()
        if call.operation != "CopySnapshot":
            return call.answer(reply, text)
        time.sleep(self.SECONDS)
        with contextlib.suppress(OSError):
            call.answer(reply, text)
            with self.lock:
                self.answered += 1


def copies(sandbox):
    """How many copies there are of each volume's snapshot."""
    found = sandbox.client("ec2", DR).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return collections.Counter(tags(s)["snapwarden:volume"] for s in found)


@pytest.mark.alone
@pytest.mark.parametrize("after", [1, 3])
def test_in_the_midst_of_copying_a_set(tmp_path, start_sandbox, after):
    """What is not begun yet is not begun any more, and the next start begins just that."""
    sandbox = start_sandbox(SIX)
    proxy = Slow(sandbox)
    installation = Installation(tmp_path, proxy, CONFIG + "    copies: [{ region: eu-west-1 }]\n")
    manager = ServiceManager(tmp_path / "manager")
    with daemon(installation, manager) as process:
        manager.await_message("^READY=1")
        wait_for(lambda: proxy.counts["ec2:CopySnapshot"] >= after)
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        manager.await_message("^STOPPING=1")
        begun = proxy.counts["ec2:CopySnapshot"]
        process.wait(30)
        took = time.monotonic() - begin
    log = (tmp_path / "daemon.log").read_text()
    assert process.returncode == 0, log
    assert begun < len(MEMBERS), "the set was copied before the signal came"
    assert proxy.counts["ec2:CopySnapshot"] == begun, f"copies were begun after the signal\n{log}"
    assert proxy.answered == begun == sum(copies(sandbox).values()), f"a call in flight was not finished\n{log}"
    assert took < Slow.SECONDS + 2, f"{took}\n{log}"
    installation.aws = Endpoint(sandbox)
    installation.run("run", "--once")
    assert copies(sandbox) == dict.fromkeys(MEMBERS, 1)
    assert len(set(sets(sandbox))) == 1 and open_intents(installation) == 0
    proxy.end()


class Endless(Proxy):
    """One operation's list has always another page, each of which takes a while; AWS's pages may be empty, too."""

    SECONDS = 1

    def __init__(self, sandbox, operation):
        super().__init__(sandbox)
        self.operation, self.page, self.is_endless = operation, None, True

    def treat(self, call):
        if call.operation != self.operation or not self.is_endless:
            with contextlib.suppress(OSError):
                super().treat(call)
            return
        if self.page is None:
            self.page = call.forward()
        reply, text = self.page
        token = f"page-{call.number + 1}"
        if call.service == "ec2":
            text = re.sub(rb"<nextToken/>|<nextToken>[^<]*</nextToken>", b"", text)
            text = re.sub(rb"(</\w+Response>)", f"<nextToken>{token}</nextToken>".encode() + rb"\1", text)
        else:
            text = json.dumps(json.loads(text) | {"nextPageToken": token}).encode()
        time.sleep(self.SECONDS)
        with contextlib.suppress(OSError):
            call.answer(reply, text)


@pytest.mark.alone
@pytest.mark.parametrize(
    "name",
    ["ec2:DescribeInstances", "ec2:DescribeSnapshots", "lightsail:GetInstances", "lightsail:GetInstanceSnapshots"])
def test_in_the_midst_of_a_long_reading(tmp_path, start_sandbox, name):
    """No page is asked for any more; what was read of it counts for nothing."""
    blog = {"name": "blog", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01"}
    sandbox = start_sandbox(SEED | {"lightsail-instances": [blog]})
    proxy = Endless(sandbox, name.split(":")[1])
    config = CONFIG.replace("{ ids: [i-1] }", '{ names: ["*"] }, lightsail-instances: { names: ["*"] }')
    installation = Installation(tmp_path, proxy, config)
    manager = ServiceManager(tmp_path / "manager")
    with daemon(installation, manager) as process:
        manager.await_message("^READY=1")
        wait_for(lambda: proxy.counts[name] >= 3)
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        manager.await_message("^STOPPING=1")
        asked = proxy.counts.copy()
        process.wait(30)
        took = time.monotonic() - begin
    log = (tmp_path / "daemon.log").read_text()
    assert process.returncode == 0, log
    assert took < Endless.SECONDS + 2, f"{took}\n{log}"
    # One may be on its way as the signal comes.
    assert proxy.counts[name] <= asked[name] + 1, f"{proxy.counts - asked} were asked for after the signal\n{log}"
    assert sets(sandbox) == lightsail(sandbox, HOME) == [], "taken on half a reading"
    proxy.is_endless = False
    installation.run("run", "--once")
    assert len(sets(sandbox)) == len(lightsail(sandbox, HOME)) == 1
    proxy.end()
