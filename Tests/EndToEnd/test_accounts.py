"""Roles of other accounts, and copies from one account into another, judged by boto3 with each account's own keys."""

import json
import signal
import time

import boto3
import pytest
from conftest import ACCESS_KEY, DR, HOME
from iam_evaluator import World, refused, rights
from recorder import Recorder
from support import Installation, daemon

OWN, PROD, VAULT = "123456789012", "111122223333", "222233334444"
PROD_ROLE, VAULT_ROLE = f"arn:aws:iam::{PROD}:role/snapwarden", f"arn:aws:iam::{VAULT}:role/backup/vault"
DATA = "vol-0a1b2c3d4e5f61002"
ACCOUNTS = f"""
fleet: acme
timing: {{ consistency: 2s, poll-first: 1s, poll-longest: 1s }}
accounts:
  prod: {{ role-arn: "{PROD_ROLE}", external-id: x/1, session-name: nightly-backup, duration: 15min }}
  vault: {{ role-arn: "{VAULT_ROLE}" }}
policies:
"""
POLICY = """
  nightly:
    account: prod
    regions: [us-east-1]
    select: { ec2-instances: { tags: { backup: "yes" } } }
    schedule: { cron: "0 2 * * *" }
    copies: [{ account: vault, region: REGION }]
"""
TO_VAULT = ACCOUNTS + POLICY.replace("REGION", DR)


def world(home=PROD, role=None, **volume):
    seed = {
        "account": OWN, "regions": [HOME, DR], "timings": {"snapshot-seconds": 1, "copy-seconds": 2},
        "roles": [{"arn": PROD_ROLE, "external-id": "x/1"}, {"arn": VAULT_ROLE}, *([{"arn": role}] if role else [])],
    }
    instances = [{
        "id": "i-0a1b2c3d4e5f60001", "name": "db", "tags": {"backup": "yes"}, "volumes": [
            {"id": "vol-0a1b2c3d4e5f61001", "device": "/dev/xvda", "boot": True},
            {"id": DATA, "device": "/dev/sdf", **volume}]}]
    if home == OWN:
        return {**seed, "ec2-instances": instances}
    return {**seed, "accounts": {home: {"regions": [HOME, DR], "ec2-instances": instances}}}


