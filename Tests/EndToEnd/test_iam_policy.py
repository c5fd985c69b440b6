"""The policy that `iam-policy` prints: golden texts, and every call of a run against it."""

import json
import pathlib

import pytest
from conftest import ROOT
from iam_evaluator import Right, World, ec2_name, refused, request_tags, resource_tags, rights
from moto.iam.access_control import IAMPolicy, PermissionResult
from recorder import Recorder
from support import Installation
from test_main_job import CONFIG, DR, HOME, older

GOLDEN = pathlib.Path(__file__).parent / "Golden" / "iam-policy"
KEYS = CONFIG.replace("copies: [{ region: eu-west-1 }]", "copies: [{ region: eu-west-1, kms-key: alias/dr }]")
EC2_ALONE = """
fleet: only-ec2
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { tags: { Backup: nightly } } }
    schedule: { cron: "0 2 * * *" }
"""
MANY_KEYS = """
fleet: keys
policies:
  web:
    regions: [eu-central-1]
    select: { ec2-instances: { names: ["*"] } }
    schedule: { cron: "0 2 * * *" }
    copies:
      - { region: eu-west-1, kms-key: alias/dr }
      - { region: eu-west-2, kms-key: "arn:aws:kms:eu-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
      - { region: eu-west-3, kms-key: 1234abcd-12ab-34cd-56ef-1234567890ab }
      - { region: eu-north-1, kms-key: "arn:aws:kms:eu-north-1:123456789012:alias/far" }
"""
CHINA = EC2_ALONE.replace("us-east-1", "cn-north-1") + "    copies: [{ region: cn-northwest-1, kms-key: alias/dr }]\n"
CONFIGS = {
    "ec2-alone": EC2_ALONE, "both-with-copies": CONFIG, "keys": MANY_KEYS, "china": CHINA,
    "lightsail-only": (ROOT / "config/samples/lightsail-only.yaml").read_text(),
    "two-tiers": (ROOT / "config/samples/two-tiers.yaml").read_text(),
}


def printed(folder, config):
    folder.mkdir(exist_ok=True)
    return Installation(folder, None, config).run("iam-policy").stdout


@pytest.mark.parametrize("name", CONFIGS)
def test_golden(tmp_path, name):
    """To take over a change: print it anew, read the difference."""
    text = printed(tmp_path, CONFIGS[name])
    assert json.loads(text)["Version"] == "2012-10-17"
    assert text == (GOLDEN / f"{name}.json").read_text()


@pytest.mark.parametrize("name", CONFIGS)
def test_only_what_the_config_needs(tmp_path, name):
    text, config = printed(tmp_path, CONFIGS[name]), CONFIGS[name]
    assert ("lightsail:" in text) == ("lightsail-instances" in config)
    assert ("ec2:Describe" in text) == ("ec2-instances" in config)
    assert (":CopySnapshot" in text) == ("copies:" in config)
    assert ('"kms:' in text) == ("kms-key:" in config)
    assert ("DescribeVolumes" in text) == ("ec2-instances" in config)
    identifiers = [s["Sid"] for s in json.loads(text)["Statement"]]
    assert len(identifiers) == len(set(identifiers)) and all(i.isalnum() for i in identifiers)


def test_size_is_measured_against_iams_limit(tmp_path):
    policy = """
  p{n}:
    regions: [us-east-1, us-east-2, eu-west-1, eu-west-2, eu-west-3, eu-central-1]
    select: {{ ec2-instances: {{ names: ["*"] }}, lightsail-instances: {{ names: ["*"] }} }}
    schedule: {{ cron: "0 2 * * *" }}
    copies: [{{ region: us-west-2, kms-key: alias/key-{n} }}]
"""
    config = "fleet: large\npolicies:" + "".join(policy.format(n=n) for n in range(2))
    done = Installation(tmp_path, None, config).run("iam-policy")
    size = len("".join(done.stdout.split()))
    assert 6144 < size <= 10240
    assert done.stderr == (
        f"warning: the policy has {size} characters, and a managed policy holds 6144: write it into the role itself, "
        "which holds 10240\n"
    )
    config = "fleet: large\npolicies:" + "".join(policy.format(n=n) for n in range(12))
    done = Installation(tmp_path, None, config).run("iam-policy")
    size = len("".join(done.stdout.split()))
    assert done.stderr == (
        f"warning: the policy has {size} characters, and a managed policy holds 6144, a role itself 10240: make managed "
        "policies of its statements, and attach them all\n"
    )


