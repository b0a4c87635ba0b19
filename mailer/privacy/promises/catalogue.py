"""The table of promises, in the order of the policies that they come from."""

from mailer.privacy.promises import backing, gated, guarding, keeping, leaving, parties, requesting
from mailer.privacy.promises.proof import Ground, Promise, Proof, Row, State, absent
from mailer.privacy.requests.words import AT_ONCE, Kind

PROMISES = (
    Promise(
        "C1",
        "Subjects and addresses of our mails mislead nobody.",
        "Rules R01 to R11 judge the final bytes before every start.",
        gated.truthful,
    ),
    Promise(
        "C2",
        "An advertisement says that it is one.",
        "Rules R13 and R25: a label that is seen, in HTML and in plain text.",
        gated.labelled,
    ),
    Promise(
        "C3",
        "Each mail names the postal address of the sender.",
        "The record of each sender (R15), and the mail as it is seen (R14).",
        gated.addressed,
    ),
    Promise(
        "C4",
        "We watch the firms that send mail for us.",
        "The register of processors; reviews and seed copies, without which nothing starts (R05).",
        parties.watched,
    ),
    Promise(
        "C5",
        "Who opts out is left alone quickly.",
        "Before the last byte of each mail the database is asked whether she may be mailed.",
        leaving.heeded,
    ),
    Promise(
        "C6",
        "A link at the end of each mail unsubscribes.",
        "Rules R16, R17, R40 and R41; each sender's link is tried from outside.",
        leaving.has_way_out,
    ),
    Promise(
        "C7",
        "A mail to us is enough to end all mail.",
        "The program reads the mailbox; in doubt it ends the mail and asks a person.",
        leaving.reads_letters,
    ),
    Promise(
        "C8",
        "Each mail is sent for a purpose that we have named.",
        "Each campaign has a kind, and a reason where it is not commercial (R25).",
        gated.of_a_kind,
    ),
    Promise(
        "N1",
        "We keep what the sign-up needs, and the proof of it.",
        "Double opt-in, fields that are declared, and a receipt for each yes.",
        keeping.asked_for,
    ),
    Promise(
        "N2",
        "Network addresses serve to solve problems, for a time.",
        "They stand with consent and security events alone, and go after their period.",
        keeping.network_addresses,
    ),
    Promise(
        "N3",
        "A profile is kept while its reader is subscribed.",
        "A retention run after she has left, or the list is closed.",
        keeping.subscriptions,
    ),
    Promise(
        "N4",
        "Letters are kept for 12 months.",
        "The clock throws older ones away.",
        keeping.letters,
    ),
    Promise(
        "N5",
        "Figures about reading are kept for 26 months, and then without persons.",
        "A retention run over events of single readers.",
        keeping.events,
    ),
    Promise(
        "K1",
        "A page names every cookie, its purpose and its life.",
        "The page is made from the cookies that the program can set.",
        keeping.cookies,
    ),
    Promise(
        "K2",
        "Cookies collect nothing about readers.",
        "Readers' pages set none; nothing counts opens or clicks.",
        keeping.no_tracking,
    ),
    Promise(
        "D1",
        "Data goes to nobody but those who help us and keep it confidential.",
        "Contracts in the register of processors; exports hold back who opted out (R32).",
        parties.confidential,
    ),
    Promise(
        "D2",
        "Data is disclosed where the law demands it, and then on record.",
        "A legal reason with its reference, and a second person's yes before anything is shown.",
        parties.disclosed,
    ),
    Promise(
        "D3",
        "Data of Europeans leaves Europe on a lawful basis only.",
        "Each party's basis and the day it was checked; a list without one is refused (P7, R05).",
        parties.transferred,
    ),
    Promise(
        "R1",
        "You get a copy of your data and learn what it is used for.",
        "An archive, by a link to the mailbox or by an admin; the request has a clock.",
        requesting.answered(Kind.access),
    ),
    Promise(
        "R2",
        "You have your data corrected.",
        "Her own page; another address is confirmed at both mailboxes.",
        requesting.answered(Kind.correction),
    ),
    Promise(
        "R3",
        "You have your data erased.",
        "Erasure, with a keyed fingerprint that keeps mail away; backups replay it.",
        requesting.answered(Kind.erasure),
    ),
    Promise(
        "R4",
        "You have its use restricted.",
        "A restricted reader is in no segment, no send and no export.",
        requesting.answered(Kind.restriction),
    ),
    Promise(
        "R5",
        "You get your data in a form that other programs read.",
        "JSON by a published schema, and CSV.",
        requesting.portable,
    ),
    Promise(
        "R6",
        "You object and withdraw your consent, and it holds.",
        "It is done at once, and nobody asks who she is.",
        requesting.answered(*sorted(AT_ONCE)),
    ),
    Promise(
        "R7",
        "You may complain to an authority.",
        "The policy names the right; a complaint to us is a request with a clock.",
        requesting.answered(Kind.complaint),
    ),
    Promise(
        "R8",
        "You may write to us about all of this.",
        "The desk: who asks, by when, what was answered, and the proof of it.",
        requesting.answered(*Kind),
    ),
    Promise(
        "S1",
        "Few people have access, and they keep it confidential.",
        "Roles that allow the least, and a second factor.",
        guarding.few,
    ),
    Promise(
        "S2",
        "A record is looked at for a problem, and not out of curiosity.",
        "Who looks says why, once a day for each case; it stands in the audit log.",
        guarding.looked,
    ),
    Promise(
        "S3",
        "Data is protected against loss, abuse and change, and encrypted on its way.",
        "TLS to relays; ledgers in chains, which show a changed entry.",
        guarding.protected,
    ),
    Promise(
        "S4",
        "We collect no sensitive data.",
        "Columns and fields that look like health, cards or identity numbers are refused.",
        guarding.harmless,
    ),
    Promise(
        "S5",
        "Our mail is not for children under 13.",
        "Imports leave them out (R36); a list may ask for the age.",
        guarding.grown_up,
    ),
    Promise(
        "B1",
        "Of a breach you hear within seven business days.",
        "A register of incidents with both clocks, and notices to the affected.",
        guarding.breaches,
    ),
    Promise(
        "B2",
        "You can have a wrong put right.",
        "A complaint has a due day, an answer and an outcome.",
        requesting.answered(Kind.complaint),
    ),
    Promise(
        "P1",
        "The policy says what the program does, and when it last changed.",
        "Its facts are the settings in force; each change is a version.",
        keeping.policy,
    ),
    Promise(
        "P2",
        "Important announcements come without advertising.",
        "Service notices are a kind of their own (R25).",
        gated.announced,
    ),
)


def rows(ground: Ground) -> list[Row]:
    """Return every promise with its proof of this moment."""
    return [row(one, one.prove(ground)) for one in PROMISES]


def row(promise: Promise, proof: Proof) -> Row:
    """Return a line of the table; without a test behind it, nothing counts as kept."""
    tests = backing.TESTS.get(promise.id, ())
    if proof.state is State.kept and not tests:
        proof = absent(proof.evidence, "No test of the program backs this. Write one.")
    return Row(promise, proof, tests)
