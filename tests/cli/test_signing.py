"""Signing keys from the command line."""

from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.cli.signing import signing_key
from mailer.delivery import signing
from mailer.links import Site


def said(app: Flask, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(signing_key, words, obj=app)
    return result.exit_code, result.output


def test_a_key_is_made_listed_and_retired(
    app: Flask, session: Session, site: Site, sender: Sender
) -> None:
    number = str(sender.id)
    session.commit()
    code, record = said(app, "add", number, "march", "--algorithm", "ed25519")
    assert code == 0
    assert record.startswith('march._domainkey.harbor.example.com. TXT "v=DKIM1; k=ed25519; p=')
    assert said(app, "list", number) == (0, record)
    session.expire_all()
    assert [one.selector for one in signing.signers(session, site.keys, sender)] == ["march"]
    session.commit()
    assert said(app, "retire", number, "march") == (0, "march signs no more.\n")
    assert said(app, "list", number) == (0, "")
    session.expire_all()
    assert signing.signers(session, site.keys, sender) == ()


def test_what_cannot_be_is_said_in_one_line(app: Flask, session: Session, sender: Sender) -> None:
    number = str(sender.id)
    session.commit()
    said(app, "add", number, "march", "--algorithm", "ed25519")
    for words, line in (
        (("add", "99", "march"), "There is no sender 99."),
        (("list", "99"), "There is no sender 99."),
        (("add", number, "not a selector"), "A selector is made of letters and digits"),
        (("add", number, "march"), "has a key with the selector march already"),
        (("retire", number, "april"), "no key in force with the selector april"),
    ):
        code, output = said(app, *words)
        assert code == 2
        assert line in output
