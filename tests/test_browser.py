"""The tests' own browser: it reaches the application, and it tells on a page."""

import smtplib

from flask import Flask
from playwright.sync_api import Browser, Page

from mailer.web.access import PUBLIC, access
from tests.browser import Watch
from tests.relays import Sink

PAGE = """<!doctype html><link rel=icon href="data:,"><title>Rude</title>
<img src="/missing.png"><img src="http://elsewhere.example/pixel.gif"><script>nonsense</script>"""


def test_a_quiet_page_is_no_fault(app: Flask, address: str, page: Page) -> None:
    @app.get("/quiet")
    @access(PUBLIC)
    def quiet() -> str:
        return "<!doctype html><link rel=icon href='data:,'><title>Quiet</title>"

    page.goto(f"{address}/quiet")
    assert page.title() == "Quiet"


def test_a_rude_page_is_told_on(app: Flask, address: str, browser: Browser) -> None:
    @app.get("/rude")
    @access(PUBLIC)
    def rude() -> str:
        return PAGE

    @app.get("/missing.png")
    @access(PUBLIC)
    def missing() -> tuple[str, int]:
        return "", 404

    watch = Watch()
    with browser.new_context() as context:
        watch.over(context.new_page()).goto(f"{address}/rude", wait_until="load")
    told = "\n".join(watch.faults)
    assert "missing part: 404" in told
    assert "another host: http://elsewhere.example/pixel.gif" in told
    assert "Content Security Policy" in told


def test_mail_is_caught_while_the_browser_runs(browser: Browser, smtp_sink: Sink) -> None:
    assert browser.is_connected()
    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as smtp:
        smtp.sendmail("a@example.com", ["rosa@example.org"], b"Subject: Hello\r\n\r\n")
    assert len(smtp_sink.caught) == 1
