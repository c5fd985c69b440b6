"""Drills: points restored on a schedule, checked, timed and removed; and that neither death, nor an outage, nor a lost ledger
leaves anything of them behind, or takes what is not theirs."""

import collections
import concurrent.futures
import contextlib
import copy
import datetime
import email.utils
import http.server
import itertools
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import botocore.auth
import pytest
from conftest import DR, HOME, Sandbox
from judge import making_clients
from recorder import Recorder
from support import ROOT, Aws, Installation, free_port, needs_root, tags, wait_for
from test_kills import Killer
from test_restore_ec2 import rfc3339, there
from test_restore_lightsail import KINDS, without_times
from test_schedules import Listener
from warp import NOTICED, Warp, is_busy, signing_by_warps, signing_time  # noqa: F401

DAY = (int(time.time()) // 86400 + 2) * 86400
HEAD = """
fleet: {fleet}
start-window: 1h
prune-grace: 0s
timing: {{ consistency: 1s, poll-first: 1s, poll-longest: 2s }}
policies:
"""
SELECT = {
    "servers": "ec2-instances: { ids: [i-web, i-worker] }", "volumes": "ec2-volumes: { ids: [vol-1, vol-2, vol-3] }",
    "sites": "lightsail-instances: { names: [blog, shop] }", "disks": "lightsail-disks: { names: [spare] }",
    "databases": "lightsail-databases: { names: [orders] }"}
VOLUMES = ["vol-1", "vol-2", "vol-3"]
NOON = 'schedule: { cron: "0 12 * * *" }'
OFTEN = 'schedule: { cron: "*/5 * * * *" }'
HOURLY = 'schedule: { cron: "0 * * * *" }'
MARK = "snapwarden:restore"
PROFILE = "arn:aws:iam::123456789012:instance-profile/web"
OWN = {"backup": "yes", "team": "a"}
WORLD = {
    "regions": [HOME, DR], "instance-address": "127.0.0.1",
    "timings": {"snapshot-seconds": 0, "copy-seconds": 0, "instance-seconds": 0},
    "ec2-instances": [
        {"id": "i-web", "name": "web", "tags": OWN, "zone": "b", "subnet": "subnet-us-east-1b", "key-name": "ours",
         "security-groups": ["sg-1"], "profile": PROFILE, "volumes": [
             {"id": "vol-web-a", "device": "/dev/xvda", "boot": True, "size": 9, "tags": OWN},
             {"id": "vol-web-b", "device": "/dev/sdf", "size": 50, "tags": OWN}]},
        {"id": "i-worker", "name": "worker", "tags": OWN, "volumes": [{"id": "vol-worker", "device": "/dev/xvda", "boot": True}]}],
    "ec2-volumes": [{"id": f"vol-{number}", "name": f"data-{number}", "tags": OWN} for number in (1, 2, 3)],
    "lightsail-instances": [
        {"name": "blog", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01", "tags": OWN, "automatic": "03:00",
         "stop-on-idle": {"threshold": "2", "duration": "30"},
         "disks": [{"name": "blog-data", "path": "/dev/xvdf", "size": 32, "tags": OWN},
                   {"name": "blog-logs", "path": "/dev/xvdg", "size": 16}]},
        {"name": "shop", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a02"}],
    "lightsail-disks": [
        {"name": "spare", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a03", "tags": OWN, "automatic": "05:00"}],
    "lightsail-databases": [{"name": "orders", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a04", "tags": OWN}]}
FIRST = {"servers": "i-web", "volumes": "vol-1", "sites": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01",
         "disks": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a03", "databases": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a04"}
CREATE = {
    "servers": "RunInstances", "volumes": "CreateVolume", "sites": "CreateInstancesFromSnapshot",
    "disks": "CreateDiskFromSnapshot", "databases": "CreateRelationalDatabaseFromSnapshot"}
REMOVE = {
    "servers": "TerminateInstances", "volumes": "DeleteVolume", "sites": "DeleteInstance", "disks": "DeleteDisk",
    "databases": "DeleteRelationalDatabase"}
#: Databases have no copies.
REGION = {policy: HOME if policy == "databases" else DR for policy in SELECT}


def config(fleet="acme", more="", select=None, copies=True, **drills):
    """Five policies, one of each kind, with these drills; and more of them."""
    text = HEAD.format(fleet=fleet)
    for policy, selector in (SELECT | (select or {})).items():
        text += f'  {policy}:\n    regions: [{HOME}]\n    select: {{ {selector} }}\n    schedule: {{ cron: "0 2 * * *" }}\n'
        if copies and policy != "databases":
            text += f"    copies: [{{ region: {DR} }}]\n"
        if policy in drills:
            text += f"    drill: {{ {drills[policy]} }}\n"
    return text + more


def clock(text):
    """That time of the day, as seconds since 1970."""
    hours, minutes, *seconds = map(int, text.split(":"))
    return DAY + hours * 3600 + minutes * 60 + sum(seconds)


def at(moment, days=0):
    """A moment as RFC 3339, from the time of the day, or of that many days later."""
    return rfc3339(datetime.datetime.fromtimestamp(clock(moment) + days * 86400, datetime.timezone.utc))


class World:
    """A sandbox, the program on it, perhaps behind a door, and a clock of their own."""

    def __init__(self, folder, seed, text, door=None, now="11:59:50"):
        folder.mkdir(exist_ok=True)
        self.folder, self.log, self.process, self.has_ended = folder, folder / "daemon.log", None, False
        self.warp = Warp(folder)
        self.warp.set(clock(now) - time.time())
        self.warp.sign()
        self.manager = Listener(folder)
        path = folder / "seed.json"
        path.write_text(json.dumps(seed))
        self.sandbox = Sandbox(path, env=self.warp.environment)
        self.door = door(self) if door else Aws(self.sandbox.url)
        self.program = Installation(folder, self.door, text, self.warp)
        with making_clients:
            self.clients = {
                (service, region): self.sandbox.client(service, region)
                for service in ("ec2", "lightsail") for region in (HOME, DR)}
        self.before = self.everything()

    def retire(self):
        """Ends everything that runs, once."""
        if self.has_ended:
            return
        self.has_ended = True
        if self.process and self.process.poll() is None:
            self.kill()
        for close in ("end", "close"):
            getattr(self.door, close, lambda: None)()
        assert self.sandbox.stop() == 0

    # MARK: What there is

    def everything(self):
        """All there is, by region, kind and id, as boto3 lists it."""
        return {region: there(self.clients["ec2", region]) | self.lightsail(region) for region in (HOME, DR)}

    def lightsail(self, region):
        client = self.clients["lightsail", region]
        return {
            f"Lightsail's {key}": {item["name"]: without_times(item) for page in client.get_paginator(method).paginate()
                  for item in page[key]} for key, method in KINDS.items()}

    def new(self):
        """What there is more than in the beginning, by region and kind; of that, nothing is gone or other than it was."""
        found = collections.defaultdict(list)
        for region, kinds in self.everything().items():
            for kind, items in kinds.items():
                before = self.before[region][kind]
                assert before == {id: items.get(id) for id in before}, f"{kind} of {region} are not as they were"
                new = [item for id, item in items.items() if id not in before]
                if new:
                    found[region, kind] = new
        return dict(found)

    def made(self, policy):
        """How often AWS made what such a drill restores; the same call made again makes nothing."""
        return len({call["digest"] for call in self.performed(CREATE[policy])})

    def performed(self, *operations):
        """The calls that AWS carried out, whether it said so or not; all that change something, if none is named."""
        return [
            call for call in self.sandbox.admin("GET", "requests") if call["outcome"] in ("ok", "dropped after")
            and (call["operation"] in operations if operations else call["mutating"])]

    def seed(self):
        """What the world began with, and the snapshots that are there now."""
        seed = copy.deepcopy(WORLD) | {"snapshots": []}
        for region in (HOME, DR):
            for shown in self.clients["ec2", region].describe_snapshots(OwnerIds=["self"])["Snapshots"]:
                seed["snapshots"].append({
                    "region": region, "id": shown["SnapshotId"], "volume": shown["VolumeId"], "tags": tags(shown),
                    "size": shown["VolumeSize"], "description": shown["Description"],
                    "start": rfc3339(shown["StartTime"])})
        seed["lightsail-snapshots"] = [
            {"region": place["region"], "name": s["name"], "from": s["from-arn"], "created": s["created"],
             "tags": s["tags"]}
            for place in self.sandbox.admin("GET", "dump")["regions"] for s in place["lightsail-snapshots"]]
        # A sandbox gives the same ids as the one before.
        return json.loads(json.dumps(seed).replace("snap-", "snap-0"))

    # MARK: Time

    def live(self, until, most=300, step=2):
        """Lets time pass until that is so, and gives it; at most so many seconds."""
        end = self.warp.now() + most
        self.fall_idle()
        while not (found := until()):
            assert self.warp.now() < end, f"{most} s have passed in vain\n{self.said()[-4000:]}"
            assert self.process.poll() is None or until(), f"the daemon has ended\n{self.said()[-4000:]}"
            self.warp.move(step)
            self.fall_idle()
        return found

    def go(self, moment, step=600):
        """Lets time pass up to that time of the day."""
        while self.warp.now() + step < clock(moment):
            self.fall_idle()
            self.warp.move(step)
        self.warp.move_to(clock(moment))
        self.fall_idle()

    def fall_idle(self, *processes):
        """Waits until everybody has noticed what time it is, and nobody does anything, the door included."""
        time.sleep(NOTICED)
        quiet, end = 0, time.monotonic() + 30
        while quiet < 4:
            is_busy_now = getattr(self.door, "open_calls", 0)
            with contextlib.suppress(FileNotFoundError):  # one has ended meanwhile
                is_busy_now = is_busy_now or any(map(is_busy, self.processes(*processes)))
            quiet = 0 if is_busy_now else quiet + 1
            time.sleep(0.005)
            assert time.monotonic() < end, "they are busy on and on"

    def processes(self, *more):
        """The ids of those that run by this clock."""
        running = [self.sandbox.process, self.process, *more]
        return [process.pid for process in running if process and process.poll() is None]

    # MARK: The program

    def run(self, *arguments, code=0, step=1):
        """A command to its end, as time goes by."""
        with (self.folder / "out").open("w+") as out, (self.folder / "err").open("w+") as err:
            process = subprocess.Popen(
                self.program.command(*arguments), env=self.program.environment(), stdout=out, stderr=err)
            try:
                while process.poll() is None:
                    self.fall_idle(process)
                    self.warp.move(step)
            finally:
                process.kill()
                process.wait()
            texts = [file.seek(0) or file.read() for file in (out, err)]
        done = subprocess.CompletedProcess(arguments, process.returncode, *texts)
        assert code is None or done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def drill(self, policy, code=0, step=1):
        """A drill by hand: its rows."""
        return json.loads(self.run("drill", policy, "--output", "json", code=code, step=step).stdout)

    def start(self):
        """Starts the daemon, and waits for the end of its first pass."""
        self.manager.seen.clear()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.program.command("run", "--log-format", "json"), stdout=log, stderr=log,
                env=self.program.environment(NOTIFY_SOCKET=str(self.manager.path)))
        self.door.victim = self.process
        # What it waits for goes faster as time goes by.
        while not any(message.startswith("STATUS=") for message in self.manager.seen):
            self.fall_idle()
            self.warp.move(1)
            assert self.process.poll() is None, self.said()[-4000:]
        self.fall_idle()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Tells the daemon to end, which must go well; gives how many seconds it took."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.said()[-4000:]
        return time.monotonic() - begin

    def said(self):
        return self.log.read_text() if self.log.exists() else ""

    def events(self, *kinds):
        """What the daemons logged of these kinds."""
        return [e for e in events(self.said()) if e["event"] in kinds]

    def results(self):
        """The ends of drills that daemons logged."""
        return self.events("drill-passed", "drill-failed")

    def odd(self, policy, results):
        """What is not as it has to be once so many drills are over."""
        left = self.new()
        wrong = [f"left: {left}"] if left else []
        told = [(e["event"], e["snapwarden_resource"]) for e in self.results()]
        if told != [("drill-passed", FIRST[policy])] * results:
            wrong.append(f"results, not {results}: {[e['message'] for e in self.results()]}")
        last = self.status().get(policy)
        if results and not (last and last["passed"]):
            wrong.append(f"the last one is {last}")
        return wrong

    def status(self):
        """The rows of the last drills, by policy."""
        said = json.loads(self.run("status", "--output", "json", code=None).stdout)
        return {row["policy"]: row for row in said["drills"]}


def events(text):
    """The lines of a log, but for one that is being written."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]


@pytest.fixture(scope="module")
def points(tmp_path_factory):
    """The seed with a point of everything in both regions, of 02:00, and one of the day before of each volume at home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", signing_time)
        world = World(tmp_path_factory.mktemp("first"), WORLD, config(), now="02:00:30")
        world.run("run", "--once")
        seed = world.seed()
        world.retire()
    for one in [s for s in seed["snapshots"] if s["region"] == HOME and s["volume"] in VOLUMES]:
        slot = at("02:00", days=-1)
        seed["snapshots"].append(one | {
            "id": f"snap-older-{one['volume']}", "start": at("02:00:30", days=-1),
            "description": f"snapwarden acme/volumes/{one['volume']}/{slot}",
            "tags": one["tags"] | {"snapwarden:set": f"older-{one['volume']}", "snapwarden:slot": slot}})
    assert (len(seed["snapshots"]), len(seed["lightsail-snapshots"])) == (2 * 6 + 3, 2 * 3 + 1)
    return seed


@pytest.fixture
def begin(tmp_path, points, signing_by_warps):  # noqa: F811
    """Begins worlds with the points, and ends them."""
    running, numbers = [], itertools.count()

    def begin(text, door=None, now="11:59:50", change=None, **timings):
        seed = copy.deepcopy(points)
        seed["timings"] |= {name.replace("_", "-"): seconds for name, seconds in timings.items()}
        if change:
            change(seed)
        running.append(World(tmp_path / f"world-{next(numbers)}", seed, text, door, now))
        return running[-1]

    yield begin
    for world in running:
        world.retire()


class Service(http.server.ThreadingHTTPServer):
    """What answers at the address of every instance, with the status that `answer` gives for a path: the path itself."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.port, self.hits = self.server_address[1], []
        self.answer = lambda path: int(path[1:])
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, request, client_address):
        """Whoever asked may have ended meanwhile."""


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.hits.append(self.path)
        self.send_response(self.server.answer(self.path))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def service():
    service = Service()
    yield service
    service.shutdown()
    service.server_close()


@pytest.fixture
def script(tmp_path):
    """Writes programs; gives their paths."""
    numbers = itertools.count()

    def script(text):
        path = tmp_path / f"check-{next(numbers)}"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    return script


# What is made, and removed


@pytest.mark.parametrize("policy", SELECT)
def test_by_hand(begin, policy):
    world = begin(config(**{policy: NOON}))
    [row] = world.drill(policy)
    assert (row["passed"], row["resource"], row["region"], row["failure"]) == (True, FIRST[policy], REGION[policy], None)
    [made] = world.performed(CREATE[policy])
    assert made["region"] == REGION[policy] and world.performed(REMOVE[policy]) and world.new() == {}
    assert world.status() == {policy: row}
    table = world.program.run("status").stdout
    assert re.search(rf"{row['slot']} +{policy} +{FIRST[policy]} +{REGION[policy]} +\d+s +restored in \d+s", table), table


@pytest.mark.parametrize("policy", ["servers", "databases"])
def test_by_hand_without_a_rule(begin, policy):
    """Then it is the newest copy, else the newest point, and no check."""
    world = begin(config())
    [row] = world.drill(policy)
    assert (row["passed"], row["region"]) == (True, REGION[policy]) and world.made(policy) == 1 and world.new() == {}


MADE = {
    "servers": {"instances": 1, "volumes": 2}, "volumes": {"volumes": 1},
    "sites": {"Lightsail's instances": 1, "Lightsail's disks": 3}, "disks": {"Lightsail's disks": 1},
    "databases": {"Lightsail's relationalDatabases": 1}}
SIZES = {"servers": [9, 50], "volumes": [8], "sites": [16, 32], "disks": [32], "databases": []}


@pytest.mark.parametrize("place", ["dr", "home"])
@pytest.mark.parametrize("policy", SELECT)
def test_what_is_made_bears_nothing_of_the_original(begin, policy, place):
    """What stays for a while is like the original, and no policy, bill or add-on takes it for that."""
    region = HOME if place == "home" else DR
    if policy == "databases" and place == "dr":
        pytest.skip("databases have no copies")
    world = begin(config(**{policy: f"{NOON}, from: {place}, keep: 1h"}))
    [row] = world.drill(policy)
    made = world.new()
    disks = [d for d in made.get((region, "Lightsail's disks"), []) if not d.get("isSystemDisk")]
    assert {kind: len(items) for (_, kind), items in made.items()} == MADE[policy] | (
        {"Lightsail's disks": 2} if policy == "sites" else {}), made
    assert {place for place, _ in made} == {region}
    sizes = [v["Size"] for v in made.get((region, "volumes"), [])] + [d["sizeInGb"] for d in disks]
    assert sorted(sizes) == SIZES[policy]
    items = [item for items in made.values() for item in items]
    for item in items:
        own = marks(item)
        assert own[MARK].startswith("drill acme/") and own.keys() <= {MARK, "Name"}, item
        assert not item.get("addOns") and "IamInstanceProfile" not in item, item
    assert len({marks(item)[MARK] for item in items}) == 1
    assert row["kept-until"] and world.program.run("status").returncode == 0


def marks(item):
    return tags(item) | {tag["key"]: tag.get("value") for tag in item.get("tags", [])}


@pytest.mark.parametrize("place", ["dr", "home"])
def test_instances_are_set_apart(begin, service, place):
    region = HOME if place == "home" else DR
    apart = f"isolated: {{ subnet: subnet-{region}c, security-group: sg-apart }}"
    world = begin(config(
        servers=f"{NOON}, from: {place}, {apart}, check: {{ http: /200, port: {service.port} }}"))
    seen = []

    def look(_):
        world.warp.sign()
        seen.append(world.new())
        return 200

    service.answer = look
    world.drill("servers")
    [[instance]] = [made[region, "instances"] for made in seen]
    assert instance["SubnetId"] == f"subnet-{region}c" and instance["State"]["Name"] == "running"
    assert [group["GroupId"] for group in instance["SecurityGroups"]] == ["sg-apart"]
    assert instance["PublicIpAddress"] == "127.0.0.1" and service.hits == ["/200"]
    assert world.new() == {}


def test_at_its_schedule(begin, service):
    """All of them, one after the other, once."""
    check = f"check: {{ http: /200, port: {service.port} }}"
    world = begin(config(**{policy: f"{NOON}, {check}" for policy in SELECT}), now="11:59")
    world.start()
    world.go("11:59:55")
    assert world.performed() == [], "it is not time yet"
    world.live(lambda: len(world.results()) == 5)
    world.fall_idle()
    assert world.new() == {}
    world.go("12:45")
    told = [(e["event"], e["priority"], e["snapwarden_policy"]) for e in world.events("drill-started", "drill-passed")]
    pairs = [told[index:index + 2] for index in range(0, 10, 2)]
    assert sorted(pairs) == sorted(
        [("drill-started", "info", policy), ("drill-passed", "notice", policy)] for policy in SELECT)
    for passed in world.results():
        policy = passed["snapwarden_policy"]
        assert (passed["snapwarden_resource"], passed["snapwarden_region"]) == (FIRST[policy], REGION[policy])
        assert "restored in" in passed["message"]
    assert [world.made(policy) for policy in SELECT] == [1] * 5 and world.new() == {}
    assert service.hits == ["/200"] * 2, "volumes, disks and databases have no address"
    rows = world.status()
    assert rows.keys() == SELECT.keys() and {row["slot"] for row in rows.values()} == {at("12:00")}
    assert all(row["passed"] for row in rows.values()) and world.program.run("status").returncode == 0


@pytest.mark.parametrize("policy", ["sites", "servers"])
def test_the_time_is_taken(begin, service, policy):
    """The recovery time that was reached is what passes from the beginning until the check is."""
    world = begin(config(**{policy: f"{NOON}, check: {{ http: /, port: {service.port} }}"}), instance_seconds=90)
    asked = []

    def answer(_):
        asked.append(world.warp.now())
        return 200 if asked[-1] > asked[0] + 40 else 503

    service.answer = answer
    world.start()
    world.live(world.results)
    row = world.status()[policy]
    begun = datetime.datetime.fromisoformat(world.performed(CREATE[policy])[0]["time"]).timestamp()
    assert 90 <= row["restored-seconds"] <= 100 and abs(row["restored-seconds"] - (asked[0] - begun)) < 5, row
    assert row["rto-seconds"] >= 130 and abs(row["rto-seconds"] - (asked[-1] - begun)) < 5, row
    assert row["began"] == at("12:00") or row["began"] < at("12:00:10")
    table = world.program.run("status").stdout
    assert re.search(rf"{at('12:00')} +{policy} .* +2min +restored in 1min", table), table


# Checks

CLOSED = free_port()
#: What becomes of a drill whose instance runs: whether it passes, and the reason if it does not.
CHECKS = {
    "none": ("", None),
    "tcp": ("check: { tcp: PORT }", None),
    "http 200": ("check: { http: /200, port: PORT }", None),
    "http 302": ("check: { http: /302, port: PORT }", None),
    "a command": ('check: { command: [SCRIPT, "a b"] }', None, '[ "$1" = "a b" ] && [ $SNAPWARDEN_DRILL_ADDRESS = 127.0.0.1 ]'),
    "a closed port": ("check: { tcp: CLOSED, within: 20s }", "port CLOSED .*within 20s.*refused"),
    "http from a closed port": ("check: { http: /200, port: CLOSED, within: 20s }", "port CLOSED .*within 20s"),
    "http 404": ("check: { http: /404, port: PORT, within: 20s }", "http /404 .*within 20s.*404"),
    "http 500": ("check: { http: /500, port: PORT, within: 20s }", "http /500 .*within 20s.*500"),
    "a command that fails": ("check: { command: [SCRIPT], within: 20s }", "SCRIPT.*within 20s.*(with|code) 1\\b", "exit 1"),
    "a command that is killed": ("check: { command: [SCRIPT], within: 20s }", "SCRIPT.*within 20s.*(137|signal 9)", "kill -9 $$"),
    "no such command": ("check: { command: [/no/such], within: 20s }", "/no/such.*No such file"),
    "http 200 at last": ("check: { http: /late, port: PORT, within: 1min }", None),
    "a command that does at last": (
        "check: { command: [SCRIPT], within: 1min }", None, 'echo >>"$0.tries"; [ $(wc -l <"$0.tries") -ge 3 ]'),
}


@pytest.mark.parametrize("policy, rule", [
    pytest.param(policy, rule, id=f"{name} of {policy}") for name, rule in CHECKS.items()
    for policy in ["sites"] + ["servers"] * (name in ("tcp", "http 500", "a command", "a closed port"))])
def test_checks(begin, service, script, policy, rule):
    text, reason, *body = rule
    values = {"PORT": service.port, "CLOSED": CLOSED, "SCRIPT": script(*body) if body else ""}
    for name, value in values.items():
        text, reason = text.replace(name, str(value)), reason and reason.replace(name, str(value))
    service.answer = lambda path: int(path[1:]) if path != "/late" else 200 if len(service.hits) > 2 else 503
    world = begin(config(**{policy: f"{NOON}, {text}" if text else NOON}))
    [row] = world.drill(policy, code=1 if reason else 0)
    assert row["passed"] is (reason is None) and world.made(policy) == 1 and world.new() == {}, row
    table = world.program.run("status", code=12 if reason else 0).stdout
    assert world.status() == {policy: row}
    if reason:
        assert re.search(reason, row["failure"]) and row["rto-seconds"] is None and row["restored-seconds"] >= 0
        assert re.search(rf"{row['slot']} +{policy} .*failed: .*{reason}", table), table
    if "late" in text or "tries" in str(body):
        assert row["rto-seconds"] > row["restored-seconds"], row


def test_tcp_passes_once_something_listens(begin):
    port = free_port()
    world = begin(config(sites=f"{NOON}, check: {{ tcp: {port}, within: 5min }}"))
    world.start()
    world.live(lambda: world.made("sites"))
    world.go("12:01:30", step=2)
    assert world.results() == []
    with http.server.HTTPServer(("127.0.0.1", port), Answer):
        [result] = world.live(world.results)
    assert result["event"] == "drill-passed" and 90 <= world.status()["sites"]["rto-seconds"] <= 120


HANGS = {"itself": 'echo $$ >"$0.pid"\nexec sleep 100000', "a child": 'sleep 100000 & echo $! >"$0.pid"\nwait'}


@pytest.mark.parametrize("what", HANGS)
def test_a_command_that_hangs(begin, script, what):
    """It is given up once the time is over that a check may take, and does not stay."""
    path = script(HANGS[what])
    world = begin(config(sites=f"{NOON}, check: {{ command: [{path}], within: 3s }}"))
    begun, pid = time.monotonic(), pathlib.Path(f"{path}.pid")
    process = subprocess.Popen(
        world.program.command("drill", "sites"), env=world.program.environment(), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        while process.poll() is None and time.monotonic() < begun + 10:
            world.fall_idle(process)
            world.warp.move(1)
        assert process.poll() is not None, f"a check may take 3 s, and goes on {time.monotonic() - begun:.0f} s later"
        assert process.returncode == 1 and re.search(f"{path}.*within 3s", world.status()["sites"]["failure"])
        wait_for(lambda: not pathlib.Path(f"/proc/{pid.read_text().strip()}").exists(), 5)
        assert world.new() == {}
    finally:
        process.kill()
        process.wait()
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(int(pid.read_text()), signal.SIGKILL)


def test_an_answer_that_comes_too_late(begin, script):
    path = script('end=$(($(date +%s) + 30)); while [ $(date +%s) -lt $end ]; do sleep 0.05; done')
    world = begin(config(sites=f"{NOON}, check: {{ command: [{path}], within: 3s }}"))
    [row] = world.drill("sites", code=1)
    assert not row["passed"] and world.new() == {}


def test_a_failed_drill_in_the_daemon(begin):
    """It is told as an error; the next one that passes ends the alarm."""
    port = free_port()
    world = begin(config(sites=f"{HOURLY}, check: {{ tcp: {port}, within: 20s }}", disks=HOURLY), change=only_first)
    world.start()
    world.live(lambda: len(world.results()) == 2)
    [failed] = world.events("drill-failed")
    assert (failed["priority"], failed["snapwarden_policy"], failed["snapwarden_region"]) == ("error", "sites", DR)
    assert f"port {port}" in failed["snapwarden_reason"] and failed["snapwarden_reason"] in failed["message"]
    world.fall_idle()
    assert world.new() == {} and world.status()["disks"]["passed"]
    world.program.run("status", code=12)
    with http.server.HTTPServer(("127.0.0.1", port), Answer):
        world.go("12:59:50")
        world.live(lambda: len(world.results()) == 4)
    world.program.run("status", code=0)
    assert world.new() == {} and len(world.events("drill-failed")) == 1


def test_some_pass(begin, script):
    path = script('echo >>"$0.tries"; [ $(wc -l <"$0.tries") -ge 3 ]')
    world = begin(config(sites=f"{NOON}, limit: 2, check: {{ command: [{path}], within: 5s }}"))
    rows = world.drill("sites", code=2)
    assert [row["passed"] for row in rows] == [False, True] and world.new() == {}
    world.program.run("status", code=12)


def test_no_point(begin):
    def lose(seed):
        seed["snapshots"] = [s for s in seed["snapshots"] if s["region"] == HOME]

    world = begin(config(volumes=NOON), change=lose)
    # Copies that are owed are not made again.
    done = world.run("drill", "volumes", code=1)
    assert "volumes" in done.stderr and "no usable copy" in done.stderr and world.performed() == []


def test_a_schedule_that_finds_no_point(begin):
    """A policy that cannot prove anything must not look as if it had."""
    def lose(seed):
        seed["lightsail-snapshots"] = [s for s in seed["lightsail-snapshots"] if "--orders--" not in s["name"]]

    world = begin(config(databases=NOON), change=lose)
    world.start()
    [failed] = world.live(world.results, most=3600, step=20)
    assert failed["event"] == "drill-failed" and "no usable point" in failed["snapwarden_reason"]
    world.program.run("status", code=12)


def test_an_unknown_policy(begin):
    world = begin(config(sites=NOON))
    done = world.run("drill", "stes", code=1)
    assert 'did you mean "sites"' in done.stderr and world.performed() == []


def test_not_beside_the_daemon(begin):
    world = begin(config(sites=NOON))
    world.start()
    world.program.run("drill", "sites", code=11)
    assert world.performed() == []


@needs_root
def test_entries_in_a_real_journal(begin, tmp_path, script):
    """With the ids that the catalog explains."""
    world = begin(config(sites=f"{NOON}, check: {{ command: [{script('exit 1')}], within: 1s }}", disks=NOON))
    journal = tmp_path / "journal.sh"
    journal.write_text(f"""set -eu
mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/log; mkdir -p /run/systemd /run/log/journal
/lib/systemd/systemd-journald & journald=$!
for _ in $(seq 100); do [ -S /run/systemd/journal/socket ] && break; sleep 0.1; done
exec 3>"{tmp_path}/stderr"
JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/3)
export JOURNAL_STREAM
for policy in sites disks; do
    "{world.program.command()[0]}" --config "{world.program.config}" --state-dir "{world.program.state}" drill $policy 2>&3 || true
done
journalctl --sync || true
for _ in $(seq 50); do
    journalctl -o json SNAPWARDEN_ACTION=drill >"{tmp_path}/entries"
    [ $(wc -l <"{tmp_path}/entries") -ge 4 ] && break; sleep 0.1
done
kill $journald
""")
    done = subprocess.run(
        ["unshare", "-m", "bash", journal], env=world.program.environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    entries = [json.loads(line) for line in (tmp_path / "entries").read_text().splitlines()]
    catalog = (ROOT / "packaging/snapwarden.catalog").read_text()
    found = [(e["SNAPWARDEN_EVENT"], e["PRIORITY"], e["SNAPWARDEN_POLICY"]) for e in entries]
    assert found == [
        ("drill-started", "6", "sites"), ("drill-failed", "3", "sites"), ("drill-started", "6", "disks"),
        ("drill-passed", "5", "disks")], found
    ids = {e["SNAPWARDEN_EVENT"]: e["MESSAGE_ID"] for e in entries}
    assert len(set(ids.values())) == 3 and all(f"-- {id}\n" in catalog for id in ids.values()), ids
    assert "was not passed within 1s" in entries[1]["SNAPWARDEN_REASON"]


# The other region is lost


class Door(Killer):
    """Kills the daemon at one call; loses the other region at another, until it is told to have it back."""

    #: Whoever finds no room in the queue tries again a whole second later.
    request_queue_size = 64

    def __init__(self, world):
        super().__init__(world.sandbox)
        self.world, self.is_lost, self.loses_at, self.open_calls = world, False, None, 0

    def treat(self, call):
        with self.lock:
            self.open_calls += 1
        try:
            self.decide(call)
        finally:
            with self.lock:
                self.open_calls -= 1

    def decide(self, call):
        # Replies bear the time of the world, not of this machine.
        call.date_time_string = lambda *_: email.utils.formatdate(self.world.warp.now(), usegmt=True)
        region = re.search(r"Credential=[^/]+/\d+/([^/]+)/", call.headers["Authorization"])[1]
        if region == DR and self.loses_at and self.loses_at[0] == call.operation:
            if self.loses_at[1] == "after":
                call.forward()
            self.is_lost, self.loses_at = True, None
        if region == DR and self.is_lost:
            return call.reset()
        super().treat(call)


OUTAGES = {
    "before anything is made": None, "as it is to be made": (CREATE, "before"), "as it is made": (CREATE, "after"),
    "as it is to be removed": (REMOVE, "before"), "as it is removed": (REMOVE, "after")}


@pytest.mark.parametrize("policy, outage", [
    pytest.param(policy, outage, id=f"{name}, {policy}") for name, outage in OUTAGES.items()
    for policy in ["servers"] + ["sites"] * name.startswith("as it is to be")])
def test_the_region_is_lost(begin, policy, outage):
    """For longer than it is waited for; what was made is removed once it is back, by the daemon itself."""
    world = begin(config(**{policy: HOURLY}), door=Door)
    world.start()
    if outage:
        world.door.loses_at = (outage[0][policy], outage[1])
    else:
        world.door.is_lost = True
    [failed] = world.live(world.results, most=3000, step=40)
    row = world.status()[policy]
    assert failed["event"] == "drill-failed" and not row["passed"] and row["failure"] == failed["snapwarden_reason"]
    assert re.search("(?i)reset|cannot be reached|unavailable", row["failure"]), row["failure"]
    if outage in [(CREATE, "after"), (REMOVE, "before")]:
        assert world.new(), "the outage came too late, or nobody could have removed it"
    world.door.is_lost = False
    world.live(lambda: world.new() == {}, most=1800, step=150)
    world.program.run("status", code=12)
    world.go("12:59:50")
    world.live(lambda: len(world.results()) == 2)
    assert world.results()[1]["event"] == "drill-passed" and world.new() == {}


@pytest.mark.parametrize("policy", ["sites", "servers"])
@pytest.mark.parametrize("outage", [CREATE, REMOVE], ids=["as it is made", "as it is removed"])
def test_the_region_is_lost_for_a_minute(begin, policy, outage):
    """That is no reason to call points bad."""
    world = begin(config(**{policy: NOON}), door=Door)
    world.start()
    world.door.loses_at = (outage[policy], "after")
    world.live(lambda: world.door.is_lost)
    for _ in range(6):
        world.warp.move(10)
        world.fall_idle()
    world.door.is_lost = False
    [result] = world.live(world.results, step=5)
    world.fall_idle()
    assert result["event"] == "drill-passed", result
    assert world.made(policy) == 1 and world.new() == {}


def test_the_region_was_lost_when_the_daemon_began(begin):
    """Nobody can say then that there is no point: what is said is that nobody could look."""
    world = begin(config(sites=NOON), door=Door)
    world.door.is_lost = True
    world.start()
    [failed] = world.live(world.results, most=3600, step=60)
    assert failed["event"] == "drill-failed" and re.search(f"{DR}.*(read|reached|reset)", failed["message"]), failed


def test_by_hand_while_the_region_is_lost(begin):
    world = begin(config(sites=NOON), door=Door)
    world.door.is_lost = True
    done = world.run("drill", "sites", code=1)
    assert f"{DR} was not read completely" in done.stderr and world.performed() == []


def test_the_daemon_removes_what_a_drill_by_hand_left(begin):
    world = begin(config(servers=NOON), door=Door, now="14:00")
    world.door.loses_at = ("TerminateInstances", "before")
    [row] = world.drill("servers", code=1, step=60)
    assert "could not be removed" in row["failure"] and world.new()
    world.start()
    assert world.new(), "it is still lost"
    world.door.is_lost = False
    world.live(lambda: world.new() == {}, most=1200, step=30)


@pytest.mark.parametrize("loses_ledger", [False, True], ids=["its ledger is kept", "its ledger is lost"])
def test_killed_while_the_region_is_lost(begin, loses_ledger):
    world = begin(config(sites=HOURLY, servers=HOURLY), door=Door)
    world.start()
    world.door.loses_at = ("RunInstances", "after")
    world.live(lambda: world.door.is_lost)
    world.kill()
    if loses_ledger:
        world.program.forget()
    world.start()
    world.go("12:05")
    assert world.new()
    world.door.is_lost = False
    world.live(lambda: world.new() == {}, most=1800, step=120)
    world.go("12:59:50")
    assert world.new() == {}
    before = len(world.results())
    world.live(lambda: len(world.results()) == before + 2)
    assert {e["event"] for e in world.results()[before:]} == {"drill-passed"} and world.new() == {}


LOST = {
    policy: [CREATE[policy], REMOVE[policy], *more] for policy, more in {
        "servers": ["RegisterImage", "DeregisterImage", "DeleteVolume"], "sites": ["TagResource", "DeleteDisk"],
        "volumes": [], "disks": [], "databases": []}.items()}


@pytest.mark.parametrize("kind", ["dropBefore", "dropAfter"])
@pytest.mark.parametrize("policy", LOST)
def test_a_call_or_its_reply_is_lost(begin, policy, kind):
    """Of each operation once: that is no reason to call points bad, and makes nothing twice."""
    world = begin(config(**{policy: NOON}))
    world.sandbox.admin("POST", "faults", [{"operation": operation, "kind": kind} for operation in LOST[policy]])
    [row] = world.drill(policy, code=None)
    assert row["passed"], row["failure"]
    lost = [call["operation"] for call in world.sandbox.admin("GET", "requests") if call["outcome"].startswith("dropped")]
    assert sorted(lost) == sorted(LOST[policy]) and world.made(policy) == 1 and world.new() == {}


# Deaths


def only_first(seed):
    """Leaves the points of the resource of each kind whose turn is first."""
    seed["snapshots"] = [s for s in seed["snapshots"] if s["tags"]["snapwarden:resource"] in FIRST.values()]
    seed["lightsail-snapshots"] = [s for s in seed["lightsail-snapshots"] if "--shop--" not in s["name"]]


def steps(begin, policy):
    """The calls of a drill that goes well, from before its slot until nothing is left to do: names and numbers."""
    world = begin(config(**{policy: NOON}), door=Door, change=only_first)
    world.start()
    world.door.counts.clear()
    world.live(world.results)
    assert world.new() == {}
    return [(name, n) for name, count in sorted(world.door.counts.items()) for n in range(1, count + 1)]


def is_reading(name):
    return name.split(":")[1].startswith(("Describe", "Get"))


@pytest.mark.parametrize("policy", SELECT)
def test_killed_at_every_call(begin, policy):
    """At one after the other; in the end there is one result of each slot, and nothing else."""
    calls = steps(begin, policy)
    deaths = [(name, number, moment) for name, number in calls if not is_reading(name) for moment in ("before", "after")]
    lives = [(step, True) for step in deaths] + [(step, False) for step in deaths]
    if policy in ("sites", "servers"):
        # What is read between two changes is the same each time.
        ends = {name: (1, number) for name, number in calls}
        lives += [((*call, "before"), False) for call in calls if is_reading(call[0]) and call[1] in ends[call[0]]]
    world = begin(config(**{policy: OFTEN}), door=Door, change=only_first)
    world.start()
    faults = collections.Counter()
    for step, loses_ledger in lives:
        world.warp.move_to((world.warp.now() // 300 + 1) * 300 - 4)
        world.fall_idle()
        before = len(world.results())
        world.door.counts.clear()
        world.door.was_fatal, world.door.fatal = False, step
        world.live(lambda: world.door.was_fatal or len(world.results()) > before)
        if not world.door.was_fatal:
            faults["has not died"] += 1
            continue
        world.process.wait()
        world.warp.move(2)
        told = len(world.results())
        if loses_ledger:
            world.program.forget()
        world.start()
        # Nobody knows without a ledger that a drill was cut off.
        world.live(lambda: loses_ledger or len(world.results()) > before)
        for pause in (2, 60):
            world.warp.move(pause)
            world.fall_idle()
        results, how = world.results()[before:], f"killed at {step}{', the ledger lost' if loses_ledger else ''}: "
        if len(results) != (told - before if loses_ledger else 1) or any(e["event"] != "drill-passed" for e in results):
            faults[f"{how}{[e['message'] for e in results]}"] += 1
        try:
            world.live(lambda: not world.new(), step=30)
        except AssertionError:
            faults[f"{how}left {world.new()}"] += 1
            world = begin(config(**{policy: OFTEN}), door=Door, change=only_first)
            world.start()
    print(f"\n{len(lives) - faults['has not died']} deaths")
    assert faults.pop("has not died", 0) <= len(lives) // 10
    assert not faults, "\n".join(faults)
    assert world.status()[policy]["passed"]


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_killed_in_any_turn(begin, turn):
    """What was cut off is done again, and nothing in its stead; then it is over."""
    world = begin(config(volumes=HOURLY), door=Door)
    world.start()
    for number in range(1, turn):
        world.live(lambda: len(world.results()) == number)
        world.go(f"{11 + number}:59:50")
    world.door.fatal = ("ec2:CreateVolume", turn, "after")
    world.live(lambda: world.door.was_fatal)
    world.process.wait()
    for _ in range(3):
        world.start()
        world.live(lambda: len(world.results()) >= turn)
        for pause in (5, 20):
            world.warp.move(pause)
            world.fall_idle()
        assert world.new() == {}
        world.kill()
    results = world.results()
    assert [e["snapwarden_resource"] for e in results] == VOLUMES[:turn], results
    assert {e["event"] for e in results} == {"drill-passed"}
    assert world.made("volumes") == turn + 1


def test_killed_in_the_second_of_two(begin):
    """The first was done, and is not done again."""
    world = begin(config(volumes=f"{NOON}, limit: 2"), door=Door)
    world.start()
    world.door.fatal = ("ec2:CreateVolume", 2, "after")
    world.live(lambda: world.door.was_fatal)
    world.process.wait()
    world.start()
    world.live(lambda: len(world.results()) == 2)
    world.go("12:10", step=300)
    assert [e["snapwarden_resource"] for e in world.results()] == VOLUMES[:2]
    assert world.made("volumes") == 3 and world.new() == {}


TERMS = {
    "while it starts": "", "at a check that is not answered": "check: { http: /hold, port: PORT }",
    "at a check that fails": "check: { http: /503, port: PORT }", "at a command": "check: { command: [SCRIPT] }"}


@pytest.mark.alone
@pytest.mark.parametrize("policy, check", [
    pytest.param(policy, check, id=f"{name}, {policy}") for name, check in TERMS.items()
    for policy in ["servers"] + ["sites"] * (not check)])
def test_told_to_end(begin, service, script, policy, check):
    """It ends in time, and the next start removes what was left and does the drill again."""
    path = script('[ -e "$0.done" ] && exit 0\ntouch "$0.asked"; sleep 600')
    asked, over = pathlib.Path(f"{path}.asked"), threading.Event()
    check = check.replace("PORT", str(service.port)).replace("SCRIPT", str(path))

    def answer(requested):
        asked.touch()
        if requested == "/hold":
            over.wait(30)
        return 200 if over.is_set() else 503

    service.answer = answer
    world = begin(
        config(**{policy: ", ".join(filter(None, [NOON, check]))}), change=only_first, instance_seconds=0 if check else 120)
    world.start()
    world.live(asked.exists if check else lambda: world.made(policy))
    world.fall_idle()
    try:
        seconds = world.stop()
    finally:
        over.set()
        pathlib.Path(f"{path}.done").touch()
    assert seconds <= 10 and world.new() and world.results() == []
    world.sandbox.admin("POST", "set", {"timings": WORLD["timings"]})
    world.start()
    [result] = world.live(world.results)
    world.go("12:20", step=300)
    assert result["event"] == "drill-passed" and len(world.results()) == 1 and world.new() == {}
    assert world.status()[policy]["slot"] == at("12:00") and world.made(policy) == 2


@pytest.mark.parametrize("policy", ["sites", "servers", "volumes"])
def test_told_to_end_while_it_removes(begin, policy):
    """That is no failure of the drill."""
    world = begin(config(**{policy: NOON}), change=only_first)
    world.start()
    world.live(lambda: world.performed(REMOVE[policy]), step=1)
    assert world.results() == [], "it looks again before it says that all is gone"
    assert world.stop() <= 10
    world.start()
    [result] = world.live(world.results)
    world.go("12:20", step=300)
    assert result["event"] == "drill-passed" and len(world.results()) == 1 and world.new() == {}


@pytest.mark.alone
def test_told_to_end_while_a_call_is_not_answered(begin):
    over = threading.Event()

    class Holding(Door):
        def treat(self, call):
            if call.operation == "RunInstances" and call.number == 1:
                call.forward()
                over.wait(30)
                return call.hang_up()
            super().treat(call)

    world = begin(config(servers=NOON), door=Holding, change=only_first)
    world.start()
    world.live(lambda: world.made("servers"))
    seconds = world.stop()
    over.set()
    assert seconds <= 10 and world.new()
    world.start()
    [result] = world.live(world.results)
    world.go("12:20", step=300)
    assert result["event"] == "drill-passed" and len(world.results()) == 1 and world.new() == {}


# What stays


@pytest.mark.parametrize("policy", SELECT)
def test_kept_for_so_long_and_no_longer(begin, policy):
    """Also where the daemon was killed meanwhile."""
    world = begin(config(**{policy: f"{NOON}, keep: 1h"}))
    world.start()
    world.live(world.results)
    kept = world.new()
    until = datetime.datetime.fromisoformat(world.status()[policy]["kept-until"]).timestamp()
    assert kept and clock("13:00") <= until < clock("13:01")
    world.go("12:30")
    assert world.new() == kept
    world.kill()
    world.start()
    world.go("12:59:50")
    assert world.new() == kept
    world.warp.move_to(until)
    world.live(lambda: world.new() == {}, most=120, step=5)
    assert len(world.results()) == 1 and world.made(policy) == 1


@pytest.mark.parametrize("how", ["by hand", "in the daemon"])
def test_kept_while_others_come_and_go(begin, how):
    """Of the same resource, too: an hour is an hour."""
    slots = 'schedule: { cron: "*/20 * * * *" }'
    world = begin(config(volumes=f"{slots}, keep: 1h", disks=f"{slots}, keep: 5min"), change=only_first)
    counts = []
    if how == "in the daemon":
        world.start()
    for number, moment in enumerate(["12:00", "12:20", "12:40"], 1):
        world.go(moment)
        if how == "by hand":
            world.drill("volumes")
            world.drill("disks")
        else:
            world.live(lambda: len(world.results()) == 2 * number)
        counts.append(len(world.new()[DR, "volumes"]))
    assert counts == [1, 2, 3]
    if how == "by hand":
        world.start()
    world.go("12:59:50", step=60)
    assert len(world.new()[DR, "volumes"]) == 3 and (DR, "Lightsail's disks") not in world.new()


def test_kept_where_the_rule_is_taken_away(begin):
    """What stays is removed in its time, whatever the config says by then."""
    world = begin(config(sites=f"{NOON}, keep: 1h"))
    world.start()
    world.live(world.results)
    assert world.new()
    world.kill()
    world.program.config.write_text(config())
    world.start()
    world.go("12:59:50")
    assert world.new()
    world.go("13:02", step=20)
    assert world.new() == {}


def test_what_failed_does_not_stay(begin):
    world = begin(config(sites=f"{NOON}, keep: 1h, check: {{ tcp: {CLOSED}, within: 20s }}"))
    [row] = world.drill("sites", code=1)
    assert row["kept-until"] is None and world.new() == {}


def test_what_stays_is_not_protected(begin):
    """A policy that takes whatever is in the region takes nothing that a drill made."""
    everything = """
  all:
    regions: [us-east-1]
    select: { lightsail-instances: { names: ["*"] }, ec2-instances: { names: ["*"] }, ec2-volumes: { names: ["*"] } }
    schedule: { cron: "30 12 * * *" }
"""
    world = begin(config(
        more=everything, sites=f"{NOON}, from: home, keep: 1h", servers=f"{NOON}, from: home, keep: 1h",
        volumes=f"{NOON}, from: home, keep: 1h"))
    world.start()
    world.live(lambda: len(world.results()) == 3)
    made = [item.get("name", item.get("InstanceId", item.get("VolumeId"))) for items in world.everything()[HOME].items()
            for id, item in items[1].items() if isinstance(item, dict) and MARK in marks(item)]
    assert len(made) >= 4
    world.go("12:29:50")
    world.live(lambda: [e for e in world.events("point-usable") if e["snapwarden_policy"] == "all"])
    world.go("12:35", step=10)
    client = world.clients["lightsail", HOME]
    taken = {s["fromInstanceName"] for page in client.get_paginator("get_instance_snapshots").paginate()
             for s in page["instanceSnapshots"] if s["name"].startswith("acme--all--")}
    assert taken == {"blog", "shop"}
    found = world.clients["ec2", HOME].describe_snapshots(OwnerIds=["self"])["Snapshots"]
    of_all = {tags(s)["snapwarden:resource"] for s in found if tags(s)["snapwarden:policy"] == "all"}
    assert of_all == {"i-web", "i-worker", *VOLUMES}


# What is others'


RESTORED = {
    "volumes": ["vol-1", "--volumes-only", "--region", DR], "an instance": ["i-web", "--new-instance", "--region", DR],
    "an instance of Lightsail": ["blog", "--region", DR], "a disk": ["spare", "--region", DR],
    "one called like a drill": ["vol-2", "--volumes-only", "--as", "drill acme/mine", "--region", DR],
    "an instance called like a drill": ["i-worker", "--new-instance", "--as", "drill-acme-mine", "--region", DR],
    "a disk of Lightsail called like a drill": ["spare", "--as", "drill-acme-mine", "--region", DR],
    "an instance of Lightsail called like a drill": ["shop", "--as", "drill-acme-mine-too", "--region", DR]}


def test_what_a_person_restored_stays(begin):
    """Of the same points, whatever it is called; a name that could be mistaken for a drill's may be refused."""
    world = begin(config(sites=HOURLY, servers=HOURLY, volumes=HOURLY, disks=HOURLY), now="11:30")
    for arguments in RESTORED.values():
        done = world.run("restore", *arguments, "--yes", code=None)
        assert done.returncode in ([0, 1, 64] if "--as" in arguments else [0]), done.stderr
    kept = world.new()
    assert sum(len(items) for items in kept.values()) > 6
    world.start()
    for number, before in enumerate(["11:59:50", "12:59:50"], 1):
        world.go(before)
        world.live(lambda: len(world.results()) == 4 * number)
        world.fall_idle()
        assert world.new() == kept
    assert {e["event"] for e in world.results()} == {"drill-passed"}


MARKS = {
    "drill acme/volumes/abc/2026-01-01T00:00:00Z": False, "drill acme/gone/abc/2026-01-01T00:00:00Z": False,
    "drill acme-b/volumes/abc/2026-01-01T00:00:00Z": True, "drill acm/volumes/abc/2026-01-01T00:00:00Z": True,
    "Drill acme/volumes/abc": True, "drills": True, "xdrill acme/volumes": True, "0123456789abcdef": True, "": True}


def test_which_marks_are_swept(begin):
    """What a drill of this fleet left without anybody's knowledge is removed at the next start, and nothing else."""
    world = begin(config(volumes=NOON, disks=NOON, servers=NOON))
    ec2, lightsail = world.clients["ec2", DR], world.clients["lightsail", DR]
    source = next(iter(world.before[DR]["snapshots"]))
    [snapshot] = [s["name"] for s in lightsail.get_disk_snapshots()["diskSnapshots"]]
    volumes, disks = {}, {}
    for number, mark in enumerate(MARKS):
        volumes[mark] = ec2.create_volume(
            AvailabilityZone=f"{DR}a", SnapshotId=source, VolumeType="gp3",
            TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": MARK, "Value": mark}]}])["VolumeId"]
        disks[mark] = f"disk-{number}"
        lightsail.create_disk_from_snapshot(
            diskName=disks[mark], diskSnapshotName=snapshot, availabilityZone=f"{DR}a", sizeInGb=32,
            tags=[{"key": MARK, "value": mark} if mark else {"key": MARK}])
    world.start()
    world.live(lambda: len(world.results()) == 3)
    world.go("12:30", step=300)
    left = world.new()
    assert {v["VolumeId"] for v in left[DR, "volumes"]} == {volumes[mark] for mark, stays in MARKS.items() if stays}
    assert {d["name"] for d in left[DR, "Lightsail's disks"]} == {disks[mark] for mark, stays in MARKS.items() if stays}


def test_what_may_be_anothers_holds_up_nothing(begin):
    """What another installation on the fleet may have begun stays for a day; ours goes in its own time meanwhile."""
    world = begin(config(volumes=f"{NOON}, keep: 10min"), now="11:31")
    world.start()
    world.kill()
    world.warp.move_to(clock("11:40"))
    theirs = world.clients["ec2", DR].create_volume(
        AvailabilityZone=f"{DR}a", SnapshotId=next(iter(world.before[DR]["snapshots"])), VolumeType="gp3",
        TagSpecifications=[{"ResourceType": "volume", "Tags": [
            {"Key": MARK, "Value": f"drill acme/volumes/abc/{at('11:00')}/{at('11:35')}"}]}])["VolumeId"]
    there = lambda: {volume["VolumeId"] for volume in world.new().get((DR, "volumes"), [])}
    world.start()
    world.go("12:00")
    world.live(world.results)
    assert len(there()) == 2 and theirs in there()
    world.go("12:10", step=60)
    world.live(lambda: there() == {theirs}, most=180, step=20)
    for _ in range(26):
        world.warp.move(3600)
        world.fall_idle()
    world.live(lambda: there() == set(), most=600, step=60)


def test_two_fleets(begin):
    """Two installations drill in the same account, and each removes its own."""
    rules = {policy: f"{NOON}, keep: 2h" for policy in ("volumes", "sites", "servers")}
    world = begin(config(**{policy: f"{NOON}, keep: 1h" for policy in rules}), now="11:30")
    (world.folder / "other").mkdir()
    ours = world.program
    world.program = Installation(world.folder / "other", ours.aws, config(fleet="acme-b", **rules), world.warp)
    world.run("run", "--once")
    world.before = world.everything()
    for policy in rules:
        world.drill(policy)
    theirs = world.new()
    owners = {marks(item)[MARK].split("/")[0] for items in theirs.values() for item in items if MARK in marks(item)}
    assert owners == {"drill acme-b"}
    world.program = ours
    world.start()
    world.go("11:59:50")
    world.live(lambda: len(world.results()) == 3)
    assert len(world.new()[DR, "instances"]) == 2
    world.go("13:05")
    world.live(lambda: world.new() == theirs, most=600, step=20)
    world.go("13:25")
    assert world.new() == theirs


# Turns


def taken_points(world):
    """The resource and slot of every EC2 snapshot of ours, by its id."""
    return {
        s["SnapshotId"]: (tags(s)["snapwarden:resource"], tags(s)["snapwarden:slot"])
        for region in (HOME, DR) for s in world.clients["ec2", region].describe_snapshots(OwnerIds=["self"])["Snapshots"]}


def drilled(world):
    """The resources, slots and regions of the volumes that were made, in that order; every request was one that AWS takes."""
    known, recorder = taken_points(world), world.door
    assert recorder.misuses == []
    return [(*known[call.parameters["SnapshotId"]], call.region) for call in recorder.calls
            if call.operation == "CreateVolume"]


def recorded(world):
    recorder = Recorder(world.sandbox)
    recorder.server.socket.listen(Door.request_queue_size)
    return recorder


def through(world, slots, every=3600, each=1):
    """Lives through so many slots of noon and later; waits for each to be over, with so many results."""
    for number in range(slots):
        while world.warp.now() < (before := clock("12:00") + number * every - 5):
            world.warp.move(min(600, before - world.warp.now() + 1))
            world.fall_idle()
        told = len(world.results())
        world.live(lambda: len(world.results()) == told + each)
        world.warp.move(60)
        world.fall_idle()


def test_each_has_its_turn(begin):
    world = begin(config(volumes=HOURLY), door=recorded)
    world.start()
    through(world, 5)
    assert drilled(world) == [(v, at("02:00"), DR) for v in [*VOLUMES, *VOLUMES][:5]] and world.new() == {}


def test_turns_outlast_restarts(begin):
    world = begin(config(volumes=HOURLY), door=recorded)
    for number in range(4):
        world.go(f"{11 + number}:59:50")
        world.start()
        world.live(lambda: len(world.results()) == number + 1)
        world.kill()
    assert [resource for resource, *_ in drilled(world)] == [*VOLUMES, "vol-1"]


def test_a_drill_by_hand_is_a_turn(begin):
    world = begin(config(volumes=NOON), door=recorded)
    for _ in range(4):
        world.drill("volumes")
    assert [resource for resource, *_ in drilled(world)] == [*VOLUMES, "vol-1"] and world.new() == {}


@pytest.mark.parametrize("limit, expected", [(2, [*VOLUMES, "vol-1"]), (9, [*VOLUMES, *VOLUMES])])
def test_several_with_each_slot(begin, limit, expected):
    """One after the other: the next is begun once the one before is gone."""
    world = begin(config(volumes=f"{HOURLY}, limit: {limit}"), door=recorded)
    world.start()
    through(world, 2, each=len(expected) // 2)
    assert [resource for resource, *_ in drilled(world)] == expected and world.new() == {}
    order = [c.operation for c in world.door.calls if c.operation in ("CreateVolume", "DeleteVolume")]
    assert order == ["CreateVolume", "DeleteVolume"] * len(expected)


@pytest.mark.parametrize("given, region", [("", DR), (", from: dr", DR), (", from: home", HOME)])
def test_where_from(begin, given, region):
    world = begin(config(volumes=f"{NOON}{given}"), door=recorded)
    [row] = world.drill("volumes")
    assert drilled(world) == [("vol-1", at("02:00"), region)] and row["region"] == region


def test_where_there_are_no_copies(begin):
    def at_home(seed):
        seed["snapshots"] = [s for s in seed["snapshots"] if s["region"] == HOME]

    world = begin(config(volumes=NOON, copies=False), door=recorded, change=at_home)
    world.drill("volumes")
    assert drilled(world) == [("vol-1", at("02:00"), HOME)]


def test_at_random(begin):
    """Any point, also an older one; the same for the same slot, whoever asks."""
    picks = []
    for slots in (12, 4):
        world = begin(config(volumes=f"{OFTEN}, from: home, pick: random"), door=recorded)
        world.start()
        through(world, slots, every=300)
        picks.append(drilled(world))
        assert len(picks[-1]) == slots and world.new() == {}
    assert picks[0][:4] == picks[1]
    assert len(set(picks[0])) > 2 and {slot for _, slot, _ in picks[0]} == {at("02:00"), at("02:00", days=-1)}


def test_several_at_random(begin):
    world = begin(config(volumes=f"{NOON}, from: home, pick: random, limit: 4"), door=recorded)
    world.drill("volumes")
    assert len(set(drilled(world))) == 4


# Slots

#: When a daemon is there for a moment, when the next one begins, and how many drills it does by half an hour later.
MISSED = {
    "soon": ("11:31", "12:05", 1), "within the window": ("11:31", "12:40", 1), "at its end": ("11:31", "12:58", 1),
    "after it": ("11:31", "13:01", 0), "it was there": ("12:01", "12:30", 0), "long after": ("11:31", "23:00", 0)}


@pytest.mark.parametrize("there, back, drills", MISSED.values(), ids=MISSED)
def test_missed(begin, there, back, drills):
    world = begin(config(volumes=NOON), now="11:30")
    world.start()
    world.go(there)
    if there > "12:00":
        world.live(world.results)
    assert world.stop() < 10
    before = world.made("volumes")
    world.warp.move_to(clock(back))
    world.start()
    world.live(lambda: len(world.results()) == before + drills)
    for _ in range(6):
        world.warp.move(300)
        world.fall_idle()
    assert {e["event"] for e in world.results()} <= {"drill-passed"}, world.results()
    assert world.made("volumes") == before + drills and world.new() == {}
    if drills:
        assert world.status()["volumes"]["slot"] == at("12:00")


def test_several_missed_are_one(begin):
    world = begin(config(volumes=OFTEN), now="11:31")
    world.start()
    world.kill()
    world.warp.move_to(clock("12:13"))
    world.start()
    world.live(world.results)
    world.go("12:14:50", step=20)
    assert world.made("volumes") == 1 and world.status()["volumes"]["slot"] == at("12:10")
    world.live(lambda: len(world.results()) == 2)
    assert world.status()["volumes"]["slot"] == at("12:15")


def test_missed_with_a_lost_ledger(begin):
    world = begin(config(volumes=NOON), now="11:31")
    world.start()
    world.kill()
    world.program.forget()
    world.warp.move_to(clock("12:13"))
    world.start()
    world.go("13:30", step=300)
    assert world.made("volumes") == 0 and world.results() == []


def test_paused(begin):
    """A slot that comes during a pause is nobody's."""
    world = begin(config(volumes=HOURLY))
    world.start()
    world.program.run("pause", "volumes")
    world.go("12:30", step=300)
    world.program.run("resume", "volumes")
    world.go("12:59:50", step=300)
    assert world.performed() == [] and world.results() == []
    world.live(world.results)
    assert world.status()["volumes"]["slot"] == at("13:00")


def test_the_clock_is_set_back(begin):
    """No slot comes twice."""
    world = begin(config(volumes=NOON))
    world.start()
    world.live(world.results)
    world.fall_idle()
    world.warp.move(-600)
    world.go("12:10", step=300)
    assert world.made("volumes") == 1 and len(world.results()) == 1


def test_a_rule_that_comes_with_a_reload(begin):
    """It waits for its next slot, and one that is taken away drills no more."""
    world = begin(config(), now="11:31")
    world.start()
    world.go("12:10")
    world.program.config.write_text(config(volumes=HOURLY))
    world.process.send_signal(signal.SIGHUP)
    world.live(lambda: world.events("config-loaded"))
    world.go("12:59:50", step=300)
    assert world.performed() == [], "its first slot is that of 13:00"
    world.live(world.results)
    world.program.config.write_text(config())
    world.process.send_signal(signal.SIGHUP)
    world.live(lambda: len(world.events("config-loaded")) == 2)
    world.go("14:30", step=300)
    assert world.made("volumes") == 1 and world.new() == {}


def test_backups_and_prunes_go_on(begin):
    """While a drill waits for its check whatever else comes due is done on time."""
    frequent = """
  frequent:
    regions: [us-east-1]
    select: { ec2-volumes: { ids: [vol-1] } }
    schedule: { cron: "5-20/5 12 * * *" }
    retention: { keep-last: 1 }
"""
    world = begin(config(more=frequent, volumes=NOON, sites=f"{NOON}, check: {{ tcp: {CLOSED}, within: 30min }}"))
    world.start()
    world.live(lambda: world.made("sites"))

    def points():
        found = world.clients["ec2", HOME].describe_snapshots(OwnerIds=["self"])["Snapshots"]
        return [s for s in found if tags(s)["snapwarden:policy"] == "frequent"]

    for slot in ("12:05", "12:10", "12:15"):
        world.go(slot, step=60)
        world.live(lambda: [s for s in points() if tags(s)["snapwarden:slot"] == at(slot)], most=30)
        [newest] = [s for s in points() if tags(s)["snapwarden:slot"] == at(slot)]
        assert 0 <= newest["StartTime"].timestamp() - clock(slot) <= 15
        world.live(lambda: len(points()) == 1, most=120, step=5)
        assert [e["snapwarden_policy"] for e in world.results()] in ([], ["volumes"])
    assert world.new()[DR, "Lightsail's instances"]
    world.live(lambda: len(world.results()) == 2, most=1800, step=20)
    world.fall_idle()
    assert (DR, "Lightsail's instances") not in world.new()


# Config

GOOD = {
    "the least": 'schedule: { cron: "0 12 * * *" }', "nothing stays": "schedule: { every: 24h }, keep: 0s",
    "everything": 'schedule: { cron: "0 6 * * sun", time-zone: Europe/Berlin }, from: dr, pick: random, keep: 1h, limit: 3, '
    'check: { tcp: 22, within: 10min }, isolated: { subnet: subnet-1, security-group: sg-1 }',
    "home": "schedule: { every: 24h }, from: home, pick: latest", "http": "schedule: { every: 24h }, check: { http: / }",
    "http at a port": 'schedule: { every: 24h }, check: { http: "/a?b=c", port: 8080 }',
    "a command": "schedule: { every: 24h }, check: { command: [/bin/true, a, b] }"}
#: The rule, what the problem is at, and what is said there: what is wrong, and what to write instead.
BAD = {
    "no schedule": ("check: { tcp: 22 }", "{ check", ["schedule", 'schedule: { cron: "0 6 * * sun" }']),
    "two schedules": (
        'schedule: [{ cron: "0 1 * * *" }, { cron: "0 2 * * *" }]', "[", ["schedule: a drill has one", "keep one"]),
    "a bad schedule": ('schedule: { cron: "0 25 * * *" }', '25 * * *', ["hour", "0 to 23", '"25"']),
    "an unknown key": (f"{NOON}, chek: {{ tcp: 22 }}", "chek", ["chek", 'did you mean "check"']),
    "no mapping": ("weekly", "weekly", ["drill", "mapping"]),
    "from elsewhere": (f"{NOON}, from: eu-west-1", "eu-west-1 }", ["from: expected dr", "or home", '"eu-west-1"']),
    "an unknown pick": (f"{NOON}, pick: newest", "newest", ["pick: expected latest or random", '"newest"']),
    "a misspelt pick": (f"{NOON}, pick: ramdom", "ramdom", ['did you mean "random"']),
    "an empty check": (f"{NOON}, check: {{}}", "{} }", ["check:", "tcp: 22", "http: /health", "command: ["]),
    "only within": (f"{NOON}, check: {{ within: 1min }}", "{ within", ["check:", "tcp: 22", "http: /health"]),
    "two checks": (f"{NOON}, check: {{ tcp: 22, http: / }}", "{ tcp", ["tcp and http exclude each other", "tcp: 22"]),
    "an unknown check": (f"{NOON}, check: {{ tcp: 22, udp: 53 }}", "udp", ["udp", "tcp"]),
    "port 0": (f"{NOON}, check: {{ tcp: 0 }}", "0 } }", ["tcp: expected a port, 1 to 65535", '"0"']),
    "a port too high": (f"{NOON}, check: {{ tcp: 65536 }}", "65536", ["tcp: expected a port, 1 to 65535", '"65536"']),
    "a port by name": (f"{NOON}, check: {{ tcp: ssh }}", "ssh", ["tcp: expected a port", '"ssh"']),
    "a bad port of http": (f"{NOON}, check: {{ http: /, port: -1 }}", "-1", ["port: expected a port", '"-1"']),
    "a port of tcp": (f"{NOON}, check: {{ tcp: 22, port: 22 }}", "port", ["port: goes with http"]),
    "no path": (f"{NOON}, check: {{ http: health }}", "health", ["http: expected a path such as /health", '"health"']),
    "a URL": (f"{NOON}, check: {{ http: 'http://x/' }}", "http://", ["http: expected a path such as /health"]),
    "a command without its path": (f"{NOON}, check: {{ command: [curl] }}", ("command", "["), ["command:", "whole path"]),
    "no command": (f"{NOON}, check: {{ command: [] }}", ("command", "[]"), ["command:"]),
    "within without a unit": (f"{NOON}, check: {{ tcp: 22, within: 10 }}", "10 } }", ["within", '"10"']),
    "within with m": (f"{NOON}, check: {{ tcp: 22, within: 10m }}", "10m", ["within", "min"]),
    "keep without a unit": (f"{NOON}, keep: 60", "60 }", ["keep", '"60"']),
    "keep for months": (f"{NOON}, keep: 1mo", "1mo", ["keep", "write days"]),
    "limit 0": (f"{NOON}, limit: 0", "0 }", ["limit: expected a whole number of 1 or more", '"0"']),
    "limit all": (f"{NOON}, limit: all", "all }", ["limit: expected a whole number of 1 or more", '"all"']),
    "an unknown key of isolated": (
        f"{NOON}, isolated: {{ subnet-id: x }}", "subnet-id", ["subnet-id", 'did you mean "subnet"']),
    "isolated is no mapping": (f"{NOON}, isolated: true", "true", ["isolated", "mapping"]),
    "a key twice": (f"{NOON}, keep: 1h, keep: 2h", "keep: 2h", ["keep", "twice"]),
}


def checked(folder, rule, copies="copies: [{ region: eu-west-1 }]"):
    """The exit code and lines of `check` on a policy with that rule in its line 8, and that line."""
    text = f"""fleet: acme
policies:
  web:
    regions: [us-east-1]
    select: {{ ec2-instances: {{ ids: [i-1] }} }}
    schedule: {{ every: 24h }}
    {copies}
    drill: { rule if rule == "weekly" else "{ " + rule + " }" }
"""
    program = Installation(folder, None, text)
    done = program.run("check", code=None)
    return done.returncode, done.stderr.splitlines(), text.splitlines()[7]


@pytest.mark.parametrize("rule", GOOD.values(), ids=GOOD)
def test_good_rules(tmp_path, rule):
    code, lines, _ = checked(tmp_path, rule)
    assert (code, lines) == (0, []), lines


@pytest.mark.parametrize("rule, where, said", BAD.values(), ids=BAD)
def test_bad_rules(tmp_path, rule, where, said):
    code, lines, line = checked(tmp_path, rule)
    places = [line.index(word, line.index("drill: ") + 6) + 1 for word in ([where] if isinstance(where, str) else where)]
    assert code == 10 and lines[-1] == "1 problem", lines
    found = re.match(rf"{re.escape(str(tmp_path))}/snapwarden.yaml:8:(\d+): ", lines[0])
    assert found and int(found[1]) in places, (places, lines, line)
    assert all(word in lines[0] for word in said), lines


def test_copies_that_are_not_there(tmp_path):
    code, lines, line = checked(tmp_path, f"{NOON}, from: dr", copies="")
    assert code == 10 and f":8:{line.index('dr }') + 1}: from: dr needs a destination: add copies, or say home" in lines[0]


def test_all_mistakes_at_once(tmp_path):
    code, lines, _ = checked(tmp_path, "pick: x, from: y, limit: 0, keep: 1, check: { tcp: x, within: 5 }, " + NOON)
    assert code == 10 and lines[-1] == "6 problems", lines
