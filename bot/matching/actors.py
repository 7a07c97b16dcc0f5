"""Who acts, as one sentence says it: authorities and states, by their place in the clause of an act and the words
beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile

from bot.authorities import load_authorities, load_nations
from bot.matching.clauses import EMBEDDED
from bot.matching.cues import load_shared
from bot.matching.readings import Act, Sentence
from bot.matching.times import When
from bot.matching.words import Kind, Token, fold_word
from bot.model import BlockKind
from bot.programmes import load_programmes

ACTING = frozenset({"new", "undated", "possible", "relief", "renewal", "enforcement"})

COUNTED = (
    r"individuals?|people|persons?|entit(?:y|ies)|compan(?:y|ies)|firms?|banks?|vessels?|ships?|tankers?|aircraft|officials?"
    r"|organi[sz]ations?|businesses|groups?|men|women|nationals|networks?|names|targets|wallets?|addresses"
)

_ONES = r"one|two|three|four|five|six|seven|eight|nine"

_TENS = r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"

_TEENS = r"ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"

BELOW_100 = rf"(?:(?:{_TENS})(?:[-\s](?:{_ONES}))?|{_TEENS}|{_ONES})"

_LEAD = 4  # sentences


@dataclass(frozen=True, slots=True)
class _Around:
    """The words of the vocabulary's tables `[around.*]`, which tells what each is."""

    today: frozenset[str]
    yesterday: frozenset[str]
    passive: frozenset[str]
    own_doing: frozenset[str]
    of_state: frozenset[str]
    offices: frozenset[str]
    towards: frozenset[str]
    following: frozenset[str]
    no_plural: frozenset[str]
    after_a_verb: frozenset[str]
    before_a_noun: frozenset[str]
    lists: frozenset[str]
    laws: frozenset[str]
    doing: frozenset[str]
    announced: frozenset[str]
    came: frozenset[str]
    follows: frozenset[str]
    signing: frozenset[str]
    whose: frozenset[str]


@cache
def around() -> _Around:
    return _Around(**{name: frozenset(table["words"].split()) for name, table in load_shared()["around"].items()})


@cache
def _following() -> tuple[str, ...]:
    return tuple(stem.removesuffix("*") for stem in around().following)


def weigh_names(sentence: Sentence, act: Act) -> Iterator[tuple[int, str, int]]:
    """Where an authority is named, its code, and how much that weighs. In front of an act that says who did it, nobody
    else counts."""
    by, lister, is_head = agent_of(sentence, act), lister_of(sentence, act), is_of_head(sentence)
    barring = {index for index in range(len(sentence.tokens)) if _is_barred_from(sentence.tokens, index)}
    for index, token in enumerate(sentence.tokens):
        is_near, is_before = sentence.structure.clause_of[index] == act.clause, index < act.hit.start
        code = authority_of(token)
        if not code and (nation := nation_at(sentence, index)):
            is_subject = is_head and is_near and is_before and _may_be_subject(sentence, index, act, nation)
            is_told = is_subject or nation == lister or (by and index == by) or (is_head and index in barring)
            code = nation if is_told else ""
        if not code or (is_before and (index < by or lister not in ("", code))):
            continue
        is_actor = is_before or code == lister or index in barring
        yield index, code, (2 if is_head else 1) * (3 if is_near and is_actor else 2 if is_near else 1)


def _is_barred_from(tokens: Sequence[Token], index: int) -> bool:
    """Whether it is where somebody may not go, which is whose ban it is: "a ban on entering Estonia"."""
    before = [token.low for token in tokens[max(0, index - 4) : index] if token.low != "the"][-3:]
    return before[-1:] in (["entering"], ["enter"]) or before[-2:] == ["entry", "to"] or before == ["set", "foot", "in"]


def may_act(sentence: Sentence, index: int, act: Act) -> bool:
    """Whether an authority's name may be that of who did an act: not "designated afresh under the Russia order"."""
    if _stands_before(sentence, index, around().laws) or _is_dateline_only(sentence, index):
        return False
    return not _is_object(sentence, index, act) or is_owner_of(sentence, index, act)


LIST_MOST = frozenset("US EU UK UN CA AU NZ CH JP".split())

