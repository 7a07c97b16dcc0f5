"""The edges of the command line: exit codes, what a command loads, the log of a process that nobody reads any more."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import multiprocessing
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from typer.testing import CliRunner, Result

from bot import __version__
from bot.__main__ import correct_zone
from bot.cli import cli, main
from bot.cli.running import _told_place, _unreached
from bot.cli.terminal import err, out
from bot.commands.asking import ListServices
from bot.commands.listing import load_lists, told_status
from bot.config import Settings
from bot.engine import DbosEngine
from bot.errors import ConfigError, StoreError, told_by_database
from bot.lists import LISTS
from bot.logs import configure_logging
from bot.ports import ImportState, ListImport
from bot.search_process import SearchProcess, keep_warm
from bot.serving import quiet_config, serving
from bot.storage import SqlStore, database

NOW = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
KEY = "us_ofac_sdn"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    store = SqlStore(f"sqlite:///{tmp_path / 'bot.db'}")
    store.migrate()
    return store


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path / "data"))
    return CliRunner().invoke(cli, list(words))


def make_database(folder: Path) -> None:
    store = SqlStore(f"sqlite:///{folder / 'sanctions-bot.db'}")
    store.migrate()
    store.close()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With an empty database, for what only reads it."""
    folder = tmp_path_factory.mktemp("data")
    make_database(folder)
    return folder


# ---------------------------------------------------------------- exit codes


def test_an_import_that_is_refused_as_a_whole_fails_and_removes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad, half = (tmp_path / name for name in ("good.csv", "bad.csv", "half.csv"))
    good.write_text("key,schema,name\nNK-1,Company,Velmur Management\n")
    bad.write_text("key,schema,name\nNK-2,Shoe,Orlova Trading\n")
    half.write_text(bad.read_text() + "NK-3,Company,Orlova Trading\n")
    kept = run(tmp_path, monkeypatch, "watch", "import", str(good), "--yes")
    assert kept.exit_code == 0
    assert f"sanctions-bot lookup {good}" in kept.stdout
    for words in ((), ("--yes",), ("--replace", "--yes")):
        done = run(tmp_path, monkeypatch, "watch", "import", str(bad), *words)
        assert done.exit_code == 1, words
        assert "nothing is changed" in done.stdout
    assert "NK-1" in run(tmp_path, monkeypatch, "watch", "export").stdout
    assert run(tmp_path, monkeypatch, "watch", "import", str(half), "--yes").exit_code == 0


@pytest.mark.parametrize(
    ("url", "told"),
    {
        "none of ours": ("mysql://host/name", "mysql databases are not supported"),
        "a path": ("/data/bot.db", "the database URL cannot be read"),
        "half": ("postgresql:/name", "the database URL cannot be read"),
        "no file": ("sqlite:///", "SQLite needs a file"),
        "no port": ("postgresql://bot:word@host:hidden/name", "its port is no number"),
        "a password with an @": ("postgresql://bot:my@hidden@host/name", "write it as %40"),
        "not there yet": ("", "there is no database"),
    }.values(),
)
def test_a_status_of_no_database_tells_what_is_wrong_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, told: str
) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", url)
    failed = run(tmp_path, monkeypatch, "status").exception
    assert isinstance(failed, StoreError), repr(failed)
    assert told in str(failed)
    assert "hidden" not in str(failed), "a part of the password is told"


@pytest.mark.parametrize(
    "words",
    [
        "status", "jobs", "jobs revive --all", "feedback export", "audit verify", "watch export", "watch history",
        "watch undo 1", "backtest", "backtest Velmur", "lookup Velmur", "feeds", "feeds export", "admin", "admin list",
        "outbox",
    ],
)  # fmt: skip
def test_what_only_looks_says_that_there_is_no_database_and_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    failed = run(tmp_path, monkeypatch, *words.split()).exception
    assert isinstance(failed, StoreError), repr(failed)
    assert f"there is no database {tmp_path / 'data'}" in str(failed)
    assert "SANCTIONS_BOT_DATA_DIR" in str(failed)
    assert not (tmp_path / "data").exists()


