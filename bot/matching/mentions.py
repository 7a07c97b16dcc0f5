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
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, pairwise

from rapidfuzz.fuzz import ratio

from bot.folding import BREAK, fold, fold_key
from bot.matching.acronyms import SHARED, are_several, find_meant, find_of_country, without_others, words_that_tell
from bot.matching.cjk import is_inside_a_word, stands_apart
from bot.matching.forms import NameForm, own_words
from bot.matching.genitives import hits_in_the_genitive
from bot.matching.keys import keys_of
from bot.matching.kinship import AND, Families, Known, Named
from bot.matching.legal_forms import strip_legal_form
from bot.matching.middles import hits_around_middles
from bot.matching.names import CYRILLIC_COUNTRIES, Hit, NameIndex
from bot.matching.neighbours import NEVER_IT, Neighbours, Other
from bot.matching.pages import SEPARATOR, Page, says_sanctions, words_of_kin
from bot.matching.spelling import begins_otherwise, is_declined, to_latin
from bot.matching.terms import load_terms
from bot.model import Article, Entity, Mention, Schema, Strength

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
    tokens, starts, families = page.words.lows, page.words.blanks, Families(page)
    if not says and not identified:
        # Weak forms alone never count where nobody speaks of sanctions: is anything else there?
        hits = list(index.hits(tokens, loud, starts))
        if not hits or not _Reader(page, index, families).read(hits, ()):
            return ()
    hits = list(index.hits(tokens, index.candidates(keys), starts))
    hits += hits_around_middles(page, index)
    if not capitals_speak:
        hits += hits_in_the_genitive(page, index)
    may_be_named = hits or identified or _may_have_numbered_parts(text) or page.kin or families.as_groups
    return _Reader(page, index, families).read(hits, identified) if may_be_named else ()


@lru_cache(maxsize=4_096)
def _folded(caption: str) -> str:
    return fold_key(caption)


@lru_cache(maxsize=4_096)
def _without_legal_form(caption: str) -> Sequence[str]:
    kept = strip_legal_form(_folded(caption).split())
    return tuple(token for token in kept if token not in load_terms().legal_forms)


def _may_have_numbered_parts(text: str) -> bool:
    return "1:" in text and "2:" in text


@dataclass(slots=True)
class _Found:
    """A hit on the page: words first..last, and how it was found."""

    entity: str
    form: NameForm
    first: int
    last: int
    how: str

    @property
    def single(self) -> bool:
        return self.first == self.last

    @property
    def size(self) -> int:
        return self.last - self.first


