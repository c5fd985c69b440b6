"""Fixtures for tests that drive the built programs from outside."""

import json
import os
import pathlib
import signal
import subprocess
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCESS_KEY = "AKIDSANDBOX"
SECRET_KEY = "sandbox-secret"
HOME = "us-east-1"
DR = "eu-west-1"


def program(name):
    """The path of a built program: from $SNAPWARDEN_BIN_DIR, else from the debug build."""
    path = pathlib.Path(os.environ.get("SNAPWARDEN_BIN_DIR") or ROOT / ".build" / "debug") / name
    assert path.exists(), f"{path} is not built: run swift build, or set SNAPWARDEN_BIN_DIR"
    return str(path)


def clean_environment(**more):
    """An environment that reaches no real account and no proxy, whatever the caller's holds."""
    return {
        "PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "NO_PROXY": "*",
        "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": HOME, "AWS_DEFAULT_REGION": HOME, **more,
    }


@pytest.fixture(autouse=True, scope="session")
def no_real_account():
    """boto3 in this process sees the same clean environment."""
    for name in [n for n in os.environ if n.startswith("AWS_") or n.lower().endswith("_proxy")]:
        del os.environ[name]
    for name, value in clean_environment().items():
        if name.startswith("AWS_") or name == "NO_PROXY":
            os.environ[name] = value


def pytest_configure(config):
    # Whoever starts us in the background has it ignored, and every program of ours would inherit that.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "service: installs the package into a system of its own")
    config.addinivalue_line("markers", "alone: measures time, or takes all of it; not run beside others")


def moved_clock(path):
    """The environment of a program whose clock is moved by writing offsets (`+700`) into the file at `path`."""
    found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    assert found, "libfaketime is missing: apt-get install faketime"
    return {"LD_PRELOAD": str(found[0]), "FAKETIME_TIMESTAMP_FILE": str(path), "FAKETIME_NO_CACHE": "1"}


def through(env):
    """What a command line begins with under a moved clock.

    libfaketime's first process calls setenv before main; a Swift program finds its arguments just before the original
    environment and would then find none. So env(1) goes first and hands over an environment that is complete.
    """
    return ["env"] if "LD_PRELOAD" in (env or {}) else []


class Sandbox:
    """A running snapwarden-sandbox."""

    def __init__(self, seed, *arguments, env=None):
        command = [*through(env), program("snapwarden-sandbox"), "--port", "0", "--seed", str(seed), *arguments]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=clean_environment(**(env or {})))
        line = self.process.stdout.readline()
        assert line.startswith("snapwarden-sandbox: http://127.0.0.1:"), f"the sandbox did not start: {line!r}"
        self.url = line.split(": ", 1)[1].strip()

    @property
    def environment(self):
        """For programs that are to use this sandbox as AWS."""
        return clean_environment(AWS_ENDPOINT_URL=self.url)

    def client(self, service, region=HOME, access_key=ACCESS_KEY, secret_key=SECRET_KEY, **config):
        settings = {"retries": {"max_attempts": 0, "mode": "standard"}, "connect_timeout": 5, "read_timeout": 10}
        return boto3.client(
            service, region_name=region, endpoint_url=self.url, aws_access_key_id=access_key,
            aws_secret_access_key=secret_key, config=Config(**{**settings, **config}))

    def admin(self, method, path, body=None):
        """Calls the admin interface; returns its JSON, and raises AdminError on a refusal."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data=data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            raise AdminError(error.code, json.load(error)["error"]) from None

    def stop(self):
        """Asks it to end; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=10)
        finally:
            if self.process.poll() is None:
                self.process.kill()
            self.process.stdout.close()
            for left in pathlib.Path("/dev/shm").glob(f"*faketime_*_{self.process.pid}"):
                left.unlink()


class AdminError(Exception):
    """A refusal of the sandbox's admin interface."""

    def __init__(self, status, text):
        super().__init__(f"{status}: {text}")
        self.status, self.text = status, text


@pytest.fixture
def start_sandbox(tmp_path):
    """Starts sandboxes on a seed, and stops them all at the end."""
    running = []

    def start(seed, *arguments, env=None):
        path = tmp_path / f"seed-{len(running)}.json"
        path.write_text(json.dumps(seed))
        running.append(Sandbox(path, *arguments, env=env))
        return running[-1]

    yield start
    for sandbox in running:
        assert sandbox.stop() == 0


@pytest.fixture
def seed():
    """The sample world of the quickstart, in which things take no time."""
    seed = json.loads((ROOT / "packaging" / "sandbox" / "seed.json").read_text())
    seed["timings"] = {"snapshot-seconds": 0, "copy-seconds": 0}
    return seed


@pytest.fixture
def sandbox(start_sandbox, seed):
    return start_sandbox(seed)
