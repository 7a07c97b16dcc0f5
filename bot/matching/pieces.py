"""Words cut into the pieces that an encoder knows, each of its own kind: BERT's for English, unigrams for the others.

A tracked name is read as a plain word for its kind, so that nothing is learnt of who is who.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.matching.signs import Signs

_UNKNOWN, _BEGIN, _END = "[UNK]", "[CLS]", "[SEP]"
_MOST_OF_WORD = 6  # pieces
_REMEMBERED = 20_000  # words whose pieces are kept: a few megabytes, and most of what an article says

# What stands for a tracked name: one plain word, as it was learnt (tests/learn_encoder.py).
STAND_INS = {
    "person": (
        "smith johnson brown miller davis wilson anderson taylor moore jackson martin thompson garcia martinez "
        "robinson clark lewis lee walker hall allen young king wright scott green baker adams nelson carter "
        "mitchell roberts turner phillips campbell parker evans edwards collins stewart morris murphy cook rogers "
        "morgan cooper peterson reed bailey bell kelly howard ward cox richardson wood watson brooks bennett gray "
        "hughes price"
    ).split(),
    "firm": (
        "acme orion atlas nova delta omega titan apex vertex zenith phoenix matrix horizon summit pioneer global "
        "alpha sigma gamma universal standard liberty imperial royal premier continental pacific atlantic metro "
        "central northern southern eastern western sterling crystal silver golden diamond crown eagle falcon lion "
        "tiger star sun moon ocean harbor bridge tower arrow anchor compass beacon maple cedar oak pine river"
    ).split(),
    "ship": (
        "titanic enterprise victory endeavour discovery challenger intrepid constitution independence triton "
        "neptune poseidon mercury venus saturn jupiter aurora athena apollo hermes"
    ).split(),
    "wallet": "wallet".split(),
    "body": "ministry agency bureau directorate commission authority council academy institute administration".split(),
}
_KIND = {
    "Person": "person",
    "Vessel": "ship",
    "Airplane": "ship",
    "CryptoWallet": "wallet",
    "PublicBody": "body",
}  # others are firms


@dataclass(frozen=True, slots=True)
class Cut:
    """An article in pieces. `own`: for each token those that begin in it; none where a piece that began before runs
    on (Chinese, whose tokens are single characters). `held_by`: the token whose pieces stand for each token."""

    own: list[list[int]]
    held_by: list[int]


class Pieces(Protocol):
    """What cuts words into pieces. `begin` and `end` are the marks around what is read in one go."""

    begin: int
    end: int

    def cut(self, signs: Signs, names: Mapping[int, str]) -> Cut:
        """`names`: for a token that names somebody, the word that stands for them."""


class WordPieces:
    """Folded words cut into known pieces, greedily from the left, as BERT's tokenizer does (Devlin et al. 2018)."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._number = {piece: number for number, piece in enumerate(pieces)}
        self.unknown, self.begin, self.end = (self._number[piece] for piece in (_UNKNOWN, _BEGIN, _END))
        self._known: dict[str, list[int]] = {}

    def cut(self, signs: Signs, names: Mapping[int, str]) -> Cut:
        own = [
            self.of(names.get(token, word)) if word or token in names else [self.unknown]
            for token, word in enumerate(signs.words)
        ]
        return Cut(own, list(range(len(own))))

    def of(self, word: str) -> list[int]:
        """The first few pieces of a word: at least one."""
        found = self._known.get(word)
        if found is None:
            found = [piece for part in _parts(word) for piece in self._of_part(part)][:_MOST_OF_WORD]
            found = found or [self.unknown]
            if len(self._known) < _REMEMBERED:
                self._known[word] = found
        return found

    def _of_part(self, part: str) -> list[int]:
        found: list[int] = []
        start = 0
        while start < len(part):
            for end in range(len(part), start, -1):
                number = self._number.get(("##" if start else "") + part[start:end])
                if number is not None:
                    break
            else:
                return [self.unknown]
            found.append(number)
            start = end
        return found


