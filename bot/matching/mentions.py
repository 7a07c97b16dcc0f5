"""Find where an article names the tracked entities. Decides nothing about sanctions.

A hit of the name index becomes a mention unless a longer name stands there, a namesake is meant, or the form is too
weak for this article. Around what is named in full, short forms are found: introduced in brackets, surnames, first
words.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from bot.matching.acronyms import Definitions, words_that_tell
from bot.matching.banks import is_among_banks
from bot.matching.bearers import Bearers
from bot.matching.cjk import is_inside_a_word, stands_apart
from bot.matching.countries import Countries
from bot.matching.foreign_names import hits_by_sound
from bot.matching.forms import AMONG_BANKS, OF_THE_COUNTRY, WITHOUT_WHOSE_IT_IS, NameForm, own_words
from bot.matching.found import Found
from bot.matching.genitives import hits_in_the_genitive
from bot.matching.given_names import GivenNames
from bot.matching.keys import keys_of
from bot.matching.kinship import Families
from bot.matching.legal_forms import core_of
from bot.matching.middles import hits_around_middles
from bot.matching.names import CYRILLIC_COUNTRIES, Hit, NameIndex
from bot.matching.neighbours import NEVER_IT, Neighbours, Other
from bot.matching.pages import SEPARATOR, Page, Word, says_sanctions
from bot.matching.ships import Ships
from bot.matching.spelling import begins_otherwise, is_declined, to_latin
from bot.matching.terms import load_terms
from bot.model import Article, Entity, Mention, Schema, Strength
from bot.text.folding import BREAK, fold, fold_key

__all__ = ["find_mentions"]


def find_mentions(article: Article, index: NameIndex) -> tuple[Mention, ...]:
    """Where `article` names the entities of `index`, in the order of its blocks."""
    text = SEPARATOR.join(text.replace(BREAK, " ") for text in article.texts)
    keys, capitals_speak = keys_of(text), not article.language.startswith("de")
    folded = None if keys.low is not None else fold(text)
    says = says_sanctions(folded.text if folded is not None else keys.low or b"")
    identified = list(index.find_identifiers(text)) if keys.may_have_identifiers else []
    loud = [] if says else index.loud_candidates(keys)
    if not says and not identified and not index.may_count(keys, loud, capitals_speak=capitals_speak):
        return ()
    folded, knows_words = folded or fold(text), article.language[:2] in ("", "en")
    page = Page(text, folded, capitals_speak=capitals_speak, knows_words=knows_words)
    tokens, families = page.words.lows, Families(page)
    if not says and not identified:
        # Weak forms alone never count where nobody speaks of sanctions: is anything else there?
        hits = list(index.hits(tokens, loud))
        if not hits or not _Reader(page, index, families).finds_any(hits):
            return ()
    hits = list(index.hits(tokens, index.candidates(keys)))
    hits += hits_around_middles(page, index)
    hits += hits_by_sound(page, index)
    if page.is_small:
        hits += _hits_behind_titles(page, index)
    if not capitals_speak:
        hits += hits_in_the_genitive(page, index)
    may_be_named = hits or identified or _may_have_numbered_parts(text) or page.kin or families.as_groups
    return _Reader(page, index, families).read(hits, identified) if may_be_named else ()


def _hits_behind_titles(page: Page, index: NameIndex) -> Iterator[Hit]:
    """Family names in a text without capitals, where nothing else tells them from words: "mr. shamkhani"."""
    for at in range(1, len(page.words)):
        if page.is_addressed(at):
            for key, form in index.find_whole(page.words.lows[at]):
                if form.how == "surname":
                    yield Hit(at, at, key, form, False)


def _may_have_numbered_parts(text: str) -> bool:
    return "1:" in text and "2:" in text


_INTRODUCTION = re.compile(
    r"[,\s]*[(\[（]\s*(?:(?:the|or|known as|a\.?k\.?a\.?|hereinafter|also)\s+)*"
    r"(?:[\"“”'‘’«„](?P<quoted>[^\"“”«»()]{2,40}?)[\"“”'’»‘]|(?P<bare>[^()\[\],;:\"“”]{2,20}))\s*[)\]）,;]",
    re.IGNORECASE,
)
# "Name: 1: LUCKSON 2: ELAN 3: na 4: na", as committees of the Security Council and those who carry out their lists do.
_NUMBERED_PARTS = re.compile(
    r"\b1: ?([^:\n\x01]{1,50}?) 2: ?([^:\n\x01]{1,50}?) 3: ?([^:\n\x01]{1,50}?) 4: "
    r"?(na\b|[^\W\d_][\w'’-]*(?: [A-Z'’-]+\b)*)"
)
_HIS_OR_HERS, _HERS = re.compile("(?:ов|ев|ин)а$"), re.compile("(?:ов|ев|ин)а$|(?:ov|ev|in)a$")
_GIVEN_AS_IT_IS = ("name", "weak alias", "without legal form")  # forms whose letters a person wrote down
_OWNER_REACH = 8  # words behind a body: "of the Ministry of the Interior (MININT)"
_NO_ACRONYM = frozenset("ceo cfo coo usd eur gbp imo pdf video photo ap afp uk us eu un".split())


class _Reader:
    """Reads one page for one index."""

    def __init__(self, page: Page, index: NameIndex, families: Families) -> None:
        self.page = page
        self.families = families
        self.index = index
        self.terms = load_terms()
        self.beside = Neighbours(page)
        self.countries = Countries(page)
        self.ships = Ships(page)
        self.definitions = Definitions(page)
        self.strong: list[Found] = []  # names its entity, whatever else the article says
        self.loose: list[Found] = []  # one word, or a weak form: counts if nothing speaks against it
        # (entity, word) -> where another has it
        self.others: dict[tuple[str, str], dict[int, Other]] = defaultdict(dict)
        self._reasons: dict[tuple[str, str], set[Other]] = defaultdict(set)  # all of those
        self._of_others: dict[tuple[str, str], list[int]] = defaultdict(list)  # where another person has it, in order
        self._apart: dict[str, bool] = {}
        self._names_another = False  # as far as it is read: surer names first

    def read(self, hits: Sequence[Hit], identified: Sequence[tuple[int, int, str]]) -> tuple[Mention, ...]:
        named, kept = self._kept(hits, identified)
        return self._as_mentions(self._with_short_forms(named, kept), identified)

    def finds_any(self, hits: Sequence[Hit]) -> bool:
        """Does `read` find anybody by these hits? Of what is kept something always stays."""
        named, kept = self._kept(hits, ())
        return bool(kept or self._with_short_forms(named, kept))

    def _kept(self, hits: Sequence[Hit], identified: Sequence[tuple[int, int, str]]) -> tuple[set[str], list[Found]]:
        """The keys of who is named in full or by an identifier, and those hits that count."""
        self._sort_hits(hits)
        self.strong += self._in_numbered_parts()
        named = {found.entity for found in self.strong} | {key for _, _, key in identified}
        kept = list(self.strong)
        self._names_another = bool(identified) or any(map(self._vouches, self.strong))
        for found in sorted(self.loose, key=lambda each: each.form.strength is Strength.WEAK):
            if (found.entity in named and not self._is_anothers(found)) or (
                found.entity not in named and self._counts_alone(found)
            ):
                kept.append(found)
                self._names_another = self._names_another or self._vouches(found)
        return named, kept

    def _with_short_forms(self, named: set[str], kept: list[Found]) -> list[Found]:
        """With what else the page calls them, and given names beside their family's: what stays of all."""
        for key in dict.fromkeys(
            [*named, *(found.entity for found in kept if found.form.strength is not Strength.WEAK)]
        ):
            kept += self._short_forms(key, [found for found in kept if found.entity == key])
        given = GivenNames(self.page, self.index, self.families, self.beside, self.strong, self.others)
        kept += given.beside_family({found.entity for found in kept})
        told = [found for found in kept if found.form.how != "surname" and not self._is_vague(found)]
        kept += given.of_relatives({found.entity for found in told})
        kept += given.of_groups({found.entity for found in kept if found.how != "surname"})
        kept += given.coordinated()
        return Bearers(self.page, self.index, self.countries, self.strong).choose(kept, named)

    def _is_vague(self, found: Found) -> bool:
        """Two of a person's names that may be his father's: "Bashar al-Assad" of Hafez Bashar al-Assad."""
        return found.form.strength is Strength.WEAK and found.form.how == "given and family name"

    # ---- hits

    def _sort_hits(self, hits: Sequence[Hit]) -> None:
        """Longest first, exact before variant; a hit inside another's longer name is that other's."""
        found = []
        for hit in hits:
            how = "spelling variant" if hit.variant else "exact"
            found.append(Found(hit.entity, hit.form, hit.first, hit.last, how))
        found.sort(key=lambda each: (-each.size, each.how != "exact", each.form.strength is Strength.WEAK, each.first))
        cover: dict[int, list[Found]] = defaultdict(list)
        for each in found:
            self._sort_hit(each, cover)

    def _sort_hit(self, found: Found, cover: dict[int, list[Found]]) -> None:
        entity = self.index.entities[found.entity]
        form = found.form = self._as_listed(found)
        if not self._is_written_so(entity, form, found.first, found.last) or self._is_spelt_as_another(entity, found):
            return
        over = [
            big
            for big in cover.get(found.first, ())
            if big.last >= found.last
            and big.first <= found.first
            and self.index.entities[big.entity].watchlist == entity.watchlist
        ]
        if any(big.entity == found.entity for big in over):
            return
        bigger = [big for big in over if big.size > found.size or (found.how != "exact" and big.how == "exact")]
        if bigger:
            person = self.index.entities[bigger[0].entity].schema is Schema.PERSON
            if person or not self._is_more_its_own(form, bigger[0].entity):
                self._note_other(found, Other.PERSON if person else Other.BODY)
            return
        if reason := self.beside.other(entity, form, found.first, found.last):
            self._note_other(found, reason)
            return
        if found.how != "exact" and found.single and not self._is_cyrillic(found.first):
            self.loose.append(found)
        elif form.strength is Strength.WEAK or found.single:
            found.how = "surname" if form.how == "surname" else found.how
            self.loose.append(found)
        else:
            self.strong.append(found)
        if not found.single and form.strength is not Strength.WEAK:
            for at in range(found.first, found.last + 1):
                cover[at].append(found)

    def _is_more_its_own(self, form: NameForm, other: str) -> bool:
        """Is a word what papers call this body, and only the beginning of the other's name? "Rosneft" is Rosneft Oil
        Company, also where Rosneft Deutschland is tracked and named."""
        of_other = self.index.forms_of(other).get(form.text)
        return form.how == "first distinctive word" and form.alone and of_other is not None and not of_other.alone

    def _is_spelt_as_another(self, entity: Entity, found: Found) -> bool:
        """ "Роснефть" is not RussNeft, which is a name out of Russian: its vowels are those of the Cyrillic."""
        if found.how != "spelling variant" or entity.schema is Schema.PERSON:
            return False
        written = self.page.words[found.first].low
        return not CYRILLIC_COUNTRIES.isdisjoint(entity.countries) and begins_otherwise(written, found.form.text)

    def _as_listed(self, found: Found) -> NameForm:
        """ "HASSAN, Ali Mahmoud", as official lists write it, is the whole name, though in that order its words may be
        somebody else's given names."""
        form = found.form
        if form.strength is not Strength.WEAK or form.how != "given and family name":
            return form
        if not self._is_of_a_list(found.first, found.last):
            return form
        wholes = (each for each in self.index.forms_of(found.entity).values() if each.how == "name")
        return next((whole for whole in wholes if sorted(whole.tokens) == sorted(form.tokens)), form)

    def _is_of_a_list(self, first: int, last: int) -> bool:
        """ "KIM, Sang Man": the family name in capitals before a comma, the rest not."""
        page = self.page
        comma = next((at for at in range(first, last) if page.words[at].gap == ", "), None)
        if comma is None or not page.surface(first, comma).isupper():
            return False
        return not page.surface(comma + 1, last).isupper()

    def _note_other(self, found: Found, reason: Other) -> None:
        place = found.entity, found.form.tokens[-1]
        self.others[place][found.first] = reason
        self._reasons[place].add(reason)
        if reason is not Other.BODY:
            insort(self._of_others[place], found.first)

    def _is_cyrillic(self, at: int) -> bool:
        return "а" <= self.page.words[at].low[:1] <= "џ"

    # ---- capitals

    def _is_written_so(self, entity: Entity, form: NameForm, first: int, last: int) -> bool:
        comma = "," in form.source or entity.schema is not Schema.PERSON or form.how == "given and family name"
        comma = comma or self._is_of_a_list(first, last)
        if self.page.is_broken(first, last, comma=comma) or not self._has_capitals(entity, form, first, last):
            return False
        if form.how == AMONG_BANKS and not is_among_banks(self.page, first, last):
            return False
        return self.page.words[first].cased or self._is_apart(form, first, last)

    def _is_apart(self, form: NameForm, first: int, last: int) -> bool:
        """Is a short name in a script without case no part of other words? One clear use of two Chinese characters
        vouches for the others of the article."""
        text, words = self.page.text, self.page.words
        if is_inside_a_word(text, words[first].start, words[last].end):
            return False
        if form.text not in self._apart:
            self._apart[form.text] = any(
                stands_apart(text, words[start].start, words[end].end)
                for start, end in self.page.occurrences(form.text)
            )
        return self._apart[form.text]

    def _has_capitals(self, entity: Entity, form: NameForm, first: int, last: int) -> bool:
        """A name has its capitals, as far as its own spelling has them. Scripts without case fit always."""
        if not form.upper and self.page.words.are_capitals(first, last):
            return True
        cased = [word for word in self.page.words[first : last + 1] if word.cased]
        if not cased:
            return True
        if form.upper:
            return self._is_acronym(form, first, last)
        content = [
            word for word in cased if word.low not in self.terms.particles and word.low not in self.terms.small_words
        ] or cased
        capitals = sum(word.capital for word in content)
        if capitals == len(content):
            return True
        surface = self.page.surface(first, last)
        if surface in form.source and (
            surface != form.source or len(content) > 1 or self.terms.is_distinctive(content[0].low)
        ):
            return True  # a name that is written small: "adidas", "vx-underground"
        if capitals == 0 and any(
            word.low.isdigit() and len(word.low) > 3 for word in self.page.words[first : last + 1]
        ):
            return entity.schema is not Schema.PERSON  # "unit 26165": its number names it
        if entity.schema is Schema.VESSEL or len(content) == 1:
            return form.how == "surname" and self.page.is_small and self.page.is_addressed(first)
        if capitals == 0 and form.strength is Strength.STRONG and self.page.is_small:
            return True
        if form.how == OF_THE_COUNTRY:
            return self.page.words[first].gap in ("'s ", "’s ")
        if form.how == "without its country":
            return capitals > 0 or entity.schema is Schema.PUBLIC_BODY
        if capitals == 1 and len(content) == 2 and entity.schema is Schema.PERSON and not self.page.knows_words:
            return content[1].capital or content[1].low.startswith(("al ", "el ", "al-", "el-"))  # no declined noun
        if capitals == 0:
            return entity.schema is not Schema.PERSON and (
                len(content) > 2
                or any(self.terms.is_distinctive(word.low) for word in content)
                or self._is_telling_noun(entity, form, first, last)
            )
        return True

    def _is_telling_noun(self, entity: Entity, form: NameForm, first: int, last: int) -> bool:
        """ "Iran's morality police": a body's own name is common words, of which one is said of few things, and its
        country is named."""
        terms = self.terms
        if (
            entity.schema not in _BODIES
            or form.how != "name"
            or all(
                word in terms.very_common or word in terms.kinds or word in terms.generic_starts or word in terms.vague
                for word in form.tokens
            )
        ):
            return False
        return self.countries.is_named(entity, first, last)

    def _is_acronym(self, form: NameForm, first: int, last: int) -> bool:
        """In capitals, or, from four letters on, as a British paper writes it: "Fifa"."""
        letters = [char for char in self.page.surface(first, last) if char.isalpha()]
        if sum(map(str.isupper, letters)) * 2 >= len(letters):
            return True
        if len(letters) == 3 and not self.page.knows_words and form.text in self.terms.known_acronyms:
            is_told = self.page.capitals_speak and not self.page.starts_sentence(first)
            return is_told and letters[0].isupper() and not self.page.is_title_case(first)  # "il Gru", in Italian
        return len(letters) >= 4 and letters[0].isupper() and self.terms.is_distinctive(form.text)

    # ---- one word, or a weak form

    def _is_anothers(self, found: Found) -> bool:
        """In an article that names the entity: was this word last used in full for another?"""
        before = self._of_others.get((found.entity, found.form.tokens[-1]), ())
        nearest = bisect_left(before, found.first)
        own = self._firsts_of.get(found.entity, ())
        last = bisect_right(own, found.first)
        return (before[nearest - 1] if nearest else -1) > (own[last - 1] if last else -1)

    @cached_property
    def _firsts_of(self) -> Mapping[str, Sequence[int]]:
        """Where each entity is named in full."""
        firsts: dict[str, list[int]] = defaultdict(list)
        for first, entity in sorted((found.first, found.entity) for found in self.strong):
            firsts[entity].append(first)
        return firsts

    def _counts_alone(self, found: Found) -> bool:
        """Does it count in an article that does not name the entity in full?"""
        entity, form = self.index.entities[found.entity], found.form
        reasons = self._reasons.get((found.entity, form.tokens[-1]), set())
        if not form.alone or reasons & NEVER_IT or form.text.isdigit():
            return False
        if form.how == "surname" and self._is_rather_his(found):
            return False
        # "VTB Capital" takes nothing from "VTB"
        is_a_ship = entity.schema is Schema.VESSEL and self.ships.is_set_as_one(found.first)
        is_a_word = form.upper or is_a_ship or form.how == AMONG_BANKS
        named_in_others = is_a_word and reasons <= {Other.BODY}
        if reasons and not named_in_others and (form.strength is Strength.WEAK or entity.schema is Schema.PERSON):
            return False
        if form.upper and self.definitions.is_for_another(entity, form):
            return False
        if form.strength is Strength.WEAK or self._is_another_spelling(found):
            return self._weak_counts(entity, found)
        if entity.schema is Schema.VESSEL and not self.ships.are_told_of(found):
            return False
        return not self._is_of_another_country(entity, found)

    def _is_rather_his(self, found: Found) -> bool:
        """ "Лаврова" alone is more often the genitive of Lavrov, where he is tracked too, than his wife."""
        if not _HERS.search(found.form.text) or not _HIS_OR_HERS.search(self.page.words[found.first].low):
            return False
        return any(one.first == found.first and not _HERS.search(one.form.text) for one in self.loose)

    def _is_another_spelling(self, found: Found) -> bool:
        """Not for a case of it: «Мечела», "Газпромом"."""
        if found.how != "spelling variant":
            return False
        written = [word.low for word in self.page.words[found.first : found.last + 1]]
        return not is_declined(written, found.form.tokens)

    def _weak_counts(self, entity: Entity, found: Found) -> bool:
        form, terms, page = found.form, self.terms, self.page
        if found.single and self._is_written_oddly(found) and not (form.upper and self._has_an_of(found)):
            return True
        if form.upper:
            return self._has_evidence(entity, found)
        if not (page.speaks_of_sanctions if self._is_another_spelling(found) else self._is_of_interest):
            return False
        words = [word for word in page.words[found.first : found.last + 1] if word.cased]
        if not words or form.how == AMONG_BANKS:
            return True
        if form.how == OF_THE_COUNTRY:
            return self.countries.is_last(entity, found.first)
        if form.how == "without its country":
            return self.countries.is_named(entity, found.first, found.last)
        if form.how == WITHOUT_WHOSE_IT_IS:
            return page.words[found.first].capital and self._is_of_whose_it_is(found)
        if not all(
            word.capital for word in words if word.low not in terms.particles and word.low not in terms.small_words
        ):
            is_addressed = found.single and page.is_small and page.is_addressed(found.first)
            return is_addressed or form.source[:1].islower()
        if entity.schema is Schema.VESSEL and not self.ships.are_told_of(found):
            return False
        if self._is_of_another_country(entity, found):
            return False
        if form.how == "first distinctive word" and len(form.text) < 5 and not self._is_set_apart(found):
            return False
        if any(terms.is_distinctive(word.low) for word in words):
            return True
        return self._plain_word_counts(entity, found)

    def _is_of_whose_it_is(self, found: Found) -> bool:
        """Does the page name whose body it is, and not right behind another: "First Branch of the Court of Isfahan"?"""
        owner = fold_key(found.form.source).removeprefix(found.form.text).split()
        telling = [*filter(self.terms.may_own, owner)]
        behind: list[Word] = []
        for at in range(found.last, min(found.last + _OWNER_REACH, len(self.page.words) - 1)):
            if not set(".;:!?\n").isdisjoint(self.page.words[at].gap):
                break
            behind.append(self.page.words[at + 1])
        is_anothers = behind[:1] and behind[0].low == "of" and any(word.capital for word in behind)
        is_own = any(word.low in telling for word in behind)
        return bool(telling) and all(map(self.page.has, telling)) and (is_own or not is_anothers)

    def _vouches(self, found: Found) -> bool:
        """Has it a word that names nothing else, and is it whole? "Blue Lagoon", of a group of that name, may be
        anything, and vouches for no other."""
        return found.form.how != "shortened name" and any(map(self.terms.is_distinctive, found.form.tokens))

    def _is_set_apart(self, found: Found) -> bool:
        """Is a short word no part of a longer name, and no place that something is in: "Penny Wong", "in Fars"?"""
        if not self.page.capitals_speak or self.page.surface(found.first, found.last).isupper():
            return True
        left, right = self.beside.left(found.first), self.beside.right(found.last)
        if left is not None and (
            left.low in ("in", "at", "near") or (left.capital and left.low not in self.terms.places)
        ):
            return False
        return right is None or not right.capital

    @property
    def _is_of_interest(self) -> bool:
        """Does the article speak of sanctions, or name another that is tracked?"""
        return self._names_another or self.page.speaks_of_sanctions

    def _is_written_oddly(self, found: Found) -> bool:
        """ "IndiGo", "eXch": capitals inside, the same as in the watchlist."""
        surface = self.page.surface(found.first, found.last)
        return surface in found.form.source.split() and surface[1:] != surface[1:].lower() and not surface.isupper()

    def _has_an_of(self, found: Found) -> bool:
        """ "MoD", "CoE": a ministry or a council of anything."""
        return set(filter(str.islower, self.page.surface(found.first, found.last))) == {"o"}

    def _plain_word_counts(self, entity: Entity, found: Found) -> bool:
        """A common word, given name or place, with a capital that means something."""
        page, terms, low = self.page, self.terms, self.page.words[found.first].low
        words = page.words[found.first : found.last + 1]
        nickname = found.single or all(word.low in terms.nobody and word.low not in terms.given for word in words)
        if found.form.how == "given name under a title":
            return any(page.has(title) for title in fold_key(found.form.source).split()[:-1])
        if nickname and entity.schema is Schema.PERSON:
            return found.first > 0 and page.words[found.first - 1].low in terms.called
        if found.single and (low in terms.given or low in terms.family_first) and entity.schema is not Schema.VESSEL:
            return False
        if not page.is_latin and low.isascii():
            return True
        if (
            found.single
            and entity.schema is Schema.COMPANY
            and found.first
            and page.words[found.first - 1].low == "the"
        ):
            return False
        if page.is_title_case(found.first):
            return False
        if page.starts_sentence(found.first):
            return low not in terms.very_common or page.words[found.last].gap.startswith(",")
        return True

    def _is_of_another_country(self, entity: Entity, found: Found) -> bool:
        if not found.single or not entity.countries or entity.schema is Schema.VESSEL:
            return False
        return found.form.text != " ".join(core_of(entity.caption)) and self.countries.is_another(entity, found.first)

    def _has_evidence(self, entity: Entity, found: Found) -> bool:
        """Does more than the acronym speak for the entity: the rest of its name is generic, or the article
        has another word of its names, or its country? (For "RSF", "ICC", "ADF".)"""
        acronym, terms = to_latin(found.form.text), self.terms
        if acronym in terms.known_acronyms:
            return True
        if len(acronym) > 2 and any(map(str.isdigit, acronym)) and not acronym.isdigit():
            return self._is_of_interest  # "M23"
        shortest = 3 if self._names_another and found.form.how in _GIVEN_AS_IT_IS else 4
        if (
            len(acronym) >= shortest
            and self.page.surface(found.first, found.last).isupper()
            and not self.page.is_title_case(found.first)
        ):
            return self._is_of_interest
        core = core_of(entity.caption)
        generic = terms.trailing.union(("банк", acronym, found.form.text))
        if (acronym in core or found.form.text in core) and generic.issuperset(core):
            return True
        telling = words_that_tell(entity, acronym)
        return any(map(self.page.has, telling)) if telling else self._is_of_interest

    # ---- short forms

    def _short_forms(self, key: str, named: Sequence[Found]) -> Iterator[Found]:
        """Uses of what an entity that is named in full is called for short in this article."""
        entity = self.index.entities[key]
        taken = {at for found in named for at in range(found.first, found.last + 1)}
        forms = [form for form in self.index.forms_of(key).values() if not form.alone]
        short = f"short form of {entity.caption}"
        forms += [
            NameForm(text, Strength.STRONG, short, entity.caption)
            for text in dict.fromkeys(self._introduced(entity, named))
        ]
        forms += self._surnames_written(entity, named)
        for form in forms:
            for first, last in self._uses(form.text):
                if first in taken or not self._is_written_so(entity, form, first, last):
                    continue
                found = Found(key, form, first, last, "surname" if form.how == "surname" else short)
                if reason := self.beside.other(entity, form, first, last):
                    self._note_other(found, reason)
                elif not self._is_anothers(found) and self._fits_here(entity, found):
                    taken.update(range(first, last + 1))
                    yield found

    def _surnames_written(self, entity: Entity, named: Sequence[Found]) -> list[NameForm]:
        """A person's family name as the article spells it: "Gennadi Timtschenko" makes "Timtschenko" one."""
        if entity.schema is not Schema.PERSON:
            return []
        spelled = [found for found in named if found.how == "spelling variant" and not found.single]
        if not spelled:
            return []
        surnames = {form.tokens[-1] for form in self.index.forms_of(entity.key).values() if form.how == "surname"}
        written = {self.page.words[found.last].low for found in spelled if found.form.tokens[-1] in surnames}
        return [NameForm(text, Strength.WEAK, "surname", entity.caption) for text in sorted(written) if len(text) > 3]

    def _uses(self, name: str) -> Iterator[tuple[int, int]]:
        """Where a name stands; in German also with the s of a genitive: "Usmanows Jacht"."""
        yield from self.page.occurrences(name)
        if not self.page.capitals_speak and not name.endswith("s"):
            yield from self.page.occurrences(name + "s")

    def _fits_here(self, entity: Entity, found: Found) -> bool:
        if found.form.how == "without its country":
            return self.countries.is_named(entity, found.first, found.last)
        low = self.page.words[found.first].low
        if found.single and not self.page.capitals_speak and (low in self.terms.kinds or low in self.terms.common):
            return False  # "die Moskauer Bank": a German noun has its capital anyway
        if found.single and low in self.terms.very_common:
            return not self.page.starts_sentence(found.first) and not self.page.is_title_case(found.first)
        return True

    def _introduced(self, entity: Entity, named: Iterable[Found]) -> Iterator[str]:
        """What stands in brackets after the full name: '(RGB)', '("Zhicheng")'."""
        for found in named:
            if found.form.strength is Strength.WEAK:
                continue
            match = _INTRODUCTION.match(self.page.text, self.page.words[found.last].end)
            if match is not None:
                short = match.group("quoted") or match.group("bare") or ""
                tokens = fold_key(short).split()
                quoted = bool(match.group("quoted"))
                if (
                    tokens
                    and self._is_short_name(entity, short, tokens, quoted=quoted)
                    and self._is_own(entity, tokens)
                ):
                    yield " ".join(tokens)

    def _is_own(self, entity: Entity, tokens: Sequence[str]) -> bool:
        """Has it the letters of this name, or is it no other's: "Brigade of the Ministry of the Interior (MININT)"?"""
        name, whole = " ".join(tokens), fold_key(entity.caption).split()
        initials = "".join(token[0] for token in whole if token not in self.terms.small_words)
        if name in initials or name in self.index.forms_of(entity.key):
            return True
        others = (self.index.entities[key] for key, form in self.index.find_whole(name) if form.how in _GIVEN_AS_IT_IS)
        return all(other.key == entity.key or other.watchlist != entity.watchlist for other in others)

    def _is_short_name(self, entity: Entity, short: str, tokens: list[str], *, quoted: bool) -> bool:
        if not short[:1].isupper() or len(tokens) > 4 or " ".join(tokens) in self.terms.country_of:
            return False
        if quoted:
            return any(token not in self.terms.common or token in own_words(entity) for token in tokens)
        letters = [char for char in short if char.isalpha()]
        is_acronym = len(tokens) == 1 and 2 <= len(letters) <= 8 and sum(map(str.isupper, letters)) * 2 > len(letters)
        return is_acronym and entity.schema is not Schema.PERSON and tokens[0] not in _NO_ACRONYM

    def _in_numbered_parts(self) -> Iterator[Found]:
        """ "1: LUCKSON 2: ELAN 3: na 4: na": a name in as many parts as it has, the others "na"."""
        if not _may_have_numbered_parts(self.page.text):
            return
        for match in _NUMBERED_PARTS.finditer(self.page.text):
            parts = [part for part in range(1, 5) if match[part].lower() != "na"]
            if not parts:
                continue
            first, last = self.page.word_at(match.start(parts[0])), self.page.word_at(match.end(parts[-1]) - 1)
            for key, form in self.index.find_whole(fold_key(" ".join(match[part] for part in parts))):
                if form.strength is Strength.STRONG:
                    yield Found(key, form, first, last, "exact")

    # ---- out

    def _as_mentions(self, kept: Iterable[Found], identified: Iterable[tuple[int, int, str]]) -> tuple[Mention, ...]:
        spans = [
            (
                self.page.words[found.first].start,
                self.page.words[found.last].end,
                found.entity,
                found.form.strength,
                found.form.source,
                found.how,
            )
            for found in kept
        ]
        spans += [
            (start, end, key, Strength.IDENTIFIER, self.page.text[start:end], "identifier")
            for start, end, key in identified
        ]
        out: dict[tuple[int, int, str], Mention] = {}
        for start, end, key, strength, form, how in spans:
            block = bisect_right(self.page.block_starts, start) - 1
            offset = self.page.block_starts[block]
            mention = Mention(key, block, start - offset, end - offset, self.page.text[start:end], strength, form, how)
            out.setdefault((block, mention.start, key), mention)
        return tuple(sorted(out.values(), key=lambda mention: (mention.block, mention.start, mention.entity)))


_BODIES = (Schema.PUBLIC_BODY, Schema.ORGANIZATION)
