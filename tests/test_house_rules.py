"""The house rules that no linter knows; CONTRIBUTING says why each stands."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from config import ROOT
from mailer.accounts.permissions import ROLES
from mailer.links import Site
from mailer.web.access import PUBLIC, SIGNED_IN, needed

LONGEST_MODULE = 300
LONGEST_TEST = 400
FORBIDDEN = {
    *("utils", "helpers", "common", "base", "manager"),
    *("service", "handler", "core", "misc"),
}
# Entry points read the clock and commit; the sending loops commit, since their commits are their
# guarantee.
ENTRIES = (
    "mailer/web/",
    "mailer/cli/",
    "mailer/tasks.py",
    "mailer/clockwork.py",
    "mailer/desk.py",
    "mailer/importing.py",
    "mailer/mailroom.py",
    "mailer/guard.py",
    "mailer/app.py",
)
SENDING = (
    "mailer/delivery/sending.py",
    "mailer/delivery/clerk.py",
    "mailer/delivery/address_letters.py",
    "mailer/delivery/confirmations.py",
    "mailer/delivery/preference_links.py",
    "mailer/delivery/seeding.py",
)
# Views of Flask-Security that nobody may reach.
SHUT = {"security.static"}
# What a GET answers with instead of a page of ours.
WITHOUT_PAGE = {
    "campaigns.preview": "the message itself, for the sandboxed frame",
    "inbox.part": "the message's own HTML",
    "certificates.download": "the file itself",
    "metrics.show": "figures for Prometheus",
    "public.open_lists": "JSON for other sites",
    "public.person_schema": "JSON for programs",
    "imports.faults": "the file itself",
    "incidents.form": "plain text to print or copy",
}
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)|<style|\s(?:style|on(?:click|change|submit|load|input))=",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(r"(?:src|href|action)=[\"']?(?:https?:)?//", re.IGNORECASE)

MODULES = sorted((ROOT / "mailer").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "email" not in path.parts]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text()))


@pytest.mark.parametrize(
    ("folder", "longest"),
    [("mailer", LONGEST_MODULE), ("tools", LONGEST_MODULE), ("tests", LONGEST_TEST)],
)
def test_no_file_is_too_long(folder: str, longest: int) -> None:
    lengths = {name(p): len(p.read_text().splitlines()) for p in (ROOT / folder).rglob("*.py")}
    assert {path: lines for path, lines in lengths.items() if lines > longest} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name(path) for path in MODULES if path.stem in FORBIDDEN] == []


def test_a_package_file_holds_a_docstring_only() -> None:
    for path in (ROOT / "mailer").rglob("__init__.py"):
        docstring, *rest = ast.parse(path.read_text()).body
        assert isinstance(docstring, ast.Expr), name(path)
        allowed = ["__version__ = '0.1.0'"] if path.parent.name == "mailer" else []
        assert [ast.unparse(statement) for statement in rest] == allowed, name(path)


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [name(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_only_entry_points_and_the_sending_loops_commit() -> None:
    committing = {
        name(path)
        for path in MODULES
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    assert [path for path in sorted(committing) if not path.startswith((*ENTRIES, *SENDING))] == []


def test_only_entry_points_read_the_clock() -> None:
    reading = {name(path) for path in MODULES if "mailer.clock" in imported(path)}
    assert [path for path in sorted(reading) if not path.startswith(ENTRIES)] == []


def test_only_the_settings_read_the_environment() -> None:
    reading = {
        name(path)
        for path in MODULES
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert reading == set()


def test_nothing_is_named_at_two_addresses() -> None:
    """``from package import module``, never a name that the package itself had imported."""
    homes = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in MODULES}
    packages = {home.removesuffix(".__init__") for home in homes if home.endswith(".__init__")}
    through_a_package = [
        f"{name(path)}: {node.module}.{alias.name}"
        for path in MODULES
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node.module in packages
        for alias in node.names
        if f"{node.module}.{alias.name}" not in homes | packages and alias.name != "__version__"
    ]
    assert through_a_package == []


def test_every_view_names_a_permission_that_a_role_holds(app: Flask) -> None:
    known = {PUBLIC, SIGNED_IN}.union(*ROLES.values())
    asked = {rule.endpoint: needed(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert {endpoint for endpoint, permission in asked.items() if permission is None} == SHUT
    assert set(asked.values()) - {None} <= known


def test_every_actor_states_its_retries(app: Flask) -> None:
    actors = app.extensions["broker"].actors
    assert actors
    assert [a for a in actors.values() if not isinstance(a.options.get("max_retries"), int)] == []


def test_every_page_has_the_template_of_its_endpoint(app: Flask) -> None:
    ours = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and "." in rule.endpoint
    }
    missing = {
        endpoint
        for endpoint in ours
        if not endpoint.startswith("security.")
        and not (ROOT / f"templates/{endpoint.replace('.', '/')}.html").exists()
    }
    assert missing == set(WITHOUT_PAGE)


def test_every_template_is_used_and_every_used_one_exists() -> None:
    sources = [*PAGES, *(ROOT / "mailer/web").glob("*.py"), ROOT / "mailer/app.py"]
    text = "\n".join(path.read_text() for path in sources)
    used = set(re.findall(r"[\"']([\w/]+\.html)[\"']", text))
    assert used == {path.relative_to(ROOT / "templates").as_posix() for path in PAGES}


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_page_carries_what_the_policy_forbids(path: Path) -> None:
    text = path.read_text()
    assert INLINE.findall(text) == []
    assert ELSEWHERE.findall(text) == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_hashes_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "-url" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[\w.-]+==[\w.]+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_tests_run_on_what_the_product_runs_on() -> None:
    pins, more = (
        set(re.findall(r"^([\w.-]+==\S+)", (ROOT / lock).read_text(), re.MULTILINE))
        for lock in ("requirements.lock", "requirements-dev.lock")
    )
    assert pins <= more


def test_every_link_of_a_mail_leads_to_its_page(app: Flask, site: Site) -> None:
    until = datetime(2026, 3, 2, tzinfo=UTC)
    leads = {
        "public.unsubscribe": site.unsubscribe(1, 2, 3),
        "public.agree": site.agree(1, until),
        "public.confirm": site.confirm(1, 2, until),
        "public.preferences": site.preferences(1, b"key", until),
        "public.ask_for_link": site.ask_for_link(),
        "public.subscribe": site.sign_up("letters"),
        "public.prove_mailbox": site.reply_probe(1, until),
        "accounts.enter": site.sign_in(1, 2, until),
    }
    to = app.url_map.bind("127.0.0.1:9")
    paths = {endpoint: url.removeprefix(site.public_url) for endpoint, url in leads.items()}
    assert {endpoint: to.match(path)[0] for endpoint, path in paths.items()} == {
        endpoint: endpoint for endpoint in leads
    }


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found
