"""A sender's domain from the command line."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from mailer import clock
from mailer.audience.models import Sender
from mailer.cli.domains import check_domain
from mailer.delivery import rotation, signing
from mailer.links import Site
from tests.conftest import ConfigFor
from tests.names import SERVFAIL, Zone, running_zone

DOMAIN = "harbor.example.com"


@pytest.fixture
def zone() -> Iterator[Zone]:
    with running_zone() as zone:
        yield zone


@pytest.fixture
def config(sqlite_url: str, config_for: ConfigFor, zone: Zone) -> Config:
    return config_for(
        sqlite_url,
        dns_resolver=f"127.0.0.1:{zone.port}",
        smtp_url="smtps://192.0.2.7",
        production=True,
        public_url="https://news.example.com",
    )


def said(app: Flask, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(check_domain, words, obj=app)
    return result.exit_code, result.output


def test_what_is_missing_is_printed_ready_to_publish(
    app: Flask, session: Session, site: Site, sender: Sender, zone: Zone
) -> None:
    number = str(sender.id)
    keys = rotation.prepare(session, site.keys, sender, clock.now())
    records = {signing.name(key, DOMAIN): signing.record(key) for key in keys}
    session.commit()
    code, output = said(app, number)
    assert code == 1
    assert f'put there: {DOMAIN}. TXT "v=spf1 ip4:192.0.2.7 ~all"' in output
    assert f'put there: _dmarc.{DOMAIN}. TXT "v=DMARC1; p=none;' in output
    for name, record in records.items():
        assert f'{name}. TXT "{record}"' in output
        zone.text(name, record)
    zone.text(DOMAIN, "v=spf1 ip4:192.0.2.7 -all")
    zone.text(f"_dmarc.{DOMAIN}", "v=DMARC1; p=none")
    code, output = said(app, number)
    assert code == 1  # nobody would hear an answer
    assert "harbor.example.com: It takes no mail" in output
    zone.put(DOMAIN, "A", "192.0.2.1")
    code, output = said(app, number)
    assert (code, "put there" in output) == (0, False)
    session.expire_all()
    assert len(signing.signers(session, site.keys, sender)) == 2


def test_silence_and_strangers_are_told_apart(
    app: Flask, session: Session, sender: Sender, zone: Zone
) -> None:
    number = str(sender.id)
    session.commit()
    zone.broken[DOMAIN] = SERVFAIL
    code, output = said(app, number)
    assert (code, "DNS did not answer" in output) == (1, True)
    assert said(app, "99")[0] == 2
