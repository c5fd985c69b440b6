"""What must not be deleted: held by a person, locked, used by an AMI, or not known to be none of these."""

import datetime

import pytest
from support import Installation, daemon, tags, wait_for
from test_main_job import CONFIG, DR, HOME, Endpoint, older

WEB, BLOG = "i-0a1b2c3d4e5f60001", "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01"
OLDEST = "2026-01-06T01:00:00Z"  # three days old: the first that the rules give up
POINT = f"nightly/{WEB}/{OLDEST}"


@pytest.fixture
def site(tmp_path, start_sandbox, seed):
    """Three older points each of an EC2 and a Lightsail instance, of which two are kept; no copies, no creates."""
    sandbox = start_sandbox(older(seed))
    config = CONFIG.replace("    copies: [{ region: eu-west-1 }]\n", "").replace("0 2 * * *", "0 2 29 2 *")
    return sandbox, Installation(tmp_path, Endpoint(sandbox), config)


@pytest.fixture
def copied(tmp_path, start_sandbox, seed):
    """One point of each resource, with its copies."""
    sandbox = start_sandbox(seed)
    installation = Installation(tmp_path, Endpoint(sandbox), CONFIG)
    installation.run("run", "--once")
    return sandbox, installation


def slots(sandbox, resource=WEB):
    ours = sandbox.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return sorted({tags(s)["snapwarden:slot"] for s in ours if tags(s)["snapwarden:resource"] == resource})


def members(sandbox, slot=OLDEST, region=HOME):
    ours = sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return sorted(s["SnapshotId"] for s in ours if tags(s)["snapwarden:slot"] == slot)


def planned(installation):
    return {a["resource"]: (a["action"], a["reason"]) for a in installation.json("plan") if a["slot"] == OLDEST}


def lightsail_holds(sandbox, region):
    """The hold of each Lightsail snapshot, by its name."""
    shown = sandbox.client("lightsail", region).get_instance_snapshots()["instanceSnapshots"]
    own = {s["name"]: {t["key"]: t.get("value") for t in s["tags"]} for s in shown}
    return {name: found.get("snapwarden:hold") for name, found in own.items()}


def blogs(sandbox):
    return sum("--blog--" in name for name in lightsail_holds(sandbox, HOME))


def ec2_holds(sandbox, region):
    """The hold of each EC2 snapshot, by its id."""
    ours = sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return {s["SnapshotId"]: tags(s).get("snapwarden:hold") for s in ours}


def test_without_a_hold_it_goes(site):
    sandbox, installation = site
    installation.run("run", "--once")
    assert len(slots(sandbox)) == 2 and OLDEST not in slots(sandbox)


def test_a_prune_spares_what_is_held_until_it_is_released(site):
    sandbox, installation = site
    done = installation.run("hold", POINT, "--reason", "audit 2026")
    assert done.stdout == f"{POINT} is held in us-east-1: {' '.join(members(sandbox))}\n"
    assert {ec2_holds(sandbox, HOME)[i] for i in members(sandbox)} == {"audit 2026"}
    installation.run("run", "--once")
    assert len(members(sandbox)) == 3 and OLDEST in slots(sandbox)
    [shown] = [p for p in installation.json("list") if p["slot"] == OLDEST and p["resource"] == WEB]
    assert shown["hold"] == "audit 2026" and shown["kept-by"] == ["hold (audit 2026)"]
    assert "hold (audit 2026)" in installation.run("list").stdout
    done = installation.run("release", POINT)
    assert done.stdout == f"{POINT} is released in us-east-1: {' '.join(members(sandbox))}\n"
    assert set(ec2_holds(sandbox, HOME).values()) == {None}
    installation.run("run", "--once")
    assert members(sandbox) == []


def test_a_tag_from_a_console_is_a_hold_too_and_can_be_released(site):
    sandbox, installation = site
    sandbox.client("ec2").create_tags(Resources=members(sandbox)[:1], Tags=[{"Key": "snapwarden:hold", "Value": ""}])
    installation.run("run", "--once")
    assert len(members(sandbox)) == 3
    assert [p["kept-by"] for p in installation.json("list") if p["slot"] == OLDEST and p["resource"] == WEB] == [["hold"]]
    installation.run("release", POINT)
    installation.run("run", "--once")
    assert members(sandbox) == []