IN_A_ROW = frozenset({",", "and", "the", "/"})


def rows(sentence: Sentence) -> Iterator[list[int]]:
    """Where authorities stand in one row: "the US, the EU and Britain", "US, UK"."""
    row, last = list[int](), -1
    for index, token in enumerate(sentence.tokens):
        if code_at(sentence, index):
            if last != index - 1 and row:
                yield row
                row = []
            row.append(index)
            last = index
        elif last == index - 1 and token.low in IN_A_ROW:
            last = index
    if row:
        yield row


def agents_of(sentence: Sentence, act: Act) -> Sequence[int]:
    """Where a passive sentence names who acted, and who acted with them; empty where it names nobody."""
    by = agent_of(sentence, act)
    return next((row for row in rows(sentence) if by in row), ()) if by else ()


def is_of_head(sentence: Sentence) -> bool:
    """Of the title or the lead."""
    return sentence.kind is BlockKind.TITLE or sentence.ordinal < _LEAD


def is_old_news(sentence: Sentence) -> bool:
    """Whether all that a sentence tells of a time is long ago: "America had dealt with X in October"."""
    whens = {time.when for time in sentence.times}
    return When.OLD in whens and When.RECENT not in whens


def is_owner_of(sentence: Sentence, index: int, act: Act) -> bool:
    """Whether an authority's name says whose the sanctions are that an act speaks of, and no other is named beside."""
    tokens, end = sentence.tokens, act.hit.end
    if codes_in(tokens) != codes_in(tokens[index : index + 1]):
        return False
    if index < end:
        behind = [token.low for token in tokens[index + 1 : index + 3] if token.low != "'s"]
        return act.hit.start <= index + 1 and bool(behind) and behind[0] in around().own_doing
    is_target_told = bool(act.targets) and max(act.targets) < act.hit.start
    return is_target_told and (index == end or tokens[end].low in around().whose)


def is_signer(sentence: Sentence, index: int, act: Act) -> bool:
    """Whether it is who signs or orders them: the subject in front of an act that has no subject of its own."""
    near = range(index + 1, act.hit.start)
    is_signed = any(sentence.tokens[at].low.startswith(_signing()) for at in near)
    return is_signed and not is_passive(sentence, act) and not _is_object(sentence, index, act)


@cache
def _signing() -> tuple[str, ...]:
    return tuple(stem.removesuffix("*") for stem in around().signing)


def is_doer(sentence: Sentence, index: int, act: Act) -> bool:
    """Whether an authority's name stands for itself in front of an act: not "Russia's Rosneft", nor "Russian banks"."""
    after = sentence.tokens[index + 1]
    if after.low == "'s" or (after.capital and index + 1 < act.hit.start) or _is_dateline_only(sentence, index):
        return False
    return not (_DEMONYM.search(sentence.tokens[index].low) or _is_object(sentence, index, act))


def is_passive(sentence: Sentence, act: Act) -> bool:
    return any(token.low in around().passive for token in sentence.tokens[max(0, act.hit.start - 3) : act.hit.start])


def authority_of(token: Token) -> str:
    """Its code; "" if it is none. Somebody may track an authority: its name is a mention then."""
    if token.kind is Kind.AUTHORITY:
        return token.authority
    return _authority_code(token.low) if token.kind is Kind.MENTION else ""


def code_at(sentence: Sentence, index: int) -> str:
    return authority_of(sentence.tokens[index]) or nation_at(sentence, index)


def nation_at(sentence: Sentence, index: int) -> str:
    """The code of a state that seldom acts alone; "" if none is named there, or only as the place of writing."""
    token = sentence.tokens[index]
    code = _nations().get(token.low, "")
    if not code or token.kind is Kind.AUTHORITY or not token.capital:
        return ""
    after = sentence.tokens[index + 1] if index + 1 < len(sentence.tokens) else None
    is_dateline = index < (2 if token.text.isupper() else 1) and after is not None and after.kind is Kind.PUNCTUATION
    of_state = around().of_state | around().lists | SANCTIONS
    is_adjective = _DEMONYM.search(token.low) and (after is None or after.low not in of_state)
    return "" if is_dateline or is_adjective else code


SANCTIONS = frozenset({"sanctions"})


