"""The main job on the sandbox: both providers, two regions, faults on every operation."""

import concurrent.futures
import copy
import datetime
import hashlib
import threading

import boto3
import pytest
from support import Installation, tags
from warp import Warp

HOME, DR = "us-east-1", "eu-west-1"
CONFIG = """
fleet: acme
prune-grace: 0s
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  nightly:
    regions: [us-east-1]
    select:
      ec2-instances: { tags: { backup: "yes" } }
      lightsail-instances: { names: ["*"] }
    exclude: { volumes: { tags: { scratch: "*" } } }
    schedule: { cron: "0 2 * * *", time-zone: Europe/Berlin }
    retention: { keep-daily: 2 }
    copies: [{ region: eu-west-1 }]
"""
MUTATING = [
    "CreateSnapshots", "CreateTags", "CopySnapshot", "CreateInstanceSnapshot", "TagResource", "DeleteSnapshot",
    "DeleteInstanceSnapshot",
]
READING = [
    "DescribeInstances", "DescribeVolumes", "DescribeSnapshots", "DescribeLockedSnapshots", "DescribeImages",
    "GetInstances", "GetInstanceSnapshots", "GetInstanceSnapshot",
]


class Endpoint:
    def __init__(self, sandbox):
        self.endpoint = sandbox.url


def older(seed):
    """Points of three days ago of one EC2 and one Lightsail instance, which the rules give up."""
    days = [1, 2, 3]
    instance = seed["ec2-instances"][0]
    seed["snapshots"] = [
        {
            "volume": volume["id"], "start": f"-{day}d", "size": volume["size"],
            "description": f"snapwarden acme/nightly/{instance['id']}/2026-01-0{9 - day}T01:00:00Z",
            "tags": {
                "snapwarden:fleet": "acme", "snapwarden:policy": "nightly", "snapwarden:resource": instance["id"],
                "snapwarden:slot": f"2026-01-0{9 - day}T01:00:00Z", "snapwarden:kind": "scheduled",
                "snapwarden:set": f"older-{day}", "snapwarden:members": "3", "Name": "x",
                "snapwarden:copied-eu-west-1": "usable",
            },
        }
        for day in days
        for volume in instance["volumes"]
    ]
    blog = seed["lightsail-instances"][0]
    arn = f"arn:aws:lightsail:{HOME}:123456789012:Instance/{blog['uuid']}"
    seed["lightsail-snapshots"] = []
    for day in days:
        slot = f"2026-01-0{9 - day}T01:00:00Z"
        parts = "\n".join(["acme", "nightly", HOME, blog["name"], arn, slot])
        digest = hashlib.sha256(parts.encode()).hexdigest()[:20]
        compact = slot.replace("-", "").replace(":", "")
        name = f"acme--nightly--{HOME}--{blog['name']}--{digest}--{compact}"
        own = {
            "fleet": "acme", "policy": "nightly", "resource": blog["uuid"], "slot": slot, "kind": "scheduled",
            "set": name, "members": "1", "copied-eu-west-1": "usable",
        }
        seed["lightsail-snapshots"].append({
            "name": name, "from": blog["name"], "created": f"-{day}d",
            "tags": {f"snapwarden:{key}": value for key, value in own.items()},
        })
    return seed


@pytest.fixture
def site(tmp_path, start_sandbox, seed):
    seed["timings"] = {"snapshot-seconds": 1, "copy-seconds": 1}
    sandbox = start_sandbox(seed)
    return sandbox, Installation(tmp_path, Endpoint(sandbox), CONFIG)


def mutating(sandbox):
    return [r["operation"] for r in sandbox.admin("GET", "requests") if r["mutating"]]


def lightsail(sandbox, region):
    return sandbox.client("lightsail", region).get_instance_snapshots()["instanceSnapshots"]


