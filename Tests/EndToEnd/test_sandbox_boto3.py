"""boto3 against the sandbox: every operation's reply, the errors, the pages, and the check of signatures."""

import datetime
import http.client
import json
import signal
import time

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from conftest import ACCESS_KEY, DR, HOME, SECRET_KEY, AdminError, moved_clock

WEB = "i-0a1b2c3d4e5f60001"
DB = "i-0a1b2c3d4e5f60003"
ROOT_VOLUME = "vol-0a1b2c3d4e5f61001"
DATA_VOLUME = "vol-0a1b2c3d4e5f61002"
OURS = [{"Key": "snapwarden:fleet", "Value": "demo"}, {"Key": "odd <&> \"value\"", "Value": "ä\u2713 'x'"}]


def code(call, **arguments):
    """The code, status and message of the ClientError that the call raises."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    reply = caught.value.response
    assert reply["ResponseMetadata"]["RequestId"]
    return reply["Error"]["Code"], reply["ResponseMetadata"]["HTTPStatusCode"], reply["Error"]["Message"]


def without_metadata(reply):
    return {key: value for key, value in reply.items() if key != "ResponseMetadata"}


def make_set(sandbox, instance=WEB, **more):
    return sandbox.client("ec2").create_snapshots(
        InstanceSpecification={"InstanceId": instance}, Description="nightly",
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": OURS}], **more)["Snapshots"]


def recent(moment):
    return abs((datetime.datetime.now(datetime.timezone.utc) - moment).total_seconds()) < 30


# EC2


def test_describe_instances(sandbox):
    reply = sandbox.client("ec2").describe_instances(InstanceIds=[WEB])
    assert without_metadata(reply)["Reservations"][0].keys() == {"ReservationId", "OwnerId", "Instances"}
    assert reply["Reservations"][0]["Instances"] == [{
        "InstanceId": WEB, "State": {"Code": 16, "Name": "running"}, "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [
            {"DeviceName": device, "Ebs": {
                "Status": "attached", "VolumeId": f"vol-0a1b2c3d4e5f6100{number}", "DeleteOnTermination": number == 1}}
            for number, device in ((1, "/dev/xvda"), (2, "/dev/sdf"), (3, "/dev/sdg"))],
        "InstanceType": "m7i.large", "Architecture": "x86_64", "VirtualizationType": "hvm", "EnaSupport": True,
        "PlatformDetails": "Linux/UNIX", "Placement": {"AvailabilityZone": "us-east-1a"},
        "Tags": [
            {"Key": "Name", "Value": "web-1"}, {"Key": "backup", "Value": "yes"}, {"Key": "role", "Value": "web"}],
    }]


def test_describe_volumes(sandbox):
    reply = sandbox.client("ec2").describe_volumes(Filters=[{"Name": "tag:scratch", "Values": ["true"]}])
    assert reply["Volumes"] == [{
        "VolumeId": "vol-0a1b2c3d4e5f63003", "Size": 100, "VolumeType": "gp3", "State": "in-use", "Encrypted": False,
        "AvailabilityZone": "us-east-1a", "MultiAttachEnabled": False, "Iops": 3000, "Throughput": 125,
        "Attachments": [
            {"VolumeId": "vol-0a1b2c3d4e5f63003", "InstanceId": DB, "Device": "/dev/sdg", "State": "attached"}],
        "Tags": [{"Key": "scratch", "Value": "true"}]}]


def test_create_snapshots(sandbox):
    made = make_set(sandbox)
    assert len({snapshot["SnapshotId"] for snapshot in made}) == 3
    assert len({snapshot["StartTime"] for snapshot in made}) == 1
    assert recent(made[0]["StartTime"])
    assert [without(snapshot, "SnapshotId", "StartTime") for snapshot in made] == [
        {"Description": "nightly", "Tags": OURS, "Encrypted": False, "VolumeId": f"vol-0a1b2c3d4e5f6100{number}",
         "State": "pending", "VolumeSize": size, "Progress": "0%", "OwnerId": "123456789012", "SseType": "none"}
        for number, size in ((1, 8), (2, 50), (3, 20))]


def without(value, *keys):
    return {key: item for key, item in value.items() if key not in keys}


def test_create_snapshots_with_exclusions_and_source_tags(sandbox):
    ec2 = sandbox.client("ec2")
    made = ec2.create_snapshots(
        InstanceSpecification={
            "InstanceId": DB, "ExcludeBootVolume": True, "ExcludeDataVolumeIds": ["vol-0a1b2c3d4e5f63002"]},
        CopyTagsFromSource="volume", TagSpecifications=[{"ResourceType": "snapshot", "Tags": OURS}])["Snapshots"]
    assert [snapshot["VolumeId"] for snapshot in made] == ["vol-0a1b2c3d4e5f63003"]
    assert made[0]["Tags"] == [{"Key": "scratch", "Value": "true"}] + OURS


def test_create_snapshot_of_a_volume_by_itself(start_sandbox, seed):
    seed["ec2-volumes"] = [{"id": "vol-alone", "name": "archive", "size": 100, "type": "sc1"}]
    ec2 = start_sandbox(seed).client("ec2")
    shown = ec2.describe_volumes(VolumeIds=["vol-alone"])["Volumes"]
    assert shown == [{
        "VolumeId": "vol-alone", "Size": 100, "VolumeType": "sc1", "State": "available", "Encrypted": False,
        "AvailabilityZone": "us-east-1a", "MultiAttachEnabled": False, "Tags": [{"Key": "Name", "Value": "archive"}]}]
    made = without_metadata(ec2.create_snapshot(
        VolumeId="vol-alone", Description="nightly", TagSpecifications=[{"ResourceType": "snapshot", "Tags": OURS}]))
    assert recent(made["StartTime"])
    assert without(made, "SnapshotId", "StartTime") == {
        "Description": "nightly", "Tags": OURS, "Encrypted": False, "VolumeId": "vol-alone", "State": "pending",
        "VolumeSize": 100, "Progress": "", "OwnerId": "123456789012"}
    assert code(ec2.create_snapshot, VolumeId="vol-alone")[0] == "SnapshotCreationPerVolumeRateExceeded"
    assert code(ec2.create_snapshot, VolumeId="vol-none")[0] == "InvalidVolume.NotFound"
    assert code(ec2.create_snapshot, VolumeId=ROOT_VOLUME, DryRun=True) == (
        "DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set.")


def test_create_snapshots_in_a_local_zone_and_on_an_outpost(start_sandbox):
    volume = {"device": "/dev/xvda", "boot": True}
    sandbox = start_sandbox({"ec2-instances": [
        {"id": "i-z", "local-zone": "us-east-1-bos-1a", "volumes": [{"id": "vol-z", **volume}]},
        {"id": "i-o", "outpost": "arn:aws:outposts:us-east-1:1:outpost/op-1", "volumes": [{"id": "vol-o", **volume}]},
    ]})
    ec2 = sandbox.client("ec2")
    local = ec2.create_snapshots(InstanceSpecification={"InstanceId": "i-z"}, Location="local")
    assert local["Snapshots"][0]["AvailabilityZone"] == "us-east-1-bos-1a"
    outpost = ec2.create_snapshots(
        InstanceSpecification={"InstanceId": "i-o"}, OutpostArn="arn:aws:outposts:us-east-1:1:outpost/op-1")
    assert outpost["Snapshots"][0]["OutpostArn"] == "arn:aws:outposts:us-east-1:1:outpost/op-1"


def test_describe_snapshots(sandbox):
    made = make_set(sandbox)[0]
    shown = sandbox.client("ec2").describe_snapshots(SnapshotIds=[made["SnapshotId"]])["Snapshots"]
    assert shown == [{
        "SnapshotId": made["SnapshotId"], "VolumeId": ROOT_VOLUME, "State": "completed", "Progress": "100%",
        "StartTime": made["StartTime"], "CompletionTime": made["StartTime"], "OwnerId": "123456789012",
        "Description": "nightly", "VolumeSize": 8, "Encrypted": False, "StorageTier": "standard", "Tags": OURS,
        "FullSnapshotSizeInBytes": 8 << 30}]


def test_progress_is_a_matter_of_time(start_sandbox, seed):
    seed["timings"] = {"snapshot-seconds": 1000}
    sandbox = start_sandbox(seed)
    made = make_set(sandbox)[0]
    shown = sandbox.client("ec2").describe_snapshots(SnapshotIds=[made["SnapshotId"]])["Snapshots"][0]
    assert (shown["State"], shown["Progress"]) == ("pending", "0%")
    assert "CompletionTime" not in shown


@pytest.mark.parametrize("name, values, count", [
    ("tag:snapwarden:fleet", ["demo"], 3), ("tag:snapwarden:fleet", ["d?m*"], 3), ("tag:snapwarden:fleet", ["dem"], 0),
    ("tag-key", ["snapwarden:fleet"], 3), ("status", ["completed"], 3), ("status", ["pending", "error"], 0),
    ("volume-id", [DATA_VOLUME], 1), ("description", ["night*"], 3), ("start-time", ["20*"], 3),
])
def test_snapshot_filters(sandbox, name, values, count):
    make_set(sandbox)
    reply = sandbox.client("ec2").describe_snapshots(OwnerIds=["self"], Filters=[{"Name": name, "Values": values}])
    assert len(reply["Snapshots"]) == count


def test_snapshot_pages(start_sandbox, seed):
    seed["snapshots"] = [{"volume": "vol-1", "start": f"-{days}d"} for days in range(1, 24)]
    sandbox = start_sandbox(seed)
    pages = list(sandbox.client("ec2").get_paginator("describe_snapshots").paginate(
        OwnerIds=["self"], PaginationConfig={"PageSize": 10}))
    assert [len(page["Snapshots"]) for page in pages] == [10, 10, 3]
    assert len({snapshot["SnapshotId"] for page in pages for snapshot in page["Snapshots"]}) == 23


def test_instance_and_volume_pages(start_sandbox):
    sandbox = start_sandbox({"ec2-instances": [
        {"id": f"i-{number}", "volumes": [{"id": f"vol-{number}", "device": "/dev/xvda"}]} for number in range(12)]})
    ec2 = sandbox.client("ec2")
    instances = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["Reservations"]) for page in instances] == [5, 5, 2]
    volumes = list(ec2.get_paginator("describe_volumes").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["Volumes"]) for page in volumes] == [5, 5, 2]


def test_copy_snapshot(sandbox):
    source = make_set(sandbox)[1]["SnapshotId"]
    dr = sandbox.client("ec2", DR)
    tags = [{"Key": "snapwarden:source", "Value": f"{HOME}/{source}"}]
    reply = dr.copy_snapshot(
        SourceRegion=HOME, SourceSnapshotId=source, Description="copy", Encrypted=True, KmsKeyId="alias/dr",
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}])
    assert without_metadata(reply) == {"SnapshotId": reply["SnapshotId"], "Tags": tags}
    copy = dr.describe_snapshots(SnapshotIds=[reply["SnapshotId"]])["Snapshots"][0]
    assert recent(copy["StartTime"]) and copy["CompletionTime"] == copy["StartTime"]
    assert without(copy, "StartTime", "CompletionTime") == {
        "SnapshotId": reply["SnapshotId"], "VolumeId": "vol-ffffffff", "State": "completed", "Progress": "100%",
        "OwnerId": "123456789012", "Description": "copy", "VolumeSize": 50, "Encrypted": True, "Tags": tags,
        "KmsKeyId": "arn:aws:kms:eu-west-1:123456789012:alias/dr", "StorageTier": "standard",
        "TransferType": "standard", "FullSnapshotSizeInBytes": 50 << 30}


def test_time_based_copy(sandbox):
    source = make_set(sandbox)[0]["SnapshotId"]
    dr = sandbox.client("ec2", DR)
    copy = dr.copy_snapshot(SourceRegion=HOME, SourceSnapshotId=source, CompletionDurationMinutes=30)["SnapshotId"]
    shown = dr.describe_snapshots(SnapshotIds=[copy])["Snapshots"][0]
    assert (shown["TransferType"], shown["CompletionDurationMinutes"]) == ("time-based", 30)


@pytest.mark.parametrize("presigned, state", [(None, "completed"), ("http://127.0.0.1/?Action=CopySnapshot", "error")])
def test_copy_of_an_encrypted_snapshot(start_sandbox, seed, presigned, state):
    """botocore signs the URL for the source region by itself; a wrong one fails later, as in AWS."""
    seed["snapshots"] = [{"id": "snap-e", "volume": "vol-e", "start": "-1d", "encrypted": True, "kms-key": "k"}]
    dr = start_sandbox(seed).client("ec2", DR)
    more = {} if presigned is None else {"PresignedUrl": presigned}
    copy = dr.copy_snapshot(SourceRegion=HOME, SourceSnapshotId="snap-e", **more)["SnapshotId"]
    shown = dr.describe_snapshots(SnapshotIds=[copy])["Snapshots"][0]
    assert shown["State"] == state
    if state == "error":
        assert shown["StateMessage"] == "The presigned URL is missing or not valid for the source region"


def test_copy_under_a_bad_key(start_sandbox, seed):
    seed["bad-keys"] = ["alias/gone"]
    sandbox = start_sandbox(seed)
    source = make_set(sandbox)[0]["SnapshotId"]
    dr = sandbox.client("ec2", DR)
    copy = dr.copy_snapshot(SourceRegion=HOME, SourceSnapshotId=source, Encrypted=True, KmsKeyId="alias/gone")
    shown = dr.describe_snapshots(SnapshotIds=[copy["SnapshotId"]])["Snapshots"][0]
    assert (shown["State"], shown["StateMessage"]) == ("error", "Given key ID is not accessible")


def test_tag_and_delete(sandbox):
    ec2 = sandbox.client("ec2")
    made = [snapshot["SnapshotId"] for snapshot in make_set(sandbox)]
    ec2.create_tags(Resources=made[:2], Tags=[{"Key": "Name", "Value": "x"}])
    named = ec2.describe_snapshots(Filters=[{"Name": "tag:Name", "Values": ["x"]}])["Snapshots"]
    assert [snapshot["SnapshotId"] for snapshot in named] == made[:2]
    assert named[0]["Tags"] == OURS + [{"Key": "Name", "Value": "x"}]
    ec2.delete_snapshot(SnapshotId=made[0])
    assert code(ec2.delete_snapshot, SnapshotId=made[0]) == (
        "InvalidSnapshot.NotFound", 400, f"The snapshot '{made[0]}' does not exist.")


def test_delete_tags(sandbox):
    """By key whatever the value is, by key and value, and all at once."""
    ec2 = sandbox.client("ec2")
    made = [snapshot["SnapshotId"] for snapshot in make_set(sandbox)][:2]
    ec2.create_tags(Resources=made, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}, {"Key": "c", "Value": "3"}])
    keys = lambda: {
        tuple(t["Key"] for t in s.get("Tags", [])) for s in ec2.describe_snapshots(SnapshotIds=made)["Snapshots"]}
    ours = tuple(tag["Key"] for tag in OURS)
    ec2.delete_tags(Resources=made, Tags=[{"Key": "a"}, {"Key": "b", "Value": "x"}, {"Key": "not there"}])
    assert keys() == {(*ours, "b", "c")}
    ec2.delete_tags(Resources=made, Tags=[{"Key": "b", "Value": ""}, {"Key": "c", "Value": ""}])
    assert keys() == {(*ours, "c")}
    ec2.delete_tags(Resources=made)
    assert keys() == {()}
    assert code(ec2.delete_tags, Resources=made, Tags=[{"Key": "aws:x"}])[0] == "InvalidParameterValue"
    assert code(ec2.delete_tags, Resources=["snap-0"], Tags=[{"Key": "a"}])[0] == "InvalidSnapshot.NotFound"
    assert code(ec2.delete_tags, Resources=made, DryRun=True)[:2] == ("DryRunOperation", 412)


def test_locked_snapshots(start_sandbox, seed):
    """Every field, as botocore's model names it; what is locked cannot be deleted."""
    end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=10)
    until = end.strftime("%Y-%m-%dT%H:%M:%SZ")
    seed["snapshots"] = [
        {"id": "snap-c", "volume": "vol-1", "start": "-1d",
         "locked": {"mode": "compliance", "until": until, "cool-off-hours": 24}},
        {"id": "snap-g", "volume": "vol-1", "start": "-1d", "locked": {"mode": "governance"}},
        {"id": "snap-free", "volume": "vol-1", "start": "-1d"},
    ]
    sandbox = start_sandbox(seed)
    ec2 = sandbox.client("ec2")
    locks = ec2.describe_locked_snapshots()["Snapshots"]
    created = locks[0]["LockCreatedOn"]
    assert recent(created)
    assert locks == [
        {"OwnerId": "123456789012", "SnapshotId": "snap-c", "LockState": "compliance-cooloff",
         "LockDuration": (end - created).days, "CoolOffPeriod": 24,
         "CoolOffPeriodExpiresOn": created + datetime.timedelta(hours=24), "LockCreatedOn": created,
         "LockDurationStartTime": created, "LockExpiresOn": end},
        {"OwnerId": "123456789012", "SnapshotId": "snap-g", "LockState": "governance", "LockCreatedOn": created}]
    filtered = ec2.describe_locked_snapshots(Filters=[{"Name": "lock-state", "Values": ["governance"]}])
    assert [lock["SnapshotId"] for lock in filtered["Snapshots"]] == ["snap-g"]
    assert ec2.describe_locked_snapshots(SnapshotIds=["snap-free"])["Snapshots"] == []
    assert code(ec2.delete_snapshot, SnapshotId="snap-g") == (
        "OperationNotPermitted", 400, "The snapshot snap-g is locked and can't be deleted.")
    sandbox.admin("POST", "set", {"unlock": ["snap-g"], "lock": {"snap-free": {"mode": "governance", "until": "-1s"}}})
    states = {lock["SnapshotId"]: lock["LockState"] for lock in ec2.describe_locked_snapshots()["Snapshots"]}
    assert states == {"snap-c": "compliance-cooloff", "snap-free": "expired"}
    ec2.delete_snapshot(SnapshotId="snap-g")
    ec2.delete_snapshot(SnapshotId="snap-free")
    assert code(ec2.describe_locked_snapshots, DryRun=True)[:2] == ("DryRunOperation", 412)
    sandbox.admin("POST", "set", {"denied": ["ec2:DescribeLockedSnapshots"]})
    assert code(ec2.describe_locked_snapshots)[:2] == ("UnauthorizedOperation", 403)


