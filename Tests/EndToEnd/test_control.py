"""Commands that a running daemon carries out: what they do, who may ask, and what the daemon puts up with."""

import collections
import contextlib
import datetime
import itertools
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import stat
import subprocess
import time
import types

import pytest
from conftest import DR, HOME, Sandbox
from support import PROGRAMS, Installation, daemon, environment, needs_root, tags, wait_for, wakeups
from test_main_job import Endpoint, lightsail
from test_protections import ec2_holds, lightsail_holds
from test_restore_ec2 import instance
from test_schedules import Listener
from test_secrets import Everything, found, install

#: Neither credentials nor an endpoint: whoever runs with this alone reads nothing of AWS.
BARE = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"}
CONFIG = """
fleet: acme
prune-grace: 0s
timing: { consistency: 1s, poll-first: 1s, poll-longest: 2s }
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-web] } }
    schedule: { cron: "0 2 29 2 *" }
    copies: [{ region: eu-west-1 }]
  app:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-app-1, i-app-2] } }
    schedule: { cron: "0 2 29 2 *" }
  blog:
    regions: [us-east-1]
    select: { lightsail-instances: { names: [blog] } }
    schedule: { cron: "0 2 29 2 *" }
    copies: [{ region: eu-west-1 }]
"""
#: A policy whose first point is taken as soon as the daemon knows it.
LATER = """
  later:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-later] } }
    schedule: { cron: "0 2 29 2 *" }
    first: now
"""
BLOG = "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01"
NO_SUCH_KEY = CONFIG.replace("fleet:", "flete:")


def world(snapshot=1, copy=1, **more):
    return {
        "regions": [HOME, DR], "timings": {"snapshot-seconds": snapshot, "copy-seconds": copy},
        "ec2-instances": [instance("web", ("/dev/sdf", {"size": 20})), *map(instance, ("app-1", "app-2", "later"))],
        "lightsail-instances": [{"name": "blog", "uuid": BLOG}], **more}


def older(days, policy="web"):
    """A usable point of web's root volume for each of the last days."""
    made = []
    for day in range(1, days + 1):
        slot = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=day)
        slot = slot.strftime("%Y-%m-%dT02:00:00Z")
        own = {
            "fleet": "acme", "policy": policy, "resource": "i-web", "slot": slot, "kind": "scheduled",
            "set": f"older-{day}", "members": "1", "copied-eu-west-1": "usable"}
        made.append({
            "volume": "vol-web-root", "start": f"-{day}d", "size": 8,
            "description": f"snapwarden acme/{policy}/i-web/{slot}",
            "tags": {"Name": "x", **{f"snapwarden:{key}": value for key, value in own.items()}}})
    return made


class Site:
    """A sandbox, and a config and its daemon on it."""

    def __init__(self, folder, sandbox, config=CONFIG):
        folder.mkdir(exist_ok=True)
        self.folder, self.sandbox = folder, sandbox
        self.installation = Installation(folder, Endpoint(sandbox), config)
        self.managers = itertools.count()

    @property
    def socket(self):
        return self.installation.state / "control"

    @contextlib.contextmanager
    def daemon(self, *arguments, **more):
        """A daemon that has read AWS."""
        manager = Listener(self.folder / f"manager-{next(self.managers)}")
        with daemon(self.installation, manager, *arguments, **more) as process:
            manager.await_message("^STATUS=")
            process.manager = manager
            yield process

    def begin(self, *arguments, **more):
        """Begins a command that can read nothing of AWS by itself."""
        return subprocess.Popen(
            self.installation.command(*arguments), env=BARE | more, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, bufsize=1)

    def ask(self, *arguments, code=0, command=None, cwd=None, env=BARE):
        """Runs such a command to its end, which must be this exit code."""
        done = subprocess.run(
            command or self.installation.command(*arguments), env=env, capture_output=True, text=True, timeout=60,
            cwd=cwd)
        assert code is None or done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments):
        return json.loads(self.ask(*arguments, "--output", "json").stdout)

    def alone(self, *arguments, code=0):
        """Runs a command that the daemon is not asked to carry out, as it names another config; with credentials."""
        other = self.folder / "other.yaml"
        other.write_text(self.installation.config.read_text())
        command = self.installation.command(*arguments)
        command[command.index("--config") + 1] = other
        return self.ask(command=command, env=self.installation.environment(), code=code)

    def log(self):
        return (self.folder / "daemon.log").read_text()

    def told(self, kind):
        return [line for line in self.log().splitlines() if re.search(rf"\b{kind}\b", line)]

    def points(self, region=HOME, policy="web"):
        """The states and ids of a policy's EC2 snapshots by set, as boto3 shows them."""
        sets = collections.defaultdict(dict)
        shown = self.sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]
        for snapshot in shown:
            own = tags(snapshot)
            if own.get("snapwarden:policy") == policy:
                sets[own["snapwarden:resource"], own["snapwarden:set"]][snapshot["SnapshotId"]] = snapshot["State"]
        return dict(sets)

    def whole(self, count, region=HOME, policy="web", members=2):
        """Whether there are so many sets, each complete, and nothing besides."""
        sets = [list(states.values()) for states in self.points(region, policy).values()]
        return sets == [["completed"] * members] * count

    def blogs(self, region=HOME):
        return [snapshot["state"] for snapshot in lightsail(self.sandbox, region)]

    def requests(self, *operations):
        shown = self.sandbox.admin("GET", "requests")
        return [call for call in shown if not operations or call["operation"] in operations]


def ended(process, seconds=60):
    """The exit code of a command that was begun, and what else it says."""
    out, error = process.communicate(timeout=seconds)
    return process.returncode, out, error


