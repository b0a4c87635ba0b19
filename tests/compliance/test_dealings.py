"""R07: advertising that pretends to be about an order, a payment or an account."""

from dataclasses import replace
from time import process_time

import pytest

from mailer.compliance import gate, pretences
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.inputs import Dealing, Relation
from mailer.compliance.rules.dealings import FAKE_TRANSACTIONAL
from mailer.compliance.words import Words
from tests.compliance.letters import BODY, FOOTER, LAWFUL, TEXT, letter, with_headers


def severities(candidate: Candidate) -> list[str]:
    return [f.severity.value for f in gate.judge(candidate, (FAKE_TRANSACTIONAL,)).findings]


def of_subject(subject: str) -> list[str]:
    return severities(with_headers({"Subject": subject}))


PRETENCES = """
Confirm your car | Your invoice is ready | Your order has shipped | Your order | Payment failed
Your account has been suspended | Account suspended | Security alert | Security alert: new login
URGENT: action required | Action required - Acme | Final notice | Verify your account | invoice
Your package is on its way | Ana, your invoice is overdue | Invoice #20261 | Order 4711-22 confirmed
Order confirmation | Thanks for your order | Problem with your payment | Update on your order
Your receipt + 20% off | Great news: your order has shipped | Please confirm your details
[Acme] Action required | We could not process your payment | Update your payment method
Reset your password | Your subscription has expired | ✅ Your order is confirmed! | Delivery failed
Hi Ana! Your refund has been approved | Your delivery is delayed | Your tracking number
Missed delivery | Your Acme account will be closed | Your order details | Your latest invoice
Ihre Rechnung | Ihre Bestellung wurde versandt | Deine Zahlung ist fehlgeschlagen
Letzte Mahnung | Bestätigen Sie Ihr Konto | Rechnung Nr. 2026-114 | Zahlungserinnerung
Bitte bestätigen Sie Ihre Daten | Ihr Paket ist da | Votre facture est disponible
Votre colis est en attente | Confirmez votre compte | Dernier rappel | Tu pedido ha sido enviado
Su cuenta ha sido suspendida | Verifica tu cuenta | Último aviso | Il tuo ordine è stato spedito
Seu pedido foi enviado | Uw pakket is onderweg | Din faktura är förfallen | 您的订单已发货
Twoje zamówienie zostało wysłane | Ваш заказ отправлен | ご注文の確認
Your invoice #4411 is attached | Re-activate your account | Password changed | 2. Mahnung
You have an unpaid invoice | You've got a refund | Ihre Buchungsbestätigung | Payment reminder
Confirmation de votre commande | Conferma del tuo ordine | Bevestiging van uw bestelling
Confirmação do seu pedido | Il tuo pagamento non è riuscito | Il tuo pacco è in consegna
Sua fatura está disponível | Je betaling is mislukt | Twoja płatność została odrzucona
Security warning draws your attention | Security alert sparks account review | Fraud alert spurs
Security alert: draws DMCA threat | Security warning drawn up
Security alert triggers lockout | Security alert draws near: verify your account
Urgent security alert alarms readers | Payment failed sparks outrage | Security alert alarms us
Security alert fuels need to reset your password | Security warning withdraws sign-in
Action required divides team | Security warning draws! | Security alert sparks urgent fix
ご注文が発送されました | お荷物のお届け | アカウントが停止されました | Su pago ha sido rechazado
"""
MENTIONS = """
How to track your order | If your payment failed: what now | Your account just got better
Why your account was suspended and how to avoid it | Track your order with our new app
Confirm your spot at our webinar | What to do when your parcel is delayed | No action required
Complete your order | Renew your membership
vkatalov@elcomsoft.com: Security warning draws DMCA threat | Security warning draws DMCA threat
Fraud alert sparks outrage in Oslo | BBC: security alert spurs airport to change its doors
Data breach notice stirs debate | Legal notice angers bloggers | Your security alert stirs debate
"""
OFFERS = """
Invoice templates you can copy | 20% off your next order | 20% off your order | Best sale ever
Free gift with your order | Free shipping on your first order | Free delivery this weekend
Order now: spring bulbs | Pre-order the new book | Accounts of the war | Confirmed: the line-up
Your garden in May | Ready for spring? | Your package holiday awaits | Open an account today
Bestellen Sie jetzt | Kostenlose Lieferung bis Sonntag | Livraison offerte | Envío gratis
How we ship your orders | Notice: office closed | Final call for speakers | Delivery 24/7
A bill to protect bees | Order 2 pizzas, pay for 1 | Payment options explained
Take delivery of a new car this month | Confirmed speakers for our summit
An update on your membership benefits
What your order history says about you | Your package of ideas for May | Your bill of rights
Your delivery questions answered | Ton avis compte | Tu voz cuenta | Your free guide is ready
Ihr neuer Katalog ist da | Your summer reading is here | We shipped dark mode | 重要なお知らせ
Il tuo giardino a novembre | Twój ogród w listopadzie | 今週のおすすめ | Je suis prêt
"""


