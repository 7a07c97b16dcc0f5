"""The vocabulary: patterns of words, as data, and where they occur in a sentence (docs/verdicts.md: how to extend it).

Decides nothing: a cue says that a sentence speaks of a designation (or a proposal, a renewal …) and where its target
would stand; `roles` tells who stands there, `verdicts` what it amounts to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from bot.authorities import load_authorities
from bot.errors import ConfigError
from bot.matching.times import Calendar
from bot.matching.words import Kind, Token, fold_text, fold_word
from bot.text.patterns import read_table

LANGUAGES = ("en", "ru", "uk", "es", "de", "fr", "zh", "ko")
FRAMES = ("verb", "subject", "object", "any", "before", "after")
_KINDS = {"@NAME": "#name", "@AUTH": "#auth", "@NUM": "#num", "@DATE": "#date"}
_GRAMMAR = (
    "relatives subordinators conditionals coordinators negations asking alone unlike possessives relations hardly "
    "spared_tail of_before "
    "be have modals prepositions determiners pronouns "
    "person_pronouns thing_pronouns group_pronouns person_nouns company_nouns vessel_nouns group_nouns subject_adverbs "
    "speech officials experts spokes preterites participles verbs"
).split()
_LETTERS = frozenset(("us", "un", "eu", "uk"))  # in capitals; else words: "tell us", "un grupo", "il a eu"
_GAPS = {"..": 3, "...": 12}  # how many words may stand between, at most
_HOW = "the head of vocabulary/en.toml tells how a pattern is written"
_NUMBER_WORDS = frozenset("one two three four five six seven eight nine ten eleven twelve dozen several both".split())


Grammar = Mapping[str, frozenset[str]]  # what a word is called ("negations") -> the words, folded


@dataclass(frozen=True, slots=True)
class Pattern:
    """An entry of the vocabulary. `parts` are (element number, words that may stand before it)."""

    text: str
    kind: str  # "designation", "relief" …
    frame: str
    parts: tuple[tuple[int, int], ...]
    example: str
    needs: frozenset[int]  # its elements


class Hit(NamedTuple):
    """A pattern found in tokens [start, end)."""

    pattern: Pattern
    start: int
    end: int


@dataclass(slots=True)
class Vocabulary:
    """What one language has. Made by `load_vocabulary`."""

    language: str
    patterns: tuple[Pattern, ...]
    grammar: Grammar
    calendar: Calendar
    authorities: Mapping[tuple[str, ...], str]  # folded words -> "US", "EU" …
    gate: tuple[str, ...]  # folded: a title with one of them is worth a look
    verb_forms: Mapping[str, str]  # form -> "base", "s", "past" or "ing"; empty where the grammar has no verbs
    bare_relatives: bool = False  # a relative clause begins without a comma, too
    _first: dict[int, list[Pattern]] = field(default_factory=dict)
    _exact: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _prefixes: dict[str, list[int]] = field(default_factory=dict)
    _longest_prefix: int = 0
    _infixes: tuple[tuple[str, int], ...] = ()
    _kind_elements: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _cache: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _authority_sizes: dict[str, tuple[int, ...]] = field(
        default_factory=dict
    )  # by first word: how long, the longest first

    def is_of_the_field(self, text: str) -> bool:
        """Has a sentence a word of `gate`?"""
        low = fold_text(text)
        return any(word in low for word in self.gate)

    def elements_of(self, token: Token) -> tuple[int, ...]:
        """The elements of patterns that a token satisfies."""
        if token.kind is Kind.MENTION:
            return self._kind_elements.get("#name", ())
        if token.kind is Kind.AUTHORITY:
            return self._kind_elements.get("#auth", ()) + self._word_elements(token.low)
        found = self._word_elements(token.low)
        if token.kind is Kind.WORD and token.capital:
            found += self._kind_elements.get("#name", ())
        if token.kind is Kind.NUMBER or token.low in _NUMBER_WORDS:
            found += self._kind_elements.get("#num", ())
        return found

    def _word_elements(self, low: str) -> tuple[int, ...]:
        found = self._cache.get(low)
        if found is None:
            starts = [low[:size] for size in range(1, min(len(low), self._longest_prefix) + 1)]
            by_start = tuple(sorted(number for start in starts for number in self._prefixes.get(start, ())))
            by_part = tuple(number for part, number in self._infixes if part in low)
            found = tuple(dict.fromkeys(self._exact.get(low, ()) + by_start + by_part))
            if len(self._cache) < 100_000:
                self._cache[low] = found
        return found

    def find(self, tokens: Sequence[Token], dates: frozenset[int] = frozenset()) -> list[Hit]:
        """The patterns among the tokens, the longest of a kind at each; `dates` are tokens at which a date starts."""
        return _without_shorter(self.find_all(tokens, dates))

    def find_all(self, tokens: Sequence[Token], dates: frozenset[int] = frozenset()) -> list[Hit]:
        """Every pattern that occurs among the tokens."""
        date_elements = self._kind_elements.get("#date", ())
        elements = [self.elements_of(token) for token in tokens]
        for index in dates:
            elements[index] += date_elements
        present = frozenset().union(*elements)
        possible: dict[int, list[Pattern]] = {}
        for number in present & self._first.keys():
            if patterns := [pattern for pattern in self._first[number] if pattern.needs <= present]:
                possible[number] = patterns
        hits: list[Hit] = []
        for index, numbers in enumerate(elements):
            for number in numbers:
                if number in possible:
                    for pattern in possible[number]:
                        if end := _match(pattern.parts, 1, index + 1, elements):
                            hits.append(Hit(pattern, index, end))
        return hits

    def mark_authorities(self, tokens: list[Token]) -> list[Token]:
        """The tokens, with the words that name an authority joined to one AUTHORITY token each."""
        marked: list[Token] = []
        end = 0
        for index, first in enumerate(tokens):
            if index < end:
                continue
            size, code = self._authority_at(tokens, index) if first.low in self._authority_sizes else (0, "")
            if size:
                end = index + size
                low = " ".join(token.low for token in tokens[index:end])
                text = first.text if size == 1 else low
                marked.append(Token(text, low, first.start, tokens[end - 1].end, Kind.AUTHORITY, (), code))
            else:
                marked.append(first)
        return marked

    def _authority_at(self, tokens: Sequence[Token], index: int) -> tuple[int, str]:
        if tokens[index].kind is not Kind.WORD:
            return 0, ""
        for size in self._authority_sizes[tokens[index].low]:
            words = tuple(token.low for token in tokens[index : index + size])
            code = self.authorities.get(words)
            if code and not (words[0] in _LETTERS and len(words) == 1 and not tokens[index].text.isupper()):
                return len(words), code
        return 0, ""


def _match(parts: tuple[tuple[int, int], ...], at: int, index: int, elements: Sequence[tuple[int, ...]]) -> int:
    """The end of a match of parts[at:] from tokens[index], or 0. Bounded: at most 12 words of gap for each part."""
    if at == len(parts):
        return index
    number, gap = parts[at]
    for position in range(index, min(index + gap + 1, len(elements))):
        if number in elements[position]:
            end = _match(parts, at + 1, position + 1, elements)
            if end:
                return end
    return 0


def _without_shorter(hits: list[Hit]) -> list[Hit]:
    """Of several hits of one kind that begin at one token, the one with most words."""
    best: dict[tuple[str, int], Hit] = {}
    for hit in hits:
        key = (hit.pattern.kind, hit.start)
        held = best.get(key)
        if held is None or len(hit.pattern.parts) > len(held.pattern.parts):
            best[key] = hit
    return list(best.values())


# ---------------------------------------------------------------- loading


@cache
def load_vocabulary(language: str) -> Vocabulary | None:
    """The vocabulary for a BCP 47 tag ("en", "en-GB"); None for a language that has none."""
    name = language.lower().replace("_", "-").split("-")[0]
    if name not in LANGUAGES:
        return None
    data = read_table(f"matching/vocabulary/{name}.toml")
    return compile_vocabulary(name, data)


@cache
def load_shared() -> Mapping[str, Any]:
    """What is the same in every language: vocabulary/shared.toml."""
    return read_table("matching/vocabulary/shared.toml")


def compile_vocabulary(language: str, data: Mapping[str, Any]) -> Vocabulary:
    """What `load_vocabulary` makes of a file's tables. Raises ConfigError, which names table and pattern."""
    builder = _Builder(data, f"vocabulary/{language}.toml")
    patterns = tuple(builder.patterns())
    latin = {code: authority.names for code, authority in load_authorities().items()}
    phrases = {
        tuple(_split(phrase)): code
        for table in (latin, data.get("authorities", {}))
        for code, names in table.items()
        for phrase in names
    }
    grammar = {name: frozenset(fold_word(word) for word in words.split()) for name, words in data["grammar"].items()}
    for name in _GRAMMAR:
        grammar.setdefault(name, frozenset())
    vocabulary = Vocabulary(
        language=language,
        patterns=patterns,
        grammar=grammar,
        calendar=_calendar(data.get("time", {})),
        authorities=phrases,
        gate=tuple(fold_word(word) for word in data["gate"].split("|")),
        verb_forms=builder.verb_forms(),
        bare_relatives=data.get("bare_relatives", False),
    )
    for words in sorted(phrases, key=len, reverse=True):
        sizes = vocabulary._authority_sizes.get(words[0], ())
        vocabulary._authority_sizes[words[0]] = tuple(dict.fromkeys((*sizes, len(words))))
    builder.index(vocabulary)
    for pattern in patterns:
        vocabulary._first.setdefault(pattern.parts[0][0], []).append(pattern)
    return vocabulary


