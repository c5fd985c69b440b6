"""`doctor`: all well, and each thing broken once and named with its remedy."""

import json
import subprocess

import pytest
from iam_evaluator import World, refused, rights
from recorder import Recorder
from support import Installation, needs_root
from test_main_job import CONFIG, DR, HOME, Endpoint
from warp import Warp

KEYS = CONFIG.replace("copies: [{ region: eu-west-1 }]", "copies: [{ region: eu-west-1, kms-key: alias/dr }]")
CHANGING = ["ec2:DeleteSnapshot", "ec2:CreateTags", "ec2:DeleteTags"]
EVERYWHERE = ["ec2:DescribeSnapshots", "ec2:DescribeLockedSnapshots", "ec2:DescribeImages", *CHANGING]
PERMISSIONS = {
    HOME: [*EVERYWHERE, "ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:CreateSnapshots"],
    DR: [*EVERYWHERE, "ec2:CopySnapshot"],
}
LIGHTSAIL = {
    HOME: ["lightsail:GetInstances", "lightsail:GetInstanceSnapshots", "lightsail:GetInstanceSnapshot"],
    DR: ["lightsail:GetInstanceSnapshots", "lightsail:GetInstanceSnapshot"],
}


@pytest.fixture
def fresh(tmp_path, start_sandbox, seed):
    sandbox = start_sandbox(seed)
    return sandbox, Installation(tmp_path, Endpoint(sandbox), KEYS)


@pytest.fixture
def site(fresh):
    """An installation that has made points and copies."""
    sandbox, installation = fresh
    installation.run("run", "--once")
    return sandbox, installation


def findings(installation, code):
    return installation.json("doctor", code=code)


def troubles(installation, code):
    """What is not well, as result, check, text and remedy."""
    found = [tuple(f[k] for k in ("result", "check", "found", "remedy")) for f in findings(installation, code)]
    return [f for f in found if f[0] != "OK"]


def test_all_well(site):
    sandbox, installation = site
    before = sandbox.admin("GET", "dump")
    found = findings(installation, code=0)
    assert {f["result"] for f in found} == {"OK"} and {f["remedy"] for f in found} == {None}
    named = {f["found"] for f in found if f["check"] == "permission"}
    everything = [(right, region) for group in (PERMISSIONS, LIGHTSAIL) for region in group for right in group[region]]
    assert named == {f"{right} in {region}" for right, region in everything}
    texts = {f["check"]: f["found"] for f in found}
    assert texts["credentials"] == "arn:aws:iam::123456789012:user/sandbox in account 123456789012"
    assert texts["clock"] == "agrees with AWS's" and texts["key"] == "alias/dr in eu-west-1 is enabled"
    assert texts["config"] == f"{installation.config}: fleet acme, 1 policy"
    assert texts["state"] == f"{installation.state} holds a ledger" and "Europe/Berlin" in texts["zones"]
    assert {f["found"] for f in found if f["check"] == "quota"} == {
        "8 of 100000 snapshots in us-east-1", "0 of 100 pending snapshots in us-east-1",
        "8 of 100000 snapshots in eu-west-1", "0 of 100 pending snapshots in eu-west-1",
        "0 of 20 copies under way in eu-west-1",
    }
    assert sandbox.admin("GET", "dump") == before, "doctor changes nothing"
    table = installation.run("doctor").stdout.splitlines()
    assert table[0].split() == ["RESULT", "CHECK", "FOUND", "REMEDY"] and len(table) == len(found) + 1


def test_before_the_first_backup(fresh):
    _, installation = fresh
    not_tried = "not tried, there is no usable snapshot of ours to try it on"
    again = "run doctor again after the first backup"
    assert troubles(installation, code=2) == [
        ("WARN", "permission", f"ec2:CopySnapshot in {DR}: {not_tried}", again),
        ("WARN", "permission", f"{', '.join(CHANGING)} in {DR}: {not_tried}", again),
        ("WARN", "permission", f"{', '.join(CHANGING)} in {HOME}: {not_tried}", again),
    ]


