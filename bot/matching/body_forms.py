"""Every way that an article may write the name of a firm, an office or a group: without legal form, place or country,
by what is distinctive in it, with its words in another order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.matching.forms import AMONG_BANKS, BRACKETS, CJK, OF_THE_COUNTRY, WITHOUT_WHOSE_IT_IS, Forms, is_acronym
from bot.matching.legal_forms import strip_legal_form
from bot.matching.other_languages import (
    in_other_languages,
    institution_in_other_languages,
    kind_in_other_languages,
    translated_to_chinese,
)
from bot.matching.spelling import has_cyrillic, to_latin
from bot.matching.terms import load_terms
from bot.model import Schema, Strength
from bot.text.folding import fold_key


def add_body(forms: Forms, name: str, source: str = "") -> None:
    """The forms under which articles name whatever is no person. `source`: the name as the watchlist has it, where
    `name` is how it reads in Latin letters."""
    source = source or name
    inline = fold_key(BRACKETS.sub(r" \1 ", name)).split()
    bare = fold_key(BRACKETS.sub(" ", name)).split()
    for written in (inline, bare):
        tokens = written[1:] if written[:1] == ["the"] and len(written) > 1 else written
        if not tokens or forms.terms.small_words.issuperset(tokens):
            continue
        core = strip_legal_form(tokens)
        forms.add(tokens, _strength(forms, tokens), "name", source, upper=is_acronym(name))
        if core != tokens:
            forms.add(
                core,
                _strength(forms, core),
                "without legal form",
                source,
                alone=not _says_nothing(core),
                upper=len(core) == 1 and is_acronym(core[0].upper()) and core[0].upper() in name and len(core[0]) <= 4,
            )
        _add_shortened(forms, core, source, whole=tokens)
        _add_without_kind(forms, core, source)
        _add_among_banks(forms, core, source)
        _add_without_phrase(forms, core, source)
        _add_without_purpose(forms, core, source)
        _add_behind_kind(forms, core, source)
        _add_without_lead(forms, core, source)
        _add_country_forms(forms, core, source)
        _add_respaced(forms, core, name, source)
        _add_declined(forms, core, source)
        _add_in_other_number(forms, core, source)
        _add_without_whose_it_is(forms, core, source)
        _add_without_adjective(forms, core, source)
        _add_crime(forms, core, source)
        _add_school(forms, core, source)
        _add_other_spelling(forms, core, source)
        _add_in_other_languages(forms, core, source)


def _says_nothing(core: list[str]) -> bool:
    """Is what is left without a legal form a word that anybody uses: "EU" of "E.U. S.A.S.", "Center" of an LLC?"""
    terms = load_terms()
    word = core[0]
    is_word = word in terms.very_common or word in terms.kinds or word in terms.trailing
    return len(core) == 1 and (is_word or (len(word) < 4 and word in terms.country_of))


def _strength(forms: Forms, tokens: list[str]) -> Strength:
    terms = forms.terms
    if forms.entity.schema is Schema.PUBLIC_BODY and " ".join(tokens) in terms.country_of:
        return Strength.STRONG
    if len(tokens) == 1:
        return Strength.STRONG if len(tokens[0]) >= 4 and terms.is_distinctive(tokens[0]) else Strength.WEAK
    of_anybody = (terms.titles, terms.calendar, terms.particles)
    is_anybodys = len(tokens) == 2 and all(any(token in words for words in of_anybody) for token in tokens)
    return Strength.WEAK if is_anybodys else Strength.STRONG


_BEFORE_ITS_PLACE = frozenset("of de du di in en da do".split())


def _add_shortened(forms: Forms, core: list[str], source: str, *, whole: list[str]) -> None:
    _add_without_end(forms, core, source)
    if len(whole) > 1 and core:
        _add_first_word(forms, core, source)


def _add_without_end(forms: Forms, core: list[str], source: str) -> None:
    """Without generic words and places at its end, step by step: "Dandong Zhicheng Metallic", "Dandong Zhicheng"."""
    terms, tokens = forms.terms, core
    while len(tokens) > 1 and (
        tokens[-1] in terms.trailing
        or tokens[-1] in terms.legal_forms
        or (tokens[-1] in terms.places and tokens[-2] not in _BEFORE_ITS_PLACE)
    ):
        cut = tokens[-1]
        tokens = tokens[:-1]
        while len(tokens) > 1 and tokens[-1] in ("and", "of", "for", "the", "de", "y"):
            tokens = tokens[:-1]
        distinctive = [token for token in tokens if terms.is_distinctive(token)]
        if len(tokens) == 1:
            break
        if cut in terms.places and not distinctive and terms.places.isdisjoint(tokens):
            break  # every country has a "Ministry of Finance": see _add_country_forms
        strong = bool(distinctive) or len(tokens) > 2
        if len(tokens) == 2 and (tokens[0] in terms.titles or tokens[0] in terms.given):
            strong = False  # "Imam Hosseini Foundation" is not Imam Hosseini
        strength = Strength.STRONG if strong else Strength.WEAK
        alone = strong or core[len(tokens) :] in (["group"], ["holding"], ["holdings"])
        forms.add(tokens, strength, "shortened name", source, alone=alone)


def _add_first_word(forms: Forms, core: list[str], source: str) -> None:
    """What is distinctive alone, "Zhicheng", which needs the full name nearby if more of the name is distinctive."""
    terms, head, rest = forms.terms, core[0], core[1:]
    if len(head) == 3 and head.upper() in source.split() and not source.isupper() and terms.trailing.issuperset(rest):
        forms.add([head], Strength.WEAK, "first word", source, upper=True)  # "VTB" of "VTB Bank PJSC"
    lead = next((token for token in core if token not in terms.places), core[0])
    has_plus = lead.endswith("+")  # "En+", "Canal+" are seldom anything else
    if terms.is_distinctive(lead) and (len(lead) >= 4 or has_plus) and lead in core[:2]:
        rest = core[core.index(lead) + 1 :]
        alone = len(lead) >= 5 or has_plus or lead.isalpha() or lead.upper() in source
        alone = alone and not any(map(terms.is_distinctive, rest))
        forms.add([lead], Strength.WEAK, "first distinctive word", source, alone=alone)
    elif len(core) > 1 and lead == core[0] and len(lead) >= 4 and lead not in terms.places:
        forms.add([lead], Strength.WEAK, "first word", source, alone=False)


def _add_without_kind(forms: Forms, core: list[str], source: str) -> None:
    """ "VTB" of "Bank VTB", "ВТБ" of "Банк ВТБ". Only what is written in capitals: a bank may be called by any word, as
    Bank Rossiya is by Russia's."""
    if len(core) != 2 or core[0] not in ("bank", "банк") or source.isupper() or not 3 <= len(core[1]) <= 5:
        return
    acronyms = [fold_key(word) for word in source.split() if word.isupper()]
    if core[1] in (*acronyms, *map(to_latin, acronyms)):
        forms.add([core[1]], Strength.WEAK, "without what it is", source, upper=True)


