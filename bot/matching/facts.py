"""What an article tells of the act itself: who acts, under which programme, on which day, against how many."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from bot.authorities import load_authorities, load_nations
from bot.matching.clauses import EMBEDDED, ClauseKind
from bot.matching.cues import load_shared
from bot.matching.readings import Act, Sentence
from bot.matching.terms import load_terms
from bot.matching.times import When, moved
from bot.matching.words import Kind, Token, fold_word
from bot.model import Article, BlockKind
from bot.programmes import load_programmes
from bot.text.folding import fold_key

ACTING = frozenset({"new", "undated", "possible", "relief", "renewal", "enforcement"})
_COUNTED = (
    r"individuals?|people|persons?|entit(?:y|ies)|compan(?:y|ies)|firms?|banks?|vessels?|ships?|tankers?|aircraft|officials?"
    r"|organi[sz]ations?|businesses|groups?|men|women|nationals|networks?|names|targets|wallets?|addresses"
)
_ONES = r"one|two|three|four|five|six|seven|eight|nine"
_TENS = r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_TEENS = r"ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_BELOW_100 = rf"(?:(?:{_TENS})(?:[-\s](?:{_ONES}))?|{_TEENS}|{_ONES})"
_NUMBER = (
    rf"(?:dozens|hundreds|scores)\s+of|half\s+a\s+dozen|(?:an?|{_BELOW_100})\s+dozen"
    rf"|(?:a|{_BELOW_100})\s+hundred(?:\s+(?:and\s+)?{_BELOW_100})?"
    rf"|(?!(?:19|20)\d\d\b)\d+(?:,\d{{3}})*|{_BELOW_100}"
)
# Between a number and what it counts: not what makes it a larger number, a share or a span of time.
_NO_GAP = r"dozens?|hundreds?|thousands?|millions?|billions?|trillions?|per|percent|days?|weeks?|months?|years?|hours?"
_LEAD = 4  # sentences
_BEFORE = 8  # sentences in which the authority of a list is looked for
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_COUNT = re.compile(
    rf"(?<![\w.,$€£-])({_NUMBER})\s+(?:(?!(?:{_NO_GAP})\b)[^\W\d_][\w-]*\s+){{0,3}}?({_COUNTED})\b", re.IGNORECASE
)


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
def _around() -> _Around:
    return _Around(**{name: frozenset(table["words"].split()) for name, table in load_shared()["around"].items()})


@cache
def _following() -> tuple[str, ...]:
    return tuple(stem.removesuffix("*") for stem in _around().following)


def find_acting(
    sentences: Sequence[Sentence],
    event: str,
    programme: str | None = None,
    targets: Sequence[frozenset[str]] = (),
    publisher: str = "",
    hit: AbstractSet[str] = frozenset(),
) -> Acting:
    """Who acts: those named in the clause of an act of the article's kind. The country that the programme is about acts
    only where nobody else does. `targets`: the codes of each target's own side (`find_side`); a side that all of them
    are of does not act on itself, where another is named, unless the head says so expressly, and of nobody else:
    "Ukraine sanctions its former president". `publisher`: the authority whose own page it is, which seldom names itself
    ("has decided to add two US entities"): it acts, unless the page says that others do. `hit`: the entities that the
    act hits: where nobody is said to act, whoever is named with others alone seldom does."""
    told, about = _count_near_acts(sentences, event)
    named = _count_named(sentences, event)
    doers, own = _doers(sentences, event), _own_side(targets)
    if doers <= own:
        own -= doers
    said = _without(told, own) or _without(_signed(sentences), own) or _without(about, own)
    acting = _most_told(said or _without(named, own) or told or about or named, _code_of(programme), own)
    if not said and event == "new":
        acting = _named_together(acting, sentences, hit)
    if publisher and publisher not in acting and doers.isdisjoint(acting):
        return Acting((publisher,), is_guess=False)
    sure = doers | _owners(sentences, event)
    if said and not (_LIST_MOST | sure).isdisjoint(acting):
        return Acting(_without_bystanders(acting, sure), is_guess=False)
    if event == "new" and (whose := _whose_measures(sentences)):
        return Acting(whose, is_guess=False)
    sides = frozenset[str]().union(*targets)
    if said:  # or seems to be: "a plant that ships to Taiwan was blocked"
        return Acting(_without_sides(acting, sides), is_guess=True)
    return _who_list_most(acting, sides)


def _count_near_acts(sentences: Sequence[Sentence], event: str) -> tuple[Counter[str], Counter[str]]:
    """How strongly each authority is told to act: by where it is named beside the acts, and what a list is about."""
    told, about = Counter[str](), Counter[str]()
    for sentence in sentences:
        is_old, earlier = event == "new" and _is_old_news(sentence), _told_as_earlier(sentence)
        for act in _own_acts(sentence, event):
            if is_old and act.when is not When.RECENT:
                continue
            for index, code, weight in _weigh_names(sentence, act):
                if index not in earlier and _may_act(sentence, index, act):
                    counted = about if _is_what_a_list_is_about(sentence, index) else told
                    counted[code] += weight
    return told, about


def _weigh_names(sentence: Sentence, act: Act) -> Iterator[tuple[int, str, int]]:
    """Where an authority is named, its code, and how much that weighs. In front of an act that says who did it, nobody
    else counts."""
    by, lister, is_head = _agent_of(sentence, act), _lister_of(sentence, act), _is_head(sentence)
    for index, token in enumerate(sentence.tokens):
        is_near, is_before = sentence.structure.clause_of[index] == act.clause, index < act.hit.start
        own_code = _authority_of(token)
        code = own_code or (_nation_at(sentence, index) if is_head and is_near and is_before else "")
        if not code or (is_before and (index < by or (lister and own_code not in ("", lister)))):
            continue
        yield index, code, (2 if is_head else 1) * (3 if is_near and is_before else 2 if is_near else 1)


def _may_act(sentence: Sentence, index: int, act: Act) -> bool:
    """Whether an authority's name may be that of who did an act: not "designated afresh under the Russia order"."""
    if _stands_before(sentence, index, _around().laws) or _is_dateline_only(sentence, index):
        return False
    return not _is_object(sentence, index, act) or _is_owner(sentence, index, act)