def test_a_lightsail_point_is_held_by_its_sets_id(site):
    sandbox, installation = site
    [point] = [p for p in installation.json("list") if p["slot"] == OLDEST and p["resource"] == BLOG]
    installation.run("hold", point["set"])
    held = lightsail_holds(sandbox, HOME)
    assert [name for name, text in held.items() if text] == [point["set"]]
    since = datetime.datetime.fromisoformat(held[point["set"]])
    assert abs((datetime.datetime.now(datetime.timezone.utc) - since).total_seconds()) < 60
    installation.run("run", "--once")
    assert point["set"] in lightsail_holds(sandbox, HOME)
    installation.run("release", point["set"])
    installation.run("run", "--once")
    assert point["set"] not in lightsail_holds(sandbox, HOME)


def test_a_hold_is_on_the_point_and_its_copies_or_in_one_region(copied):
    sandbox, installation = copied
    for resource, holds, text in ((WEB, ec2_holds, "audit"), (BLOG, lightsail_holds, "audit")):
        point = next(p for p in installation.json("list") if p["resource"] == resource)
        name = f"nightly/{resource}/{point['slot']}"
        count = len(point["members"])
        marked = lambda: [sum(t == text for t in holds(sandbox, region).values()) for region in (HOME, DR)]
        assert len(installation.run("hold", name, "--reason", text).stdout.splitlines()) == 2
        assert marked() == [count, count]
        installation.run("release", name, "--region", DR)
        assert marked() == [count, 0]
        installation.run("hold", "--region", DR, name, "--reason", text)
        assert marked() == [count, count]
        installation.run("release", name)
        installation.run("release", name)
        assert marked() == [0, 0]


def test_partly_done_and_not_done_at_all(copied):
    sandbox, installation = copied
    slot = installation.json("list")[0]["slot"]
    for resource, operation in ((WEB, "CreateTags"), (BLOG, "TagResource")):
        sandbox.admin("POST", "faults", [{"operation": operation, "region": DR, "kind": "throttle", "count": 1000}])
        done = installation.run("hold", f"nightly/{resource}/{slot}", code=2)
        assert "is held in us-east-1" in done.stdout and f"is not held in eu-west-1: " in done.stderr
        sandbox.admin("DELETE", "faults")
    sandbox.admin("POST", "set", {"denied": ["ec2:DeleteTags", "lightsail:UntagResource"]})
    for resource in (WEB, BLOG):
        done = installation.run("release", f"nightly/{resource}/{slot}", code=1)
        assert done.stdout == "" and done.stderr.count("is not released in") == 2
        assert "UnauthorizedOperation" in done.stderr or "AccessDeniedException" in done.stderr
    sandbox.admin("POST", "set", {"denied": ["ec2:DescribeSnapshots"]})
    done = installation.run("hold", f"nightly/{BLOG}/{slot}", code=2)
    assert "ec2/us-east-1 was not read completely" in done.stderr and done.stdout.count("is held in") == 2


def test_an_unknown_point_is_told_with_the_nearest(site):
    sandbox, installation = site
    done = installation.run("hold", f"nightly/{WEB}/2026-01-05T01:00:00Z", code=1)
    assert done.stderr.startswith(f'snapwarden: no recovery point "nightly/{WEB}/2026-01-05T01:00:00Z": the nearest are ')
    assert POINT in done.stderr and BLOG not in done.stderr and len(done.stderr.split(", ")) == 3
    done = installation.run("release", "older-4", code=1)
    assert done.stderr == 'snapwarden: no recovery point "older-4": the nearest are older-1, older-2, older-3\n'
    done = installation.run("hold", POINT, "--region", DR, code=1)
    assert done.stderr == f"snapwarden: {POINT} is not in eu-west-1: it is in us-east-1\n"
    assert {ec2_holds(sandbox, HOME)[i] for i in members(sandbox)} == {None}


def test_an_empty_account_has_no_nearest(tmp_path, start_sandbox):
    installation = Installation(tmp_path, Endpoint(start_sandbox({"regions": [HOME, DR]})), CONFIG)
    done = installation.run("hold", "a/b/c", code=1)
    assert done.stderr == 'snapwarden: no recovery point "a/b/c": there are none\n'


@pytest.mark.parametrize("reason", ["", "x" * 257])
def test_a_reason_fits_into_a_tag(site, reason):
    sandbox, installation = site
    done = installation.run("hold", POINT, "--reason", reason, code=64)
    assert "--reason takes 1 to 256 characters" in done.stderr
    assert not any(r["mutating"] for r in sandbox.admin("GET", "requests"))


def test_a_reason_for_lightsail_has_lightsails_characters(site):
    sandbox, installation = site
    done = installation.run("hold", f"nightly/{BLOG}/{OLDEST}", "--reason", "keep!", code=1)
    assert "letters, digits, spaces and + - = . _ : / @" in done.stderr
    installation.run("hold", POINT, "--reason", "keep! ä <&>")
    assert {ec2_holds(sandbox, HOME)[i] for i in members(sandbox)} == {"keep! ä <&>"}


