"""The fields that are kept about a reader, as the inputs of a form: shown, and read again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailer import clock
from mailer.audience.segments import fields as kept
from mailer.audience.segments.models import Field, FieldKind
from mailer.compliance.columns import is_birth
from mailer.compliance.rules.intake import may_be_under_age
from mailer.web.fields import Reading

Option = tuple[str, str]
NO_ANSWER = "No answer"
TOO_YOUNG = "This mail is not for children under 13, and nothing is kept about them."
YES_NO: tuple[Option, ...] = (("yes", "yes"), ("no", "no"))


@dataclass(frozen=True)
class Input:
    """One field as the page shows it; with ``options`` it is a choice among them."""

    name: str
    label: str
    value: str
    type: str = "text"
    options: Sequence[Option] = ()
    hint: str | None = None


def inputs(
    known: Sequence[Field],
    attributes: Mapping[str, object],
    form: Mapping[str, str],
    nothing: str = NO_ANSWER,
) -> list[Input]:
    """Return the inputs of some fields: as typed, else as they are kept.

    What is kept and does not fit its field, as old data may, is shown as it is and not lost.
    """
    return [
        shown(field, form.get(name_of(field), held(field, attributes)), nothing) for field in known
    ]


def shown(field: Field, value: str, nothing: str) -> Input:
    name, label = name_of(field), field.label
    if field.kind in {FieldKind.yes_no, FieldKind.choice}:
        offered = YES_NO
        if field.kind is FieldKind.choice:
            offered = tuple((one, one) for one in field.offered)
        strange = () if value in {"", *dict(offered)} else ((value, value),)
        return Input(name, label, value, options=(("", nothing), *offered, *strange))
    if field.kind is FieldKind.date and is_day(value):
        return Input(name, label, value, type="date")
    hint = "Two letters, such as DE." if field.kind is FieldKind.country else None
    return Input(name, label, value, hint=hint)


def is_day(value: str) -> bool:
    """Tell whether a browser's date input can show a value; it would empty any other."""
    try:
        return not value or date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def read(
    reading: Reading,
    known: Collection[Field],
    attributes: Mapping[str, object],
) -> dict[str, kept.Kept]:
    """Return the values of the fields that a form holds; what does not fit stands in the errors.

    What was not touched stays as it is, whether it fits or not.
    """
    found: dict[str, kept.Kept] = {}
    for field in known:
        text = reading.form.get(name_of(field))
        if text is None or text.strip() == held(field, attributes).strip():
            continue
        try:
            found[field.key] = kept.typed(field, text)
            demand_age(field, text)
        except kept.BadValue as error:
            reading.errors[name_of(field)] = str(error)
    return found


def demand_age(field: Field, text: str) -> None:
    """Raise BadValue where a birth date or an age can be that of a child under 13 (R36)."""
    tells = is_birth(field.key) or is_birth(field.label)
    if tells and may_be_under_age(text, clock.now().date()):
        raise kept.BadValue(TOO_YOUNG)


def held(field: Field, attributes: Mapping[str, object]) -> str:
    return kept.shown(attributes.get(field.key))


def name_of(field: Field) -> str:
    return f"field-{field.key}"
