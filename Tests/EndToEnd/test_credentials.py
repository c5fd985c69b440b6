"""Where credentials come from: the program and botocore over the same variables and files, and each source in turn."""

import os
import random
import re
import subprocess
import time

import botocore.exceptions
import botocore.session
import pytest
from conftest import ACCESS_KEY, SECRET_KEY, through
from key_recorder import IMDS_TOKEN, ROLES, Recorder, key_for, nothing
from support import FAKETIME, SNAPWARDEN, Aws, Installation, daemon, wait_for
from warp import Warp, fall_idle

CONFIG = """
fleet: acme
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { names: ["*"] } }
    schedule: { cron: "0 2 * * *" }
"""
ROLE = "arn:aws:iam::111122223333:role/backup"


class Place:
    """A home directory, a recorder, and what runs in them."""

    def __init__(self, folder, recorder):
        self.folder, self.recorder, self.before = folder, recorder, []
        (folder / ".aws").mkdir(exist_ok=True)
        (folder / "snapwarden.yaml").write_text(CONFIG)
        (folder / "web-token").write_text("web-token-of-the-pod\n")
        process = folder / "process"
        process.write_text("""#!/bin/sh\necho '{"Version": 1, "AccessKeyId": "PROCESS", "SecretAccessKey": "s"}'\n""")
        process.chmod(0o755)

    def write(self, credentials=None, config=None):
        for name, text in (("credentials", credentials), ("config", config)):
            path = self.folder / ".aws" / name
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_text(text.replace("~", str(self.folder)))

    def environment(self, **more):
        base = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "LIBDISPATCH_LOG": "NO", "NO_PROXY": "*",
            "AWS_ENDPOINT_URL": self.recorder.url, "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.recorder.url}
        filled = {
            name: value.replace("~", str(self.folder)).replace("RECORDER", self.recorder.url)
            for name, value in more.items() if value is not None}
        return {name: value for name, value in {**base, **filled}.items() if more.get(name, "") is not None}

    def run(self, *arguments, timeout=60, **more):
        command = [SNAPWARDEN, "--config", self.folder / "snapwarden.yaml", "--state-dir", self.folder / "state"]
        env = self.environment(**more)
        return subprocess.run(
            [*self.before, *through(env), *command, *(arguments or ["list"])], env=env, capture_output=True, text=True,
            timeout=timeout)

    def ours(self, **more):
        """Whose key signed the program's calls; None if it found no credentials."""
        self.recorder.seen.clear()
        done = self.run(**more)
        keys = self.recorder.keys
        assert len(keys) <= 1 and (done.returncode == 0) == bool(keys), done.stderr
        if not keys:
            assert "NoCredentials" in done.stderr, done.stderr
        return keys[0] if keys else None

    def botocores(self, monkeypatch, **more):
        """The same by botocore's resolver."""
        with monkeypatch.context() as patch:
            variables = self.environment(**more)
            for name in list(os.environ):
                patch.delenv(name)
            for name, value in variables.items():
                patch.setenv(name, value)
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            try:
                credentials = botocore.session.Session().get_credentials()
                return credentials and credentials.get_frozen_credentials().access_key
            except (botocore.exceptions.BotoCoreError, ValueError, OSError, KeyError):
                return None


@pytest.fixture
def place(tmp_path):
    with Recorder() as recorder:
        yield Place(tmp_path, recorder)


# Each variant of each ingredient; a case takes one of each.
def keys(name):
    return f"aws_access_key_id = {name}\naws_secret_access_key = s\n"


