"""What an idle daemon costs: memory, wake-ups, and the time from its start to READY=1. Give it the folder of the programs.

A hundred policies, nothing due, AWS played by the sandbox. Resident are the daemon's own memory and pages of files, which it gives back after each pass. Fails
if that is over the limit.
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))
from wakeups import wakeups  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv[1])
POLICIES, STARTS, SECONDS = 100, 9, 62
MOST_MEMORY = 16


def config():
    # The slot lies twelve hours off, whenever this runs.
    hour = (time.gmtime().tm_hour + 12) % 24
    policies = "".join(
        f'  p-{n}:\n    regions: [us-east-1]\n    select: {{ ec2-instances: {{ ids: [i-{n}] }} }}\n'
        f'    schedule: {{ cron: "0 {hour} * * *" }}\n    retention: {{ keep-daily: 7 }}\n' for n in range(POLICIES))
    return f"fleet: idle\npolicies:\n{policies}"


def sandbox(folder):
    seed = {"regions": ["us-east-1"], "ec2-instances": [
        {"id": f"i-{n}", "volumes": [{"id": f"vol-{n}", "device": "/dev/xvda", "boot": True}]} for n in range(POLICIES)]}
    (folder / "seed.json").write_text(json.dumps(seed))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [PROGRAMS / "snapwarden-sandbox", "--port", str(port), "--seed", folder / "seed.json"], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    for _ in range(200):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/_sandbox/requests"):
            return process, f"http://127.0.0.1:{port}"
        time.sleep(0.05)
    sys.exit("the sandbox does not answer")


class Manager:
    """A service manager that listens."""

    def __init__(self, folder):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.path = folder / "notify"
        self.socket.bind(str(self.path))
        self.socket.settimeout(30)

    def wait(self, word):
        while word not in self.socket.recv(65536).decode():
            pass


def start(folder, manager, url):
    return subprocess.Popen(
        [PROGRAMS / "snapwarden", "--config", folder / "snapwarden.yaml", "--state-dir", folder / "state", "run"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "AKIDSANDBOX", "AWS_SECRET_ACCESS_KEY": "sandbox-secret",
             "NOTIFY_SOCKET": str(manager.path), "WATCHDOG_USEC": "180000000", "LIBDISPATCH_LOG": "NO",
             "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"})


def resident(pid, what="VmRSS"):
    """MiB."""
    return int(re.search(rf"^{what}:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)[1]) / 1024


def milliseconds(body):
    begun = time.perf_counter()
    body()
    return (time.perf_counter() - begun) * 1000


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "state").mkdir()
        (folder / "snapwarden.yaml").write_text(config())
        aws, url = sandbox(folder)
        manager = Manager(folder)
        starts, process = [], None
        for _ in range(STARTS):
            if process:
                process.send_signal(signal.SIGTERM)
                process.wait(15)
            begun = time.perf_counter()
            process = start(folder, manager, url)
            manager.wait("READY=1")
            starts.append((time.perf_counter() - begun) * 1000)
            manager.wait("STATUS=")
        floor = statistics.median(
            milliseconds(lambda: subprocess.run([PROGRAMS / "snapwarden", "--version"], stdout=subprocess.DEVNULL))
            for _ in range(STARTS))
        sleeper = subprocess.Popen(["sleep", "1000"])
        time.sleep(3)
        memory, own, least = resident(process.pid), resident(process.pid, "RssAnon"), resident(sleeper.pid)
        woken = wakeups(process.pid, SECONDS)
        for running in (sleeper, process, aws):
            running.kill()
            running.wait()
    ready = statistics.median(starts)
    print(f"idle, {POLICIES} policies: start to READY {ready:.0f} ms (limit 150), {ready / floor:.1f} times --version")
    print(f"idle, {POLICIES} policies: {memory:.1f} MiB resident, {memory / least:.0f} times sleep(1), of which {own:.1f} are its own and "
          f"the rest pages of files (limit {MOST_MEMORY})")
    print(f"idle, {POLICIES} policies: {woken} wake-ups in {SECONDS} s, of which a tick a minute is asked for")
    if memory > MOST_MEMORY:
        sys.exit("the idle daemon holds more memory than it may")


main()
