"""Tables in and out: what is hostile is refused before it costs anything, what is written is no formula."""

from __future__ import annotations

import bz2
import gzip
import io
import re
import time
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SpreadsheetError
from bot.identifiers import parse_identifier
from bot.model import Identifier
from bot.spreadsheets import (
    MOST_ROWS,
    Refused,
    Row,
    escape_cell,
    read_table,
    read_text,
    unescape_cell,
    write_csv,
    write_xlsx,
)

CELL = st.text(alphabet=st.sampled_from("=+-@'\"ab;,\n Ж丹"), max_size=12)


MORNING = datetime(2026, 1, 31, 5)  # noqa: DTZ001 (a workbook knows no zones)


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, part if info.filename == name else old.read(info))
        if name not in old.namelist():
            new.writestr(name, part)
    return packed.getvalue()


SHEET = workbook(("key", "name"), ("a", "Foo"))


@settings(deadline=None)
@given(rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5))
def test_a_table_comes_back_as_it_went_in_and_holds_no_formula(rows: list[tuple[str, str]]) -> None:
    rows = [("key", "name"), *rows]
    written = write_csv(rows)
    read = [row.cells for row in read_table(written, "x.csv").rows]
    assert read == [row for row in rows if any(cell.strip() for cell in row)]


@pytest.mark.parametrize("cell", ["=1+1", "+49", "-5", "@SUM(A1)", "\tx", "'=x", "''=x"])
def test_a_formula_is_written_as_text(cell: str) -> None:
    assert escape_cell(cell) == f"'{cell}"
    assert unescape_cell(escape_cell(cell)) == cell
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx([(cell,)], "t")))
    assert book.active["A1"].data_type == "s"


@pytest.mark.parametrize("cell", ["Acme;=1+1;x", "Acme; @SUM(A1)", "Acme;'=1", ";;-2", "=1;=2", "a;b = c"])
def test_a_cell_holds_no_formula_either_where_a_csv_is_parted_at_semicolons(cell: str) -> None:
    """As Excel does it in most of Europe: the second cell of "Acme;=1+1" would be one."""
    written = write_csv([("name",), (cell,)])
    assert not [
        part for part in written.decode("utf-8-sig").splitlines()[1].split(";") if re.match(r'"?\s*[=@-]', part)
    ]
    assert read_table(written, "x.csv").rows[1].cells == (cell,)


@pytest.mark.parametrize("cell", ["Foo", "'quoted", "a=b", "", "O'Neill"])
def test_what_is_no_formula_stays(cell: str) -> None:
    assert escape_cell(cell) == unescape_cell(cell) == cell


def test_a_file_of_rows_that_never_end_is_given_up_soon() -> None:
    """20 MB of them took minutes."""
    before = time.process_time()
    with pytest.raises(SpreadsheetError, match=r"x.csv is no CSV: more than 1,000 .* line 1, which is no CSV row"):
        read_table(b'"a\n' * 1_000_000, "x.csv")
    assert time.process_time() - before < 10


def test_cells_are_texts_and_formulas_are_not_evaluated() -> None:
    content = workbook(("a", "b"), (9187629.0, date(2026, 1, 31)), (), (True, "=1+1"), (MORNING, 1.5))
    assert read_table(content, "x.xlsx").rows == (
        Row(1, ("a", "b")),
        Row(2, ("9187629", "2026-01-31")),
        Row(4, ("TRUE", "")),
        Row(5, ("2026-01-31T05:00:00", "1.5")),
    )


