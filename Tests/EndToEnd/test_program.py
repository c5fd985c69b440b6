"""The program as a person and a service manager meet it."""

import re
import signal
import subprocess
import time

import pytest
from support import (
    ROOT, SNAPWARDEN, Installation, ServiceManager, daemon, environment, needs_root, wait_for, wakeups)

QUIET = """
fleet: acme
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { names: ["*"] } }
    schedule: { cron: "0 2 1 1 *" }
"""


@pytest.fixture
def installation(tmp_path):
    """Its AWS refuses connections: the daemon must live on all the same."""
    return Installation(tmp_path, None, QUIET)


def test_ten_mistakes_are_ten_problems(tmp_path):
    folder = ROOT / "Tests/BackupConfigTests"
    done = subprocess.run(
        [SNAPWARDEN, "--config", "Fixtures/ten-mistakes.yaml", "check"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 10
    golden = (folder / "Golden/ten-mistakes.txt").read_text().splitlines()
    lines = [line.removeprefix("Fixtures/") for line in done.stderr.splitlines()]
    assert lines == golden + [f"{len(golden)} problems"] and len(golden) >= 10


def test_shipped_config_is_good():
    done = subprocess.run(
        [SNAPWARDEN, "check", "--config", ROOT / "config/snapwarden.yaml"], capture_output=True, text=True
    )
    assert done.returncode == 0 and "no problems" in done.stdout


def test_wrong_usage_and_help():
    assert subprocess.run([SNAPWARDEN, "run", "--nonsense"], capture_output=True).returncode == 64
    text = subprocess.run([SNAPWARDEN, "--help"], capture_output=True, text=True).stdout
    assert "EXIT STATUS" in text and "  12  an objective is missed" in text


def test_daemon_tells_the_service_manager(installation, tmp_path):
    manager = ServiceManager(tmp_path)
    with daemon(installation, manager, WATCHDOG_USEC="4000000") as process:
        manager.await_message("^READY=1")
        manager.await_message("^WATCHDOG=1")
        manager.await_message("^STATUS=1 policy, 0 resources protected")
        manager.await_message("^WATCHDOG=1")
        process.send_signal(signal.SIGHUP)
        manager.await_message(r"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        manager.await_message("^READY=1")
        process.send_signal(signal.SIGTERM)
        manager.await_message("^STOPPING=1")
        assert process.wait(10) == 0


def test_bad_config_never_replaces_a_good_one(installation, tmp_path):
    manager = ServiceManager(tmp_path)
    with daemon(installation, manager) as process:
        manager.await_message("^READY=1")
        installation.config.write_text("fleet: acme\npolices: {}\n")
        process.send_signal(signal.SIGHUP)
        manager.await_message("^RELOADING=1")
        manager.await_message("^READY=1")
        log = wait_for(lambda: "config-rejected" in (text := (tmp_path / "daemon.log").read_text()) and text)
        assert "2:1: config: unknown key" in log and process.poll() is None
    installation.run("run", "--once", code=10)


def test_signal_right_after_ready_is_not_lost(installation, tmp_path):
    """The signal sources are registered before READY=1 is said."""
    for round in range(25):
        manager = ServiceManager(tmp_path / f"{round}")
        with daemon(installation, manager) as process:
            manager.await_message("^READY=1")
            process.send_signal(signal.SIGHUP)
            manager.await_message("^RELOADING=1", seconds=10)
            process.send_signal(signal.SIGKILL)


def test_second_daemon_is_refused(installation, tmp_path):
    manager = ServiceManager(tmp_path)
    with daemon(installation, manager) as process:
        manager.await_message("^READY=1")
        refused = installation.run("run", "--once", code=11)
        assert f"in use by process {process.pid}" in refused.stderr


def test_unreachable_aws_is_told_with_the_cause(installation):
    done = installation.run("run", "--once", code=1)
    assert "ConnectionRefused" in done.stderr and "http://127.0.0.1:1/" in done.stderr
    assert "sandbox-secret" not in done.stderr + done.stdout


@pytest.mark.alone
def test_idle_daemon_wakes_for_its_ticks_alone(installation, tmp_path):
    """With a watchdog of 8 s a tick comes every 4 s; nothing else may wake any thread."""
    manager = ServiceManager(tmp_path)
    seconds = 24
    with daemon(installation, manager, WATCHDOG_USEC="8000000") as process:
        manager.await_message("^STATUS=")
        manager.await_message("^WATCHDOG=1")
        time.sleep(2)
        woken = wakeups(process.pid, seconds)
    ticks = seconds / 4
    print(f"{woken} voluntary context switches in {seconds} s, {ticks:.0f} ticks")
    assert ticks - 1 <= woken <= 4 * (ticks + 1)


@needs_root
def test_entries_in_a_real_journal(installation, tmp_path):
    script = tmp_path / "journal.sh"
    script.write_text(
        f"""set -eu
mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/log; mkdir -p /run/systemd /run/log/journal
/lib/systemd/systemd-journald & journald=$!
for _ in $(seq 100); do [ -S /run/systemd/journal/socket ] && break; sleep 0.1; done
exec 3>"$1"
JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/3) "{SNAPWARDEN}" --config "{installation.config}" \
    --state-dir "{installation.state}" run --once 2>&3 || true
journalctl --sync || true
for _ in $(seq 50); do
    journalctl -o json SNAPWARDEN_EVENT=inventory-incomplete SNAPWARDEN_REGION=us-east-1 >"$2"
    [ -s "$2" ] && break; sleep 0.1
done
kill $journald
"""
    )
    out = tmp_path / "entries"
    done = subprocess.run(
        ["unshare", "-m", "bash", script, tmp_path / "stderr", out],
        env=environment("http://127.0.0.1:1"), capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 0, done.stderr
    lines = out.read_text().splitlines()
    assert len(lines) == 1
    assert '"SNAPWARDEN_ERROR_CODE":"ConnectionRefused"' in lines[0] and '"PRIORITY":"4"' in lines[0]
    assert re.search(r'"MESSAGE_ID":"[0-9a-f]{32}"', lines[0])
