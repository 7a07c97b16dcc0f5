"""Guards, changes, names of files, identifiers and single values: tables of cases."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ListError
from bot.identifiers import IDENTIFIER_WORDS
from bot.lists import LISTS, entries_called, name_files
from bot.lists.changes import compare_listing
from bot.lists.guards import decide_details, decide_import
from bot.lists.identifiers import find_imo_number, find_kind, read_identifier
from bot.lists.values import Draft, clean, first_last, parse_country, parse_date
from bot.model import Identifier, Listing, Schema

# ---------------------------------------------------------------- what an entry is called


@pytest.mark.parametrize(
    ("word", "uid", "is_there"),
    [
        ("", "90002", True), ("OFAC", "90002", True), ("SDN", "90002", True), ("csl", "90002", True),
        ("csl", "SDN:90002", True), ("UN", "90002", False), ("SSI", "90002", False),
    ],
)  # fmt: skip
def test_a_number_of_ofac_names_its_entry_in_the_consolidated_screening_list(
    word: str, uid: str, is_there: bool
) -> None:
    called = list(entries_called(word, uid, ["us_csl", "un_sc"]))
    assert (("us_csl", "SDN:90002") in called) is is_there


# ---------------------------------------------------------------- guards

IMPORTS = {
    "the first import": (9_000, 0, None, None),
    "a few more": (9_100, 0, 9_000, None),
    "a tenth fewer, just allowed": (8_100, 0, 9_000, None),
    "more than a tenth fewer": (8_099, 0, 9_000, "10% fewer"),
    "nothing": (0, 0, None, "holds no entries"),
    "nothing but refused rows": (0, 40, 9_000, "40 rows were refused"),
    "a few refused rows": (9_000, 10, 9_000, None),
    "many refused rows": (9_000, 400, 9_000, "400 of 9400 rows were refused"),
    "few rows, a few of them refused": (20, 5, None, None),
    "the last one was empty": (9_000, 0, 0, None),
}


@pytest.mark.parametrize("case", IMPORTS)
def test_decide_import(case: str) -> None:
    new, refused, old, words = IMPORTS[case]
    reason = decide_import(new, refused, old)
    assert (reason is None) if words is None else (reason is not None and words in reason)


@pytest.mark.parametrize(
    ("new", "old", "words"),
    [
        ({"birth dates": 900}, {"birth dates": 1_000}, None),
        ({"birth dates": 499}, {"birth dates": 1_000}, "birth dates of 499 entries and had those of 1000"),
        ({}, {"birth dates": 19}, None),  # too few to tell
        ({"countries": 50}, {"countries": 60, "identifiers": 40}, "identifiers of 0 entries"),
        ({"identifiers": 50}, {}, None),
    ],
)
def test_decide_details(new: dict[str, int], old: dict[str, int], words: str | None) -> None:
    reason = decide_details(new, old)
    assert (reason is None) if words is None else (reason is not None and words in reason)


# ---------------------------------------------------------------- changes

OLD = Listing(
    list="us_ofac_sdn",
    uid="90003",
    schema=Schema.VESSEL,
    caption="GREY HERON",
    aliases=("BLUE EGRET",),
    programmes=("IRAN",),
    identifiers=(Identifier("imoNumber", "9074729"),),
    countries=("pa",),
    remarks="Linked To: A",
)

CHANGES: dict[str, tuple[dict[str, object], tuple[str, ...]]] = {
    "nothing": ({}, ()),
    "remarks alone": ({"remarks": "Linked To: B"}, ()),
    "capitals and accents alone": ({"caption": "Gréy  Heron"}, ()),
    "the order of programmes": ({"programmes": ("IRAN",)}, ()),
    "two aliases": ({"aliases": ("BLUE EGRET", "SEA FENNEL", "X")}, ("2 aliases added: SEA FENNEL, X",)),
    "an alias gone": ({"aliases": ()}, ("alias BLUE EGRET removed",)),
    "a programme instead of another": (
        {"programmes": ("IRAN-EO13902",)},
        ("programme IRAN-EO13902 added", "programme IRAN removed"),
    ),
    "an identifier": (
        {"identifiers": (Identifier("imoNumber", "9074729"), Identifier("imoNumber", "9187629"))},
        ("IMO number 9187629 added",),
    ),
    "a country": ({"countries": ("pa", "ck")}, ("country CK added",)),
    "a new name, the old one now an alias": (
        {"caption": "SEA FENNEL", "aliases": ("BLUE EGRET", "GREY HERON")},
        ("name changed from “GREY HERON” to “SEA FENNEL”",),
    ),
    "a delisting": ({"delisted_on": date(2026, 1, 2)}, ("delisted on 2026-01-02",)),
    "a birth date": ({"birth_dates": ("1970",)}, ("birth date 1970 added",)),
    "a measure": ({"provisions": ("Travel ban",)}, ("measure Travel ban added",)),
    "eight aliases": (
        {"aliases": ("BLUE EGRET", *(f"N{number}" for number in range(8)))},
        ("8 aliases added: N0, N1, N2, N3, N4 and 3 more",),
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_compare_listing(case: str) -> None:
    change, words = CHANGES[case]
    assert compare_listing(OLD, replace(OLD, **change)) == words  # type: ignore[arg-type]


# ---------------------------------------------------------------- the table and names of files


def test_the_table_is_whole() -> None:
    assert all(key == one.key and one.files and one.licence and one.licence_note for key, one in LISTS.items())
    assert all(file.url.startswith("https://") for one in LISTS.values() for file in one.files)
    off = {key for key, one in LISTS.items() if not one.is_on_by_default}
    assert off == {"un_sc", "opensanctions"}, "on by default is what anybody may use: is its licence read?"


NAMES = {
    "as published": ("us_ofac_sdn", ["SDN.CSV", "ALT.CSV", "ADD.CSV"], ["sdn.csv", "alt.csv", "add.csv"]),
    "packed, among others": ("us_csl", ["consolidated.csv.gz"], ["consolidated.csv"]),
    "one advanced file": ("us_ofac_sdn", ["sdn_advanced.xml"], ["sdn_advanced.xml"]),
    "a zipped XML": ("us_ofac_sdn", ["SDN_XML.ZIP"], None),
    "one file of any name": ("un_sc", ["downloaded today.xml"], ["consolidated.xml"]),
    "one CSV of any name": ("eu_fsf", ["20261124-FULL-1_1(xsd).csv"], ["fsf.csv"]),
    "one XML of any name for a set": ("us_ofac_sdn", ["my.xml"], ["sdn.xml"]),
}


@pytest.mark.parametrize("case", NAMES)
def test_name_files(case: str) -> None:
    key, names, wanted = NAMES[case]
    if wanted is None:
        with pytest.raises(ListError):
            name_files(key, names)
    else:
        assert name_files(key, names) == dict(zip(names, wanted, strict=True))


def test_other_files_of_a_folder_are_left_out() -> None:
    names = ["README.md", "sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv", "cons_prim.csv"]
    assert set(name_files("us_ofac_sdn", names)) == {"sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv"}


@pytest.mark.parametrize(("names", "missing"), [(["sdn.csv"], "alt.csv, add.csv"), ([], "sdn.csv, alt.csv, add.csv")])
def test_what_is_missing_is_listed(names: list[str], missing: str) -> None:
    with pytest.raises(ListError, match=f"{missing} is missing"):
        name_files("us_ofac_sdn", names)


# ---------------------------------------------------------------- identifiers

IDENTIFIERS = [
    ("imoNumber", "IMO 9074729", "9074729"),
    ("imoNumber", "IMO No. 9074729", "9074729"),
    ("imoNumber", "9074728", None),  # its check digit is wrong
    ("imoNumber", "5055293", "5055293"),  # a company's
    ("imoNumber", "907472", None),
    ("mmsi", "572 469 210", "572469210"),
    ("mmsi", "57246921", None),
    ("leiCode", "5299 00T8BM49AURSDO55", "529900T8BM49AURSDO55"),
    ("leiCode", "529900T8BM49AURSDO56", None),
    ("swiftBic", "tamrcnb1xxx", "TAMRCNB1"),
    ("swiftBic", "TAMR", None),
    ("isin", "RU000A999XX9", "RU000A999XX9"),
    ("passportNumber", "71 0588-123", "710588123"),
    ("passportNumber", "none", None),
    ("taxNumber", "800146749-7", "8001467497"),
    ("publicKey", "0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B", "0xab5801a7d398351b8be11c439e05c5b3259aec9b"),
    ("publicKey", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
    ("publicKey", "short", None),
]


@pytest.mark.parametrize(("kind", "text", "value"), IDENTIFIERS)
def test_parse_identifier(kind: str, text: str, value: str | None) -> None:
    assert read_identifier(kind, text) == (Identifier(kind, value) if value else None)


@given(st.sampled_from(sorted(IDENTIFIER_WORDS)), st.text(max_size=60))
def test_an_identifier_is_normal_once_and_for_all(kind: str, text: str) -> None:
    found = read_identifier(kind, text)
    assert found is None or read_identifier(kind, found.value) == found


KINDS = {
    "Passport": "passportNumber",
    "Digital Currency Address - XBT": "publicKey",
    "Tax ID No.": "taxNumber",
    "NIT #": "taxNumber",
    "National ID No.": "idNumber",
    "Electoral Registry No.": "idNumber",
    "Registration Number": "registrationNumber",
    "Unified Social Credit Code (USCC)": "registrationNumber",
    "Vessel Registration Identification": "imoNumber",
    "Legal Entity Number": "leiCode",
    "SWIFT/BIC": "swiftBic",
    "Aircraft Manufacturer's Serial Number (MSN)": "serialNumber",
    "Organization Established Date": None,
    "Chinese Commercial Code": None,
    "President since": None,
    "Gender": None,
}


@pytest.mark.parametrize("label", KINDS)
def test_what_a_document_is_called_tells_its_kind(label: str) -> None:
    assert find_kind(label) == KINDS[label]


IMO_TEXTS = {
    "Tanker, IMO number: 9074729.": "9074729",
    "IMO 9074729": "9074729",
    "(IMO ship identification number 9074729)": "9074729",
    "IMO 9074729 and again IMO No. 9074729": "9074729",
    "Its fleet: IMO 9074729, IMO 9187629": None,
    "Telephone 9074729": None,
    "IMO 9074728": None,
}


@pytest.mark.parametrize("text", IMO_TEXTS)
def test_find_imo_number(text: str) -> None:
    found = find_imo_number(text)
    assert (found.value if found else None) == IMO_TEXTS[text]


# ---------------------------------------------------------------- values

DATES = [
    ("03 Mar 1980", "1980-03-03"),
    ("Mar 1980", "1980-03"),
    ("circa 1970", "1970"),
    ("Approximately 1970", "1970"),
    ("1970", "1970"),
    ("dd/mm/1970", "1970"),
    ("00/00/1975", "1975"),
    ("dd/03/1975", "1975-03"),
    ("24/02/2022", "2022-02-24"),
    ("2022-02-24T00:00:00-05:00", "2022-02-24"),
    ("1 May 1970", "1970-05-01"),
    ("May 1, 1970", "1970-05-01"),
    ("31 Feb 1970", "1970-02"),
    ("1950 to 1953", ""),
    ("unknown", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "iso"), DATES)
def test_parse_date(text: str, iso: str) -> None:
    assert parse_date(text) == iso


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = parse_date(text)
    assert found == "" or len(found) in (4, 7, 10)


COUNTRIES = {
    "Russia": "ru", "RUSSIAN FEDERATION": "ru", "Korea, North": "kp", "Congo, Democratic Republic of the": "cd",
    "Iran (Islamic Republic of)": "ir", "Palestinian": "ps", "PA": "pa", "Burma": "mm", "undetermined": "",
    "Region: Northern Mali": "", "00": "", "-0- ": "", "Atlantis": "", "Syrian Arab Republic": "sy",
}  # fmt: skip


@pytest.mark.parametrize("text", COUNTRIES)
def test_parse_country(text: str) -> None:
    assert parse_country(text) == COUNTRIES[text]


NAMES_SAID = {
    "PISKLIN, Mikhail Yur'evich": "Mikhail Yur'evich PISKLIN",
    "CHI, Yupeng": "Yupeng CHI",
    "SMITH, John, Jr.": "John, Jr. SMITH",
    "MADONNA": "MADONNA",
    "KIM,": "KIM",
}


@pytest.mark.parametrize("text", NAMES_SAID)
def test_first_last(text: str) -> None:
    assert first_last(text) == NAMES_SAID[text]


@pytest.mark.parametrize(
    ("text", "line"),
    [("-0- ", ""), (" a\u00a0 b\r\n\tc ", "a b c"), ("n/a", ""), ("\ufeffx\u200b", "x"), ("\ud800x", "x"), (None, "")],
)
def test_clean(text: str | None, line: str) -> None:
    assert clean(text) == line


def test_the_documented_lists_are_the_lists() -> None:
    page = (Path(__file__).parents[3] / "docs" / "lists.md").read_text(encoding="utf-8")
    rows = {
        cells[0].strip("` "): [cell.strip() for cell in cells[1:]]
        for line in page.splitlines()
        if line.startswith("| `")
        for cells in [line.strip("|").split("|")]
    }
    assert rows == {
        key: [
            one.title,
            one.licence,
            "yes" if one.is_on_by_default else "no",
            "; or ".join(filter(None, (", ".join(file.name for file in one.files), ", ".join(one.other_files)))),
        ]
        for key, one in LISTS.items()
    }


@pytest.mark.parametrize(
    ("label", "number", "kept", "country"),
    [
        ("Business registration number", "INN: 7701234567", "taxNumber:7701234567", ()),
        ("Business registration number", "7701234567 (INN)", "taxNumber:7701234567", ()),
        ("Business registration number", "OGRN 1027700132195", "registrationNumber:1027700132195", ()),
        ("Business registration number", "1027700132195 (Russia)", "registrationNumber:1027700132195", ("ru",)),
        ("National ID", "ISIN RU0009177331", "isin:RU0009177331", ()),
        ("Passport", "RL 3367620", "passportNumber:RL3367620", ()),
        ("Passport", "RE0000020 (Iran)", "passportNumber:RE0000020", ("ir",)),
        ("Phone number", "ID 1234567", None, ()),
    ],
)
def test_what_a_cell_calls_its_number_counts(
    label: str, number: str, kept: str | None, country: tuple[str, ...]
) -> None:
    draft = Draft("gb_uksl", "RUS1", Schema.COMPANY)
    draft.add_name("Kordel", is_primary=True)
    assert draft.add_document(label, number) is bool(kept)
    listing = draft.listing()
    assert [f"{one.kind}:{one.value}" for one in listing.identifiers] == ([kept] if kept else [])
    assert listing.countries == country


@pytest.mark.parametrize("number", ["1" * 30_000, "1 " * 30_000 + "(", "INN " + "1" * 30_000 + "\n"])
def test_no_cell_makes_reading_slow(number: str) -> None:
    started = time.process_time()
    Draft("gb_uksl", "RUS1", Schema.COMPANY).add_document("National ID", number)
    assert time.process_time() - started < 1.0
