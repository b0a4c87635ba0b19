"""R18 and R19: the page behind the link, as a reader meets it."""

# ruff: noqa: RUF001 - words of other alphabets are meant

from dataclasses import replace

import pytest

from mailer.compliance import gate, opt_out_page
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.readiness import Fetched, OptOutTrial, Posted, Readiness
from tests.compliance.letters import ANSWER, CANARY_URL, LAWFUL, PAGE, PAID, SHOWN, TRIAL

HEAD = '<form method="post" action="/u/canary"><input type="hidden" name="from" value="page">'
ALL = '<label><input type="radio" name="s" value="all">All mail from Acme</label>'
ONE = '<label><input type="radio" name="s" value="one" checked>Only “Acme tips”</label>'
GO = "<button>Unsubscribe</button></form>"
SOUND = HEAD + ONE + ALL + GO


def on(trial: OptOutTrial | None, **changes: object) -> Candidate:
    return replace(LAWFUL, readiness=Readiness(trial=trial), **changes)  # type: ignore[arg-type]


def showing(body: str, **changes: object) -> OptOutTrial:
    return replace(TRIAL, page=replace(SHOWN, body=body), **changes)  # type: ignore[arg-type]


def found(trial: OptOutTrial | None, rule: str, **changes: object) -> list[Finding]:
    return [f for f in gate.judge(on(trial, **changes)).findings if f.rule == rule]


def severities(trial: OptOutTrial | None, rule: str, **changes: object) -> set[Severity]:
    return {f.severity for f in found(trial, rule, **changes)}


REFUSED = {Severity.refuse}
NOTED = {Severity.note}


@pytest.mark.parametrize("rule", ["R18", "R19", "R20", "R42"])
def test_a_link_that_was_not_tried_is_noted(rule: str) -> None:
    assert severities(None, rule) == NOTED
    message = replace(LAWFUL, readiness=None)
    assert {f.severity for f in gate.judge(message).findings if f.rule == rule} == NOTED
    assert severities(None, rule, kind=Kind.transactional, dealing=PAID) == set()


@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        SOUND,
        SOUND.replace('action="/u/canary"', ""),
        SOUND.replace('action="/u/canary"', f'action="{CANARY_URL}/"'),
        '<base href="https://news.acme.example/">' + SOUND.replace("/u/canary", "u/canary"),
        HEAD + '<select name="s"><option value="1">Only tips<option>All mail</select>' + GO,
        HEAD + ONE + '<input type="radio" name="s" value="all"> All lists of Acme <br>' + GO,
        HEAD + '<label><input type="checkbox" name="all">Everything from Acme</label>' + GO,
        HEAD + '<button name="s" value="all">Unsubscribe from all lists</button></form>',
        HEAD + '<input type="submit" value="Unsubscribe from all e-mails"></form>',
        HEAD + '<input type="image" src="/x.png" alt="Stop all mail"></form>',
        HEAD + '<button aria-label="Stop all mail"><img src="/x.png"></button></form>',
        HEAD + '<label for="e">Email</label><input id="e" name="email" required>' + ONE + ALL + GO,
        HEAD + '<input type="email" name="who" required>' + ONE + ALL + GO,
        HEAD + ONE + ALL + '<textarea name="why" placeholder="Why? (optional)"></textarea>' + GO,
        HEAD + ONE + ALL + '<select name="s2" required><option>One reason</select>' + GO,
        HEAD + ONE + ALL + '<input type="checkbox" name="sure" required checked>' + GO,
        HEAD + ONE.replace("checked", "required") + ALL + GO,
        '<form id="f" method="post"></form>' + ONE.replace("<input", '<input form="f"')
        + ALL.replace("<input", '<input form="f"') + '<button form="f">Go</button>',
        SOUND + "<form action=/search><input name=q><button>Search</button></form>",
        HEAD + '<fieldset disabled><input type="submit" value="Log"></fieldset>' + ONE + ALL + GO,
    ],
)  # fmt: skip
def test_a_page_with_all_mail_to_choose_and_one_button_is_kept(page: str) -> None:
    trial = showing(page)
    assert found(trial, "R18") == []
    assert found(trial, "R19") == []
    press = opt_out_page.press(opt_out_page.read(replace(SHOWN, body=page)))
    assert press is not None
    assert opt_out_page.is_everything(press.chosen)


