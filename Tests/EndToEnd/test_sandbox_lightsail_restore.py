"""boto3 against the sandbox's Lightsail: what a restore reads, makes, puts back and takes away."""

import json
import re

import pytest

from conftest import DR, HOME, moved_clock
from support import wait_for
from test_sandbox_boto3 import code, recent, without

BAD, NONE = "InvalidInputException", "NotFoundException"
TAGS = [{"key": "snapwarden:fleet", "value": "demo"}, {"key": "key-only"}]
DAYS = [{"date": "2026-01-01"}, {"date": "2026-01-02"}, {"date": "2026-01-03", "status": "Failed"}]
DAY, LATEST = {"restoreDate": "2026-01-01"}, {"useLatestRestorableAutoSnapshot": True}
AUTOMATIC = {"instanceSnapshotName": None, "sourceInstanceName": "blog"}
AUTOMATIC_DISK = {"diskSnapshotName": None, "sourceDiskName": "spare"}
BACKUPS = {"relationalDatabaseSnapshotName": None, "sourceRelationalDatabaseName": "orders"}
NOW, AHEAD = {"useLatestRestorableTime": True}, {"restoreTime": 4_102_444_800}  # 2100-01-01

daily = lambda time: {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": time}}
on_idle = lambda **when: {"addOnType": "StopInstanceOnIdle", "stopInstanceOnIdleRequest": when}
port = lambda number, protocol="tcp", **who: {"protocol": protocol, "fromPort": number, "toPort": number, **who}
disks = lambda *pairs: [{"originalDiskPath": path, "newDiskName": disk} for path, disk in pairs]
named = lambda *names: {
    "instanceNames": [*names], "attachedDiskMapping": {n: disks(("/dev/xvdf", f"{n.strip('-')}-data")) for n in names}}
IDLE = on_idle(threshold="2", duration="30")
OFFICE = port(443, cidrs=["203.0.113.0/24"], ipv6Cidrs=[], cidrListAliases=["lightsail-connect"])
ANYONE = {"cidrs": ["0.0.0.0/0"], "ipv6Cidrs": ["::/0"], "cidrListAliases": []}
BASE = {
    "create_instances_from_snapshot": {
        "availabilityZone": "us-east-1a", "bundleId": "small_3_0", "instanceSnapshotName": "blog-1", **named("new")},
    "create_disk_from_snapshot": {
        "diskName": "disk", "availabilityZone": "us-east-1a", "sizeInGb": 64, "diskSnapshotName": "spare-1"},
    "create_relational_database_from_snapshot": {
        "relationalDatabaseName": "base", "relationalDatabaseSnapshotName": "orders-1"},
    "attach_disk": {"diskName": "spare", "instanceName": "blog", "diskPath": "/dev/xvdg"},
    "attach_static_ip": {"staticIpName": "free", "instanceName": "shop"},
    "put_instance_public_ports": {"instanceName": "blog", "portInfos": [port(22)]},
    "delete_relational_database": {"relationalDatabaseName": "orders", "skipFinalSnapshot": True}}
INSTANCE, DISK, DATABASE, ATTACH, ADDRESS, PORTS, DELETE_DATABASE = BASE
instance = lambda client, name="new": client.get_instance(instanceName=name)["instance"]
disk = lambda client, name="disk": client.get_disk(diskName=name)["disk"]
database = lambda client, name="base": client.get_relational_database(relationalDatabaseName=name)["relationalDatabase"]
everything = lambda client: [
    client.get_instances()["instances"], client.get_disks()["disks"], client.get_static_ips()["staticIps"],
    [without(d, "latestRestorableTime") for d in client.get_relational_databases()["relationalDatabases"]],
    client.get_relational_database_snapshots()["relationalDatabaseSnapshots"]]


def call(client, method, **changes):
    """Makes a good request with some changes; a parameter that becomes None is left out."""
    asked = {name: value for name, value in {**BASE.get(method, {}), **changes}.items() if value is not None}
    return getattr(client, method)(**asked)


def do(client, method, **changes):
    """The same, of a call that changes something; waits until each of its operations has come to a good end."""
    operations = (reply := call(client, method, **changes)).get("operations") or [reply["operation"]]
    for begun in operations:
        assert begun["operationType"] == client.meta.method_to_api_mapping[method] and recent(begun["createdAt"])
        told = lambda: client.get_operation(operationId=begun["id"])["operation"]
        assert wait_for(lambda: told()["isTerminal"] and told()["status"]) == "Succeeded"
    return [(operation["resourceType"], operation["resourceName"]) for operation in operations]


def check(value, shape):
    """That botocore's model knows all of a reply, and in that form; IPv6 addresses have a test of their own."""
    for key, item in value.items() if isinstance(value, dict) else ():
        check(item, shape.members[key])
    for item in value if isinstance(value, list) else ():
        check(item, shape.member)
    if isinstance(value, str) and shape.name != "Ipv6Address":
        assert re.fullmatch(shape.metadata.get("pattern", ".*"), value) and value in (shape.enum or [value]), shape


@pytest.fixture
def seed(seed):
    """The sample world, with something of every kind that a restore needs."""
    seed["timings"] |= {"instance-seconds": 0, "snapshot-seconds": 600}
    seed["lightsail-instances"][0] |= {"auto-snapshots": DAYS, "ports": [OFFICE], "key-pair": "ours"}
    seed["lightsail-instances"][1] |= {"zone": "b"}
    seed["lightsail-disks"] = [{"name": "spare", "size": 64, "auto-snapshots": DAYS}]
    seed["lightsail-databases"] = [{"name": "orders"}]
    seed["lightsail-static-ips"] = [{"name": "front", "attached-to": "blog"}, {"name": "free", "address": "192.0.2.8"}]
    seed["lightsail-key-pairs"] = [{"name": "ours"}, {"name": "theirs", "region": DR}]
    seed["lightsail-snapshots"] = [{"created": "-1d", "name": name, "from": source, **more} for name, source, more in (
        ("blog-1", "blog", {}), ("spare-1", "spare", {}), ("orders-1", "orders", {}),
        ("pending", "blog", {"state": "pending"}), ("error", "blog", {"state": "error"}),
        ("far-1", "arn:aws:lightsail:eu-west-1:123456789012:Instance/gone", {"region": DR}))]
    return seed


@pytest.fixture
def start(start_sandbox, seed, tmp_path):
    """Starts a world in which some things take their time; gives a client, and what moves the clock."""
    def start(region=HOME, **timings):
        clock = tmp_path / "clock"
        clock.write_text("+0\n")
        seed["timings"] |= {name.replace("_", "-"): value for name, value in timings.items()}
        env = moved_clock(clock) | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        client = start_sandbox(seed, env=env).client("lightsail", region)
        client.meta.events.register("before-parse.lightsail", lambda operation_model, response_dict, **_: (
            operation_model.name == "CopySnapshot" or response_dict["status_code"] != 200
            or check(json.loads(response_dict["body"]), operation_model.output_shape)))
        return client, lambda seconds: clock.write_text(f"+{seconds}\n")
    return start


@pytest.fixture
def lightsail(start):
    return start()[0]


def test_every_parameter_comes_back(lightsail):
    """Except the script of the first start, which no call gives back; the name is taken then."""
    assert do(
        lightsail, INSTANCE, availabilityZone="us-east-1b", bundleId="medium_3_0", userData="#!/bin/sh\n", tags=TAGS,
        keyPairName="ours", addOns=[daily("03:00"), IDLE], ipAddressType="ipv4") == [("Instance", "new")]
    shown, place = instance(lightsail), {"availabilityZone": "us-east-1b", "regionName": HOME}
    assert recent(shown["createdAt"]) and not {"ipv6Addresses", "userData"} & shown.keys()
    assert shown == {
        **shown, "location": place, "resourceType": "Instance", "tags": TAGS, "blueprintId": "debian_12",
        "bundleId": "medium_3_0", "ipAddressType": "ipv4", "sshKeyName": "ours", "isStaticIp": False}
    assert {a["name"]: a.get("snapshotTimeOfDay") or (a["threshold"], a["duration"]) for a in shown["addOns"]} == {
        "AutoSnapshot": "03:00", "StopInstanceOnIdle": ("2", "30")}
    assert [(d["path"], d["sizeInGb"]) for d in shown["hardware"]["disks"]] == [("/dev/xvda", 80), ("/dev/xvdf", 32)]
    [data] = [d for d in lightsail.get_disks()["disks"] if d["name"] == "new-data"]
    assert disk(lightsail, "new-data") == data == {
        **data, "location": place, "sizeInGb": 32, "path": "/dev/xvdf", "isSystemDisk": False, "state": "in-use",
        "attachedTo": "new", "isAttached": True, "tags": []}
    assert code(call, client=lightsail, method=INSTANCE) == (BAD, 400, "Some names are already in use: new")
    do(lightsail, "delete_instance", instanceName="new", forceDeleteAddOns=True)
    assert code(instance, client=lightsail)[0] == NONE


@pytest.mark.parametrize("region, which", [
    pytest.param(HOME, {}, id="a manual one"), pytest.param(DR, {"instanceSnapshotName": "copy"}, id="a copy"),
    pytest.param(HOME, AUTOMATIC | DAY, id="by date"), pytest.param(HOME, AUTOMATIC | LATEST, id="the latest")])
def test_sources(start, region, which):
    """Two instances at once, each with its disk; what is not asked for is the default."""
    lightsail, _ = start(region)
    if region == DR:
        lightsail.copy_snapshot(sourceSnapshotName="blog-1", targetSnapshotName="copy", sourceRegion=HOME)
    two = {**named("one", "two"), "availabilityZone": f"{region}c"}
    do(lightsail, INSTANCE, **which, **two, bundleId="small_ipv6_3_0", ipAddressType="ipv6")
    for name in ("one", "two"):
        shown, data = instance(lightsail, name), disk(lightsail, f"{name}-data")
        assert shown["location"] == data["location"] == {"availabilityZone": f"{region}c", "regionName": region}
        assert not {"publicIpAddress", "addOns"} & shown.keys() and not shown["tags"]
        assert (shown["blueprintId"], shown["sshKeyName"]) == ("debian_12", "LightsailDefaultKeyPair")
        assert (data["attachedTo"], data["path"], data["sizeInGb"]) == (name, "/dev/xvdf", 32)


def test_what_is_made_takes_its_time(start):
    """Its name is taken and its operation known before it is shown, and it is shown before it can be used."""
    lightsail, later = start(visible_after=300, instance_seconds=600)
    before, begun = everything(lightsail), [
        call(lightsail, method)["operations"][0]["id"] for method in (INSTANCE, DISK, DATABASE)]
    told = lambda: {lightsail.get_operation(operationId=id)["operation"]["status"] for id in begun}
    states = lambda: [look(lightsail)["state"] for look in (instance, disk, database)]
    assert {code(look, client=lightsail)[0] for look in (instance, disk, database)} == {NONE}
    assert {code(call, client=lightsail, method=method)[0] for method in (INSTANCE, DISK, DATABASE)} == {BAD}
    assert everything(lightsail) == before
    later(400)
    assert (states(), told()) == ([{"code": 0, "name": "pending"}, "pending", "creating"], {"Started"})
    later(700)
    assert (states(), told()) == ([{"code": 16, "name": "running"}, "available", "available"], {"Succeeded"})


def test_ports_and_addresses(lightsail):
    """A fresh instance has the defaults; what is put closes all other ports."""
    do(lightsail, INSTANCE)
    ports = lambda name: [
        without(port, "state") for port in lightsail.get_instance_port_states(instanceName=name)["portStates"]]
    assert (ports("blog"), ports("new")) == ([OFFICE], [port(22, **ANYONE), port(80, **ANYONE)])
    assert do(lightsail, PORTS, instanceName="new", portInfos=[OFFICE, port(53, "udp")]) == [("Instance", "new")]
    assert ports("new") == [OFFICE, port(53, "udp", **ANYONE)]
    assert do(lightsail, ADDRESS, instanceName="new") == [("StaticIp", "free")]
    addresses, shown = lightsail.get_static_ips()["staticIps"], instance(lightsail)
    assert [(a["attachedTo"], a["isAttached"]) for a in addresses] == [("blog", True), ("new", True)]
    assert (shown["publicIpAddress"], shown["isStaticIp"], shown["ipAddressType"]) == ("192.0.2.8", True, "dualstack")


def test_choices(start, seed):
    seed["lightsail-static-ips"] = [{"name": f"front-{number}"} for number in range(5)]
    lightsail, _ = start(lightsail_page_size=4)
    pages = lambda method, key, **more: [page[key] for page in lightsail.get_paginator(method).paginate(**more)]
    assert [[a["name"][-1] for a in page] for page in pages("get_static_ips", "staticIps")] == [[*"0123"], ["4"]]
    assert [len(page) for page in pages("get_bundles", "bundles")] == [4, 4, 1]
    [first, *_], _, rest = pages("get_bundles", "bundles", includeInactive=True)
    assert (first["bundleId"], first["isActive"], len(rest)) == ("nano_2_0", False, 2)
    assert [len(page) for page in pages("get_relational_database_bundles", "bundles")] == [4, 4]
    [first, *_], _ = pages("get_relational_database_bundles", "bundles")
    assert (first["bundleId"], first["price"], first["isActive"]) == ("micro_2_0", 15, True)
    keys = lambda **more: [k["name"] for k in lightsail.get_key_pairs(**more)["keyPairs"]]
    assert (keys(), keys(includeDefaultKeyPair=True)) == (["ours"], ["LightsailDefaultKeyPair", "ours"])
    zones = {r["name"]: r["availabilityZones"] for r in lightsail.get_regions(includeAvailabilityZones=True)["regions"]}
    assert zones == {at: [{"zoneName": f"{at}{z}", "state": "available"} for z in "abc"] for at in (HOME, DR)}


def test_disks_and_databases(lightsail):
    more = {"availabilityZone": "us-east-1b", "tags": TAGS}
    do(lightsail, DISK, **more, sizeInGb=80, addOns=[daily("03:00")], **AUTOMATIC_DISK, **DAY)
    do(lightsail, ATTACH, diskName="disk", instanceName="shop")
    do(lightsail, DATABASE, **more)
    do(lightsail, DATABASE, relationalDatabaseName="other", **BACKUPS, **NOW)
    for shown in (database(lightsail), disk(lightsail)):
        assert (shown["location"]["availabilityZone"], shown["tags"]) == ("us-east-1b", TAGS)
    assert (shown["sizeInGb"], shown["path"], shown["addOns"][0]["snapshotTimeOfDay"]) == (80, "/dev/xvdg", "03:00")
    do(lightsail, "delete_instance", instanceName="shop")
    assert code(call, client=lightsail, method="delete_disk", diskName="disk")[0] == BAD
    do(lightsail, "delete_disk", diskName="disk", forceDeleteAddOns=True)
    do(lightsail, DELETE_DATABASE)
    base = {"relationalDatabaseName": "base", "skipFinalSnapshot": None}
    do(lightsail, DELETE_DATABASE, **base, finalRelationalDatabaseSnapshotName="last")
    _, left, _, databases, snapshots = [[thing["name"] for thing in things] for things in everything(lightsail)]
    assert (left, databases, snapshots) == (["blog-data", "shop-data", "spare"], ["other"], ["orders-1", "last"])


def test_what_stays_behind(lightsail):
    """An instance's disks and its address do; its automatic snapshots go with it, and its name is free."""
    assert do(lightsail, "delete_instance", instanceName="blog") == [("Instance", "blog")]
    left = disk(lightsail, "blog-data")
    assert (left["state"], left["isAttached"]) == ("available", False) and not {"attachedTo", "path"} & left.keys()
    assert [a["isAttached"] for a in lightsail.get_static_ips()["staticIps"]] == [False, False]
    assert code(call, client=lightsail, method=INSTANCE, **AUTOMATIC, **LATEST)[0] == NONE
    do(lightsail, INSTANCE, instanceNames=["blog"], attachedDiskMapping={"blog": disks(("/dev/xvdf", "new-data"))})


@pytest.mark.parametrize("field, form", [
    ("ipv6Addresses", r"\['([A-F0-9]{1,4}:){7}[A-F0-9]{1,4}'\]"), ("publiclyAccessible", "False"),
    ("relationalDatabaseBundleId", "micro_2_0"), ("relationalDatabaseBlueprintId", "mysql_8_0")])
def test_fields(lightsail, field, form):
    do(lightsail, INSTANCE), do(lightsail, DATABASE)
    assert re.fullmatch(form, str({**instance(lightsail), **database(lightsail)}.get(field)))


each = lambda key, *values, **more: {f"{key} {value}"[:80]: {**more, key: value} for value in values}
given = lambda key, **values: {name.replace("_", " "): {key: value} for name, value in values.items()}
NAMES = ("x", "-x", "a.b", "x" * 256, "blog", "blog-data", "blog-1", "orders", "front")
ALL = {**each("availabilityZone", "us-east-1", "us-east-1z", "US-EAST-1A", "eu-west-1a"), **given(
    "tags", reserved_tag=[{"key": "aws:x"}], long_tag=[{"key": "k" * 129}], tags=[{"key": f"k{n}"} for n in range(51)])}
ONE, TWO, LARGE = ("/dev/xvdf", "one"), ("/dev/xvdf", "two"), {"bundleId": "large_3_0", "attachedDiskMapping": None}
REFUSED = [
    *((method, BAD, {
        "no source": {manual: None}, "both sources": LATEST | {resource: source[resource]}, "a manual date": DAY,
        "a manual latest": LATEST, "neither date": source, "both dates": source | DAY | LATEST, **ALL,
        **each("restoreDate", "2026-1-1", "2026-02-30", "yesterday", "2026-01-01T00:00:00Z", **source),
        **{f"a snapshot at {time}": {"addOns": [daily(time)]} for time in ("03:30", "24:00", "3:00", "+3:00")}})
      for method, source in ((INSTANCE, AUTOMATIC), (DISK, AUTOMATIC_DISK)) for manual, resource in [source]),
    (INSTANCE, BAD, {
        **{f"the name {name[:9]}": named(name) for name in NAMES}, "no name": named(), "one twice": named("one", "one"),
        "one of two taken": named("one", "blog"), **each("instanceSnapshotName", "pending", "error"),
        **{f"the disk {n[:9]}": {"attachedDiskMapping": {"new": disks(("/dev/xvdf", n))}} for n in (*NAMES, "new")},
        **given("attachedDiskMapping", no_mapping={}, no_disk={"new": []}, no_path={"new": [{"newDiskName": "one"}]},
                no_disk_name={"new": [{"originalDiskPath": "/dev/xvdf"}]}, mapped_twice={"new": disks(ONE, TWO)},
                no_such_path={"new": disks(ONE, ("/dev/xvdg", "two"))},
                another_instance={"new": disks(ONE), "old": disks(TWO)}),
        **given("addOns", another=[{"addOnType": "Other"}], no_duration=[on_idle(threshold="2")],
                no_threshold=[on_idle(duration="30")], no_snapshot=[IDLE | {"addOnType": "AutoSnapshot"}],
                no_idle=[daily("03:00") | {"addOnType": "StopInstanceOnIdle"}]), **each("keyPairName", "a.b"),
        **each("bundleId", " ", "huge_9_9", "nano_2_0", "micro_3_0", "small_win_3_0"),
        **each("ipAddressType", "ipv5", "ipv6"), **each("bundleId", "small_ipv6_3_0", ipAddressType="dualstack")}),
    (INSTANCE, NONE, {
        **each("instanceSnapshotName", "none", "spare-1", "far-1"), **each("keyPairName", "none", "theirs"),
        **each("restoreDate", "2025-12-31", "2026-01-03", **AUTOMATIC),
        **each("sourceInstanceName", "none", "shop", "spare", **AUTOMATIC | LATEST | LARGE)}),
    (DISK, BAD, {**each("diskName", *NAMES), **each("sizeInGb", 63, 0), "an instance's add-on": {"addOns": [IDLE]}}),
    (DISK, NONE, {
        **each("diskSnapshotName", "none", "blog-1"), **each("restoreDate", "2026-01-03", **AUTOMATIC_DISK),
        **each("sourceDiskName", "none", "blog", **AUTOMATIC_DISK, **LATEST)}),
    (DATABASE, BAD, {
        "no source": {"relationalDatabaseSnapshotName": None}, "no time": BACKUPS, "a manual time": NOW, **ALL,
        "both sources": BACKUPS | NOW | BASE[DATABASE], "both": BACKUPS | AHEAD | NOW, "too late": BACKUPS | AHEAD,
        **each("relationalDatabaseName", *NAMES), **each("relationalDatabaseBundleId", "huge_9_9")}),
    (DATABASE, NONE, each("relationalDatabaseSnapshotName", "none", "blog-1")),
    (DATABASE, NONE, each("sourceRelationalDatabaseName", "none", **BACKUPS, **NOW)),
    (PORTS, BAD, given("portInfos", no_port=[{"protocol": "tcp"}], another=[port(1, "http")], high=[port(65536)])),
    # The model: "to a running or stopped Lightsail instance", and "The disk must be in the available state".
    (ATTACH, BAD, each("diskPath", "/dev/xvdf") | each("instanceName", "shop", "late")),
    (ATTACH, BAD, each("diskName", "blog-data", "later")), ("delete_instance", BAD, each("instanceName", "late")),
    ("delete_disk", BAD, each("diskName", "blog-data", "later")),
    (ADDRESS, BAD, each("instanceName", "blog", "late")), (ADDRESS, NONE, each("staticIpName", "none")),
    (DELETE_DATABASE, BAD, each("finalRelationalDatabaseSnapshotName", None, "blog", "a.b", skipFinalSnapshot=False)),
    (DELETE_DATABASE, BAD, each("finalRelationalDatabaseSnapshotName", "last")),
    *((method, NONE, each(key, "none")) for key, methods in {
        "diskName": ("get_disk", "delete_disk", ATTACH),
        "instanceName": ("get_instance", "get_instance_port_states", "delete_instance", PORTS, ADDRESS, ATTACH),
        "relationalDatabaseName": ("get_relational_database", DELETE_DATABASE)}.items() for method in methods)]


@pytest.mark.parametrize("method, expected, changes", [
    pytest.param(method, expected, changes, id=f"{method}: {name}")
    for method, expected, rows in REFUSED for name, changes in rows.items()])
def test_refused(start, method, expected, changes):
    """Beside "late", a pending instance with an add-on, and "later", a pending disk; and nothing becomes of it."""
    lightsail, _ = start(instance_seconds=600)
    call(lightsail, INSTANCE, **named("late"), addOns=[IDLE])
    call(lightsail, DISK, diskName="later")
    before = everything(lightsail)
    assert code(call, client=lightsail, method=method, **changes)[:2] == (expected, 400)
    assert everything(lightsail) == before