def _parts(word: str) -> list[str]:
    """Without accents, parted at punctuation and around each Chinese character."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFD", word.lower()) if unicodedata.category(letter) != "Mn"
    )
    parts: list[str] = [""]
    for letter in plain:
        if letter.isspace():
            parts.append("")
        elif unicodedata.category(letter)[0] == "P" or letter in "$+<=>^`|~" or "\u4e00" <= letter <= "\u9fff":
            parts += [letter, ""]
        else:
            parts[-1] += letter
    return [part for part in parts if part]


class Unigrams:
    """Text as it is written, cut into the likeliest pieces (Kudo 2018, the unigram model of SentencePiece, as XLM-R
    has it). A piece that begins a word begins with ▁. The first three are the marks: begin, end, unknown."""

    def __init__(self, pieces: Sequence[str], scores: Sequence[float]) -> None:
        """`scores`: the logarithm of each piece's probability."""
        self.begin, self.end, self.unknown = range(3)
        self._number = {piece: number for number, piece in enumerate(pieces) if number > self.unknown}
        self._score = array("d", scores)
        self._longest = max(map(len, self._number), default=1)
        self._worst = min(self._score, default=0.0) - 10  # of a character that no piece has, as SentencePiece counts
        self._known: dict[str, list[tuple[int, int]]] = {}

    def cut(self, signs: Signs, names: Mapping[int, str]) -> Cut:
        own: list[list[int]] = [[] for _ in signs.written]
        run: list[tuple[int, str]] = []  # tokens with no space between them
        before = -1
        for token, text in enumerate(signs.written):
            is_name = token in names
            if is_name or text.startswith(" ") or signs.sentence_of[token] != before:
                self._cut_run(run, own)
                run = []
            before = signs.sentence_of[token]
            if is_name:
                own[token] = [piece for piece, _ in self.of("▁" + names[token].capitalize())]
            else:
                run.append((token, unicodedata.normalize("NFKC", text.replace(" ", "▁"))))
        self._cut_run(run, own)
        held_by = list(range(len(own)))
        for token in range(1, len(own)):
            if not own[token]:
                held_by[token] = held_by[token - 1]
        return Cut(own, held_by)

    def _cut_run(self, run: Sequence[tuple[int, str]], own: list[list[int]]) -> None:
        tokens = [token for token, text in run for _ in text]
        for piece, start in self.of("".join(text for _, text in run)):
            if len(own[tokens[start]]) < _MOST_OF_WORD:
                own[tokens[start]].append(piece)

    def of(self, run: str) -> list[tuple[int, int]]:
        """The likeliest pieces of a text without spaces, each with the place where it begins."""
        found = self._known.get(run)
        if found is None:
            found = self._likeliest(run)
            if len(self._known) < _REMEMBERED:
                self._known[run] = found
        return found

    def _likeliest(self, run: str) -> list[tuple[int, int]]:
        """Viterbi's algorithm: for each place, the best way to it."""
        best = [0.0] + [float("-inf")] * len(run)
        way = [(0, 0)] * (len(run) + 1)
        for start in range(len(run)):
            if best[start] + self._worst > best[start + 1]:
                best[start + 1], way[start + 1] = best[start] + self._worst, (self.unknown, start)
            for end in range(start + 1, min(len(run), start + self._longest) + 1):
                piece = self._number.get(run[start:end])
                if piece is not None and best[start] + self._score[piece] > best[end]:
                    best[end], way[end] = best[start] + self._score[piece], (piece, start)
        found: list[tuple[int, int]] = []
        place = len(run)
        while place:
            found.append(way[place])
            place = way[place][1]
        return found[::-1]


def in_turn(words: Sequence[str], number: int) -> str:
    return words[(number * 7 + 3) % len(words)]


def stand_ins_of(signs: Signs, pick: Callable[[Sequence[str], int], str] = in_turn) -> dict[int, str]:
    """For each token that names somebody, a word for their kind: one entity has one word. `pick` chooses the word
    that stands for a kind's nth name."""
    words: dict[str, str] = {}
    used: Counter[str] = Counter()
    found: dict[int, str] = {}
    for token, entities in signs.names:
        key = entities[0]
        if key not in words:
            schema = next((sign[7:] for sign in signs.signs[token] if sign.startswith("schema:")), "Company")
            kind = _KIND.get(schema, "firm")
            words[key] = pick(STAND_INS[kind], used[kind])
            used[kind] += 1
        found[token] = words[key]
    return found
