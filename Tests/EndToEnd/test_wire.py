"""Every request of the program, read back by botocore's models: known parameters, with valid values, none missing."""

import re

import pytest
from conftest import ACCESS_KEY, ROOT, SECRET_KEY
from recorder import Misuse, Recorder, parsed
from support import Installation
from test_kinds import AUTOMATIC, LIGHTSAIL, VOLUMES, with_automatic, with_disks_and_databases, with_volumes
from test_main_job import CONFIG, older

WITH_EVERYTHING = CONFIG.replace("copies: [{ region: eu-west-1 }]", """copies: [{ region: eu-west-1, kms-key: alias/dr }]
    tags: { copy-from-volume: true, add: { CostCenter: "Grüße + a/b=c" } }""").replace(
    "exclude: { volumes: {", "exclude: { boot-volume: true, volumes: { ids: [vol-0a1b2c3d4e5f61002],")


# What only disks, databases, volumes by themselves and automatic snapshots need.
OF_OTHER_KINDS = {
    ("ec2", "CreateSnapshot"),
    *(("lightsail", name) for name in (
        "GetDisks", "GetDiskSnapshots", "GetDiskSnapshot", "CreateDiskSnapshot", "DeleteDiskSnapshot",
        "GetRelationalDatabases", "GetRelationalDatabaseSnapshots", "GetRelationalDatabaseSnapshot",
        "CreateRelationalDatabaseSnapshot", "DeleteRelationalDatabaseSnapshot", "GetAutoSnapshots", "EnableAddOn",
        "DisableAddOn")),
}


def operations(of="*"):
    """Every operation that a client of the program names."""
    sources = [p.read_text() for p in (ROOT / "Sources/AWS").rglob(f"{of}Operations.swift")]
    return {tuple(found) for text in sources for found in re.findall(r'Operation\(\s*\.(\w+), "(\w+)"', text)}


ROLE = "arn:aws:iam::111122223333:role/backup"


