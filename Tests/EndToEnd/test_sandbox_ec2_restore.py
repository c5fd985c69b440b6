"""boto3 against the sandbox's EC2: what a restore reads, makes from snapshots, puts in place and takes away."""

import datetime
import re
import xml.etree.ElementTree

import pytest

from conftest import HOME, moved_clock
from test_sandbox_boto3 import DATA_VOLUME, DB, ROOT_VOLUME, WEB, code, recent, without

BAD, PAIR, MAPPING = "InvalidParameterValue", "InvalidParameterCombination", "InvalidBlockDeviceMapping"
STATE, NONE, NO_KEY = "IncorrectState", "Invalid{}.NotFound".format, "InvalidParameterDependency"
KEY, PROFILE = "arn:aws:kms:us-east-1:123456789012:key/ours", {"Arn": "arn:aws:iam::123456789012:instance-profile/web"}
TAGS = [{"Key": "Name", "Value": "restored"}, {"Key": "odd <&> \"key\"", "Value": ""}]
GP3, FAST = ({"VolumeType": "gp3", "Iops": iops, "Throughput": rate} for iops, rate in ((3000, 125), (4000, 250)))
FIRMWARE, ZONE_B, ONCE = "QU1aTlVFRkkr/w==", {"AvailabilityZone": "us-east-1b"}, {"ClientToken": "once"}

tagged = lambda *kinds, tags=TAGS: {"TagSpecifications": [{"ResourceType": kind, "Tags": tags} for kind in kinds]}
devices = lambda **ebs: {"BlockDeviceMappings": [{"DeviceName": f"/dev/{name}", "Ebs": ebs[name]} for name in ebs]}
data = lambda **more: devices(xvda={"SnapshotId": "snap-root"}, sdf={"SnapshotId": "snap-data", **more})
root = lambda **more: devices(xvda=more)
same = lambda **given: (given, given)
each = lambda key, *values, **more: {f"{key} {value}"[:50]: {**more, key: value} for value in values}

BASE = {
    "create_volume": {"AvailabilityZone": "us-east-1a", "SnapshotId": "snap-data", "VolumeType": "gp3"},
    "attach_volume": {"VolumeId": "vol-free", "InstanceId": WEB, "Device": "/dev/sdh"},
    "detach_volume": {"VolumeId": DATA_VOLUME}, "delete_volume": {"VolumeId": "vol-free"},
    "register_image": {"Name": "golden", "RootDeviceName": "/dev/xvda", "VirtualizationType": "hvm",
                       "Architecture": "x86_64", **data(DeleteOnTermination=False)},
    "deregister_image": {"ImageId": "ami-old"}, "terminate_instances": {"InstanceIds": [WEB]},
    "run_instances": {"ImageId": "ami-old", "MinCount": 1, "MaxCount": 1, "InstanceType": "m7i.large"},
    "create_replace_root_volume_task": {"InstanceId": WEB, "SnapshotId": "snap-root"},
    "describe_replace_root_volume_tasks": {}, "describe_availability_zones": {}, "describe_subnets": {},
    "get_instance_uefi_data": {"InstanceId": "i-full"}}
CREATE, ATTACH, DETACH, DELETE, REGISTER, DEREGISTER, TERMINATE, RUN, REPLACE, TASKS, ZONES, SUBNETS, UEFI = BASE
TASK, IN_FULL, OF_IMAGE = "replace-root-volume-task", {"InstanceId": "i-full", "SnapshotId": "snap-full"}, {
    "Architecture": "arm64", "BootMode": "uefi", "TpmSupport": "v2.0"}
PLAIN = {"InstanceType": "r7g.large", "KeyName": "ours", "SubnetId": "subnet-us-east-1b", "Placement": ZONE_B,
         "IamInstanceProfile": PROFILE, "EbsOptimized": True}
