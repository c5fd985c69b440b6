"""How often a process wakes up. The benchmark of the idle daemon needs nothing else of the tests."""

import contextlib
import pathlib
import re
import time


def wakeups(pid, seconds):
    """How often any thread of an idle process wakes up in so many seconds."""
    woken, before = 0, switches(pid)
    for _ in range(seconds):
        time.sleep(1)
        after = switches(pid)
        # Idle threads of the pool end and take their counts with them: each look adds what the living did.
        woken += sum(count - before.get(thread, 0) for thread, count in after.items())
        before = after
    return woken


def switches(pid):
    """Voluntary context switches so far, by thread."""
    found = {}
    for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        with contextlib.suppress(OSError):  # the thread has ended meanwhile
            text = status.read_text()
            found[status.parent.name] = int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.M)[1])
    return found
