"""A fleet with very many points: what the daemon takes of memory to read them, again and again."""

import datetime
import os
import pathlib
import re
import signal
import time

import pytest
import support
from support import ROOT, Installation, ServiceManager, daemon
from test_main_job import HOME, Endpoint

#: A debug build takes four minutes and more for 100,000; the release build is there once packaging/test has made it.
RELEASE = ROOT / ".build-static/release"
HAS_RELEASE = "SNAPWARDEN_BIN_DIR" not in os.environ and all((RELEASE / name).exists() for name in ("snapwarden", "snapwarden-sandbox"))
POINTS = int(os.environ.get("SNAPWARDEN_POINTS") or (100_000 if HAS_RELEASE else 50_000))
RESOURCES = 100
CONFIG = """
fleet: acme
inventory-interval: 1min
timing: { consistency: 1s, poll-first: 1s, poll-longest: 5s }
policies:
  p:
    regions: [us-east-1]
    select: { ec2-instances: { names: ["*"] } }
    schedule: { cron: "0 2 1 1 *" }
"""
#: Seconds that one reading may take.
PATIENCE = 120
#: 200 MiB for 100,000 points; and by how much it may grow from the second reading on.
MOST_MIB, GROWTH = 50 + 150 * POINTS / 100_000, 1.1


def seed():
    """Usable points of every hour, each of one volume."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
    snapshots = []
    for hour in range(1, POINTS // RESOURCES + 1):
        slot = (now - datetime.timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")
        snapshots += [{
            "volume": f"vol-{n}", "start": f"-{hour}h", "size": 8, "description": f"snapwarden acme/p/i-{n}/{slot}",
            "tags": {
                "Name": "p web", "snapwarden:fleet": "acme", "snapwarden:policy": "p", "snapwarden:resource": f"i-{n}",
                "snapwarden:slot": slot, "snapwarden:kind": "scheduled", "snapwarden:members": "1",
                "snapwarden:set": f"{n:08x}{hour:024x}", "snapwarden:device": "/dev/xvda",
            },
        } for n in range(RESOURCES)]
    return {
        "regions": [HOME], "timings": {"snapshot-seconds": 0}, "snapshots": snapshots,
        "ec2-instances": [
            {"id": f"i-{n}", "name": f"web-{n}", "volumes": [{"id": f"vol-{n}", "device": "/dev/xvda", "boot": True}]}
            for n in range(RESOURCES)],
    }


def mebibytes(process, what):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(rf"^{what}:\s+(\d+) kB", status, re.M)[1]) / 1024


@pytest.mark.alone
def test_memory_of_many_points(tmp_path, start_sandbox, monkeypatch):
    if HAS_RELEASE:
        monkeypatch.setenv("SNAPWARDEN_BIN_DIR", str(RELEASE))
        monkeypatch.setattr(support, "SNAPWARDEN", RELEASE / "snapwarden")
    begin = time.monotonic()
    sandbox = start_sandbox(seed())
    print(f"\nthe sandbox began with {POINTS:,} points in {time.monotonic() - begin:.0f} s")
    installation = Installation(tmp_path, Endpoint(sandbox), CONFIG)
    manager = ServiceManager(tmp_path / "manager")
    resident = []
    with daemon(installation, manager) as process:
        for reading in range(1, 5):
            begin = time.monotonic()
            sandbox.admin("DELETE", "requests")
            if reading > 1:
                process.send_signal(signal.SIGHUP)
                manager.await_message("^RELOADING=1")
            manager.await_message(rf"^STATUS=.*{RESOURCES} resources protected", PATIENCE)
            took = time.monotonic() - begin
            calls = sandbox.admin("GET", "requests")
            pages = sum(r["operation"] == "DescribeSnapshots" for r in calls)
            assert pages >= POINTS // 1000, f"only {pages} pages were read: {calls}"
            resident.append(mebibytes(process, "VmRSS"))
            print(f"reading {reading}: {took:.1f} s, {pages} pages; {resident[-1]:.0f} MiB resident, "
                  f"{mebibytes(process, 'VmHWM'):.0f} MiB at the most")
        peak = mebibytes(process, "VmHWM")
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    log = (tmp_path / "daemon.log").read_text()
    assert " error " not in log and " warning " not in log, log
    assert [r["operation"] for r in sandbox.admin("GET", "requests") if r["mutating"]] == []
    assert max(resident[2:]) <= resident[1] * GROWTH, resident
    assert peak < MOST_MIB, f"{peak:.0f} MiB at the most; after each reading {[round(r) for r in resident]}"
