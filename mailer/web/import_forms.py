"""What a person is asked about a file of readers, and how the answers are read."""

from flask import render_template, request
from flask_login import current_user

from mailer.audience import lists
from mailer.audience.imports import arrivals, rows
from mailer.audience.imports.batches import Choices
from mailer.audience.imports.models import Basis, Import, State
from mailer.audience.imports.reading.targets import LABELS, Target
from mailer.audience.segments import fields as kept
from mailer.audience.words import ListStatus
from mailer.compliance.acts import Provenance
from mailer.compliance.columns import plain, sensitive
from mailer.db import db
from mailer.web import allowed, fields, wording_of_imports

LONGEST_EVIDENCE = 300
ADMINISTRATOR = "privacy:dsar"


def choices(batch: Import, reading: fields.Reading) -> Choices:
    known = {target.value: target for target in Target}
    mapping = {
        heading: known.get(reading.form.get(f"column-{place}", ""), Target.nothing)
        for place, (heading, _) in enumerate(batch.mapping)
    }
    numbers = request.form.getlist("lists", type=fields.number)
    return Choices(
        mapping=mapping,
        list_ids=tuple(dict.fromkeys(numbers)),
        provenance=reading.choice("provenance", Provenance),
        basis=reading.choice("basis", Basis),
        evidence=reading.text("evidence", LONGEST_EVIDENCE),
        overwrite=reading.form.get("overwrite") == "yes",
        began_on=reading.day("began_on"),
        parents_by=voucher(reading),
    )


def voucher(reading: fields.Reading) -> str:
    """Return who vouches that parents agreed: nobody but an administrator can (R36)."""
    is_given = reading.form.get("parents") == "yes" and allowed.may(ADMINISTRATOR)
    return str(current_user.email) if is_given else ""


def form(
    batch: Import, reading: fields.Reading, findings: list[dict[str, str | None]] | None = None
) -> str:
    """Show the questions: as answered just now, else as before, else as proposed."""
    chosen = {f"column-{place}": target for place, (_, target) in enumerate(batch.mapping)}
    kept = {
        "provenance": batch.provenance or "",
        "basis": batch.basis or "",
        "evidence": batch.evidence,
        "began_on": batch.began_on.isoformat() if batch.began_on else "",
        "overwrite": "yes" if batch.overwrite else "",
        "parents": "yes" if batch.parents_by else "",
    }
    marked = request.form.getlist("lists") if reading.form else batch.list_ids
    active = [one for one in lists.index(db.session()) if one.status is ListStatus.active]
    return render_template(
        "imports/columns.html",
        batch=batch,
        sheets=rows.sheets(batch),
        samples=arrivals.samples(db.session(), batch),
        forbidden={heading: forbidden(heading) for heading, _ in batch.mapping},
        lists=active,
        has_children=lists.let_children_in(db.session(), [one.id for one in active]),
        may_vouch=allowed.may(ADMINISTRATOR),
        marked=marked,
        values={**chosen, **kept, **reading.form},
        errors=reading.errors,
        findings=findings or [],
        targets=[(target.value, label) for target, label in LABELS.items()],
        **words(),
    )


def forbidden(heading: str) -> str:
    """Say which sensitive data a column seems to hold that no owner has allowed."""
    return "" if plain(heading) in kept.excepted(db.session()) else sensitive(heading)


def words() -> dict[str, object]:
    """Return what every page about imports needs to speak of them."""
    return {"wording": wording_of_imports, "State": State}
