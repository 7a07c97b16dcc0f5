"""Watchlist files, good and bad; entities from chat words; names found again."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Entity, Identifier, Schema
from bot.watchlist import (
    COLUMNS,
    apply_edits,
    country_name,
    entity_from_words,
    find_entities,
    guess_schema,
    parse_country,
    parse_edit,
    parse_watchlist,
)

HEADER = "key,schema,name,aliases,weak_aliases,countries,topics,identifiers,notes\n"
ROW = 'NK-1,Company,"Gefest-M LLC",ООО Гефест-М;Gefest,GFM,ru;Hong Kong,Supplier;oil,imo:9187629;leiCode:529900T8BM49AURSDO55,A note\n'  # noqa: E501
GEFEST = Entity(
    key="NK-1",
    schema=Schema.COMPANY,
    caption="Gefest-M LLC",
    aliases=("ООО Гефест-М", "Gefest"),
    weak_aliases=("GFM",),
    countries=("ru", "hk"),
    topics=("supplier", "oil"),
    identifiers=(Identifier("imoNumber", "9187629"), Identifier("leiCode", "529900T8BM49AURSDO55")),
    notes="A note",
)
SAMPLE = Path(__file__).parents[2] / "config" / "watchlist.csv"


def test_a_row_becomes_an_entity() -> None:
    file = parse_watchlist(HEADER + ROW, "list.csv")
    assert (file.entities, file.refused, file.notes) == ((GEFEST,), (), ())


CELLS = [
    "NK-1", "Company", "Gefest-M LLC", "ООО Гефест-М;Gefest", "GFM", "ru;Hong Kong", "Supplier;oil",
    "imo:9187629;lei:529900T8BM49AURSDO55", "A note",
]  # fmt: skip


def parted_by(delimiter: str) -> str:
    """The list as a spreadsheet saves it, every cell in quotation marks."""
    return HEADER.replace(",", delimiter) + delimiter.join(f'"{cell}"' for cell in CELLS) + "\n"


REORDERED = (
    "Name,Key,Schema,Weak Aliases,Aliases,Country,Topics,Identifiers,Notes\n"
    "Gefest-M LLC,NK-1,company,GFM,ООО Гефест-М;Gefest,RUS;hk,supplier;OIL,imoNumber:9187629;lei:529900T8BM49AURSDO55,A note\n"  # noqa: E501
)


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("UTF-8", (HEADER + ROW).encode()),
        ("UTF-8 with a mark at its head, as Excel writes it", (HEADER + ROW).encode("utf-8-sig")),
        ("UTF-16, as Excel's Unicode text", (HEADER + ROW).encode("utf-16")),
        ("Windows line ends", (HEADER + ROW).replace("\n", "\r\n").encode()),
        ("old Macintosh line ends", (HEADER + ROW).replace("\n", "\r").encode()),
        ("no line end at the end, blank lines and a remark", (HEADER + "\n# a remark\n\n" + ROW.strip()).encode()),
        ("a remark before the header", ("# who we track\n\n" + HEADER + ROW).encode()),
        ("semicolons between cells, as Excel writes them in half of Europe", parted_by(";").encode()),
        ("Excel's line that names the separator", b"sep=;\r\n" + parted_by(";").encode()),
        ("tabs", parted_by("\t").encode()),
        ("column names in capitals, with blanks, in another order", REORDERED.encode()),
    ],
)  # fmt: skip
def test_the_same_list_however_it_was_saved(what: str, content: bytes) -> None:
    file = parse_watchlist(content, "list.csv")
    assert file.entities == (GEFEST,), what
    assert file.refused == ()


def test_another_encoding_is_read_and_told() -> None:
    rows = "key,schema,name\n" + "".join(
        f"K{number},Company,ООО Нефтегазовая компания {number}\n" for number in range(9)
    )
    file = parse_watchlist(rows.encode("cp1251"), "list.csv")
    assert file.entities[0].caption == "ООО Нефтегазовая компания 0"
    assert "list.csv is not UTF-8" in file.notes[0]
    assert "CSV UTF-8" in file.notes[0]


@pytest.mark.parametrize(
    ("what", "row", "telling"),
    [
        (
            "an unknown schema tells those there are",
            "X,Firma,Foo Bank",
            "'Firma' is unknown: there are person, company",
        ),
        ("no name", "X,Company,", "the name is missing"),
        ("a key with blanks", "X 1,Company,Foo Bank", "no blanks"),
        ("a name of signs only", "X,Company,—…!", "no letter and no digit"),
        ("a name of a page's length", f"X,Company,{'a' * 301}", "at most 300"),
        ("the same key twice", "A,Company,Foo Bank", "the key 'A' is on line 2 already"),
        ("too many cells, as when quotation marks were forgotten", "X,Company,Foo, Ltd.", "4 values for 3 columns"),
        ("text after a closing quotation mark", 'X,Company,"Foo" Bank', "is no CSV row"),
        ("a quotation mark never closed", 'X,Company,"Foo Bank', "never closes it"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_costs_no_other(what: str, row: str, telling: str) -> None:
    file = parse_watchlist(f"key,schema,name\nA,Company,Alpha Bank\n{row}\nB,Person,Berta Bey\n", "list.csv")
    assert [entity.key for entity in file.entities] == ["A", "B"], what
    assert [refused.line for refused in file.refused] == [3]
    assert telling in file.refused[0].reason


@pytest.mark.parametrize(
    ("what", "column", "cell", "telling"),
    [
        ("a country nobody knows", "countries", "ru;Atlantis", "the country 'Atlantis' is unknown"),
        ("a kind of identifier nobody knows", "identifiers", "shoe:42", "kinds are imoNumber"),
        ("an identifier without a kind", "identifiers", "9187629", "write imoNumber:9187629"),
        ("an alias of signs", "aliases", "Good;--", "no letter and no digit"),
    ],
)
def test_a_bad_detail_is_told_and_the_name_is_tracked_all_the_same(
    what: str, column: str, cell: str, telling: str
) -> None:
    file = parse_watchlist(f"key,schema,name,{column}\nA,Company,Alpha Bank,{cell}\n", "list.csv")
    assert file.entities[0].caption == "Alpha Bank", what
    assert file.refused[0].line == 2
    assert telling in file.refused[0].reason
    assert "Alpha Bank is tracked without it" in file.refused[0].reason


def test_lines_are_counted_as_an_editor_does_after_a_cell_of_several_lines() -> None:
    file = parse_watchlist('key,schema,name,notes\nA,Company,Alpha,"two\nlines"\nB,Nothing,Beta,\n', "list.csv")
    assert file.entities[0].notes == "two lines"
    assert file.refused[0].line == 4


@pytest.mark.parametrize(
    ("header", "cells", "identifiers"),
    [
        ("imo,lei", "9187629,529900T8BM49AURSDO55", ["imoNumber:9187629", "leiCode:529900T8BM49AURSDO55"]),
        ("IMO Number,LEI code", "IMO 9187629,", ["imoNumber:9187629"]),
        ("INN,Passport No.", "7707083893,71 0588123;72 0588123", ["taxNumber:7707083893", "passportNumber:71 0588123",
         "passportNumber:72 0588123"]),
        ("identifiers,imo", "swift:SABRRUMM,9187629", ["swiftBic:SABRRUMM", "imoNumber:9187629"]),
        ("imo,country", ",ru", []),
    ],
)  # fmt: skip
def test_a_kind_of_identifier_may_have_a_column_of_its_own(header: str, cells: str, identifiers: list[str]) -> None:
    file = parse_watchlist(f"name,{header}\nAlpha Bank,{cells}\n", "list.csv")
    assert not file.refused
    assert [f"{one.kind}:{one.value}" for one in file.entities[0].identifiers] == identifiers


def test_a_wrong_number_in_a_column_of_its_own_is_told_and_a_street_is_no_wallet() -> None:
    file = parse_watchlist("name,imo,address\nAlpha,9187620,1 Main Street\n", "list.csv")
    assert ["check digit is wrong" in one.reason for one in file.refused] == [True]
    assert "left out: the column 'address'" in file.notes[0]
    assert file.entities[0].identifiers == ()


def test_an_unknown_column_is_named_and_left_out() -> None:
    file = parse_watchlist("key,schema,name,alais\nA,Company,Alpha,Alfa\n", "list.csv")
    assert file.entities[0].aliases == ()
    assert "left out: the column 'alais'." in file.notes[0]
    assert ", ".join(COLUMNS) in file.notes[0]
    assert not file.refused, "no row was: else such a file could never replace a watchlist"


@pytest.mark.parametrize(
    ("content", "telling"),
    [
        ("", "list.csv is empty"),
        ("\n \n", "list.csv is empty"),
        ("key,schema\nA,Company\n", "the column name is missing"),
        ("My export\nkey,schema,name\nA,Company,Alpha\n", "the column name is missing"),
        ("<!doctype html><p>Please log in", "the column name is missing"),
        (b"\x00\x01\x02\xff\xfe", "is no text"),
    ],
)
def test_a_file_that_is_no_watchlist_says_so(content: str | bytes, telling: str) -> None:
    file = parse_watchlist(content, "list.csv")
    assert file.entities == ()
    assert telling in file.refused[0].reason


ALPHA = ("alpha-bank-llc", "Company", "Alpha Bank LLC")
BERTA = ("berta-bey", "LegalEntity", "Berta Bey")
PLAIN = [ALPHA, BERTA]
FOO = ("foo-inc", "Company", "Foo, Inc.")


@pytest.mark.parametrize(
    ("what", "content", "wanted"),
    [
        ("only names", "name\nAlpha Bank LLC\nBerta Bey\n", PLAIN),
        ("headed otherwise", "Company Name\nAlpha Bank LLC\nBerta Bey\n", PLAIN),
        ("no header at all", "Alpha Bank LLC\nBerta Bey\n", PLAIN),
        ("a column of keys that is empty", "key,name\n,Alpha Bank LLC\n,Berta Bey\n", PLAIN),
        ("a comma in a name", "name\nFoo, Inc.\n", [FOO]),
        ("no header, and a comma", "Berta Bey\nFoo, Inc.\n", [BERTA, FOO]),
        (
            "the kind told of some",
            "name,type\nBerta Bey,person\nAlpha Bank LLC,\n",
            [("berta-bey", "Person", "Berta Bey"), ALPHA],
        ),
        (
            "a key that a name would have",
            "key,name\nberta-bey,Alpha\n,Berta Bey\n",
            [("berta-bey", "LegalEntity", "Alpha"), ("berta-bey-2", "LegalEntity", "Berta Bey")],
        ),
        (
            "one name of two kinds",
            "name,schema\nEagle,Vessel\nEAGLE,Company\n",
            [("eagle", "Vessel", "Eagle"), ("eagle-2", "Company", "EAGLE")],
        ),
    ],
)
def test_a_list_without_keys_gets_them_of_its_names(what: str, content: str, wanted: list[tuple[str, ...]]) -> None:
    file = parse_watchlist(content, "list.csv")
    assert [(one.key, str(one.schema), one.caption) for one in file.entities] == wanted, what
    assert file.refused == ()


def test_a_name_that_is_twice_in_a_list_is_told_and_counts_once() -> None:
    file = parse_watchlist("name\nAlpha Bank\nBerta Bey\nALPHA  BANK\n", "list.csv")
    assert [entity.caption for entity in file.entities] == ["Alpha Bank", "Berta Bey"]
    assert file.notes == ("There more than once, the first counts: ALPHA BANK (lines 2 and 4).",)


HEADED = ["Name", "Country", "IMO"]
OKA = [("oka-steel", "Oka Steel", ("ru",), ["9187629"])]
ABOVE = "The columns are named on line {}; left out above: {}."


@pytest.mark.parametrize(
    ("what", "rows", "wanted", "note"),
    [
        ("a title above", [["Suppliers 2026"], [], HEADED, ["Oka Steel", "RU", 9187629.0]], OKA,
         ABOVE.format(3, "'Suppliers 2026'")),
        ("a long title above",
         [["Counterparties under enhanced due diligence"], HEADED, ["Oka Steel", "RU", 9187629]], OKA,
         ABOVE.format(2, "'Counterparties under enhanced due…'")),
        ("groups of columns", [["Entity", None, "Numbers"], HEADED, ["Oka Steel", "RU", 9187629]], OKA,
         ABOVE.format(2, "'Entity', 'Numbers'")),
        ("a title above one column", [["Suppliers 2026"], ["Name"], ["Oka Steel"]],
         [("oka-steel", "Oka Steel", (), [])],
         ABOVE.format(2, "'Suppliers 2026'")),
        ("a remark beside the table", [HEADED, ["Oka Steel", "RU", "9187629.0", "ask Ana"]], OKA, ""),
        ("an empty column between", [["Name", None, "Country"], ["Oka Steel", None, "RU"]],
         [("oka-steel", "Oka Steel", ("ru",), [])], ""),
    ],
)  # fmt: skip
def test_a_sheet_is_read_however_its_columns_are_headed(
    what: str, rows: list[list[object]], wanted: list[tuple[object, ...]], note: str
) -> None:
    file = parse_watchlist(sheets({"List": rows}), "list.xlsx")
    told = [
        (one.key, one.caption, one.countries, [number.value for number in one.identifiers]) for one in file.entities
    ]
    assert (told, file.refused) == (wanted, ()), what
    assert file.notes[:1] == ((note,) if note else ()), what


def sheets(rows: dict[str, list[list[object]]], hidden: str = "") -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for title, lines in rows.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
        sheet.sheet_state = "hidden" if title == hidden else "visible"
    book.save(packed)
    return packed.getvalue()


def test_of_several_sheets_the_first_with_cells_is_read_and_the_others_are_told() -> None:
    names = [["Name"], ["Oka Steel"]]
    several = sheets({"Values": [["x"]], "Empty": [], "Firms": names, "People": [["Name"], ["Ana"]]}, hidden="Values")
    file = parse_watchlist(several, "list.xlsx")
    assert [entity.caption for entity in file.entities] == ["Oka Steel"]
    assert file.notes[0] == "Of list.xlsx the sheet “Firms” was read, and not “People”."


@pytest.mark.parametrize(
    ("what", "content", "captions", "telling"),
    [
        ("numbered rows", "#,Name\n1,Oka Steel\n", ["Oka Steel"], ""),
        ("an error for a key", "key,name\n#REF!,Oka Steel\n", [], "the key #REF! is an error of the spreadsheet"),
        ("an error for a name", "key,name\nA,#N/A\n", [], "the name #N/A is an error of the spreadsheet"),
        ("no name, in a word", "key,name\nA,NULL\n", [], "the name is missing"),
        (
            "digits that are lost",
            "name,registration\nOka Steel,1.0277E+12\n",
            ["Oka Steel"],
            "its last digits are lost",
        ),
    ],
)
def test_what_spreadsheets_make_of_cells_is_no_name(what: str, content: str, captions: list[str], telling: str) -> None:
    file = parse_watchlist(content, "list.csv")
    assert [entity.caption for entity in file.entities] == captions, what
    assert [telling in one.reason for one in file.refused] == ([True] if telling else []), what


def test_a_word_for_nothing_is_no_value_and_a_gap_makes_no_number_another() -> None:
    cells = "name,aka,aliases,country,imo,registration\nOka Steel,nan,None; Oka,N/A,9187629.0,1027700043502.0\n"
    (oka,), refused = (file := parse_watchlist(cells, "list.csv")).entities, file.refused
    assert (oka.aliases, oka.countries, refused) == (("Oka",), (), ())
    assert [one.value for one in oka.identifiers] == ["9187629", "1027700043502"]


def test_a_row_that_is_taken_for_a_comment_is_told() -> None:
    file = parse_watchlist("name,country\n# checked\n#1 Trading,ru\nOka Steel,ru\n", "list.csv")
    assert [entity.caption for entity in file.entities] == ["Oka Steel"]
    assert file.notes == ("Left out as comments, as they begin with #: lines 2, 3.",)


FTM = {
    "id": "NK-x1",
    "schema": "Vessel",
    "caption": "EAGLE S",
    "properties": {
        "name": ["EAGLE S", "Eagle; S"],
        "weakAlias": ["EGL"],
        "flag": ["ck"],
        "imoNumber": ["9329760"],
        "topics": ["sanction"],
        "ignored": ["x"],
    },
}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(FTM) + "\n",
        json.dumps([FTM]),
        json.dumps(FTM, indent=2),
        json.dumps({"results": [FTM], "total": 1}),
        json.dumps({"entities": [FTM]}, indent=2),
    ],
)
def test_follow_the_money_entities_are_read(content: str) -> None:
    file = parse_watchlist(content, "entities.ftm.json")
    assert file.refused == ()
    assert file.entities == (
        Entity(
            "NK-x1", Schema.VESSEL, "EAGLE S", ("Eagle, S",), ("EGL",), ("ck",), ("sanction",),
            (Identifier("imoNumber", "9329760"),),
        ),
    )  # fmt: skip


def test_bad_json_lines_cost_no_other() -> None:
    lines = ["{broken", json.dumps({"id": 1}), json.dumps(FTM | {"schema": "Address"}), "[" * 100_000, json.dumps(FTM)]
    file = parse_watchlist("\n".join(lines), "entities.ftm.json")
    assert [entity.key for entity in file.entities] == ["NK-x1"]
    assert [refused.line for refused in file.refused] == [1, 2, 4]
    assert file.notes == ("Left out, as they are nobody to be tracked: 1 Address.",)


def test_half_a_json_file_is_refused_once() -> None:
    file = parse_watchlist(json.dumps(FTM, indent=2)[:-40], "entities.json")
    assert [refused.reason[:12] for refused in file.refused] == ["is no JSON: "]


def test_the_sample_watchlist_has_no_fault() -> None:
    file = parse_watchlist(SAMPLE.read_bytes(), SAMPLE.name)
    assert file.refused == ()
    assert len(file.entities) > 10


CELL = st.text(alphabet=st.sampled_from('abЖ丹é";,|\t\n\r\x00\u2028#= '), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELL, max_size=5), max_size=6))
def test_no_text_breaks_the_reader_and_every_key_is_unique(rows: list[list[str]]) -> None:
    text = "key,schema,name,aliases\n" + "\n".join(",".join(cells) for cells in rows)
    file = parse_watchlist(text + "\nLAST,Company,Last Bank\n", "list.csv")
    keys = [entity.key for entity in file.entities]
    assert len(keys) == len(set(keys))
    assert "LAST" in keys
    assert all(refused.line <= len(text.splitlines()) + 1 for refused in file.refused)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    parse_watchlist(body, "list.csv")


# ---------------------------------------------------------------- chat words


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Gefest-M LLC", Entity("gefest-m-llc", Schema.COMPANY, "Gefest-M LLC")),
        ("Igor Sechin", Entity("igor-sechin", Schema.LEGAL_ENTITY, "Igor Sechin")),
        (
            "Gefest-M LLC; ООО Гефест-М | schema=Company country=ru topic=supplier key=NK-2",
            Entity("NK-2", Schema.COMPANY, "Gefest-M LLC", ("ООО Гефест-М",), countries=("ru",), topics=("supplier",)),
        ),
        (
            "Eagle S; type=ship; country = Cook Islands; imo=9329760; note=seen off Porkkala, again",
            Entity("eagle-s", Schema.VESSEL, "Eagle S", countries=("ck",),
                   identifiers=(Identifier("imoNumber", "9329760"),), notes="seen off Porkkala, again"),
        ),
        (
            "Foreign Trade Bank\nweak=FTB, FTBK",
            Entity("foreign-trade-bank", Schema.LEGAL_ENTITY, "Foreign Trade Bank", weak_aliases=("FTB", "FTBK")),
        ),
        ("name=Velmur Pte. Ltd. country=Singapore,hk",
         Entity("velmur-pte-ltd", Schema.COMPANY, "Velmur Pte. Ltd.", countries=("sg", "hk"))),
        ("Taken Name", Entity("taken-name-2", Schema.LEGAL_ENTITY, "Taken Name")),
    ],
)  # fmt: skip
def test_words_become_an_entity(words: str, wanted: Entity) -> None:
    assert entity_from_words(words, {"taken-name"}) == wanted


def test_a_name_without_latin_letters_gets_a_key_all_the_same() -> None:
    entity = entity_from_words("丹东至诚金属材料有限公司", ())
    assert entity.key.startswith("w-")
    assert entity_from_words("丹东至诚金属材料有限公司", {entity.key}).key == f"{entity.key}-2"


@pytest.mark.parametrize(
    ("words", "telling"),
    [
        ("", "the name is missing"),
        ("country=ru", "the name is missing"),
        ("Foo | colour=red", "colour= is not known"),
        ("Foo | country=Atlantis", "'Atlantis' is unknown"),
        ("Foo | country=y", "'y' is unknown"),
        ("Foo | schema=Thing", "there are person, company"),
        ("Foo | key=taken-name", "is taken"),
        ("Foo | shoe=1 country=ru", "shoe= is not known"),
    ],
)
def test_words_that_cannot_be_an_entity_say_what_to_write(words: str, telling: str) -> None:
    with pytest.raises(ValueError, match=re.escape(telling)):
        entity_from_words(words, {"taken-name"})


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("Deutsche Bank AG", Schema.COMPANY),
        ("ООО Гефест-М", Schema.COMPANY),
        ("Velmur Management Pte. Ltd.", Schema.COMPANY),
        ("Kim Jong Un", Schema.LEGAL_ENTITY),
    ],
)
def test_a_legal_form_tells_a_company(name: str, schema: Schema) -> None:
    assert guess_schema(name) is schema


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        ("Blue Star imo=9329760", Schema.VESSEL),
        ("Blue Star imo=9329760 schema=Company", Schema.COMPANY),
        ("Blue Star imo=5404671", Schema.LEGAL_ENTITY),  # checks as a company's
        ("Blue Star Ltd imo=9329760", Schema.COMPANY),
    ],
)
def test_a_ships_number_tells_a_ship(words: str, schema: Schema) -> None:
    assert entity_from_words(words, ()).schema is schema
    name, _, rest = words.partition(" imo=")
    told = rest.partition("schema=")[2]
    rows = f"key,schema,name,identifiers\nx,{told},{name},imo:{rest.split()[0]}\n".encode()
    assert [one.schema for one in parse_watchlist(rows, "list.csv").entities] == [schema]


@pytest.mark.parametrize(
    ("words", "code"),
    [("ru", "ru"), ("RU", "ru"), ("RUS", "ru"), ("Russia", "ru"), ("Россия", "ru"), ("DPRK", "kp"),
     ("North Korea", "kp"), ("UAE", "ae"), ("Hong Kong", "hk"), ("England", "gb"), ("Crimea", "ua"),
     ("Deutschland", "de")],
)  # fmt: skip
def test_countries_are_known_by_code_and_name(words: str, code: str) -> None:
    assert parse_country(words) == code
    assert country_name(code)


# ---------------------------------------------------------------- finding again

TRACKED = (
    Entity("NK-1", Schema.COMPANY, "Dandong Zhicheng Metallic Material Co., Ltd.", ("丹东至诚金属材料有限公司",)),
    Entity("NK-2", Schema.COMPANY, "Dandong Rich Earth Trading Co., Ltd."),
    Entity("NK-3", Schema.PERSON, "Andrei Serbin", ("Андрей Сербин",)),
    Entity("NK-4", Schema.COMPANY, "Foreign Trade Bank", weak_aliases=("FTB",)),
)


@pytest.mark.parametrize(
    ("words", "exact", "partly", "near"),
    [
        ("nk-2", ["NK-2"], [], []),
        ("andrei  SERBIN", ["NK-3"], [], []),
        ("Андрей Сербин", ["NK-3"], [], []),
        ("丹东至诚金属材料有限公司", ["NK-1"], [], []),
        ("ftb", ["NK-4"], [], []),
        ("Zhicheng", [], ["NK-1"], []),
        ("dandong", [], ["NK-1", "NK-2"], []),
        ("serbin andrei", [], ["NK-3"], []),
        ("Andrey Serbin", [], [], ["NK-3"]),
        ("Dandong Zhicheng Metalic Materials", [], [], ["NK-1"]),
        ("Zhichng", [], [], ["NK-1"]),
        ("Bank of Nowhere", [], [], []),
        ("", [], [], []),
        ("!!!", [], [], []),
    ],
)
def test_names_are_found_again(words: str, exact: list[str], partly: list[str], near: list[str]) -> None:
    found = find_entities(words, TRACKED)
    assert [entity.key for entity in found.exact] == exact
    assert [entity.key for entity in found.partly] == partly
    assert [one.entity.key for one in found.near] == near


@pytest.mark.parametrize("whole", [lambda entries: {"results": entries}, lambda entries: entries])
def test_of_entries_on_one_line_it_is_said_which_is_refused(whole: Callable[[list[object]], object]) -> None:
    bad = {**FTM, "id": "bad", "schema": "Nonsense", "caption": "Quite Bad"}
    file = parse_watchlist(json.dumps(whole([FTM, bad, {"x": 1}])).encode(), "names.json")
    reasons = {one.line: one.reason for one in file.refused}
    assert set(reasons) == {2, 3}
    assert reasons[2].startswith("entry 2 (Quite Bad): ")


@pytest.mark.parametrize(
    ("schema", "alias", "name"),
    [
        ("Vessel", "ex Nordic Tern", "Nordic Tern"),
        ("Vessel", "Ex. Nordic Tern", "Nordic Tern"),
        ("Vessel", "Express Tern", "Express Tern"),
        ("Vessel", "Ex", "Ex"),
        ("Company", "Ex Libris", "Ex Libris"),
        ("Company", "f/k/a Oka Steel", "Oka Steel"),
        ("Company", "F.K.A. Oka Steel", "Oka Steel"),
        ("Company", "formerly known as: Oka Steel", "Oka Steel"),
        ("Company", "AKA", "AKA"),
        ("Company", "AKA Bank", "AKA Bank"),
        ("Company", "aka Oka Steel", "Oka Steel"),
        ("Person", "a.k.a. Oleg Orlenko", "Oleg Orlenko"),
        ("Person", "Akaki Orlenko", "Akaki Orlenko"),
        ("Person", "он же Олег Орленко", "Олег Орленко"),
    ],
)
def test_that_another_name_is_an_earlier_one_is_no_part_of_it(schema: str, alias: str, name: str) -> None:
    file = parse_watchlist(f"key,schema,name,aliases\nk,{schema},Sierra Marlin,{alias}\n", "w.csv")
    assert file.entities[0].aliases == (name,)
    added = apply_edits(replace(file.entities[0], aliases=()), parse_edit(f"aliases+={alias}")[1])
    assert added.aliases == (name,)
    assert apply_edits(added, parse_edit(f"aliases-={name}")[1]).aliases == ()
