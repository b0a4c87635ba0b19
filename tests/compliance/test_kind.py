"""R25: is a message of the kind that it is sent as?"""

from dataclasses import replace
from time import process_time

import pytest

from mailer.compliance import gate, promotion
from mailer.compliance.candidate import Kind
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.inputs import Dealing, Relation
from tests.compliance.letters import FOOTER, LAWFUL, PLACE, URL, letter

ORDER = Dealing(Relation.transaction, "A-10023")
RECEIPT = """Receipt for your order A-10023
Two lemon trees, 48.00 EUR
Delivery by post, 6.00 EUR
Total paid: 54.00 EUR
Your trees leave our nursery on Tuesday and take two days. You can change the delivery address
until Monday evening in your account."""
REFUSE, WARN = {Severity.refuse}, {Severity.warn}


def findings(
    text: str,
    dealing: Dealing | None = ORDER,
    subject: str = "Your receipt",
    html: str | None = None,
    kind: Kind = Kind.transactional,
) -> list[Finding]:
    lines = text.split("\n")
    rich = html or "".join(f"<p>{line}</p>" for line in lines)
    foot = f"{PLACE}\nUnsubscribe: {URL}\n"
    raw = letter(rich + FOOTER, "\n".join((*lines, "", foot)), headers={"Subject": subject})
    candidate = replace(LAWFUL, raw=raw, kind=kind, dealing=dealing)
    return [f for f in gate.judge(candidate).findings if f.rule == "R25"]


def severities(*args: object, **options: object) -> set[Severity]:
    return {f.severity for f in findings(*args, **options)}  # type: ignore[arg-type]


CROSS_SELLS = [
    "You may also like our lemon press.",
    "Das könnte Ihnen auch gefallen: unsere Zitronenpresse.",
    "Vous aimerez aussi notre presse-citron.",
    "También te puede gustar nuestro exprimidor.",
    "Potrebbe interessarti il nostro spremiagrumi.",
    "Misschien vind je onze citruspers ook leuk.",
]


@pytest.mark.parametrize("line", CROSS_SELLS)
def test_a_receipt_with_one_cross_sell_line_is_kept(line: str) -> None:
    assert promotion.promotion(line)
    assert findings(f"{RECEIPT}\n{line}") == []


@pytest.mark.parametrize(
    "line",
    [
        *CROSS_SELLS,
        "Summer sale: 20 % off everything!",
        "Sommerschlussverkauf: 20 % Rabatt auf alles",
        "Soldes : -20 % sur tout le site",
        "Rebajas: 20 % de descuento",
        "Saldi: 20 % di sconto",
        "Promoção: 20 % de desconto",
        "Uitverkoop: 20 % korting",
        "Rea: 20 % rabatt",
        "Wyprzedaż: 20 % taniej",
        "Распродажа: скидки до 50 %",
        "全品20%オフセール",
        "限时特价",
        "여름 세일",
        "خصم 20 %",
        "20\u200b% o\u200bff everything",
        "\uff12\uff10\uff05 off everything",
    ],
)
def test_promotion_above_a_receipt_is_refused(line: str) -> None:
    assert severities(f"{line}\n{RECEIPT}") == REFUSE


@pytest.mark.parametrize(
    "subject",
    ["Your receipt + 20% off", "Ihre Rechnung und 10 % Rabatt", "Votre facture, code promo inclus"],
)
def test_a_subject_that_advertises_is_refused(subject: str) -> None:
    assert [f.part for f in findings(RECEIPT, subject=subject)] == ["Subject"]


OFFER = "Shop now: garden chairs at half the price, in green, in blue, and while stocks last."


def test_promotion_is_measured() -> None:
    assert severities(f"{RECEIPT}\n{OFFER}") == set()
    assert severities("\n".join((RECEIPT, *["Shop now: garden chairs."] * 4))) == WARN
    assert severities("\n".join((RECEIPT, *[OFFER] * 4))) == REFUSE


def test_what_follows_a_promotion_belongs_to_it_until_something_else_comes() -> None:
    wares = "A chair of ash wood that lasts for years and folds into nothing at all.\n" * 6
    assert severities(f"{RECEIPT}\n{OFFER}\n{wares}") == REFUSE
    assert severities(f"{RECEIPT}\nYou may also like:\nQuestions? Reply to us.\n{wares}") == set()


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (RECEIPT + "\nDiscount (20% off): -5.00 EUR", "Your order A-10023"),
        ("Use code 483920 to sign in to your account A-10023.", "Your sign-in code"),
        ("You made a sale! Order A-10023 was paid.", "You made a sale"),
        (
            "Your offer letter, A-10023, is ready to sign. Salary and benefits inside.",
            "Offer letter",
        ),
        ("Ihre Bestellung A-10023 wurde versandt. Kostenloser Versand.", "Versandbestätigung"),
        ("Votre commande A-10023 est en route.", "Expédition"),
    ],
)
def test_true_transactional_messages_are_kept(text: str, subject: str) -> None:
    assert findings(text, subject=subject) == []


def test_no_dealing_refuses_unless_the_text_names_one() -> None:
    assert severities("Three garden tips\nWater in the morning.", None) == REFUSE
    assert severities(RECEIPT.replace("A-", "no. "), None) == WARN
    assert severities(RECEIPT.replace("A-", "no. "), replace(ORDER, reference=" ")) == WARN
    assert severities("Thank you for everything.", None) == REFUSE


def test_a_dealing_must_show_in_the_text_unless_the_text_is_what_was_bought() -> None:
    tips = "Three garden tips\nWater in the morning, mulch, and be patient."
    assert severities(tips) == REFUSE
    paid = Dealing(Relation.delivery, "subscription 77")
    assert severities(tips, paid) == set()
    assert severities(f"{OFFER}\n{tips}", paid) == REFUSE
    begun = Dealing(Relation.safety, "case 12", opening="Water in the morning")
    assert severities(tips, begun) == set()


BANNER = '<img alt="Sale! 20% off" src="https://acme.example/b.png">'


def test_a_banner_above_the_receipt_is_refused_and_one_below_warns() -> None:
    rows = "".join(f"<p>{line}</p>" for line in RECEIPT.split("\n"))
    assert severities(RECEIPT, html=BANNER + rows) == REFUSE
    assert severities(RECEIPT, html=rows + BANNER) == WARN
    plain = rows + '<img alt="Acme" src="x"><img src="y">'
    assert severities(RECEIPT, html=plain) == set()


def test_an_editorial_message_that_only_sells_is_refused() -> None:
    kind = Kind.editorial
    tips = "Water in the morning, mulch, and be patient with your young trees. " * 4
    assert severities(tips, subject="Three garden tips", kind=kind) == set()
    assert severities(f"{tips}\n{OFFER}", subject="Three garden tips", kind=kind) == set()
    assert severities(tips, subject="20 % off everything", kind=kind) == WARN
    assert severities(OFFER, subject="Three garden tips", kind=kind) == WARN
    assert severities(OFFER, subject="20 % off everything", kind=kind) == REFUSE


def test_a_commercial_message_is_what_it_says() -> None:
    assert severities(OFFER, None, subject="20 % off everything", kind=Kind.commercial) == set()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10**5,
        "1" * 10**5,
        "% " * 50_000,
        "save up to " * 9_000,
        "-1" * 50_000,
        "order #" * 14_000,
    ],
)
def test_long_lines_are_read_at_once(text: str) -> None:
    start = process_time()
    promotion.promotion(text)
    promotion.dealing_number(f"order {text}")
    assert process_time() - start < 2  # what is quadratic takes minutes
