"""Look-ups and comparisons on the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli, main
from bot.spreadsheets import read_table, write_xlsx

ROWS = ((36, "VELMUR MANAGEMENT PTE LTD"), (4107, "AEROCARIBBEAN AIRLINES"), (50001, "=ORLOVA TRADING"))


def run(*words: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, list(words), input=given)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# ---------------------------------------------------------------- compare

PAIRS = (
    'id,schema,Name1,name2,label\n1,Person,"Ivanov, Sergei",Сергей Иванов,1\n'
    '2,company,"Velmur ""Management""",Other Ltd,0\n3,,Bank Melli,Bank Melli,1\n4,Person,,Ivanov,0\n5,Vessel,X\n'
)


def test_pairs_are_scored_with_reasons_and_keep_their_columns() -> None:
    done = run("compare", "-", given="\ufeff" + PAIRS)
    assert done.exit_code == 0, done.output
    found = rows_of(done.stdout)
    assert list(found[0]) == ["id", "schema", "Name1", "name2", "label", "score", "explanation"]
    assert [row["id"] for row in found] == list("12345")
    assert [float(row["score"]) >= 0.8 for row in found] == [True, False, True, False, False]
    assert found[1]["Name1"] == 'Velmur "Management"'
    assert "transliterated" in found[0]["explanation"]
    assert found[3]["explanation"] == "no letter or digit"


def test_pairs_come_from_a_file_and_go_to_one(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text(PAIRS.replace(",", ";").replace('"Ivanov; Sergei"', "Ivanov Sergei"), "utf-8")
    (tmp_path / "pairs.xlsx").write_bytes(write_xlsx([("schema", "name1", "name2"), ("Person", "A B", "A B")], "Pairs"))
    assert run("compare", str(tmp_path / "pairs.csv"), "-o", str(tmp_path / "out.csv")).exit_code == 0
    assert len(rows_of((tmp_path / "out.csv").read_text("utf-8"))) == 5
    assert rows_of(run("compare", str(tmp_path / "pairs.xlsx")).stdout)[0]["score"] == "1.0000"


def test_a_line_that_is_no_row_is_told_and_the_rest_is_scored() -> None:
    done = run("compare", "-", given='schema,name1,name2\nPerson,"A" B,C\nPerson,A B,A B\n')
    assert done.exit_code == 1
    assert "line 2" in done.stderr
    assert [row["score"] for row in rows_of(done.stdout)] == ["1.0000"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("schema,name1\nPerson,A\n", "the column name2 is missing (its first line names the columns"),
        ("a,b\n1,2\n", "the columns schema, name1 and name2 are missing"),
        ("", "are missing"),
        ("schema,name1,name2\nPerson,A,B\nShoe,A,B\n", "standard input line 3: the kind 'Shoe' is unknown"),
    ],
)
def test_what_is_no_table_of_pairs_is_refused_by_name(
    given: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in refused(monkeypatch, capsys, ["compare", "-"], given.encode())


def refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: Sequence[str], given: bytes = b""
) -> str:
    """What the program tells when it ends with exit code 2, having written nothing else."""
    monkeypatch.setattr("sys.argv", ["sanctions-bot", *words])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    return " ".join(shown.err.split())


# ---------------------------------------------------------------- lookup


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "ofac").mkdir()
    body = "".join(f'{uid},"{name}",-0- ,"DPRK3"{",-0- " * 8}\r\n' for uid, name in ROWS) + "\x1a\r\n"
    for name, content in {
        "sdn.csv": body,
        "alt.csv": '36,1,"aka","V 36",-0- \r\n',
        "add.csv": '36,1,"Dock 4","Samara","Russia",-0- \r\n',
    }.items():
        (tmp_path / "ofac" / name).write_text(content)
    done = run("lists", "import", "ofac", str(tmp_path / "ofac"))
    assert done.exit_code == 0, done.output
    return tmp_path


def test_a_name_a_number_and_a_table_are_looked_up(
    listed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(run("lookup", "Velmur", "--json").stdout)
    (hit,) = found["hits"]
    assert (hit["list"], hit["uid"], hit["programmes"]) == ("us_ofac_sdn", "36", ["DPRK3"])
    assert hit["score"] >= 0.8
    assert "half of the name" in hit["explanation"]
    assert found["searched"][0]["entries"] == 3
    assert "VELMUR MANAGEMENT" in run("lookup", "OFAC", "36").stdout

    today = datetime.now(UTC).date().isoformat()
    assert "1 listed record of 1" in run("lookup", "Velmur", "on", today).stdout
    then = json.loads(run("lookup", "Velmur", "--on", "2019-01-01", "--json").stdout)["on"]
    assert (then["day"], then["records"][0]["uid"], then["records"][0]["listed"]) == ("2019-01-01", "36", None)
    assert "on 1 Jan 2019: not known" in run("lookup", "Velmur", "--on", "2019-01-01").stdout
    assert "tells no day of listing" in run("lookup", "Velmur", "--on", "2019-01-01").stdout
    assert "is no day" in refused(monkeypatch, capsys, ["lookup", "Velmur", "--on", "yesterday"])
    assert "is yet to come" in refused(monkeypatch, capsys, ["lookup", "Velmur", "--on", "2999-01-01"])

    (listed / "names.csv").write_text("name,note\nVelmur Management,ours\n=ORLOVA TRADING,+1\nNobody Here,\n", "utf-8")
    done = run("lookup", str(listed / "names.csv"))
    assert done.exit_code == 0
    rows = rows_of(done.stdout)
    assert [row["id"] for row in rows] == ["36", "50001", ""]
    assert rows[1]["name"] == "'=ORLOVA TRADING"  # no cell becomes a formula
    assert rows[1]["note"] == "'+1"
    assert "3 names looked up: 2 with a hit" in done.stderr

    (listed / "names.xlsx").write_bytes(write_xlsx([("name",), ("Velmur Management",)], "Names"))
    done = run("lookup", "--file", str(listed / "names.xlsx"), "-o", str(listed / "out.xlsx"))
    assert (done.exit_code, done.stdout) == (0, "")
    assert read_table((listed / "out.xlsx").read_bytes(), "out.xlsx").rows[1].cells[3] == "36"
    assert rows_of(run("lookup", "--file", "-", given="Velmur Management\n").stdout)[0]["id"] == "36"

    assert "tells of one name" in refused(monkeypatch, capsys, ["lookup", "--file", "x.csv", "--json"])
    assert "nowhere.csv: cannot be read" in refused(monkeypatch, capsys, ["lookup", "--file", "nowhere.csv"])


@pytest.mark.parametrize(
    "words", [("Velmur",), ("Velmur", "--json"), ("--file", "-"), ("Velmur", "--on", "2020-01-01")]
)
def test_where_no_list_was_read_the_exit_code_and_a_sentence_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path / "data"))
    assert run("migrate").exit_code == 0
    done = run("lookup", *words, given="Velmur\n")
    assert done.exit_code == 3, done.output
    said = done.stdout if words == ("Velmur",) else done.stderr  # the card of a name says so itself
    assert said.count("No official list has been read yet") == 1
    assert "sanctions-bot lists import" in said
