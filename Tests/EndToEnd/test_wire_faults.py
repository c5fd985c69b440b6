"""What wires do to calls: the real program through a proxy that spoils replies, and under a clock that is wrong."""

import concurrent.futures
import contextlib
import copy
import re
import subprocess
import threading
import time

import pytest
from conftest import moved_clock, through
from proxy import Proxy
from support import Installation, tags
from test_main_job import CONFIG, MUTATING, READING, Endpoint, older

# The config of the main job, with little patience, so that a stall is soon over.
IMPATIENT = CONFIG.replace("timing: {", "timing: { call-timeout: 2s,")
KINDS = ["drop before", "drop after", "truncated", "garbage", "reset", "slow drip", "stall"]


class Spoiler(Proxy):
    """Spoils the first reply of each operation."""

    def __init__(self, sandbox, kind):
        super().__init__(sandbox)
        self.kind = kind

    def treat(self, call):
        kind = self.kind if call.number == 1 else None
        if kind == "drop before":
            call.hang_up()
        elif kind is None:
            super().treat(call)
        else:
            getattr(self, kind.replace(" ", "_"))(call, *call.forward())

    def drop_after(self, call, reply, text):
        call.hang_up()

    def truncated(self, call, reply, text):
        call.head(reply, len(text))
        call.wfile.write(text[: len(text) // 2])
        call.hang_up()

    def garbage(self, call, reply, text):
        call.answer(reply, bytes(n * 73 % 256 for n in range(200)))

    def reset(self, call, reply, text):
        """In the middle of the reply's head."""
        call.wfile.write(b"HTTP/1.1 200 OK\r\nContent-")
        call.wfile.flush()
        call.reset()

    def slow_drip(self, call, reply, text):
        """A byte every now and then; the whole would take longer than the client's patience."""
        call.head(reply, len(text))
        with contextlib.suppress(OSError):
            for byte in text[:20]:
                call.wfile.write(bytes([byte]))
                call.wfile.flush()
                time.sleep(0.2)
        call.hang_up()

    def stall(self, call, reply, text):
        time.sleep(3)
        call.hang_up()


@pytest.fixture
def site(tmp_path_factory, start_sandbox, seed):
    """Runs the program on a world of its own with older points to prune; gives the world without ids and times."""
    seed["timings"] = {"snapshot-seconds": 1, "copy-seconds": 1}
    starting = threading.Lock()

    def run(kind):
        with starting:
            folder = tmp_path_factory.mktemp("run")
            sandbox = start_sandbox(older(copy.deepcopy(seed)))
        proxy = Spoiler(sandbox, kind)
        try:
            installation = Installation(folder, proxy, IMPATIENT)
            done = installation.run("run", "--once")
        finally:
            proxy.end()
        made = [
            (r["service"], r["operation"]) for r in sandbox.admin("GET", "requests")
            if r["outcome"] == "ok" and re.match("Create.*Snapshot|CopySnapshot", r["operation"])
        ]
        return sandbox.admin("GET", "dump?plain=1"), sorted(made), proxy.counts, done

    return run


def test_every_operation_struck_on_the_wire(site):
    """One run for each kind of fault, in which the first call of every operation meets it; then the table."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=8) as pool:
        runs = {kind: pool.submit(site, kind) for kind in [None, *KINDS]}
    calm, made, asked, _ = runs.pop(None).result()
    wanted = set(MUTATING + READING)
    assert wanted <= {name.split(":")[1] for name in asked}
    table = {}
    for kind, run in runs.items():
        dump, struck_made, struck, done = run.result()
        table[kind] = ["struck" if name in struck else "NOT STRUCK" for name in sorted(asked)]
        assert set(struck) == set(asked), f"{kind}: {set(asked) - set(struck)} was never struck"
        assert dump == calm, f"{kind}: {done.stderr}"
        assert struck_made == made, f"{kind}: something was made twice"
    width = max(map(len, asked)) + 2
    print("\n" + " " * width + "".join(f"{kind:14}" for kind in table))
    for index, name in enumerate(sorted(asked)):
        print(f"{name:{width}}" + "".join(f"{'right' if row[index] == 'struck' else row[index]:14}" for row in table.values()))


@pytest.mark.parametrize(
    ("ahead", "word"), [(3600, "(59min|1h 0min) ahead of"), (-3600, "(59min|1h 0min) behind"), (604_800, "(6d 23h|7d 0h) ahead of")],
    ids=["an hour ahead", "an hour behind", "a week ahead"])
def test_a_wrong_clock_takes_the_slots_of_AWS_and_deletes_nothing(tmp_path, start_sandbox, seed, ahead, word):
    seed["timings"] = {"snapshot-seconds": 0, "copy-seconds": 0}
    sandbox = start_sandbox(older(seed))
    installation = Installation(tmp_path, Endpoint(sandbox), CONFIG)
    clock = tmp_path / "clock"
    clock.write_text(f"{ahead:+d}\n")
    # Read from the file at every call, threads would race for it, and see the true time now and then.
    wrong = installation.environment(**moved_clock(clock))
    del wrong["FAKETIME_NO_CACHE"]

    def run(*arguments, env):
        done = subprocess.run(
            [*through(env), *installation.command(*arguments)], env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done

    def points(region):
        found = sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]
        return {(tags(s).get("snapwarden:slot"), s["SnapshotId"]) for s in found}

    before = {region: points(region) for region in ("us-east-1", "eu-west-1")}
    done = run("run", "--once", env=wrong)
    said = [line for line in done.stderr.splitlines() if "clock-skewed" in line]
    assert len(said) == 1 and re.search(f"this machine's clock is {word} AWS's", said[0]), done.stderr
    refused = [r for r in sandbox.admin("GET", "requests") if r["outcome"] not in ("ok",)]
    assert refused and {r["outcome"] for r in refused} <= {"RequestExpired", "InvalidSignatureException"}
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    after = {region: points(region) for region in before}
    for region in before:
        taken = after[region] - before[region]
        # By AWS's time nothing is dated in the future either, which would keep copies waiting.
        assert len(taken) == 8 and before[region] <= after[region], f"{region}: {taken}"
        assert all(slot <= now for slot, _ in taken), taken
    plan = run("plan", env=wrong).stdout
    assert re.search(f"this machine's clock is {word} AWS's: no point is deleted before they agree", plan), plan
    # Somebody sets the clock: nothing is taken again, and what no rule keeps goes.
    right = run("run", "--once", env=installation.environment())
    assert "clock-skewed" not in right.stderr, right.stderr
    final = {region: points(region) for region in before}
    assert final["us-east-1"] < after["us-east-1"] and after["us-east-1"] - final["us-east-1"] <= before["us-east-1"]
    assert final["eu-west-1"] == after["eu-west-1"]
