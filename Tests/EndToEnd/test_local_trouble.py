"""The machine itself in trouble: a disk that is full, read-only or failing, no file descriptors left; and well again."""

import collections
import contextlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess

import pytest
from support import Installation, tags, wait_for
from test_main_job import DR, HOME, Endpoint

CONFIG = """
fleet: acme
prune-grace: 0s
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  often:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-1] }, lightsail-instances: { names: [blog] } }
    schedule: { calendar: "*:*:0/5" }
    first: now
    retention: { keep-last: 1 }
    copies: [{ region: eu-west-1 }]
"""
SEED = {
    "regions": [HOME, DR], "timings": {"snapshot-seconds": 1, "copy-seconds": 1},
    "ec2-instances": [{"id": "i-1", "name": "web", "volumes": [{"id": "vol-a", "device": "/dev/xvda", "boot": True}]}],
    "lightsail-instances": [{"name": "blog"}],
}
#: What a disk in trouble answers, by the calls with which SQLite writes, makes durable and reads.
TROUBLES = {
    "full": ["pwrite64:error=ENOSPC"],
    "read-only": ["pwrite64:error=EROFS", "fdatasync:error=EROFS"],
    "failing as it writes": ["fdatasync:error=EIO"],
    "failing as it reads": ["pread64:error=EIO", "pwrite64:error=EIO"],
}


class Site:
    """A daemon that takes a point every five seconds, and its log."""

    def __init__(self, folder, sandbox):
        self.sandbox = sandbox
        self.installation = Installation(folder, Endpoint(sandbox), CONFIG)
        self.log = folder / "log"

    @contextlib.contextmanager
    def running(self, *wrapper):
        with open(self.log, "w") as log:
            process = subprocess.Popen(
                [*wrapper, *self.installation.command("run")], env=self.installation.environment(), stderr=log,
                stdout=subprocess.DEVNULL, start_new_session=True)
            try:
                yield process
            finally:
                # What traces it dies before it.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def said(self, kind):
        return [line for line in self.log.read_text().splitlines() if f" {kind}: " in line]

    def slots(self, region, state="completed"):
        """The slots of EC2 points in a region, each with how many there are."""
        found = self.sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]
        return collections.Counter(tags(s)["snapwarden:slot"] for s in found if s["State"] == state)

    def deletes(self):
        return sum(r["operation"].startswith("Delete") and r["outcome"] == "ok"
                   for r in self.sandbox.admin("GET", "requests"))

    def wait_for_slots(self, count):
        """Until so many more slots are complete at home and copied, though old ones may be deleted meanwhile."""
        seen = {HOME: set(self.slots(HOME)), DR: set(self.slots(DR))}
        before = {region: len(slots) for region, slots in seen.items()}

        def enough():
            for region in seen:
                seen[region] |= set(self.slots(region))
            return all(len(seen[region]) >= before[region] + count for region in seen)

        wait_for(enough, 90)


@pytest.fixture
def site(tmp_path, start_sandbox):
    return Site(tmp_path, start_sandbox(SEED))


@contextlib.contextmanager
def trouble(process, injections):
    """Has the kernel answer so while it lasts."""
    calls = ",".join(i.split(":")[0] for i in injections)
    inject = [word for i in injections for word in ("-e", f"inject={i}")]
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(process.pid), "-e", f"trace={calls}", *inject])
    try:
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(20)


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize("kind", TROUBLES)
def test_a_disk_in_trouble_stops_deletes_alone(site, kind):
    with site.running() as process:
        wait_for(lambda: site.slots(HOME) and site.slots(DR) and site.deletes(), 60)
        with trouble(process, TROUBLES[kind]):
            wait_for(lambda: site.said("ledger-trouble"), 60)
            # What was under way when the trouble began may still end.
            wait_for(lambda: site.said("withheld"), 60)
            deletes = site.deletes()
            site.wait_for_slots(2)
            assert site.deletes() == deletes, "something was deleted that could not be written down"
            assert len(site.said("ledger-trouble")) <= 2, "said once, and once more if the answer becomes another"
            assert process.poll() is None
        wait_for(lambda: site.said("ledger-recovered"), 90)
        wait_for(lambda: site.deletes() > deletes, 60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    assert all(count == 1 for region in (HOME, DR) for count in site.slots(region).values()), "made twice"
    ledger = sqlite3.connect(f"file:{site.installation.state}/ledger.sqlite?mode=ro", uri=True)
    assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert ledger.execute("SELECT count(*) FROM intents WHERE ended_at_s IS NULL").fetchone() == (0,)
    print(f"\n{kind}: {site.said('ledger-trouble')[0].split(': ', 1)[1]}")


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_it_starts_on_a_disk_in_trouble(site):
    ledger = site.installation.state / "ledger.sqlite"
    wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", str(ledger), "-e", "trace=openat",
               "-e", "inject=openat:error=EROFS"]
    with site.running(*wrapper) as process:
        wait_for(lambda: site.said("ledger-trouble"), 60)
        site.wait_for_slots(2)
        assert site.deletes() == 0
        assert process.poll() is None


