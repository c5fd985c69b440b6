"""The Debian package in a real systemd: installed, configured, read, disturbed, upgraded and purged as people do it.

SNAPWARDEN_ROOT is the root of a Debian that systemd-nspawn boots, SNAPWARDEN_DEB the package: packaging/test makes both.
"""

import json
import os
import pathlib
import signal
import subprocess
import textwrap

import pytest
from conftest import DR, HOME
from support import ROOT, Aws, tags, wait_for

PLACES = {name: os.environ.get(name) for name in ("SNAPWARDEN_ROOT", "SNAPWARDEN_DEB")}
pytestmark = [
    pytest.mark.service,
    pytest.mark.skipif(None in PLACES.values(), reason="packaging/test says where the root and the package are"),
]
STARTED, SET_TAKEN, REJECTED = (
    "b17d500bc4c0485195a944000115b4f0", "7c51a24e46144d0282d005135cdb9c7f", "76377cd401fa43468c5c2d1ea5625075")
CONFIG = """
fleet: acme
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-1] }, lightsail-instances: { names: [blog] } }
    schedule: { cron: "0 2 * * *" }
    first: now
    copies: [{ region: eu-west-1 }]
"""
SEED = {
    "regions": [HOME, DR], "timings": {"snapshot-seconds": 1, "copy-seconds": 1},
    "ec2-instances": [{"id": "i-1", "name": "web", "volumes": [
        {"id": "vol-a", "device": "/dev/xvda", "boot": True}, {"id": "vol-b", "device": "/dev/sdf"}]}],
    "lightsail-instances": [{"name": "blog"}],
}
#: Where the service may write, and where systemd and journald do for it.
WRITABLE = ("var/lib/private/snapwarden/", "run/", "var/log/journal/", "proc/", "sys/", "dev/", "tmp/", "var/tmp/")


