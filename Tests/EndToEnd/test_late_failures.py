"""Copies that AWS begins well and reports as failed later: what a person sees of them."""

import time

from support import Installation

CONFIG = """
fleet: acme
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-0a1b2c3d4e5f60001] } }
    schedule: { every: 24h }
    copies: [{ region: eu-west-1, kms-key: alias/dr }]
"""


def test_bad_key_is_explained_escalated_and_shown_until_it_is_mended(tmp_path, start_sandbox, seed):
    seed["bad-keys"] = ["alias/dr"]
    sandbox = start_sandbox(seed)
    installation = Installation(tmp_path, type("Aws", (), {"endpoint": sandbox.url}), CONFIG)
    for attempt in (1, 2, 3):
        time.sleep(1.1)  # What failed in the very second in which a run starts counts as that run's own.
        done = installation.run("run", "--once", code=2)
        assert "snapshot-failed" in done.stderr
        assert "Given key ID is not accessible (see that kms-key names an enabled key of the copy's own region" in done.stderr
        assert "(see that kms-key" in done.stderr.splitlines()[-1]
        assert ("critical failing-on-and-on" in done.stderr) == (attempt == 3), done.stderr
        [away] = [row for row in installation.json("status")["resources"] if row["region"] == "eu-west-1"]
        assert away["failing"]["count"] == attempt and away["failing"]["action"] == "copy"
        assert sandbox.client("ec2", "eu-west-1").describe_snapshots(OwnerIds=["self"])["Snapshots"] == []
    assert "copy of web/" in done.stderr or "copy web/" in done.stderr
    table = installation.run("status").stdout
    assert "copy, 3 times since 20" in table and "1 failing on and on" in table
    sandbox.admin("POST", "set", {"bad-keys": []})
    time.sleep(1.1)
    installation.run("run", "--once")
    assert all(row["failing"] is None for row in installation.json("status")["resources"])
    assert len(sandbox.client("ec2", "eu-west-1").describe_snapshots(OwnerIds=["self"])["Snapshots"]) == 3
