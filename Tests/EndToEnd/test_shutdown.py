"""How the daemon stops while AWS keeps it waiting for a reply."""

import contextlib
import signal
import sqlite3
import threading
import time

import pytest
from proxy import Proxy
from support import Installation, ServiceManager, daemon, tags
from test_main_job import HOME, Endpoint

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