WHOLE = PLAIN | {"SecurityGroupIds": ["sg-1", "sg-2"], "UserData": "#!/bin/sh", **tagged("instance", "volume")}
volume = lambda ec2, id: ec2.describe_volumes(VolumeIds=[id])["Volumes"][0]
instance = lambda ec2, id: ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]
launch = lambda ec2, **changes: call(ec2, RUN, **changes)["Instances"][0]
tasks = lambda ec2, **which: call(ec2, TASKS, **which)["ReplaceRootVolumeTasks"]
mapped = lambda shown: {device["DeviceName"]: device["Ebs"] for device in shown.get("BlockDeviceMappings", [])}
groups = lambda shown: [group["GroupId"] for group in shown["SecurityGroups"]]
old = lambda ec2: [v["State"] for v in ec2.describe_volumes()["Volumes"] if v["VolumeId"] == ROOT_VOLUME]
everything = lambda ec2: [tasks(ec2), [s["SnapshotId"] for s in ec2.describe_snapshots()["Snapshots"]], *(
    without(getattr(ec2, f"describe_{things}")(), "ResponseMetadata") for things in ("instances", "volumes", "images"))]


def call(ec2, method, **changes):
    """Makes a good request with some changes; a parameter that becomes None is left out."""
    asked = {name: value for name, value in {**BASE[method], **changes}.items() if value is not None}
    return without(getattr(ec2, method)(**asked), "ResponseMetadata")


def check(element, shape):
    """That botocore's model knows all of a reply, and in that form."""
    parts = {"item": shape.member} if shape.type_name == "list" else {
        member.serialization.get("name", name): member for name, member in getattr(shape, "members", {}).items()}
    for child in element:
        if not child.tag.endswith("}requestId"):
            check(child, parts[child.tag.rpartition("}")[2]])
    form = {"boolean": "true|false", "integer": r"\d+", "timestamp": r"[\d-]{10}T[\d:.]+Z"}.get(shape.type_name, ".*")
    assert re.fullmatch(form, element.text or "") and element.text in (getattr(shape, "enum", 0) or [element.text])


@pytest.fixture
def seed(seed):
    """The sample world, with an instance of which much is known, a stopped one, a free volume and snapshots."""
    seed["timings"] |= {"instance-seconds": 0, "snapshot-seconds": 600}
    seed["ec2-volumes"], seed["images"] = [{"id": "vol-free"}], [{"id": "ami-old", "snapshots": ["snap-old"]}]
    seed["ec2-instances"] += [
        {"id": "i-full", "zone": "b", "type": "r7g.xlarge", "architecture": "arm64", "key-name": "ours",
         "boot-mode": "uefi", "tpm-support": "v2.0", "uefi-data": FIRMWARE, "subnet": "subnet-us-east-1b",
         "security-groups": ["sg-1", "sg-2"], "profile": PROFILE["Arn"], "platform": "RHEL", "volumes": [
             {"id": "vol-full", "device": "/dev/sda1", "boot": True, "size": 9, "kms-key": KEY, "iops": 4000}]},
        {"id": "i-stopped", "state": "stopped", "volumes": [{"id": "vol-stop", "device": "/dev/xvda", "boot": True}]}]
    seed["snapshots"] = [{"id": f"snap-{name}", "volume": source, "start": "-1d", **more} for name, source, more in (
        ("root", ROOT_VOLUME, {}), ("data", DATA_VOLUME, {"size": 50}), ("full", "vol-full", {"size": 9}),
        ("old", "vol-gone", {}), ("secret", "vol-gone", {"kms-key": KEY}), ("theirs", "vol-9", {"owner": "9" * 12}),
        ("pending", ROOT_VOLUME, {"state": "pending"}), ("error", ROOT_VOLUME, {"state": "error"}))]
    return seed


