"""The least that a page can cost: an application without Flask, database or template."""

from collections.abc import Callable, Iterable

PAGE = b"<!doctype html><title>Bare</title>" + b"x" * 4_000
HEADERS = [("Content-Type", "text/html"), ("Content-Length", str(len(PAGE)))]


def app(environ: dict[str, object], start: Callable[..., object]) -> Iterable[bytes]:
    """Answer everything with the same page, once its body has been read."""
    environ["wsgi.input"].read()  # type: ignore[attr-defined]
    start("200 OK", HEADERS)
    return [PAGE]