PROCESS = "credential_process = '~/process' --json\n"
PROFILE = [
    "", "region = eu-west-1\n", keys("CONFIG"), PROCESS, PROCESS + keys("CONFIG"),
    f"role_arn = {ROLE}\nsource_profile = base\n", f"role_arn = {ROLE}\nsource_profile = base\nexternal_id = x-1\n",
    f"role_arn = {ROLE}\nsource_profile = other\n", f"role_arn = {ROLE}\nsource_profile = nowhere\n",
    f"role_arn = {ROLE}\nsource_profile = SELF\n{keys('SELF')}", f"role_arn = {ROLE}\nsource_profile = SELF\n",
    f"role_arn = {ROLE}\n", f"role_arn = {ROLE}\nsource_profile = base\ncredential_source = Environment\n",
    f"role_arn = {ROLE}\ncredential_source = Environment\n", f"role_arn = {ROLE}\ncredential_source = EcsContainer\n",
    f"role_arn = {ROLE}\ncredential_source = Ec2InstanceMetadata\n", f"role_arn = {ROLE}\ncredential_source = Nothing\n",
    f"role_arn = {ROLE}\nweb_identity_token_file = ~/web-token\n", "web_identity_token_file = ~/web-token\n",
    f"  aws_access_key_id: INDENTED\n  aws_secret_access_key: s\n  s3 =\n    aws_access_key_id = NESTED\n",
]
FILE = ["", "", keys("FILE"), "aws_session_token = t\n" + keys("FILE"), f"role_arn = {ROLE}-file\nsource_profile = base\n"]
# Mistakes are rarer than the rest, or little else would be seen.
KEYS = [{}] * 8 + [{"AWS_ACCESS_KEY_ID": "ENVIRONMENT", "AWS_SECRET_ACCESS_KEY": "s"}, {"AWS_ACCESS_KEY_ID": "HALF"}]
NAMED = [{}, {"AWS_PROFILE": "p"}, {"AWS_DEFAULT_PROFILE": "p"}, {"AWS_PROFILE": "base", "AWS_DEFAULT_PROFILE": "p"}]
NAMED = NAMED * 3 + [{"AWS_PROFILE": "absent"}]
WEB = [{}] * 8 + [
    {"AWS_WEB_IDENTITY_TOKEN_FILE": "~/web-token", "AWS_ROLE_ARN": f"{ROLE}-web"},
    {"AWS_WEB_IDENTITY_TOKEN_FILE": "~/web-token"}]
