"""`restore` of Lightsail's instances, disks and databases: what is asked of AWS, what boto3 then sees, what is refused
before anything is done, and that no death, no lost reply and no lost region leaves more or less than one of each."""

import collections
import concurrent.futures
import contextlib
import copy
import hashlib
import json
import os
import pty
import queue
import re
import subprocess
import time

import pytest
from conftest import DR, HOME, Sandbox
from judge import making_clients
from recorder import Recorder
from support import Installation, daemon, wait_for
from test_kills import MOMENTS, Killer
from test_lost_region import Outage
from test_main_job import Endpoint

CONFIG = """
fleet: acme
api-budget: 10000%
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  nightly:
    regions: [us-east-1]
    select:
      lightsail-instances: { names: [blog, shop, shut, six, old, wide, marked] }
      lightsail-disks: { names: ["spare*"] }
    schedule: { cron: "0 2 * * *" }
    copies: [{ region: eu-west-1 }]
  databases:
    regions: [us-east-1]
    select: { lightsail-databases: { names: [orders] } }
    schedule: { cron: "0 2 * * *" }
  automatic:
    regions: [us-east-1]
    select: { lightsail-instances: { names: [diary] }, lightsail-disks: { names: [vault] } }
    source: automatic
    retention: { keep-last: 1 }
    copies: [{ region: eu-west-1 }]
"""
MARK = "snapwarden:restore"
KINDS = {
    "instances": "get_instances", "disks": "get_disks", "staticIps": "get_static_ips",
    "relationalDatabases": "get_relational_databases", "instanceSnapshots": "get_instance_snapshots",
    "diskSnapshots": "get_disk_snapshots", "relationalDatabaseSnapshots": "get_relational_database_snapshots"}
MUTATING = ["CreateInstancesFromSnapshot", "TagResource", "PutInstancePublicPorts", "AttachStaticIp"]
REMOVING = ["DeleteInstance", "DeleteDisk"]
OPENED = ("0.0.0.0/0", "::/0")


def port(first, last=None, protocol="tcp", opened=OPENED):
    """A rule of the firewall, open to these."""
    kinds = {"cidrs": ".", "ipv6Cidrs": ":"}
    sources = {key: [who for who in opened if mark in who] for key, mark in kinds.items()}
    aliases = [who for who in opened if not set(who) & {".", ":"}]
    return {"protocol": protocol, "fromPort": first, "toPort": first if last is None else last,
            "cidrListAliases": aliases, **sources}


OFFICE = [
    port(22, opened=["203.0.113.0/24", "198.51.100.7/32", "lightsail-connect"]), port(443),
    port(8000, 8010, opened=["192.0.2.0/24"]), port(53, protocol="udp", opened=["2001:db8::/32"]),
    port(-1, protocol="icmp", opened=["0.0.0.0/0"])]