def _add_among_banks(forms: Forms, core: list[str], source: str) -> None:
    """ "Точка" of "Банк Точка" and "Ак Барс" of "Ак Барс Банк": a sentence that lists banks need not call each so."""
    own = core[1:] if core[:1] == ["банк"] else core[:-1] if core[-1:] == ["банк"] else []
    if 0 < len(own) < 3 and all(map(has_cyrillic, own)) and len("".join(own)) > 4:
        forms.add(own, Strength.WEAK, AMONG_BANKS, source)


def _add_without_phrase(forms: Forms, core: list[str], source: str) -> None:
    """ "Germes-Metiz" of "Torgovy Dom Germes-Metiz"; one word only if it is distinctive."""
    terms = forms.terms
    size = max((len(each) for each in terms.phrases_before if tuple(core[: len(each)]) == each), default=0)
    rest = core[size:]
    if not size or not rest or not terms.is_distinctive(rest[0]):
        return
    if len(rest) > 1:
        forms.add(rest, Strength.STRONG, "without what it is", source)
        _add_shortened(forms, rest, source, whole=rest)
    elif len(rest[0]) >= 5:
        forms.add(rest, Strength.WEAK, "without what it is", source)


_TRADES = frozenset("for travel tourism contracting supply supplies clothing".split())