@pytest.mark.parametrize(
    "words",
    [
        *("All mail from Acme", "Everything", "No more emails from us", "All newsletters"),
        *("Alle E-Mails von Acme", "Keine E-Mails mehr", "Von allen Listen abmelden"),
        *("Tous les e-mails", "Ne plus recevoir aucun courriel", "Toutes les listes"),
        *("Todos los correos de Acme", "Tutte le e-mail di Acme", "Todos os e-mails da Acme"),
        *("Alle e-mails van Acme", "Alla mejl från Acme", "Všechny e-maily"),
        *("Wszystkie wiadomości", "Все рассылки Acme", "すべてのメール", "所有邮件"),
        *("모든 메일", "Όλα τα μηνύματα"),
    ],
)  # fmt: skip
def test_all_mail_may_be_said_in_many_languages(words: str) -> None:
    assert opt_out_page.is_everything(words)
    assert found(showing(HEAD + ONE + ALL.replace("All mail from Acme", words) + GO), "R18") == []


@pytest.mark.parametrize(
    "page",
    [
        HEAD + ONE + GO,
        HEAD + GO,
        HEAD + ONE + ALL.replace("All mail from Acme", "Pause all mail for 30 days") + GO,
        HEAD + ONE + ALL.replace("All mail from Acme", "Keep all mail") + GO,
        HEAD + ONE + ALL.replace("All mail from Acme", "Alle E-Mails weiterhin erhalten") + GO,
        HEAD + ONE + ALL.replace("<label>", '<label style="display:none">') + GO,
        HEAD + ONE + ALL.replace("<label>", "<label hidden>") + GO,
        HEAD + ONE + ALL.replace("All mail", '<span style="font-size:1px">All mail</span>') + GO,
        HEAD + ONE + f'<div style="background:#fff;color:#fefefe">{ALL}</div>' + GO,
        HEAD + ONE + f"<details><summary>More</summary>{ALL}</details>" + GO,
        f"<style>.x{{position:absolute;left:-9999px}}</style>{HEAD}{ONE}<p class=x>{ALL}</p>{GO}",
        f"<style>@media(max-width:600px){{p{{display:none}}}}</style>{HEAD}{ONE}<p>{ALL}</p>{GO}",
        HEAD + ONE + ALL.replace("<input", "<input disabled") + GO,
        HEAD + ONE + f"<fieldset disabled>{ALL}</fieldset>" + GO,
        HEAD + ONE + f"<div inert>{ALL}</div>" + GO,
        HEAD + ONE + '<p hidden><input type=radio name=s aria-label="All mail"> All mail</p>' + GO,
        HEAD + ONE + '<input type="radio" name="s" value="all" style="opacity:0"><p></p>' + GO,
        HEAD + '<select name="s" hidden><option>One<option>All mail</select>' + GO,
        HEAD + '<select name="s"><option>One<option disabled>All mail</select>' + GO,
        HEAD + ONE + '<button hidden value="all">All mail</button>' + GO,
        HEAD + "".join(
            f'<label><input type="checkbox" name="l{n}" checked>List {n}</label>' for n in range(4)
        ) + "<button>Save</button></form>",
    ],
)  # fmt: skip
def test_a_page_that_keeps_all_mail_from_being_chosen_is_refused(page: str) -> None:
    assert severities(showing(page), "R18") == REFUSED


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (HEAD + GO, set()),
        ("<h1>Unsubscribe?</h1>" + HEAD + "<button>Yes</button></form>", set()),
        (HEAD + "<button>Vom Newsletter abmelden</button></form>", set()),
        (HEAD + "<button>Save</button></form>", REFUSED),
        (HEAD + "<button>Pause for 30 days</button></form>", REFUSED),
        ("<p>Unsubscribe" + HEAD + "<button>Pause for 30 days</button></form>", REFUSED),
        ("<p>Unsubscribe" + HEAD + "<button>Cancel</button></form>", REFUSED),
        (HEAD + "<input type=image src=x.png></form>", REFUSED),
    ],
)
def test_the_only_list_of_a_sender_needs_no_menu(page: str, expected: set[Severity]) -> None:
    pressed = replace(TRIAL.posts[2], lists_left=1)
    trial = showing(page, sender_lists=1, posts=(*TRIAL.posts[:2], pressed))
    assert severities(trial, "R18") == expected


def test_what_keeps_mail_coming_must_not_be_chosen_beforehand() -> None:
    keep = '<label><input type="checkbox" name="k" checked>But keep sending offers</label>'
    assert severities(showing(HEAD + ONE + ALL + keep + GO), "R18") == REFUSED
    assert severities(showing(HEAD + ONE + ALL + keep.replace(" checked", "") + GO), "R18") == set()
    stay = ONE.replace("Only “Acme tips”", "Stay subscribed")
    assert severities(showing(HEAD + stay + ALL + GO), "R18") == REFUSED