def _split(phrase: str) -> list[str]:
    from bot.matching.words import tokenize

    return [token.low for token in tokenize(phrase, 0, len(phrase))]


def _calendar(data: Mapping[str, Any]) -> Calendar:
    def numbered(text: str, first: int) -> dict[str, int]:
        rows = (row.split() for row in text.split(";"))
        return {fold_word(word): first + place for row in rows for place, word in enumerate(row) if word != "-"}

    def words(name: str) -> frozenset[str]:
        return frozenset(fold_word(word) for word in data.get(name, "").split())

    return Calendar(
        months=numbered(data.get("months", ""), 1),
        weekdays=numbered(data.get("weekdays", ""), 0),
        last=words("last"),
        next=words("next"),
        until=words("until"),
        year=words("year"),
        capitals=bool(data.get("capitals", False)),
    )


class _Builder:
    """Turns the text of patterns into numbered elements."""

    def __init__(self, data: Mapping[str, Any], file: str) -> None:
        self.data, self.file = data, file
        self.irregular = {word: forms.split() for word, forms in data.get("irregular", {}).items()}
        self.groups = {f"@{name}": words.split() for name, words in data.get("groups", {}).items()}
        self.by_character = data.get("by_character", False)  # no blanks between words, or particles that attach
        self.numbers: dict[frozenset[str], int] = {}

    def patterns(self) -> Iterator[Pattern]:
        for kind, frames in self.data["cues"].items():
            for frame, entries in frames.items():
                table = f"{self.file} [cues.{kind}.{frame}]"
                if frame not in FRAMES:
                    raise ConfigError(table, "unknown frame", f"use one of {', '.join(FRAMES)}")
                for text, example in entries.items():
                    try:
                        sequences = [parts for phrase in text.split(" / ") for parts in self._parts(phrase)]
                    except ValueError as error:
                        raise ConfigError(f"{table} {text!r}", str(error), _HOW) from error
                    for parts in sequences:
                        yield Pattern(text, kind, frame, parts, example, frozenset(number for number, _ in parts))

    def _parts(self, text: str) -> list[tuple[tuple[int, int], ...]]:
        """The part sequences of a pattern: more than one where words may be missing."""
        sequences: list[list[tuple[int, int]]] = [[]]
        gap = 0
        for item in self._items(text):
            if set(item) == {"."}:
                if item not in _GAPS:
                    raise ValueError(
                        f"{item} is no gap: there are .. and ...; longer ones are written one after another"
                    )
                gap += _GAPS[item]
                continue
            optional = item.endswith("?")
            number = self._element(item.rstrip("?"))
            grown = [[*sequence, (number, gap if sequence else 0)] for sequence in sequences]
            sequences = grown + (sequences if optional else [])
            gap = 0
        return [tuple(sequence) for sequence in sequences if sequence]

    def _items(self, text: str) -> list[str]:
        if not self.by_character:
            return text.split()
        items: list[str] = []
        for item in text.split():
            if set(item) == {"."} or item.startswith("@") or item.isascii() or "|" in item:
                items.append(item)
            else:
                items += _split(item)
        return items

    def _element(self, item: str) -> int:
        atoms: set[str] = set()
        for choice in item.split("|"):
            if choice in _KINDS:
                atoms.add(_KINDS[choice])
            elif choice.startswith("@"):
                if choice not in self.groups:
                    raise ValueError(f"there is no group {choice}; there are {', '.join((*_KINDS, *self.groups))}")
                atoms.update(fold_word(word) for word in self.groups[choice])
            elif not choice.rstrip("~*"):
                raise ValueError(f"{item} has an alternative without a word")
            elif choice.endswith("~"):
                atoms.update(self._forms(choice[:-1]))
            else:
                atoms.add(fold_word(choice))
        key = frozenset(atoms)
        return self.numbers.setdefault(key, len(self.numbers))

    def _forms(self, word: str) -> set[str]:
        return inflect(fold_word(word), self.irregular.get(word, []))

    def verb_forms(self) -> dict[str, str]:
        forms: dict[str, str] = {}
        for verb in self.data["grammar"].get("verbs", "").split():
            extra = self.irregular.get(verb, [])
            for form in inflect(verb, extra):
                past = "ing" if form.endswith("ing") else "past"
                present = "s" if form.endswith("s") and form not in extra else past
                forms[form] = "base" if form == verb else present
        return forms

    def index(self, vocabulary: Vocabulary) -> None:
        exact: dict[str, list[int]] = {}
        infixes: list[tuple[str, int]] = []
        for atoms, number in self.numbers.items():
            for atom in atoms:
                if atom.startswith("*"):
                    infixes.append((atom.strip("*"), number))
                elif atom.endswith("*"):
                    vocabulary._prefixes.setdefault(atom[:-1], []).append(number)
                elif atom.startswith("#"):
                    vocabulary._kind_elements[atom] = (*vocabulary._kind_elements.get(atom, ()), number)
                else:
                    exact.setdefault(atom, []).append(number)
        vocabulary._exact = {word: tuple(numbers) for word, numbers in exact.items()}
        vocabulary._longest_prefix = max(map(len, vocabulary._prefixes), default=0)
        vocabulary._infixes = tuple(infixes)


_VOWELS = re.compile(r"[aeiou]")


def inflect(word: str, irregular: Sequence[str] = ()) -> set[str]:
    """The forms of an English verb or noun: with -s, -ed, -ing, and the irregular ones given."""
    forms = {word, *irregular}
    if word.endswith("e"):
        forms |= {word + "s", word[:-1] + "ing"}
        forms |= set() if irregular and not any(f.endswith("d") for f in irregular) else {word + "d"}
    elif word.endswith("y") and len(word) > 2 and not _VOWELS.match(word[-2]):
        forms |= {word[:-1] + "ies", word[:-1] + "ied", word + "ing"}
    elif re.search(r"(?:s|x|z|ch|sh)$", word):
        forms |= {word + "es", word + "ed", word + "ing"}
    else:
        forms |= {word + "s", word + "ing"}
        forms |= set() if irregular and not any(f.endswith("ed") for f in irregular) else {word + "ed"}
    return forms
