"""Every hash chain that there is: who may look at them, and how, the entry points say."""

from mailer.accounts.models import AuditEntry
from mailer.audience.models import ConsentEvent
from mailer.audience.turned import TurnedKey
from mailer.delivery.models import Certificate
from mailer.ledger import Entry

CHAINS: tuple[tuple[str, type[Entry]], ...] = (
    ("Audit log", AuditEntry),
    ("Consent ledger", ConsentEvent),
    ("Turned keys", TurnedKey),
    ("Certificates", Certificate),
)
