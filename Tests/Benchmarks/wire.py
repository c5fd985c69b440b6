"""Measures reading and signing beside boto3, in one run on one machine, and says which promises are kept.

wire.py BENCHMARKS [--strict]: the built program; --strict fails where a promise is missed. Whatever else runs disturbs
both sides; each is measured several times, in turn, and its best time counts.
"""

import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).parent
PROGRAM = sys.argv[1]
ROUNDS = 3
missed = []


def numbers(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def promise(text, is_kept):
    print(f"  {text}: {'kept' if is_kept else 'MISSED'}")
    if not is_kept:
        missed.append(text)


class Server:
    """Serves so many snapshots on loopback."""

    def __init__(self, snapshots):
        self.process = subprocess.Popen(
            [sys.executable, FOLDER / "aws_pages.py", str(snapshots)], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def __enter__(self):
        return self.url

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


def reading():
    print("reading 50,000 snapshots, 50 pages, and deciding which to keep:")
    ours, theirs = [], []
    with Server(50_000) as url:
        for _ in range(ROUNDS):
            ours.append(numbers(PROGRAM, "reading", url))
            theirs.append(numbers(sys.executable, FOLDER / "boto3_loop.py", url))
    assert len({run[0] for run in ours + theirs}) == 1, f"they keep different numbers: {ours}, {theirs}"
    best, counterpart = min(run[1] for run in ours), min(run[1] for run in theirs)
    print(f"  {best:.2f} s of processor time, boto3 {counterpart:.2f} s; both keep {ours[0][0]:.0f}")
    promise(f"1/{counterpart / best:.1f} of boto3's processor time, at most 1/20", best * 20 <= counterpart)
    memory = max(run[2] for run in ours)
    promise(f"{memory:.0f} MiB at the most, 40 allowed; boto3 {theirs[0][2]:.0f} MiB", memory <= 40)
    with Server(10_000) as url:
        few = min(numbers(PROGRAM, "reading", url)[1] for _ in range(ROUNDS))
    promise(f"five times the pages take {best / few:.1f} times the time, at most 6", best / few <= 6)


def signing():
    print("signing a request:")
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours += numbers(PROGRAM, "signing")
        theirs += numbers(sys.executable, FOLDER / "botocore_signatures.py")
    ratio = max(ours) / max(theirs)
    print(f"  {max(ours):,.0f} a second, botocore {max(theirs):,.0f}")
    promise(f"{ratio:.1f} times botocore's, at least 30", ratio >= 30)


reading()
signing()
sys.exit(1 if missed and "--strict" in sys.argv else 0)
