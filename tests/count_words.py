"""Count the words of the English learning articles: `python -m tests.count_words`. Writes bot/events/word_counts.txt,
by which events know what it tells that two articles have a word in common."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from bot.articles import article_from_text
from bot.events.wording import COUNTS, words_of
from tests.measure import read_set

LEARNING = Path(__file__).parent / "data" / "learning"
DAY = datetime(2026, 1, 1, tzinfo=UTC)  # says nothing of the words
LEAST = 5  # articles: a rarer word tells as much as one that is in none
HEAD = "# In how many English articles of tests/data/learning a word stands. Made by `python -m tests.count_words`.\n"


def main() -> None:
    counted: Counter[str] = Counter()
    articles = 0
    for path in sorted(LEARNING.glob("*.jsonl")):
        for item in read_set(str(path)):
            if item.get("language", "en").startswith("en"):
                article = article_from_text(
                    item["body"], published_at=DAY, title=item["title"], summary=item.get("summary") or ""
                )
                counted.update(set(words_of(article)))
                articles += 1
    lines = [f"{word} {count}" for word, count in sorted(counted.items()) if count >= LEAST]
    COUNTS.write_text(f"{HEAD}* {articles}\n" + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} words of {articles} articles")


if __name__ == "__main__":
    main()
