"""The ledger's file is damaged: it is set aside, that is said, and nothing is made or deleted at AWS on its account."""

import json
import re
import shutil
import signal
import sqlite3
import time

import pytest
from conftest import DR, HOME, Sandbox
from support import Installation, ServiceManager, daemon, tags, wait_for
from test_main_job import Endpoint, lightsail, mutating

CONFIG = """
fleet: acme
prune-grace: 0s
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  nightly:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-1, i-2] }, lightsail-instances: { names: [blog] } }
    schedule: { cron: "0 2 1 * *" }
    first: now
    retention: { keep-last: 1 }
    copies: [{ region: eu-west-1 }]
"""
SEED = {
    "regions": [HOME, DR], "timings": {"snapshot-seconds": 0, "copy-seconds": 0},
    "ec2-instances": [
        {"id": "i-1", "name": "web", "volumes": [
            {"id": "vol-a", "device": "/dev/xvda", "boot": True}, {"id": "vol-b", "device": "/dev/sdf"}]},
        {"id": "i-2", "name": "db", "volumes": [{"id": "vol-c", "device": "/dev/xvda", "boot": True}]}],
    "lightsail-instances": [{"name": "blog", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01"}],
}
PAGE = 4096
NOISE = bytes((n * 73 + n // 256 * 31) % 256 for n in range(PAGE))


def overwritten(data, page):
    """One page of it, counted from 1, is noise."""
    return data[:(page - 1) * PAGE] + NOISE + data[page * PAGE:]


#: What became of the file.
DAMAGES = {
    "garbage": lambda data: b"no database " * (len(data) // 12),
    "half of the file": lambda data: data[:len(data) // 2],
    "cut off within a page": lambda data: data[:len(data) * 3 // 4 // PAGE * PAGE + 100],
    "a page in the middle": lambda data: overwritten(data, len(data) // PAGE // 2),
    "the last page": lambda data: overwritten(data, len(data) // PAGE),
    "the first byte": lambda data: bytes([data[0] ^ 1]) + data[1:],
    "its schema": lambda data: data[:100] + NOISE[:PAGE - 100] + data[PAGE:],
    "the same file in zeros": lambda data: bytes(len(data)),
}
#: What SQLite takes for a database in order, in which there is nothing yet.
EMPTY = {"an empty file": lambda data: b"", "no file": None}


@pytest.fixture(scope="module")
def protected(tmp_path_factory):
    """A sandbox with sets and copies that a daemon has made, and that daemon's state."""
    folder = tmp_path_factory.mktemp("protected")
    (folder / "seed.json").write_text(json.dumps(SEED))
    sandbox = Sandbox(folder / "seed.json")
    installation = Installation(folder, Endpoint(sandbox), CONFIG)
    with daemon(installation) as process:
        wait_for(lambda: len(complete(sandbox)) == 8, 60)
        stop(process)
    yield sandbox, installation.state
    assert sandbox.stop() == 0


def everything(sandbox):
    """Every snapshot that boto3 lists, by its region and id or name, with its state, its start and its tags."""
    found = {}
    for region in (HOME, DR):
        for snapshot in sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]:
            found[region, snapshot["SnapshotId"]] = snapshot["State"], snapshot["StartTime"], tags(snapshot)
        for snapshot in lightsail(sandbox, region):
            named = {tag["key"]: tag["value"] for tag in snapshot["tags"]}
            found[region, snapshot["name"]] = snapshot["state"], snapshot["createdAt"], named
    return found


def complete(sandbox):
    """Those that are usable, and at home known to be copied."""
    return [
        place for place, (state, _, named) in everything(sandbox).items()
        if state in ("completed", "available")
        and (place[0] == DR or named.get("snapwarden:copied-eu-west-1") == "usable")]


def doubled(sandbox):
    """Slots with more than one set in a region."""
    sets = {}
    for (region, _), (_, _, named) in everything(sandbox).items():
        slot = region, named["snapwarden:resource"], named["snapwarden:slot"]
        sets.setdefault(slot, set()).add(named["snapwarden:set"])
    return [slot for slot, found in sets.items() if len(found) > 1]


def stop(process):
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0


@pytest.fixture
def site(tmp_path, protected):
    """An installation with a copy of that state, of which the ledger is then damaged."""
    sandbox, state = protected
    installation = Installation(tmp_path, Endpoint(sandbox), CONFIG)
    shutil.copytree(state, installation.state, dirs_exist_ok=True)
    sandbox.admin("DELETE", "requests")
    return sandbox, installation


def damage(installation, how):
    """Damages the ledger; gives what is in the file then."""
    ledger = installation.state / "ledger.sqlite"
    assert not list(installation.state.glob("ledger.sqlite-*")), "the daemon that has ended left a log"
    data = ledger.read_bytes()
    assert len(data) >= 8 * PAGE
    if how is None:
        ledger.unlink()
        return None
    ledger.write_bytes(how(data))
    assert ledger.read_bytes() != data
    return ledger.read_bytes()


def life(installation, folder):
    """A daemon's life of two complete readings; gives the events that it logged."""
    manager, begin = ServiceManager(folder), time.monotonic()
    with daemon(installation, manager, "--log-format", "json") as process:
        manager.await_message("^STATUS=.*protected")
        # A new ledger begins nothing for one consistency delay.
        wait_for(lambda: time.monotonic() > begin + 2)
        process.send_signal(signal.SIGHUP)
        manager.await_message("^RELOADING=1")
        manager.await_message("^STATUS=.*protected")
        assert process.poll() is None
        stop(process)
    return events_of(installation)


def events_of(installation):
    lines = (installation.folder / "daemon.log").read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def told(events, kind):
    return [event for event in events if event["event"] == kind]


def set_aside(installation):
    return sorted(path for path in installation.state.iterdir() if ".damaged-" in path.name)


def integrity(installation):
    ledger = sqlite3.connect(f"file:{installation.state}/ledger.sqlite?mode=ro", uri=True)
    try:
        return ledger.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        ledger.close()


@pytest.mark.parametrize("kind", DAMAGES)
def test_damaged_before_it_starts(site, tmp_path, kind):
    sandbox, installation = site
    before = everything(sandbox)
    data = damage(installation, DAMAGES[kind])
    events = life(installation, tmp_path / "first")
    # Kept as it was, beside it, under a name with the time.
    [kept] = set_aside(installation)
    assert re.fullmatch(r"ledger\.sqlite\.damaged-\d{8}T\d{6}Z", kept.name) and kept.read_bytes() == data
    assert mutating(sandbox) == [], events
    assert everything(sandbox) == before and doubled(sandbox) == []
    assert integrity(installation) == "ok"
    # Not lost protection, but lost history: worth a look, and no more.
    [said] = told(events, "ledger-set-aside")
    assert said["priority"] == "warning" and kept.name in said["message"], said
    assert told(events, "ledger-trouble") == [], "it can be used"
    # The next start finds nothing wrong.
    events = life(installation, tmp_path / "second")
    assert set_aside(installation) == [kept]
    assert [e for e in events if e["priority"] in ("warning", "error", "critical")] == []
    assert mutating(sandbox) == [] and everything(sandbox) == before


@pytest.mark.parametrize("kind", EMPTY)
def test_lost_before_it_starts(site, tmp_path, kind):
    """There is nothing to be kept, and nothing to be told."""
    sandbox, installation = site
    before = everything(sandbox)
    damage(installation, EMPTY[kind])
    for folder in ("first", "second"):
        events = life(installation, tmp_path / folder)
        assert set_aside(installation) == [] and told(events, "ledger-set-aside") == []
        assert [e for e in events if e["priority"] in ("warning", "error", "critical")] == []
        assert mutating(sandbox) == [] and everything(sandbox) == before
    assert integrity(installation) == "ok"


@pytest.mark.parametrize("kind", DAMAGES)
def test_run_once(site, kind):
    sandbox, installation = site
    before = everything(sandbox)
    damage(installation, DAMAGES[kind])
    done = installation.run("run", "--once")
    assert len(set_aside(installation)) == 1 and " warning ledger-set-aside: " in done.stderr, done.stderr
    done = installation.run("run", "--once")
    assert len(set_aside(installation)) == 1 and "ledger" not in done.stderr, done.stderr
    assert mutating(sandbox) == [] and everything(sandbox) == before


@pytest.mark.parametrize("kind", [*DAMAGES, *EMPTY])
def test_commands_that_only_read_leave_it(site, kind):
    """They work without it, and neither mend nor move what the daemon's is."""
    sandbox, installation = site
    data = damage(installation, (DAMAGES | EMPTY)[kind])
    ledger = installation.state / "ledger.sqlite"
    for command in (["status"], ["list"], ["plan"]):
        done = installation.run(*command, code=None)
        assert done.returncode in (0, 2, 12) and "Fatal error" not in done.stderr, f"{command}: {done.stderr}"
        assert (ledger.read_bytes() if ledger.exists() else None) == data
        assert set_aside(installation) == []
    rows = installation.json("list")
    assert {m["snapshot"] for row in rows for m in row["members"]} == {name for _, name in everything(sandbox)}
    assert mutating(sandbox) == []


def test_damaged_while_it_runs(tmp_path, start_sandbox):
    """The daemon goes on; it or the next one sets the ledger aside on reading the damage. Nothing is there twice."""
    sandbox = start_sandbox(SEED | {"timings": {"snapshot-seconds": 1, "copy-seconds": 1}})
    often = CONFIG.replace('cron: "0 2 1 * *"', 'calendar: "*:*:0/5"').replace("keep-last: 1", "keep-last: 100")
    installation = Installation(tmp_path, Endpoint(sandbox), often)

    def slots(region):
        named = [named for (place, _), (_, _, named) in everything(sandbox).items() if place == region]
        return {own["snapwarden:slot"] for own in named if "snapwarden:slot" in own}

    with daemon(installation, None, "--log-format", "json") as process:
        wait_for(lambda: slots(HOME) and slots(DR), 60)
        for name in ("ledger.sqlite", "ledger.sqlite-wal"):
            path = installation.state / name
            size = path.stat().st_size
            with path.open("r+b") as file:
                file.write((NOISE * (size // PAGE + 1))[:size])
        seen = {region: len(slots(region)) for region in (HOME, DR)}
        wait_for(lambda: all(len(slots(region)) >= seen[region] + 2 for region in seen), 60)
        assert process.poll() is None
        stop(process)
    events = events_of(installation)
    installation.config.write_text(CONFIG.replace("keep-last: 1", "keep-last: 100"))
    events += life(installation, tmp_path / "next")
    assert [said["priority"] for said in told(events, "ledger-set-aside")] == ["warning"], events
    assert len(set_aside(installation)) == 1 and integrity(installation) == "ok"
    assert doubled(sandbox) == []
    # Every member is copied once.
    sources = [named["snapwarden:source"] for (region, _), (_, _, named) in everything(sandbox).items()
               if region == DR and "snapwarden:source" in named]
    assert sources and len(sources) == len(set(sources))
