"""The passages of an article that are worth a close reading, sentence by sentence.

Short articles are read whole. Of long ones: title, teaser and lead, each sentence with a tracked name and those around
it, and what speaks of sanctions; the rest seldom says anything of a name, and close reading takes time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bot.matching.cues import Vocabulary
from bot.matching.readings import Sentence, find_acts, read_sentence
from bot.matching.sentences import split_sentences
from bot.matching.words import Kind, fold_word
from bot.model import Article, BlockKind, Mention

_WHOLE = 2_000  # characters: about as much is read closely
_LEAD = 3  # sentences after title and teaser
_BEFORE, _AFTER = 2, 1  # sentences around a name
_BULLETS = "•–—-*>·●▪◦"

_Span = tuple[int, int]
_Known = tuple[int, int, tuple[str, ...]]  # start, end, keys of the entities


def read_passages(article: Article, mentions: Sequence[Mention], vocabulary: Vocabulary) -> list[Sentence]:
    """The sentences to be read, with tokens, cues, clauses and acts; ordinals count all, from the title (0)."""
    known = _by_block(mentions)
    spans = [(number, span) for number, block in enumerate(article.blocks) for span in split_sentences(block.text)]
    chosen = _choose(article, spans, known, vocabulary)
    published = article.published_at.date()
    sentences: list[Sentence] = []
    for ordinal, (number, span) in enumerate(spans):
        if ordinal in chosen:
            first = ordinal == 0 or spans[ordinal - 1][0] != number
            sentence = _read(article, number, span, ordinal, first, known.get(number, ()), vocabulary, published)
            if sentence is not None:
                sentences.append(sentence)
    return sentences


def _choose(
    article: Article,
    spans: Sequence[tuple[int, _Span]],
    known: Mapping[int, Sequence[_Known]],
    vocabulary: Vocabulary,
) -> frozenset[int]:
    """The ordinals of the sentences to read: names and the lead, then what speaks of sanctions, to the measure."""
    sizes = [end - start for _, (start, end) in spans]
    if sum(sizes) <= _WHOLE:
        return frozenset(range(len(spans)))
    blocks = article.blocks
    named, speaks, lead = [], [], []
    body = 0
    for ordinal, (number, (start, end)) in enumerate(spans):
        kind = blocks[number].kind
        body += kind is BlockKind.PARAGRAPH
        if kind is not BlockKind.PARAGRAPH or body <= _LEAD:
            lead.append(ordinal)
        if any(start <= at and until <= end for at, until, _ in known.get(number, ())):
            named.append(ordinal)
        text = fold_word(blocks[number].text[start:end])
        if any(word in text for word in vocabulary.gate):
            speaks.append(ordinal)
    around = [near for at in named for near in range(at - _BEFORE, at + _AFTER + 1) if 0 <= near < len(spans)]
    chosen = {*named, *(lead[:_LEAD]), *lead[_LEAD:]}
    read = sum(sizes[ordinal] for ordinal in chosen)
    for ordinal in (*around, *speaks):
        if ordinal not in chosen and read + sizes[ordinal] <= _WHOLE:
            chosen.add(ordinal)
            read += sizes[ordinal]
    return frozenset(chosen)


def _read(
    article: Article,
    number: int,
    span: _Span,
    ordinal: int,
    first: bool,
    known: Sequence[_Known],
    vocabulary: Vocabulary,
    published: date,
) -> Sentence | None:
    block = article.blocks[number]
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
        is_item=_is_item(text),
        first_of_block=first,
    )
    sentence.acts = find_acts(sentence, vocabulary)
    return sentence


def _is_item(text: str) -> bool:
    """A line of a list: it begins with a bullet or a number, or is short and has no full stop."""
    if text[0] in _BULLETS or (text[:2].rstrip(".)").isdigit() and text[1:3].strip() in (".", ")", "")):
        return True
    return len(text) < 90 and text[-1] not in '.!?”"'


def _by_block(mentions: Sequence[Mention]) -> dict[int, list[_Known]]:
    """Mentions by block in order of place, those of one place together; of overlapping ones the longest."""
    at: dict[tuple[int, int, int], list[str]] = {}
    for mention in mentions:
        keys = at.setdefault((mention.block, mention.start, mention.end), [])
        if mention.entity not in keys:
            keys.append(mention.entity)
    kept: dict[int, list[_Known]] = {}
    for (block, start, end), keys in sorted(at.items(), key=lambda item: (item[0][0], item[0][1], -item[0][2])):
        held = kept.setdefault(block, [])
        if held and start < held[-1][1]:
            if held[-1][:2] != (start, end) and end <= held[-1][1]:
                held[-1] = (*held[-1][:2], tuple(dict.fromkeys((*held[-1][2], *keys))))
            continue
        held.append((start, end, tuple(keys)))
    return kept
