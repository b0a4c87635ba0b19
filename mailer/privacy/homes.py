"""Where a person lives, as she says herself, and whose law her request comes under."""

from mailer.privacy import authorities
from mailer.privacy.authorities import CALIFORNIA, EEA, UK
from mailer.privacy.clocks import Regime

ELSEWHERE = ""
CHOICES = (
    *((code, EEA[code].country) for code in EEA),
    (UK, authorities.ALL[UK].country),
    (CALIFORNIA, "California, United States"),
    (ELSEWHERE, "Somewhere else"),
)
HOMES = frozenset(code for code, _ in CHOICES)


def laws(home: str, established: str) -> tuple[Regime, Regime | None]:
    """Return whose law a request comes under, and which other one binds it as well.

    The first is the law of where she lives, if that is in the European Economic Area, the United
    Kingdom or California. The law of the country in which the sender is established (ISO 3166)
    binds it towards everybody, wherever they live (Art. 3(1) GDPR and UK GDPR).
    """
    return bound(Regime.ccpa if home == CALIFORNIA else of_country(home), established)


def bound(hers: Regime | None, established: str) -> tuple[Regime, Regime | None]:
    """Return a law with that of the sender's country beside it; our own word where none is left."""
    own = of_country(established)
    if hers is None or hers is Regime.policy:
        return own or Regime.policy, None
    return hers, own if own is not hers else None


def of_country(code: str) -> Regime | None:
    if code in EEA:
        return Regime.gdpr
    return Regime.uk if code == UK else None


def likely(established: str) -> str:
    """Return what the question is answered with beforehand: where the sender is."""
    return established if established in HOMES else ELSEWHERE
