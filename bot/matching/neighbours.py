"""The words beside a hit: do they make it a part of the name of somebody or something else?

"Export-Import Bank of China" is not Bank of China, "Alex Saab" not Saab AB, "Caesar Act" nobody.
"""

from __future__ import annotations

from enum import StrEnum

from bot.matching.cjk import goes_on_as_another
from bot.matching.countries import told_by_its_names
from bot.matching.forms import NameForm, own_words
from bot.matching.other_languages import countries_in_cyrillic
from bot.matching.pages import Page, Word
from bot.matching.person_forms import ARABIC_ARTICLES
from bot.matching.spelling import nominatives
from bot.matching.terms import Terms, load_terms
from bot.model import Entity, Schema, Strength
from bot.text.phrasing import PLACES_OF_WRITING

__all__ = ["NEVER_IT", "Neighbours", "Other"]


class Other(StrEnum):
    """Why a form stands for somebody or something else there."""

    PERSON = "a person's full name"
    BODY = "a longer name"
    PLACE = "a place"
    LAW = "a law's name"
    DEFINED = "short for another name"


NEVER_IT = frozenset((Other.PERSON, Other.PLACE, Other.LAW, Other.DEFINED))


class Neighbours:
    """Judges by the words beside a hit whether it is a part of another's name."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.terms: Terms = load_terms()

    def other(self, entity: Entity, form: NameForm, first: int, last: int) -> Other | None:
        if entity.schema in (Schema.AIRPLANE, Schema.CRYPTO_WALLET):
            return None
        if first == last and (reason := self._other_use(entity, first)):
            return reason
        if entity.schema is Schema.PERSON:
            return self._other_person(entity, form.how, first, last)
        return self._beyond(entity, form, first, last) or self._before(entity, form, first, last)

    def left(self, first: int) -> Word | None:
        if not first:
            return None
        word = self.page.words[first - 1]
        if word.low in self.terms.possessive_starts and word.gap in ("'s ", "’s "):
            return word
        return word if self.page.runs_on(first - 1) else None

    def right(self, last: int) -> Word | None:
        return self.page.words[last + 1] if last + 1 < len(self.page.words) and self.page.runs_on(last) else None

    def is_name_word(self, at: int) -> bool:
        """A capitalised word that is no title, people, month or common word: a part of a name."""
        word, terms = self.page.words[at], self.terms
        if not word.capital or not word.low.isalpha() or len(word.low) < 2:
            return False
        if word.low in terms.titles or word.low in terms.calendar:
            return False
        if word.low in terms.given:
            return not (word.low in terms.words_and_given and self.page.starts_sentence(at))
        if not self.page.knows_words and self.page.starts_sentence(at):
            return False
        if not self.page.capitals_speak or self.page.is_title_case(at):
            return False
        return word.low not in terms.places and word.low not in terms.common and word.low not in terms.kinds

    def _other_use(self, entity: Entity, at: int) -> Other | None:
        """One word that is a law's name ("Caesar Act"), a place ("Aspen, Colorado") or a person's ("Seki, 63,")."""
        words, terms = self.page.words, self.terms
        right, left = self.right(at), self.left(at)
        if right is not None and right.low in terms.laws and right.capital:
            return Other.LAW
        if (
            left is not None
            and left.low in terms.laws
            and left.low not in terms.common - terms.laws
            and not left.capital
            and (left.low in ("ley", "loi") or (left.low in ("lista", "liste") and entity.schema is Schema.PERSON))
        ):
            return Other.LAW
        if entity.schema in (Schema.PERSON, Schema.VESSEL):
            return None
        if words[at].low in terms.places and self._is_in_a_dateline(at):
            return Other.PLACE
        following = words[at + 1] if at + 1 < len(words) else None
        if following is None or words[at].gap != ", ":
            return None
        if following.low.isdigit() and len(following.low) == 2 and following.gap[:1] == ",":
            return Other.PERSON
        region = (
            following.capital
            and (following.low in terms.places or following.low in self.terms.regions)
            and following.gap[:1] in (",", ".", "\n", "")
        )
        return (
            Other.PLACE
            if region
            and following.low not in own_words(entity)
            and not words[at].low.isupper()
            and words[at].low not in terms.places - {words[at].low}
            and self._after_place_word(at)
            else None
        )

    def _is_in_a_dateline(self, at: int) -> bool:
        """ "ZURICH/LONDON, April 6 (Reuters) -", at the beginning of a block."""
        block = self.page.block_of(at)
        dateline = PLACES_OF_WRITING.match(self.page.block_text(block))
        start = self.page.words[at].start - self.page.block_starts[block]
        return dateline is not None and start < dateline.end("places")

    def _after_place_word(self, at: int) -> bool:
        before = self.page.words[at - 1].low if at else ""
        return before in (
            "in",
            "of",
            "at",
            "from",
            "near",
            "to",
            "the",
            "en",
            "de",
            "a",
            "aus",
            "nach",
            "city",
            "town",
        ) or "," in (self.page.words[at - 1].gap if at else "")

    # ---- people

    def _other_person(self, entity: Entity, how: str, first: int, last: int) -> Other | None:
        own, words, terms = own_words(entity), self.page.words, self.terms
        left, right, at = self.left(first), self.right(last), first - 1
        if first == last and self._is_of_two(first):
            return None
        while left is not None and at > 0 and self.page.runs_on(at - 1) and self._leads_on(at):
            at -= 1
            left = words[at]
        if left is not None and (left.low in own or left.low == words[first].low):
            left = None
        if right is not None and right.low in own:
            right = None
        if how == "surname" and first and words[first - 1].gap in _HALVES and words[first - 1].low not in own:
            return Other.PERSON  # 埃里克·特朗普 is not 唐纳德·特朗普
        if first != last:
            if words[last].low not in terms.given:
                return None  # a family name ends it: what stands beside is no part of the name, or does not change it
            if (right is not None and self.is_name_word(last + 1)) or self._has_more_behind(own, first, last):
                return Other.PERSON
            return Other.PERSON if left is not None and left.low in terms.given and left.capital else None
        if left is not None and self._is_initial(at):
            if left.low[0] not in {word[0] for word in own}:
                return Other.PERSON  # another initial
        elif left is not None and self.is_name_word(at):
            return Other.PERSON
        if right is None or not right.capital:
            return None
        if right.low in terms.kinds and not self.page.is_title_case(last + 1):
            return Other.BODY
        return Other.PERSON if self.is_name_word(last + 1) else None

    def _is_of_two(self, at: int) -> bool:
        """ "The Ortega-Murillo regime", "Trump-Putin talks": one of two people joined by a hyphen, before what is
        theirs."""
        words = self.page.words
        for first in (at - 1, at):
            if 0 <= first < len(words) - 2 and words[first].gap in _HYPHENS and words[first + 1].gap == " ":
                both = words[first].capital and words[first + 1].capital
                return both and words[first + 2].low in self.terms.between_two
        return False

    def _leads_on(self, at: int) -> bool:
        """Is word `at` a particle, or the second of two initials, so that the word before it belongs to the name?"""
        return self.page.words[at].low in self.terms.particles or (self._is_initial(at) and self._is_initial(at - 1))

    def _is_initial(self, at: int) -> bool:
        """ "A." or "A.B."."""
        word, page = self.page.words[at], self.page
        if word.low == "m" and page.capitals_speak and not page.knows_words:
            return False  # "M. Poutine": a French Monsieur
        return word.capital and len(word.low) < 3 and (len(word.low) == 1 or "." in self.page.surface(at, at))

    def _has_more_behind(self, own: frozenset[str], first: int, last: int) -> bool:
        """ "Ali Hassan al-Majid", "Ali Hassan bin Walid": is another family name tied to a name of two words?"""
        words, at = self.page.words, last + 1
        if last - first != 1 or at + 1 >= len(words) or not (self.page.runs_on(last) and self.page.runs_on(at)):
            return False
        tied = words[at].low in _SON_OF or (words[at].low in ARABIC_ARTICLES and "-" in words[at].gap)
        return tied and words[at + 1].capital and words[at + 1].low not in own

    # ---- bodies and vessels

    def _beyond(self, entity: Entity, form: NameForm, first: int, last: int) -> Other | None:
        """ "Toll Holdings", "Al-Huda Bank", "Rosneft Deutschland", "Ministry of Finance of Ghana"."""
        words, terms, own = self.page.words, self.terms, own_words(entity)
        right = self.right(last)
        if right is None:
            return self._cjk_beyond(entity, first, last) if words[last].gap == "" else None
        if first == last and self._is_anothers(own, last):
            return Other.BODY
        if right.low == "of" and words[last].low in terms.institutions:
            return self._of_another_country(entity, last)
        if right.low in own:
            return None
        if not words[last].cased and not right.cased:
            return self._cjk_beyond(entity, first, last)
        if not right.capital:
            return Other.BODY if self._is_a_firm_of(first, last) else None
        if "-" in words[last].gap:
            if not self.page.capitals_speak and right.low not in terms.kinds:
                return None  # "Rosneft-Chef": a German compound of a name and a noun
            return (
                Other.BODY
                if first == last and right.low not in terms.hyphen_tails and right.low not in terms.country_of
                else None
            )
        if self.page.is_title_case(last + 1):
            return Other.BODY if right.low in terms.kinds and right.low not in terms.common else None
        if right.low in terms.kinds:
            generic = right.low in ("group", "officials", "network") and form.strength is Strength.STRONG
            return None if generic or words[last].low in terms.country_of else Other.BODY
        if first != last or entity.schema is Schema.VESSEL or self._begins_a_person(last + 1):
            return None
        ordinary = (
            right.low in terms.titles
            or right.low in terms.calendar
            or right.low in terms.legal_forms
            or right.low in terms.country_of
        )
        ordinary = ordinary or self._is_its_country(entity, form, right.low)
        return None if ordinary or not right.low.isalpha() or not self.page.capitals_speak else Other.BODY

    def _is_its_country(self, entity: Entity, form: NameForm, low: str) -> bool:
        """ "Госдума РФ", "депутаты Госдумы России"."""
        code = countries_in_cyrillic().get(low) if form.how == "in another language" else None
        home = entity.countries or told_by_its_names(entity)
        return code is not None and (code in home or not home)

    def _is_anothers(self, own: frozenset[str], last: int) -> bool:
        """ "Ministry of Works" beside "Ministry of Trade": is what follows the "of" no word of the entity's names?"""
        words, at = self.page.words, last + 2
        if words[last + 1].low != "of" or words[last].low not in self.terms.institutions:
            return False
        if at < len(words) and words[at].low == "the":
            at += 1
        return at < len(words) and self.page.runs_on(last + 1) and words[at].capital and words[at].low not in own

    def _begins_a_person(self, at: int) -> bool:
        """ "глава Совкомфлота Игорь Тонковидов", "le patron de TotalEnergies Patrick Pouyanné": does a given name, then
        another name, follow a body's? English parts them by a comma or a title; also "FESCO Андрей", in two scripts."""
        words = self.page.words
        if self.page.knows_words:
            return False
        word = words[at]
        if words[at - 1].low.isascii() is not word.low.isascii():
            return True
        if self.page.surface(at - 1, at - 1).isupper() and not self.page.surface(at, at).isupper():
            return at + 1 < len(words) and words[at + 1].capital and self.page.runs_on(at)
        given = {word.low} if word.low.isascii() else nominatives(word.low)
        known = not self.terms.given.isdisjoint(given) and word.low not in self.terms.words_and_given
        return known and at + 1 < len(words) and words[at + 1].capital and self.page.runs_on(at)

    def _is_a_firm_of(self, first: int, last: int) -> bool:
        """ "«Газпром нефти»": do the quotes that open before the name hold a small noun of trade behind it?"""
        words = self.page.words
        if not first or words[first - 1].gap[-1:] not in _OPENING or words[last + 1].low.isascii():
            return False
        return words[last].gap == " " and words[last + 1].low.startswith(self.terms.firm_nouns)

    def _of_another_country(self, entity: Entity, last: int) -> Other | None:
        """The country after "of", of one to three words, is not the entity's."""
        words, terms = self.page.words, self.terms
        if not entity.countries or not self.page.runs_on(last + 1):
            return None
        at = last + 3 if last + 2 < len(words) and words[last + 2].low == "the" else last + 2
        for size in (3, 2, 1):
            code = terms.country_of.get(" ".join(word.low for word in words[at : at + size]))
            if code is not None:
                return None if code in entity.countries or code == "un" else Other.BODY
        return None

    def _cjk_beyond(self, entity: Entity, first: int, last: int) -> Other | None:
        """A body's name that goes on as another's: 拉撒路企业公司, 中国银行业监督管理委员会."""
        if entity.schema is Schema.VESSEL:
            return None
        start, end = self.page.words[first].start, self.page.words[last].end
        of_a_firm = entity.schema is not Schema.ORGANIZATION
        return Other.BODY if goes_on_as_another(self.page.text, start, end, of_a_firm=of_a_firm) else None

    def _before(self, entity: Entity, form: NameForm, first: int, last: int) -> Other | None:
        """ "Export-Import Bank of China", "Mid-Atlantic Council", "Alex Saab", "Isabel dos Santos"."""
        terms, at = self.terms, first - 1
        left = self.left(first)
        if left is None or left.low in own_words(entity):
            return None
        if left.low.isascii() is not self.page.words[first].low.isascii():
            return None  # "Банк Credit Suisse", "концерн PGZ": a name is in one script
        if entity.schema is Schema.VESSEL and left.low in terms.ship_prefixes and self.page.surface(at, at).isupper():
            return None
        if "-" in left.gap:
            free = left.low in terms.hyphen_heads or left.low in terms.country_of
            return None if free or (first != last and self.page.words[first].low not in terms.plain) else Other.BODY
        if left.capital and left.low in _BRIGADES:
            return Other.BODY
        if first == last:
            return self._before_single(form, at, left)
        if form.how in ("without its article", "without its country", "without its place"):
            return (
                Other.BODY
                if left.capital and not self.page.starts_sentence(at) and self._stretches(entity, at, last)
                else None
            )
        start = self.page.words[first].low
        if entity.schema is Schema.VESSEL or not left.capital:
            return None
        if start in terms.kinds or start in terms.generic_starts:
            return Other.BODY if self._stretches(entity, at, last) else None
        return Other.BODY if start in terms.common and self._is_word_of_a_name(at, last) else None

    def _stretches(self, entity: Entity, at: int, last: int) -> bool:
        """Does the capitalised word before a generic beginning make another body of it?"""
        low, terms = self.page.words[at].low, self.terms
        if low in terms.country_of:
            return (
                bool(entity.countries)
                and terms.country_of[low] not in entity.countries
                and terms.country_of[low] != "un"
            )
        if (low in terms.titles and low not in terms.generic_starts) or low in terms.calendar:
            return False
        if low in terms.possessive_starts or low in terms.kinds or low in terms.trailing or low in terms.generic_starts:
            return True
        if self.is_name_word(at) and not self.page.starts_sentence(at):
            return True
        return self._is_word_of_a_name(at, last)

    def _is_word_of_a_name(self, at: int, last: int) -> bool:
        """Has a common word before a hit that ends at `last` a capital that means something: "Blue Star Shipping"?
        At the beginning of a sentence it has if it has one within another sentence too."""
        page, terms, word = self.page, self.terms, self.page.words[at]
        if word.low not in terms.common or word.gap != " " or not page.knows_words:
            return False
        pair = " ".join(page.words.lows[max(0, at - 1) : at + 1])  # "the United Nations panel of experts"
        if (
            word.low in terms.country_of
            or pair in terms.country_of
            or any(word.low in each for each in (terms.titles, terms.calendar, _NO_PART))
        ):
            return False
        written = " ".join(page.words.lows[at : last + 1])
        return any(
            page.words[first].capital and not page.starts_sentence(first) and not page.is_title_case(first)
            for first, _ in page.occurrences(written)
        )

    def _before_single(self, form: NameForm, at: int, left: Word) -> Other | None:
        terms = self.terms
        if left.low in _SURNAME_PARTICLES and at and self.page.runs_on(at - 1):
            before = self.page.words[at - 1]
            return Other.PERSON if before.low in terms.given and before.capital else None
        if not left.capital or left.low in terms.places:
            return None
        if self.page.words[at + 1].low in terms.institutions and not self.page.starts_sentence(at):
            return Other.BODY  # "the Foreign Ministry"
        if left.low in _OF_PEOPLE_ONLY and not self.page.surface(at, at).isupper():
            return Other.PERSON  # "Mr Kalashnikov" is no maker of rifles; an MR is a tanker
        if left.low in terms.titles or left.low in terms.faiths:
            return None
        if left.low in terms.given or left.low in terms.family_first:
            if self.page.surface(at, at).isupper() and not self.page.surface(at + 1, at + 1).isupper():
                return None  # "the NGO Sherpa"
            word = left.low in terms.words_and_given or (
                left.low in terms.very_common and left.low in terms.family_first
            )
            return None if word and self.page.starts_sentence(at) else Other.PERSON
        weak = form.strength is Strength.WEAK or (
            form.how == "without legal form" and not self.page.starts_sentence(at)  # "Priya Raman", not Raman Company
        )
        return Other.BODY if weak and self.page.capitals_speak and self.is_name_word(at) else None


_HYPHENS = ("-", "‑", "‐", "–")
_HALVES = frozenset("·・•‧．")
_SON_OF = frozenset("bin ibn bint".split())
_OF_PEOPLE_ONLY = frozenset("mr mrs ms".split())
_BRIGADES = frozenset("kataib kataeb kitaeb kataibe saraya".split())
# Also with a capital, after what is no full stop ("19:15 So Bank Mellat"), these are no part of a name.
_NO_PART = frozenset(
    "the a an this that these those its his her their our and or but so if as at by for from in into of off on to with "
    "while when where after before since until then now today both also only even yet not no meanwhile however under "
    "why how what who which said says like unlike against between among".split()
)
_OPENING = ("«", "“", "„", '"')
_SURNAME_PARTICLES = frozenset("dos das da do de del della van von der bin ibn".split())