def _count_named(sentences: Sequence[Sentence], event: str) -> Counter[str]:
    """How often each authority is named, as whoever acts may be."""
    named = _named(sentences, _is_of_another) or _named(sentences, _is_of_person)
    if event == "new" and len(named) > 1:
        del named["UN"]  # such a text names it as often for its envoys and reports
    return named


def _most_told(told: Counter[str], other_side: str, own: AbstractSet[str]) -> tuple[str, ...]:
    """Those who are told most, and half as much at least. `other_side`: whom the programme is about; it goes, unless
    the targets are of a third side, one that imposes sanctions itself."""
    if len(told) > 1 and (other_side in own or own.isdisjoint(load_authorities())):
        told = _without(told, {other_side})
    best = max(told.values(), default=0)
    return tuple(code for code, count in told.most_common(4) if count * 2 >= best)


class Acting(NamedTuple):
    """The codes of who acts, most telling first. `is_guess`: nobody is said to act, and who is named seldom does."""

    codes: tuple[str, ...]
    is_guess: bool


_LIST_MOST = frozenset("US EU UK UN CA AU NZ CH JP".split())
# Of whose acts an article may tell without saying that it is they who act.
_LIST_OFTEN = frozenset("CN KR RU UA".split())


def _who_list_most(named: tuple[str, ...], sides: AbstractSet[str]) -> Acting:
    """Of those whom a text names and tells of none that it acts: of the others such a text speaks as often for other
    reasons, "the trader from Turkey"."""
    if most := tuple(code for code in named if code in _LIST_MOST):
        return Acting(most, is_guess=False)
    return Acting(_without_sides((code for code in named if code in _LIST_OFTEN), sides), is_guess=True)


def _without_sides(guessed: Iterable[str], sides: AbstractSet[str]) -> tuple[str, ...]:
    """A state is seldom meant where a target is of its own side, but Ukraine, which lists its own."""
    return tuple(code for code in guessed if code == "UA" or code not in sides)


def _without_bystanders(acting: tuple[str, ...], sure: AbstractSet[str]) -> tuple[str, ...]:
    """Beside one of those who list most, of whom the head says that it acts, a state that seldom acts with others is
    told of for another reason: "EU lists traders … China's trading arm is among the targets". What the UN does states
    put in force."""
    if (sure & _LIST_MOST - {"UN"}).isdisjoint(acting):
        return acting
    return tuple(code for code in acting if code in sure or code in _LIST_MOST)


def _whose_measures(sentences: Sequence[Sentence]) -> tuple[str, ...]:
    """Of whom the title or the lead says that the measures, or the list, are theirs, or that they took them, the one
    named so first foremost: "targeted by EU sanctions", "put on Poland's sanctions list", "sanctioned by Poland"."""
    whose = (
        code
        for sentence in sentences
        if _is_head(sentence) and not _is_old_news(sentence)
        for index, token in enumerate(sentence.tokens)
        if (code := _nation_at(sentence, index) or _authority_of(token)) in _LIST_MOST or code in _nations().values()
        if _has_measures(sentence, index) or _is_agent(sentence, index)
    )
    return tuple(dict.fromkeys(whose))[:2]


def _has_measures(sentence: Sentence, index: int) -> bool:
    behind = [token.low for token in sentence.tokens[index + 1 : index + 4] if token.low != "'s"]
    return bool(behind) and not _ENDS.intersection(behind[:1]) and not _MEASURES.isdisjoint(behind[:2])


_MEASURES = frozenset("sanctions list blacklist package".split())


def _is_agent(sentence: Sentence, index: int) -> bool:
    """Whether it stands behind the "by" of an act: "are put under sanctions by Poland"."""
    before = index - 1 - (index > 0 and sentence.tokens[index - 1].low == "the")
    if before < 0 or sentence.tokens[before].low != "by":
        return False
    return any(0 <= before - act.hit.end < _AGENT_WITHIN for act in _own_acts(sentence, "new"))


def _named_together(named: tuple[str, ...], sentences: Sequence[Sentence], hit: AbstractSet[str]) -> tuple[str, ...]:
    """Of those whom a text names and tells of none that it acts, who acts: those who are named near the act, the one
    that is named most where none is, and who stands in one row with them."""
    most = tuple(code for code in named if code in _LIST_MOST) or named
    near = _named_near(sentences, hit)
    acting = frozenset(code for code in most if code in near) or frozenset(most[:1])
    beside = _named_beside(sentences, acting)
    return tuple(code for code in most if code in acting | beside)


def _named_beside(sentences: Sequence[Sentence], acting: AbstractSet[str]) -> frozenset[str]:
    """The authorities that are named in one row with who acts: "Britain, Canada and Norway"."""
    beside = set[str]()
    for sentence in sentences:
        row, last = set[str](), -1
        for index, token in enumerate(sentence.tokens):
            if code := _authority_of(token):
                row = {*row, code} if last == index - 1 else {code}
                last = index
                beside |= row if row & acting else set()
            elif last == index - 1 and token.low in _IN_A_ROW:
                last = index
    return frozenset(beside)


_IN_A_ROW = frozenset({",", "and", "the", "/"})


def _is_head(sentence: Sentence) -> bool:
    """Of the title or the lead."""
    return sentence.kind is BlockKind.TITLE or sentence.ordinal < _LEAD


