"""The home region is lost, with the machine that the daemon ran on: what is left is a config and the other region."""

import re
import time

import pytest
from proxy import Proxy
from support import Installation, tags
from test_main_job import CONFIG, DR, HOME, Endpoint


class Outage(Proxy):
    """Hangs up on whoever asks for something in the home region, and counts them."""

    def __init__(self, sandbox):
        super().__init__(sandbox)
        self.refused = 0

    def treat(self, call):
        # `Credential=AKID…/20261120/us-east-1/ec2/aws4_request`
        region = re.search(r"Credential=[^/]+/\d+/([^/]+)/", call.headers["Authorization"])[1]
        if region != HOME:
            return super().treat(call)
        with self.lock:
            self.refused += 1
        call.reset()


@pytest.fixture
def lost(tmp_path, start_sandbox, seed):
    """The fleet as it was, AWS without its home region, and a new machine."""
    seed["timings"] = {"snapshot-seconds": 0, "copy-seconds": 0}
    sandbox = start_sandbox(seed)
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    Installation(tmp_path / "old", Endpoint(sandbox), CONFIG).run("run", "--once")
    outage = Outage(sandbox)
    yield sandbox, outage, Installation(tmp_path / "new", outage, CONFIG)
    outage.end()


def test_the_other_region_shows_every_point(lost):
    sandbox, outage, installation = lost
    start = time.monotonic()
    points = installation.json("list", "--region", DR)
    assert outage.refused == 0 and time.monotonic() - start < 10, "what is lost is not even asked"
    ec2 = sandbox.client("ec2", DR).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    lightsail = [s for page in sandbox.client("lightsail", DR).get_paginator("get_instance_snapshots").paginate()
                 for s in page["instanceSnapshots"]]
    members = {member["snapshot"]: point for point in points for member in point["members"]}
    assert set(members) == {s["SnapshotId"] for s in ec2} | {s["name"] for s in lightsail} and len(members) > 5
    for snapshot in ec2:
        point, own = members[snapshot["SnapshotId"]], tags(snapshot)
        assert (point["resource"], point["slot"], point["taken"]) == tuple(
            own[f"snapwarden:{key}"] for key in ("resource", "slot", "taken"))
    assert {(p["region"], p["policy"], p["state"]) for p in points} == {(DR, "nightly", "usable")}
    assert len({p["slot"] for p in points}) == 1 and all(p["taken"] > p["slot"] for p in points)
    table = installation.run("list", "--region", DR).stdout
    assert all(point["resource"] in table for point in points) and HOME not in table


def test_a_copy_that_lost_its_tags_is_known_by_its_name(lost):
    sandbox, _, installation = lost
    lightsail = sandbox.client("lightsail", DR)
    [copy, *_] = lightsail.get_instance_snapshots()["instanceSnapshots"]
    lightsail.untag_resource(resourceName=copy["name"], tagKeys=[tag["key"] for tag in copy["tags"]])
    points = {member["snapshot"]: p for p in installation.json("list", "--region", DR) for member in p["members"]}
    assert (points[copy["name"]]["policy"], points[copy["name"]]["state"]) == ("nightly", "usable")
    assert "by hand" not in installation.run("list", "--region", DR).stdout
    assert installation.json("list", "--region", DR, "--orphans") == []


def test_without_the_option_the_loss_is_told(lost):
    _, outage, installation = lost
    done = installation.run("list", code=2)
    assert outage.refused > 0 and f"{HOME} was not read completely" in done.stderr


def test_a_region_that_the_config_has_not(lost):
    _, _, installation = lost
    done = installation.run("list", "--region", "eu-west-2", code=1)
    assert 'nothing in' in done.stderr and '"eu-west-2" (did you mean "eu-west-1"?)' in done.stderr
    done = installation.run("list", "--region", "mars", code=1)
    assert 'is in the region "mars": it has eu-west-1, us-east-1' in done.stderr