def subject_at(sentence: Sentence, index: int, act: Act) -> str:
    """The code of a state that seldom acts alone, and may do this act."""
    code = nation_at(sentence, index)
    return code if code and _may_be_subject(sentence, index, act, code) else ""


def _may_be_subject(sentence: Sentence, index: int, act: Act, nation: str) -> bool:
    """A state that is hit itself more often than it acts is named in front of acts for that: "Iran drone network
    blacklisted". It acts where that is what stands behind it: "Iran sanctions two Americans", "Iran has put"."""
    if nation not in _often_hit():
        return True
    if index + 1 >= act.hit.start:
        first = sentence.tokens[act.hit.start]
        is_noun = first.low in around().own_doing and (first.capital or not is_done(sentence, act))
        behind = sentence.tokens[act.hit.start + 1].low if act.hit.start + 1 < len(sentence.tokens) else ""
        is_suffered = behind in _SUFFERING or first.low in _NO_VERBS
        return index + 1 == act.hit.start and not is_noun and not is_suffered
    low = sentence.tokens[index + 1].low
    return _is_doing(low) or low in _AT_ONCE or low in around().no_plural


_SUFFERING = frozenset("by with over for after".split())  # "Belarus hit by another round"

_NO_VERBS = frozenset("among on under is are was were with including included".split())  # "Iran among them"

_AT_ONCE = frozenset("has had have on also today yesterday said".split())


@cache
def _often_hit() -> frozenset[str]:
    """The states that a programme is about."""
    return frozenset(map(_nation_of, load_programmes())) - {""}


def _nation_of(programme: str) -> str:
    return _nations().get(fold_word(programme), "")


@cache
def _nations() -> dict[str, str]:
    return {name: code for code, one in load_nations().items() for name in one.names}


@cache
def _code_of(programme: str | None) -> str:
    """'Russia' -> 'RU'; '' for a programme that is no country's."""
    wanted = (programme or "").casefold()
    for code, one in load_authorities().items():
        if wanted and wanted in (name.casefold() for name in one.names):
            return code
    return ""


def side_of(programme: str | None) -> str:
    """Of states that seldom act alone, too."""
    return _code_of(programme) or _nation_of(programme or "")


def subjects_of(sentence: Sentence) -> frozenset[str]:
    """The authorities and states that stand in front of a main clause's verb, as who does what it tells."""
    tokens, found = sentence.tokens, set[str]()
    for index, token in enumerate(tokens[:-1]):
        clause = sentence.structure.clauses[sentence.structure.clause_of[index]]
        if clause.kind in EMBEDDED or clause.verb is None or index > clause.verb:
            continue
        is_place = index > 0 and tokens[index - 1].low in _PLACING
        if not is_place and tokens[index + 1].low != "'s" and not is_of_another(sentence, index):
            found.add(authority_of(token) or nation_at(sentence, index))
    return frozenset(found - {""})


_PLACING = frozenset("in from of by for with at to against outside inside across".split())


def actors_before(sentence: Sentence, entity: str, sentences: Sequence[Sentence]) -> tuple[str, ...]:
    """Who had acted on an entity before, as a sentence tells it, or may have: "Britain had listed X, and the US Y";
    nobody, where a sentence of the article tells a newer act."""
    if any(act.kind == "new" and _is_on(one, act, entity) for one in sentences for act in one.acts):
        return ()
    earlier = [
        act
        for act in sentence.acts
        if act.kind == "earlier"
        and _is_on(sentence, act, entity)
        and sentence.structure.clauses[act.clause].kind not in EMBEDDED
    ]
    if not _actors_of(sentence, earlier, None):
        return ()
    return tuple(dict.fromkeys(code for token in sentence.tokens if (code := authority_of(token))))


def _is_on(sentence: Sentence, act: Act, entity: str) -> bool:
    return any(entity in sentence.tokens[target].entities for target in act.targets)


def actors_in(sentence: Sentence, acting: Sequence[str] | None) -> tuple[str, ...]:
    """The authorities in front of an act of this sentence, in its own clause; of states that seldom act alone only
    those that do in this article, where `acting` is given."""
    return _actors_of(sentence, own_acts(sentence, "new"), acting)