class Accounts:
    """The sandbox by the eyes of each account."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        sts = sandbox.client("sts")
        self.keys = {
            PROD: sts.assume_role(RoleArn=PROD_ROLE, RoleSessionName="test", ExternalId="x/1")["Credentials"],
            VAULT: sts.assume_role(RoleArn=VAULT_ROLE, RoleSessionName="test")["Credentials"],
        }

    def ec2(self, account, region):
        if account == OWN:
            return self.sandbox.client("ec2", region)
        keys = self.keys[account]
        return boto3.client(
            "ec2", region_name=region, endpoint_url=self.sandbox.url, aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])

    def snapshots(self, account, region, **more):
        return self.ec2(account, region).describe_snapshots(OwnerIds=["self"], **more)["Snapshots"]

    def shared(self, account, region, reader):
        return [s["SnapshotId"] for s in self.snapshots(account, region, RestorableByUserIds=[reader])]


@pytest.fixture
def started(start_sandbox, tmp_path):
    def start(config, **volume):
        sandbox = start_sandbox(world(**volume))
        recorder = Recorder(sandbox)
        started.recorders.append(recorder)
        return Installation(tmp_path, recorder, config), recorder, Accounts(sandbox)

    started.recorders = []
    yield start
    for recorder in started.recorders:
        recorder.close()


def tags(snapshot):
    return {tag["Key"]: tag["Value"] for tag in snapshot.get("Tags", [])}


@pytest.mark.parametrize("region", [DR, HOME], ids=["other region", "same region"])
@pytest.mark.parametrize("volume", [{}, {"kms-key": f"arn:aws:kms:{HOME}:{PROD}:key/k-1"}], ids=["plain", "encrypted"])
def test_copies_go_into_the_vault_and_no_share_is_left(started, region, volume):
    installation, recorder, accounts = started(ACCOUNTS + POLICY.replace("REGION", region), **volume)
    installation.run("run", "--once")
    home, copies = accounts.snapshots(PROD, HOME), accounts.snapshots(VAULT, region)
    assert len(home) == 2 and len(copies) == 2 and accounts.snapshots(OWN, HOME) == []
    assert {s["OwnerId"] for s in home} == {PROD} and {s["OwnerId"] for s in copies} == {VAULT}
    assert {tags(s)["snapwarden:source"] for s in copies} == {f"{PROD}/{HOME}/{s['SnapshotId']}" for s in home}
    assert {tags(s)["snapwarden:set"] for s in home + copies} == {tags(home[0])["snapwarden:set"]}
    assert all(tags(s)[f"snapwarden:copied-{VAULT}/{region}"] == "usable" for s in home)
    # Shared before each copy, with the vault alone, and taken back once the copies were there.
    changes = [c for c in recorder.calls if c.operation == "ModifySnapshotAttribute"]
    assert {tuple(c.parameters["UserIds"]) for c in changes} == {(VAULT,)}
    added = {c.parameters["SnapshotId"] for c in changes if c.parameters["OperationType"] == "add"}
    removed = {c.parameters["SnapshotId"] for c in changes if c.parameters["OperationType"] == "remove"}
    assert added == removed == {s["SnapshotId"] for s in home}
    assert accounts.shared(PROD, HOME, VAULT) == []
    # Nothing is made twice, and a lost ledger makes no difference.
    installation.forget()
    installation.run("run", "--once")
    assert len(accounts.snapshots(PROD, HOME)) == len(accounts.snapshots(VAULT, region)) == 2
    listed = installation.json("list")
    assert {(p["account"], p["region"], p["state"]) for p in listed} == {
        (PROD, HOME, "usable"), (VAULT, region, "usable")}
    assert f"{VAULT}/{region}" in installation.run("list").stdout
    assert installation.json("plan") == [] and recorder.misuses == []


def test_each_account_is_asked_with_its_own_role(started):
    installation, recorder, accounts = started(TO_VAULT)
    installation.run("run", "--once")
    roles = [c.parameters for c in recorder.calls if c.operation == "AssumeRole"]
    assert sorted(roles, key=lambda r: r["RoleArn"]) == [
        {"RoleArn": PROD_ROLE, "RoleSessionName": "nightly-backup", "ExternalId": "x/1", "DurationSeconds": 900},
        {"RoleArn": VAULT_ROLE, "RoleSessionName": "snapwarden", "DurationSeconds": 3600}]
    assert {c.operation for c in recorder.calls if c.access_key == ACCESS_KEY} == {"AssumeRole", "GetCallerIdentity"}


def test_what_was_copied_is_pruned_on_each_side(started):
    """Home keeps one point, the vault two; both are made by hand, in different seconds."""
    config = TO_VAULT.replace("copies:", "retention: { keep-last: 1 }\n    copies:").replace(
        "region: eu-west-1", "region: eu-west-1, retention: { keep-last: 2 }").replace("timing:", "prune-grace: 0s\ntiming:")
    installation, recorder, accounts = started(config)
    for _ in range(3):
        installation.run("run", "--once", code=None)
    assert len(accounts.snapshots(PROD, HOME)) == 2 and len(accounts.snapshots(VAULT, DR)) == 2
    point = installation.json("list")[0]
    name = f"{point['policy']}/{point['resource']}/{point['slot']}"
    installation.run("hold", name)
    assert all(tags(s).get("snapwarden:hold") is not None for s in accounts.snapshots(VAULT, DR))
    installation.run("release", name)
    assert all("snapwarden:hold" not in tags(s) for s in accounts.snapshots(PROD, HOME))


def test_the_standard_credentials_account_may_be_the_vault(started):
    installation, recorder, accounts = started(TO_VAULT.replace("account: vault, ", "account: default, "))
    installation.run("run", "--once")
    copies = accounts.snapshots(OWN, DR)
    assert {s["OwnerId"] for s in copies} == {OWN} and len(copies) == 2
    assert all(f"snapwarden:copied-{OWN}/{DR}" in tags(s) for s in accounts.snapshots(PROD, HOME))
    assert accounts.shared(PROD, HOME, OWN) == []
    shared_with = {u for c in recorder.calls if c.operation == "ModifySnapshotAttribute" for u in c.parameters["UserIds"]}
    assert shared_with == {OWN}


def test_the_standard_credentials_account_may_be_home_and_get_a_name_later(started, start_sandbox):
    """Tags name accounts by their digits, so that a name in the config changes nothing."""
    role = f"arn:aws:iam::{OWN}:role/snapwarden"
    installation, recorder, accounts = started(TO_VAULT.replace("    account: prod\n", ""), home=OWN, role=role)
    installation.run("run", "--once")
    home, copies = accounts.snapshots(OWN, HOME), accounts.snapshots(VAULT, DR)
    assert {tags(s)["snapwarden:source"] for s in copies} == {f"{OWN}/{HOME}/{s['SnapshotId']}" for s in home}
    assert accounts.shared(OWN, HOME, VAULT) == []
    listed = {(p["account"], p["region"], p["source"]) for p in installation.json("list")}
    assert listed == {(None, HOME, None), (VAULT, DR, f"{HOME}/{tags(home[0])['snapwarden:set']}")}
    installation.config.write_text(TO_VAULT.replace(f'prod: {{ role-arn: "{PROD_ROLE}", external-id: x/1,', f'prod: {{ role-arn: "{role}",'))
    assert installation.json("plan") == []
    installation.forget()
    installation.run("run", "--once")
    assert accounts.snapshots(OWN, HOME) == home and accounts.snapshots(VAULT, DR) == copies
    listed = {(p["account"], p["region"], p["source"]) for p in installation.json("list")}
    assert listed == {(OWN, HOME, None), (VAULT, DR, f"{OWN}/{HOME}/{tags(home[0])['snapwarden:set']}")}


def test_a_daemon_does_not_rush_at_what_is_refused(started):
    installation, recorder, accounts = started(TO_VAULT, **{"kms-key": f"arn:aws:kms:{HOME}:{PROD}:alias/aws/ebs"})
    installation.run("run", "--once", code=2)
    installation.run("run", "--once", code=1)
    with daemon(installation) as process:
        time.sleep(6)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    text = (installation.folder / "daemon.log").read_text()
    assert "refuse nightly" in text and text.count("pass ended") < 4, text


def test_the_default_key_is_refused_in_the_plan_with_the_remedy(started):
    installation, recorder, accounts = started(TO_VAULT, **{"kms-key": f"arn:aws:kms:{HOME}:{PROD}:alias/aws/ebs"})
    # In the pass that made it nothing is known of its key yet, but what AWS says when it is to be shared.
    done = installation.run("run", "--once", code=2)
    assert "Encrypted snapshots with EBS default key cannot be shared. To mend it: encrypt the volume under" in done.stderr
    recorder.calls.clear()
    done = installation.run("run", "--once", code=1)
    encrypted = next(s["SnapshotId"] for s in accounts.snapshots(PROD, HOME) if s["Encrypted"])
    reason = (
        f"{encrypted} is encrypted under aws/ebs, AWS's own key of its account, and cannot be shared with {VAULT}: encrypt "
        "the volume under a customer managed key, by way of a copy of a snapshot under that key")
    assert reason in done.stderr
    actions = installation.json("plan")
    assert [(a["action"], a["account"], a["region"], a["reason"]) for a in actions] == [("refuse", VAULT, DR, reason)]
    assert "ModifySnapshotAttribute" not in {c.operation for c in recorder.calls}
    assert accounts.snapshots(VAULT, DR) == [] and len(accounts.snapshots(PROD, HOME)) == 2


def test_left_over_shares_are_swept(started):
    installation, recorder, accounts = started(TO_VAULT)
    installation.run("run", "--once")
    client = accounts.ec2(PROD, HOME)
    [first, second] = [s["SnapshotId"] for s in accounts.snapshots(PROD, HOME)]
    client.modify_snapshot_attribute(
        SnapshotId=first, Attribute="createVolumePermission", OperationType="add", UserIds=[VAULT])
    # Somebody else's: no copies of ours go there.
    client.modify_snapshot_attribute(
        SnapshotId=second, Attribute="createVolumePermission", OperationType="add", UserIds=["999988887777"])
    assert [a["action"] for a in installation.json("plan")] == ["unshare"]
    done = installation.run("run", "--once")
    assert accounts.shared(PROD, HOME, VAULT) == [] and accounts.shared(PROD, HOME, "999988887777") == [second]
    assert "where no copy of it is being made, and the share was taken back" in done.stderr


def test_a_share_stays_while_the_copy_is_being_made(started):
    installation, recorder, accounts = started(TO_VAULT)
    accounts.sandbox.admin("POST", "faults", [
        {"operation": "CopySnapshot", "kind": "dropAfter"}, {"operation": "CopySnapshot", "kind": "failLater"}])
    # One reply was lost, one copy failed later: in the end each member was copied once, and nothing is shared.
    installation.run("run", "--once", code=2)
    installation.run("run", "--once")
    copies = [s for s in accounts.snapshots(VAULT, DR) if s["State"] == "completed"]
    assert sorted(tags(s)["snapwarden:volume"] for s in copies) == ["vol-0a1b2c3d4e5f61001", DATA]
    assert accounts.shared(PROD, HOME, VAULT) == []


def test_the_same_account_twice_is_noticed(started):
    """A role of the very account that the standard credentials are of: each snapshot would be there twice."""
    config = TO_VAULT.replace(PROD, OWN).replace("external-id: x/1, ", "") + POLICY.replace(
        "nightly:", "own:").replace("    account: prod\n", "").replace("REGION", DR)
    installation, recorder, accounts = started(config)
    done = installation.run("run", "--once", code=None)
    assert f"the standard credentials are of account {OWN}, which the config names under accounts" in done.stderr
    assert done.returncode in (1, 2) and accounts.snapshots(OWN, HOME) == []


def test_a_role_that_is_not_given(started):
    installation, recorder, accounts = started(TO_VAULT.replace("external-id: x/1", "external-id: wrong"))
    done = installation.run("run", "--once", code=1)
    assert f"the role {PROD_ROLE} cannot be taken on" in done.stderr
    assert "the role's trust policy must name this caller, and this external id" in done.stderr


def test_doctor_knows_every_account(started):
    installation, recorder, accounts = started(TO_VAULT)
    installation.run("run", "--once")
    found = installation.json("doctor", code=None)
    who = [f["found"] for f in found if f["check"] == "credentials"]
    assert who == [
        f"arn:aws:sts::{PROD}:assumed-role/snapwarden/nightly-backup in account {PROD}",
        f"arn:aws:sts::{VAULT}:assumed-role/vault/snapwarden in account {VAULT}"]
    named = [f["found"] for f in found if f["check"] == "permission" and f["result"] == "OK"]
    assert f"ec2:CreateSnapshots in {PROD}/{HOME}" in named and f"ec2:DeleteSnapshot in {VAULT}/{DR}" in named
    assert f"ec2:ModifySnapshotAttribute in {PROD}/{HOME}" in named


def test_every_call_is_allowed_by_its_accounts_policy(started):
    installation, recorder, accounts = started(TO_VAULT.replace("region: eu-west-1", "region: eu-west-1, kms-key: alias/dr"))
    policies = {name: json.loads(installation.run("iam-policy", "--account", name).stdout) for name in ("prod", "vault")}
    policies["default"] = json.loads(installation.run("iam-policy").stdout)
    assert [s["Action"] for s in policies["default"]["Statement"]] == ["sts:AssumeRole"]

    def look(call):
        if not call.operation.startswith(("Describe", "Get")):
            call.world = World(accounts.sandbox.admin("GET", "dump"))

    recorder.before = look
    accounts.sandbox.admin("POST", "faults", [{"operation": "CopySnapshot", "kind": "failLater"}])
    for _ in range(2):
        installation.run("run", "--once", code=None)
    owners = {ACCESS_KEY: "default"}
    for call in recorder.calls:
        if call.access_key not in owners:
            # Only the vault's role is ever used in the other region, and it alone copies.
            owners[call.access_key] = "vault" if call.region == DR else "prod"
    for call in recorder.calls:
        policy = policies[owners[call.access_key]]
        assert not refused(policy, rights(call)), (owners[call.access_key], call)
    made = {(owners[c.access_key], c.operation) for c in recorder.calls}
    assert {("prod", "CreateSnapshots"), ("prod", "ModifySnapshotAttribute"), ("vault", "CopySnapshot"),
            ("vault", "DeleteSnapshot"), ("default", "AssumeRole")} <= made
    assert not recorder.misuses
    # Neither could do the other's work.
    for call in recorder.calls:
        if call.operation in ("CreateSnapshots", "CopySnapshot", "ModifySnapshotAttribute"):
            others = [n for n in policies if n != owners[call.access_key]]
            assert all(refused(policies[n], rights(call)) for n in others), call


def test_a_wrong_account_name(started):
    installation, recorder, accounts = started(TO_VAULT)
    done = installation.run("iam-policy", "--account", "vaul", code=1)
    assert 'no account "vaul"' in done.stderr and 'did you mean "vault"?' in done.stderr


def test_simulate_knows_accounts(started):
    installation, recorder, accounts = started(TO_VAULT.replace("copies:", "retention: { keep-daily: 3 }\n    copies:"))
    report = installation.json("simulate", "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-15T00:00:00Z")
    sides = {(s["account"], s["region"], s["copies"]): s["at-end"] for s in report["sides"]}
    assert sides == {(PROD, HOME, False): 3, (VAULT, DR, True): 3}
    assert report["calls"]["ec2:ModifySnapshotAttribute"] > 0
    assert recorder.calls == []
