"""An article read for its key points: its sentences as a bullet may tell them, and what was found in it.

Each view of it is worked out once. What a fact is worth is facts.py's, which sentences to tell is points.py's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from bot.model import Article, BlockKind, Finding, Mention, Verdict
from bot.summaries.wording import is_hedged, is_somebodys_own, tells_why
from bot.text.acts import tells_of_acting
from bot.text.datelines import plain
from bot.text.folding import fold_key
from bot.text.furniture import is_caption, is_credit, is_signed
from bot.text.phrasing import split_sentences

# What is longer is not read to its end: a page of a megabyte must not take seconds.
_MAX_BLOCKS, _MAX_BLOCK_LENGTH, _MAX_SENTENCES = 200, 6000, 400
TOLD = (
    Verdict.NEW_SANCTIONS,
    Verdict.RELIEF,
    Verdict.RENEWAL,
    Verdict.ENFORCEMENT,
    Verdict.POSSIBLE,
    Verdict.BACKGROUND,
)

WORD = re.compile(r"[^\W_][\w'’.&/-]*[^\W_]|[^\W_]")
CJK_RUN = re.compile(r"[\u3400-\u9fff]{2,}|[\uac00-\ud7af]{2,}")
COMMON = frozenset(
    """the a an in on at of and or but for with from by to as its it he she they this that these those there here when
    while after before since if so no not all both his her their our we you i who what why how some many most other
    another according among under mr mrs ms also was were has have had been""".split()
)


Token = tuple[str, str, int]  # a word, as it is compared, where it begins


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    tokens: tuple[Token, ...]
    words: frozenset[str]  # those of it that may tell something, as they are compared
    raw: str
    block: int
    kind: BlockKind
    ordinal: int  # among the sentences of the article
    acts: bool  # whether its words are those of sanctions
    gives_reason: bool
    is_hedged: bool
    is_own: bool  # somebody's own words


@dataclass(frozen=True)
class Reading:
    article: Article
    findings: tuple[Finding, ...]
    event: Verdict
    counts: tuple[str, ...]

    @cached_property
    def source(self) -> str:
        """All that a bullet may draw on, for the check."""
        return " ".join(" ".join(block.text for block in self.article.blocks).split()).casefold()

    @cached_property
    def names(self) -> frozenset[str]:
        """Whoever is found in the article, as it names them, folded."""
        return frozenset(fold_key(mention.surface) for finding in self.findings for mention in finding.mentions) - {""}

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        found: list[Sentence] = []
        blocks = self.article.blocks[:_MAX_BLOCKS]
        for number, block in enumerate(blocks):
            following = blocks[number + 1].text if number + 1 < len(blocks) else ""
            if block.kind is BlockKind.TITLE or (
                block.kind is BlockKind.PARAGRAPH and _is_caption(block.text, following)
            ):
                continue
            for raw in split_sentences(block.text[:_MAX_BLOCK_LENGTH]):
                if len(found) < _MAX_SENTENCES and (text := plain(raw, self.names)):
                    found.append(_sentence(text, raw, number, block.kind, len(found)))
        return tuple(found)

    @cached_property
    def of_event(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.verdict is self.event)

    @cached_property
    def targets(self) -> frozenset[str]:
        """The words, folded, of the names that the event is about."""
        return frozenset(_words_of_names(self.of_event))

    @cached_property
    def others_told(self) -> frozenset[str]:
        """The same of names that the article says something of beside: listed before, relieved, fined."""
        return frozenset(_words_of_names(f for f in self.findings if f.verdict in TOLD)) - self.targets

    @cached_property
    def bystanders(self) -> frozenset[str]:
        return frozenset(_words_of_names(f for f in self.findings if f.verdict not in TOLD)) - self.targets

    @cached_property
    def target_blocks(self) -> frozenset[int]:
        """Where the names that the event is about stand, and the sentences that decided it; the title aside."""
        named = {mention.block for finding in self.of_event for mention in finding.mentions}
        decided = {sentence.block for sentence in self.sentences if self.decided[sentence.ordinal]}
        return frozenset(named | decided) - {0}

    @cached_property
    def target_surfaces(self) -> tuple[str, ...]:
        """The event's names in scripts without blanks, where words cannot be compared."""
        surfaces = {mention.surface for finding in self.of_event for mention in finding.mentions}
        return tuple(surface for surface in surfaces if CJK_RUN.search(surface))

    @cached_property
    def names_target(self) -> tuple[bool, ...]:
        """For each sentence, whether it names one that the event is about."""
        return tuple(
            not self.targets.isdisjoint(sentence.words)
            or any(surface in sentence.text for surface in self.target_surfaces)
            for sentence in self.sentences
        )

    @cached_property
    def decided(self) -> tuple[float, ...]:
        """For each sentence, how many findings of the event it decided; less for those of another kind."""
        worth: dict[str, float] = {}
        for finding in self.findings:
            if finding.verdict in TOLD and (key := fold_key(plain(finding.evidence[:_MAX_BLOCK_LENGTH], self.names))):
                worth[key] = min(2.0, worth.get(key, 0.0) + (1.0 if finding.verdict is self.event else 0.25))
        if not worth:
            return (0.0,) * len(self.sentences)
        return tuple(_decided(fold_key(sentence.text), worth) for sentence in self.sentences)

    def is_near(self, sentence: Sentence) -> bool:
        """Whether a sentence stands in or beside a paragraph that the event is about."""
        return any(abs(sentence.block - block) <= 1 for block in self.target_blocks)

    def after(self, sentence: Sentence) -> str:
        """The sentence that follows in the same paragraph, or ""."""
        following = self.sentences[sentence.ordinal + 1 : sentence.ordinal + 2]
        return following[0].text if following and following[0].block == sentence.block else ""


