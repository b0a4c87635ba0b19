"""The authorities to which a person may complain, by the country where she lives.

As they name themselves, in Latin letters, with the address of their own site. Art. 77 GDPR: where
she lives, works or was wronged. The European Data Protection Board keeps the list of its members.
"""

# ruff: noqa: RUF001  # names are spelled as their owners spell them

from dataclasses import dataclass

BOARD = "https://www.edpb.europa.eu/about-edpb/about-edpb/members_en"
UK, CALIFORNIA = "GB", "US-CA"


@dataclass(frozen=True)
class Authority:
    """One authority; ``note`` is what a person should know before she writes there."""

    country: str
    name: str
    url: str
    note: str = ""


LAND = "For companies, the authority of the Land is competent; this one names them all."

# Member states of the European Union and of the European Economic Area, by ISO 3166.
EEA = {
    "AT": Authority("Austria", "Österreichische Datenschutzbehörde", "https://www.dsb.gv.at/"),
    "BE": Authority(
        "Belgium",
        "Autorité de protection des données / Gegevensbeschermingsautoriteit",
        "https://www.dataprotectionauthority.be/",
    ),
    "BG": Authority("Bulgaria", "Commission for Personal Data Protection", "https://www.cpdp.bg/"),
    "HR": Authority("Croatia", "Agencija za zaštitu osobnih podataka", "https://azop.hr/"),
    "CY": Authority(
        "Cyprus",
        "Office of the Commissioner for Personal Data Protection",
        "https://www.dataprotection.gov.cy/",
    ),
    "CZ": Authority("Czechia", "Úřad pro ochranu osobních údajů", "https://www.uoou.cz/"),
    "DK": Authority("Denmark", "Datatilsynet", "https://www.datatilsynet.dk/"),
    "EE": Authority("Estonia", "Andmekaitse Inspektsioon", "https://www.aki.ee/"),
    "FI": Authority("Finland", "Tietosuojavaltuutetun toimisto", "https://tietosuoja.fi/"),
    "FR": Authority(
        "France",
        "Commission nationale de l’informatique et des libertés (CNIL)",
        "https://www.cnil.fr/",
    ),
    "DE": Authority(
        "Germany",
        "Die Bundesbeauftragte für den Datenschutz und die Informationsfreiheit",
        "https://www.bfdi.bund.de/",
        LAND,
    ),
    "GR": Authority("Greece", "Hellenic Data Protection Authority", "https://www.dpa.gr/"),
    "HU": Authority(
        "Hungary", "Nemzeti Adatvédelmi és Információszabadság Hatóság", "https://www.naih.hu/"
    ),
    "IS": Authority("Iceland", "Persónuvernd", "https://www.personuvernd.is/"),
    "IE": Authority("Ireland", "Data Protection Commission", "https://www.dataprotection.ie/"),
    "IT": Authority(
        "Italy", "Garante per la protezione dei dati personali", "https://www.garanteprivacy.it/"
    ),
    "LV": Authority("Latvia", "Datu valsts inspekcija", "https://www.dvi.gov.lv/"),
    "LI": Authority("Liechtenstein", "Datenschutzstelle", "https://www.datenschutzstelle.li/"),
    "LT": Authority("Lithuania", "Valstybinė duomenų apsaugos inspekcija", "https://vdai.lrv.lt/"),
    "LU": Authority(
        "Luxembourg",
        "Commission nationale pour la protection des données",
        "https://cnpd.public.lu/",
    ),
    "MT": Authority(
        "Malta",
        "Office of the Information and Data Protection Commissioner",
        "https://idpc.org.mt/",
    ),
    "NL": Authority(
        "Netherlands", "Autoriteit Persoonsgegevens", "https://autoriteitpersoonsgegevens.nl/"
    ),
    "NO": Authority("Norway", "Datatilsynet", "https://www.datatilsynet.no/"),
    "PL": Authority("Poland", "Urząd Ochrony Danych Osobowych", "https://uodo.gov.pl/"),
    "PT": Authority("Portugal", "Comissão Nacional de Proteção de Dados", "https://www.cnpd.pt/"),
    "RO": Authority(
        "Romania",
        "Autoritatea Națională de Supraveghere a Prelucrării Datelor cu Caracter Personal",
        "https://www.dataprotection.ro/",
    ),
    "SK": Authority(
        "Slovakia",
        "Úrad na ochranu osobných údajov Slovenskej republiky",
        "https://dataprotection.gov.sk/",
    ),
    "SI": Authority("Slovenia", "Informacijski pooblaščenec", "https://www.ip-rs.si/"),
    "ES": Authority("Spain", "Agencia Española de Protección de Datos", "https://www.aepd.es/"),
    "SE": Authority("Sweden", "Integritetsskyddsmyndigheten", "https://www.imy.se/"),
}
OTHERS = {
    UK: Authority(
        "United Kingdom",
        "Information Commissioner’s Office",
        "https://ico.org.uk/",
        "It asks you to complain to us first.",
    ),
    CALIFORNIA: Authority(
        "California",
        "California Privacy Protection Agency",
        "https://cppa.ca.gov/",
    ),
}
ALL = EEA | OTHERS


def line(home: str) -> str:
    """Return the authority of where somebody lives in one line, empty where none is known."""
    found = ALL.get(home)
    return f"{found.name} ({found.country}), {found.url}" if found else ""
