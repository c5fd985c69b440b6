"""Restores of EC2 snapshot sets and volumes: what becomes of them, as boto3 sees it, whatever comes between."""

import base64
import concurrent.futures
import contextlib
import copy
import datetime
import gzip
import itertools
import json
import os
import pty
import re
import subprocess
import types
import urllib.parse

import pytest
from conftest import DR, HOME, Sandbox
from judge import making_clients
from proxy import Proxy
from recorder import Recorder
from support import Aws, Installation, moto_server, tags, wait_for
from test_kills import MOMENTS, Killer
from test_lost_region import Outage
from test_main_job import mutating

CONFIG = """
fleet: acme
timing: { consistency: 1s, poll-first: 1s, poll-longest: 2s }
policies:
  nightly:
    regions: [us-east-1]
    select:
      ec2-instances: { tags: { backup: "yes" } }
      ec2-volumes: { ids: [vol-alone] }
    exclude: { volumes: { tags: { scratch: "*" } } }
    schedule: { cron: "0 2 * * *" }
    copies: [{ region: eu-west-1 }]
"""
WITH_LIGHTSAIL = CONFIG.replace("select:", "select:\n      lightsail-instances: { names: [blog] }")
KEY, OTHER_KEY = (f"arn:aws:kms:{HOME}:123456789012:key/{name}" for name in ("ours", "other"))
PROFILE = "arn:aws:iam::123456789012:instance-profile/web"
DATA_DEVICES = [f"/dev/sd{letter}" for letter in "fghijklmnop"]


def instance(name, *data, zone="a", root=None, **more):
    """An instance i-NAME of the seed, with a root volume and others, by their devices."""
    volumes = [{"id": f"vol-{name}-root", "device": "/dev/xvda", "boot": True, **(root or {})}]
    volumes += [{"id": f"vol-{name}-{device[-3:]}", "device": device, **kind} for device, kind in data]
    marks = {"backup": "yes"} | more.pop("tags", {})
    return {"id": f"i-{name}", "name": name, "zone": zone, "tags": marks, "volumes": volumes, **more}


