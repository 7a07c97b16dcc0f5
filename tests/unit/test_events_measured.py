"""Articles of real acts are put together as a person would: a part of tests/data/events."""

from tests.measure_events import load_acts, load_articles, score


def test_articles_of_one_act_share_an_event_and_others_do_not() -> None:
    acts = load_acts(every=9)
    result = score(acts, load_articles(acts))
    assert len(set(acts.values())) >= 20
    assert result.precision >= 0.95, result.wrong
    assert result.recall >= 0.85, result.missed
