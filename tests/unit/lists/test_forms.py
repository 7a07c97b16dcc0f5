"""Every form of every list becomes what it must; what is broken, cut or changed is a ListError that says so."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Mapping
from contextlib import suppress

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ListError
from bot.lists import LISTS
from bot.lists.ofac_delta import parse_delta
from bot.model import Listing
from tests.unit.lists.samples import (
    DELTAS,
    FORMS,
    WORKBOOKS,
    expected,
    listings,
    parse,
    plain,
    read_form,
    refusals,
    workbook,
)

TEXT_FORMS = [form for form in FORMS if form not in WORKBOOKS]
XML_FORMS = [form for form in TEXT_FORMS if any(name.endswith(".xml") for name in read_form(form))]
MAIN = {form: next(iter(read_form(form))) for form in FORMS} | {
    "us_ofac_sdn_csv": "sdn.csv",
    "us_ofac_cons_csv": "cons_prim.csv",
}


def changed(form: str, body: bytes) -> dict[str, bytes]:
    """A form's files with another main file."""
    return read_form(form) | {MAIN[form]: body}


# ---------------------------------------------------------------- what must come out


@pytest.mark.parametrize("form", FORMS)
def test_a_form_becomes_its_listings(form: str) -> None:
    found = [plain(one) for one in parse(FORMS[form], read_form(form))]
    told = f"if this is what the file says, it is tests/data/lists/{form}/expected.json:\n"
    assert found == expected(form), told + json.dumps(found, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("form", DELTAS)
def test_a_delta_becomes_its_changes(form: str) -> None:
    ((_, body),) = read_form(form).items()
    assert plain(DELTAS[form](io.BytesIO(body))) == expected(form)


@pytest.mark.parametrize("form", FORMS)
def test_every_listing_names_its_list(form: str) -> None:
    assert {one.list for one in listings(parse(FORMS[form], read_form(form)))} == {FORMS[form]}


def test_every_list_has_a_sample() -> None:
    assert set(FORMS.values()) == set(LISTS)


@pytest.mark.parametrize("form", TEXT_FORMS)
def test_packed_with_gzip_or_zip_it_is_the_same(form: str) -> None:
    files = read_form(form)
    plainly = parse(FORMS[form], files)
    assert parse(FORMS[form], {name: gzip.compress(body) for name, body in files.items()}) == plainly
    assert parse(FORMS[form], {name: zipped(name, body) for name, body in files.items()}) == plainly


def zipped(name: str, body: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return packed.getvalue()


@pytest.mark.parametrize("form", XML_FORMS)
def test_xml_without_its_namespace_is_the_same(form: str) -> None:
    body = read_form(form)[MAIN[form]]
    start = body.find(b' xmlns="')
    bare = body if start < 0 else body[:start] + body[body.index(b'"', start + 8) + 1 :]
    assert parse(FORMS[form], changed(form, bare)) == parse(FORMS[form], read_form(form))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("form", ["us_ofac_sdn_csv", "us_csl", "eu_fsf_csv", "gb_uksl_csv", "opensanctions_simple"])
def test_a_csv_in_another_encoding_is_the_same(form: str, encoding: str) -> None:
    files = read_form(form)
    recoded = {name: body.decode("utf-8-sig").encode(encoding) for name, body in files.items()}
    assert parse(FORMS[form], recoded) == parse(FORMS[form], files)


@pytest.mark.parametrize("form", ["un_sc", "ch_seco", "ca_sema"])
def test_xml_in_utf_16_is_the_same(form: str) -> None:
    text = read_form(form)[MAIN[form]].decode("utf-8")
    recoded = text.replace('encoding="UTF-8"', "").replace('encoding="utf-8"', "").encode("utf-16")
    assert parse(FORMS[form], changed(form, recoded)) == parse(FORMS[form], read_form(form))


def test_a_line_in_windows_1252_keeps_its_letters() -> None:
    body = read_form("us_ofac_sdn_csv")["sdn.csv"].replace(b"GREY HERON", "GARÇA GRÊNÁ".encode("cp1252"))
    found = listings(parse("us_ofac_sdn", changed("us_ofac_sdn_csv", body)))
    assert found[2].caption == "GARÇA GRÊNÁ"


def test_xml_in_windows_1252_keeps_its_letters() -> None:
    text = read_form("un_sc")["consolidated.xml"].decode("utf-8").replace("صديق عمر توري", "Touré")
    body = text.replace('encoding="utf-8"', 'encoding="windows-1252"').encode("cp1252")
    assert listings(parse("un_sc", {"consolidated.xml": body}))[0].caption == "SIDIQ OUMAR TOURÉ"


# ---------------------------------------------------------------- what is no list

NO_LISTS = {
    "nothing": (b"", "an empty file"),
    "blanks": (b" \r\n\x1a", "an empty file"),
    "a web page": (b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>", "a web page (“Just a"),
    "a web page after a declaration": (
        b'<?xml version="1.0"?><!DOCTYPE html><html><body>503</body></html>',
        "a web page",
    ),
    "a JSON error": (b'{"error": "unauthorised"}', ""),
    "prose": (b"The service is unavailable, please try again later.\n", ""),
    "other XML": (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', ""),
    "zeros": (b"\x00" * 500, ""),
    "noise": (bytes(range(256)) * 4, ""),
    "a cut gzip": (gzip.compress(b"1,2,3\n" * 5000)[:60], ""),
    "an empty zip": (zipped("readme.md", b"nothing"), ""),
    "a cut zip": (zipped("sdn.csv", b"1,2\n" * 5000)[:-30], ""),
}


@pytest.mark.parametrize("case", NO_LISTS)
@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_list_is_refused_by_name(form: str, case: str) -> None:
    body, found = NO_LISTS[case]
    with pytest.raises(ListError) as caught:
        parse(FORMS[form], changed(form, body))
    error = caught.value
    assert MAIN[form] in str(error)
    assert found in str(error)
    assert error.expected
    assert error.next_step


CHANGED_FORMS: dict[str, tuple[str, bytes, bytes, str]] = {
    "OFAC adds a header": ("us_ofac_sdn_csv", b'90001,"TAM', b'ent_num,"SDN_Name"\r\n90001,"TAM', "12 columns"),
    "CSL renames a column": ("us_csl", b"alt_names", b"aliases", "alt_names"),
    "UK renames a column": ("gb_uksl_csv", b"Unique ID", b"Identifier", "Unique ID"),
    "EU renames a column": ("eu_fsf_csv", b"NameAlias_WholeName", b"NameAlias_FullName", "NameAlias_WholeName"),
    "EU parts by commas": ("eu_fsf_csv", b";", b",", "Entity_LogicalId"),
    "OpenSanctions renames a column": ("opensanctions_simple", b'"aliases"', b'"other"', "aliases"),
    "UN renames the root": ("un_sc", b"CONSOLIDATED_LIST", b"SANCTIONS_LIST", "<CONSOLIDATED_LIST>"),
    "SECO renames the root": ("ch_seco", b"swiss-sanctions-list", b"sanctions-list", "<sanctions-list>"),
}


@pytest.mark.parametrize("case", CHANGED_FORMS)
def test_a_changed_form_is_refused_with_what_is_missing(case: str) -> None:
    form, old, new, word = CHANGED_FORMS[case]
    body = read_form(form)[MAIN[form]]
    assert old in body
    with pytest.raises(ListError, match="changed the form") as caught:
        parse(FORMS[form], changed(form, body.replace(old, new)))
    assert word in str(caught.value)


def test_a_row_with_a_cell_too_few_is_refused_and_the_rest_is_read() -> None:
    body = read_form("us_ofac_sdn_csv")["sdn.csv"].replace(b'EP-XYZ","aircraft",', b'EP-XYZ",')
    found = parse("us_ofac_sdn", changed("us_ofac_sdn_csv", body))
    assert [(one.where, one.reason) for one in refusals(found)] == [("sdn.csv line 4", "it has 11 cells, not 12")]
    assert [one.uid for one in listings(found)] == ["90001", "90002", "90003", "90005"]


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("form", XML_FORMS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_declares_entities_is_refused(form: str, encoding: str) -> None:
    text = read_form(form)[MAIN[form]].decode("utf-8")
    head, _, rest = text.partition("?>")
    head = head.replace(' encoding="UTF-8"', "").replace(' encoding="utf-8"', "")
    body = f"{head}?>{ENTITIES.decode()}{rest}".encode(encoding)
    with pytest.raises(ListError, match="document type"):
        parse(FORMS[form], changed(form, body))


def test_a_document_type_far_from_the_start_is_refused_too() -> None:
    body = read_form("un_sc")["consolidated.xml"].replace(b"?>", b"?>" + b"<!--" + b" " * 9000 + b"-->" + ENTITIES, 1)
    with pytest.raises(ListError, match="document type"):
        parse("un_sc", {"consolidated.xml": body})


def test_xml_that_nests_without_end_is_refused() -> None:
    body = b"<CONSOLIDATED_LIST>" + b"<a>" * 100_000
    with pytest.raises(ListError, match="cut or damaged"):
        parse("un_sc", {"consolidated.xml": body})


# ---------------------------------------------------------------- cut files


@pytest.mark.parametrize("form", XML_FORMS)
def test_xml_without_its_closing_tag_is_cut(form: str) -> None:
    body = read_form(form)[MAIN[form]].rstrip()
    with pytest.raises(ListError, match="cut or damaged"):
        parse(FORMS[form], changed(form, body[:-3]))


@pytest.mark.parametrize("form", ["us_ofac_sdn_csv", "us_csl", "gb_uksl_csv", "opensanctions_simple"])
def test_a_csv_that_ends_within_a_quoted_cell_is_cut(form: str) -> None:
    body = read_form(form)[MAIN[form]]
    at = body.rindex(b'"') - 3
    with pytest.raises(ListError, match="ends within a quoted cell"):
        parse(FORMS[form], changed(form, body[:at]))


def test_ofacs_last_row_without_a_line_end_is_cut() -> None:
    body = read_form("us_ofac_sdn_csv")["sdn.csv"].removesuffix(b"\r\n\x1a")
    with pytest.raises(ListError, match="in the middle of its last row"):
        parse("us_ofac_sdn", changed("us_ofac_sdn_csv", body))


@pytest.mark.parametrize("form", ["us_csl", "eu_fsf_csv", "gb_uksl_csv"])
def test_half_a_row_at_the_end_is_cut(form: str) -> None:
    body = read_form(form)[MAIN[form]].rstrip()
    last = body.rindex(b"\n")
    with pytest.raises(ListError, match="in the middle of its last row"):
        parse(FORMS[form], changed(form, body[: last + (len(body) - last) // 4].rstrip(b'"')))


def taken(form: str, files: Mapping[str, bytes]) -> list[Listing] | None:
    """What comes out; None if it ends in a ListError. Any other error fails the test."""
    with suppress(ListError):
        return listings(parse(FORMS[form], files))
    return None


WHOLE = {form: listings(parse(FORMS[form], read_form(form))) for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=40, deadline=None)
@given(share=st.floats(0, 1))
def test_cut_at_any_byte_it_is_an_error_or_a_prefix(form: str, share: float) -> None:
    body = read_form(form)[MAIN[form]]
    found = taken(form, changed(form, body[: int(len(body) * share)]))
    if found is not None:
        uids = [one.uid for one in WHOLE[form]]
        assert [one.uid for one in found] == [uid for uid in uids if uid in {one.uid for one in found}]
        assert len(found) <= len(uids)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=40, deadline=None)
@given(at=st.floats(0, 1), noise=st.binary(min_size=1, max_size=12))
def test_with_any_bytes_put_in_it_is_read_or_an_error(form: str, at: float, noise: bytes) -> None:
    body = read_form(form)[MAIN[form]]
    place = int(len(body) * at)
    taken(form, changed(form, body[:place] + noise + body[place:]))


@settings(max_examples=150, deadline=None)
@given(share=st.floats(0, 1))
def test_a_delta_cut_at_any_byte_is_never_taken_for_a_whole_one(share: float) -> None:
    body = read_form("ofac_delta")["delta.xml"].rstrip()
    cut = body[: int(len(body) * share)]
    if cut != body:
        with pytest.raises(ListError):
            parse_delta(io.BytesIO(cut))


# ---------------------------------------------------------------- deltas


def test_a_delta_without_its_namespace_is_the_same() -> None:
    body = read_form("ofac_delta")["delta.xml"]
    bare = body.replace(b' xmlns="https://www.treasury.gov/ofac/DeltaFile/1.0"', b"")
    assert parse_delta(io.BytesIO(bare)) == parse_delta(io.BytesIO(body))


def test_an_empty_publication_is_a_delta_without_entries() -> None:
    day = b"<publicationInfo><datePublished>2026-11-25</datePublished></publicationInfo>"
    body = b"<sanctionsData>" + day + b"<entities/></sanctionsData>"
    found = parse_delta(io.BytesIO(body))
    assert (found.added, found.changed, found.removed, found.publication) == ((), (), (), "2026-11-25")


def test_a_delta_that_tells_no_day_is_refused() -> None:
    with pytest.raises(ListError, match="datePublished"):
        parse_delta(io.BytesIO(b"<sanctionsData><entities/></sanctionsData>"))


def test_a_delta_is_no_full_list() -> None:
    body = read_form("ofac_delta")["delta.xml"]
    with pytest.raises(ListError, match="a delta, which tells only what changed"):
        list(LISTS["us_ofac_sdn"].parse({"delta.xml": io.BytesIO(body)}))
    change = b'{"op": "ADD", "entity": {"id": "NK-1", "schema": "Person", "properties": {"name": ["A B"]}}}\n'
    with pytest.raises(ListError, match="tells only what changed"):
        list(LISTS["opensanctions"].parse({"entities.delta.json": io.BytesIO(change)}))


def test_the_full_list_is_no_delta() -> None:
    with pytest.raises(ListError, match="<sanctionsData>"):
        parse_delta(io.BytesIO(read_form("us_ofac_sdn_xml")["sdn.xml"]))


# ---------------------------------------------------------------- what a publisher may do


def test_a_second_entry_of_one_id_is_refused() -> None:
    body = read_form("us_ofac_sdn_csv")["sdn.csv"].replace(b"\r\n90005,", b"\r\n90001,")
    found = parse("us_ofac_sdn", changed("us_ofac_sdn_csv", body))
    assert [one.reason for one in refusals(found)] == ["the id 90001 comes twice: the first one counts"]


def test_an_unknown_type_is_refused_not_guessed() -> None:
    body = read_form("us_ofac_sdn_csv")["sdn.csv"].replace(b'"aircraft"', b'"spaceship"')
    (refused,) = refusals(parse("us_ofac_sdn", changed("us_ofac_sdn_csv", body)))
    assert "'spaceship'" in refused.reason


def test_the_ofac_set_reads_without_its_optional_files() -> None:
    files = {name: body for name, body in read_form("us_ofac_sdn_csv").items() if name != "sdn_comments.csv"}
    assert [one.uid for one in listings(parse("us_ofac_sdn", files))] == ["90001", "90002", "90003", "90004", "90005"]


def test_a_broken_side_file_names_itself() -> None:
    with pytest.raises(ListError, match=r"alt\.csv"):
        parse("us_ofac_sdn", read_form("us_ofac_sdn_csv") | {"alt.csv": b"<html></html>"})


def test_a_swiss_target_listed_again_is_listed() -> None:
    body = read_form("ch_seco")["seco.xml"].replace(
        b'<modification modification-type="de-listed" publication-date="2024-06-01"',
        b'<modification modification-type="listed" publication-date="2025-01-01" effective-date="2025-01-02"/>'
        b'<modification modification-type="de-listed" publication-date="2024-06-01"',
    )
    found = next(one for one in listings(parse("ch_seco", {"seco.xml": body})) if one.uid == "90200")
    assert (str(found.listed_on), found.delisted_on) == ("2025-01-02", None)


def test_one_australian_number_for_two_kinds_is_refused() -> None:
    header = ["Reference", "Name", "Type", "Name Type"]
    rows = [header, [1, "A Person", "Individual", "Primary Name"], ["1a", "A Ship", "Vessel", "Alias"]]
    found = parse("au_dfat", {"x.xlsx": workbook(rows)})
    assert [one.caption for one in listings(found)] == ["A Person"]
    assert "is a Person on an earlier row" in refusals(found)[0].reason


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([["a", "b"], [1, 2]], id="no header"),
        pytest.param([], id="nothing"),
        pytest.param([["Reference", "Name", "Type"], [1, "A", "Entity"]], id="a column gone"),
    ],
)
def test_a_workbook_with_other_columns_is_refused(rows: list[list[object]]) -> None:
    with pytest.raises(ListError, match="Reference"):
        parse("au_dfat", {"x.xlsx": workbook(rows)})


def test_a_workbook_that_would_unpack_to_a_gigabyte_is_refused() -> None:
    packed = io.BytesIO(workbook([["Reference"]]))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/image.bin", "w") as part:
        for _ in range(64):
            part.write(b"\x00" * (1 << 20))
    with pytest.raises(ListError, match="packed by less than"):
        parse("au_dfat", {"x.xlsx": packed.getvalue()})


def test_a_workbook_that_claims_a_million_rows_is_refused() -> None:
    packed, changed_book = io.BytesIO(workbook([["Reference"], ["1"]])), io.BytesIO()
    with zipfile.ZipFile(packed) as archive, zipfile.ZipFile(changed_book, "w", zipfile.ZIP_DEFLATED) as copy:
        for info in archive.infolist():
            body = archive.read(info)
            if info.filename.endswith("sheet1.xml"):
                body = body.replace(b'"A1:A2"', b'"A1:XFD1048576"').replace(b'r="2"', b'r="9999999"')
            copy.writestr(info.filename, body)
    with pytest.raises(ListError):
        parse("au_dfat", {"x.xlsx": changed_book.getvalue()})


@pytest.mark.parametrize("form", WORKBOOKS)
def test_the_sheet_with_the_columns_is_found_behind_others(form: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(read_form(form)[MAIN[form]]))
    book.create_sheet("Notes", 0).append(["Read this first"])
    packed = io.BytesIO()
    book.save(packed)
    assert parse(FORMS[form], {MAIN[form]: packed.getvalue()}) == parse(FORMS[form], read_form(form))


def test_an_entry_that_fills_memory_is_refused() -> None:
    one = b"<INDIVIDUAL>" + b"<DESIGNATION><VALUE>x</VALUE></DESIGNATION>" * 500_000
    with pytest.raises(ListError, match="entries of at most 16 MiB"):
        parse("un_sc", {"consolidated.xml": gzip.compress(b"<CONSOLIDATED_LIST>" + one, 1)})


def test_a_workbook_whose_xml_declares_entities_is_refused() -> None:
    packed = io.BytesIO(workbook([["Reference"]]))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("xl/evil.xml", b'<?xml version="1.0"?>' + ENTITIES + b"<x>&b;</x>")
    with pytest.raises(ListError, match="document type"):
        parse("au_dfat", {"x.xlsx": packed.getvalue()})


def test_a_zip_bomb_is_refused() -> None:
    with pytest.raises(ListError, match="packed by less than"):
        parse("us_csl", {"consolidated.csv": zipped("consolidated.csv", b"a" * (32 << 20))})


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(ListError):
        parse("us_csl", {"consolidated.csv": b"a" * (10 << 20)})


def test_listings_come_before_the_file_is_read_to_its_end() -> None:
    """Streaming: the first entries are there while the rest is still unread."""

    class Slow(io.BytesIO):
        was_read = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.was_read += len(data)
            return data

    body = read_form("un_sc")["consolidated.xml"]
    entry = body[body.index(b"<ENTITY>") : body.index(b"</ENTITY>") + 9]
    entries = b"".join(entry.replace(b"KPe.902", b"KPe.%d" % number) for number in range(3000))
    stream = Slow(body.replace(entry, entries))
    found = iter(LISTS["un_sc"].parse({"consolidated.xml": stream}))
    next(found)
    assert stream.was_read < len(body.replace(entry, entries)) / 4


def test_a_json_answer_is_no_ftm_file() -> None:
    with pytest.raises(ListError, match="schema and properties"):
        parse("opensanctions", {"entities.ftm.json": json.dumps({"status": "error", "detail": "x"}).encode()})


def test_a_british_tax_number_is_no_identity_card() -> None:
    told = (
        "<NationalIdentifierDetails><NationalIdentifier><NationalIdentifierNumber>771234567890"
        "</NationalIdentifierNumber><NationalIdentifierAdditionalInformation>Tax ID"
        "</NationalIdentifierAdditionalInformation></NationalIdentifier></NationalIdentifierDetails>"
    )
    person = (
        "<Designations><Designation><UniqueID>RUS1</UniqueID><Names><Name><Name1>Ivan</Name1><Name6>KORDEL</Name6>"
        "<NameType>Primary Name</NameType></Name></Names><IndividualEntityShip>Individual</IndividualEntityShip>"
        f"<IndividualDetails><Individual>{told}</Individual></IndividualDetails></Designation></Designations>"
    )
    (listing,) = listings(parse("gb_uksl", {"UK-Sanctions-List.xml": person.encode()}))
    assert [str(one.kind) for one in listing.identifiers] == ["taxNumber"]