def _actors_of(sentence: Sentence, acts: Iterable[Act], acting: Sequence[str] | None) -> tuple[str, ...]:
    earlier, acts = told_as_earlier(sentence), list(acts)
    acts = [act for act in acts if agent_of(sentence, act)] or acts
    told = {
        code: None
        for act in acts
        for by in [agents_of(sentence, act)]
        for lister in [lister_of(sentence, act)]
        for index, token in enumerate(sentence.tokens)
        if index not in earlier
        and not _is_dateline_only(sentence, index)
        and (code := authority_of(token) or among_acting(acting, _nation_in(sentence, index, act, by, lister)))
        and (index in by if by else code == lister if lister else index < act.hit.start)
        and (index in by or sentence.structure.clause_of[index] == act.clause)
        and (index in by or not _is_object(sentence, index, act))
    }
    return tuple(told)


def _nation_in(sentence: Sentence, index: int, act: Act, by: Sequence[int], lister: str) -> str:
    """The code of a state that seldom acts alone, and may do this act."""
    nation = nation_at(sentence, index)
    return nation if index in by or nation == lister or subject_at(sentence, index, act) else ""


_BEHIND_PLACE = frozenset({"-", "–", "—", "--", "("})

_ACRONYM = 3  # letters: "US - …", and "US, UK and Australia sanction …"


def is_place_of_writing(sentence: Sentence, index: int) -> bool:
    """ "WASHINGTON/SEOUL, July 9 - …"."""
    text = sentence.tokens[index].text
    return index == 0 and sentence.kind is not BlockKind.TITLE and text.isupper() and len(text) > _ACRONYM


def _is_dateline_only(sentence: Sentence, index: int) -> bool:
    """Whether an authority's name is the place of writing, and the sentence names an authority besides: "SEOUL - …
    OFAC's list", "TAIPEI (Formosa Post) — China, on Taiwan's yards", "Washington: Britain has …"."""
    tokens = sentence.tokens
    if index > 2 or len(tokens) < 4 or len(tokens[0].text) <= _ACRONYM or sentence.kind is BlockKind.TITLE:
        return False
    if tokens[1].text == "/" and tokens[0].text.isupper():  # "WASHINGTON/SEOUL - "
        return index in (0, 2) and bool(codes_in(tokens[3:]) - codes_in(tokens[index : index + 1]))
    if index:
        return False
    if tokens[1].text != ":" and not (tokens[0].text.isupper() and tokens[1].text in _BEHIND_PLACE):
        return False
    agency = next((at for at, token in enumerate(tokens) if token.text == ")"), 1) if tokens[1].text == "(" else 1
    named = codes_in(tokens[agency + 1 :])
    return bool(named) and named.isdisjoint(codes_in(tokens[:1]))


_PARTICIPLE = re.compile(r"ed$|en$|wn$|^(?:run|led|held|sold|made|built|bought|paid|sent|lent|set|put)$")

_BY = frozenset({"by", "遭", "被"})

_AGENT_WITHIN = 6  # tokens behind an act: "were put on a blacklist on Tuesday by the US"


def agent_of(sentence: Sentence, act: Act) -> int:
    """Where a passive sentence names who acted: "firms in the Emirates were sanctioned by the US"; 0 where none does.
    Who stands in front of such an act is no actor of it."""
    tokens = sentence.tokens
    if whose_sanctions(sentence, act):
        return 0  # "EU sanctions for arson by Russia"
    for at in range(max(1, act.hit.start - 3), min(len(tokens) - 1, act.hit.end + _AGENT_WITHIN)):
        agent = at + 2 if tokens[at + 1].low == "the" and at + 2 < len(tokens) else at + 1
        if tokens[at].low not in _BY or not code_at(sentence, agent):
            continue
        if at < act.hit.start and agent + 1 != act.hit.start:
            continue  # "hit by EU sanctions", not "used by Russia and sanctioned"
        if at <= act.hit.end or not _PARTICIPLE.search(tokens[at - 1].low):
            return agent  # not "sanctioned for oil bought by China"
    return 0


