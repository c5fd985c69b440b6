"""Everything besides instances, on the sandbox: what the program does, as boto3 sees it."""

import subprocess

import pytest
from conftest import DR, HOME
from support import Installation, tags

VOLUMES = """
fleet: acme
prune-grace: 0s
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  everything:
    regions: [us-east-1]
    select:
      ec2-instances: { tags: { backup: "yes" } }
      ec2-volumes: { tags: { backup: "yes" } }
    schedule: { cron: "0 2 * * *" }
    retention: { keep-last: 1 }
    copies: [{ region: eu-west-1 }]
    tags: { copy-from-volume: true }
"""


class Endpoint:
    def __init__(self, sandbox):
        self.endpoint = sandbox.url


@pytest.fixture
def install(tmp_path):
    return lambda sandbox, config: Installation(tmp_path, Endpoint(sandbox), config)


def ours(sandbox, region):
    snapshots = sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return [s for s in snapshots if "snapwarden:fleet" in tags(s)]


def calls(sandbox, name):
    return [c for c in sandbox.admin("GET", "requests") if c["operation"] == name and c["outcome"] == "ok"]


# Volumes


def with_volumes(seed):
    """A volume that stands alone, and one that an instance of the same policy has attached."""
    seed["ec2-volumes"] = [
        {"id": "vol-alone", "name": "archive", "tags": {"backup": "yes", "team": "a"}, "size": 100},
        {"id": "vol-other", "tags": {"backup": "no"}}]
    seed["ec2-instances"][0]["volumes"][1]["tags"] = {"backup": "yes"}
    return seed


def test_a_volume_by_itself_is_taken_copied_and_pruned(start_sandbox, seed, install):
    slot = "2026-01-01T02:00:00Z"
    seed = with_volumes(seed)
    seed["snapshots"] = [{
        "volume": "vol-alone", "start": "-9d", "description": f"snapwarden acme/everything/vol-alone/{slot}",
        "tags": {
            "snapwarden:fleet": "acme", "snapwarden:policy": "everything", "snapwarden:resource": "vol-alone",
            "snapwarden:slot": slot, "snapwarden:kind": "scheduled", "snapwarden:set": "old", "snapwarden:members": "1",
            "snapwarden:copied-eu-west-1": "usable", "Name": "x"}}]
    sandbox = start_sandbox(seed)
    program = install(sandbox, VOLUMES)
    plan = program.json("plan", "--once")
    assert [(a["action"], a["resource"]) for a in plan if a["resource"].startswith("vol-")] == [("create", "vol-alone")]
    program.run("run", "--once", timeout=60)
    program.run("run", "--once", timeout=60)
    assert [c["operation"] for c in calls(sandbox, "CreateSnapshot")] == ["CreateSnapshot"]
    for region in (HOME, DR):
        of_volume = [s for s in ours(sandbox, region) if tags(s)["snapwarden:resource"].startswith("vol-")]
        newest = [s for s in of_volume if tags(s)["snapwarden:set"] != "old"]
        assert len(newest) == 1 and tags(newest[0])["snapwarden:members"] == "1"
    home = [s for s in ours(sandbox, HOME) if s["VolumeId"] == "vol-alone" and tags(s)["snapwarden:set"] != "old"][0]
    assert tags(home)["team"] == "a" and tags(home)["Name"].startswith("everything archive ")
    # The instance's own set holds its volume, once.
    volumes = [s["VolumeId"] for s in ours(sandbox, HOME)]
    assert volumes.count("vol-0a1b2c3d4e5f61002") == 1 and "vol-other" not in volumes
    rows = program.json("status")["resources"]
    assert [r["usable"] for r in rows if r["resource"] == "vol-alone"] == [len(
        [s for s in ours(sandbox, region) if tags(s)["snapwarden:resource"] == "vol-alone"]) for region in (HOME, DR)]


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "dropBefore", "dropAfter"])
def test_no_fault_makes_two_points_of_a_volume(start_sandbox, seed, install, kind):
    sandbox = start_sandbox(with_volumes(seed))
    program = install(sandbox, VOLUMES)
    sandbox.admin("POST", "faults", [{"operation": "CreateSnapshot", "kind": kind, "count": 1}])
    for _ in range(3):
        program.run("run", "--once", timeout=60)
    assert [s["VolumeId"] for s in ours(sandbox, HOME)].count("vol-alone") == 1


# Lightsail's disks and databases

LIGHTSAIL = """
fleet: acme
prune-grace: 0s
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  disks:
    regions: [us-east-1]
    select:
      lightsail-instances: { names: [blog] }
      lightsail-disks: { names: ["*"] }
    schedule: { cron: "0 2 * * *" }
    retention: { keep-last: 1 }
    copies: [{ region: eu-west-1 }]
  databases:
    regions: [us-east-1]
    select: { lightsail-databases: { tags: { backup: "yes" } } }
    schedule: { cron: "0 3 * * *" }
    retention: { keep-last: 1 }
"""


