"""How large the faults are: small for every run, full by `make faults` (FAULT_SIZE=full)."""

import os
import time
from typing import TypeVar

IS_FULL = os.environ.get("FAULT_SIZE") == "full"
SEED = os.environ.get("FAULT_SEED") or str(int(time.time()))

T = TypeVar("T")


def size(small: T, full: T) -> T:
    return full if IS_FULL else small