def whose_sanctions(sentence: Sentence, act: Act) -> str:
    """Who lists most and stands right in front of an act that is called so: "EU sanctions"; "" where nobody does."""
    tokens = sentence.tokens
    for at in range(max(1, act.hit.start), act.hit.end):
        if tokens[at].low in SANCTIONS and (code := authority_of(tokens[at - 1])) in LIST_MOST:
            return code
    return ""


def lister_of(sentence: Sentence, act: Act) -> str:
    """Whose list an act names itself, or whose sanctions one that is suffered: "Carney hosts Zelenskyy and adds X to
    Canada's blacklist", "Notice: Russia: X added to the UK sanctions list", "two men in Turkey are put under US
    sanctions"; "" where none."""
    tokens = sentence.tokens
    for at in range(act.hit.start, min(act.hit.end + 1, len(tokens))):
        is_list = tokens[at].low in around().lists
        if not is_list and not (tokens[at].low in SANCTIONS and _is_suffered(sentence, at)):
            continue
        for index in range(at - 1, -1, -1):
            token = tokens[index]
            code = code_at(sentence, index)  # "the UK sanctions list", but "its Russia list": what that is about
            is_owner = tokens[index + 1].low == "'s" or (is_list and bool(_DEMONYM.search(token.low)))
            if code and (code in LIST_MOST or is_owner):
                return code
            if not token.capital and token.low not in _IN_A_LISTS_NAME | around().own_doing:
                break
    return ""


_IN_A_LISTS_NAME = frozenset("'s first new own latest".split())


def _is_suffered(sentence: Sentence, at: int) -> bool:
    """Whether sanctions are told as what somebody is under: "under US sanctions", "hit by new EU sanctions"."""
    before = [token.low for token in sentence.tokens[max(0, at - _SUFFERED_WITHIN) : at]]
    return not {"under", "by", "face", "faces", "facing"}.isdisjoint(before)


_SUFFERED_WITHIN = 4  # tokens


def is_what_a_list_is_about(sentence: Sentence, index: int) -> bool:
    """ "its Russia list", "the Iran sanctions list": of who lists most it is whose the list is."""
    return _stands_before(sentence, index, around().lists)


def _stands_before(sentence: Sentence, index: int, nouns: AbstractSet[str]) -> bool:
    tokens = sentence.tokens
    if authority_of(tokens[index]) in LIST_MOST:
        return False
    passed = around().own_doing - around().lists | {")"}  # "the Special Economic Measures (Russia) Regulations"
    behind = next((token for token in tokens[index + 1 :] if token.low not in passed), None)
    return behind is not None and behind.low in nouns


def among_acting(acting: Sequence[str] | None, code: str) -> str:
    return code if acting is None or code in acting else ""


def find_authority_code(words: str) -> str:
    """'us', 'OFAC', 'Kyiv' -> 'US', 'US', 'UA'; "" if no authority is called so."""
    nation = words.strip().upper()
    if nation not in load_nations():
        nation = _nations().get(fold_word(words.strip()), "")
    return _authority_code(words) or nation


def _authority_code(words: str) -> str:
    code = words.strip().upper()
    return code if code in load_authorities() else _code_of(words.strip())


def known_authorities() -> tuple[str, ...]:
    return (*load_authorities(), *load_nations())


_DEMONYM = re.compile(
    r"(?:ese|ian|ean|ish|ican|iss|eli|ench|erman|utch|zech|lovak|ovan)$"
)  # "mostly Chinese", not "China imposed"

_NUMBERS = re.compile(rf"\d+|{BELOW_100}|several|many|some|other")


def is_of_another(sentence: Sentence, index: int) -> bool:
    """Whether an authority's name only says of which country somebody or something is: "two Chinese banks"."""
    after = _noun_of(sentence, index)
    is_somebody = after.endswith("s") or re.fullmatch(COUNTED, after) is not None or is_of_person(sentence, index)
    return is_somebody and after not in around().own_doing and after not in around().of_state


def is_of_person(sentence: Sentence, index: int) -> bool:
    """Whether it only says of which country one is who is named behind it: "the American exile John Miller"."""
    noun = _noun_of(sentence, index)
    then = sentence.tokens[index + 2] if noun and index + 2 < len(sentence.tokens) else None
    is_called = then is not None and (then.capital or then.kind is Kind.MENTION)
    return is_called and not noun.endswith("s") and noun not in around().offices and noun not in around().of_state


