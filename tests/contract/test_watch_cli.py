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


REFUSED_EXPORTS = {
    "a folder that is not there": (("-o", "none/names.csv"), "cannot be written: No such file"),
    "a watchlist that is not there": (("--list", "oli"), "there is no watchlist oli (there are main"),
}


@pytest.mark.parametrize(("words", "told"), REFUSED_EXPORTS.values(), ids=REFUSED_EXPORTS)
def test_an_export_that_cannot_be_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    error = shell(tmp_path, monkeypatch, "watch", "export", *words).exception
    assert isinstance(error, ConfigError)
    assert told in str(error)


def test_a_history_without_an_edit_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nothing was changed yet" in shell(tmp_path, monkeypatch, "watch", "history").output
