"""Look-ups over the store's lists and watchlist, by an index on disk; on SQLite and on PostgreSQL."""

from __future__ import annotations

import fcntl
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.lookups.found import Found, Query
from bot.model import Entity, Identifier, Listing, Schema
from bot.ports import ListImport
from bot.searching import Searcher, find_listed
from bot.storage import SqlStore
from bot.storage.name_index import NameIndexFolder
from tests.writing import track, untrack

NOW = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
LIST = "us_ofac_sdn"
LISTINGS = (
    Listing(LIST, "1", Schema.PERSON, "SECHIN, Igor", ("SECHIN, Igor Ivanovich",), programmes=("UKRAINE-EO13661",)),
    Listing(LIST, "2", Schema.PERSON, "KIM, Jong Un", countries=("kp",), birth_dates=("1984-01-08",)),
    Listing(LIST, "3", Schema.COMPANY, "Dandong Hongxiang Industrial Development Co., Ltd.", weak_aliases=("DHID",)),
    Listing(LIST, "4", Schema.VESSEL, "Wise Honest", identifiers=(Identifier("imoNumber", "8905490"),)),
    Listing(LIST, "5", Schema.PERSON, "习近平"),
    Listing(LIST, "6", Schema.PERSON, "Abdul Malik AL-HOUTHI"),
)


def bring(
    store: SqlStore, rows: Sequence[Listing], gone: Sequence[str] = (), at: datetime = NOW, key: str = LIST
) -> None:
    with store.writing() as records:
        last, new = records.last_import(key), records.begin_import(key, at)
        records.stage_listings(new, [(row, repr(row)) for row in rows], at.date())
        record = ListImport(new, key, at, ended_at=at, base=last.id if last else 0, rows=len(rows), added=len(rows))
        assert records.apply_import(record, gone, at.date())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "names"


@pytest.fixture
def searcher(store: SqlStore, folder: Path) -> Searcher:
    bring(store, LISTINGS)
    return open_searcher(store, folder)


def open_searcher(store: SqlStore, folder: Path) -> Searcher:
    return Searcher(store, NameIndexFolder(folder / "lists"), NameIndexFolder(folder / "watchlist"))


MORE = (
    Listing(LIST, "22603", Schema.COMPANY, "DANDONG ZHICHENG METALLIC MATERIAL CO., LTD."),
    Listing(LIST, "22606", Schema.COMPANY, "VELMUR MANAGEMENT PTE LTD", ("Smooth",)),
    Listing(LIST, "60", Schema.PERSON, "Ali Reza KIANI", identifiers=(Identifier("passportNumber", "X7105881"),)),
    Listing(
        LIST, "61", Schema.PERSON, "Mina KIANI", identifiers=(Identifier("publicKey", "1Boat" + "SLRHtKNngkdXEeob"),)
    ),
    Listing(LIST, "70", Schema.COMPANY, "Kordel", identifiers=(Identifier("leiCode", "529900T8BM49AURSDO55"),)),
    *(Listing(LIST, f"k{n}", Schema.PERSON, f"{name} KALMAN") for n, name in enumerate("ABEL BELA CSABA DORA".split())),
    *(
        Listing(LIST, f"q{n}", Schema.PERSON, f"{name} QUILT")
        for n, name in enumerate("Ada Bob Cy Dan Eve Flo Gus Hal Ike Jo".split())
    ),
)