def test_images(start_sandbox, seed):
    """An image holds its snapshots, disabled or another account's as well."""
    seed["snapshots"] = [
        {"id": "snap-1", "volume": "vol-1", "start": "-1d", "size": 9}, {"id": "snap-2", "volume": "vol-2", "start": "-1d"}]
    seed["images"] = [
        {"id": "ami-1", "name": "golden", "snapshots": ["snap-1", "snap-2"]},
        {"id": "ami-2", "snapshots": ["snap-1"], "state": "disabled"},
        {"id": "ami-3", "snapshots": ["snap-1"], "owner": "999999999999"}]
    sandbox = start_sandbox(seed)
    ec2 = sandbox.client("ec2")
    images = ec2.describe_images(Owners=["self"])["Images"]
    assert [without(image, "CreationDate") for image in images] == [{
        "ImageId": "ami-1", "Name": "golden", "State": "available", "OwnerId": "123456789012",
        "RootDeviceName": "/dev/xvda", "RootDeviceType": "ebs",
        "BlockDeviceMappings": [
            {"DeviceName": device, "Ebs": {
                "SnapshotId": snapshot, "VolumeSize": size, "Encrypted": False, "DeleteOnTermination": True}}
            for device, snapshot, size in (("/dev/xvda", "snap-1", 9), ("/dev/sdf", "snap-2", 8))]}]
    assert recent(datetime.datetime.fromisoformat(images[0]["CreationDate"]))
    ids = lambda **more: [image["ImageId"] for image in ec2.describe_images(**more)["Images"]]
    assert ids() == ["ami-1", "ami-3"]
    assert ids(Owners=["self"], IncludeDisabled=True) == ["ami-1", "ami-2"]
    assert ids(Filters=[{"Name": "block-device-mapping.snapshot-id", "Values": ["snap-2"]}]) == ["ami-1"]
    assert code(ec2.describe_images, ImageIds=["ami-0"])[0] == "InvalidAMIID.NotFound"
    for number in (1, 2, 3):
        assert code(ec2.delete_snapshot, SnapshotId="snap-1") == (
            "InvalidSnapshot.InUse", 400, f"The snapshot snap-1 is currently in use by ami-{number}")
        sandbox.admin("POST", "set", {"deregister-images": [f"ami-{number}"]})
    ec2.delete_snapshot(SnapshotId="snap-1")


