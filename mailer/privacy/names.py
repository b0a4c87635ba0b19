"""What lists and senders are called in an answer to a person, who knows no numbers of ours."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList, Sender
from mailer.audience.words import Scope


@dataclass(frozen=True)
class Names:
    """What lists and senders are called, by number; a number whose row is gone has no name."""

    lists: dict[int | None, str]
    senders: dict[int | None, str]

    @classmethod
    def read(cls, session: Session) -> "Names":
        lists = session.execute(sa.select(MailingList.id, MailingList.name))
        senders = session.execute(sa.select(Sender.id, Sender.legal_name))
        return cls(
            lists={number: name for number, name in lists},  # noqa: C416 - rows are no pairs to mypy
            senders={number: name for number, name in senders},  # noqa: C416
        )

    def reach(self, scope: Scope, number: int) -> str:
        if scope is Scope.everything:
            return "all mail from this installation"
        if scope is Scope.domain:
            return "all mail to addresses of your domain"
        names = self.lists if scope is Scope.list else self.senders
        return names.get(number, "")
