"""Names looked up from a file, and the card of a name on official lists."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.commands import Services, answer
from bot.commands.asking import ListServices
from bot.commands.past import told_count
from bot.commands.screening import ADDED, read_names, screen, told_set_back
from bot.errors import CommandError, SpreadsheetError
from bot.identifiers import told_identifier
from bot.listings.syncing import Synced
from bot.lists import LISTS
from bot.lists.standing import Standing
from bot.lists.values import birth_dates
from bot.lookups.found import Found, Hit, Query, Searched
from bot.model import Attachment, Backtest, Chat, ChatKey, Entity, Identifier, Listing, Reply, Request, Schema, User
from bot.ports import Health, ListImport, ListingRecord
from bot.rendering import render_plain
from bot.storage import SqlStore
from bot.watchlist import parse_watchlist
from tests.writing import appoint, track

NOW = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
LISTING = Listing(
    "us_ofac_sdn", "16692", Schema.PERSON, "SECHIN, Igor", programmes=("UKRAINE",), listed_on=date(2014, 4, 28)
)
RECORD = ListingRecord(LISTING, NOW, NOW, None, 1)
HIT = Hit(0.97, "SECHIN, Igor", "transliterated", record=RECORD)


def search(query: Query) -> Found:
    """Knows one name."""
    known = "sechin" in query.name.casefold()
    near = () if known else (Hit(0.7, "SECHIN, Ivan", "name differs", record=HIT.record),)
    return Found((HIT,) if known else (), near, (Searched("us_ofac_sdn", 8_976, NOW),))


@pytest.fixture
def services(empty_store: SqlStore) -> Services:
    with empty_store.writing() as records:
        number = records.begin_import("us_ofac_sdn", NOW)
        records.stage_listings(number, [(LISTING, "x")], NOW.date())
        records.apply_import(ListImport(number, "us_ofac_sdn", NOW, rows=1, added=1), (), NOW.date())
        track(records, Entity("nk", Schema.COMPANY, "Velmur Management"), "me", NOW)
        appoint(records, User("web", "7"), "test", NOW)
    return Services(empty_store, lambda: NOW, (), lambda: Health(NOW), search=search)


def ask(services: Services, text: str, attachment: Attachment | None = None, user: str = "7") -> Reply:
    chat = Chat(ChatKey("web", "console"))
    return answer(Request(chat, User("web", user), text, prefix="/", attachment=attachment), services)


def test_the_card_of_a_listed_name_tells_where_it_stands_and_why(services: Services) -> None:
    message = ask(services, "lookup Igor Sechin").message
    assert message.title == "“Igor Sechin” is not tracked; on 1 official record"
    (fact,) = message.facts
    assert fact.label.endswith("97%")
    assert fact.value == "SECHIN, Igor · listed 28 Apr 2014 · programme UKRAINE · id 16692 · why: transliterated"
    assert [action.data for action in message.actions] == ["watch add OFAC 16692"]
    assert "8,976 entries, read 12 May 2026" in message.footer


def test_only_admins_are_offered_to_watch(services: Services) -> None:
    assert ask(services, "lookup Igor Sechin", user="9").message.actions == ()


def test_without_a_hit_the_card_tells_what_was_searched_and_what_came_near(services: Services) -> None:
    message = ask(services, "lookup Petrov").message
    assert "is not tracked" in message.title
    assert message.bullets[0].startswith("70%: SECHIN, Ivan")
    assert "Searched: the watchlist" in message.footer


def test_a_name_that_many_have_is_no_all_clear(services: Services) -> None:
    near = (Hit(0.6, "SECHIN, Ivan", "half of a name that many have", record=RECORD),)
    crowded = replace(services, search=lambda _query: Found((), near, crowd=12))
    card = render_plain(ask(crowded, "/lookup Kim").message)
    assert "At least 12 names on the official lists have this as a part" in card
    assert "No official list has it" not in card
    assert "At least 12 names" in render_plain(ask(crowded, "/lookup Kim on 2026-05-01").message)


def test_a_tracked_name_has_its_official_records_on_the_card(services: Services) -> None:
    message = ask(services, "lookup Velmur").message
    assert message.title == "Velmur Management"
    assert "No official list that was read has the name." in message.paragraphs
    assert "timeline nk" in [action.data for action in message.actions]


FIRM = Entity("vk", Schema.COMPANY, "Velmur Bank Kazakhstan JSC", aliases=("VBK Holding",))
_BANK = Listing("us_ofac_sdn", "1", Schema.COMPANY, "VELMUR-BANK")
BANK = Hit(1.0, "VELMUR-BANK", "same", record=replace(RECORD, listing=_BANK))
FARTHER = replace(BANK, score=0.85, explanation="place differs")
OTHER = Hit(0.95, "Velmurr Bank", "spelling", entity=Entity("vb", Schema.COMPANY, "Velmurr Bank"))
ITSELF = Hit(0.83, FIRM.caption, "place only in one", entity=FIRM)


@pytest.mark.parametrize(
    ("words", "by_name", "by_words", "title", "record"),
    [
        ("Velmur Bank", (), (ITSELF, BANK), "“Velmur Bank”: on 1 official record; like 1 tracked name", "100%"),
        ("Velmur Bank", (FARTHER,), (BANK,), "“Velmur Bank”: on 1 official record; like 1 tracked name", "100%"),
        ("Velmur Bank", (), (OTHER,), "“Velmur Bank”: on no official list; like 2 tracked names", ""),
        ("Velmur Bank", (BANK,), (BANK,), FIRM.caption, "100%"),  # what the words fit, the name fits as well
        ("Velmur Bank", (FARTHER,), (), FIRM.caption, "85%"),
        ("Velmur Bank", (), (ITSELF,), FIRM.caption, ""),
        (FIRM.caption, (), (BANK,), FIRM.caption, "100%"),
        ("VBK Holding", (), (BANK,), FIRM.caption, "100%"),  # an alias: what is listed under it is said too
        ("vk", (FARTHER,), (BANK,), FIRM.caption, "85%"),  # a key is no name
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),
)
def test_words_that_are_part_of_a_tracked_name_are_sought_on_the_lists_too(
    services: Services, words: str, by_name: tuple[Hit, ...], by_words: tuple[Hit, ...], title: str, record: str
) -> None:
    with services.store.writing() as records:
        track(records, FIRM, "me", NOW)

    def search(query: Query) -> Found:
        return Found(by_name if query.schema else by_words, (), (Searched("us_ofac_sdn", 8_976, NOW),))

    message = ask(replace(services, search=search), f"lookup {words}").message
    assert message.title == title
    assert [fact.label for fact in message.facts if "%" in fact.label] == (
        [f"OFAC SDN list, {record}"] if record else []
    )
    assert FIRM.caption in render_plain(message)
    is_clear = "No official list that was read has the name." in message.paragraphs
    assert is_clear == (title == FIRM.caption and not record)


@pytest.mark.parametrize("words", ["...", "\u200b\u200b", "x " * 600])
def test_what_is_no_name_is_answered(services: Services, words: str) -> None:
    assert not ask(services, f"lookup {words}").ok


def test_a_file_comes_back_with_hits_scores_and_reasons(services: Services) -> None:
    file = Attachment("names.csv", b"Name;Country\nIgor Sechin;Russia\nNobody;\n;x\n=1+1;\n")
    replied = ask(services, "lookup", file)
    assert replied.message.title == "4 names looked up: 1 with a hit"
    assert replied.attachment
    assert replied.attachment.name == "names-lookup.csv"
    lines = replied.attachment.content.decode("utf-8-sig").splitlines()
    assert lines[0] == f"Name,Country,{','.join(ADDED)}"
    assert lines[1].startswith('Igor Sechin,Russia,"SECHIN, Igor",')
    assert "best below the threshold: 0.70" in lines[2]
    assert "no name in this row" in lines[3]
    assert lines[4].startswith("'=1+1,")


@pytest.mark.parametrize(
    ("cell", "days"),
    [
        ("1952-10-07", ("1952-10-07",)),
        ("1952/10/07", ("1952-10-07",)),
        ("1952-10-07 00:00:00", ("1952-10-07",)),
        ("25.10.1952", ("1952-10-25",)),
        ("10/25/1952", ("1952-10-25",)),
        ("07/10/1952", ("1952-07-10", "1952-10-07")),
        ("7 Oct 1952", ("1952-10-07",)),
        ("1952", ("1952",)),
        ("19521007", ()),
        ("07/10/52", ("1952-07-10", "1952-10-07")),
        ("07.10.05", ("1905-07-10", "1905-10-07", "2005-07-10", "2005-10-07")),
        ("unknown", ()),
        ("", ()),
    ],
)
def test_a_birth_date_is_read_however_a_spreadsheet_writes_it(cell: str, days: tuple[str, ...]) -> None:
    assert birth_dates(cell) == days


def test_one_column_needs_no_header_and_progress_is_told() -> None:
    names = read_names("Igor Sechin\nИван Петров\n".encode(), "n.csv")
    told: list[tuple[int, int]] = []
    screened = screen(names, search, 0.8, lambda done, hits: told.append((done, hits)))
    assert screened.rows[0] == ("name", *ADDED)
    assert (screened.hits, screened.empty, told) == (1, 0, [(0, 0), (1, 1)])


def test_a_title_above_the_columns_is_no_name() -> None:
    names = read_names(b"Suppliers 2026,,\nNr,Counterparty,Country\n1,Igor Sechin,ru\n", "n.csv")
    assert (names.header, [row.cells[1] for row in names.rows]) == (("Nr", "Counterparty", "Country"), ["Igor Sechin"])
    assert names.notes == ("The columns are named on line 2; left out above: 'Suppliers 2026'.",)


@pytest.mark.parametrize("name", ["Name of the party", "Party name", "Counterparty", "Legal Name:"])
@pytest.mark.parametrize("born", ["D.O.B.", "Date of birth", "DOB", "born"])
@pytest.mark.parametrize("country", ["Country of incorporation", "Nationality", "countries", "citizenship"])
def test_columns_are_known_however_tables_head_them_by_a_look_up_and_by_an_import(
    name: str, born: str, country: str
) -> None:
    asked: list[Query] = []
    table = f"Nr,{name},{born},{country}\n1,Igor Sechin,7 Sep 1960,Russia; Iran\n".encode()
    screen(read_names(table, "n.csv"), lambda query: asked.append(query) or search(query), 0.8)
    (query,) = asked
    assert (query.name, query.birth_dates, query.countries) == ("Igor Sechin", ("1960-09-07",), ("ru", "ir"))
    file = parse_watchlist(table, "n.csv")
    assert [(one.caption, one.countries) for one in file.entities] == [("Igor Sechin", ("ru", "ir"))]
    assert any(repr(born) in note for note in file.notes)  # no birth date is kept of who is tracked


def test_a_hit_in_the_file_tells_what_whoever_clears_it_compares() -> None:
    number = (Identifier("passportNumber", "N1"), Identifier("taxNumber", "77"))
    listing = replace(
        LISTING, programmes=("UKRAINE", "RUSSIA"), countries=("ru", "ir"), birth_dates=("1960", "1961"),
        identifiers=number,
    )  # fmt: skip
    tracked = Entity("nk", Schema.COMPANY, "Sechin Trading", countries=("kz",), identifiers=number[1:])
    hits = (replace(HIT, record=replace(RECORD, listing=listing)), Hit(0.9, tracked.caption, "half", entity=tracked))
    screened = screen(read_names(b"name\nSechin\n", "n.csv"), lambda _query: Found(hits), 0.8)
    listed, own = (dict(zip(screened.rows[0], row, strict=True)) for row in screened.rows[1:])
    assert listed["programme"] == "UKRAINE; RUSSIA"
    assert (listed["hit_country"], listed["hit_born"]) == ("Russia; Iran", "1960; 1961")
    assert listed["hit_identifiers"] == "; ".join(map(told_identifier, number))
    assert (own["programme"], own["hit_country"], own["hit_born"]) == ("", "Kazakhstan", "")
    assert own["hit_identifiers"] == told_identifier(number[1])


def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr("xl/workbook.xml", "<workbook/>")
        parts.writestr("xl/worksheets/sheet1.xml", b" " * 50_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "holds no names"),
        (b"a,b\n1,2\n", "no column called name"),
        (b"name\n" + b"x\n" * 10_001, "at most 10,000"),
        (b"x" * 20_000_001, "at most 20 MB"),
        (_bomb(), "n.csv"),
        (b"PK\x03\x04 half a workbook", "n.csv"),
    ],
)
def test_a_file_that_will_not_do_is_refused_with_the_reason(content: bytes, problem: str) -> None:
    with pytest.raises(SpreadsheetError, match=problem):
        read_names(content, "n.csv")


def test_half_a_file_in_another_encoding_is_read_and_what_was_guessed_is_told() -> None:
    names = read_names('name\nИгорь Сечин, банк\n"never closed\n'.encode("cp1251"), "n.csv")
    assert any("not UTF-8" in note for note in names.notes)
    assert any("Line 3" in note for note in names.notes)


def test_a_tracked_name_that_the_chat_does_not_see_is_no_hit(services: Services) -> None:
    secret = Entity("sec", Schema.COMPANY, "Zarya Secret Works", watchlist="oil")
    hits = tuple(Hit(0.99, one.caption, "same", entity=one) for one in (secret, replace(secret, watchlist="main")))
    services = replace(services, search=lambda _query: Found(hits[:1], hits[:1], ()))
    assert "Secret" not in render_plain(ask(services, "lookup Zarya Works").message)
    file = ask(services, "lookup", Attachment("n.csv", b"name\nZarya Works\n", "text/csv")).attachment
    assert file
    assert b"Secret" not in file.content
    services = replace(services, search=lambda _query: Found(hits, (), ()))
    file = ask(services, "lookup", Attachment("n.csv", b"name\nZarya Works\n", "text/csv")).attachment
    assert file
    assert file.content.count(b"Secret") == 1


# ---------------------------------------------------------------- no all-clear; who is listed already


def unread(services: Services, tmp_path: Path) -> Services:
    """The same, where no official list was ever read."""
    store = SqlStore(f"sqlite:///{tmp_path / 'unread.db'}")
    store.migrate()
    with store.writing() as records:
        track(records, Entity("nk", Schema.COMPANY, "Velmur Management"), "me", NOW)
        track(records, Entity("nk2", Schema.COMPANY, "Velmur Shipping"), "me", NOW)
        appoint(records, User("web", "7"), "test", NOW)
    return replace(services, store=store)


def test_whose_number_it_is_is_found_where_no_list_was_read(services: Services, tmp_path: Path) -> None:
    star = Entity("star", Schema.VESSEL, "Nordic Star", identifiers=(Identifier("imoNumber", "9321483"),))
    services = unread(services, tmp_path)
    with services.store.writing() as records:
        track(records, star, "me", NOW)

    def search(query: Query) -> Found:
        return Found((Hit(1.0, star.caption, "the same IMO number 9321483", star),) if "9321483" in query.name else ())

    services = replace(services, search=search)
    for words in ("9321483", "IMO 9321483"):
        message = ask(services, f"lookup {words}").message
        assert message.title == "Nordic Star"
        assert any("says nothing about listings" in text for text in message.paragraphs)
    told = render_plain(ask(services, "lookup IMO 9187629").message)
    assert "Nobody who is tracked has this number." in told
    assert "No official list has been read yet" in told


@pytest.mark.parametrize("has_lists", [True, False])
def test_whose_number_it_is_is_said_and_lists_that_were_not_read_are_not_named(
    services: Services, tmp_path: Path, has_lists: bool
) -> None:
    services = services if has_lists else unread(services, tmp_path)
    number = (Identifier("imoNumber", "9321483"),)
    ships = [Entity(key, Schema.VESSEL, key.title(), identifiers=number) for key in ("nordic", "severin")]
    with services.store.writing() as records:
        for ship in ships:
            track(records, ship, "me", NOW)
    hits = tuple(Hit(1.0, ship.caption, "the same IMO number 9321483", ship) for ship in ships)
    services = replace(services, search=lambda _query: Found(hits))
    message = ask(services, "lookup IMO 9321483").message
    on = "on no official list; " if has_lists else ""
    assert message.title == f"“IMO 9321483”: {on}the number of 2 tracked names"
    assert any("says nothing about listings" in text for text in message.paragraphs) is not has_lists
    assert "No official list" not in message.footer


@pytest.mark.parametrize("has_lists", [True, False])
def test_a_number_that_cannot_be_right_is_no_name_to_track(services: Services, tmp_path: Path, has_lists: bool) -> None:
    services = services if has_lists else unread(services, tmp_path)
    wrong = ask(services, "lookup IMO 9274447").message
    assert wrong.paragraphs[0] == "IMO number 9274447 cannot be right: its check digit is wrong: a digit is mistyped."
    assert "Nobody who is tracked has this number." in wrong.paragraphs
    assert "watch add" not in render_plain(wrong)
    assert wrong.actions == ()
    as_given = Entity("star", Schema.VESSEL, "Nordic Star", identifiers=(Identifier("imoNumber", "9274447"),))
    with services.store.writing() as records:
        track(records, as_given, "me", NOW)
    hit = Hit(1.0, as_given.caption, "the same IMO number 9274447", as_given)
    services = replace(services, search=lambda query: Found((hit,) if query.identifiers else ()))
    tracked = ask(services, "lookup IMO 9274447").message
    assert tracked.title == "Nordic Star"
    assert "cannot be right" in tracked.paragraphs[0]


def test_whose_number_it_is_waits_for_no_table_of_names(services: Services, tmp_path: Path) -> None:
    services = unread(services, tmp_path)
    star = Entity("star", Schema.VESSEL, "Nordic Star", identifiers=(Identifier("imoNumber", "9321483"),))
    hidden = replace(star, key="other", caption="Severin", watchlist="oil")
    with services.store.writing() as records:
        for entity in (star, hidden):
            track(records, entity, "me", NOW)

    def search(_query: Query) -> Found:
        raise CommandError("The names are still being loaded.")

    for by in (search, None):
        for words in ("9321483", "IMO 9321483"):
            assert ask(replace(services, search=by), f"lookup {words}").message.title == "Nordic Star"


@pytest.mark.parametrize(
    "words",
    [
        "Vladimir Guryev",
        "Velmur Management",
        "Velmur",
        "Velmurr Managementt",
        "Velmur on 2024-05-01",
        "9321483 on 2024-05-01",
    ],
)
def test_where_no_list_was_read_no_answer_is_an_all_clear(services: Services, tmp_path: Path, words: str) -> None:
    told = render_plain(ask(unread(services, tmp_path), f"lookup {words}").message)
    assert "No official list has been read yet, so this says nothing about listings" in told
    assert "/lists sync ofac" in told
    assert "lists import" in told


@pytest.mark.parametrize(
    ("user", "told"),
    [("7", "To read one, send /lists sync ofac, or run `sanctions"), ("9", "To read one, an admin sends /lists sync")],
)
def test_who_may_read_a_list_is_told_so(services: Services, tmp_path: Path, user: str, told: str) -> None:
    services = unread(services, tmp_path)
    assert told in render_plain(ask(services, "lookup Vladimir Guryev", user=user).message)


def test_a_file_of_names_says_that_no_list_was_searched(services: Services, tmp_path: Path) -> None:
    file = Attachment("names.csv", b"name\nIgor Sechin\n")
    assert "says nothing about listings" in render_plain(ask(unread(services, tmp_path), "lookup", file).message)
    assert "says nothing about listings" not in render_plain(ask(services, "lookup", file).message)


def test_where_the_lists_cannot_be_searched_it_is_said(services: Services) -> None:
    told = render_plain(ask(replace(services, search=None), "lookup Vladimir Guryev").message)
    assert "cannot be searched here, so this says nothing about listings" in told


def test_who_is_to_be_tracked_and_is_listed_already_is_told(services: Services) -> None:
    message = ask(services, "watch add Igor Sechin; Igor I. Sechin | schema=Person country=ru").message
    assert message.title == "Now tracked: Igor Sechin"
    assert "It is on an official list already. Alerts will tell what is new, not that." in message.paragraphs
    assert any("listed 28 Apr 2014" in fact.value and "id 16692" in fact.value for fact in message.facts)
    clean = ask(services, "watch add Pavel Novak; P. Novak | schema=Person country=cz").message
    assert "No official list that was read has the name." in clean.paragraphs


def test_the_preview_tells_of_listings_and_so_does_that_of_several_names(services: Services) -> None:
    past = Backtest(NOW, 1, weak_hits=25)
    preview = ask(replace(services, backtest=lambda _names: past), "watch add Igor Sechin | schema=Person country=ru")
    assert preview.message.title.startswith("Track Igor Sechin?")
    assert any("id 16692" in fact.value for fact in preview.message.facts)
    several = ask(
        services,
        "watch import",
        Attachment("w.csv", b"key,schema,name\nis,Person,Igor Sechin\npn,Person,Pavel Novak\n"),
    )
    assert [line for line in several.message.bullets if line.startswith("Already known")] == [
        "Already known: Igor Sechin · OFAC SDN list, 97%: SECHIN, Igor · listed 28 Apr 2014 · programme UKRAINE · "
        "id 16692 · why: transliterated"
    ]


def test_a_search_that_is_not_ready_is_in_no_ones_way(services: Services) -> None:
    def loading(_query: Query) -> Found:
        raise CommandError("The names are still being loaded.")

    replied = ask(replace(services, search=loading), "watch add Igor Sechin; Sechin | schema=Person country=ru")
    assert replied.message.title == "Now tracked: Igor Sechin"
    assert "could not be looked up. The names are still being loaded." in " ".join(replied.message.paragraphs)


@pytest.mark.parametrize(
    ("stood", "headline"),
    [
        ([None, None], "not known"),
        ([True, None], "1 listed record of 2; of 1 it is not known"),
        ([True, False], "1 listed record of 2"),
        ([False, False], "0 listed records of 2"),
    ],
)
def test_the_headline_of_a_day_says_what_is_not_known(stood: list[bool | None], headline: str) -> None:
    assert told_count([Standing(one, "why") for one in stood]) == headline


LOWERED = replace(HIT, score=0.68, by_name=0.97, explanation="birth date differs: 1975 / 1960-09-07; transliterated")


def qualified(query: Query) -> Found:
    """Knows one name, born in 1960."""
    if not query.birth_dates:
        return search(query)
    hits = (HIT,) if query.birth_dates == ("1960",) else ()
    return Found(hits, (), (Searched("us_ofac_sdn", 8_976, NOW),), lowered=() if hits else (LOWERED,))


def test_the_card_says_what_was_asked_beside_the_name_and_who_was_set_back_by_it(services: Services) -> None:
    services = replace(services, search=qualified)
    fits = ask(services, "lookup Igor Sechin born 1960 country Russia").message
    assert (fits.facts[0].label, fits.facts[0].value) == ("Asked for", "born 1960, country Russia")
    assert fits.title == "“Igor Sechin” is not tracked; on 1 official record"
    lowered = ask(services, "lookup Igor Sechin | born=1975")
    assert lowered.message.title == "“Igor Sechin” is not tracked; by the name alone on 1 official record"
    assert lowered.message.bullets[0].startswith("68%, 97% by the name: SECHIN, Igor (OFAC SDN list, id 16692)")
    assert "birth date differs: 1975 / 1960-09-07" in lowered.message.bullets[0]
    assert "No official list has it" not in render_plain(lowered.message)
    past = render_plain(ask(services, "lookup Igor Sechin born 1975 on 2026-05-01").message)
    assert "68%, 97% by the name" in past
    assert "born 1975" in past


def test_the_card_of_a_tracked_name_says_what_speaks_for_and_against(services: Services) -> None:
    with services.store.writing() as records:
        track(records, Entity("is", Schema.PERSON, "Igor Sechin", countries=("ru",)), "me", NOW)
    told = render_plain(ask(replace(services, search=qualified), "lookup Igor Sechin born 1975 country Iran").message)
    assert "As it is tracked: no birth date is known of it; countries differ: Iran / Russia." in told
    assert "68%, 97% by the name" in told
    assert "No official list that was read has the name" not in told


def test_what_is_to_be_tracked_is_the_name_with_its_country(services: Services) -> None:
    told = render_plain(ask(services, "lookup Pavel Novak born 1975 country cz").message)
    assert "watch add Pavel Novak | country=cz" in told


@pytest.mark.parametrize("words", ["born 1975", "country RU", "born 1975 on 2024-05-01", "dob 1975 nationality Russia"])
def test_what_is_asked_beside_no_name_asks_for_the_name(services: Services, words: str) -> None:
    told = render_plain(ask(services, f"lookup {words}").message)
    assert "Whom? Put the name first" in told
    assert "watch add" not in told


@pytest.mark.parametrize("words", ["Igor Sechin country Russai", "Igor Sechin born 75", "| country=RU"])
def test_what_cannot_be_read_beside_a_name_is_told(services: Services, words: str) -> None:
    assert not ask(services, f"lookup {words}").ok


def test_a_row_that_a_birth_date_sets_back_says_so() -> None:
    names = read_names(b"name,birth_date\nIgor Sechin,1975\n", "n.csv")
    ((_, _, hit, *_, reason),) = screen(names, qualified, 0.8).rows[1:]
    assert hit == "no"
    assert reason.startswith("a hit by the name alone (0.97), set back below the threshold: 0.68 SECHIN, Igor")


def known_whole(query: Query) -> Found:
    """Knows two names, each to the letter."""
    known = {"Shahbaz TV Center": HIT, "Foo Ventures Ltd.": replace(HIT, record=replace(RECORD, listing=OTHER))}
    hit = known.get(query.name)
    return Found((replace(hit, explanation="the same name"),) if hit else ())


OTHER = replace(LISTING, uid="1", caption="Foo Ventures Ltd.")


@pytest.mark.parametrize(
    ("name", "uids"),
    [
        ("Shahbaz TV Center, UAE", ["16692"]),
        ("c/o Shahbaz TV Center", ["16692"]),
        ("Shahbaz TV Center, Reg. No. 1234567", ["16692"]),
        ("Shahbaz TV Center t/a Foo Ventures Ltd.", ["16692", "1"]),
        ("Ivan Petrov c/o Shahbaz TV Center", ["16692"]),
        ("Shahbaz TV Center", ["16692"]),
    ],
)
def test_a_row_is_looked_up_by_the_name_alone_too(name: str, uids: list[str]) -> None:
    header, *rows = screen(read_names(f'name\n"{name}"\n'.encode(), "n.csv"), known_whole, 0.8).rows
    assert [row[header.index("id")] for row in rows] == uids
    if name != "Shahbaz TV Center":
        assert "by “" in rows[0][-1]
        assert "beside the name: " in rows[0][-1], "what was taken off is told"


def test_a_birth_date_beside_the_name_counts_as_one_in_a_column_does() -> None:
    asked: list[Query] = []

    def search(query: Query) -> Found:
        asked.append(query)
        return Found()

    names = read_names(b"name,dob\nIvan Petrov (b. 1975),\nIvan Petrov (b. 1975),12.03.65\n", "n.csv")
    screen(names, search, 0.8)
    assert {query.birth_dates for query in asked[:2]} == {("1975",)}
    assert {query.birth_dates for query in asked[2:]} == {("1965-03-12", "1965-12-03")}


def test_what_cannot_be_read_of_a_row_is_told_beside_its_answer() -> None:
    rows = b"name,dob,country\nIgor Sechin,12/65,Rusia-Federatsia\nIgor Sechin,n/a,-\n"
    _header, unread, empty = screen(read_names(rows, "n.csv"), search, 0.8).rows
    assert "“12/65” is no birth date that can be read" in unread[-1]
    assert "the country “Rusia-Federatsia” is unknown" in unread[-1]
    assert empty[-1] == "transliterated"


def test_lines_with_a_comma_are_names_too() -> None:
    names = read_names(b"Foo Trading LLC, UAE\nIgor Sechin\n", "names.txt")
    assert [row.cells for row in names.rows] == [("Foo Trading LLC, UAE",), ("Igor Sechin",)]
    assert names.notes == ("names.txt names no columns: every line was looked up as a name, the first one too.",)


def test_how_many_a_birth_date_sets_back_is_told_with_the_count_of_hits() -> None:
    lowered = Found(lowered=(replace(HIT, score=0.7, by_name=0.97),))
    screened = screen(read_names(b"name,dob\nIgor Sechin,1975\nAnna,\n", "n.csv"), lambda _query: lowered, 0.8)
    assert (screened.hits, screened.set_back) == (0, 2)
    assert told_set_back(screened).startswith("2 more are hits by the name alone, set back by a birth date")


def test_numbers_of_a_row_are_looked_up_too() -> None:
    asked: list[Query] = []

    def search(query: Query) -> Found:
        asked.append(query)
        return Found()

    rows = "Vessel name;IMO number;Country\nTavian;9187629;\nTavian;9187620;\nFoo LLC, INN 7701234567;-;\nVelmur;;\n"
    screened = screen(read_names(rows.encode(), "fleet.csv"), search, 0.8)
    right, wrong, tax, none = (query.identifiers for query in asked if "," not in query.name)
    assert (right, wrong, none) == ((Identifier("imoNumber", "9187629"),), (), ())
    assert tax == (Identifier("taxNumber", "7701234567"),)
    assert "imo:9187620 is wrong: its check digit is wrong" in screened.rows[2][-1]


def test_given_and_family_names_in_two_columns_are_looked_up_as_one() -> None:
    asked: list[Query] = []

    def search(query: Query) -> Found:
        asked.append(query)
        return Found()

    rows = "Name;Vorname;Geburtsdatum;Land\nSetschin;Igor;7.9.1960;Russland\nFoo GmbH;;;Österreich\n"
    screen(read_names(rows.encode(), "personen.csv"), search, 0.8)
    assert [(query.name, query.schema, query.countries) for query in asked] == [
        ("Igor Setschin", Schema.PERSON, ("ru",)),
        ("Foo GmbH", None, ("at",)),
    ]
    assert asked[0].birth_dates == ("1960-07-09", "1960-09-07")


@pytest.mark.parametrize("heading", ["Firma", "Kundenname", "Raison sociale", "Razón social"])
def test_tables_of_other_languages_are_read(heading: str) -> None:
    names = read_names(f"Nr;{heading}\n1;Foo\n".encode(), "n.csv")
    assert names.columns == ("", "name")


def test_the_same_row_again_is_not_searched_for_again() -> None:
    asked: list[str] = []

    def counted(query: Query) -> Found:
        asked.append(query.name)
        return search(query)

    names = read_names(b"nr;name\n1;Igor Sechin\n2;Anna\n3;Igor Sechin\n", "n.csv")
    screened = screen(names, counted, 0.8)
    assert asked == ["Igor Sechin", "Anna"]
    assert (len(screened.rows), screened.hits) == (4, 2)


def test_a_name_that_is_looked_up_with_what_stands_beside_it_is_found(services: Services) -> None:
    services = replace(services, search=known_whole)
    with services.store.writing() as records:
        track(records, Entity("ivan", Schema.PERSON, "Ivan Petrov"), "me", NOW)
    listed = render_plain(ask(services, "lookup Shahbaz TV Center (Cyprus)").message)
    assert "1 official record" in listed
    assert "beside the name stood “(Cyprus)”" in listed
    tracked = render_plain(ask(services, "lookup Ivan Petrov (b. 1975)").message)
    assert tracked.startswith("Ivan Petrov\n")
    assert "Asked for: born 1975" in tracked


def test_a_list_that_could_not_be_read_names_the_next_step(services: Services) -> None:
    def sync(_key: str, _by: str, _progress: object) -> Synced:
        return Synced("not read: no such host", is_fine=False)

    services = replace(services, lists=ListServices(LISTS, frozenset(LISTS), sync))
    told = render_plain(ask(services, "lists sync us_ofac_sdn").message)
    assert "not read" in told.splitlines()[0]
    assert "Not read: no such host." in told
    assert "/lists sync us_ofac_sdn" in told
    assert "sanctions-bot lists import us_ofac_sdn PATH" in told
