"""The AWS CLI against the sandbox: lists, creates, copies."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from conftest import DR, HOME

WEB = "i-0a1b2c3d4e5f60001"


@pytest.fixture
def aws(sandbox):
    """Runs the CLI; returns its JSON."""
    beside = os.path.join(os.path.dirname(sys.executable), "aws")
    program = beside if os.path.exists(beside) else shutil.which("aws")
    assert program, "the AWS CLI is missing: pip install -r Tests/EndToEnd/requirements.txt"

    def run(*arguments, fails=False):
        done = subprocess.run(
            [program, *arguments, "--output", "json"], env=sandbox.environment, capture_output=True, text=True,
            timeout=60, stdin=subprocess.DEVNULL)
        if fails:
            assert done.returncode != 0
            return done.stderr.strip()
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_ec2(aws):
    names = aws("ec2", "describe-instances", "--query", "Reservations[].Instances[].Tags[?Key=='Name'].Value | []")
    assert names == ["web-1", "web-2", "db-1"]
    made = aws(
        "ec2", "create-snapshots", "--instance-specification", f"InstanceId={WEB},ExcludeBootVolume=true",
        "--tag-specifications", "ResourceType=snapshot,Tags=[{Key=fleet,Value=demo}]", "--copy-tags-from-source", "volume")
    ids = [snapshot["SnapshotId"] for snapshot in made["Snapshots"]]
    assert len(ids) == 2
    copy = aws(
        "ec2", "copy-snapshot", "--region", DR, "--source-region", HOME, "--source-snapshot-id", ids[0],
        "--description", "to DR")
    shown = aws("ec2", "describe-snapshots", "--region", DR, "--owner-ids", "self")["Snapshots"]
    assert [(s["SnapshotId"], s["VolumeId"], s["State"], s["Description"]) for s in shown] == [
        (copy["SnapshotId"], "vol-ffffffff", "completed", "to DR")]
    listed = aws("ec2", "describe-snapshots", "--filters", "Name=tag:fleet,Values=demo", "--page-size", "5")
    assert [s["SnapshotId"] for s in listed["Snapshots"]] == ids
    aws("ec2", "create-tags", "--resources", ids[0], "--tags", "Key=Name,Value=x")
    aws("ec2", "delete-snapshot", "--snapshot-id", ids[0])
    assert "(InvalidSnapshot.NotFound)" in aws("ec2", "delete-snapshot", "--snapshot-id", ids[0], fails=True)
    assert len(aws("ec2", "describe-volumes")["Volumes"]) == 9


def test_lightsail(aws):
    assert [i["name"] for i in aws("lightsail", "get-instances")["instances"]] == ["blog", "shop"]
    aws("lightsail", "create-instance-snapshot", "--instance-snapshot-name", "blog-1", "--instance-name", "blog")
    aws(
        "lightsail", "copy-snapshot", "--region", DR, "--source-region", HOME, "--source-snapshot-name", "blog-1",
        "--target-snapshot-name", "blog-1")
    shown = aws("lightsail", "get-instance-snapshots", "--region", DR)["instanceSnapshots"]
    assert [(s["name"], s["state"]) for s in shown] == [("blog-1", "available")]
    aws("lightsail", "tag-resource", "--region", DR, "--resource-name", "blog-1", "--tags", "key=a,value=b")
    aws("lightsail", "delete-instance-snapshot", "--instance-snapshot-name", "blog-1")
    taken = aws(
        "lightsail", "create-instance-snapshot", "--region", DR, "--instance-snapshot-name", "blog-1",
        "--instance-name", "blog", fails=True)
    assert "(NotFoundException)" in taken


def test_one_volume(aws):
    made = aws("ec2", "create-snapshot", "--volume-id", "vol-0a1b2c3d4e5f61001", "--description", "one")
    assert (made["VolumeId"], made["State"], made["Description"]) == ("vol-0a1b2c3d4e5f61001", "pending", "one")


def test_lightsail_disks_and_automatic_snapshots(aws):
    assert [d["name"] for d in aws("lightsail", "get-disks")["disks"]] == ["blog-data", "shop-data"]
    aws("lightsail", "create-disk-snapshot", "--disk-name", "blog-data", "--disk-snapshot-name", "d-1")
    assert [s["state"] for s in aws("lightsail", "get-disk-snapshots")["diskSnapshots"]] == ["completed"]
    aws("lightsail", "delete-disk-snapshot", "--disk-snapshot-name", "d-1")
    assert aws("lightsail", "get-relational-databases")["relationalDatabases"] == []
    aws(
        "lightsail", "enable-add-on", "--resource-name", "blog", "--add-on-request",
        "addOnType=AutoSnapshot,autoSnapshotAddOnRequest={snapshotTimeOfDay=04:00}")
    assert aws("lightsail", "get-instances")["instances"][0]["addOns"][0]["snapshotTimeOfDay"] == "04:00"
    assert aws("lightsail", "get-auto-snapshots", "--resource-name", "blog")["autoSnapshots"] == []
    aws("lightsail", "disable-add-on", "--resource-name", "blog", "--add-on-type", "AutoSnapshot")


def test_sts(aws):
    assert aws("sts", "get-caller-identity")["Account"] == "123456789012"