def with_disks_and_databases(seed):
    seed["lightsail-disks"] = [{"name": "spare.1", "uuid": "u-spare", "tags": {"backup": "yes"}}]
    seed["lightsail-databases"] = [
        {"name": "shop-db", "uuid": "u-db", "tags": {"backup": "yes"}}, {"name": "test-db", "tags": {"backup": "no"}}]
    return seed


def disk_snapshots(sandbox, region):
    return sandbox.client("lightsail", region).get_disk_snapshots()["diskSnapshots"]


def test_disks_and_databases_are_taken_copied_and_pruned(start_sandbox, seed, install):
    sandbox = start_sandbox(with_disks_and_databases(seed))
    program = install(sandbox, LIGHTSAIL)
    program.run("check")
    foreign = {"relationalDatabaseName": "shop-db", "relationalDatabaseSnapshotName": "by-hand"}
    sandbox.client("lightsail").create_relational_database_snapshot(**foreign)
    sandbox.client("lightsail").create_disk_snapshot(diskName="shop-data", diskSnapshotName="by-hand-too")
    program.run("run", "--once", timeout=60)
    program.run("run", "--once", timeout=60)
    home, dr = disk_snapshots(sandbox, HOME), disk_snapshots(sandbox, DR)
    # The blog's own disk is in the blog's snapshot; the shop is not selected, its disk is.
    of = lambda snapshots: sorted(s["fromDiskName"] for s in snapshots if s["name"].startswith("acme--"))
    assert of(home) == of(dr) == ["shop-data", "spare.1"]
    spare = next(s for s in home if s["fromDiskName"] == "spare.1")
    assert spare["name"].startswith("acme--disks--us-east-1--spare-1--")
    lightsail = sandbox.client("lightsail")
    databases = lightsail.get_relational_database_snapshots()["relationalDatabaseSnapshots"]
    assert sorted(s["fromRelationalDatabaseName"] for s in databases) == ["shop-db", "shop-db"]
    # One more by hand.
    program.run("backup", "databases")
    program.run("hold", f"databases/u-db/{tag(databases, 'slot')}", "--reason", "audit")
    assert tag(lightsail.get_relational_database_snapshots()["relationalDatabaseSnapshots"], "hold") == "audit"
    rows = {(r["policy"], r["resource"], r["region"]): r["usable"] for r in program.json("status")["resources"]}
    assert rows["databases", "u-db", HOME] == 2 and rows["disks", "u-spare", DR] == 1
    points = program.json("list")
    assert len([p for p in points if p["resource"] == "u-db"]) == 2
    assert {c["operation"] for c in sandbox.admin("GET", "requests") if c["mutating"] and "Delete" in c["operation"]} == set()


def tag(snapshots, name):
    ours = next(s for s in snapshots if s["name"].startswith("acme--"))
    return next(t["value"] for t in ours["tags"] if t["key"] == f"snapwarden:{name}")


def test_a_disk_that_may_not_be_listed_stops_only_disks(start_sandbox, seed, install):
    seed = with_disks_and_databases(seed)
    seed["denied"] = ["lightsail:GetDisks", "lightsail:GetDiskSnapshots"]
    sandbox = start_sandbox(seed)
    done = install(sandbox, LIGHTSAIL).run("run", "--once", code=2, timeout=60)
    assert "lightsail-disks/us-east-1" in done.stderr
    databases = sandbox.client("lightsail").get_relational_database_snapshots()["relationalDatabaseSnapshots"]
    assert len(databases) == 1


def test_copies_of_databases_are_refused_with_their_place(install):
    config = LIGHTSAIL.replace("    schedule: { cron: \"0 3 * * *\" }\n", "    copies: [{ region: eu-west-1 }]\n" + (
        "    schedule: { cron: \"0 3 * * *\" }\n"))
    done = install(type("No", (), {"url": "http://127.0.0.1:1"}), config).run("check", code=10)
    assert "snapwarden.yaml:17:5: copies: Lightsail cannot copy a database's snapshots to another region" in (
        done.stdout + done.stderr)


# Automatic snapshots

AUTOMATIC = """
fleet: acme
prune-grace: 0s
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  auto:
    regions: [us-east-1]
    select: { lightsail-instances: { names: [blog] }, lightsail-disks: { names: [spare] } }
    source: automatic
    automatic-snapshots: "02:00"
    retention: { keep-last: 2 }
    copies: [{ region: eu-west-1 }]
    rpo: { dr: 3650d }
"""


def with_automatic(seed, days=3):
    seed["lightsail-instances"][0]["auto-snapshots"] = [
        {"date": f"2026-01-0{day}", "created": f"2026-01-0{day}T06:10:00Z"} for day in range(1, days + 1)]
    seed["lightsail-disks"] = [{"name": "spare", "uuid": "u-spare", "auto-snapshots": [
        {"date": "2026-01-01"}, {"date": "2026-01-02", "status": "Failed"}, {"date": "2026-01-03", "status": "InProgress"}]}]
    return seed


