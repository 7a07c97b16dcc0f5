"""Articles of 5 KB: unrelated news, and news of sanctions that names entities of a watchlist. All made up, none timed
twice with the same words: each has names in it that no other has, as a stream of news does."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.model import Article, Entity, Schema

SIZE = 5000
_HERE = Path(__file__).parent
_BEGINNINGS = "bal bren dar fel gor hal jor kel lan mar nor per quil ros sal tor ul var wes yar zel".split()
_MIDDLES = "a e i o u an en ir ol ur am est ond".split()
_ENDINGS = "bek dale ford gren holm kov land mond nik rath sen son stad ton vik wold".split()


def invented_word(rng: random.Random) -> str:
    middle = "".join(rng.choice(_MIDDLES) + rng.choice("bdfgklmnprstvz") for _ in range(rng.randint(1, 2)))
    return rng.choice(_BEGINNINGS) + middle + rng.choice(_ENDINGS)


def _parts(name: str, separator: str) -> list[str]:
    text = (_HERE / name).read_text(encoding="utf-8")
    return [part.strip() for part in text.split("\n\n", 1)[1].split(separator) if part.strip()]


def _article(key: str, title: str, paragraphs: Sequence[str]) -> Article:
    published = datetime(2026, 11, 24, 9, tzinfo=UTC)
    return Article(key, f"https://news.example/{key}", "News", title, "", tuple(paragraphs), published, language="en")


def short_unrelated() -> list[Article]:
    """The texts as they were written, each on a subject of its own."""
    stories = [part.split("\n", 1) for part in _parts("unrelated.txt", "\n---\n")]
    return [_article(f"short-{number}", title, body.split("\n")) for number, (title, body) in enumerate(stories)]


def unrelated(rng: random.Random) -> Iterator[Article]:
    """Articles of 5 KB without end: two stories by turns, with ten words that were never seen."""
    stories = [part.split("\n", 1) for part in _parts("unrelated.txt", "\n---\n")]
    number = 0
    while True:
        (title, first), (_, second) = rng.sample(stories, 2)
        body = f"{first} {second} ".split() * (SIZE // len(first + second) + 1)
        for _ in range(5):
            body[rng.randrange(len(body))] = invented_word(rng)
            body[rng.randrange(len(body))] = invented_word(rng).title()
        number += 1
        yield _article(f"unrelated-{number}", title, _paragraphs(" ".join(body)))


def _paragraphs(text: str) -> list[str]:
    """About SIZE characters in paragraphs of five sentences."""
    sentences = text[:SIZE].replace("! ", ". ").split(". ")
    return [". ".join(sentences[at : at + 5]) + "." for at in range(0, len(sentences), 5)]


def of_sanctions(rng: random.Random, tracked: Sequence[Entity]) -> Iterator[Article]:
    """Articles of 5 KB without end that name some of `tracked`."""
    lead, *rest = _parts("sanctions.txt", "\n")
    named = {
        "person": [entity for entity in tracked if entity.schema is Schema.PERSON],
        "firm": [entity for entity in tracked if entity.schema in (Schema.ORGANIZATION, Schema.COMPANY)],
        "ship": [entity for entity in tracked if entity.schema is Schema.VESSEL],
    }
    number = 0
    while True:
        number += 1
        names = {kind: _as_written(rng.choice(entities).caption) for kind, entities in named.items()}
        rng.shuffle(rest)
        paragraphs = [lead]
        for paragraph in rest * 2:
            if sum(map(len, paragraphs)) < SIZE:
                other = {kind: _as_written(rng.choice(entities).caption) for kind, entities in named.items()}
                names = other if rng.random() < 0.2 else names
                paragraphs.append(paragraph)
        yield _article(
            f"sanctions-{number}",
            f"Washington lists {names['person']}",
            [paragraph.format(**names) for paragraph in paragraphs],
        )


def of_other_news(rng: random.Random, tracked: Sequence[Entity]) -> Iterator[Article]:
    """Unrelated articles of 5 KB that name one of `tracked`, as most do that name somebody: what a firm sold, and not
    what befell it."""
    firms = [entity for entity in tracked if entity.schema in (Schema.ORGANIZATION, Schema.COMPANY)]
    for article in unrelated(rng):
        firm = _as_written(rng.choice(firms).caption)
        sentence = f"The prize went to {firm}, which opened a second workshop in spring."
        yield replace(article, paragraphs=(*article.paragraphs[:2], sentence, *article.paragraphs[2:]))


def _as_written(name: str) -> str:
    """As a paper writes it: "AKHUNDZADA, Mohammad Eshaq" is Mohammad Eshaq Akhundzada."""
    family, comma, given = name.partition(", ")
    words = f"{given} {family}".split() if comma and family.isupper() else name.split()
    return " ".join(word.capitalize() if word.isupper() and len(word) > 3 else word for word in words)