@pytest.fixture
def start(start_sandbox, seed, tmp_path):
    """Starts a world in which some things take their time; gives a client, its clock and its admin."""
    def start(**timings):
        (clock := tmp_path / "clock").write_text("+0\n")
        seed["timings"] |= {name.replace("_", "-"): value for name, value in timings.items()}
        sandbox = start_sandbox(seed, env=moved_clock(clock) | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        ec2, later = sandbox.client("ec2"), lambda seconds: clock.write_text(f"+{seconds}\n")
        ec2.meta.events.register("before-parse.ec2", lambda operation_model, response_dict, **_: (
            response_dict["status_code"] != 200 or not operation_model.output_shape
            or check(xml.etree.ElementTree.fromstring(response_dict["body"]), operation_model.output_shape)))
        return ec2, later, sandbox.admin
    return start


@pytest.fixture
def ec2(start):
    return start()[0]


FIELDS = {
    "volume": {
        "little": ({}, {**GP3, "Size": 50, "Encrypted": False, "MultiAttachEnabled": False}),
        "gp3": same(Size=80, Encrypted=True, KmsKeyId=KEY, **FAST, **ZONE_B),
        "io2": same(VolumeType="io2", Iops=500, MultiAttachEnabled=True), "tags": (tagged("volume"), {"Tags": TAGS}),
        "gp2's baseline": ({"VolumeType": None}, {"VolumeType": "gp2", "Iops": 150}),
        "encrypted snapshot": ({"SnapshotId": "snap-secret"}, {"Encrypted": True, "KmsKeyId": KEY}),
        "key by alias": ({"Encrypted": True, "KmsKeyId": "alias/ours"}, {"KmsKeyId": KEY.replace("key/", "alias/")}),
        "shared snapshot": same(SnapshotId="snap-theirs"), "initialization rate": same(VolumeInitializationRate=200)},
    "image": {
        "little": ({}, {"Name": "golden", "State": "available", "OwnerId": "123456789012", "RootDeviceType": "ebs"}),
        "tags": (tagged("image"), {"Tags": TAGS}), **{name: same(**{name: value}) for name, value in {
            "Description": "of a point", "SriovNetSupport": "simple", "ImdsSupport": "v2.0", "EnaSupport": True,
            "RootDeviceName": "/dev/xvda", "VirtualizationType": "hvm", **OF_IMAGE}.items()},
        "default virtualization": ({"VirtualizationType": None}, {"VirtualizationType": "paravirtual"})},
    "device of an image": {
        "little": ({}, {"SnapshotId": "snap-data", "VolumeSize": 50, "DeleteOnTermination": True, "Encrypted": False}),
        "size and end": same(VolumeSize=80, DeleteOnTermination=False), "type and speed": same(**FAST)},
    "instance": {
        "much": ({}, PLAIN | {"Tags": TAGS, "RootDeviceName": "/dev/xvda"}), "image": ({}, OF_IMAGE),
        "private address": same(PrivateIpAddress="10.0.0.8"), "token": same(ClientToken="once"),
        "VPC": ({}, {"VpcId": "vpc-us-east-1"}), "zone of the subnet": ({"Placement": None}, {"Placement": ZONE_B}),
        "default subnet": ({"SubnetId": None}, {"SubnetId": "subnet-us-east-1b"}),
        "profile by name": ({"IamInstanceProfile": {"Name": "web"}}, {"IamInstanceProfile": PROFILE})},
    "device of an instance": {
        "little": ({}, {"SnapshotId": "snap-data", "Size": 50, "DeleteOnTermination": False, "Tags": TAGS, **ZONE_B}),
        "size": ({"VolumeSize": 80}, {"Size": 80, "State": "in-use", "Status": "attached"}),
        "much": same(Encrypted=True, KmsKeyId=KEY, DeleteOnTermination=True, **FAST)}}


@pytest.mark.parametrize("kind, asked, expected", [
    pytest.param(kind, *row, id=f"{kind}: {name}") for kind, rows in FIELDS.items() for name, row in rows.items()])
def test_every_parameter_comes_back(ec2, kind, asked, expected):
    if kind == "volume":
        made = call(ec2, CREATE, **asked)
        assert without(made, "State") == without(shown := volume(ec2, made["VolumeId"]), "State")
    elif "image" in kind:
        made = call(ec2, REGISTER, **asked if kind == "image" else data(**asked))
        [shown] = ec2.describe_images(ImageIds=[made["ImageId"]])["Images"]
        assert recent(datetime.datetime.fromisoformat(shown["CreationDate"]))
    else:
        made = call(ec2, REGISTER, **OF_IMAGE, UefiData=FIRMWARE)
        shown = launch(ec2, **WHOLE | made | (asked if kind == "instance" else devices(sdf=asked)))
        assert shown == {**instance(ec2, shown["InstanceId"]), **made} and groups(shown) == ["sg-1", "sg-2"]
        assert call(ec2, UEFI, InstanceId=shown["InstanceId"])["UefiData"] == FIRMWARE
    if "device" in kind:
        shown = (ebs := mapped(shown)["/dev/sdf"]) | (volume(ec2, ebs["VolumeId"]) if "VolumeId" in ebs else {})
    assert {name: shown.get(name) for name in expected} == expected


def test_what_is_made_takes_its_time(start):
    """Its token holds before it is shown, and it is shown before it can be used; it is made once."""
    ec2, later, _ = start(visible_after=300, instance_seconds=600)
    make = lambda: (call(ec2, CREATE, **ONCE), launch(ec2, **ONCE))
    made, launched = new = make()
    assert (made["State"], launched["State"]) == ("creating", {"Code": 0, "Name": "pending"}) and make() == new
    assert [code(look, ec2=ec2, id=thing[f"{name}Id"])[0] for look, thing, name in (
        (volume, made, "Volume"), (instance, launched, "Instance"))] == [NONE("Volume"), NONE("InstanceID")]
    for seconds, states in ((400, ("creating", "pending")), (700, ("available", "running"))):
        later(seconds), make()
        shown, running = volume(ec2, made["VolumeId"]), instance(ec2, launched["InstanceId"])
        assert (shown["State"], running["State"]["Name"]) == states
    assert len([v for v in ec2.describe_volumes()["Volumes"] if v.get("SnapshotId")]) == 2


def test_attaching(ec2, to="i-stopped"):
    place = (which := {"VolumeId": call(ec2, CREATE)["VolumeId"]}) | {"InstanceId": to, "Device": "/dev/sdz"}
    bare, shown = lambda a: without(a, "AttachTime", "DeleteOnTermination"), lambda: volume(ec2, which["VolumeId"])
    assert bare(call(ec2, ATTACH, **place)) == {**place, "State": "attaching"}
    assert ([bare(a) for a in shown()["Attachments"]], shown()["State"]) == ([{**place, "State": "attached"}], "in-use")
    assert mapped(instance(ec2, to))["/dev/sdz"] == {**which, "Status": "attached", "DeleteOnTermination": False}
    assert bare(call(ec2, DETACH, **which)) == {**place, "State": "detaching"} and len(mapped(instance(ec2, to))) == 1
    assert shown()["State"] == "available" and call(ec2, DELETE, **which) == {}
    assert code(call, ec2=ec2, method=DELETE, **which)[0] == NONE("Volume")


def test_an_image_holds_its_name_and_its_snapshots(ec2):
    """Until it is deregistered, which leaves the snapshots."""
    made, snapshots = call(ec2, REGISTER), ("snap-root", "snap-data")
    assert code(call, ec2=ec2, method=REGISTER)[:2] == ("InvalidAMIName.Duplicate", 400)
    assert {code(ec2.delete_snapshot, SnapshotId=id)[0] for id in snapshots} == {"InvalidSnapshot.InUse"}
    assert call(ec2, DEREGISTER, **made) == {"Return": True}
    for again in (DEREGISTER, RUN):
        assert code(call, ec2=ec2, method=again, **made)[0] in (NONE("AMIID"), "InvalidAMIID.Unavailable")
    call(ec2, DEREGISTER, **call(ec2, REGISTER))
    [ec2.delete_snapshot(SnapshotId=id) for id in snapshots]


def test_terminating(ec2):
    """Volumes go or stay as they were to; again it is no error, and with an unknown id nothing happens."""
    id, data = (new := launch(ec2, **ONCE, **call(ec2, REGISTER)))["InstanceId"], mapped(new)["/dev/sdf"]["VolumeId"]
    before = everything(ec2)
    assert code(call, ec2=ec2, method=TERMINATE, InstanceIds=[id, "i-0"])[0] == NONE("InstanceID")
    assert everything(ec2) == before
    ends = {"Code": 32, "Name": "shutting-down"}, {"Code": 48, "Name": "terminated"}
    for earlier in (({"Code": 16, "Name": "running"},), ends):
        [change] = call(ec2, TERMINATE, InstanceIds=[id])["TerminatingInstances"]
        assert change["InstanceId"] == id and change["PreviousState"] in earlier and change["CurrentState"] in ends
    left = [v for v in ec2.describe_volumes()["Volumes"] if v.get("SnapshotId")]
    assert [(v["VolumeId"], v["State"], "Attachments" in v) for v in left] == [(data, "available", False)]
    assert code(launch, ec2=ec2, **ONCE, ImageId=new["ImageId"])[0] == "IdempotentInstanceTerminated"


@pytest.mark.parametrize("asked, left", [
    pytest.param({"DeleteReplacedRootVolume": True}, [], id="deleted"), pytest.param({}, ["available"], id="kept")])
def test_replacing_a_root(start, asked, left):
    """The new one is as the old one but for its data; the old one is there until the task is over."""
    ec2, later, _ = start(instance_seconds=600)
    (task,), (again,) = (call(ec2, REPLACE, **ONCE, **asked, **tagged(TASK)).values() for _ in range(2))
    found = tasks(ec2, Filters=[{"Name": "instance-id", "Values": [WEB]}])
    assert [again] == found == tasks(ec2, ReplaceRootVolumeTaskIds=[task["ReplaceRootVolumeTaskId"]]) == [task]
    during, _ = old(ec2), later(700)
    [done], root = tasks(ec2), mapped(instance(ec2, WEB))["/dev/xvda"]
    assert recent(datetime.datetime.fromisoformat(done["StartTime"])) and done.pop("CompleteTime") > done["StartTime"]
    assert done == task | BASE[REPLACE] | {"TaskState": "succeeded", "Tags": TAGS, "DeleteReplacedRootVolume": not left}
    assert (it := volume(ec2, root["VolumeId"])) | GP3 | {"Size": 8, "SnapshotId": "snap-root", "State": "in-use"} == it
    assert root["DeleteOnTermination"] and root["VolumeId"] != ROOT_VOLUME and old(ec2) == left
    assert task["TaskState"] in ("pending", "in-progress") and "CompleteTime" not in task and during


@pytest.mark.parametrize("times", [1, 2])
def test_replacing_a_root_again(ec2, times):
    """EC2's user guide: an encrypted root stays so, and the snapshots of any earlier root serve."""
    [call(ec2, REPLACE, **IN_FULL) for _ in range(times)]
    fresh = volume(ec2, mapped(instance(ec2, "i-full"))["/dev/sda1"]["VolumeId"])
    assert (fresh["Iops"], fresh["Encrypted"], fresh.get("KmsKeyId")) == (4000, True, KEY)


def test_what_there_is(ec2):
    zones, subnets = call(ec2, ZONES)["AvailabilityZones"], call(ec2, SUBNETS)["Subnets"]
    assert zones == [{"ZoneName": f"{HOME}{z}", "State": "available", "ZoneType": "availability-zone"} for z in "abc"]
    assert subnets == [{"SubnetId": f"subnet-{zone['ZoneName']}", "AvailabilityZone": zone["ZoneName"],
                        "VpcId": "vpc-us-east-1", "DefaultForAz": True} for zone in zones]
    of_b = lambda name: {"Filters": [{"Name": name, "Values": ["*b"]}]}
    assert call(ec2, ZONES, **of_b("zone-name"))["AvailabilityZones"] == [zones[1]]
    for which in (of_b("availability-zone"), {"SubnetIds": ["subnet-us-east-1b"]}):
        assert call(ec2, SUBNETS, **which)["Subnets"] == [subnets[1]]
    assert call(ec2, UEFI) == {"InstanceId": "i-full", "UefiData": FIRMWARE}
    known = without(PLAIN, "EbsOptimized") | OF_IMAGE | {"InstanceType": "r7g.xlarge", "PlatformDetails": "RHEL"}
    assert (shown := instance(ec2, "i-full")) | known == shown and groups(shown) == ["sg-1", "sg-2"]


REFUSED = [
    *((method, *rows) for method in (CREATE, REPLACE) for rows in (
        (NONE("Snapshot"), each("SnapshotId", "snap-0")), (STATE, each("SnapshotId", "snap-pending", "snap-error")))),
    *((method, BAD, {"another kind's tags": tagged("snapshot"), "tags twice": tagged(kind, tags=TAGS * 2)})
      for method, kind in ((CREATE, "volume"), (REGISTER, "image"), (RUN, "instance"), (REPLACE, TASK))),
    (CREATE, BAD, each("Size", 49, 65537) | each("Iops", 2999, 80001) | each("Throughput", 124, 2001) | each(
        "VolumeInitializationRate", 99, 301) | each("VolumeType", "st1")),  # which begins at 125 GiB
    (CREATE, NONE("Zone"), each("AvailabilityZone", "us-east-1", "us-east-1z", "eu-west-1a")),
    (CREATE, PAIR, each("VolumeType", "gp2", "standard", Iops=3000) | each("VolumeType", "gp2", "io2", Throughput=125)),
    (CREATE, "MissingParameter", each("VolumeType", "io1", "io2") | each("SnapshotId", None)),
    (CREATE, f"{BAD}|{PAIR}", each("MultiAttachEnabled", True)), (CREATE, "UnknownVolumeType", each("VolumeType", "x")),
    (CREATE, NO_KEY, each("KmsKeyId", KEY)), (RUN, NO_KEY, {"KmsKeyId": root(KmsKeyId=KEY)}),
    (ATTACH, "InvalidVolume.ZoneMismatch", each("InstanceId", "i-full")), (ATTACH, BAD, each("Device", "/dev/sdf")),
    (ATTACH, STATE, each("InstanceId", "i-late")), (DETACH, STATE, each("VolumeId", "vol-free", ROOT_VOLUME)),
    (DETACH, "InvalidAttachment.NotFound", each("InstanceId", DB)), (RUN, MAPPING, {"small": root(VolumeSize=7)}),
    *((method, expected, each("VolumeId", id)) for method in (ATTACH, DELETE) for expected, id in (
        ("VolumeInUse", DATA_VOLUME), (STATE, "vol-late"), (NONE("Volume"), "vol-0"))),
    *((method, NONE("InstanceID"), each("InstanceId", "i-0")) for method in (ATTACH, REPLACE, UEFI)),
    *((method, NONE("AMIID"), each("ImageId", "ami-0")) for method in (DEREGISTER, RUN)),
    (REGISTER, "InvalidAMIName.Malformed", each("Name", "x" * 129, "a?b")),
    (REGISTER, NONE("Snapshot"), {"none": root(SnapshotId="snap-0")}), (REGISTER, MAPPING, each("RootDeviceName", "/")),
    (REGISTER, f"{MAPPING}|InvalidParameter.*", {"small": data(VolumeSize=9), "encryption": data(Encrypted=True)}),
    (RUN, NONE("SubnetID"), each("SubnetId", "subnet-0")), (SUBNETS, NONE("SubnetID"), each("SubnetIds", ["subnet-0"])),
    (RUN, f"{BAD}|{PAIR}", each("Placement", ZONE_B, {"AvailabilityZone": "us-east-1z"}, SubnetId="subnet-us-east-1a")),
    (REPLACE, BAD, each("SnapshotId", "snap-data", "snap-copy")), (UEFI, "Unsupported.*", each("InstanceId", WEB)),
    (REPLACE, "IncorrectInstanceState", each("InstanceId", "i-stopped", "i-late")),
    *((method, "IdempotentParameterMismatch", {f"token, {key}": ONCE | first | {key: more[key]} for key in more})
      for method, first, more in (
        (CREATE, {}, FAST | ZONE_B | tagged("volume") | {"VolumeType": "gp2", "SnapshotId": "snap-root", "Size": 60}),
        (RUN, {}, root(VolumeSize=9) | {"ImageId": "ami-new", "InstanceType": "m7i.xlarge", "KeyName": "other"}),
        (REPLACE, IN_FULL, {"InstanceId": WEB, "DeleteReplacedRootVolume": True}))),
    *((method, "DryRunOperation", each("DryRun", True)) for method in [*BASE][:9]),
    *((method, "UnauthorizedOperation", {"denied": {}}) for method in BASE)]


@pytest.mark.parametrize("method, expected, changes", [
    pytest.param(method, code, rows[name], id=f"{method}: {name}") for method, code, rows in REFUSED for name in rows])
def test_refused(start, method, expected, changes):
    """Beside "vol-late", still being created, "i-late", still pending, and "snap-copy"; and nothing becomes of it."""
    ec2, _, admin = start(instance_seconds=600)
    late = {"vol-late": call(ec2, CREATE, **ONCE)["VolumeId"], "i-late": launch(ec2, **ONCE)["InstanceId"]}
    late["snap-copy"] = ec2.copy_snapshot(SourceRegion=HOME, SourceSnapshotId="snap-root")["SnapshotId"]
    changes = {name: late.get(str(value), value) for name, value in changes.items()}
    call(ec2, REPLACE, **IN_FULL, **ONCE)
    before, denied = everything(ec2), expected == "UnauthorizedOperation"
    admin("POST", "set", {"denied": [f"ec2:{ec2.meta.method_to_api_mapping[method]}"] * denied})
    refused, status, _ = code(call, ec2=ec2, method=method, **changes)
    admin("POST", "set", {"denied": []})
    assert re.fullmatch(expected, refused) and status == {"Dry": 412, "Una": 403}.get(expected[:3], 400), refused
    assert everything(ec2) == before
