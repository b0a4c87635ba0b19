"""A visitor for demonstrations: keeps cookies, fills in forms, speaks HTTP and nothing else."""

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any

from lxml import html

SECONDS = 30


@dataclass
class Browser:
    """One person's browser. Every address it is given belongs to the installation it visits."""

    jar: CookieJar = field(default_factory=CookieJar)

    def get(self, url: str) -> str:
        return self.opened(url)[1]

    def json(self, url: str) -> dict[str, Any]:
        return dict(json.loads(self.opened(url, accept="application/json")[1]))

    def post(self, url: str, fields: dict[str, Any]) -> str:
        return self.opened(url, fields)[1]

    def submit(self, url: str, **changes: str) -> str:
        """Open a page and send back its form with these fields, newly filled in."""
        return self.post(url, self.fields(url, *changes) | changes)

    def act(self, page: str, verb: str) -> tuple[int, dict[str, Any]]:
        """Press one of a page's buttons as a program would; return status and JSON answer."""
        token = {"csrf_token": self.fields(page, "csrf_token")["csrf_token"]}
        status, text = self.opened(f"{page}/{verb}", token, "application/json")
        return status, dict(json.loads(text))

    def fields(self, url: str, *names: str) -> dict[str, Any]:
        """Return what a page would send, untouched, of its first form with these fields."""
        page: Any = html.document_fromstring(self.get(url))
        filled = [dict(form.form_values()) for form in page.forms if form.method == "POST"]
        return next(fields for fields in filled if fields.keys() >= set(names))

    def opened(
        self, url: str, fields: dict[str, Any] | None = None, accept: str = "text/html"
    ) -> tuple[int, str]:
        """Return status and text of a page; with ``fields`` they are posted to it."""
        data = None if fields is None else urllib.parse.urlencode(fields, doseq=True).encode()
        request = urllib.request.Request(url, data, {"Accept": accept})  # noqa: S310 - our own site
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        try:
            with opener.open(request, timeout=SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()
