"""What introduces a deciding sentence that does not stand by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events.lead_ins import find_lead_in
from bot.model import Article

NAMED = "The Treasury named the ships on Monday. They run to 40 hulls."
CASES = {
    "a row of a table": ([NAMED, "Ship | IMO", "Astra | 9111111", "Vega | 9222222"], "Vega | 9222222"),
    "a line of a list": ([NAMED, "• Astra", "• Vega"], "• Vega"),
    "a line right below": (["The ships that were listed:", "Vega"], "Vega"),
    "a line below others": (["The ships that were listed:", "Astra", "Vega"], "Vega"),
    "a row below a long row": (
        [NAMED, "Astra | " + "owned by a firm of Dubai " * 6, "Vega | 9222222"],
        "Vega | 9222222",
    ),
    "a caption between": ([NAMED, "Photo: Harbour Wire/Getty Images.", "Vega | 9222222"], "Vega | 9222222"),
    "a sentence that leans": (["The EU listed two ships. They are Astra and Vega."], "They are Astra and Vega."),
    "one that leans on the paragraph before": (
        ["The EU listed two ships.", "They are Astra and Vega."],
        "They are Astra and Vega.",
    ),
    "one that stands by itself": (["The EU met.", "It listed Vega.", "Britain listed Vega."], "Britain listed Vega."),
    "a line that is a sentence": ([NAMED, "• Astra was blocked.", "• Vega was blocked."], "• Vega was blocked."),
    "a sentence of a list": (
        ["These were listed:", "• Astra: it has oil.", "• Vega: it has gas."],
        "• Vega: it has gas.",
    ),
    "a list below the title": (["Vega", "Astra"], "Vega"),
    "one that leans on a list": (["• Astra", "They include Vega."], "They include Vega."),
    "one of several, behind what is on no act": (
        ["The EU listed three ships.", "Each is older than twenty years.", "Also on the list is Vega."],
        "Also on the list is Vega.",
    ),
    "one behind what somebody says": (
        ["The EU listed a ship of the brothers.", "“We had no choice,” its envoy said.", "So is its owner, Vega."],
        "So is its owner, Vega.",
    ),
    "one behind a question": (
        ["The EU froze what four men own.", "Who are they?", "They are Vega's directors."],
        "They are Vega's directors.",
    ),
    "one behind a caption": (
        ["The EU listed a ship.", "A pier at dawn. Photo: Jane Roe", "It is called Vega."],
        "It is called Vega.",
    ),
    "a name that stands in a sentence too": (["Vega sank in May.", NAMED, "Astra", "Vega"], "Vega"),
    "one that leans on nothing": (["", "They include Vega."], "They include Vega."),
    "a line below nothing": (["", "Vega"], "Vega"),
    "what is not there": (["The EU met."], "They include Vega."),
    "nothing": (["The EU met."], ""),
}
TOLD = {
    "a row of a table": "They run to 40 hulls. …",
    "a line of a list": "They run to 40 hulls. …",
    "a line right below": "The ships that were listed:",
    "a line below others": "The ships that were listed:",
    "a row below a long row": "They run to 40 hulls. …",
    "a caption between": "They run to 40 hulls. …",
    "a sentence of a list": "These were listed:",
    "a sentence that leans": "The EU listed two ships.",
    "one that leans on the paragraph before": "The EU listed two ships.",
    "one of several, behind what is on no act": "The EU listed three ships. …",
    "one behind what somebody says": "The EU listed a ship of the brothers. …",
    "one behind a question": "The EU froze what four men own. …",
    "one behind a caption": "The EU listed a ship.",
    "a name that stands in a sentence too": "They run to 40 hulls. …",
}


@pytest.mark.parametrize("case", CASES)
def test_a_sentence_is_introduced_where_it_does_not_stand_by_itself(case: str) -> None:
    paragraphs, evidence = CASES[case]
    article = Article(
        "a", "https://a.example", "Wire", "Ships", "", tuple(paragraphs), datetime(2026, 11, 28, tzinfo=UTC)
    )
    assert find_lead_in(article.blocks, evidence) == TOLD.get(case, "")


def test_a_long_introduction_is_cut_at_a_word() -> None:
    long = "The Treasury named " + "very many ships of the fleet " * 10 + "on Monday:"
    article = Article("a", "", "Wire", "Ships", "", (long, "Vega"), datetime(2026, 11, 28, tzinfo=UTC))
    lead = find_lead_in(article.blocks, "Vega")
    assert len(lead) <= 200
    assert lead.endswith("…")


_TEXTS = st.text(alphabet="aA1 .:|•\n“”。", max_size=12)


@given(st.lists(_TEXTS, min_size=1, max_size=6), st.integers(0, 5))
def test_any_text_has_a_short_introduction_or_none(paragraphs: list[str], which: int) -> None:
    evidence = paragraphs[which % len(paragraphs)].strip()
    article = Article("a", "", "Wire", "Ships", "", tuple(paragraphs), datetime(2026, 11, 28, tzinfo=UTC))
    assert len(find_lead_in(article.blocks, evidence)) <= 202
