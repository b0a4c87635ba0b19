"""Letters that wait for a person: what they say, and her word on what they were."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.db import db
from mailer.privacy.keeping import periods
from mailer.privacy.keeping.classes import Class
from mailer.privacy.letters import desk
from mailer.privacy.letters.models import Answer, Kind, Letter
from mailer.web import fields
from mailer.web.access import access

KINDS = {
    Kind.opt_out: "Wants no more mail",
    Kind.complaint: "Complaint",
    Kind.bounce: "Came back",
    Kind.automatic: "Automatic reply",
    Kind.other: "Something else",
}

bp = Blueprint("letters", __name__, url_prefix="/letters")


@bp.route("/")
@access("privacy:dsar")
def index() -> ResponseReturnValue:
    """Show the letters that wait for a person, or all, newest first."""
    session, everything = db.session(), request.args.get("show") == "all"
    before = request.args.get("before", 0, type=fields.number)
    lines = desk.page(session, before=before, everything=everything)
    return render_template(
        "letters/index.html",
        lines=lines,
        kinds=KINDS,
        everything=everything,
        number=desk.number_in_doubt(session),
        next=lines[-1].letter.id if len(lines) == desk.PER_PAGE else 0,
        kept=periods.spelled(session, Class.correspondence),
    )


@bp.route("/<int:letter_id>")
@access("privacy:dsar")
def show(letter_id: int) -> ResponseReturnValue:
    """Show one letter as plain text, whatever it is made of."""
    shown = desk.shown(db.session(), chosen(letter_id))
    return render_template("letters/show.html", shown=shown, kinds=KINDS)


@bp.route("/<int:letter_id>/opt-out", methods=["POST"])
@access("privacy:dsar")
def opt_out(letter_id: int) -> ResponseReturnValue:
    """Take a person's word that the letter asked for no more mail."""
    return answered(letter_id, Answer.opt_out, "She gets no more mail, from this moment on.")


@bp.route("/<int:letter_id>/else", methods=["POST"])
@access("privacy:dsar")
def something_else(letter_id: int) -> ResponseReturnValue:
    """Take a person's word that the letter was about something else."""
    return answered(
        letter_id, Answer.something_else, "Noted. The letter waits for nobody any more."
    )


def answered(letter_id: int, said: Answer, done: str) -> ResponseReturnValue:
    session, site, letter = db.session(), current_app.extensions["site"], chosen(letter_id)
    actor = current_user._get_current_object()  # noqa: SLF001 - Werkzeug's own way to unwrap
    try:
        desk.answer(session, site, letter, said, actor, clock.now())
    except desk.Answered:
        flash("Somebody has said already what this letter was.", "info")
        return redirect(url_for("letters.show", letter_id=letter_id))
    except desk.NobodyFound:
        flash(
            "Nobody can be told from this letter. Find her among the readers and unsubscribe her "
            "there; then answer “It was something else” here.",
            "error",
        )
        return redirect(url_for("letters.show", letter_id=letter_id))
    session.commit()
    flash(done, "success")
    return redirect(url_for("letters.index"))


def chosen(letter_id: int) -> Letter:
    """Return a letter that was read; one that nobody has read yet is there in two seconds."""
    letter = db.get_or_404(Letter, letter_id)
    if letter.read_at is None:
        abort(404)
    return letter