@pytest.fixture
def start(tmp_path, start_sandbox):
    """Makes a site of a world; its daemon is not started."""
    return lambda seed=None, config=CONFIG, folder="": Site(
        tmp_path / folder, start_sandbox(seed or world()), config)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """A daemon with a point of each resource and its copies, of which nothing is changed."""
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "seed.json").write_text(json.dumps(world(0, 0)))
    sandbox = Sandbox(folder / "seed.json")
    site = Site(folder, sandbox)
    with site.daemon(WATCHDOG_USEC="2000000") as process:
        for asked in [site.begin("backup", policy) for policy in ("web", "app", "blog")]:
            assert ended(asked)[0] == 0
        site.process = process
        yield site
        assert process.poll() is None, site.log()
    assert sandbox.stop() == 0


# Who carries it out


def listed(rows):
    return {(row["region"], member["snapshot"]) for row in rows for member in row["members"]}


def test_what_is_there_is_listed_by_the_daemon(fleet):
    there = {
        (region, snapshot["SnapshotId"]) for region in (HOME, DR)
        for snapshot in fleet.sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]}
    there |= {(region, snapshot["name"]) for region in (HOME, DR) for snapshot in lightsail(fleet.sandbox, region)}
    assert len(there) == 8 and listed(fleet.json("list")) == there
    assert listed(fleet.json("list", "--region", DR)) == {place for place in there if place[0] == DR}


@pytest.mark.parametrize("arguments", [
    ["list"], ["list", "--output", "json"], ["list", "--orphans"], ["plan"], ["plan", "--explain", "--output", "json"],
    ["plan", "--once", "--output", "json"], ["prune"], ["prune", "web", "--output", "json"],
    ["list", "--region", "eu-west-2"], ["prune", "nope"]], ids=" ".join)
def test_the_daemon_says_what_the_command_would_say(fleet, arguments):
    code = 1 if arguments[-1] in ("eu-west-2", "nope") else 0
    own, theirs = fleet.alone(*arguments, code=code), fleet.ask(*arguments, code=code)
    where = str(fleet.folder / "other.yaml"), str(fleet.installation.config)
    assert (theirs.stdout, theirs.stderr) == (own.stdout, own.stderr.replace(*where)) and own.stdout + own.stderr
    assert not [call for call in fleet.requests() if call["mutating"] and call["outcome"] != "ok"]


def test_without_a_daemon_there_is_nobody_with_credentials(start):
    """What proves that the daemon did it: alone the same command has to fail."""
    site = start()
    for arguments in (["status"], ["list"], ["plan"], ["prune"], ["backup", "web"]):
        assert "credentials" in site.ask(*arguments, code=2 if arguments != ["backup", "web"] else 1).stderr
    assert site.requests() == [] and not site.socket.exists()
    assert site.installation.json("list") == []
    assert {row["policy"] for row in site.installation.json("status")["resources"]} == {"web", "app", "blog"}


def test_status_makes_no_call(fleet):
    before = len(fleet.requests())
    rows = fleet.json("status")["resources"]
    assert {(row["policy"], row["region"], row["usable"]) for row in rows} >= {
        ("web", HOME, 1), ("web", DR, 1), ("blog", HOME, 1), ("blog", DR, 1)}
    assert "i-web" in fleet.ask("status").stdout
    assert len(fleet.requests()) == before
    fleet.json("list")
    assert len(fleet.requests()) > before, "what is counted is what the daemon asks"


def test_status_answers_while_aws_is_gone(start):
    site = start(world(0, 0))
    site.installation.run("backup", "web")
    with site.daemon():
        before = site.json("status")["resources"]
        site.sandbox.stop()
        assert [row["usable"] for row in site.json("status")["resources"]] == [row["usable"] for row in before]


def test_another_config_is_not_the_daemons_business(fleet):
    other = fleet.folder / "theirs.yaml"
    other.write_text(CONFIG.replace("  web:", "  site:"))
    command = fleet.installation.command
    fleet.installation.command = lambda *arguments: [
        other if part == fleet.installation.config else part for part in command(*arguments)]
    try:
        policies = {row["policy"] for row in fleet.installation.json("status")["resources"]}
        assert policies == {"site", "app", "blog"}
        assert "credentials" in fleet.ask("status", code=2).stderr
        assert "in use by process" in fleet.installation.run("backup", "site", code=11).stderr
        assert fleet.ask("reload", code=1).stderr
        other.unlink()
        assert "theirs.yaml" in fleet.installation.run("list", code=10).stderr
    finally:
        fleet.installation.command = command
    assert not fleet.points(policy="site")


@pytest.mark.parametrize("way", ["link", "link to its folder", "relative", "with dots"])
def test_the_same_config_by_another_path(fleet, way):
    folder, name = fleet.folder, fleet.installation.config.name
    link = folder / way.replace(" ", "-")
    if way == "link":
        link.symlink_to(name)
        path = link
    elif way == "link to its folder":
        link.symlink_to(folder)
        path = link / name
    else:
        path = name if way == "relative" else f"../{folder.name}/./state/../{name}"
    command = [PROGRAMS / "snapwarden", "--config", path, "--state-dir", "state", "list", "--output", "json"]
    assert len(listed(json.loads(fleet.ask(command=command, cwd=folder).stdout))) == 8


def test_a_daemon_that_was_started_by_a_link(start):
    site = start()
    link = site.folder / "link.yaml"
    link.symlink_to(site.installation.config)
    site.installation.config = link
    with site.daemon():
        site.ask("list")
        site.installation.config = link.resolve()
        site.ask("list")


# Where the socket is