def test_all_mail_behind_many_other_choices_is_worth_a_warning() -> None:
    lists = "".join(f'<label><input type="checkbox" name="{n}">List {n}</label>' for n in range(12))
    assert severities(showing(HEAD + lists + ALL + GO), "R18") == {Severity.warn}


def test_all_mail_that_stops_one_list_is_refused() -> None:
    posts = (*TRIAL.posts[:2], replace(TRIAL.posts[2], lists_left=1))
    assert severities(replace(TRIAL, posts=posts), "R18") == REFUSED


@pytest.mark.parametrize(
    "page",
    [
        SOUND.replace("<form", '<input type="password" name="p"><form').replace(
            "</form>", '<input type="password" name="p"></form>'
        ),
        HEAD + ONE + ALL + '<input type="password" name="p">' + GO,
        "<h1>Log in to manage your mail</h1>",
        "<h1>Bitte einloggen</h1><a href=/login>Weiter</a>",
        "<script src=/app.js></script><div id=root></div>",
        SOUND.replace("<button", '<button type="button"'),
        SOUND.replace("<button>", "<button disabled>"),
        SOUND.replace('method="post"', 'method="post" onsubmit="send(); return false"'),
        SOUND.replace('method="post"', 'method="get"'),
        SOUND.replace('method="post" ', ""),
        SOUND.replace("<button>", '<button formmethod="get">'),
        SOUND.replace("<button>", '<button formaction="https://evil.example/u/canary">'),
        SOUND.replace("<button>", '<button formaction="/sure">'),
        SOUND.replace("/u/canary", "https://forms.example/f/7"),
        SOUND.replace("/u/canary", "http://news.acme.example/u/canary"),
        SOUND.replace("/u/canary", "javascript:leave()"),
        SOUND.replace("/u/canary", "mailto:leave@acme.example"),
        SOUND.replace("/u/canary", "/u/canary?step=2"),
        '<base href="https://evil.example/">' + SOUND.replace("/u/canary", "u/canary"),
        '<meta http-equiv="Refresh" content="0;url=/login">' + SOUND,
        SOUND + '<script>if (1) location.href = "/account"</script>',
        '<body onload="location.replace(0)">' + SOUND,
        SOUND.replace(GO, '<div class="g-recaptcha" data-sitekey="x"></div>' + GO),
        "<p>Enter the captcha.</p>" + SOUND,
        SOUND.replace(GO, '<img src="/captcha.png"><input name="code" required>' + GO),
        SOUND + '<script src="https://challenges.cloudflare.com/turnstile/v0/api.js"></script>',
        SOUND + "<script>window.hcaptcha.render()</script>",
        "<p>Bitte bestätigen Sie, dass Sie kein Roboter sind.</p>" + SOUND,
        "<p>A processing fee of $2 applies.</p>" + SOUND,
        SOUND.replace(GO, '<input name="n" autocomplete="cc-number">' + GO),
        "<p>We will send you an email to confirm.</p>" + SOUND,
        "<p>Sie erhalten eine Bestätigungsmail.</p>" + SOUND,
        "<p>Vous recevrez un e-mail de confirmation.</p>" + SOUND,
        "<p>Le enviaremos un correo de confirmación.</p>" + SOUND,
        SOUND.replace(GO, '<textarea name="why" required></textarea>' + GO),
        SOUND.replace(GO, '<input name="phone" type="tel" required>' + GO),
        SOUND.replace(GO, '<input name="first" aria-required="true">' + GO),
        SOUND.replace(GO, '<input type="checkbox" name="sure" required> I am sure' + GO),
        SOUND.replace(
            GO,
            '<input type=radio name="r" required>Too many<input type=radio name="r">Boring' + GO,
        ),
        SOUND.replace(
            GO, '<select name="r" required><option value="">Why?<option>Boring</select>' + GO
        ),
    ],
)  # fmt: skip
def test_a_page_that_asks_for_more_is_refused(page: str) -> None:
    assert severities(showing(page), "R19") == REFUSED


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (302, (("location", "/login"),), ""),
        (308, (("location", f"{CANARY_URL}/"),), ""),
        (301, (("location", "https://news.acme.example/de/u/canary"),), ""),
        (401, (("www-authenticate", "Basic"),), ""),
        (407, (), ""),
        (403, (("cf-mitigated", "challenge"),), ""),
        (503, (), "<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x.js>"),
        (404, (), SOUND),
        (500, (), "oops"),
        (204, (), ""),
    ],
)
def test_anything_but_the_page_is_refused(
    status: int, headers: tuple[tuple[str, str], ...], body: str
) -> None:
    trial = replace(TRIAL, page=Fetched(CANARY_URL, status, headers, body))
    assert severities(trial, "R19") == REFUSED
    assert severities(trial, "R18") == NOTED


