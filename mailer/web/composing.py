"""The composer: a draft is written and kept; nothing that was typed is lost."""

from dataclasses import dataclass, field, replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.db import db
from mailer.delivery import previews
from mailer.web import counting, drafting, scoping, verdicts
from mailer.web.access import access
from mailer.web.campaigns import CONFLICT, UNPROCESSABLE, bp, chosen
from mailer.web.checking import accepted, judged
from mailer.web.zones import remember, remembered

NOWHERE = "Choose at least one of your lists, or you could not open this draft again."


@dataclass(frozen=True)
class Sheet:
    """What lies on the composer's desk. ``campaign`` is None for what was never saved."""

    draft: Draft
    campaign: Campaign | None = None
    revision: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    trouble: tuple[str, str] | None = None


@bp.route("/new", methods=["GET", "POST"])
@access("campaigns:manage")
def new() -> ResponseReturnValue:
    if request.method != "POST":
        return composer(Sheet(drafting.fresh(db.session(), str(remembered()["name"]))))
    draft = drafting.typed(request.form)
    if "do" in request.form:
        return composer(Sheet(drafting.helped(draft, request.form["do"])))
    try:
        demand_place(draft)
        campaign = drafts.create(db.session(), draft, clock.now())
    except drafts.BadDraft as error:
        db.session.rollback()
        return composer(Sheet(draft, errors=error.problems)), UNPROCESSABLE
    return kept(campaign, "campaign.create")


@bp.route("/<int:campaign_id>/edit", methods=["GET", "POST"])
@access("campaigns:manage")
def edit(campaign_id: int) -> ResponseReturnValue:
    campaign = chosen(campaign_id)
    if request.method != "POST":
        if campaign.status is not CampaignStatus.draft:
            return redirect(url_for("campaigns.show", campaign_id=campaign.id))
        return composer(Sheet(drafting.saved(campaign), campaign, campaign.revision))
    sheet = Sheet(
        drafting.typed(request.form),
        campaign,
        drafting.number(request.form.get("revision", "")),
    )
    if "do" in request.form:
        return composer(replace(sheet, draft=drafting.helped(sheet.draft, request.form["do"])))
    return save(sheet, campaign)


def demand_place(draft: Draft) -> None:
    """Raise BadDraft where a draft would be out of sight of whoever writes it."""
    if scoping.is_narrowed() and not draft.list_ids:
        raise drafts.BadDraft({"list_ids": NOWHERE})


def save(sheet: Sheet, campaign: Campaign) -> ResponseReturnValue:
    """Save a draft; whatever stands against it, what was typed stays on the page."""
    try:
        demand_place(sheet.draft)
        drafts.edit(db.session(), campaign, sheet.draft, sheet.revision, clock.now())
    except drafts.BadDraft as error:
        db.session.rollback()
        return composer(replace(sheet, errors=error.problems)), UNPROCESSABLE
    except drafts.StaleEdit:
        db.session.rollback()
        return stale(sheet, campaign)
    except drafts.NotEditable:
        db.session.rollback()
        title = f"The campaign is {campaign.status} and stays as it is."
        text = "Your words are still below. Save them as a new draft."
        return composer(Sheet(sheet.draft, trouble=(title, text))), CONFLICT
    return kept(campaign, "campaign.edit")


def stale(sheet: Sheet, campaign: Campaign) -> ResponseReturnValue:
    if drafting.saved(campaign) == sheet.draft:  # the same button, pressed twice
        return redirect(url_for("campaigns.edit", campaign_id=campaign.id))
    title = "Somebody else saved this campaign while you were writing."
    text = (
        "Nothing was overwritten, and your words are still below. Save again to replace theirs, "
        "or open the campaign in another tab to compare first."
    )
    sheet = replace(sheet, revision=campaign.revision, trouble=(title, text))
    return composer(sheet), CONFLICT


def kept(campaign: Campaign, action: str) -> ResponseReturnValue:
    audit.record(db.session(), clock.now(), current_user, action, f"campaign {campaign.id}")
    db.session.commit()
    if campaign.offer_ends_at or campaign.offer_starts_at:
        remember(campaign.offer_zone)
    flash("Saved.", "success")
    return redirect(url_for("campaigns.edit", campaign_id=campaign.id))


def composer(sheet: Sheet) -> str:
    """Return the composer's page, with what the gate says of the text that stands in it."""
    session, campaign = db.session(), sheet.campaign
    panel, readers = None, []
    # Among very many readers the page comes first, and asks for the verdict itself.
    is_later = request.method != "POST" and counting.is_later(session)
    problems: dict[str, str] = {}
    if sheet.campaign is not None or request.method == "POST":
        try:
            campaign, problems = drafts.sketch(session, sheet.draft)
            if not is_later:
                panel = verdicts.panel(
                    judged(campaign), campaign, sheet.draft, accepted(sheet.campaign)
                )
            readers = list(previews.readers(session, campaign, clock.now()))
        except drafts.BadDraft as error:
            problems = error.problems
    known = drafting.choices(session)
    return render_template(
        "campaigns/new.html" if sheet.campaign is None else "campaigns/edit.html",
        sheet=sheet,
        draft=sheet.draft,
        panel=panel,
        campaign=campaign,
        problems={} if sheet.errors else problems,
        readers=readers,
        is_later=is_later and campaign is not None,
        zone=remembered(),
        senders=known,
        topics=drafting.topics_of(known),
        segments=scoping.segments(session),
        variables=drafting.VARIABLES,
        longest_body=drafts.LONGEST_BODY,
    )
