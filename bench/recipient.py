"""What the check of one more recipient's own bytes costs: `python -m bench.recipient`.

Her skeleton has been judged before; what is left is to find her own link and the footer in her own
copy. The yardstick, measured beside it, is one search of those bytes for her link. The last line is
all that hand-off does to approve a copy, telling its skeleton included.
"""

import gc
import sys
from time import perf_counter

from bench import designs, table
from mailer.campaigns import rendering
from mailer.campaigns.rendering import Copy as Words
from mailer.campaigns.rendering import Reader
from mailer.campaigns.stated import Stated
from mailer.compliance.candidate import Kind
from mailer.delivery.inspection import Inspector
from mailer.delivery.office import Office
from mailer.links import Site
from mailer.tokens import Keys
from tests.compliance.letters import SENDER
from tests.corpus import wrapping

RECIPIENTS = 1000
WARM_UP = 20
MOST = 5.0  # µs, at the median
SITE = Site("https://news.acme.example", Keys(("bench",), "bench"))

NOTHING_STATED = Stated("", False, None, (), (), None, "")  # noqa: FBT003 - a plain record
FIRST = ("Rosa", "Tomas", "Grace", "Henk", "Mei", "Olu", "Ines", "Karim", "Astrid", "Pavel")
LAST = ("Lindqvist", "Ferreira", "Oyelaran", "Vries", "Tanaka", "Novak", "Haddad", "Moreau")

Copy = tuple[bytes, Words, Reader, str]


def main() -> int:
    """Print the table; the answer is 1 when the target is missed."""
    bureau = office()
    copies = [copy(bureau, number) for number in range(WARM_UP + RECIPIENTS)]
    inspector = Inspector(bureau, lambda: wrapping.NOON)
    gc.collect()
    gc.freeze()
    rows = [(searching(c), checking(inspector, c), approving(inspector, c)) for c in copies]
    searched, checked, approved = map(sorted, zip(*rows[WARM_UP:], strict=True))
    p50 = table.quantile(checked, 0.5)
    is_met = p50 <= MOST
    size = sum(len(raw) for raw, *_ in copies) / len(copies) / 1000
    print(f"{RECIPIENTS} further recipients of one skeleton, {size:.0f} KB on the wire")
    verdict = table.verdict(f"p50 <= {MOST:.0f} µs", is_met=is_met)
    show("own link, label, address found", checked, verdict)
    show("yardstick: searching once", searched)
    table.line("check / yardstick", f"{p50 / table.quantile(searched, 0.5):.1f} times")
    show("whole approval of a copy", approved)
    return 0 if is_met else 1


def show(name: str, times: list[float], note: str = "") -> None:
    p50, p95 = table.quantile(times, 0.5), table.quantile(times, 0.95)
    table.line(name, f"p50 {p50:6.1f}  p95 {p95:6.1f} µs", note)


def office() -> Office:
    """Return a campaign of 20 KB that is about to be handed over."""
    campaign = wrapping.campaign(designs.campaign(1))
    return Office(
        site=SITE,
        campaign_id=1,
        kind=Kind.commercial,
        from_name="Acme",
        from_address=SENDER.from_address,
        reply_to=SENDER.reply_to,
        record=SENDER,
        made_at=wrapping.NOON,
        compiled=rendering.compiled(campaign),
        signers=(wrapping.SIGNER,),
        stated=NOTHING_STATED,
        digest="",
        relay_signs=False,
        list_header=None,
        list_public_id="tips",
    )


def copy(bureau: Office, number: int) -> Copy:
    name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
    reader = Reader(f"reader{number}@reader.example", name)
    url = SITE.unsubscribe(1, number, number)
    words = bureau.copy(reader, url)
    return bureau.message(words, reader.email, url, "tips", number), words, reader, url


def checking(inspector: Inspector, one: Copy) -> float:
    """Return the microseconds of searching one copy for what it must bear."""
    raw, words, reader, url = one
    kind = inspector.kind(raw, words, reader, url)
    start = perf_counter()
    missing = kind.marks.missing(raw, words, url)
    spent = perf_counter() - start
    assert missing is None, missing  # noqa: S101 - a copy that lacks something measures nothing
    return spent * 1e6


def approving(inspector: Inspector, one: Copy) -> float:
    """Return the microseconds of one approval; it raises when the copy is not lawful."""
    start = perf_counter()
    inspector.approved(*one)
    return (perf_counter() - start) * 1e6


def searching(one: Copy) -> float:
    raw, _, _, url = one
    link = url.encode()
    start = perf_counter()
    assert link in raw  # noqa: S101 - a copy without it would measure nothing
    return (perf_counter() - start) * 1e6


if __name__ == "__main__":
    sys.exit(main())
