"""Whatever waits has an end and a name in `status`."""

import datetime
import sqlite3

import pytest
from support import Installation, daemon, wait_for
from test_main_job import HOME, Endpoint

CONFIG = """
fleet: acme
timing: { consistency: 5min, poll-first: 1s, poll-longest: 1s }
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-1, i-2] } }
    schedule: { cron: "0 2 * * *" }
    first: now
    retention: { keep-last: 2 }
"""
SEED = {
    "regions": [HOME], "timings": {"snapshot-seconds": 0},
    "ec2-instances": [
        {"id": f"i-{n}", "name": f"web-{n}", "volumes": [{"id": f"vol-{n}", "device": "/dev/xvda", "boot": True}]}
        for n in (1, 2)],
}


@pytest.fixture
def site(tmp_path, start_sandbox):
    sandbox = start_sandbox(SEED)
    return sandbox, Installation(tmp_path, Endpoint(sandbox), CONFIG)


def waiting(installation):
    """What `status` says, which at a missed or no objective is no matter here."""
    rows = installation.json("status", code=None)["waiting"]
    now = datetime.datetime.now(datetime.timezone.utc)
    for row in rows:
        assert row["until"] is None or datetime.datetime.fromisoformat(row["until"]) > now, row
    return {(row["action"], row["resource"], row["for"]) for row in rows}


def test_nothing_waits(site):
    _, installation = site
    assert waiting(installation) == set()
    assert "WAITING" not in installation.run("status", code=None).stdout


def test_what_failed(site):
    sandbox, installation = site
    sandbox.admin("POST", "set", {"denied": ["ec2:CreateSnapshots"]})
    installation.run("run", "--once", code=1)
    assert waiting(installation) == {("create", "i-1", "backoff"), ("create", "i-2", "backoff")}
    table = installation.run("status", code=None).stdout
    assert "failed 1 times: UnauthorizedOperation" in table and "WAITING" in table, table


def test_a_lost_reply(site):
    sandbox, installation = site
    # As a crash leaves it: an intent without an outcome.
    installation.run("run", "--once")
    ledger = sqlite3.connect(installation.state / "ledger.sqlite")
    ledger.execute("UPDATE intents SET ended_at_s = NULL, ending = NULL, slot_s = 7, id = 'x' WHERE verb = 'create'"
                   " AND resource = 'i-1'")
    ledger.commit()
    ledger.close()
    for snapshot in sandbox.client("ec2", HOME).describe_snapshots(OwnerIds=["self"])["Snapshots"]:
        sandbox.client("ec2", HOME).delete_snapshot(SnapshotId=snapshot["SnapshotId"])
    assert ("create", "i-1", "lost-reply") in waiting(installation)


def test_stepped_back(site):
    _, installation = site
    installation.run("run", "--once")
    ledger = sqlite3.connect(installation.state / "ledger.sqlite")
    ledger.execute("INSERT INTO facts VALUES ('stepped-back', strftime('%s'))")
    ledger.commit()
    ledger.close()
    said = installation.json("status", code=None)
    assert said["stepped-back"] is not None
    assert "another snapwarden on this fleet goes first" in installation.run("status", code=None).stdout


def test_a_copy_of_what_was_just_taken(tmp_path, start_sandbox):
    sandbox = start_sandbox(SEED | {"regions": [HOME, "eu-west-1"]})
    installation = Installation(tmp_path, Endpoint(sandbox), CONFIG + "    copies: [{ region: eu-west-1 }]\n")
    with daemon(installation):
        wait_for(lambda: waiting(installation) == {("copy", "i-1", "unsettled"), ("copy", "i-2", "unsettled")})
        assert "whether another snapwarden took it, too" in installation.run("status", code=None).stdout