@pytest.mark.parametrize(
    ("asked", "wanted", "why"),
    [
        ("Dandong Zhicheng", ["22603"], "half of the name, without its generic words"),
        ("Velmur", ["22606"], "half of the name"),
        ("Kalman", ["k0", "k1", "k2", "k3"], "half of the name, which 4 here have"),
        ("Quilt", [], "half of a name that many have: write more of it"),
        ("Smith", [], ""),
        ("22603", ["22603"], "its id on the OFAC SDN list: 22603"),
        ("OFAC 22603", ["22603"], "its id on the OFAC SDN list: 22603"),
        ("uid 22603", ["22603"], "its id on the OFAC SDN list: 22603"),
        ("sdn:22603", ["22603"], "its id on the OFAC SDN list: 22603"),
        ("us_ofac_sdn 22603", ["22603"], "its id on the OFAC SDN list: 22603"),
        ("UN 22603", [], ""),
        ("IMO 8905490", ["4"], "the same IMO number 8905490"),
        ("imo:8905490", ["4"], "the same IMO number 8905490"),
        ("X 71-05881", ["60"], "the same passport X7105881"),
        ("passport x7105881", ["60"], "the same passport X7105881"),
        ("1BoatSLRHtKNngkdXEeob", ["61"], "the same wallet"),
        ("LEI 5299 00T8BM49AURSDO55", ["70"], "the same LEI 529900T8BM49AURSDO55"),
    ],
)
def test_half_a_name_a_number_or_an_id_finds_the_record(
    store: SqlStore, searcher: Searcher, asked: str, wanted: list[str], why: str
) -> None:
    bring(store, MORE, at=NOW + timedelta(days=1))
    found = searcher(Query(asked))
    assert sorted(hit.record.listing.uid for hit in found.hits if hit.record) == wanted
    assert all(why in hit.explanation for hit in found.hits or found.near)


EIGHT = ("au_dfat", "ca_sema", "ch_seco", "eu_fsf", "gb_uksl", "un_sc", "us_csl", "us_ofac_sdn")
PELIKANS = tuple(
    Listing("", f"p{number}", Schema.PERSON, f"{name} PELIKAN", (f"{name} Ivanovich PELIKAN", f"{name} PELICAN"))
    for number, name in enumerate(("Abel", "Bartholomew", "Csaba", "Demetrius", "Emmanuelle"))
)


def on_eight_lists(store: SqlStore, rows: Sequence[Listing]) -> None:
    for key in EIGHT:
        bring(store, [replace(row, list=key) for row in rows], key=key)


def test_who_is_on_many_lists_hides_nobody_of_like_name(store: SqlStore, folder: Path) -> None:
    on_eight_lists(store, PELIKANS)
    found = open_searcher(store, folder)(Query("Pelikan"))
    first = [hit.record.listing.uid for hit in found.hits[:5] if hit.record]
    assert sorted(first) == ["p0", "p1", "p2", "p3", "p4"]
    assert all("which 5 here have" in hit.explanation for hit in found.hits)


def test_a_name_that_is_nearly_there_hides_no_other_near_miss(store: SqlStore, folder: Path) -> None:
    weak = Listing("", "w", Schema.PERSON, "Somebody ELSE", weak_aliases=("Pelikan",))
    on_eight_lists(store, [weak, *PELIKANS])
    found = open_searcher(store, folder)(Query("Pellikan"))
    assert not found.hits
    assert len({hit.name for hit in found.near}) == len(found.near) == 5


@pytest.mark.parametrize(
    ("asked", "crowd"),
    [("Quilt", 10), ("Kalman", 0), ("Jo", 0), ("Ada Quilt", 0)],
)
def test_how_many_have_it_as_half_of_their_names_is_told(
    store: SqlStore, searcher: Searcher, asked: str, crowd: int
) -> None:
    weak = Listing(LIST, "80", Schema.PERSON, "Somebody ELSE", weak_aliases=("Quilt",))
    bring(store, (*MORE, weak), at=NOW + timedelta(days=1))
    assert searcher(Query(asked)).crowd == crowd


def test_one_of_no_known_kind_is_not_meant_by_a_name_that_many_people_have(store: SqlStore, searcher: Searcher) -> None:
    unknown = Listing(LIST, "81", Schema.LEGAL_ENTITY, "Alexy Quilt")
    bring(store, (*MORE, unknown), at=NOW + timedelta(days=1))
    assert not searcher(Query("Quilt")).hits


@pytest.mark.parametrize("asked", ["Kallmann", "Kallman", "Calman"])
def test_half_a_name_that_is_misspelt_comes_near(store: SqlStore, searcher: Searcher, asked: str) -> None:
    longer = Listing(LIST, "82", Schema.PERSON, "Zoltan Vladimirovich KALMAN")
    bring(store, (longer,), at=NOW + timedelta(days=1))
    found = searcher(Query(asked))
    assert [hit.record.listing.uid for hit in (*found.hits, *found.near) if hit.record] == ["82"]