def cases(text: str) -> list[str]:
    return [
        piece.strip() for line in text.split("\n") for piece in line.split("|") if piece.strip()
    ]


@pytest.mark.parametrize("subject", cases(PRETENCES))
def test_a_pretended_dealing_is_refused(subject: str) -> None:
    assert of_subject(subject) == ["refuse"]


@pytest.mark.parametrize("subject", cases(MENTIONS))
def test_a_dealing_that_is_only_spoken_of_is_a_warning(subject: str) -> None:
    assert of_subject(subject) == ["warn"]


@pytest.mark.parametrize("subject", cases(OFFERS))
def test_an_offer_is_no_pretence(subject: str) -> None:
    assert of_subject(subject) == []


def test_an_editorial_message_is_only_warned_and_a_receipt_is_what_it_says() -> None:
    letter_of_order = with_headers({"Subject": "Your order has shipped"})
    assert severities(replace(letter_of_order, kind=Kind.editorial)) == ["warn"]
    assert severities(replace(letter_of_order, kind=Kind.transactional)) == []


def test_a_dealing_that_the_message_names_stands_behind_its_subject() -> None:
    html, text = f"<p>Order A-4711</p>{BODY}{FOOTER}", f"Order A-4711\n{TEXT}"
    raw = letter(html, text, {"Subject": "Your order has shipped"})
    bound = replace(LAWFUL, raw=raw, dealing=Dealing(Relation.transaction, "A-4711"))
    assert severities(bound) == []
    assert severities(replace(bound, dealing=Dealing(Relation.transaction, "A-9"))) == ["refuse"]
    assert severities(replace(bound, dealing=Dealing(Relation.transaction, ""))) == ["refuse"]


@pytest.mark.parametrize("style", ["display:none", "color:#333"])
def test_a_pretence_in_the_preheader_is_refused(style: str) -> None:
    html = f'<div style="{style}">Your invoice is ready.</div>{BODY}{FOOTER}'
    assert severities(replace(LAWFUL, raw=letter(html))) == ["refuse"]
    later = f"{BODY}<p>{'Water the beans. ' * 10}</p><p>Your invoice is ready</p>{FOOTER}"
    assert severities(replace(LAWFUL, raw=letter(later))) == []


DENIALS = """
This is not a marketing email. | This email is not an advertisement | It isn't a promotional message
It is not intended as advertising | This is NOT an ad | This message is not a solicitation.
This message was not sent for marketing purposes | Dies ist keine Werbung. | Esto no es publicidad
Bei dieser E-Mail handelt es sich nicht um Werbung | Ceci n'est pas une publicité
Questa non è una pubblicità | Dit is geen reclame | Detta är inte reklam
"""
NO_DENIALS = """
Sie möchten keine Werbung mehr erhalten? | If you are not a marketing professional
It's not a marketing trick | This is not spam, you signed up | This is not a sales pitch
This is not your usual marketing email | Der Newsletter enthält keine Werbung Dritter
Vous ne voulez plus recevoir de publicité ? | We never send commercial email uninvited
"""


@pytest.mark.parametrize("sentence", cases(DENIALS))
def test_an_advertisement_that_denies_itself_is_refused(sentence: str) -> None:
    denying = replace(LAWFUL, raw=letter(f"{BODY}<p>{sentence}</p>{FOOTER}"))
    assert severities(denying) == ["refuse"]
    assert severities(replace(denying, kind=Kind.editorial)) == []


@pytest.mark.parametrize("sentence", cases(NO_DENIALS))
def test_other_words_about_advertising_are_kept(sentence: str) -> None:
    assert severities(replace(LAWFUL, raw=letter(f"{BODY}<p>{sentence}</p>{FOOTER}"))) == []


@pytest.mark.parametrize(
    "text", ["your ", "your order ", "x ", "order 1 ", "please ", "this is not an in way ", "1 "]
)
def test_a_hundred_thousand_characters_are_judged_quickly(text: str) -> None:
    long = " " + text * (100_000 // len(text))
    started = process_time()
    pretences.pretence(long)
    pretences.denial(Words(long))
    assert process_time() - started < 1
