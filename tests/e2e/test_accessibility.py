"""Every page, in light and in dark, on a desk and on a phone: nothing to object to."""

import pytest
from playwright.sync_api import Page

from tests.e2e import judging
from tests.e2e.conftest import Tone
from tests.web.matrix import RULES, path_of
from tests.world import World

# What a frame or a program is answered, and files.
NO_PAGE = {
    "campaigns.preview",
    "certificates.download",
    "imports.faults",
    "imports.progress",
    "inbox.part",
    "incidents.form",
    "metrics.show",
    "public.open_lists",
    "public.person_schema",
    "reports.progress",
    "static",
    "security.static",
}


@pytest.fixture
def addresses(made: World, address: str) -> dict[str, str]:
    """What each page is called, by its address."""
    return {
        address + path_of(rule, made): rule.endpoint
        for rule in RULES
        if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGE
    }


@pytest.mark.timeout(300)
def test_axe_finds_nothing_and_nothing_overflows(
    tab: Page, addresses: dict[str, str], tone: Tone
) -> None:
    found = {}
    for page, endpoint in addresses.items():
        name = f"{endpoint}-{tone}"
        tab.set_viewport_size(judging.DESK)
        answer = tab.goto(page)
        assert answer is not None
        assert answer.status == 200, page
        problems = judging.objections(tab)
        judging.photograph(tab, f"{name}-desk")
        tab.set_viewport_size(judging.PHONE)
        wide = judging.overflow(tab)
        judging.photograph(tab, f"{name}-phone")
        problems += [f"{wide} px too wide for a phone"] if wide > 0 else []
        if problems:
            found[page] = problems
    assert not found
    assert len(addresses) > 30