@pytest.mark.parametrize("right", sorted({r for g in (PERMISSIONS, LIGHTSAIL) for rights in g.values() for r in rights}))
def test_each_permission_that_is_missing(site, right):
    sandbox, installation = site
    sandbox.admin("POST", "set", {"denied": [right]})
    named = [f for f in troubles(installation, code=1) if f[0] == "FAIL"]
    regions = [r for r in (HOME, DR) if right in PERMISSIONS[r] + LIGHTSAIL[r]]
    code, text = (
        ("UnauthorizedOperation", "You are not authorized to perform this operation.") if right.startswith("ec2")
        else ("AccessDeniedException", f"User is not authorized to perform: {right}")
    )
    remedy = f'allow {right}; "snapwarden iam-policy" prints all that this config needs'
    assert sorted(named) == sorted(
        ("FAIL", "permission", f"{right} in {region}: {code}: {text}", remedy) for region in regions)


def test_no_instance_is_selected(site):
    sandbox, installation = site
    installation.config.write_text(KEYS.replace('backup: "yes"', 'backup: "no"'))
    assert troubles(installation, code=2) == [(
        "WARN", "permission", "ec2:CreateSnapshots in us-east-1 was not tried: no instance is selected there",
        'see "select" in the config, and the instances\' tags and names')]


@pytest.mark.parametrize("change,text,remedy", [
    ({"bad-keys": ["alias/dr"]}, "alias/dr in eu-west-1 is Disabled",
     "enable it, or name another: every copy under it fails"),
    ({"denied": ["kms:DescribeKey"]},
     "alias/dr in eu-west-1: AccessDeniedException: User is not authorized to perform: kms:DescribeKey",
     'allow kms:DescribeKey, in IAM and in the key\'s own policy; "snapwarden iam-policy" prints all'),
])
def test_key(site, change, text, remedy):
    sandbox, installation = site
    sandbox.admin("POST", "set", change)
    assert troubles(installation, code=1) == [("FAIL", "key", text, remedy)]


def test_key_of_another_region_is_no_config(site):
    _, installation = site
    arn = "arn:aws:kms:eu-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    installation.config.write_text(KEYS.replace("alias/dr", f'"{arn}"'))
    done = installation.run("doctor", code=10)
    assert f'kms-key: "{arn}" is in eu-west-2, and copies in eu-west-1 need a key of eu-west-1' in done.stdout


def test_quotas(tmp_path, start_sandbox, seed):
    seed["timings"] = {"snapshot-seconds": 600, "copy-seconds": 600}
    seed["snapshots"] = [
        {"volume": "vol-0a1b2c3d4e5f61001", "start": "-1s", "size": 8, "state": "pending"} for _ in range(80)
    ] + [
        {"region": DR, "volume": "vol-ffffffff", "start": "-1s", "size": 8, "state": "pending"} for _ in range(16)
    ]
    installation = Installation(tmp_path, Endpoint(start_sandbox(seed)), CONFIG)
    wait = "new ones wait until these are done, then are made up for"
    assert [f for f in troubles(installation, code=2) if f[1] == "quota"] == [
        ("WARN", "quota", "16 of 20 copies under way in eu-west-1", wait),
        ("WARN", "quota", "80 of 100 pending snapshots in us-east-1", wait),
    ]


@pytest.mark.parametrize("here,there,verdict,words", [(30, 0, "WARN", "ahead of"), (0, 7200, "FAIL", "behind")])
def test_clock(tmp_path, start_sandbox, seed, here, there, verdict, words):
    clock = Warp(tmp_path)
    clock.set(there)
    sandbox = start_sandbox(seed, env=clock.environment)
    if here:
        clock.set(here)
        sandbox = start_sandbox(seed)
    installation = Installation(tmp_path, Endpoint(sandbox), CONFIG, clock if here else None)
    found = installation.run("doctor", "--output", "json", code=None)
    named = [f for f in json.loads(found.stdout) if f["check"] == "clock"]
    assert [f["result"] for f in named] == [verdict] and f"{words} AWS's" in named[0]["found"]
    assert named[0]["remedy"].startswith("timedatectl set-ntp true")
    if verdict == "FAIL":
        [credentials] = [f for f in json.loads(found.stdout) if f["check"] == "credentials"]
        # Signatures are corrected; deletes wait until both clocks agree.
        assert credentials["result"] == "OK" and found.returncode == 1


