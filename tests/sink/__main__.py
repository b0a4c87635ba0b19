"""Runs a sink: `python -m tests.sink FOLDER` keeps a journal, `--plain` only reads and answers.

In the folder it leaves ``port`` (once it listens) and ``counts`` (JSON, renewed ten times a
second); it obeys ``orders``, and appends to ``journal``.
"""

import argparse
import asyncio
import json
from pathlib import Path

import uvloop

from tests.sink.journal import Journal
from tests.sink.session import Conversation, House

LOOK = 0.05  # seconds between two looks at the orders
BACKLOG = 1024


def main() -> None:
    reader = argparse.ArgumentParser(description="A relay for tests and measurements.")
    reader.add_argument("folder", type=Path)
    reader.add_argument("--host", default="127.0.0.1")
    reader.add_argument("--port", type=int, default=0)
    reader.add_argument("--plain", action="store_true", help="keep no journal")
    uvloop.run(serve(reader.parse_args()))


async def serve(given: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    house = House(journal=None if given.plain else Journal(given.folder / "journal", loop))
    house.heed(given.folder / "orders")
    server = await loop.create_server(
        lambda: Conversation(house), given.host, given.port, backlog=BACKLOG
    )
    put(given.folder / "port", str(server.sockets[0].getsockname()[1]))
    told: dict[str, float] = {}
    while True:
        house.heed(given.folder / "orders")
        counts = {**house.counts, "revision": house.orders.revision}
        if counts != told:
            put(given.folder / "counts", json.dumps(counts))
            told = counts
        await asyncio.sleep(LOOK)


def put(path: Path, text: str) -> None:
    """Write a small file at once, so that nobody reads half of it."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(path)


if __name__ == "__main__":
    main()