def test_automatic_snapshots_are_switched_on_and_copied(start_sandbox, seed, install):
    sandbox = start_sandbox(with_automatic(seed))
    program = install(sandbox, AUTOMATIC)
    program.run("check")
    plan = program.json("plan")
    actions = [(a["action"], a["resource"], a["slot"], a["region"]) for a in plan]
    blog = seed["lightsail-instances"][0]["uuid"]
    # Two copies at once is what Lightsail takes; the rest follows when these are done.
    assert sorted(a for a in actions if a[0] == "set-automatic") == [
        ("set-automatic", blog, None, HOME), ("set-automatic", "u-spare", None, HOME)]
    assert len([a for a in actions if a[0] == "copy"]) == 2
    assert len([a for a in actions if a[0] == "wait"]) == 1 and len(actions) == 5
    assert "automatic-snapshots is 02:00 UTC, and Lightsail's are off" in program.run("plan").stdout
    program.run("run", "--once", timeout=60)
    lightsail, dr = sandbox.client("lightsail"), sandbox.client("lightsail", DR)
    assert lightsail.get_instances()["instances"][0]["addOns"][0]["snapshotTimeOfDay"] == "02:00"
    copies = dr.get_instance_snapshots()["instanceSnapshots"]
    assert sorted(tag([c], "slot") for c in copies) == ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"]
    assert {(tag([c], "taken"), c["isFromAutoSnapshot"]) for c in copies} == {
        ("2026-01-02T06:10:00Z", True), ("2026-01-03T06:10:00Z", True)}
    assert [tag([c], "slot") for c in dr.get_disk_snapshots()["diskSnapshots"]] == ["2026-01-01T00:00:00Z"]
    # A new day: one more copy, and the oldest copy goes; at home nothing of ours was ever made, marked or deleted.
    sandbox.admin("POST", "set", {"auto-snapshots": {"blog": [
        {"date": "2026-01-04", "created": "2026-01-04T06:10:00Z"}]}})
    program.run("run", "--once", timeout=60)
    copies = dr.get_instance_snapshots()["instanceSnapshots"]
    assert sorted(tag([c], "slot") for c in copies) == ["2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z"]
    changes = [c for c in sandbox.admin("GET", "requests") if c["mutating"] and c["region"] == HOME]
    assert {c["operation"] for c in changes} == {"EnableAddOn"} and len(changes) == 2
    assert len(lightsail.get_auto_snapshots(resourceName="blog")["autoSnapshots"]) == 4
    rows = {(r["resource"], r["region"]): r for r in program.json("status")["resources"]}
    assert rows[blog, DR]["usable"] == 2 and rows[blog, HOME]["usable"] == 4 and rows[blog, HOME]["next-slot"] is None
    listed = [p for p in program.json("list") if p["region"] == HOME and p["resource"] == blog]
    assert {tuple(p["kept-by"]) for p in listed} == {("Lightsail, which keeps seven",)}
    refused = program.run("backup", "auto", code=1)
    assert "copies Lightsail's automatic snapshots" in refused.stderr


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "internal", "dropBefore", "dropAfter", "failLater"])
@pytest.mark.parametrize("operation", ["CopySnapshot", "GetAutoSnapshots", "EnableAddOn", "TagResource"])
def test_no_fault_leaves_an_automatic_snapshot_out_or_doubles_it(start_sandbox, seed, install, kind, operation):
    sandbox = start_sandbox(with_automatic(seed))
    program = install(sandbox, AUTOMATIC)
    sandbox.admin("POST", "faults", [{"operation": operation, "kind": kind, "count": 1}])
    for _ in range(3):
        subprocess.run(
            program.command("run", "--once"), env=program.environment(), capture_output=True, timeout=60)
    program.run("run", "--once", timeout=60)
    dr = sandbox.client("lightsail", DR)
    copies = dr.get_instance_snapshots()["instanceSnapshots"]
    assert sorted(tag([c], "slot") for c in copies) == ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"]
    assert {c["state"] for c in copies} == {"available"}
    assert sandbox.client("lightsail").get_instances()["instances"][0]["addOns"][0]["snapshotTimeOfDay"] == "02:00"


def test_a_lost_ledger_copies_nothing_twice(start_sandbox, seed, install):
    sandbox = start_sandbox(with_automatic(seed))
    program = install(sandbox, AUTOMATIC)
    program.run("run", "--once", timeout=60)
    before = len(calls(sandbox, "CopySnapshot"))
    program.forget()
    program.run("run", "--once", timeout=60)
    assert len(calls(sandbox, "CopySnapshot")) == before == 3