def test_a_socket_that_is_left_behind(start):
    site = start()
    with site.daemon() as process:
        assert stat.S_IMODE(site.socket.stat().st_mode) == 0o660
        site.ask("list")
        process.kill()
        process.wait(10)
        assert site.socket.is_socket()
        site.installation.run("list")
        site.installation.run("status")
        assert "no daemon" in site.ask("reload", code=1).stderr
    with site.daemon() as process:
        site.ask("list")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0 and not site.socket.exists()
    site.installation.run("backup", "app")
    assert len(site.points(policy="app")) == 2


def test_a_second_daemon_takes_no_socket_away(fleet):
    inode = fleet.socket.stat().st_ino
    for arguments in (["run"], ["run", "--once"]):
        fleet.installation.run(*arguments, code=11)
        assert fleet.socket.stat().st_ino == inode
    fleet.ask("list")


def test_a_runtime_directory(start):
    site = start()
    runtime = site.folder / "runtime"
    runtime.mkdir()
    state = site.installation.state
    default = [PROGRAMS / "snapwarden", "--config", site.installation.config, "list"]
    with site.daemon(RUNTIME_DIRECTORY=str(runtime)) as process:
        assert stat.S_IMODE((runtime / "control").stat().st_mode) == 0o660 and not site.socket.exists()
        site.ask(command=default, env=BARE | {"STATE_DIRECTORY": str(state), "RUNTIME_DIRECTORY": str(runtime)})
        site.ask("list", code=2)  # a state directory of one's own is looked into, and nothing else
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0 and not (runtime / "control").exists()
    with site.daemon():
        # Nothing is in the runtime directory: beside the ledger there is.
        site.ask(command=default, env=BARE | {"STATE_DIRECTORY": str(state), "RUNTIME_DIRECTORY": str(runtime)})


@pytest.mark.parametrize("length", [107, 108, 109, 250])
def test_long_paths(start, length):
    site = start()
    room = length - len(f"{site.folder}/control") - 1
    assert room > 0
    site.installation.state = site.folder / ("x" * room)
    site.installation.state.mkdir()
    assert len(str(site.socket)) == length
    with site.daemon() as process:
        assert site.socket.is_socket()
        site.ask("list")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0 and not site.socket.exists()


# Backups


@pytest.mark.parametrize("format", ["text", "json"])
def test_a_backup_is_told_while_it_happens(start, format):
    site = start(world(2, 1))
    with site.daemon():
        process = site.begin("backup", "web", "--log-format", format)
        first = process.stderr.readline()
        assert not site.whole(1) and not site.points(DR), "it is told before it is over"
        code, out, rest = ended(process)
    lines = [first, *rest.splitlines()]
    assert code == 0 and re.fullmatch(r"[1-9]\d* done, 0 failed\n", out), out
    assert site.whole(1) and site.whole(1, DR)
    kinds = ["set-taken", "copy-started", "copy-usable"]
    if format == "json":
        events = [json.loads(line) for line in lines]
        assert all("web" in json.dumps(event) for event in events)
    places = [next((n for n, line in enumerate(lines) if re.search(rf"\b{kind}\b", line)), None) for kind in kinds]
    assert None not in places and places == sorted(places), lines
    for region in (HOME, DR):
        for snapshot in site.sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]:
            assert tags(snapshot)["snapwarden:kind"] == "manual"
    assert site.points().keys() == site.points(DR).keys()
    assert len(site.requests("CreateSnapshots")) == 1 and len(site.requests("CopySnapshot")) == 2


def test_one_resource_of_a_policy(start):
    site = start(world(0, 0))
    with site.daemon():
        site.ask("backup", "app", "i-app-2")
        assert [resource for resource, _ in site.points(policy="app")] == ["i-app-2"]
        site.ask("backup", "app", "i-nope", code=1)
        assert len(site.points(policy="app")) == 1 and not site.points()


@pytest.mark.parametrize("policy, said", [
    ("zzz", 'no policy "zzz"'), ("zzz", "it has app, blog, web"), ("wbe", 'did you mean "web"')])
def test_an_unknown_policy(fleet, policy, said):
    calls = len(fleet.requests())
    assert said in fleet.ask("backup", policy, code=1).stderr
    assert len(fleet.requests()) == calls


def test_several_backups_at_once(start):
    site = start(world(2, 1))
    with site.daemon():
        asked = {policy: site.begin("backup", policy) for policy in ("web", "app", "blog")}
        said = {policy: ended(process) for policy, process in asked.items()}
    for policy, (code, out, error) in said.items():
        assert code == 0 and re.fullmatch(r"[1-9]\d* done, 0 failed\n", out), (policy, out, error)
        others = {"web", "app", "blog"} - {policy}
        assert not [line for line in error.splitlines() if any(f"{other}/" in line for other in others)], error
    assert site.whole(1) and site.whole(1, DR) and site.whole(2, policy="app", members=1)
    assert site.blogs() == site.blogs(DR) == ["available"]


@pytest.mark.parametrize("policy", ["web", "blog"])
def test_the_same_backup_asked_for_twice_at_once(start, policy):
    """A set for each who asks, and each is told when its own is there; EC2 takes one of a volume in 15 s."""
    site = start(world(1, 1))
    with site.daemon():
        for process in [site.begin("backup", policy) for _ in range(2)]:
            code, out, error = ended(process)
            assert code == 0 and re.fullmatch(r"[1-9]\d* done, 0 failed\n", out), out + error
    if policy == "blog":
        assert site.blogs() == site.blogs(DR) == ["available"] * 2
    else:
        assert site.whole(2) and site.whole(2, DR) and site.points().keys() == site.points(DR).keys()
        assert len(site.requests("CreateSnapshots")) == 2 and len(site.requests("CopySnapshot")) == 4


