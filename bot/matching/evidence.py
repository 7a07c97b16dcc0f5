"""The evidence about each tracked name in an article: readings of its sentences, and of the article around them.

Evidence has names that a person can read ("target of a new designation"); `weights` says what each is worth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from bot.matching.clauses import EMBEDDED
from bot.matching.cues import Hit, Vocabulary, load_shared
from bot.matching.discourse import add_discourse, told_by_discourse
from bot.matching.readings import Act, Sentence, find_acts, is_related, read_sentence
from bot.matching.sentences import split_sentences
from bot.matching.times import When
from bot.matching.words import Kind, fold_word
from bot.model import Article, BlockKind, Entity, Mention, Schema

_MAIN_EVENTS = ("new", "relief", "renewal", "enforcement", "possible")
_LEAD = 5  # title, summary and the first sentences
_OPEN_FOR = 8  # sentences in which "They are A and B" may tell who was meant
_REACH = 4  # sentences back in which "the bank" or "they" finds its name


def counts(name: str) -> bool:
    """Whether a piece of evidence is weighed; the places of a name ("role.speaker") only tell how it stands."""
    return not name.startswith("role.")


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a piece of evidence was found: sentence number, the words, and the vocabulary entry."""

    sentence: int
    text: str
    rule: str


@dataclass(slots=True)
class EntityEvidence:
    entity: str
    found: dict[str, Trace] = field(default_factory=dict)
    sentences: list[int] = field(default_factory=list)
    heads: set[int] = field(default_factory=set)  # sentences of which it is the subject

    def add(self, name: str, sentence: int, text: str = "", rule: str = "") -> None:
        self.found.setdefault(name, Trace(sentence, text, rule))


@dataclass(slots=True)
class Dossier:
    """An article as the judgement sees it."""

    sentences: list[Sentence]
    entities: dict[str, EntityEvidence]
    events: dict[str, float]  # how strongly the article tells of each kind of event
    event: str  # the strongest, or "none"
    vocabulary: Vocabulary
    unrelated: float  # the odds (logarithm) that the article is about something else
    sense: str


def collect(
    article: Article, mentions: Sequence[Mention], entities: Mapping[str, Entity], vocabulary: Vocabulary
) -> Dossier:
    sentences = read_article(article, mentions, vocabulary)
    for sentence in sentences:
        sentence.acts = find_acts(sentence, vocabulary)
    violation = any("violation" in sentence.kinds for sentence in sentences)
    events = _events(sentences, violation)
    event = max(events, key=lambda kind: events[kind]) if events and max(events.values()) >= 0.7 else "none"
    context = _Context(sentences, entities, vocabulary, events, event)
    context.settle_acts()
    evidence: dict[str, EntityEvidence] = {}
    for sentence in sentences:
        for index in sentence.names:
            for key in sentence.tokens[index].entities:
                held = evidence.setdefault(key, EntityEvidence(key))
                held.sentences.append(sentence.ordinal)
                _of_mention(held, sentence, index, context)
    context.link_back(evidence)
    add_discourse(sentences, evidence, entities, vocabulary)
    for held in evidence.values():
        _of_article(held, context)
    return Dossier(sentences, evidence, events, event, vocabulary, context.unrelated, context.sense)


def read_article(article: Article, mentions: Sequence[Mention], vocabulary: Vocabulary) -> list[Sentence]:
    """Every sentence of an article with its tokens, cues and clauses."""
    published = article.published_at.date()
    known: dict[int, list[tuple[int, int, tuple[str, ...]]]] = {}
    for at, start, end, keys in _spans(mentions):
        known.setdefault(at, []).append((start, end, keys))
    sentences: list[Sentence] = []
    for number, block in enumerate(article.blocks):
        spans = split_sentences(block.text)
        for place, span in enumerate(spans):
            inside = [item for item in known.get(number, ()) if item[0] >= span[0] and item[1] <= span[1]]
            tokens, hits, times, structure = read_sentence(block.text, span, inside, vocabulary, published)
            if not tokens:
                continue
            sentences.append(
                Sentence(
                    block=number,
                    kind=block.kind,
                    ordinal=len(sentences),
                    start=span[0],
                    end=span[1],
                    text=block.text[span[0] : span[1]],
                    tokens=tokens,
                    hits=hits,
                    times=times,
                    structure=structure,
                    names=[i for i, token in enumerate(tokens) if token.kind is Kind.MENTION],
                    is_item=_is_item(block.text[span[0] : span[1]]),
                    first_of_block=place == 0,
                )
            )
    return sentences


