"""When an entry is a story already seen: guids change, are missing, or come again; links and headlines too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.model import Entry, SeenKeys, Source, Tier
from bot.sources.identity import find_seen, identity, title_key, with_seen

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NEWS = Source("n", "News", "https://n.example/feed")
OFFICIAL = replace(NEWS, tier=Tier.OFFICIAL)
STORY = Entry("n", "g-1", "https://n.example/a/1", "Treasury lists four Caspian traders", "", NOW, NOW)
ALL_NEW = {"guid": "g-2", "link": "https://n.example/a/2"}
SEEN = with_seen(SeenKeys(), identity(STORY), NOW)


@pytest.mark.parametrize(
    ("change", "source", "reason"),
    [
        ({}, NEWS, "same link"),
        ({"guid": "g-1#2"}, NEWS, "same link"),
        ({"guid": "g-2", "title": "Treasury lists five Caspian traders"}, NEWS, "same link"),
        ({"link": "http://www.n.example/a/1/?utm_source=x"}, NEWS, "same link"),
        ({"link": "https://n.example/moved/1"}, NEWS, "same guid"),
        ({"link": ""}, NEWS, "same guid"),
        ({"link": "https://n.example/a/2", "title": "Something else entirely happened"}, NEWS, None),
        ({**ALL_NEW, "title": "Treasury: lists four ‘Caspian’ traders!"}, NEWS, "same headline"),
        ({"guid": "", "link": "https://n.example/a/2"}, NEWS, "same headline"),
        ({"guid": "g-2", "link": "https://n.example/a/2"}, OFFICIAL, None),
        ({"guid": "", "link": "", "title": STORY.title}, OFFICIAL, "same headline"),
        ({"guid": "g-2", "link": "https://n.example/a/2", "title": "Another headline of today"}, NEWS, None),
        ({"guid": "", "link": "", "title": ""}, NEWS, None),
    ],
    ids=[
        "the same", "the guid changes with an edit", "guid and headline change, the link stays",
        "another spelling of the link",
        "moved under the same guid", "the link is gone", "the guid is used again for another story",
        "all new but the headline, in other punctuation", "no guid, another link",
        "an authority's headlines repeat", "only a headline to go by", "another story", "nothing to go by",
    ],
)  # fmt: skip
def test_is_seen(change: dict[str, str], source: Source, reason: str | None) -> None:
    found = find_seen(source, identity(replace(STORY, **change)), SEEN)  # type: ignore[arg-type]
    assert (found is None) if reason is None else (found or "").startswith(f"seen: {reason}")


@pytest.mark.parametrize("title", ["Press briefing", "Daily News", "Opinion", "Live: latest news"])
def test_short_headlines_come_again_with_another_story(title: str) -> None:
    first = replace(STORY, title=title)
    second = replace(STORY, title=title, guid="g-2", link="https://n.example/a/2")
    seen = with_seen(SeenKeys(), identity(first), NOW)
    assert (find_seen(NEWS, identity(second), seen) is None) == (len(title.split()) < 4)


COLUMN = replace(STORY, title="The week in sanctions")
NEXT_WEEK = NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("change", "is_new"),
    [
        ({**ALL_NEW, "published_at": NEXT_WEEK}, True),
        ({**ALL_NEW, "published_at": NOW + timedelta(days=1) - timedelta(minutes=9)}, True),
        ({**ALL_NEW, "published_at": NOW + timedelta(hours=2)}, False),
        ({**ALL_NEW, "published_at": NOW}, False),
        ({**ALL_NEW, "published_at": None}, False),
        ({"guid": "g-2", "published_at": NEXT_WEEK}, False),
        ({"link": "https://n.example/a/2", "published_at": NEXT_WEEK}, False),
        ({"guid": "", "link": "", "published_at": NEXT_WEEK}, False),
    ],
    ids=[
        "a week later", "a day later", "an edit under a new link", "moved, with its date", "no date",
        "the same link", "the same guid", "only a headline to go by",
    ],
)  # fmt: skip
def test_a_column_comes_again_under_its_headline_with_another_story(change: dict[str, object], is_new: bool) -> None:
    seen = with_seen(SeenKeys(), identity(COLUMN), NOW)
    entry = replace(COLUMN, **change)  # type: ignore[arg-type]
    assert (find_seen(NEWS, identity(entry), seen, entry.published_at) is None) == is_new


def test_headlines_without_blanks_count_by_their_length() -> None:
    first = replace(STORY, title="美国财政部宣布制裁三家公司和两名个人")
    second = replace(first, guid="g-2", link="https://n.example/a/2")
    assert find_seen(NEWS, identity(second), with_seen(SeenKeys(), identity(first), NOW)) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("EU lists “Volga” bank – Reuters", 'EU lists "Volga" bank - reuters'),
        ("Crédit", "Cre\u0301dit"),
        ("ＯＦＡＣ", "ofac"),
        ("Straße", "STRASSE"),
    ],
)
def test_title_keys_do_not_mind_typography(one: str, other: str) -> None:
    assert title_key(one) == title_key(other)


def test_keys_fit_an_index() -> None:
    long = identity(replace(STORY, guid="g" * 900, link="https://n.example/" + "a" * 900, title="word " * 300))
    other = identity(replace(STORY, guid="g" * 901, link="https://n.example/" + "a" * 901, title="word " * 301))
    assert all(len(key) <= 200 for key in (long.guid, long.link, long.title))
    assert long.guid != other.guid
    assert long.link != other.link
    assert long.title != other.title
