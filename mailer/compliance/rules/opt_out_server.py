"""The server behind the unsubscribe link: that it lasts, and that one click is enough."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from mailer.compliance import hosts, opt_out_page, trying
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.links import host_of
from mailer.compliance.readiness import Fetched, OptOutTrial
from mailer.compliance.rule import NOT_TRANSACTIONAL, Reason, Rule

OK = 200
DAYS = 60  # CASL s.11(2); CAN-SPAM asks for 30
_SHORT_LIFE = timedelta(days=100)  # whoever issues for less expects a machine to renew
_LATE_SHARE = 6  # a machine that renews in time never lets it come to the last sixth
_ADDRESS = "Set MAILER_PUBLIC_URL to the https address at which readers reach this server."
_SENDS = re.compile(r"\.(?:submit|requestSubmit|click)\s?\(|\bfetch\s?\(|XMLHttpRequest|sendBeacon")
_FORMS = {"urlencoded": "x-www-form-urlencoded", "multipart": "multipart/form-data"}
_PRIVATE = (("cache-control", "no-store"), ("referrer-policy", "no-referrer"))
_SOURCES = ("src", "href", "srcset", "data", "poster")
_LOADING = frozenset({"script", "img", "link", "iframe", "source", "object", "embed", "video"})
_HEADERS = "Let what stands before Mailer pass its headers on unchanged."
_ONE_CLICK = "Let a POST to the link through as it is: no sign-in, cookie, redirect or form token."


def _lasting(case: Case) -> Iterator[Reason]:
    trial = trying.trial(case)
    if trial is None:
        yield trying.NOT_TRIED
        return
    if trial.key_days is not None and trial.key_days < DAYS:
        found = f"A key that signed links was gone {trial.key_days} days after the last send."
        yield Reason(found, "Put it into MAILER_SECRET_KEY_FALLBACKS: links live 60 days or more.")
    if trial.again is not None and trial.again.status != OK:
        found = f"After she left, the same link is answered with {trial.again.status}."
        yield Reason(found, "A link that was used must still show that she is unsubscribed.")
    for reason in _address_reasons(case, trial):
        yield _noted(reason) if case.candidate.development else reason


def _noted(reason: Reason) -> Reason:
    """Give what development asks nobody for: a public address and a certificate."""
    return Reason(f"Not judged here: {reason.evidence}", reason.fix, severity=Severity.note)


def _address_reasons(case: Case, trial: OptOutTrial) -> Iterator[Reason]:
    host, link = host_of(trial.public_url), case.unsubscribe_url
    for url in (trial.url, link or trial.url):
        if host_of(url) != host:
            yield Reason(
                f"The link leads to {host_of(url)}, the public address is {host}.", _ADDRESS
            )
    if not trial.url.lower().startswith("https://"):
        yield Reason(f"The link does not begin with https: {trial.url}", _ADDRESS)
    why = hosts.fault(host)
    if why:
        yield Reason(f"Readers cannot reach {host}: {why}.", _ADDRESS)
    elif trial.peer and hosts.address_fault(trial.peer):
        found = f"From this machine {host} leads to {trial.peer}, {hosts.address_fault(trial.peer)}"
        fix = "Make sure that readers outside reach it: their way was not tried."
        yield Reason(f"Not judged here: {found}.", fix, severity=Severity.note)
    yield from _certificate_reasons(trial)


def _certificate_reasons(trial: OptOutTrial) -> Iterator[Reason]:
    """Judge the certificate: a machine renews short ones, a person must renew the others."""
    until, day = trial.certificate_until, trial.tried_at.date()
    if until is None:
        return
    left = until - day
    life = until - trial.certificate_from if trial.certificate_from else _SHORT_LIFE
    if left < timedelta(0):
        yield Reason(f"The certificate ended on {until}.", "Renew the server's certificate.")
    elif life > _SHORT_LIFE and left < timedelta(days=DAYS):
        found = f"The certificate ends on {until}, and links must work for {DAYS} days."
        yield Reason(found, "Renew it now, or let a machine renew it.", severity=Severity.warn)
    elif life <= _SHORT_LIFE and left * _LATE_SHARE < life:
        found = f"The certificate ends on {until}, and was not renewed in time so far."
        yield Reason(found, "See why its renewal does not run.", severity=Severity.warn)


def _one_click(case: Case) -> Iterator[Reason]:
    trial, development = trying.trial(case), case.candidate.development
    if trial is None:
        yield _untried(case)
    elif trial.page is None:
        severity = Severity.note if development else None
        lead = "Not judged here: " if development else ""
        fix = "Is the public address right, and does it reach this server?"
        yield Reason(f"{lead}{trial.fault or 'nobody answered.'}", fix, severity=severity)
    elif not trial.is_recent and _is_demanded(case):
        found = f"It was last tried on {trial.tried_at:%d %B %Y at %H:%M} UTC."
        yield Reason(found, "Try it now: a send rests on a trial of the last hour.")
    else:
        yield from _server_reasons(trial)


def _is_demanded(case: Case) -> bool:
    """Whether a send is about to rest on the trial."""
    readiness = case.candidate.readiness
    return readiness is not None and readiness.is_start and not case.candidate.development


def _untried(case: Case) -> Reason:
    if not _is_demanded(case):
        return trying.NOT_TRIED
    found = "The unsubscribe link has not been tried."
    return Reason(found, "Try it now on the sender's page, or with `mailer try-opt-out`.")


@lru_cache(maxsize=64)
def _server_reasons(trial: OptOutTrial) -> tuple[Reason, ...]:
    return tuple(_server_faults(trial))


def _server_faults(trial: OptOutTrial) -> Iterator[Reason]:
    page = trial.page
    if not trial.was_harmless:
        found = "Opening the link took the reader off: programs open every link in a mail."
        yield Reason(found, "A visit must change nothing; only a POST may.")
    for form in _FORMS:
        yield from _click(trial, form)
    answers = [answer for answer in (page, *(one.answer for one in trial.posts)) if answer]
    cookies = [answer.header("set-cookie") for answer in answers]
    if any(cookies):
        name = next(filter(None, cookies)).partition("=")[0]
        yield Reason(f"The link sets a cookie ({name}).", _ONE_CLICK)
    if page is not None and page.status == OK:
        yield from _page_faults(page)


def _click(trial: OptOutTrial, form: str) -> Iterator[Reason]:
    """Judge one POST as RFC 8058 section 3.2 has it."""
    posted, name = trial.posted(form), _FORMS[form]
    if posted is None:
        why = trial.fault or "it got no answer."
        yield Reason(f"The one-click POST ({name}) was not made: {why}", _ONE_CLICK)
        return
    answer, to = posted.answer, posted.answer.header("location")
    if to:
        found = f"The one-click POST ({name}) is answered with {answer.status}, a redirect to {to}."
        yield Reason(found, _ONE_CLICK)
    elif answer.status != OK:
        yield Reason(f"The one-click POST ({name}) is answered with {answer.status}.", _ONE_CLICK)
    elif not posted.lists_left:
        found = f"The one-click POST ({name}) is answered with 200, but changed nothing."
        yield Reason(found, _ONE_CLICK)


def _page_faults(page: Fetched) -> Iterator[Reason]:
    root = opt_out_page.read(page).root
    if any(_SENDS.search(script) for script in trying.scripts(root)):
        found = "A script sends something as soon as the page is opened, as scanners do."
        yield Reason(found, "Only the reader's own press may act.")
    for name, wanted in _PRIVATE:
        if wanted not in page.header(name).lower():
            found = (
                f"The page lacks {name}: {wanted}, so that its address may be kept or passed on."
            )
            yield Reason(found, _HEADERS, severity=Severity.warn)
    host = host_of(page.url)
    loaded = (
        urljoin(page.url, e.get(n) or "")
        for e in root.iter("*")
        for n in _SOURCES
        if e.tag in _LOADING
    )
    others = [url for url in loaded if urlsplit(url).netloc and host_of(url) != host]
    if others:
        found = f"The page loads {others[0]} from another host, which learns of the reader."
        yield Reason(found, "Load nothing from elsewhere on this page.", severity=Severity.warn)


LASTING = Rule(
    id="R20",
    name="opt-out-30-days",
    title="The unsubscribe link may not work for as long as the law asks",
    asks="The way to unsubscribe works for at least sixty days after the mail.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(3)(A)(ii); CASL s.11(2)",
    check=_lasting,
    kinds=NOT_TRANSACTIONAL,
)
ONE_CLICK_ENDPOINT = Rule(
    id="R42",
    name="one-click-endpoint",
    title="The unsubscribe link does not do what mail programs and readers rely on",
    asks="Unsubscribing with one press was tried, and works.",
    severity=Severity.refuse,
    citation="RFC 8058 s3.2; Gmail and Yahoo sender requirements",
    check=_one_click,
    kinds=NOT_TRANSACTIONAL,
)
