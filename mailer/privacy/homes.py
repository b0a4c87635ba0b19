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


def regime(home: str, established: str) -> Regime:
    """Return whose law a request comes under.

    Where she lives, if that is in the European Economic Area, the United Kingdom or California;
    otherwise that of the country in which the sender is established (ISO 3166), which binds it
    towards everybody (Art. 3(1) GDPR and UK GDPR); and where neither sets a time, our own word.
    """
    if home == CALIFORNIA:
        return Regime.ccpa
    return next((own for own in map(of_country, (home, established)) if own), Regime.policy)


def of_country(code: str) -> Regime | None:
    if code in EEA:
        return Regime.gdpr
    return Regime.uk if code == UK else None


def likely(established: str) -> str:
    """Return what the question is answered with beforehand: where the sender is."""
    return established if established in HOMES else ELSEWHERE