def test_slots_of_other_policies_do_not_wait_for_a_backup(start):
    site = start(world(1000))
    with site.daemon():
        process = site.begin("backup", "web")
        process.stderr.readline()
        site.installation.config.write_text(CONFIG + LATER)
        site.ask("reload")
        [(resource, _)] = wait_for(lambda: site.points(policy="later"), 10)
        assert resource == "i-later" and len(site.points()) == 1
        shown = site.sandbox.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
        kinds = {tags(s)["snapwarden:policy"]: tags(s)["snapwarden:kind"] for s in shown}
        assert kinds == {"web": "manual", "later": "scheduled"}
        assert process.poll() is None
        process.kill()
        process.communicate()


@pytest.mark.parametrize("policy, fault, region, codes, said", [
    ("web", ("CreateSnapshots", "failLater"), HOME, [1, 2], "Internal error"),
    ("app", ("CreateSnapshots", "failLater"), HOME, [2], "Internal error"),
    ("web", ("CopySnapshot", "failLater"), DR, [2], "Internal error"),
    ("blog", ("CreateInstanceSnapshot", "failLater"), HOME, [1, 2], "state error"),
    ("web", None, HOME, [1], "UnauthorizedOperation"),
], ids=["the set fails", "one set of two fails", "a copy fails", "of Lightsail", "not allowed"])
def test_a_backup_that_fails(start, policy, fault, region, codes, said):
    site = start(world(1, 1))
    if fault:
        operation, kind = fault
        site.sandbox.admin("POST", "faults", [{"operation": operation, "kind": kind, "region": region}])
    else:
        site.sandbox.admin("POST", "set", {"denied": ["ec2:CreateSnapshots"]})
    with site.daemon() as process:
        done = site.ask("backup", policy, code=None)
        assert process.poll() is None
    assert done.returncode in codes, done
    failed = [line for line in done.stderr.splitlines() if line.startswith("failed: ")]
    assert failed and all(said in line for line in failed), done.stderr
    some = "0" if done.returncode == 1 else r"[1-9]\d*"
    assert re.fullmatch(rf"{some} done, {len(failed)} failed\n", done.stdout), done.stdout


def test_the_one_who_asked_goes_away(start):
    site = start(world(3, 1))
    with site.daemon() as process:
        asked = site.begin("backup", "web")
        asked.stderr.readline()
        asked.send_signal(signal.SIGINT)
        assert ended(asked)[0] != 0 and not site.whole(1)
        wait_for(lambda: site.whole(1) and site.whole(1, DR))
        assert process.poll() is None
        assert len(site.requests("CreateSnapshots")) == 1 and len(site.requests("CopySnapshot")) == 2
        site.ask("status")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_the_daemon_goes_away(start, how):
    site = start(world(5, 1))
    with site.daemon() as process:
        asked = site.begin("backup", "web")
        asked.stderr.readline()
        wait_for(site.points)
        began = time.monotonic()
        process.send_signal(how)
        code, out, error = ended(asked, 15)
        assert process.wait(10) == (0 if how == signal.SIGTERM else -how) and time.monotonic() - began < 10
        assert code == 1, f"{code}\n{out}\n{error}"
        assert "daemon" in error.splitlines()[-1] and "0 failed" not in out, out + error
    with site.daemon():
        wait_for(lambda: site.whole(1) and site.whole(1, DR))
    assert len(site.requests("CreateSnapshots")) == 1 and len(site.requests("CopySnapshot")) == 2


def test_the_daemon_stops_while_it_is_watched(start):
    site = start()
    with site.daemon() as process:
        watcher = site.begin("status", "--watch")
        watcher.stdout.readline()
        process.send_signal(signal.SIGTERM)
        code, _, error = ended(watcher, 10)
        assert code == 1 and "daemon" in error and process.wait(5) == 0 and not site.socket.exists()


# Instructions


def test_a_pause_counts_at_once(start):
    """The set that is under way ends well; its copies begin when the policy goes on."""
    site = start(world(3, 0), CONFIG.replace("  app:", "    first: now\n  app:"))
    with site.daemon() as process:
        wait_for(site.points)
        assert site.ask("pause", "web").stdout.startswith("web is paused")
        wait_for(lambda: site.told("paused"), 2)
        assert {row["paused"] for row in site.json("status")["resources"] if row["policy"] == "web"} == {True}
        wait_for(lambda: site.whole(1))
        wait_for(lambda: site.told("point-usable"))
        for _ in range(2):
            process.manager.seen.clear()
            site.ask("reload")
            process.manager.await_message("^STATUS=")
        assert site.requests("CopySnapshot") == [], "not in a whole pass since then"
        assert site.ask("resume", "web").stdout.startswith("web goes on")
        wait_for(lambda: site.told("resumed"), 2)
        assert {row["paused"] for row in site.json("status")["resources"]} == {False}
        wait_for(lambda: site.whole(1, DR), 10)
        assert "was not paused" in site.ask("resume", "web").stdout
        site.ask("pause", "nope", code=1)
        site.ask("pause", "web", "--until", "2001-01-01T00:00:00Z", code=64)
        assert len(site.told("paused")) == 1


def test_holds(start):
    site = start(world(0, 0))
    with site.daemon():
        for process in [site.begin("backup", policy) for policy in ("web", "blog")]:
            assert ended(process)[0] == 0
        for resource, holds, count in (("i-web", ec2_holds, 2), (BLOG, lightsail_holds, 1)):
            point = next(p for p in site.json("list") if p["resource"] == resource)
            name = f"{point['policy']}/{resource}/{point['slot']}"
            assert len(site.ask("hold", name, "--reason", "audit 7").stdout.splitlines()) == 2
            assert [list(holds(site.sandbox, r).values()) for r in (HOME, DR)] == [["audit 7"] * count] * 2
            assert {p["hold"] for p in site.json("list") if p["resource"] == resource} == {"audit 7"}
            site.ask("release", name, "--region", DR)
            assert [list(holds(site.sandbox, r).values()) for r in (HOME, DR)] == [["audit 7"] * count, [None] * count]
            site.ask("release", name)
            assert [list(holds(site.sandbox, r).values()) for r in (HOME, DR)] == [[None] * count] * 2
        site.ask("hold", "web/i-web/2001-01-01T00:00:00Z", code=1)


