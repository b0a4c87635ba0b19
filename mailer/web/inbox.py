"""The development inbox's pages; they exist on a development machine only, and are public there.

Public, because a stranger who tries the sign-up must be able to read the confirmation mail. The
messages never leave the machine: the server that receives them listens on loopback alone.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from mailer import inbox
from mailer.web import headers
from mailer.web.access import PUBLIC, access

PER_PAGE = 25
TABS = ("html", "text", "raw", "headers")

bp = Blueprint("inbox", __name__, url_prefix="/inbox")


@bp.route("/")
@access(PUBLIC)
def index() -> ResponseReturnValue:
    directory = current_app.extensions["config"].inbox_dir
    names = inbox.names(directory)
    pages = max(1, -(-len(names) // PER_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    shown = names[(page - 1) * PER_PAGE : page * PER_PAGE]
    return render_template(
        "inbox/index.html",
        messages=[inbox.summary(directory, name) for name in shown],
        total=len(names),
        page=page,
        pages=pages,
        moment_of=moment_of,
    )


@bp.route("/<name>")
@access(PUBLIC)
def show(name: str) -> ResponseReturnValue:
    content = kept(name)
    message = inbox.parsed(content)
    html = inbox.body(message, "html")
    tab = request.args.get("tab", "html" if html else "text")
    one_click = inbox.one_click(message)
    return render_template(
        "inbox/show.html",
        name=name,
        summary=inbox.summary(current_app.extensions["config"].inbox_dir, name),
        message=message,
        tabs=TABS if html else TABS[1:],
        tab=tab if tab in TABS else "text",
        text=text_of(tab, content),
        links=inbox.links(message),
        one_click=one_click if one_click.startswith(request.host_url) else "",
        size=len(content),
        moment_of=moment_of,
    )


@bp.route("/<name>/html")
@access(PUBLIC)
def part(name: str) -> ResponseReturnValue:
    """Answer with the HTML part itself, for the sandboxed frame."""
    response = Response(inbox.body(inbox.parsed(kept(name)), "html"), mimetype="text/html")
    response.headers["Content-Security-Policy"] = headers.MAIL_POLICY
    return response


def kept(name: str) -> bytes:
    content = inbox.raw(current_app.extensions["config"].inbox_dir, name)
    if content is None:
        abort(404)
    return content


def text_of(tab: str, content: bytes) -> str:
    if tab == "raw":
        return content.decode("utf-8", "backslashreplace")
    if tab == "headers":
        return inbox.header_block(content)
    return inbox.body(inbox.parsed(content), "plain")


def moment_of(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