def test_lock_and_image_pages(start_sandbox, seed):
    seed["snapshots"] = [
        {"id": f"snap-{number}", "volume": "vol-1", "start": "-1d", "locked": {"mode": "governance"}}
        for number in range(12)]
    seed["images"] = [{"id": f"ami-{number}", "snapshots": [f"snap-{number}"]} for number in range(12)]
    ec2 = start_sandbox(seed).client("ec2")
    images = list(ec2.get_paginator("describe_images").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["Images"]) for page in images] == [5, 5, 2]
    found, more = [], {}
    while True:  # botocore has no paginator for it
        page = ec2.describe_locked_snapshots(MaxResults=5, **more)
        found.append([lock["SnapshotId"] for lock in page["Snapshots"]])
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert [len(page) for page in found] == [5, 5, 2]
    assert sum(found, []) == [f"snap-{number}" for number in range(12)]


def test_ec2_errors(sandbox):
    ec2, dr = sandbox.client("ec2"), sandbox.client("ec2", DR)
    create = {"InstanceSpecification": {"InstanceId": WEB}}
    assert code(ec2.create_snapshots, DryRun=True, **create)[:2] == ("DryRunOperation", 412)
    sandbox.admin("POST", "set", {"denied": ["ec2:CreateSnapshots"]})
    assert code(ec2.create_snapshots, DryRun=True, **create)[:2] == ("UnauthorizedOperation", 403)
    sandbox.admin("POST", "set", {"denied": [], "timings": {"snapshot-seconds": 1000}})
    pending = make_set(sandbox)[0]["SnapshotId"]
    assert code(ec2.create_snapshots, **create)[:2] == ("SnapshotCreationPerVolumeRateExceeded", 400)
    copy = {"SourceRegion": HOME, "SourceSnapshotId": pending}
    assert code(dr.copy_snapshot, **copy)[:2] == ("IncorrectState", 400)
    assert code(ec2.create_snapshots, InstanceSpecification={"InstanceId": "i-0000000000000000f"}) == (
        "InvalidInstanceID.NotFound", 400, "The instance ID 'i-0000000000000000f' does not exist")
    assert code(ec2.describe_snapshots, SnapshotIds=["snap-0"])[:2] == ("InvalidSnapshot.NotFound", 400)
    assert code(ec2.describe_snapshots, SnapshotIds=[pending], MaxResults=5)[0] == "InvalidParameterCombination"
    assert code(ec2.describe_snapshots, MaxResults=3)[0] == "InvalidParameterValue"
    assert code(ec2.describe_instances, InstanceIds=["i-0"])[0] == "InvalidInstanceID.NotFound"
    assert code(ec2.describe_volumes, VolumeIds=["vol-0"])[0] == "InvalidVolume.NotFound"
    assert code(ec2.create_tags, Resources=["vol-0"], Tags=OURS)[0] == "InvalidVolume.NotFound"
    assert code(ec2.create_tags, Resources=[pending], Tags=[{"Key": "aws:x", "Value": ""}])[0] == "InvalidParameterValue"
    tags = [{"Key": f"k{number}", "Value": ""} for number in range(51)]
    assert code(ec2.create_tags, Resources=[pending], Tags=tags)[0] == "TagLimitExceeded"
    root = {"InstanceId": WEB, "ExcludeDataVolumeIds": [ROOT_VOLUME]}
    assert code(ec2.create_snapshots, InstanceSpecification=root)[0] == "InvalidParameterValue"
    assert code(ec2.describe_regions)[:2] == ("InvalidAction", 400)
    assert code(ec2.describe_instances, DryRun=True)[:2] == ("UnknownParameter", 400)
    elsewhere = sandbox.client("ec2", "ap-south-2")
    assert code(elsewhere.describe_instances)[:2] == ("AuthFailure", 401)
    sandbox.admin("POST", "set", {"register-images": [{"id": "ami-1", "snapshots": [pending]}]})
    assert code(ec2.delete_snapshot, SnapshotId=pending)[0] == "InvalidSnapshot.InUse"