def _is_old_news(sentence: Sentence) -> bool:
    """Whether all that a sentence tells of a time is long ago: "America had dealt with X in October"."""
    whens = {time.when for time in sentence.times}
    return When.OLD in whens and When.RECENT not in whens


def _named_near(sentences: Sequence[Sentence], hit: AbstractSet[str]) -> frozenset[str]:
    """The authorities that are named with one of whom the act hits, or in what is told as news, and not of others."""
    near = set[str]()
    for sentence in sentences:
        entities = {entity for token in sentence.tokens for entity in token.entities}
        is_news = any(time.when is When.RECENT for time in sentence.times)
        if not _is_old_news(sentence) and (entities & hit or (is_news and not entities)):
            near |= _codes(sentence.tokens)
    return frozenset(near)


class _AtHead(NamedTuple):
    """An authority that is named in the clause of an act, in the title or the lead."""

    code: str
    sentence: Sentence
    at: int
    act: Act


def _at_head(sentences: Sequence[Sentence], event: str, behind: int = 0) -> Iterator[_AtHead]:
    """Those in front of an act, in it, and up to `behind` tokens behind it; none that tells of an earlier act."""
    for sentence in sentences:
        if not _is_head(sentence):
            continue
        earlier = _told_as_earlier(sentence)
        for act in _own_acts(sentence, event):
            for index in range(min(act.hit.end + behind, len(sentence.tokens))):
                if index in earlier or sentence.structure.clause_of[index] != act.clause:
                    continue
                if code := _authority_of(sentence.tokens[index]):
                    yield _AtHead(code, sentence, index, act)


def _doers(sentences: Sequence[Sentence], event: str) -> frozenset[str]:
    """Who the title says does the act, or the lead on one who is tracked: the subject of its clause, in the active
    voice. What a lead tells of others is often what the act answers: "after the EU imposed sanctions on officials"."""
    return frozenset(
        code
        for code, sentence, index, act in _at_head(sentences, event)
        if index < act.hit.start
        and (act.targets or sentence.kind is BlockKind.TITLE)
        and _is_done(sentence, act)
        and not _agent_of(sentence, act)
        and not _is_passive(sentence, act)
        and _is_doer(sentence, index, act)
    )


def _owners(sentences: Sequence[Sentence], event: str) -> frozenset[str]:
    """Whose sanctions the title or the lead says they are: "hit by Ukrainian sanctions", "under sanctions of Ukraine"
    (Russian has the owner right behind), "Ukraine's president signed a decree on sanctions"."""
    return frozenset(
        code
        for code, sentence, index, act in _at_head(sentences, event, behind=_OWNER_WITHIN)
        if sentence.structure.clauses[act.clause].kind not in EMBEDDED
        and (_is_owner(sentence, index, act) or _is_signer(sentence, index, act))
    )


_OWNER_WITHIN = 2  # tokens behind an act: "sanctions of Ukraine"


def _is_owner(sentence: Sentence, index: int, act: Act) -> bool:
    """Whether an authority's name says whose the sanctions are that an act speaks of, and no other is named beside."""
    tokens, end = sentence.tokens, act.hit.end
    if _codes(tokens) != _codes(tokens[index : index + 1]):
        return False
    if index < end:
        behind = [token.low for token in tokens[index + 1 : index + 3] if token.low != "'s"]
        return act.hit.start <= index + 1 and bool(behind) and behind[0] in _around().own_doing
    is_target_told = bool(act.targets) and max(act.targets) < act.hit.start
    return is_target_told and (index == end or tokens[end].low in _around().whose)


def _is_signer(sentence: Sentence, index: int, act: Act) -> bool:
    """Whether it is who signs or orders them: the subject in front of an act that has no subject of its own."""
    near = range(index + 1, act.hit.start)
    is_signed = any(sentence.tokens[at].low.startswith(_signing()) for at in near)
    return is_signed and not _is_passive(sentence, act) and not _is_object(sentence, index, act)


@cache
def _signing() -> tuple[str, ...]:
    return tuple(stem.removesuffix("*") for stem in _around().signing)


def _is_doer(sentence: Sentence, index: int, act: Act) -> bool:
    """Whether an authority's name stands for itself in front of an act: not "Russia's Rosneft", nor "Russian banks"."""
    after = sentence.tokens[index + 1]
    if after.low == "'s" or (after.capital and index + 1 < act.hit.start) or _is_dateline_only(sentence, index):
        return False
    return not (_DEMONYM.search(sentence.tokens[index].low) or _is_object(sentence, index, act))


def _is_passive(sentence: Sentence, act: Act) -> bool:
    return any(token.low in _around().passive for token in sentence.tokens[max(0, act.hit.start - 3) : act.hit.start])


def _named(sentences: Sequence[Sentence], passed_over: Callable[[Sentence, int], bool]) -> Counter[str]:
    """How often each authority is named, but where it is `passed_over`."""
    return Counter(
        code
        for sentence in sentences
        for index, token in enumerate(sentence.tokens)
        if (code := _authority_of(token)) and not passed_over(sentence, index)
    )


def _signed(sentences: Sequence[Sentence]) -> Counter[str]:
    """Whose laws and lists the text cites."""
    text = "\n".join(sentence.text for sentence in sentences).lower()
    counts = {code: sum(map(text.count, one.signatures)) for code, one in load_authorities().items() if one.signatures}
    return Counter({code: count for code, count in counts.items() if count})


def _without(told: Counter[str], own: AbstractSet[str]) -> Counter[str]:
    return Counter({code: count for code, count in told.items() if code not in own})


def _own_side(targets: Iterable[frozenset[str]]) -> frozenset[str]:
    """The side that all targets are of, as far as their countries are known."""
    known = [codes for codes in targets if codes]
    return frozenset.intersection(*known) if known else frozenset()


