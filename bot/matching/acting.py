"""Who acts, as a whole article tells it, and on one target: of those whom its sentences name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import NamedTuple

from bot.authorities import load_authorities, load_nations
from bot.matching.actors import (
    IN_A_ROW,
    LIST_MOST,
    SANCTIONS,
    actors_before,
    actors_in,
    agent_of,
    agents_of,
    among_acting,
    around,
    authority_of,
    code_at,
    codes_in,
    is_doer,
    is_done,
    is_of_another,
    is_of_head,
    is_of_person,
    is_old_news,
    is_owner_of,
    is_passive,
    is_place_of_writing,
    is_signer,
    is_what_a_list_is_about,
    lister_of,
    may_act,
    nation_at,
    own_acts,
    rows,
    side_of,
    subject_at,
    subjects_of,
    told_as_earlier,
    told_as_earlier_of,
    weigh_names,
    whose_sanctions,
)
from bot.matching.clauses import EMBEDDED
from bot.matching.facts import find_day
from bot.matching.readings import Act, Sentence
from bot.matching.times import When
from bot.model import Article, BlockKind

_BEFORE = 8  # sentences in which the authority of a list is looked for


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
    told += _owners_in_title(sentences, event)
    named = _count_named(sentences, event)
    doers, own = _doers(sentences, event), _own_side(targets)
    if doers <= own:
        own -= doers
    sure = doers | _agents(sentences, event) | _owners(sentences, event)
    other_side = side_of(programme)
    if other_side in sure & load_nations().keys():
        other_side = ""  # what Iran does to others, in return for what they did to it
    said = _without(told, own) or _without(_signed(sentences), own) or _without(about, own)
    acting = _most_told(said or _without(named, own) or told or about or named, other_side, own)
    if not said and event == "new":
        acting = _named_together(acting, sentences, hit)
    if publisher and publisher not in acting and doers.isdisjoint(acting):
        return Acting((publisher,), is_guess=False)
    if said and _has_clauses(sentences) and not sure.isdisjoint(acting):
        acting = tuple(code for code in acting if code in sure or code in LIST_MOST)
    if said and not (LIST_MOST | sure).isdisjoint(acting):
        beside = _acting_beside(sentences, event, acting)
        return Acting((*acting, *(code for code in beside if code not in acting)), is_guess=False)
    sides = frozenset[str]().union(*targets)
    heads = _named_at_head(sentences, own, frozenset(acting)) if said and event == "new" else ()
    if heads:
        return Acting(heads, is_guess=False)  # "What is in the EU's package: … firms of Turkey are targeted"
    if said:  # or seems to be: "a plant that ships to Taiwan was blocked"
        return Acting(_without_sides(acting, sides), is_guess=True)
    return _who_list_most(acting, sides)


def _has_clauses(sentences: Sequence[Sentence]) -> bool:
    """Whether it is known of these sentences who does what: only English ones tell their verbs."""
    return any(clause.verb is not None for sentence in sentences for clause in sentence.structure.clauses)


def _count_near_acts(sentences: Sequence[Sentence], event: str) -> tuple[Counter[str], Counter[str]]:
    """How strongly each authority is told to act: by where it is named beside the acts, and what a list is about."""
    told, about = Counter[str](), Counter[str]()
    for sentence in sentences:
        is_old, earlier = event == "new" and is_old_news(sentence), told_as_earlier(sentence)
        for act in own_acts(sentence, event):
            if is_old and act.when is not When.RECENT:
                continue
            for index, code, weight in weigh_names(sentence, act):
                if index not in earlier and may_act(sentence, index, act):
                    counted = about if is_what_a_list_is_about(sentence, index) else told
                    counted[code] += weight
    return told, about


def _owners_in_title(sentences: Sequence[Sentence], event: str) -> Counter[str]:
    """Whose sanctions a title names without telling an act that is known: "A glove and British sanctions"."""
    told = Counter[str]()
    for sentence in sentences:
        if sentence.kind is BlockKind.TITLE and event == "new" and not sentence.acts:
            for token, after in zip(sentence.tokens, sentence.tokens[1:], strict=False):
                code = authority_of(token)
                if code in LIST_MOST and after.low in SANCTIONS:
                    told[code] += _OWNER_WEIGHS
    return told


_OWNER_WEIGHS = 8  # more than one that is named in front of an act in a title


def _count_named(sentences: Sequence[Sentence], event: str) -> Counter[str]:
    """How often each authority is named, as whoever acts may be."""
    named = _named(sentences, is_of_another) or _named(sentences, is_of_person)
    if event == "new" and len(named) > 1:
        del named["UN"]  # such a text names it as often for its envoys and reports
    return named


def _most_told(told: Counter[str], other_side: str, own: AbstractSet[str]) -> tuple[str, ...]:
    """Those who are told most, and half as much at least. `other_side`: whom the programme is about; it goes, unless
    the targets are of a third side, one that imposes sanctions itself."""
    if len(told) > 1 and (other_side in own or own.isdisjoint(load_authorities())):
        told = _without(told, {other_side})
    best = max(told.values(), default=0)
    return tuple(code for code, count in told.most_common(_MOST_ACTING) if count * 2 >= best)


_MOST_ACTING = 7


def _is_of_whom(sentence: Sentence, index: int) -> bool:
    """Whether an authority's name says whose somebody is, or whom something is against: "measures on US firms"."""
    is_towards = index > 0 and sentence.tokens[index - 1].low in around().towards
    return is_towards or is_of_another(sentence, index)