_VESSEL_WORDS = re.compile(
    r"\b(?:tankers?|vessels?|ships?|IMO|flag(?:ged)?|cargo(?:es)?|carriers?|VLCC|aframax|suezmax|bulkers?|freighters?|yachts?|barges?|superyacht"
    r"|pipelay\w*|crew|LNG|moored|anchor\w*|sail(?:s|ed|ing)|frigates?|boats?|shadow fleet|ship-?owners?"
    r"|berth(?:s|ed)?|dwt|deadweight"
    r"|buques?|petroleros?|barcos?|yates?|cargueros?|navíos?|navires?|pétroliers?|bateaux?|voiliers?|cargos?|vraquiers?|minéraliers?"
    r"|graneleros?|metaneros?|remolcador(?:es)?|eslora|tripulantes?|tripulación|fondead[oa]s?|amarrad[oa]s?|zarp(?:ó|ar|a)"
    r"|équipages?|amarrée?s?|appareill(?:é|e|er)|méthaniers?|Besatzung|ankert(?:e|en)?|экипаж\w*|екіпаж\w*"
    r"|\w*(?:schiffe?[ns]?|frachter[ns]?|tanker\w*|[yj]acht(?:en)?|fähre)|reeder\w*|танкер\w*|суд(?:на|но|ну|не|ні|ном|нам|нами|нах|ен)|судно\w*|судов|кораб\w*|яхт\w*|сухогруз\w*"
    r"|теплоход\w*|балкер\w*|суховантаж\w*)\b|[船轮艇舰]|선박|유조선|화물선|요트",
    re.IGNORECASE,
)
_MANY_SHIP_WORDS = 3  # different ones: the whole article is about ships
_AS_LIKE = 5  # points by which a spelling may be less like than the likest, of 100
_INTRODUCTION = re.compile(
    r"[,\s]*[(\[（]\s*(?:(?:the|or|known as|a\.?k\.?a\.?|hereinafter|also)\s+)*"
    r"(?:[\"“”'‘’«„](?P<quoted>[^\"“”«»()]{2,40}?)[\"“”'’»‘]|(?P<bare>[^()\[\],;:\"“”]{2,20}))\s*[)\]）,;]",
    re.IGNORECASE,
)
_DEFINED_IN_BRACKETS = (
    "([^.;:\\n\x01()]{{4,90}}?)\\s*([(（]|,\\s*(?:or|known as) |,)"
    "\\s*(?:or |the |known as )*[\"“'‘]?{}[\"”'’]?\\s*[)）,.]"
)
# "Name: 1: LUCKSON 2: ELAN 3: na 4: na", as committees of the Security Council and those who carry out their lists do.
_NUMBERED_PARTS = re.compile(
    r"\b1: ?([^:\n\x01]{1,50}?) 2: ?([^:\n\x01]{1,50}?) 3: ?([^:\n\x01]{1,50}?) 4: "
    r"?(na\b|[^\W\d_][\w'’-]*(?: [A-Z'’-]+\b)*)"
)
_GIVEN_AS_IT_IS = ("name", "weak alias", "without legal form")  # forms whose letters a person wrote down
_COUNTRY_BEHIND = 12  # words within which a country is named behind what is its own
_COUNTRIES = 2
_SET_OFF = tuple("*_“\"'‘«")
_NO_ACRONYM = frozenset("ceo cfo coo usd eur gbp imo pdf video photo ap afp uk us eu un".split())


