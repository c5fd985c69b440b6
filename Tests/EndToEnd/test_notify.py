"""Who is told of trouble, of what and how often: by webhooks, programs, topics of SNS and pings."""

import collections
import contextlib
import datetime
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from urllib.parse import parse_qs

import pytest
from conftest import DR, HOME
from iam_evaluator import Right, listed, refused
from support import FAKETIME, Aws, Installation, moto_server, wait_for
from test_control import BARE
from test_drills import World, at, clock
from warp import signing_by_warps  # noqa: F401

SECRET = "T0-s3cr3t-hook"
TOPIC = "arn:aws:sns:us-east-1:111122223333:backups"
DENY_CREATES = ["ec2:CreateSnapshots"]
CONFIG = """
fleet: acme
prune-grace: 0s
timing: {{ consistency: 1s, poll-first: 1s, poll-longest: 2s }}
notify:
{notify}
policies:
{policies}
"""
FIRST_NOW = 'schedule: { cron: "0 2 * * *" }\n    first: now'
MORNING = 'schedule: { cron: "0 2 * * *" }'


def config(targets, *policies):
    """A config of targets, by name, and policies."""
    notify = "\n".join(f"  {name}: {{ {how} }}" for name, how in targets.items())
    return CONFIG.format(notify=notify, policies="\n".join(policies or [policy("web", 1)]))


def policy(name, *numbers, more=FIRST_NOW):
    """A policy of those instances."""
    ids = ", ".join(f"i-{number}" for number in numbers)
    return f"  {name}:\n    regions: [{HOME}]\n    select: {{ ec2-instances: {{ ids: [{ids}] }} }}\n    {more}"


def world(instances=2):
    return {
        "regions": [HOME, DR], "instance-address": "127.0.0.1",
        "timings": {"snapshot-seconds": 0, "copy-seconds": 0, "instance-seconds": 0},
        "ec2-instances": [
            {"id": f"i-{number}", "name": f"web-{number}",
             "volumes": [{"id": f"vol-{number}", "device": "/dev/xvda", "boot": True}]}
            for number in range(1, instances + 1)]}