CONTAINER = [{}] * 4 + [
    {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "RECORDER/container"}] * 3 + [
    {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/container"}]
INSTANCE = [{}, {}, {"AWS_EC2_METADATA_DISABLED": "true"}]


def draw(dice):
    """Files and variables of one case."""
    named = dice.choice(NAMED)
    name = "p" if named and "absent" not in named.values() else "default"
    header = "[default]" if name == "default" else f"[profile {name}]"
    profile = dice.choice(PROFILE).replace("SELF", name)
    config = f"{header}\n{profile}\n[profile base]\n{keys('BASE')}\n[profile other]\n"
    config += dice.choice([f"role_arn = {ROLE}-other\nsource_profile = base\n", PROCESS, f"role_arn = X\nsource_profile = {name}\n"])
    file = dice.choice(FILE)
    credentials = f"[{name}]\n{file}" if file else dice.choice([None, "[unrelated]\n" + keys("UNRELATED")])
    variables = {}
    for ingredient in (KEYS, WEB, CONTAINER, INSTANCE):
        variables |= dice.choice(ingredient)
    return credentials, dice.choice([config] * 5 + [None]), variables | named


def test_the_same_key_as_botocore(place, monkeypatch):
    """150 cases; each must come out as in botocore, and every source must have been the one several times."""
    dice, seen = random.Random(20261120), {}
    for number in range(150):
        credentials, config, variables = draw(dice)
        place.write(credentials, config)
        theirs, ours = place.botocores(monkeypatch, **variables), place.ours(**variables)
        assert ours == theirs, f"case {number}: {variables}\n--- credentials\n{credentials}\n--- config\n{config}"
        seen[ours] = seen.get(ours, 0) + 1
    sources = {
        "ENVIRONMENT", "FILE", "CONFIG", "PROCESS", "SELF", "BASE", "INDENTED", None, key_for("container"), key_for("instance"),
        key_for(ROLE, "", "BASE"), key_for(ROLE, "x-1", "BASE"), key_for(f"{ROLE}-file", "", "BASE"),
        key_for(f"{ROLE}-web", "", "web-token-of-the-pod"), key_for(ROLE, "", "web-token-of-the-pod")}
    assert sources - {"SELF", "BASE"} <= set(seen), f"never: {sources - set(seen)}; seen {seen}"


def test_a_role_of_a_role_of_a_process(place, monkeypatch):
    place.write(config=(
        f"[default]\nrole_arn = {ROLE}\nexternal_id = x/1\nrole_session_name = nightly\nduration_seconds = 1800\n"
        f"source_profile = middle\n[profile middle]\nrole_arn = {ROLE}-m\nsource_profile = tool\n"
        f"[profile tool]\n{PROCESS}"))
    key = place.ours()
    calls = place.recorder.calls("AssumeRole")
    assert [(c["key"], c["form"]["RoleArn"]) for c in calls] == [
        ("PROCESS", f"{ROLE}-m"), (key_for(f"{ROLE}-m", "", "PROCESS"), ROLE)]
    assert calls[1]["form"]["ExternalId"] == "x/1" and calls[1]["form"]["DurationSeconds"] == "1800"
    assert [c["form"]["RoleSessionName"] for c in calls] == ["snapwarden", "nightly"]
    assert key == place.botocores(monkeypatch)


@pytest.mark.parametrize("profile, words", [
    ("sso_session = s\nsso_account_id = 1\nsso_role_name = r\n", "signs in through IAM Identity Center"),
    (f"role_arn = {ROLE}\nsource_profile = base\nmfa_serial = m\n[profile base]\n{keys('B')}", "has mfa_serial"),
    ("login_session = s\n", "signs in through aws login"),
])
def test_what_needs_a_person_is_refused(place, profile, words):
    place.write(config=f"[default]\n{profile}")
    done = place.run()
    assert done.returncode != 0 and words in done.stderr and not place.recorder.seen


def test_systemds_credential(place):
    """`LoadCredential=aws-credentials:…` is all that a service needs."""
    place.write(credentials=f"[default]\n{keys('HOME')}")
    folder = place.folder / "credentials"
    folder.mkdir()
    assert place.ours(CREDENTIALS_DIRECTORY=str(folder)) == "HOME"
    (folder / "aws-credentials").write_text(f"[default]\n{keys('SYSTEMD')}")
    assert place.ours(CREDENTIALS_DIRECTORY=str(folder)) == "SYSTEMD"


# The instance metadata service


def test_the_instance_is_asked_by_version_2(place):
    assert place.ours(HTTP_PROXY="http://127.0.0.1:1", http_proxy="http://127.0.0.1:1") == key_for("instance")
    asked = [c for c in place.recorder.seen if c["path"].startswith("/latest")]
    assert [(c["method"], c["path"]) for c in asked] == [
        ("PUT", "/latest/api/token"), ("GET", ROLES), ("GET", f"{ROLES}backup-role")]
    assert asked[0]["headers"]["x-aws-ec2-metadata-token-ttl-seconds"] == "21600"
    assert [c["headers"].get("x-aws-ec2-metadata-token") for c in asked] == [None, IMDS_TOKEN, IMDS_TOKEN]


@pytest.mark.parametrize("allowed", [False, True])
def test_version_1_only_if_somebody_says_so(place, allowed):
    place.recorder.answers = {
        "/latest/api/token": (403, ""), ROLES: (200, "backup-role"),
        f"{ROLES}backup-role": (200, place.recorder.document("instance"))}
    settings = {"AWS_EC2_METADATA_V1_DISABLED": "false"} if allowed else {}
    assert place.ours(**settings) == (key_for("instance") if allowed else None)
    assert len([c for c in place.recorder.seen if c["path"].startswith("/latest")]) == (3 if allowed else 1)


def test_no_instance_at_all(place):
    """A laptop: one second, and a text that says where was looked and what to do."""
    start = time.monotonic()
    done = place.run(AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:1")
    assert time.monotonic() - start < 10 and done.returncode != 0
    assert "looked in AWS_ACCESS_KEY_ID, " in done.stderr and "No such file or directory" in done.stderr
    assert "the instance metadata service http://127.0.0.1:1/:" in done.stderr and "or give the instance a role" in done.stderr


# Containers


def test_a_containers_token(place):
    full = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "RECORDER/container/v1?x=1"}
    (place.folder / "token").write_text("Bearer of-the-file")
    place.ours(**full, AWS_CONTAINER_AUTHORIZATION_TOKEN="Bearer of-the-variable")
    assert place.recorder.seen[0]["headers"]["authorization"] == "Bearer of-the-variable"
    assert place.recorder.seen[0]["path"] == "/container/v1?x=1"
    place.ours(
        **full, AWS_CONTAINER_AUTHORIZATION_TOKEN="x", AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE="~/token")
    assert place.recorder.seen[0]["headers"]["authorization"] == "Bearer of-the-file"


def test_a_container_that_refuses(place):
    place.recorder.answers = {"/container": (500, "out of order")}
    done = place.run(AWS_CONTAINER_CREDENTIALS_FULL_URI="RECORDER/container")
    assert done.returncode != 0 and "the endpoint answers with HTTP 500" in done.stderr
    assert len(place.recorder.seen) % 3 == 0 and "out of order" not in done.stderr


def test_a_redirect_is_not_followed(place):
    """The token must not go where somebody else points to."""
    place.recorder.answers = {"/container": (302, "Location: http://127.0.0.1:1/")}
    assert place.ours(AWS_CONTAINER_CREDENTIALS_FULL_URI="RECORDER/container") is None


# Processes


def program(place, body):
    path = place.folder / "tool"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    place.write(config=f"[default]\ncredential_process = '{path}' 'a b' \"c\\\"d\" e\\ f\n")
    return path


GOOD = """printf '{"Version": 1, "AccessKeyId": "TOOL", "SecretAccessKey": "s", "SessionToken": "t"}'"""


def test_a_process_gets_its_words_and_nothing_else(place):
    program(place, f"""
        printf '%s\\n' "$@" >~/words; ls -l /proc/$$/fd >~/descriptors; env >~/variables; cat >~/input
        cat /proc/$$/status >~/status; echo noise >&2
        {GOOD}""")
    place.before = ["env", "--ignore-signal=TERM"]
    assert place.ours(NOTIFY_SOCKET="/nowhere", WATCHDOG_USEC="600000000", HELLO="world") == "TOOL"
    assert (place.folder / "words").read_text() == 'a b\nc"d\ne f\n'
    assert (place.folder / "input").read_text() == ""
    variables = (place.folder / "variables").read_text()
    assert "HELLO=world" in variables and "NOTIFY_SOCKET" not in variables and "WATCHDOG" not in variables
    descriptors = (place.folder / "descriptors").read_text()
    assert "socket:" not in descriptors and "sqlite" not in descriptors
    ignored = re.search(r"SigIgn:\t(\w+)", (place.folder / "status").read_text())[1]
    assert int(ignored, 16) & 0x7FFFFFFF == 0, "the daemon's own handling of signals is not inherited"
    assert place.recorder.seen[0]["headers"]["x-amz-security-token"] == "t"


@pytest.mark.parametrize("body, words", [
    ("echo hush-hush; echo hush-hush >&2; exit 3", "ended with exit code 3: run it by hand as this user to see why"),
    ("echo hush-hush", "printed no JSON of credentials (what it printed is not shown)"),
    ("""printf '{"Version": 2, "AccessKeyId": "hush-hush"}'""", 'its answer has not "Version": 1'),
    ("kill -9 $$", "was ended by signal 9"),
    ("yes hush-hush", "printed more than credentials are long, and was ended"),
])
def test_a_process_that_is_no_good(place, body, words):
    program(place, body)
    done = place.run()
    assert done.returncode != 0 and words in done.stderr, done.stderr
    assert "hush" not in done.stderr + done.stdout and not place.recorder.keys


def test_a_process_that_is_not_there(place):
    place.write(config="[default]\ncredential_process = /nowhere/tool\n")
    assert "(/nowhere/tool) cannot be started: No such file or directory" in place.run().stderr


def test_a_process_that_hangs_is_ended_with_its_children(place):
    """Sixty seconds, which a faster clock makes one."""
    program(place, "echo $$ >~/pid; sleep 1000 & echo $! >~/child; wait")
    fast = {"LD_PRELOAD": FAKETIME, "FAKETIME": "+0 x60"}
    start = time.monotonic()
    done = place.run(**fast)
    assert "took longer than 60 s, and was ended" in done.stderr, done.stderr
    assert time.monotonic() - start < 30
    for name in ("pid", "child"):
        pid = int((place.folder / name).read_text())
        state = f"/proc/{pid}/stat"
        assert not os.path.exists(state) or open(state).read().split()[2] == "Z"


# Renewal


def test_the_daemon_renews_in_time(tmp_path, start_sandbox, seed):
    """A day in the life of a daemon with sessions of 15 minutes: one for each pass, and no call bears a dead one."""
    clock = Warp(tmp_path)
    seed["roles"] = [{"arn": ROLE, "external-id": "x-1"}]
    sandbox = start_sandbox(seed, env=clock.environment)
    (tmp_path / "config").write_text(
        f"[default]\nrole_arn = {ROLE}\nexternal_id = x-1\nduration_seconds = 900\nsource_profile = base\n"
        f"[profile base]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n")
    variables = {
        "AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "",
        "WATCHDOG_USEC": "2000000"}
    installation = Installation(tmp_path, Aws(sandbox.url), CONFIG.replace("0 2 * * *", "0 2 1 1 *"), clock)

    def calls(operation):
        return [c for c in sandbox.admin("GET", "requests") if c["operation"] == operation]

    with daemon(installation, **variables) as process:
        for passes in range(1, 5):
            wait_for(lambda: len(calls("DescribeInstances")) >= passes)
            # A pass that is still going on would end at the new time, and the next be due an hour after it.
            fall_idle(process, sandbox.process)
            clock.set(passes * 6 * 3600)
        wait_for(lambda: len(calls("DescribeInstances")) >= 5)
    assert {c["outcome"] for c in sandbox.admin("GET", "requests")} == {"ok"}
    roles = calls("AssumeRole")
    assert len(roles) == 5 and {c["access-key"] for c in roles} == {ACCESS_KEY}
    sessions = [c["access-key"] for c in calls("DescribeInstances")]
    assert len(set(sessions)) == 5 and all(s.startswith("ASIA") for s in sessions)


def test_an_expired_token_is_renewed_and_the_call_repeated(place):
    """Whatever the session's end: AWS's word counts."""
    numbers = iter(range(1000))

    def session(call):
        return 200, place.recorder.session(call).replace("ASIA", f"ASIB{next(numbers)}X", 1)

    expired = []

    def describe(call):
        if call["key"].startswith("ASIB0X"):
            expired.append(call["action"])
            return 400, (
                "<Response><Errors><Error><Code>RequestExpired</Code><Message>Request has expired.</Message></Error>"
                "</Errors><RequestID>r</RequestID></Response>")
        return 200, nothing(call["action"])

    place.recorder.answers = {"AssumeRole": session} | {
        f"Describe{what}": describe for what in ("Snapshots", "Instances", "Volumes", "LockedSnapshots", "Images")}
    place.write(config=f"[default]\nrole_arn = {ROLE}\nsource_profile = base\n[profile base]\n{keys('BASE')}")
    done = place.run()
    assert done.returncode == 0, done.stderr
    assert expired and len(place.recorder.calls("AssumeRole")) == 2