class MemoryLimit:
    """A memory cgroup of version 1 or 2, whichever this machine lets root make."""

    ROOTS = {"/sys/fs/cgroup/memory": ("memory.limit_in_bytes", "memory.oom_control"),
             "/sys/fs/cgroup": ("memory.max", "memory.events")}

    def __init__(self):
        self.folder = None
        for root, (limit, events) in self.ROOTS.items():
            folder = pathlib.Path(root) / f"snapwarden-e2e-{os.getpid()}"
            with contextlib.suppress(OSError):
                folder.mkdir()
                self.folder = folder
                self.limit, self.events = folder / limit, folder / events
                self.limit.read_text()
                return
        self.close()
        pytest.skip("no memory cgroup can be made here")

    @property
    def wrapper(self):
        """What a program is started with so that all it takes is counted."""
        return ["sh", "-c", f'echo $$ >{self.folder}/cgroup.procs; exec "$@"', "-"]

    def squeeze(self):
        """As little as it has just now: version 1 refuses less, version 2 kills for it."""
        with contextlib.suppress(OSError):
            for size in range(256 << 20, 1 << 20, -(256 << 10)):
                self.limit.write_text(str(size))

    def kills(self):
        return int(re.search(r"^oom_kill (\d+)", self.events.read_text(), re.M)[1])

    def close(self):
        if self.folder and self.folder.exists():
            wait_for(lambda: not (self.folder / "cgroup.procs").read_text(), 10)
            self.folder.rmdir()


@pytest.fixture
def memory():
    limit = MemoryLimit()
    yield limit
    limit.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_killed_for_memory(site, memory):
    """The kernel's own kill; the next start goes on without a second of anything."""
    with site.running(*memory.wrapper) as process:
        wait_for(lambda: site.slots(HOME) and site.slots(DR) and site.deletes(), 60)
        memory.squeeze()
        assert process.wait(60) == -signal.SIGKILL
        assert memory.kills() >= 1, "somebody else has killed it"
    with site.running() as process:
        site.wait_for_slots(2)
        deletes = site.deletes()
        wait_for(lambda: site.deletes() > deletes, 60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    assert all(count == 1 for region in (HOME, DR) for count in site.slots(region).values()), "made twice"


def test_no_descriptors_left(site):
    with site.running() as process:
        wait_for(lambda: site.slots(HOME) and site.slots(DR), 60)
        limits = subprocess.run(
            ["prlimit", "--pid", str(process.pid), "--nofile", "--raw", "--noheadings", "-o", "SOFT,HARD"],
            capture_output=True, text=True, check=True).stdout.split()
        subprocess.run(["prlimit", "--pid", str(process.pid), f"--nofile=3:{limits[1]}"], check=True)
        # What is asked on connections that are open already is answered; whatever makes something takes a new one.
        wait_for(lambda: [line for line in site.said("action-failed") if "no file descriptors left" in line], 60)
        deletes = site.deletes()
        assert process.poll() is None
        subprocess.run(["prlimit", "--pid", str(process.pid), f"--nofile={limits[0]}:{limits[1]}"], check=True)
        site.wait_for_slots(2)
        wait_for(lambda: site.deletes() > deletes, 60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    assert all(count == 1 for region in (HOME, DR) for count in site.slots(region).values()), "made twice"