def test_a_hold_needs_no_lock_and_a_running_daemon_heeds_it(tmp_path, start_sandbox, seed):
    """It has read AWS before the hold comes, and prunes what it then knows as soon as the pause ends."""
    sandbox = start_sandbox(older(seed))
    config = CONFIG.replace("    copies: [{ region: eu-west-1 }]\n", "").replace("0 2 * * *", "0 2 29 2 *")
    installation = Installation(tmp_path, Endpoint(sandbox), config)
    installation.run("pause", "nightly")
    with daemon(installation, WATCHDOG_USEC="2000000"):
        log = tmp_path / "daemon.log"
        wait_for(lambda: "is not deleted in us-east-1: the policy deletes nothing" in log.read_text())
        installation.run("hold", POINT)
        installation.run("resume", "nightly")
        wait_for(lambda: blogs(sandbox) == 2)
        assert len(members(sandbox)) == 3


def test_locks_and_images_are_told_in_plan_and_spared(site):
    sandbox, installation = site
    first, second, third = members(sandbox)
    assert planned(installation)[WEB] == ("prune", "no rule keeps it")
    sandbox.admin("POST", "set", {"lock": {second: {"mode": "governance", "until": "2999-01-01T00:00:00Z"}}})
    assert planned(installation)[WEB] == ("withhold", f"{second} is locked (governance) until 2999-01-01T00:00:00Z")
    sandbox.admin("POST", "set", {"unlock": [second], "register-images": [{"id": "ami-1", "snapshots": [third]}]})
    assert planned(installation)[WEB] == ("withhold", f"{third} is used by the AMI ami-1")
    assert {m["image"] for p in installation.json("list") for m in p["members"]} == {None, "ami-1"}
    done = installation.run("run", "--once")
    assert members(sandbox) == [first, second, third] and "0 failed" in done.stdout
    assert f"notice withheld: {POINT} is not deleted in us-east-1: {third} is used by the AMI ami-1" in done.stderr
    assert not any(r["operation"] == "DeleteSnapshot" for r in sandbox.admin("GET", "requests"))
    sandbox.admin("POST", "set", {"deregister-images": ["ami-1"]})
    installation.run("run", "--once")
    assert members(sandbox) == []


def test_another_accounts_image_is_told_by_aws_alone(site):
    """No list shows it: the delete is refused, which is no failure, and asked for again by the next run."""
    sandbox, installation = site
    first = members(sandbox)[0]
    image = {"id": "ami-9", "snapshots": [first], "owner": "999999999999"}
    sandbox.admin("POST", "set", {"register-images": [image]})
    assert planned(installation)[WEB] == ("prune", "no rule keeps it")
    for _ in range(2):
        done = installation.run("run", "--once")
        assert "0 failed" in done.stdout and first in members(sandbox)
        assert (
            f"notice withheld: {POINT} is not deleted in us-east-1: AWS refuses to delete it: "
            f"InvalidSnapshot.InUse: The snapshot {first} is currently in use by ami-9" in done.stderr)
    refused = [r for r in sandbox.admin("GET", "requests") if r["outcome"] == "InvalidSnapshot.InUse"]
    # With a new ledger the first run reads twice, and asks after each reading.
    assert 2 <= len(refused) <= 3
    sandbox.admin("POST", "set", {"deregister-images": ["ami-9"]})
    installation.run("run", "--once")
    assert members(sandbox) == []


@pytest.mark.parametrize("operation", ["DescribeLockedSnapshots", "DescribeImages"])
def test_without_the_right_to_read_them_nothing_of_ec2_is_deleted(site, operation):
    sandbox, installation = site
    sandbox.admin("POST", "set", {"denied": [f"ec2:{operation}"]})
    reason = f"the locks and AMIs of ec2/us-east-1 could not be read (ec2:{operation}: UnauthorizedOperation)"
    assert planned(installation) == {WEB: ("withhold", reason), BLOG: ("prune", "no rule keeps it")}
    done = installation.run("run", "--once")
    assert "warning inventory-incomplete: the locks and AMIs of ec2/us-east-1 could not be read" in done.stderr
    assert len(members(sandbox)) == 3
    assert blogs(sandbox) == 2, "Lightsail knows neither, and goes on"


def test_help_teaches(site):
    _, installation = site
    for command in ("hold", "release"):
        text = installation.run(command, "--help").stdout
        assert "snapwarden:hold" in text and "EXIT STATUS" in text and "--region <region>" in text
    assert "hold " in installation.run("--help").stdout
