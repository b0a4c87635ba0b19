"""R27: nobody is paid for writing to others on the sender's behalf."""

import pytest

from mailer.compliance import gate
from tests.compliance.letters import BODY, FOOTER, with_html, with_text

PAID = [
    "Forward this email to five friends and get $10 credit.",
    "Refer a friend and earn 500 points!",
    "Share this newsletter with your friends. For each one who signs up you get a free month.",
    "Tell your colleagues about us. In return we'll send you a mug and a voucher.",
    "Invite your friends: we thank you with a gift for every one of them. You both get $5.",
    "Share your link and get $10 credit.",
    "Email a friend and win a prize in our raffle.",
    "Leiten Sie diese Mail an Freunde weiter und erhalten Sie einen Gutschein über 10 €.",
    "Freunde werben lohnt sich. Dafür bekommst du 20 € Guthaben.",
    "Empfiehl unseren Newsletter deinen Freunden und sichere dir einen Gutschein.",
    "Parrainez un ami et recevez 10 € offerts.",
    "Transférez cet e-mail. Pour chaque ami inscrit, gagnez un bon de 5 €.",
    "Reenvía este correo a tus amigos y gana un regalo.",
    "Invita a un amico via mail e ricevi uno sconto del 20%.",
    "Stuur deze mail door en ontvang € 10 tegoed.",
    "Indique um amigo e ganhe 20% de desconto.",
    "Poleć nas znajomym i odbierz 20 zł zniżki.",
    "友だちに紹介して500ポイント進呈",
]
PLAIN = [
    "Forward this newsletter to a friend who gardens.",
    "Share this: https://acme.example/tips",
    "Share this sale with a friend: 20% off all tools.",
    "Forward this to a friend. Save 20% on mulch this week.",
    "Tell your friends about Sunday's walk.",
    "You get a free month with every yearly plan.",
    "Win a prize in our raffle at the spring market.",
    "Leiten Sie diese Mail gern an Freunde weiter.",
    "Nur heute erhalten Sie 10 € Rabatt.",
    "Partagez vos photos avec nous.",
    "Comparte este boletín con tus amigos.",
    "Earn points with every order.",
    "Refer to page 3 for the discount table.",
]


def is_refused(line: str) -> bool:
    found = gate.judge(with_html(f"{BODY}<p>{line}</p>{FOOTER}")).refusals
    return "R27" in {finding.rule for finding in found}


@pytest.mark.parametrize("line", PAID)
def test_a_reward_for_writing_to_others_is_refused(line: str) -> None:
    assert is_refused(line)


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_wish_to_be_shared_is_no_reward(line: str) -> None:
    assert not is_refused(line)


def test_the_text_part_is_read_too() -> None:
    found = gate.judge(with_text(f"Tips\n\n{PAID[0]}\n")).refusals
    assert ("R27", "text part") in {(finding.rule, finding.part) for finding in found}