def _noun_of(sentence: Sentence, index: int) -> str:
    """The word behind a country's adjective, "exile" of "American exile"; "" if it is none, or there is none."""
    after = sentence.tokens[index + 1] if index + 1 < len(sentence.tokens) else None
    is_noun = after is not None and after.kind is Kind.WORD and not after.capital
    return after.low if after and is_noun and _DEMONYM.search(sentence.tokens[index].low) else ""


def _is_object(sentence: Sentence, index: int, act: Act) -> bool:
    """Whether an authority's name stands for a place or the other side: "sanctions on Russia", "Russian banks"."""
    tokens, near = sentence.tokens, around()
    if _is_barred_from(tokens, index):
        return False
    before = [tokens[i].low for i in range(max(0, index - 2), index)]
    if any(token.low.startswith(_following()) for token in tokens[max(0, index - 3) : index]):
        return True  # "adopts further EU sanctions"
    if any(token.low in near.lists for token in tokens[index + 1 : index + 5]) and act.hit.start <= index:
        return False  # "added to the European Union's Russia list"
    if before and (before[-1] in near.towards or (before[-1] in ("the", "its") and before[0] in near.towards)):
        return True
    if _is_place_in_korean(tokens, index) or _is_of_whom_in_far_east(tokens, index):
        return True
    if _is_in_a_row_of_places(sentence, index) or _is_hit(sentence, index, act):
        return True
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    is_owner = after is not None and after.low == "'s" and authority_of(tokens[index]) not in _UNIONS
    if is_owner and index < act.hit.start and not _is_of_state(tokens[index + 2 :]):
        return True  # "China's state-owned trader is among those hit"
    if after is not None and after.low == "'s" and act.hit.start < index and "by" not in before:
        doing = (token.low for token in tokens[index + 2 : index + 6])  # "hit Russia's oil firms"
        return near.own_doing.isdisjoint(doing)
    if len(before) == 2 and before[0] in near.towards and _NUMBERS.fullmatch(before[1]):
        return True  # "against two Israeli ministers"
    if before and act.hit.start < index and _NUMBERS.fullmatch(before[-1]) and _DEMONYM.search(tokens[index].low):
        return True  # "barred 38 Russian officials"
    if after is not None and _DEMONYM.search(tokens[index].low) and after.low.endswith("s") and not after.capital:
        return after.low not in near.own_doing  # "the Chinese names included", but "American sanctions"
    if after is None or act.hit.start <= index + 1 < act.hit.end or act.hit.start <= index < act.hit.end:
        return False
    if _DEMONYM.search(tokens[index].low):
        if after.kind is Kind.MENTION:
            return True  # "the Ukrainian Dmitry Firtash"
        return not after.capital and after.low not in ("government", "authorities", "officials")
    # "Treasury bonds", but "OFAC is", "the UK this week"
    is_plural = after.low.endswith("s") and not after.low.endswith("'s") and after.low not in near.no_plural
    behind = tokens[index + 2] if index + 2 < len(tokens) else None
    if behind is not None and (behind.low in near.after_a_verb or behind.kind is Kind.AUTHORITY):
        return False  # "the UK ramps up", "Switzerland adopts EU sanctions"
    return after.kind is Kind.WORD and not after.capital and is_plural


def _is_in_a_row_of_places(sentence: Sentence, index: int) -> bool:
    """ "in Yemen and Turkey", "officials of the European Union and Britain"; not "together with the EU and Britain"."""
    tokens, at, is_row = sentence.tokens, index, False
    behind = tokens[index + 1].low if index + 1 < len(tokens) else ""
    while at > 2:
        link = at - (2 if tokens[at - 1].low == "the" else 1)
        is_and = tokens[link].low in _AND
        is_row = is_row or is_and or behind in _AND
        if not (is_and or (tokens[link].low == "," and is_row)) or not _is_named(sentence, link - 1):
            break
        at = link - 1
    before = at - (2 if tokens[at - 1].low == "the" else 1)
    return at != index and before >= 0 and tokens[before].low in around().towards - {"with", "from"}


_AND = frozenset("and or и та und et y".split())