_UNION = frozenset("at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk".split())
_CALLED = {"gb": "UK"}


def find_side(countries: Iterable[str]) -> frozenset[str]:
    """The authorities whose own somebody of these countries is: 'de' -> {'DE', 'EU'}, 'gb' -> {'UK'}."""
    own = {_CALLED.get(country, country.upper()) for country in countries}
    return frozenset(own | ({"EU"} if _UNION & set(countries) else set()))


def _authority_of(token: Token) -> str:
    """Its code; "" if it is none. Somebody may track an authority: its name is a mention then."""
    if token.kind is Kind.AUTHORITY:
        return token.authority
    return _authority_code(token.low) if token.kind is Kind.MENTION else ""


def _nation_at(sentence: Sentence, index: int) -> str:
    """The code of a state that seldom acts alone; "" if none is named there, or only as the place of writing."""
    token = sentence.tokens[index]
    code = _nations().get(token.low, "")
    if not code or token.kind is Kind.AUTHORITY or not token.capital or (token.text.isupper() and index < 2):
        return ""
    after = sentence.tokens[index + 1] if index + 1 < len(sentence.tokens) else None
    is_dateline = index == 0 and after is not None and after.kind is Kind.PUNCTUATION
    is_adjective = _DEMONYM.search(token.low) and (after is None or after.low not in _around().of_state)
    return "" if is_dateline or is_adjective else code


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


def find_own_act(
    sentences: Sequence[Sentence],
    ordinal: int,
    article: Article,
    acting: Sequence[str],
    side: AbstractSet[str] = frozenset(),
    entity: str = "",
) -> tuple[tuple[str, ...], date | None]:
    """Who acted, and when, as the passage around one deciding sentence says expressly: the sentence itself, else the
    nearest of those before it that tells who acted. ((), None) where none does. A sentence before it counts only if
    it is about one of those who act in this article (`acting`): "weeks after the UN agreed on sanctions" is not; nor is
    what the target's own `side` did, which another answers; nor, in another paragraph, where the deciding sentence is
    on what another does: "On Monday Switzerland took over the EU's listings". Of an `entity` of whom the article tells
    no newer act, also who had acted on it before: "Britain had listed it", "London listed X, a day after the EU hit
    it"."""
    at = next((place for place, sentence in enumerate(sentences) if sentence.ordinal == ordinal), None)
    if at is None:
        return (), None
    if earlier := _told_as_earlier_of(sentences[at], entity):
        return tuple(code for code in earlier if code not in side), None
    subjects = _subjects(sentences[at]) - side
    for sentence in reversed(sentences[max(0, at - _BEFORE) : at + 1]):
        actors = _actors(sentence, None if sentence is sentences[at] else acting)
        others = tuple(code for code in actors if code not in side)
        if others and (sentence is sentences[at] or (others == actors and set(actors) & set(acting))):
            is_elsewhere = sentence.block != sentences[at].block and bool(subjects) and subjects.isdisjoint(others)
            return ((), None) if is_elsewhere else (others, find_day([sentence], "new", article))
        if sentence is sentences[at] and (day := find_day([sentence], "new", article)):
            return (), day
        if sentence is sentences[at] and (before := _actors_before(sentence, entity, sentences)):
            return before, None
    return (), None


def _subjects(sentence: Sentence) -> frozenset[str]:
    """The authorities and states that stand in front of a main clause's verb, as who does what it tells."""
    tokens, found = sentence.tokens, set[str]()
    for index, token in enumerate(tokens[:-1]):
        clause = sentence.structure.clauses[sentence.structure.clause_of[index]]
        if clause.kind in EMBEDDED or clause.verb is None or index > clause.verb:
            continue
        is_place = index > 0 and tokens[index - 1].low in _PLACING
        if not is_place and tokens[index + 1].low != "'s" and not _is_of_another(sentence, index):
            found.add(_authority_of(token) or _nation_at(sentence, index))
    return frozenset(found - {""})


_PLACING = frozenset("in from of by for with at to against outside inside across".split())


def _actors_before(sentence: Sentence, entity: str, sentences: Sequence[Sentence]) -> tuple[str, ...]:
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
    return tuple(dict.fromkeys(code for token in sentence.tokens if (code := _authority_of(token))))


def _is_on(sentence: Sentence, act: Act, entity: str) -> bool:
    return any(entity in sentence.tokens[target].entities for target in act.targets)


def _actors(sentence: Sentence, acting: Sequence[str] | None) -> tuple[str, ...]:
    """The authorities in front of an act of this sentence, in its own clause; of states that seldom act alone only
    those that do in this article, where `acting` is given."""
    return _actors_of(sentence, _own_acts(sentence, "new"), acting)


def _actors_of(sentence: Sentence, acts: Iterable[Act], acting: Sequence[str] | None) -> tuple[str, ...]:
    earlier = _told_as_earlier(sentence)
    told = {
        code: None
        for act in acts
        for by in [_agent_of(sentence, act)]
        for lister in [_lister_of(sentence, act)]
        for index, token in enumerate(sentence.tokens)
        if index not in earlier
        and not _is_dateline_only(sentence, index)
        and (code := _authority_of(token) or _among(acting, _nation_at(sentence, index)))
        and (index == by if by else code == lister if lister else index < act.hit.start)
        and sentence.structure.clause_of[index] == act.clause
        and not _is_object(sentence, index, act)
    }
    return tuple(told)


_BEHIND_PLACE = frozenset({"-", "–", "—", "--", "("})
_ACRONYM = 3  # letters: "US - …", and "US, UK and Australia sanction …"