_BULLETS = "•–—-*>·●▪◦"


def _is_item(text: str) -> bool:
    """A line of a list: it begins with a bullet or a number, or is short and has no full stop."""
    if text[0] in _BULLETS or (text[:2].rstrip(".)").isdigit() and text[1:3].strip() in (".", ")", "")):
        return True
    return len(text) < 90 and text[-1] not in '.!?”"'


def _spans(mentions: Sequence[Mention]) -> list[tuple[int, int, int, tuple[str, ...]]]:
    """Mentions in order of place, those of one place together; of overlapping ones the longest."""
    at: dict[tuple[int, int, int], list[str]] = {}
    for mention in mentions:
        keys = at.setdefault((mention.block, mention.start, mention.end), [])
        if mention.entity not in keys:
            keys.append(mention.entity)
    kept: list[tuple[int, int, int, tuple[str, ...]]] = []
    for (block, start, end), keys in sorted(at.items(), key=lambda item: (item[0][0], item[0][1], -item[0][2])):
        if kept and kept[-1][0] == block and start < kept[-1][2]:
            if kept[-1][1:3] != (start, end) and end <= kept[-1][2]:
                kept[-1] = (*kept[-1][:3], tuple(dict.fromkeys((*kept[-1][3], *keys))))
            continue
        kept.append((block, start, end, tuple(keys)))
    return kept


# ---------------------------------------------------------------- the article as a whole


def _events(sentences: Sequence[Sentence], violation: bool) -> dict[str, float]:
    """How strongly title and lead, then the rest, tell of each kind of event."""
    scores: dict[str, float] = {}
    for sentence in sentences:
        weight = (
            3.0
            if sentence.kind is BlockKind.TITLE
            else 2.0
            if sentence.ordinal <= 4
            else 1.0
            if sentence.ordinal < 9
            else 0.5
        )
        seen: set[str] = set()
        for act in sentence.acts:
            kind = {"undated": "new", "assumed": "new"}.get(act.kind, act.kind)
            if kind not in _MAIN_EVENTS or kind in seen:
                continue
            seen.add(kind)
            strength = 1.0 if act.strong else 0.35
            if act.kind == "undated":
                strength *= 0.6
            if kind == "enforcement":
                strength *= 0.8 if violation else 0.3
            scores[kind] = scores.get(kind, 0.0) + weight * strength
    return scores


@cache
def _name_words(table: str) -> frozenset[str]:
    return frozenset(load_shared()["bystanders"][table].split())


def _kind_of_name(entity: Entity) -> str:
    """ "agency", "outlet" or "authority" where a word of the name says so."""
    if entity.schema is Schema.PERSON or entity.schema in (Schema.VESSEL, Schema.AIRPLANE, Schema.CRYPTO_WALLET):
        return ""
    words = {fold_word(word) for name in (entity.caption, *entity.aliases) for word in name.split()}
    if words & _name_words("agencies"):
        return "agency"
    if words & _name_words("words"):
        return "outlet"
    return "authority" if words & _name_words("authorities") else ""


def _schema(entity: Entity) -> str:
    if entity.schema in (Schema.VESSEL, Schema.AIRPLANE, Schema.CRYPTO_WALLET):
        return "Asset"
    if entity.schema is Schema.PERSON:
        return "Person"
    if entity.schema is Schema.PUBLIC_BODY:
        return "PublicBody"
    return "Company" if entity.schema is Schema.COMPANY else "Organization"


# ---------------------------------------------------------------- discourse


