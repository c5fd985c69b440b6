"""Where AWS is, which copies can get where, and under which key: the programs as a person meets them."""

import subprocess

import pytest

from support import SNAPWARDEN, Installation, environment

CONFIG = """
fleet: acme
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { ids: [i-0a1b2c3d4e5f60001] } }
    schedule: { every: 24h }
    first: now
    copies: [{ region: eu-west-1, kms-key: KEY }]
"""
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
START = "arn:aws:kms:eu-west-1:123456789012:"


@pytest.mark.parametrize("key,shown", [
    ("alias/dr", START + "alias/dr"), (ID, START + "key/" + ID),
    (f'"{START}key/{ID}"', START + "key/" + ID), (f'"{START}alias/dr"', START + "alias/dr"),
])
def test_every_name_of_a_key_reaches_the_copy_and_is_known_again(tmp_path, start_sandbox, seed, key, shown):
    sandbox = start_sandbox(seed)
    installation = Installation(tmp_path, type("Aws", (), {"endpoint": sandbox.url}), CONFIG.replace("KEY", key))
    away = sandbox.client("ec2", "eu-west-1")

    def copies():
        return away.describe_snapshots(OwnerIds=["self"])["Snapshots"]

    installation.run("run", "--once")
    first = copies()
    assert first and {copy["KmsKeyId"] for copy in first} == {shown}
    assert {tag["Value"] for copy in first for tag in copy["Tags"] if tag["Key"] == "snapwarden:key"} == {key.strip('"')}
    installation.run("run", "--once")
    # The same key by another name: nothing is copied again.
    other = {"alias/dr": f'"{START}alias/dr"'}.get(key, ID)
    installation.config.write_text(CONFIG.replace("KEY", other))
    installation.run("run", "--once")
    assert [copy["SnapshotId"] for copy in copies()] == [copy["SnapshotId"] for copy in first]
    assert installation.run("doctor").returncode == 0


def checked(tmp_path, text):
    path = tmp_path / "c.yaml"
    path.write_text(text)
    done = subprocess.run(
        [SNAPWARDEN, "--config", path, "check"], capture_output=True, text=True, env=environment("http://127.0.0.1:1"))
    lines = done.stderr.replace(f"{path}:", "").splitlines()
    return done.returncode, [line for line in lines if not line.endswith(("problem", "problems"))]


@pytest.mark.parametrize("old,new,problem", [
    ("KEY", "dr", "10:44: kms-key: \"dr\" is no key's name: write alias/dr if that is its alias, else its id, such as "
     f"{ID}, or its ARN"),
    ("KEY", "arn:aws:kms:us-east-1:123456789012:alias/dr",
     '10:44: kms-key: "arn:aws:kms:us-east-1:123456789012:alias/dr" is in us-east-1, and copies in eu-west-1 need a key '
     "of eu-west-1: name one of that region"),
    ("eu-west-1, kms-key: KEY", "cn-north-1", "10:24: copies: AWS copies nothing from us-east-1, which is in the partition "
     "aws, to cn-north-1 in aws-cn: name a region of aws"),
])
def test_check_says_what_cannot_be_copied(tmp_path, old, new, problem):
    status, problems = checked(tmp_path, CONFIG.replace(old, new))
    assert (status, problems) == (10, [problem])


def test_check_knows_where_lightsail_is(tmp_path):
    text = CONFIG.replace("ec2-instances: { ids: [i-0a1b2c3d4e5f60001] }", "lightsail-instances: { names: [web] }")
    text = text.replace("    copies: [{ region: eu-west-1, kms-key: KEY }]\n", "")
    assert checked(tmp_path, text)[0] == 0
    [problem] = checked(tmp_path, text.replace("us-east-1", "us-west-1"))[1]
    assert problem.startswith('6:15: regions: there is no Lightsail in us-west-1 (did you mean "us-west-2"?): take ')
    assert problem.endswith("eu-west-3, us-east-1, us-east-2, us-west-2")
    [problem] = checked(tmp_path, text.replace("us-east-1", "us-gov-west-1"))[1]
    assert problem == (
        "6:15: regions: there is no Lightsail in the partition aws-us-gov, to which us-gov-west-1 belongs: take "
        "lightsail-instances or us-gov-west-1 out of this policy")


@pytest.mark.parametrize("more,profile,complaint", [
    ({"AWS_USE_FIPS_ENDPOINT": "yes"}, "", "AWS_USE_FIPS_ENDPOINT: expected true or false, got \"yes\""),
    ({"AWS_USE_FIPS_ENDPOINT": "true"}, "",
     "AWS_USE_FIPS_ENDPOINT: cannot be true where an endpoint is given (AWS_ENDPOINT_URL…), which is used as it is: unset "
     "one, or set AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"),
    ({}, "use_dualstack_endpoint = 1", 'use_dualstack_endpoint of profile "default": expected true or false, got "1"'),
])
def test_switches_that_cannot_be_obeyed_stop_the_start(tmp_path, more, profile, complaint):
    (tmp_path / "config").write_text(f"[default]\n{profile}\n")
    path = tmp_path / "c.yaml"
    path.write_text(CONFIG.replace("KEY", "alias/dr"))
    done = subprocess.run(
        [SNAPWARDEN, "--config", path, "--state-dir", tmp_path, "plan"], capture_output=True, text=True,
        env=environment("http://127.0.0.1:1", AWS_CONFIG_FILE=str(tmp_path / "config"), **more))
    assert (done.returncode, done.stderr) == (1, f"snapwarden: {complaint}\n")


def test_fips_and_dual_stack_hosts_are_asked_for(tmp_path):
    """Nothing answers behind this proxy: what it is asked for is what the program says."""
    path = tmp_path / "c.yaml"
    path.write_text(CONFIG.replace("KEY", "alias/dr"))
    settings = environment("", AWS_USE_FIPS_ENDPOINT="true", HTTPS_PROXY="http://127.0.0.1:1") | {"NO_PROXY": ""}
    done = subprocess.run(
        [SNAPWARDEN, "--config", path, "--state-dir", tmp_path, "plan"], capture_output=True, text=True,
        env=settings | {"AWS_USE_DUALSTACK_ENDPOINT": "true"}, timeout=120)
    assert "https://ec2-fips.us-east-1.api.aws/: " in done.stderr and "https://ec2-fips.eu-west-1.api.aws/: " in done.stderr
