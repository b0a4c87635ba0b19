"""Whether addresses may be handed out."""

from collections.abc import Iterator

from mailer.compliance.acts import Purpose, Release
from mailer.compliance.finding import Severity
from mailer.compliance.rule import Reason, Rule

_SHOWN = 3
# The person herself, a court, and nobody else may be given an address that opted out.
_EXEMPT = frozenset({Purpose.own_data, Purpose.legal_order})


def _release(release: Release) -> Iterator[Reason]:
    yield from _ground(release)
    if release.purpose in _EXEMPT:
        return
    clear = [p.address for p in release.people if p.is_opted_out and not p.is_hashed]
    if clear:
        named = ", ".join(clear[:_SHOWN]) + (" …" if len(clear) > _SHOWN else "")
        yield Reason(
            f"{len(clear)} of the addresses opted out: {named}",
            "Leave out whoever opted out. To have a processor honour opt-outs, give it keyed "
            "fingerprints of them only.",
        )
    hashed = [p for p in release.people if p.is_opted_out and p.is_hashed]
    if hashed and release.purpose is not Purpose.compliance:
        yield Reason(
            f"{len(hashed)} fingerprints of people who opted out go to {release.to_whom}, "
            "for another purpose than keeping to their opt-outs.",
            "Leave them out.",
        )


def _ground(release: Release) -> Iterator[Reason]:
    """Say what the purpose lacks."""
    if release.purpose is Purpose.marketing:
        yield Reason(
            f"Addresses would be passed to {release.to_whom} for its own marketing.",
            "We do not sell, trade or transfer addresses. Hand out none.",
        )
    if release.purpose in (Purpose.processing, Purpose.compliance) and not release.is_processor:
        yield Reason(
            f"{release.to_whom or 'The one who gets them'} is not registered as a processor.",
            "Register it with its contract first, or export to your own storage only.",
        )
    if release.purpose in _EXEMPT and not release.reference.strip():
        yield Reason(
            "The request or order that this answers is not named.",
            "Give its reference, so that it is on record why the addresses left.",
        )


OPTED_OUT_TRANSFER = Rule(
    id="R32",
    name="opted-out-transfer",
    title="Addresses of people who opted out must not be passed on",
    asks="The address of whoever opted out is never handed on.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(4)(A)(iv); GDPR art. 28",
    check=_release,
)
