"""Where she lives says whose law it is, and which authority is hers."""

from urllib.parse import urlsplit

import pytest

from mailer.privacy import authorities, homes
from mailer.privacy.clocks import Regime


@pytest.mark.parametrize(
    ("home", "established", "regime", "also"),
    [
        ("AT", "US", Regime.gdpr, None),
        ("NO", "AT", Regime.gdpr, None),
        ("GB", "AT", Regime.uk, Regime.gdpr),
        ("AT", "GB", Regime.gdpr, Regime.uk),
        ("US-CA", "US", Regime.ccpa, None),
        ("US-CA", "AT", Regime.ccpa, Regime.gdpr),
        ("US-CA", "GB", Regime.ccpa, Regime.uk),
        ("", "AT", Regime.gdpr, None),
        ("", "GB", Regime.uk, None),
        ("", "US", Regime.policy, None),
        ("", "", Regime.policy, None),
    ],
)
def test_the_law_is_that_of_her_home_and_that_of_the_sender(
    home: str, established: str, regime: Regime, also: Regime | None
) -> None:
    assert homes.laws(home, established) == (regime, also)


def test_whatever_law_is_named_that_of_the_sender_stays() -> None:
    assert homes.bound(Regime.policy, "AT") == (Regime.gdpr, None)
    assert homes.bound(Regime.ccpa, "AT") == (Regime.ccpa, Regime.gdpr)
    assert homes.bound(Regime.gdpr, "US") == (Regime.gdpr, None)


def test_every_state_of_the_economic_area_has_its_authority() -> None:
    union = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
    assert set(authorities.EEA) == {*union.split(), "IS", "LI", "NO"}
    for one in authorities.ALL.values():
        assert urlsplit(one.url).scheme == "https", one
        assert one.url.endswith("/"), one
    assert len({one.url for one in authorities.ALL.values()}) == len(authorities.ALL)


def test_every_home_is_offered_once_and_the_senders_country_first_of_all() -> None:
    assert len(homes.HOMES) == len(homes.CHOICES) == 33
    assert [homes.likely(one) for one in ("AT", "US", "GB")] == ["AT", "", "GB"]
    assert authorities.line("") == ""
    assert "ico.org.uk" in authorities.line("GB")
