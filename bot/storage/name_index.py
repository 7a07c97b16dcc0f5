"""Names on disk, found by words that are like theirs: a folder of arrays that is read where it is touched.

    word of the query -> words of the vocabulary that are like it (equal, by a shared key, by spelling)
       -> the names they stand in, each counted by how rare the word is -> the best

A folder is written aside and never changed; `current` names the newest, by a rename. So several processes share one,
one of them builds, and those that still read an older one go on with it. Knows nothing of what keys mean.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
import uuid
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from bot.errors import StoreError

__all__ = ["Candidate", "NameIndex", "NameIndexFolder", "NameIndexWriter"]

FORMAT = 5  # of the folder, and of the words in it: another one is built anew
_CURRENT = "current"
_EQUAL, _KEYED, _JOINED = 1.0, 0.85, 0.95
_LEAST_LIKE = 0.70  # of two words
_MOST_LIKE = 60  # words of the vocabulary that are compared with one of the query
_COMMON = 0.04  # a word in so large a share of the names finds none alone
_MOST_COMMON = 20_000  # names: below, no word is common
_WHOLE = 0.6  # what a key of the whole name adds
_GRAMS = 3
_MOST_SCORED = 20  # names for each candidate: one is counted as often as it has words of the query

Ints = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored name. `owner` is what it was stored for, `score` says how good a guess it is (not a likeness)."""

    owner: str
    kind: str
    name: str
    is_weak: bool
    score: float


class NameIndexWriter:
    """Collects names, then writes the folder. A million names take about 400 MB while it is written."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._pair_words, self._pair_names = array("I"), array("I")
        self._keys, self._key_names = array("Q"), array("I")
        self._name_ends, self._names = array("Q"), bytearray()
        self._owner_ends, self._owners = array("Q"), bytearray()
        self._name_owners, self._weak = array("I"), array("B")

    def __len__(self) -> int:
        return len(self._name_ends)

    def add_owner(self, owner: str, kind: str) -> None:
        """The names that are added next belong to it."""
        self._owners += f"{kind}\n{owner}".encode("utf-8", "replace")
        self._owner_ends.append(len(self._owners))

    def add_name(self, name: str, words: Sequence[str], keys: Sequence[int], *, is_weak: bool = False) -> None:
        number = len(self._name_ends)
        self._names += name.encode("utf-8", "replace")
        self._name_ends.append(len(self._names))
        self._name_owners.append(len(self._owner_ends) - 1)
        self._weak.append(is_weak)
        for word in words:
            self._pair_words.append(self._words.setdefault(word, len(self._words)))
            self._pair_names.append(number)
        for key in keys:
            self._keys.append(key)
            self._key_names.append(number)

    def write(self, folder: Path, word_keys: Callable[[str], Sequence[int]]) -> None:
        folder.mkdir(parents=True)
        words = sorted(self._words)
        order = np.empty(len(words), np.uint32)
        order[np.fromiter((self._words[word] for word in words), np.uint32, len(words))] = np.arange(len(words))
        names = np.frombuffer(self._pair_names, np.uint32) if self._pair_names else np.empty(0, np.uint32)
        pairs = order[np.frombuffer(self._pair_words, np.uint32)] if self._pair_words else np.empty(0, np.uint32)
        starts, postings = _grouped(pairs, names, len(words))
        rarity = np.log1p(len(self) / np.maximum(1, np.diff(starts))).astype(np.float32)
        weights = np.bincount(names, weights=rarity[pairs], minlength=len(self)).astype(np.float32)
        encoded = [word.encode("utf-8", "replace") for word in words]
        self._save(folder, words=np.frombuffer(b"".join(encoded), np.uint8))
        self._save(folder, word_ends=np.cumsum([len(word) for word in encoded], dtype=np.uint64))
        self._save(folder, posting_starts=starts, postings=postings, rarity=rarity, name_weights=weights)
        self._save_sorted(folder, "key", _array(self._keys, np.uint64), _array(self._key_names, np.uint32))
        self._save_sorted(folder, "word_key", *_flat(words, word_keys))
        self._save_sorted(folder, "gram", *_flat(words, _grams))
        self._save(
            folder, names=np.frombuffer(bytes(self._names), np.uint8), name_ends=_array(self._name_ends, np.uint64)
        )
        self._save(folder, owners=np.frombuffer(bytes(self._owners), np.uint8))
        self._save(folder, owner_ends=_array(self._owner_ends, np.uint64))
        self._save(folder, name_owners=_array(self._name_owners, np.uint32), weak=_array(self._weak, np.uint8))

    @staticmethod
    def _save(folder: Path, **arrays: NDArray[Any]) -> None:
        for name, values in arrays.items():
            np.save(folder / f"{name}.npy", values, allow_pickle=False)

    def _save_sorted(self, folder: Path, name: str, keys: Ints, values: Ints) -> None:
        """Distinct keys with where the values of each begin: equal keys are common."""
        order = np.argsort(keys, kind="stable")
        distinct, starts = np.unique(keys[order], return_index=True)
        ends = np.append(starts, len(keys)).astype(np.uint32)
        self._save(folder, **{f"{name}s": distinct, f"{name}_starts": ends, f"{name}_values": values[order]})


def _array(values: Any, kind: Any) -> NDArray[Any]:
    return np.frombuffer(values, kind) if values else np.empty(0, kind)


def _grouped(groups: Ints, values: Ints, count: int) -> tuple[Ints, Ints]:
    """(where each group begins, the values in order of group)."""
    starts = np.zeros(count + 1, np.uint32)
    np.cumsum(np.bincount(groups, minlength=count), out=starts[1:])
    return starts, values[np.argsort(groups, kind="stable")]


def _flat(words: Sequence[str], keys_of: Callable[[str], Iterable[int]]) -> tuple[Ints, Ints]:
    keys, owners = array("Q"), array("I")
    for number, word in enumerate(words):
        for key in keys_of(word):
            keys.append(key)
            owners.append(number)
    return _array(keys, np.uint64), _array(owners, np.uint32)


def _grams(word: str) -> set[int]:
    """Three letters at a time, the word's ends marked, as numbers."""
    padded = f"\x02{word}\x03"
    grams = (padded[at : at + _GRAMS] for at in range(len(padded) - _GRAMS + 1))
    return {(ord(gram[0]) << 42) | (ord(gram[1]) << 21) | ord(gram[2]) for gram in grams}


