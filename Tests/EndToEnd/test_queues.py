"""AWS's limits on what may be under way: everybody's snapshots and copies count, and what finds no room waits its turn."""

import json

import pytest
from support import Installation, tags
from test_main_job import DR, HOME, Endpoint

CONFIG = """
fleet: acme
prune-grace: 0s
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  nightly:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-1] } }
    schedule: { cron: "0 2 * * *" }
    retention: { keep-daily: 2 }
    copies: [{ region: eu-west-1 }]
"""
SEED = {
    "regions": [HOME, DR],
    "timings": {"snapshot-seconds": 8, "copy-seconds": 12},
    "ec2-instances": [{
        "id": "i-1", "name": "web", "volumes": [
            {"id": "vol-a", "device": "/dev/xvda", "boot": True, "size": 8},
            {"id": "vol-b", "device": "/dev/sdf", "size": 500, "type": "st1"}],
    }],
    "snapshots": [{"id": "snap-theirs", "volume": "vol-theirs", "start": "-1d", "size": 8}],
}


@pytest.fixture
def site(tmp_path, start_sandbox):
    sandbox = start_sandbox(SEED)
    return sandbox, Installation(tmp_path, Endpoint(sandbox), CONFIG)


def refused(sandbox):
    return [r for r in sandbox.admin("GET", "requests") if r["outcome"] != "ok"]


def ours(sandbox, region):
    found = sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return [s["SnapshotId"] for s in found if "snapwarden:fleet" in tags(s)]


def test_other_peoples_copies_take_the_room_until_they_are_done(site):
    sandbox, installation = site
    ec2 = sandbox.client("ec2", DR)
    for _ in range(20):
        ec2.copy_snapshot(SourceRegion=HOME, SourceSnapshotId="snap-theirs")
    ran = installation.run("run", "--once", "--log-format", "json")
    events = [json.loads(line) for line in ran.stderr.splitlines() if line.startswith("{")]
    said = [e["message"] if e["event"] == "action-deferred" else e["event"] for e in events]
    said = [word for word in said if "for room in" in word or word == "copy-started"]
    # Their copies end one by one, so that there may be room for one of ours before there is for the other: then what still
    # waits is said again, and never without a copy begun in between.
    waits = "1 action waits for room in ec2/eu-west-1: 20 copies are under way to eu-west-1, and no more fit"
    assert said in ([waits, "copy-started"], [waits, "copy-started", waits, "copy-started"]), ran.stderr
    assert len(ours(sandbox, DR)) == 2, ran.stderr
    assert refused(sandbox) == [], "nothing was asked for that AWS would have refused"


def test_a_magnetic_volume_that_somebody_snapshots_is_waited_for(site):
    sandbox, installation = site
    theirs = sandbox.client("ec2", HOME).create_snapshots(
        InstanceSpecification={"InstanceId": "i-1", "ExcludeBootVolume": True})["Snapshots"][0]["SnapshotId"]
    plan = installation.json("plan", "--once")
    assert [(a["action"], a["reason"]) for a in plan] == [
        ("wait", "vol-b has 1 snapshot under way or failed, and takes no more at once")]
    ran = installation.run("run", "--once")
    assert len(ours(sandbox, HOME)) == 2, ran.stderr + ran.stdout
    assert theirs not in ours(sandbox, HOME)
    # Theirs is done, and nobody says any more when it began: AWS alone knows that 15 s are not over.
    assert {r["outcome"] for r in refused(sandbox)} <= {"SnapshotCreationPerVolumeRateExceeded"}
