"""A wall clock that a test moves at will, common to every program that is started with it (see warp.c)."""

import contextlib
import ctypes
import datetime
import functools
import mmap
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

import botocore.auth
import pytest

SOURCE = pathlib.Path(__file__).parent / "warp.c"
COMPILERS = ["cc", "clang", "/opt/swift/usr/bin/clang"]

#: After a jump everybody has noticed it (LOOK in warp.c), and begun what is due by then.
NOTICED = 0.025

#: The clock by which boto3 signs what this thread asks.
signing = threading.local()


@functools.cache
def folder_of_library():
    """A folder that holds what shows programs the moved clock; it goes when the tests end."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None and (swift := shutil.which("swift")):
        compiler = str(pathlib.Path(swift).resolve().with_name("clang"))
    assert compiler, f"no C compiler was found: none of {COMPILERS}, nor clang beside swift"
    folder = tempfile.TemporaryDirectory(prefix="warp-")
    command = [compiler, "-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-o", f"{folder.name}/warp.so", SOURCE]
    subprocess.run(command, check=True)
    return folder


@pytest.fixture
def signing_by_warps(monkeypatch):
    """During the test boto3 signs by the clock that its thread goes by (see `Warp.sign`)."""
    monkeypatch.setattr(botocore.auth, "get_current_datetime", signing_time)
    yield
    signing.clock = None


def signing_time(remove_tzinfo=True):
    clock = getattr(signing, "clock", None)
    moment = datetime.datetime.fromtimestamp(clock.now() if clock else time.time(), datetime.timezone.utc)
    return moment.replace(tzinfo=None) if remove_tzinfo else moment


class Warp:
    """The clock: it runs at the real one's speed, and jumps when it is told to."""

    def __init__(self, folder):
        self.library, self.path = folder_of_library().name + "/warp.so", folder / "warp"
        self.path.write_bytes(bytes(8))
        with self.path.open("r+b") as file:
            self.page = mmap.mmap(file.fileno(), 8)
        # One store of eight bytes: nobody sees half of a jump.
        self.ahead = ctypes.c_int64.from_buffer(self.page)

    def now(self):
        return time.time() + self.ahead.value

    def set(self, seconds):
        """Has the clock go so far ahead of the machine's."""
        self.ahead.value = int(seconds)

    def move(self, seconds):
        """Moves the clock on."""
        self.ahead.value += int(seconds)

    def move_to(self, moment):
        """Moves the clock on to so many seconds since 1970, if it is not beyond already."""
        self.move(max(0, moment - self.now() + 0.999))

    def sign(self):
        """Has boto3 sign by this clock whatever this thread asks from now on."""
        signing.clock = self

    @property
    def environment(self):
        """Of the programs that live by this clock."""
        return {"LD_PRELOAD": self.library, "WARP": str(self.path)}


def fall_idle(*processes):
    """Waits until the processes have noticed what time it is, and do nothing but wait for another."""
    time.sleep(NOTICED)
    quiet, end = 0, time.monotonic() + 30
    while quiet < 8:
        # Whoever asks another waits, but then that one runs; and who only lacks a processor counts as running.
        quiet = 0 if any(is_busy(process.pid) for process in processes) else quiet + 1
        time.sleep(0.0025)
        assert time.monotonic() < end, "they are busy on and on"


def is_busy(pid):
    """Whether any thread runs, would run, or waits for the disk."""
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(OSError):  # the thread has ended meanwhile
            if path.read_text().rpartition(")")[2].split()[0] in "RD":
                return True
    return False