class _Groups:
    """Sorted keys, each with its values."""

    def __init__(self, load: Callable[[str], NDArray[Any]], name: str) -> None:
        self.keys, self.starts, self.values = load(f"{name}s"), load(f"{name}_starts"), load(f"{name}_values")

    def of(self, key: int) -> Ints:
        at = int(np.searchsorted(self.keys, np.uint64(key)))
        if at == len(self.keys) or int(self.keys[at]) != key:
            return self.values[:0]
        return self.values[int(self.starts[at]) : int(self.starts[at + 1])]


class NameIndex:
    """One folder, opened: arrays stay on disk but for what is touched. Use it from one thread at a time."""

    def __init__(self, folder: Path) -> None:
        try:
            self._open(folder)
        except (OSError, ValueError) as error:
            raise StoreError(f"the index of names in {folder} cannot be read: {error}; delete the folder") from error

    def _open(self, folder: Path) -> None:
        def load(name: str) -> NDArray[Any]:
            path = folder / f"{name}.npy"
            # A view as a plain array: np.memmap makes each slice ten times slower. An empty file cannot be mapped.
            mode: Any = "r" if path.stat().st_size > 4_096 else None
            return np.asarray(np.load(path, mmap_mode=mode, allow_pickle=False))

        self._words, self._word_ends = load("words"), load("word_ends")
        self._starts, self._postings = load("posting_starts"), load("postings")
        self._rarity, self._weights = load("rarity"), load("name_weights")
        self._keys, self._word_keys, self._word_grams = (_Groups(load, name) for name in ("key", "word_key", "gram"))
        self._names, self._name_ends = load("names"), load("name_ends")
        self._owners, self._owner_ends = load("owners"), load("owner_ends")
        self._name_owners, self._weak = load("name_owners"), load("weak")
        count = len(self._name_ends)
        self._sum, self._turn = np.zeros(count, np.float32), np.zeros(count, np.float32)
        self._common = max(_MOST_COMMON, int(count * _COMMON))

    def __len__(self) -> int:
        return len(self._name_ends)

    def holds(self, key: int) -> bool:
        """Whether a name is stored under it."""
        return bool(len(self._keys.of(key)))

    # ------------------------------------------------------------ candidates

    def candidates(
        self,
        words: Sequence[str],
        joined: Sequence[tuple[str, int, int]],
        whole: Sequence[int],
        word_keys: Callable[[str], Sequence[int]],
        limit: int,
    ) -> list[Candidate]:
        """The names that are worth a comparison, best guess first; no more than three of one owner. `joined`: two words
        of the query written together, with their places."""
        if not len(self):
            return []
        likes = [self._like(word, word_keys(word)) for word in words]
        joins = [(self._number(text), first, second) for text, first, second in joined]
        likes += [{number: _JOINED} for number, _first, _second in joins if number is not None]
        total = sum(self._importance(like) for like in likes[: len(words)]) or 1.0
        rare = [like for like in likes if self._count(like) <= self._common]
        touched = [self._add(like) for like in rare or sorted(likes, key=self._count)[:1]]
        scores = self._scores(touched, total, _MOST_SCORED * limit)
        for key in whole:
            for number in self._keys.of(key)[: 4 * limit].tolist():
                scores[number] = scores.get(number, 0.0) + _WHOLE
        return self._best(scores, limit)

    def _number(self, word: str) -> int | None:
        """The word's place in the vocabulary, which is in order."""
        encoded = word.encode("utf-8", "replace")
        low, high = 0, len(self._word_ends)
        while low < high:
            middle = (low + high) // 2
            if self._word(middle) < encoded:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self._word_ends) and self._word(low) == encoded else None

    def _word(self, number: int) -> bytes:
        start = int(self._word_ends[number - 1]) if number else 0
        return bytes(self._words[start : int(self._word_ends[number])])

    def _like(self, word: str, keys: Sequence[int]) -> dict[int, float]:
        """Words of the vocabulary that are like it, each with how like."""
        like: dict[int, float] = {}
        if len(word) >= 4:
            like.update(self._spelt_like(word))
        for key in keys:
            for number in self._word_keys.of(key).tolist():
                like[number] = max(like.get(number, 0.0), _KEYED)
        equal = self._number(word)
        if equal is not None:
            like[equal] = _EQUAL
        return like

    def _spelt_like(self, word: str) -> Iterator[tuple[int, float]]:
        grams = _grams(word)
        found = [self._word_grams.of(gram) for gram in grams]
        numbers, counts = np.unique(np.concatenate(found), return_counts=True)
        if not len(numbers):
            return
        least = max(2, len(grams) // 3)
        numbers, counts = numbers[counts >= least], counts[counts >= least]
        if len(numbers) > _MOST_LIKE:
            ends = self._word_ends
            lengths = ends[numbers] - np.where(numbers > 0, ends[np.maximum(numbers, 1) - 1], 0)
            dice = 2 * counts / (lengths.astype(np.float32) + len(grams))
            numbers = numbers[np.argpartition(-dice, _MOST_LIKE)[:_MOST_LIKE]]
        texts = {int(number): self._word(int(number)).decode("utf-8") for number in numbers}
        likes = process.extract(
            word, texts, scorer=Levenshtein.normalized_similarity, limit=None, score_cutoff=_LEAST_LIKE
        )
        yield from ((number, 0.9 * score) for _text, score, number in likes)

    def _importance(self, like: Mapping[int, float]) -> float:
        """How rare the word of the query is: as its nearest in the vocabulary, or as none."""
        best = max(like.items(), key=lambda one: one[1], default=None)
        return float(self._rarity[best[0]]) if best else float(np.log1p(len(self)))

    def _count(self, like: Mapping[int, float]) -> int:
        return sum(int(self._starts[number + 1]) - int(self._starts[number]) for number in like)

    def _add(self, like: Mapping[int, float]) -> Ints:
        """Adds the best likeness of each name to its sum; returns the names."""
        turn, found = self._turn, []
        # A rare word that is like the query's counts no more than the query's own word does.
        own = max((float(self._rarity[number]) for number, one in like.items() if one == _EQUAL), default=np.inf)
        worth = {number: one * min(own, float(self._rarity[number])) for number, one in like.items()}
        for number, counted in sorted(worth.items(), key=lambda one: one[1]):
            names = self._postings[int(self._starts[number]) : int(self._starts[number + 1])]
            turn[names] = counted
            found.append(names)
        names = np.concatenate(found) if found else self._postings[:0]
        self._sum[names] += turn[names]  # a name that is there twice is added once: all of it is read before
        turn[names] = 0.0
        return names

    def _scores(self, touched: Sequence[Ints], total: float, most: int) -> dict[int, float]:
        """Of the best names their scores: what they share with the query, for the size of both."""
        names = np.concatenate(touched) if touched else self._postings[:0]
        reached = self._sum[names] / np.sqrt(self._weights[names] * np.float32(total))
        self._sum[names] = 0.0
        if len(names) > most:
            chosen = np.argpartition(-reached, most)[:most]
            names, reached = names[chosen], reached[chosen]
        return dict(zip(names.tolist(), reached.tolist(), strict=True))

    def _best(self, scores: Mapping[int, float], limit: int) -> list[Candidate]:
        chosen: list[Candidate] = []
        owners: dict[int, int] = {}
        for number, score in sorted(scores.items(), key=lambda one: -one[1]):
            owner = int(self._name_owners[number])
            owners[owner] = owners.get(owner, 0) + 1
            if owners[owner] <= 3:
                kind, _, key = self._text(self._owners, self._owner_ends, owner).partition("\n")
                name = self._text(self._names, self._name_ends, number)
                chosen.append(Candidate(key, kind, name, bool(self._weak[number]), score))
            if len(chosen) == limit:
                break
        return chosen

    @staticmethod
    def _text(texts: NDArray[Any], ends: Ints, number: int) -> str:
        start = int(ends[number - 1]) if number else 0
        return bytes(texts[start : int(ends[number])]).decode("utf-8", "replace")


class NameIndexFolder:
    """Where the versions of one index stand, side by side, for every process of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> tuple[str, int, int] | None:
        """(the newest version's folder, the revision that it was built of, `mark`); None: there is none yet."""
        try:
            said = json.loads((self.folder / _CURRENT).read_text(encoding="utf-8"))
            if said["format"] == FORMAT and (self.folder / said["name"]).is_dir():
                return str(said["name"]), int(said["revision"]), int(said["mark"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def open(self, name: str) -> NameIndex:
        return NameIndex(self.folder / name)

    def build(
        self, fill: Callable[[NameIndexWriter], tuple[int, int]], word_keys: Callable[[str], Sequence[int]]
    ) -> str | None:
        """A new version, with the names that `fill` adds; it returns (revision, mark). Written aside, then named as the
        newest; older ones go, but for the one before, which others may be opening just now. Returns its name; None, and
        nothing done, if another process is building. Raises StoreError when the disk refuses."""
        with self._building() as may_build:
            if not may_build:
                return None
            writer = NameIndexWriter()
            revision, mark = fill(writer)
            return self._publish(writer, word_keys, revision, mark)

    @contextlib.contextmanager
    def _building(self) -> Iterator[bool]:
        """One process builds at a time. The lock goes with the process."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)  # whom somebody tracks is nobody else's to read, as the database is not
            lock = (self.folder / "lock").open("w")
        except OSError as error:
            raise StoreError(f"the index of names cannot be written to {self.folder}: {error.strerror}") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True

    def _publish(
        self, writer: NameIndexWriter, word_keys: Callable[[str], Sequence[int]], revision: int, mark: int
    ) -> str:
        name = f"{revision}-{uuid.uuid4().hex[:8]}"
        before = self.current()
        try:
            writer.write(self.folder / name, word_keys)
            aside = self.folder / f"{name}.json"
            said = {"format": FORMAT, "name": name, "revision": revision, "mark": mark}
            aside.write_text(json.dumps(said), encoding="utf-8")
            aside.replace(self.folder / _CURRENT)
        except OSError as error:
            shutil.rmtree(self.folder / name, ignore_errors=True)
            raise StoreError(f"the index of names cannot be written to {self.folder}: {error.strerror}") from error
        for old in self.folder.iterdir():
            if old.is_dir() and old.name not in (name, before[0] if before else ""):
                shutil.rmtree(old, ignore_errors=True)
        return name