BOMB = with_part(SHEET, "xl/bomb.xml", b"0" * 30_000_000)
ENTITIES = with_part(SHEET, "xl/worksheets/sheet1.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>')


def lying(content: bytes) -> bytes:
    """Its directory says that each part is of one byte."""
    lie = bytearray(content)
    at = lie.find(b"PK\x01\x02")
    while at >= 0:
        lie[at + 24 : at + 28] = (1).to_bytes(4, "little")
        at = lie.find(b"PK\x01\x02", at + 4)
    return bytes(lie)


@pytest.mark.parametrize(
    ("what", "content", "telling"),
    [
        ("a bomb, by what it says", BOMB, "unpacks to 30 MB"),
        ("a bomb, by what it is", lying(BOMB), "broken or locked|more than it says"),
        ("entities of its own", ENTITIES, "defines entities"),
        ("a packed file of another kind", with_part(b"PK\x05\x06" + b"\0" * 18, "a.txt", b"x"), "no workbook"),
        ("half a workbook", SHEET[: len(SHEET) // 2], "broken or locked"),
        ("no sheet in it", with_part(SHEET, "xl/workbook.xml", b"<workbook/>"), "can be read|no sheet"),
        ("a sheet that is no XML", with_part(SHEET, "xl/worksheets/sheet1.xml", b"hello"), "can be read"),
        ("an old workbook", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "old Excel"),
        ("too many columns", workbook(("a",) * 60), "60 columns|51 columns"),
        ("too many columns of a CSV", b"a," * 60 + b"a\n", "61 columns"),
        ("too many rows", b"a\n" * (MOST_ROWS + 2), "more than 100,000 rows"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_sentence(what: str, content: bytes, telling: str) -> None:
    with pytest.raises(SpreadsheetError, match=telling):
        read_table(content, "list.xlsx")


@settings(deadline=None)
@given(content=st.binary(max_size=300))
def test_whatever_bytes_come_they_are_read_or_refused(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04"):
        try:
            read_table(start + content, "x")
        except SpreadsheetError as error:
            assert str(error)  # noqa: PT017


# ---------------------------------------------------------------- identifiers


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("imo: IMO 9187629", Identifier("imoNumber", "9187629")),
        ("LEI:5299 00T8 BM49 AURS DO55", Identifier("leiCode", "529900T8BM49AURSDO55")),
        ("isin:US0378331005", Identifier("isin", "US0378331005")),
        ("bic:SABRRUMM", Identifier("swiftBic", "SABRRUMM")),
        ("mmsi:518 998 865", Identifier("mmsi", "518998865")),
        ("inn:7707083893", Identifier("taxNumber", "7707083893")),
        ("tax:anything", Identifier("taxNumber", "anything")),
        ("wallet:0x" + "aB" * 20, Identifier("publicKey", "0x" + "aB" * 20)),
        ("wallet:TXYZop", Identifier("publicKey", "TXYZop")),
        ("list:us_sdn:22603", Identifier("listId", "us_sdn:22603")),
    ],
)
def test_an_identifier_is_kept_as_it_is_compared(text: str, wanted: Identifier) -> None:
    assert parse_identifier(text) == wanted


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("imo:9187628", "check digit"),
        ("lei:529900T8BM49AURSDO56", "check digit"),
        ("isin:US0378331006", "check digit"),
        ("inn:7707083894", "check digit"),
        ("bic:SABRRUMM1", "too long or too short"),
        ("mmsi:12345", "nine digits"),
        ("wallet:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "is wrong"),
        ("wallet:0xabc", "40 hexadecimal digits"),
        ("passport:" + "1" * 300, "at most 200"),
        ("colour:red", "kinds are"),
        ("imo", "not readable"),
    ],
)
def test_a_wrong_identifier_is_refused_with_the_reason(text: str, telling: str) -> None:
    with pytest.raises(ValueError, match=telling):
        parse_identifier(text)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (gzip.compress(b"name\nA B\n"), "is packed with gzip, and no table: unpack it"),
        (bz2.compress(b"name\nA B\n"), "is packed with bzip2"),
        (b"%PDF-1.7\n1 0 obj", "is a PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is a picture"),
        (bytes(range(32)) * 40, "is no text"),
    ],
    ids=["gzip", "bzip2", "PDF", "PNG", "binary"],  # gzip's bytes hold the time
)
def test_what_is_no_text_is_refused_by_its_first_bytes(content: bytes, told: str) -> None:
    with pytest.raises(SpreadsheetError, match=told):
        read_table(content, "names.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_a_text_in_whatever_encoding_is_still_read(encoding: str) -> None:
    assert read_table("name\nИгорь Сечин, банк\n".encode(encoding), "names.csv").rows


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("name,country\nJosé Núñez,ES\n", "cp1252"),
        ("name;land\nSøren Kjærgård;DK\nÅse Øst;NO\n", "cp1252"),
        ("nom;pays\nSociété Générale à Genève;CH\nHélène Œuvrard;FR\n", "cp1252"),
        ("name\nEmpresa nº 5 São João\n", "cp1252"),
        ("name\nMüller Söhne GmbH\nGroß & Weiß\n", "cp1252"),
        ("name\nŁukasz Wałęsa\nZażółć gęślą\n", "cp1250"),
        ("name\nŽeljko Šarić\nVáclav Říha\n", "cp1250"),
        ("name\nRecep Tayyip Erdoğan\nŞükrü İnönü\n", "cp1254"),
        ("name\nИгорь Сечин\nОлег Дерипаска\n", "cp1251"),
        ("name;country\nООО ГЕФЕСТ-М;Россия\nЄвген Їжакевич;UA\n", "cp1251"),
        ("name\nИгорь Сечин\nОлег Дерипаска\n", "koi8-r"),
    ],
)
def test_a_short_list_in_a_code_page_of_windows_keeps_its_letters(text: str, encoding: str) -> None:
    found, notes = read_text(text.encode(encoding), "names.csv")
    assert found == text
    assert encoding in notes[0]


def test_lines_of_names_are_whole_where_a_comma_stands_before_a_blank() -> None:
    table = read_table(b"Foo Trading LLC, UAE\nShahbaz TV Center\nFoo Co., Ltd., China\n", "names.csv")
    assert [row.cells for row in table.as_lines] == [
        ("Foo Trading LLC, UAE",),
        ("Shahbaz TV Center",),
        ("Foo Co., Ltd., China",),
    ]
    for content in (b"a,b\nFoo, UAE\n", b"Foo; UAE\nBar;x\n", b"Foo, ae, Ana\nBar, cy, Ben\n"):
        table = read_table(content, "table.csv")
        assert table.as_lines == table.rows


def test_a_row_that_is_cut_at_the_end_of_a_file_is_no_row() -> None:
    table = read_table(b"key;name;country\nk1;Gazprom Neft;ru\nk2;Surgutnef", "cut.csv")
    assert [row.cells[0] for row in table.rows] == ["key", "k1"]
    assert table.refused == (Refused(3, "is cut off, as the file ends in it: 2 of 3 cells. Send the whole file"),)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"name,country\nSberbank\nRosneft", id="another row is as short"),
        pytest.param(b"Sberbank, Russia\nRosneft\nGazprom", id="names, one with a comma"),
        pytest.param(b"Sberbank, Russia\nRosneft, Russia\nGazprom", id="names, all but the last with a comma"),
    ],
)
def test_a_short_last_row_that_may_be_whole_is_kept_and_told(content: bytes) -> None:
    table = read_table(content, "names.csv")
    assert len(table.rows) == 3
    assert not table.refused
    assert "does not end with a line break" in table.notes[0]


