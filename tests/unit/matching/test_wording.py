"""Evidence in a person's words."""

import re
import tomllib
from importlib.resources import files

import pytest

from bot.matching.weights import load_weights
from bot.matching.wording import told, told_against, told_change, told_reasons, told_sense
from bot.model import Cue, Verdict

VOCABULARY = files("bot.matching") / "vocabulary"
NAMES = sorted(load_weights().table)
KINDS = (
    "new",
    "assumed",
    "undated",
    "earlier",
    "possible",
    "relief",
    "renewal",
    "enforcement",
    "standing",
    "exclusion",
)
SOURCE = (files("bot.matching") / "evidence.py").read_text(encoding="utf-8")
BARE_NAME = re.compile(r"\b\w+\.\w+|_|@|\|")  # dotted names, patterns


@pytest.mark.parametrize("name", NAMES)
def test_every_weighed_piece_of_evidence_has_words(name: str) -> None:
    phrase = told(name)
    assert phrase != name.replace(".", " ").replace("_", " "), "add it to vocabulary/wording.toml"
    assert not BARE_NAME.search(phrase)


@pytest.mark.parametrize("name", re.findall(r"\.add\(\"([\w.]+)\"", SOURCE))
def test_every_piece_that_the_engine_names_outright_has_words(name: str) -> None:
    assert told(name) != name.replace(".", " ").replace("_", " ")


@pytest.mark.parametrize(
    ("name", "text", "phrase"),
    [
        ("new.target", "added to the list", "said to be newly sanctioned: “added to the list”"),
        ("new.target.weak", "named", "said to be newly sanctioned (in vague words): “named”"),
        ("standing.target (standing: @listed|put|…)", "since 2018", "said to be under sanctions already: “since 2018”"),
        ("exclusion.target", "was spared", "said to be not sanctioned: “was spared”"),
        ("top.exclusion", "", "above all, it is said to be not sanctioned"),
        (
            "top.standing.new", "",
            "above all, it is said to be under sanctions already, in an article about new sanctions",
        ),
        ("silent.new", "", "the article is about new sanctions, and no sentence says it of this name"),
        ("silent.new.related", "", "only said to own, serve or deal with another"),
        (
            "silent.new.subject.Company.fits", "",
            "the subject of a sentence that tells no act, while new targets of its kind are told of without names",
        ),
        ("role.credit", "", "in a byline or credit"),
        ("something.never.seen", "", "something never seen"),
        ("", "", "no reason is known"),
    ],
)  # fmt: skip
def test_a_piece_of_evidence_is_told_in_plain_words(name: str, text: str, phrase: str) -> None:
    assert told(name, text) == phrase


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "place", ["target", "item", "named", "back", "back_group", "back_other", "agent", "clause", "sentence"]
)
def test_every_kind_composes_with_every_place(kind: str, place: str) -> None:
    assert not BARE_NAME.search(told(f"{kind}.{place}"))
    assert told(f"{kind}.{place}.weak").endswith("(in vague words)")


def test_a_long_quotation_is_cut_between_words() -> None:
    phrase = told("role.credit", "word " * 40)
    assert phrase.endswith("word…”")
    assert len(phrase) < 120


def test_reasons_begin_with_the_articles_own_words_and_say_each_thing_once() -> None:
    cues = (
        Cue("", "top.new", 3.0),
        Cue("", "article.new", 1.0),
        Cue("blocked", "new.target (new: block|…)", 0.9),
        Cue("", "silent.Company", 0.5),
        Cue("Friday", "earlier.clause", -0.4),
    )
    assert told_reasons(cues) == ("said to be newly sanctioned: “blocked”", "the article is about new sanctions")
    assert told_against(cues) == ("only beside another, who is said to be sanctioned at an earlier time: “Friday”",)


def test_how_a_name_stands_is_told_in_one_phrase_and_not_for_and_against() -> None:
    cues = (
        Cue("", "silent.new.subject", 0.9),
        Cue("", "silent.new.subject.fits", 0.8),
        Cue("", "silent.new.subject.opens", 0.7),
        Cue("", "silent.new.subject.Person.lead", -0.7),
    )
    assert told_reasons(cues) == (
        "the subject of a sentence that tells no act, while new targets of its kind are told of without names, "
        "at the head of a paragraph",
    )
    assert told_against(cues) == ("near the beginning",)


def test_a_mere_kind_of_name_is_a_reason_only_where_there_is_no_other() -> None:
    assert told_reasons((Cue("", "silent.Person", 1.0),)) == ("a person, of which no act is told",)
    assert told_reasons((Cue("", "silent.Person", 1.0), Cue("", "article.new", 0.5))) == (
        "the article is about new sanctions",
    )


ODDS = {Verdict.NEW_SANCTIONS: 0.2, Verdict.BACKGROUND: 0.75, Verdict.BYSTANDER: 0.05}


def test_what_would_change_it_is_a_sentence() -> None:
    assert told_change(Verdict.BACKGROUND, ODDS) == (
        "had a sentence said that this very name was sanctioned now, the verdict would be new sanctions "
        "(as it stands 20 % probable)"
    )
    assert told_change(Verdict.NEW_SANCTIONS, ODDS).startswith("had the act been said to lie further back, the verdict")


def test_new_sanctions_that_are_too_unsure_are_told_as_such() -> None:
    odds = {Verdict.NEW_SANCTIONS: 0.45, Verdict.BYSTANDER: 0.4, Verdict.POSSIBLE: 0.15}
    assert told_change(Verdict.BYSTANDER, odds).endswith("most probable even so (45 %), but too unsure for an alert")


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.ABSENT])
def test_every_verdict_says_what_would_lead_to_it(verdict: Verdict) -> None:
    odds = dict.fromkeys([one for one in Verdict if one is not Verdict.ABSENT], 0.01) | {verdict: 0.9}
    assert "_" not in told_change(Verdict.NEW_SANCTIONS if verdict is not Verdict.NEW_SANCTIONS else verdict, odds)


def test_every_other_sense_of_the_word_has_words() -> None:
    senses = {
        found
        for path in VOCABULARY.iterdir()
        if path.name.endswith(".toml")
        for found in re.findall(r"^\[cues\.sense_(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    other = told_sense("")
    assert senses
    assert {sense for sense in senses if told_sense(sense) == other} == set()


def test_the_phrases_are_all_of_use() -> None:
    """Every phrase is reached by some evidence: nothing is left over from names that are gone."""
    wording = tomllib.loads((VOCABULARY / "wording.toml").read_text(encoding="utf-8"))
    known = set(NAMES) | set(re.findall(r"\"([\w.]+)\"", SOURCE)) | {part for name in NAMES for part in name.split(".")}
    for table in ("said", "signs", "stances", "schemas"):
        assert set(wording[table]) - known - {"weak", "other", "none"} == set()