class _Reader:
    """Reads one page for one index."""

    def __init__(self, page: Page, index: NameIndex, families: Families) -> None:
        self.page = page
        self.families = families
        self.index = index
        self.terms = load_terms()
        self.beside = Neighbours(page)
        self.strong: list[_Found] = []  # names its entity, whatever else the article says
        self.loose: list[_Found] = []  # one word, or a weak form: counts if nothing speaks against it
        self.others: dict[tuple[str, str], dict[int, Other]] = defaultdict(
            dict
        )  # (entity, word) -> where another has it
        self._reasons: dict[tuple[str, str], set[Other]] = defaultdict(set)  # all of those
        self._of_others: dict[tuple[str, str], list[int]] = defaultdict(list)  # where another person has it, in order
        self._definitions: dict[str, str | None] = {}
        self._apart: dict[str, bool] = {}
        self._of_ships: dict[int, bool] = {}  # blocks
        self._names_another = False  # as far as it is read: surer names first

    def read(self, hits: Sequence[Hit], identified: Sequence[tuple[int, int, str]]) -> tuple[Mention, ...]:
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
        for key in dict.fromkeys(
            [*named, *(found.entity for found in kept if found.form.strength is not Strength.WEAK)]
        ):
            kept += self._short_forms(key, [found for found in kept if found.entity == key])
        kept += self._given_names({found.entity for found in kept})
        kept += self._relatives({found.entity for found in kept})
        kept += self._of_groups({found.entity for found in kept if found.how != "surname"})
        kept += self._coordinated()
        spans = self._without_other_bearers(self._one_entity_a_span(kept), named)
        return self._as_mentions(spans, identified)

    # ---- hits

    def _sort_hits(self, hits: Sequence[Hit]) -> None:
        """Longest first, exact before variant; a hit inside another's longer name is that other's."""
        found = []
        for hit in hits:
            first, last = self.page.word_range(hit.start, hit.end)
            found.append(_Found(hit.entity, hit.form, first, last, "spelling variant" if hit.variant else "exact"))
        found.sort(key=lambda each: (-each.size, each.how != "exact", each.form.strength is Strength.WEAK, each.first))
        cover: dict[int, list[_Found]] = defaultdict(list)
        for each in found:
            self._sort_hit(each, cover)

    def _sort_hit(self, found: _Found, cover: dict[int, list[_Found]]) -> None:
        entity = self.index.entities[found.entity]
        form = found.form = self._as_listed(found)
        if not self._is_written_so(entity, form, found.first, found.last) or self._is_spelt_as_another(entity, found):
            return
        over = [big for big in cover.get(found.first, ()) if big.last >= found.last and big.first <= found.first]
        if any(big.entity == found.entity for big in over):
            return
        bigger = [big for big in over if big.size > found.size or (found.how != "exact" and big.how == "exact")]
        if bigger:
            person = self.index.entities[bigger[0].entity].schema is Schema.PERSON
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

    def _is_spelt_as_another(self, entity: Entity, found: _Found) -> bool:
        """ "Роснефть" is not RussNeft, which is a name out of Russian: its vowels are those of the Cyrillic."""
        if found.how != "spelling variant" or entity.schema is Schema.PERSON:
            return False
        written = self.page.words[found.first].low
        return not CYRILLIC_COUNTRIES.isdisjoint(entity.countries) and begins_otherwise(written, found.form.text)

    def _as_listed(self, found: _Found) -> NameForm:
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

    def _note_other(self, found: _Found, reason: Other) -> None:
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
            return False
        if capitals == 0 and form.strength is Strength.STRONG and self.page.is_small:
            return True
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
        return self._country_is_named(entity, _Found(entity.key, form, first, last, "exact"))

    def _is_acronym(self, form: NameForm, first: int, last: int) -> bool:
        """In capitals, or, from four letters on, as a British paper writes it: "Fifa"."""
        letters = [char for char in self.page.surface(first, last) if char.isalpha()]
        if sum(map(str.isupper, letters)) * 2 >= len(letters):
            return True
        return len(letters) >= 4 and letters[0].isupper() and self.terms.is_distinctive(form.text)

    # ---- one word, or a weak form

    def _is_anothers(self, found: _Found) -> bool:
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

    def _counts_alone(self, found: _Found) -> bool:
        """Does it count in an article that does not name the entity in full?"""
        entity, form = self.index.entities[found.entity], found.form
        reasons = self._reasons.get((found.entity, form.tokens[-1]), set())
        if not form.alone or reasons & NEVER_IT or form.text.isdigit():
            return False
        # "VTB Capital" takes nothing from "VTB"
        named_in_others = (form.upper or self._is_set_as_a_ship(entity, found)) and reasons <= {Other.BODY}
        if reasons and not named_in_others and (form.strength is Strength.WEAK or entity.schema is Schema.PERSON):
            return False
        if form.upper and self._means_another(entity, form):
            return False
        if form.strength is Strength.WEAK or self._is_another_spelling(found):
            return self._weak_counts(entity, found)
        if entity.schema is Schema.VESSEL and not self._is_about_ships(found):
            return False
        return not self._is_of_another_country(entity, found)

    def _is_another_spelling(self, found: _Found) -> bool:
        """Not for a case of it: «Мечела», "Газпромом"."""
        if found.how != "spelling variant":
            return False
        written = [word.low for word in self.page.words[found.first : found.last + 1]]
        return not is_declined(written, found.form.tokens)

    def _weak_counts(self, entity: Entity, found: _Found) -> bool:
        form, terms, page = found.form, self.terms, self.page
        if found.single and self._is_written_oddly(found) and not (form.upper and self._has_an_of(found)):
            return True
        if form.upper:
            return self._has_evidence(entity, found)
        if not (page.speaks_of_sanctions if self._is_another_spelling(found) else self._is_of_interest):
            return False
        words = [word for word in page.words[found.first : found.last + 1] if word.cased]
        if not words:
            return True
        if form.how == "without its country":
            return self._country_is_named(entity, found)
        if not all(
            word.capital for word in words if word.low not in terms.particles and word.low not in self.terms.small_words
        ):
            return form.source[:1].islower()
        if entity.schema is Schema.VESSEL and not self._is_about_ships(found):
            return False
        if self._is_of_another_country(entity, found):
            return False
        if form.how == "first distinctive word" and len(form.text) < 5 and not self._is_set_apart(found):
            return False
        if any(terms.is_distinctive(word.low) for word in words):
            return True
        return self._plain_word_counts(entity, found)

    def _vouches(self, found: _Found) -> bool:
        """Has it a word that names nothing else, and is it whole? "Blue Lagoon", of a group of that name, may be
        anything, and vouches for no other."""
        return found.form.how != "shortened name" and any(map(self.terms.is_distinctive, found.form.tokens))

    def _is_set_apart(self, found: _Found) -> bool:
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

    def _is_about_ships(self, found: _Found) -> bool:
        """Does the block, or the one before, speak of ships, or write the one word in capitals?"""
        page, block = self.page, self.page.block_of(found.first)
        if page.surface(found.first, found.last).isupper() and not page.is_title_case(found.first):
            return True
        near = (block, block - 1) if block else (block,)
        if any(map(self._speaks_of_ships, near)):
            return True
        return found.form.strength is not Strength.WEAK and self._ship_words >= _MANY_SHIP_WORDS

    def _speaks_of_ships(self, block: int) -> bool:
        if block not in self._of_ships:
            self._of_ships[block] = _VESSEL_WORDS.search(self.page.block_text(block)) is not None
        return self._of_ships[block]

    def _is_set_as_a_ship(self, entity: Entity, found: _Found) -> bool:
        """ "the Kazan", "*Kazan*", and behind what kind of ship she is: no part of her owner's "Kazan Shipping"."""
        if entity.schema is not Schema.VESSEL or not found.first:
            return False
        before = self.page.words[found.first - 1]
        return before.low == "the" or before.gap[-1:] in _SET_OFF or _VESSEL_WORDS.fullmatch(before.low) is not None

    @cached_property
    def _ship_words(self) -> int:
        return len(set(map(str.lower, _VESSEL_WORDS.findall(self.page.text))))

    def _is_written_oddly(self, found: _Found) -> bool:
        """ "IndiGo", "eXch": capitals inside, the same as in the watchlist."""
        surface = self.page.surface(found.first, found.last)
        return surface in found.form.source.split() and surface[1:] != surface[1:].lower() and not surface.isupper()

    def _has_an_of(self, found: _Found) -> bool:
        """ "MoD", "CoE": a ministry or a council of anything."""
        return set(filter(str.islower, self.page.surface(found.first, found.last))) == {"o"}

    def _plain_word_counts(self, entity: Entity, found: _Found) -> bool:
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

    def _is_of_another_country(self, entity: Entity, found: _Found) -> bool:
        """ "the British maritime risk firm Vanguard" is no American company."""
        if (
            not found.single
            or not entity.countries
            or entity.schema is Schema.VESSEL
            or found.form.text == " ".join(self._core(entity))
        ):
            return False
        page, at = self.page, found.first - 1
        for _ in range(6):
            if (
                at < 0
                or page.words[at].gap != " "
                or page.words[at].low in ("of", "by", "in", "and", "with", "for", "to", "from")
            ):
                return False
            word = page.words[at]
            if word.capital:
                code = self.terms.country_of.get(word.low)
                return (
                    code is not None and word.low in self.terms.peoples.get(code, ()) and code not in entity.countries
                )
            at -= 1
        return False

    def _core(self, entity: Entity) -> Sequence[str]:
        return _without_legal_form(entity.caption)

    def _country_is_named(self, entity: Entity, found: _Found) -> bool:
        """Is the country that was named last before, in this block or else in the article, the entity's?"""
        page = self.page
        if self._is_told_another(entity, found.first):
            return False
        if found.size >= 2 and page.words[found.first].capital:
            return not self._codes_named.isdisjoint(entity.countries)
        home = set(entity.countries) or {
            code for token in own_words(entity) if (code := self.terms.country_of.get(token))
        }
        near = (*self._nearest(self._countries, found.first), *self._nearest(self._countries_and_seats, found.first))
        return not home.isdisjoint(near)

    def _is_told_another(self, entity: Entity, first: int) -> bool:
        """Does another country stand right before: "Germany's interior ministry"?"""
        page, country_of = self.page, self.terms.country_of
        if not first or page.words[first - 1].gap not in (" ", "'s ", "’s ") or not page.words[first - 1].capital:
            return False
        lows = page.words.lows[max(0, first - 2) : first]
        code = country_of.get(" ".join(lows)) or country_of.get(lows[-1])
        return code not in (None, "un") and bool(entity.countries) and code not in entity.countries

    def _nearest(self, named: Sequence[tuple[int, str]], first: int) -> list[str]:
        """The two countries `named` last before word `first`: in this block, or else in the article."""
        block, end = self.page.block_of(first), bisect_left(named, (first + _COUNTRY_BEHIND + 1,))
        here: list[str] = []
        for back in range(end - 1, -1, -1):
            at, code = named[back]
            other = self.page.block_of(at)
            if other < block or len(here) == _COUNTRIES:
                break
            if other == block:
                here.append(code)
        return here or [code for _, code in named[max(0, end - _COUNTRIES) : end]]

    @cached_property
    def _countries_and_seats(self) -> list[tuple[int, str]]:
        """The same, a seat of government as its country."""
        seats = self.terms.seats
        cities = [(at, seats[low]) for at, low in enumerate(self.page.words.lows) if low in seats]
        return sorted([*cities, *self._countries])

    @cached_property
    def _countries(self) -> list[tuple[int, str]]:
        return [(at, code) for at, code in self._countries_named if code != "un"]

    @cached_property
    def _codes_named(self) -> frozenset[str]:
        return frozenset(code for _, code in self._countries_named)

    @cached_property
    def _countries_named(self) -> list[tuple[int, str]]:
        lows, country_of = self.page.words.lows, self.terms.country_of
        named = []
        for at, low in enumerate(lows):
            if low in self.terms.places:
                pair = " ".join(lows[at : at + 2])
                code = country_of.get(pair) or country_of.get(low)
                word = self.page.words[at]
                if code is not None and (word.capital or not word.cased):
                    named.append((at, code))
        return named

    def _has_evidence(self, entity: Entity, found: _Found) -> bool:
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
        core = self._core(entity)
        generic = terms.trailing.union(("банк", acronym, found.form.text))
        if (acronym in core or found.form.text in core) and generic.issuperset(core):
            return True
        telling = words_that_tell(entity, acronym)
        return any(map(self.page.has, telling)) if telling else self._is_of_interest

    def _means_another(self, entity: Entity, form: NameForm) -> bool:
        """Does the article introduce this acronym for a name that is not the entity's?"""
        if form.text not in self._definitions:
            self._definitions[form.text] = self._definition(form.text)
        name = self._definitions[form.text]
        if name is None:
            return False
        tokens = fold_key(name).split()
        if any(token in own_words(entity) and token not in self.terms.vague and len(token) > 2 for token in tokens):
            return False
        return self._initials(name).endswith(form.text) or form.text not in self._initials(entity.caption)

    def _definition(self, acronym: str) -> str | None:
        """The capitalised words before "(ABC)", ", or ABC,", ", the ABC,"."""
        first = next((first for first, _ in self.page.occurrences(acronym)), None)
        if first is None:
            return None
        written = re.escape(self.page.surface(first, first))
        match = re.search(_DEFINED_IN_BRACKETS.format(written), self.page.text)
        if match is None:
            return self._spelt_out(acronym)
        words: list[str] = []
        for word in reversed(match.group(1).split()):
            if not word[:1].isupper() and word.lower() not in self.terms.small_words | _SMALL_IN_NAMES:
                break
            words.insert(0, word)
        while words and not words[0][:1].isupper():
            words = words[1:]
        if len(words) < 2 or sum(word[:1].isupper() for word in words) < 2:
            return None
        name = " ".join(words)
        # A comma alone may part the members of a list: "a network of Moscow and Shenzhen, ABCeX, …"
        return name if match.group(2) != "," or self._initials(name).endswith(acronym) else None

    def _initials(self, name: str) -> str:
        return "".join(token[0] for token in fold_key(name).split() if token not in self.terms.small_words)

    def _spelt_out(self, acronym: str) -> str | None:
        """The words with capitals whose first letters it has: "Rapid Support Forces" for "RSF"."""
        if not acronym.isascii() or not acronym.isalpha() or len(acronym) < 3:
            return None
        small = r"(?:(?:of|for|and|the|de|des|du|la|to|in|on) )*"
        words = f"[ -]{small}".join(rf"{letter.upper()}[\w'’]*[a-z]\w*" for letter in acronym)
        match = re.search(rf"\b{words}\b", self.page.text)
        return match[0].replace("-", " ") if match is not None else None

    # ---- short forms

    def _short_forms(self, key: str, named: Sequence[_Found]) -> Iterator[_Found]:
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
                found = _Found(key, form, first, last, "surname" if form.how == "surname" else short)
                if reason := self.beside.other(entity, form, first, last):
                    self._note_other(found, reason)
                elif not self._is_anothers(found) and self._fits_here(entity, found):
                    taken.update(range(first, last + 1))
                    yield found

    def _surnames_written(self, entity: Entity, named: Sequence[_Found]) -> list[NameForm]:
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

    def _fits_here(self, entity: Entity, found: _Found) -> bool:
        if found.form.how == "without its country":
            return self._country_is_named(entity, found)
        low = self.page.words[found.first].low
        if found.single and not self.page.capitals_speak and (low in self.terms.kinds or low in self.terms.common):
            return False  # "die Moskauer Bank": a German noun has its capital anyway
        if found.single and low in self.terms.very_common:
            return not self.page.starts_sentence(found.first) and not self.page.is_title_case(found.first)
        return True

    def _introduced(self, entity: Entity, named: Iterable[_Found]) -> Iterator[str]:
        """What stands in brackets after the full name: '(RGB)', '("Zhicheng")'."""
        for found in named:
            if found.form.strength is Strength.WEAK:
                continue
            match = _INTRODUCTION.match(self.page.text, self.page.words[found.last].end)
            if match is not None:
                short = match.group("quoted") or match.group("bare") or ""
                tokens = fold_key(short).split()
                if tokens and self._is_short_name(entity, short, tokens, quoted=bool(match.group("quoted"))):
                    yield " ".join(tokens)

    def _is_short_name(self, entity: Entity, short: str, tokens: list[str], *, quoted: bool) -> bool:
        if not short[:1].isupper() or len(tokens) > 4 or " ".join(tokens) in self.terms.country_of:
            return False
        if quoted:
            return any(token not in self.terms.common or token in own_words(entity) for token in tokens)
        letters = [char for char in short if char.isalpha()]
        is_acronym = len(tokens) == 1 and 2 <= len(letters) <= 8 and sum(map(str.isupper, letters)) * 2 > len(letters)
        return is_acronym and entity.schema is not Schema.PERSON and tokens[0] not in _NO_ACRONYM

    def _given_names(self, named: set[str]) -> Iterator[_Found]:
        """ "Kinahan and his sons Daniel and Christopher": a given name counts where the block
        has the family name with another's given name, or a word of kinship that tells nobody else's relative."""
        if not self.others:
            return
        known = self._known_people(named)
        for (key, word), places in list(self.others.items()):
            entity = self.index.entities[key]
            if key in named or entity.schema is not Schema.PERSON or Other.PERSON not in places.values():
                continue
            forms = self.index.forms_of(key).values()
            form = next(
                (
                    form
                    for form in forms
                    if form.strength is Strength.STRONG and form.alone and " " in form.text and form.tokens[-1] == word
                ),
                None,
            )
            if form is None:
                continue
            blocks = {self.page.block_of(at) for at in places}
            written = {word, *(self.page.words.lows[at] for at in places)}
            for first, last in self.page.occurrences(form.tokens[0]):
                kin = self.families.before(first)
                is_anothers = kin is not None and written.isdisjoint(self.families.of_kin(kin, known))
                if is_anothers or self.families.is_titled(first):
                    continue
                if self._stands_alone(first) and (
                    self.page.block_of(first) in blocks
                    or words_of_kin().search(self.page.block_text(self.page.block_of(first)))
                ):
                    yield _Found(key, form, first, last, "given name beside the family name")

    def _relatives(self, named: set[str]) -> Iterator[_Found]:
        """ "Petro's eldest son Nicolás", "Assad and his brother Maher", "Asma, the wife": a given name behind a word of
        kinship, or before one, with the family name of somebody whose relative may be meant."""
        if not self.page.kin:
            return
        words, known = self.page.words, self._known_people(named)
        for at in self.page.kin:
            families = self.families.of_kin(at, known)
            given = at + 1
            while families and given < len(words) and self._stands_alone(given):
                yield from self._of_family(given, families, named)
                behind = words[given + 1 : given + 2]
                given += 2 if behind and behind[0].low in AND else 1
            given = next((back for back in range(at - 1, max(-1, at - 4), -1) if "," in words[back].gap), at)
            if given < at and words[given + 1].low in ("the", "his", "her", "their") and self._stands_alone(given):
                yield from self._of_family(given, families, named)

    def _known_people(self, named: Iterable[str]) -> Known:
        people = [found for found in self.strong if self.index.entities[found.entity].schema is Schema.PERSON]
        names: dict[str, dict[str, None]] = defaultdict(dict)
        spans = ((found.entity, self.page.words.lows[found.first : found.last + 1]) for found in people)
        for key, written in chain(((key, ()) for key in named), spans):
            entity = self.index.entities[key]
            if entity.schema is Schema.PERSON:
                own = own_words(entity)
                families = sorted(own - self.terms.given)
                for word in own.union(written):
                    names[word] |= dict.fromkeys(families)
        return self.families.know((Named(one.first, one.last, tuple(one.form.tokens[1:])) for one in people), names)

    def _of_groups(self, named: set[str]) -> Iterator[_Found]:
        """ "Ajay, the eldest", of the Gupta brothers: given names alone, where a family is spoken of as one."""
        groups = self.families.as_groups
        families = (*groups, *(f"al {family}" for family in groups))  # "the Assad family"
        for at in self.page.words.capitals if families else ():
            if self.page.words.lows[at] not in groups and self._stands_alone(at):
                yield from self._of_family(at, families, named)

    def _of_family(self, given: int, families: Iterable[str], named: set[str]) -> Iterator[_Found]:
        low = self.page.words[given].low
        for key, form in (found for family in families for found in self.index.find_whole(f"{low} {family}")):
            person = self.index.entities[key].schema is Schema.PERSON
            if person and form.strength is Strength.STRONG and key not in named:
                yield _Found(key, form, given, given, "given name beside the family name")

    def _in_numbered_parts(self) -> Iterator[_Found]:
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
                    yield _Found(key, form, first, last, "exact")

    def _coordinated(self) -> Iterator[_Found]:
        """ "Ajay, Atul and Rajesh Gupta": the first given names share the family name of the last."""
        words, lows = self.page.words, self.page.words.lows
        for first, second in pairwise(words.capitals):
            if second == first + 1 and first > 1 and lows[first - 1] in AND and words[first].gap == " ":
                yield from self._sharing(first - 1)

    def _sharing(self, at: int) -> Iterator[_Found]:
        words = self.page.words
        for end in (at + 2, at + 3):
            if end >= len(words) or not words[end].capital or words[end - 1].gap != " ":
                return
            family = " ".join(word.low for word in words[at + 2 : end + 1])
            given = at - 1
            while given >= 0 and words[given].capital and (words[given].gap in (", ", " ") or given == at - 1):
                for key, form in self.index.find_whole(f"{words[given].low} {family}"):
                    person = self.index.entities[key].schema is Schema.PERSON
                    if person and form.strength is Strength.STRONG:
                        yield _Found(key, form, given, given, "given name before a shared family name")
                if given and words[given - 1].gap != ", ":
                    break
                given -= 1

    def _stands_alone(self, at: int) -> bool:
        left, right = self.beside.left(at), self.beside.right(at)
        if not self.page.words[at].capital or (left is not None and self.beside.is_name_word(at - 1)):
            return False
        return right is None or not right.capital or right.low in ("jr", "sr")

    # ---- out

    def _one_entity_a_span(self, kept: Iterable[_Found]) -> list[_Found]:
        """Of one entity the longest span stays; of two entities on the same words the one whose own name it is."""
        out: list[_Found] = []
        owners: dict[int, list[_Found]] = defaultdict(list)
        for found in sorted(kept, key=lambda each: (-each.size, self._rank(each))):
            over = [other for at in range(found.first, found.last + 1) for other in owners.get(at, ())]
            if any(
                other.entity == found.entity or other.size > found.size or self._rank(other) < self._rank(found)
                for other in over
            ):
                continue
            for at in range(found.first, found.last + 1):
                owners[at].append(found)
            out.append(found)
        return self._nearest_spelt(out)

    def _nearest_spelt(self, found: Sequence[_Found]) -> list[_Found]:
        """Of entities that the same words spell otherwise, the one spelt most like them: "Роснефти" is Rosneft, though
        it may be RussNeft as well."""
        nearness = {id(one): self._nearness(one) for one in found if one.how == "spelling variant"}
        best: dict[tuple[int, int], float] = defaultdict(float)
        for one in found:
            place = one.first, one.last
            best[place] = max(best[place], nearness.get(id(one), 0.0))
        return [
            one for one in found if id(one) not in nearness or nearness[id(one)] >= best[one.first, one.last] - _AS_LIKE
        ]

    def _nearness(self, found: _Found) -> float:
        """0 to 100."""
        written = to_latin(" ".join(word.low for word in self.page.words[found.first : found.last + 1]))
        return ratio(written, to_latin(found.form.text))

    def _without_other_bearers(self, spans: list[_Found], named: set[str]) -> list[_Found]:
        """Of an acronym that several tracked bodies share, those who are meant: who is named in full, or whose country
        stands before it, there or elsewhere; else for whom a word speaks. Where none does, all, found as SHARED."""
        by_place: dict[tuple[int, int], list[_Found]] = defaultdict(list)
        for found in spans:
            by_place[found.first, found.last].append(found)
        shared = {
            place: of
            for place, of in by_place.items()
            if any(found.form.upper for found in of) and are_several(self._entities_of(of))
        }
        sharing = {found.entity for of in shared.values() for found in of}
        others = [self.index.entities[found.entity] for found in spans if found.entity not in sharing]
        told = {place: self._told_there(of, named) for place, of in shared.items()}
        anywhere = frozenset[str]().union(*told.values())
        gone: set[int] = set()
        for place, of in shared.items():
            bodies = self._entities_of(of)
            meant = told[place] or anywhere.intersection(found.entity for found in of)
            meant = meant or find_meant(bodies, of[0].first, others, self.page)
            left = {body.key for body in without_others(bodies, meant)}
            gone |= {id(found) for found in of if found.entity not in left}
            if are_several([self.index.entities[key] for key in left]):
                for found in of:
                    found.how = SHARED
        return [found for found in spans if id(found) not in gone]

    def _told_there(self, of: Sequence[_Found], named: set[str]) -> frozenset[str]:
        in_full = frozenset(found.entity for found in of if found.entity in named)
        return in_full or find_of_country(self._entities_of(of), of[0].first, self._countries_named, self.page)

    def _entities_of(self, of: Iterable[_Found]) -> list[Entity]:
        return [self.index.entities[found.entity] for found in of]

    def _rank(self, found: _Found) -> int:
        """0 for the entity's caption, then aliases and short forms, a surname or first word alone, other spellings."""
        entity = self.index.entities[found.entity]
        if found.how == "exact":
            caption = _folded(entity.caption)
            if found.form.text in (caption, " ".join(self._core(entity))):
                return 0
            return 3 if found.form.how in ("first distinctive word", "first word") else 1
        if found.how.startswith("short form") or (
            found.how == "surname" and any(strong.entity == found.entity for strong in self.strong)
        ):
            return 1
        return 5 if found.how == "spelling variant" else 4

    def _as_mentions(self, kept: Iterable[_Found], identified: Iterable[tuple[int, int, str]]) -> tuple[Mention, ...]:
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
_SMALL_IN_NAMES = frozenset({"ta", "al", "el", "to", "a"})
