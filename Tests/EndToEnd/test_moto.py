"""The main job on moto's EC2, which nobody here wrote."""

import re

import pytest
from support import Installation, moto_server, tags
from warp import Warp

CONFIG = """
fleet: acme
prune-grace: 0s
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { tags: { Backup: nightly } } }
    exclude: { boot-volume: true }
    schedule: { cron: "0 2 * * *", time-zone: Europe/Berlin }
    retention: { keep-last: 2, keep-daily: 3 }
    copies: [{ region: eu-west-1, retention: { keep-daily: 2 } }]
    tags: { add: { CostCenter: web } }
    rpo: { local: 26h, dr: 30h }
"""


def seed(aws, instances=3):
    ec2 = aws.client("ec2", "us-east-1")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ids = []
    for number in range(instances):
        wanted = [{"Key": "Backup", "Value": "nightly"}, {"Key": "Name", "Value": f"web-{number}"}]
        instance = ec2.run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": wanted}],
        )["Instances"][0]
        for device in ("/dev/sdf", "/dev/sdg"):
            volume = ec2.create_volume(Size=8, AvailabilityZone=instance["Placement"]["AvailabilityZone"])
            ec2.attach_volume(VolumeId=volume["VolumeId"], InstanceId=instance["InstanceId"], Device=device)
        ids.append(instance["InstanceId"])
    return ids


@pytest.fixture
def site(tmp_path):
    with moto_server(tmp_path) as aws:
        yield Installation(tmp_path, aws, CONFIG), seed(aws)


def world(aws):
    return {region: aws.snapshots(region) for region in ("us-east-1", "eu-west-1")}


def test_one_set_and_one_copy_for_each_resource_and_no_second_ever(site):
    installation, ids = site
    installation.run("run", "--once")
    before = world(installation.aws)
    home, away = before["us-east-1"], before["eu-west-1"]
    assert len(home) == len(away) == 6
    for identity in ids:
        members = [s for s in home if tags(s)["snapwarden:resource"] == identity]
        assert len({tags(s)["snapwarden:set"] for s in members}) == 1
        assert {tags(s)["snapwarden:device"] for s in members} == {"/dev/sdf", "/dev/sdg"}
    for snapshot in home + away:
        own = tags(snapshot)
        assert own["snapwarden:fleet"] == "acme" and own["snapwarden:policy"] == "web"
        assert own["snapwarden:kind"] == "scheduled" and own["snapwarden:members"] == "2"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT0[01]:00:00Z", own["snapwarden:slot"])
        assert snapshot["Description"] == "snapwarden acme/web/{}/{}".format(
            own["snapwarden:resource"], own["snapwarden:slot"]
        )
        assert own["CostCenter"] == "web" and own["Name"].startswith("web ")
    sources = {f"us-east-1/{s['SnapshotId']}": s for s in home}
    for copy in away:
        own = tags(copy)
        source = sources.pop(own["snapwarden:source"])
        assert own["snapwarden:volume"] == source["VolumeId"]
        assert own["snapwarden:taken"][:19] == min(
            s["StartTime"] for s in home if tags(s)["snapwarden:set"] == own["snapwarden:set"]
        ).strftime("%Y-%m-%dT%H:%M:%S")
    assert not sources
    assert all(tags(s)["snapwarden:copied-eu-west-1"] == "usable" for s in home)

    installation.run("run", "--once")
    assert world(installation.aws) == before
    installation.forget()
    installation.run("run", "--once")
    assert world(installation.aws) == before


def test_listing_plan_and_status(site):
    installation, ids = site
    planned = installation.json("plan", "--once")
    assert {(a["action"], a["resource"]) for a in planned} == {("create", i) for i in ids}
    late = installation.json("status", code=12)
    assert [r["rpo-met"] for r in late["resources"]] == [False] * 6
    installation.run("run", "--once")
    points = installation.json("list")
    assert len(points) == 6 and {p["state"] for p in points} == {"usable"}
    assert sum(p["source"] is None for p in points) == 3
    assert all(p["kept-by"] and len(p["members"]) == 2 for p in points)
    assert installation.json("plan") == []
    fine = installation.json("status")
    assert [r["rpo-met"] for r in fine["resources"]] == [True] * 6
    assert sum(r["next-slot"] is None for r in fine["resources"]) == 3


def test_backup_by_hand_is_copied_and_satisfies_no_slot(site):
    installation, ids = site
    installation.run("backup", "web", ids[0])
    points = installation.json("list")
    assert [p["resource"] for p in points] == [ids[0]] * 2
    assert all("made by hand" in p["kept-by"][0] for p in points)
    planned = installation.json("plan", "--once")
    # A volume takes one snapshot in 15 s: the instance that was just backed up may have to wait.
    assert {a["resource"] for a in planned} == set(ids) and {a["action"] for a in planned} <= {"create", "wait"}
    installation.run("backup", "nope", code=1)


def test_what_is_kept_over_days_is_what_the_rules_say(tmp_path):
    clock = Warp(tmp_path)
    with moto_server(tmp_path, clock) as aws:
        ids = seed(aws, instances=2)
        installation = Installation(tmp_path, aws, CONFIG, clock)
        slots = []
        for day in range(6):
            clock.set(day * 86400)
            installation.run("run", "--once")
            slots.append(max(p["slot"] for p in installation.json("list")))
            assert len(set(slots)) == day + 1, "each day has a slot of its own"
            for region, keep in (("us-east-1", 3), ("eu-west-1", 2)):
                for identity in ids:
                    kept = {
                        tags(s)["snapwarden:slot"]
                        for s in aws.snapshots(region)
                        if tags(s)["snapwarden:resource"] == identity
                    }
                    assert kept == set(slots[-keep:]), f"day {day} in {region}"


def test_foreign_snapshots_are_never_touched(site):
    installation, ids = site
    ec2 = installation.aws.client("ec2", "us-east-1")
    volume = ec2.describe_volumes()["Volumes"][0]["VolumeId"]
    foreign = [
        ec2.create_snapshot(VolumeId=volume, Description=text, TagSpecifications=[
            {"ResourceType": "snapshot", "Tags": [{"Key": k, "Value": v} for k, v in own.items()]}
        ])["SnapshotId"]
        for text, own in [
            ("somebody's", {"x": "y"}),
            ("snapwarden acme/web/i-1/2020-01-01T00:00:00Z", {"snapwarden:fleet": "other"}),
            ("not our description", {
                "snapwarden:fleet": "acme", "snapwarden:policy": "web", "snapwarden:resource": ids[0],
                "snapwarden:slot": "2020-01-01T00:00:00Z", "snapwarden:set": "s", "snapwarden:members": "1",
            }),
        ]
    ]
    installation.run("run", "--once")
    still = {s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
    assert set(foreign) <= still
    assert all(p["slot"] > "2020-01-02" for p in installation.json("list"))
