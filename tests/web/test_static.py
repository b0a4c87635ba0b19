"""What the browser is given: vendored bytes as locked, nothing from elsewhere, nothing inline."""

import hashlib
import json
import re
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "mailer" / "web" / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = ROOT / "templates"

LOCK = json.loads((ROOT / "tools" / "vendor.lock.json").read_text("utf-8"))
# Mail is read in other people's programs: there inline styles are right, and links are whole.
PAGES = [path for path in sorted(TEMPLATES.rglob("*.html")) if "email" not in path.parts]
OURS = [path for path in sorted(STATIC.glob("*.*")) if path.suffix in {".css", ".js", ".svg"}]

NAMESPACE = "http://www.w3.org/2000/svg"  # a name, which no browser opens
ELSEWHERE = re.compile(r"https?://|@import|src=[\"']//")
INLINE = re.compile(
    r"<style\b|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|\shx-on", re.IGNORECASE
)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def without_comments(template: str) -> str:
    return re.sub(r"\{#.*?#\}", "", template, flags=re.DOTALL)


@pytest.mark.parametrize("package", LOCK, ids=lambda package: str(package["folder"]))
def test_vendored_files_are_the_locked_bytes_and_carry_their_licence(
    package: dict[str, dict[str, str]],
) -> None:
    folder = VENDOR / str(package["folder"])
    locked = {PurePosixPath(name).name: sha for name, sha in package["files"].items()}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert found == locked
    assert "LICENSE" in found


def test_nothing_is_vendored_that_the_lock_does_not_name() -> None:
    assert {path.name for path in VENDOR.iterdir()} == {package["folder"] for package in LOCK}


def test_the_lock_names_no_host() -> None:
    assert "://" not in json.dumps(LOCK)


@pytest.mark.parametrize("path", [*PAGES, *OURS], ids=named)
def test_pages_and_assets_ask_no_other_host(path: Path) -> None:
    text = path.read_text("utf-8").replace(NAMESPACE, "")
    assert not ELSEWHERE.findall(text)


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_pages_carry_no_inline_style_or_script(path: Path) -> None:
    found = INLINE.findall(without_comments(path.read_text("utf-8")))
    assert not found


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_pages_leave_the_referrer_to_the_headers(path: Path) -> None:
    # A tag saying no-referrer outdoes the header, and then signing in over https is refused.
    assert 'name="referrer"' not in path.read_text("utf-8")


def test_the_inline_pattern_sees_what_it_is_for() -> None:
    bad = ['<p style="x">', "<style>", "<script>", "<a onclick=x>", "<a href=javascript:x>"]
    assert all(INLINE.search(one) for one in bad)
    assert not INLINE.search('<script src="/static/app.js" defer></script>')


def test_every_icon_that_is_asked_for_by_name_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text("utf-8")))
    asked = set()
    for path in PAGES:
        text = without_comments(path.read_text("utf-8"))
        asked |= set(re.findall(r'\b_?icon(?:\(|=)"([\w-]+)"', text))
    assert asked
    assert asked <= drawn


def test_every_asset_that_a_page_names_exists() -> None:
    pages = "".join(path.read_text("utf-8") for path in PAGES)
    names = set(re.findall(r"url_for\('static', filename='([^']+)'\)", pages))
    names |= set(re.findall(r'url\("([^"]+)"\)', (STATIC / "app.css").read_text("utf-8")))
    assert names
    assert all((STATIC / name).is_file() for name in names)