DEFAULT = [port(22), port(80)]
AUTOMATIC = [{"date": f"2026-01-0{day}", "created": f"2026-01-0{day}T06:10:00Z"} for day in (1, 2, 3)]
BLOG, DIARY = "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01", "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a06"
WORLD = {
    "regions": [HOME, DR],
    "timings": {"snapshot-seconds": 0, "copy-seconds": 0, "instance-seconds": 0, "lightsail-page-size": 100},
    "lightsail-instances": [
        {"name": "blog", "uuid": BLOG, "bundle": "small_3_0",
         "blueprint": "debian_12", "zone": "b", "ports": OFFICE, "key-pair": "ours", "automatic": "03:00",
         "stop-on-idle": {"threshold": "2", "duration": "30"}, "ip-address-type": "ipv4",
         "tags": {"backup": "yes", "cost centre": "web = 1+1 @home"},
         "disks": [{"name": "blog-data", "path": "/dev/xvdf", "size": 32},
                   {"name": "blog-logs", "path": "/dev/xvdg", "size": 16}]},
        {"name": "shop", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a02", "bundle": "medium_3_0",
         "disks": [{"name": "shop-data", "path": "/dev/xvdf", "size": 64}]},
        {"name": "shut", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a03", "ports": []},
        {"name": "six", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a04", "bundle": "small_ipv6_3_0",
         "ip-address-type": "ipv6", "zone": "c"},
        {"name": "old", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a05", "bundle": "nano_2_0"},
        {"name": "wide", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a12", "tags": {"team": "a"},
         "ports": [port(8000 + number) for number in range(40)]},
        {"name": "diary", "uuid": DIARY, "auto-snapshots": AUTOMATIC,
         "disks": [{"name": "diary-data", "path": "/dev/xvdf", "size": 8}]},
        {"name": "marked", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a11", "tags": {MARK: "of-another"}}],
    "lightsail-disks": [
        {"name": "spare", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a07", "size": 32, "automatic": "05:00",
         "tags": {"team": "a"}},
        {"name": "spare.2", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a08", "size": 8},
        {"name": "vault", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a09", "auto-snapshots": AUTOMATIC}],
    "lightsail-databases": [
        {"name": "orders", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a10", "tags": {"team": "b"}}],
    "lightsail-static-ips": [
        {"name": "front", "attached-to": "shop"}, {"name": "free", "address": "192.0.2.8"},
        {"name": "far", "region": DR, "address": "192.0.2.9"}],
    "lightsail-key-pairs": [{"name": "ours"}, {"name": "theirs"}, {"name": "ours", "region": DR}]}


@pytest.fixture(scope="session")
def points(tmp_path_factory):
    """The world with a point of everything, as the program itself took and copied it."""
    folder = tmp_path_factory.mktemp("points")
    (folder / "seed.json").write_text(json.dumps(WORLD))
    sandbox = Sandbox(folder / "seed.json")
    try:
        Installation(folder, Endpoint(sandbox), CONFIG).run("run", "--once")
        dump = sandbox.admin("GET", "dump")
    finally:
        sandbox.stop()
    taken = [
        {"region": place["region"], "name": s["name"], "from": s["from-arn"], "created": s["created"],
         "tags": s["tags"]} for place in dump["regions"] for s in place["lightsail-snapshots"]]
    assert len(taken) == 10 + 11, "nine of nightly and the database at home; those nine and two automatic ones away"
    return WORLD | {"lightsail-snapshots": taken}


class World:
    """A sandbox with points, the program on it, and what stands between them."""

    def __init__(self, folder, sandbox, between, config=CONFIG):
        folder.mkdir(exist_ok=True)
        self.sandbox, self.between = sandbox, between
        self.installation = Installation(folder, between, config)
        with making_clients:
            self.clients = {region: sandbox.client("lightsail", region) for region in (HOME, DR)}
        self.before = {region: self.all(region) for region in self.clients}

    def restore(self, *arguments, code=0, timeout=60):
        return self.installation.run("restore", *arguments, code=code, timeout=timeout)

    def json(self, *arguments, code=0):
        return json.loads(self.restore(*arguments, "--output", "json", code=code).stdout)

    def all(self, region):
        """Everything in a region by kind and name, as boto3 lists it."""
        found = {}
        for key, method in KINDS.items():
            pages = self.clients[region].get_paginator(method).paginate()
            found |= {(key, item["name"]): without_times(item) for page in pages for item in page[key]}
        return found

    def made(self, region):
        """What is there and was not in the beginning."""
        return {key: item for key, item in self.all(region).items() if key not in self.before[region]}

    def names(self, region):
        """The names of it, by kind."""
        names = collections.defaultdict(list)
        for kind, name in sorted(self.made(region)):
            names[kind].append(name)
        return dict(names)

    def is_as_before(self):
        return all(self.all(region) == self.before[region] for region in self.clients)

    def performed(self, *operations):
        """The calls of these operations that AWS did, whether it said so or not."""
        return [
            call["operation"] for call in self.sandbox.admin("GET", "requests")
            if call["outcome"] in ("ok", "dropped after") and call["operation"] in operations]

    def mark(self, region, resource, *names):
        """The mark of what is restored of the newest point of a resource there: its set, after the names asked for."""
        [name] = [name for kind, name in self.before[region] if "Snapshots" in kind and f"--{resource}--" in name]
        return " ".join([*names, name])


def without_times(item):
    return {key: value for key, value in item.items() if key != "latestRestorableTime"}


def tags(item):
    return {tag["key"]: tag.get("value") for tag in item.get("tags", [])}


def change(calls):
    """Those of these calls that would change something."""
    return [call for call in calls if not call.operation.startswith(("Get", "Describe"))]


@pytest.fixture(scope="session")
def stage(tmp_path_factory, points):
    """A sandbox and a recorder, for one test after the other."""
    path = tmp_path_factory.mktemp("stage") / "seed.json"
    path.write_text(json.dumps(points))
    sandbox = Sandbox(path)
    recorder = Recorder(sandbox)
    yield sandbox, recorder
    recorder.close()
    assert sandbox.stop() == 0


@pytest.fixture
def begin(stage, points, tmp_path):
    """Begins a world with these changes; every request in it must be one that AWS's models allow."""
    sandbox, recorder = stage

    def begin(seed=points, timings=None):
        sandbox.admin("POST", "seed", seed | {"timings": seed["timings"] | (timings or {})})
        recorder.calls.clear()
        recorder.misuses.clear()
        return World(tmp_path, sandbox, recorder)

    yield begin
    assert recorder.misuses == []


@pytest.fixture
def world(begin):
    return begin()


def instance(world, region, name):
    return world.clients[region].get_instance(instanceName=name)["instance"]


def add_ons(item):
    return {a["name"]: a.get("snapshotTimeOfDay") or (a["threshold"], a["duration"]) for a in item.get("addOns", [])}


def ports(world, region, name):
    """The firewall, in no order."""
    states = world.clients[region].get_instance_port_states(instanceName=name)["portStates"]
    return in_no_order([{key: value for key, value in port.items() if key != "state"} for port in states])


def in_no_order(rules):
    sort = lambda value: sorted(value) if isinstance(value, list) else value
    return sorted(json.dumps({key: sort(value) for key, value in rule.items()}, sort_keys=True) for rule in rules)


def attached(item):
    """The disks of an instance besides its system disk, by path."""
    return {d["path"]: (d["name"], d["sizeInGb"]) for d in item["hardware"]["disks"] if not d["isSystemDisk"]}


def likeness(world, region, name):
    """All that is to be equal of an instance and of what is restored of it."""
    shown = instance(world, region, name)
    own = tags(shown)
    own.pop(MARK, None)
    return {
        "bundle": shown["bundleId"], "blueprint": shown["blueprintId"], "key pair": shown["sshKeyName"],
        "addresses": shown["ipAddressType"], "zone": shown["location"]["availabilityZone"][-1], "tags": own,
        "add-ons": add_ons(shown), "ports": ports(world, region, name), "disks": attached(shown)}


# What goes over the wire


def test_every_parameter_goes_over_the_wire_as_given(world, tmp_path):
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\necho \"grüße\" 'a' \\b\n")
    given = {
        "instanceNames": ["one", "two"], "availabilityZone": "us-east-1c", "bundleId": "medium_3_0",
        "userData": script.read_text(), "keyPairName": "theirs", "ipAddressType": "dualstack",
        "addOns": [
            {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "05:00"}},
            {"addOnType": "StopInstanceOnIdle", "stopInstanceOnIdleRequest": {"threshold": "4", "duration": "20"}}],
        "instanceSnapshotName": world.mark(HOME, "blog")}
    done = world.restore(
        "blog", "--as", "one", "--as", "two", "--zone", "us-east-1c", "--bundle", "medium_3_0", "--user-data", script,
        "--key-pair", "theirs", "--ip-address-type", "dualstack", "--add-on", "AutoSnapshot=05:00", "--add-on",
        "StopInstanceOnIdle=4/20", "--tag", "who=me", "--tag", "backup=no", "--disk", "/dev/xvdf=data", "--yes")
    [call] = [c for c in world.between.calls if c.operation == "CreateInstancesFromSnapshot"]
    asked = dict(call.parameters)
    mapping = asked.pop("attachedDiskMapping")
    assert {t["key"]: t["value"] for t in asked["tags"]} == (own := {
        "backup": "no", "cost centre": "web = 1+1 @home", "who": "me", MARK: world.mark(HOME, "blog", "one", "two")})
    assert len(asked.pop("tags")) == len(own) and asked == given
    assert mapping.keys() == {"one", "two"} and all(
        [d["originalDiskPath"] for d in disks] == ["/dev/xvdf", "/dev/xvdg"] for disks in mapping.values())
    for name in ("one", "two"):
        shown = instance(world, HOME, name)
        assert (shown["bundleId"], shown["sshKeyName"], shown["ipAddressType"], tags(shown)) == (
            "medium_3_0", "theirs", "dualstack", own)
        assert shown["location"]["availabilityZone"] == "us-east-1c"
        assert add_ons(shown) == {"AutoSnapshot": "05:00", "StopInstanceOnIdle": ("4", "20")}
        wanted = {d["originalDiskPath"]: d["newDiskName"] for d in mapping[name]}
        assert {path: disk for path, (disk, _) in attached(shown).items()} == wanted
        assert "data" in wanted["/dev/xvdf"]
        assert ports(world, HOME, name) == in_no_order(OFFICE)
    assert "grüße" not in done.stdout + done.stderr


SOURCES = {
    "a manual one": (["shop"], HOME, {"instanceSnapshotName": "--shop--"}),
    "a copy": (["shop"], DR, {"instanceSnapshotName": "--shop--"}),
    "the newest automatic one": (["diary"], HOME, {"sourceInstanceName": "diary", "restoreDate": "2026-01-03"}),
    "an automatic one of a moment": (
        ["diary", "--at", "2026-01-02T23:00:00Z"], HOME, {"sourceInstanceName": "diary", "restoreDate": "2026-01-02"}),
    "the automatic one of a slot": (
        [f"automatic/{DIARY}/2026-01-01T00:00:00Z"], HOME,
        {"sourceInstanceName": "diary", "restoreDate": "2026-01-01"}),
    "the latest automatic one": (
        ["diary", "--latest-automatic"], HOME,
        {"sourceInstanceName": "diary", "useLatestRestorableAutoSnapshot": True}),
    "a copy of an automatic one": (["diary"], DR, {"instanceSnapshotName": "--diary--"}),
}
SOURCE_KEYS = ["instanceSnapshotName", "sourceInstanceName", "restoreDate", "useLatestRestorableAutoSnapshot"]


@pytest.mark.parametrize("arguments, region, expected", SOURCES.values(), ids=SOURCES)
def test_sources(world, arguments, region, expected):
    """And what nobody asked for, and the original has not, is not in the request."""
    world.restore(*arguments, "--region", region, "--as", "new", "--yes")
    [call] = [c for c in world.between.calls if c.operation == "CreateInstancesFromSnapshot"]
    asked = call.parameters
    assert call.region == region and {key for key in SOURCE_KEYS if key in asked} == set(expected)
    assert all(
        value in asked[key] if isinstance(value, str) else asked[key] is value for key, value in expected.items())
    assert not {"userData", "addOns", "keyPairName"} & asked.keys()
    assert list(tags(instance(world, region, "new"))) == [MARK]


def test_the_originals_can_be_left_off(world):
    world.restore("blog", "--as", "bare", "--no-tags", "--tag", "a=b", "--add-on", "none", "--yes")
    [call] = [c for c in world.between.calls if c.operation == "CreateInstancesFromSnapshot"]
    assert not call.parameters.get("addOns")
    shown = instance(world, HOME, "bare")
    assert tags(shown) == {"a": "b", MARK: world.mark(HOME, "blog", "bare")} and add_ons(shown) == {}


def test_a_static_address_is_attached(world):
    world.restore("blog", "--as", "new", "--static-ip", "free", "--yes")
    shown = instance(world, HOME, "new")
    assert (shown["isStaticIp"], shown["publicIpAddress"]) == (True, "192.0.2.8")
    assert world.restore("blog", "--as", "new", "--static-ip", "free", "--yes").stdout.startswith("nothing is left")
    world.restore("blog", "--as", "new", "--undo", "--yes")
    assert world.is_as_before()


def test_a_bundle_that_is_not_to_be_had_any_more(world):
    """Then it is the next larger one: nano_3_0 would not hold its 40 GB."""
    done = world.restore("old", "--as", "new", "--yes")
    assert instance(world, HOME, "new")["bundleId"] == "micro_3_0"
    assert "micro_3_0" in done.stdout and "nano_2_0" in done.stdout


# What is refused

FILES = {"long": b"x" * 16385, "binary": b"\x1f\x8b\x08\xff\xfe\x00"}
IDLE = "--add-on=StopInstanceOnIdle"
TAKEN = {
    "an instance": "shop", "a disk": "shop-data", "a database": "orders", "a static address": "front",
    "another restore's instance": "marked"}
BAD_NAMES = ["x", "-x", "x-", "a.b", "a b", "ä-b", "x" * 256]
#: What is asked for, and what of it must be said: what is wrong, and what there is or what to do instead.
INSTANCES = {
    "a zone that is none": (["--zone", "us-east-1z"], ["us-east-1z", "us-east-1a"]),
    "a zone of another region": (["--zone", "eu-west-1a"], ["eu-west-1a", "us-east-1a"]),
    "an unknown bundle": (["--bundle", "huge_9_9"], ["huge_9_9", "small_3_0"]),
    "a bundle that is not active": (["--bundle", "nano_2_0"], ["nano_2_0", "nano_3_0"]),
    "a smaller bundle": (["--bundle", "nano_3_0"], ["nano_3_0", "small_3_0"]),
    "a bundle of another system": (["--bundle", "small_win_3_0"], ["small_win_3_0", "small_3_0"]),
    "a bundle without IPv4": (["--bundle", "small_ipv6_3_0"], ["small_ipv6_3_0", "ipv4"]),
    "an unknown kind of address": (["--ip-address-type", "ipv5"], ["ipv5", "dualstack"]),
    "IPv6 alone with such a bundle": (["--ip-address-type", "ipv6"], ["ipv6", "small_3_0"]),
    "an unknown path": (["--disk", "/dev/xvdz=new-data"], ["/dev/xvdz", "/dev/xvdf"]),
    "the system disk's path": (["--disk", "/dev/xvda=new-data"], ["/dev/xvda", "/dev/xvdf"]),
    "a disk without a path": (["--disk", "new-data"], ["--disk", "new-data"]),
    "a disk without a name": (["--disk", "/dev/xvdf="], ["newDiskName"]),
    "two disks of one name": (["--disk", "/dev/xvdf=one", "--disk", "/dev/xvdg=one"], ["one", "twice"]),
    "two names for one disk": (["--disk", "/dev/xvdf=one", "--disk", "/dev/xvdf=two"], ["/dev/xvdf", "twice"]),
    "a disk called as its instance": (["--disk", "/dev/xvdf=new"], ["new", "twice"]),
    **{f"a disk called as {what}": (["--disk", f"/dev/xvdf={name}"], [name, "--disk"]) for what, name in TAKEN.items()},
    **{f"the name of {what}": (["--as", name], [name, "--as"]) for what, name in TAKEN.items()},
    **{f"the name {name[:9]!r}": ([f"--as={name}"], ["instanceNames", "2 to 255"]) for name in BAD_NAMES},
    "one name twice": (["--as", "new"], ["new", "twice"]),
    "an address that is none": (["--static-ip", "nope"], ["nope", "free"]),
    "an address in use": (["--static-ip", "front"], ["front", "shop", "detach"]),
    "an address of several": (["--as", "two", "--static-ip", "free"], ["one address", "2"]),
    "an unknown key pair": (["--key-pair", "nope"], ["nope", "ours"]),
    "a key pair of a bad name": (["--key-pair", "a.b"], ["keyPairName", "a.b"]),
    "no such script": (["--user-data", "none"], ["--user-data", "none", "cannot be read"]),
    "a folder for a script": (["--user-data", "/"], ["--user-data", "/", "cannot be read"]),
    "a long script": (["--user-data", "long"], ["--user-data", "16384"]),
    "a script that is no text": (["--user-data", "binary"], ["--user-data", "binary"]),
    "a tag without a value": (["--tag", "alone"], ["--tag", "alone"]),
    "a tag without a key": (["--tag", "=value"], ["key"]),
    "a tag of AWS's": (["--tag", "aws:x=1"], ["aws:"]),
    "a tag of ours": (["--tag", f"{MARK}=mine"], [MARK]),
    "a long key": (["--tag", f"{'k' * 129}=1"], ["kkk", "128"]),
    "a long value": (["--tag", f"k={'v' * 257}"], ["256"]),
    "a value that is none": (["--tag", "k=a!b"], ["a!b"]),
    "many tags": ([f"--tag=k{number}=1" for number in range(50)], ["50"]),
    "an unknown add-on": (["--add-on", "Other"], ["Other", "AutoSnapshot"]),
    "half an hour": (["--add-on", "AutoSnapshot=03:30"], ["03:30", "HH:00"]),
    "no hour": (["--add-on", "AutoSnapshot=24:00"], ["24:00", "HH:00"]),
    "idle without numbers": ([IDLE], ["StopInstanceOnIdle=2/15"]),
    "idle without a duration": ([f"{IDLE}=2"], ["StopInstanceOnIdle=2/15"]),
    "idle at nothing": ([f"{IDLE}=0/30"], ["threshold"]),
    "idle for no number": ([f"{IDLE}=2/x"], ["duration"]),
    "an add-on and none": (["--add-on", "none", "--add-on", "AutoSnapshot=05:00"], ["none"]),
    "an add-on twice": (["--add-on=AutoSnapshot=05:00", "--add-on=AutoSnapshot=06:00"], ["AutoSnapshot", "twice"]),
    "an automatic one of a manual one": (["--latest-automatic"], ["useLatestRestorableAutoSnapshot", "manual"]),
    "a time before all points": (["--at", "2020-01-01T00:00:00Z"], ["2020-01-01", "oldest"]),
    "no time": (["--at", "yesterday"], ["--at", "yesterday", "2026-11-20T02:00:00Z"]),
    "a region without anything": (["--region", "mars"], ["mars", DR, HOME]),
    "JSON with a question": (["--output", "json"], ["--plan", "--yes"]),
}
DISKS = {
    "a zone that is none": (["--zone", "us-east-1z"], ["us-east-1z", "us-east-1a"]),
    "a smaller size": (["--size", "31"], ["31", "32"]), "no size": (["--size", "0"], ["sizeInGb", "0"]),
    "an add-on of instances": ([f"{IDLE}=2/30"], ["AutoSnapshot alone"]),
    **{f"the name of {what}": (["--as", name], [name, "--as"]) for what, name in TAKEN.items()},
    "a bad name": (["--as", "a.b"], ["diskName", "a.b"]),
    "several names": (["--as", "new", "--as", "two"], ["--as", "instances"]),
    "an unknown instance": (["--attach-to", "nope", "--device", "/dev/xvdg"], ["nope", "instanceName"]),
    "no path": (["--attach-to", "shop"], ["--device"]),
    "a path in use": (["--attach-to", "shop", "--device", "/dev/xvdf"], ["/dev/xvdf", "shop", "--device"]),
    "another zone than the instance's": (
        ["--attach-to", "shop", "--device", "/dev/xvdg", "--zone", "us-east-1b"], ["us-east-1b", "us-east-1a"]),
    "an automatic one of a manual one": (["--latest-automatic"], ["manual"]),
}
DATABASES = {
    "a zone that is none": (["--zone", "us-east-1z"], ["us-east-1z"]),
    "an unknown bundle": (["--bundle", "huge_9_9"], ["huge_9_9"]),
    **{f"the name of {what}": (["--as", name], [name, "--as"]) for what, name in TAKEN.items()},
    "a bad name": (["--as", "a.b"], ["relationalDatabaseName", "a.b"]),
    "several names": (["--as", "new", "--as", "two"], ["--as", "instances"]),
    "another region": (["--region", DR], ["orders", "points of"]),
}
POINTS = {
    "nothing of that name": (["nope"], ["nope", "blog", "shop"]),
    "no slot": (["nightly/blog/2026-13-01"], ["nightly/blog"]),
    "a time with a point": (
        [f"automatic/{DIARY}/2026-01-01T00:00:00Z", "--at", "2026-01-01T00:00:00Z"],
        ["--at", "point"]),
    "the latest, and a time": (["diary", "--at", "2026-01-02T00:00:00Z", "--latest-automatic"], ["--latest-automatic"]),
    "an automatic one of a copy": (["diary", "--region", DR, "--latest-automatic"], ["manual"]),
}
REFUSED = {
    **{f"{resource}: {what}": ([resource, *arguments], words)
       for resource, rows in (("blog", INSTANCES), ("spare", DISKS), ("orders", DATABASES))
       for what, (arguments, words) in rows.items()}, **POINTS}


def complete(arguments, text):
    """With a name that is free, where the row is not about names."""
    is_named = any(str(a).startswith("--as") for a in arguments) and "twice" not in text and "several" not in text
    return arguments if is_named else [*arguments, "--as", "new"]


@pytest.mark.parametrize("row", REFUSED)
def test_refused(world, tmp_path, monkeypatch, row):
    arguments, words = REFUSED[row]
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    agreed = [] if "JSON" in row else ["--yes"]
    done = world.restore(*complete(arguments, row), *agreed, code=None)
    assert done.returncode in (1, 64), done.stdout + done.stderr
    assert world.is_as_before(), "something was changed"
    assert not [word for word in words if word not in done.stderr], done.stderr
    assert not change(world.between.calls), f"AWS was asked to do it:\n{done.stderr}"


#: One at a time, as they exclude each other; the others all at once.
AIMS = ["--volumes-only", "--new-instance", "--replace-root-volume=i-1"]
OF_EC2 = [
    "--delete-replaced-root", "--type=t3.small", "--subnet=subnet-1", "--security-group=sg-1", "--profile=web",
    "--launch-template=web", "--volume-type=gp3", "--iops=3000", "--throughput=125", "--kms-key=a", "--keep-image",
    "--unsafe-incomplete", "--device=/dev/xvdf"]
OF_INSTANCES = [
    "--disk=/dev/xvdf=new", "--ip-address-type=ipv4", "--static-ip=free", "--key-pair=ours", "--user-data=/dev/null"]
MEANINGLESS = {
    "blog": [[*OF_EC2, "--size=64"], ["--attach-to=shop"]],
    "spare": [[*OF_EC2, *OF_INSTANCES, "--bundle=small_3_0"]],
    "orders": [
        [*OF_EC2, *OF_INSTANCES, "--size=64", "--latest-automatic", "--add-on=AutoSnapshot=05:00"],
        ["--attach-to=shop"]]}


@pytest.mark.parametrize("resource", MEANINGLESS)
def test_options_that_mean_nothing_for_the_kind(world, resource):
    for options in MEANINGLESS[resource] + [[aim] for aim in AIMS]:
        done = world.restore(resource, *options, "--as", "new", "--yes", code=1)
        assert not [option for option in options if option.split("=")[0] not in done.stderr], done.stderr
        assert "nothing" in done.stderr
    assert change(world.between.calls) == [] and world.is_as_before()


def test_nobody_is_there_to_agree(world):
    done = world.restore("blog", code=1)
    assert "--yes" in done.stderr and "--plan" in done.stderr
    world.restore("blog", "--as", "new", "--yes")
    made = world.all(HOME)
    world.between.calls.clear()
    done = world.restore("blog", "--as", "new", "--undo", code=1)
    assert "--yes" in done.stderr and change(world.between.calls) == [] and world.all(HOME) == made


@pytest.mark.parametrize("answer, code", [("n", 1), ("", 1), ("y", 0)], ids=["no", "nothing", "yes"])
def test_somebody_is_asked(world, answer, code):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        world.installation.command("restore", "shop", "--as", "new"), env=world.installation.environment(),
        stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(ours, 4096)
    assert b"CreateInstancesFromSnapshot" in said and change(world.between.calls) == []
    os.write(ours, f"{answer}\n".encode())
    try:
        while more := os.read(ours, 4096):
            said += more
    except OSError:  # the program has ended, and its terminal with it
        pass
    os.close(ours)
    assert process.wait(30) == code, said.decode()
    assert bool(change(world.between.calls)) == ("instances" in world.names(HOME)) == (code == 0)


def test_what_aws_does_not_allow_is_said(world):
    """Half-way, too; and once it is allowed, the same command does the rest."""
    world.sandbox.admin("POST", "set", {"denied": ["lightsail:CreateInstancesFromSnapshot"]})
    done = world.restore("blog", "--region", DR, "--yes", code=1)
    assert "CreateInstancesFromSnapshot" in done.stderr and world.is_as_before()
    world.sandbox.admin("POST", "set", {"denied": ["lightsail:PutInstancePublicPorts"]})
    done = world.restore("blog", "--region", DR, "--yes", code=1)
    assert "PutInstancePublicPorts" in done.stderr and ports(world, DR, "blog") == in_no_order(DEFAULT)
    world.sandbox.admin("POST", "set", {"denied": []})
    world.restore("blog", "--region", DR, "--yes")
    assert likeness(world, DR, "blog") == likeness(world, HOME, "blog")
    assert world.performed("CreateInstancesFromSnapshot") == ["CreateInstancesFromSnapshot"]


def test_what_ends_in_failure_is_said(world):
    world.sandbox.admin("POST", "faults", [{"operation": "CreateInstancesFromSnapshot", "kind": "failLater"}])
    done = world.restore("blog", "--region", DR, "--yes", code=1)
    assert "CreateInstancesFromSnapshot" in done.stderr and "InternalFailure" in done.stderr and world.is_as_before()
    world.restore("blog", "--region", DR, "--yes")
    assert likeness(world, DR, "blog") == likeness(world, HOME, "blog")


# What is made

RESTORED = ["blog", "shop", "shut", "six", "marked"]


@pytest.mark.parametrize("name", RESTORED)
def test_what_is_restored_in_the_other_region_equals_the_original(begin, name):
    world = begin(timings={"lightsail-page-size": 2})
    world.restore(name, "--region", DR, "--yes")
    assert likeness(world, DR, name) == likeness(world, HOME, name)
    made = world.made(DR)
    assert {kind for kind, _ in made} <= {"instances", "disks"}
    assert {tags(item).get(MARK) for item in made.values()} == {world.mark(DR, name)}
    assert world.all(HOME) == world.before[HOME]
    world.restore(name, "--region", DR, "--undo", "--yes")
    assert world.is_as_before()


@pytest.mark.parametrize("name", RESTORED)
def test_what_is_restored_at_home_equals_the_original_but_for_names(begin, name):
    world = begin(timings={"lightsail-page-size": 2})
    world.restore(name, "--yes")
    [new] = world.names(HOME)["instances"]
    copied, original = likeness(world, HOME, new), likeness(world, HOME, name)
    disks, originals = copied.pop("disks"), original.pop("disks")
    assert new.startswith(name) and copied == original
    assert {path: size for path, (_, size) in disks.items()} == {path: size for path, (_, size) in originals.items()}
    made = world.made(HOME)
    assert {tags(item).get(MARK) for item in made.values()} == {world.mark(HOME, name)}
    assert {disk for disk, _ in disks.values()} == {disk for kind, disk in made if kind == "disks"}
    # The names were chosen by the program; so does the next run, and the undo.
    assert world.restore(name, "--yes").stdout.startswith("nothing is left to do")
    world.restore(name, "--undo", "--yes")
    assert world.is_as_before()


def test_an_original_that_is_gone_gets_its_names_back(world):
    original = likeness(world, HOME, "blog")
    for name in ("blog", "blog-data", "blog-logs"):
        world.sandbox.admin("POST", "set", {"terminate": [name]})
    world.restore("blog", "--yes")
    assert likeness(world, HOME, "blog") == original
    assert world.restore("blog", "--yes").stdout.startswith("nothing is left to do")


def test_the_key_pair_that_everybody_has_is_no_loss(world):
    """Lightsail's default one is not among those it lists."""
    plan = world.json("shop", "--region", DR, "--plan")
    assert not [remark for remark in plan["remarks"] if "key pair" in remark], plan["remarks"]


def test_what_cannot_be_put_back_is_said(begin, points):
    """The address stays at home, and the key pair is not there."""
    seed = copy.deepcopy(points)
    seed["lightsail-key-pairs"] = [{"name": "ours"}]
    world = begin(seed)
    address = next(item["ipAddress"] for (_, name), item in world.before[HOME].items() if name == "front")
    assert any(address in remark for remark in world.json("shop", "--region", DR, "--plan")["remarks"])
    done = world.restore("blog", "--region", DR, "--yes")
    assert "ours" in done.stdout and instance(world, DR, "blog")["sshKeyName"] == "LightsailDefaultKeyPair"


def test_what_found_no_room_in_tags_is_said(world):
    """Of a firewall of many rules not all can be noted beside a snapshot."""
    told = [world.json("wide", "--region", DR, option)["remarks"] for option in ("--plan", "--yes")]
    if likeness(world, DR, "wide") != likeness(world, HOME, "wide"):
        assert all("room" in " ".join(remarks) or "firewall" in " ".join(remarks) for remarks in told), told


def test_a_finished_restore_has_nothing_left_to_do(world):
    world.restore("blog", "--region", DR, "--yes")
    made = world.all(DR)
    world.between.calls.clear()
    for prepare in (lambda: None, world.installation.forget):
        prepare()
        assert world.restore("blog", "--region", DR, "--yes").stdout.startswith("nothing is left to do")
        assert world.json("blog", "--region", DR, "--plan")["calls"] == []
        assert world.json("blog", "--region", DR, "--yes")["calls"] == []
    assert change(world.between.calls) == [] and world.all(DR) == made


def test_another_name_restores_the_same_point_again(world):
    world.restore("blog", "--region", DR, "--yes")
    world.restore("blog", "--region", DR, "--as", "blog-2", "--yes")
    world.restore("blog", "--region", DR, "--as", "third", "--as", "fourth", "--yes")
    names = world.names(DR)
    assert names["instances"] == ["blog", "blog-2", "fourth", "third"] and len(names["disks"]) == 8
    wanted = likeness(world, DR, "blog")
    for name in names["instances"]:
        found = likeness(world, DR, name)
        assert {path: size for path, (_, size) in found.pop("disks").items()} == {"/dev/xvdf": 32, "/dev/xvdg": 16}
        assert found == {key: value for key, value in wanted.items() if key != "disks"}
    for names in ([], ["--as", "blog-2"], ["--as", "third", "--as", "fourth"]):
        world.restore("blog", "--region", DR, *names, "--undo", "--yes")
    assert world.is_as_before()


def test_more_names_than_before(world):
    """The one that is there already stays as it is, and the other is made, or it is said how to make it."""
    world.restore("shop", "--region", DR, "--as", "one", "--yes")
    one = instance(world, DR, "one")
    world.between.calls.clear()
    done = world.restore("shop", "--region", DR, "--as", "one", "--as", "two", "--yes", code=None)
    assert instance(world, DR, "one") == one
    if done.returncode == 0:
        assert world.names(DR)["instances"] == ["one", "two"]
    else:
        assert "one" in done.stderr and change(world.between.calls) == [], done.stderr


def test_a_disk_that_was_removed_from_what_was_restored(world):
    """Lightsail makes an instance's disks with it alone: the next run has to say so, not to wait for it."""
    world.restore("shop", "--region", DR, "--yes")
    world.sandbox.admin("POST", "set", {"terminate": ["shop-data"]})

    def is_told():
        done = world.restore("shop", "--region", DR, "--plan")
        return "nothing is left to do" in done.stdout and "disk shop-data (removed since)" in done.stdout

    # AWS may take that long to show what it has made.
    wait_for(is_told, 10)


def test_beside_a_running_daemon(world):
    with daemon(world.installation):
        wait_for(lambda: (world.installation.folder / "daemon.log").read_text().count("started"))
        world.restore("shop", "--region", DR, "--yes")
        assert likeness(world, DR, "shop") == likeness(world, HOME, "shop")


# Plans


def flat(value, prefix=""):
    """The parameters of a call as a plan writes them: `tags.1.key`."""
    if isinstance(value, dict):
        parts = [flat(inner, f"{prefix}.{key}" if prefix else key) for key, inner in value.items()]
    elif isinstance(value, list):
        parts = [flat(inner, f"{prefix}.{index}") for index, inner in enumerate(value, 1)]
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return {prefix: f"{len(text.encode())} bytes" if prefix == "userData" else text}
    return {key: text for part in parts for key, text in part.items()}


PLANNED = {
    "in the other region": (["blog", "--region", DR], 4),
    "at home": (["blog"], 4), "with an address": (["blog", "--as", "new", "--static-ip", "free"], 5),
    "two at once": (["shop", "--as", "one", "--as", "two", "--user-data", "script"], 5),
    "an automatic one": (["diary", "--latest-automatic"], 3),
    "a disk": (["spare", "--as", "new", "--attach-to", "shop", "--device", "/dev/xvdg"], 2),
    "a database": (["orders", "--as", "new"], 1), "removed": (["shop", "--as", "one", "--undo"], 2)}


@pytest.mark.parametrize("arguments, count", PLANNED.values(), ids=PLANNED)
def test_a_plan_is_what_then_is_done(world, tmp_path, monkeypatch, arguments, count):
    (tmp_path / "script").write_text("echo this-is-secret\n")
    monkeypatch.chdir(tmp_path)
    if "--undo" in arguments:
        world.restore("shop", "--as", "one", "--yes")
    made = {region: world.all(region) for region in world.clients}
    world.between.calls.clear()
    plan, table = world.json(*arguments, "--plan"), world.restore(*arguments, "--plan").stdout
    assert change(world.between.calls) == [] and made == {region: world.all(region) for region in world.clients}
    done = world.restore(*arguments, "--yes")
    asked = [(f"lightsail:{c.operation}", flat(c.raw)) for c in change(world.between.calls)]
    planned = [(call["operation"], call["parameters"]) for call in plan["calls"]]
    assert len(planned) == count and [call for call in planned if call in asked] == asked
    # What a new instance has open anyway need not be opened.
    spared = [(operation, p["instanceName"]) for operation, p in planned if (operation, p) not in asked]
    assert all(operation.endswith(":PutInstancePublicPorts") for operation, _ in spared)
    assert all(ports(world, HOME, name) == in_no_order(DEFAULT) for _, name in spared)
    for operation, parameters in planned:
        assert operation in table and all(f"{key}: {value}" in table for key, value in parameters.items())
    assert "this-is-secret" not in json.dumps(plan) + table + done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [["--plan"], ["--yes"], ["--undo", "--plan"], ["--undo", "--yes"]], ids=" ".join)
def test_json(begin, arguments):
    """It is all that is on standard output, while AWS is slow and loses a reply, too."""
    world = begin(timings={"instance-seconds": 1})
    if "--undo" in arguments:
        world.restore("blog", "--region", DR, "--yes")
    world.sandbox.admin("POST", "faults", [{"operation": "CreateInstancesFromSnapshot", "kind": "dropAfter"}])
    told = world.json("blog", "--region", DR, *arguments)
    assert told.keys() == {"point", "set", "region", "account", "taken", "remarks", "there", "waits-for", "calls"}
    assert (told["set"], told["region"]) == (world.mark(DR, "blog"), DR) and told["account"] is None
    is_made = ("--undo" in arguments) != ("--yes" in arguments)
    assert is_made == any("blog" in there for there in told["there"]) == ("instances" in world.names(DR))
    assert bool(told["calls"]) == ("--plan" in arguments)


# Disks and databases


def test_a_disk_is_made_and_attached(begin):
    world = begin(timings={"instance-seconds": 1})
    world.restore("spare", "--as", "new", "--size", "40", "--attach-to", "shop", "--device", "/dev/xvdg", "--yes")
    [disk] = world.made(HOME).values()
    assert (disk["name"], disk["sizeInGb"], disk["attachedTo"], disk["path"]) == ("new", 40, "shop", "/dev/xvdg")
    assert tags(disk) == {"team": "a", MARK: world.mark(HOME, "spare", "new")} and add_ons(disk) == {"AutoSnapshot": "05:00"}
    again = world.restore("spare", "--as", "new", "--attach-to", "shop", "--device", "/dev/xvdg", "--yes")
    assert again.stdout.startswith("nothing is left to do")
    world.between.calls.clear()
    # Lightsail lets no disk go from an instance that runs.
    done = world.restore("spare", "--as", "new", "--undo", "--yes", code=1)
    assert "new" in done.stderr and "shop" in done.stderr and "stopped" in done.stderr
    assert change(world.between.calls) == []
    world.sandbox.admin("POST", "set", {"terminate": ["shop"]})
    world.restore("spare", "--as", "new", "--undo", "--yes")
    assert world.made(HOME) == {}


DISK_SOURCES = {
    "a manual one": (["spare"], HOME, {"diskSnapshotName"}),
    "a copy": (["spare"], DR, {"diskSnapshotName"}),
    "an automatic one": (["vault", "--at", "2026-01-02T12:00:00Z"], HOME, {"sourceDiskName", "restoreDate"}),
    "the latest automatic one": (
        ["vault", "--latest-automatic"], HOME, {"sourceDiskName", "useLatestRestorableAutoSnapshot"}),
    "a copy of an automatic one": (["vault"], DR, {"diskSnapshotName"})}


@pytest.mark.parametrize("arguments, region, keys", DISK_SOURCES.values(), ids=DISK_SOURCES)
def test_every_parameter_of_a_disk(world, arguments, region, keys):
    zone = f"{region}c"
    world.restore(
        *arguments, "--region", region, "--as", "new", "--zone", zone, "--size", "64", "--tag", "who=me", "--no-tags",
        "--add-on", "AutoSnapshot=07:00", "--yes")
    [call] = change(world.between.calls)
    assert call.operation == "CreateDiskFromSnapshot" and call.region == region
    asked = dict(call.parameters)
    source = {key: asked.pop(key) for key in keys}
    assert source.get("restoreDate", "2026-01-02") == "2026-01-02"
    mark = tags({"tags": asked.pop("tags")})
    assert mark.pop("who") == "me" and list(mark) == [MARK]
    assert asked == {
        "diskName": "new", "availabilityZone": zone, "sizeInGb": 64,
        "addOns": [{"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "07:00"}}]}
    disk = world.clients[region].get_disk(diskName="new")["disk"]
    assert (disk["sizeInGb"], disk["location"]["availabilityZone"], disk["state"]) == (64, zone, "available")
    world.restore(*arguments, "--region", region, "--as", "new", "--undo", "--yes")
    assert world.is_as_before()


@pytest.mark.parametrize("resource, region, name", [
    ("spare", HOME, None), ("spare", DR, "spare"), ("spare.2", HOME, None), ("orders", HOME, None)])
def test_a_disk_and_a_database_choose_their_names(world, resource, region, name):
    """And do so again: a second run finds the first one's, and only another name makes another one."""
    world.restore(resource, "--region", region, "--yes")
    [(_, made)] = world.made(region)
    assert made == name or name is None and made.startswith(resource.split(".")[0])
    assert world.restore(resource, "--region", region, "--yes").stdout.startswith("nothing is left to do")
    world.restore(resource, "--region", region, "--as", "another", "--yes")
    assert {made for _, made in world.made(region)} == {made, "another"}
    for names in ([], ["--as", "another"]):
        world.restore(resource, "--region", region, *names, "--undo", "--yes")
    assert world.is_as_before()


def test_a_database(begin):
    world = begin(timings={"instance-seconds": 1})
    world.restore(
        "orders", "--as", "new", "--zone", "us-east-1b", "--bundle", "small_2_0", "--tag", "who=me", "--yes")
    [call] = change(world.between.calls)
    mark = world.mark(HOME, "orders")
    assert call.parameters == {**call.parameters, **(asked := {
        "relationalDatabaseName": "new", "relationalDatabaseSnapshotName": mark, "availabilityZone": "us-east-1b",
        "relationalDatabaseBundleId": "small_2_0"})} and call.parameters.keys() == asked.keys() | {"tags"}
    [made] = world.made(HOME).values()
    assert (made["state"], made["relationalDatabaseBundleId"]) == ("available", "small_2_0")
    assert made["location"]["availabilityZone"] == "us-east-1b"
    assert tags(made) == {"team": "b", "who": "me", MARK: f"new {mark}"}
    world.restore("orders", "--as", "new", "--undo", "--yes")
    assert world.is_as_before()


# What undo leaves alone


def test_undo_leaves_what_others_put_there(world):
    """Disks that a person attached to what was restored, and one of another restore; they lose but their instance."""
    lightsail = world.clients[DR]
    world.restore("blog", "--region", DR, "--yes")
    for number, path in enumerate(("/dev/xvdh", "/dev/xvdi")):
        lightsail.create_disk_from_snapshot(
            diskName=f"mine-{number}", availabilityZone="eu-west-1b", sizeInGb=32,
            diskSnapshotName=world.mark(DR, "spare"))
        lightsail.attach_disk(diskName=f"mine-{number}", instanceName="blog", diskPath=path)
    world.restore("spare", "--region", DR, "--attach-to", "blog", "--device", "/dev/xvdj", "--yes")
    world.restore("shop", "--region", DR, "--yes")
    world.restore("blog", "--region", DR, "--undo", "--yes")
    names = world.names(DR)
    assert names == {"instances": ["shop"], "disks": ["mine-0", "mine-1", "shop-data", "spare"]}
    made = world.made(DR)
    assert [tags(made["disks", f"mine-{number}"]) for number in (0, 1)] == [{}, {}]
    assert tags(made["disks", "spare"]) == {"team": "a", MARK: world.mark(DR, "spare")}


def test_undo_of_one_name_leaves_the_others(world):
    for name in ("blog", "blog-2", "other"):
        world.restore("blog", "--region", DR, "--as", name, "--yes")
    kept = {name: attached(instance(world, DR, name)) for name in ("blog-2", "other")}
    gone = {disk for disk, _ in attached(instance(world, DR, "blog")).values()}
    world.restore("blog", "--region", DR, "--as", "blog", "--undo", "--yes")
    names = world.names(DR)
    assert names["instances"] == ["blog-2", "other"], "blog-2 is not called blog"
    assert {name: attached(instance(world, DR, name)) for name in kept} == kept and not gone & set(names["disks"])


def test_undo_of_one_name_takes_its_disks(world):
    """Which are called as the original's, where those names were free."""
    world.restore("blog", "--region", DR, "--as", "new", "--yes")
    assert world.names(DR)["disks"] == ["blog-data", "blog-logs"]
    world.restore("blog", "--region", DR, "--as", "new", "--undo", "--yes")
    assert world.is_as_before()


def test_undo_does_not_take_a_disk_from_another_instance(world):
    """One that was restored and is now attached to a person's instance is let go by that person."""
    world.restore("spare", "--as", "new", "--attach-to", "shop", "--device", "/dev/xvdg", "--yes")
    made = world.all(HOME)
    world.restore("spare", "--as", "new", "--undo", "--yes", code=1)
    assert world.all(HOME) == made


def test_undo_where_nothing_was_made(world):
    for resource in ("blog", "spare", "orders", "diary"):
        assert "nothing" in world.restore(resource, "--undo", "--yes").stdout
    assert change(world.between.calls) == []


def test_undo_of_what_is_half_done(begin):
    """Its disks bear no mark yet, and it is not even running."""
    world = begin(timings={"instance-seconds": 1})
    world.sandbox.admin("POST", "set", {"denied": ["lightsail:TagResource"]})
    world.restore("blog", "--region", DR, "--yes", code=1)
    assert [tags(item) for (kind, _), item in world.made(DR).items() if kind == "disks"] == [{}, {}]
    world.sandbox.admin("POST", "set", {"denied": []})
    world.restore("blog", "--region", DR, "--undo", "--yes")
    assert world.is_as_before()


def test_undo_of_one_point_leaves_another_ones(world):
    for time in ("2026-01-01T23:00:00Z", "2026-01-02T23:00:00Z"):
        world.restore("diary", "--at", time, "--yes")
    first, second = world.names(HOME)["instances"]
    kept = attached(instance(world, HOME, second))
    world.restore("diary", "--at", "2026-01-01T23:00:00Z", "--undo", "--yes")
    assert world.names(HOME) == {"instances": [second], "disks": [disk for disk, _ in kept.values()]}
    assert attached(instance(world, HOME, second)) == kept


# Deaths

AWAY = ["blog", "--region", DR, "--static-ip", "far", "--yes"]
UNDONE = ["blog", "--region", DR, "--undo", "--yes"]
#: After how many seconds AWS shows what it did.
VISIBLE = {0: "shown at once", 2: "shown 2 s later"}


def is_change(step):
    return not step[0].startswith("lightsail:Get")


class Life(World):
    """A world of its own, and a proxy that kills the program at a call."""

    def __init__(self, folder, sandbox, killer, seed, visible=0, duration=1):
        timings = {"visible-after": visible, "instance-seconds": duration}
        sandbox.admin("POST", "seed", seed | {"timings": seed["timings"] | timings})
        killer.counts.clear()
        killer.was_fatal = False
        super().__init__(folder, sandbox, killer)
        # The config must say how long AWS takes to show what it did.
        config = self.installation.config
        config.write_text(config.read_text().replace("consistency: 1s", f"consistency: {1 + visible}s"))

    def restore_until_killed(self, fatal, *arguments):
        """Whether it died; it may not have made that call."""
        self.between.counts.clear()
        with self.between.lock:
            # No call is treated before it is known whom to kill.
            self.between.fatal = fatal
            self.between.victim = process = subprocess.Popen(
                self.installation.command("restore", *arguments), env=self.installation.environment(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        process.wait(60)
        self.between.fatal = None
        return self.between.was_fatal

    def steps(self):
        """Every call so far that changes something, before and after AWS did it, and the first and last of each other.

        Who is killed at a call that only reads leaves what the changes before it made.
        """
        steps = []
        for name, count in sorted(self.between.counts.items()):
            reads = [(name, number, "before") for number in sorted({1, count})]
            changes = [(name, number, moment) for number in range(1, count + 1) for moment in MOMENTS]
            steps += changes if is_change((name,)) else reads
        return steps

    def check_one(self, how):
        """That there is one of everything that was to be restored, and nothing else."""
        names = self.names(DR)
        assert names == {"instances": ["blog"], "disks": ["blog-data", "blog-logs"]}, f"{how}: {names}"
        assert likeness(self, DR, "blog") == likeness(self, HOME, "blog"), how
        assert {tags(item).get(MARK) for item in self.made(DR).values()} == {self.mark(DR, "blog")}, how
        assert instance(self, DR, "blog")["publicIpAddress"] == "192.0.2.9", how
        assert self.performed("CreateInstancesFromSnapshot") == ["CreateInstancesFromSnapshot"], how

    def check_none(self, how):
        """That all is as it was before the restore, snapshots and address included."""
        for region in self.clients:
            now = self.all(region)
            assert now == self.before[region], f"{how}: {now.keys() ^ self.before[region].keys()}"


@pytest.fixture(scope="session")
def killers(tmp_path_factory):
    """Sandboxes with what kills at their calls, as many as are in use at once."""
    path = tmp_path_factory.mktemp("killers") / "seed.json"
    path.write_text(json.dumps({"regions": [HOME, DR]}))
    idle, all_of_them = queue.SimpleQueue(), []

    @contextlib.contextmanager
    def take():
        try:
            killer = idle.get_nowait()
        except queue.Empty:
            sandbox = Sandbox(path)
            killer = sandbox, Killer(sandbox)
            all_of_them.append(killer)
        yield killer
        idle.put(killer)

    yield take
    for sandbox, killer in all_of_them:
        killer.end()
        assert sandbox.stop() == 0


@pytest.fixture
def live(killers, points, tmp_path):
    """Lives one life: gives a world of its own for as long as it is used."""

    @contextlib.contextmanager
    def live(name, **more):
        with killers() as (sandbox, killer):
            yield Life(tmp_path / re.sub(r"\W+", "-", str(name)), sandbox, killer, points, **more)

    return live


def all_of(live_through, steps):
    """Lives through them all, and gives where the program died, by operation."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=10) as pool:
        died = [operation for operation in pool.map(live_through, steps) if operation]
    assert len(died) >= len(steps) * 3 // 4, f"{len(died)} of {len(steps)} were killed"
    return collections.Counter(name.split(":")[1] for name in died)


@pytest.mark.parametrize("visible", VISIBLE, ids=VISIBLE.values())
def test_killed_at_every_call(live, visible):
    with live("calm", visible=visible) as calm:
        calm.restore(*AWAY)
        calm.check_one("calm")
        steps = calm.steps()

    def through(step):
        with live(step, visible=visible) as life:
            has_died = life.restore_until_killed(step, *AWAY)
            life.installation.forget()
            done = life.restore(*AWAY)
            life.check_one(f"killed at {step}\n{done.stdout}{done.stderr}")
            if is_change(step):
                done = life.restore(*UNDONE)
                life.check_none(f"killed at {step}, and undone\n{done.stdout}{done.stderr}")
            return has_died and step[0]

    # What AWS shows later makes a difference where something was changed.
    at = all_of(through, [step for step in steps if not visible or is_change(step)])
    assert set(MUTATING) <= set(at), at


@pytest.mark.parametrize("visible", VISIBLE, ids=VISIBLE.values())
def test_undo_killed_at_every_call(live, visible):
    """Of a restore that was finished; or where AWS is late, of one whose disks bear no marks yet."""
    with live("calm", duration=0) as calm:
        calm.restore(*AWAY)
        calm.between.counts.clear()
        calm.restore(*UNDONE)
        calm.check_none("calm")
        steps = calm.steps()
    changes = [step for step in steps if is_change(step)]
    marks = [("lightsail:TagResource", number, moment) for number in (1, 2) for moment in ("before", "after")]
    unmarked = [(step, False) for step in changes + marks]

    def through(step):
        fatal, is_marked = step
        with live(step, visible=visible, duration=0) as life:
            if is_marked:
                life.restore(*AWAY)
            else:
                life.restore_until_killed(marks[0], *AWAY)
                wait_for(lambda: len(life.made(DR)) == 3)
            life.between.was_fatal = False
            has_died = life.restore_until_killed(fatal, *UNDONE)
            life.installation.forget()
            done = life.restore(*UNDONE)
            life.check_none(f"undo killed at {step}\n{done.stdout}{done.stderr}")
            return has_died and fatal[0]

    at = all_of(through, unmarked if visible else [(step, True) for step in steps])
    assert {*REMOVING, *(["TagResource"] if visible else [])} <= set(at), at


def until_done(life, *arguments):
    """Repeats a command as often as it says that it is to be repeated, which is once; gives what it said."""
    done = life.restore(*arguments, code=None)
    if done.returncode == 0 or "run the same command again" not in done.stderr:
        return done
    return life.restore(*arguments, code=None)


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "dropBefore", "dropAfter"])
def test_no_fault_makes_more_or_less_than_one(live, kind):
    """Each operation is struck once, in the restore and in the undo, each time in a world of its own."""
    struck = MUTATING + REMOVING + ["GetInstance", "GetOperation"]

    def through(operation):
        fault = {"operation": operation, "kind": kind}
        with live(operation, visible=1) as life:
            life.sandbox.admin("POST", "faults", [fault])
            done = until_done(life, *AWAY)
            how = f"{kind} on {operation}\n{done.stdout}{done.stderr}"
            assert done.returncode == 0, how
            life.check_one(how)
            if not life.sandbox.admin("GET", "faults"):
                life.sandbox.admin("POST", "faults", [fault])
            done = until_done(life, *UNDONE)
            how = f"{kind} on {operation}, undo\n{done.stdout}{done.stderr}"
            assert done.returncode == 0, how
            life.check_none(how)
            calls = life.sandbox.admin("GET", "requests")
            assert any(call["operation"] == operation and call["outcome"] != "ok" for call in calls), "never struck"

    with concurrent.futures.ThreadPoolExecutor(max_workers=10) as pool:
        outcomes = [pool.submit(through, operation) for operation in struck]
    faults = [str(outcome.exception()) for outcome in outcomes if outcome.exception()]
    assert not faults, "\n\n".join(faults)


KILLED = {
    "a disk": (
        ["spare", "--as", "new", "--attach-to", "shop", "--device", "/dev/xvdg"],
        ["CreateDiskFromSnapshot", "AttachDisk"], ("disks", "new"), {"attachedTo": "shop", "path": "/dev/xvdg"}),
    "a database": (
        ["orders"], ["CreateRelationalDatabaseFromSnapshot"], ("relationalDatabases", None), {"state": "available"}),
    "an automatic one": (["diary"], ["CreateInstancesFromSnapshot", "TagResource"], ("instances", None), {})}


@pytest.mark.parametrize("visible", VISIBLE, ids=VISIBLE.values())
@pytest.mark.parametrize("arguments, operations, made, expected", KILLED.values(), ids=KILLED)
def test_other_kinds_killed_at_every_change(live, arguments, operations, made, expected, visible):
    steps = [(f"lightsail:{operation}", 1, moment) for operation in operations for moment in ("before", "after")]
    kind, name = made

    def through(step):
        with live(step, visible=visible) as life:
            has_died = life.restore_until_killed(step, *arguments, "--yes")
            life.installation.forget()
            done = life.restore(*arguments, "--yes")
            how = f"killed at {step}\n{done.stdout}{done.stderr}"
            [item] = [item for key, item in life.made(HOME).items() if key[0] == kind]
            assert item == item | expected and item["name"] == (name or item["name"]), how
            marks = {tags(item).get(MARK) for item in life.made(HOME).values()}
            assert len(marks) == 1 and None not in marks, how
            assert len(life.performed(operations[0])) == 1, how
            if "attachedTo" in expected:
                life.sandbox.admin("POST", "set", {"terminate": ["shop"]})
            names = arguments[arguments.index("--as"):][:2] if "--as" in arguments else []
            life.restore(arguments[0], *names, "--undo", "--yes")
            assert life.made(HOME) == {}, how
            return has_died and step[0]

    assert sum(all_of(through, steps).values()) == len(steps)


def test_two_at_the_same_time(live):
    """Neither sees what the other makes until later."""
    with live("life", visible=2) as life:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            done = list(pool.map(lambda _: life.restore(*AWAY, code=None), range(2)))
        how = "".join(d.stdout + d.stderr for d in done)
        assert 0 in [d.returncode for d in done], how
        life.check_one(how)


def test_undo_before_aws_shows_what_was_made(live):
    """Killed as it created, and undone at once: what AWS shows a moment later must not stay."""
    with live("life", visible=2) as life:
        create = ("lightsail:CreateInstancesFromSnapshot", 1, "after")
        assert life.restore_until_killed(create, *AWAY)
        life.restore(*UNDONE)
        wait_for(lambda: life.names(DR) or life.performed("DeleteInstance"))
        assert life.names(DR) == {}


def of_the_next_slot(points, resource):
    """A point of a resource and its copy that are a second younger than those that are there."""
    younger = []
    for snapshot in points["lightsail-snapshots"]:
        if f"--{resource}--" not in snapshot["name"]:
            continue
        own = dict(snapshot["tags"])
        slot = own["snapwarden:slot"].replace("00Z", "01Z")
        fleet, policy, home, name, _, compact = snapshot["name"].split("--")
        parts = "\n".join([fleet, policy, home, name, snapshot["from"], slot])
        digest = hashlib.sha256(parts.encode()).hexdigest()[:20]
        new = "--".join([fleet, policy, home, name, digest, compact.replace("00Z", "01Z")])
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        own |= {"snapwarden:slot": slot, "snapwarden:set": new}
        if snapshot["region"] != HOME:
            own |= {"snapwarden:source": f"{HOME}/{new}", "snapwarden:taken": now}
        younger.append(snapshot | {"name": new, "tags": own, "created": now})
    return {"lightsail-snapshots": younger}


@pytest.mark.parametrize("option", [[], ["--undo"]], ids=["repeated", "undone"])
def test_a_new_point_comes_in_between(live, points, option):
    """The daemon takes the next one while a restore that was killed waits to be repeated, or to be undone."""
    with live("life", duration=0) as life:
        assert life.restore_until_killed(("lightsail:PutInstancePublicPorts", 1, "before"), *AWAY)
        life.sandbox.admin("POST", "add", of_the_next_slot(points, "blog"))
        sets = [p["state"] for p in life.installation.json("list", "--region", DR) if p["resource"] == BLOG]
        assert sets == ["usable", "usable"]
        done = life.restore(*AWAY, *option)
        made = {kind: names for kind, names in life.names(DR).items() if not kind.endswith("Snapshots")}
        assert made == ({} if option else {"instances": ["blog"], "disks": ["blog-data", "blog-logs"]}), done.stdout


# Disaster


@pytest.fixture
def lost(tmp_path, begin, points):
    """The home region answers nobody, and the machine is a new one; gives what begins such a world."""
    outages = []

    def begin_lost(without_tags=()):
        seed = copy.deepcopy(points)
        for snapshot in seed["lightsail-snapshots"]:
            if snapshot["region"] == DR and any(f"--{name}--" in snapshot["name"] for name in without_tags):
                snapshot["tags"] = {}
        world = begin(seed)
        outages.append(Outage(world.sandbox))
        (tmp_path / "new").mkdir()
        world.installation = Installation(tmp_path / "new", outages[0], CONFIG)
        return world, outages[0]

    yield begin_lost
    for outage in outages:
        outage.end()


@pytest.mark.parametrize("name", ["blog", "shop", "six"])
def test_the_home_region_is_lost(lost, name):
    world, outage = lost()
    world.restore(name, "--region", DR, "--yes")
    assert outage.refused == 0, "what is lost is not even asked"
    assert likeness(world, DR, name) == likeness(world, HOME, name)
    assert {tags(item).get(MARK) for item in world.made(DR).values()} == {world.mark(DR, name)}
    world.restore(name, "--region", DR, "--undo", "--yes")
    assert world.is_as_before()


@pytest.mark.parametrize("name", ["spare", "spare.2", "vault"])
def test_the_home_region_is_lost_with_its_disks(lost, name):
    world, outage = lost()
    world.restore(name, "--region", DR, "--yes")
    [disk] = world.made(DR).values()
    assert disk["name"] == name.replace(".", "-") and disk["state"] == "available" and outage.refused == 0
    world.restore(name, "--region", DR, "--undo", "--yes")
    assert world.is_as_before()


@pytest.mark.parametrize("reference", ["resource", "point", "set"])
def test_a_copy_that_lost_its_tags(lost, reference):
    """What is known of it then is its name, and what Lightsail itself knows; the firewall is not, which is said."""
    world, outage = lost(without_tags=["blog"])
    mark = world.mark(DR, "blog")
    asked = {"resource": "blog", "set": mark}.get(reference) or next(
        f"{p['policy']}/{p['resource']}/{p['slot']}" for p in world.installation.json("list", "--region", DR)
        if p["members"][0]["snapshot"] == mark)
    done = world.restore(asked, "--region", DR, "--yes")
    assert outage.refused == 0 and "firewall" in done.stdout
    restored, original = likeness(world, DR, "blog"), likeness(world, HOME, "blog")
    known = ["bundle", "blueprint", "disks"]
    assert {key: restored[key] for key in known} == {key: original[key] for key in known}
    assert (restored["ports"], restored["add-ons"], restored["tags"]) == (in_no_order(DEFAULT), {}, {})
    assert {tags(item).get(MARK) for item in world.made(DR).values()} == {mark}
    assert world.restore(asked, "--region", DR, "--yes").stdout.startswith("nothing is left to do")
    world.restore(asked, "--region", DR, "--undo", "--yes")
    assert world.is_as_before()


def test_a_disk_whose_copy_lost_its_tags(lost):
    world, _ = lost(without_tags=["spare"])
    world.restore("spare", "--region", DR, "--yes")
    [disk] = world.made(DR).values()
    assert (disk["name"], disk["sizeInGb"], tags(disk)) == ("spare", 32, {MARK: world.mark(DR, "spare")})


def test_without_a_region_the_loss_is_told(lost):
    world, outage = lost()
    done = world.restore("blog", "--yes", code=1)
    assert outage.refused and HOME in done.stderr and "--region" in done.stderr
    assert world.is_as_before()


@pytest.mark.parametrize("kind, name", [
    ("static address", "blog"), ("disk", "blog"), ("database", "blog"), ("static address", "blog-data"),
    ("instance", "blog-data"), ("database", "blog-data")])
def test_a_name_that_something_else_bears_there(begin, points, kind, name):
    """Names are unique over all of Lightsail's kinds: another one is taken, or it is said which one is in the way."""
    seed = copy.deepcopy(points)
    key = {"static address": "static-ips", "disk": "disks", "database": "databases", "instance": "instances"}[kind]
    seed[f"lightsail-{key}"].append({"region": DR, "name": name})
    world = begin(seed)
    done = world.restore("blog", "--region", DR, "--yes", code=None)
    if done.returncode == 0:
        made = world.names(DR)
        assert len(made["instances"]) == 1 and len(made["disks"]) == 2
        assert len(attached(instance(world, DR, *made["instances"]))) == 2
    else:
        assert name in done.stderr and change(world.between.calls) == [], done.stderr
