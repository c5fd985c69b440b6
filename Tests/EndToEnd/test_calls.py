"""How many calls, and how many connections, a pass over a large fleet costs."""

import collections

from recorder import Recorder
from support import Installation
from test_main_job import DR, HOME

INSTANCES = 1000
CONFIG = """
fleet: acme
api-budget: 10000%
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  nightly:
    regions: [us-east-1]
    select: { ec2-instances: { tags: { backup: "yes" } } }
    schedule: { cron: "0 2 * * *" }
    retention: { keep-daily: 7 }
    copies: [{ region: eu-west-1 }]
"""


def test_a_pass_over_a_thousand_instances(tmp_path, start_sandbox):
    seed = {
        "regions": [HOME, DR], "timings": {"snapshot-seconds": 0, "copy-seconds": 0},
        "ec2-instances": [
            {"id": f"i-{n:017x}", "name": f"web-{n}", "tags": {"backup": "yes"},
             "volumes": [{"id": f"vol-{n:017x}", "device": "/dev/xvda", "boot": True, "size": 8}]}
            for n in range(INSTANCES)
        ],
    }
    sandbox = start_sandbox(seed)
    recorder = Recorder(sandbox)
    installation = Installation(tmp_path, recorder, CONFIG)
    installation.run("run", "--once", timeout=580)
    calls = collections.Counter(call.operation for call in recorder.calls)
    assert calls["CreateSnapshots"] == INSTANCES and calls["CopySnapshot"] == INSTANCES
    assert not calls["DeleteSnapshot"]
    # Points that are pending are asked about 200 at a time, which is what a filter takes; before each round of 20 copies it is
    # looked whether another run has begun them.
    assert calls["DescribeInstances"] == 1 and calls["DescribeSnapshots"] < INSTANCES / 6
    # What must not happen twice goes out alone; all else shares connections.
    alone = calls["CreateSnapshots"] + calls["CopySnapshot"]
    assert recorder.connections <= alone + 16, f"{recorder.connections} connections for {sum(calls.values())} calls"
    recorder.calls.clear()
    recorder.connections = 0
    installation.run("run", "--once")
    again = collections.Counter((call.operation, call.region) for call in recorder.calls)
    assert again == {
        ("DescribeInstances", HOME): 1, ("DescribeVolumes", HOME): 1,
        # Ours, and everybody's that are under way.
        ("DescribeSnapshots", HOME): 2, ("DescribeSnapshots", DR): 2,
        ("DescribeLockedSnapshots", HOME): 1, ("DescribeLockedSnapshots", DR): 1,
        ("DescribeImages", HOME): 1, ("DescribeImages", DR): 1,
    }, "one page for each thousand, and nothing else, where nothing is due"
    assert recorder.connections <= 10
    recorder.close()