def test_limits(start_sandbox, seed):
    seed["timings"] = {"snapshot-seconds": 1000, "copy-seconds": 1000}
    seed["snapshots"] = [{"id": "snap-done", "volume": "vol-1", "start": "-1d"}] + [
        {"volume": DATA_VOLUME, "start": f"-{number}m", "state": "pending"} for number in range(1, 6)]
    sandbox = start_sandbox(seed)
    ec2, dr = sandbox.client("ec2"), sandbox.client("ec2", DR)
    assert code(ec2.create_snapshots, InstanceSpecification={"InstanceId": WEB})[:2] == (
        "ConcurrentSnapshotLimitExceeded", 400)
    copy = {"SourceRegion": HOME, "SourceSnapshotId": "snap-done"}
    for _ in range(20):
        dr.copy_snapshot(**copy)
    assert code(dr.copy_snapshot, **copy)[:2] == ("ResourceLimitExceeded", 400)


# Lightsail


def test_get_instances(sandbox):
    blog = sandbox.client("lightsail").get_instances()["instances"][0]
    assert recent(blog["createdAt"])
    assert blog["name"] == "blog"
    assert blog["arn"] == "arn:aws:lightsail:us-east-1:123456789012:Instance/6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01"
    assert blog["supportCode"] == "123456789012/6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01"
    assert blog["location"] == {"availabilityZone": "us-east-1a", "regionName": "us-east-1"}
    assert blog["resourceType"] == "Instance"
    assert blog["tags"] == [{"key": "backup", "value": "yes"}]
    assert (blog["blueprintId"], blog["bundleId"]) == ("debian_12", "small_3_0")
    assert blog["state"] == {"code": 16, "name": "running"}
    disks = blog["hardware"]["disks"]
    assert [(d.get("name"), d["path"], d["sizeInGb"], d["isSystemDisk"], d["attachedTo"]) for d in disks] == [
        (None, "/dev/xvda", 40, True, "blog"), ("blog-data", "/dev/xvdf", 32, False, "blog")]


def test_create_instance_snapshot(sandbox):
    lightsail = sandbox.client("lightsail")
    tags = [{"key": "snapwarden:fleet", "value": "demo"}, {"key": "key-only"}]
    operations = lightsail.create_instance_snapshot(
        instanceSnapshotName="blog-1", instanceName="blog", tags=tags)["operations"]
    assert [(o["resourceName"], o["resourceType"], o["operationType"], o["operationDetails"]) for o in operations] == [
        ("blog-1", "InstanceSnapshot", "CreateInstanceSnapshot", "blog"),
        ("blog", "Instance", "CreateInstanceSnapshot", "blog-1")]
    assert all(recent(o["createdAt"]) and recent(o["statusChangedAt"]) for o in operations)
    assert all(o["location"] == {"availabilityZone": "all", "regionName": "us-east-1"} for o in operations)
    operation = lightsail.get_operation(operationId=operations[0]["id"])["operation"]
    assert (operation["id"], operation["status"], operation["isTerminal"]) == (operations[0]["id"], "Succeeded", True)
    shown = lightsail.get_instance_snapshot(instanceSnapshotName="blog-1")["instanceSnapshot"]
    assert recent(shown["createdAt"])
    assert shown["arn"].startswith("arn:aws:lightsail:us-east-1:123456789012:InstanceSnapshot/")
    assert without(shown, "createdAt", "arn", "supportCode") == {
        "name": "blog-1", "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "resourceType": "InstanceSnapshot", "tags": tags, "state": "available", "fromInstanceName": "blog",
        "fromAttachedDisks": [{"name": "blog-data", "path": "/dev/xvdf", "sizeInGb": 32, "isSystemDisk": False}],
        "fromInstanceArn": "arn:aws:lightsail:us-east-1:123456789012:Instance/6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01",
        "fromBlueprintId": "debian_12", "fromBundleId": "small_3_0", "isFromAutoSnapshot": False, "sizeInGb": 40}
    assert lightsail.get_instance_snapshots()["instanceSnapshots"] == [shown]


def test_lightsail_copy_tag_delete(sandbox):
    lightsail, dr = sandbox.client("lightsail"), sandbox.client("lightsail", DR)
    lightsail.create_instance_snapshot(instanceSnapshotName="blog-1", instanceName="blog")
    copied = dr.copy_snapshot(sourceSnapshotName="blog-1", targetSnapshotName="blog-1", sourceRegion=HOME)["operations"]
    assert [(o["operationType"], o["resourceName"]) for o in copied] == [("CopySnapshot", "blog-1")]
    shown = dr.get_instance_snapshot(instanceSnapshotName="blog-1")["instanceSnapshot"]
    assert (shown["state"], shown["tags"], shown["fromInstanceName"]) == ("available", [], "blog")
    assert shown["location"]["regionName"] == DR
    tags = [{"key": "a", "value": "b"}]
    tagged = dr.tag_resource(resourceName="blog-1", resourceArn=shown["arn"], tags=tags)["operations"]
    assert [(o["operationType"], o["status"]) for o in tagged] == [("TagResource", "Succeeded")]
    assert dr.get_instance_snapshot(instanceSnapshotName="blog-1")["instanceSnapshot"]["tags"] == tags
    untagged = dr.untag_resource(resourceName="blog-1", tagKeys=["a", "not there"])["operations"]
    assert [(o["operationType"], o["status"]) for o in untagged] == [("UntagResource", "Succeeded")]
    assert dr.get_instance_snapshot(instanceSnapshotName="blog-1")["instanceSnapshot"]["tags"] == []
    deleted = dr.delete_instance_snapshot(instanceSnapshotName="blog-1")["operations"]
    assert [(o["operationType"], o["isTerminal"]) for o in deleted] == [("DeleteInstanceSnapshot", True)]
    assert code(dr.get_instance_snapshot, instanceSnapshotName="blog-1") == (
        "NotFoundException", 400, "The InstanceSnapshot does not exist: blog-1")


