"""A running daemon notices that the wall clock was set, in a virtual machine whose clock is the test's own."""

import os
import re
import shutil
import subprocess

import pytest
from support import SNAPWARDEN

KERNEL = "linux-image-cloud-amd64"
SECONDS = 180
BACK = 2 * 3600
FORWARD = 5 * 3600

CONFIG = """
fleet: acme
policies:
  web:
    regions: [us-east-1]
    select: { ec2-instances: { names: ["*"] } }
    schedule: { cron: "0 2 * * *" }
"""

# Every line on the console begins with the seconds since boot, which no clock step moves. Nothing listens at the
# endpoint: each pass fails after a few retries, and the daemon goes on. The next one would come a minute later, were it
# not for the steps: each makes the plan anew, with a pass.
INIT = f"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/nonexistent AWS_EC2_METADATA_DISABLED=true
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_ENDPOINT_URL=http://127.0.0.1:9
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
ip link set lo up

stamp() {{ while read -r line; do read -r up idle </proc/uptime; echo "$up $line"; done; }}
mark() {{
    set -- "$1" $(cat /proc/$daemon/stat)
    echo "MARK $1 state=${{4:-gone}} ticks=$((${{15:-0}} + ${{16:-0}})) wall=$(date +%s)" | stamp
}}
await() {{
    for i in $(seq 150); do [ "$(grep -c " $1: " /log)" -ge $2 ] && sleep 1 && return; sleep 0.2; done
    echo "NEVER $1 $2" | stamp
}}

date -s '2026-03-04 12:00:00' >/dev/null
mkfifo /lines
stamp </lines | tee /log &
snapwarden --config /snapwarden.yaml --state-dir /state run >/lines 2>&1 &
daemon=$!
await started 1
await pass-ended 1
mark back
date -s "@$(($(date +%s) - {BACK}))" >/dev/null
await pass-ended 2
mark forward
date -s "@$(($(date +%s) + {FORWARD}))" >/dev/null
await pass-ended 3
mark term
kill -TERM $daemon
wait $daemon
echo "EXIT $?" | stamp
sleep 1
poweroff -f
"""


def unavailable(reason):
    """Skips; where every test has to run, fails."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def tool(name):
    return shutil.which(name) or unavailable(f"{name} is not installed")


def fetch_kernel(folder):
    """Downloads Debian's kernel for virtual machines and unpacks it; nothing is installed."""
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "cache").mkdir()
    own = ["-o", f"Dir::State::Lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
    said = []

    def apt(program, *arguments):
        command = [tool(program), "-q", *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
        said.append(done.stderr)
        return done.stdout

    # The machine's own lists may be empty, or name a version that is gone: then come lists of ours.
    for options in ([], own):
        if options:
            apt("apt-get", *options, "update")
        package = re.search(r"Depends: (linux-image-\S+)", apt("apt-cache", *options, "depends", KERNEL))
        if package:
            apt("apt-get", *options, "download", package[1])
        for archive in folder.glob("linux-image-*.deb"):
            unpack = f"dpkg-deb --fsys-tarfile {archive.name} | tar -x --wildcards './boot/vmlinuz-*'"
            subprocess.run(unpack, shell=True, cwd=folder, check=True)
            return next((folder / "boot").glob("vmlinuz-*"))
    unavailable(f"apt has no kernel: {''.join(said)}")


def libraries(program):
    """The shared libraries a program is loaded with, and the loader; none of a static one, as busybox may be."""
    found = subprocess.run(["ldd", program], capture_output=True, text=True)
    if "not a dynamic executable" in found.stderr:
        return []
    assert found.returncode == 0 and "not found" not in found.stdout, found
    return re.findall(r"(?<=\s)/\S+(?= \()", found.stdout)


def make_initramfs(folder):
    """A file system of busybox, the program with its libraries, a config and /init."""
    root = folder / "root"
    for name in ("bin", "proc", "sys", "dev", "etc", "state"):
        (root / name).mkdir(parents=True)
    programs = {tool("busybox"): "busybox", SNAPWARDEN: "snapwarden"}
    for program, name in programs.items():
        shutil.copy(program, root / "bin" / name)
    for library in {library for program in programs for library in libraries(program)}:
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    (root / "snapwarden.yaml").write_text(CONFIG)
    (root / "init").write_text(INIT)
    (root / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    archive = folder / "initramfs"
    with archive.open("wb") as output:
        command = [tool("cpio"), "--quiet", "-o", "-H", "newc", "-R", "0:0"]
        subprocess.run(command, cwd=root, input=names.encode(), stdout=output, check=True)
    return archive


def boot(folder, kernel, initramfs):
    """Runs the machine until it powers itself off, and returns what came out of its console."""
    console = folder / "console"
    command = [
        tool("qemu-system-x86_64"), "-accel", "tcg", "-cpu", "max,la57=off", "-m", "1024", "-nodefaults",
        "-display", "none", "-no-reboot", "-nic", "none", "-serial", f"file:{console}",
        "-kernel", kernel, "-initrd", initramfs, "-append", "console=ttyS0 quiet panic=-1",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        pytest.fail(f"the machine did not power off in {SECONDS} s:\n{console.read_text(errors='replace')}")
    assert done.returncode == 0, done.stderr
    return console.read_text(errors="replace").replace("\r", "")


def seen(console, pattern):
    """The one line that matches, as its time since boot and the match."""
    lines = [line.partition(" ") for line in console.splitlines()]
    found = [(float(up), match) for up, _, text in lines if (match := re.search(pattern, text))]
    assert len(found) == 1, f"{len(found)} lines like {pattern!r} on the console:\n{console}"
    return found[0]


@pytest.mark.alone
def test_steps_of_the_clock_are_noticed_at_once(tmp_path):
    for name in ("qemu-system-x86_64", "busybox", "cpio"):
        tool(name)
    kernel = fetch_kernel(tmp_path)
    console = boot(tmp_path, kernel, make_initramfs(tmp_path))
    print(console)

    for direction, size in (("back", BACK), ("forward", FORWARD)):
        marked, _ = seen(console, f"^MARK {direction} state=[RSD] ")
        noticed, line = seen(console, rf"clock-stepped: the clock was set {direction} by ([\d.]+) seconds")
        assert 0 <= noticed - marked <= 2, console
        # Script and daemon know the time in whole seconds, and date takes a moment to start.
        assert abs(float(line[1]) - size) <= 5, console
    stopped, _ = seen(console, "^MARK term state=[RSD] ")
    ended, status = seen(console, r"^EXIT (\d+)")
    assert status[1] == "0", console
    assert 0 <= ended - stopped <= 5, console
    assert not re.search("NEVER|(?i:fatal error|crash|panic|segfault|dumped)", console), console
