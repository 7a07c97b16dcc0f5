"""Words in their context: encoders whose upper layers were learnt on from labelled articles, plain numpy.

Layers of attention over pieces of words (Devlin et al. 2018): all-MiniLM-L6-v2 for English (six layers; Wang et al.
2020), the lower eight of multilingual-e5-small for the other languages (Wang et al. 2024). Learnt by
tests/learn_encoder.py; docs/decisions/0014-an-encoder.md, 0015-other-languages.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Array, gelu, softmax
from bot.matching.pieces import Cut, Pieces, Unigrams, WordPieces, stand_ins_of
from bot.matching.signs import Signs

ENGLISH, LANGUAGES = "english", "languages"

_MOST, _HEAD = 400, 80  # pieces of a window; of the beginning that each after the first has before it
_LONGEST = 512  # pieces: the encoder knows no place beyond
_HEADS = 12


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces that are read in one go. `token_of` gives the token that a piece is of, -1 for what is only context."""

    pieces: list[int]
    token_of: list[int]


class Encoder:
    """The numbers of the layers. Made by `bot.matching.reader.load_reader`."""

    def __init__(self, numbers: Mapping[str, NDArray[np.generic]]) -> None:
        """Weights are stored as bytes with a scale for each row; those of the layers, used whole, are unpacked."""
        words = numbers["words"].tobytes().decode("utf-8").split("\n")
        scores = numbers.get("scores")
        self._pieces: Pieces = WordPieces(words) if scores is None else Unigrams(words, scores.tolist())
        self._vectors, self._scale = numbers["vectors"].astype(np.int8), numbers["vectors.scale"].astype(np.float32)
        self._n = {
            name: value.astype(np.float32) * numbers[name + ".scale"].astype(np.float32)
            if name + ".scale" in numbers
            else value.astype(np.float32)
            for name, value in numbers.items()
            if name not in ("words", "scores", "vectors") and not name.endswith(".scale")
        }
        self._layers = sum(name.endswith(".qkv.weight") for name in numbers)

    def encode(self, signs: Signs) -> Array:
        """A row of 384 numbers for each token: the mean of its pieces."""
        width = self._n["norm.weight"].shape[0]
        found = np.zeros((len(signs.words), width), np.float32)
        counts = np.zeros(len(signs.words), np.float32)
        cut = self._pieces.cut(signs, stand_ins_of(signs))
        for window in find_windows(cut, signs.sentence_of, self._pieces):
            read, token_of = self._read(window.pieces), np.array(window.token_of)
            own = token_of >= 0
            np.add.at(found, token_of[own], read[own])
            np.add.at(counts, token_of[own], 1)
        found /= np.maximum(counts, 1)[:, None]
        return found[cut.held_by]

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


def find_windows(cut: Cut, sentence_of: Sequence[int], pieces: Pieces) -> list[Window]:
    """Whole sentences, parted by a mark, as many as fit; before each window but the first, the article's beginning."""
    sizes = np.concatenate([[0], np.cumsum([len(one) for one in cut.own])])
    ordinals = np.array(sentence_of)
    starts = [0, *(np.flatnonzero(np.diff(ordinals)) + 1).tolist(), len(ordinals)]
    starts = [cut for start, end in pairwise(starts) for cut in _cuts(start, end, sizes)] + starts[-1:]
    head = int(np.searchsorted(sizes[:-1], _HEAD))
    windows: list[Window] = []
    begin = 0
    for start, end in pairwise(starts):
        if sizes[end] - sizes[begin] > _MOST - (_HEAD if begin else 0) and start > begin:
            windows.append(_window(cut.own, ordinals, begin, start, head, pieces))
            begin = start
    return [*windows, _window(cut.own, ordinals, begin, len(ordinals), head, pieces)]


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


@cache
def load_encoder(name: str) -> Encoder:
    """An encoder as it was learnt, `ENGLISH` or `LANGUAGES`: its layers and, apart since they are not learnt on, its
    pieces (bot/matching/encoder_NAME.npz, pieces_NAME.npz)."""
    numbers: dict[str, NDArray[np.generic]] = {}
    for part in ("encoder", "pieces"):
        with (
            (files("bot.matching") / f"{part}_{name}.npz").open("rb") as file,
            np.load(file, allow_pickle=False) as own,
        ):
            numbers |= {number: own[number] for number in own.files}
    return Encoder(numbers)