def test_copy_of_an_automatic_snapshot(start_sandbox, seed):
    seed["lightsail-instances"][0]["auto-snapshots"] = [{"date": "2026-11-18"}, {"date": "2026-11-19"}]
    dr = start_sandbox(seed).client("lightsail", DR)
    dr.copy_snapshot(
        sourceResourceName="blog", restoreDate="2026-11-18", targetSnapshotName="one", sourceRegion=HOME)
    dr.copy_snapshot(
        sourceResourceName="blog", useLatestRestorableAutoSnapshot=True, targetSnapshotName="two", sourceRegion=HOME)
    shown = dr.get_instance_snapshots()["instanceSnapshots"]
    assert [(s["name"], s["isFromAutoSnapshot"]) for s in shown] == [("one", True), ("two", True)]
    assert code(
        dr.copy_snapshot, sourceResourceName="blog", restoreDate="2026-11-01", targetSnapshotName="x1",
        sourceRegion=HOME)[0] == "NotFoundException"


def test_lightsail_disks(start_sandbox, seed):
    seed["lightsail-disks"] = [{"name": "spare", "uuid": "u-spare", "size": 64, "tags": {"a": "b"}}]
    sandbox = start_sandbox(seed)
    lightsail, dr = sandbox.client("lightsail"), sandbox.client("lightsail", DR)
    disks = lightsail.get_disks()["disks"]
    assert [(d["name"], d.get("attachedTo"), d["isAttached"]) for d in disks] == [
        ("blog-data", "blog", True), ("shop-data", "shop", True), ("spare", None, False)]
    assert recent(disks[2]["createdAt"])
    assert without(disks[2], "createdAt") == {
        "name": "spare", "arn": "arn:aws:lightsail:us-east-1:123456789012:Disk/u-spare",
        "supportCode": "123456789012/u-spare", "location": {"availabilityZone": "us-east-1a", "regionName": HOME},
        "resourceType": "Disk", "tags": [{"key": "a", "value": "b"}], "sizeInGb": 64, "isSystemDisk": False,
        "iops": 100, "state": "available", "isAttached": False}
    made = lightsail.create_disk_snapshot(
        diskName="spare", diskSnapshotName="spare-1", tags=[{"key": "k", "value": "v"}])["operations"]
    assert [(o["operationType"], o["resourceType"]) for o in made] == [
        ("CreateDiskSnapshot", "DiskSnapshot"), ("CreateDiskSnapshot", "Disk")]
    shown = lightsail.get_disk_snapshot(diskSnapshotName="spare-1")["diskSnapshot"]
    assert without(shown, "createdAt", "arn", "supportCode") == {
        "name": "spare-1", "location": {"availabilityZone": "all", "regionName": HOME},
        "resourceType": "DiskSnapshot", "tags": [{"key": "k", "value": "v"}], "sizeInGb": 64, "state": "completed",
        "progress": "100%", "fromDiskName": "spare", "isFromAutoSnapshot": False,
        "fromDiskArn": "arn:aws:lightsail:us-east-1:123456789012:Disk/u-spare"}
    dr.copy_snapshot(sourceSnapshotName="spare-1", targetSnapshotName="spare-1", sourceRegion=HOME)
    copies = [s for page in dr.get_paginator("get_disk_snapshots").paginate() for s in page["diskSnapshots"]]
    assert [(s["name"], s["tags"], s["fromDiskName"]) for s in copies] == [("spare-1", [], "spare")]
    assert dr.get_instance_snapshots()["instanceSnapshots"] == []
    lightsail.delete_disk_snapshot(diskSnapshotName="spare-1")
    assert code(lightsail.get_disk_snapshot, diskSnapshotName="spare-1") == (
        "NotFoundException", 400, "The DiskSnapshot does not exist: spare-1")
    assert code(lightsail.create_disk_snapshot, diskName="none", diskSnapshotName="x1")[0] == "NotFoundException"


def test_lightsail_databases(start_sandbox, seed):
    seed["lightsail-databases"] = [{"name": "shop-db", "uuid": "u-db", "size": 80}]
    sandbox = start_sandbox(seed)
    lightsail, dr = sandbox.client("lightsail"), sandbox.client("lightsail", DR)
    pages = lightsail.get_paginator("get_relational_databases").paginate()
    databases = [d for page in pages for d in page["relationalDatabases"]]
    assert without(databases[0], "createdAt", "latestRestorableTime") == {
        "name": "shop-db", "arn": "arn:aws:lightsail:us-east-1:123456789012:RelationalDatabase/u-db",
        "supportCode": "123456789012/u-db", "location": {"availabilityZone": "us-east-1a", "regionName": HOME},
        "resourceType": "RelationalDatabase", "tags": [], "relationalDatabaseBlueprintId": "mysql_8_0",
        "relationalDatabaseBundleId": "micro_2_0", "state": "available", "engine": "mysql", "engineVersion": "8.0.40",
        "publiclyAccessible": False}
    lightsail.create_relational_database_snapshot(
        relationalDatabaseName="shop-db", relationalDatabaseSnapshotName="db-1", tags=[{"key": "k", "value": "v"}])
    shown = lightsail.get_relational_database_snapshot(
        relationalDatabaseSnapshotName="db-1")["relationalDatabaseSnapshot"]
    assert without(shown, "createdAt", "arn", "supportCode") == {
        "name": "db-1", "location": {"availabilityZone": "all", "regionName": HOME},
        "resourceType": "RelationalDatabaseSnapshot", "tags": [{"key": "k", "value": "v"}], "engine": "mysql",
        "engineVersion": "8.0.40", "sizeInGb": 80, "state": "available", "fromRelationalDatabaseName": "shop-db",
        "fromRelationalDatabaseArn": "arn:aws:lightsail:us-east-1:123456789012:RelationalDatabase/u-db",
        "fromRelationalDatabaseBundleId": "micro_2_0", "fromRelationalDatabaseBlueprintId": "mysql_8_0"}
    assert code(
        dr.copy_snapshot, sourceSnapshotName="db-1", targetSnapshotName="db-1", sourceRegion=HOME)[0] == (
            "InvalidInputException")
    names = [s["name"] for s in lightsail.get_relational_database_snapshots()["relationalDatabaseSnapshots"]]
    assert names == ["db-1"]
    lightsail.delete_relational_database_snapshot(relationalDatabaseSnapshotName="db-1")
    assert lightsail.get_relational_database_snapshots()["relationalDatabaseSnapshots"] == []


