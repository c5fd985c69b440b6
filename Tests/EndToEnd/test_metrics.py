"""The metrics file, read by Prometheus's own parser."""

import os
import stat

import pytest
from conftest import DR, HOME
from prometheus_client.parser import text_string_to_metric_families
from support import Aws, Installation, daemon, wait_for

CONFIG = """
fleet: acme
timing: {{ consistency: 1s, poll-first: 1s, poll-longest: 1s }}
metrics-file: {path}
policies:
  web:
    regions: [us-east-1]
    select: {{ ec2-instances: {{ ids: [i-1] }} }}
    schedule: {{ cron: "0 2 * * *" }}
    first: now
    copies: [{{ region: eu-west-1 }}]
    rpo: {{ local: 26h, dr: 30h }}
"""
SEED = {
    "regions": [HOME, DR], "timings": {"snapshot-seconds": 0, "copy-seconds": 0},
    "ec2-instances": [
        {"id": "i-1", "name": 'the "old"\\web', "volumes": [{"id": "vol-a", "device": "/dev/xvda", "boot": True}]}],
}


class Site:
    def __init__(self, folder, sandbox):
        self.sandbox, self.path = sandbox, folder / "metrics" / "snapwarden.prom"
        self.path.parent.mkdir()
        self.installation = Installation(folder, Aws(sandbox.url), CONFIG.format(path=self.path))

    def families(self):
        if not self.path.exists():
            return {}
        return {family.name: family for family in text_string_to_metric_families(self.path.read_text())}

    def values(self, name):
        """The samples of a metric, by region and side where there are several."""
        family = self.families().get(f"snapwarden_{name}")
        return {(s.labels.get("region"), s.labels.get("side"), s.labels.get("state")): s.value
                for s in (family.samples if family else [])}


@pytest.fixture
def site(tmp_path, start_sandbox):
    return Site(tmp_path, start_sandbox(SEED))


def test_says_how_old_the_data_is(site):
    with daemon(site.installation):
        wait_for(lambda: site.values("points").get((DR, "copy", "usable")) == 1)
        taken = Aws(site.sandbox.url).snapshots(HOME)[0]["StartTime"].timestamp()
        assert site.values("newest_data_timestamp_seconds") == {(HOME, "home", None): int(taken), (DR, "copy", None): int(taken)}
        objectives = site.values("objective_seconds")
        assert objectives == {(HOME, "home", None): 26 * 3600, (DR, "copy", None): 30 * 3600}
        assert set(site.values("objective_met").values()) == {1}
        for name in ("config_ok", "ledger_usable", "inventory_complete"):
            assert site.values(name) == {(None, None, None): 1}, name
        families = site.families()
        assert families["snapwarden_info"].samples[0].labels["fleet"] == "acme"
        assert {s.labels["name"] for s in families["snapwarden_points"].samples} == {'the "old"\\web (i-1)'}
        assert all(family.documentation for family in families.values())
        calls = {s.labels["operation"]: s.value for s in families["snapwarden_api_calls"].samples}
        said = [call["operation"] for call in site.sandbox.admin("GET", "requests")]
        assert calls["CreateSnapshots"] == 1 and calls["CopySnapshot"] == 1
        assert 0 < calls["DescribeSnapshots"] <= said.count("DescribeSnapshots")
    assert [path.name for path in site.path.parent.iterdir()] == ["snapwarden.prom"]
    assert stat.S_IMODE(site.path.stat().st_mode) == 0o644


def test_what_fails_shows(site):
    site.sandbox.admin("POST", "faults", [{"operation": "CreateSnapshots", "kind": "throttle", "count": 2}])
    site.sandbox.admin("POST", "set", {"denied": ["ec2:CopySnapshot"]})
    with daemon(site.installation):
        wait_for(lambda: site.values("failures_in_a_row"))
        [failing] = site.families()["snapwarden_failures_in_a_row"].samples
        assert (failing.labels["action"], failing.labels["region"]) == ("copy", DR) and failing.value >= 1
        throttled = {s.labels["operation"]: s.value for s in site.families()["snapwarden_api_throttles"].samples}
        assert throttled["CreateSnapshots"] == 2
        assert site.values("objective_met") == {(HOME, "home", None): 1, (DR, "copy", None): 0}


def test_where_it_cannot_be_written_protection_goes_on(site):
    """Said once, with what helps."""
    site.path.parent.rmdir()
    with daemon(site.installation):
        wait_for(lambda: len(Aws(site.sandbox.url).snapshots(DR)) == 1)
        log = site.installation.folder / "daemon.log"
        wait_for(lambda: "metrics cannot be written" in log.read_text())
        site.path.parent.mkdir()
        os.utime(site.path.parent)
        assert log.read_text().count("metrics cannot be written") == 1


@pytest.mark.parametrize("path", ["snapwarden.prom", "/var/lib/snapwarden.txt"])
def test_a_path_that_nobody_reads_is_refused(site, path):
    site.installation.config.write_text(CONFIG.format(path=path))
    said = site.installation.run("check", code=10)
    assert f"snapwarden.yaml:4:15: metrics-file: expected the whole path of a file that ends in .prom, got \"{path}\"" in (
        said.stdout + said.stderr)
