"""The page behind the unsubscribe link, as the trial found it before anybody was mailed."""

import re
from collections.abc import Iterator
from functools import lru_cache

from mailer.compliance import opt_out_page, trying
from mailer.compliance.case import Case
from mailer.compliance.controls import Control
from mailer.compliance.finding import Severity
from mailer.compliance.opt_out_page import Page
from mailer.compliance.phrases import OPT_OUT
from mailer.compliance.readiness import Fetched, OptOutTrial
from mailer.compliance.rule import NOT_TRANSACTIONAL, Reason, Rule
from mailer.compliance.vocabulary import leaving
from mailer.compliance.words import says

OK = 200
_MANY_CHOICES = 12
_REFRESH = re.compile(r"refresh", re.IGNORECASE)
_LEAVES = re.compile(r"\blocation(?:\.href)?\s?=[^=]|\blocation\.(?:replace|assign)\s?\(")
_CAPTCHA = re.compile(
    r"captcha|turnstile|cf-chl|challenge-platform|arkoselabs|geetest|geo\.datadome", re.IGNORECASE
)
_CARD = re.compile(r"\bcc-|card-?number|\biban\b|\bcvv\b", re.IGNORECASE)
_OUR_PAGE = "Let this address show Mailer's own page: "
_MENU = "Offer “All mail from this sender” on the page, to be seen, chosen and sent at once."
_ONE_PAGE = "Ask for nothing but the email address and what the reader no longer wants."


def _everything_offered(case: Case) -> Iterator[Reason]:
    trial = trying.trial(case)
    if trial is None or trial.page is None:
        yield trying.NOT_TRIED
    else:
        yield from _menu_reasons(trial)


@lru_cache(maxsize=64)
def _menu_reasons(trial: OptOutTrial) -> tuple[Reason, ...]:
    page = _page(trial)
    if page is None or not page.usable:
        found = "Not judged: the page cannot be used by a reader (R19 says why)."
        return (Reason(found, "Mend the page first.", severity=Severity.note),)
    return tuple(_menu(page, trial))


def _menu(page: Page, trial: OptOutTrial) -> Iterator[Reason]:
    labels = [label for form in page.usable for label in form.labels]
    offered = next((n for n, one in enumerate(labels) if opt_out_page.is_everything(one)), None)
    if offered is None:
        yield from _without_everything(page, labels, trial)
    elif offered >= _MANY_CHOICES:
        found = f"“{labels[offered]}” stands behind {offered} other choices."
        yield Reason(found, "Let it come first.", severity=Severity.warn)
    for one in _chosen_beforehand(page):
        yield Reason(
            f"“{one.label}” is chosen beforehand.",
            "Let nothing be chosen beforehand that keeps mail coming.",
        )
    pressed = trial.posted("page")
    if offered is not None and pressed and 0 < pressed.lists_left < trial.sender_lists:
        found = (
            f"“{pressed.chosen}” stopped {pressed.lists_left} of {trial.sender_lists} "
            "lists of this sender."
        )
        yield Reason(found, "That choice must stop all mail of the sender.")


def _without_everything(page: Page, labels: list[str], trial: OptOutTrial) -> Iterator[Reason]:
    shown = ", ".join(f"“{label}”" for label in labels) or "nothing to choose"
    leaving_ways = [one for one in labels if not opt_out_page.is_staying(one)]
    if trial.sender_lists > 1:
        found = f"This sender has {trial.sender_lists} lists, and the page offers only {shown}."
        yield Reason(found, _MENU)
    elif not leaving_ways or not any(says(one, OPT_OUT) for one in (*leaving_ways, page.text)):
        yield Reason(f"The page offers {shown}, but no way to stop the mail.", _MENU)


def _chosen_beforehand(page: Page) -> Iterator[Control]:
    for form in page.usable:
        for one in form.choices:
            if one.is_picked and opt_out_page.is_staying(one.label):
                yield one


def _nothing_else_asked(case: Case) -> Iterator[Reason]:
    trial = trying.trial(case)
    if trial is None or trial.page is None:
        yield trying.NOT_TRIED
    else:
        yield from _page_reasons(trial)


@lru_cache(maxsize=64)
def _page_reasons(trial: OptOutTrial) -> tuple[Reason, ...]:
    return tuple(_faults(trial))


def _faults(trial: OptOutTrial) -> Iterator[Reason]:
    answer = trial.page
    page = _page(trial)
    if answer is None or page is None:
        yield _not_a_page(answer)
        return
    yield from _detours(answer, page)
    yield from _demands(page)
    if not page.usable:
        why = "; ".join(dict.fromkeys(form.obstacle for form in page.forms)) or "no form at all"
        yield Reason(f"The page has {why}.", "Give it one form that a button sends by POST.")
    else:
        yield from _answered(trial)


