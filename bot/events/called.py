"""What an act of the EU is called: its package, or its list against hybrid threats. It lists under several orders on
one day, of a package each outlet names others, and these words tell which act an outlet means.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from bot.model import Article, BlockKind
from bot.text.patterns import patterns_of
from bot.text.phrasing import split_sentences

CALLING = "EU"  # whose acts these are; "a package of sanctions" of another's is any act
_FILE = "events/called.toml"
_KINDS = ("package", "hybrid")
_HEAD = 2  # paragraphs


def find_called(article: Article, blocks: AbstractSet[int]) -> str:
    """What the article's head, or one of the `blocks` that name a target, calls the act; "" where they call it nothing,
    or both: such an article tells of two acts."""
    texts = [block.text for block in article.blocks if block.kind is not BlockKind.PARAGRAPH]
    texts += article.paragraphs[:_HEAD]
    texts += [block.text for at, block in enumerate(article.blocks) if at in blocks]
    sentences = {sentence for text in texts for sentence in split_sentences(text)}
    called = [kind for kind in _KINDS if any(_is_called(kind, sentence) for sentence in sentences)]
    return called[0] if len(called) == 1 else ""


def _is_called(kind: str, sentence: str) -> bool:
    if not any(pattern.search(sentence) for pattern in patterns_of(_FILE, kind)):
        return False
    return kind != "package" or not any(pattern.search(sentence) for pattern in patterns_of(_FILE, "no_package"))
