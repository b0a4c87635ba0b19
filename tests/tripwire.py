"""A wire across every way to another machine: no test may need the network."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvloop

HERE = {"localhost", "127.0.0.1", "::1", "", None}
NAMED = {urlsplit(os.environ.get(name, "")).hostname for name in ("TEST_REDIS_URL",)}


class OutsideConnection(Exception):  # noqa: N818 - errors are named for the situation
    """The code under test reached for another machine."""


def is_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    return name in HERE or name in NAMED


@contextmanager
def stretched() -> Iterator[None]:
    """Refuse connections and look-ups that leave this machine, then fail if any was tried."""
    tried: list[object] = []
    patch = pytest.MonkeyPatch()

    def guarded(name: str) -> None:
        usual = getattr(socket.socket, name)

        def call(self: socket.socket, address: Any) -> Any:  # noqa: ANN401 - as socket's own
            if self.family != socket.AF_UNIX and not is_here(address[0]):
                tried.append(address)
                raise OutsideConnection(address)
            return usual(self, address)

        patch.setattr(socket.socket, name, call)

    guarded("connect")
    guarded("connect_ex")
    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as socket's own
        if not is_here(host):
            tried.append(host)
            raise OutsideConnection(host)
        return look_up(host, *args, **kwargs)

    patch.setattr(socket, "getaddrinfo", guarded_look_up)
    connect = uvloop.Loop.create_connection  # which asks neither of these

    async def guarded_connection(
        self: uvloop.Loop,
        protocol_factory: Any,  # noqa: ANN401 - as uvloop's own
        host: str | None = None,
        *args: Any,  # noqa: ANN401 - as uvloop's own
        **kwargs: Any,  # noqa: ANN401 - as uvloop's own
    ) -> Any:  # noqa: ANN401 - as uvloop's own
        if not is_here(host):
            tried.append(host)
            raise OutsideConnection(host)
        return await connect(self, protocol_factory, host, *args, **kwargs)

    patch.setattr(uvloop.Loop, "create_connection", guarded_connection)
    try:
        yield
    finally:
        patch.undo()
    assert not tried, f"reached for {tried}"