def test_who_is_tracked_is_found_by_a_number_as_well(store: SqlStore, searcher: Searcher, folder: Path) -> None:
    numbers = (Identifier("imoNumber", "9187629"), Identifier("listId", f"{LIST}:3"))
    with store.writing() as records:
        track(records, Entity("a", Schema.COMPANY, "Tenkara", identifiers=numbers), "me", NOW)
    assert uids(searcher, "IMO 9187629") == ["a"]
    assert uids(searcher, "OFAC 3") == ["a", "3"]
    assert uids(open_searcher(store, folder), "9187629") == ["a"]
    with store.writing() as records:
        track(records, Entity("a", Schema.COMPANY, "Tenkara"), "me", NOW + timedelta(minutes=1))
    assert uids(searcher, "IMO 9187629") == []


def uids(searcher: Searcher, name: str, **asked: object) -> list[str]:
    found = searcher(replace(Query(name), **asked))  # type: ignore[arg-type]
    return [hit.record.listing.uid if hit.record else hit.entity.key if hit.entity else "" for hit in found.hits]


@pytest.mark.parametrize(
    ("name", "uid"),
    [
        ("Сечин Игорь", "1"),
        ("Igor Sechyn", "1"),
        ("عبد الملك الحوثي", "6"),
        ("김정은", "2"),
        ("Dandong Hong Xiang Industrial Development", "3"),
        ("WISEHONEST", "4"),
        ("8905490", "4"),
        ("Xi Jinping", "5"),
    ],
)
def test_a_name_is_found_however_it_is_written(searcher: Searcher, name: str, uid: str) -> None:
    assert uids(searcher, name)[:1] == [uid]


@pytest.mark.parametrize("name", ["", "...", "\x00", "zzzz qqqq", "=cmd|' /C calc'!A0", "x" * 10_000, "'; DROP TABLE"])
def test_what_is_no_name_finds_nothing_and_harms_nothing(searcher: Searcher, name: str) -> None:
    assert uids(searcher, name) == []


def test_what_was_searched_is_told(searcher: Searcher) -> None:
    (one,) = searcher(Query("nobody")).lists
    assert (one.list, one.entries, one.read_at) == (LIST, len(LISTINGS), NOW)


def test_where_no_list_was_read_none_is_searched(store: SqlStore, folder: Path) -> None:
    asked: list[str] = []

    def search(query: Query) -> Found:
        asked.append(query.name)
        return open_searcher(store, folder)(query)

    assert find_listed(store, search, "Wise Honest") == ()
    assert not asked
    bring(store, LISTINGS)
    assert [one.uid for one in find_listed(store, search, "Wise Honest")] == ["4"]


def test_near_misses_stand_apart(searcher: Searcher) -> None:
    found = searcher(Query("DHID"))
    assert found.hits == ()
    assert [hit.record.listing.uid for hit in found.near if hit.record] == ["3"]


def test_what_else_is_asked_for_counts(searcher: Searcher) -> None:
    assert uids(searcher, "Kim Jong Un", birth_dates=("1984",)) == ["2"]
    assert uids(searcher, "Kim Jong Un", birth_dates=("1960",)) == []
    assert uids(searcher, "Kim Jong Un", schema=Schema.COMPANY) == []


def test_nobody_is_cleared_by_a_birth_date_or_country_without_being_told(searcher: Searcher) -> None:
    found = searcher(Query("Kim Jong Un", countries=("ru",), birth_dates=("1960",)))
    assert not found.hits
    assert not found.near
    (hit,) = found.lowered
    assert (hit.score, hit.by_name) == (0.675, 1.0)
    assert hit.explanation.startswith("birth date differs: 1960 / 1984-01-08; countries differ: Russia / North Korea")


