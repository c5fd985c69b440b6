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

import pytest
from conftest import DR, HOME, Sandbox
from judge import making_clients
from recorder import Recorder
from support import ROOT, Aws, Installation, free_port, needs_root, tags, wait_for
from test_kills import Killer
from test_restore_ec2 import rfc3339, there
from test_restore_lightsail import KINDS, without_times
from warp import Warp, fall_idle, signing_by_warps  # noqa: F401

DAY = (int(time.time()) // 86400 + 2) * 86400
HEAD = """
fleet: {fleet}
start-window: 1h
prune-grace: 0s
timing: {{ consistency: 1s, poll-first: 1s, poll-longest: 2s }}
policies:
"""
SELECT = {
    "servers": "ec2-instances: { ids: [i-web, i-app] }", "volumes": "ec2-volumes: { ids: [vol-1, vol-2, vol-3] }",
    "sites": "lightsail-instances: { names: [blog, shop] }", "disks": "lightsail-disks: { names: [spare] }",
    "databases": "lightsail-databases: { names: [orders] }"}
NOON = 'schedule: { cron: "0 12 * * *" }'
HOURLY = 'schedule: { cron: "0 * * * *" }'
MARK = "snapwarden:restore"
PROFILE = "arn:aws:iam::123456789012:instance-profile/web"
OWN = {"backup": "yes", "team": "a"}
WORLD = {
    "regions": [HOME, DR], "instance-address": "127.0.0.1",
    "timings": {"snapshot-seconds": 0, "copy-seconds": 0, "instance-seconds": 0, "lightsail-page-size": 3},
    "ec2-instances": [
        {"id": "i-web", "name": "web", "tags": OWN, "zone": "b", "subnet": "subnet-us-east-1b", "key-name": "ours",
         "security-groups": ["sg-1"], "profile": PROFILE, "volumes": [
             {"id": "vol-web-a", "device": "/dev/xvda", "boot": True, "size": 9, "tags": OWN},
             {"id": "vol-web-b", "device": "/dev/sdf", "size": 50, "tags": OWN}]},
        {"id": "i-app", "name": "app", "tags": OWN, "volumes": [{"id": "vol-app", "device": "/dev/xvda", "boot": True}]}],
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
FIRST = {"servers": "i-app", "volumes": "vol-1", "sites": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01",
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


def at(moment):
    """A moment as RFC 3339, from the time of the day."""
    return rfc3339(datetime.datetime.fromtimestamp(clock(moment), datetime.timezone.utc))


class World:
    """A sandbox, the program on it, perhaps behind a door, and a clock of their own."""

    def __init__(self, folder, seed, text, door=None, now="11:59"):
        folder.mkdir(exist_ok=True)
        self.folder, self.log, self.process = folder, folder / "daemon.log", None
        self.warp = Warp(folder)
        self.warp.set(clock(now) - time.time())
        self.warp.sign()
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

    def end(self):
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
            key: {item["name"]: without_times(item) for page in client.get_paginator(method).paginate()
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
                    found[region, "disks" if kind == "disks" else kind] = new
        return dict(found)

    def made(self, policy):
        """How often AWS made the thing that such a drill restores."""
        return len(self.performed(CREATE[policy]))

    def performed(self, *operations):
        """The calls that AWS carried out, whether it said so or not; all that change something, if none is named."""
        return [
            call for call in self.sandbox.admin("GET", "requests") if call["outcome"] in ("ok", "dropped after")
            and (call["operation"] in operations if operations else call["mutating"])]

    # MARK: Time

    def live(self, until, most=300, step=1):
        """Lets time pass until that is so, and gives it; at most so many seconds."""
        end = self.warp.now() + most
        while not (found := until()):
            assert self.warp.now() < end, f"{most} s have passed in vain\n{self.said()[-4000:]}"
            assert self.process is None or self.process.poll() is None, f"the daemon has ended\n{self.said()[-4000:]}"
            self.fall_idle()
            self.warp.move(step)
        return found

    def go(self, moment, step=20):
        """Lets time pass up to that time of the day."""
        while self.warp.now() + step < clock(moment):
            self.fall_idle()
            self.warp.move(step)
        self.warp.move_to(clock(moment))
        self.fall_idle()

    def fall_idle(self):
        fall_idle(*filter(None, [self.sandbox.process, self.process]))

    # MARK: The program

    def run(self, *arguments, code=0):
        """A command to its end, as time goes by."""
        with (self.folder / "out").open("w+") as out, (self.folder / "err").open("w+") as err:
            process = subprocess.Popen(
                self.program.command(*arguments), env=self.program.environment(), stdout=out, stderr=err)
            try:
                while process.poll() is None:
                    fall_idle(self.sandbox.process, process)
                    self.warp.move(1)
            finally:
                process.kill()
                process.wait()
            texts = [file.seek(0) or file.read() for file in (out, err)]
        done = subprocess.CompletedProcess(arguments, process.returncode, *texts)
        assert code is None or done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def drill(self, policy, code=0):
        """A drill by hand: its rows."""
        return json.loads(self.run("drill", policy, "--output", "json", code=code).stdout)

    def start(self):
        """Starts the daemon, and waits for its first pass."""
        before = len(self.events("pass-ended"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.program.command("run", "--log-format", "json"), env=self.program.environment(), stdout=log,
                stderr=log)
        wait_for(lambda: len(self.events("pass-ended")) > before or self.process.poll() is not None)
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

    def results(self, slot=None):
        """The ends of drills that daemons logged, of that slot or of all."""
        found = self.events("drill-passed", "drill-failed")
        return [e for e in found if slot is None or e["policy_slot"] == at(slot)]

    def status(self):
        """The rows of the last drills, by policy."""
        return {row["policy"]: row for row in self.program.json("status", code=None)["drills"]}


def events(text):
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
    return [line | {"policy_slot": line.get("snapwarden_slot")} for line in lines]