def run_with(installation, **env):
    done = subprocess.run(
        installation.command("doctor", "--output", "json"), env=installation.environment() | env, capture_output=True,
        text=True, timeout=120)
    return [f for f in json.loads(done.stdout) if f["result"] != "OK"], done.returncode


def test_credentials(site):
    sandbox, installation = site
    [found], code = run_with(installation, AWS_ACCESS_KEY_ID="")
    assert code == 1 and found["check"] == "credentials" and "no AWS credentials" in found["found"]
    assert found["remedy"] == 'see "Install as a service" in the README'
    [found], code = run_with(installation, AWS_SECRET_ACCESS_KEY="not-the-secret")
    assert code == 1 and found["check"] == "credentials" and "SignatureDoesNotMatch" in found["found"]
    assert found["remedy"] == "renew the credentials; nothing else was tried" and "not-the-secret" not in str(found)


def test_no_network(site):
    _, installation = site
    found, code = run_with(installation, AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert code == 1 and [f["check"] for f in found] == ["network", "credentials"]
    assert found[0]["remedy"].startswith("see whether this machine reaches AWS")


def test_config(site):
    _, installation = site
    installation.config.write_text(KEYS.replace("eu-west-1", "eu-wst-1"))
    [(verdict, check, text, remedy)] = troubles(installation, code=10)
    assert (verdict, check) == ("FAIL", "config") and "is not an AWS region" in text and "snapwarden check" in remedy


def test_state(site):
    _, installation = site
    (installation.state / "pauses").write_text("nonsense\n")
    [(verdict, check, text, _)] = troubles(installation, code=1)
    assert (verdict, check) == ("FAIL", "state") and "pauses" in text
    (installation.state / "pauses").unlink()
    # A log left beside it would bring the pages back that are overwritten here.
    for log in installation.state.glob("ledger.sqlite-*"):
        log.unlink()
    (installation.state / "ledger.sqlite").write_text("no database" * 1000)
    [(verdict, check, text, remedy)] = troubles(installation, code=1)
    assert (verdict, check) == ("FAIL", "state") and text.endswith("cannot be read as a ledger")
    installation.forget()
    installation.state.rmdir()
    assert troubles(installation, code=2) == [(
        "WARN", "state", f"{installation.state} does not exist",
        f"the service makes it at its first start; by hand: install -d -m 700 {installation.state}")]
    installation.state.write_text("")
    assert troubles(installation, code=1) == [(
        "FAIL", "state", f"{installation.state} is no directory", "move it away, or name another by --state-dir")]


@needs_root
def test_zones_and_rights_to_the_state_directory(site):
    _, installation = site
    hidden = "mount -t tmpfs none /usr/share/zoneinfo && exec \"$@\""
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", hidden, "sh", *installation.command("doctor", "--output", "json")],
        env=installation.environment(), capture_output=True, text=True, timeout=120)
    found = [f for f in json.loads(done.stdout) if f["check"] == "zones"]
    assert done.returncode == 10 and [f["remedy"] for f in found] == ["apt-get install tzdata"]


def test_every_call_is_allowed_by_the_policy(site):
    sandbox, installation = site
    recorder = Recorder(sandbox)
    recorder.before = lambda call: setattr(call, "world", World(sandbox.admin("GET", "dump")))
    installation.aws = recorder
    policy = json.loads(installation.run("iam-policy").stdout)
    assert troubles(installation, code=0) == []
    recorder.close()
    assert {"DescribeKey", "GetCallerIdentity", "CopySnapshot"} <= {call.operation for call in recorder.calls}
    assert not recorder.misuses
    for call in recorder.calls:
        assert not refused(policy, rights(call)), call
