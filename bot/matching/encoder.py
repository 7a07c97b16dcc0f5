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

from bot.matching.arrays import Array, attend, gelu, normed
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
        """Weights are stored and kept as bytes with a scale for each row: unpacking takes a hundredth of the time of
        what is computed with them. Laid out as they are multiplied, which takes a twentieth less."""
        words = numbers["words"].tobytes().decode("utf-8").split("\n")
        scores = numbers.get("scores")
        self._pieces: Pieces = WordPieces(words) if scores is None else Unigrams(words, scores.tolist())
        self._vectors = numbers["vectors"].astype(np.int8, copy=False)
        self._scale = numbers["vectors.scale"].astype(np.float32)
        self._weights = {
            name: np.ascontiguousarray(numbers[f"{name}.weight"].astype(np.int8, copy=False).T)
            for name in _linear_ones(numbers)
        }
        self._scales = {name: numbers[f"{name}.weight.scale"].astype(np.float32)[:, 0] for name in self._weights}
        self._n = {
            name: value.astype(np.float32)
            for name, value in numbers.items()
            if name == "places" or (value.ndim == 1 and name.endswith((".weight", ".bias")))
        }
        self._layers = sum(name.endswith(".qkv") for name in self._weights)

    def encode(self, signs: Signs) -> Array:
        """A row of 384 numbers for each token: the mean of its pieces."""
        cut = self._pieces.cut(signs, stand_ins_of(signs))
        windows = find_windows(cut, signs.sentence_of, self._pieces)
        token_of = np.concatenate([window.token_of for window in windows])
        own = np.flatnonzero(token_of >= 0)
        return means(self._read(windows)[own], token_of[own], len(signs.words))[cut.held_by]

    def _read(self, windows: Sequence[Window]) -> Array:
        """The windows below one another: only attention is theirs alone."""
        pieces = np.concatenate([window.pieces for window in windows])
        ends = np.cumsum([len(window.pieces) for window in windows]).tolist()
        spans = [slice(begin, end) for begin, end in pairwise([0, *ends])]
        x = self._vectors[pieces] * self._scale[pieces]
        for span in spans:
            x[span] += self._n["places"][: span.stop - span.start]
        x = self._normed(x, "norm")
        for layer in range(self._layers):
            x = self._layer(x, spans, f"{layer}.")
        return x

    def _layer(self, x: Array, spans: Sequence[slice], name: str) -> Array:
        count, width = x.shape
        parts = self._linear(x, name + "qkv").reshape(count, 3, _HEADS, width // _HEADS)
        parts[:, 0] *= np.float32(1 / math.sqrt(width // _HEADS))
        heard = np.empty((count, _HEADS, width // _HEADS), np.float32)
        for span in spans:
            for head in range(_HEADS):
                asked, keys, values = (parts[span, part, head] for part in range(3))
                heard[span, head] = attend(asked, keys, values)
        x += self._linear(heard.reshape(count, width), name + "o")
        x = self._normed(x, name + "n1")
        x += self._linear(gelu(self._linear(x, name + "f1")), name + "f2")
        return self._normed(x, name + "n2")

    def _linear(self, x: Array, name: str) -> Array:
        y: Array = x @ self._weights[name].astype(np.float32)
        y *= self._scales[name]
        y += self._n[name + ".bias"]
        return y

    def _normed(self, x: Array, name: str) -> Array:
        x = normed(x, 1e-12)
        x *= self._n[name + ".weight"]
        x += self._n[name + ".bias"]
        return x


def _linear_ones(numbers: Mapping[str, NDArray[np.generic]]) -> list[str]:
    """Those whose weights are bytes with a scale for each row."""
    return [name.removesuffix(".weight.scale") for name in numbers if name.endswith(".weight.scale")]


def means(read: Array, token_of: NDArray[np.int64], count: int) -> Array:
    """For each of `count` tokens the mean of its rows, which stand together; nothing for one that has none."""
    starts = np.flatnonzero(np.diff(token_of, prepend=-1))
    sizes = np.diff(starts, append=len(token_of))
    sums = read[starts]
    for more in range(1, int(sizes.max(initial=0))):
        has = np.flatnonzero(sizes > more)
        sums[has] += read[starts[has] + more]
    found = np.zeros((count, read.shape[1]), np.float32)
    found[token_of[starts]] = sums / sizes[:, None].astype(np.float32)
    return found


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