def test_one_point_and_one_copy_for_each_and_then_silence(site):
    sandbox, installation = site
    installation.run("run", "--once")
    for region in (HOME, DR):
        snapshots = sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]
        sets = {}
        for snapshot in snapshots:
            own = tags(snapshot)
            sets.setdefault((own["snapwarden:resource"], own["snapwarden:set"]), []).append(snapshot)
            assert own["snapwarden:device"].startswith("/dev/") and own["Name"].startswith("nightly")
        assert sorted(len(members) for members in sets.values()) == [2, 3, 3], "the scratch volume is left out"
        assert len({resource for resource, _ in sets}) == 3
        names = [s["name"] for s in lightsail(sandbox, region)]
        assert len(names) == 2 and all(name.startswith("acme--nightly--us-east-1--") for name in names)
        assert all(s["fromAttachedDisks"] for s in lightsail(sandbox, region))
    assert {s["name"] for s in lightsail(sandbox, HOME)} == {s["name"] for s in lightsail(sandbox, DR)}
    for snapshot in lightsail(sandbox, DR):
        own = {t["key"]: t["value"] for t in snapshot["tags"]}
        assert own["snapwarden:source"] == f"us-east-1/{snapshot['name']}" and own["snapwarden:fleet"] == "acme"
    before = sandbox.admin("GET", "dump")
    for prepare in (lambda: None, installation.forget):
        prepare()
        sandbox.admin("DELETE", "requests")
        installation.run("run", "--once")
        assert mutating(sandbox) == []
    assert sandbox.admin("GET", "dump") == before


def test_create_call_carries_the_identity(site):
    """Tags come from the create call itself: nothing of ours is ever without them, whatever fails afterwards."""
    sandbox, installation = site
    sandbox.admin("POST", "faults", [{"operation": "CreateTags", "kind": "throttle", "count": 1000}])
    installation.run("run", "--once", code=2)
    for snapshot in sandbox.client("ec2", HOME).describe_snapshots(OwnerIds=["self"])["Snapshots"]:
        own = tags(snapshot)
        assert {"fleet", "policy", "resource", "slot", "kind", "set", "members"} <= {
            key.removeprefix("snapwarden:") for key in own
        }
    sandbox.admin("DELETE", "faults")
    installation.run("run", "--once")
    for snapshot in sandbox.client("ec2", HOME).describe_snapshots(OwnerIds=["self"])["Snapshots"]:
        assert "snapwarden:device" in tags(snapshot) and "Name" in tags(snapshot)


def test_plan_cannot_write(site):
    sandbox, installation = site
    for command in (["plan", "--once"], ["list"], ["status"], ["check"]):
        installation.run(*command)
    assert mutating(sandbox) == []


def test_same_name_in_two_home_regions(tmp_path, start_sandbox):
    other = "us-west-2"
    seed = {
        "regions": [HOME, other, DR],
        "timings": {"snapshot-seconds": 1, "copy-seconds": 1},
        "lightsail-instances": [
            {"region": region, "name": "blog", "uuid": uuid, "bundle": "small_3_0", "blueprint": "debian_12"}
            for region, uuid in (
                (HOME, "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01"), (other, "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a02"),
            )
        ],
    }
    sandbox = start_sandbox(seed)
    config = """
fleet: acme
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  sites:
    regions: [us-east-1, us-west-2]
    select: { lightsail-instances: { names: ["blog"] } }
    schedule: { every: 24h }
    copies: [{ region: eu-west-1 }]
"""
    installation = Installation(tmp_path, Endpoint(sandbox), config)
    installation.run("run", "--once")
    copies = lightsail(sandbox, DR)
    assert len(copies) == 2 and len({c["fromInstanceArn"] for c in copies}) == 2
    for region in (HOME, other):
        [point] = lightsail(sandbox, region)
        [copy] = [c for c in copies if c["name"] == point["name"]]
        assert copy["fromInstanceArn"] == point["fromInstanceArn"] and f"--{region}--" in copy["name"]