def test_automatic_snapshots(start_sandbox, seed):
    seed["lightsail-instances"][0]["auto-snapshots"] = [
        {"date": "2026-01-02"}, {"date": "2026-01-01", "status": "Failed", "created": "2026-01-01T05:00:00Z"}]
    lightsail = start_sandbox(seed).client("lightsail")
    shown = without_metadata(lightsail.get_auto_snapshots(resourceName="blog"))
    moment = lambda *parts: datetime.datetime(*parts, tzinfo=datetime.timezone.utc)
    for snapshot in shown["autoSnapshots"]:
        snapshot["createdAt"] = snapshot["createdAt"].astimezone(datetime.timezone.utc)
    disks = [{"path": "/dev/xvdf", "sizeInGb": 32}]
    assert shown == {"resourceName": "blog", "resourceType": "Instance", "autoSnapshots": [
        {"date": "2026-01-02", "createdAt": moment(2026, 1, 2, 6, 20), "status": "Success",
         "fromAttachedDisks": disks},
        {"date": "2026-01-01", "createdAt": moment(2026, 1, 1, 5), "status": "Failed", "fromAttachedDisks": disks}]}
    assert lightsail.get_auto_snapshots(resourceName="blog-data")["resourceType"] == "Disk"
    assert code(lightsail.get_auto_snapshots, resourceName="none")[0] == "NotFoundException"
    add_on = lambda name: [
        i.get("addOns", []) for i in lightsail.get_instances()["instances"] if i["name"] == name][0]
    assert add_on("blog") == []
    enable = {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "02:00"}}
    done = lightsail.enable_add_on(resourceName="blog", addOnRequest=enable)["operations"]
    assert [(o["operationType"], o["status"]) for o in done] == [("EnableAddOn", "Succeeded")]
    assert add_on("blog") == [{
        "name": "AutoSnapshot", "status": "Enabled", "snapshotTimeOfDay": "02:00", "nextSnapshotTimeOfDay": "02:00"}]
    enable["autoSnapshotAddOnRequest"]["snapshotTimeOfDay"] = "02:30"
    assert code(lightsail.enable_add_on, resourceName="blog", addOnRequest=enable)[0] == "InvalidInputException"
    lightsail.disable_add_on(resourceName="blog", addOnType="AutoSnapshot")
    assert add_on("blog") == []
    assert len(lightsail.get_auto_snapshots(resourceName="blog")["autoSnapshots"]) == 2


def test_lightsail_pages(start_sandbox, seed):
    seed["lightsail-snapshots"] = [
        {"name": f"blog-{number}", "from": "blog", "created": f"-{number}d"} for number in range(1, 24)]
    seed["timings"]["lightsail-page-size"] = 7
    lightsail = start_sandbox(seed).client("lightsail")
    pages = list(lightsail.get_paginator("get_instance_snapshots").paginate())
    assert [len(page["instanceSnapshots"]) for page in pages] == [7, 7, 7, 2]
    names = [s["name"] for page in pages for s in page["instanceSnapshots"]]
    assert names == [f"blog-{number}" for number in range(1, 24)]
    assert len(list(lightsail.get_paginator("get_instances").paginate())) == 1


def test_lightsail_errors(sandbox):
    lightsail, dr = sandbox.client("lightsail"), sandbox.client("lightsail", DR)
    lightsail.create_instance_snapshot(instanceSnapshotName="blog-1", instanceName="blog")
    create = lightsail.create_instance_snapshot
    assert code(create, instanceSnapshotName="blog-1", instanceName="blog") == (
        "InvalidInputException", 400, "Some names are already in use: blog-1")
    assert code(create, instanceSnapshotName="a.b", instanceName="blog")[0] == "InvalidInputException"
    assert code(create, instanceSnapshotName="x1", instanceName="none")[0] == "NotFoundException"
    copy = {"targetSnapshotName": "x1", "sourceRegion": HOME}
    assert code(dr.copy_snapshot, **copy)[0] == "InvalidInputException"
    assert code(
        dr.copy_snapshot, sourceSnapshotName="blog-1", restoreDate="2026-11-18", **copy)[0] == "InvalidInputException"
    assert code(dr.copy_snapshot, sourceSnapshotName="none", **copy)[0] == "NotFoundException"
    assert code(lightsail.get_operation, operationId="x")[0] == "NotFoundException"
    assert code(lightsail.delete_instance_snapshot, instanceSnapshotName="x1")[0] == "NotFoundException"
    assert code(lightsail.tag_resource, resourceName="x1", tags=[{"key": "a"}])[0] == "NotFoundException"
    assert code(lightsail.untag_resource, resourceName="x1", tagKeys=["a"])[0] == "NotFoundException"
    assert code(lightsail.untag_resource, resourceName="blog", tagKeys=[])[0] == "InvalidInputException"
    assert code(lightsail.get_domains)[0] == "UnknownOperationException"
    sandbox.admin("POST", "set", {"denied": ["lightsail:GetInstances"]})
    assert code(lightsail.get_instances)[0] == "AccessDeniedException"


def test_modelled_lightsail_exceptions(sandbox):
    """botocore finds the modelled class, which is how people catch these."""
    lightsail = sandbox.client("lightsail")
    with pytest.raises(lightsail.exceptions.NotFoundException):
        lightsail.get_instance_snapshot(instanceSnapshotName="none")


def test_caller_identity(sandbox):
    assert without_metadata(sandbox.client("sts").get_caller_identity()) == {
        "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/sandbox", "UserId": "AIDASANDBOX0000000000"}


# Faults


@pytest.mark.parametrize("kind, ec2, lightsail, sts", [
    ("throttle", ("RequestLimitExceeded", 503), ("ThrottlingException", 400), ("Throttling", 400)),
    ("unavailable", ("Unavailable", 503), ("ServiceUnavailableException", 503), ("ServiceUnavailable", 503)),
    ("internal", ("InternalError", 500), ("ServiceException", 500), ("InternalFailure", 500)),
])
def test_refusing_faults(sandbox, kind, ec2, lightsail, sts):
    sandbox.admin("POST", "faults", [{"operation": "*", "kind": kind, "count": 3}])
    assert code(sandbox.client("ec2").describe_volumes)[:2] == ec2
    assert code(sandbox.client("lightsail").get_instances)[:2] == lightsail
    assert code(sandbox.client("sts").get_caller_identity)[:2] == sts
    assert sandbox.admin("GET", "faults") == []
    sandbox.client("ec2").describe_volumes()


@pytest.mark.parametrize("kind, made", [("dropBefore", 0), ("dropAfter", 3)])
def test_drops_on_a_reused_connection(sandbox, kind, made):
    ec2 = sandbox.client("ec2", retries={"total_max_attempts": 1})
    ec2.describe_snapshots(OwnerIds=["self"])
    sandbox.admin("POST", "faults", [{"operation": "CreateSnapshots", "kind": kind}])
    with pytest.raises(botocore.exceptions.ConnectionClosedError):
        ec2.create_snapshots(InstanceSpecification={"InstanceId": WEB})
    assert len(ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]) == made
    log = [(call["operation"], call["outcome"]) for call in sandbox.admin("GET", "requests")]
    outcome = "dropped before" if kind == "dropBefore" else "dropped after"
    assert log == [("DescribeSnapshots", "ok"), ("CreateSnapshots", outcome), ("DescribeSnapshots", "ok")]


def test_no_byte_of_a_dropped_reply(sandbox):
    """And connections are kept: the drop hits the one that answered just before."""
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=5)
    connection.request("GET", "/_sandbox/faults")
    connection.getresponse().read()
    used = connection.sock.getsockname()
    sandbox.admin("POST", "faults", [{"operation": "DescribeVolumes", "kind": "dropBefore"}])
    request = signed(sandbox)
    connection.request(request.method, "/", body=request.body, headers=dict(request.headers))
    assert connection.sock.getsockname() == used
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()