def _add_without_purpose(forms: Forms, core: list[str], source: str) -> None:
    """ "Zelkov Institute" of "Zelkov Institute for Regional Change": what it is for, not whose it is, is left out."""
    terms = forms.terms
    head = core[: core.index("for")] if "for" in core else []
    told = any(terms.is_distinctive(token) or token in terms.given for token in head[:-1])
    if told and len(head) > 1 and head[-1] in terms.kinds:
        forms.add(head, Strength.STRONG, "without what it is for", source)
        return
    purpose = core[len(head) :]
    if len(head) > 1 and terms.is_distinctive(head[-1]) and _TRADES.union(terms.trailing).issuperset(purpose):
        forms.add(head, Strength.WEAK, "without what it is for", source)  # "Dar Al Morvan for General Trading"


def _add_behind_kind(forms: Forms, core: list[str], source: str) -> None:
    """ "Rosatom" of "State Atomic Energy Corporation Rosatom": what is distinctive behind ordinary words of which the
    last says what it is."""
    terms = forms.terms
    at = next((at for at, token in enumerate(core) if terms.is_distinctive(token)), 0)
    rest = core[at:]
    if at < 2 or core[at - 1] not in terms.kinds_before or len(rest) > 2 or not all(map(terms.is_distinctive, rest)):
        return
    if len(rest) > 1:
        forms.add(rest, Strength.STRONG, "without what it is", source)
    elif len(rest[0]) >= 5:
        forms.add(rest, Strength.WEAK, "without what it is", source)


_GERMAN_ADJECTIVE = re.compile(r"(deutsch|\w+(?:isch|ational|entral|lich|deral))e[rsnm]?")


def _add_declined(forms: Forms, core: list[str], source: str) -> None:
    """German adjectives take other endings in a sentence: "Deutscher Presserat", "Der Deutsche Presserat"."""
    stems = [_GERMAN_ADJECTIVE.fullmatch(token) for token in core[:-1]]
    if not any(stems):
        return
    for ending in ("e", "en", "er", "es", "em"):
        written = [stem.group(1) + ending if stem else token for stem, token in zip(stems, core, strict=False)]
        written.append(core[-1])
        forms.add(written, _strength(forms, written), "declined", source)


_SEVERAL = {
    one: other
    for pair in (
        "enterprise enterprises",
        "holding holdings",
        "system systems",
        "service services",
        "solution solutions",
    )
    for one, other in (pair.split(), reversed(pair.split()))
}


def _add_in_other_number(forms: Forms, core: list[str], source: str) -> None:
    """ "Mohamed's Enterprise" is also "Mohamed's Enterprises": where the word before tells nobody by itself."""
    if len(core) > 1 and core[-1] in _SEVERAL and not any(map(forms.terms.is_distinctive, core)):
        written = [*core[:-1], _SEVERAL[core[-1]]]
        forms.add(written, _strength(forms, written), "in another number", source)


def _add_without_whose_it_is(forms: Forms, core: list[str], source: str) -> None:
    """ "National Special Brigade" of "National Special Brigade of MININT", where the page has that too."""
    terms = forms.terms
    ats = [at for at in range(3, len(core) - 1) if core[at] == "of"]
    if not ats or len(core) - ats[-1] > _LONGEST_OWNER or _of_country(core) is not None:
        return
    head, owner = core[: ats[-1]], core[ats[-1] + 1 :]
    if not any(map(terms.is_distinctive, head)) and any(map(terms.may_own, owner)):
        forms.add(head, Strength.WEAK, WITHOUT_WHOSE_IT_IS, source)


_LONGEST_OWNER = 3  # words and "of": "of the Gulf Cartel" is one


def _add_without_adjective(forms: Forms, core: list[str], source: str) -> None:
    """ "Institute of Archaeology of the Academy of Sciences" of "… of the Russian Academy of Sciences", where the page
    names Russia."""
    terms = forms.terms
    for at in range(_FEWEST_BEFORE, len(core) - 1):
        code = terms.country_of.get(core[at])
        if core[at - 1] in ("of", "the") and code is not None and core[at] in terms.peoples.get(code, ()):
            forms.add([*core[:at], *core[at + 1 :]], Strength.WEAK, "without its country", source)