@dataclass(slots=True)
class _Context:
    """What the sentences before tell of the one that is read: which act is open, which list has begun."""

    sentences: Sequence[Sentence]
    entities: Mapping[str, Entity]
    vocabulary: Vocabulary
    events: Mapping[str, float]
    event: str
    unrelated: float = -1.0  # above 0: the article is about something else
    sense: str = ""  # the other sense that it has most words of
    violation: bool = False
    off_topic: bool = False  # sanctions are told of in passing only
    opened: dict[int, tuple[str, int]] = field(default_factory=dict)  # sentence -> (kind, sentence that opened it)
    listed: dict[int, tuple[str, int]] = field(default_factory=dict)  # item -> (kind, sentence that leads the list)

    def settle_acts(self) -> None:
        """Give undated and weak acts the kind that the article around them has, and note open acts and lists."""
        self._weigh_topic()
        if self.event == "enforcement" and any(_speaks_of_sanctions(s) for s in self.sentences[: _LEAD + 1]):
            self.violation = True
        self._drop_other_crimes()
        has_new = any(act.kind == "new" and act.strong for s in self.sentences for act in s.acts)
        last: tuple[str, int] | None = None  # the kind of the last act, and where
        opened: dict[str, int] = {}  # kind -> the last sentence that opened one
        intro: tuple[str, int] | None = None
        for sentence in self.sentences:
            near = {kind: place for kind, place in opened.items() if sentence.ordinal - place <= _OPEN_FOR}
            if near:
                kind = self.event if self.event in near else max(near, key=lambda name: near[name])
                self.opened[sentence.ordinal] = (kind, near[kind])
            if sentence.is_item and sentence.kind is BlockKind.PARAGRAPH and intro is not None:
                self.listed[sentence.ordinal] = intro
            for act in sentence.acts:
                if act.kind == "state" and self.event == "new" and self._is_said_now(sentence, act):
                    act.kind = "assumed"
                if act.kind == "undated":
                    ends = self._kind_of_noun(act, sentence, last)
                    if ends:
                        act.kind = ends
                    elif act.strong:
                        verbal = act.hit.pattern.frame in ("verb", "subject")
                        fits = self.event in ("new", "none") or (verbal and self.event in ("enforcement", "possible"))
                        told = (
                            "new"
                            if sentence.ordinal <= _LEAD or (act.hit.pattern.frame == "verb" and self.event == "new")
                            else "assumed"
                        )
                        act.kind = told if has_new or fits else "undated"
                    else:
                        act.kind = self._kind_of_weak(act, sentence, last)
            strong = [act for act in sentence.acts if act.strong and _carried(act)]
            if strong:
                last = (_carried(strong[0]), sentence.ordinal)
            for act in sentence.acts:
                counted = act.open_slot in ("some", "group") or act.classes
                if _carried(act) and not act.targets and counted and (act.strong or not opened):
                    opened[_carried(act)] = sentence.ordinal
            if not sentence.is_item or sentence.text.rstrip().endswith(":"):
                kind = _carried(strong[0]) if strong else last[0] if last and sentence.ordinal - last[1] <= 2 else ""
                intro = (kind or self.event, sentence.ordinal)

    def _kind_of_noun(self, act: Act, sentence: Sentence, last: tuple[str, int] | None) -> str:
        """The kind of "the notice names A": that of a delisting or renewal, where the article tells of one."""
        if not act.strong or act.hit.pattern.frame not in ("object", "any") or self.event not in ("relief", "renewal"):
            return ""
        beside = {other.kind for other in sentence.acts if other.strong} & {"relief", "renewal"}
        if len(beside) == 1:
            return beside.pop()
        return self.event if last and last[0] == self.event else ""

    def _is_said_now(self, sentence: Sentence, act: Act) -> bool:
        """ "A and B are on the list too", as a statement of its own, in an article about new names."""
        clause = sentence.structure.clauses[act.clause]
        verb = sentence.tokens[clause.verb].low if clause.verb is not None else ""
        return clause.kind not in EMBEDDED and verb in ("is", "are", "'s", "")

    def _kind_of_weak(self, act: Act, sentence: Sentence, last: tuple[str, int] | None) -> str:
        """A weak cue ("named") has the kind of the act that it goes on with; without one it says little."""
        kinds = {_carried(other) for other in sentence.acts if other.strong or other.kind == "new"} - {""}
        beside = next((kind for kind in _ORDER if kind in kinds), "")
        if beside:
            return beside
        near = last is not None and sentence.ordinal - last[1] <= 2
        if act.hit.pattern.frame == "object" and not (last is not None and sentence.ordinal - last[1] <= 1):
            return "said"
        return last[0] if near and last else self.event if self.event != "none" else "undated"

    def _drop_other_crimes(self) -> None:
        """A charge that has nothing to do with breaking sanctions is not enforcement in our sense."""
        for sentence in self.sentences:
            for act in sentence.acts:
                if act.kind == "enforcement" and not (
                    _about_sanctions(sentence, act) or (self.violation and self.event == "enforcement")
                ):
                    act.kind = "crime"

    def _weigh_topic(self) -> None:
        counts = dict.fromkeys(("sure", "imposer", "violation", "maybe"), 0)
        guards: dict[str, set[str]] = {}
        acted = 0
        for sentence in self.sentences:
            kinds = sentence.kinds
            strong = any(act.strong for act in sentence.acts)
            acted += strong
            counts["sure"] += "topic_sure" in kinds
            counts["maybe"] += "topic_maybe" in kinds
            counts["violation"] += "violation" in kinds
            counts["imposer"] += strong and _has_imposer(sentence)
            for hit in sentence.hits:
                if hit.pattern.kind.startswith("sense_"):
                    guards.setdefault(hit.pattern.kind[6:], set()).add(sentence.tokens[hit.start].low)
        self.violation = counts["violation"] > 0
        hot = [
            s.ordinal
            for s in self.sentences
            if "topic_sure" in s.kinds or "violation" in s.kinds or any(a.strong for a in s.acts)
        ]
        passing = len(hot) < 0.2 * len(self.sentences) and max(self.events.values(), default=0.0) < 1.0
        self.off_topic = passing and not any(place < _LEAD for place in hot)
        nothing = not (counts["sure"] or counts["imposer"] or counts["violation"])
        if not self.vocabulary.has_senses:  # no words of other senses: only silence tells
            self.unrelated = 1.0 if not acted else -1.0
            return
        signs = {name: math.log1p(count) for name, count in counts.items()}
        signs["guard"] = math.log1p(max((len(words) for words in guards.values()), default=0))
        signs["guards"] = math.log1p(sum(len(words) for words in guards.values()))
        signs["length"] = math.log1p(len(self.sentences))
        signs["nothing"] = float(nothing)
        signs["start"] = 1.0
        worth = load_shared()["sense"]
        self.unrelated = sum(worth[name] * value for name, value in signs.items())
        if nothing and not counts["maybe"] and not acted:
            self.unrelated = max(self.unrelated, 1.0)
        self.sense = max(guards, key=lambda name: (len(guards[name]), name)) if guards else ""

    def fit_of(self, entity: Entity) -> str:
        """Whether the article has new targets that it does not name at once, of the kind that an entity is."""
        wanted = {"Person": "person", "Asset": "vessel"}.get(_schema(entity), "company")
        classes: set[str] = set()
        count = 0
        for sentence in self.sentences:
            for act in sentence.acts:
                if act.kind in ("new", "assumed") and act.strong and not act.targets:
                    count += 1
                    classes |= act.classes
        if not count:
            return "no_open"
        return "fits" if wanted in classes else "open" if not classes else "misfits"

    def link_back(self, evidence: dict[str, EntityEvidence]) -> None:
        """An act on "he", "the bank" or "all three" is one on names that stand before it."""
        for sentence in self.sentences:
            for act in sentence.acts:
                if act.targets or act.open_slot in ("", "some") or (act.kind == "exclusion" and not act.strong):
                    continue
                for place, key in _candidates(sentence, act, self.sentences, self.entities):
                    if act.kind == "exclusion" and place != "back":
                        continue
                    strength = "" if act.strong else ".weak"
                    words = f"{act.slot_text} … {_words(sentence, act.hit.start, act.hit.end)}"
                    rule = f"{act.hit.pattern.kind}: {act.hit.pattern.text}"
                    evidence[key].add(f"{act.kind}.{place}{strength}", sentence.ordinal, words, rule)