def test_fail_later_spoils_the_whole_set(sandbox):
    sandbox.admin("POST", "faults", [{"operation": "CreateSnapshots", "kind": "failLater"}])
    make_set(sandbox)
    shown = sandbox.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert {snapshot["State"] for snapshot in shown} == {"error"} and len(shown) == 3
    assert {snapshot["StateMessage"] for snapshot in shown} == {"Internal error: the snapshot could not be completed"}


# Signatures


def signed(sandbox, *, method="POST", service="ec2", region=HOME, key=ACCESS_KEY, secret=SECRET_KEY, token=None,
           body="Action=DescribeVolumes&Version=2016-11-15", query="", headers=None):
    """A request signed by botocore, ready to be altered."""
    request = botocore.awsrequest.AWSRequest(
        method=method, url=f"{sandbox.url}/{query}", data=body.encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", **(headers or {})})
    credentials = botocore.credentials.Credentials(key, secret, token)
    botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
    prepared = request.prepare()
    prepared.headers = {
        name: value.decode() if isinstance(value, bytes) else value for name, value in prepared.headers.items()}
    return prepared


def send(sandbox, request, *, method=None, target=None, body=None, headers=None):
    host = sandbox.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=5)
    target = target if target is not None else request.url.removeprefix(sandbox.url)
    connection.request(
        method or request.method, target, body=request.body if body is None else body,
        headers={**request.headers, **(headers or {})})
    reply = connection.getresponse()
    return reply.status, reply.read().decode()


def test_a_signed_request_passes(sandbox):
    status, text = send(sandbox, signed(sandbox))
    assert status == 200 and "<volumeSet>" in text


def test_a_signed_query_passes_in_any_order(sandbox):
    request = signed(sandbox, method="GET", body="", query="?Version=2016-11-15&Action=DescribeVolumes&VolumeId.1=" + DATA_VOLUME)
    status, text = send(sandbox, request)
    assert status == 200 and DATA_VOLUME in text


def scope(request, index, value):
    """The Authorization header with one part of the credential scope replaced."""
    header = request.headers["Authorization"]
    credential = header.split("Credential=")[1].split(",")[0]
    parts = credential.split("/")
    parts[index] = value
    return {"Authorization": header.replace(credential, "/".join(parts))}


def later(minutes):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    return moment.strftime("%Y%m%dT%H%M%SZ")


ALTERED = {
    "method": lambda r: {"method": "PUT"},
    "path": lambda r: {"target": "/other"},
    "query": lambda r: {"target": "/?x=1"},
    "body": lambda r: {"body": r.body.replace(b"Volumes", b"Instances")},
    "header content-type": lambda r: {"headers": {"Content-Type": "text/plain"}},
    "header x-amz-test": lambda r: {"headers": {"X-Amz-Test": "other"}},
    "header x-amz-test gone": lambda r: {"headers": {"X-Amz-Test": ""}},
    "header host": lambda r: {"headers": {"Host": "elsewhere"}},
    "unsigned x-amz header": lambda r: {"headers": {"X-Amz-Other": "1"}},
    "x-amz-date": lambda r: {"headers": {"X-Amz-Date": later(1)}},
    "scope date": lambda r: {"headers": scope(r, 1, "20200101")},
    "scope region": lambda r: {"headers": scope(r, 2, DR)},
    "scope service": lambda r: {"headers": scope(r, 3, "lightsail")},
    "scope end": lambda r: {"headers": scope(r, 4, "aws5_request")},
    "access key": lambda r: {"headers": scope(r, 0, "AKIDOTHER")},
    "signature": lambda r: {"headers": {"Authorization": r.headers["Authorization"][:-1] + (
        "0" if r.headers["Authorization"][-1] != "0" else "1")}},
    "signed headers": lambda r: {"headers": {"Authorization": r.headers["Authorization"].replace(
        "content-type;", "")}},
    "algorithm": lambda r: {"headers": {"Authorization": r.headers["Authorization"].replace("SHA256", "SHA1")}},
}


@pytest.mark.parametrize("part", ALTERED)
def test_an_altered_request_fails(sandbox, part):
    request = signed(sandbox, headers={"X-Amz-Test": "value"})
    assert send(sandbox, request)[0] == 200
    status, text = send(sandbox, request, **ALTERED[part](request))
    if part in ("scope end", "algorithm"):
        assert status == 400 and "<Code>IncompleteSignature</Code>" in text
    else:
        assert status == 401 and "<Code>AuthFailure</Code>" in text
    assert SECRET_KEY not in text
    assert [call["outcome"] == "ok" for call in sandbox.admin("GET", "requests")] == [True, False]


@pytest.mark.parametrize("minutes, status", [(-14, 200), (14, 200), (-16, 400), (16, 400)])
def test_the_date_may_be_fifteen_minutes_off(sandbox, monkeypatch, minutes, status):
    moment = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: moment)
    found, text = send(sandbox, signed(sandbox))
    assert found == status
    assert ("<Code>RequestExpired</Code>" in text) == (status == 400)


@pytest.mark.parametrize("key, secret, ec2, sts, lightsail", [
    ("AKIDOTHER", SECRET_KEY, ("AuthFailure", 401), ("InvalidClientTokenId", 403), ("UnrecognizedClientException", 400)),
    (ACCESS_KEY, "wrong", ("AuthFailure", 401), ("SignatureDoesNotMatch", 403), ("InvalidSignatureException", 400)),
])
def test_wrong_credentials(sandbox, key, secret, ec2, sts, lightsail):
    client = lambda service: sandbox.client(service, access_key=key, secret_key=secret)
    assert code(client("ec2").describe_volumes)[:2] == ec2
    assert code(client("sts").get_caller_identity)[:2] == sts
    assert code(client("lightsail").get_instances)[:2] == lightsail


def test_an_unsigned_request_fails(sandbox):
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=5)
    connection.request("POST", "/", body="Action=DescribeVolumes&Version=2016-11-15")
    reply = connection.getresponse()
    assert reply.status == 403 and "<Code>MissingAuthenticationToken</Code>" in reply.read().decode()


@pytest.mark.parametrize("body, expected", [
    ("Action=DeleteSnapshot&Version=2016-11-15", "MissingParameter"),
    ("Action=DeleteSnapshot&Version=2016-11-15&SnapshotId=snap-1&DryRun=perhaps", "InvalidParameterValue"),
    ("Action=DeleteSnapshot&Version=2016-11-15&SnapshotId=snap-1&Snapshot=snap-1", "UnknownParameter"),
    ("Action=CreateSnapshots&Version=2016-11-15&Description=x", "MissingParameter"),
    ("Action=&Version=2016-11-15", "InvalidAction"),
    ("Version=2016-11-15", "InvalidAction"),
    ("", "InvalidAction"),
])
def test_requests_that_cannot_be_read(sandbox, body, expected):
    status, text = send(sandbox, signed(sandbox, body=body))
    assert status == 400 and f"<Code>{expected}</Code>" in text


@pytest.mark.parametrize("target, body, expected", [
    ("Lightsail_20161128.GetOperation", "{}", "SerializationException"),
    ("Lightsail_20161128.GetOperation", '{"operationId": 7}', "SerializationException"),
    ("Lightsail_20161128.GetOperation", "{", "SerializationException"),
    ("Lightsail_20161128.GetOperation", '{"operationId": "x"}', "NotFoundException"),
    ("Lightsail_20990101.GetInstances", "{}", "UnknownOperationException"),
])
def test_lightsail_requests_that_cannot_be_read(sandbox, target, body, expected):
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    status, text = send(sandbox, signed(sandbox, service="lightsail", body=body, headers=headers))
    assert status == 400 and json.loads(text)["__type"] == expected


def test_a_long_body_is_refused(sandbox):
    status, _ = send(sandbox, signed(sandbox, body="x" * (2 << 20)))
    assert status == 413