_FEWEST_BEFORE = 3  # words: "Institute of Archaeology"

# What bands of criminals are called in lists, by the letters for it.
_CRIMES = {
    "dto": "drug trafficking organization",
    "mlo": "money laundering organization",
    "tco": "transnational criminal organization",
    "hso": "human smuggling organization",
}


def _add_crime(forms: Forms, core: list[str], source: str) -> None:
    """ "The Flores organization", "Flores DTO" of "Flores Drug Trafficking Organization"."""
    for letters, crime in _CRIMES.items():
        name = next((core[: -len(kind)] for kind in (crime.split(), [letters]) if core[-len(kind) :] == kind), [])
        bare = name[:-2] if name[-1:] and name[-1] in _TRADES_OF_CRIME else name  # "Qolva Wildlife Trafficking TCO"
        for who in (name, bare) if bare and not forms.terms.common.issuperset(bare) else ():
            for kind in (crime, letters, "organization"):
                forms.add([*who, *kind.split()], Strength.STRONG, "what it is in other words", source)


_TRADES_OF_CRIME = frozenset("trafficking smuggling laundering".split())
_SCHOOLS = frozenset("university institute academy college".split())


def _add_school(forms: Forms, core: list[str], source: str) -> None:
    """ "Pyongyang Automation University" of "Pyongyang University of Automation". Without the place in front both may
    be schools: Washington University is not the University of Washington."""
    kind = core[1:2]
    if len(core) in (4, 5) and core[2] == "of" and _SCHOOLS.issuperset(kind) and core[0] in forms.terms.places:
        forms.add([core[0], *core[3:], *kind], Strength.STRONG, "what it is behind its name", source)


def _add_other_spelling(forms: Forms, core: list[str], source: str) -> None:
    """ "Atomic Energy Organization" and "… Organisation"."""
    spellings = forms.terms.spellings
    if spellings.keys().isdisjoint(core):
        return
    for form in list(forms.found.values()):
        if form.source == source and not spellings.keys().isdisjoint(form.tokens):
            written = [spellings.get(token, token) for token in form.tokens]
            if written[-1] == "st":
                continue  # a street; and a saint is not called so without his name
            forms.add(written, form.strength, form.how, source, alone=form.alone, upper=form.upper)


def _add_in_other_languages(forms: Forms, core: list[str], source: str) -> None:
    """ "Gardiens de la révolution" of the "Islamic Revolutionary Guard Corps", "syrische Zentralbank"."""
    found = _of_country(core) if len(core) >= 3 else None
    of_a_country = institution_in_other_languages(*found) if found else ()
    for name in (*in_other_languages(core), *of_a_country, *translated_to_chinese(core)):
        tokens, is_short = fold_key(name).split(), is_acronym(to_latin(fold_key(name)).upper()) and name.isupper()
        is_weak = is_short or len(tokens) < (3 if CJK.search(name) else 1)
        strength = Strength.WEAK if is_weak else Strength.STRONG
        forms.add(tokens, strength, "in another language", source, upper=is_short)
        _add_among_banks(forms, tokens, source)
    if len(core) == 2:
        for name, kind in (core, core[::-1]):
            if forms.terms.is_distinctive(name) or name in forms.terms.given:
                for other in kind_in_other_languages(kind):
                    forms.add([*fold_key(other).split(), name], Strength.STRONG, "in another language", source)


_LEADING_ARTICLES = frozenset("the la el los las le les der die das il al".split())


