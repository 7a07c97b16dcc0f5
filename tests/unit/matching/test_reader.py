"""The small network: what goes in, what comes out, and that parts can be left out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from bot.matching.arrays import attend, gelu
from bot.matching.cues import load_vocabulary
from bot.matching.encoder import ENGLISH, LANGUAGES, load_encoder
from bot.matching.notices import Section
from bot.matching.passages import read_passages
from bot.matching.reader import HEADS, find_stretches, heard, load_reader, seen_by_heads
from bot.matching.readings import Sentence
from bot.matching.reasons import Cue, find_parts, load_wording, told_change, told_reasons, weigh_parts
from bot.matching.signs import Signs, find_signs
from bot.matching.verdicts import decide_verdict
from bot.model import Article, Entity, Mention, Schema, Strength, Verdict
from tests.join_readers import SHIPPED
from tests.join_readers import main as join

TEXT = "The Treasury on Tuesday added Orlan Works to its sanctions list. Bolt Marine was listed in 2018."


def prepared(text: str = TEXT, *names: str) -> tuple[list[Sentence], Signs]:
    names = names or ("Orlan Works", "Bolt Marine")
    article = Article(
        key="a",
        url="https://example.org/a",
        outlet="Example",
        title="A network is hit",
        summary="",
        paragraphs=(text,),
        published_at=datetime(2025, 6, 12, 9, 0, tzinfo=UTC),
        language="en",
    )
    paragraph = len(article.blocks) - 1
    entities = {name: Entity(key=name, schema=Schema.COMPANY, caption=name) for name in names}
    mentions = [
        Mention(name, paragraph, text.find(name), text.find(name) + len(name), name, Strength.STRONG, name)
        for name in names
        if name in text
    ]
    vocabulary = load_vocabulary("en")
    assert vocabulary is not None
    sentences = read_passages(article, mentions, vocabulary)
    return sentences, find_signs(sentences, mentions, entities, vocabulary)


def signs_at(signs: Signs, word: str) -> list[str]:
    return signs.signs[signs.words.index(word)]


def test_signs_are_those_of_cues_acts_times_and_places() -> None:
    _, signs = prepared()
    assert {"hit0:designation", "act:new", "blk:paragraph", "ord:1"} <= set(signs_at(signs, "added"))
    assert "t:recent" in signs_at(signs, "tuesday")
    assert "t:old" in signs_at(signs, "2018")
    orlan, bolt = (signs.signs[token] for token, _ in signs.names)
    assert {"tgt:new", "schema:Company", "k:mention"} <= set(orlan)
    assert {"tgt:earlier", "tgt:standing"} & set(bolt)


def test_a_name_itself_is_never_a_sign() -> None:
    _, signs = prepared()
    assert not any("orlan" in sign.lower() for own in signs.signs for sign in own)
    assert [signs.words[token] for token, _ in signs.names] == ["", ""]


def test_the_same_article_with_other_names_reads_the_same() -> None:
    _, one = prepared()
    _, other = prepared(TEXT.replace("Orlan Works", "Kestrel Yard"), "Kestrel Yard", "Bolt Marine")
    first, second = (
        load_reader().read(one, knows_words=True)["Orlan Works"],
        load_reader().read(other, knows_words=True)["Kestrel Yard"],
    )
    assert first.odds == pytest.approx(second.odds, abs=1e-5)


def test_odds_are_of_every_verdict_and_sum_to_one() -> None:
    _, signs = prepared()
    for reading in load_reader().read(signs, knows_words=True).values():
        assert set(reading.odds) == set(Verdict)
        assert sum(reading.odds.values()) == pytest.approx(1.0, abs=1e-4)


def test_reading_is_repeatable_to_the_bit() -> None:
    _, signs = prepared()
    assert load_reader().read(signs, knows_words=True) == load_reader().read(signs, knows_words=True)


def test_a_long_passage_is_read_in_stretches_that_begin_alike() -> None:
    sentence_of = [number for number in range(60) for _ in range(20)]
    stretches = find_stretches(sentence_of)
    fresh = [token for stretch in stretches for token in stretch.tokens[stretch.again :].tolist()]
    assert fresh == list(range(1200))
    assert all(len(stretch.tokens) <= 420 for stretch in stretches)
    assert [stretch.again for stretch in stretches] == [0, *[80] * (len(stretches) - 1)]
    assert len(find_stretches(sentence_of[:400])) == 1
    assert len(find_stretches([7] * 1000)) == 1  # a sentence is never cut


def test_a_long_article_is_read_as_its_parts_are() -> None:
    filler = "The harbour was quiet that day and nothing of note was said at the market. " * 30
    _, signs = prepared(TEXT + " " + filler)
    _, short = prepared()
    long, brief = load_reader().read(signs, knows_words=True), load_reader().read(short, knows_words=True)
    for name in brief:
        assert max(long[name].odds, key=lambda v: long[name].odds[v]) == max(
            brief[name].odds, key=lambda v: brief[name].odds[v]
        )


def test_nobody_named_is_nobody_read() -> None:
    _, signs = prepared("Nobody is here.", "Acme")
    assert load_reader().read(signs, knows_words=True) == {}


def test_without_anything_said_a_designation_is_less_probable() -> None:
    _, signs = prepared()
    said = range(len(signs.words))
    reader = load_reader()
    before = reader.read(signs, knows_words=True)["Orlan Works"]
    without = reader.without(signs, said)["Orlan Works"]
    assert without[Verdict.NEW_SANCTIONS] < before.plain[Verdict.NEW_SANCTIONS]
    assert before.shifted(without)[Verdict.NEW_SANCTIONS] < before.odds[Verdict.NEW_SANCTIONS]


def test_odds_that_change_nothing_shift_nothing() -> None:
    _, signs = prepared()
    for reading in load_reader().read(signs, knows_words=True).values():
        assert reading.shifted(reading.plain) == pytest.approx(reading.odds, abs=1e-5)


@pytest.mark.parametrize(("doubt", "asked"), [((0.0, 1.0), True), ((2.0, 2.0), False)])
def test_the_encoder_is_asked_in_doubt_alone(
    doubt: tuple[float, float], asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, signs = prepared()
    monkeypatch.setattr("bot.matching.reader._DOUBT", doubt)
    monkeypatch.setattr("bot.matching.reader._UNSURE", 0.0)
    readings = load_reader().read(signs, knows_words=True)
    assert all((reading.odds != reading.plain) == asked for reading in readings.values())
    assert all(sum(reading.odds.values()) == pytest.approx(1.0, abs=1e-4) for reading in readings.values())


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("Orlan Works opened a second hall in spring, and the mayor came.", False),
        ("Orlan Works opened a second hall, though its owner is under sanctions.", True),
        (
            "Orlan Works opened a second hall, though its owner stays on the EU list.",
            True,
        ),  # a plain act, in no such word
    ],
)
def test_what_else_an_article_of_another_field_says_is_left_to_the_small_networks(
    text: str, speaks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, signs = prepared(text, "Orlan Works")
    monkeypatch.setattr("bot.matching.reader._DOUBT", NEVER)
    monkeypatch.setattr("bot.matching.reader._UNSURE", 1.1)
    (reading,) = load_reader().read(signs, knows_words=True).values()
    assert signs.speaks is speaks
    assert (reading.odds != reading.plain) is speaks


NEVER, ALWAYS = (2.0, 2.0), (0.0, 1.0)


@pytest.mark.parametrize(
    ("knows_words", "still", "names"),
    [
        (True, NEVER, [ENGLISH]),
        (True, ALWAYS, [ENGLISH, LANGUAGES]),  # in doubt still: both
        (False, NEVER, [LANGUAGES]),
    ],
)
def test_which_encoders_are_asked(
    knows_words: bool, still: tuple[float, float], names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    _, signs = prepared()
    monkeypatch.setattr("bot.matching.reader._DOUBT", ALWAYS)
    monkeypatch.setattr("bot.matching.reader._STILL", still)
    monkeypatch.setattr("bot.matching.reader.load_encoder", lambda told: asked.append(told) or load_encoder(told))
    for reading in load_reader().read(signs, knows_words=knows_words).values():
        assert sum(reading.odds.values()) == pytest.approx(1.0, abs=1e-4)
    assert asked == names


def test_each_of_two_names_has_its_own_sentence() -> None:
    sentences, signs = prepared()
    readings = load_reader().read(signs, knows_words=True)
    texts = {s.ordinal: s.text for s in sentences}
    assert "Orlan" in texts[readings["Orlan Works"].sentence]
    assert "Bolt" in texts[readings["Bolt Marine"].sentence]


def test_parts_are_cues_times_and_whole_sentences() -> None:
    sentences, _ = prepared()
    parts = find_parts(sentences, "Bolt Marine", deciding=2)
    assert {"2018"} <= {part.text for part in parts}
    assert {"place.deciding", "place.title", "place.lead"} <= {part.what for part in parts}
    assert len(parts) <= 9


def test_a_part_is_worth_what_is_lost_without_it() -> None:
    sentences, _ = prepared()
    parts = find_parts(sentences, "Orlan Works", deciding=1)[:2]
    base = dict.fromkeys(Verdict, 0.01) | {Verdict.NEW_SANCTIONS: 0.92}
    worse = dict.fromkeys(Verdict, 0.01) | {Verdict.BYSTANDER: 0.8, Verdict.NEW_SANCTIONS: 0.13}
    cues, turning = weigh_parts(
        parts, base, decide_verdict, lambda tokens: worse if tokens == parts[0].tokens else base
    )
    assert [cue.text for cue in cues] == [parts[0].text]
    assert cues[0].weight > 1
    assert turning == parts[0]


def test_what_falls_below_the_floor_turns_the_verdict_too() -> None:
    sentences, _ = prepared()
    part = find_parts(sentences, "Orlan Works", deciding=1)[0]
    base = dict.fromkeys(Verdict, 0.0) | {Verdict.NEW_SANCTIONS: 0.7, Verdict.BACKGROUND: 0.3}
    less = dict.fromkeys(Verdict, 0.0) | {Verdict.NEW_SANCTIONS: 0.55, Verdict.BACKGROUND: 0.45}
    assert weigh_parts([part], base, lambda odds: decide_verdict(odds, 0.6), lambda _: less)[1] == part
    assert weigh_parts([part], base, lambda odds: decide_verdict(odds, 0.5), lambda _: less)[1] is None
    doubtful = dict.fromkeys(Verdict, 0.0) | {Verdict.NEW_SANCTIONS: 0.5, Verdict.BACKGROUND: 0.4}
    assert weigh_parts([part], doubtful, lambda odds: decide_verdict(odds, 0.6), lambda _: doubtful)[1] is None


def test_reasons_are_told_in_words_with_the_articles_own() -> None:
    cues = (
        Cue("added to its list", "designation: add~ .. to .. @list", 2.0),
        Cue("list", "topic_sure: list", 1.0),
        Cue("in 2018", "date", -1.0),
    )
    assert told_reasons(cues) == ("words of a designation: “added to its list”",)
    assert told_reasons(cues, speaking_for=False) == ("a date: “in 2018”",)


def test_the_sentence_that_is_shown_is_a_reason_where_none_of_its_words_is() -> None:
    whole = Cue("The EU may sanction Acme.", "place.deciding", 2.0)
    inside, title = Cue("may sanction", "proposal: may sanction", 1.0), Cue("A plan for more", "place.title", 0.5)
    assert told_reasons((whole, inside)) == ("words of a proposal: “may sanction”",)
    assert told_reasons((whole, title)) == ("that sentence as a whole", "the title: “A plan for more”")
    against = Cue("may sanction", "proposal: may sanction", -1.0)
    assert told_reasons((whole, against)) == ("that sentence as a whole",)


def test_the_same_words_are_not_told_both_for_and_against() -> None:
    words = "added Acme to its list"
    rule = "designation: add~ .. to .. @list"
    cues = (Cue(words, rule, 0.4), Cue("in 2018", "date", -0.2), Cue(words, rule, -0.1))
    assert told_reasons(cues) == (f"words of a designation: “{words}”",)
    assert told_reasons(cues, speaking_for=False) == ("a date: “in 2018”",)


def test_what_would_change_it_names_the_next_verdict() -> None:
    odds = dict.fromkeys(Verdict, 0.0) | {Verdict.NEW_SANCTIONS: 0.7, Verdict.BACKGROUND: 0.3}
    told = told_change(Verdict.NEW_SANCTIONS, odds, None)
    assert "background" in told
    assert "30%" in told


def test_every_class_of_cue_that_is_told_has_words() -> None:
    wording = load_wording()
    vocabulary = load_vocabulary("en")
    assert vocabulary is not None
    assert {pattern.kind for pattern in vocabulary.patterns} - set(wording["cues"]) == set()
    assert set(wording["change"]) == set(Verdict)
    assert {f"section:{name}" for name in wording["sections"]} == set(Section)


def test_the_learnt_numbers_are_finite() -> None:
    for network in (load_reader()._small, *load_reader()._in_context.values()):
        assert all(np.isfinite(value).all() for value in network._n.values())


def test_blocks_hear_what_is_seen_as_a_whole() -> None:
    """Of each block, what is not around it is out of sight of the near heads."""
    rng = np.random.default_rng(1)
    sentence_of = np.repeat([0, 1, 2, 5, 6, 7, 8, 11], [1, 60, 3, 30, 100, 2, 40, 9])
    parts = rng.standard_normal((len(sentence_of), 3, HEADS, 16)).astype(np.float32)
    asked, keys, values = parts.transpose(1, 2, 0, 3)
    whole = attend(asked / np.float32(4), keys, values, seen_by_heads(sentence_of)).swapaxes(0, 1)
    (stretch,) = find_stretches(sentence_of.tolist())
    assert len(stretch.blocks) > 2
    assert sum(block.asking.stop - block.asking.start for block in stretch.blocks) == len(sentence_of)
    assert heard(parts, stretch.blocks) == pytest.approx(whole, abs=1e-5)


def test_each_head_sees_its_own_part_of_the_article_and_minds_distance() -> None:
    rng = np.random.default_rng(2)
    sentence_of = np.repeat([0, 1, 2, 5, 6, 9], [3, 70, 1, 30, 60, 5])
    seen = seen_by_heads(sentence_of)
    for here, there in rng.integers(0, len(sentence_of), (2000, 2)):
        apart = there - here
        between = sentence_of[there] - sentence_of[here]
        rules = (
            (between == 0, 0.3),
            (between == 0 and apart <= 0, 0.1),
            (between == 0 and apart >= 0, 0.1),
            (between in (-1, 0), 0.02),
            (between in (0, 1), 0.02),
            (True, 0.0),
            (apart <= 0, 0.005),
            (True, 0.01),
        )
        told = [-slope * abs(apart) if visible else -1e4 for visible, slope in rules]
        assert seen[:, here, there].tolist() == pytest.approx(told, rel=1e-6), (here, there)


@pytest.mark.parametrize("size", [0.1, 4, 90, 1000])
def test_attention_is_a_weighted_mean_however_large_its_numbers(size: float) -> None:
    """The greatest is taken off before the exponential function only where that has no number for it."""
    rng = np.random.default_rng(3)
    asked, keys, values = rng.standard_normal((3, 2, 50, 16)).astype(np.float32)
    asked *= np.float32(size)
    asked[0] -= np.float32(size)
    alike = asked.astype(np.float64) @ keys.swapaxes(-1, -2)
    shares = np.exp(alike - alike.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    assert attend(asked, keys, values) == pytest.approx(shares @ values, abs=1e-3)
    far = np.full((50, 50), -1e4, np.float32)  # nothing is seen
    assert attend(asked * 0, keys, values, far) == pytest.approx(np.repeat(values.mean(1)[:, None], 50, 1), abs=1e-5)


def test_the_gelu_written_with_exp_is_the_one_with_tanh() -> None:
    x = np.linspace(-100, 100, 100_001, dtype=np.float32)[:, None]
    inner = np.float64(0.7978845608) * (x + 0.044715 * x.astype(np.float64) ** 3)
    assert gelu(x.copy()) == pytest.approx(0.5 * x * (1 + np.tanh(inner)), abs=1e-5)


def test_readers_that_were_learnt_anew_keep_how_the_shipped_ones_share_and_are_calibrated(tmp_path: Path) -> None:
    """What ships, taken apart and joined by the command of docs/verdicts.md, is what ships."""
    with np.load(SHIPPED, allow_pickle=False) as data:
        shipped = {name: data[name] for name in data.files}
    parts = {"small": ("small.", "vector", "words", "signs"), "context": ("context.", "signs"),
             "languages": ("languages.", "signs")}  # fmt: skip
    for part, begins in parts.items():
        np.savez(tmp_path / part, **{name: value for name, value in shipped.items() if name.startswith(begins)})
    given = [tmp_path / "small.npz", "--context", tmp_path / "context.npz", "--languages", tmp_path / "languages.npz"]
    join([*map(str, given), "--output", str(tmp_path / "joined.npz")])
    with np.load(tmp_path / "joined.npz", allow_pickle=False) as joined:
        assert {name for name in shipped if not np.array_equal(joined[name], shipped[name])} == set()
        assert set(joined.files) == set(shipped)
    join([*map(str, given), "--share", "0.25", "--calibration", "0:0 1:1", "--output", str(tmp_path / "other.npz")])
    with np.load(tmp_path / "other.npz", allow_pickle=False) as other:
        assert float(other["share_of_context"]) == 0.25
        assert other["calibration"].tolist() == [[0, 1], [0, 1]]
        assert float(other["temperature"]) == float(shipped["temperature"])