def _is_dateline_only(sentence: Sentence, index: int) -> bool:
    """Whether an authority's name is the place of writing, and the sentence names another: "SEOUL - … OFAC's list"."""
    tokens = sentence.tokens
    if index or len(tokens) < 2 or tokens[1].text not in _BEHIND_PLACE or len(tokens[0].text) <= _ACRONYM:
        return False
    if not tokens[0].text.isupper():
        return False
    named = _codes(tokens[1:])
    return bool(named) and named.isdisjoint(_codes(tokens[:1]))


_PARTICIPLE = re.compile(r"ed$|en$|wn$|^(?:run|led|held|sold|made|built|bought|paid|sent|lent|set|put)$")
_AGENT_WITHIN = 6  # tokens behind an act: "were put on a blacklist on Tuesday by the US"


def _agent_of(sentence: Sentence, act: Act) -> int:
    """Where a passive sentence names who acted: "firms in the Emirates were sanctioned by the US"; 0 where none does.
    Who stands in front of such an act is no actor of it."""
    tokens = sentence.tokens
    for at in range(max(1, act.hit.start - 3), min(len(tokens) - 1, act.hit.end + _AGENT_WITHIN)):
        agent = at + 2 if tokens[at + 1].low == "the" and at + 2 < len(tokens) else at + 1
        if tokens[at].low != "by" or not _authority_of(tokens[agent]):
            continue
        if at < act.hit.start and agent + 1 != act.hit.start:
            continue  # "hit by EU sanctions", not "used by Russia and sanctioned"
        if at <= act.hit.end or not _PARTICIPLE.search(tokens[at - 1].low):
            return agent  # not "sanctioned for oil bought by China"
    return 0


def _lister_of(sentence: Sentence, act: Act) -> str:
    """Whose list an act names itself: "Carney hosts Zelenskyy and adds X to Canada's blacklist", "Notice: Russia: X
    added to the UK sanctions list"; "" where none."""
    tokens = sentence.tokens
    for at in range(act.hit.start, min(act.hit.end + 1, len(tokens))):
        if tokens[at].low not in _around().lists:
            continue
        for index in range(at - 1, -1, -1):
            token = tokens[index]
            if not token.capital and token.low != "'s" and token.low not in _around().own_doing:
                break
            code = _authority_of(token)  # "the UK sanctions list", but "its Russia list": what that is about
            if code and (code in _LIST_MOST or tokens[index + 1].low == "'s"):
                return code
    return ""


def _is_what_a_list_is_about(sentence: Sentence, index: int) -> bool:
    """ "its Russia list", "the Iran sanctions list": of who lists most it is whose the list is."""
    return _stands_before(sentence, index, _around().lists)


def _stands_before(sentence: Sentence, index: int, nouns: AbstractSet[str]) -> bool:
    tokens = sentence.tokens
    if _authority_of(tokens[index]) in _LIST_MOST:
        return False
    passed = _around().own_doing - _around().lists | {")"}  # "the Special Economic Measures (Russia) Regulations"
    behind = next((token for token in tokens[index + 1 :] if token.low not in passed), None)
    return behind is not None and behind.low in nouns


def _among(acting: Sequence[str] | None, code: str) -> str:
    return code if acting is None or code in acting else ""


def find_named(sentences: Sequence[Sentence], acting: Sequence[str] = ()) -> Mapping[int, tuple[str, ...]]:
    """The authorities that each paragraph names, `acting` or not."""
    named: dict[int, dict[str, None]] = {}
    for sentence in sentences:
        codes = (
            _authority_of(token) or _among(acting, _nation_at(sentence, index))
            for index, token in enumerate(sentence.tokens)
        )
        named.setdefault(sentence.block, {}).update(dict.fromkeys(code for code in codes if code))
    return {block: tuple(codes) for block, codes in named.items()}


def find_named_with(
    named: Mapping[int, Sequence[str]], blocks: AbstractSet[int], side: AbstractSet[str]
) -> tuple[str, ...]:
    """The authorities (of those `find_named` found), but those of the target's own `side`, that the paragraphs which
    name a target (`blocks`) name too; of a paragraph that names none, the last one before it that does."""
    others = {block: [code for code in codes if code not in side] for block, codes in named.items()}
    nearest = (next((at for at in range(block, -1, -1) if others.get(at)), block) for block in sorted(blocks))
    return tuple(dict.fromkeys(code for block in nearest for code in others.get(block, ())))


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


def known_programmes() -> tuple[str, ...]:
    """As events have them; official lists add their own codes."""
    return tuple(load_programmes())


_DEMONYM = re.compile(
    r"(?:ese|ian|ean|ish|ican|iss|eli|ench|erman|utch|zech|lovak|ovan)$"
)  # "mostly Chinese", not "China imposed"
_NUMBERS = re.compile(rf"\d+|{_BELOW_100}|several|many|some|other")


def _is_of_another(sentence: Sentence, index: int) -> bool:
    """Whether an authority's name only says of which country somebody or something is: "two Chinese banks"."""
    after = _noun_of(sentence, index)
    is_somebody = after.endswith("s") or re.fullmatch(_COUNTED, after) is not None or _is_of_person(sentence, index)
    return is_somebody and after not in _around().own_doing and after not in _around().of_state


def _is_of_person(sentence: Sentence, index: int) -> bool:
    """Whether it only says of which country one is who is named behind it: "the American exile John Miller"."""
    noun = _noun_of(sentence, index)
    then = sentence.tokens[index + 2] if noun and index + 2 < len(sentence.tokens) else None
    is_called = then is not None and (then.capital or then.kind is Kind.MENTION)
    return is_called and not noun.endswith("s") and noun not in _around().offices and noun not in _around().of_state


def _noun_of(sentence: Sentence, index: int) -> str:
    """The word behind a country's adjective, "exile" of "American exile"; "" if it is none, or there is none."""
    after = sentence.tokens[index + 1] if index + 1 < len(sentence.tokens) else None
    is_noun = after is not None and after.kind is Kind.WORD and not after.capital
    return after.low if after and is_noun and _DEMONYM.search(sentence.tokens[index].low) else ""


