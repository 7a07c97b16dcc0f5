"""Find where an article names the tracked entities. Decides nothing about sanctions.

A hit of the name index becomes a mention unless a longer name stands there, a namesake is meant, or the form is too weak for
this article. Around what is named in full, short forms are found: introduced in brackets or quotes, surnames, first words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.folding import BREAK, Folded, fold, fold_key
from bot.matching.names import Hit, NameForm, NameIndex
from bot.matching.terms import Terms, load_terms
from bot.model import Article, Entity, Mention, Schema, Strength

__all__ = ["find_mentions"]

_SEPARATOR = f"\n{BREAK}\n"
_INNER_STOP = re.compile(r"[!?;:|•\n\x01]|\.\s")
_ABBREVIATION = re.compile(r"(?:^|[\s(.])(?:[^\W\d_]|co|ltd|inc|corp|st|dr|mr|mrs|gen|jr|sr|no|al|pvt|pte|pty|llc|bros|intl)\.$", re.IGNORECASE)
_VESSEL_WORDS = re.compile(r"\b(?:tankers?|vessels?|ships?|IMO|flag(?:ged)?|cargo|carriers?|crude|VLCC|aframax|suezmax|bulkers?|freighters?|yachts?|master|crew|buques?|танкер\w*|судн\w*|судов)\b", re.IGNORECASE)


def find_mentions(article: Article, index: NameIndex) -> tuple[Mention, ...]:
    """Where `article` names the entities of `index`, in the order of its blocks."""
    text = _SEPARATOR.join(block.text.replace(BREAK, " ") for block in article.blocks)
    folded = fold(text)
    exact = list(index.find_exact(folded.text))
    variants = list(index.find_variants(folded.text))
    identified = list(index.find_identifiers(text))
    if not (exact or variants or identified):
        return ()
    page = _Page(text, folded)
    return _Reader(page, index, exact, variants, identified).mentions()


# ---------------------------------------------------------------- the page


@dataclass(frozen=True, slots=True)
class _Word:
    """A folded token and where it stands in the text. `gap` is the text between it and the next."""

    low: str
    start: int
    end: int
    at: int  # its start in the folded text
    capital: bool
    upper: bool
    gap: str


class _Page:
    """A text as words with their surroundings: what stands beside a hit, whether a sentence begins there."""

    def __init__(self, text: str, folded: Folded) -> None:
        self.text = text
        self.folded = folded
        self.words = _words(text, folded)
        self._ats = [word.at for word in self.words]
        self.block_starts = [0, *(match.end() for match in re.finditer(_SEPARATOR, text))]

    def word_range(self, start: int, end: int) -> tuple[int, int]:
        """The first and last word of a folded span with its outer blanks."""
        first = bisect_right(self._ats, start)
        last = bisect_right(self._ats, end - 1) - 1
        return first, last

    def block_of(self, start: int) -> int:
        return bisect_right(self.block_starts, start) - 1

    def block_text(self, block: int) -> str:
        start = self.block_starts[block]
        end = self.block_starts[block + 1] - len(_SEPARATOR) if block + 1 < len(self.block_starts) else len(self.text)
        return self.text[start:end]

    @cached_property
    def speaks_of_sanctions(self) -> bool:
        low = self.folded.text
        return any(stem in low for stem in load_terms().sanctions_stems)

    @cached_property
    def _title_case(self) -> dict[int, bool]:
        counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for word in self.words:
            if len(word.low) > 3 and word.low.isalpha():
                count = counts[self.block_of(word.start)]
                count[0] += word.capital
                count[1] += 1
        return {block: capitals >= 0.75 * total and total >= 4 for block, (capitals, total) in counts.items()}

    def is_title_case(self, at: int) -> bool:
        """Capitals say nothing there: a headline in Title Case, a line in capitals."""
        return self._title_case.get(self.block_of(self.words[at].start), False)

    def starts_sentence(self, at: int) -> bool:
        if at == 0:
            return True
        before = self.text[max(0, self.words[at - 1].end) : self.words[at].start]
        return bool(re.search(r"[.!?:;•|\n\x01“\"«]|[–—]\s", before)) and not self._abbreviated(at - 1)

    def _abbreviated(self, at: int) -> bool:
        word = self.words[at]
        return word.gap.startswith(". ") and _ABBREVIATION.search(self.text[max(0, word.start - 1) : word.end] + ".") is not None

    def joined(self, at: int) -> bool:
        """Do words `at` and `at + 1` run on, with only blanks, a hyphen or an abbreviation's dot between them?"""
        gap = self.words[at].gap
        return gap in (" ", "-", "\u00a0", "\u2011", "\u2010", "") or (gap in (". ", ".") and self._abbreviated(at))

    def broken_inside(self, first: int, last: int, *, comma: bool) -> bool:
        """Does a sentence, a cell or a list item end between these words?"""
        for at in range(first, last):
            gap = self.words[at].gap
            if gap in (" ", "-"):
                continue
            if _INNER_STOP.search(gap) and not self._abbreviated(at):
                return True
            if "," in gap and not comma:
                return True
        return False