_NO_IMPOSER = frozenset(
    "district supreme appeals court judge football olympic open grand attorney attorneys federal bar".split()
)


def _has_imposer(sentence: Sentence) -> bool:
    """Whether the sentence names somebody who imposes sanctions, rather than a national court, club or team."""
    tokens = sentence.tokens
    for i, token in enumerate(tokens):
        if token.kind is Kind.AUTHORITY:
            after = tokens[i + 1].low if i + 1 < len(tokens) else ""
            if after not in _NO_IMPOSER:
                return True
    return False


def _carried(act: Act) -> str:
    """The kind that what follows may go on with; "" for one that nothing goes on with."""
    return "new" if act.kind == "assumed" else act.kind if act.kind in _CARRIED else ""


_CARRIED = frozenset({"new", "relief", "renewal", "enforcement", "possible"})


def _shape(held: EntityEvidence) -> str:
    """How a name without an act stands in its sentences, told by the most telling of its places."""
    found = held.found
    subject = "subject.plain" in found or "subject.accused" in found
    if "role.speaker" in found or "role.credit" in found:
        return "speaker"
    if "role.related" in found and not subject:
        return "related"
    if "role.expert" in found:
        return "expert"
    if "role.official" in found:
        return "titled_subject" if subject else "titled"
    if subject:
        return "subject"
    return "possessor" if "role.possessor" in found else "prep" if "role.after_preposition" in found else "other"