def test_an_approval_counts_at_once(start):
    few = "max-prunes: 2\nmax-prune-share: 1%\n" + CONFIG.replace(
        "  app:", "    retention: { keep-last: 1 }\n  app:")
    site = start(world(snapshots=older(15)), few)
    with site.daemon():
        assert {row["withheld-by"] for row in site.json("prune")} == {"cap"}
        assert "nothing is withheld" in site.ask("prune", "app", "--approve").stdout
        assert len(site.points()) == 15 and site.requests("DeleteSnapshot") == []
        assert "14 points may be deleted until" in site.ask("prune", "web", "--approve").stdout
        wait_for(lambda: list(site.points()) == [("i-web", "older-1")])
        assert site.json("prune") == []


# Reloads


def test_a_reload_waits_until_it_is_done(start):
    site = start()
    with site.daemon() as process:
        site.installation.config.write_text(CONFIG + LATER)
        assert "later" not in site.ask("status").stdout, "it is not read before somebody says so"
        assert site.ask("reload").stderr == ""
        assert "later" in site.ask("status").stdout
        wait_for(lambda: site.points(policy="later"))
        assert len(site.told("config-loaded")) == 1
        site.installation.config.write_text(NO_SUCH_KEY)
        done = site.ask("reload", code=10)
        place = re.escape(str(site.installation.config)) + r":\d+:\d+: "
        assert re.search(f"^{place}.*flete", done.stderr, re.M), done.stderr
        assert done.stderr.count("flete") == site.installation.run("check", code=10).stderr.count("flete")
        assert process.poll() is None and "later" in site.ask("status").stdout
        site.ask("backup", "app", "i-app-1")
        site.installation.config.write_text(CONFIG)
        site.ask("reload")
        assert "later" not in site.ask("status").stdout
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    done = site.ask("reload", code=1)
    assert len(done.stderr.splitlines()) == 1 and "daemon" in done.stderr and done.stdout == ""


def test_reloads_at_once(start):
    site = start()
    with site.daemon():
        site.installation.config.write_text(CONFIG + LATER)
        codes = [ended(process)[0] for process in [site.begin("reload") for _ in range(8)]]
        assert codes == [0] * 8 and "later" in site.ask("status").stdout


# Wrong usage


@pytest.mark.parametrize("arguments", [
    ["status", "--nonsense"], ["backup"], ["list", "--output", "xml"], ["status", "--watch", "--output", "json"],
    ["pause", "web", "--until", "tomorrow"], ["backup", "web", "--log-format", "loud"]], ids=" ".join)
def test_wrong_usage(fleet, arguments):
    there = fleet.ask(*arguments, code=64)
    assert "Error: " in there.stderr and "Usage: " in there.stderr and there.stdout == ""
    asked = answer(fleet, question(fleet, *arguments))
    assert (asked.exit, asked.out, asked.error) == (64, "", there.stderr)


# What the daemon puts up with


def question(site, *arguments, **more):
    """A line as the commands send it."""
    asked = {
        "version": "1", "arguments": [str(argument) for argument in arguments],
        "config": os.path.realpath(site.installation.config), "isTerminal": False, "hasColour": False}
    return json.dumps(asked | more).encode() + b"\n"


def connected(site, line=b""):
    """A connection to the daemon, over which this was sent."""
    ours = socket.socket(socket.AF_UNIX)
    folder = os.open(site.socket.parent, os.O_RDONLY)
    try:
        ours.connect(f"/proc/self/fd/{folder}/{site.socket.name}")
    finally:
        os.close(folder)
    ours.settimeout(20)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        ours.sendall(line)
    return ours


