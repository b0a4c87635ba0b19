"""What the check of one more recipient's own bytes costs: `python -m bench.recipient`.

The skeletons have been judged before; this is what hand-off adds for each further copy of one.
The yardstick, measured beside it, is a search of those bytes for the reader's own link.
"""

import gc
import sys
from time import thread_time

from bench import designs, table
from mailer.campaigns import rendering
from mailer.campaigns.rendering import Reader, Rendered
from mailer.compliance.candidate import Kind
from mailer.delivery.inspection import Inspector
from mailer.delivery.office import Office
from mailer.links import Site
from mailer.tokens import Keys
from tests.compliance.letters import SENDER, TODAY
from tests.corpus import wrapping

RECIPIENTS = 1000
WARM_UP = 20
MOST = 5.0  # µs, at the median
SITE = Site("https://news.acme.example", Keys(("bench",), "bench"))

FIRST = ("Rosa", "Tomas", "Grace", "Henk", "Mei", "Olu", "Ines", "Karim", "Astrid", "Pavel")
LAST = ("Lindqvist", "Ferreira", "Oyelaran", "Vries", "Tanaka", "Novak", "Haddad", "Moreau")

Copy = tuple[bytes, Rendered, Reader, str]


def main() -> int:
    """Print the table; the answer is 1 when the target is missed."""
    bureau = office()
    copies = [copy(bureau, number) for number in range(WARM_UP + RECIPIENTS)]
    inspector = Inspector(bureau, TODAY)
    gc.collect()
    gc.freeze()
    times = [(searching(one), checking(inspector, one)) for one in copies][WARM_UP:]
    checked = [spent for _, spent in times]
    p50 = table.quantile(checked, 0.5)
    is_met = p50 <= MOST
    size = sum(len(raw) for raw, *_ in copies) / len(copies) / 1000
    print(f"Check of {RECIPIENTS} further recipients of one skeleton, {size:.0f} KB on the wire")
    figures = f"p50 {p50:6.1f}  p95 {table.quantile(checked, 0.95):6.1f} µs"
    table.line("each", figures, table.verdict(f"p50 <= {MOST:.0f} µs", is_met=is_met))
    searched = table.quantile([spent for spent, _ in times], 0.5)
    table.line("yardstick: searching the bytes", f"p50 {searched:6.1f} µs")
    table.line("check / yardstick", f"{p50 / searched:.1f} times")
    return 0 if is_met else 1


def office() -> Office:
    """Return a campaign of 20 KB that is about to be handed over."""
    return Office(
        site=SITE,
        campaign_id=1,
        kind=Kind.commercial,
        from_name="Acme",
        from_address=SENDER.from_address,
        reply_to=SENDER.reply_to,
        record=SENDER,
        sent_at=wrapping.NOON,
        compiled=rendering.compiled(wrapping.campaign(designs.campaign(1))),
        signers=(wrapping.SIGNER,),
    )


def copy(bureau: Office, number: int) -> Copy:
    name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
    reader = Reader(f"reader{number}@reader.example", name)
    url = SITE.unsubscribe(1, number, number)
    words = bureau.rendered(reader, url)
    return bureau.message(words, reader.email, url, "tips", number), words, reader, url


def checking(inspector: Inspector, one: Copy) -> float:
    """Return the microseconds of one check; it raises when the copy is not lawful."""
    start = thread_time()
    inspector.demand_lawful(*one)
    return (thread_time() - start) * 1e6


def searching(one: Copy) -> float:
    raw, _, _, url = one
    link = url.encode()
    start = thread_time()
    assert link in raw  # noqa: S101 - a copy without it would measure nothing
    return (thread_time() - start) * 1e6


if __name__ == "__main__":
    sys.exit(main())