def _add_without_lead(forms: Forms, core: list[str], source: str) -> None:
    """Without what stands in front: an article ("Familia Michoacana"), a place ("Luqing Petrochemical"), a country
    that the article must then name ("Morality Police")."""
    terms = forms.terms
    if len(core) >= 3 and core[0] in _LEADING_ARTICLES:
        forms.add(core[1:], Strength.STRONG, "without its article", source)
    elif len(core) == 2 and core[0] in _LEADING_ARTICLES and core[0] != "al" and terms.is_distinctive(core[1]):
        forms.add(core[1:], Strength.STRONG, "without its article", source)  # "Die Weltwoche"
    if len(core) >= 3 and core[-1].isdigit() and len(core[-1]) >= 3:
        forms.add(core[-2:], Strength.STRONG, "shortened name", source)
        for kind in kind_in_other_languages(core[-2]):  # "unité 74455" of "GRU Unit 74455"
            forms.add([*fold_key(kind).split(), core[-1]], Strength.STRONG, "in another language", source)
    for size in (3, 2, 1):
        lead = " ".join(core[:size])
        if lead in terms.country_of and len(core) - size >= 2:
            generic = not any(terms.is_distinctive(token) for token in core[size:])
            forms.add(
                core[size:],
                Strength.WEAK if generic else Strength.STRONG,
                "without its country" if generic else "without its place",
                source,
            )
            return
    if core[:1] == ["islamic"] and len(core) > 2:  # "Iran's Revolutionary Guards"
        parts = core[1:-1] if core[-1] == "corps" else core[1:]
        for written in (core[1:], parts, [*parts[:-1], parts[-1] + "s"]):
            if len(written) > 1:
                forms.add(written, Strength.WEAK, "without its country", source)
    if len(core) > 3 and core[0] in terms.places and terms.is_distinctive(core[1]):
        forms.add(core[:2], Strength.STRONG, "place and first word", source)  # "Xiamen Limbach"
    if len(core) > 2 and core[0] in terms.places and not any(map(terms.is_distinctive, core[1:])):
        for between in ("of", "in"):  # "the Central Prison of Shiraz"
            forms.add([*core[1:], between, core[0]], Strength.STRONG, "its place behind", source)
    if core[0] in terms.places:
        for at in (1, 2):
            rest = core[at:]
            if len(rest) >= 2 and terms.is_distinctive(rest[0]):
                forms.add(rest, Strength.STRONG, "without its place", source)
                _add_shortened(forms, rest, source, whole=core)


_FIRST_WORD = re.compile(r"(?<=\S)\s.*", re.DOTALL)  # all but it
_NUMBERED = re.compile(r"([A-Z]{2,5})[ -]?(\d{2,5})")


def _add_respaced(forms: Forms, core: list[str], name: str, source: str) -> None:
    """ "JPMorgan" is also "J.P. Morgan", "Silver Star" also "Silverstar", "Shipyard Vympel" also "Vympel Shipyard"."""
    split = fold_key(re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z])", " ", name)).split()
    split = strip_legal_form(split) if split else []
    if len(split) > len(core):
        # "OnTime" is also "on time", but those words say so of anything.
        strength = Strength.WEAK if forms.terms.common.issuperset(split) else Strength.STRONG
        forms.add(split, strength, "written apart", source)
        if "".join(split[:2]) == core[0]:
            strength = Strength.WEAK if forms.terms.common.issuperset(split[:2]) else Strength.STRONG
            forms.add(split[:2], strength, "written apart", source)
    if len(core) == 2 and all(len(token) > 2 for token in core):
        forms.add(["".join(core)], Strength.STRONG, "written together", source)
    if len(core) > 2 and fold_key(_FIRST_WORD.sub("", name)).split() == core[:2]:
        joined = ["".join(core[:2]), *core[2:]]  # "Inter-Coastal Electronics" is also "Intercoastal Electronics"
        forms.add(joined, Strength.STRONG, "written together", source)
    if len(core) == 2 and core[0] in forms.terms.kinds_before and forms.terms.is_distinctive(core[1]):
        forms.add([core[1], core[0]], Strength.STRONG, "what it is behind its name", source)  # "Vympel Shipyard"
    if len(core) > 1 and "cartel" in (core[0], core[-1]):
        _add_cartel(forms, core, source)
    if len(core) > 1 and core[0] == "bank" and forms.terms.is_distinctive(core[1]):
        forms.add(["banks", core[1]], Strength.STRONG, "one of several", source)  # "Banks Melli and Sepah"
        forms.add(["bank", "of", core[1]], Strength.STRONG, "another word in its name", source)  # "Bank of Rossiya"
    if len(core) > 2 and core[0] == "ministry" and core[1] in ("of", "for"):
        other = "for" if core[1] == "of" else "of"
        forms.add([core[0], other, *core[2:]], Strength.STRONG, "another word in its name", source)
    if numbered := _NUMBERED.fullmatch(name):  # "APT39" is also "APT 39"
        forms.add(fold_key(" ".join(numbered.groups())).split(), Strength.STRONG, "written apart", source)
        forms.add([fold_key("".join(numbered.groups()))], Strength.WEAK, "written together", source, upper=True)


