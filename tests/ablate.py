"""What each kind of sign contributes: `python tests/ablate.py SET.jsonl …` reads them with one kind left out at a time.

The reader is not learnt anew without it, so the figures tell what it leans on, not what could be learnt from the rest.
The odds are as the networks give them: not calibrated, and not held back by what stands apart in a sentence.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import article_of, entities_of, read_set

from bot.matching.cues import load_vocabulary
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.passages import read_passages
from bot.matching.reader import Reading, load_reader
from bot.matching.signs import Signs, find_signs
from bot.matching.verdicts import decide_verdict
from bot.model import Verdict

KINDS: Mapping[str, tuple[str, ...]] = {
    "nothing": (),
    "words (vectors, and in their context)": (),
    "words in their context": (),
    "cues of the vocabulary": ("hit:", "hit0:"),
    "acts: kind, negation, modality": ("act", "slot:"),
    "who is target or agent of an act": ("tgt:", "agt:"),
    "dates against the day of publication": ("t:", "year"),
    "word classes of the grammar": ("g:",),
    "clauses, finite verbs, quotations": ("cl:", "cl0:", "finite", "quoted"),
    "what kind of thing the name is": ("schema:", "name:", "kind:", "cc:", "weak"),
    "owned by, linked to": ("related", "owns"),
    "authorities": ("auth:",),
    "place in the article": ("blk:", "ord:", "item", "end", "para0"),
}


def signs_of(item: Mapping[str, Any]) -> Signs | None:
    vocabulary = load_vocabulary(item.get("language", "en"))
    if vocabulary is None:
        return None
    article, index = article_of(item), NameIndex.compile(entities_of(item))
    mentions = find_mentions(article, index)
    return find_signs(read_passages(article, mentions, vocabulary), mentions, index.entities, vocabulary)


def knows_words(item: Mapping[str, Any]) -> bool:
    """Whether the small network knows the words of its language, as `judge_article` asks."""
    vocabulary = load_vocabulary(item.get("language", "en"))
    return vocabulary is not None and bool(vocabulary.verb_forms)


def without(signs: Signs, kind: str) -> Signs:
    if kind == "words (vectors, and in their context)":  # the encoder of all languages reads them as they are written
        return replace(signs, words=[""] * len(signs.words), written=[" "] * len(signs.written))
    gone = KINDS[kind]
    return (
        replace(signs, signs=[[one for one in own if not one.startswith(gone)] for own in signs.signs])
        if gone
        else signs
    )


def odds_of(reading: Reading, kind: str) -> Mapping[Verdict, float]:
    """The small network alone knows no word in its context."""
    return reading.plain if kind == "words in their context" else reading.odds


def figures(items: list[tuple[Mapping[str, Any], Signs]], kind: str) -> tuple[float, float, float, float]:
    """Precision, recall and F1 of new sanctions, and the share of right verdicts."""
    pairs: Counter[tuple[str, str]] = Counter()
    for item, signs in items:
        readings = load_reader().read(without(signs, kind), knows_words=knows_words(item))
        for key, label in item["labels"].items():
            said = Verdict.ABSENT
            if key in readings:
                said = decide_verdict(odds_of(readings[key], kind))
            pairs[label, said.value] += 1
    new = Verdict.NEW_SANCTIONS.value
    hit = pairs[new, new]
    precision = hit / max(1, sum(n for (_, said), n in pairs.items() if said == new))
    recall = hit / max(1, sum(n for (label, _), n in pairs.items() if label == new))
    right = sum(n for (label, said), n in pairs.items() if label == said) / max(1, sum(pairs.values()))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall), right


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", help="labelled articles, one JSON object a line")
    args = parser.parse_args()
    items = [(item, signs) for path in args.sets for item in read_set(path) if (signs := signs_of(item))]
    print("| left out | precision | recall | F1 | right |\n| --- | --- | --- | --- | --- |")
    for kind in KINDS:
        print(f"| {kind} | " + " | ".join(f"{value:.3f}" for value in figures(items, kind)) + " |")


if __name__ == "__main__":
    main()