def _is_named(sentence: Sentence, at: int) -> bool:
    """Whether somebody or some place is named there, and no day."""
    token = sentence.tokens[at]
    is_time = any(time.start <= at < time.end for time in sentence.times)
    return (token.capital or bool(authority_of(token))) and not is_time


def _is_hit(sentence: Sentence, index: int, act: Act) -> bool:
    """Whether an authority's people are whom another's act hits: "Tehran sanctions EU and UK officials", or one of
    them: "consul and Russian blacklisted for"."""
    tokens = sentence.tokens
    if index + 1 == act.hit.start and _DEMONYM.search(tokens[index].low) and tokens[act.hit.start].low.endswith("ed"):
        return True
    if index == act.hit.end and is_done(sentence, act) and not is_passive(sentence, act):
        is_verb = tokens[index - 1].low not in around().own_doing | around().lists
        if is_verb and any(code_at(sentence, at) for at in range(act.hit.start)):
            return True  # "Washington decided to punish Turkey"
    start = index
    while start > act.hit.end and (tokens[start - 1].low in ("and", ",") or authority_of(tokens[start - 1])):
        start -= 1
    if start != act.hit.end or index < act.hit.end or is_passive(sentence, act):
        return False
    behind = next((one for one in tokens[index:] if not authority_of(one) and one.low not in ("and", ",")), None)
    is_of_people = behind is not None and not behind.capital and behind.low.endswith("s")
    return is_of_people and any(code_at(sentence, at) for at in range(act.hit.start))


def _is_of_state(tokens: Sequence[Token]) -> bool:
    """Whether what stands behind "China's" is of the state: "commerce ministry", or what it does: "new list"."""
    words = around().of_state | around().offices | around().own_doing | around().lists | around().laws | _PARTS
    near = takewhile(lambda token: token.kind is not Kind.PUNCTUATION, tokens[:_STATE_WITHIN])
    return any(token.low in words for token in near)


_UNIONS = frozenset({"EU", "UN"})  # whose is a body or an envoy: "the EU's Kallas"
_STATE_WITHIN = 5  # tokens

_PARTS = frozenset(
    "treasury department office council security agency commission regulator bank king leader state chief head".split()
)


def _is_place_in_korean(tokens: Sequence[Token], index: int) -> bool:
    """ "러시아와 중국에 주재하며": who is in Russia and China; "중국에 따르면" is what China says."""
    at = index + 1
    while at + 1 < len(tokens) and tokens[at].low in ("와", "과") and tokens[at + 1].kind is Kind.AUTHORITY:
        at += 2
    return at + 1 < len(tokens) and tokens[at].low == "에" and tokens[at + 1].low not in ("게", "따", "의")


def _is_of_whom_in_far_east(tokens: Sequence[Token], index: int) -> bool:
    """ "中国企业", "중국 기업": whose firms they are, "中国驻英使馆": whose embassy."""
    behind = "".join(token.low for token in tokens[index + 1 : index + 3])
    return behind.startswith(_WHOSE_IN_FAR_EAST)


_WHOSE_IN_FAR_EAST = (
    "企业", "公司", "实体", "官员", "军工", "公民", "银行", "议员", "政客", "男子", "女子", "籍", "驻", "炼油", "炼厂",
    "기업", "회사", "국적", "선사", "은행", "법인",
)  # fmt: skip


def counts_for(act: Act, event: str) -> bool:
    kind = "new" if act.kind == "undated" else act.kind
    return kind == event if event in ACTING else kind in ACTING


def own_acts(sentence: Sentence, event: str) -> list[Act]:
    """The acts of this kind that a sentence tells of its article's act. Beside one of the main clause, what a clause
    about a name tells is older, or another's: "now barred from London is X, whom the EU listed on Tuesday"."""
    earlier = told_as_earlier(sentence)
    acts = [
        act
        for act in sentence.acts
        if counts_for(act, event) and act.hit.start not in earlier and not _is_done_before(sentence, act)
    ]
    aside = {act.clause for act in acts if _is_about_name(sentence, act)}
    has_main = any(sentence.structure.clauses[act.clause].kind not in EMBEDDED for act in acts)
    return [act for act in acts if act.clause not in aside] if has_main else acts


