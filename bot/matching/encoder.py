"""Words in their context: the encoder all-MiniLM-L6-v2, its upper layers learnt on from labelled articles, plain numpy.

Six layers of attention over word pieces (Devlin et al. 2018; Wang et al. 2020). A tracked name is read as a plain word
for its kind, so that nothing is learnt of who is who. For English alone, which the pieces were made for. Learnt by
tests/learn_encoder.py, stored in encoder.npz.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Array, gelu, softmax
from bot.matching.signs import Signs

_UNKNOWN, _BEGIN, _END = "[UNK]", "[CLS]", "[SEP]"
_MOST_OF_WORD = 6  # pieces
_MOST, _HEAD = 400, 80  # pieces of a window; of the beginning that each after the first has before it
_LONGEST = 512  # pieces: the encoder knows no place beyond
_HEADS = 12


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
class Window:
    """Pieces that are read in one go. `token_of` gives the token that a piece is of, -1 for what is only context."""

    pieces: list[int]
    token_of: list[int]


class Pieces:
    """Words cut into known pieces, greedily from the left, as BERT's tokenizer does."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._number = {piece: number for number, piece in enumerate(pieces)}
        self.unknown, self.begin, self.end = (self._number[piece] for piece in (_UNKNOWN, _BEGIN, _END))
        self._known: dict[str, list[int]] = {}

    def of(self, word: str) -> list[int]:
        """The first few pieces of a word: at least one."""
        found = self._known.get(word)
        if found is None:
            found = [piece for part in _parts(word) for piece in self._of_part(part)][:_MOST_OF_WORD]
            found = found or [self.unknown]
            if len(self._known) < 100_000:
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


class Encoder:
    """The numbers of the layers. Made by `bot.matching.reader.load_reader`."""

    def __init__(self, numbers: Mapping[str, NDArray[np.generic]]) -> None:
        """Weights are stored as bytes with a scale for each row; those of the layers, used whole, are unpacked."""
        self._pieces = Pieces(numbers["words"].tobytes().decode("utf-8").split("\n"))
        self._vectors, self._scale = numbers["vectors"].astype(np.int8), numbers["vectors.scale"].astype(np.float32)
        self._n = {
            name: value.astype(np.float32) * numbers[name + ".scale"].astype(np.float32)
            if name + ".scale" in numbers
            else value.astype(np.float32)
            for name, value in numbers.items()
            if name not in ("words", "vectors") and not name.endswith(".scale")
        }
        self._layers = sum(name.endswith(".qkv.weight") for name in numbers)

    def encode(self, signs: Signs) -> Array:
        """A row of 384 numbers for each token: the mean of its pieces."""
        width = self._n["norm.weight"].shape[0]
        found = np.zeros((len(signs.words), width), np.float32)
        counts = np.zeros(len(signs.words), np.float32)
        for window in find_windows(signs, self._pieces):
            read, token_of = self._read(window.pieces), np.array(window.token_of)
            own = token_of >= 0
            np.add.at(found, token_of[own], read[own])
            np.add.at(counts, token_of[own], 1)
        found /= np.maximum(counts, 1)[:, None]
        return found

    def _read(self, pieces: Sequence[int]) -> Array:
        x = self._vectors[list(pieces)] * self._scale[list(pieces)] + self._n["places"][: len(pieces)]
        x = self._normed(np.asarray(x, np.float32), "norm")
        for layer in range(self._layers):
            x = self._layer(x, f"{layer}.")
        return x

    def _layer(self, x: Array, name: str) -> Array:
        count, width = x.shape
        parts = self._linear(x, name + "qkv").reshape(count, 3, _HEADS, width // _HEADS)
        asked, keys, values = parts.transpose(1, 2, 0, 3)
        alike = np.matmul(asked * np.float32(1 / math.sqrt(width // _HEADS)), keys.transpose(0, 2, 1))
        told = np.matmul(softmax(alike), values).transpose(1, 0, 2).reshape(count, width)
        x = self._normed(x + self._linear(told, name + "o"), name + "n1")
        return self._normed(x + self._linear(gelu(self._linear(x, name + "f1")), name + "f2"), name + "n2")

    def _linear(self, x: Array, name: str) -> Array:
        y: Array = x @ self._n[name + ".weight"].T
        y += self._n[name + ".bias"]
        return y

    def _normed(self, x: Array, name: str) -> Array:
        x -= x.mean(axis=-1, keepdims=True)
        x /= np.sqrt(np.einsum("ij,ij->i", x, x)[:, None] / np.float32(x.shape[-1]) + np.float32(1e-12))
        x *= self._n[name + ".weight"]
        x += self._n[name + ".bias"]
        return x


def in_turn(words: Sequence[str], number: int) -> str:
    return words[(number * 7 + 3) % len(words)]


def find_windows(signs: Signs, pieces: Pieces, pick: Callable[[Sequence[str], int], str] = in_turn) -> list[Window]:
    """Whole sentences, parted by [SEP], as many as fit; before each window but the first, the article's beginning.
    `pick` chooses the word that stands for a kind's nth name."""
    names = _named(signs, pick)
    own = [
        pieces.of(names.get(token, word)) if word or token in names else [pieces.unknown]
        for token, word in enumerate(signs.words)
    ]
    sizes = np.concatenate([[0], np.cumsum([len(one) for one in own])])
    ordinals = np.array(signs.sentence_of)
    starts = [0, *(np.flatnonzero(np.diff(ordinals)) + 1).tolist(), len(ordinals)]
    starts = [cut for start, end in pairwise(starts) for cut in _cuts(start, end, sizes)] + starts[-1:]
    head = int(np.searchsorted(sizes[:-1], _HEAD))
    windows: list[Window] = []
    begin = 0
    for start, end in pairwise(starts):
        if sizes[end] - sizes[begin] > _MOST - (_HEAD if begin else 0) and start > begin:
            windows.append(_window(own, ordinals, begin, start, head, pieces))
            begin = start
    return [*windows, _window(own, ordinals, begin, len(own), head, pieces)]


def _cuts(start: int, end: int, sizes: NDArray[np.int64]) -> list[int]:
    """Where the parts of a sentence begin: of one that fits, there is one."""
    cuts = [start]
    for token in range(start, end):
        if sizes[token + 1] - sizes[cuts[-1]] > _MOST - _HEAD:
            cuts.append(token)
    return cuts


def _window(
    own: Sequence[list[int]], ordinals: NDArray[np.int64], begin: int, end: int, head: int, pieces: Pieces
) -> Window:
    found, token_of = [pieces.begin], [-1]
    for token in range(min(head, begin)):
        found += own[token]
    token_of += [-1] * (len(found) - 1)
    for token in range(begin, end):
        if token > begin and ordinals[token] != ordinals[token - 1]:
            found.append(pieces.end)
            token_of.append(-1)
        found += own[token]
        token_of += [token] * len(own[token])
    most = _LONGEST - 1
    return Window([*found[:most], pieces.end], [*token_of[:most], -1])


def _named(signs: Signs, pick: Callable[[Sequence[str], int], str]) -> dict[int, str]:
    """For each token that names somebody, a word for their kind: one entity has one word."""
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


@cache
def load_encoder() -> Encoder:
    """The encoder as it was learnt: bot/matching/encoder.npz."""
    with (files("bot.matching") / "encoder.npz").open("rb") as file, np.load(file, allow_pickle=False) as numbers:
        return Encoder({name: numbers[name] for name in numbers.files})