def _words(text: str, folded: Folded) -> list[_Word]:
    offsets = folded.offsets
    spans: list[tuple[str, int, int, int]] = []
    for match in re.finditer(r"[^ ]+", folded.text):
        start, end = offsets[match.start()], offsets[match.end() - 1] + 1
        spans.append((match.group(), start, end, match.start()))
    words: list[_Word] = []
    for number, (low, start, end, at) in enumerate(spans):
        following = spans[number + 1][1] if number + 1 < len(spans) else len(text)
        surface = text[start:end]
        words.append(_Word(low, start, end, at, surface[:1].isupper(), len(surface) > 1 and surface.isupper(), text[end:following]))
    return words


# ---------------------------------------------------------------- the reader


@dataclass(slots=True)
class _Found:
    """A hit on the page: words first..last, and what was decided of it."""

    entity: str
    form: NameForm
    first: int
    last: int
    how: str
    weak: bool = False


@dataclass(slots=True)
class _Namesakes:
    """Longer names of others that hold a word, by that word: where they stand."""

    at: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


class _Reader:
    """Reads one page for one index."""

    def __init__(self, page: _Page, index: NameIndex, exact: Sequence[Hit], variants: Sequence[Hit], identified: Sequence[tuple[int, int, str]]) -> None:
        self.page = page
        self.index = index
        self.terms: Terms = load_terms()
        self.exact, self.variants, self.identified = exact, variants, identified
        self.strong: list[_Found] = []
        self.weak: list[_Found] = []
        self.others: dict[tuple[str, str], list[int]] = defaultdict(list)  # (entity, word) -> where another's name has it

    def mentions(self) -> tuple[Mention, ...]:
        self._read_hits()
        anchored = {found.entity for found in self.strong} | {key for _, _, key in self.identified}
        kept = [*self.strong]
        kept += [found for found in self.weak if found.entity in anchored and not self._is_anothers(found)]
        loose = [found for found in self.weak if found.entity not in anchored and self._counts_alone(found)]
        kept += loose
        anchored |= {found.entity for found in loose if found.form.how != "surname"}
        for key in anchored:
            kept += self._short_forms(key, [found for found in kept if found.entity == key])
        kept += self._given_names(kept)
        return self._as_mentions(self._one_entity_a_span(kept))

    # ---- hits

    def _read_hits(self) -> None:
        spans: dict[int, int] = {}
        for hit in (*self.exact, *self.variants):
            first, last = self.page.word_range(hit.start, hit.end)
            if hit.variant and any(at in spans for at in range(first, last + 1)) and not self._covers_more(first, last, spans):
                continue
            if not hit.variant:
                spans.update(dict.fromkeys(range(first, last + 1), last - first))
            self._read_hit(hit, first, last)

    @staticmethod
    def _covers_more(first: int, last: int, spans: dict[int, int]) -> bool:
        return all(spans.get(at, -1) < last - first for at in range(first, last + 1))

    def _read_hit(self, hit: Hit, first: int, last: int) -> None:
        entity, form = self.index.entities[hit.entity], hit.form
        comma = "," in form.source or entity.schema is not Schema.PERSON or form.how == "given and family name"
        if self.page.broken_inside(first, last, comma=comma) or not self._case_fits(entity, form, first, last):
            return
        if self._is_longer_name(entity, form, first, last):
            self.others[hit.entity, form.tokens[-1]].append(first)
            return
        found = _Found(hit.entity, form, first, last, "spelling variant" if hit.variant else "exact")
        if form.strength is Strength.WEAK or (hit.variant and first == last and not self._is_cyrillic(first)):
            if form.how == "surname":
                found.how = "surname"
            self.weak.append(found)
        else:
            self.strong.append(found)

    def _is_cyrillic(self, at: int) -> bool:
        return "а" <= self.page.words[at].low[:1] <= "џ"

    def _case_fits(self, entity: Entity, form: NameForm, first: int, last: int) -> bool:
        """A name has its capitals. Scripts without case fit always; an acronym has capitals only."""
        words = [word for word in self.page.words[first : last + 1] if word.low[:1].isalpha()]
        cased = [word for word in words if self.page.text[word.start].lower() != self.page.text[word.start].upper()]
        if not cased:
            return True
        if form.upper:
            return all(any(char.isupper() for char in self.page.text[word.start : word.end][:2]) and (len(word.low) > 1 or word.capital) for word in cased) and self._acronym_case(form, first, last)
        content = [word for word in cased if word.low not in self.terms.particles and word.low not in ("and", "for", "the", "in", "on")] or cased
        capitals = sum(word.capital for word in content)
        if capitals == len(content):
            return True
        if entity.schema is Schema.VESSEL:
            return False
        if capitals == 0:
            return len(content) > 2 or any(self.terms.is_distinctive(word.low) and len(word.low) > 4 for word in content) and len(content) > 1
        return len(content) > 1

    def _acronym_case(self, form: NameForm, first: int, last: int) -> bool:
        surface = self.page.text[self.page.words[first].start : self.page.words[last].end]
        letters = [char for char in surface if char.isalpha()]
        return sum(char.isupper() for char in letters) * 2 >= len(letters)

    # ---- longer names

    def _is_longer_name(self, entity: Entity, form: NameForm, first: int, last: int) -> bool:
        """Is the hit a part of the name of somebody or something else?"""
        own = self._own_words(entity)
        if entity.schema is Schema.PERSON:
            return self._is_other_person(form, own, first, last)
        if entity.schema in (Schema.AIRPLANE, Schema.CRYPTO_WALLET):
            return False
        return self._is_other_body(entity, form, own, first, last)

    def _own_words(self, entity: Entity) -> frozenset[str]:
        return _own_words(entity)

    def _left(self, first: int) -> _Word | None:
        """The word before, if it runs on into the hit and is capitalised or joined by a hyphen."""
        if first == 0 or not self.page.joined(first - 1):
            return None
        return self.page.words[first - 1]

    def _right(self, last: int) -> _Word | None:
        if last + 1 >= len(self.page.words) or not self.page.joined(last):
            return None
        return self.page.words[last + 1]

    def _is_name_word(self, word: _Word, at: int) -> bool:
        """A capitalised word that is no title, people, month or common word: a part of a name."""
        if not word.capital or not word.low.isalpha() or len(word.low) < 2:
            return False
        if word.low in self.terms.given and not (word.low in self.terms.common and self.page.starts_sentence(at)):
            return True
        known = word.low in self.terms.titles or word.low in self.terms.places or word.low in self.terms.calendar
        return not known and word.low not in self.terms.common and word.low not in self.terms.kinds and not self.page.is_title_case(at)

    def _is_other_person(self, form: NameForm, own: frozenset[str], first: int, last: int) -> bool:
        left, right = self._left(first), self._right(last)
        at = first - 1
        while left is not None and left.low in self.terms.particles and at > 0 and self.page.joined(at - 1):
            at -= 1
            left = self.page.words[at]
        family_last = self.page.words[last].low not in self.terms.given
        if first == last:
            if left is not None and left.low not in own and self._is_name_word(left, at) and left.low not in self.terms.titles:
                return True
            if right is not None and right.low not in own and right.capital and right.low not in self.terms.titles:
                if right.low in self.terms.kinds:
                    return True
                return self._is_name_word(right, last + 1) or (right.low in self.terms.common and not self.page.is_title_case(last + 1) and form.strength is Strength.WEAK and form.how != "surname")
            return False
        if not family_last and right is not None and right.low not in own and self._is_name_word(right, last + 1):
            return True
        return not family_last and left is not None and left.low not in own and left.low in self.terms.given and left.capital

    def _is_other_body(self, entity: Entity, form: NameForm, own: frozenset[str], first: int, last: int) -> bool:
        words = self.page.words
        left, right = self._left(first), self._right(last)
        if right is not None and right.low not in own and self._extends_right(entity, form, first, last, right):
            return True
        return left is not None and left.low not in own and self._extends_left(entity, form, first, last, left) and bool(words)

    def _extends_right(self, entity: Entity, form: NameForm, first: int, last: int, right: _Word) -> bool:
        terms, single = self.terms, first == last
        hyphen = "-" in self.page.words[last].gap
        if hyphen:
            return right.capital and right.low not in terms.hyphen_tails and single
        if right.low in terms.kinds and right.capital:
            heading = self.page.is_title_case(last + 1) and right.low in terms.common
            generic = right.low in ("group", "holding", "holdings", "officials", "network") and form.strength is Strength.STRONG
            return not heading and not generic
        if right.low in ("of", "for") and self.page.words[last].low in terms.kinds and last + 2 < len(self.page.words):
            place = self.page.words[last + 2]
            code = terms.country_of.get(place.low)
            return self.page.joined(last + 1) and place.capital and place.low not in _own_words(entity) and code not in entity.countries and right.low == "of"
        if single and right.capital and form.strength is Strength.WEAK and not self.page.is_title_case(last + 1):
            return right.low.isalpha() and right.low not in terms.titles and right.low not in terms.legal_forms and right.low not in terms.calendar
        return False

    def _extends_left(self, entity: Entity, form: NameForm, first: int, last: int, left: _Word) -> bool:
        terms, single = self.terms, first == last
        at = first - 1
        if "-" in left.gap:
            return left.low not in terms.hyphen_heads and left.low not in terms.country_of and (single or self.page.words[first].low in terms.plain)
        if left.low in terms.particles and left.low not in ("al", "el", "of", "the", "e", "i", "y", "at", "an", "as", "del", "de", "den", "der", "von") and at > 0 and single:
            before = self.page.words[at - 1]
            return self.page.joined(at - 1) and before.low in terms.given and before.capital
        if not left.capital:
            return False
        if single:
            if left.low in terms.given or left.low in terms.family_first:
                return left.low not in terms.titles and not (left.low in terms.common and self.page.starts_sentence(at)) and left.low not in terms.places
            return form.strength is Strength.WEAK and self._is_name_word(left, at)
        start = self.page.words[first].low
        generic = start in terms.kinds or start in ("national", "central", "bank", "foreign", "state", "central", "development", "people", "council", "ministry")
        if not generic or entity.schema is Schema.VESSEL:
            return False
        if left.low in terms.country_of:
            return bool(entity.countries) and terms.country_of[left.low] not in entity.countries and start != "foreign"
        return (self._is_name_word(left, at) or (left.low in terms.kinds or left.low in terms.trailing)) and left.low not in terms.titles and not self.page.starts_sentence(at)

    # ---- weak forms

    def _is_anothers(self, found: _Found) -> bool:
        """Was this word last used in full for another person or body than the entity?"""
        other = [at for at in self.others.get((found.entity, found.form.tokens[-1]), ()) if at < found.first]
        if not other:
            return False
        own = [strong.first for strong in self.strong if strong.entity == found.entity and strong.first <= found.first]
        return max(own, default=-1) < max(other)

    def _counts_alone(self, found: _Found) -> bool:
        form = found.form
        if not form.alone or not self.page.speaks_of_sanctions:
            return False
        if self.others.get((found.entity, form.tokens[-1])):
            return False
        entity = self.index.entities[found.entity]
        words = self.page.words[found.first : found.last + 1]
        cased = [word for word in words if self.page.text[word.start].lower() != self.page.text[word.start].upper()]
        if not all(word.capital for word in cased if word.low not in self.terms.particles):
            return False
        distinctive = any(self.terms.is_distinctive(word.low) for word in words)
        if entity.schema is Schema.PERSON and form.how in ("alias of one word", "weak alias") and not distinctive:
            return False
        if entity.schema is Schema.VESSEL and not self._near_vessels(found):
            return False
        if form.how == "without its country":
            return self._names_country(entity)
        if distinctive or not cased:
            return True
        return not self.page.starts_sentence(found.first) and not self.page.is_title_case(found.first)

    def _near_vessels(self, found: _Found) -> bool:
        block = self.page.block_of(self.page.words[found.first].start)
        return _VESSEL_WORDS.search(self.page.block_text(block)) is not None

    def _names_country(self, entity: Entity) -> bool:
        low = self.page.folded.text
        return any(
            f" {name.replace(' ', '  ')} " in low
            for code in entity.countries
            for name in (*self.terms.countries.get(code, ()), *self.terms.peoples.get(code, ()))
        )

    # ---- short forms

    def _short_forms(self, key: str, named: Sequence[_Found]) -> Iterator[_Found]:
        """Later and earlier uses of what an anchored entity is called for short in this article."""
        entity = self.index.entities[key]
        taken = {found.first for found in named}
        forms = [form for form in self.index.forms_of(key).values() if not form.alone]
        for short in dict.fromkeys(self._introduced(entity, named)):
            forms.append(NameForm(short, Strength.STRONG, f"short form of {entity.caption}", entity.caption))
        for form in forms:
            for first, last in self._occurrences(form.text):
                if first in taken or not self._case_fits(entity, form, first, last):
                    continue
                found = _Found(key, form, first, last, "surname" if form.how == "surname" else form.how if form.how.startswith("short form") else f"short form of {entity.caption}")
                if self._is_longer_name(entity, form, first, last):
                    self.others[key, form.tokens[-1]].append(first)
                elif not self._is_anothers(found):
                    taken.add(first)
                    yield found

    def _occurrences(self, text: str) -> Iterator[tuple[int, int]]:
        pattern = f" {text.replace(' ', '  ')} "
        low = self.page.folded.text
        at = low.find(pattern)
        while at >= 0:
            yield self.page.word_range(at, at + len(pattern))
            at = low.find(pattern, at + 1)

    def _introduced(self, entity: Entity, named: Iterable[_Found]) -> Iterator[str]:
        """What stands in brackets after the full name: '(RGB)', '("Zhicheng")', '(hereinafter the Bank)' not."""
        for found in named:
            if found.form.strength is Strength.WEAK:
                continue
            end = self.page.words[found.last].end
            match = _INTRODUCTION.match(self.page.text, end)
            if match is None:
                continue
            short = match.group("quoted") or match.group("bare") or ""
            tokens = fold_key(short).split()
            if tokens and self._is_short_name(entity, short, tokens, quoted=bool(match.group("quoted"))):
                yield " ".join(tokens)

    def _is_short_name(self, entity: Entity, short: str, tokens: list[str], *, quoted: bool) -> bool:
        if not short[:1].isupper() or len(tokens) > 4 or " ".join(tokens) in self.terms.country_of:
            return False
        if quoted:
            return not all(token in self.terms.common for token in tokens) or any(token in _own_words(entity) for token in tokens)
        letters = [char for char in short if char.isalpha()]
        acronym = len(tokens) == 1 and 2 <= len(letters) <= 8 and sum(map(str.isupper, letters)) * 2 > len(letters) and not any(char.isdigit() for char in short[:1])
        return acronym and entity.schema is not Schema.PERSON and tokens[0] not in ("ceo", "cfo", "usd", "imo", "pdf", "video", "photo")

    def _given_names(self, kept: Sequence[_Found]) -> list[_Found]:
        """"Mansour, Nasser and Fazlolah Zarringhalam"; "his sons Daniel and Christopher": a given name counts where the article has
        the family name too, and gives it to nobody else of that given name."""
        out: list[_Found] = []
        named = {found.entity for found in kept}
        for (key, _), places in list(self.others.items()):
            entity = self.index.entities[key]
            if key in named or entity.schema is not Schema.PERSON or not places:
                continue
            form = next((form for form in self.index.forms_of(key).values() if form.how == "name"), None)
            if form is None:
                continue
            given = form.tokens[0]
            for first, last in self._occurrences(given):
                word, right = self.page.words[first], self._right(first)
                if word.capital and (right is None or not right.capital or right.low in ("jr", "sr")) and self._left_is_free(first):
                    out.append(_Found(key, form, first, last, "given name beside the family name", weak=True))
        return out

    def _left_is_free(self, first: int) -> bool:
        left = self._left(first)
        return left is None or not left.capital or not self._is_name_word(left, first - 1)

    # ---- out

    def _one_entity_a_span(self, kept: Iterable[_Found]) -> list[_Found]:
        """Where two entities have the same words: the longer span wins, then the one whose own name it is, then both stay."""
        kept = sorted(kept, key=lambda found: (found.first - found.last, found.how == "spelling variant"))
        out: list[_Found] = []
        owners: dict[int, list[_Found]] = defaultdict(list)
        captions = {key: fold_key(self.index.entities[key].caption) for key in {found.entity for found in kept}}
        for found in kept:
            over = [other for at in range(found.first, found.last + 1) for other in owners.get(at, ())]
            if any(other.entity == found.entity for other in over):
                continue
            if any(other.last - other.first > found.last - found.first for other in over):
                continue
            if any(other.how != "spelling variant" and found.how == "spelling variant" for other in over):
                continue
            for at in range(found.first, found.last + 1):
                owners[at].append(found)
            out.append(found)
        return [found for found in out if not self._belongs_to_another(found, owners, captions)]

    @staticmethod
    def _belongs_to_another(found: _Found, owners: dict[int, list[_Found]], captions: dict[str, str]) -> bool:
        text = found.form.text
        return captions[found.entity] != text and any(
            other.entity != found.entity and captions[other.entity] == text for other in owners[found.first]
        )

    def _as_mentions(self, kept: Iterable[_Found]) -> tuple[Mention, ...]:
        out: dict[tuple[str, int, int], Mention] = {}
        for found in kept:
            start, end = self.page.words[found.first].start, self.page.words[found.last].end
            self._put(out, found.entity, start, end, found.form.strength, found.form.source, found.how)
        for start, end, key in self.identified:
            self._put(out, key, start, end, Strength.IDENTIFIER, self.page.text[start:end], "identifier")
        return tuple(sorted(out.values(), key=lambda mention: (mention.block, mention.start, mention.entity)))

    def _put(self, out: dict[tuple[str, int, int], Mention], key: str, start: int, end: int, strength: Strength, form: str, how: str) -> None:
        block = self.page.block_of(start)
        offset = self.page.block_starts[block]
        out.setdefault(
            (key, block, start),
            Mention(key, block, start - offset, end - offset, self.page.text[start:end], strength, form, how),
        )


_INTRODUCTION = re.compile(
    r"[,\s]*[(\[（]\s*(?:(?:the|or|known as|a\.?k\.?a\.?|hereinafter|also)\s+)*"
    r"(?:[\"“”'‘’«„](?P<quoted>[^\"“”«»()]{2,40}?)[\"“”'’»‘]|(?P<bare>[^()\[\],;:\"“”]{2,20}))\s*[)\]）,;]",
    re.IGNORECASE,
)

_OWN: dict[Entity, frozenset[str]] = {}


def _own_words(entity: Entity) -> frozenset[str]:
    """All words of an entity's names: beside a hit they make no other name of it."""
    words = _OWN.get(entity)
    if words is None:
        if len(_OWN) > 4096:
            _OWN.clear()
        words = _OWN[entity] = frozenset(token for name in (entity.caption, *entity.aliases, *entity.weak_aliases) for token in fold_key(name).split())
    return words