# The program


def test_keys_can_be_chosen(start_sandbox, seed):
    sandbox = start_sandbox(seed, "--access-key", "AKIDOWN", "--secret-key", "own")
    assert code(sandbox.client("sts").get_caller_identity)[0] == "InvalidClientTokenId"
    sandbox.client("sts", access_key="AKIDOWN", secret_key="own").get_caller_identity()


def test_admin(sandbox):
    make_set(sandbox)
    calls = sandbox.admin("GET", "requests")
    assert [without(call, "time", "digest") for call in calls] == [{
        "service": "ec2", "operation": "CreateSnapshots", "region": HOME, "mutating": True, "outcome": "ok",
        "access-key": ACCESS_KEY}]
    dump = sandbox.admin("GET", "dump")
    assert [place["region"] for place in dump["regions"]] == [DR, HOME]
    assert all("id" in snapshot for snapshot in dump["regions"][1]["snapshots"])
    plain = sandbox.admin("GET", "dump?plain=1")
    assert not any("id" in snapshot or "start" in snapshot for snapshot in plain["regions"][1]["snapshots"])
    sandbox.admin("DELETE", "requests")
    assert sandbox.admin("GET", "requests") == []
    sandbox.admin("POST", "faults", [{"operation": "*", "kind": "throttle"}])
    sandbox.admin("DELETE", "faults")
    assert sandbox.admin("GET", "faults") == []
    sandbox.admin("POST", "set", {"terminate": [WEB, "blog"]})
    assert [i["name"] for i in sandbox.client("lightsail").get_instances()["instances"]] == ["shop"]
    sandbox.admin("POST", "add", {"lightsail-instances": [{"name": "blog"}]})
    assert len(sandbox.client("lightsail").get_instances()["instances"]) == 2
    sandbox.admin("POST", "seed", {"regions": ["eu-north-1"]})
    assert [place["region"] for place in sandbox.admin("GET", "dump")["regions"]] == ["eu-north-1"]


@pytest.mark.parametrize("method, path, body, text", [
    ("POST", "seed", {"ec2": []}, '"ec2" is not known here'),
    ("POST", "set", {"terminate": ["x"]}, "there is no x in this world"),
    ("POST", "faults", [{"kind": "throttle"}], '0: "operation" is missing'),
    ("GET", "nothing", None, "there is no GET /_sandbox/nothing here; see --help"),
])
def test_admin_refuses(sandbox, method, path, body, text):
    with pytest.raises(AdminError) as caught:
        sandbox.admin(method, path, body)
    assert caught.value.text == text


def test_time_is_the_systems(start_sandbox, seed, tmp_path):
    """faketime moves the world's clock, and with it what is complete."""
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    seed["timings"] = {"snapshot-seconds": 600}
    sandbox = start_sandbox(seed, env=moved_clock(clock))
    make_set(sandbox)
    states = lambda: {s["state"] for s in sandbox.admin("GET", "dump")["regions"][1]["snapshots"]}
    assert states() == {"pending"}
    clock.write_text("+700\n")
    assert states() == {"completed"}


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told(start_sandbox, seed, end):
    sandbox = start_sandbox(seed)
    sandbox.client("sts").get_caller_identity()
    began = time.monotonic()
    sandbox.process.send_signal(end)
    assert sandbox.process.wait(timeout=10) == 0
    assert time.monotonic() - began < 3


# Roles


ROLE = "arn:aws:iam::111122223333:role/backup"


def test_roles(start_sandbox, seed):
    """Sessions sign for every service, until they end; each service has its own word for a bad one."""
    seed["roles"] = [{"arn": ROLE, "external-id": "x-1"}, {"arn": f"{ROLE}-web", "web-identity-token": "jwt"}]
    seed["accounts"] = {"111122223333": {
        "ec2-instances": [{"id": "i-theirs"}], "lightsail-instances": [{"name": "theirs"}]}}
    sandbox = start_sandbox(seed)
    sts = sandbox.client("sts")
    denied = code(sts.assume_role, RoleArn=ROLE, RoleSessionName="nightly")
    assert denied == (
        "AccessDenied", 403, "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: sts:AssumeRole "
        f"on resource: {ROLE}")
    reply = sts.assume_role(RoleArn=ROLE, RoleSessionName="nightly", ExternalId="x-1", DurationSeconds=900)
    assert reply["AssumedRoleUser"]["Arn"] == "arn:aws:sts::111122223333:assumed-role/backup/nightly"
    given = reply["Credentials"]
    assert recent(given["Expiration"] - datetime.timedelta(seconds=900))

    def client(service, token=given["SessionToken"]):
        return boto3.client(
            service, region_name=HOME, endpoint_url=sandbox.url, aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"], aws_session_token=token)

    assert client("sts").get_caller_identity()["Arn"] == reply["AssumedRoleUser"]["Arn"]
    # They see their own account, and no other does.
    [reservation] = client("ec2").describe_instances()["Reservations"]
    assert [i["InstanceId"] for i in reservation["Instances"]] == ["i-theirs"]
    assert [i["name"] for i in client("lightsail").get_instances()["instances"]] == ["theirs"]
    ours = sandbox.client("ec2").describe_instances()["Reservations"]
    assert ours and "i-theirs" not in {i["InstanceId"] for r in ours for i in r["Instances"]}
    for token in ("another", None):
        assert code(client("sts", token).get_caller_identity)[:2] == ("InvalidClientTokenId", 403)
        assert code(client("ec2", token).describe_instances)[:2] == ("AuthFailure", 401)
        assert code(client("lightsail", token).get_instances)[:2] == ("UnrecognizedClientException", 400)


def test_a_web_identity_signs_nothing(start_sandbox, seed):
    seed["roles"] = [{"arn": ROLE, "web-identity-token": "jwt-of-the-pod"}]
    sandbox = start_sandbox(seed)
    sts = boto3.client(
        "sts", region_name=HOME, endpoint_url=sandbox.url, config=Config(signature_version=UNSIGNED))
    reply = sts.assume_role_with_web_identity(RoleArn=ROLE, RoleSessionName="pod", WebIdentityToken="jwt-of-the-pod")
    assert reply["Credentials"]["AccessKeyId"].startswith("ASIA")
    refused = code(sts.assume_role_with_web_identity, RoleArn=ROLE, RoleSessionName="pod", WebIdentityToken="another")
    assert refused[:2] == ("InvalidIdentityToken", 400)


def test_a_session_ends(start_sandbox, seed, tmp_path):
    clock = tmp_path / "clock"
    clock.write_text("+0")
    seed["roles"] = [{"arn": ROLE}]
    sandbox = start_sandbox(seed, env=moved_clock(clock))
    given = sandbox.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="session", DurationSeconds=900)["Credentials"]

    def ask(service, name):
        client = boto3.client(
            service, region_name=HOME, endpoint_url=sandbox.url, aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"], aws_session_token=given["SessionToken"],
            config=Config(retries={"max_attempts": 0}))
        return getattr(client, name)

    clock.write_text("+880")
    assert ask("sts", "get_caller_identity")()["Arn"].endswith("assumed-role/backup/session")
    # Fifteen minutes are what a signature may be old, too: just beyond the session's, within the signature's.
    clock.write_text("+898")
    time.sleep(4)
    assert code(ask("sts", "get_caller_identity"))[:2] == ("ExpiredToken", 403)
    assert code(ask("ec2", "describe_instances"))[:2] == ("RequestExpired", 400)
    assert code(ask("lightsail", "get_instances"))[:2] == ("ExpiredTokenException", 400)
