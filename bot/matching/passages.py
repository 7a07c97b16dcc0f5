"""The passages of an article that are worth a close reading, sentence by sentence.

Short articles are read whole. Of long ones: title, teaser and lead, each sentence with a tracked name and those around
it, and what speaks of sanctions; the rest seldom says anything of a name, and close reading takes time. Lines that tell
of the page and name nobody are no part of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from bot.matching.acts import find_acts
from bot.matching.cues import Vocabulary
from bot.matching.issuers import set_issuers_apart
from bot.matching.notices import Section, find_sections
from bot.matching.readings import Sentence, read_sentence
from bot.matching.rolls import set_rolls_of_before
from bot.matching.sentences import split_sentences
from bot.matching.spared import set_aside, set_spared_apart
from bot.matching.words import Kind
from bot.model import Article, Block, BlockKind, Mention
from bot.text.furniture import is_credit, is_furniture
from bot.text.phrasing import is_item

_WHOLE = 3_500  # characters: about as much is read closely
_MOST_TOKENS = 1_000  # whatever is named in it: reading takes time and memory by the square of it
_LONGEST = 2_000  # characters of a sentence; a longer one is a list or no prose, and read in pieces
_LEAD = 3  # sentences after title and teaser
_BEFORE, _AFTER = 2, 1  # sentences around a name
_LONGEST_FURNITURE = 300  # characters

_Span = tuple[int, int]
_Known = tuple[int, int, tuple[str, ...]]  # start, end, keys of the entities


def read_passages(
    article: Article, mentions: Sequence[Mention], vocabulary: Vocabulary, of: AbstractSet[str] | None = None
) -> list[Sentence]:
    """The sentences to be read, with tokens, cues, clauses and acts; ordinals count all, from the title (0). `of`: the
    keys of those on whom is read, where not on all."""
    known, blocks = _by_block(mentions), article.blocks
    sought = known if of is None else _by_block([mention for mention in mentions if mention.entity in of])
    spans = [
        (number, span)
        for number, block in enumerate(blocks)
        if number in known or not _is_of_the_page(block)
        for span in _sentence_spans(block.text, known.get(number, ()))
    ]
    published = article.published_at.date()
    read: dict[int, Sentence] = {}
    tokens = 0
    for ordinal in _choose(blocks, spans, sought, vocabulary):
        number, span = spans[ordinal]
        first = ordinal == 0 or spans[ordinal - 1][0] != number
        sentence = _read(blocks[number], number, span, ordinal, first, known.get(number, ()), vocabulary, published)
        if sentence is None:
            continue
        tokens += len(sentence.tokens)
        if tokens > _MOST_TOKENS and read:
            break
        read[ordinal] = sentence
    _set_sections(blocks, read.values(), published)
    in_order = [read[ordinal] for ordinal in sorted(read)]
    set_rolls_of_before(in_order)
    set_issuers_apart(in_order)
    return in_order


def _sentence_spans(text: str, known: Sequence[_Known]) -> list[_Span]:
    """The sentences of a block: a name that goes over an end joins two ("Yahoo! Japan"), a very long one is cut."""
    joined: list[_Span] = []
    for start, end in split_sentences(text):
        if joined and any(at < joined[-1][1] < until for at, until, _ in known):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [piece for span in joined for piece in _pieces(text, span, known)]


def _pieces(text: str, span: _Span, known: Sequence[_Known]) -> list[_Span]:
    """A span in pieces of at most 2,000 characters, cut at blanks and not within a name."""
    start, end = span
    pieces: list[_Span] = []
    while end - start > _LONGEST:
        cut = text.rfind(" ", start + 1, start + _LONGEST)
        cut = cut if cut > start else start + _LONGEST
        cut = next((at for at, until, _ in known if start < at < cut < until), cut)
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, end)]


def _choose(
    blocks: Sequence[Block],
    spans: Sequence[tuple[int, _Span]],
    known: Mapping[int, Sequence[_Known]],
    vocabulary: Vocabulary,
) -> Sequence[int]:
    """The ordinals of the sentences to read, the most telling first: title, lead and names; then, to the measure, what
    stands around names, and what speaks of sanctions."""
    sizes = [end - start for _, (start, end) in spans]
    lead: list[int] = []
    named: list[int] = []
    twice: Counter[str] = Counter()
    often: list[int] = []  # names that were told twice already
    body = 0
    for ordinal, (number, (start, end)) in enumerate(spans):
        kind = blocks[number].kind
        body += kind is BlockKind.PARAGRAPH
        if kind is not BlockKind.PARAGRAPH or body <= _LEAD:
            lead.append(ordinal)
        keys = [key for at, until, keys in known.get(number, ()) if start <= at and until <= end for key in keys]
        if keys:
            (named if any(twice[key] < 2 for key in keys) else often).append(ordinal)
            twice.update(keys)
    if sum(sizes) <= _WHOLE:
        return list(dict.fromkeys((*lead, *named, *range(len(spans)))))
    around = [near for at in named for near in range(at - _BEFORE, at + _AFTER + 1) if 0 <= near < len(spans)]
    chosen = dict.fromkeys((*lead[: 2 * _LEAD], *named, *lead, *often))
    left = _WHOLE - sum(sizes[ordinal] for ordinal in chosen)
    for place, ordinal in enumerate((*around, *range(len(spans)))):
        if ordinal in chosen or sizes[ordinal] > left:
            continue
        number, (start, end) = spans[ordinal]
        if place < len(around) or vocabulary.is_of_the_field(blocks[number].text[start:end]):
            chosen[ordinal] = None
            left -= sizes[ordinal]
    return list(chosen)


def _set_sections(blocks: Sequence[Block], sentences: Iterable[Sentence], published: date) -> None:
    """Mark the names by the section of an official notice that they stand in. Who is not added there is no target of an
    act there."""
    named: dict[int, list[Sentence]] = {}
    for sentence in sentences:
        if sentence.names:
            named.setdefault(sentence.block, []).append(sentence)
    for number, section_at in find_sections(blocks, named.keys(), published):
        for sentence in named[number]:
            at = {name: section_at(sentence.tokens[name].start) for name in sentence.names}
            sentence.sections = {name: section for name, section in at.items() if section}
            set_aside(sentence, [name for name, section in sentence.sections.items() if section is not Section.ADDED])


def _is_of_the_page(block: Block) -> bool:
    text = block.text
    is_short = block.kind is BlockKind.PARAGRAPH and len(text) < _LONGEST_FURNITURE
    return is_short and (is_furniture(text) or is_credit(text))


def _read(
    block: Block,
    number: int,
    span: _Span,
    ordinal: int,
    first: bool,
    known: Sequence[_Known],
    vocabulary: Vocabulary,
    published: date,
) -> Sentence | None:
    inside = [item for item in known if item[0] >= span[0] and item[1] <= span[1]]
    tokens, hits, times, structure = read_sentence(block.text, span, inside, vocabulary, published)
    if not tokens:
        return None
    text = block.text[span[0] : span[1]]
    sentence = Sentence(
        block=number,
        kind=block.kind,
        ordinal=ordinal,
        start=span[0],
        end=span[1],
        text=text,
        tokens=tokens,
        hits=hits,
        times=times,
        structure=structure,
        names=[i for i, token in enumerate(tokens) if token.kind is Kind.MENTION],
        is_item=is_item(text),
        first_of_block=first,
    )
    sentence.acts = find_acts(sentence, vocabulary)
    set_spared_apart(sentence, vocabulary)
    return sentence


def _by_block(mentions: Sequence[Mention]) -> dict[int, list[_Known]]:
    """Mentions by block in order of place, those of one place together; overlapping ones are one span of all."""
    at: dict[tuple[int, int, int], list[str]] = {}
    for mention in mentions:
        keys = at.setdefault((mention.block, mention.start, mention.end), [])
        if mention.entity not in keys:
            keys.append(mention.entity)
    kept: dict[int, list[_Known]] = {}
    for (block, start, end), keys in sorted(at.items(), key=lambda item: (item[0][0], item[0][1], -item[0][2])):
        held = kept.setdefault(block, [])
        if held and start < held[-1][1]:
            held[-1] = (held[-1][0], max(end, held[-1][1]), tuple(dict.fromkeys((*held[-1][2], *keys))))
            continue
        held.append((start, end, tuple(keys)))
    return kept