_ORDER = (
    "new",
    "relief",
    "renewal",
    "enforcement",
    "possible",
    "earlier",
    "standing",
    "assumed",
    "state",
    "exclusion",
    "undated",
)
_PLACES = ("target", "item", "named", "back", "back_group")


def _of_article(held: EntityEvidence, context: _Context) -> None:
    """What the article as a whole adds: its event, its sense, and for a name without an act where it stands."""
    sentences, event = context.sentences, context.event
    first = sentences[held.sentences[0]]
    told = {name.split(".")[0] for name in held.found if name.split(".")[1:2] and name.split(".")[1] in _PLACES}
    told = {kind for kind in told if not kind.startswith("hoped") and kind not in ("none", "said", "crime")}
    carried = told_by_discourse(held.found)
    told |= carried
    held.add(f"article.{event}", first.ordinal)
    if kind := _kind_of_name(context.entities[held.entity]):
        held.add(f"name.{kind}", first.ordinal, context.entities[held.entity].caption)
    if context.violation:
        held.add("article.violation", first.ordinal)
        if "enforcement" in told:
            held.add("enforcement.violation", first.ordinal)
    if not told:
        if context.off_topic:
            held.add("silent.off_topic", first.ordinal)
        kind = _schema(context.entities[held.entity])
        held.add(f"silent.{event}", first.ordinal)
        held.add(f"silent.{kind}", first.ordinal)
        if any(sentences[i].kind is BlockKind.TITLE for i in held.sentences):
            held.add(f"silent.{event}.title", first.ordinal)
        elif first.ordinal <= 3:
            held.add("silent.lead", first.ordinal)
        fit = context.fit_of(context.entities[held.entity])
        opens = any(
            sentences[i].first_of_block and sentences[i].names and sentences[i].names[0] <= 6 and i in held.heads
            for i in held.sentences
        )
        main = event if event in ("new", "possible", "relief", "renewal") else "other"
        shape = _shape(held)
        held.add(f"silent.{main}.{shape}", first.ordinal)
        held.add(f"silent.{main}.{shape}.{fit}", first.ordinal)
        if opens:
            held.add(f"silent.{main}.{shape}.opens", first.ordinal)
            held.add(f"silent.{main}.{shape}.opens.{fit}", first.ordinal)
        if shape in ("subject", "titled_subject", "other"):
            signs = [fit]
            signs += ["opens"] if opens else []
            signs += [
                sign
                for sign in ("after_open", "subject.deed", "subject.introduced", "subject.naming")
                if sign in held.found
            ]
            signs += ["lead"] if first.ordinal <= 3 else []
            held.add(f"silent.{main}.{shape}.{kind}", first.ordinal)
            for sign in signs:
                held.add(f"silent.{main}.{shape}.{kind}.{sign}", first.ordinal)
        for sign in ("subject.accused", "alleged", "after_open"):
            if sign in held.found:
                held.add(f"silent.{main}.{shape}.{sign}", first.ordinal)
    else:
        strong = {
            name.split(".")[0]
            for name in held.found
            if name.split(".")[1:2] and name.split(".")[1] in ("target", "back", "item") and not name.endswith(".weak")
        } & told | carried
        top = next((kind for kind in _ORDER if kind in (strong or told)), "other")
        held.add(f"top.{top}", first.ordinal)
        held.add(f"top.{top}.{event if event in ('new', 'renewal', 'relief', top) else 'other'}", first.ordinal)


# ---------------------------------------------------------------- one mention