def test_a_file_that_may_be_cut_in_its_last_cell_says_so() -> None:
    table = read_table(b"key,name\nk1,Gazprom Neft\nk2,Surgutnef", "cut.csv")
    assert len(table.rows) == 3
    assert table.notes == (
        "cut.csv does not end with a line break, as a file that was cut off: see whether line 3 is whole "
        "('k2 · Surgutnef'), and whether it was the last.",
    )


@pytest.mark.parametrize("content", [b"name\nGazprom\n", b"name\r\nGazprom\r\n", b"Gazprom", "name\nGazprom"])
def test_a_whole_file_and_pasted_text_are_not_told_to_be_cut(content: bytes | str) -> None:
    assert read_table(content, "whole.csv").notes == ()


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        ("Müller GmbH|Škoda Auto a.s.|Ålesund Fisk AS|Ørsted A/S|Peña y Hijos|Société Générale", "cp1252"),
        ("Škoda Auto a.s.|Ørsted A/S", "cp1252"),
        ("Škoda Auto a.s.|Dvořák|Horáček a syn|Jiří Kovač|Řeznictví", "cp1250"),
        ("Škoda Auto a.s.|Müller GmbH", "cp1250"),
        ("Wałęsa|Poznań Żagiel|Škoda", "cp1250"),
        ("Petrović|Đorđević d.o.o.|Šećerana|Živković", "cp1250"),
    ],
)
def test_a_name_of_the_east_among_those_of_the_west_does_not_spoil_them(names: str, encoding: str) -> None:
    content = "\n".join(["name", *names.split("|"), ""]).encode(encoding)
    assert [row.cells[0] for row in read_table(content, "n.csv").rows] == ["name", *names.split("|")]