class Machine:
    """A Debian of its own whose changes are gone with it; it shares the network."""

    def __init__(self, folder):
        environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
        self.nspawn = subprocess.Popen(
            ["systemd-nspawn", "-q", "-D", PLACES["SNAPWARDEN_ROOT"], "--volatile=overlay", "--register=no", "--keep-unit",
             "--link-journal=no", f"--machine=e2e-{os.getpid()}", "--hostname=e2e", "--console=pipe", "-b"],
            stdin=subprocess.DEVNULL, stdout=(folder / "console.log").open("wb"), stderr=subprocess.STDOUT,
            env=environment | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"})
        self.leader = wait_for(self.find_leader, 20)
        self.files = pathlib.Path(f"/proc/{self.leader}/root")
        wait_for(lambda: self.run("systemctl", "is-system-running", code=None).stdout.strip() in ("running", "degraded"), 60)

    def find_leader(self):
        """nspawn's child that has become systemd."""
        assert self.nspawn.poll() is None, "systemd-nspawn has ended: see console.log"
        children = pathlib.Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children")
        for child in children.read_text().split() if children.exists() else []:
            if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return int(child)

    def run(self, *words, code=0):
        done = subprocess.run(
            ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-p", "-n", "-C", "--", *words],
            capture_output=True, text=True, timeout=120, env={"PATH": os.environ["PATH"], "DEBIAN_FRONTEND": "noninteractive"})
        assert code is None or done.returncode == code, f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def install(self, package=PLACES["SNAPWARDEN_DEB"], code=0):
        (self.files / "root/snapwarden.deb").write_bytes(pathlib.Path(package).read_bytes())
        done = self.run("dpkg", "--force-confold", "-i", "/root/snapwarden.deb", code=code)
        (self.files / "root/snapwarden.deb").unlink()
        return done

    def show(self, name):
        return self.run("systemctl", "show", "snapwarden", "-p", name, "--value").stdout.strip()

    def journal(self, *matches):
        self.run("journalctl", "--sync")
        said = self.run("journalctl", "-u", "snapwarden", "-o", "json", "--no-pager", *matches).stdout
        return [json.loads(line) for line in said.splitlines()]

    def configure(self, text):
        (self.files / "etc/snapwarden/snapwarden.yaml").write_text(text)

    def drop_in(self, name, text):
        folder = self.files / "etc/systemd/system/snapwarden.service.d"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.conf").write_text(textwrap.dedent(text))
        self.run("systemctl", "daemon-reload")

    def point_at(self, sandbox):
        """The credentials as the README and the example say, the endpoint for the sandbox."""
        (self.files / "etc/snapwarden/aws-credentials").write_text(
            "[default]\naws_access_key_id = AKIDSANDBOX\naws_secret_access_key = sandbox-secret\n")
        (self.files / "etc/snapwarden/aws-credentials").chmod(0o600)
        self.drop_in("credentials", (ROOT / "packaging/examples/credentials.conf").read_text())
        self.drop_in("endpoint", f"[Service]\nEnvironment=AWS_ENDPOINT_URL={sandbox.url}\n")

    def is_active(self):
        return self.show("ActiveState") == "active"

    def close(self):
        if self.nspawn.poll() is None:
            os.kill(self.leader, signal.SIGRTMIN + 4)
        try:
            self.nspawn.wait(20)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait()


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    yield machine
    machine.close()


@pytest.fixture
def site(machine, start_sandbox):
    """A machine whose service protects what is in a sandbox, with a first set and its copies there."""
    sandbox = start_sandbox(SEED)
    machine.install()
    machine.point_at(sandbox)
    machine.run("systemctl", "restart", "snapwarden")
    machine.configure(CONFIG)
    machine.run("systemctl", "reload", "snapwarden")
    wait_for(lambda: counts(sandbox) == (2, 2, 1, 1), 60)
    wait_for(lambda: {e["SNAPWARDEN_RESOURCE"] for e in machine.journal("MESSAGE_ID=" + COPY_USABLE)} >= {"i-1"}, 30)
    return machine, sandbox


COPY_USABLE = "c39a9a895a85464e80dad522331fc812"


def counts(sandbox):
    """The snapshots of EC2 at home and away, and of Lightsail."""
    aws = Aws(sandbox.url)
    lightsail = [len(aws.client("lightsail", region).get_instance_snapshots()["instanceSnapshots"]) for region in (HOME, DR)]
    return (len(aws.snapshots(HOME)), len(aws.snapshots(DR)), *lightsail)


def test_starts_with_the_config_that_it_brings(machine):
    machine.install()
    wait_for(machine.is_active)
    assert machine.show("StatusText") == "no policies configured: nothing is protected"
    assert machine.run("systemctl", "is-enabled", "snapwarden").stdout.strip() == "enabled"
    [started] = machine.journal(f"MESSAGE_ID={STARTED}")
    assert started["_SYSTEMD_UNIT"] == "snapwarden.service" and started["_UID"] != "0"
    explained = machine.run("journalctl", "-u", "snapwarden", "-x", "--no-pager").stdout
    assert "Subject: Snapwarden has started" in explained


def test_protects(site):
    machine, sandbox = site
    sets = {tags(s)["snapwarden:set"] for s in Aws(sandbox.url).snapshots(HOME)}
    assert len(sets) == 1, "two volumes, one set"
    entries = machine.journal("SNAPWARDEN_POLICY=web", f"MESSAGE_ID={SET_TAKEN}")
    assert {e["SNAPWARDEN_RESOURCE"] for e in entries} >= {"i-1"} and len(entries) == 2
    status = machine.run("systemctl", "status", "snapwarden").stdout
    assert "1 policy, 2 resources protected, 0 late" in status and "next web" in status
    secrets = machine.run("journalctl", "--no-pager", "-o", "json").stdout
    assert "sandbox-secret" not in secrets


def test_writes_nowhere_else(site):
    machine, _ = site
    machine.run("touch", "/root/marker")
    machine.run("systemctl", "restart", "snapwarden")
    wait_for(machine.is_active)
    wait_for(lambda: "protected" in machine.show("StatusText"), 30)
    changed = machine.run("find", "/", "-xdev", "-newer", "/root/marker", "-type", "f").stdout.split()
    assert [path for path in changed if not path.lstrip("/").startswith(WRITABLE)] == []
    state = machine.run("ls", "/var/lib/private/snapwarden").stdout.split()
    assert {"ledger.sqlite", "applied-config"} <= set(state)


@pytest.mark.parametrize("how", ["KILL", "hung"])
def test_comes_back_without_a_duplicate(site, how):
    machine, sandbox = site
    before, process = counts(sandbox), machine.show("MainPID")
    if how == "hung":
        machine.drop_in("watchdog", "[Service]\nWatchdogSec=3s\nRestartSec=1s\n")
        machine.run("systemctl", "restart", "snapwarden")
        wait_for(machine.is_active)
        process = machine.show("MainPID")
        machine.run("systemctl", "kill", "-s", "STOP", "snapwarden")
    else:
        machine.drop_in("soon", "[Service]\nRestartSec=1s\n")
        machine.run("systemctl", "kill", "-s", "KILL", "snapwarden")
    wait_for(lambda: machine.show("NRestarts") == "1" and machine.is_active() and machine.show("MainPID") != process, 30)
    wait_for(lambda: "2 resources protected" in machine.show("StatusText"), 30)
    assert counts(sandbox) == before
    if how == "hung":
        said = machine.run("journalctl", "-u", "snapwarden", "-o", "cat", "--no-pager").stdout
        assert "Watchdog timeout (limit 3s)!" in said


def test_a_bad_config_does_not_take_it_down(site):
    machine, _ = site
    process = machine.show("MainPID")
    machine.configure(CONFIG.replace("us-east-1", "us-eest-1"))
    failed = machine.run("systemctl", "reload", "snapwarden", code=1)
    assert "failed" in failed.stderr
    [rejected] = wait_for(lambda: machine.journal(f"MESSAGE_ID={REJECTED}"))
    assert rejected["PRIORITY"] == "3" and "us-eest-1" in rejected["MESSAGE"]
    assert machine.is_active() and machine.show("MainPID") == process
    wait_for(lambda: "the config has problems" in machine.show("StatusText"))
    machine.run("systemctl", "restart", "snapwarden")
    wait_for(machine.is_active)
    wait_for(lambda: "the one last applied is in force" in machine.show("StatusText"), 30)
    machine.configure(CONFIG)
    machine.run("systemctl", "reload", "snapwarden")
    wait_for(lambda: machine.show("StatusText").startswith("1 policy, 2 resources protected, 0 late; next"), 30)


def test_commands_ask_the_service(site):
    """Root and the group's members need no credentials; nobody else is answered, or sees the socket."""
    machine, sandbox = site
    for name in ("ann", "bob"):
        machine.run("useradd", name)
    machine.run("usermod", "-aG", "snapwarden", "ann")
    as_user = lambda name, *words, code=0: machine.run("setpriv", "--reuid", name, "--regid", name, "--init-groups", *words, code=code)
    status = json.loads(as_user("ann", "snapwarden", "status", "--output", "json").stdout)
    assert len(status["resources"]) == 4 and status["complete"]
    refused = as_user("bob", "snapwarden", "status", code=1)
    assert "group snapwarden" in refused.stderr and refused.stdout == ""
    assert machine.run("stat", "-c", "%a %G", "/run/snapwarden", "/run/snapwarden/control").stdout.split("\n")[:2] == [
        "750 snapwarden", "660 snapwarden"]
    taken = as_user("ann", "snapwarden", "backup", "web")
    assert "0 failed" in taken.stdout and "set-taken" in taken.stderr
    assert counts(sandbox) == (4, 4, 2, 2)
    as_user("ann", "snapwarden", "pause", "web")
    wait_for(lambda: "paused: web" in as_user("ann", "snapwarden", "status").stdout)
    machine.run("systemctl", "stop", "snapwarden")
    assert machine.run("ls", "/run/snapwarden", code=None).stdout == ""


def older(package, folder):
    """The same package under the version before."""
    subprocess.run(["dpkg-deb", "-R", package, folder / "tree"], check=True)
    control = folder / "tree/DEBIAN/control"
    control.write_text(control.read_text().replace("Version: 0.1.0", "Version: 0.0.9"))
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", folder / "tree", folder / "old.deb"], check=True, capture_output=True)
    return folder / "old.deb"


def test_an_upgrade_keeps_state_and_config(machine, start_sandbox, tmp_path):
    sandbox = start_sandbox(SEED)
    machine.install(older(PLACES["SNAPWARDEN_DEB"], tmp_path))
    machine.point_at(sandbox)
    machine.configure(CONFIG)
    machine.run("systemctl", "restart", "snapwarden")
    wait_for(lambda: counts(sandbox) == (2, 2, 1, 1), 60)
    process = machine.show("MainPID")
    machine.install()
    assert machine.run("dpkg-query", "-W", "-f", "${Version}", "snapwarden").stdout == "0.1.0"
    wait_for(lambda: machine.is_active() and machine.show("MainPID") != process)
    assert (machine.files / "etc/snapwarden/snapwarden.yaml").read_text() == CONFIG
    wait_for(lambda: "2 resources protected" in machine.show("StatusText"), 30)
    assert counts(sandbox) == (2, 2, 1, 1)
    status = json.loads(machine.run(
        "env", f"AWS_ENDPOINT_URL={sandbox.url}", "AWS_SHARED_CREDENTIALS_FILE=/etc/snapwarden/aws-credentials",
        "snapwarden", "status", "--output", "json").stdout)
    assert len(status["resources"]) == 4


def test_a_purge_leaves_nothing(machine):
    everything = lambda: set(machine.run("find", "/etc", "/usr", "/var", "/lib", "-xdev", "-name", "*snapwarden*").stdout.split())
    assert everything() == set()
    machine.install()
    wait_for(machine.is_active)
    assert "/usr/bin/snapwarden" in everything() and "/var/lib/private/snapwarden" in everything()
    machine.run("dpkg", "--remove", "snapwarden")
    assert {"/etc/snapwarden/snapwarden.yaml", "/var/lib/private/snapwarden"} <= everything()
    assert "/usr/share/snapwarden/snapwarden.schema.json" not in everything()
    machine.run("dpkg", "--purge", "snapwarden")
    machine.run("getent", "group", "snapwarden", code=2)
    assert machine.run("ls", "/run/snapwarden", code=2).stdout == ""
    assert {path for path in everything() if not path.startswith("/var/lib/dpkg/") and "/var/log/" not in path} == set()