def test_an_article_and_the_lists_are_told_before_there_is_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = tmp_path / "article.txt"
    article.write_text("Velmur Management opened an office.\n\nThe firm said so on Monday.")
    (tmp_path / "watchlist.csv").write_text("name\nVelmur Management\n")
    assert "Velmur Management" in run(tmp_path, monkeypatch, "explain", str(article), "--config", str(tmp_path)).stdout
    lists = run(tmp_path, monkeypatch, "lists", "status", "--config", str(tmp_path))
    assert (lists.exit_code, "us_ofac_sdn" in lists.stdout) == (0, True)
    assert "there is no database" in lists.stderr
    assert not (tmp_path / "data").exists()


def test_who_has_which_role_is_told_without_a_word_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(tmp_path, monkeypatch, "admin", "add", "telegram:7", "owner").exit_code == 0
    told = run(tmp_path, monkeypatch, "admin")
    assert (told.exit_code, "telegram:7" in told.stdout) == (0, True), told.output


def test_a_migration_tells_nothing_of_its_library(tmp_path: Path) -> None:
    """Its plugins are told when it is imported, in a process of its own therefore."""
    code = "from bot.logs import configure_logging; configure_logging('info', 'text'); from bot.cli import cli; cli()"
    done = subprocess.run(
        [sys.executable, "-c", code, "migrate"],
        env={**os.environ, "SANCTIONS_BOT_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout[:10], done.stderr) == ("schema at ", "")


def test_a_stop_that_hangs_is_ended_by_force() -> None:
    """As the job engine's does while its database is away."""
    code = """
import asyncio, contextlib, os, signal
from bot import app
app.STOP_WITHIN = 0.5
class Bot:
    @contextlib.asynccontextmanager
    async def running(self):
        yield
        await asyncio.sleep(60)
asyncio.run(app.run_until_stopped(Bot(), lambda: os.kill(os.getpid(), signal.SIGTERM)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 1, done.stderr
    assert "it does not stop: ended by force" in done.stdout + done.stderr


def test_help_loads_none_of_the_program() -> None:
    """It took two seconds, most of them for libraries that no help needs."""
    code = (
        "import sys\nfrom bot.__main__ import main\ntry:\n main()\nexcept SystemExit: pass\n"
        "print(*(name for name in sys.modules if name.startswith('bot.') or '.' not in name))"
    )
    for words in (["--help"], ["watch", "--help"]):
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
        loaded = set(done.stdout.splitlines()[-1].split())
        assert "Usage" in done.stdout
        heavy = {"sqlalchemy", "aiohttp", "numpy", "lxml", "trafilatura", "pydantic_settings", "dbos", "telegram"}
        assert not loaded & heavy
        ours = {name for name in loaded if name.startswith("bot.") and not name.startswith(("bot.cli", "bot.model."))}
        assert ours == {"bot.__main__", "bot.counted", "bot.errors", "bot.model"}


def test_a_copy_is_made_while_the_database_is_written_to_and_replaces_no_file(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", f"sqlite:///{tmp_path / 'bot.db'}")
    copy = tmp_path / "copies" / "of today.db"
    with store.writing() as records:
        records.save_setting("told", "before")
    with store.writing() as records:  # whoever writes does not hold it up, nor is its half done work in it
        records.save_setting("told", "after")
        done = run(tmp_path, monkeypatch, "backup", str(copy))
    assert done.exit_code == 0, done.stdout
    assert str(copy) in done.stdout.replace("\n", "")
    copied = SqlStore(f"sqlite:///{copy}")
    with copied.reading() as records:
        assert records.setting("told") == "before"
    copied.close()
    assert copy.stat().st_mode & 0o077 == 0, "chats and names are nobody else's to read"
    assert [path.name for path in copy.parent.iterdir() if not path.name.startswith(copy.name)] == []
    again = run(tmp_path, monkeypatch, "backup", str(copy)).exception
    assert isinstance(again, StoreError)
    assert "is there already" in str(again)


def test_what_a_copy_left_that_was_killed_is_removed_by_the_next_and_nothing_else_is(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies, url = tmp_path / "copies", f"sqlite:///{tmp_path / 'bot.db'}"
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", url)
    copies.mkdir()
    killed = (
        "import os, signal; from pathlib import Path; from bot.storage import copy_database, database\n"
        "def stop(source, part): part.with_name(part.name + '-wal').touch(); os.kill(os.getpid(), signal.SIGKILL)\n"
        f"database._copy = stop; copy_database({url!r}, Path({str(copies / '1.db')!r}))"
    )
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -9
    assert len(list(copies.iterdir())) == 2
    (copies / "film.mp4.part").touch()
    with database._part_of(copies / "2.db") as held:  # another's, at this moment
        assert run(tmp_path, monkeypatch, "backup", str(copies / "3.db")).exit_code == 0
        assert {path.name for path in copies.iterdir()} == {held.name, "3.db", "film.mp4.part"}
    assert {path.name for path in copies.iterdir()} == {"3.db", "film.mp4.part"}


@pytest.mark.parametrize(
    ("url", "told"),
    [("postgresql://bot:word@host/name", "pg_dump"), ("sqlite:////nowhere/at/all.db", "there is no database")],
)
def test_a_copy_that_cannot_be_made_tells_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, told: str
) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", url.replace("/nowhere", f"{tmp_path}/full"))
    (tmp_path / "full").write_text("a file where a folder was meant")
    failed = run(tmp_path, monkeypatch, "backup", str(tmp_path / "copy.db")).exception
    assert isinstance(failed, StoreError), repr(failed)
    assert told in str(failed)
    assert "word" not in str(failed)
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("no such table: troubles", "run `sanctions-bot migrate`"),
        ('relation "troubles" does not exist', "run `sanctions-bot migrate`"),
        ('connection to server failed: FATAL:  database "bot" does not exist', "make it with createdb"),
        ('connection to server failed: FATAL:  password authentication failed for user "bot"', "correct the user"),
        ("connection to server failed: FATAL:  sorry, too many clients already", "max_connections"),
        ("connection failed: Connection refused", "is PostgreSQL running there?"),
        ("failed to resolve host 'db.example': Name or service not known", "correct SANCTIONS_BOT_DATABASE_URL"),
        ("permission denied for schema public", "own the database"),
        ("database disk image is malformed", "put a back-up in its place"),
        ("database is locked", "another program holds it"),
        ("database or disk is full", "make room on its disk"),
        ("attempt to write a readonly database", "the folder must be writable too"),
    ],
)
def test_what_a_database_says_comes_with_its_name_and_the_next_step(said: str, step: str) -> None:
    told = str(told_by_database("/data/bot.db", said))
    assert told.startswith(f"the database /data/bot.db said: {said}; ")
    assert step in told.partition(said)[2]


def test_a_copy_of_a_damaged_database_blames_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bot.db").write_text("no database at all " * 400)
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", f"sqlite:///{tmp_path / 'bot.db'}")
    failed = run(tmp_path, monkeypatch, "backup", str(tmp_path / "copy.db")).exception
    assert f"the database {tmp_path / 'bot.db'}, while it was copied to" in str(failed)
    assert "the file is damaged" in str(failed)


def test_a_page_that_is_damaged_or_a_file_without_anything_is_no_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, copy = tmp_path / "torn.db", tmp_path / "copy.db"
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", f"sqlite:///{path}")
    path.touch()
    assert "is empty: nothing is copied" in str(run(tmp_path, monkeypatch, "backup", str(copy)).exception)
    made = SqlStore(f"sqlite:///{path}")
    made.migrate()
    made.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 40_000)
    failed = run(tmp_path, monkeypatch, "backup", str(copy)).exception
    assert isinstance(failed, StoreError), repr(failed)
    assert "the file is damaged" in str(failed)
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("copy")] == []


def test_every_connection_knows_the_moment_that_dbos_stamps_rows_with(store: SqlStore, tmp_path: Path) -> None:
    """With Python 3.12 or newer on the SQLite of Debian 12 no process started: "NOT NULL constraint failed"."""
    asked = sa.text("SELECT unixepoch('subsec') * 1000")
    with store.writing() as records:
        assert abs(records.connection.scalar(asked) - time.time() * 1000) < 5_000
    engine = DbosEngine(f"sqlite:///{tmp_path / 'bot.db'}")
    with engine._engine.connect() as connection:
        assert abs(connection.scalar(asked) - time.time() * 1000) < 5_000
    engine.close()


def test_a_file_of_names_that_is_not_there_is_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_database(tmp_path / "data")
    done = run(tmp_path, monkeypatch, "lookup", "nmaes.csv")
    assert "nmaes.csv: cannot be read" in str(done.exception)
    assert "not tracked" not in done.stdout


def test_a_look_up_names_steps_that_the_command_line_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_database(tmp_path / "data")
    done = run(tmp_path, monkeypatch, "lookup", "Velmur")
    assert done.exit_code == 3
    assert "To read one, run sanctions-bot lists sync ofac or `sanctions-bot lists import" in done.stdout
    assert "in a chat or in the console: watch add Velmur" in done.stdout
    assert done.output.count("No official list has been read yet") == 1


def test_an_error_shows_a_command_as_the_shell_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["sanctions-bot", "lookup", "Velmur", "--on", "2024-99-01"])
    with pytest.raises(SystemExit):
        main()
    assert "Send: sanctions-bot lookup NAME on 2024-05-01" in capsys.readouterr().err


def test_judge_says_that_it_cannot_write_or_that_there_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    done = run(tmp_path, monkeypatch, "judge", str(empty), "-o", str(tmp_path / "none" / "out.jsonl"))
    assert isinstance(done.exception, ConfigError)
    done = run(tmp_path, monkeypatch, "judge", str(empty))
    assert (done.exit_code, done.stdout) == (0, "")
    assert "holds no article" in done.stderr


@pytest.mark.parametrize("threshold", ["7", "0", "-1", "nan"])
def test_a_threshold_out_of_range_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threshold: str) -> None:
    done = run(tmp_path, monkeypatch, "backtest", "Velmur Management", "--threshold", threshold)
    assert "out of range" in str(done.exception)


def test_a_back_test_tries_a_name_or_a_watchlist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_database(tmp_path / "data")
    assert "1 name tried" in run(tmp_path, monkeypatch, "backtest", "Velmur", "Management;", "Velmur").stdout
    watch = tmp_path / "names.csv"
    watch.write_text("name\nVelmur Management\nOrlova Trading\n")
    assert "2 names tried" in run(tmp_path, monkeypatch, "backtest", "--watch", str(watch)).stdout
    for words, told in {
        ("Velmur", "--watch", str(watch)): "a name, or --watch",
        ("Velmur", "--since", "soon"): "--since: 'soon' is no duration",
        ("...",): "has no letter",
    }.items():
        assert told in str(run(tmp_path, monkeypatch, "backtest", *words).exception)


def test_a_back_test_of_a_part_of_a_name_tells_who_is_tracked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = tmp_path / "names.csv"
    watch.write_text("key,name,aliases\ntarvos,Tarvos Marine Ltd,Tarvos Tankers\n")
    assert run(tmp_path, monkeypatch, "watch", "import", str(watch), "--yes").exit_code == 0
    told = run(tmp_path, monkeypatch, "backtest", "Tarvos").stdout
    assert "Tracked is Tarvos Marine Ltd (key tarvos)" in told
    assert "sanctions-bot backtest 'Tarvos Marine Ltd; Tarvos Tankers'" in told
    assert "Tracked is" not in run(tmp_path, monkeypatch, "backtest", "Velmur").stdout


def test_a_poll_that_read_nothing_of_a_source_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_LISTS", "")
    (tmp_path / "sources.toml").write_text(
        '[[sources]]\nkey = "gone"\ntitle = "Gone"\nurl = "http://127.0.0.1:9/feed"\n'
    )
    done = run(tmp_path, monkeypatch, "poll", "--config", str(tmp_path))
    assert done.exit_code == 1, done.output
    assert "Not read: gone" in done.stderr


def test_a_start_tells_once_what_it_took_of_the_watchlist_file_and_what_shares_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_LISTS", "")
    (tmp_path / "sources.toml").write_text("")
    watch = tmp_path / "watchlist.csv"
    watch.write_text(
        "key,schema,name,countries,identifiers\n"
        "fable,Vessel,Ocean Fable,Atlantis,imoNumber:9187629\n"
        "severin,Vessel,Severin,pa,imoNumber:9187629\n"
        "orlova,Shoe,Orlova Trading,,\n"
    )
    told = run(tmp_path, monkeypatch, "poll", "--config", str(tmp_path)).stderr
    assert told.count("Ocean Fable is tracked without it") == told.count("watchlist row taken in part") == 1
    assert told.count("Shoe") == told.count("watchlist row refused") == 1
    assert "Ocean Fable (key fable) has the IMO number 9187629 already" in told
    assert "watch merge severin into fable" in told
    assert "IMO number" not in run(tmp_path, monkeypatch, "poll", "--config", str(tmp_path)).stderr
    tried = run(tmp_path, monkeypatch, "backtest", "--watch", str(watch)).stderr
    assert "watchlist.csv: taken in part, line 2: the country 'Atlantis' is unknown" in tried
    assert "watchlist.csv: refused, line 4: " in tried


def test_a_look_up_needs_no_file_of_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_database(tmp_path / "data")
    done = run(tmp_path, monkeypatch, "lookup", "Velmur Management", "--config", str(tmp_path))
    assert "is not tracked" in done.output, done.exception


def test_an_address_that_this_machine_has_not_is_no_port_in_use() -> None:
    async def serve() -> None:
        async with serving(quiet_config(None), "192.0.2.1", 0):
            pass

    with pytest.raises(ConfigError, match=r"web_host: cannot listen on 192\.0\.2\.1:0: .*SANCTIONS_BOT_WEB_HOST"):
        asyncio.run(serve())


# ---------------------------------------------------------------- what is loaded


def test_the_version_is_told_without_loading_the_rest() -> None:
    asked = (
        "import sys; from bot.__main__ import main; sys.argv = ['x', 'version']; main(); print('typer' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [__version__, "False"]


# ---------------------------------------------------------------- standard output


@pytest.mark.parametrize(
    ("words", "redirected", "told"),
    [
        ("version", ">/dev/full", "nothing more can be written: No space left on device"),
        ("audit verify", ">/dev/full", "nothing more can be written: No space left on device"),
        ("watch export", ">/dev/full", "nothing more can be written: No space left on device"),
        ("feeds export", ">&-", "standard output: is closed"),
        ("watch export", ">&-", "standard output: is closed"),
        ("feedback export", ">&-", "standard output: is closed"),
    ],
)
def test_an_output_that_cannot_be_written_is_an_error_in_a_sentence(
    data_dir: Path, words: str, redirected: str, told: str
) -> None:
    environment = {**os.environ, "SANCTIONS_BOT_DATA_DIR": str(data_dir)}
    command = f"{sys.executable} -m bot {words} {redirected}"
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr, told in done.stderr) == (2, False, True), done.stderr


@pytest.mark.parametrize("words", [("--port", "70000"), ("--port", "-1"), ("--seconds", "-5"), ("--seconds", "1e12")])
def test_the_demo_refuses_what_it_cannot_do(words: tuple[str, str]) -> None:
    done = CliRunner().invoke(cli, ["demo", "--once", *words])
    assert (done.exit_code, f"Invalid value for '{words[0]}'" in done.output) == (2, True)


def test_the_container_s_health_check_asks_the_port_that_is_set() -> None:
    (asked,) = re.findall(r"^HEALTHCHECK .*\\\n +CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.M)
    command = [sys.executable, *json.loads(asked)[1:]]

    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        set_so = {**os.environ, "SANCTIONS_BOT_WEB_PORT": str(server.server_port)}
        assert subprocess.run(command, env=set_so, check=False).returncode == 0
        server.shutdown()
    assert subprocess.run(command, env=set_so, check=False, capture_output=True).returncode == 1


@pytest.mark.parametrize(
    ("zone", "counts"),
    [(zone, "UTC") for zone in ("", "CET-1CEST", ":/etc/localtime", "Nowhere/Atlantis", "../x")]
    + [("Europe/Berlin", "Europe/Berlin")],
)
def test_a_time_zone_that_a_library_fails_on_counts_as_utc(zone: str, counts: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        correct_zone()
        assert os.environ["TZ"] == counts
    time.tzset()


def test_it_starts_in_whatever_time_zone_the_system_takes(data_dir: Path) -> None:
    environment = {**os.environ, "SANCTIONS_BOT_DATA_DIR": str(data_dir), "TZ": "CET-1CEST"}
    asked = [sys.executable, "-m", "bot", "lists", "status"]
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


# ---------------------------------------------------------------- the log


class Gone(io.StringIO):
    def write(self, _text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")

    def flush(self) -> None:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_log_that_nobody_reads_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Gone())
    try:
        configure_logging("info", "text")
        structlog.get_logger("bot").info("polled", source="wire")
    finally:
        monkeypatch.undo()
        structlog.reset_defaults()


def test_what_a_page_says_neither_forges_a_line_of_the_log_nor_paints_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Feeds' titles, hosts' names and libraries' errors stand in log lines as they came."""
    forged = "x\n2026-01-05T10:00:00Z [info     ] admin added \x1b[2J\x9b31m"
    lines = io.StringIO()
    monkeypatch.setattr(sys, "stderr", lines)
    try:
        configure_logging("info", "text")
        log = structlog.get_logger("bot")
        log.warning("source failed", problem=forged, source="\x1b[2J", host="\x9b31m\u202eten")
        logging.getLogger("some.library").error("refused: %s", forged)
        try:
            raise ValueError(forged)
        except ValueError:
            log.exception("command failed")
    finally:
        monkeypatch.undo()
        structlog.reset_defaults()
        logging.basicConfig(force=True)
    written = lines.getvalue()
    assert not set(written) & set("\x1b\x9b\u202e\r")
    begun = [line for line in written.splitlines() if line[:4].isdigit()]
    assert [word in line for word, line in zip(("source failed", "refused", "command failed"), begun, strict=True)] == [
        True
    ] * 3
    assert "refused: x\\n2026" in begun[1]
    assert "    ValueError: x" in written.splitlines()


# ---------------------------------------------------------------- lists that come, and lists that are held


def test_the_names_are_loaded_when_a_list_comes_and_again_when_it_changes(store: SqlStore) -> None:
    warmed: list[int] = []

    def import_one() -> None:
        with store.writing() as records:
            number = records.begin_import(KEY, NOW)
            last = records.last_import(KEY)
            record = ListImport(number, KEY, NOW, rows=1, added=1, base=last.id if last else 0)
            assert records.apply_import(record, (), NOW.date())

    async def scene() -> None:
        task = asyncio.create_task(keep_warm(store, lambda: warmed.append(1), timedelta(milliseconds=10)))
        await asyncio.sleep(0.3)
        assert not warmed
        for times in (1, 2):
            await asyncio.to_thread(import_one)
            async with asyncio.timeout(60):
                while len(warmed) < times:
                    await asyncio.sleep(0.01)
        task.cancel()
        assert len(warmed) == 2

    asyncio.run(scene())
    store.close()


def test_a_search_that_is_still_loading_does_not_hold_up_the_end() -> None:
    search = SearchProcess("sqlite://", Path("nowhere"))
    search._pool = pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    loading = pool.submit(time.sleep, 600)
    (worker,) = (pool._processes or {}).values()
    search.close()
    ended = time.monotonic() + 120
    while worker.is_alive() and time.monotonic() < ended:
        time.sleep(0.05)
    assert not worker.is_alive()
    with pytest.raises((BrokenProcessPool, CancelledError)):
        loading.result(120)


def test_a_later_broken_file_does_not_hide_the_one_that_waits_to_be_accepted(store: SqlStore) -> None:
    with store.writing() as records:
        for state, reason, rows in (
            (ImportState.STOPPED, "67 % fewer entries", 3),
            (ImportState.STOPPED, "the file is cut off", 0),
        ):
            number = records.begin_import(KEY, NOW)
            records.end_import(ListImport(number, KEY, NOW, state=state, reason=reason, rows=rows, ended_at=NOW))
    services = ListServices(LISTS, frozenset(), next_step=lambda one: "take it with --accept" if one.rows else "")
    with store.reading() as records:
        (status,) = [one for one in load_lists(records, services) if one.official.key == KEY]
    told = told_status(status, NOW)
    assert "the file is cut off" in told
    assert "67 % fewer entries" in told
    assert "take it with --accept" in told
    store.close()


def test_what_stands_between_colons_is_no_emoji() -> None:
    for console in (out, err):
        with console.capture() as shown:
            console.print("write telegram:ID:TOPIC, or feed:new:")
        assert shown.get() == "write telegram:ID:TOPIC, or feed:new:\n"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("", "/var/bot"),
        ("postgresql://ana:hunter2@db.example:5433/alerts", "the database alerts on db.example"),
        ("postgresql:///alerts", "the database alerts"),
        ("sqlite:////srv/other.db", "the database /srv/other.db"),
    ],
)
def test_a_start_says_where_the_data_are(url: str, place: str) -> None:
    from bot.config import Settings

    settings = Settings().model_copy(update={"data_dir": Path("/var/bot"), "database_url": url})
    assert _told_place(settings) == place


def test_a_chat_of_a_platform_that_is_switched_off_is_told_at_the_start() -> None:
    settings = Settings(review_chat="telegram:-100", ops_chat="web:console")
    (told,) = _unreached(settings, {"web"})
    assert told.startswith("review_chat: Telegram is switched off here")
    assert not list(_unreached(settings, {"web", "telegram"}))
    assert not list(_unreached(settings.model_copy(update={"roles": ["match"]}), {"web"}))
