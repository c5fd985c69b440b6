"""Each commit of the ledger is made durable by one fdatasync(2), and what was committed outlives the program.

The commits are counted by what strace(1) sees written into the write-ahead log, whose format SQLite documents
(sqlite.org/fileformat2.html, "The Write-Ahead Log"); the program is not asked.
"""

import concurrent.futures
import re
import shutil
import sqlite3
import subprocess
import sys

import pytest
from test_kills import World

FRAME_HEADER, PAGE = 24, 4096
WAL_HEADER = 32
CALLS = "fdatasync,fsync,pwrite64,pwritev,write,ftruncate,unlink"


def strace(folder, command, env, *more, calls=CALLS, ledger=None):
    """Runs a command to its end under strace, which follows its threads; gives what it did to the ledger."""
    path = folder / "trace"
    file = ledger.read_bytes() if ledger and ledger.exists() else b""
    done = subprocess.run(
        ["strace", "-f", "-qq", "-y", "-x", "-s", "5000", "-o", path, "-e", f"trace={calls}", *more, *command],
        env=env, capture_output=True, text=True, timeout=120)
    return done, Trace(path.read_text(), file)


class Trace:
    """What was done to a ledger's files, in order; the ledger's one queue does one thing at a time."""

    CALL = re.compile(
        r'^(\d+) +(\w+)\(\d+<(\S*/ledger\.sqlite(?:-\w+)?)>'
        r'(?:, "((?:\\.|[^"\\])*)"(\.\.\.)?, \d+, (\d+))?')

    def __init__(self, text, file):
        #: The main file as it is on disk, by pages, and what each commit so far has written besides.
        self.file, self.commits = {at // PAGE + 1: file[at:at + PAGE] for at in range(0, len(file), PAGE)}, []
        #: How many commits were synced, so that whoever committed has heard of it.
        self.synced = 0
        #: Syncs of the log by what they are for, and all of the main file while there is a log.
        self.syncs = {"commit": 0, "header": 0, "checkpoint": 0}
        self.main_syncs = 0
        #: What should not be.
        self.wrong = []
        self.frame, self.frames, self.fresh_header = None, {}, False
        lines = text.splitlines()
        for number, line in enumerate(lines):
            found = self.CALL.match(line)
            if not found:
                continue
            process, call, path, data, cut, offset = found.groups()
            assert not cut, f"strace did not show all of it: {line[:200]}"
            if call.endswith("sync"):
                self.sync(path, self.has_returned(lines, number, process, call))
            elif call in ("pwritev", "write"):
                self.wrong.append(f"written otherwise than by pwrite64: {line[:200]}")
            elif call == "pwrite64":
                self.write(path, unescaped(data), int(offset))

    @staticmethod
    def has_returned(lines, number, process, call):
        """Whether a call succeeded before the process was killed; another thread's line may lie in between."""
        if "<unfinished ...>" not in lines[number]:
            return lines[number].endswith("= 0")
        rest = (line for line in lines[number + 1:] if line.startswith(f"{process} "))
        return bool(re.match(rf"\d+ +<\.\.\. {call} resumed>\) += 0$", next(rest, "")))

    def write(self, path, data, offset):
        if path.endswith("ledger.sqlite"):
            assert len(data) == PAGE, "a page is written whole"
            self.file[offset // PAGE + 1] = data
        elif path.endswith("-wal"):
            if offset == 0 and len(data) == WAL_HEADER:
                self.fresh_header = True
            elif len(data) == FRAME_HEADER:
                # Page number, and in the frame that ends a commit the size of the file in pages; else 0.
                self.frame = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
            else:
                assert len(data) == PAGE and self.frame, "after a frame's header comes its page"
                self.frames[self.frame[0]] = data
                if self.frame[1]:
                    self.commits.append(self.frames)
                    self.frames = {}
                self.frame = None

    def sync(self, path, has_returned):
        if path.endswith("ledger.sqlite"):
            # Before there is a log, the file is made in the old way, with a rollback journal.
            self.main_syncs += bool(self.commits)
        if not path.endswith("-wal"):
            return
        unsynced = len(self.commits) - self.synced
        if unsynced > 1:
            self.wrong.append(f"{unsynced} commits before one sync")
        if unsynced:
            self.syncs["commit"] += 1
            if has_returned:
                self.synced = len(self.commits)
        elif self.fresh_header:
            # The header of a log that begins anew is synced by itself, so that no old frame can pass for one of it.
            self.syncs["header"] += 1
        else:
            # A checkpoint syncs the log once more before it carries pages over into the main file, and then that file.
            self.syncs["checkpoint"] += 1
        self.fresh_header = False

    def rows(self, commits, folder):
        """What the ledger holds after so many commits, put together from what was written alone."""
        pages = dict(self.file)
        for frames in self.commits[:commits]:
            pages |= frames
        path = folder / f"replayed-{commits}"
        path.write_bytes(b"".join(pages[number] for number in range(1, max(pages) + 1)))
        return rows(f"file:{path}?immutable=1")


def unescaped(text):
    """The bytes of a string that strace prints; with -x either all in hexadecimal, or plain with the usual escapes."""
    return text.encode().decode("unicode_escape").encode("latin-1")


def rows(uri):
    """Everything in a ledger."""
    ledger = sqlite3.connect(uri, uri=True)
    try:
        tables = [name for name, in ledger.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        return {table: sorted(ledger.execute(f"SELECT * FROM {table}"), key=repr) for table in tables}
    finally:
        ledger.close()


def test_one_sync_for_each_commit(tmp_path, seed):
    with World(tmp_path / "world", seed) as world:
        installation = world.installation
        for run in ("the first run", "the next one"):
            done, trace = strace(
                installation.folder, installation.command("run", "--once"), installation.environment(),
                ledger=installation.state / "ledger.sqlite")
            assert done.returncode == 0, done.stderr
            print(
                f"\n{run}: {len(trace.commits)} commits; fdatasync of the log: {trace.syncs['commit']} for them, "
                f"{trace.syncs['header']} for its header, {trace.syncs['checkpoint']} for checkpoints; "
                f"of the main file: {trace.main_syncs}", end="")
            assert trace.wrong == []
            assert len(trace.commits) == trace.syncs["commit"] == trace.synced
            # The log begins once; it is carried over, and removed, when the ledger is closed.
            assert trace.syncs["header"] == trace.syncs["checkpoint"] == trace.main_syncs == 1
            assert len(trace.commits) >= (30 if run == "the first run" else 1)
            assert trace.rows(len(trace.commits), tmp_path) == rows(f"file:{installation.state}/ledger.sqlite?mode=ro")
    print()


@pytest.mark.parametrize("synchronous", ["NORMAL", "FULL"])
def test_the_count_can_tell(tmp_path, synchronous):
    """A program that does not sync its commits is found out."""
    script = f"""
import sqlite3
ledger = sqlite3.connect("{tmp_path}/ledger.sqlite", isolation_level=None)
for text in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous={synchronous}", "CREATE TABLE t (n)"): ledger.execute(text)
for n in range(5): ledger.execute("INSERT INTO t VALUES (?)", (n,))
ledger.close()
"""
    done, trace = strace(tmp_path, [sys.executable, "-c", script], None)
    assert done.returncode == 0 and len(trace.commits) == 6
    assert trace.syncs["commit"] == (6 if synchronous == "FULL" else 1)
    assert bool(trace.wrong) == (synchronous == "NORMAL")


#: At which call of a thread the program is killed: as it syncs, and as it asks AWS for something.
DEATHS = [("fdatasync", 6), ("fdatasync", 9), ("sendto", 4), ("sendto", 14), ("sendto", 24), ("sendto", 40)]


def test_what_was_committed_outlives_a_kill(tmp_path, seed):
    def life(death):
        call, number = death
        with World(tmp_path / f"{call}-{number}", seed) as world:
            installation = world.installation
            done, trace = strace(
                installation.folder, installation.command("run", "--once"), installation.environment(),
                "-e", f"inject={call}:signal=SIGKILL:when={number}", calls=f"{CALLS},sendto")
            assert done.returncode != 0, f"{death}: it was not killed"
            # SQLite mends what it opens: a copy is looked into.
            left = installation.folder / "left"
            shutil.copytree(installation.state, left)
            kept = rows(f"file:{left}/ledger.sqlite")
            known = trace.rows(trace.synced, installation.folder)
            # The last one may have been written, though nobody was told yet that it is safe.
            written = trace.rows(len(trace.commits), installation.folder)
            assert trace.wrong == [] and len(trace.commits) - trace.synced <= 1
            assert kept in (known, written), f"{death}: of {trace.synced} commits that were synced something is lost"
            return trace.synced, sum(map(len, kept.values()))

    with concurrent.futures.ThreadPoolExecutor(max_workers=len(DEATHS)) as pool:
        found = list(pool.map(life, DEATHS))
    print("\nkilled at " + ", ".join(
        f"{call} {number} ({commits} commits, {count} rows: all there)"
        for (call, number), (commits, count) in zip(DEATHS, found)))
    assert len({commits for commits, _ in found}) >= 3


#: The calls at which the program is killed before AWS has heard of them, and what the ledger calls that.
INTENTS = {
    "ec2:CreateSnapshots": "create", "lightsail:CreateInstanceSnapshot": "create", "ec2:CopySnapshot": "copy",
    "lightsail:CopySnapshot": "copy", "ec2:DeleteSnapshot": "prune", "lightsail:DeleteInstanceSnapshot": "prune",
}


def test_nothing_is_asked_of_aws_that_the_ledger_does_not_know(tmp_path, seed):
    def life(name):
        with World(tmp_path / name.replace(":", "-"), seed) as world:
            assert world.run_until_killed((name, 1, "before")), f"{name} was never called"
            ledger = sqlite3.connect(f"{world.installation.state}/ledger.sqlite")
            return [verb for verb, in ledger.execute("SELECT verb FROM intents WHERE ended_at_s IS NULL")]

    with concurrent.futures.ThreadPoolExecutor(max_workers=len(INTENTS)) as pool:
        for (name, verb), known in zip(INTENTS.items(), pool.map(life, INTENTS)):
            assert verb in known, f"killed as it called {name}; the ledger knows only {known}"