def _of_mention(held: EntityEvidence, sentence: Sentence, index: int, context: _Context) -> None:
    number = sentence.ordinal
    kinds = sentence.kinds
    outlet = any(_kind_of_name(context.entities[key]) == "outlet" for key in sentence.tokens[index].entities)
    if any(_kind_of_name(context.entities[key]) == "agency" for key in sentence.tokens[index].entities):
        held.add("role.speaker", number, sentence.tokens[index].text, "news agency")
        return
    if "credit" in kinds or (outlet and sentence.is_item and sentence.kind is BlockKind.PARAGRAPH):
        held.add("role.credit", number, sentence.text)
        return
    told = _of_acts(held, sentence, index)
    related = is_related(sentence, index)
    before = sentence.tokens[index - 1].low if index else ""
    if not told and not related:
        told = _of_list(held, sentence, index, context)
    _of_roles(held, sentence, index, context.vocabulary, related)
    if told:
        return
    clause = sentence.structure.clauses[sentence.structure.clause_of[index]]
    subject = (clause.verb is None or index < clause.verb) and clause.kind not in EMBEDDED and not related
    if not context.vocabulary.verb_forms:
        subject = index <= 3 and not related
    place = "subject" if subject and not _owned(sentence, index) else "other"
    accused = any(
        hit.pattern.kind == "accusation"
        and sentence.structure.clause_of[hit.start] == sentence.structure.clause_of[index]
        for hit in sentence.hits
    )
    if _alleged(sentence):
        held.add("alleged", number)
    if number in context.opened and context.opened[number][0] == "new" and number - context.opened[number][1] <= 3:
        held.add("after_open", number)
    if place == "subject":
        held.heads.add(number)
        held.add("subject.accused" if accused else "subject.plain", number)
        near = [hit for hit in sentence.hits if hit.pattern.kind == "deed" and hit.start > index]
        if near:
            held.add("subject.deed", number, *_hit_words(sentence, near[0]))
        after = [token.low for token in sentence.tokens[index + 1 : index + 3]]
        if (
            len(after) == 2
            and after[0] in (",", "—", "–", "-", "(")
            and after[1] in ("a", "an", "who", "which", "the", "whose", "known")
        ):
            held.add("subject.introduced", number)
    elif accused:
        held.add("object.accused", number)
    if before in ("of", "by", "with", "for", "to", "from", "in", "at", "against", "on", "like", "unlike"):
        held.add("role.after_preposition", number, before)
    if "naming" in kinds and place == "subject":
        held.add("subject.naming", number)


def _alleged(sentence: Sentence) -> bool:
    """Whether the sentence gives what an authority holds against somebody: "the Treasury says", "according to OFAC"."""
    return any(
        hit.pattern.kind == "accusation"
        and any(sentence.tokens[i].kind is Kind.AUTHORITY for i in range(hit.start, hit.end))
        for hit in sentence.hits
    ) or any(token.low in ("alleges", "alleged", "allegedly", "accused", "contends") for token in sentence.tokens)


def _owned(sentence: Sentence, index: int) -> bool:
    return index + 1 < len(sentence.tokens) and sentence.tokens[index + 1].low == "'s"


def _of_list(held: EntityEvidence, sentence: Sentence, index: int, context: _Context) -> bool:
    """A name at the head of a list's item, or one that tells who "three accountants" are."""
    number = sentence.ordinal
    if number in context.listed and _heads_item(sentence, index):
        kind, opener = context.listed[number]
        held.add(f"{kind}.item", opener, sentence.text[:80])
        return True
    grammar = bool(context.vocabulary.verb_forms) or any(token.low in (":", "：") for token in sentence.tokens[:index])
    if number in context.opened and grammar and _identifies(sentence, index):
        kind, opener = context.opened[number]
        held.add(f"{kind}.named", opener, sentence.text[:80])
        return True
    return False


def _heads_item(sentence: Sentence, index: int) -> bool:
    """Whether a name stands at the head of an item, or is one of the names that the item consists of."""
    clause = sentence.structure.clauses[sentence.structure.clause_of[index]]
    if clause.kind in EMBEDDED or _owned(sentence, index) or (clause.verb is not None and clause.verb < index):
        return False
    words = [t for i, t in enumerate(sentence.tokens[:index]) if t.kind is Kind.WORD and i not in sentence.names]
    lower = sum(1 for t in words if not t.capital and t.low not in ("and", "the", "a"))
    return lower <= 1 or (index == sentence.names[0] and lower <= 7)


_IDENTIFYING = frozenset(
    {"are", "is", "were", "was", "include", "includes", "included", "named", "comes", "come", "stands", "make", "makes"}
)
_COUNTING = frozenset(
    """they these those the among all both one two three four five six others another first second third fourth fifth
    then also number""".split()
)


