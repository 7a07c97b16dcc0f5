"""Two spellings of one address are one key; two addresses stay two."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.links import clean_link, normalise_link, with_text_fragment

A = "https://example.org/a"
STORY = "https://example.org/2026/11/story"


@pytest.mark.parametrize(
    "variant",
    [
        "http://example.org/2026/11/story",
        "https://www.example.org/2026/11/story",
        "https://m.example.org/2026/11/story",
        "https://amp.example.org/2026/11/story",
        "HTTPS://WWW.EXAMPLE.ORG:443/2026/11/story/",
        "https://example.org./2026/11/story",
        "https://example.org/2026/11/story/amp/",
        "https://example.org/2026/11/story.amp",
        "https://example.org/2026/11/story/index.html",
        "https://example.org/2026//11/story?outputType=amp",
        "https://example.org/2026/11/story?amp=1",
        "https://example.org/2026/11/story?utm_source=rss&UTM_medium=feed&fbclid=1&gclid=2&srsltid=3",
        "https://example.org/2026/11/story?at_medium=RSS&at_campaign=rss&ns_mchannel=social&itm_x=1&campaign_id=9",
        "https://example.org/2026/11/story#comments",
        "https://example.org/2026/11/story#0",
        "https://example.org/2026/11/%73tory",
        " https://example.org/2026/11/story\n",
    ],
)
def test_variants_of_one_story_have_one_key(variant: str) -> None:
    assert normalise_link(variant) == STORY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a?id=1", "https://example.org/a?id=2"),
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org/a", "https://example.com/a"),
        ("https://example.org/a", "https://example.org:8443/a"),
        ("https://en.example.org/a", "https://de.example.org/a"),
        ("https://example.org/A", "https://example.org/a"),
        ("https://example.org/recent-actions/20261120", "https://example.org/recent-actions/20261120_33"),
        ("https://example.org/a?q=x%26y", "https://example.org/a?q=x&y"),
        (with_text_fragment(STORY, "First item"), with_text_fragment(STORY, "Second item")),
    ],
)
def test_two_stories_have_two_keys(one: str, other: str) -> None:
    assert normalise_link(one) != normalise_link(other)


def test_order_of_parameters_does_not_count() -> None:
    assert normalise_link("https://example.org/?b=2&a=1") == normalise_link("https://example.org/?a=1&b=2")


@pytest.mark.parametrize(
    "text",
    ["", "javascript:alert(1)", "mailto:a@example.org", "/relative", "http://", "http://[", "https:///x", "x" * 5000],
)
def test_what_is_no_web_address_has_no_key(text: str) -> None:
    assert normalise_link(text) == ""
    assert clean_link(text) == ""


@given(
    st.one_of(
        st.text(max_size=60).map("https://example.org/".__add__),
        st.from_regex(r"https?://[a-zA-Z.:0-9\[\]@-]{1,20}(/[ -~]{0,40})?", fullmatch=True),
        st.text(max_size=80),
    )
)
def test_a_key_is_its_own_key(url: str) -> None:
    key = normalise_link(url)
    assert normalise_link(key) == key


@given(st.text(max_size=100), st.text(max_size=40))
def test_cleaning_never_fails_and_is_done_once(url: str, base: str) -> None:
    cleaned = clean_link(url, "https://example.org/" + base)
    assert clean_link(cleaned) == cleaned


@pytest.mark.parametrize(
    ("url", "base", "cleaned"),
    [
        ("../a?id=1&utm_source=x", "https://example.org/b/c/", "https://example.org/b/a?id=1"),
        ("//cdn.example.org/a", "http://example.org/", "http://cdn.example.org/a"),
        ("https://example.org/a?z=1&b=%2F&gclid=9#part", "", "https://example.org/a?z=1&b=%2F#part"),
        (
            "https://www.google.com/url?rct=j&sa=t&url=https://example.org/a%3Fid%3D1%26utm_source%3Dx&ct=ga",
            "",
            f"{A}?id=1",
        ),
        ("http://www.bing.com/news/apiclick.aspx?ref=x&tid=1&url=https%3a%2f%2fexample.org%2fa&c=9", "", A),
        ("https://www.google.com/url?q=/search", "", "https://www.google.com/url?q=/search"),
        ("", "https://example.org/", ""),
        ("javascript:void(0)", "https://example.org/", ""),
    ],
)
def test_readers_get_an_absolute_link_without_tracking(url: str, base: str, cleaned: str) -> None:
    assert clean_link(url, base) == cleaned


def test_no_address_within_addresses_makes_cleaning_slow() -> None:
    started = time.process_time()
    assert clean_link("https://www.google.com/url?q=" * 20_000) == ""
    assert time.process_time() - started < 1.0