def _is_caption(text: str, following: str) -> bool:
    """An agency's name may close a report as well: what tells of an act is none."""
    return is_credit(following) or is_caption(text) or (is_signed(text) and not tells_of_acting(text))


def _sentence(text: str, raw: str, block: int, kind: BlockKind, ordinal: int) -> Sentence:
    tokens = tuple(tokens_of(text))
    return Sentence(
        text,
        tokens,
        words_of(text, tokens),
        raw,
        block,
        kind,
        ordinal,
        acts=tells_of_acting(text),
        gives_reason=tells_why(text),
        is_hedged=is_hedged(text),
        is_own=is_somebodys_own(text),
    )


def _decided(own: str, worth: Mapping[str, float]) -> float:
    return max((value for key, value in worth.items() if key in own or own in key), default=0.0) if own else 0.0


def _words_of_names(findings: Iterator[Finding] | tuple[Finding, ...]) -> Iterator[str]:
    mentions: Iterator[Mention] = (mention for finding in findings for mention in finding.mentions)
    return (word for mention in mentions for word in significant(mention.surface))


@lru_cache(maxsize=50_000)
def key_of(word: str) -> str:
    """A word as it is compared: "Treasury's" and "treasury" are one."""
    key = word.casefold()
    return key[:-2] if key.endswith(("'s", "’s")) else key.rstrip("'’")


def tokens_of(text: str) -> Iterator[Token]:
    return ((word, key_of(word), match.start()) for match in WORD.finditer(text) if (word := match.group()))


def significant(text: str) -> Iterator[str]:
    """The words of a text that may tell something, as they are compared."""
    return (key for word, key, _ in tokens_of(text) if len(word) > 2 and key not in COMMON)


def words_of(text: str, tokens: tuple[Token, ...]) -> frozenset[str]:
    words = frozenset(key for word, key, _ in tokens if len(word) > 2 and key not in COMMON)
    return words.union(cjk_pairs(text)) if CJK_RUN.search(text) else words


def cjk_pairs(text: str) -> Iterator[str]:
    for run in CJK_RUN.findall(text):
        yield from (run[i : i + 2] for i in range(len(run) - 1))
