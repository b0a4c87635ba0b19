"""Segments for staff: built by rules with a live count, kept, looked at and thrown away."""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.audience.segments import catalogue, rules
from mailer.audience.segments.models import Segment
from mailer.audience.segments.rules import BadRules, Group, Offers
from mailer.campaigns import narrowing
from mailer.db import db
from mailer.delivery import reach, segmenting
from mailer.delivery.reach import Reach
from mailer.delivery.segmenting import Ground
from mailer.web import allowed, counting, fields, rule_forms, wording
from mailer.web.access import access

bp = Blueprint("segments", __name__, url_prefix="/segments")
allowed.register(bp)

LONGEST_NAME = 100
UNPROCESSABLE = 422


@dataclass
class Sheet:
    """What stands in the builder; ``segment`` is None for a new one."""

    name: str
    tree: dict[str, Any]
    segment: Segment | None = None
    errors: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


@bp.route("/")
@access("subscribers:get")
def index() -> ResponseReturnValue:
    return render_template("segments/index.html", segments=catalogue.index(db.session()))


@bp.route("/<int:segment_id>")
@access("subscribers:get")
def show(segment_id: int) -> ResponseReturnValue:
    segment = db.get_or_404(Segment, segment_id)
    session = db.session()
    test = segmenting.within(session, segment, clock.now())
    return render_template(
        "segments/show.html",
        segment=segment,
        tree=segment.rules,
        offers=segmenting.offers(session, every=True),
        found=None if counting.is_later(session) else reach.reach(session, test),
        asked=counting.ASKED,
        campaigns=narrowing.campaigns_with(session, segment_id),
        of_leavers=narrowing.is_of_leavers(segment),
        reasons=wording.REASONS,
    )


@bp.route("/new", methods=["GET", "POST"])
@access("subscribers:manage")
def new() -> ResponseReturnValue:
    offers = segmenting.offers(db.session())
    if request.method != "POST":
        return builder(Sheet("", rule_forms.fresh(offers)), offers)
    return saved(typed(None, offers), offers)


@bp.route("/<int:segment_id>/edit", methods=["GET", "POST"])
@access("subscribers:manage")
def edit(segment_id: int) -> ResponseReturnValue:
    segment = db.get_or_404(Segment, segment_id)
    offers = segmenting.offers(db.session(), every=True)
    if request.method != "POST":
        return builder(Sheet(segment.name, segment.rules, segment), offers)
    return saved(typed(segment, offers), offers)


@bp.route("/sketch", methods=["POST"], defaults={"segment_id": 0})
@bp.route("/<int:segment_id>/sketch", methods=["POST"])
@access("subscribers:manage", reads=True)
def sketch(segment_id: int) -> ResponseReturnValue:
    """Show the builder as typed, with a button's wish done and the count; nothing is kept."""
    segment = db.get_or_404(Segment, segment_id) if segment_id else None
    session = db.session()
    offers = segmenting.offers(session, every=segment is not None)
    sheet = typed(segment, offers)
    sheet.tree = rule_forms.done(sheet.tree, request.form.get("do", ""), offers)
    return builder(sheet, offers)


@bp.route("/<int:segment_id>/delete", methods=["POST"])
@access("subscribers:manage")
def delete(segment_id: int) -> ResponseReturnValue:
    segment = db.get_or_404(Segment, segment_id)
    named = narrowing.campaigns_with(db.session(), segment_id)
    if named:
        flash(f"It stays: the campaign “{named[0].name}” names it.", "error")
        return redirect(url_for("segments.show", segment_id=segment_id))
    db.session.delete(segment)
    note("segments.delete", segment_id, segment.name)
    flash(f"The segment “{segment.name}” is gone. Its readers are untouched.", "success")
    return redirect(url_for("segments.index"))


def typed(segment: Segment | None, offers: Offers) -> Sheet:
    reading = fields.Reading(request.form)
    name = reading.text("name", LONGEST_NAME)
    if rules.FULL_ADDRESS.search(name):
        reading.errors["name"] = "Leave the address out: the name outlives the person."
    return Sheet(name, rule_forms.read(request.form, offers), segment, reading.errors)


def saved(sheet: Sheet, offers: Offers) -> ResponseReturnValue:
    """Keep what was built, or show what is wrong with it."""
    try:
        tree = rules.parsed(sheet.tree, offers)
    except BadRules as error:
        sheet.problems = error.problems
        return builder(sheet, offers, is_final=True), UNPROCESSABLE
    if sheet.errors:
        return builder(sheet, offers, is_final=True), UNPROCESSABLE
    try:
        segment_id = kept(sheet, tree)
    except (catalogue.NameTaken, narrowing.InUse) as error:
        db.session.rollback()
        place = sheet.errors if isinstance(error, catalogue.NameTaken) else sheet.problems
        place["name" if place is sheet.errors else ""] = str(error)
        return builder(sheet, offers, is_final=True), UNPROCESSABLE
    note("segments.edit" if sheet.segment else "segments.create", segment_id, sheet.name)
    flash(f"The segment “{sheet.name}” is kept.", "success")
    return redirect(url_for("segments.show", segment_id=segment_id))


def kept(sheet: Sheet, tree: Group) -> int:
    session, now = db.session(), clock.now()
    if sheet.segment is None:
        return catalogue.create(session, now, sheet.name, tree)
    narrowing.demand_usable(session, sheet.segment.id, tree)
    catalogue.edit(session, now, sheet.segment, sheet.name, tree)
    return sheet.segment.id


def note(action: str, segment_id: int, name: str) -> None:
    """Record the act and commit it."""
    subject = f"segment {segment_id}"
    audit.record(db.session(), clock.now(), current_user, action, subject, reason=name)
    db.session.commit()


def builder(sheet: Sheet, offers: Offers, *, is_final: bool = False) -> str:
    """Show the builder; while somebody builds, a missing name is no error yet."""
    found, problems = counted(sheet, offers)
    return render_template(
        "segments/edit.html" if sheet.segment else "segments/new.html",
        sheet=sheet,
        errors=sheet.errors if is_final else {},
        problems=sheet.problems or problems,
        is_final=is_final,
        offers=offers,
        found=found,
        reasons=wording.REASONS,
    )


def counted(sheet: Sheet, offers: Offers) -> tuple[Reach | None, dict[str, str]]:
    """Return how many the rules find, or what keeps them from being counted.

    Neither where the builder is to come first: it then asks for the count itself.
    """
    session = db.session()
    try:
        tree = rules.parsed(sheet.tree, offers)
    except BadRules as error:
        return None, error.problems
    if request.method != "POST" and counting.is_later(session):
        return None, {}
    return reach.reach(session, segmenting.whole(tree, Ground.of(session, clock.now()))), {}
