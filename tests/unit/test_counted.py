"""Several things in a person's words."""

import pytest

from bot.counted import first_of, joined, number, shortened, some_of


def test_one_thing_is_one_and_thousands_are_parted() -> None:
    assert [number(count, "alert") for count in (0, 1, 1310)] == ["0 alerts", "1 alert", "1,310 alerts"]
    assert number(2, "entry", "entries") == "2 entries"


def test_the_last_of_a_list_is_joined_by_a_word() -> None:
    assert [joined("abc"[:many]) for many in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert joined(["a", "b"], "or") == "a or b"


@pytest.mark.parametrize(
    ("names", "told"),
    [([], ""), (["a"], "a"), (["a", "b"], "a, b"), (["a", "b", "c"], "a, b and 1 more")],
    ids=["none", "one", "as many as are shown", "one more"],
)
def test_names_that_are_not_shown_are_counted(names: list[str], told: str) -> None:
    assert some_of(names, 2) == told


def test_lines_that_are_not_shown_are_counted_in_one_of_their_own() -> None:
    assert first_of(["a", "b"], 2) == ["a", "b"]
    assert first_of(["a"] * 1_502, 2, " forms") == ["a", "a", "and 1,500 more forms"]


def test_a_text_is_cut_at_a_word_and_never_longer_than_asked() -> None:
    assert shortened("sanctions on Volga", 18) == "sanctions on Volga"
    assert shortened("sanctions on: Volga Shipping", 20) == "sanctions on…"
