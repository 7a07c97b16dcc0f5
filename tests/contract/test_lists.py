"""Official lists from files and from a publisher to the store: on SQLite and PostgreSQL, over real HTTP."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.errors import ListError
from bot.fetching import HttpFetcher
from bot.listings.importing import BATCH, MOST_UID, ListFolder, find_files, import_list, listing_digest
from bot.listings.syncing import DELTA, ListSync, Synced, failed_state, is_due, take_files
from bot.lists import LISTS, ListFile, OfficialList, RefusedRow
from bot.model import Identifier, Listing, Schema
from bot.ports import ImportState, JobFunction, ListImport, ListState
from bot.storage import SqlStore

NOW = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = "xx_list"


def parse(files: Mapping[str, BinaryIO]) -> Iterator[Listing | RefusedRow]:
    """Lines "uid;name"; a name "?" is refused, "!" ends the file as a cut one."""
    names, more = (plain(files[name]) if name in files else "" for name in ("names.csv", "more.csv"))
    for line in names.splitlines():
        uid, _, name = line.partition(";")
        if name == "!":
            raise ListError("names.csv", "a whole file", "one that ends in the middle", "it is fetched again")
        extra = (more.strip(),) if more else ()
        row = Listing(KEY, uid, Schema.COMPANY, name, extra)
        yield RefusedRow(f"names.csv {uid}", "no name") if name == "?" else row


def plain(stream: BinaryIO) -> str:
    data = stream.read()
    return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()


OFFICIAL = OfficialList(
    KEY,
    "Example List",
    "XX",
    "free",
    "",
    True,
    (ListFile("names.csv", "http://x.example/names.csv"), ListFile("more.csv", "http://x.example/more.csv", True)),
    timedelta(hours=6),
    parse,
)


def lines(count: int, *more: str, start: int = 0) -> str:
    return "\n".join([*(f"{number:05d};Firm {number}" for number in range(start, count)), *more]) + "\n"


@dataclass
class Desk:
    """One list, its store and its folder; the clock moves a day with each reading."""

    store: SqlStore
    folder: ListFolder
    path: Path
    at: datetime = NOW
    shares: list[float] = field(default_factory=list)

    def read(self, text: str | bytes, *, accept: bool = False) -> ListImport:
        self.path.mkdir(exist_ok=True)
        (self.path / "names.csv").write_bytes(text.encode() if isinstance(text, str) else text)
        return self.read_folder(accept=accept)

    def read_folder(self, *, accept: bool = False) -> ListImport:
        self.at += DAY
        files = {name: self.path / name for name in ("names.csv", "more.csv") if (self.path / name).exists()}
        return import_list(
            self.store, OFFICIAL, files, self.folder, lambda: self.at, accept=accept, progress=self.shares.append
        )

    def names(self) -> dict[str, str]:
        with self.store.reading() as records:
            page = records.listings_page(KEY, None, 10_000)
        return {found.listing.uid: found.listing.caption for found in page if found.is_listed}


@pytest.fixture
def desk(store: SqlStore, tmp_path: Path) -> Desk:
    return Desk(store, ListFolder(tmp_path / "lists", 2), tmp_path / "files")


# ---------------------------------------------------------------- an import


def test_the_first_reading_is_a_baseline_and_the_same_again_changes_nothing(desk: Desk) -> None:
    first = desk.read(lines(3))
    assert (first.state, first.is_baseline, first.rows, first.added) == (ImportState.APPLIED, True, 3, 3)
    again = desk.read(lines(3))
    assert (again.state, again.is_baseline) == (ImportState.APPLIED, False)
    assert (again.rows, again.added, again.changed, again.removed) == (3, 0, 0, 0)
    with desk.store.reading() as records:
        assert records.imports_to_tell() == ()
        assert len(records.listing_versions(KEY, "00001")) == 1
        assert records.listings_revision() == 1


def test_only_what_changed_gets_a_version(desk: Desk) -> None:
    desk.read(lines(20))
    second = desk.read(lines(20, "new;Newcomer", start=1).replace("Firm 5\n", "Firm Five\n"))
    assert (second.added, second.changed, second.removed) == (1, 1, 1)
    assert (desk.names()["00005"], desk.names()["new"], "00000" in desk.names()) == ("Firm Five", "Newcomer", False)
    with desk.store.reading() as records:
        assert records.imports_to_tell() == (second.id,)
        assert [len(records.listing_versions(KEY, uid)) for uid in ("00005", "00006", "00000")] == [2, 1, 2]


def test_an_import_of_many_batches_is_whole_and_tells_how_far_it_is(desk: Desk) -> None:
    done = desk.read(lines(3 * BATCH + 7))
    assert done.rows == 3 * BATCH + 7 == len(desk.names())
    assert desk.shares == sorted(desk.shares)
    assert desk.shares[-1] == 1.0
    assert all(0 <= share <= 1 for share in desk.shares)


@pytest.mark.parametrize(
    ("case", "text", "told"),
    [
        ("far fewer entries", lines(80), "20% fewer"),
        ("no entries at all", "", "no entries"),
        ("many rows refused", lines(100, *(f"x{n};?" for n in range(20))), "were refused"),
        ("cut in the middle", lines(99, "99;!"), "ends in the middle"),
    ],
)
def test_a_guard_stops_an_import_and_the_old_state_holds(desk: Desk, case: str, text: str, told: str) -> None:
    desk.read(lines(100))
    stopped = desk.read(text)
    assert stopped.state is ImportState.STOPPED, case
    assert told in stopped.reason
    assert len(desk.names()) == 100
    with desk.store.reading() as records:
        last = records.last_import(KEY)
        assert last
        assert last.id != stopped.id
        assert records.imports_to_tell() == ()
    with desk.store.writing() as records:
        assert records.drop_staged(stopped.id, 10) == 0


UK_HEADER = (
    "Unique ID,Name 6,Name 1,Name type,Regime Name,Designation Type,Sanctions Imposed,Date Designated,D.O.B,IMO number"
)


def uk_rows(header: str = UK_HEADER, birth: str = "02/03/1975") -> str:
    rows = (
        f"RUS{number:04},TESTOV,Person{number},Primary name,Russia,Individual,Asset freeze,23/02/2024,{birth},"
        for number in range(60)
    )
    return "\n".join(["Report Date: 20-Nov-2026", header, *rows]) + "\n"


@pytest.mark.parametrize(
    ("case", "text", "told"),
    [
        ("a column has another name", uk_rows(UK_HEADER.replace("D.O.B", "Date of Birth")), "birth dates of 0 entries"),
        ("dates are written otherwise", uk_rows(birth="2 iii 75"), "had those of 60"),
    ],
)
def test_an_import_that_loses_what_was_known_of_most_entries_is_stopped(
    desk: Desk, case: str, text: str, told: str
) -> None:
    path = desk.path / "UK-Sanctions-List.csv"
    desk.path.mkdir()

    def read(content: str, *, accept: bool = False) -> ListImport:
        path.write_text(content)
        desk.at += DAY
        uk = LISTS["gb_uksl"]
        return import_list(desk.store, uk, {path.name: path}, desk.folder, lambda: desk.at, accept=accept)

    assert read(uk_rows()).state is ImportState.APPLIED
    stopped = read(text)
    assert stopped.state is ImportState.STOPPED, case
    assert told in stopped.reason
    assert read(uk_rows(birth="1975")).state is ImportState.APPLIED  # all changed, and nothing is lost
    assert read(text, accept=True).state is ImportState.APPLIED


def test_what_was_stopped_can_be_taken_by_hand_and_the_trouble_is_over(desk: Desk) -> None:
    desk.read(lines(100))
    (desk.path / "names.csv").write_text(lines(50))
    with desk.store.writing() as records:
        records.save_list_state(ListState(KEY, stopped="too few"))
    stopped = take_files(desk.store, OFFICIAL, {"names.csv": desk.path / "names.csv"}, desk.folder)
    assert not stopped.is_fine
    assert stopped.record
    kept = desk.folder.folder_of(stopped.record)
    assert f"sanctions-bot lists import {KEY} {kept} --accept" in stopped.text
    assert kept
    again = take_files(desk.store, OFFICIAL, {"names.csv": kept / "names.csv.gz"}, desk.folder, accept=True)
    assert (again.is_fine, len(desk.names())) == (True, 50)
    assert again.record
    assert "somebody accepted it" in again.record.reason
    with desk.store.reading() as records:
        assert records.list_states()[KEY].stopped == ""


def test_no_entries_are_never_taken_not_even_by_hand(desk: Desk) -> None:
    desk.read(lines(9))
    assert desk.read("", accept=True).state is ImportState.STOPPED
    assert len(desk.names()) == 9


def test_an_id_that_comes_twice_or_is_too_long_is_refused_with_its_reason(desk: Desk) -> None:
    done = desk.read(lines(2, "00001;Another", f"{'x' * (MOST_UID + 1)};Long", ";None"))
    assert (done.state, done.rows, done.refused) == (ImportState.APPLIED, 2, 3)
    assert "is there twice" in done.notes[0]
    assert desk.names() == {"00000": "Firm 0", "00001": "Firm 1"}


def test_a_break_within_an_import_leaves_the_old_state(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.read(lines(3))

    def broken(*_args: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.storage.listings.ListRecords.apply_import", broken)
    with pytest.raises(KeyboardInterrupt):
        desk.read(lines(2_000))
    assert len(desk.names()) == 3
    with desk.store.reading() as records:
        (latest, *_) = records.list_imports(KEY)
        assert latest.state is ImportState.DROPPED


def test_an_import_whose_process_died_is_swept_up_by_a_later_one(desk: Desk) -> None:
    with desk.store.writing() as records:
        dead = records.begin_import(KEY, NOW - DAY)
        records.stage_listings(dead, [(Listing(KEY, "ghost", Schema.COMPANY, "Ghost"), "x")], NOW.date())
    desk.read(lines(3))
    assert "ghost" not in desk.names()
    with desk.store.reading() as records:
        found = records.list_import(dead)
        assert found
        assert (found.state, found.reason) == (ImportState.DROPPED, "its process died")


def test_files_are_kept_as_they_came_the_newest_and_those_in_use(desk: Desk) -> None:
    (desk.path / "x").mkdir(parents=True)
    (desk.path / "more.csv").write_text("Also\n")
    applied = desk.read(lines(100))
    stopped = [desk.read(lines(number)) for number in (10, 11, 12)]
    kept = sorted(folder.name for folder in (desk.folder.base / KEY).iterdir())
    assert [int(name.rpartition("-")[2]) for name in kept] == [applied.id, stopped[1].id, stopped[2].id]
    names = {one.name: one for one in applied.files}
    assert set(names) == {"names.csv", "more.csv"}
    path = desk.folder.path_of(names["names.csv"])
    assert path
    assert gzip.decompress(path.read_bytes()).decode() == lines(100)
    assert names["names.csv"].size == len(lines(100))
    assert [desk.folder.path_of(one) for one in stopped[0].files] == [None, None]


def test_a_digest_is_of_the_content_alone() -> None:
    one = Listing(KEY, "1", Schema.COMPANY, "Firm", listed_on=date(2020, 1, 1))
    same = Listing(KEY, "1", Schema.COMPANY, "Firm", listed_on=date(2020, 1, 1))
    assert listing_digest(one) == listing_digest(same)
    other = Listing(KEY, "1", Schema.COMPANY, "Firm", identifiers=(Identifier("isin", "x"),))
    assert listing_digest(one) != listing_digest(other)


def test_files_of_a_set_are_found_in_a_folder_or_by_their_path(tmp_path: Path) -> None:
    for name in ("SDN.CSV", "alt.csv.gz", "add.csv", "cons_prim.csv", ".hidden"):
        (tmp_path / name).write_bytes(b"x")
    found = find_files(LISTS["us_ofac_sdn"], tmp_path)
    assert {name: path.name for name, path in found.items()} == {
        "sdn.csv": "SDN.CSV",
        "alt.csv": "alt.csv.gz",
        "add.csv": "add.csv",
    }
    with pytest.raises(ListError, match="nothing there"):
        find_files(LISTS["un_sc"], tmp_path / "none.xml")


# ---------------------------------------------------------------- a publisher


class Publisher:
    """Serves files with an ETag; counts who asked how."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.status: dict[str, tuple[int, dict[str, str]]] = {}
        self.server: TestServer

    async def answer(self, request: web.Request) -> web.Response:
        name = request.path.lstrip("/")
        known = request.headers.get("If-None-Match", "")
        self.asked.append((name, known))
        if name in self.status:
            status, headers = self.status[name]
            return web.Response(status=status, headers=headers)
        body = self.files.get(name)
        if body is None:
            return web.Response(status=404)
        tag = f'W/"{hash(body)}"'
        return web.Response(status=304) if known == tag else web.Response(body=body, headers={"ETag": tag})


