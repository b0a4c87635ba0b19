"""A loop of one's own, for callers that know of none, or have one already."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Bring a coroutine to its end on a new loop in a thread of its own, and return what it does.

    The caller's context variables hold there too.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="loop") as thread:
        return thread.submit(copy_context().run, concluded, work).result()


def concluded(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