def _add_cartel(forms: Forms, core: list[str], source: str) -> None:
    """ "Sinaloa cartel", "Sinaloa-Kartell", "cartel de Sinaloa", "cartel Sinaloa"."""
    name = core[:-1] if core[-1] == "cartel" else core[1:]
    name = name[1:] if name[0] in ("de", "del", "of") and len(name) > 1 else name
    if set(name) <= forms.terms.common:
        return
    for way in (*(["cartel", *of, *name] for of in ((), ("de",), ("del",))), [*name, "cartel"], [*name, "kartell"]):
        forms.add(way, Strength.STRONG, "what it is behind its name", source)


_STATE_WORDS = frozenset(
    "the republic islamic people peoples democratic federal federative kingdom state of socialist arab".split()
)


def _country_in(tokens: list[str]) -> str | None:
    """The country that the end of a name tells, "the Republic of Belarus" like "Belarus"."""
    country_of = load_terms().country_of
    for at in range(len(tokens)):
        if all(token in _STATE_WORDS for token in tokens[:at]):
            code = country_of.get(" ".join(tokens[at:]))
            if code is not None:
                return code
    return None


def _of_country(core: list[str]) -> tuple[list[str], str] | None:
    """A name without the country that it tells, and that: "Central Bank of Iran", "Danish Ministry of Defence"."""
    for at in range(1, len(core) - 1):
        if core[at] == "of" and (code := _country_in(core[at + 1 :])) is not None:
            return core[:at], code
    for size in (3, 2, 1):
        code = load_terms().country_of.get(" ".join(core[:size]))
        if code is not None and (len(core) - size >= 2 or (core[size:] and core[-1] in _ONE_OF_EACH)):
            return core[size:], code
    return None


def _heads(head: list[str]) -> list[list[str]]:
    """ "Ministry of Finance" is also "Finance Ministry", "Ministry of Foreign Affairs" "Foreign Ministry", "Department
    of the Treasury" "Treasury"; armed forces are an army; the State Duma is one "of the Federal Assembly"."""
    if _is_armed_forces(head):
        return [head, *(each for each in (["armed", "forces"], ["military"], ["army"]) if each != head)]
    if head[:1] in (["ministry"], ["department"]) and head[1:2] in (["of"], ["for"]):
        return _ministry_heads(head)
    if "ministry" in head[2:] and head[-2:-1] != ["ministry"]:  # "Internal Troops of the Ministry of Internal Affairs"
        at = head.index("ministry")
        return [*_with_first_part(head), *([*head[:at], *ministry] for ministry in _heads(head[at:]))]
    if prison := _PRISONS.get(" ".join(head)):
        return [head, *map(str.split, prison)]
    return _with_first_part(head)


def _with_first_part(head: list[str]) -> list[list[str]]:
    first = head[: head.index("of")] if "of" in head else []
    return [head, first] if len(first) > 2 or (len(first) == 2 and load_terms().is_distinctive(first[-1])) else [head]


def _ministry_heads(head: list[str]) -> list[list[str]]:
    """Of several subjects the first may stand for all: "Ministry of Foreign Affairs and International Cooperation"."""
    kind, between, subject = head[0], head[1], head[3:] if head[2:3] == ["the"] else head[2:]
    if not subject or "of" in subject:
        return [head]
    found = [head]
    for part in [subject] if "and" not in subject else [subject, subject[: subject.index("and")]]:
        found += [[*part, kind], *([[*part[:-1], kind]] if part[-1] == "affairs" else [])]
        found += [[kind, between, *part]] if part is not subject else []
        if part in (["internal", "affairs"], ["interior"]):
            found += [["interior", kind], [kind, "of", "the", "interior"], [kind, "of", "interior"]]
    found = [each for each in found if len(each) > 1]
    return [*found, subject] if subject == ["treasury"] else found


