"""The README's runbook, executed word for word where the home region is lost."""

import pathlib
import re
import subprocess

import pytest
from conftest import DR, HOME, ROOT, program
from support import Installation, tags
from test_lost_region import Outage

CONFIG = (ROOT / "config/samples/quickstart.yaml").read_text()


class Place:
    """Where the programs find an AWS."""

    def __init__(self, sandbox):
        self.endpoint = sandbox.url


def commands():
    """What stands in the runbook's blocks of commands, in their order."""
    text = (ROOT / "README.md").read_text()
    section = text.split("### Runbook: the home region is lost")[1].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert len(blocks) == 4
    return blocks


@pytest.fixture
def lost(tmp_path, start_sandbox, seed):
    seed["timings"] = {"snapshot-seconds": 0, "copy-seconds": 0, "instance-seconds": 1}
    sandbox = start_sandbox(seed)
    (tmp_path / "old").mkdir()
    Installation(tmp_path / "old", Place(sandbox), CONFIG).run("run", "--once")
    outage = Outage(sandbox)
    yield sandbox, outage
    outage.end()


def test_word_for_word(tmp_path, lost):
    sandbox, outage = lost
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "snapwarden.yaml").write_text(CONFIG)
    environment = Installation(folder, outage, CONFIG).environment()
    environment["PATH"] = f"{pathlib.Path(program('snapwarden')).parent}:{environment['PATH']}"
    blocks = commands()
    # A person's shell would keep what the first block exports.
    [export] = re.findall(r"^export .*$", blocks[0], re.MULTILINE)

    def run(block):
        done = subprocess.run(
            ["bash", "-ec", f"{export}\n{block}"], cwd=folder, env=environment, capture_output=True, text=True,
            timeout=120)
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    shown = run(blocks[0])
    assert all(name in shown for name in ("web-1", "web-2", "db-1", "blog", "shop"))
    ec2, lightsail = sandbox.client("ec2", DR), sandbox.client("lightsail", DR)
    planned = run(blocks[1])
    assert "ec2:RunInstances" in planned and "lightsail:CreateInstancesFromSnapshot" in planned
    assert ec2.describe_instances()["Reservations"] == [] and lightsail.get_instances()["instances"] == []
    run(blocks[2])
    [reservation] = ec2.describe_instances()["Reservations"]
    [web] = reservation["Instances"]
    assert web["State"]["Name"] == "running" and tags(web)["Name"] == "web-1"
    sizes = {v["Attachments"][0]["Device"]: v["Size"] for v in ec2.describe_volumes()["Volumes"]}
    assert sizes == {"/dev/xvda": 8, "/dev/sdf": 50, "/dev/sdg": 20}
    [blog] = lightsail.get_instances()["instances"]
    assert (blog["name"], blog["state"]["name"]) == ("blog", "running")
    original = sandbox.client("lightsail", HOME).get_instance(instanceName="blog")["instance"]
    assert blog["networking"]["ports"] == original["networking"]["ports"]
    run(blocks[3])
    assert lightsail.get_instances()["instances"] == [] and lightsail.get_disks()["disks"] == []
    assert outage.refused == 0, "the lost region is not asked for anything"