def test_copy_whose_tags_were_lost_is_adopted(site):
    sandbox, installation = site
    sandbox.admin("POST", "faults", [{"operation": "TagResource", "kind": "throttle", "count": 1000}])
    installation.run("run", "--once", code=2)
    assert all(not s["tags"] for s in lightsail(sandbox, DR))
    sandbox.admin("DELETE", "faults")
    installation.forget()
    planned = {a["action"] for a in installation.json("plan")}
    assert "adopt" in planned and "copy" not in planned
    installation.run("run", "--once")
    assert len(lightsail(sandbox, DR)) == 2 and all(s["tags"] for s in lightsail(sandbox, DR))


@pytest.fixture
def undisturbed(tmp_path_factory, start_sandbox, seed):
    """A run with older points to prune, and its world without ids and times."""

    starting = threading.Lock()
    seed["timings"] = {"snapshot-seconds": 1, "copy-seconds": 1}

    def run(*faults, code=0):
        with starting:
            folder = tmp_path_factory.mktemp("run")
            sandbox = start_sandbox(older(copy.deepcopy(seed)))
        installation = Installation(folder, Endpoint(sandbox), CONFIG)
        if faults:
            sandbox.admin("POST", "faults", list(faults))
        done = installation.run("run", "--once", code=code)
        log = sandbox.admin("GET", "requests")
        return sandbox.admin("GET", "dump?plain=1"), log, done

    return run


KINDS = ["throttle", "unavailable", "dropBefore", "dropAfter"]


@pytest.mark.parametrize("kind", KINDS)
def test_faults_leave_the_world_as_if_there_had_been_none(undisturbed, kind):
    """Each operation is struck once, each time in a world of its own."""
    calm, log, _ = undisturbed()
    assert set(READING + MUTATING) <= {r["operation"] for r in log}

    def strike(operation):
        dump, log, done = undisturbed({"operation": operation, "kind": kind, "count": 1})
        assert [r for r in log if r["operation"] == operation and r["outcome"] != "ok"], f"{operation} was never struck"
        assert dump == calm, f"{kind} on {operation}: {done.stderr}"

    # Each run waits most of its time; they have nothing in common.
    with concurrent.futures.ThreadPoolExecutor(max_workers=6) as pool:
        list(pool.map(strike, READING + MUTATING))


def test_boto3_reads_every_tag_back(site):
    sandbox, installation = site
    installation.run("run", "--once")
    client = boto3.client(
        "ec2", region_name=DR, endpoint_url=sandbox.url, aws_access_key_id="AKIDSANDBOX",
        aws_secret_access_key="sandbox-secret",
    )
    for snapshot in client.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
        own = tags(snapshot)
        region, source = own["snapwarden:source"].split("/")
        [home] = sandbox.client("ec2", region).describe_snapshots(SnapshotIds=[source])["Snapshots"]
        assert home["VolumeId"] == own["snapwarden:volume"] and snapshot["Description"] == home["Description"]
        assert tags(home)["snapwarden:set"] == own["snapwarden:set"]


def test_over_days_each_side_holds_what_its_rules_keep(tmp_path, start_sandbox, seed):
    """Daemon and sandbox under one faked clock, both providers."""
    clock = Warp(tmp_path)
    seed["timings"] = {"snapshot-seconds": 1, "copy-seconds": 1}
    sandbox = start_sandbox(seed, env=clock.environment)
    installation = Installation(tmp_path, Endpoint(sandbox), CONFIG, clock)
    slots = []
    for day in range(4):
        clock.set(day * 86400)
        installation.run("run", "--once")
        slots.append(max(p["slot"] for p in installation.json("list")))
        kept = {}
        for point in installation.json("list"):
            kept.setdefault((point["resource"], point["region"]), set()).add(point["slot"])
        assert len(kept) == 10 and all(found == set(slots[-2:]) for found in kept.values()), f"day {day}: {kept}"
    assert len(set(slots)) == 4
    moved = datetime.datetime.fromisoformat(slots[-1]) - datetime.datetime.fromisoformat(slots[0])
    assert moved in (datetime.timedelta(days=3), datetime.timedelta(days=3, hours=1), datetime.timedelta(days=2, hours=23))