# What the press calls them beside their country: "Russia's prison service".
_PRISONS = dict.fromkeys(
    ("federal penitentiary service", "penitentiary service", "federal service for the execution of sentences"),
    ("prison service", "federal prison service", "penitentiary service"),
)


def _is_armed_forces(head: list[str]) -> bool:
    """ "Armed Forces", "People's Defence Force"."""
    kinds = head[-2:-1] in (["armed"], ["defence"], ["defense"]) and head[-1] in ("forces", "force")
    return kinds and {"national", "people", "peoples"}.issuperset(head[:-2])


# Of which a country has one, so that its name beside that of the country is enough: "Pakistan's government", "Iran's
# army". A bank or a committee may be any of its many.
_ONE_OF_EACH = frozenset("government parliament judiciary presidency army navy military treasury".split())
_CALLED_ALONE = frozenset("parliament judiciary treasury".split())  # with a capital, where the country is named
_STATE_BODIES = _ONE_OF_EACH.union("forces force guard police council ministry senate".split())


def _is_state_body(tokens: list[str], country: str) -> bool:
    """ "Army" of "Pakistan Army", also called Pakistani or Pakistan's; whatever is the United Nations' is the UN's."""
    terms = load_terms()
    return country == "un" or (tokens[-1] in _STATE_BODIES and not any(map(terms.is_distinctive, tokens[:-1])))


# By what their bodies are called; Europe is no name of the Union there, as it has a council of its own.
_UNIONS = {"un": ("un", "united nations"), "eu": ("eu", "european union")}


def _names_of(country: str) -> tuple[Sequence[str], Sequence[str]]:
    """A country's names and those of its people; a union of countries has the former."""
    terms = load_terms()
    if country in _UNIONS:
        return _UNIONS[country], ()
    return terms.countries.get(country, ()), terms.peoples.get(country, ())


def _add_country_forms(forms: Forms, core: list[str], source: str) -> None:
    """ "Central Bank of Iran" is also "Iran's central bank", "Iranian Central Bank"; beside Iran, "Central Bank"."""
    found = _of_country(core)
    names, peoples = _names_of(found[1]) if found else ((), ())
    if found is None or not names:
        return
    whole, code = found
    if whole == core[-len(whole) :] and "of" not in whole and not _is_state_body(whole, code):
        return  # "Iranian Airlines"
    public = forms.entity.schema is Schema.PUBLIC_BODY
    heads = _heads(whole)
    if public and " ".join(whole) in _CENTRAL_BANKS:  # a firm may be called Bank of Ireland
        heads = [*heads, _CENTRAL_BANK]
    for head in heads:
        is_told = len(head) > 1 or head[0] in _ONE_OF_EACH or code in _UNIONS
        for name in (*names, *peoples):
            strength = Strength.STRONG if is_told else Strength.WEAK
            forms.add([*name.split(), *head], strength, "country's name first", source)
        if head[0] in _ONE_OF_EACH or head[-1] == "ministry" or head == _CENTRAL_BANK:
            forms.add(["country", *head], Strength.WEAK, OF_THE_COUNTRY, source)
        for name in names if len(head) > 1 or head is whole else ():
            forms.add([*head, "of", *name.split()], Strength.STRONG, "another name of the country", source)
            forms.add([*head, "of", "the", *name.split()], Strength.STRONG, "another name of the country", source)
        if (len(head) > 1 or head[0] in _CALLED_ALONE) and head is not _CENTRAL_BANK:
            alone = public or len(head) > 2
            forms.add(head, Strength.WEAK, "without its country", source, alone=alone)
        if head == ["government"]:
            for seat in (city for city, of in forms.terms.seats.items() if of == code):
                forms.add(["government", "in", seat], Strength.STRONG, "its seat", source)


_CENTRAL_BANK = ["central", "bank"]
_CENTRAL_BANKS = frozenset(("bank", "national bank", "state bank", "reserve bank"))
