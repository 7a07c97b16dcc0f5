"""A small network that reads an article's signs: how probable each verdict is for each tracked name, and which
sentence decides it.

Two layers of windows and attention over the words of the article, 0.6 million learnt numbers, plain numpy: the same
signs give the same odds. It is learnt offline by tests/learn_reader.py, from labels and from how an encoder reads, and
stored in reader.npz (docs/decisions/0007-a-small-reader.md, 0019-one-small-reader.md). Two more have words in their
context (tests/learn_encoder.py, docs/decisions/0014-an-encoder.md, 0015-other-languages.md). What it takes for and
against a verdict is measured, not guessed: words are left out, and the odds read again (`Reader.without`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.typing import NDArray

from bot.matching.arrays import Array, attend, gelu, normed, softmax
from bot.matching.encoder import ENGLISH, LANGUAGES, load_encoder
from bot.matching.signs import Signs
from bot.model import Verdict

VERDICTS = tuple(Verdict)
HEADS = 8
_NEAR, _WIDE = slice(0, 5), slice(5, HEADS)  # heads that see the sentences around them, and all that is read in one go
_SAME, _BEFORE, _BEHIND = slice(0, 3), 3, 4  # of those near: of its own sentence, that before it too, that after it too
_SLOPES = (0.3, 0.1, 0.1, 0.02, 0.02, 0.0, 0.005, 0.01)  # how each head minds distance
_BACKWARDS, _FORWARDS = (1, 6), 2  # heads that see nothing after a token, and nothing before it
# Of anybody: the odds of new sanctions between which the encoder is asked, and of the likeliest verdict below which;
# and between which, after its word, the encoder of all languages too.
_DOUBT, _UNSURE, _STILL = (0.08, 0.9), 0.6, (0.25, 0.75)
_FAR = np.float32(-1e4)
_AT_ONCE = 420  # tokens
_HEAD = 90  # tokens of the beginning that every stretch has before it
_TOGETHER = 48  # tokens that ask in one block, at least, if there are as many


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of one name. `sentence` is the ordinal of the one that decides."""

    odds: Mapping[Verdict, float]  # sum to 1
    sentence: int
    plain: Mapping[Verdict, float]  # the odds of the small network alone

    def shifted(self, plain: Mapping[Verdict, float]) -> dict[Verdict, float]:
        """The odds as they would be if the plain ones were these."""
        odds = {verdict: odd * plain[verdict] / max(self.plain[verdict], 1e-9) for verdict, odd in self.odds.items()}
        whole = sum(odds.values())
        return {verdict: odd / whole for verdict, odd in odds.items()}


@dataclass(frozen=True, slots=True)
class _Asked:
    """An encoder, the share in the mean of all that are asked so far, and whether the odds so far call for it."""

    encoder: str
    share: float
    when: Callable[[Array, bool], bool]


