"""What a request proves: no more of a visitor than a proof needs."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer.audience.models import ConsentEvent, MailingList
from mailer.web.evidence import family, network
from tests.conftest import ConfigFor

FORGED = {"X-Forwarded-For": "203.0.113.77"}


@pytest.fixture(params=[0, 1])
def config(request: pytest.FixtureRequest, config_for: ConfigFor, sqlite_url: str) -> Config:
    """An installation behind no proxy, or behind one."""
    return config_for(sqlite_url, proxy_hops=request.param)


def test_a_forged_forwarding_header_is_kept_only_from_a_configured_proxy(
    client: FlaskClient, session: Session, letters: MailingList, config: Config
) -> None:
    """listmonk takes the header from anybody as the address that consented."""
    form = {"email": "rosa@example.org"}
    client.post(f"/subscribe/{letters.public_id}", data=form, headers=FORGED)
    evidence = session.query(ConsentEvent).one().evidence
    assert evidence is not None
    assert evidence["ip"] == ("203.0.113.0/24" if config.proxy_hops else "127.0.0.0/24")


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_of_an_ip_address_the_network_is_kept(address: str, kept: str) -> None:
    assert network(address) == kept


@pytest.mark.parametrize(
    ("claim", "kept"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome"),
        ("Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge"),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Version/18.0 Safari/604.1", "Safari"),
        ("bot", "another"),
        ("", ""),
    ],
)
def test_of_a_browser_its_family_is_kept(claim: str, kept: str) -> None:
    assert family(claim) == kept