NOT_SELECTED = {"tags": {"backup": "no"}}
WORLD = {
    "regions": [HOME, DR],
    "timings": {"snapshot-seconds": 0, "copy-seconds": 0, "instance-seconds": 0},
    "ec2-instances": [
        instance(
            "web", ("/dev/sdf", {"size": 50, "type": "io2", "iops": 900}), ("/dev/sdg", {"size": 20, "type": "gp2"}),
            root={"size": 9, "iops": 4000, "throughput": 250}, zone="b", type="r7g.large", architecture="arm64",
            subnet="subnet-us-east-1b", profile=PROFILE, tags={"role": "front <1> & café", "empty": ""},
            **{"key-name": "ours", "security-groups": ["sg-1", "sg-2"], "boot-mode": "uefi", "tpm-support": "v2.0"}),
        instance("app", ("/dev/sdf", {"size": 30})),
        instance("secret", root={"kms-key": KEY}),
        instance("windows", platform="Windows"), instance("rhel", platform="Red Hat Enterprise Linux"),
        instance("rootless", ("/dev/sdf", {}), root={"tags": {"scratch": "yes"}}),
        instance("much", tags={f"tag-{number:02}": "x" * 60 for number in range(30)}),
        instance("most", tags={f"t{number}": "" for number in range(48)}),
        instance("stopped", state="stopped"),
        {**instance("one-twin"), "name": "twin"}, {**instance("other-twin"), "name": "twin"},
        instance("bare", zone="b", **NOT_SELECTED),
        instance("going", zone="b", state="shutting-down", **NOT_SELECTED),
        instance("full", *((device, {}) for device in DATA_DEVICES), **NOT_SELECTED)],
    "ec2-volumes": [{"id": "vol-alone", "name": "archive", "size": 100}],
    "lightsail-instances": [{"name": "blog", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01"}],
}
#: The volume type, IOPS, throughput and GiB of web's volumes.
KINDS = {"/dev/xvda": ("gp3", 4000, 250, 9), "/dev/sdf": ("io2", 900, None, 50), "/dev/sdg": ("gp2", 100, None, 20)}


#: Of an instance that is made in the first world and gone in the others: which volumes go with it.
ODD = {"/dev/xvda": False, "/dev/sdf": True, "/dev/sdg": False}


class Site:
    """A world of its own, and the program, perhaps behind a door."""

    def __init__(self, folder, seed, door=None, config=CONFIG, regions=(HOME, DR)):
        folder.mkdir(exist_ok=True)
        path = folder / "seed.json"
        path.write_text(json.dumps(seed))
        self.sandbox = Sandbox(path)
        self.door = door(self.sandbox) if door else Aws(self.sandbox.url)
        self.program = Installation(folder, self.door, config)
        with making_clients:
            self.clients = {region: self.sandbox.client("ec2", region) for region in regions}
        self.before = {region: self.look(region) for region in regions}

    def end(self):
        for close in ("end", "close"):
            getattr(self.door, close, lambda: None)()
        assert self.sandbox.stop() == 0

    def restore(self, *arguments, code=0, timeout=60):
        return self.program.run("restore", *arguments, "--yes", code=code, timeout=timeout)

    def look(self, region=HOME):
        """What there is, by kind and id."""
        return there(self.clients[region]) | {"tasks": tasks(self.clients[region])}

    def new(self, region=HOME):
        """What there is more than in the beginning; of that, nothing is gone."""
        look, found = self.look(region), {}
        for kind, before in self.before[region].items():
            assert set(before) <= set(look[kind]), f"{set(before) - set(look[kind])} of the {kind} are gone"
            found[kind] = [look[kind][id] for id in look[kind] if id not in before]
        return types.SimpleNamespace(**found)

    def is_as_before(self):
        return all(self.look(region) == before for region, before in self.before.items())

    def refused(self, *arguments, code=1):
        """What the program says as it refuses; nothing becomes of it."""
        said = self.restore(*arguments, code=code).stderr
        assert mutating(self.sandbox) == [] and (said.startswith("snapwarden: ") or code == 64)
        return said

    def run_until_killed(self, fatal, *arguments):
        """Whether it died; it may not have made that call."""
        with self.door.lock:
            self.door.counts.clear()
            self.door.was_fatal, self.door.fatal = False, fatal
            self.door.victim = process = subprocess.Popen(
                self.program.command("restore", *arguments, "--yes"), env=self.program.environment(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        process.wait(60)
        self.door.fatal = None
        return self.door.was_fatal


def there(ec2):
    """What a region holds, by kind and id; what is terminated is not there."""
    instances = [i for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]
    return {
        "instances": {i["InstanceId"]: i for i in instances if i["State"]["Name"] != "terminated"},
        "volumes": {v["VolumeId"]: v for v in ec2.describe_volumes()["Volumes"]},
        "images": {i["ImageId"]: i for i in ec2.describe_images(Owners=["self"])["Images"]},
        "snapshots": {s["SnapshotId"]: s["VolumeId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]},
    }


def tasks(ec2):
    """The replacements of root volumes."""
    return {t["ReplaceRootVolumeTaskId"]: t for t in ec2.describe_replace_root_volume_tasks()["ReplaceRootVolumeTasks"]}


def mapped(instance):
    return {device["DeviceName"]: device["Ebs"] for device in instance.get("BlockDeviceMappings", [])}


def place(volume):
    """Where a volume is attached."""
    return [(a["InstanceId"], a["Device"], a["State"]) for a in volume.get("Attachments", [])]


class Point:
    """A set of the seed: its snapshots by device, and what it is called."""

    def __init__(self, seed, resource, region=HOME, older=False):
        members = [
            s for s in seed["snapshots"]
            if s["region"] == region and s["tags"]["snapwarden:resource"] == resource
            and s["id"].startswith("snap-older") == older]
        own = members[0]["tags"]
        self.set, self.slot = own["snapwarden:set"], own["snapwarden:slot"]
        self.taken = members[0]["start"]
        self.title = f"nightly/{resource}/{self.slot}"
        self.snapshots = {s["tags"].get("snapwarden:device"): s["id"] for s in members}


@pytest.fixture(scope="module")
def points(tmp_path_factory):
    """The seed with a point of everything in both regions, as one run left them, and an older one of web at home."""
    site = Site(tmp_path_factory.mktemp("first"), WORLD, config=WITH_LIGHTSAIL)
    odd = start_odd(site.clients[HOME])
    site.program.run("run", "--once")
    seed = copy.deepcopy(WORLD) | {"snapshots": []}
    for region, ec2 in site.clients.items():
        for shown in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
            one = {"region": region, "id": shown["SnapshotId"], "volume": shown["VolumeId"], "tags": tags(shown)}
            one |= {"size": shown["VolumeSize"], "description": shown["Description"]}
            one |= {"kms-key": shown["KmsKeyId"]} if shown["Encrypted"] else {}
            seed["snapshots"].append(one | {"start": rfc3339(shown["StartTime"])})
    # The next world gives the same ids to what is made there.
    for own in [s for s in seed["snapshots"] if s["tags"]["snapwarden:resource"] == odd]:
        own["tags"]["snapwarden:resource"], own["description"] = "i-odd", own["description"].replace(odd, "i-odd")
        own["volume"] = own["volume"] if own["region"] == DR else f"vol-odd{own['tags']['snapwarden:device'][-4:]}"
    for one in [s for s in seed["snapshots"] if s["region"] == HOME and s["volume"].startswith("vol-web")]:
        slot = later(one["tags"]["snapwarden:slot"], days=-1)
        seed["snapshots"].append(one | {
            "id": f"snap-older-{one['volume']}", "start": later(one["start"], days=-1),
            "description": f"snapwarden acme/nightly/i-web/{slot}",
            "tags": one["tags"] | {"snapwarden:set": "0123456789abcdef", "snapwarden:slot": slot}})
    [blog] = site.sandbox.client("lightsail").get_instance_snapshots()["instanceSnapshots"]
    seed["lightsail-snapshots"] = [{
        "name": blog["name"], "from": "blog", "created": rfc3339(blog["createdAt"]),
        "tags": {tag["key"]: tag["value"] for tag in blog["tags"]}}]
    site.end()
    return seed


def start_odd(ec2):
    ends = [(device, {"DeleteOnTermination": goes}) for device, goes in ODD.items()]
    source = ec2.create_snapshot(VolumeId="vol-bare-root")["SnapshotId"]
    image = ec2.register_image(Name="odd", RootDeviceName="/dev/xvda", BlockDeviceMappings=[
        {"DeviceName": device, "Ebs": {"SnapshotId": source, **end}} for device, end in ends])["ImageId"]
    marks = [{"Key": "Name", "Value": "odd"}, {"Key": "backup", "Value": "yes"}]
    made = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=[{"ResourceType": "instance", "Tags": marks}])
    ec2.deregister_image(ImageId=image)
    ec2.delete_snapshot(SnapshotId=source)
    return made["Instances"][0]["InstanceId"]


def later(text, **span):
    return rfc3339(datetime.datetime.fromisoformat(text) + datetime.timedelta(**span))


def rfc3339(moment):
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def alone(resource):
    """Leaves one resource and its points at home, which take less time to read."""
    def change(seed):
        seed["ec2-instances"] = [i for i in seed["ec2-instances"] if i["id"] == resource]
        seed["snapshots"] = [
            s for s in seed["snapshots"] if s["region"] == HOME and s["tags"]["snapwarden:resource"] == resource]
    return change


@pytest.fixture
def start(tmp_path, points):
    """Starts sites with the points, and ends them."""
    running = []

    def start(change=None, door=None, config=CONFIG, **timings):
        seed = copy.deepcopy(points)
        seed["timings"] |= {name.replace("_", "-"): seconds for name, seconds in timings.items()}
        if change:
            change(seed)
        running.append(Site(tmp_path / f"site-{len(running)}", seed, door, config))
        return running[-1]

    yield start
    for site in running:
        site.end()


@pytest.fixture(scope="module")
def still(tmp_path_factory, points):
    """A site in which nothing is ever made."""
    site = Site(tmp_path_factory.mktemp("still"), points, config=WITH_LIGHTSAIL)
    yield site
    site.end()


@pytest.fixture(scope="module")
def web(points):
    return Point(points, "i-web")


# Which point


@pytest.mark.parametrize("choose, older", [
    pytest.param(lambda newest, _: ["i-web"], False, id="by id"),
    pytest.param(lambda newest, _: ["web"], False, id="by name"),
    pytest.param(lambda newest, _: [newest.title], False, id="as the journal writes it"),
    pytest.param(lambda newest, _: [newest.set], False, id="by its set"),
    pytest.param(lambda _, old: [old.title], True, id="an older one as the journal writes it"),
    pytest.param(lambda _, old: [old.set], True, id="an older one by its set"),
    pytest.param(lambda _, old: ["web", "--at", old.taken], True, id="at the moment it was taken"),
    pytest.param(lambda _, old: ["i-web", "--at", later(old.taken, hours=1)], True, id="some time after"),
    pytest.param(lambda _, old: ["i-web", "--at", later(old.taken, hours=1).replace("Z", "+00:00")], True,
                 id="some time after, with an offset"),
    pytest.param(lambda newest, _: ["web", "--at", newest.taken], False, id="the newest at the moment it was taken"),
    pytest.param(lambda newest, _: ["web", "--region", HOME], False, id="of a region")])
def test_the_point_that_is_meant(still, points, web, choose, older):
    old = Point(points, "i-web", older=True)
    plan = still.program.json("restore", *choose(web, old), "--volumes-only", "--plan")
    meant = old if older else web
    assert (plan["point"], plan["set"], plan["region"], plan["taken"]) == (meant.title, meant.set, HOME, meant.taken)
    assert {c["parameters"]["SnapshotId"] for c in plan["calls"]} == set(meant.snapshots.values())


@pytest.mark.parametrize("arguments, said", [
    (["web", "--at", "2020-01-01T00:00:00Z"], "has no usable point taken by 2020-01-01T00:00:00Z"),
    (["nobody"], 'is called "nobody"'), (["twin"], "say i-one-twin and i-other-twin"),
    (["web", "--region", "eu-west-2"], "eu-west-2"), (["i-bare"], 'is called "i-bare"'),
    (["0123456789abcdef", "--region", DR], 'is called "0123456789abcdef"')])
def test_no_such_point(still, arguments, said):
    assert said in still.refused(*arguments, "--volumes-only")


@pytest.mark.parametrize("arguments", [
    [], ["web", "--volumes-only", "--new-instance"], ["web", "--attach-to", "i-bare", "--volumes-only"],
    ["web", "--replace-root-volume", "i-web", "--new-instance"], ["web", "--volumes-only", "--at", "yesterday"],
    ["web", "--volumes-only", "--tag", "odd"], ["web", "--volumes-only", "--iops", "many"]], ids=" ".join)
def test_wrong_usage(still, arguments):
    still.refused(*arguments, code=64)


def test_what_becomes_of_an_instance_is_to_be_said(still):
    said = still.refused("web")
    assert all(aim in said for aim in ("--new-instance", "--attach-to", "--replace-root-volume", "--volumes-only"))


def test_nobody_is_there_to_ask(still):
    done = subprocess.run(
        still.program.command("restore", "web", "--volumes-only"), env=still.program.environment(),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "--yes" in done.stderr and "CreateVolume" in done.stdout
    assert mutating(still.sandbox) == []
    done = still.program.run("restore", "web", "--volumes-only", "--output", "json", code=64)
    assert "--yes" in done.stderr and mutating(still.sandbox) == []


@pytest.mark.parametrize("answer, made", [("y", 1), ("yes", 1), ("n", 0), ("", 0)])
def test_a_person_is_asked(start, answer, made):
    site, (ours, theirs) = start(), pty.openpty()
    process = subprocess.Popen(
        site.program.command("restore", "archive"), env=site.program.environment(),
        stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    with open(ours, "rb+", buffering=0) as terminal:
        said = b""
        while b"[y/N]" not in said:
            said += terminal.read(1024)
        assert b"CreateVolume" in said and mutating(site.sandbox) == []
        terminal.write(f"{answer}\n".encode())
        with contextlib.suppress(OSError):  # the other side is closed
            while terminal.read(1024):
                pass
    assert process.wait(20) == 1 - made and len(site.new().volumes) == made


def test_a_resource_that_is_gone_is_known_by_its_name(start, web):
    site = start()
    site.sandbox.admin("POST", "set", {"terminate": ["i-web"]})
    assert site.program.json("restore", "web", "--new-instance", "--plan")["set"] == web.set


# What is planned

RESTORES = {
    "volumes": ["web", "--volumes-only"],
    "one volume": ["archive"],
    "attached": ["web", "--attach-to", "i-bare", "--device", "/dev/xvda=/dev/sdh"],
    "instance": ["web", "--new-instance"],
    "root": ["web", "--replace-root-volume", "i-web"],
}


def fits(planned, call):
    """Whether a call is the planned one; an id in angle brackets may be any."""
    parameters = planned["parameters"]
    return planned["operation"] == f"{call.service}:{call.operation}" and set(parameters) == set(call.raw) and all(
        value == call.raw[name] or re.fullmatch("<.+>", value) for name, value in parameters.items())


def check_kept(plan, door):
    """That the calls made are exactly the planned ones."""
    made = [call for call in door.calls if not is_reading(call.operation)]
    left = list(made)
    for planned in plan["calls"]:
        [call, *_] = [c for c in left if fits(planned, c)] or [None]
        assert call, f"{planned} is not among {made}"
        left.remove(call)
    assert left == [] and door.misuses == []


def is_reading(operation):
    return operation.startswith(("Describe", "Get"))


@pytest.mark.parametrize("what", RESTORES)
def test_a_plan_is_what_is_done(start, what):
    site = start(door=Recorder, instance_seconds=1)
    plan = site.program.json("restore", *RESTORES[what], "--plan")
    table = site.program.run("restore", *RESTORES[what], "--plan").stdout
    assert mutating(site.sandbox) == [] and site.is_as_before()
    assert plan["calls"] and plan["waits-for"] is None and plan["there"] == []
    for call in plan["calls"]:
        assert call["operation"] in table and call["purpose"] in table
        assert all(f"{name}: {value}" in table for name, value in call["parameters"].items())
    done = json.loads(site.restore(*RESTORES[what], "--output", "json").stdout)
    assert done["calls"] == [] and done["waits-for"] is None and done["there"]
    check_kept(plan, site.door)
    site.door.calls.clear()
    again = site.program.json("restore", *RESTORES[what], "--plan")
    assert again["calls"] == [] and again["there"] == done["there"]
    assert json.loads(site.restore(*RESTORES[what], "--output", "json").stdout) == again
    assert "nothing is left to do" in site.restore(*RESTORES[what]).stdout
    check_kept(again, site.door)


@pytest.mark.parametrize("what", ["volumes", "attached", "instance"])
def test_a_plan_to_undo_is_what_is_done(start, what):
    site = start(door=Recorder)
    site.restore(*RESTORES[what])
    before = site.look()
    site.door.calls.clear()
    plan = site.program.json("restore", RESTORES[what][0], "--undo", "--plan")
    assert site.look() == before and plan["calls"] and plan["there"]
    site.restore(RESTORES[what][0], "--undo")
    check_kept(plan, site.door)


# Volumes


def check_volumes(volumes, point, zone):
    """One of each snapshot, in that zone."""
    assert sorted(v["SnapshotId"] for v in volumes) == sorted(point.snapshots.values())
    assert {v["AvailabilityZone"] for v in volumes} == {zone}
    assert {tags(v)["snapwarden:restore"] for v in volumes} == {point.set}


def by_device(volumes, point):
    devices = {snapshot: device for device, snapshot in point.snapshots.items()}
    return {devices[v["SnapshotId"]]: v for v in volumes}


def kind(volume):
    return volume["VolumeType"], volume.get("Iops"), volume.get("Throughput"), volume["Size"]


def test_volumes_are_as_the_originals_were(start, web):
    site = start(instance_seconds=1)
    site.restore(*RESTORES["volumes"])
    new = site.new()
    check_volumes(new.volumes, web, "us-east-1b")
    made = by_device(new.volumes, web)
    assert {device: kind(v) for device, v in made.items()} == KINDS
    assert {v["State"] for v in new.volumes} == {"available"} and not any(v["Encrypted"] for v in new.volumes)
    assert all(tags(v)["Name"] == f"web {device}" for device, v in made.items())
    assert not new.instances and not new.images


def test_of_a_volume_by_itself(start, points):
    site = start()
    site.restore("archive")
    [made] = site.new().volumes
    assert (made["SnapshotId"], kind(made)) == (*Point(points, "vol-alone").snapshots.values(), ("gp3", 3000, 125, 100))
    assert made["AvailabilityZone"] == "us-east-1a" and made["State"] == "available"


def test_a_volume_by_itself_keeps_its_name(start):
    """Where nobody asks for another, and also where the original is not to be seen any more."""
    site = start()
    site.restore("archive")
    assert [tags(v)["Name"] for v in site.new().volumes] == ["archive"]
    site.restore("archive", "--region", DR)
    assert [tags(v)["Name"] for v in site.new(DR).volumes] == ["archive"]


def test_of_a_copy(start, points):
    site, copied = start(), Point(points, "i-web", DR)
    site.restore("web", "--region", DR, "--volumes-only")
    assert site.look() == site.before[HOME]
    check_volumes(site.new(DR).volumes, copied, "eu-west-1b")
    assert {device: kind(v) for device, v in by_device(site.new(DR).volumes, copied).items()} == KINDS


def test_of_what_nothing_was_noted(start, web):
    """Snapshots that an earlier version took have no sidecar."""
    def forget(seed):
        for snapshot in seed["snapshots"]:
            snapshot["tags"] = {k: v for k, v in snapshot["tags"].items() if not k.startswith("snapwarden:about")}
    site = start(forget)
    said = site.restore("i-web", "--volumes-only").stdout
    assert "not known" in said and "--volume-type" in said
    assert sorted(v["SnapshotId"] for v in site.new().volumes) == sorted(web.snapshots.values())
    assert "--type" in site.restore("i-web", "--as", "other", "--new-instance", code=1).stderr
    site.restore("i-web", "--as", "other", "--new-instance", "--type", "m7i.large")
    [made] = site.new().instances
    assert set(mapped(made)) == set(KINDS) and made["RootDeviceName"] == "/dev/xvda"


OVERRIDDEN = {
    "gp3": (["--volume-type", "gp3"], {"VolumeType": "gp3", "Iops": 3000, "Throughput": 125}, "/dev/sdf /dev/sdg"),
    "gp3, type kept": (["--volume-type", "gp3"], {"VolumeType": "gp3", "Iops": 4000, "Throughput": 250}, "/dev/xvda"),
    "fast gp3": (
        ["--volume-type", "gp3", "--iops", "5000", "--throughput", "300"],
        {"VolumeType": "gp3", "Iops": 5000, "Throughput": 300}, "/dev/xvda /dev/sdf /dev/sdg"),
    "io2": (
        ["--volume-type", "io2", "--iops", "700"], {"VolumeType": "io2", "Iops": 700}, "/dev/xvda /dev/sdf /dev/sdg"),
    "magnetic": (["--volume-type", "standard"], {"VolumeType": "standard"}, "/dev/xvda /dev/sdf /dev/sdg"),
    "key": (["--kms-key", OTHER_KEY], {"Encrypted": True, "KmsKeyId": OTHER_KEY}, "/dev/xvda /dev/sdf /dev/sdg"),
    "zone": (["--zone", "us-east-1c"], {"AvailabilityZone": "us-east-1c"}, "/dev/xvda /dev/sdf /dev/sdg"),
}


@pytest.mark.parametrize("arguments, expected, devices", OVERRIDDEN.values(), ids=OVERRIDDEN)
def test_volumes_as_they_are_asked_for(start, web, arguments, expected, devices):
    site = start(alone("i-web"))
    site.restore("web", "--volumes-only", *arguments, "--tag", "team=a=b", "--tag", "café=")
    made = by_device(site.new().volumes, web)
    for device in devices.split():
        assert {name: made[device].get(name) for name in expected} == expected, device
    assert all({"team": "a=b", "café": ""}.items() <= tags(v).items() for v in made.values())


@pytest.mark.parametrize("arguments, expected", [
    (["--iops", "6000"], (6000, 125)), (["--throughput", "400"], (3000, 400)),
    (["--iops", "6000", "--throughput", "400"], (6000, 400))], ids=lambda row: " ".join(map(str, row)))
def test_volumes_of_the_original_type_that_are_faster(start, arguments, expected):
    site = start(alone("i-app"))
    site.restore("app", "--volumes-only", *arguments)
    assert [kind(v)[:3] for v in site.new().volumes] == [("gp3", *expected)] * 2


@pytest.mark.parametrize("arguments, key", [([], KEY), (["--kms-key", OTHER_KEY], OTHER_KEY)])
def test_what_was_encrypted_stays_so(start, arguments, key):
    site = start()
    site.restore("secret", "--volumes-only", *arguments)
    [made] = site.new().volumes
    assert made["Encrypted"] and made["KmsKeyId"] == key


@pytest.mark.parametrize("arguments", [
    ["app", "--volume-type", "gp2", "--iops", "5000"],
    ["app", "--volume-type", "io2", "--iops", "700", "--throughput", "300"],
    ["app", "--volume-type", "standard", "--throughput", "300"], ["app", "--volume-type", "quick"],
    ["app", "--volume-type", "io2"], ["web", "--volume-type", "io2"], ["web", "--iops", "6000"],
    ["web", "--throughput", "400"], ["app", "--zone", "us-east-1z"], ["app", "--zone", "eu-west-1a"]], ids=" ".join)
def test_what_not_all_volumes_can_be(start, arguments):
    """EC2 API reference, CreateVolume: which types take or need IOPS, or a throughput.

    What was asked for is not left out, and not made of some of the volumes alone.
    """
    site = start(alone(f"i-{arguments[0]}"))
    site.restore(*arguments, "--volumes-only", code=1)
    assert site.is_as_before()


# Attached


def test_attached_where_the_originals_were(start, web):
    site = start(instance_seconds=1)
    site.restore(*RESTORES["attached"])
    new = site.new()
    check_volumes(new.volumes, web, "us-east-1b")
    made = by_device(new.volumes, web)
    to = {"/dev/xvda": "/dev/sdh", "/dev/sdf": "/dev/sdf", "/dev/sdg": "/dev/sdg"}
    assert {d: place(v) for d, v in made.items()} == {d: [("i-bare", to[d], "attached")] for d in made}
    assert {device: kind(v) for device, v in made.items()} == KINDS
    devices = mapped(site.look()["instances"]["i-bare"])
    assert set(devices) == {"/dev/xvda", *to.values()} and devices["/dev/xvda"]["VolumeId"] == "vol-bare-root"


@pytest.mark.parametrize("target", ["i-app", "i-stopped"])
def test_a_volume_by_itself_attached(start, points, target):
    """Where it was is not known: the device is to be said."""
    site = start()
    site.restore("archive", "--attach-to", target, "--device", "/dev/sdh")
    [made] = site.new().volumes
    assert made["SnapshotId"] in Point(points, "vol-alone").snapshots.values()
    assert place(made) == [(target, "/dev/sdh", "attached")]


def test_a_volume_by_itself_that_nobody_says_where_to_attach(still):
    assert "--device" in still.refused("archive", "--attach-to", "i-app")


AT = lambda *places: [word for one in places for word in ("--device", one)]
NOT_ATTACHED = {
    "device taken": (["i-bare"], r"/dev/xvda of i-bare is taken.*--device /dev/xvda=/dev/sd[fghijklmnop]\b"),
    "asked device taken": (["i-bare", *AT("/dev/sdg=/dev/xvda")], r"/dev/xvda .*taken.*--device /dev/sdg=/dev/sd"),
    "no such original": (["i-bare", *AT("/dev/sdz=/dev/sdh")], "/dev/sdz.*/dev/sdf, /dev/sdg, /dev/xvda"),
    "one device for two": (["i-bare", *AT("/dev/xvda=/dev/sdg")], "/dev/sdg is there twice"),
    "a device alone": (["i-bare", *AT("/dev/sdh")], "--device|Device"),
    "other zone": (["i-bare", "--zone", "us-east-1a"], "i-bare is in us-east-1b.*us-east-1a"),
    "no such instance": (["i-nobody"], "no instance i-nobody in us-east-1"),
    "ending instance": (["i-going", *AT("/dev/xvda=/dev/sdh")], "i-going is shutting-down"),
}


@pytest.mark.parametrize("arguments, said", NOT_ATTACHED.values(), ids=NOT_ATTACHED)
def test_not_attached(start, arguments, said):
    """EC2 user guide, "Attach an Amazon EBS volume": to instances that run or are stopped."""
    assert re.search(said, start().refused("web", "--attach-to", *arguments))


@pytest.mark.parametrize("target", ["i-web", "i-bare"])
def test_who_does_what_is_proposed_gets_there(start, web, target):
    site, asked = start(), []
    for _ in web.snapshots:
        done = site.restore("web", "--attach-to", target, *asked, code=None)
        if done.returncode == 0:
            break
        assert site.is_as_before()
        proposed = re.search(r"--device \S+=\S+", done.stderr)
        assert proposed, f"{asked}: {done.stderr}"
        asked += proposed[0].split()
    site.restore("web", "--attach-to", target, *asked)
    assert len(mapped(site.look()["instances"][target])) == len(site.before[HOME]["instances"][target][
        "BlockDeviceMappings"]) + 3


def test_where_no_device_is_free_none_is_proposed(still):
    """EC2 user guide, "Device names on Linux instances": /dev/sd[f-p] for volumes of data."""
    said = still.refused("app", "--attach-to", "i-full")
    assert "taken" in said and not re.search(r"=(/dev/sd[f-p]|/dev/xvda)\b", said), said


# A new instance


def groups(instance):
    return [group["GroupId"] for group in instance["SecurityGroups"]]


ORIGINAL = {
    "InstanceType": "r7g.large", "Architecture": "arm64", "KeyName": "ours", "SubnetId": "subnet-us-east-1b",
    "Placement": {"AvailabilityZone": "us-east-1b"}, "IamInstanceProfile": {"Arn": PROFILE}, "BootMode": "uefi",
    "TpmSupport": "v2.0", "RootDeviceName": "/dev/xvda",
}
OWN_TAGS = {"Name": "web", "backup": "yes", "role": "front <1> & café", "empty": ""}


def test_an_instance_like_the_original(start, web):
    site = start(instance_seconds=1)
    site.restore(*RESTORES["instance"])
    new = site.new()
    [made] = new.instances
    assert {name: made.get(name) for name in ORIGINAL} == ORIGINAL and groups(made) == ["sg-1", "sg-2"]
    assert made["State"]["Name"] == "running" and tags(made) == OWN_TAGS | {"snapwarden:restore": web.set}
    check_volumes(new.volumes, web, "us-east-1b")
    volumes = by_device(new.volumes, web)
    assert {device: kind(v) for device, v in volumes.items()} == KINDS
    assert {d: ebs["VolumeId"] for d, ebs in mapped(made).items()} == {d: v["VolumeId"] for d, v in volumes.items()}
    assert {d: ebs["DeleteOnTermination"] for d, ebs in mapped(made).items()} == {
        "/dev/xvda": True, "/dev/sdf": False, "/dev/sdg": False}
    assert new.images == []


OTHERWISE = {
    "type": (["--type", "m7g.medium"], {"InstanceType": "m7g.medium"}),
    "subnet": (["--subnet", "subnet-us-east-1c"],
               {"SubnetId": "subnet-us-east-1c", "Placement": {"AvailabilityZone": "us-east-1c"}}),
    "subnet and zone": (["--subnet", "subnet-us-east-1c", "--zone", "us-east-1c"], {"SubnetId": "subnet-us-east-1c"}),
    "groups": (["--security-group", "sg-8", "--security-group", "sg-9"], {"groups": ["sg-8", "sg-9"]}),
    "key": (["--key-pair", "theirs"], {"KeyName": "theirs"}),
    "profile by name": (["--profile", "db"], {"IamInstanceProfile": {"Arn": PROFILE.replace("web", "db")}}),
    "profile by ARN": (["--profile", PROFILE + "2"], {"IamInstanceProfile": {"Arn": PROFILE + "2"}}),
    "name": (["--as", "web 2"], {"tags": OWN_TAGS | {"Name": "web 2"}}),
    "tags": (["--tag", "role=spare", "--tag", "new=1"], {"tags": OWN_TAGS | {"role": "spare", "new": "1"}}),
    "no tags": (["--no-tags"], {"tags": {"Name": "web"}}),
    "no tags but": (["--no-tags", "--tag", "new=1"], {"tags": {"Name": "web", "new": "1"}}),
    "volumes": (["--volume-type", "gp3", "--iops", "5000", "--throughput", "300"], {"kinds": {("gp3", 5000, 300)}}),
}


@pytest.mark.parametrize("arguments, expected", OTHERWISE.values(), ids=OTHERWISE)
def test_an_instance_as_it_is_asked_for(start, web, arguments, expected):
    """Whatever is not asked for is the original's."""
    site = start(alone("i-web"))
    site.restore(*RESTORES["instance"], *arguments)
    [made], volumes = site.new().instances, site.new().volumes
    shown = {name: made.get(name) for name in ORIGINAL}
    shown |= {"groups": groups(made), "kinds": {kind(v)[:3] for v in volumes}}
    shown["tags"] = {key: value for key, value in tags(made).items() if key != "snapwarden:restore"}
    usual = ORIGINAL | {"groups": ["sg-1", "sg-2"], "kinds": {k[:3] for k in KINDS.values()}, "tags": OWN_TAGS}
    if "Placement" not in expected and "SubnetId" in expected:
        expected = expected | {"Placement": {"AvailabilityZone": "us-east-1c"}}
    assert shown == usual | expected and site.new().images == []


def test_volumes_go_or_stay_with_the_instance_as_the_originals_did(start):
    site = start()
    site.restore("odd", "--new-instance")
    [made] = site.new().instances
    assert {device: ebs["DeleteOnTermination"] for device, ebs in mapped(made).items()} == ODD


def test_more_than_the_tags_hold_is_said(start):
    site = start()
    said = site.restore("much", "--new-instance").stdout
    [made] = site.new().instances
    original = site.look()["instances"]["i-much"]
    assert "not all that was noted" in said and 5 < len(tags(made)) < len(tags(original))
    assert set(tags(made).items()) - {("snapwarden:restore", tags(made)["snapwarden:restore"])} <= set(
        tags(original).items())


def test_an_original_with_as_many_tags_as_there_can_be(start):
    """EC2 user guide, "Tag restrictions": 50 a resource, and the restore needs one of them for itself."""
    site = start()
    done = site.restore("most", "--new-instance", code=None)
    if done.returncode == 0:
        assert [len(tags(i)) for i in site.new().instances] == [50] and "tag" in done.stdout
    else:
        assert "--no-tags" in done.stderr and site.is_as_before(), done.stderr


def test_the_image_is_kept_if_that_is_asked(start, web):
    site = start()
    site.restore(*RESTORES["instance"], "--keep-image")
    [image] = site.new().images
    [made] = site.new().instances
    assert made["ImageId"] == image["ImageId"] and image["State"] == "available"
    assert {d: ebs["SnapshotId"] for d, ebs in mapped(image).items()} == web.snapshots
    assert "nothing is left" in site.restore(*RESTORES["instance"], "--keep-image").stdout
    site.restore("web", "--undo")
    assert site.is_as_before()


OF_ORIGINALS = {"InstanceType", "KeyName", "SubnetId", "SecurityGroupId.1", "IamInstanceProfile.Arn"}
TEMPLATES = {
    "by id": (["lt-0ab"], {"LaunchTemplate.LaunchTemplateId": "lt-0ab"}),
    "by id, version": (["lt-0ab:3"], {"LaunchTemplate.LaunchTemplateId": "lt-0ab", "LaunchTemplate.Version": "3"}),
    "by name": (["web"], {"LaunchTemplate.LaunchTemplateName": "web"}),
    "by name, version": (
        ["web:$Latest"], {"LaunchTemplate.LaunchTemplateName": "web", "LaunchTemplate.Version": "$Latest"}),
    "type": (["web", "--type", "m7g.large"], {"InstanceType": "m7g.large"}),
    "subnet": (["web", "--subnet", "subnet-us-east-1c"], {"SubnetId": "subnet-us-east-1c"}),
    "zone": (["web", "--zone", "us-east-1c"], {"Placement.AvailabilityZone": "us-east-1c"}),
    "group": (["web", "--security-group", "sg-9"], {"SecurityGroupId.1": "sg-9"}),
    "key": (["web", "--key-pair", "theirs"], {"KeyName": "theirs"}),
    "profile": (["web", "--profile", PROFILE], {"IamInstanceProfile.Arn": PROFILE}),
}


@pytest.mark.parametrize("arguments, expected", TEMPLATES.values(), ids=TEMPLATES)
def test_of_a_launch_template(start, arguments, expected):
    """Nothing that it says is taken from the original, and what is asked for besides comes before it."""
    site = start(alone("i-web"), Recorder)
    site.restore(*RESTORES["instance"], "--launch-template", *arguments)
    [launch] = [call for call in site.door.calls if call.operation == "RunInstances"]
    assert expected.items() <= launch.raw.items() and site.door.misuses == []
    assert any(name.startswith("LaunchTemplate.LaunchTemplate") for name in launch.raw)
    taken = (OF_ORIGINALS | {"Placement.AvailabilityZone"}) - set(expected)
    assert not taken & set(launch.raw), f"{taken & set(launch.raw)} of the original overrules the template"


@pytest.mark.parametrize("content", [
    pytest.param("#!/bin/sh\necho 'grüß Gott' > /etc/motd\n".encode(), id="a script"),
    pytest.param(gzip.compress(b"#cloud-config\nruncmd: [true]\n"), id="compressed, as cloud-init takes it"),
    pytest.param(b"#" * 16_384, id="as long as EC2 takes it")])
def test_a_script_for_the_first_start(start, tmp_path, content):
    site, file = start(alone("i-web"), Recorder), tmp_path / "script"
    file.write_bytes(content)
    asked = [*RESTORES["instance"], "--user-data", file]
    shown = site.program.run("restore", *asked, "--plan").stdout
    assert "UserData" in shown and base64.b64encode(content).decode()[:24] not in shown and "motd" not in shown
    said = site.restore(*asked).stdout
    [launch] = [call for call in site.door.calls if call.operation == "RunInstances"]
    assert base64.b64decode(launch.raw["UserData"]) == content and "motd" not in said


@pytest.mark.parametrize("arguments, said", [
    (["windows", "--new-instance"], "Windows"), (["rhel", "--new-instance"], "Red Hat Enterprise Linux"),
    (["rootless", "--new-instance"], "no snapshot of /dev/xvda"),
    (["web", "--new-instance", "--subnet", "subnet-none"], "no subnet subnet-none in us-east-1"),
    (["web", "--new-instance", "--subnet", "subnet-us-east-1c", "--zone", "us-east-1a"], "us-east-1c.*us-east-1a"),
    (["web", "--new-instance", "--zone", "us-east-1a"], "us-east-1b.*us-east-1a"),
    (["app", "--new-instance", "--zone", "us-east-1z"], "us-east-1z"),
    (["web", "--new-instance", "--user-data", "/nonexistent"], "/nonexistent cannot be read"),
    (["web", "--new-instance", "--user-data", "/proc/self/exe"], "is longer than 16384 bytes"),
    (["web", "--new-instance", "--as", "a", "--as", "b"], "--as")],
    ids=lambda a: " ".join(a) if type(a) is list else "")
def test_no_new_instance(still, arguments, said):
    assert re.search(said, still.refused(*arguments))


@pytest.mark.parametrize("name", ["windows", "rhel"])
def test_of_whatever_is_billed_otherwise_the_volumes_can_be_had(start, name):
    site = start()
    site.restore(name, "--volumes-only")
    assert len(site.new().volumes) == 1


# The root volume of an instance that is there


@pytest.mark.parametrize("asked, left", [([], "available"), (["--delete-replaced-root"], None)])
def test_a_root_volume_is_replaced(start, web, asked, left):
    site = start(instance_seconds=2)
    said = site.restore(*RESTORES["root"], *asked).stdout
    look = site.look()
    [task] = look["tasks"].values()
    assert (task["TaskState"], task["InstanceId"]) == ("succeeded", "i-web")
    assert task["SnapshotId"] == web.snapshots["/dev/xvda"]
    root = look["volumes"][mapped(look["instances"]["i-web"])["/dev/xvda"]["VolumeId"]]
    assert root["SnapshotId"] == web.snapshots["/dev/xvda"] and place(root) == [("i-web", "/dev/xvda", "attached")]
    assert look["volumes"].get("vol-web-root", {}).get("State") == left
    assert "reboots" in said and ("delete it when it is not needed" in said) == (left is not None)
    assert {d: ebs["VolumeId"] for d, ebs in mapped(look["instances"]["i-web"]).items() if d != "/dev/xvda"} == {
        "/dev/sdf": "vol-web-sdf", "/dev/sdg": "vol-web-sdg"}


def test_a_root_volume_is_replaced_again_under_another_name(start):
    site = start()
    for name in ([], ["--as", "again"], ["--as", "again"]):
        site.restore(*RESTORES["root"], *name)
    assert len(site.new().tasks) == 2


def test_a_replacement_that_fails(start):
    site = start(instance_seconds=1)
    site.sandbox.admin("POST", "faults", [{"operation": "CreateReplaceRootVolumeTask", "kind": "failLater"}])
    done = site.restore(*RESTORES["root"], code=1)
    assert "failed" in done.stderr and site.look()["volumes"] == site.before[HOME]["volumes"]
    site.restore(*RESTORES["root"], "--as", "again")
    assert sorted(task["TaskState"] for task in site.new().tasks) == ["failed", "succeeded"]


@pytest.mark.parametrize("arguments, said", [
    (["web", "--region", DR, "--replace-root-volume", "i-web"], "copy"),
    (["stopped", "--replace-root-volume", "i-stopped"], "stopped"),
    (["web", "--replace-root-volume", "i-nobody"], "no instance i-nobody"),
    (["web", "--replace-root-volume", "i-stopped"], "stopped"),
    (["rootless", "--replace-root-volume", "i-rootless"], "no snapshot of /dev/xvda")],
    ids=lambda a: " ".join(a) if type(a) is list else "")
def test_no_root_volume_is_replaced(still, arguments, said):
    assert said in still.refused(*arguments)


def test_the_root_of_another_instance_is_not_taken(start):
    """EC2 user guide, "Replace the root volume": only snapshots of the instance's own roots."""
    site = start()
    site.restore("web", "--replace-root-volume", "i-app", code=1)
    assert site.is_as_before()


def test_to_undo_a_replacement_says_what_is_left(start):
    """The old root is not put back: nobody may think so."""
    site = start()
    site.restore(*RESTORES["root"])
    look = site.look()
    said = site.restore("web", "--undo").stdout
    assert site.look() == look and "root volume" in said, said


# Sets that lack something, and what means nothing


@pytest.mark.parametrize("aim", [["--volumes-only"], ["--new-instance"], ["--attach-to", "i-bare"]], ids=" ".join)
def test_a_set_that_has_lost_a_member(start, web, aim):
    site = start()
    lost = web.snapshots["/dev/sdg"]
    site.clients[HOME].delete_snapshot(SnapshotId=lost)
    site.before[HOME] = site.look()
    site.sandbox.admin("DELETE", "requests")
    asked = [web.title, "--region", HOME, *aim, *(AT("/dev/xvda=/dev/sdh") if "i-bare" in aim else [])]
    assert "--unsafe-incomplete" in site.refused(*asked)
    site.restore(*asked, "--unsafe-incomplete")
    assert sorted(v["SnapshotId"] for v in site.new().volumes) == sorted(set(web.snapshots.values()) - {lost})
    site.restore(*asked[:3], "--undo")
    assert site.is_as_before()


def test_a_set_that_has_lost_its_root(start, web):
    site = start()
    site.clients[HOME].delete_snapshot(SnapshotId=web.snapshots["/dev/xvda"])
    site.before[HOME] = site.look()
    site.sandbox.admin("DELETE", "requests")
    for aim in (["--new-instance"], ["--replace-root-volume", "i-web"]):
        said = site.refused(web.title, "--region", HOME, *aim, "--unsafe-incomplete")
        assert "no snapshot of /dev/xvda" in said


def test_a_set_of_which_a_member_failed(start, web):
    site = start()
    site.sandbox.admin("POST", "set", {"fail": [web.snapshots["/dev/sdg"]]})
    assert "failed" in site.refused(web.title, "--region", HOME, "--volumes-only")


FOR_LIGHTSAIL = {
    "--bundle": "small_3_0", "--disk": "/dev/xvdf=data", "--add-on": "none", "--ip-address-type": "ipv4",
    "--static-ip": "address", "--latest-automatic": None, "--size": "64"}
FOR_INSTANCES = {
    "--type": "m7i.large", "--subnet": "subnet-us-east-1b", "--security-group": "sg-1", "--profile": "web",
    "--launch-template": "web", "--keep-image": None}
OF_LAUNCHES = {"--key-pair": "ours", "--user-data": "/dev/null"}
FOR_VOLUMES = {"--volume-type": "gp3", "--iops": "5000", "--throughput": "300", "--kms-key": KEY}
DEVICE, REPLACED = {"--device": "/dev/xvda=/dev/sdh"}, {"--delete-replaced-root": None}
MEANINGLESS = {
    "volumes": (["web", "--volumes-only"], FOR_LIGHTSAIL | FOR_INSTANCES | OF_LAUNCHES | DEVICE | REPLACED),
    "attached": (["web", "--attach-to", "i-bare", *AT("/dev/xvda=/dev/sdh")],
                 FOR_LIGHTSAIL | FOR_INSTANCES | OF_LAUNCHES | REPLACED),
    "instance": (["web", "--new-instance"], FOR_LIGHTSAIL | DEVICE | REPLACED),
    "root": (["web", "--replace-root-volume", "i-web"],
             FOR_LIGHTSAIL | FOR_INSTANCES | OF_LAUNCHES | FOR_VOLUMES | DEVICE | {"--zone": "us-east-1b"}),
    "one volume": (["archive"], FOR_LIGHTSAIL | FOR_INSTANCES | OF_LAUNCHES | REPLACED | {"--unsafe-incomplete": None}),
    "Lightsail": (["blog"], FOR_INSTANCES | FOR_VOLUMES | DEVICE | REPLACED | {"--unsafe-incomplete": None}),
}
AIMS = {"--volumes-only": None, "--new-instance": None, "--replace-root-volume": "i-web", "--attach-to": "i-web"}


@pytest.mark.parametrize("asked, options", MEANINGLESS.values(), ids=MEANINGLESS)
def test_options_that_mean_nothing_there(still, asked, options):
    words = [word for option, value in options.items() for word in [option, *([value] if value else [])]]
    said = still.refused(*asked, *words)
    assert {option for option in options if not re.search(f"{option}\\b", said)} == set(), said


@pytest.mark.parametrize("name, aim", [*(("blog", aim) for aim in AIMS), *(("archive", aim) for aim in [*AIMS][1:3])])
def test_an_aim_that_means_nothing_there(still, name, aim):
    assert aim in still.refused(name, aim, *([AIMS[aim]] if AIMS[aim] else []))


# Killed, unanswered, and not shown yet

APP = {
    "volumes": ["--volumes-only"],
    "attached": ["--attach-to", "i-app", *AT("/dev/xvda=/dev/sdp", "/dev/sdf=/dev/sdq")],
    "instance": ["--new-instance"],
    "root": ["--replace-root-volume", "i-app"],
}
APP = {what: ["app", "--region", HOME, *arguments] for what, arguments in APP.items()}
UNDO = ["app", "--region", HOME, "--undo"]
MADE_BY = {
    "volumes": {"CreateVolume"}, "attached": {"CreateVolume", "AttachVolume"},
    "instance": {"RegisterImage", "RunInstances", "DeregisterImage"}, "root": {"CreateReplaceRootVolumeTask"}}
UNDONE_BY = {
    "volumes": {"CreateTags", "DeleteVolume"}, "attached": {"CreateTags", "DetachVolume", "DeleteVolume"},
    "instance": {"CreateTags", "TerminateInstances", "DeleteVolume"}, "root": set()}


class Steps(Killer):
    """Keeps the order of the calls, too."""

    def __init__(self, sandbox):
        super().__init__(sandbox)
        self.order = []

    def treat(self, call):
        with self.lock:
            self.order.append((call.name, call.number))
        super().treat(call)


def moments(order):
    """Where to kill: at each call that changes something, before and after it, and as is looked what came of it."""
    steps, was_reading = [], True
    for name, number in order:
        reads = is_reading(name.split(":")[1])
        if not reads:
            steps += [(name, number, moment) for moment in MOMENTS]
        elif not was_reading:
            steps.append((name, number, "before"))
        was_reading = reads
    return steps


def check_one(site, what, point):
    """Exactly what was to be made is there, once, and the original has its own volumes still."""
    new, root = site.new(), point.snapshots["/dev/xvda"]
    assert new.images == [] and new.snapshots == []
    original = mapped(site.look()["instances"]["i-app"])
    assert original["/dev/sdf"]["VolumeId"] == "vol-app-sdf"
    if what == "root":
        [volume], [task] = new.volumes, new.tasks
        assert (volume["SnapshotId"], task["TaskState"]) == (root, "succeeded") and new.instances == []
        assert original["/dev/xvda"]["VolumeId"] == volume["VolumeId"]
        return
    assert original["/dev/xvda"]["VolumeId"] == "vol-app-root" and new.tasks == []
    check_volumes(new.volumes, point, "us-east-1a")
    places = {device: place(volume) for device, volume in by_device(new.volumes, point).items()}
    if what == "instance":
        [made] = new.instances
        assert made["State"]["Name"] == "running" and tags(made)["Name"] == "app"
        assert places == {device: [(made["InstanceId"], device, "attached")] for device in point.snapshots}
        return
    assert new.instances == []
    to = {"/dev/xvda": "/dev/sdp", "/dev/sdf": "/dev/sdq"}
    assert places == {d: [("i-app", to[d], "attached")] if what == "attached" else [] for d in point.snapshots}


@pytest.fixture
def app(points):
    return Point(points, "i-app")


@pytest.fixture
def lives(tmp_path, points):
    """Leads lives in worlds of their own, many at once: most of each is waiting."""
    seed, numbers = copy.deepcopy(points), itertools.count()
    alone("i-app")(seed)

    def lives(lead, steps, **timings):
        seed["timings"] |= {"instance-seconds": 1} | {n.replace("_", "-"): value for n, value in timings.items()}

        def life(step):
            site = Site(tmp_path / f"life-{next(numbers)}", seed, Steps, regions=[HOME])
            try:
                return lead(site, *step)
            finally:
                site.end()

        with concurrent.futures.ThreadPoolExecutor(max_workers=16) as pool:
            return list(pool.map(life, steps))

    return lives


@pytest.mark.parametrize("delay", [0, 2], ids=["shown at once", "shown late"])
def test_killed_and_repeated(lives, app, delay):
    """Nothing is remembered but by AWS: the state directory is lost each time."""
    def calm(site, what):
        site.restore(*APP[what])
        made = moments(site.door.order)
        site.door.order.clear(), site.door.counts.clear()
        site.restore(*UNDO)
        undone = moments(site.door.order)
        assert {name.split(":")[1] for name, *_ in made} >= MADE_BY[what]
        assert {name.split(":")[1] for name, *_ in undone} >= UNDONE_BY[what]
        if delay:
            made, undone = ([s for s in steps if not is_reading(s[0].split(":")[1])] for steps in (made, undone))
        return [(what, *step) for step in itertools.zip_longest(made, undone)]

    def life(site, what, making, undoing):
        how = f"{what}: killed at {making} and, undoing, at {undoing}"
        died = making and site.run_until_killed(making, *APP[what])
        site.program.forget()
        done = site.restore(*APP[what], code=None)
        assert done.returncode == 0, f"{how}\n{done.stderr}"
        with told(how):
            check_one(site, what, app)
        look = site.look()
        died_undoing = undoing and site.run_until_killed(undoing, *UNDO)
        site.program.forget()
        done = site.restore(*UNDO, code=None)
        assert done.returncode == 0, f"{how}\n{done.stderr}"
        assert site.look() == (look if what == "root" else site.before[HOME]), how
        return died, died_undoing

    # What is attached is made likewise.
    modes = [what for what in APP if what != "volumes" or not delay]
    steps = sum(lives(calm, [(what,) for what in modes], visible_after=delay), [])
    deaths = lives(life, steps, visible_after=delay)
    meant = [(what, step) for what, *both in steps for step in both if step]
    came = [(what, step) for (what, *both), died in zip(steps, deaths) for step, did in zip(both, died) if did]
    print(f"\n{len(came)} kills and as many repetitions in {len(steps)} lives; nothing twice, nothing left")
    # Not every life looks as often as the calm one.
    assert {step for step in meant if not is_reading(step[1][0].split(":")[1])} <= set(came)
    assert len(came) >= len(meant) * 9 // 10


@contextlib.contextmanager
def told(how):
    """Has a failure say where it came from."""
    try:
        yield
    except AssertionError as error:
        error.add_note(how)
        raise


FAULTS = ["unavailable", "dropBefore", "dropAfter", "throttle"]


def test_replies_that_are_lost(lives, app):
    """Each operation that changes something is struck once; who gives up goes on when asked again."""
    def strike(site, fault, operations, arguments):
        site.sandbox.admin("POST", "faults", [{"operation": o, "kind": fault} for o in operations])
        for _ in range(len(operations) + 1):
            done = site.restore(*arguments, code=None)
            site.program.forget()
            if done.returncode == 0:
                break
        assert done.returncode == 0, f"{fault}: {arguments}: {done.stderr}"
        assert site.sandbox.admin("GET", "faults") == [], f"{fault} never struck"

    def life(site, what, fault):
        with told(f"{what}, {fault}"):
            strike(site, fault, MADE_BY[what], APP[what])
            check_one(site, what, app)
            strike(site, fault, UNDONE_BY[what], UNDO)
            assert what == "root" or site.is_as_before()

    lives(life, list(itertools.product(APP, FAULTS)), visible_after=2)


@pytest.mark.parametrize("fault", FAULTS[:3])
@pytest.mark.parametrize("operation", ["RegisterImage", "RunInstances", "DeregisterImage"])
def test_one_lost_reply_is_no_reason_to_give_up(start, app, operation, fault):
    """A call that AWS has carried out shows itself; one that it never saw is made again."""
    site = start(alone("i-app"))
    site.sandbox.admin("POST", "faults", [{"operation": operation, "kind": fault}])
    site.restore(*APP["instance"])
    check_one(site, "instance", app)


@pytest.mark.parametrize("fault", FAULTS[:3])
@pytest.mark.parametrize("operation", ["CreateTags", "DetachVolume", "DeleteVolume"])
def test_nor_as_it_is_undone(start, operation, fault):
    site = start(alone("i-app"))
    site.restore(*APP["attached"])
    site.sandbox.admin("POST", "faults", [{"operation": operation, "kind": fault}])
    site.restore(*UNDO)
    assert site.is_as_before()


@pytest.mark.parametrize("what, call", [("volumes", "ec2:CreateVolume"), ("instance", "ec2:RunInstances")])
def test_to_undo_what_aws_does_not_show_yet(start, what, call):
    """Killed as it made something, and undone at once: AWS shows it within the consistency delay."""
    site = start(alone("i-app"), Steps, CONFIG.replace("consistency: 1s", "consistency: 4s"), visible_after=2)
    assert site.run_until_killed((call, 1, "after"), *APP[what])
    ec2 = site.clients[HOME]
    marker = ec2.create_volume(AvailabilityZone="us-east-1a", SnapshotId=next(iter(site.before[HOME]["snapshots"])))
    site.restore(*UNDO)
    wait_for(lambda: marker["VolumeId"] in site.look()["volumes"])
    # Whatever was made before the marker is shown by now.
    ec2.delete_volume(VolumeId=marker["VolumeId"])
    assert site.is_as_before(), site.new()


@pytest.mark.parametrize("is_undone", [False, True])
def test_a_call_that_is_not_allowed_in_the_middle(start, app, is_undone):
    site = start(alone("i-app"))
    site.sandbox.admin("POST", "set", {"denied": ["ec2:RunInstances"]})
    assert "RunInstances" in site.restore(*APP["instance"], code=1).stderr
    if is_undone:
        site.restore(*UNDO)
        assert site.is_as_before()
    site.sandbox.admin("POST", "set", {"denied": []})
    site.restore(*APP["instance"])
    check_one(site, "instance", app)


# Again and again


@pytest.mark.parametrize("what", ["volumes", "attached", "instance"])
def test_restored_undone_and_restored_again(start, app, what):
    """EC2 remembers the tokens of what is gone, and answers them with what is gone: each time there are others."""
    site, tokens = start(alone("i-app"), Recorder), []
    for _ in range(3):
        site.door.calls.clear()
        site.restore(*APP[what])
        check_one(site, what, app)
        tokens += [call.raw["ClientToken"] for call in site.door.calls if "ClientToken" in call.raw]
        site.restore(*UNDO)
        assert site.is_as_before()
        assert "nothing of a restore" in site.restore(*UNDO).stdout
    assert len(tokens) == len(set(tokens)) > 2 and all(len(token) <= 64 for token in tokens)


@pytest.mark.parametrize("what", ["volumes", "instance"])
def test_the_same_point_under_another_name_beside_the_first(start, app, what):
    site = start(alone("i-app"))
    site.restore(*APP[what])
    first = site.look()
    site.restore(*APP[what], "--as", "second")
    both = site.look()
    assert "nothing is left" in site.restore(*APP[what]).stdout
    assert "nothing is left" in site.restore(*APP[what], "--as", "second").stdout
    assert site.look() == both and len(both["volumes"]) == len(first["volumes"]) + 2
    assert all(both[kind][id] == first[kind][id] for kind in first for id in first[kind])
    named = [i for id, i in both["instances"].items() if id not in first["instances"]]
    assert [tags(i)["Name"] for i in named] == (["second"] if what == "instance" else [])
    site.restore(*UNDO, "--as", "third")
    assert site.look() == both
    site.restore(*UNDO)
    left = site.look()
    assert left["volumes"] == site.before[HOME]["volumes"] | {
        id: v for id, v in both["volumes"].items() if id not in first["volumes"]}
    site.restore(*UNDO, "--as", "second")
    assert site.is_as_before()


def test_restores_leave_each_other_and_strangers_alone(start, points, app):
    """Another point of the same instance, the copy, another instance, and what a person made of the same snapshots."""
    site, old = start(), Point(points, "i-web", older=True)
    tag = lambda kind, value: [{"ResourceType": kind, "Tags": [{"Key": "snapwarden:restore", "Value": value}]}]
    for more in ({}, {"TagSpecifications": tag("volume", "another set")}):
        for snapshot in Point(points, "i-web").snapshots.values():
            site.clients[HOME].create_volume(AvailabilityZone="us-east-1b", SnapshotId=snapshot, **more)
    site.before[HOME] = site.look()
    for arguments in (["web"], [old.set], ["app"], ["web", "--as", "other"]):
        before = site.look()
        site.restore(*arguments, "--volumes-only")
        made = [v for id, v in site.look()["volumes"].items() if id not in before["volumes"]]
        assert len(made) == (2 if arguments == ["app"] else 3)
    before, away = site.look(), site.look(DR)
    site.restore("web", "--region", DR, "--new-instance")
    assert len(site.new(DR).instances) == 1 and site.look() == before
    site.restore("web", "--undo")
    assert len(site.new(DR).instances) == 1 and len(site.new().volumes) == 3 + 2 + 3
    before = site.look()
    site.restore("web", "--undo", "--region", DR)
    assert site.look(DR) == away and site.look() == before
    for arguments in ([old.set], ["app"], ["web", "--as", "other"]):
        site.restore(*arguments, "--undo")
    assert site.is_as_before()


TWICE = {
    "attached elsewhere": (
        ["app", "--attach-to", "i-full", *AT("/dev/xvda=/dev/sdq", "/dev/sdf=/dev/sdr")], APP["attached"]),
    "attached, of an instance": (APP["instance"], APP["attached"]),
    "volumes, of an instance": (APP["instance"], APP["volumes"]),
}


@pytest.mark.parametrize("first, second", TWICE.values(), ids=TWICE)
def test_something_else_of_the_same_point_needs_another_name(start, first, second):
    """What was made serves the first: the second is refused, with what to do instead, and waits for nothing."""
    site = start()
    site.restore(*first)
    before = site.look()
    done = site.restore(*second, code=None, timeout=10)
    assert done.returncode == 1, f"{second} of what is in use already: {done.stdout}"
    assert re.search("--as|--undo", done.stderr) and site.look() == before
    site.restore(*second, "--as", "other")
    assert len(site.look()["volumes"]) == len(before["volumes"]) + 2


# The home region is lost, with the machine


def test_the_home_region_is_lost(start, points):
    site, copied = start(door=Outage, instance_seconds=1), Point(points, "i-web", DR)
    said = site.restore("web", "--region", DR, "--new-instance").stdout
    assert site.door.refused == 0 and site.look() == site.before[HOME]
    [made], volumes = site.new(DR).instances, site.new(DR).volumes
    assert (made["InstanceType"], made["Architecture"], made["BootMode"]) == ("r7g.large", "arm64", "uefi")
    assert made["IamInstanceProfile"] == {"Arn": PROFILE} and made["State"]["Name"] == "running"
    assert made["SubnetId"] == "subnet-eu-west-1b" and "KeyName" not in made
    assert not made.get("SecurityGroups") and tags(made) == OWN_TAGS | {"snapwarden:restore": copied.set}
    check_volumes(volumes, copied, "eu-west-1b")
    assert {device: kind(v) for device, v in by_device(volumes, copied).items()} == KINDS
    assert site.new(DR).images == []
    for lost in ("subnet-us-east-1b", "sg-1, sg-2", "ours"):
        assert lost in said, f"{lost} is not said to be lost"
    site.restore("web", "--region", DR, "--undo")
    assert site.look(DR) == site.before[DR]


def test_the_plan_says_what_is_lost(start):
    site = start(door=Outage)
    asked, lost = ["web", "--region", DR, "--new-instance"], ("subnet-us-east-1b", "sg-1", "sg-2", "ours")
    said = lambda *more: " ".join(site.program.json("restore", *asked, *more, "--plan")["remarks"])
    assert all(one in said() for one in lost)
    given = ["--subnet", "subnet-eu-west-1c", "--security-group", "sg-dr", "--key-pair", "dr"]
    assert not any(one in said(*given) for one in lost)
    site.restore(*asked, *given)
    [made] = site.new(DR).instances
    assert (made["SubnetId"], groups(made), made["KeyName"]) == ("subnet-eu-west-1c", ["sg-dr"], "dr")


def test_without_the_region_the_loss_is_told(start):
    site = start(door=Outage)
    assert "--region" in site.restore("web", "--new-instance", code=1).stderr
    assert site.is_as_before() and mutating(site.sandbox) == []


# On moto's EC2, which nobody here wrote

ON_MOTO = """
fleet: acme
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { tags: { Backup: nightly } } }
    schedule: { cron: "0 2 * * *" }
"""
ON_MOTO_KINDS = {"/dev/sdf": ("gp3", 4000, 300, 12), "/dev/sdg": ("gp2", None, None, 7)}


class Images(Proxy):
    """Does what moto leaves out: an image has the tags and the volumes with which it was registered."""

    def __init__(self, aws):
        super().__init__(types.SimpleNamespace(url=aws.endpoint))
        self.ec2, self.devices = aws.client("ec2", HOME), {}

    def treat(self, call):
        asked = dict(urllib.parse.parse_qsl(call.body.decode(), keep_blank_values=True))
        if call.operation == "RunInstances":
            call.body += ("&" + urllib.parse.urlencode(self.devices[asked["ImageId"]])).encode()
            call.headers.replace_header("Content-Length", str(len(call.body)))
        reply, text = call.forward()
        if call.operation == "RegisterImage":
            id = re.search(rb"<imageId>(.+?)</imageId>", text)[1].decode()
            self.devices[id] = {k: v for k, v in asked.items() if k.startswith("BlockDeviceMapping.")}
            keys = [key for key in asked if re.fullmatch(r"TagSpecification\.1\.Tag\.\d+\.Key", key)]
            marks = [{"Key": asked[key], "Value": asked[key[:-3] + "Value"]} for key in keys]
            self.ec2.create_tags(Resources=[id], Tags=marks)
        call.answer(reply, text)


@pytest.fixture(scope="module")
def site_on_moto(tmp_path_factory):
    """An instance on moto with two volumes besides its root, and a point of it."""
    folder = tmp_path_factory.mktemp("moto")
    with moto_server(folder) as aws:
        ec2 = aws.client("ec2", HOME)
        image = ec2.describe_images()["Images"][0]["ImageId"]
        groups = [ec2.create_security_group(GroupName=name, Description=name)["GroupId"] for name in ("one", "two")]
        [subnet] = ec2.describe_subnets(Filters=[{"Name": "availability-zone", "Values": ["us-east-1b"]}])["Subnets"]
        own = [{"Key": "Backup", "Value": "nightly"}, {"Key": "Name", "Value": "web"}]
        original = ec2.run_instances(
            ImageId=image, MinCount=1, MaxCount=1, InstanceType="m5.large", SubnetId=subnet["SubnetId"],
            SecurityGroupIds=groups, TagSpecifications=[{"ResourceType": "instance", "Tags": own}])["Instances"][0]
        for device, (type, iops, throughput, size) in ON_MOTO_KINDS.items():
            speed = {"Iops": iops, "Throughput": throughput} if iops else {}
            volume = ec2.create_volume(Size=size, VolumeType=type, AvailabilityZone="us-east-1b", **speed)
            ec2.attach_volume(VolumeId=volume["VolumeId"], InstanceId=original["InstanceId"], Device=device)
        program = Installation(folder, aws, ON_MOTO)
        program.run("run", "--once")
        yield types.SimpleNamespace(
            aws=aws, ec2=ec2, program=program, subnet=subnet["SubnetId"], groups=groups, image=image,
            original=there(ec2)["instances"][original["InstanceId"]])


@pytest.fixture
def moto(site_on_moto):
    site_on_moto.program.aws, site_on_moto.before = site_on_moto.aws, there(site_on_moto.ec2)
    return site_on_moto


def more_on_moto(moto):
    now = there(moto.ec2)
    return types.SimpleNamespace(**{
        kind: [thing for id, thing in now[kind].items() if id not in moto.before[kind]] for kind in now})


def volumes_on_moto(moto, volumes):
    """By the device of which each is; that there is one of each snapshot."""
    ours = moto.aws.snapshots(HOME)
    devices = {s["SnapshotId"]: tags(s)["snapwarden:device"] for s in ours}
    found = {devices[v["SnapshotId"]]: v for v in volumes}
    assert set(found) == set(mapped(moto.original)) and len(volumes) == len(found) == 3
    assert {device: kind(found[device])[::3] for device in ON_MOTO_KINDS} == {
        device: asked[::3] for device, asked in ON_MOTO_KINDS.items()}
    assert {v["AvailabilityZone"] for v in volumes} == {"us-east-1b"}
    assert {tags(v)["snapwarden:restore"] for v in volumes} == {tags(ours[0])["snapwarden:set"]}
    return found


def test_volumes_on_moto(moto):
    moto.program.run("restore", "web", "--volumes-only", "--yes")
    found = volumes_on_moto(moto, more_on_moto(moto).volumes)
    assert {device: kind(found[device]) for device in ON_MOTO_KINDS} == ON_MOTO_KINDS
    assert all(tags(v)["Name"] == f"web {device}" and v["State"] == "available" for device, v in found.items())
    assert "nothing is left" in moto.program.run("restore", "web", "--volumes-only", "--yes").stdout
    moto.program.run("restore", "web", "--undo", "--yes")
    assert there(moto.ec2) == moto.before


def test_attached_on_moto(moto):
    rescue = moto.ec2.run_instances(ImageId=moto.image, MinCount=1, MaxCount=1, SubnetId=moto.subnet)
    rescue = rescue["Instances"][0]["InstanceId"]
    moto.before = there(moto.ec2)
    root = moto.original["RootDeviceName"]
    done = moto.program.run("restore", "web", "--attach-to", rescue, "--yes", code=1)
    assert re.search(f"{root} of {rescue} is taken.*--device {root}=/dev/sd[f-p]", done.stderr)
    assert there(moto.ec2) == moto.before
    moto.program.run("restore", "web", "--attach-to", rescue, "--device", f"{root}=/dev/sdh", "--yes")
    found = volumes_on_moto(moto, more_on_moto(moto).volumes)
    assert {d: place(v) for d, v in found.items()} == {
        d: [(rescue, "/dev/sdh" if d == root else d, "attached")] for d in found}
    moto.program.run("restore", "web", "--undo", "--yes")
    assert there(moto.ec2) == moto.before


def test_an_instance_on_moto(moto):
    """moto's images have neither tags nor volumes of their own: these are put in on the way; launches ignore IOPS."""
    door = Images(moto.aws)
    moto.program.aws = door
    moto.program.run("restore", "web", "--new-instance", "--yes")
    new = more_on_moto(moto)
    [made] = new.instances
    found = volumes_on_moto(moto, new.volumes)
    assert {d: ebs["VolumeId"] for d, ebs in mapped(made).items()} == {d: v["VolumeId"] for d, v in found.items()}
    assert (made["InstanceType"], made["SubnetId"]) == ("m5.large", moto.subnet)
    assert sorted(g["GroupId"] for g in made["SecurityGroups"]) == sorted(moto.groups)
    assert {"Name": "web", "Backup": "nightly"}.items() <= tags(made).items() and made["State"]["Name"] == "running"
    assert new.images == []
    moto.program.run("restore", "web", "--undo", "--yes")
    # moto takes a snapshot of its own for each image.
    assert there(moto.ec2) | {"snapshots": 0} == moto.before | {"snapshots": 0}
    assert moto.before["snapshots"].items() <= there(moto.ec2)["snapshots"].items()
    door.end()