def _page(trial: OptOutTrial) -> Page | None:
    """Give the page, None if the answer is none that a reader can use."""
    answer = trial.page
    is_page = answer is not None and answer.status == OK
    return opt_out_page.read(answer, trial.sender_name) if answer and is_page else None


def _not_a_page(answer: Fetched | None) -> Reason:
    """Say what came in place of a page."""
    status = answer.status if answer else 0
    to = answer.header("location") if answer else ""
    if to:
        found = f"The link is answered with {status}, a redirect to {to}."
    elif status in (401, 407) or (answer and answer.header("www-authenticate")):
        found = f"The link is answered with {status}: it asks for a sign-in."
    elif answer and (answer.header("cf-mitigated") or _CAPTCHA.search(answer.body)):
        found = f"The link is answered with {status}: a check for robots stands before the page."
    else:
        found = f"The link is answered with {status} instead of the page."
    return Reason(found, _OUR_PAGE + "200, on the very address of the link, for everybody.")


def _detours(answer: Fetched, page: Page) -> Iterator[Reason]:
    """Find what leads away from the page, before anything is pressed."""
    metas = (
        meta for meta in page.root.iter("meta") if _REFRESH.fullmatch(meta.get("http-equiv", ""))
    )
    refresh = answer.header("refresh") or next((one.get("content", "") for one in metas), "")
    if refresh:
        yield Reason(f"The page leads on by itself: {refresh}.", _OUR_PAGE + "a single one.")
    if any(_LEAVES.search(script) for script in trying.scripts(page.root)):
        yield Reason("A script leads away from the page.", _OUR_PAGE + "a single one.")


def _demands(page: Page) -> Iterator[Reason]:
    """Find what the page asks for beyond the address and the preferences (16 CFR 316.5)."""
    controls = [one for form in page.forms for one in form.controls if one.is_usable]
    is_told = not page.usable and says(page.text, leaving.SIGN_IN)
    if is_told or any(one.kind == "password" for one in controls):
        yield Reason("The page asks for a sign-in.", _OUR_PAGE + "without any account.")
    if says(page.text, leaving.ROBOT) or _is_guarded(page):
        yield Reason("The page asks whether the reader is a robot.", _ONE_PAGE)
    if any(_CARD.search(f"{one.name} {one.element.get('autocomplete')}") for one in controls) or (
        says(page.text, leaving.FEE)
    ):
        yield Reason("The page speaks of a payment.", "Leaving must cost nothing.")
    if says(page.text, leaving.BY_MAIL):
        yield Reason("The page speaks of a further step by mail.", _ONE_PAGE)
    for one in dict.fromkeys(asked for form in page.forms for asked in form.asked):
        label = one.label or one.name or one.kind
        yield Reason(f"The page demands an answer to “{label}” ({one.kind}).", _ONE_PAGE)


def _is_guarded(page: Page) -> bool:
    """Whether a check for robots is built into the page."""
    names = ("src", "class", "id", "name", "data-sitekey")
    return any(
        _CAPTCHA.search(element.get(name) or "")
        for element in page.root.iter("*")
        for name in names
    ) or any(_CAPTCHA.search(script) for script in trying.scripts(page.root))


def _answered(trial: OptOutTrial) -> Iterator[Reason]:
    """Judge what came of pressing the page's own button."""
    pressed = trial.posted("page")
    if pressed is None:
        why = trial.fault or "it got no answer"
        yield Reason(f"The page's button could not be pressed: {why}", "Try it again.")
        return
    answer, text = pressed.answer, ""
    if answer.status == OK:
        text = opt_out_page.read(answer, trial.sender_name).text
    elif answer.header("location"):
        yield _not_a_page(answer)
    else:
        yield Reason(f"The page's button is answered with {answer.status}.", _ONE_PAGE)
    if not pressed.lists_left:
        found = "The page's button was pressed, and the reader was still on the list."
        yield Reason(found, "One press must be enough, without cookies and scripts.")
    elif answer.status == OK and not says(text, leaving.DONE):
        yield Reason("The answer does not say that it is done.", "Say: “You are unsubscribed.”")
    if says(text, leaving.BY_MAIL):
        yield Reason("The answer speaks of a further step by mail.", _ONE_PAGE)


EVERYTHING_OFFERED = Rule(
    id="R18",
    name="unsubscribe-all-option",
    title="The unsubscribe page does not let a reader stop all mail of this sender",
    asks="Whoever unsubscribes can stop all mail of the sender, not only one list.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(3)(B)",
    check=_everything_offered,
    kinds=NOT_TRANSACTIONAL,
)
NOTHING_ELSE_ASKED = Rule(
    id="R19",
    name="no-login-to-unsubscribe",
    title="To unsubscribe takes more than one page and one press",
    asks="Unsubscribing takes one page: no sign-in, no fee, no questions.",
    severity=Severity.refuse,
    citation="16 CFR 316.5",
    check=_nothing_else_asked,
    kinds=NOT_TRANSACTIONAL,
)