@pytest.fixture
def observed(start_sandbox, seed):
    """A sandbox behind a recorder that notes the world before each call that changes it."""
    seed["timings"] = {"snapshot-seconds": 1, "copy-seconds": 1}
    sandbox = start_sandbox(older(seed))
    recorder = Recorder(sandbox)

    def look(call):
        if not call.operation.startswith(("Describe", "Get")):
            call.world = World(sandbox.admin("GET", "dump"))

    recorder.before = look
    yield recorder
    recorder.close()


@pytest.mark.parametrize("config", [CONFIG, KEYS], ids=["plain", "keys"])
def test_every_call_of_a_run_is_allowed(tmp_path, observed, config):
    installation = Installation(tmp_path, observed, config)
    policy = json.loads(installation.run("iam-policy").stdout)
    observed.sandbox.admin("POST", "faults", [
        {"operation": "CreateSnapshots", "kind": "failLater"}, {"operation": "CopySnapshot", "kind": "failLater"},
    ])
    for attempt in range(2):
        installation.run("run", "--once", code=None)
    point = next(p for p in installation.json("list") if p["resource"].startswith("i-"))
    name = f"{point['policy']}/{point['resource']}/{point['slot']}"
    blog = next(p for p in installation.json("list") if not p["resource"].startswith("i-"))
    for command in (["hold", name], ["release", name], ["hold", f"{blog['policy']}/{blog['resource']}/{blog['slot']}"],
                    ["release", f"{blog['policy']}/{blog['resource']}/{blog['slot']}"], ["status"]):
        installation.run(*command)
    made = {call.operation for call in observed.calls}
    assert made >= {
        "CreateSnapshots", "CopySnapshot", "CreateTags", "DeleteTags", "DeleteSnapshot", "CreateInstanceSnapshot",
        "TagResource", "UntagResource", "DeleteInstanceSnapshot", "DescribeSnapshots", "GetInstances",
    }
    assert not observed.misuses
    for call in observed.calls:
        needed = rights(call)
        assert not refused(policy, needed), call
        # moto's evaluator, which nobody here wrote, agrees on actions and resources (it knows few conditions).
        for right in needed:
            assert any(
                IAMPolicy(json.dumps({"Version": "2012-10-17", "Statement": [bare(s)]}))
                .is_action_permitted(right.action, right.resource) == PermissionResult.PERMITTED
                for s in policy["Statement"]
            ), right
    # Each statement is needed: without it something is refused. Keys at home are used by none of these volumes.
    idle = {"ReadEncryptedSources", "GrantEncryptedSources"}
    for statement in policy["Statement"]:
        rest = {"Statement": [s for s in policy["Statement"] if s is not statement]}
        if statement["Sid"] not in idle:
            assert any(refused(rest, rights(call)) for call in observed.calls), statement["Sid"]


def bare(statement):
    return {key: value for key, value in statement.items() if key != "Condition"}


OURS, FOREIGN = resource_tags({"snapwarden:fleet": "acme"}), resource_tags({"snapwarden:fleet": "other", "Name": "x"})
NEW_TAGS = request_tags({"snapwarden:fleet": "acme", "Name": "x"})


def snapshot(action, region, identity="snap-1", **context):
    return Right(f"ec2:{action}", ec2_name(region, "snapshot", identity), region)