def _is_done_before(sentence: Sentence, act: Act) -> bool:
    """ "He has been sanctioned before by the EU"."""
    behind = [token.low for token in sentence.tokens[act.hit.end : act.hit.end + 2]]
    return behind[:1] in (["before"], ["previously"]) and (len(behind) == 1 or behind[1] in ("by", *_ENDS, "."))


_ENDS = frozenset(",;:—–()")


def told_as_earlier(sentence: Sentence) -> set[int]:
    """The tokens by which a sentence that tells who acted tells of another's act besides, after which it came:
    "Britain listed X, a day after the EU hit it"."""
    tokens, earlier = sentence.tokens, set[int]()
    if (then := _followed(sentence)) is not None:
        return set(range(then, len(tokens)))
    for at, token in enumerate(tokens):
        if token.low != "after":
            continue
        end = next((i for i in range(at + 1, len(tokens)) if tokens[i].low in _ENDS), len(tokens))
        inside = codes_in(tokens[at + 1 : end])
        outside = codes_in((*tokens[:at], *tokens[end:])) - inside
        is_told = [at < act.hit.start < end for act in sentence.acts]
        if inside and outside and any(is_told) and not all(is_told):
            earlier.update(range(at, end))
    return earlier


def told_as_earlier_of(sentence: Sentence, entity: str) -> tuple[str, ...]:
    """Who acted on somebody of whom a sentence tells nothing but such an act before."""
    earlier = told_as_earlier(sentence)
    places = {at for at, token in enumerate(sentence.tokens) if entity in token.entities}
    if not places or not places <= earlier:
        return ()
    told = (authority_of(sentence.tokens[at]) for at in sorted(earlier))
    return tuple(dict.fromkeys(code for code in told if code))


def _followed(sentence: Sentence) -> int | None:
    """Where a sentence begins to tell of what another did before the act that it speaks of first: "The decision came
    hours after Washington blocked X", "The freezes follow American measures"."""
    tokens = sentence.tokens
    at = next((i for i, token in enumerate(tokens[:_HEAD]) if token.low in around().came | around().follows), 0)
    if not at or tokens[at - 1].low not in around().announced:
        return None
    if tokens[at].low in around().follows:
        return at + 1
    return next((i for i in range(at + 1, min(len(tokens), at + _HEAD)) if tokens[i].low == "after"), None)


_HEAD = 10  # tokens


def codes_in(tokens: Iterable[Token]) -> frozenset[str]:
    return frozenset(code for token in tokens if (code := authority_of(token)))


def _is_about_name(sentence: Sentence, act: Act) -> bool:
    is_aside = sentence.structure.clauses[act.clause].kind in EMBEDDED
    return is_aside and any(sentence.tokens[target].capital for target in act.targets)


def is_done(sentence: Sentence, act: Act) -> bool:
    """Whether an act is told by what is done, "is imposing sanctions", "puts sanctions on", not named: "sanctions"."""
    words = (token.low for token in sentence.tokens[act.hit.start : act.hit.end])
    first = next((word for word in words if word not in around().before_a_noun), "")
    if act.modal or act.negated or first not in around().own_doing:
        return not (act.modal or act.negated)
    in_front = sentence.tokens[max(0, act.hit.start - _DOING_WITHIN) : act.hit.start]
    return any(_is_doing(token.low) for token in in_front) or _is_verb(sentence, act)


def _is_verb(sentence: Sentence, act: Act) -> bool:
    """ "China sanctions Japanese lawmaker", but "China sanctions on him", "Chinese sanctions"."""
    tokens, start, end = sentence.tokens, act.hit.start, act.hit.end
    if not start or end != start + 1 or end >= len(tokens):
        return False
    is_named = bool(code_at(sentence, start - 1)) and not _DEMONYM.search(tokens[start - 1].low)
    return is_named and (tokens[end].capital or tokens[end].text[:1].isdigit())


_DOING_WITHIN = 3  # tokens: "imposed a fresh round of", "puts in force"


@lru_cache(maxsize=10_000)
def _is_doing(word: str) -> bool:
    """Whether it is one of the words of doing: "puts", and no "Putin"."""
    return word in around().doing or any(word.startswith(stem[:-1]) for stem in around().doing if stem[-1] == "*")
