"""Nothing that is secret is ever shown: in no log, error, ledger or command line, whatever AWS and others answer.

There is no level of logging to raise: what the program has to say, it says at every level.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import urllib.parse

import pytest
from key_recorder import ROLES, Recorder, in_an_hour
from support import ROOT, SNAPWARDEN, needs_root, wait_for

SECRETS = {
    "key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "token": "FwoGZXIvYXdzEBYaDH/session+token==",
    "container": "Bearer container/authorization+token", "web": "eyJhbGciOiJSUzI1NiJ9.web/identity+token.c2lnbmF0dXJl",
    "imds": "AQAEAF7-instance/metadata+token=="}
CONFIG = """
fleet: acme
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { names: ["*"] }, lightsail-instances: { names: ["*"] } }
    schedule: { cron: "* * * * *" }
    first: now
    copies: [{ region: eu-west-1 }]
"""


def document(name):
    return json.dumps({
        "Version": 1, "Code": "Success", "AccessKeyId": f"ASIA{name.upper()}", "SecretAccessKey": SECRETS["key"],
        "Token": SECRETS["token"], "SessionToken": SECRETS["token"], "Expiration": in_an_hour()})


def session(call):
    action = call["action"]
    return 200, (
        f"<{action}Response><{action}Result><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>"
        f"{SECRETS['key']}</SecretAccessKey><SessionToken>{SECRETS['token']}</SessionToken><Expiration>{in_an_hour()}"
        f"</Expiration></Credentials></{action}Result></{action}Response>")


def echo(call):
    """All of a request, and what AWS knows besides, as it quotes the canonical request when a signature does not match."""
    known = [SECRETS["key"]] if call["key"] else []
    known += [call["headers"][name] for name in ("x-amz-security-token",) if name in call["headers"]]
    everything = json.dumps([call["headers"], call["form"], known, [urllib.parse.quote(s, safe="") for s in known]])
    return everything.replace("&", "&amp;").replace("<", "&lt;")


def error(code, status):
    def answer(call):
        if "x-amz-target" in call["headers"]:
            return status, json.dumps({"__type": code, "message": echo(call)})
        return status, (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{echo(call)}</Message></Error></Errors>"
            "<RequestID>r</RequestID></Response>")
    return answer


def sts_error(call):
    return 403, (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>{echo(call)}</Message>"
        "</Error><RequestId>r</RequestId></ErrorResponse>")


INSTANCES = """<DescribeInstancesResponse><reservationSet><item><reservationId>r-1</reservationId><ownerId>1</ownerId>
<instancesSet><item><instanceId>i-0a1b2c3d4e5f60001</instanceId><instanceState><code>16</code><name>running</name>
</instanceState><rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName>
<ebs><volumeId>vol-1</volumeId><status>attached</status></ebs></item></blockDeviceMapping></item></instancesSet></item>
</reservationSet></DescribeInstancesResponse>"""


class Everything(Recorder):
    """An AWS of which `mood` says how it answers."""

    mood = "good"

    def answer(self, call):
        action = call["action"] or call["headers"].get("x-amz-target", "").partition(".")[2]
        if call["path"].startswith("/container"):
            return (200, document("container")) if self.mood != "no credentials" else (403, json.dumps(SECRETS))
        if call["path"] == "/latest/api/token":
            return 200, SECRETS["imds"]
        if call["path"].startswith(ROLES):
            if self.mood == "no credentials":
                return 500, json.dumps(SECRETS)
            return 200, "role" if call["path"] == ROLES else document("instance")
        if action.startswith("AssumeRole"):
            return session(call) if self.mood != "no credentials" else sts_error(call)
        if self.mood == "refusing":
            return error("SignatureDoesNotMatch", 403)(call)
        if self.mood == "expired":
            return error("ExpiredTokenException", 400)(call)
        if self.mood == "broken":
            return 500, echo(call)
        if self.mood == "garbage":
            return 200, echo(call)
        if action == "DescribeInstances":
            return 200, INSTANCES
        if action.startswith(("Create", "Copy", "Delete")):
            return error("InvalidParameterValue", 400)(call)
        if "x-amz-target" in call["headers"]:
            return 200, "{}"
        return super().answer(call)


def sources(place, url):
    """Variables and files for each kind of source."""
    (place / "web").write_text(SECRETS["web"])
    (place / "container").write_text(SECRETS["container"])
    (place / "tool").write_text(f"#!/bin/sh\ncat <<'END'\n{document('tool')}\nEND\n")
    (place / "bad-tool").write_text(f"#!/bin/sh\necho '{SECRETS['key']}'; echo '{SECRETS['token']}' >&2; exit 1\n")
    for tool in ("tool", "bad-tool"):
        (place / tool).chmod(0o755)
    keys = f"aws_access_key_id = AKIAFILE\naws_secret_access_key = {SECRETS['key']}\n"
    (place / "config").write_text(
        f"[profile tool]\ncredential_process = {place}/tool\n[profile bad-tool]\ncredential_process = {place}/bad-tool\n"
        f"[profile role]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = keys\n[profile keys]\n{keys}")
    (place / "torn").write_text(f"[default]\naws_access_key_id = A\n{SECRETS['key']}\n")
    named = {"AWS_CONFIG_FILE": str(place / "config")}
    return {
        "environment": {
            "AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": SECRETS["key"], "AWS_SESSION_TOKEN": SECRETS["token"]},
        "file": named | {"AWS_PROFILE": "keys"}, "role": named | {"AWS_PROFILE": "role"},
        "tool": named | {"AWS_PROFILE": "tool"}, "bad tool": named | {"AWS_PROFILE": "bad-tool"},
        "torn file": {"AWS_SHARED_CREDENTIALS_FILE": str(place / "torn")},
        "web identity": {
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(place / "web"), "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/r"},
        "container": {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/container",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(place / "container")},
        "instance": {"AWS_EC2_METADATA_SERVICE_ENDPOINT": url},
    }


def needles():
    """Each secret as it is, as JSON, in a URL, and in base64's and HTML's company; and the looks of a signature."""
    forms = set()
    for secret in SECRETS.values():
        for text in (secret, secret.removeprefix("Bearer ")):
            forms |= {text, text.replace("/", "\\/"), urllib.parse.quote(text, safe=""), urllib.parse.quote(text)}
    return [re.compile(re.escape(form).encode()) for form in forms] + [re.compile(rb"[0-9a-fA-F]{64}"), re.compile(rb"Signature=[0-9a-f]")]


def found(data):
    return [needle.pattern for needle in needles() if needle.search(data)]


def test_the_needles_find_something():
    call = {"headers": {"authorization": "AWS4-HMAC-SHA256 Signature=" + "ab" * 32}, "form": SECRETS, "key": "A"}
    assert len(found(echo(call).encode())) >= len(SECRETS) + 1


def commands_of(pid):
    """The command lines of a process and of its children."""
    lines = [pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()]
    with contextlib.suppress(OSError):
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                lines.append(pathlib.Path(f"/proc/{child}/cmdline").read_bytes())
    return b"\n".join(lines)


# Those with which every call is repeated for a while come with one source alone.
QUICK = ["good", "refusing", "expired", "no credentials"]
SLOW = ["broken", "garbage"]


def install(folder, aws, source, **more):
    """A command line and its environment."""
    (folder / "snapwarden.yaml").write_text(CONFIG)
    (folder / "state").mkdir()
    env = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "LIBDISPATCH_LOG": "NO", "NO_PROXY": "*",
        "AWS_ENDPOINT_URL": aws.url} | sources(folder, aws.url)[source] | more
    return [SNAPWARDEN, "--config", folder / "snapwarden.yaml", "--state-dir", folder / "state"], env


def state(folder):
    return b"".join(path.read_bytes() for path in (folder / "state").rglob("*") if path.is_file())


@pytest.mark.parametrize("source, moods", [
    ("environment", QUICK + SLOW), ("file", QUICK), ("role", QUICK), ("tool", QUICK), ("bad tool", ["good"]),
    ("torn file", ["good"]), ("web identity", QUICK), ("container", QUICK), ("instance", QUICK)])
def test_commands_and_the_daemon_show_no_secret(tmp_path, source, moods):
    hasKeys = source not in ("bad tool", "torn file")
    with Everything() as aws:
        command, env = install(tmp_path, aws, source, WATCHDOG_USEC="2000000")
        shown = b""
        for mood in moods:
            aws.mood = mood
            aws.seen.clear()
            log = tmp_path / f"{mood}.log"
            with log.open("wb") as file:
                process = subprocess.Popen([*command, "run", "--log-format", "json"], env=env, stdout=file, stderr=file)
                try:
                    wait_for(lambda: aws.seen or not hasKeys and b"NoCredentials" in log.read_bytes())
                    shown += commands_of(process.pid)
                    done = subprocess.run([*command, "plan"], env=env, capture_output=True, timeout=120)
                    shown += done.stdout + done.stderr
                finally:
                    process.send_signal(signal.SIGTERM)
                    process.wait(60)
            shown += log.read_bytes()
            assert (done.returncode == 0) == (hasKeys and (mood == "good" or mood == "no credentials" and source in (
                "environment", "file", "tool"))), done.stderr.decode()
            assert not hasKeys or any(c["key"] for c in aws.seen) or mood == "no credentials"
    assert len(shown) > 500 and state(tmp_path)
    assert not found(shown), shown.decode(errors="replace")
    assert not found(state(tmp_path))


def test_a_run_that_fails_writes_no_secret_into_the_ledger(tmp_path):
    """Every creation is refused with a text full of secrets, which goes into the ledger as the reason."""
    with Everything() as aws:
        command, env = install(tmp_path, aws, "role")
        done = subprocess.run([*command, "run", "--once"], env=env, capture_output=True, timeout=120)
        assert any(c["action"] == "CreateSnapshots" for c in aws.seen)
        status = subprocess.run([*command, "status", "--output", "json"], env=env, capture_output=True, timeout=120)
    kept = state(tmp_path)
    assert b"InvalidParameterValue" in done.stdout + done.stderr and b"(secret)" in done.stdout + done.stderr
    assert b"InvalidParameterValue" in kept, "the reason is kept"
    for data in (done.stdout + done.stderr, status.stdout + status.stderr, kept):
        assert not found(data), data.decode(errors="replace")


@needs_root
@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
def test_the_journal_shows_no_secret(tmp_path):
    """The daemon under a journald of its own."""
    with Everything() as aws:
        aws.mood = "refusing"
        _, variables = install(tmp_path, aws, "role")
        script = f"""
            mount -t tmpfs none /run; mount -t tmpfs none /var/log; mkdir -p /run/systemd/journal
            /lib/systemd/systemd-journald & journald=$!
            until [ -S /run/systemd/journal/socket ]; do sleep 0.1; done
            systemd-cat -t snapwarden {SNAPWARDEN} --config {tmp_path}/snapwarden.yaml --state-dir {tmp_path}/state run --once
            sleep 1; journalctl --sync; journalctl -o export --no-pager; kill $journald"""
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", script], env=variables, capture_output=True, timeout=120)
    assert b"SignatureDoesNotMatch" in done.stdout, done.stderr.decode()
    # Cursors and ids of the journal's own are hexadecimal, but half as long.
    assert not found(done.stdout), done.stdout.decode(errors="replace")


def test_the_unit_leaves_no_core():
    """A core would hold the keys; and what is in memory is no business of other users."""
    unit = (ROOT / "packaging" / "snapwarden.service").read_text().splitlines()
    assert "LimitCORE=0" in unit and "UMask=0077" in unit and "NoNewPrivileges=yes" in unit