DENIED = {
    "deleting a foreign snapshot": snapshot("DeleteSnapshot", HOME).add(FOREIGN),
    "deleting a snapshot without tags": snapshot("DeleteSnapshot", HOME),
    "deleting ours elsewhere": snapshot("DeleteSnapshot", "ap-south-1").add(OURS),
    "creating without our tag": snapshot("CreateSnapshots", HOME, "*").add(request_tags({"Name": "x"})),
    "creating for another fleet": snapshot("CreateSnapshots", HOME, "*").add(
        request_tags({"snapwarden:fleet": "other"})),
    "creating where nothing is protected": snapshot("CreateSnapshots", DR, "*").add(NEW_TAGS),
    "copying without our tag": snapshot("CopySnapshot", DR, "*").add(request_tags({"Name": "x"})),
    "copying elsewhere": snapshot("CopySnapshot", HOME, "*").add(NEW_TAGS),
    "tagging a foreign snapshot as ours": snapshot("CreateTags", HOME).add(FOREIGN).add(NEW_TAGS),
    "tagging an instance": Right("ec2:CreateTags", ec2_name(HOME, "instance", "i-1"), HOME).add(NEW_TAGS),
    "taking our fleet tag off": snapshot("DeleteTags", HOME).add(OURS).add({"aws:TagKeys": ["snapwarden:fleet"]}),
    "taking all tags off": snapshot("DeleteTags", HOME).add(OURS),
    "writing a tag of somebody else": snapshot("CreateTags", HOME).add(OURS).add(request_tags({"CostCenter": "x"})),
    "sharing a snapshot": snapshot("ModifySnapshotAttribute", HOME).add(OURS),
    "terminating an instance": Right("ec2:TerminateInstances", ec2_name(HOME, "instance", "i-1"), HOME),
    "reading elsewhere": Right("ec2:DescribeSnapshots", "*", "ap-south-1"),
    "deleting a foreign Lightsail snapshot": Right(
        "lightsail:DeleteInstanceSnapshot", f"arn:aws:lightsail:{HOME}:1:InstanceSnapshot/a", HOME).add(FOREIGN),
    "taking a Lightsail snapshot without our tag": Right(
        "lightsail:CreateInstanceSnapshot", f"arn:aws:lightsail:{HOME}:1:Instance/a", HOME),
    "deleting a Lightsail instance": Right("lightsail:DeleteInstance", f"arn:aws:lightsail:{HOME}:1:Instance/a", HOME),
    "tagging a foreign Lightsail snapshot at home": Right(
        "lightsail:TagResource", f"arn:aws:lightsail:{HOME}:1:InstanceSnapshot/a", HOME).add(FOREIGN).add(NEW_TAGS),
    "copying in Lightsail elsewhere": Right("lightsail:CopySnapshot", "*", HOME),
    "reading Lightsail elsewhere": Right("lightsail:GetInstances", "*", "ap-south-1"),
    "tagging a foreign Lightsail copy not as ours": Right(
        "lightsail:TagResource", f"arn:aws:lightsail:{DR}:1:InstanceSnapshot/a", DR).add(FOREIGN).add(
        request_tags({"Name": "x"})),
    "taking our fleet tag off a Lightsail snapshot": Right(
        "lightsail:UntagResource", f"arn:aws:lightsail:{HOME}:1:InstanceSnapshot/a", HOME).add(OURS).add(
        {"aws:TagKeys": ["snapwarden:fleet"]}),
    "untagging a foreign Lightsail snapshot": Right(
        "lightsail:UntagResource", f"arn:aws:lightsail:{HOME}:1:InstanceSnapshot/a", HOME).add(FOREIGN).add(
        {"aws:TagKeys": ["snapwarden:hold"]}),
    "decrypting by ourselves": Right("kms:Decrypt", f"arn:aws:kms:{DR}:1:key/a", DR).add(
        {"kms:ResourceAliases": ["alias/dr"]}),
    "using another key": Right("kms:GenerateDataKey", f"arn:aws:kms:{DR}:1:key/a", DR).add(
        {"kms:ResourceAliases": ["alias/x"], "kms:ViaService": [f"ec2.{DR}.amazonaws.com"]}),
    "granting to people": Right("kms:CreateGrant", f"arn:aws:kms:{DR}:1:key/a", DR).add(
        {"kms:ResourceAliases": ["alias/dr"], "kms:GrantIsForAWSResource": ["false"]}),
}


@pytest.mark.parametrize("name", DENIED)
def test_denied(tmp_path, name):
    assert refused(json.loads(printed(tmp_path, KEYS)), [DENIED[name]]), "it is allowed"
