"""Prints what croniter takes for one next slot, in nanoseconds: the mean over the test vectors' expressions."""

import json
import pathlib
import time
from datetime import datetime
from zoneinfo import ZoneInfo

from croniter import croniter

FIXTURES = pathlib.Path(__file__).parents[1] / "BackupCoreTests/Fixtures"


def best(vector):
    """The best of three rounds over the vector's twenty slots, for one of them."""
    start = datetime.fromtimestamp(vector["after"], ZoneInfo(vector["time-zone"]))
    rounds = []
    for _ in range(3):
        slots = croniter(vector["expression"], start, implement_cron_bug=True)
        began = time.perf_counter_ns()
        for _ in vector["slots"]:
            slots.get_next(float)
        rounds.append((time.perf_counter_ns() - began) / len(vector["slots"]))
    return min(rounds)


vectors = json.loads((FIXTURES / "cron-vectors.json").read_text())["vectors"]
times = [best(vector) for vector in vectors if len(vector["slots"]) == 20]
print(sum(times) / len(times))
