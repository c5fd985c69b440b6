"""The program killed at every step of a run: nothing lost, nothing twice, no delete that was not meant."""

import collections
import concurrent.futures
import copy
import json
import re
import shutil
import signal
import subprocess

import pytest
from conftest import DR, HOME, Sandbox
from proxy import Proxy
from support import Installation, tags
from test_main_job import CONFIG, MUTATING, older
from warp import COMPILERS

#: Where a run is killed: as a request comes, before AWS has seen it; and when AWS has performed it, before it is answered.
MOMENTS = ["before", "after"]


class Killer(Proxy):
    """Kills the program at one call, which is not answered."""

    def __init__(self, sandbox):
        super().__init__(sandbox)
        self.victim = None
        #: The call's name and number, and the moment.
        self.fatal = None
        self.was_fatal = False

    def treat(self, call):
        moment = self.fatal[2] if self.fatal and self.fatal[:2] == (call.name, call.number) else None
        if moment is None:
            return super().treat(call)
        if moment == "after":
            call.forward()
        self.was_fatal = True
        self.victim.kill()
        self.victim.wait()
        call.hang_up()


class World:
    """A sandbox of its own, the program's state, and a proxy between them."""

    def __init__(self, folder, seed):
        folder.mkdir()
        path = folder / "seed.json"
        path.write_text(json.dumps(older(copy.deepcopy(seed))))
        self.sandbox = Sandbox(path)
        self.proxy = Killer(self.sandbox)
        self.installation = Installation(folder, self.proxy, CONFIG)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.proxy.end()
        assert self.sandbox.stop() == 0

    def run(self):
        return self.installation.run("run", "--once")

    def run_until_killed(self, fatal):
        """Whether it died; it may not have made that call."""
        with self.proxy.lock:
            # No call is treated before it is known whom to kill.
            self.proxy.fatal = fatal
            self.proxy.victim = process = subprocess.Popen(
                self.installation.command("run", "--once"), env=self.installation.environment(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        process.wait(60)
        self.proxy.fatal = None
        return self.proxy.was_fatal

    def outcome(self):
        """The world without ids and times, and what was made, as boto3 sees it."""
        made = [
            (r["service"], r["operation"]) for r in self.sandbox.admin("GET", "requests")
            if r["outcome"] == "ok" and re.match("Create.*Snapshot|CopySnapshot|Delete.*Snapshot", r["operation"])]
        return self.sandbox.admin("GET", "dump?plain=1"), sorted(made)

    def duplicates(self):
        """Points of EC2 of which there is more than one set in a region."""
        found = []
        for region in (HOME, DR):
            sets = {}
            for snapshot in self.sandbox.client("ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"]:
                named = tags(snapshot)
                if "snapwarden:set" in named:
                    point = tuple(named[f"snapwarden:{part}"] for part in ("policy", "resource", "slot"))
                    sets.setdefault(point, set()).add(named["snapwarden:set"])
            found += [(region, point) for point, nonces in sets.items() if len(nonces) > 1]
        return found


@pytest.mark.parametrize("loses_ledger", [False, True], ids=["its ledger is kept", "its ledger is lost"])
def test_killed_at_every_request(tmp_path, seed, loses_ledger):
    with World(tmp_path / "calm", seed) as world:
        world.run()
        calm, made = world.outcome()
        steps = [
            (name, number, moment) for name, count in sorted(world.proxy.counts.items())
            for number in range(1, count + 1) for moment in MOMENTS]
    assert len(made) > 20 and len(steps) > 60

    def life(name, number, moment):
        with World(tmp_path / f"{name.replace(':', '-')}-{number}-{moment}", seed) as world:
            has_died = world.run_until_killed((name, number, moment))
            if loses_ledger:
                world.installation.forget()
            done = world.run()
            dump, remade = world.outcome()
            how = f"killed at {name} {number}, {moment}\n{done.stderr}"
            assert dump == calm, how
            assert world.duplicates() == [], how
            # What AWS had performed and what was asked for again is no more than what a calm run makes: nothing twice.
            assert remade == made, how
            return name.split(":")[1] if has_died else None

    with concurrent.futures.ThreadPoolExecutor(max_workers=12) as pool:
        deaths = list(pool.map(lambda step: life(*step), steps))
    kills = [name for name in deaths if name]
    at = collections.Counter(kills)
    print(f"\n{len(kills)} kills and as many restarts; each life ends with {len(made)} snapshots made, copied and deleted;"
          " duplicates 0, orphans 0")
    print("killed at " + ", ".join(f"{name} {count}" for name, count in sorted(at.items())))
    assert set(MUTATING) <= set(at), f"{set(MUTATING) - set(at)}: no call was killed; {at}"
    # At times a run asks less often than the calm one did.
    assert len(kills) >= len(steps) * 9 // 10


def strace(world, *filters):
    """Runs the program under strace, which follows its threads; gives the exit code and what was traced."""
    trace = world.installation.folder / "trace"
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", trace, *filters, *world.installation.command("run", "--once")],
        env=world.installation.environment(), capture_output=True, text=True, timeout=120)
    return done.returncode, trace.read_text().splitlines()


#: Counts the process's calls of fdatasync(2) over all of its threads, and kills it at one of them.
FATAL_SYNC = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

int fdatasync(int file) {
    static atomic_int calls;
    int is_fatal = atomic_fetch_add(&calls, 1) + 1 == atoi(getenv("FATAL_SYNC"));
    int is_before = !strcmp(getenv("FATAL_MOMENT"), "before");
    if (is_fatal && is_before) die();
    int result = ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file);
    if (is_fatal) die();
    return result;
}
"""


@pytest.fixture(scope="module")
def fatal_sync(tmp_path_factory):
    """The library that kills; gives the environment of whoever is to die at one fdatasync(2)."""
    library = tmp_path_factory.mktemp("fatal") / "sync.so"
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    assert compiler, f"no C compiler was found: none of {COMPILERS}"
    subprocess.run(
        [compiler, "-O1", "-shared", "-fPIC", "-Wall", "-x", "c", "-", "-o", library], input=FATAL_SYNC, text=True,
        check=True)
    return lambda number, moment: {"LD_PRELOAD": str(library), "FATAL_SYNC": str(number), "FATAL_MOMENT": moment}


@pytest.mark.parametrize("loses_ledger", [False, True], ids=["its ledger is kept", "its ledger is lost"])
def test_killed_as_it_commits(tmp_path, seed, fatal_sync, loses_ledger):
    """fdatasync(2) makes a commit of the ledger durable: whoever is killed before it has written, and knows not
    what; and whoever is killed after it remembers what was never asked."""
    with World(tmp_path / "calm", seed) as world:
        code, trace = strace(world, "-e", "trace=fdatasync")
        assert code == 0
        commits = sum("fdatasync(" in line for line in trace)
        calm, made = world.outcome()
    assert commits > 60
    steps = [(number, moment) for number in range(1, commits + 1) for moment in MOMENTS]
    if loses_ledger:
        # Between the two moments nothing is asked of AWS: without the ledger they are one, and take turns.
        steps = [(number, moment) for number, moment in steps if moment == MOMENTS[number % 2]]

    def life(number, moment):
        with World(tmp_path / f"{number}-{moment}", seed) as world:
            installation = world.installation
            code = subprocess.run(
                installation.command("run", "--once"), env=installation.environment(**fatal_sync(number, moment)),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120).returncode
            how = f"killed at commit {number}, {moment}"
            assert code in (-signal.SIGKILL, 0), f"{how}: exit {code}"
            if loses_ledger:
                installation.forget()
            done = world.run()
            dump, remade = world.outcome()
            assert dump == calm and world.duplicates() == [] and remade == made, f"{how}\n{done.stderr}"
            return moment if code else None

    with concurrent.futures.ThreadPoolExecutor(max_workers=12) as pool:
        deaths = collections.Counter(pool.map(lambda step: life(*step), steps))
    print(f"\nof {commits} commits killed before {deaths['before']}, after {deaths['after']}; duplicates 0, orphans 0")
    # At times a run asks less often than the calm one did, and so has less to write down.
    assert all(deaths[moment] >= len(steps) // 2 * 19 // 20 for moment in MOMENTS), deaths