def _is_object(sentence: Sentence, index: int, act: Act) -> bool:
    """Whether an authority's name stands for a place or the other side: "sanctions on Russia", "Russian banks"."""
    tokens, near = sentence.tokens, _around()
    before = [tokens[i].low for i in range(max(0, index - 2), index)]
    if any(token.low.startswith(_following()) for token in tokens[max(0, index - 3) : index]):
        return True  # "adopts further EU sanctions"
    if any(token.low in near.lists for token in tokens[index + 1 : index + 5]) and act.hit.start <= index:
        return False  # "added to the European Union's Russia list"
    if before and (before[-1] in near.towards or (before[-1] in ("the", "its") and before[0] in near.towards)):
        return True
    if _is_place_in_korean(tokens, index):
        return True
    after = tokens[index + 1] if index + 1 < len(tokens) else None
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
        return not after.capital and after.low not in ("government", "authorities", "officials")
    # "Treasury bonds", but "OFAC is", "the UK this week"
    is_plural = after.low.endswith("s") and not after.low.endswith("'s") and after.low not in near.no_plural
    behind = tokens[index + 2] if index + 2 < len(tokens) else None
    if behind is not None and (behind.low in near.after_a_verb or behind.kind is Kind.AUTHORITY):
        return False  # "the UK ramps up", "Switzerland adopts EU sanctions"
    return after.kind is Kind.WORD and not after.capital and is_plural


def _is_place_in_korean(tokens: Sequence[Token], index: int) -> bool:
    """ "러시아와 중국에 주재하며": who is in Russia and China; "중국에 따르면" is what China says."""
    at = index + 1
    while at + 1 < len(tokens) and tokens[at].low in ("와", "과") and tokens[at + 1].kind is Kind.AUTHORITY:
        at += 2
    return at + 1 < len(tokens) and tokens[at].low == "에" and tokens[at + 1].low not in ("게", "따", "의")


def _counts_for(act: Act, event: str) -> bool:
    kind = "new" if act.kind == "undated" else act.kind
    return kind == event if event in ACTING else kind in ACTING


def _own_acts(sentence: Sentence, event: str) -> list[Act]:
    """The acts of this kind that a sentence tells of its article's act. Beside one of the main clause, what a clause
    about a name tells is older, or another's: "now barred from London is X, whom the EU listed on Tuesday"."""
    earlier = _told_as_earlier(sentence)
    acts = [act for act in sentence.acts if _counts_for(act, event) and act.hit.start not in earlier]
    aside = {act.clause for act in acts if _is_about_name(sentence, act)}
    has_main = any(sentence.structure.clauses[act.clause].kind not in EMBEDDED for act in acts)
    return [act for act in acts if act.clause not in aside] if has_main else acts


_ENDS = frozenset(",;:—–()")


def _told_as_earlier(sentence: Sentence) -> set[int]:
    """The tokens by which a sentence that tells who acted tells of another's act besides, after which it came:
    "Britain listed X, a day after the EU hit it"."""
    tokens, earlier = sentence.tokens, set[int]()
    if (then := _followed(sentence)) is not None:
        return set(range(then, len(tokens)))
    for at, token in enumerate(tokens):
        if token.low != "after":
            continue
        end = next((i for i in range(at + 1, len(tokens)) if tokens[i].low in _ENDS), len(tokens))
        inside = _codes(tokens[at + 1 : end])
        outside = _codes((*tokens[:at], *tokens[end:])) - inside
        is_told = [at < act.hit.start < end for act in sentence.acts]
        if inside and outside and any(is_told) and not all(is_told):
            earlier.update(range(at, end))
    return earlier


def _told_as_earlier_of(sentence: Sentence, entity: str) -> tuple[str, ...]:
    """Who acted on somebody of whom a sentence tells nothing but such an act before."""
    earlier = _told_as_earlier(sentence)
    places = {at for at, token in enumerate(sentence.tokens) if entity in token.entities}
    if not places or not places <= earlier:
        return ()
    told = (_authority_of(sentence.tokens[at]) for at in sorted(earlier))
    return tuple(dict.fromkeys(code for code in told if code))


def _followed(sentence: Sentence) -> int | None:
    """Where a sentence begins to tell of what another did before the act that it speaks of first: "The decision came
    hours after Washington blocked X", "The freezes follow American measures"."""
    tokens = sentence.tokens
    at = next((i for i, token in enumerate(tokens[:_HEAD]) if token.low in _around().came | _around().follows), 0)
    if not at or tokens[at - 1].low not in _around().announced:
        return None
    if tokens[at].low in _around().follows:
        return at + 1
    return next((i for i in range(at + 1, min(len(tokens), at + _HEAD)) if tokens[i].low == "after"), None)


_HEAD = 10  # tokens


def _codes(tokens: Iterable[Token]) -> frozenset[str]:
    return frozenset(code for token in tokens if (code := _authority_of(token)))


def _is_about_name(sentence: Sentence, act: Act) -> bool:
    is_aside = sentence.structure.clauses[act.clause].kind in EMBEDDED
    return is_aside and any(sentence.tokens[target].capital for target in act.targets)


def find_day(sentences: Sequence[Sentence], event: str, article: Article, acting: Sequence[str] = ()) -> date | None:
    """The day of the act, where a sentence that tells of it tells the day; of one that tells who acted only if that is
    one of those who are `acting` here: "The EU had taken the same step on Monday"."""
    for sentence in sentences:
        if acting and (actors := _actors(sentence, acting)) and set(acting).isdisjoint(actors):
            continue
        for act in _own_acts(sentence, event):
            if _is_only_wanted(sentence, act):
                continue
            if act.when is When.RECENT and act.on is not None:
                return act.on
            if act.when is not When.RECENT and not (act.when is None and _is_done(sentence, act)):
                continue
            words = {token.low for token in sentence.tokens}
            if words & _around().today:
                return article.published_at.date()
            if words & _around().yesterday:
                return moved(article.published_at.date(), timedelta(days=-1))
            if day := _only_day(sentence, act) or _day_in_front(sentence):
                return day
    return None


