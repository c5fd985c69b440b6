"""What the end-to-end tests share: the built programs, a moto server, faked time, a listening service manager."""

import contextlib
import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import boto3
import botocore.auth
import pytest
from wakeups import switches, wakeups  # noqa: F401

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("SNAPWARDEN_BIN_DIR", ROOT / ".build/debug"))
SNAPWARDEN = PROGRAMS / "snapwarden"
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


def environment(endpoint, **more):
    """The whole environment of a program: sandbox keys only, so that it can never reach a real account."""
    base = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "NO_PROXY": "*",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "AKIDSANDBOX",
        "AWS_SECRET_ACCESS_KEY": "sandbox-secret",
        "LIBDISPATCH_LOG": "NO",
    }
    return base | more


class Days:
    """A faked clock that only a test moves, for a server that it starts with and for the commands that follow.

    The server, which must look at the time from one thread alone, sees each move at once. A command runs ten times as
    fast, so that its waits are short, from a minute behind the server's time on, so that it never overtakes it; and five
    minutes pass before it, so that it begins after the one before has ended.
    """

    SPEED, LAG = 10, 60

    def __init__(self, folder, start):
        self.file = folder / "days"
        self.move(start)

    def move(self, moment):
        """Sets the time to so many seconds since 1970."""
        self.ahead = int(moment - time.time())
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"+{self.ahead}\n")
        fresh.rename(self.file)

    def now(self):
        return time.time() + self.ahead

    def sign(self, monkeypatch):
        """Has boto3 sign its calls with the faked time."""
        def now(remove_tzinfo=True):
            moment = datetime.datetime.fromtimestamp(self.now(), datetime.timezone.utc)
            return moment.replace(tzinfo=None) if remove_tzinfo else moment
        monkeypatch.setattr(botocore.auth, "get_current_datetime", now)

    @property
    def server(self):
        """The environment of the server."""
        return {
            "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    @property
    def environment(self):
        """The environment of the next command."""
        self.move(self.now() + 300)
        return {
            "LD_PRELOAD": FAKETIME, "FAKETIME": f"+{self.ahead - self.LAG} x{self.SPEED}",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, seconds=30):
    """Waits until `what()` gives something true, and returns it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = what()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True


class Aws:
    """An endpoint that plays AWS."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def client(self, service, region):
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id="AKIDSANDBOX",
            aws_secret_access_key="sandbox-secret",
        )

    def snapshots(self, region):
        """Every snapshot of ours in a region, in a fixed order."""
        pages = self.client("ec2", region).get_paginator("describe_snapshots").paginate(OwnerIds=["self"])
        ours = [s for page in pages for s in page["Snapshots"] if "snapwarden:fleet" in tags(s)]
        return sorted(ours, key=lambda s: s["SnapshotId"])


def tags(thing):
    return {t["Key"]: t["Value"] for t in thing.get("Tags", [])}


@contextlib.contextmanager
def moto_server(folder, clock=None):
    port = free_port()
    env = environment("", **(clock.environment if clock else {}))
    program = [sys.executable, pathlib.Path(__file__).parent / "moto_with_locks.py"]
    log = (folder / "moto.log").open("wb")
    server = subprocess.Popen([*program, "-H", "127.0.0.1", "-p", str(port)], env=env, stdout=log, stderr=log)
    try:
        wait_for(lambda: answers(port))
        yield Aws(f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait(10)


class Installation:
    """A config, a state directory and the program on them."""

    def __init__(self, folder, aws, config, clock=None):
        self.folder = folder
        self.aws = aws
        self.clock = clock
        self.state = folder / "state"
        self.state.mkdir(exist_ok=True)
        self.config = folder / "snapwarden.yaml"
        self.config.write_text(config)

    def environment(self, **more):
        faked = self.clock.environment if self.clock else {}
        return environment(self.aws.endpoint if self.aws else "http://127.0.0.1:1", **faked, **more)

    def command(self, *arguments):
        return [SNAPWARDEN, "--config", self.config, "--state-dir", self.state, *arguments]

    def run(self, *arguments, code=0, timeout=120):
        """Runs a command to its end, which must be this exit code; None takes any."""
        done = subprocess.run(
            self.command(*arguments), env=self.environment(), capture_output=True, text=True, timeout=timeout
        )
        assert code is None or done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments, code=0):
        return json.loads(self.run(*arguments, "--output", "json", code=code).stdout)

    def forget(self):
        """Loses the state directory."""
        shutil.rmtree(self.state)
        self.state.mkdir()


class ServiceManager:
    """A real notify socket."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.path = folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.seen = []

    def await_message(self, pattern, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for index, message in enumerate(self.seen):
                if re.search(pattern, message):
                    del self.seen[: index + 1]
                    return message
            self.socket.settimeout(max(0.05, end - time.monotonic()))
            with contextlib.suppress(TimeoutError):
                self.seen.append(self.socket.recv(65536).decode())
        raise AssertionError(f"no message like {pattern!r}; seen {self.seen}")


@contextlib.contextmanager
def daemon(installation, manager=None, *arguments, **more):
    if manager:
        more["NOTIFY_SOCKET"] = str(manager.path)
    log = (installation.folder / "daemon.log").open("wb")
    process = subprocess.Popen(
        installation.command("run", *arguments), env=installation.environment(**more), stdout=log, stderr=log
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait(10)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
