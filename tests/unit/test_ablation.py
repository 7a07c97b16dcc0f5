"""What tests/ablate.py leaves out is left out for every network that reads."""

from bot.matching.reader import Reading
from bot.model import Verdict
from tests.ablate import odds_of, signs_of, without

ITEM = {
    "id": "ablation",
    "title": "Treasury lists a shipper",
    "body": "The Treasury added Orlan Works to its sanctions list on Tuesday.",
    "published": "2025-03-04T10:00:00+00:00",
    "watch": [{"key": "orlan", "schema": "Company", "name": "Orlan Works"}],
}


def test_words_left_out_are_left_out_as_written_too() -> None:
    """The encoder of all languages reads what is written, the others the folded words."""
    signs = signs_of(ITEM)
    assert signs is not None
    left = without(signs, "words (vectors, and in their context)")
    assert len(left.words) == len(left.written) == len(signs.words)
    assert not any(left.words)
    assert not "".join(left.written).strip()
    assert left.signs == signs.signs


def test_without_words_in_their_context_the_small_network_reads_alone() -> None:
    reading = Reading(
        odds={Verdict.NEW_SANCTIONS: 0.9, Verdict.BYSTANDER: 0.1},
        sentence=0,
        plain={Verdict.NEW_SANCTIONS: 0.4, Verdict.BYSTANDER: 0.6},
    )
    assert odds_of(reading, "words in their context") == reading.plain
    assert odds_of(reading, "nothing") == reading.odds