def test_who_is_meant_is_found_among_many_of_one_name(store: SqlStore, searcher: Searcher) -> None:
    many = [
        Listing(LIST, f"j{n}", Schema.PERSON, "Jan NOVAK", birth_dates=(f"{1940 + n}-01-01",), countries=("cz",))
        for n in range(50)
    ]
    bring(store, many, at=NOW + timedelta(days=1))
    found = searcher(Query("Jan Novak", birth_dates=("1987",), countries=("cz",)))
    assert [hit.record.listing.uid for hit in found.hits if hit.record] == ["j47"]
    assert len(found.lowered) == 20
    assert uids(searcher, "Novak", birth_dates=("1987-01-01",)) == ["j47"]  # half a name that many have
    assert not searcher(Query("Jan Novak")).lowered


def test_changes_count_at_once_and_the_index_stays(store: SqlStore, searcher: Searcher, folder: Path) -> None:
    assert uids(searcher, "Velmur Management") == []
    before = NameIndexFolder(folder / "lists").current()
    bring(store, [Listing(LIST, "6", Schema.COMPANY, "Velmur Management Pte Ltd")], ["1"], NOW + timedelta(days=1))
    assert uids(searcher, "Velmur Management") == ["6"]
    (hit,) = searcher(Query("Igor Sechin")).hits
    assert hit.record
    assert hit.record.removed_on == date(2026, 5, 13)
    assert NameIndexFolder(folder / "lists").current() == before


def test_the_index_is_its_owners_alone_like_the_database(searcher: Searcher, folder: Path) -> None:
    folder.mkdir()
    (folder / "watchlist").mkdir(mode=0o755)  # as it was made before
    searcher(Query("x"))
    assert {part.name: part.stat().st_mode & 0o077 for part in folder.iterdir()} == {"lists": 0, "watchlist": 0}


def test_many_changes_make_a_new_index(store: SqlStore, searcher: Searcher, folder: Path) -> None:
    searcher(Query("x"))
    before = NameIndexFolder(folder / "lists").current()
    bring(store, [Listing(LIST, f"n{n}", Schema.COMPANY, f"Firm number {n}") for n in range(300)])
    assert uids(searcher, "Firm number 7")[0] == "n7"
    assert NameIndexFolder(folder / "lists").current() != before


def test_the_watchlist_is_searched_as_it_is_now(store: SqlStore, searcher: Searcher) -> None:
    with store.writing() as records:
        track(records, Entity("a", Schema.COMPANY, "Gefest-M LLC"), "me", NOW)
    assert uids(searcher, "ООО Гефест М") == ["a"]
    with store.writing() as records:
        track(records, Entity("a", Schema.COMPANY, "Prometej LLC"), "me", NOW + timedelta(minutes=1))
        track(records, Entity("b", Schema.COMPANY, "Zeus LLC"), "me", NOW + timedelta(minutes=1))
    assert uids(searcher, "ООО Гефест М") == []
    assert uids(searcher, "Prometej") == ["a"]
    with store.writing() as records:
        untrack(records, "b", "me", NOW + timedelta(minutes=2))
    assert uids(searcher, "Zeus") == []


def test_two_searchers_share_one_index(store: SqlStore, searcher: Searcher, folder: Path) -> None:
    searcher(Query("x"))
    version = NameIndexFolder(folder / "lists").current()
    assert uids(open_searcher(store, folder), "Igor Sechin") == ["1"]
    assert NameIndexFolder(folder / "lists").current() == version


def test_one_of_them_builds(searcher: Searcher, folder: Path) -> None:
    (folder / "lists").mkdir(parents=True)
    with (folder / "lists" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert uids(searcher, "Igor Sechin") == []  # another process builds the first index just now
    assert uids(searcher, "Igor Sechin") == ["1"]


def test_a_damaged_index_is_told_and_an_unknown_one_is_built_anew(
    store: SqlStore, searcher: Searcher, folder: Path
) -> None:
    searcher(Query("x"))
    lists = NameIndexFolder(folder / "lists")
    name, _revision, _mark = lists.current() or ("", 0, 0)
    (folder / "lists" / name / "words.npy").write_bytes(b"nothing")
    with pytest.raises(StoreError, match="delete the folder"):
        uids(open_searcher(store, folder), "Igor Sechin")
    (folder / "lists" / "current").write_text("{}")
    assert uids(open_searcher(store, folder), "Igor Sechin") == ["1"]