def _named_at_head(sentences: Sequence[Sentence], own: AbstractSet[str], guessed: AbstractSet[str]) -> tuple[str, ...]:
    """Of those who list most, those whom the title names, else the one whom the lead names most, unless one of the
    `guessed` lists often itself; nobody, where the title names one of these."""
    if not _has_clauses(sentences):
        return ()
    titles = [sentence for sentence in sentences if sentence.kind is BlockKind.TITLE]
    named = [_without(_named(some, _is_of_whom), own) for some in (titles, list(filter(is_of_head, sentences)))]
    if not guessed.isdisjoint(named[0]):
        return ()
    titled, led = ([code for code, _ in some.most_common() if code in LIST_MOST - {"UN"}] for some in named)
    return tuple(titled or (led[:1] if guessed.isdisjoint(_LIST_OFTEN | load_nations().keys()) else ()))


class Acting(NamedTuple):
    """The codes of who acts, most telling first. `is_guess`: nobody is said to act, and who is named seldom does."""

    codes: tuple[str, ...]
    is_guess: bool


# Of whose acts an article may tell without saying that it is they who act.
_LIST_OFTEN = frozenset("CN KR RU UA".split())


def _who_list_most(named: tuple[str, ...], sides: AbstractSet[str]) -> Acting:
    """Of those whom a text names and tells of none that it acts: of the others such a text speaks as often for other
    reasons, "the trader from Turkey"."""
    if most := tuple(code for code in named if code in LIST_MOST):
        return Acting(most, is_guess=False)
    return Acting(_without_sides((code for code in named if code in _LIST_OFTEN), sides), is_guess=True)


def _without_sides(guessed: Iterable[str], sides: AbstractSet[str]) -> tuple[str, ...]:
    """A state is seldom meant where a target is of its own side, but Ukraine, which lists its own."""
    return tuple(code for code in guessed if code == "UA" or code not in sides)


def _named_together(named: tuple[str, ...], sentences: Sequence[Sentence], hit: AbstractSet[str]) -> tuple[str, ...]:
    """Of those whom a text names and tells of none that it acts, who acts: those who are named near the act, the one
    that is named most where none is, and who stands in one row with them."""
    most = tuple(code for code in named if code in LIST_MOST) or named
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
            if code := authority_of(token):
                row = {*row, code} if last == index - 1 else {code}
                last = index
                beside |= row if row & acting else set()
            elif last == index - 1 and token.low in IN_A_ROW:
                last = index
    return frozenset(beside)


def _acting_beside(sentences: Sequence[Sentence], event: str, acting: Sequence[str]) -> tuple[str, ...]:
    """Who stands in one row with who acts, in an act that the title or the lead tells: "The US, the EU, Britain and
    Canada have imposed", "sanctioned by the US, Britain and Australia"."""
    beside = dict[str, None]()
    for sentence in sentences:
        earlier = told_as_earlier(sentence)
        for act in own_acts(sentence, event) if is_of_head(sentence) else ():
            by = agent_of(sentence, act)
            for row in rows(sentence):
                if is_place_of_writing(sentence, row[0]):
                    continue
                is_told = by in row if by else row[-1] < act.hit.start and all(may_act(sentence, at, act) for at in row)
                codes = [code_at(sentence, at) for at in row]
                if is_told and earlier.isdisjoint(row) and not set(codes).isdisjoint(acting):
                    beside.update(dict.fromkeys(codes))
    return tuple(beside)