def _is_only_wanted(sentence: Sentence, act: Act) -> bool:
    """Whether an act is what somebody is to do: "Belgium is pushing to list officers"; not "agreed to list them"."""
    tokens, at = sentence.tokens, act.hit.start
    is_infinitive = at > 1 and tokens[at - 1].low == "to"
    return is_infinitive and _AGREED.isdisjoint(token.low for token in tokens[max(0, at - 6) : at - 1])


_AGREED = frozenset("agree agreed agrees decide decided decides vote voted votes move moved moves act acted".split())


def find_earlier_act(sentence: Sentence, entity: str) -> tuple[str, ...] | None:
    """Who is said to have acted on it at a time that is told and is no news, "which the US sanctioned in October 2025";
    None where the sentence tells no such act, or one that is news."""
    if not any(time.when is When.OLD for time in sentence.times):
        return None
    whens = {act.when for act in sentence.acts}
    hit = {index for act in sentence.acts if act.when is When.OLD for index in act.targets}
    if When.RECENT in whens or not any(entity in sentence.tokens[index].entities for index in hit):
        return None
    return tuple(dict.fromkeys(token.authority for token in sentence.tokens if token.authority))


def _is_done(sentence: Sentence, act: Act) -> bool:
    """Whether an act is told by what is done, "is imposing sanctions", "puts sanctions on", not named: "sanctions"."""
    words = (token.low for token in sentence.tokens[act.hit.start : act.hit.end])
    first = next((word for word in words if word not in _around().before_a_noun), "")
    if act.modal or act.negated or first not in _around().own_doing:
        return not (act.modal or act.negated)
    in_front = sentence.tokens[max(0, act.hit.start - _DOING_WITHIN) : act.hit.start]
    return any(_is_doing(token.low) for token in in_front) or _is_verb(sentence, act)


def _is_verb(sentence: Sentence, act: Act) -> bool:
    """ "China sanctions Japanese lawmaker", but "China sanctions on him", "Chinese sanctions"."""
    tokens, start, end = sentence.tokens, act.hit.start, act.hit.end
    if not start or end != start + 1 or end >= len(tokens):
        return False
    before = tokens[start - 1]
    is_named = bool(_authority_of(before)) and not _DEMONYM.search(before.low)
    return is_named and (tokens[end].capital or tokens[end].text[:1].isdigit())


_DOING_WITHIN = 3  # tokens: "imposed a fresh round of", "puts in force"


@lru_cache(maxsize=10_000)
def _is_doing(word: str) -> bool:
    """Whether it is one of the words of doing: "puts", and no "Putin"."""
    return word in _around().doing or any(word.startswith(stem[:-1]) for stem in _around().doing if stem[-1] == "*")


def _only_day(sentence: Sentence, act: Act) -> date | None:
    """The one time that a sentence tells, in a main clause as the act is: "listed two men and a firm on Tuesday"."""
    if len(sentence.times) != 1 or sentence.times[0].when is not When.RECENT:
        return None
    clause_of, clauses = sentence.structure.clause_of, sentence.structure.clauses
    both = (clauses[act.clause], clauses[clause_of[sentence.times[0].start]])
    return sentence.times[0].on if all(clause.kind is ClauseKind.MAIN for clause in both) else None


def _day_in_front(sentence: Sentence) -> date | None:
    """The day that an entry of a chronicle begins with: "28 Sep: OFAC designated …"."""
    first = next(iter(sentence.times), None)
    if first is None or first.start > 1 or first.when is not When.RECENT or first.end >= len(sentence.tokens):
        return None
    return first.on if sentence.tokens[first.end].low in (":", "–", "—", "|") else None


def find_counts(sentences: Sequence[Sentence], event: str) -> tuple[str, ...]:
    """How many of what ("10 entities", "six individuals"), in the article's words, from the sentences of the act."""
    found: dict[str, None] = {}
    for sentence in sentences:
        if any(_counts_for(act, event) for act in sentence.acts):
            for match in _COUNT.finditer(sentence.text):
                if match.group(1).lower() != "one" and not _is_total(sentence.text, match):
                    found.setdefault(" ".join(f"{match.group(1)} {match.group(2)}".split()), None)
    return tuple(found)[:4]


_SO_FAR = re.compile(
    r"\b(?:(?:has|have)\s+(?:now|already|so far)|to date|so far|bislang|bisher|hasta la fecha|à ce jour"
    r"|(?:brings?|brought|bringing|takes|taking|raises|raising)\s+(?:the|its|to)\b"
    r"|на сегодня|на сегодняшний день|довед\w+|на сьогодні)",
    re.IGNORECASE,
)
_SINCE = re.compile(r"\b(?:since|seit|desde|depuis|с|з)\s+(?:\w+\s+){0,2}(?:19|20)\d\d\b", re.IGNORECASE)
_PART_ENDS = re.compile(r"[,;–—]\s")


def _is_total(text: str, match: re.Match[str]) -> bool:
    """Whether a figure is of all acts so far: "the UK has now sanctioned over 600 vessels"."""
    start = max((end.end() for end in _PART_ENDS.finditer(text, 0, match.start())), default=0)
    found = _PART_ENDS.search(text, match.end())
    end = found.start() if found else len(text)
    return bool(_SO_FAR.search(text, start, end) or _SINCE.search(text, match.end(), end))


