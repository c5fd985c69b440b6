"""A daemon that starts on a config with problems goes on with the one last applied, and deletes nothing by it."""

import datetime
import signal

import pytest
from conftest import HOME
from support import Aws, Installation, ServiceManager, daemon, tags, wait_for

CONFIG = """
fleet: acme
prune-grace: 0s
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
"""
POLICY = """  nightly:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-1] } }
    schedule: { cron: "0 2 * * *" }
    first: now
    retention: { keep-last: 1 }
"""
SEED = {
    "regions": [HOME], "timings": {"snapshot-seconds": 0},
    "ec2-instances": [{"id": "i-1", "name": "web", "volumes": [{"id": "vol-a", "device": "/dev/xvda", "boot": True}]}],
}
BROKEN = CONFIG + POLICY.replace("keep-last", "keep-lats")


def old_point():
    """What no rule keeps once there is a newer one."""
    slot = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=9)).strftime("%Y-%m-%dT02:00:00Z")
    return {
        "region": HOME, "id": "snap-old", "volume": "vol-a", "size": 8, "start": slot,
        "description": f"snapwarden acme/nightly/i-1/{slot}",
        "tags": {
            "snapwarden:fleet": "acme", "snapwarden:policy": "nightly", "snapwarden:resource": "i-1",
            "snapwarden:slot": slot, "snapwarden:kind": "scheduled", "snapwarden:set": "old", "snapwarden:members": "1",
            "snapwarden:volume": "vol-a", "snapwarden:device": "/dev/xvda"}}


@pytest.fixture
def site(tmp_path, start_sandbox):
    """A daemon has worked by a good config; then a point came that no rule keeps, and a mistake into the config."""
    sandbox = start_sandbox(SEED)
    installation = Installation(tmp_path, Aws(sandbox.url), CONFIG + POLICY)
    ids = lambda: {s["SnapshotId"] for s in installation.aws.snapshots(HOME)}
    with daemon(installation, manager := ServiceManager(tmp_path)) as process:
        manager.await_message("READY=1")
        wait_for(lambda: len(ids()) == 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    sandbox.admin("POST", "add", {"snapshots": [old_point()]})
    installation.config.write_text(BROKEN)
    return installation, ids


def test_goes_on_and_deletes_nothing(site, tmp_path):
    installation, ids = site
    log = tmp_path / "daemon.log"
    with daemon(installation, manager := ServiceManager(tmp_path / "again")) as process:
        manager.await_message("READY=1")
        status = manager.await_message("STATUS=")
        assert "1 policy" in status and "the one last applied is in force, nothing is deleted" in status
        said = log.read_text()
        assert "config-rejected" in said and "stands in for it" in said
        assert f"{installation.config}:" in said and "keep-lats" in said
        wait_for(lambda: "withheld" in log.read_text())
        assert "the config has problems, and the one last applied stands in for it" in log.read_text()
        assert len(ids()) == 2
        # What it stands in for is still asked for.
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: log.read_text().count("config-rejected") == 2)
        assert len(ids()) == 2 and process.poll() is None
        installation.config.write_text(CONFIG + POLICY)
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: ids() != {"snap-old"} and len(ids()) == 1)
        manager.await_message("STATUS=1 policy, 1 resource protected, 0 late; next nightly")


def test_a_drop_in_counts_as_well(site, tmp_path):
    """It is the whole config that was applied: files beside it included."""
    installation, _ = site
    (tmp_path / "policies.d").mkdir()
    drop_in = tmp_path / "policies.d/more.yaml"
    drop_in.write_text("policies:\n" + POLICY.replace("nightly", "weekly"))
    installation.config.write_text(CONFIG + POLICY)
    for text, word in ((None, "2 policies"), ("policies: [", "2 policies")):
        if text:
            drop_in.write_text(text)
        with daemon(installation, manager := ServiceManager(tmp_path / f"{word}{text is None}")) as process:
            assert word in manager.await_message("STATUS=")
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0


def test_without_one_it_ends(site, tmp_path):
    installation, _ = site
    installation.forget()
    with daemon(installation) as process:
        assert process.wait(15) == 10
    assert "keep-lats" in (tmp_path / "daemon.log").read_text()


def test_what_was_put_aside_may_be_bad(site, tmp_path):
    """Somebody wrote into it, or the program that wrote it knew other keys: as if there were none."""
    installation, _ = site
    for text in ("\tno file before it\n", "snapwarden.yaml\n\tfleet: [\n", ""):
        (installation.state / "applied-config").write_text(text)
        with daemon(installation) as process:
            assert process.wait(15) == 10, text