class Puts:
    """An engine that keeps what is put."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, str]] = []

    def put(self, _records: object, job: str, key: str, _args: object, **_options: Any) -> None:
        self.jobs.append((job, key))

    def job(self, *_args: Any, **_options: Any) -> Callable[[JobFunction], JobFunction]:
        return lambda function: function


@dataclass
class Watch:
    sync: ListSync
    publisher: Publisher
    official: OfficialList
    engine: Puts
    store: SqlStore
    troubles: list[str]
    at: datetime = NOW

    async def look(self, passed: timedelta = DAY) -> Synced:
        self.at += passed
        return await self.sync.sync(self.official)

    def state(self) -> ListState:
        with self.store.reading() as records:
            return records.list_states()[self.official.key]

    def size(self) -> int:
        with self.store.reading() as records:
            return records.list_sizes().get(self.official.key, 0)


@pytest.fixture
async def watch(store: SqlStore, tmp_path: Path) -> AsyncIterator[Watch]:
    publisher = Publisher()
    app = web.Application()
    app.router.add_get("/{path:.*}", publisher.answer)
    publisher.server = TestServer(app)
    await publisher.server.start_server()
    base = str(publisher.server.make_url("/"))
    files = tuple(ListFile(one.name, base + one.name, one.is_optional) for one in OFFICIAL.files)
    official = OfficialList(KEY, "Example List", "XX", "free", "", True, files, timedelta(hours=6), parse)
    engine, troubles = Puts(), list[str]()
    async with HttpFetcher(allow_hosts=frozenset({f"127.0.0.1:{publisher.server.port}"})) as fetcher:
        sync = ListSync(
            store,
            engine,  # type: ignore[arg-type]
            fetcher,
            {KEY: official},
            ListFolder(tmp_path / "lists", 3),
            jitter=lambda: 0.5,
            on_trouble=troubles.append,
            delta_url=base + "delta.xml",
        )
        made = Watch(sync, publisher, official, engine, store, troubles)
        sync.now = lambda: made.at
        yield made
    await publisher.server.close()


async def test_a_list_is_fetched_then_asked_for_with_its_validators(watch: Watch) -> None:
    watch.publisher.files = {"names.csv": lines(5).encode()}
    assert (await watch.look()).text == "5 entries, read for the first time"
    assert (await watch.look()).text == "not changed since the last look"
    state = watch.state()
    assert [known for name, known in watch.publisher.asked if name == "names.csv"] == ["", state.files[0].etag]
    assert state.next_poll_at
    assert timedelta(hours=3) < state.next_poll_at - watch.at < timedelta(hours=4, minutes=48), "before the next tick"
    watch.publisher.files["names.csv"] = lines(6).encode()
    assert (await watch.look()).text == "6 entries: 1 added, 0 changed, 0 removed"


async def test_the_same_bytes_under_another_tag_are_no_news(watch: Watch) -> None:
    watch.publisher.files = {"names.csv": lines(5).encode()}
    await watch.look()
    assert (await watch.look(timedelta(days=8))).text == "not changed since the last look"  # asked without validators
    assert watch.publisher.asked[-2] == ("names.csv", "")
    with watch.store.reading() as records:
        assert len(records.list_imports(KEY)) == 1


async def test_a_file_that_did_not_change_is_read_as_it_is_kept(watch: Watch) -> None:
    watch.publisher.files = {"names.csv": lines(5).encode(), "more.csv": b"Alias"}
    await watch.look()
    watch.publisher.files["names.csv"] = lines(6).encode()
    assert (await watch.look()).text == "6 entries: 1 added, 0 changed, 0 removed"
    with watch.store.reading() as records:
        found = records.listing(KEY, "00005")
        assert found
        assert found.listing.aliases == ("Alias",)


async def test_an_optional_file_that_goes_is_a_change(watch: Watch) -> None:
    watch.publisher.files = {"names.csv": lines(5).encode(), "more.csv": b"Alias"}
    await watch.look()
    del watch.publisher.files["more.csv"]
    assert (await watch.look()).text == "5 entries: 0 added, 5 changed, 0 removed"


async def test_a_stopped_list_is_told_once_and_not_read_again_until_it_changes(watch: Watch) -> None:
    watch.publisher.files = {"names.csv": lines(100).encode()}
    await watch.look()
    watch.publisher.files = {"names.csv": lines(10).encode()}
    stopped = await watch.look()
    assert "90% fewer" in stopped.text
    assert "--accept" in stopped.text
    assert "still stopped" in (await watch.look()).text
    assert len(watch.troubles) == 1
    assert "90% fewer" in watch.state().stopped
    assert watch.size() == 100
    watch.publisher.files = {"names.csv": lines(101).encode()}
    assert (await watch.look()).is_fine
    assert watch.state().stopped == ""


async def test_a_cut_file_is_fetched_again(watch: Watch) -> None:
    watch.publisher.files = {"names.csv": lines(100).encode()}
    await watch.look()
    watch.publisher.files = {"names.csv": lines(99, "99;!").encode()}
    assert "ends in the middle" in (await watch.look()).text
    state = watch.state()
    assert (state.failures, watch.size()) == (1, 100)
    assert state.next_poll_at
    assert state.next_poll_at - watch.at < timedelta(minutes=20)
    watch.publisher.files = {"names.csv": lines(100).encode()}
    assert (await watch.look()).is_fine
    assert watch.state().failures == 0


async def test_a_server_in_trouble_is_left_alone_as_long_as_it_asks(watch: Watch) -> None:
    watch.publisher.status["names.csv"] = (503, {"Retry-After": "7200"})
    for _ in range(3):
        assert "the server is in trouble" in (await watch.look()).text
    state = watch.state()
    assert state.next_poll_at
    assert state.next_poll_at - watch.at == timedelta(hours=2)
    assert (state.failures, len(watch.troubles)) == (3, 1)
    asked = len(watch.publisher.asked)
    await watch.sync.sync_list(KEY)
    assert len(watch.publisher.asked) == asked


async def test_a_file_that_must_be_there_and_is_not_is_trouble(watch: Watch) -> None:
    watch.publisher.files = {"more.csv": b"x"}
    assert "names.csv: not found (HTTP 404)" in (await watch.look()).text
    assert watch.size() == 0


async def test_a_new_delta_has_ofacs_lists_looked_at_at_once(watch: Watch) -> None:
    watch.sync.lists = {"us_ofac_sdn": LISTS["us_ofac_sdn"]}
    body = (
        '<sanctionsData xmlns="x"><publicationInfo><datePublished>{}</datePublished></publicationInfo></sanctionsData>'
    )
    watch.publisher.files["delta.xml"] = body.format("2026-05-12").encode()
    await watch.sync.sync_delta()
    assert watch.engine.jobs == []  # the first one is what there was
    watch.at += DAY
    await watch.sync.sync_delta()
    assert watch.engine.jobs == []
    watch.publisher.files["delta.xml"] = body.format("2026-05-14").encode()
    watch.at += DAY
    await watch.sync.sync_delta()
    assert [job for job, _ in watch.engine.jobs] == ["sync_list"]
    with watch.store.reading() as records:
        states = records.list_states()
    assert is_due(states["us_ofac_sdn"], watch.at)
    assert not is_due(states[DELTA], watch.at)
    assert is_due(states[DELTA], watch.at - 365 * DAY), "the clock was a year ahead"


async def test_a_delta_is_logged_with_all_that_it_tells_of(watch: Watch) -> None:
    watch.sync.lists = {"us_ofac_sdn": LISTS["us_ofac_sdn"]}
    body = "<publicationInfo><datePublished>2026-05-12</datePublished></publicationInfo>"
    for number, action in enumerate(("changed", "removed", "swapped")):  # of what is changed only the id is told
        body += f'<entity id="{number}" action="{action}"/>'
    watch.publisher.files["delta.xml"] = f'<sanctionsData xmlns="x">{body}</sanctionsData>'.encode()
    with capture_logs() as told:
        await watch.sync.sync_delta()
    (line,) = [line for line in told if line["event"] == "delta looked at"]
    assert line["reason"] == "0 added, 1 changed, 1 removed, 1 refused"


async def test_a_list_that_failed_is_looked_at_again_before_its_own_turn(watch: Watch) -> None:
    watch.publisher.status["names.csv"] = (503, {})
    await watch.look()
    watch.sync.tick_again(1)
    assert watch.engine.jobs == []  # its time has not come
    watch.at += timedelta(minutes=15)
    watch.sync.tick_again(2)
    assert watch.engine.jobs == [("sync_list", f"list:{KEY}:again:000000000002")]
    del watch.publisher.status["names.csv"]
    watch.publisher.files = {"names.csv": lines(5).encode()}
    assert (await watch.look()).is_fine
    watch.at += DAY
    watch.sync.tick_again(3)
    assert len(watch.engine.jobs) == 1  # a list that is fine keeps to its publisher's interval


async def test_a_delta_that_is_none_is_a_failure_and_tried_again(watch: Watch) -> None:
    watch.sync.lists = {"us_ofac_sdn": LISTS["us_ofac_sdn"]}
    watch.publisher.files["delta.xml"] = b"<html>Sorry</html>"
    await watch.sync.sync_delta()
    with watch.store.reading() as records:
        assert records.list_states()[DELTA].failures == 1
    assert watch.engine.jobs == []


def test_waits_grow_to_a_day() -> None:
    state, waits = ListState(KEY), []
    for _ in range(12):
        state = failed_state(state, timedelta(hours=6), "x", None, NOW, 0.0)
        assert state.next_poll_at
        waits.append(state.next_poll_at - NOW)
    assert waits[:3] == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)]
    assert waits[-1] == timedelta(days=1)