def _identifies(sentence: Sentence, index: int) -> bool:
    """ "They are A, B and C", "A is the judge", "The other two are A and B", "The names: A; B"."""
    if any(act.kind in ("exclusion", "standing", "earlier") for act in sentence.acts):
        return False
    clause = sentence.structure.clauses[sentence.structure.clause_of[index]]
    if clause.kind in EMBEDDED:
        return False
    low = [token.low for token in sentence.tokens]
    verb = clause.verb
    if verb is None:
        return ":" in low[:index] or (index <= 1 and len(low) <= 14 and low[-1] != "?")
    if low[verb] not in _IDENTIFYING:
        return False
    after = low[verb + 1 : verb + 3]
    opening = low[clause.first] if clause.first < len(low) else ""
    if index > verb:
        second = low[clause.first + 1] if clause.first + 1 < len(low) else ""
        counted = opening in _COUNTING - {"the"} or (
            opening == "the" and (second in _COUNTING or second in ("other", "best", "most", "biggest"))
        )
        named = [i for i in sentence.names if i > verb]
        return (
            counted and bool(named) and named[0] - verb <= 5 and index - verb <= 40 and not is_related(sentence, index)
        )
    if not after:
        return False
    return after[0] in ("another", "among", "one", "number") or (
        after[0] == "the" and after[-1] in (*_COUNTING, "other", "judge", "last")
    )


def _of_acts(held: EntityEvidence, sentence: Sentence, index: int) -> bool:
    """Evidence of the acts whose target the name is; True if one of them settles what the sentence says of it."""
    clause = sentence.structure.clause_of[index]
    mine = [act for act in sentence.acts if index in act.targets]
    if _set_apart(sentence, index):
        held.add("exclusion.target", sentence.ordinal, sentence.tokens[index - 1].text, "not X")
        return True
    for act in _ruling(mine):
        strength = "" if act.strong else ".weak"
        held.add(f"{act.kind}.target{strength}", sentence.ordinal, *_because(sentence, act))
    for act in sentence.acts:
        if act not in mine and act.kind in _CARRIED | {"assumed", "standing", "state", "earlier", "exclusion"}:
            place = "agent" if index in act.agents else "clause" if act.clause == clause else "sentence"
            held.add(
                f"{act.kind}.{place}" if act.strong else f"weak.{place}", sentence.ordinal, *_because(sentence, act)
            )
    return any(act.kind not in ("said", "crime") for act in mine)


_STEMS = ("sanction", "sancion", "sanktion", "санкц", "制裁", "제재", "embargo")


def _speaks_of_sanctions(sentence: Sentence) -> bool:
    text = sentence.text.lower()
    return any(stem in text for stem in _STEMS)


def _about_sanctions(sentence: Sentence, act: Act) -> bool:
    """Whether the clause of a charge or fine tells that it is for breaking sanctions."""
    clause_of = sentence.structure.clause_of
    after = sentence.tokens[act.hit.start : act.hit.end + 12]
    if any(stem in token.low for token in after for stem in _STEMS):
        return True
    return any(hit.pattern.kind == "violation" and clause_of[hit.start] == act.clause for hit in sentence.hits)


def _hit_words(sentence: Sentence, hit: Hit) -> tuple[str, str]:
    return _words(sentence, hit.start, hit.end), f"{hit.pattern.kind}: {hit.pattern.text}"


def _because(sentence: Sentence, act: Act) -> tuple[str, str]:
    return _words(sentence, act.hit.start, act.hit.end), f"{act.hit.pattern.kind}: {act.hit.pattern.text}"


def _set_apart(sentence: Sentence, index: int) -> bool:
    """ "but not Acme", "not Acme"."""
    return index > 0 and sentence.tokens[index - 1].low == "not"


_RULES_OVER = {
    "exclusion": {"new", "assumed", "undated", "enforcement", "possible"},
    "relief": {"standing", "earlier", "undated", "assumed", "new", "possible"},
    "renewal": {"standing", "earlier", "undated", "assumed", "new", "relief"},
    "standing": {"undated", "assumed", "new", "state"},
    "earlier": {"undated", "assumed", "state"},
    "new": {"state", "assumed"},
    "possible": {"new", "assumed", "undated"},
}


