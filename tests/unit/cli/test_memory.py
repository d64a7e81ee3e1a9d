"""What a process was put together from is not looked through for garbage; what comes later still is."""

import subprocess
import sys

import pytest

_PROGRAM = """
import gc, weakref
from hub.cli.memory import put_together

class Knot:
    def __init__(self):
        self.self = self

kept = [Knot() for _ in range(1000)]
put_together()
assert gc.get_freeze_count() > 1000, "what stands is looked through again"
assert gc.isenabled()
knot = Knot()
gone = weakref.ref(knot)
del knot
assert gone() is not None, "it was no garbage that only a look finds"
new = []
for number in range(200_000):
    if gone() is None:
        print("collected")
        break
    new.append([number])
"""


@pytest.mark.req("H-06")
def test_later_garbage_is_still_found():
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "collected\n"