@dataclass(frozen=True, slots=True)
class Block:
    """Whole sentences of a stretch, whose tokens ask together. `around`: all that a head of those near may see from
    there. `near`, `wide`: what these heads see of it, as `seen_by_heads` tells."""

    asking: slice
    around: slice
    near: Array
    wide: Array


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tokens that are read in one go, in blocks; the first `again` (title and lead) are there for what follows, and
    were read before."""

    tokens: NDArray[np.int64]
    again: int
    blocks: tuple[Block, ...]


class Reader:
    """A small network, and others that know each word in its context (`bot.matching.encoder`): one of English, asked in
    doubt, one of all languages, asked where doubt stays and in any other language. Their mean is righter than any. Made
    by `load_reader`."""

    def __init__(self, numbers: Mapping[str, NDArray[np.generic]]) -> None:
        vectors = numbers["vectors"].astype(np.int8, copy=False)
        self._vectors = np.concatenate([np.zeros((1, vectors.shape[1]), np.int8), vectors])  # as bytes: few are read
        self._scale = numbers["vector_scale"].astype(np.float32)
        self._word = {word: place for place, word in enumerate(_lines(numbers["words"]), start=1)}
        self._sign = {sign: place for place, sign in enumerate(_lines(numbers["signs"]), start=1)}
        self._sharpness = 1 / float(numbers["temperature"])
        self._calibration = {
            True: numbers["calibration"].astype(np.float64),
            False: numbers["calibration_of_signs"].astype(np.float64),
        }
        learnt: dict[str, dict[str, Array]] = {}
        for name, value in numbers.items():
            which, dot, rest = name.partition(".")
            if dot:
                learnt.setdefault(which, {})[rest] = value.astype(np.float32)
        self._small = Network(learnt["small"])
        self._in_context = {ENGLISH: Network(learnt["context"]), LANGUAGES: Network(learnt["languages"])}
        share, of_both, of_languages = (float(numbers[f"share_of_{name}"]) for name in ("context", "both", "languages"))
        english = _Asked(ENGLISH, share, _is_in_doubt), _Asked(LANGUAGES, of_both, _is_still_in_doubt)
        self._asked = {True: english, False: (_Asked(LANGUAGES, of_languages, lambda _odds, _speaks: True),)}

    def read(self, signs: Signs, *, knows_words: bool) -> dict[str, Reading]:
        """The reading of every entity that is named. Empty where nobody is. `knows_words`: of
        its language, English, the small network too."""
        names = _tokens_of(signs)
        if not names:
            return {}
        given = self._given(signs, frozenset())
        small, deciding = self._small.judge(given, names.values())
        plain = odds = self._sharpened(small)
        in_context: list[Array] = []
        for asked in self._asked[knows_words]:  # of other languages the small network knows signs only
            if not asked.when(odds, signs.speaks):
                break
            own, own_deciding = self._in_context[asked.encoder].judge(
                _encoded(given, signs, asked.encoder), names.values()
            )
            in_context.append(own)
            deciding += own_deciding
            odds = self._sharpened((1 - asked.share) * small + asked.share * np.mean(in_context, axis=0))
        ordinals = np.unique(signs.sentence_of)
        best = deciding.argmax(axis=1)
        return {
            entity: Reading(_by_verdict(odds[at]), int(ordinals[best[at]]), _by_verdict(plain[at]))
            for at, entity in enumerate(names)
        }

    def without(self, signs: Signs, left_out: Sequence[int]) -> dict[str, dict[Verdict, float]]:
        """The plain odds of every entity as they would be if some tokens said nothing: only their kind and place stay.
        Asked a hundred times for one article: too often for the encoder."""
        names = _tokens_of(signs)
        given = self._given(signs, frozenset(left_out))
        odds = self._sharpened(self._small.judge(given, names.values())[0])
        return {entity: _by_verdict(odds[at]) for at, entity in enumerate(names)}

    def calibrated(self, odds: Mapping[Verdict, float], *, knows_words: bool) -> dict[Verdict, float]:
        """New sanctions as probable as such findings proved to be on articles that were not learnt from. Of
        those that the networks give 0.4 to 0.5, more than half are right. The other verdicts share what is left.
        `knows_words`: the language is English."""
        told = odds[Verdict.NEW_SANCTIONS]
        right = float(np.interp(told, *self._calibration[knows_words]))
        share = (1 - right) / max(1 - told, 1e-9)
        return {verdict: right if verdict is Verdict.NEW_SANCTIONS else odd * share for verdict, odd in odds.items()}

    def _sharpened(self, odds: Array) -> Array:
        odds = odds**self._sharpness
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)

    def _given(self, signs: Signs, left_out: frozenset[int]) -> Given:
        """Of each word its numbers, and for each token a row with a 1 for each of its signs."""
        words = [0 if i in left_out else self._word.get(word, 0) for i, word in enumerate(signs.words)]
        told = signs.signs
        if left_out:
            told = [
                [name for name in names if name.startswith(_STAY)] if row in left_out else names
                for row, names in enumerate(told)
            ]
        rows = np.repeat(np.arange(len(told)), [len(names) for names in told])
        columns = [self._sign.get(name, 0) for names in told for name in names]
        table = np.zeros((len(words), len(self._sign) + 1), np.float32)
        table[rows, columns] = 1.0
        table[:, 0] = 0.0  # signs that it does not know
        stretches = _cached_stretches(tuple(signs.sentence_of))
        return Given(self._vectors[words] * self._scale, table, stretches, signs.sentence_of)


@dataclass(frozen=True, slots=True)
class Given:
    """An article in numbers: for each token those of its word, a row of signs, and what the encoder makes of it."""

    words: Array
    table: Array
    stretches: Sequence[Stretch]
    sentence_of: Sequence[int]
    context: Array | None = None


class Network:
    """The learnt numbers of a network, and what is computed with them."""

    def __init__(self, numbers: Mapping[str, Array]) -> None:
        self._n = {  # weights laid out as they are used
            name: np.ascontiguousarray(value.T) if value.ndim == 2 else value for name, value in numbers.items()
        }
        self._layers = sum(name.endswith(".qkv.weight") for name in numbers)

    def judge(self, given: Given, names: Collection[list[int]]) -> tuple[Array, Array]:
        """For each name, given by its tokens: the odds of the verdicts, and how likely each sentence decides."""
        x = self._linear(given.words, "we")
        x += given.table @ self._n["fe.weight"]
        if given.context is not None:
            x += self._linear(given.context, "pe")
        x = self._normed(x, "n")
        x = np.concatenate([self._encoded(x, stretch) for stretch in given.stretches])
        x = self._normed(x, "nf")
        whole = self._pooled(x, "doc")
        held = np.stack(
            [np.concatenate([self._pooled(here, "att"), here.max(axis=0), whole]) for here in (x[one] for one in names)]
        )
        odds = softmax(self._linear(gelu(self._linear(held, "out.1")), "out.4"))
        return odds, self._deciding(x, held, given.sentence_of)

    def _encoded(self, given: Array, stretch: Stretch) -> Array:
        x = given[stretch.tokens]
        for layer in range(self._layers):
            x = self._layer(x, stretch.blocks, f"blocks.{layer}.")
        return x[stretch.again :]

    def _layer(self, x: Array, blocks: Sequence[Block], name: str) -> Array:
        """A window of five words, then what each of eight heads may see, then each word by itself: added to `x`."""
        count, width = x.shape
        x += gelu(self._linear(self._windows(self._normed(x, name + "n0"), name), name + "c"))
        parts = self._linear(self._normed(x, name + "n1"), name + "qkv").reshape(count, 3, HEADS, width // HEADS)
        x += self._linear(heard(parts, blocks).reshape(x.shape), name + "o")
        inner = gelu(self._linear(self._normed(x, name + "n2"), name + "f1"))
        x += self._linear(inner, name + "f2")
        return x

    def _windows(self, x: Array, name: str) -> Array:
        """Each word with those beside it, in one row."""
        count, width = x.shape
        seen = len(self._n[name + "c.weight"])
        padded = np.zeros((count + seen // width - 1, width), np.float32)
        padded[seen // width // 2 :][:count] = x
        return np.ascontiguousarray(as_strided(padded, (count, seen), padded.strides))

    def _pooled(self, x: Array, name: str) -> Array:
        """The weighted mean of some places."""
        return np.asarray(softmax(self._linear(x, name)[:, 0]) @ x, np.float32)

    def _deciding(self, x: Array, held: Array, sentence_of: Sequence[int]) -> Array:
        _, starts = np.unique(sentence_of, return_index=True)
        sizes = np.diff(np.append(starts, len(sentence_of)))[:, None]
        means = np.asarray(np.add.reduceat(x, starts) / sizes, np.float32)
        scores: Array = self._linear(held, "q") @ self._linear(means, "k").T
        return softmax(scores / np.float32(math.sqrt(x.shape[1])))

    def _linear(self, x: Array, name: str) -> Array:
        y: Array = x @ self._n[name + ".weight"]
        y += self._n[name + ".bias"]
        return y

    def _normed(self, x: Array, name: str) -> Array:
        x = normed(x, 1e-5)
        x *= self._n[name + ".weight"]
        x += self._n[name + ".bias"]
        return x


def heard(parts: Array, blocks: Sequence[Block]) -> Array:
    """What each token hears in each head, block by block."""
    asked, keys, values = np.ascontiguousarray(parts.transpose(1, 2, 0, 3))
    asked *= np.float32(1 / math.sqrt(parts.shape[-1]))
    heard = np.empty((len(parts), *parts.shape[2:]), np.float32)
    for block in blocks:
        for heads, around, seen in ((_NEAR, block.around, block.near), (_WIDE, slice(None), block.wide)):
            told = attend(asked[heads, block.asking], keys[heads, around], values[heads, around], seen)
            heard[block.asking, heads] = told.swapaxes(0, 1)
    return heard


# What stays of a token that is left out: that there is one, and where.
_STAY = ("k:", "blk:", "ord:", "schema:", "cl:", "item", "end", "para0")


def find_stretches(sentence_of: Sequence[int]) -> list[Stretch]:
    """A short passage in one go. Attention takes time by the square: a long one is read in stretches of whole
    sentences, each after the first with the beginning of the article before it."""
    ordinals = np.array(sentence_of)
    if len(ordinals) <= _AT_ONCE:
        return [_stretch(ordinals, 0, len(ordinals), 0)]
    starts = [0, *(np.flatnonzero(np.diff(ordinals)) + 1).tolist(), len(ordinals)]
    head = max((start for start in starts if start <= _HEAD), default=0)
    found: list[Stretch] = []
    begin = 0
    for start, end in pairwise(starts):
        size = end - begin + (head if found else 0)
        if size > _AT_ONCE and start > begin:
            found.append(_stretch(ordinals, begin, start, head if found else 0))
            begin = start
    return [*found, _stretch(ordinals, begin, len(ordinals), head if found else 0)]


@lru_cache(maxsize=4)
def _cached_stretches(sentence_of: tuple[int, ...]) -> list[Stretch]:
    """An article is read again for each part that is left out of it."""
    return find_stretches(sentence_of)


def _stretch(ordinals: NDArray[np.int64], begin: int, end: int, again: int) -> Stretch:
    tokens = np.concatenate([np.arange(again), np.arange(begin, end)])
    return Stretch(tokens, again, tuple(_blocks(ordinals[tokens])))


def _blocks(ordinals: NDArray[np.int64]) -> Iterator[Block]:
    count = len(ordinals)
    told = _told_by_distance(count)
    starts = [0, *(np.flatnonzero(np.diff(ordinals)) + 1).tolist(), count]
    around = np.searchsorted(ordinals, (ordinals[starts[:-1]] - 1, ordinals[starts[:-1]] + 2)).T.tolist()
    sentences: list[_Sentence] = []
    for (start, end), (first, after) in zip(pairwise(starts), around, strict=True):
        sentences.append(_Sentence(start, end, first, after))
        if end - sentences[0].start >= _TOGETHER or end == count:
            yield _block(sentences, told)
            sentences = []


class _Sentence(NamedTuple):
    """Where its tokens start and end, and where those of it and of the sentences beside it do."""

    start: int
    end: int
    first: int
    after: int


def _block(sentences: Sequence[_Sentence], told: Array) -> Block:
    asking = slice(sentences[0].start, sentences[-1].end)
    around = slice(sentences[0].first, sentences[-1].after)
    near = np.full((_NEAR.stop, asking.stop - asking.start, around.stop - around.start), _FAR)
    for start, end, first, after in sentences:
        rows = slice(start - asking.start, end - asking.start)
        for heads, seen in ((_SAME, slice(start, end)), (_BEFORE, slice(first, end)), (_BEHIND, slice(start, after))):
            columns = slice(seen.start - around.start, seen.stop - around.start)
            near[heads, rows, columns] = told[heads, start:end, seen]
    return Block(asking, around, near, told[_WIDE, asking])


def seen_by_heads(sentence_of: NDArray[np.int64]) -> Array:
    """What each of the eight heads may see of which token (-10,000 where nothing), and how distance tells."""
    seen = np.empty((HEADS, len(sentence_of), len(sentence_of)), np.float32)
    seen[_NEAR] = _FAR
    for block in _blocks(sentence_of):
        seen[_NEAR, block.asking, block.around] = block.near
        seen[_WIDE, block.asking] = block.wide
    return seen


def _told_by_distance(count: int) -> Array:
    """How each head minds the distance alone, of each token to each. Each row is the one before, moved on by one: a
    view of one long row."""
    apart = np.arange(1 - count, count)
    near = np.abs(apart).astype(np.float32)
    rows = np.stack([np.float32(-slope) * near for slope in _SLOPES])
    for head in _BACKWARDS:
        rows[head, count:] = _FAR
    rows[_FORWARDS, : count - 1] = _FAR
    return sliding_window_view(rows, count, axis=1)[:, ::-1]


def _encoded(given: Given, signs: Signs, encoder: str) -> Given:
    """With each word in its context. The vectors of words are of English ones, as one encoder is."""
    words = given.words if encoder == ENGLISH else np.zeros_like(given.words)
    return replace(given, context=load_encoder(encoder).encode(signs), words=words)


def _tokens_of(signs: Signs) -> dict[str, list[int]]:
    """Entity -> the tokens that name it."""
    found: dict[str, list[int]] = {}
    for token, entities in signs.names:
        for entity in entities:
            found.setdefault(entity, []).append(token)
    return found


def _is_in_doubt(odds: Array, speaks: bool) -> bool:
    """Whether it is unsure of anybody if they are newly sanctioned, or what else. Then the encoder is asked, which is
    slow; asking it of all articles finds no better alerts (docs/decisions/0014-an-encoder.md). What else, only of an
    article that speaks of this field."""
    new = odds[:, VERDICTS.index(Verdict.NEW_SANCTIONS)]
    of_what_else = speaks & (odds.max(axis=1) < _UNSURE)
    return bool((((new >= _DOUBT[0]) & (new <= _DOUBT[1])) | of_what_else).any())


def _is_still_in_doubt(odds: Array, _speaks: bool) -> bool:
    new = odds[:, VERDICTS.index(Verdict.NEW_SANCTIONS)]
    return bool(((new >= _STILL[0]) & (new <= _STILL[1])).any())


def _by_verdict(odds: Array) -> dict[Verdict, float]:
    return {verdict: float(odds[place]) for place, verdict in enumerate(VERDICTS)}


def _lines(packed: NDArray[np.generic]) -> list[str]:
    return packed.tobytes().decode("utf-8").split("\n")


@cache
def load_reader() -> Reader:
    """The reader as it was learnt: bot/matching/reader.npz."""
    with (files("bot.matching") / "reader.npz").open("rb") as file, np.load(file, allow_pickle=False) as numbers:
        return Reader({name: numbers[name] for name in numbers.files})