def _named_near(sentences: Sequence[Sentence], hit: AbstractSet[str]) -> frozenset[str]:
    """The authorities that are named with one of whom the act hits, or in what is told as news, and not of others."""
    near = set[str]()
    for sentence in sentences:
        entities = {entity for token in sentence.tokens for entity in token.entities}
        is_news = any(time.when is When.RECENT for time in sentence.times)
        if not is_old_news(sentence) and (entities & hit or (is_news and not entities)):
            near |= codes_in(sentence.tokens)
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
        if not is_of_head(sentence):
            continue
        earlier = told_as_earlier(sentence)
        for act in own_acts(sentence, event):
            for index in range(min(act.hit.end + behind, len(sentence.tokens))):
                if index in earlier or sentence.structure.clause_of[index] != act.clause:
                    continue
                if code := authority_of(sentence.tokens[index]) or subject_at(sentence, index, act):
                    yield _AtHead(code, sentence, index, act)


def _doers(sentences: Sequence[Sentence], event: str) -> frozenset[str]:
    """Who the title says does the act, or the lead on one who is tracked: the subject of its clause, in the active
    voice. What a lead tells of others is often what the act answers: "after the EU imposed sanctions on officials"."""
    return frozenset(
        code
        for code, sentence, index, act in _at_head(sentences, event)
        if index < act.hit.start
        and (act.targets or sentence.kind is BlockKind.TITLE)
        and is_done(sentence, act)
        and not agent_of(sentence, act)
        and not is_passive(sentence, act)
        and is_doer(sentence, index, act)
    )


def _owners(sentences: Sequence[Sentence], event: str) -> frozenset[str]:
    """Whose sanctions the title or the lead says they are: "hit by Ukrainian sanctions", "under sanctions of Ukraine"
    (Russian has the owner right behind), "Ukraine's president signed a decree on sanctions"."""
    return frozenset(
        code
        for code, sentence, index, act in _at_head(sentences, event, behind=_OWNER_WITHIN)
        if sentence.structure.clauses[act.clause].kind not in EMBEDDED
        and (is_owner_of(sentence, index, act) or is_signer(sentence, index, act))
    )


def _agents(sentences: Sequence[Sentence], event: str) -> frozenset[str]:
    """By whom the title or the lead says it is done, or on whose list: "sanctioned by Poland", "on Poland's list"."""
    acts = [(one, act) for one in sentences if is_of_head(one) for act in own_acts(one, event)]
    by = {code_at(one, at) for one, act in acts for at in agents_of(one, act)}
    return frozenset(by | {lister_of(one, act) or whose_sanctions(one, act) for one, act in acts} - {""})


_OWNER_WITHIN = 2  # tokens behind an act: "sanctions of Ukraine"


def _named(sentences: Sequence[Sentence], passed_over: Callable[[Sentence, int], bool]) -> Counter[str]:
    """How often each authority is named, but where it is `passed_over`."""
    return Counter(
        code
        for sentence in sentences
        for index, token in enumerate(sentence.tokens)
        if (code := authority_of(token)) and not passed_over(sentence, index)
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
    if earlier := told_as_earlier_of(sentences[at], entity):
        return tuple(code for code in earlier if code not in side), None
    subjects = subjects_of(sentences[at]) - side
    for sentence in reversed(sentences[max(0, at - _BEFORE) : at + 1]):
        actors = actors_in(sentence, None if sentence is sentences[at] else acting)
        others = _without_bystanders((code for code in actors if code not in side), acting)
        if others and (sentence is sentences[at] or (others == actors and set(actors) & set(acting))):
            is_elsewhere = sentence.block != sentences[at].block and bool(subjects) and subjects.isdisjoint(others)
            return ((), None) if is_elsewhere else (others, find_day([sentence], "new", article))
        if sentence is sentences[at] and (day := find_day([sentence], "new", article)):
            return (), day
        if sentence is sentences[at] and (before := actors_before(sentence, entity, sentences)):
            return before, None
    return (), None


def _without_bystanders(actors: Iterable[str], acting: Sequence[str]) -> tuple[str, ...]:
    """Beside who lists most, of other states only those that act in this article: "the Ukrainian, said the UK"."""
    codes = tuple(actors)
    most = LIST_MOST | set(acting)
    return codes if most.isdisjoint(codes) else tuple(code for code in codes if code in most)


def find_named(sentences: Sequence[Sentence], acting: Sequence[str] = ()) -> Mapping[int, tuple[str, ...]]:
    """The authorities that each paragraph names, `acting` or not."""
    named: dict[int, dict[str, None]] = {}
    for sentence in sentences:
        codes = (
            authority_of(token) or among_acting(acting, nation_at(sentence, index))
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