def _ruling(acts: Sequence[Act]) -> list[Act]:
    """Of the acts on one name in one sentence, those that are not a part of what another of them says."""
    kept = []
    for act in acts:
        beaten = any(
            other is not act
            and act.kind in _RULES_OVER.get(other.kind, ())
            and other.clause == act.clause
            and not (
                act.kind == "new" and act.strong and act.when is When.RECENT and other.kind in ("relief", "standing")
            )
            and not (act.kind == "new" and other.kind == "standing" and other.when is not When.OLD)
            and (other.strong or not act.strong)
            for other in acts
        )
        if not beaten:
            kept.append(act)
    strong = [act for act in kept if act.strong]
    return [act for act in kept if act.strong or not any(other.clause == act.clause for other in strong)]


def _of_roles(held: EntityEvidence, sentence: Sentence, index: int, vocabulary: Vocabulary, related: bool) -> None:
    number, tokens, grammar = sentence.ordinal, sentence.tokens, vocabulary.grammar
    if related:
        held.add("role.related", number)
    if _owned(sentence, index):
        held.add("role.possessor", number)
    if _speaks(sentence, index, grammar["speech"]) or (
        "speech" in sentence.kinds and sentence.structure.clause_of[index] == min(sentence.structure.clause_of)
    ):
        held.add("role.speaker", number)
    titles = [tokens[i].low for i in range(max(0, index - 4), index)]
    after = tokens[index + 1].low if index + 1 < len(tokens) else ""
    if after in (",", "—", "–", "("):
        for ahead in range(index + 2, min(index + 8, len(tokens))):
            if tokens[ahead].low in (",", ";", ".", "who", "which"):
                break
            titles.append(tokens[ahead].low)
    if any(title in grammar["officials"] for title in titles):
        held.add("role.official", number)
    if any(title in grammar["experts"] for title in titles):
        held.add("role.expert", number)


def _speaks(sentence: Sentence, index: int, speech: frozenset[str]) -> bool:
    """ "said X", "X, an analyst, said", "according to X", "X told reporters"."""
    tokens = sentence.tokens
    for back in range(max(0, index - 5), index):
        opens = back < 2 or tokens[back - 1].low in (",", '"', "”", "“", "'", "’")
        if opens and tokens[back].low in speech and all(tokens[i].low not in (",", "that") for i in range(back, index)):
            return True
        if tokens[back].low == "to" and back and tokens[back - 1].low == "according" and index - back <= 4:
            return True
    clause = sentence.structure.clauses[sentence.structure.clause_of[index]]
    if clause.verb is not None and index < clause.verb and tokens[clause.verb].low in speech:
        return not is_related(sentence, index)
    return False


def _words(sentence: Sentence, start: int, end: int) -> str:
    offset = sentence.start
    return sentence.text[sentence.tokens[start].start - offset : sentence.tokens[end - 1].end - offset]


# ---------------------------------------------------------------- across sentences


def _fits(slot: str, entity: Entity) -> bool:
    if slot in ("person", "man"):
        return entity.schema is Schema.PERSON
    if slot == "vessel":
        return entity.schema in (Schema.VESSEL, Schema.AIRPLANE, Schema.CRYPTO_WALLET)
    if slot in ("company", "thing"):
        return entity.schema is not Schema.PERSON
    return True


def _candidates(
    sentence: Sentence, act: Act, sentences: Sequence[Sentence], entities: Mapping[str, Entity]
) -> list[tuple[str, str]]:
    """Names that "he" or "they" may stand for: the nearest before, all of a sentence for a plural."""
    inside = [i for i in sentence.names if i < min(act.hit.start, act.slot_at if act.slot_at >= 0 else act.hit.start)]
    found = [(i, sentence) for i in inside]
    back = sentence.ordinal
    reach = 2 if act.kind == "exclusion" else _REACH
    while not _suitable(found, act, entities) and back > 0 and sentence.ordinal - back < reach:
        back -= 1
        found = [(i, sentences[back]) for i in sentences[back].names]
    suitable = _suitable(found, act, entities)
    if act.open_slot == "group":
        return [("back_group", key) for key in suitable]
    return [("back", key) for key in suitable[:1]] + [("back_other", key) for key in suitable[1:]]


def _suitable(found: Sequence[tuple[int, Sentence]], act: Act, entities: Mapping[str, Entity]) -> list[str]:
    ranked: list[str] = []
    for index, sentence in found:
        if is_related(sentence, index):
            continue
        ranked += [key for key in sentence.tokens[index].entities if _fits(act.open_slot, entities[key])]
    return list(dict.fromkeys(ranked))
