"""Coverage measured on a sample of the cases: tracing costs half of a test's time again.

Each test counts with its first cases, on SQLite where it runs on both engines. So the figure is
a lower bound: a line that is reached has been reached.
"""

from collections import Counter
from collections.abc import Generator

import pytest
from coverage import Coverage

CASES = 10
UNMEASURED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    seen: Counter[str] = Counter()
    for item in items:
        name = item.nodeid.partition("[")[0]
        is_second = "[postgresql" in item.nodeid and name in seen
        seen[name] += 1
        item.stash[UNMEASURED] = is_second or seen[name] > CASES


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    measuring = Coverage.current() if item.stash[UNMEASURED] else None
    if measuring is None:
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()