class Ear(http.server.ThreadingHTTPServer):
    """Hears what is posted and asked for, and answers as `answers` says for a name: with a status, `hang` or `drop`."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Word)
        self.port, self.heard, self.answers, self.released = self.server_address[1], [], {}, threading.Event()
        self.usual = 200
        #: Those that are being answered.
        self.open_calls = 0
        self.now = time.time
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def url(self, name):
        """Where somebody of that name hears; what comes after it in the path is a secret."""
        return f"http://127.0.0.1:{self.port}/{name}/{SECRET}"

    def words(self, name):
        """What was said to somebody, whatever the answer was."""
        return [word for word in self.heard if word.name == name]

    def notices(self, name="ops"):
        """The notices that somebody took."""
        return [json.loads(word.body) for word in self.words(name) if 200 <= word.status < 300]

    def times(self, name="ops"):
        """When something was said to somebody, in seconds since noon."""
        return [round(word.time - clock("12:00")) for word in self.words(name)]

    def handle_error(self, request, client_address):
        """Whoever spoke may have ended meanwhile."""

    def end(self):
        self.released.set()
        self.shutdown()
        self.server_close()


Said = collections.namedtuple("Said", "name method path headers body status time")


class Word(http.server.BaseHTTPRequestHandler):
    """One call."""

    def do_POST(self):
        ear = self.server
        ear.open_calls += 1
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        name = re.match(r"/?(\w*)", self.path)[1]
        answer = ear.answers.get(name, ear.usual)
        status = answer if answer in range(600) else 0
        ear.heard.append(Said(name, self.command, self.path, dict(self.headers), body, status, ear.now()))
        try:
            if answer == "hang":
                ear.open_calls -= 1
                ear.released.wait(60)
                ear.open_calls += 1
            elif answer != "drop":
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                if answer // 100 == 3:
                    self.send_header("Location", ear.url("elsewhere"))
                self.end_headers()
        finally:
            ear.open_calls -= 1

    do_GET = do_POST

    def date_time_string(self, timestamp=None):
        return super().date_time_string(timestamp or self.server.now())

    def log_message(self, *_):
        pass


class Door(Aws):
    """The sandbox; as long as somebody is heard, time stands still."""

    def __init__(self, endpoint, ear):
        super().__init__(endpoint)
        self.ear = ear

    @property
    def open_calls(self):
        return self.ear.open_calls


def children(pid):
    """The ids of what a process has started, and of what these have."""
    found = []
    with contextlib.suppress(OSError):  # a thread has ended meanwhile
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *children(child)]
    return found


class Site(World):
    """A world whose daemon tells an ear of trouble."""

    def __init__(self, folder, seed, text, ear, now, more):
        super().__init__(folder, seed, text, lambda world: Door(world.sandbox.url, ear), now)
        self.ear, ear.now = ear, self.warp.now
        #: What the programs' environment has besides.
        self.more, plain = more, self.program.environment
        self.program.environment = lambda **others: plain(**self.more | others)

    def processes(self, *more):
        """The ids of those that run by this clock, and of the commands that they run."""
        running = super().processes(*more)
        return running + [child for pid in running for child in children(pid)]

    def deny(self, *rights):
        self.sandbox.admin("POST", "set", {"denied": list(rights)})

    def calls(self, operation):
        """The outcomes of an operation, one for each call."""
        return [call["outcome"] for call in self.sandbox.admin("GET", "requests") if call["operation"] == operation]

    def hear(self, count=1, name="ops", most=3600, step=5):
        """Lets time pass until somebody took so many notices; gives the last one."""
        self.live(lambda: len(self.ear.notices(name)) >= count, most, step)
        assert len(self.ear.notices(name)) == count, self.ear.notices(name)[count:]
        return self.ear.notices(name)[-1]

    def quiet(self, seconds, step=20):
        """Lets so much time pass."""
        end = self.warp.now() + seconds
        self.fall_idle()
        while (left := end - self.warp.now()) > 0:
            self.warp.move(min(step, left + 0.999))
            self.fall_idle()
        assert self.process.poll() is None, self.said()[-4000:]

    def reload(self, text):
        self.program.config.write_text(text)
        self.process.send_signal(signal.SIGHUP)
        self.fall_idle()

    def snapshots(self, region=HOME):
        return self.clients["ec2", region].describe_snapshots(OwnerIds=["self"])["Snapshots"]


@pytest.fixture
def ear():
    ear = Ear()
    yield ear
    ear.end()


@pytest.fixture
def begin(tmp_path, ear, signing_by_warps):  # noqa: F811
    """Begins worlds, and ends them."""
    running = []

    def begin(text, seed=None, now="11:59:50", **more):
        running.append(Site(tmp_path / f"world-{len(running)}", seed or world(), text, ear, now, more))
        return running[-1]

    yield begin
    for site in running:
        site.retire()


@pytest.fixture
def script(tmp_path):
    """Writes a program of these lines; gives its path."""
    def script(*lines):
        path = tmp_path / f"script-{len(list(tmp_path.iterdir()))}"
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        path.chmod(0o755)
        return path

    return script


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    with moto_server(tmp_path_factory.mktemp("moto")) as aws:
        yield aws


class Topic:
    """A topic of moto's SNS, and a queue that hears of it."""

    def __init__(self, moto, name):
        self.sqs, sns = moto.client("sqs", HOME), moto.client("sns", HOME)
        is_fifo = name.endswith(".fifo")
        self.arn = sns.create_topic(Name=name, Attributes={"FifoTopic": "true"} if is_fifo else {})["TopicArn"]
        self.queue = self.sqs.create_queue(
            QueueName=name, Attributes={"FifoQueue": "true"} if is_fifo else {})["QueueUrl"]
        queue = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]
        sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=queue["QueueArn"])
        self.heard = []

    def messages(self):
        """All that came so far: subject, text, and what SQS knows of it."""
        asked = {"QueueUrl": self.queue, "AttributeNames": ["All"], "MaxNumberOfMessages": 10, "VisibilityTimeout": 0}
        while found := self.sqs.receive_message(**asked).get("Messages"):
            for message in found:
                body = json.loads(message["Body"])
                self.heard.append((body.get("Subject"), body["Message"], message["Attributes"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return self.heard


@pytest.fixture
def topic(moto, request):
    """Makes topics of that test alone."""
    suffix = re.sub(r"\W+", "-", request.node.name)[:100]
    return lambda fifo=False: Topic(moto, f"{suffix}.fifo" if fifo else suffix)


def hook(ear, name="ops", more=""):
    return f'webhook: "{ear.url(name)}"{more}'


def aging(name, number, minutes):
    """A policy whose objective is missed so long after the daemon began, unless somebody takes a point."""
    return policy(name, number, more=f"{MORNING}\n    rpo: {{ local: {minutes}min }}")


def told(notice):
    """The policies of what is new in a notice, and how many have recovered."""
    return sorted(alarm["policy"] for alarm in notice["new"]), notice["recovered-count"]


def moment(text):
    return datetime.datetime.fromisoformat(text).timestamp()


# What is told


TROUBLES = {
    "create": ("ec2:CreateSnapshots", FIRST_NOW),
    "copy": ("ec2:CopySnapshot", f"{FIRST_NOW}\n    copies: [{{ region: {DR} }}]"),
    "prune": ("ec2:DeleteSnapshot", f"{FIRST_NOW}\n    retention: {{ keep-last: 1 }}"),
}


def older():
    """Points of the first instance of today and yesterday."""
    made = []
    for days in (0, 1):
        slot = at("02:00", days=-days)
        own = {"fleet": "acme", "policy": "web", "resource": "i-1", "slot": slot, "kind": "scheduled",
               "set": f"old-{days}", "members": "1", "volume": "vol-1", "device": "/dev/xvda"}
        made.append({
            "region": HOME, "id": f"snap-old-{days}", "volume": "vol-1", "size": 8, "start": slot,
            "description": f"snapwarden acme/web/i-1/{slot}",
            "tags": {"Name": "x", **{f"snapwarden:{key}": value for key, value in own.items()}}})
    return made


@pytest.mark.parametrize("what", TROUBLES)
def test_a_failure_is_told_at_the_third_time_and_once_and_its_end(begin, ear, what):
    right, more = TROUBLES[what]
    seed = world() | ({"snapshots": older()} if what == "prune" else {})
    site = begin(config({"ops": hook(ear)}, policy("web", 1, more=more)), seed)
    site.deny(right)
    site.start()
    operation = right.partition(":")[2]

    def heard():
        calls = site.calls(operation)
        assert len(calls) >= 3 or not ear.heard, f"told after {calls}"
        return ear.heard

    site.live(heard, 3600, 5)
    [notice] = ear.notices()
    assert site.calls(operation) == ["UnauthorizedOperation"] * 3, "and not later"
    [alarm] = notice["new"]
    assert alarm.pop("text") and abs(moment(alarm.pop("since")) - clock("11:59:52")) < 30
    assert alarm == {
        "kind": "failure", "what": what, "policy": "web", "resource": "i-1", "error-code": "UnauthorizedOperation",
        "region": DR if what == "copy" else HOME, "account": None}
    assert (notice["fleet"], notice["status"], notice["problems"], notice["new-count"]) == ("acme", "failing", 1, 1)
    assert (notice["recovered"], notice["recovered-count"]) == ([], 0)
    assert set(notice) == {
        "text", "subject", "fleet", "time", "status", "problems", "new", "new-count", "recovered", "recovered-count"}
    assert "web" in notice["text"] and "UnauthorizedOperation" in notice["text"]
    assert abs(moment(notice["time"]) - ear.heard[0].time) < 5
    assert (ear.heard[0].method, ear.heard[0].headers["content-type"]) == ("POST", "application/json")
    site.quiet(3600, 300)
    assert len(site.calls(operation)) > 5 and len(ear.heard) == 1
    site.deny()
    end = site.hear(2, most=7200, step=60)
    assert (end["status"], end["problems"], end["new"], end["new-count"]) == ("ok", 0, [], 0)
    assert end["recovered-count"] == len(end["recovered"]) == 1 and "web" in end["recovered"][0]
    site.quiet(900, 300)
    assert len(ear.heard) == 2


def test_several_at_once_are_one_message(begin, ear):
    numbers = range(1, 26)
    more = f"{MORNING}\n    rpo: {{ local: 1h }}"
    site = begin(config({"ops": hook(ear)}, policy("web", *numbers, more=more)), world(25))
    site.start()
    site.go("12:59:40")
    assert not ear.heard
    notice = site.hear()
    assert (notice["new-count"], notice["problems"], notice["status"]) == (25, 25, "failing")
    assert 0 < len(notice["new"]) <= 25
    for alarm in notice["new"]:
        assert [alarm[key] for key in ("kind", "policy", "region", "error-code")] == ["rpo-missed", "web", HOME, None]
        assert abs(moment(alarm["since"]) - clock("12:59:52")) < 10, "an hour after it was first seen"
    assert len({alarm["resource"] for alarm in notice["new"]}) == len(notice["new"])
    site.run("backup", "web")
    end = site.hear(2, step=20)
    assert (end["recovered-count"], end["new"], end["status"]) == (25, [], "ok")


@pytest.mark.parametrize("on", ["rpo-missed", "rpo-missed, recovered"])
def test_an_objective_missed_is_told_again_when_it_is_missed_anew(begin, ear, on):
    """What counts is the data of the newest usable point."""
    more = f"{FIRST_NOW}\n    rpo: {{ local: 1h }}"
    site = begin(config({"ops": hook(ear, more=f", on: [{on}]")}, policy("web", 1, more=more)))
    site.start()
    for number in range(2):
        site.live(lambda: len(site.snapshots()) == number + 1)
        taken = max(snapshot["StartTime"].timestamp() for snapshot in site.snapshots())
        site.quiet(taken + 3570 - site.warp.now(), 300)
        before = len(ear.notices())
        assert before == (number * 2 if "recovered" in on else number)
        notice = site.hear(before + 1)
        assert told(notice) == (["web"], 0) and notice["new"][0]["kind"] == "rpo-missed"
        assert abs(moment(notice["new"][0]["since"]) - taken - 3600) < 2 and site.warp.now() >= taken + 3600
        site.run("backup", "web")
        site.quiet(400)
        end = ear.notices()[before + 1:]
        assert [told(notice) for notice in end] == ([([], 1)] if "recovered" in on else [])


def test_each_hears_what_it_asks_for(begin, ear):
    on = {"all": None, "failures": "failure", "late": "rpo-missed", "ends": "[failure, recovered]"}
    targets = {name: hook(ear, name, f", on: {words}" if words else "") for name, words in on.items()}
    site = begin(config(targets, policy("web", 1, more=f"{FIRST_NOW}\n    rpo: {{ local: 1h }}")))
    site.deny(*DENY_CREATES)
    site.start()
    site.live(lambda: ear.notices("all"), step=5)
    site.go("12:59")
    site.go("13:05", 60)
    site.deny()
    site.live(lambda: len(ear.notices("all")) == 3, 7200, 60)
    site.quiet(600)
    kinds = {
        name: [([alarm["kind"] for alarm in notice["new"]], notice["recovered-count"]) for notice in ear.notices(name)]
        for name in on}
    failure, late = (["failure"], 0), (["rpo-missed"], 0)
    assert kinds == {
        "all": [failure, late, ([], 2)], "failures": [failure], "late": [late], "ends": [failure, ([], 1)]}


def test_policies_choose_who_hears(begin, ear):
    def of(name, number, more=""):
        return policy(name, number, more=f"{MORNING}\n    rpo: {{ local: 1h }}{more}")

    names = ["ops", "web", "other"]
    site = begin(config(
        {name: hook(ear, name) for name in names}, of("a", 1, "\n    notify: [ops]"), of("b", 2, "\n    notify: [web]"),
        of("c", 3), of("d", 4, "\n    notify: [ops, web]")), world(4))
    site.start()
    site.go("13:01")
    site.live(lambda: len(ear.heard) == 3, step=5)
    site.quiet(600)
    assert {name: [told(notice)[0] for notice in ear.notices(name)] for name in names} == {
        "ops": [["a", "c", "d"]], "web": [["b", "c", "d"]], "other": [["c"]]}
    assert ear.notices("other")[0]["problems"] == 1, "it is told of what concerns it"


def test_a_place_that_cannot_be_read_is_told_after_five_minutes(begin, ear):
    """Until all can be read again nothing is said to have recovered, and no ping tells that all is well."""
    seed = world() | {"lightsail-instances": [{"name": "blog"}]}
    blog = f"  blog:\n    regions: [{HOME}]\n    select: {{ lightsail-instances: {{ names: [blog] }} }}\n    {MORNING}"
    targets = {
        "ops": hook(ear, more=", at-most-every: 1s"), "health": f'ping: "{ear.url("health")}", at-most-every: 1s'}
    site = begin(config(targets, aging("a", 1, 60), blog), seed)
    site.deny("lightsail:GetInstanceSnapshots")
    site.start()
    site.go("12:04:30", 30)
    assert not ear.heard
    notice = site.hear(most=150)
    [alarm] = notice["new"]
    assert (alarm["kind"], alarm["region"], alarm["policy"], alarm["resource"], alarm["error-code"]) == (
        "failure", HOME, None, None, "AccessDeniedException")
    site.go("12:59")
    assert told(site.hear(2)) == (["a"], 0)
    site.run("backup", "a", code=None)
    assert len(site.snapshots()) == 1
    site.quiet(1200, 300)
    assert len(ear.heard) == 2
    site.deny()
    site.live(lambda: sum(notice["recovered-count"] for notice in ear.notices()) == 2, 7200, 20)
    assert ear.notices()[-1]["status"] == "ok" and not any(notice["new"] for notice in ear.notices()[2:])
    site.live(lambda: ear.words("health"), 7200, 60)


@pytest.mark.parametrize("seconds", [30, 120, 200])
def test_a_place_that_cannot_be_read_for_a_short_while_is_no_news(begin, ear, seconds):
    site = begin(config({"ops": hook(ear)}, aging("a", 1, 600)))
    site.deny("ec2:DescribeSnapshots")
    site.start()
    site.quiet(clock("11:59:50") + seconds - site.warp.now(), 10)
    assert "UnauthorizedOperation" in site.calls("DescribeSnapshots")
    site.deny()
    site.quiet(1200, 20)
    assert ear.notices() == [] and site.calls("DescribeSnapshots")[-1] == "ok"


@pytest.mark.parametrize(
    "mistake", [("prune-grace", "prune-grave"), ("webhook:", "web-hook:")], ids=["anywhere", "in notify"])
def test_a_config_that_is_rejected(begin, ear, mistake):
    good = config({"ops": hook(ear, more=", at-most-every: 1s")})
    site = begin(good)
    site.start()
    site.quiet(180)
    for _ in range(2):
        site.reload(good.replace(*mistake))
        site.quiet(60, 5)
        assert site.events("config-rejected") and len(ear.heard) == 1, "it is told at once, and once"
        [notice] = ear.notices()
    [alarm] = notice["new"]
    assert (alarm["kind"], alarm["policy"], alarm["resource"]) == ("failure", None, None) and "config" in alarm["text"]
    site.kill()
    site.start()
    site.quiet(600)
    assert len(ear.heard) == 1, "after the restart it is rejected still"
    site.reload(good)
    end = site.hear(2, most=120)
    assert (end["recovered-count"], end["status"]) == (1, "ok")


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_a_ledger_that_cannot_be_used(begin, ear):
    often = policy("often", 1, more='schedule: { cron: "*/5 * * * *" }')
    site = begin(config({"ops": hook(ear, more=", at-most-every: 1s")}, often))
    site.start()
    tracer = subprocess.Popen([
        "strace", "-f", "-qq", "-o", "/dev/null", "-p", str(site.process.pid), "-e", "trace=pwrite64,fdatasync",
        "-e", "inject=pwrite64:error=ENOSPC", "-e", "inject=fdatasync:error=ENOSPC"])
    try:
        site.live(lambda: site.events("ledger-trouble"), 900, 10)
        notice = site.hear(most=120)
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(20)
    [alarm] = notice["new"]
    assert (alarm["kind"], alarm["policy"]) == ("failure", None) and "ledger" in alarm["text"]
    end = site.hear(2, step=20)
    assert (end["recovered-count"], end["status"]) == (1, "ok")


def test_a_drill_that_fails(begin, ear, script, tmp_path):
    check = script(f"test -e {tmp_path}/well")
    drill = f'drill: {{ schedule: {{ cron: "0 * * * *" }}, check: {{ command: [{check}], within: 20s }} }}'
    site = begin(config({"ops": hook(ear)}, policy("web", 1, more=f"{FIRST_NOW}\n    {drill}")), now="11:55")
    site.start()
    site.go("12:00", 10)
    site.live(lambda: site.results(), step=10)
    notice = site.hear(most=120)
    [alarm] = notice["new"]
    assert (alarm["kind"], alarm["what"], alarm["policy"], alarm["resource"]) == ("failure", "drill", "web", "i-1")
    site.go("13:00")
    site.live(lambda: len(site.results()) == 2, step=10)
    site.quiet(900, 300)
    assert len(ear.heard) == 1, "the second is the same trouble"
    (tmp_path / "well").touch()
    site.go("14:00")
    end = site.hear(2, step=20)
    assert (end["recovered-count"], end["status"]) == (1, "ok")


def test_a_slot_missed_without_a_later_point(begin, ear):
    hourly = 'schedule: { cron: "0 * * * *", missed: skip }'
    text = config({"ops": hook(ear)}, policy("web", 1, more=hourly))
    site = begin(text.replace("prune-grace", "start-window: 10min\nprune-grace"))
    site.start()
    site.go("12:00:30", 10)
    site.live(lambda: len(site.snapshots()) == 1)
    site.kill()
    site.warp.move_to(clock("13:40"))
    site.start()
    notice = site.hear(most=120)
    [alarm] = notice["new"]
    assert (alarm["kind"], alarm["policy"], alarm["resource"], alarm["region"]) == ("failure", "web", "i-1", HOME)
    assert at("13:00") in alarm["text"]
    site.go("14:00")
    end = site.hear(2, step=20)
    assert (end["recovered-count"], end["status"]) == (1, "ok") and len(site.snapshots()) == 2


def test_all_ways_say_the_same(begin, ear, script, tmp_path):
    teller = script(
        f"cat > {tmp_path}/input", f'printf %s "$SNAPWARDEN_SUBJECT" > {tmp_path}/subject',
        f'printf %s "$SNAPWARDEN_TEXT" > {tmp_path}/text', f'printf %s "$1" > {tmp_path}/argument',
        f'printf %s "$SNAPWARDEN_NOTICE" > {tmp_path}/fresh && mv {tmp_path}/fresh {tmp_path}/notice-$(date +%s%N)')
    arn = "arn:aws:sns:us-east-1:123456789012:"
    targets = {"ops": hook(ear), "script": f'command: [{teller}, "an argument"]', "topic": f"sns: {arn}backups",
               "ordered": f"sns: {arn}backups.fifo"}
    seed = world()
    seed["ec2-instances"][0]["name"] = "wéb"
    site = begin(config(targets, aging("web", 1, 60)), seed)
    with moto_server(tmp_path, site.warp) as moto:
        plain, ordered = Topic(moto, "backups"), Topic(moto, "backups.fifo")
        site.more["AWS_ENDPOINT_URL_SNS"] = moto.endpoint
        site.start()
        site.go("12:59:30", 300)
        site.hear()
        site.run("backup", "web")
        site.hear(2, step=20)
        documents = wait_for(lambda: len(found := sorted(tmp_path.glob("notice-*"))) == 2 and found)
        notices = ear.notices()
        expected = [(notice["subject"], notice["text"]) for notice in notices]
        for one in (plain, ordered):
            assert [message[:2] for message in wait_for(lambda: len(one.messages()) == 2 and one.heard)] == expected
    assert [json.loads(path.read_text()) for path in documents] == notices
    assert "wéb" in notices[0]["text"] and [told(notice) for notice in notices] == [(["web"], 0), ([], 1)]
    assert [(tmp_path / name).read_text() for name in ("input", "subject", "text", "argument")] == [
        "", notices[1]["subject"], notices[1]["text"], "an argument"]
    assert {message[2]["MessageGroupId"] for message in ordered.heard} == {"acme"}
    assert len({message[2]["MessageDeduplicationId"] for message in ordered.heard}) == 2


# How often


def test_what_happens_meanwhile_is_told_together(begin, ear):
    """One target hears at most every five minutes, which is so without a word, one hourly, one of each by itself."""
    targets = {"ops": hook(ear), "rare": hook(ear, "rare", ", at-most-every: 1h"),
               "each": hook(ear, "each", ", at-most-every: 1s")}
    times = {"a": 60, "b": 61, "c": 62, "e": 62, "d": 75}
    policies = [aging(name, number, minutes) for number, (name, minutes) in enumerate(times.items(), 1)]
    site = begin(config(targets, *policies), world(5))
    site.start()
    site.go("12:59:30")
    site.go("13:02:30", 15)
    site.run("backup", "a")
    site.run("backup", "e")
    site.go("13:20", 15)
    counted = len(ear.heard)
    assert [told(notice) for notice in ear.notices()] == [(["a"], 0), (["b", "c"], 1), (["d"], 0)]
    first, second, third = ear.times()
    assert abs(first - 3600) < 20 and 298 <= second - first < 330 and abs(third - 4500) < 20
    assert [told(notice) for notice in ear.notices("each")][:3] == [(["a"], 0), (["b"], 0), (["c", "e"], 0)]
    assert sum(notice["recovered-count"] for notice in ear.notices("each")) == 2
    assert ear.notices()[1]["problems"] == 2 and [told(notice) for notice in ear.notices("rare")] == [(["a"], 0)]
    site.go("13:59:50", 300)
    assert len(ear.heard) == counted
    site.go("14:01", 10)
    assert [told(notice) for notice in ear.notices("rare")] == [(["a"], 0), (["b", "c", "d"], 1)]
    begun, later = ear.times("rare")
    assert 3598 <= later - begun < 3640


def test_what_ended_before_it_could_be_told_is_never_told(begin, ear):
    site = begin(config({"ops": hook(ear, more=", at-most-every: 30min")}, aging("a", 1, 60), aging("b", 2, 61)))
    site.start()
    site.go("12:59:30")
    site.go("13:03", 30)
    assert [told(notice) for notice in ear.notices()] == [(["a"], 0)]
    site.run("backup", "b")
    site.go("13:50", 300)
    assert len(ear.heard) == 1


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_nothing_is_told_again_after_a_restart(begin, ear, end):
    """What recovered while the daemon was down is told, and what began then."""
    policies = [aging("a", 1, 60), aging("b", 2, 61), aging("c", 3, 80)]
    site = begin(config({"ops": hook(ear, more=", at-most-every: 1s")}, *policies), world(3))
    site.start()
    site.go("12:59:30")
    site.go("13:02", 15)
    assert [told(notice) for notice in ear.notices()] == [(["a"], 0), (["b"], 0)]
    getattr(site, end)()
    site.run("backup", "b")
    site.warp.move_to(clock("13:30"))
    site.start()
    site.quiet(600)
    after = [told(notice) for notice in ear.notices()[2:]]
    assert sorted(name for names, _ in after for name in names) == ["c"]
    assert sum(count for _, count in after) == 1 and len(after) <= 2
    [recovered] = [text for notice in ear.notices() for text in notice["recovered"]]
    assert "b/web-2" in recovered
    getattr(site, end)()
    site.start()
    site.quiet(600)
    assert len(ear.notices()) == 2 + len(after)


def test_removing_a_target_ends_its_notices(begin, ear):
    both = {"ops": hook(ear), "other": hook(ear, "other")}
    policies = [aging("a", 1, 60), aging("b", 2, 70)]
    site = begin(config(both, *policies))
    site.start()
    site.go("13:01")
    assert [len(ear.notices(name)) for name in both] == [1, 1]
    del both["ops"]
    site.reload(config(both, *policies))
    site.go("13:15", 120)
    site.run("backup", "a")
    site.quiet(600)
    assert len(ear.words("ops")) == 1
    assert [told(notice) for notice in ear.notices("other")] == [(["a"], 0), (["b"], 0), ([], 1)]
    both.clear()
    site.reload(config({"none": hook(ear, "none")}, *policies).replace("notify:\n  none", "#"))
    site.run("backup", "b")
    site.quiet(600)
    assert len(ear.heard) == 4


# Pings


def test_a_ping_comes_as_long_as_all_is_well(begin, ear):
    often = 'schedule: { cron: "* * * * *" }'
    site = begin(config(
        {"health": f'ping: "{ear.url("health")}", at-most-every: 10min', "own": f'ping: "{ear.url("own")}"'},
        policy("web", 1, more=f"{often}\n    notify: [health]"), policy("app", 2, more=f"{often}\n    notify: [own]")))
    site.start()
    site.go("12:30", 30)
    for name, least in (("health", 600), ("own", 300)):
        times = ear.times(name)
        assert all(least <= later - before <= least + 95 for before, later in zip(times, times[1:])), times
        assert len(times) >= 1800 // (least + 95), "from the first pass on"
    assert {(word.method, word.body) for word in ear.heard} == {("GET", b"")}
    assert {word.path for word in ear.words("own")} == {f"/own/{SECRET}"}
    site.sandbox.admin("POST", "set", {"terminate": ["i-2"]})
    site.deny("ec2:CreateSnapshots")
    site.quiet(600, 30)
    silent = len(ear.words("health"))
    site.quiet(1200, 60)
    assert len(ear.words("health")) == silent, "something is wrong"
    site.deny()
    site.live(lambda: len(ear.words("health")) > silent, 7200, 60)


# Those that do not hear


WAITS = [60, 120, 240, 480, 960, 1920, 3600, 3600]


def named(text):
    """The policies that a text names."""
    return [name for name in "ab" if f"{name}/web-" in text]


@pytest.mark.parametrize("how", [500, "drop", "command", "sns"])
def test_who_does_not_take_it_is_tried_again(begin, ear, script, tmp_path, how):
    """After 1, 2, 4 and at most 60 minutes, with what is news by then; meanwhile others hear, and backups go on."""
    teller = script(f'printf %s "$SNAPWARDEN_TEXT" > {tmp_path}/try-$(date +%s.%N)', "exit 3")
    ways = {"command": f"command: [{teller}]", "sns": f"sns: {TOPIC}"}
    ear.answers |= {"": 500, "ops": how}
    soon = ", at-most-every: 1s"
    targets = {"ops": ways.get(how, hook(ear)) + soon, "fine": hook(ear, "fine", soon)}
    often = policy("often", 3, more='schedule: { cron: "*/30 * * * *" }')
    site = begin(config(targets, aging("a", 1, 60), aging("b", 2, 62), often), world(3),
                 AWS_ENDPOINT_URL_SNS=f"http://127.0.0.1:{ear.port}")

    def tries():
        """When it was tried, in seconds since noon, and what was said."""
        if how == "command":
            return [(float(path.name.removeprefix("try-")) - clock("12:00"), named(path.read_text()))
                    for path in sorted(tmp_path.glob("try-*"))]
        words = ear.words("" if how == "sns" else "ops")
        text = (lambda body: parse_qs(body)["Message"][0]) if how == "sns" else lambda body: json.loads(body)["text"]
        return [(word.time - clock("12:00"), named(text(word.body.decode()))) for word in words]

    def waits(step):
        """How long it was waited before each further try."""
        times = [moment for moment, _ in tries()]
        found = [later - before for before, later in zip(times, times[1:])]
        assert all(-1 <= wait - least <= step + 5 for wait, least in zip(found, WAITS)), found[:20]
        return len(found)

    site.start()
    site.go("12:59:30", 300)
    site.go("13:01:30", 10)
    assert waits(10) == 1
    site.go("13:08", 10)
    assert waits(10) == 3 and [names for _, names in tries()] == [["a"], ["a"], ["a", "b"], ["a", "b"]]
    site.run("backup", "a")
    site.go("13:16", 15)
    assert waits(15) == 4 and tries()[-1][1] == ["b"]
    if how == 500:
        site.go("16:30", 120)
        assert waits(120) == len(WAITS)
        ear.answers.clear()
        site.live(lambda: ear.notices(), 3900, 300)
        ear.answers["ops"] = 500
    hours = (site.warp.now() - clock("12:00")) / 3600
    assert len([call for call in site.calls("CreateSnapshots") if call == "ok"]) >= 2 * hours
    assert [told(notice) for notice in ear.notices("fine")][:2] == [(["a"], 0), (["b"], 0)]
    assert abs(ear.times("fine")[0] - 3600) < 15 and abs(ear.times("fine")[1] - 3720) < 15
    [failed] = site.events("notice-failed")
    assert "ops" in failed["message"] and SECRET not in site.said()
    if how in (500, "drop"):
        assert f"127.0.0.1:{ear.port}" in failed["message"]


HANGS = ["webhook", "sns", "command", "command that closes its output"]


def hanging(how, ear, script):
    """A target that hangs as it is told."""
    ear.answers |= {"ops": "hang", "": "hang"}
    return {
        "webhook": hook(ear), "sns": f"sns: {TOPIC}", "command": f"command: [{script('exec sleep 70')}]",
        "command that closes its output": f"command: [{script('exec >&- 2>&-', 'exec sleep 70')}]"}[how]


@pytest.mark.parametrize("how", HANGS)
def test_who_hangs_holds_up_nobody(begin, ear, script, how):
    targets = {"ops": hanging(how, ear, script), "fine": hook(ear, "fine", ", at-most-every: 1s")}
    often = policy("often", 3, more='schedule: { cron: "*/5 13 * * *" }')
    site = begin(config(targets, aging("a", 1, 60), aging("b", 2, 61), often), world(3),
                 AWS_ENDPOINT_URL_SNS=f"http://127.0.0.1:{ear.port}")
    site.start()
    site.go("12:59:30")
    site.go("13:00:10", 10)
    wait_for(lambda: [told(notice) for notice in ear.notices("fine")] == [(["a"], 0)], 5)
    begun = time.monotonic()
    made = len(site.snapshots())
    site.go("13:01:10", 10)
    site.go("13:10:10", 60)
    assert time.monotonic() - begun < 8, "it hangs still"
    assert len(site.snapshots()) >= made + 2
    wait_for(lambda: [told(notice) for notice in ear.notices("fine")] == [(["a"], 0), (["b"], 0)], 2)


@pytest.mark.parametrize("end", ["stop", "kill"])
@pytest.mark.parametrize("how", ["webhook", "command"])
def test_a_restart_while_one_hangs_tells_the_others_nothing_again(begin, ear, script, how, end):
    targets = {"ops": hanging(how, ear, script), "fine": hook(ear, "fine", ", at-most-every: 1s")}
    site = begin(config(targets, aging("a", 1, 60)))
    site.start()
    site.go("12:59:30")
    site.go("13:00:10", 10)
    wait_for(lambda: ear.notices("fine"), 5)
    if end == "kill":
        file = site.program.state / "notices.json"
        with contextlib.suppress(AssertionError):
            wait_for(lambda: file.exists() and "fine" in file.read_text(), 2)
    getattr(site, end)()
    site.start()
    site.go("13:05", 30)
    assert [told(notice) for notice in ear.notices("fine")] == [(["a"], 0)]


# By hand


def tell(installation, *arguments, code=0, **more):
    """`snapwarden notify` without a daemon."""
    done = subprocess.run(
        [*(["env"] if "LD_PRELOAD" in more else []), *map(str, installation.command("notify", *arguments))],
        env=installation.environment(**more), capture_output=True, text=True, timeout=30)
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def test_by_hand_everybody_is_told_that_it_is_a_test(tmp_path, ear, script, moto, topic):
    plain, ordered = topic(), topic(fifo=True)
    teller = script(f'printf %s "$SNAPWARDEN_NOTICE" > {tmp_path}/notice')
    targets = {
        "ops": hook(ear, more=", on: [rpo-missed]"), "script": f"command: [{teller}]", "topic": f"sns: {plain.arn}",
        "ordered": f"sns: {ordered.arn}", "health": f'ping: "{ear.url("health")}"'}
    fleet = "a" * 128
    text = config(targets)
    installation = Installation(tmp_path, moto, text)
    for name in (None, *targets):
        done = tell(installation, *([name] if name else []))
        assert done.stdout.splitlines() == [f"{one}: notified" for one in ([name] if name else targets)]
        assert not done.stderr
    assert [word.method for word in ear.words("health")] == ["GET"] * 2
    notice, again = ear.notices()
    assert "test" in notice["text"] and notice["fleet"] == "acme"
    assert (notice["new"], notice["recovered"], notice["status"]) == ([], [], "ok")
    assert json.loads((tmp_path / "notice").read_text())["text"] == notice["text"]
    for one in (plain, ordered):
        assert [message[:2] for message in one.messages()] == [(notice["subject"], notice["text"])] * 2
    installation.config.write_text(text.replace("fleet: acme", f"fleet: {fleet}"))
    if installation.run("check", code=None).returncode == 0:
        tell(installation, "topic")
        subject = plain.messages()[-1][0]
        assert subject.isascii() and len(subject) <= 100


def test_by_hand_the_exit_code_says_how_many_were_told(tmp_path, ear):
    ear.answers["ops"] = 500
    installation = Installation(tmp_path, None, config({"ops": hook(ear), "fine": hook(ear, "fine")}))
    done = tell(installation, code=2)
    assert done.stdout == "fine: notified\n" and re.search(r"\bops\b.*\b500\b", done.stderr)
    assert not tell(installation, "fine").stderr
    assert not tell(installation, "ops", code=1).stdout
    ear.answers["fine"] = 404
    assert tell(installation, code=1).stderr.count("could not be notified") == 2
    assert "fine" in tell(installation, "fin", code=1).stderr
    assert len(ear.words("ops")) == 3 and len(ear.words("fine")) == 3


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_webhook_has_taken_it(tmp_path, ear, status):
    ear.answers["ops"] = status
    tell(Installation(tmp_path, None, config({"ops": hook(ear)})))


@pytest.mark.parametrize("status", [301, 302, 304, 307, 308, 400, 401, 404, 429, 500, 503])
def test_a_webhook_has_not_taken_it(tmp_path, ear, status):
    ear.answers["ops"] = status
    assert str(status) in tell(Installation(tmp_path, None, config({"ops": hook(ear)})), code=1).stderr
    assert not ear.words("elsewhere")


#: A command's lines, and whether it has taken the notice; sleeps are longer than the minute that it has.
COMMANDS = {
    "exits well": ("exit 0", True),
    "exits well and says something": ("echo well; echo well >&2; exit 0", True),
    "exits badly": ("exit 3", False),
    "exits badly and says something": (f"echo {SECRET}; echo {SECRET} >&2; exit 3", False),
    "is killed": ("kill -9 $$", False),
    "hangs": ("sleep 200", False),
    "hangs beyond SIGTERM": ("trap '' TERM; sleep 200; sleep 200", False),
    "hangs with its output closed": ("exec >&- 2>&-; sleep 200", False),
    "says much and exits badly": ("head -c 300000 /dev/zero; exit 3", False),
    "says much and goes on": ("head -c 300000 /dev/zero; touch $FOLDER/end; exit 0", True),
    "leaves a child that holds its output": ("sleep 200 & exit 0", True),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command(tmp_path, script, name):
    """Time goes by twenty times as fast for the program and its command."""
    lines, is_taken = COMMANDS[name]
    teller = script(f"FOLDER={tmp_path}", "echo $$ > $FOLDER/pid", lines)
    installation = Installation(tmp_path, None, config({"script": f"command: [{teller}]"}))
    begun = time.monotonic()
    done = tell(installation, code=0 if is_taken else 1, LD_PRELOAD=FAKETIME, FAKETIME="+0 x20")
    assert SECRET not in done.stderr
    assert is_taken or "script" in done.stderr
    if name.startswith("hangs"):
        assert 2.9 <= time.monotonic() - begun < 9, "a minute"
        assert not os.path.exists(f"/proc/{int((tmp_path / 'pid').read_text())}"), "it is killed"
    if name == "says much and goes on":
        assert (tmp_path / "end").exists(), "it was not killed"


@pytest.mark.parametrize("path", ["/nonexistent/tell", "/dev/null"])
def test_a_command_that_cannot_be_started(tmp_path, path):
    assert path in tell(Installation(tmp_path, None, config({"script": f"command: [{path}]"})), code=1).stderr


def test_a_topic_that_is_not_there(tmp_path, moto):
    targets = {"topic": "sns: arn:aws:sns:us-east-1:123456789012:nowhere"}
    assert "NotFound" in tell(Installation(tmp_path, moto, config(targets)), code=1).stderr


def test_a_credential_is_read_at_each_use(tmp_path, ear):
    folder = tmp_path / "credentials"
    folder.mkdir()
    targets = {"ops": "webhook: credential:hook", "health": "ping: credential:ping"}
    installation = Installation(tmp_path, None, config(targets))
    tell(installation, code=1)
    assert tell(installation, code=1, CREDENTIALS_DIRECTORY=str(folder)).stderr.count("could not be notified") == 2
    for name in ("one", "two"):
        (folder / "hook").write_text(ear.url(name))
        (folder / "ping").write_text(ear.url(f"ping{name}") + "\n")
        tell(installation, CREDENTIALS_DIRECTORY=str(folder))
    assert [word.path for word in ear.heard] == [f"/{name}/{SECRET}" for name in ("one", "pingone", "two", "pingtwo")]
    for bad in (SECRET, f"ftp://127.0.0.1/{SECRET}", "", f"http:/{SECRET}"):
        (folder / "hook").write_text(bad)
        assert SECRET not in tell(installation, "ops", code=1, CREDENTIALS_DIRECTORY=str(folder)).stderr


#: Addresses; PORT is one where everything is refused with 500, SHUT one where nobody listens.
ADDRESSES = {
    "path": f"http://127.0.0.1:PORT/{SECRET}", "query": f"http://127.0.0.1:PORT/x?token={SECRET}",
    "query without a path": f"http://127.0.0.1:PORT?token={SECRET}", "fragment": f"http://127.0.0.1:PORT/x#{SECRET}",
    "fragment without a path": f"http://127.0.0.1:PORT#{SECRET}",
    "user": f"http://{SECRET}:{SECRET}@127.0.0.1:PORT/x", "user without a path": f"http://me:{SECRET}@127.0.0.1:PORT",
    "at sign in the query": f"http://127.0.0.1:PORT?a={SECRET}@x", "nobody listens": f"http://127.0.0.1:SHUT/{SECRET}",
    "nobody listens, query": f"http://127.0.0.1:SHUT?token={SECRET}",
    "no TLS": f"https://127.0.0.1:PORT/{SECRET}", "no TLS, query": f"https://127.0.0.1:PORT?{SECRET}",
}


def address(name, ear, shut):
    return ADDRESSES[name].replace("PORT", str(ear.port)).replace("SHUT", str(shut))


@pytest.fixture
def shut():
    """A port where nobody listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_error_names_the_host_and_no_more(tmp_path, ear, shut, name):
    ear.usual = 500
    url = address(name, ear, shut)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "hook").write_text(url)
    targets = {"ops": f'webhook: "{url}"', "health": f'ping: "{url}"', "hidden": "webhook: credential:hook"}
    installation = Installation(tmp_path, None, config(targets))
    done = tell(installation, code=1, CREDENTIALS_DIRECTORY=str(credentials))
    assert SECRET not in done.stdout + done.stderr and "token" not in done.stderr
    host = f"127.0.0.1:{shut if 'nobody' in name else ear.port}"
    assert done.stderr.count(host) == 3, done.stderr


@pytest.mark.parametrize("is_hidden", [False, True], ids=["in the config", "in a credential"])
def test_the_daemon_shows_no_part_of_an_address_but_its_host(begin, ear, shut, tmp_path, is_hidden):
    ear.usual = 500
    names = {f"t{number}": name for number, name in enumerate(ADDRESSES)}
    urls = {target: address(name, ear, shut) for target, name in names.items()}
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    for target, url in urls.items():
        (credentials / target).write_text(url)
    place = "credential:{0}" if is_hidden else '"{1}"'
    targets = {target: "ping: " + place.format(target, url) for target, url in urls.items()}
    targets |= {f"w{target}": "webhook: " + place.format(target, url) for target, url in urls.items()}
    text = config(targets, policy("web", 1, more=f"{FIRST_NOW}\n    rpo: {{ local: 1h }}"))
    text = text.replace("timing:", f"metrics-file: {tmp_path}/metrics.prom\ntiming:")
    site = begin(text, CREDENTIALS_DIRECTORY=str(credentials))
    site.start()
    site.quiet(3800, 300)
    failed = wait_for(lambda: len(found := site.events("notice-failed")) >= len(targets) and found)
    assert sorted(event["message"].split()[0] for event in failed) == sorted(targets), "once each"
    shown = {"the journal": site.said(), "metrics": (tmp_path / "metrics.prom").read_text()}
    for words in ("status", "status --output json", "notify", "list"):
        done = site.run(*words.split(), code=None)
        shown[words] = done.stdout + done.stderr
    for path in site.program.state.rglob("*"):
        if path.is_file() and path.name != "applied-config":
            shown[path.name] = path.read_bytes().decode(errors="replace")
    assert [name for name, text in shown.items() if SECRET in text] == []


def test_the_state_holds_no_part_of_an_address(begin, ear):
    site = begin(config({"ops": hook(ear)}, aging("a", 1, 60)))
    site.start()
    site.go("13:00", 300)
    site.hear()
    site.stop()
    files = [path for path in site.program.state.rglob("*") if path.is_file()]
    assert "notices.json" in [path.name for path in files]
    # The config that was applied is kept as it is, for nobody else to read.
    holders = [path for path in files if SECRET.encode() in path.read_bytes()]
    assert [path.name for path in holders] == ["applied-config"] and holders[0].stat().st_mode & 0o777 == 0o600


def test_a_running_daemon_tells_with_its_own_credentials(begin, ear, tmp_path):
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "hook").write_text(ear.url("ops"))
    targets = {"ops": "webhook: credential:hook", "fine": hook(ear, "fine")}
    site = begin(config(targets), CREDENTIALS_DIRECTORY=str(credentials))

    def ask(*arguments):
        done = subprocess.run(
            site.program.command("notify", *arguments), env=BARE, capture_output=True, text=True, timeout=30)
        return done.returncode, done.stdout

    site.start()
    assert ask() == (0, "ops: notified\nfine: notified\n")
    assert ask("ops") == (0, "ops: notified\n")
    ear.answers["ops"] = 500
    assert ask() == (2, "fine: notified\n")
    assert ask("ops") == (1, "")
    site.stop()
    assert ask() == (2, "fine: notified\n"), "by itself it has no credentials"
    assert len(ear.words("ops")) == 4 and len(ear.notices("fine")) == 3


# The config


#: A target or a policy's words, with @ wherever what is wrong may be seen to begin; and what is said of it.
MISTAKES = {
    "unknown way": ('@ops: { @web-hook: "https://chat.example/1" }', "", "web-hook"),
    "two ways": ('@ops: { webhook: "https://chat.example/1", command: [/bin/tell] }', "", "webhook.*command"),
    "no way": ("@ops: { at-most-every: 5min }", "", "ops"),
    "an empty target": ("@ops: @{}", "", "ops"),
    "no scheme": ('ops: { webhook: @"chat.example/1" }', "", "webhook"),
    "another scheme": ('ops: { webhook: @"ftp://chat.example/1" }', "", "webhook"),
    "no host": ('ops: { webhook: @"https:///1" }', "", "webhook"),
    "nothing but a scheme": ('ops: { webhook: @"https://" }', "", "webhook"),
    "a query and no host": ('ops: { webhook: @"https://?token=1" }', "", "webhook"),
    "a port and no host": ('ops: { webhook: @"https://:443/1" }', "", "webhook"),
    "a port that is none": ('ops: { webhook: @"https://chat.example:99999/1" }', "", "webhook"),
    "a port of letters": ('ops: { webhook: @"https://chat.example:http/1" }', "", "webhook"),
    "a space in it": ('ops: { webhook: @"https://chat.example/a b" }', "", "webhook"),
    "a bad ping": ('ops: { ping: @"health.example" }', "", "ping"),
    "a credential without a name": ('ops: { webhook: @"credential:" }', "", "credential"),
    "a credential elsewhere": ('ops: { webhook: @"credential:../hook" }', "", "credential"),
    "a name for an ARN": ("ops: { sns: @backups }", "", "sns"),
    "an ARN of SQS": ('ops: { sns: @"arn:aws:sqs:us-east-1:111122223333:backups" }', "", "sns"),
    "an ARN without an account": ('ops: { sns: @"arn:aws:sns:us-east-1::backups" }', "", "sns"),
    "an ARN of no region": ('ops: { sns: @"arn:aws:sns:us-east-9:111122223333:backups" }', "", "sns"),
    "an ARN of another partition": ('ops: { sns: @"arn:aws:sns:cn-north-1:111122223333:backups" }', "", "sns"),
    "an ARN of a subscription": ('ops: { sns: @"arn:aws:sns:us-east-1:111122223333:backups:1-2-3" }', "", "sns"),
    "an ARN with a bad name": ('ops: { sns: @"arn:aws:sns:us-east-1:111122223333:back.ups" }', "", "sns"),
    "an unknown word": (
        'ops: { webhook: "https://chat.example/1", on: [failure, @recoverd] }', "", 'did you mean "recovered"'),
    "no word": ('ops: { webhook: "https://chat.example/1", @on: @[] }', "", "on"),
    "on with a ping": ('ops: { ping: "https://health.example/1", @on: @[failure] }', "", "ping"),
    "an unknown target": ('ops: { webhook: "https://chat.example/1" }', "notify: [@opps]", 'did you mean "ops"'),
    "no whole path": ("ops: { @command: @[tell, me] }", "", "path"),
    "a path from here": ("ops: { @command: @[./tell] }", "", "path"),
    "no command": ("ops: { @command: @[] }", "", "command"),
    "an unknown key": (
        'ops: { webhook: "https://chat.example/1", @at-most-evry: 5min }', "", 'did you mean "at-most-every"'),
    "a bad duration": ('ops: { webhook: "https://chat.example/1", at-most-every: @often }', "", "at-most-every"),
    "a duration without a unit": ('ops: { webhook: "https://chat.example/1", at-most-every: @5 }', "", "at-most-every"),
}


def checked(folder, text, code):
    done = Installation(folder, None, text).run("check", code=code)
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", MISTAKES)
def test_check_finds(tmp_path, name):
    target, words, hint = MISTAKES[name]
    target = target.replace('@"', '@"@')
    marked = CONFIG.format(notify=f"  {target}", policies=policy("web", 1, more=f"{MORNING}\n    {words}"))
    places = set()
    for number, line in enumerate(marked.splitlines(), 1):
        parts = line.split("@")
        places |= {(number, len("".join(parts[:count])) + 1) for count in range(1, len(parts))}
    said = checked(tmp_path, marked.replace("@", ""), 10)
    found = [(int(line), int(column)) for line, column in re.findall(r"snapwarden\.yaml:(\d+):(\d+): ", said)]
    assert found and set(found) <= places, said
    assert re.search(hint, said), said


@pytest.mark.parametrize("target", [
    'webhook: "http://10.0.0.1:8080/x?y=z#a", on: failure', 'webhook: "https://[::1]:8443/x"',
    "webhook: credential:chat",
    'ping: "https://health.example/1", at-most-every: 1h', "ping: credential:ping", "command: [/bin/tell]",
    "command: [/bin/tell, a, 1], on: [rpo-missed]", f"sns: {TOPIC}", f"sns: {TOPIC}.fifo",
    'sns: "arn:aws-cn:sns:cn-north-1:111122223333:a_b-C"'])
def test_check_takes(tmp_path, target):
    checked(tmp_path, config({"ops": target}, policy("web", 1, more=f"{MORNING}\n    notify: [ops]")), 0)


def test_check_reads_what_policies_in_other_files_name(tmp_path):
    (tmp_path / "policies.d").mkdir()
    more = policy("app", 2, more=f"{MORNING}\n    notify: [opps]")
    (tmp_path / "policies.d/app.yaml").write_text(f"policies:\n{more}\n")
    said = checked(tmp_path, config({"ops": f"sns: {TOPIC}"}), 10)
    assert re.search(r"app\.yaml:6:14: .*opps.*did you mean \"ops\"", said), said


@pytest.mark.parametrize("url", [
    f"htps://chat.example/{SECRET}", f"chat.example/{SECRET}", f"https://chat.example/{SECRET} "])
def test_a_mistake_in_an_address_does_not_show_it(begin, ear, url):
    good = config({"ops": hook(ear)})
    site = begin(good)
    site.start()
    bad = good.replace(ear.url("ops"), url)
    site.reload(bad)
    wait_for(lambda: site.events("config-rejected"))
    site.live(lambda: ear.heard, 4000, 300)
    done = site.program.run("check", code=10)
    shown = {"check": done.stdout + done.stderr, "journal": site.said(), "notice": ear.heard[0].body.decode()}
    assert [name for name, text in shown.items() if SECRET in text] == []


# The right to publish


def test_iam_policy_allows_to_publish_to_these_topics_alone(tmp_path):
    """And to nothing else of SNS."""
    far = "arn:aws:sns:eu-west-1:999988887777:far.fifo"
    targets = {"one": f"sns: {TOPIC}", "two": f"sns: {far}", "again": f"sns: {TOPIC}", "ops": "command: [/bin/tell]"}
    printed = json.loads(Installation(tmp_path, None, config(targets)).run("iam-policy").stdout)

    def right(topic, action="sns:Publish"):
        return Right(action, topic, topic.split(":")[3])

    assert refused(printed, [right(TOPIC), right(far)]) == []
    others = [right(TOPIC, f"sns:{name}") for name in ("Subscribe", "SetTopicAttributes", "DeleteTopic")]
    others += [right(topic) for topic in (
        TOPIC + "-2", TOPIC[:-1], TOPIC.replace("us-east-1", DR), TOPIC.replace("1111", "2222"),
        far.removesuffix(".fifo"), "arn:aws:sns:us-east-1:111122223333:*")]
    assert refused(printed, others) == others
    assert sorted(
        resource for statement in printed["Statement"] for resource in listed(statement["Resource"])
        if ":sns:" in resource) == sorted([TOPIC, far])


@pytest.mark.parametrize("target", [
    'webhook: "https://chat.example/1"', "ping: credential:ping", "command: [/bin/tell]"])
def test_iam_policy_has_nothing_of_sns_without_topics(tmp_path, target):
    assert "sns" not in Installation(tmp_path, None, config({"ops": target})).run("iam-policy").stdout
