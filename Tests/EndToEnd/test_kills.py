"""The program killed at every step of a run: nothing lost, nothing twice, no delete that was not meant."""

import collections
import concurrent.futures
import contextlib
import copy
import http.client
import http.server
import json
import os
import re
import socket
import subprocess
import threading
import urllib.parse

import pytest
from conftest import DR, HOME, Sandbox
from support import Installation, tags
from test_main_job import CONFIG, MUTATING, older

#: Where a run is killed: as a request comes, before AWS has seen it; and when AWS has performed it, before it is answered.
MOMENTS = ["before", "after"]
#: So many calls of each operation are killed; more of the same with SNAPWARDEN_KILLS=all.
MOST = 1000 if os.environ.get("SNAPWARDEN_KILLS") == "all" else 3


class Killer(http.server.ThreadingHTTPServer):
    """Hands requests on to the sandbox, and kills the program at one of them; that one is not answered."""

    daemon_threads = True

    def __init__(self, upstream):
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = urllib.parse.urlsplit(upstream).netloc
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.fatal, self.moment = None, None
        self.victim = None
        self.was_fatal_to = None
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def arrived(self, operation):
        """Whether this is the call that kills: the so-and-so-many-th of its operation."""
        with self.lock:
            self.counts[operation] += 1
            return (operation, self.counts[operation]) == self.fatal

    def kill(self, operation):
        self.was_fatal_to = operation
        self.victim.kill()
        self.victim.wait()

    def handle_error(self, request, client_address):
        """A client that was killed in the middle of a request is what this is about."""

    def end(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = self.headers.get("X-Amz-Target", "").rpartition(".")[2] or re.search(rb"Action=(\w+)", body)[1].decode()
        moment = self.server.moment if self.server.arrived(name) else None
        if moment == "before":
            self.server.kill(name)
            return self.hang_up()
        # The signature is of the host that the client asked, which is this proxy.
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=10)
        with contextlib.closing(upstream):
            upstream.request("POST", self.path, body, dict(self.headers))
            reply = upstream.getresponse()
            text = reply.read()
        if moment == "after":
            self.server.kill(name)
            return self.hang_up()
        with contextlib.suppress(OSError):
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.headers.get("Content-Type", "text/plain"))
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    def hang_up(self):
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class World:
    """A sandbox of its own, the program's state, and a proxy between them."""

    def __init__(self, folder, seed):
        folder.mkdir()
        path = folder / "seed.json"
        path.write_text(json.dumps(older(copy.deepcopy(seed))))
        self.sandbox = Sandbox(path)
        self.proxy = Killer(self.sandbox.url)
        self.installation = Installation(folder, self.proxy, CONFIG)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.proxy.end()
        assert self.sandbox.stop() == 0

    def run(self):
        return self.installation.run("run", "--once")

    def run_until_killed(self, fatal, moment):
        """The operation at which it died; None if it was not asked so often."""
        self.proxy.fatal, self.proxy.moment = fatal, moment
        with self.proxy.lock:
            # No request is counted before it is known whom to kill.
            self.proxy.victim = process = subprocess.Popen(
                self.installation.command("run", "--once"), env=self.installation.environment(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        process.wait(60)
        self.proxy.fatal = None
        return self.proxy.was_fatal_to

    def outcome(self):
        """The world without ids and times, and what was made, as boto3 sees it."""
        made = [
            (r["service"], r["operation"]) for r in self.sandbox.admin("GET", "requests")
            if r["outcome"] == "ok" and re.match("Create.*Snapshot|CopySnapshot|Delete.*Snapshot", r["operation"])]
        return self.sandbox.admin("GET", "dump?plain=1"), sorted(made)

    def duplicates(self):
        """Points of EC2 of which there is more than one set in a region."""
        found = []
        for region in (HOME, DR):
            sets = {}
            for snapshot in self.sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]:
                named = tags(snapshot)
                if "snapwarden:set" in named:
                    point = tuple(named[f"snapwarden:{part}"] for part in ("policy", "resource", "slot"))
                    sets.setdefault(point, set()).add(named["snapwarden:set"])
            found += [(region, point) for point, nonces in sets.items() if len(nonces) > 1]
        return found


@pytest.mark.parametrize("loses_ledger", [False, True], ids=["its ledger is kept", "its ledger is lost"])
def test_killed_at_every_request(tmp_path, seed, loses_ledger):
    with World(tmp_path / "calm", seed) as world:
        world.run()
        calm, made = world.outcome()
        steps = [
            (name, number, moment) for name, count in sorted(world.proxy.counts.items())
            for number in range(1, min(count, MOST) + 1) for moment in MOMENTS]
    assert len(made) > 20 and len(steps) > 60

    def life(name, number, moment):
        with World(tmp_path / f"{name}-{number}-{moment}", seed) as world:
            died_at = world.run_until_killed((name, number), moment)
            if loses_ledger:
                world.installation.forget()
            done = world.run()
            dump, remade = world.outcome()
            how = f"killed at {name} {number}, {moment}\n{done.stderr}"
            assert dump == calm, how
            assert world.duplicates() == [], how
            # What AWS had performed and what was asked for again is no more than what a calm run makes: nothing twice.
            assert remade == made, how
            return died_at

    with concurrent.futures.ThreadPoolExecutor(max_workers=12) as pool:
        deaths = list(pool.map(lambda step: life(*step), steps))
    kills = [name for name in deaths if name]
    at = collections.Counter(kills)
    print(f"\n{len(kills)} kills and as many restarts; each life ends with {len(made)} snapshots made, copied and deleted;"
          " duplicates 0, orphans 0")
    print("killed at " + ", ".join(f"{name} {count}" for name, count in sorted(at.items())))
    assert set(MUTATING) <= set(at), f"{set(MUTATING) - set(at)}: no call was killed; {at}"
    # At times a run asks less often than the calm one did.
    assert len(kills) >= len(steps) * 9 // 10


def strace(world, *filters):
    """Runs the program under strace, which follows its threads; gives the exit code and what was traced."""
    trace = world.installation.folder / "trace"
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", trace, *filters, *world.installation.command("run", "--once")],
        env=world.installation.environment(), capture_output=True, text=True, timeout=120)
    return done.returncode, trace.read_text().splitlines()


def test_killed_as_it_commits(tmp_path, seed):
    """fdatasync(2) makes a commit of the ledger durable: whoever is killed as it is called has written, and knows not what."""
    with World(tmp_path / "calm", seed) as world:
        code, trace = strace(world, "-e", "trace=fdatasync")
        assert code == 0
        commits = sum("fdatasync(" in line for line in trace)
        calm, made = world.outcome()
    steps = range(1, commits // 2, 1 if MOST > 3 else 3)

    def life(number):
        with World(tmp_path / f"{number}", seed) as world:
            code, _ = strace(world, "-e", "trace=fdatasync", "-e", f"inject=fdatasync:signal=SIGKILL:when={number}")
            done = world.run()
            dump, remade = world.outcome()
            how = f"killed at commit {number}\n{done.stderr}"
            assert dump == calm and world.duplicates() == [] and remade == made, how
            return code

    with concurrent.futures.ThreadPoolExecutor(max_workers=8) as pool:
        codes = list(pool.map(life, steps))
    kills = sum(code != 0 for code in codes)
    print(f"\n{kills} kills at {commits} commits; duplicates 0, orphans 0")
    # strace counts the calls of each thread apart, and the ledger's queue is served by several.
    assert kills >= 5
