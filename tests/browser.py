"""A real Chromium for the tests: found, started without a way to the network, and watched."""

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)
from werkzeug.serving import WSGIRequestHandler, make_server

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
PATIENCE = 30_000  # ms; other tests may have the machine just then
# A failed page is what a test may be about; a failed part of a page never is.
PARTS = {"stylesheet", "script", "image", "font", "media", "manifest"}


class BrowserMissing(Exception):  # noqa: N818 - errors are named for the situation
    """There is no Chromium; the run fails, it never skips."""


def executable() -> str | None:
    """Return the path of a Chromium on this machine, or None."""
    on_path = (shutil.which(program) for program in PROGRAMS)
    in_applications = (path for path in MACOS if sys.platform == "darwin" and Path(path).exists())
    return next(filter(None, (*on_path, *in_applications)), None) or own_of_playwright()


def own_of_playwright() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


@contextmanager
def running() -> Iterator[Browser]:
    """Run Chromium, without a window, for as long as the block lasts."""
    path = executable()
    if path is None:
        raise BrowserMissing("No Chromium was found: run `make test`, which installs one.")
    expect.set_options(timeout=PATIENCE)
    # Chromium's sandbox needs an ordinary account.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, *as_root])
        yield browser
        browser.close()


@dataclass
class Watch:
    """Notes what a page must never do: errors in the console, failed parts, other hosts."""

    faults: list[str] = field(default_factory=list)

    def over(self, page: Page) -> Page:
        page.on("console", self.note_console)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", self.note_request)
        page.on("response", self.note_response)
        return page

    def note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {message.text}")

    def note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1":
            self.faults.append(f"another host: {request.url}")

    def note_response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type in PARTS:
            self.faults.append(f"missing part: {response.status} {response.url}")


class Silent(WSGIRequestHandler):
    """Serves without a word on the terminal."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - Werkzeug's name
        del type, message, args


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve the application on the loopback; yields its address, without a trailing slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