def take_on_a_role(installation):
    """Lists by the credentials of a role."""
    config = installation.folder / "aws-config"
    config.write_text(
        f"[default]\nrole_arn = {ROLE}\nexternal_id = x/1\nduration_seconds = 900\nsource_profile = keys\n"
        f"[profile keys]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n")
    variables = {"AWS_CONFIG_FILE": str(config), "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    usual = installation.environment
    installation.environment = lambda **more: usual(**variables, **more)
    installation.run("list")


@pytest.fixture
def recorder(start_sandbox, seed):
    seed["timings"] = {"snapshot-seconds": 1, "copy-seconds": 1}
    seed["roles"] = [{"arn": ROLE, "external-id": "x/1"}]
    recorder = Recorder(start_sandbox(older(seed)))
    yield recorder
    recorder.close()


@pytest.mark.parametrize("config", [CONFIG, WITH_EVERYTHING], ids=["plain", "with everything"])
def test_every_request_is_valid(tmp_path, recorder, config):
    installation = Installation(tmp_path, recorder, config)
    installation.run("run", "--once", code=None)
    for provider in ("i-", ""):
        point = next(p for p in installation.json("list") if p["resource"].startswith("i-") == bool(provider))
        name = f"{point['policy']}/{point['resource']}/{point['slot']}"
        installation.run("hold", name, "--reason", "Prüfung 2026: a+b=c")
        installation.run("release", name)
    installation.run("backup", "nightly")
    installation.run("doctor", code=None)
    take_on_a_role(installation)
    assert recorder.misuses == []
    assert len(recorder.calls) > 50
    seen = {(call.service, call.operation) for call in recorder.calls}
    # Of a snapshot its own state tells more than GetOperation; restores ask for it.
    # AssumeRoleWithWebIdentity bears no signature to know it by; AssumedRoleTests.swift has it word for word.
    never = {("lightsail", "GetOperation"), ("sts", "AssumeRoleWithWebIdentity")}
    # What only copies between accounts need; test_accounts.py reads it back in the same way.
    never |= {("ec2", "ModifySnapshotAttribute")}
    never |= set() if "kms-key" in config else {("kms", "DescribeKey")}
    # What only restores need: see test_every_request_of_restores_is_valid.
    never |= operations(of="*Restore")
    assert operations() - seen == never | OF_OTHER_KINDS


def test_every_request_of_other_kinds_is_valid(tmp_path, start_sandbox, seed):
    seed = with_automatic(with_disks_and_databases(with_volumes(seed)))
    seed["lightsail-disks"].append({"name": "spare-1", "uuid": "u-spare-1", "tags": {"backup": "yes"}})
    sandbox = start_sandbox(seed)
    recorder = Recorder(sandbox)
    # What ends in error is deleted again: the deletes are seen without waiting for days.
    sandbox.admin("POST", "faults", [
        {"operation": name, "kind": "failLater", "count": 1}
        for name in ("CreateDiskSnapshot", "CreateRelationalDatabaseSnapshot")])
    off = AUTOMATIC.replace('automatic-snapshots: "02:00"', "automatic-snapshots: off")
    for number, config in enumerate((VOLUMES, LIGHTSAIL, AUTOMATIC, off)):
        folder = tmp_path / str(number)
        folder.mkdir()
        installation = Installation(folder, recorder, config)
        installation.run("run", "--once", code=None)
        installation.run("doctor", code=None)
    assert recorder.misuses == []
    assert OF_OTHER_KINDS - {(call.service, call.operation) for call in recorder.calls} == set()
    recorder.close()


def test_every_request_of_restores_is_valid(tmp_path, start_sandbox, seed):
    seed = with_disks_and_databases(with_volumes(seed))
    seed["timings"] = {"snapshot-seconds": 0, "copy-seconds": 0, "instance-seconds": 1}
    seed["lightsail-static-ips"] = [{"name": "front"}]
    seed["lightsail-instances"][0]["ports"] = [{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrs": ["10.0.0.0/8"]}]
    seed["lightsail-disks"] = [{"name": "spare-1", "uuid": "u-spare-1", "tags": {"backup": "yes"}}]
    sandbox = start_sandbox(seed)
    recorder = Recorder(sandbox)
    installations = []
    for number, config in enumerate((VOLUMES, LIGHTSAIL)):
        folder = tmp_path / str(number)
        folder.mkdir()
        installations.append(Installation(folder, recorder, config))
        installations[-1].run("run", "--once")
    ec2, lightsail = installations
    before, script = len(recorder.calls), tmp_path / "first-start.sh"
    script.write_text("#!/bin/sh\ntrue\n")
    instance = seed["ec2-instances"][0]["id"]
    moved = [f"--device=/dev/{old}=/dev/{new}" for old, new in (("xvda", "sdx"), ("sdf", "sdy"), ("sdg", "sdz"))]
    for options in (
            ["--volumes-only", "--volume-type", "gp3", "--iops", "4000", "--throughput", "200", "--kms-key", "alias/dr"],
            ["--attach-to", instance, *moved], ["--replace-root-volume", instance, "--delete-replaced-root"],
            ["--new-instance", "--user-data", script, "--tag", "Why=Übung a=b", "--zone", "us-east-1a",
             "--key-pair", "ops", "--profile", "web", "--security-group", "sg-1"]):
        name = f"--as=wire {options[0]}"
        ec2.run("restore", instance, name, "--yes", *options)
        ec2.run("restore", instance, name, "--undo", "--yes")
    lightsail.run(
        "restore", "blog", "--as", "blog-2", "--static-ip", "front", "--user-data", script, "--tag", "Why=Uebung a=b",
        "--add-on", "AutoSnapshot=06:00", "--yes")
    lightsail.run("restore", "spare-1", "--attach-to", "blog-2", "--device", "/dev/xvdg", "--yes")
    lightsail.run("restore", "shop-db", "--bundle", "small_2_0", "--yes")
    lightsail.run("restore", "blog", "--as", "blog-2", "--undo", "--yes")
    lightsail.run("restore", "shop-db", "--undo", "--yes")
    assert recorder.misuses == []
    seen = {(call.service, call.operation) for call in recorder.calls[before:]}
    # UEFI variables are read for a bucket alone. The disk is attached to an instance that goes with the first undo.
    never = {("ec2", "GetInstanceUefiData")}
    lightsail.run("restore", "spare-1", "--undo", "--yes")
    seen |= {(call.service, call.operation) for call in recorder.calls[before:]}
    assert (operations(of="*Restore") | {("lightsail", "GetOperation")}) - seen == never
    recorder.close()


@pytest.mark.parametrize("service,operation,raw,complaint", [
    ("ec2", "DescribeSnapshots", {"Owner.1": "self", "Unknown": "1"}, "has no ['Unknown']"),
    ("ec2", "DescribeSnapshots", {"Owner.2": "self"}, "not counted from 1"),
    ("ec2", "DescribeSnapshots", {"MaxResults": "many"}, "not a number"),
    ("ec2", "DescribeSnapshots", {"DryRun": "yes"}, "not true or false"),
    ("ec2", "DeleteSnapshot", {}, "Missing required parameter"),
    ("ec2", "CreateSnapshots", {"InstanceSpecification.InstanceId": "i-1", "CopyTagsFromSource": "instance"}, "none of"),
    ("lightsail", "CopySnapshot", {"sourceRegion": "eu-west-9", "targetSnapshotName": "ab"}, "none of"),
    ("lightsail", "CopySnapshot", {"sourceRegion": "eu-west-1", "targetSnapshotName": "-ab"}, "not \\w"),
    ("lightsail", "GetInstances", {"pageTokn": "x"}, "pageTokn"),
    ("kms", "DescribeKey", {"KeyId": "a" * 3000}, "exceeds"),
    ("sts", "GetCallerIdentity", {"a": "b"}, "has no"),
    ("ec2", "DescribeSnapshot", {}, "has no DescribeSnapshot"),
])
def test_the_check_itself_finds(service, operation, raw, complaint):
    with pytest.raises(Misuse) as misuse:
        parsed(service, operation, raw, is_json=service in ("lightsail", "kms"))
    assert complaint in str(misuse.value)
