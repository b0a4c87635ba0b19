"""`mailer policy`: the pages, their versions and what readers are told, from the terminal."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry
from mailer.audience.models import MailingList
from mailer.campaigns.models import Campaign
from mailer.compliance.candidate import Kind
from tests.cli.conftest import Mailer


def test_a_version_is_published_compared_and_told_of(
    mailer: Mailer, session: Session, letters: MailingList, tmp_path: Path
) -> None:
    first = mailer("policy", "list")
    assert (first.exit_code, "privacy  now: no version yet" in first.output) == (1, True)
    for page in ("privacy", "cookies"):
        assert mailer("policy", "publish", page).output == "Version 1 is what readers see now.\n"
    assert mailer("policy", "publish", "privacy").output == "Nothing changed.\n"
    letters.description = "When the tide turns"
    session.commit()
    assert mailer("policy", "list").exit_code == 1
    words = tmp_path / "words.md"
    words.write_text("Ask us anything.\n")
    done = mailer("policy", "write", "privacy", "rights", str(words))
    assert done.output == "Version 2 is what readers see now.\n"
    assert mailer("policy", "list").exit_code == 0
    came = mailer("policy", "diff", "privacy", "1", "2").output.splitlines()
    assert "+ > Ask us anything." in came
    assert any(line.startswith("+ ") and "When the tide turns" in line for line in came)
    assert not any(line.startswith("  ") for line in came)
    assert "Ask us" in mailer("policy", "show", "privacy").output
    assert "Ask us" not in mailer("policy", "show", "privacy", "1").output
    assert "is a draft" in mailer("policy", "notify", "privacy", "2").output
    assert session.scalars(sa.select(Campaign.kind)).all() == [Kind.service]
    acts = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert acts == [*(["policy.publish"] * 2), "policy.edit", "policy.notify"]


def test_what_is_not_there_is_said(mailer: Mailer, tmp_path: Path) -> None:
    for words, said in (
        (("show", "privacy", "7"), "has no version 7"),
        (("write", "cookies", "prices", str(tmp_path / "a")), "The sections are"),
        (("notify", "privacy", "1"), "nobody to tell"),
    ):
        (tmp_path / "a").write_text("x")
        if words[0] == "notify":
            mailer("policy", "publish", "privacy")
        answer = mailer("policy", *words)
        assert (answer.exit_code, said in answer.stderr) == (2, True)