def rest(ours):
    """All that comes until the daemon closes."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := ours.recv(1 << 16):
            data += chunk
    return data


#: All that was said on either stream, the exit code, and whether another config was told of.
Answer = collections.namedtuple("Answer", "out error exit other")


def answer(site, line):
    with connected(site, line) as ours:
        replies = [json.loads(reply) for reply in rest(ours).splitlines()]
    assert replies and all(len(reply) == 1 for reply in replies), replies
    assert all(set(reply) & {"out", "error"} for reply in replies[:-1]), replies
    last = replies[-1]
    assert set(last) & {"exit", "otherConfig"}, replies
    out, error = ("".join(reply.get(name, "") for reply in replies) for name in ("out", "error"))
    return Answer(out, error, last.get("exit"), last.get("otherConfig"))


def descriptors(process):
    """How many a daemon has open, without its connections to AWS, which live for a while."""
    folder = pathlib.Path(f"/proc/{process.pid}")
    calls = {f"socket:[{line.split()[9]}]" for line in (folder / "net/tcp").read_text().splitlines()[1:]}
    count = 0
    for path in (folder / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            count += os.readlink(path) not in calls
    return count


def test_the_protocol(fleet):
    rows = json.loads(answer(fleet, question(fleet, "list", "--output", "json")).out)
    assert len(listed(rows)) == 8
    config = str(fleet.folder / "theirs.yaml")
    assert answer(fleet, question(fleet, "list", config=config)).other
    assert answer(fleet, question(fleet, "status", version="999.0", more=[1])).exit == 0


GARBAGE = {
    "no JSON": b"hello\n", "nothing": b"\n", "no text": b"\xff\xfe\x00\xff\n", "another object": b"{}\n",
    "a list": b"[]\n", "a number": b"1e999\n", "half of it": b'{"version": "1", "arguments": ["status"]}\n',
    "of other kinds": b'{"version":1,"arguments":"run","config":[],"isTerminal":"no","hasColour":null}\n',
    "deep lists": b"[" * 60_000 + b"\n", "deep objects": b'{"a":' * 12_000 + b"\n",
    "a line without end": b"x" * (1 << 20), "many lines": b"{}\n" * 50_000}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage(fleet, garbage):
    with connected(fleet, garbage) as ours:
        replies = [json.loads(reply) for reply in rest(ours).splitlines()]
    assert all(reply.get("exit") != 0 and not reply.get("out") for reply in replies), replies
    assert fleet.process.poll() is None and fleet.ask("list").stdout


@pytest.mark.parametrize("arguments", [
    ["run"], ["run", "--once"], ["simulate"], ["restore", "web"], ["drill", "web"], ["doctor"], ["iam-policy"],
    ["check"], ["schedule"], ["sh", "-c", "true"], []], ids=lambda arguments: " ".join(arguments) or "nothing")
def test_what_is_no_command_of_the_daemons_is_refused(fleet, arguments):
    before = len(fleet.requests())
    refused = answer(fleet, question(fleet, *arguments))
    assert refused.exit == 64 and refused.error and refused.out == "", refused
    assert len(fleet.requests()) == before and fleet.process.poll() is None


def test_a_hundred_at_once_who_say_nothing(fleet):
    """Those over the limit are sent away, the others after ten seconds; who has asked is answered all that while."""
    before, began = descriptors(fleet.process), time.monotonic()
    watcher = connected(fleet, question(fleet, "status", "--watch"))
    idle = [connected(fleet) for _ in range(99)]
    closed = {}

    def look():
        for number, ours in enumerate(idle):
            if number not in closed:
                with contextlib.suppress(BlockingIOError, ConnectionResetError, BrokenPipeError):
                    if number % 2:
                        ours.send(b" ")
                with contextlib.suppress(BlockingIOError):
                    try:
                        while ours.recv(1 << 12):
                            pass
                    except ConnectionResetError:
                        pass
                    closed[number] = time.monotonic() - began
        return len(closed) == len(idle)

    for ours in idle:
        ours.setblocking(False)
    wait_for(look, 20)
    at_once = [seconds for seconds in closed.values() if seconds < 5]
    assert 0 < len(at_once) < len(idle), sorted(closed.values())
    assert all(9 <= seconds < 15 for seconds in closed.values() if seconds >= 5), sorted(closed.values())
    watcher.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while watcher.recv(1 << 16):
            pass
    watcher.settimeout(5)
    assert watcher.recv(1 << 16), "it still goes on"
    for ours in [*idle, watcher]:
        ours.close()
    fleet.ask("status")
    wait_for(lambda: descriptors(fleet.process) <= before)


def test_descriptors_do_not_leak(fleet):
    lines = [question(fleet, *asked) for asked in (["status"], ["list", "--nonsense"], ["backup", "nope"])]
    lines.append(question(fleet, "status", config="/nowhere"))
    codes = [0, 64, 1, None]
    before = descriptors(fleet.process)
    for number in range(200):
        assert answer(fleet, lines[number % 4]).exit == codes[number % 4]
    wait_for(lambda: descriptors(fleet.process) <= before, 5)


@pytest.mark.parametrize("arguments", [["status", "--watch"], []], ids=["a long answer", "half a question"])
def test_those_who_have_gone_take_no_place(fleet, arguments):
    """More than there is room for, each of whom is gone before the daemon, which has much to do, looks at it."""
    line, before = question(fleet, *arguments) if arguments else b'{"version"', descriptors(fleet.process)
    for _ in range(4):
        fleet.process.send_signal(signal.SIGSTOP)
        try:
            for _ in range(10):
                connected(fleet, line).close()
        finally:
            fleet.process.send_signal(signal.SIGCONT)
        with connected(fleet, question(fleet, "list", "--nonsense")) as last:
            rest(last)  # whatever becomes of it, those before it have had their turn
    wait_for(lambda: descriptors(fleet.process) <= before, 5)
    assert "i-web" in fleet.ask("status").stdout


def test_one_who_asks_for_much_and_never_reads(start):
    site = start(world(snapshots=older(3000)))
    with site.daemon(WATCHDOG_USEC="2000000") as process:
        before = descriptors(process)
        full = answer(site, question(site, "list", "--output", "json"))
        assert len(json.loads(full.out)) == 3000 and len(full.out) > 1_000_000
        idlers = [connected(site, question(site, "list", "--output", "json")) for _ in range(4)]
        time.sleep(1)
        process.manager.seen.clear()
        for _ in range(3):
            process.manager.await_message("^WATCHDOG=1", 5)
            began = time.monotonic()
            assert "i-web" in site.ask("status").stdout and time.monotonic() - began < 5
        for ours in idlers[2:]:
            ours.close()
        for ours in idlers[:2]:
            with ours:
                replies = [json.loads(reply) for reply in rest(ours).splitlines()]
            assert "".join(reply.get("out", "") for reply in replies) == full.out and replies[-1] == {"exit": 0}
        wait_for(lambda: descriptors(process) <= before)


# What is under way


def test_what_is_under_way_as_json(start):
    site = start(world(20))
    keys = ["action", "policy", "resource", "slot", "region", "account", "gib", "began", "percent", "seconds-left"]
    with site.daemon():
        assert site.json("status")["under-way"] == []
        asked = [site.begin("backup", policy) for policy in ("web", "blog")]

        def rows():
            found = {row["policy"]: row for row in site.json("status")["under-way"]}
            return len(found) == 2 and found["web"]["percent"] and found["web"]["seconds-left"] and found

        shown = wait_for(rows)
        snapshots = site.sandbox.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
        [blog] = lightsail(site.sandbox, HOME)
        for process in asked:
            process.kill()
            process.communicate()
    for row in shown.values():
        assert sorted(row) == sorted(keys)
        assert (row["action"], row["region"]) == ("create", HOME)
    web = shown["web"]
    assert web["resource"] == "i-web" and web["gib"] == sum(s["VolumeSize"] for s in snapshots) == 28
    assert web["slot"] == tags(snapshots[0])["snapwarden:slot"]
    began = min(s["StartTime"] for s in snapshots).replace(microsecond=0)
    assert datetime.datetime.fromisoformat(web["began"]) == began
    assert 0 < web["percent"] < 100 and 0 < web["seconds-left"] <= 40
    assert shown["blog"]["resource"] == BLOG and shown["blog"]["percent"] is shown["blog"]["seconds-left"] is None
    assert datetime.datetime.fromisoformat(shown["blog"]["began"]) == blog["createdAt"].replace(microsecond=0)
    alone = site.installation.json("status")["under-way"]
    assert {row["policy"] for row in alone} == {"web", "blog"} and all(sorted(row) == sorted(keys) for row in alone)


SCREEN = re.compile(r"^(create|copy) +web +i-web +\S+ +(\S+) +(\d+) +\[(#*)(-*)\] +(\d+) % +(\S.*)$", re.M)


def test_status_is_watched_on_a_terminal(start):
    site, (ours, theirs) = start(world(5, 0)), pty.openpty()
    with site.daemon() as process, open(ours, "rb", buffering=0) as terminal:
        before = descriptors(process)
        watcher = subprocess.Popen(
            site.installation.command("status", "--watch"), env=BARE, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        os.set_blocking(ours, False)
        said = b""

        def screens():
            nonlocal said
            with contextlib.suppress(OSError):  # the other side is closed
                said += terminal.read(1 << 16) or b""
            return said.decode(errors="replace").replace("\r\n", "\n").replace("\x1b[K", "").split("\x1b[H")[1:-1]

        wait_for(lambda: len(screens()) >= 2)
        assert all("i-web" in screen and "UNDER WAY" not in screen for screen in screens())
        calls = len(site.requests())
        screens_before = len(screens())
        wait_for(lambda: len(screens()) >= screens_before + 2)
        assert len(site.requests()) == calls, "watching costs no call"
        site.ask("backup", "web")
        wait_for(lambda: "UNDER WAY" in "".join(screens()) and "UNDER WAY" not in screens()[-1])
        watcher.send_signal(signal.SIGINT)
        watcher.wait(5)
        found = [(screen, match) for screen in screens() for match in SCREEN.findall(screen) if match[0] == "create"]
        assert process.poll() is None
        wait_for(lambda: descriptors(process) <= before)
    percents = []
    for screen, (_, region, gib, full, empty, percent, left) in found:
        [heading] = [line for line in screen.splitlines() if line.startswith("UNDER WAY")]
        assert heading.split()[-3:] == ["GIB", "DONE", "LEFT"] and (region, gib) == (HOME, "28")
        assert abs(len(full) / len(full + empty) - int(percent) / 100) < 0.06
        if int(percent) >= 1:
            assert re.search(r"\d", left), "how long it takes still"
        percents.append(int(percent))
    assert percents == sorted(percents) and len(set(percents)) >= 2 and percents[-1] > 0, percents


def test_status_is_watched_where_no_terminal_is(fleet):
    process = fleet.begin("status", "--watch")
    heading = process.stdout.readline()
    while process.stdout.readline() != heading:
        pass
    process.send_signal(signal.SIGINT)
    _, out, _ = ended(process, 5)
    assert "\x1b" not in out and fleet.process.poll() is None


# Who may ask


DAEMON, SOMEBODY = 4711, 4712


class Machine:
    """A mount namespace in which the program is installed as a package would: with a group, and its own directories."""

    def __init__(self, folder, sandbox):
        self.sandbox, self.folder = sandbox, folder
        for name in ("etc", "lib"):
            (folder / name).mkdir(parents=True)
        script = f"""set -e
            mount --make-rprivate /
            cp -a /etc/. {folder}/etc; mount --bind {folder}/etc /etc; mount --bind {folder}/lib /var/lib
            mount --bind {PROGRAMS} /mnt; mount -t tmpfs -o mode=755 none /run
            sed -i /^snapwarden:/d /etc/group
            groupadd -r snapwarden
            mkdir -p /etc/snapwarden; cp {folder}/snapwarden.yaml /etc/snapwarden; chmod -R a+rX /etc/snapwarden
            install -d -o {DAEMON} -g snapwarden -m 700 /var/lib/snapwarden
            install -d -o {DAEMON} -g snapwarden -m 750 /run/snapwarden
            getent group snapwarden; exec cat"""
        (folder / "snapwarden.yaml").write_text(CONFIG)
        self.root = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.group = int(self.root.stdout.readline().split(":")[2])

    def command(self, user, group, groups, *command):
        more = ["--groups", ",".join(map(str, groups))] if groups else ["--clear-groups"]
        become = ["setpriv", "--reuid", str(user), "--regid", str(group), *more] if user else []
        return ["nsenter", "-t", str(self.root.pid), "-m", *become, *command]

    def asks(self, user, group, groups, *arguments):
        return subprocess.run(
            self.command(user, group, groups, "/mnt/snapwarden", *arguments), env=BARE, capture_output=True, text=True,
            timeout=30)

    def do(self, *command):
        subprocess.run(self.command(0, 0, [], *command), check=True)

    @contextlib.contextmanager
    def daemon(self):
        env = environment(
            self.sandbox.url, STATE_DIRECTORY="/var/lib/snapwarden", RUNTIME_DIRECTORY="/run/snapwarden")
        with (self.folder / "daemon.log").open("wb") as log:
            process = subprocess.Popen(
                self.command(DAEMON, self.group, [], "/mnt/snapwarden", "run"), env=env, stdout=log, stderr=log)
        try:
            wait_for(lambda: self.asks(0, 0, [], "list").returncode == 0)
            yield process
        finally:
            process.kill()
            process.wait(10)

    def end(self):
        self.root.stdin.close()
        self.root.wait(10)
        self.root.stdout.close()


@pytest.fixture
def machine(tmp_path, start_sandbox):
    if not shutil.which("nsenter"):
        pytest.skip("needs nsenter")
    machine = Machine(tmp_path, start_sandbox(world(0, 0)))
    yield machine
    machine.end()


@needs_root
def test_who_may_ask(machine):
    """With no option at all, as a person does where the package is installed."""
    theirs, site = machine.group, Site(machine.folder / "unused", machine.sandbox)

    def refused(*arguments):
        done = machine.asks(SOMEBODY, SOMEBODY, [], *arguments)
        assert done.returncode == 1 and "group snapwarden" in done.stderr and done.stdout == "", done
        assert site.points(policy="app") == {} and not [c for c in site.requests() if c["mutating"]]

    with machine.daemon() as process:
        look = machine.command(0, 0, [], "stat", "-c", "%a %u %g", "/run/snapwarden/control")
        shown = subprocess.run(look, capture_output=True, text=True)
        assert shown.stdout == f"660 {DAEMON} {theirs}\n"
        for command in (["status"], ["list"], ["backup", "app"], ["pause", "web"], ["reload"]):
            refused(*command)
        refused("--config", "/etc/snapwarden/snapwarden.yaml", "status")
        # Whatever the files' modes let through, the daemon itself asks who it is.
        machine.do("chmod", "755", "/run/snapwarden")
        refused("backup", "app")
        machine.do("chmod", "666", "/run/snapwarden/control")
        for command in (["status"], ["backup", "app"], ["pause", "web"]):
            refused(*command)
        machine.do("chmod", "660", "/run/snapwarden/control")
        machine.do("chmod", "750", "/run/snapwarden")
        for user, group, groups in (
                (0, 0, []), (DAEMON, theirs, []), (SOMEBODY, theirs, []), (SOMEBODY, SOMEBODY, [theirs]),
                (SOMEBODY, SOMEBODY, [5001, theirs, 5002])):
            done = machine.asks(user, group, groups, "list", "--output", "json")
            assert done.returncode == 0 and json.loads(done.stdout) == [], done
        done = machine.asks(SOMEBODY, SOMEBODY, [theirs], "backup", "app", "i-app-1")
        assert done.returncode == 0 and [name for name, _ in site.points(policy="app")] == ["i-app-1"], done
        assert machine.asks(SOMEBODY, SOMEBODY, [theirs], "pause", "web").returncode == 0
        assert process.poll() is None
        log = (machine.folder / "daemon.log").read_text()
        assert "paused" in log


@needs_root
def test_a_group_that_is_not_there_lets_nobody_in(machine):
    with machine.daemon():
        machine.do("chmod", "755", "/run/snapwarden")
        machine.do("chmod", "666", "/run/snapwarden/control")
        machine.do("groupdel", "snapwarden")
        for groups in ([], [machine.group]):
            assert machine.asks(SOMEBODY, SOMEBODY, groups, "list").returncode == 1
        assert machine.asks(0, 0, [], "list").returncode == machine.asks(DAEMON, DAEMON, [], "list").returncode == 0


# What must not be seen, and what it costs


@pytest.mark.parametrize("mood", ["good", "refusing", "expired"])
def test_no_answer_shows_a_secret(tmp_path, mood):
    """AWS quotes all that it was sent, and what it knows besides."""
    with Everything() as aws:
        aws.mood = mood
        command, env = install(tmp_path, aws, "environment")
        installation = types.SimpleNamespace(config=tmp_path / "snapwarden.yaml")
        site = types.SimpleNamespace(installation=installation, socket=tmp_path / "state/control")
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen([*command, "run"], env=env, stdout=log, stderr=log)
        try:
            wait_for(lambda: aws.seen and site.socket.exists())
            shown = b""
            for arguments in (["status"], ["list"], ["plan", "--explain"], ["prune"], ["backup", "web"],
                              ["backup", "web", "--log-format", "json"], ["hold", "web/x/2026-01-01T00:00:00Z"],
                              ["status", "--output", "json"], ["reload"]):
                done = subprocess.run([*command, *arguments], env=BARE, capture_output=True, timeout=60)
                shown += done.stdout + done.stderr
                with connected(site, question(site, *arguments)) as ours:
                    shown += rest(ours)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    words = {"good": b"InvalidParameterValue", "refusing": b"SignatureDoesNotMatch", "expired": b"ExpiredToken"}
    assert words[mood] in shown and len(shown) > 1000
    assert not found(shown), shown.decode(errors="replace")


@pytest.mark.alone
def test_an_idle_daemon_does_not_wake_for_its_socket(start):
    """With a watchdog of 4 s a tick comes every 2 s; nothing else may wake any thread, once all is answered."""
    site, seconds = start(), 12
    with site.daemon(WATCHDOG_USEC="4000000") as process:
        for _ in range(5):
            site.ask("status")
            connected(site).close()
        time.sleep(12)  # as long as the daemon waits for questions, and its connections to AWS live
        woken = wakeups(process.pid, seconds)
    ticks = seconds / 2
    print(f"{woken} voluntary context switches in {seconds} s, {ticks:.0f} ticks")
    assert ticks - 1 <= woken <= 4 * (ticks + 1)
