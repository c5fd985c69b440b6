"""Calls that get their reply long after others went on: what they did is known by then, and harms nothing that was made since."""

import time

import pytest
from conftest import DR, HOME
from proxy import Proxy
from support import wait_for
from test_control import BLOG, Site
from test_stuck import Deaf

#: The first snapshot, or copy, fails and is removed; its removal gets no reply, and the client sends it again after 12 s.
CONFIG = """
fleet: acme
timing: {{ consistency: 1s, poll-first: 1s, poll-longest: 2s, call-timeout: 12s }}
policies:
  blog:
    regions: [us-east-1]
    select: {{ lightsail-instances: {{ names: [blog] }} }}
    schedule: {{ cron: "0 2 29 2 *" }}
    first: now
    {copies}
"""
MANY = [f"i-{number}" for number in range(20)]


@pytest.mark.parametrize("region", [HOME, DR], ids=["at home", "a copy"])
def test_a_late_removal_takes_nothing_that_was_made_since(start_sandbox, tmp_path, region):
    """Lightsail deletes by name, and what is made anew has the same one."""
    world = {"regions": [HOME, DR], "timings": {"snapshot-seconds": 1, "copy-seconds": 1},
             "lightsail-instances": [{"name": "blog", "uuid": BLOG}]}
    sandbox = start_sandbox(world)
    making = "CreateInstanceSnapshot" if region == HOME else "CopySnapshot"
    sandbox.admin("POST", "faults", [{"operation": making, "kind": "failLater"}])
    proxy = Deaf(sandbox, "DeleteInstanceSnapshot")
    site = Site(tmp_path / "site", sandbox, CONFIG.format(copies="" if region == HOME else "copies: [{ region: eu-west-1 }]"))
    site.installation.aws = proxy
    states = lambda: [
        s["state"] for s in sandbox.client("lightsail", region).get_instance_snapshots()["instanceSnapshots"]]
    try:
        with site.daemon():
            assert proxy.has_held.wait(30)
            time.sleep(7)  # the pass is handed over five seconds after the last reply
            site.ask("reload")
            wait_for(lambda: proxy.counts["lightsail:DeleteInstanceSnapshot"] >= 2, 30)
            wait_for(lambda: states() == ["available"], 100)
            # Whatever was to be removed late is removed by now.
            time.sleep(3)
            assert states() == ["available"] and proxy.counts["lightsail:DeleteInstanceSnapshot"] == 2
            assert proxy.counts[f"lightsail:{making}"] == 2
    finally:
        proxy.end()


class Slow(Proxy):
    """Takes its time for the first sets."""

    def treat(self, call):
        if call.operation == "CreateSnapshots" and call.number <= 16:
            time.sleep(8)
        call.answer(*call.forward())


def test_a_backup_by_hand_takes_all_though_its_pass_is_handed_over(start_sandbox, tmp_path):
    sandbox = start_sandbox({
        "regions": [HOME, DR], "timings": {"snapshot-seconds": 0},
        "ec2-instances": [
            {"id": i, "name": i, "volumes": [{"id": f"vol-{i}", "device": "/dev/xvda", "boot": True}]} for i in MANY]})
    proxy = Slow(sandbox)
    site = Site(tmp_path / "site", sandbox, f"""
fleet: acme
timing: {{ consistency: 1s, poll-first: 1s, poll-longest: 2s }}
policies:
  app:
    regions: [us-east-1]
    select: {{ ec2-instances: {{ ids: [{', '.join(MANY)}] }} }}
    schedule: {{ cron: "0 2 29 2 *" }}
""")
    site.installation.aws = proxy
    try:
        with site.daemon():
            done = site.ask("backup", "app")
            assert done.stdout.endswith(", 0 failed\n")
            snapshots = sandbox.client("ec2", HOME).describe_snapshots(OwnerIds=["self"])["Snapshots"]
            assert sorted(s["VolumeId"] for s in snapshots) == sorted(f"vol-{i}" for i in MANY)
    finally:
        proxy.end()
