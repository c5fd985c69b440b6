"""How the daemon stops while AWS keeps it waiting for a reply."""

import contextlib
import http.client
import http.server
import re
import signal
import sqlite3
import threading
import time
import urllib.parse

import pytest
from support import Installation, ServiceManager, daemon, tags
from test_main_job import HOME, Endpoint

CONFIG = """
fleet: acme
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  nightly:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-1] } }
    schedule: { cron: "0 2 * * *" }
    first: now
    retention: { keep-daily: 2 }
"""
SEED = {
    "regions": [HOME], "timings": {"snapshot-seconds": 1},
    "ec2-instances": [{"id": "i-1", "name": "web", "volumes": [{"id": "vol-a", "device": "/dev/xvda", "boot": True}]}],
}


class Holding(http.server.ThreadingHTTPServer):
    """Hands requests on to the sandbox, and holds the reply to the first CreateSnapshots back for a while."""

    daemon_threads = True

    def __init__(self, upstream, seconds):
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = urllib.parse.urlsplit(upstream).netloc
        self.seconds = seconds
        self.performed = threading.Event()
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=10)
        upstream.request("POST", self.path, body, dict(self.headers))
        reply = upstream.getresponse()
        text = reply.read()
        upstream.close()
        if re.search(rb"Action=CreateSnapshots\b", body) and not self.server.performed.is_set():
            self.server.performed.set()
            time.sleep(self.server.seconds)
        with contextlib.suppress(OSError):
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.headers.get("Content-Type", "text/plain"))
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)


@pytest.fixture
def site(tmp_path, start_sandbox):
    """A daemon that waits for the reply to a CreateSnapshots which AWS has performed."""
    sandbox = start_sandbox(SEED)

    def begin(seconds):
        proxy = Holding(sandbox.url, seconds)
        return sandbox, proxy, Installation(tmp_path, proxy, CONFIG)

    return begin


def stopped(process, manager, first, *more):
    """Signals, each once the one before was noticed, and how many seconds the process takes to end."""
    begin = time.monotonic()
    process.send_signal(first)
    manager.await_message("^STOPPING=1")
    for number in more:
        process.send_signal(number)
    process.wait(30)
    return time.monotonic() - begin


def open_intents(installation):
    ledger = sqlite3.connect(f"file:{installation.state}/ledger.sqlite?mode=ro", uri=True)
    return ledger.execute("SELECT count(*) FROM intents WHERE ended_at_s IS NULL").fetchone()[0]


def sets(sandbox):
    found = sandbox.client("ec2", HOME).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return [tags(s)["snapwarden:set"] for s in found]


@pytest.mark.alone
@pytest.mark.parametrize(
    ("held", "signals", "code", "least", "most", "left"),
    [(3, [signal.SIGTERM], 0, 0.5, 6, 0), (60, [signal.SIGTERM], 0, 7, 10, 1), (60, [signal.SIGINT], 0, 7, 10, 1),
     (60, [signal.SIGTERM, signal.SIGTERM], 1, 0, 3, 1), (60, [signal.SIGINT, signal.SIGTERM], 1, 0, 3, 1)],
    ids=["the reply comes in time", "the reply is given up", "by SIGINT", "told twice", "told twice otherwise"])
def test_calls_in_flight(site, tmp_path, held, signals, code, least, most, left):
    sandbox, proxy, installation = site(held)
    manager = ServiceManager(tmp_path / "manager")
    with daemon(installation, manager) as process:
        manager.await_message("^READY=1")
        assert proxy.performed.wait(30)
        seconds = stopped(process, manager, *signals)
        assert process.returncode == code
    log = (tmp_path / "daemon.log").read_text()
    assert least <= seconds <= most, f"{seconds}\n{log}"
    assert open_intents(installation) == left, log
    # Whatever was cut off: the next start finds what AWS has done, and makes it no second time.
    assert len(sets(sandbox)) == 1
    installation.aws = Endpoint(sandbox)
    installation.run("run", "--once")
    assert len(sets(sandbox)) == 1 and open_intents(installation) == 0