def test_a_page_that_leads_on_by_header_is_refused() -> None:
    page = replace(SHOWN, headers=(*SHOWN.headers, ("refresh", "1;url=/login")))
    assert severities(replace(TRIAL, page=page), "R19") == REFUSED


def answered(status: int = 200, body: str = ANSWER, lists: int = 2, **headers: str) -> OptOutTrial:
    answer = Fetched(CANARY_URL, status, tuple(headers.items()), body)
    return replace(TRIAL, posts=(*TRIAL.posts[:2], Posted("page", answer, lists)))


@pytest.mark.parametrize(
    "body",
    [
        *("<p>You are unsubscribed.", "<p>Sie sind abgemeldet.", "<p>Vous êtes désabonné."),
        *("<p>Se ha dado de baja.", "<p>Sei disiscritto.", "<p>Je bent uitgeschreven."),
        *("<p>Inscrição cancelada.", "<p>Du är avregistrerad.", "<p>Вы отписаны.", "已退订"),
    ],
)
def test_the_answer_says_in_some_language_that_it_is_done(body: str) -> None:
    assert severities(answered(body=body), "R19") == set()


@pytest.mark.parametrize(
    "trial",
    [
        answered(lists=0),
        answered(500, "oops"),
        answered(302, "", location="/thanks"),
        answered(body="<p>Thank you for your feedback."),
        answered(body="<p>Vous désabonner ?"),
        answered(body='<p style="display:none">You are unsubscribed.'),
        answered(body="<p>Check your inbox, then you are unsubscribed."),
        replace(TRIAL, posts=TRIAL.posts[:2]),
        replace(TRIAL, posts=TRIAL.posts[:2], fault="Nobody answered."),
    ],
)
def test_a_press_that_does_not_do_it_or_say_so_is_refused(trial: OptOutTrial) -> None:
    assert severities(trial, "R19") == REFUSED


def test_a_page_that_cannot_be_used_is_explained_once() -> None:
    trial = showing("<h1>Nothing here</h1>")
    assert severities(trial, "R18") == NOTED
    assert [f.evidence for f in found(trial, "R19")] == ["The page has no form at all."]


def test_what_a_browser_would_send_is_what_is_pressed() -> None:
    page = (
        HEAD
        + ONE
        + ALL
        + '<input type="email" name="who"><input name="note" value="n">'
        '<textarea name="t">x</textarea>'
        '<input type="file" name="f"><input type="button" name="b" value="1"><input name="">'
        '<input type="checkbox" name="c" checked><input type="checkbox" name="d">'
        '<input name="off" disabled><select name="o"><option>a<option selected>b</select>'
        '<button name="go" value="1">Go</button></form>'
    )  # fmt: skip
    press = opt_out_page.press(opt_out_page.read(replace(SHOWN, body=page)))
    assert press is not None
    assert press.fields == (
        ("from", "page"),
        ("s", "all"),
        ("who", opt_out_page.CANARY),
        ("note", "n"),
        ("t", "x"),
        ("c", "on"),
        ("o", "b"),
        ("go", "1"),
    )


def test_where_there_is_no_way_off_nothing_is_pressed() -> None:
    for page in ("", "<p>Hello", HEAD + "<button>Keep my mail</button></form>"):
        assert opt_out_page.press(opt_out_page.read(replace(SHOWN, body=page))) is None


@pytest.mark.parametrize(
    "name",
    [
        *("Keep Inc", "Pause Café SARL", "Weekly Digest Ltd", "All Mail Everything", "Stay Well"),
        *("Processing Fee Ltd", "Not a Robot GmbH", "One More Step", "Check Your Inbox BV"),
    ],
)
def test_a_name_may_sound_like_anything(name: str) -> None:
    page = SOUND.replace("from Acme", f"from {name}").replace("Acme tips", name)
    page = f"<h1>{name}</h1>{page}"
    trial = showing(page, sender_name=name)
    assert found(trial, "R18") == found(trial, "R19") == []
    press = opt_out_page.press(opt_out_page.read(replace(SHOWN, body=page), name))
    assert press is not None
    assert press.fields == (("from", "page"), ("s", "all"))


def test_a_page_of_another_form_of_marks_is_read_without_them() -> None:
    page = SOUND.replace("Only", "\ue0003\ue001Only\ue002")
    assert found(showing(page), "R18") == []
