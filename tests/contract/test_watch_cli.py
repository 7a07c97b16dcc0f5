"""Watchlists on the command line: what is changed there stands in the audit log as what is changed in chat does."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.errors import ConfigError
from bot.storage import SqlStore

CONFIG = Path(__file__).parents[2] / "config"


def test_imports_and_undos_are_in_the_audit_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/bot.sqlite"
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", url)
    monkeypatch.setenv("SANCTIONS_BOT_CONFIG_DIR", str(CONFIG))
    names = tmp_path / "names.csv"
    names.write_text("key,schema,name\norlan,Company,Orlan Works\n", encoding="utf-8")
    for words in (["watch", "import", str(names)], ["watch", "import", str(names), "--yes"], ["watch", "undo", "1"]):
        result = CliRunner().invoke(cli, words)
        assert result.exit_code == 0, result.output
    store = SqlStore(url)
    with store.reading() as records:
        undo, taken = (one.row for one in records.latest_audit())
    store.close()
    assert (taken.who, taken.what, taken.before, taken.after) == (
        "terminal:owner", "watch import", "names.csv", "edit 1: 1 name",
    )  # fmt: skip
    assert (undo.what, undo.before, undo.after) == ("watch undo", "edit 1", "edit 2")


def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", f"sqlite:///{tmp_path}/bot.sqlite")
    monkeypatch.setenv("SANCTIONS_BOT_CONFIG_DIR", str(CONFIG))
    return CliRunner().invoke(cli, list(words))


def test_a_number_that_somebody_has_already_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = tmp_path / "names.csv"
    names.write_text("key,name,imo\nsev,Severin,9187629\n", encoding="utf-8")
    assert shell(tmp_path, monkeypatch, "watch", "import", str(names), "--yes").exit_code == 0
    names.write_text("key,name,imo\neagle,Eagle S,9187629\n", encoding="utf-8")
    told = shell(tmp_path, monkeypatch, "watch", "import", str(names)).output
    assert "of a known number: Eagle S: Severin (key sev) has the IMO number 9187629 already" in told
    assert "merge them afterwards: /watch merge eagle into sev\n" in told


REFUSED_EXPORTS = {
    "a folder that is not there": (("-o", "none/names.csv"), "cannot be written: No such file"),
    "a watchlist that is not there": (("--list", "oli"), "there is no watchlist oli (there are main"),
    "a form that is not there": (("--format", "pdf"), "no format pdf (there are csv, xlsx, json)"),
    "a workbook that is called a table": (
        ("--format", "xlsx", "-o", "names.csv"),
        "is called .csv, and --format is xl",
    ),
}


@pytest.mark.parametrize(("words", "told"), REFUSED_EXPORTS.values(), ids=REFUSED_EXPORTS)
def test_an_export_that_cannot_be_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shell(tmp_path, monkeypatch, "migrate").exit_code == 0
    error = shell(tmp_path, monkeypatch, "watch", "export", *words).exception
    assert isinstance(error, ConfigError)
    assert told in str(error)


@pytest.mark.parametrize(
    ("words", "begins"),
    {
        "a workbook": (("-o", "names.XLSX"), b"PK"),
        "FollowTheMoney": (("-o", "names.json"), b""),
        "a table": (("-o", "names.csv"), b"\xef\xbb\xbfkey,"),
        "a table by default": (("-o", "names"), b"\xef\xbb\xbfkey,"),
        "as is said": (("-o", "names", "--format", "xlsx"), b"PK"),
    }.values(),
)
def test_an_export_has_the_form_that_its_name_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], begins: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shell(tmp_path, monkeypatch, "migrate").exit_code == 0
    assert shell(tmp_path, monkeypatch, "watch", "export", *words).exit_code == 0
    written = (tmp_path / words[1]).read_bytes()
    assert written.startswith(begins)
    assert begins or written == b"", "no names, no lines"


def test_a_history_without_an_edit_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell(tmp_path, monkeypatch, "migrate").exit_code == 0
    assert "Nothing was changed yet" in shell(tmp_path, monkeypatch, "watch", "history").output


def test_a_file_with_other_columns_beside_the_names_replaces_a_watchlist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tmp_path / "names.csv"
    names.write_text("Name,Account manager\nOrlan Works,Ana\nVolga Lines,Ben\n", encoding="utf-8")
    first = shell(tmp_path, monkeypatch, "watch", "import", str(names), "--yes")
    assert "2 new, 0 changed, 0 unchanged, 0 removed, 0 refused" in first.output
    names.write_text("Name,Account manager\nOrlan Works,Ana\n", encoding="utf-8")
    second = shell(tmp_path, monkeypatch, "watch", "import", str(names), "--replace")
    assert "Unknown and left out: the column 'Account manager'" in second.output
    assert "0 new, 0 changed, 1 unchanged, 1 removed, 0 refused" in second.output
    names.write_text("Name,Account manager\n", encoding="utf-8")  # an export that failed
    third = shell(tmp_path, monkeypatch, "watch", "import", str(names), "--replace", "--yes")
    assert third.exit_code == 1
    assert "Nothing is removed: the file holds no name" in third.output


def test_roles_are_given_on_the_machine_also_where_the_only_owner_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def admin(*words: str) -> Result:
        return shell(tmp_path, monkeypatch, "admin", *words)

    assert "is an owner now" in admin("add", "web:0123456789abcdef", "owner").output
    only = admin("remove", "web:0123456789abcdef")
    assert (only.exit_code, "that is the only owner" in only.output) == (2, True)
    assert admin("add", "telegram:7", "owner").exit_code == 0
    assert admin("remove", "web:0123456789abcdef").exit_code == 0
    assert "telegram:7: owner" in admin("list").output
    assert "telegram:7: owner" in admin().output
    for words in (["add", "7"], ["AAAA-BBBB-CCCC-DDDD"], ["allow", "chat", "here"]):
        refused = admin(*words)
        assert (refused.exit_code, "sanctions-bot admin add" in refused.output) == (2, True), words