@dataclass(frozen=True, slots=True)
class _Programmes:
    names: tuple[str, ...]
    of_word: Mapping[str, tuple[str, ...]]
    phrases: tuple[tuple[str, str], ...]  # what is looked for as it stands, CJK words too, and the programme

    def add(self, text: str, weight: int, scores: Counter[str]) -> None:
        """How often a text tells of each."""
        for word, count in Counter(_WORD.findall(text)).items():
            for name in self.of_word.get(word, ()):
                scores[name] += weight * count
        for phrase, name in self.phrases:
            if count := text.count(phrase):
                scores[name] += weight * count


@cache
def _programmes() -> _Programmes:
    of_word: dict[str, tuple[str, ...]] = {}
    phrases: list[tuple[str, str]] = []
    for name, known in load_programmes().items():
        for word in known.words:
            if " " in word or is_cjk(word):
                phrases.append((word, name))
            elif name not in of_word.get(word, ()):
                of_word[word] = (*of_word.get(word, ()), name)
    return _Programmes(tuple(load_programmes()), of_word, tuple(phrases))


def is_cjk(word: str) -> bool:
    return any(ord(character) > 0x2E80 for character in word)


def find_programme(article: Article) -> str | None:
    """The programme that the article speaks of most."""
    return most_told(count_programmes(article))


def count_programmes(article: Article) -> Mapping[str, int]:
    """How often the article speaks of each programme; title and lead count more."""
    return _count((article.title, article.summary, *article.paragraphs[:2]), article.paragraphs[2:])


def find_own_programme(article: Article, blocks: AbstractSet[int], acting: Sequence[str] = ()) -> str | None:
    """The programme that the paragraphs which name a target (`blocks`) speak of most; None where they speak of none."""
    own = (block for at, block in enumerate(article.blocks) if at in blocks)
    texts = [block.text for block in own if block.kind is BlockKind.PARAGRAPH]
    return most_told(_count((), texts), acting, least=1)


def _count(head: Iterable[str], rest: Iterable[str]) -> Mapping[str, int]:
    """How often these texts tell of each programme, three times as loud in their `head`."""
    known = _programmes()
    scores: Counter[str] = Counter(dict.fromkeys(known.names, 0))
    known.add(_told_of(head), 3, scores)
    known.add(_told_of(rest), 1, scores)
    return scores


def most_told(counts: Mapping[str, int], acting: Sequence[str] = (), *, least: int = 2) -> str | None:
    """The programme that is told most, of two told as often the first. None of the country of one of those who are
    `acting`: what China does to others is no matter of China's."""
    told = [name for name, count in counts.items() if count >= least and _code_of(name) not in acting]
    told.sort(key=lambda name: -counts[name])
    if len(told) > 1 and told[0] in load_shared()["seats"] and told[1] not in _OF_ANY_PLACE:
        return told[1]
    return told[0] if told else None


# With another country's programme in one article, of those whose seat is there few are listed for what is done there.
_OF_ANY_PLACE = frozenset({"human rights", "China", "corruption", "counter-terrorism"})


@cache
def _seat() -> re.Pattern[str]:
    """What tells that somebody's office is in a place, or what a body is called, and of no programme."""
    tables = (*load_shared()["seats"].values(), *load_shared()["bodies"].values())
    return re.compile("|".join(pattern for entries in tables for pattern in entries))


_SOUTH = re.compile(r"\bsouth sudan")


def _told_of(texts: Iterable[str]) -> str:
    """In lower case, without what names a place and tells of no programme. "South Sudan" is one word, and no Sudan."""
    return _SOUTH.sub("south-sudan", _seat().sub(" ", " ".join(texts).lower()))


_NAME = re.compile(r"[^\W\d_][^\W_]*(?:['’-][^\W_]+)*")
_FIGURE = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+|(?<![\w.,])\d{3,9}(?![\w])")
_MOST_NAMES = 120
_INFLECTED = re.compile(r"[\u0400-\u04ff]")
_STEM = 5  # letters: "Прокопенко", but "Иванова" and "Ивановым" are one


def find_names(article: Article) -> tuple[str, ...]:
    """What of an article few others have: capitalised words that name somebody or something, and larger figures,
    folded, in the order of the text. Common words, given names, places and months tell no act from another."""
    terms = load_terms()
    found: dict[str, None] = {}
    for block in article.blocks:
        words = _NAME.findall(block.text)
        if not words or sum(word[0].isupper() for word in words) > 0.6 * len(words) > 6:
            continue  # A Headline In Capitals
        lone = _lone_nouns(block.text) if article.language.startswith("de") else frozenset()
        for word in words:
            if word[0].isupper() and word not in lone:
                key = _name_key(word)
                if terms.is_distinctive(key) and key not in terms.known_acronyms and key not in terms.institutions:
                    found[key[: max(_STEM, len(key) - 2)] if _INFLECTED.search(key) else key] = None
        for figure in _FIGURE.findall(block.text):
            digits = figure.replace(",", "")
            if not 1900 <= int(digits) <= 2100:
                found[f"#{digits}"] = None
    return tuple(found)[:_MOST_NAMES]


@lru_cache(maxsize=50_000)
def _name_key(word: str) -> str:
    return fold_key(re.sub(r"['’]s$", "", word))


_DE_NOUN = re.compile(
    r"\b(?:[a-zäöüß]+\s+|(?:Der|Die|Das|Den|Dem|Des|Ein|Eine|Ihre?|Seine?)\s+)(?P<noun>[A-ZÄÖÜ][a-zäöüß]+)\b(?!\s+[A-ZÄÖÜ])"
)


def _lone_nouns(text: str) -> frozenset[str]:
    """Of a German text, in which every noun has a capital, those that stand behind a small word and before none with a
    capital, as names seldom do alone: "die Bundesregierung", but "von Wolga Maritim"."""
    return frozenset(found["noun"] for found in _DE_NOUN.finditer(text))
