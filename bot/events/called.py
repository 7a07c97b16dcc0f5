"""What an act of the EU is called: its package, or its list against hybrid threats. It lists under several orders on one
day, of a package each outlet names others, and these words tell which of the acts it means.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from bot.model import Article, BlockKind
from bot.patterns import patterns_of
from bot.phrasing import split_sentences

_FILE = "events/called.toml"
_KINDS = ("package", "hybrid")
_HEAD = 2  # paragraphs


def find_called(article: Article, blocks: AbstractSet[int]) -> str:
    """"package" or "hybrid", where the article's head or one of these `blocks` says so; "" where it says neither, or
    both, as one who tells of two acts does."""
    head = [at for at, block in enumerate(article.blocks) if block.kind is BlockKind.PARAGRAPH][:_HEAD]
    texts = [
        block.text
        for at, block in enumerate(article.blocks)
        if at in blocks or at in head or block.kind is not BlockKind.PARAGRAPH
    ]
    sentences = [sentence for text in texts for sentence in split_sentences(text)]
    told = [kind for kind in _KINDS if any(_says(sentence, kind) for sentence in sentences)]
    return told[0] if len(told) == 1 else ""


def _says(sentence: str, kind: str) -> bool:
    if not any(pattern.search(sentence) for pattern in patterns_of(_FILE, kind)):
        return False
    return kind != "package" or not any(pattern.search(sentence) for pattern in patterns_of(_FILE, "no_package"))
