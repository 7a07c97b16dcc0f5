"""Patterns over words: their syntax, what they match, and that no text makes them slow."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.clauses import ClauseKind, read_structure
from bot.matching.cues import Vocabulary, inflect, load_vocabulary
from bot.matching.times import When, find_times
from bot.matching.words import Kind, tokenize

PUBLISHED = date(2025, 6, 12)  # a Thursday


def english() -> Vocabulary:
    vocabulary = load_vocabulary("en")
    assert vocabulary is not None
    return vocabulary


def kinds_in(text: str) -> set[str]:
    vocabulary = english()
    tokens = vocabulary.mark_authorities(tokenize(text, 0, len(text)))
    times = find_times(tokens, vocabulary.calendar, PUBLISHED)
    return {hit.pattern.kind for hit in vocabulary.find(tokens, frozenset(t.start for t in times))}


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("sanction", "sanctioned"),
        ("designate", "designating"),
        ("levy", "levied"),
        ("punish", "punishes"),
        ("list", "lists"),
    ],
)
def test_inflect_makes_regular_forms(word: str, form: str) -> None:
    assert form in inflect(word)


def test_inflect_takes_irregular_forms_as_given() -> None:
    forms = inflect("freeze", ["froze", "frozen", "freezing"])
    assert {"freezes", "froze", "frozen"} <= forms
    assert "freezed" not in forms


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("OFAC designated the yard.", "designation"),
        ("The yard was added to the Treasury's sanctions list.", "designation"),
        ("Ministers are considering sanctions on the yard.", "proposal"),
        ("The Council removed the yard from its list.", "relief"),
        ("The asset freeze was extended until March.", "renewal"),
        ("The yard agreed to pay $2 million.", "enforcement"),
        ("The yard, already sanctioned in 2018, is idle.", "standing"),
        ("The yard is not accused of anything.", "exclusion"),
        ("The player is banned for three matches of the league.", "sense_sport"),
    ],
)
def test_a_sentence_has_the_kind_of_its_words(text: str, kind: str) -> None:
    assert kind in kinds_in(text)


def test_words_too_far_apart_are_no_cue() -> None:
    far = "It put " + "very " * 30 + "much on the list."
    assert not any(kind == "designation" for kind in kinds_in(far))


@pytest.mark.parametrize(
    ("text", "when", "on"),
    [
        ("on Tuesday", When.RECENT, date(2025, 6, 10)),
        ("on 2 June", When.RECENT, date(2025, 6, 2)),
        ("on June 2, 2025", When.RECENT, date(2025, 6, 2)),
        ("on 2 April", When.OLD, date(2025, 4, 2)),
        ("in March 2014", When.OLD, None),
        ("in November", When.OLD, None),
        ("since 2014", When.OLD, None),
        ("until 31 October 2025", When.FUTURE, date(2025, 10, 31)),
        ("next Monday", When.FUTURE, None),
        ("on Oct. 5, 2018", When.OLD, date(2018, 10, 5)),
        ("on June 2.", When.RECENT, date(2025, 6, 2)),
        ("on Jun. 2", When.RECENT, date(2025, 6, 2)),
        ("on 5 Oct. 2018", When.OLD, date(2018, 10, 5)),
        ("in Oct. 2018", When.OLD, None),
        ("on Monday, 15 June 2020,", When.OLD, date(2020, 6, 15)),
        ("on Monday, June 15, 2020,", When.OLD, date(2020, 6, 15)),
        ("on Monday, June 9", When.RECENT, date(2025, 6, 9)),
        ("on 15 June 2020 (Monday)", When.OLD, date(2020, 6, 15)),
        ("on Monday 15 people", When.RECENT, date(2025, 6, 9)),
        ("last Thursday", When.RECENT, date(2025, 6, 5)),
        ("on 15.03.2018", When.OLD, date(2018, 3, 15)),
        ("on 2025-06-10", When.RECENT, date(2025, 6, 10)),
        ("on 3/15/2018", When.OLD, date(2018, 3, 15)),
        ("on 15/3/2018", When.OLD, date(2018, 3, 15)),
        ("on 3/4/2018", When.OLD, None),
        ("on 6/6/2025", When.RECENT, date(2025, 6, 6)),
        ("until 15 March", When.FUTURE, date(2026, 3, 15)),
        ("until the 15 March", When.FUTURE, date(2026, 3, 15)),
        ("in June last year", When.OLD, None),
        ("on 5 June last year", When.OLD, date(2024, 6, 5)),
        ("in June this year", When.RECENT, None),
        ("on 6 June. The past year", When.RECENT, date(2025, 6, 6)),
        ("on 5 June, last year", When.OLD, date(2024, 6, 5)),
        ("on 5 June Britain widened last year 's list", When.RECENT, date(2025, 6, 5)),
    ],
)
def test_dates_are_old_or_new_against_the_day_of_publication(text: str, when: When, on: date | None) -> None:
    tokens = tokenize(text, 0, len(text))
    times = find_times(tokens, english().calendar, PUBLISHED)
    assert [(time.when, time.on) for time in times] == [(when, on)]


@pytest.mark.parametrize(
    ("language", "text", "when", "on"),
    [
        ("de", "bis zum 15. März", When.FUTURE, date(2026, 3, 15)),
        ("de", "am Montag, dem 15. Juni 2020", When.OLD, date(2020, 6, 15)),
        ("fr", "jusqu'au 15 mars", When.FUTURE, date(2026, 3, 15)),
        ("es", "hasta el 15 de marzo", When.FUTURE, date(2026, 3, 15)),
        ("es", "el lunes 15 de junio de 2020", When.OLD, date(2020, 6, 15)),
        ("ru", "до 15 марта", When.FUTURE, date(2026, 3, 15)),
        ("ru", "15.03.2018", When.OLD, date(2018, 3, 15)),
        ("uk", "до 15 березня", When.FUTURE, date(2026, 3, 15)),
        ("de", "am Dienstagabend", When.RECENT, date(2025, 6, 10)),
        ("fr", "jeudi prochain", When.FUTURE, None),
        ("es", "3 de junio del 2024", When.OLD, date(2024, 6, 3)),
        ("es", "Washington, 10 jun (EFE)", When.RECENT, date(2025, 6, 10)),
        ("ru", "МОСКВА, 10 июн", When.RECENT, date(2025, 6, 10)),
        ("fr", "le 10 juin de l'année dernière", When.OLD, date(2024, 6, 10)),
        ("fr", "le 10 juin de l'an passé", When.OLD, date(2024, 6, 10)),
        ("es", "el 10 de junio del año pasado", When.OLD, date(2024, 6, 10)),
        ("de", "am 10. Juni des vergangenen Jahres", When.OLD, date(2024, 6, 10)),
        ("uk", "10 червня торік", When.OLD, date(2024, 6, 10)),
        ("ru", "10 июня прошлого года", When.OLD, date(2024, 6, 10)),
        ("ru", "к прошлой пятнице", When.RECENT, date(2025, 6, 6)),
        ("uk", "минулої п’ятниці", When.RECENT, date(2025, 6, 6)),
        ("uk", "10 червня минулого року", When.OLD, date(2024, 6, 10)),
        ("uk", "у пʼятницю", When.RECENT, date(2025, 6, 6)),  # the apostrophe of the president's office
        ("de", "vom 10.06.", When.RECENT, date(2025, 6, 10)),
        ("fr", "mi-juillet 2024", When.OLD, None),
        ("ko", "2024.12.26", When.OLD, date(2024, 12, 26)),
        ("ko", "06.10.(화)", When.RECENT, date(2025, 6, 10)),
        ("zh", "周二", When.RECENT, date(2025, 6, 10)),
        ("zh", "星期四", When.RECENT, date(2025, 6, 12)),
        ("zh", "上週五", When.RECENT, date(2025, 6, 6)),
        ("zh", "下周二", When.FUTURE, None),
        ("zh", "6月10號", When.RECENT, date(2025, 6, 10)),
        ("zh", "去年6月10日", When.OLD, date(2024, 6, 10)),
        ("zh", "上月25日", When.OLD, date(2025, 5, 25)),
        ("zh", "25日", When.OLD, date(2025, 5, 25)),
        ("zh", "7月1日", When.FUTURE, date(2025, 7, 1)),
        ("zh", "12月5日", When.OLD, date(2024, 12, 5)),
        ("zh", "将于25日", When.FUTURE, date(2025, 6, 25)),
        ("zh", "25日被起诉", When.OLD, date(2025, 5, 25)),
        ("zh", "措施自7月1日起施行", When.RECENT, None),  # it is decided, though not in force
        ("ko", "지난 화요일", When.RECENT, date(2025, 6, 10)),
        ("ko", "지난 5일", When.RECENT, date(2025, 6, 5)),
        ("ko", "지난달 12일", When.OLD, date(2025, 5, 12)),
        ("ko", "지난해 6월 10일", When.OLD, date(2024, 6, 10)),
        ("ko", "오는 25일", When.FUTURE, date(2025, 6, 25)),
        ("ko", "25일 0시부터 시행된다", When.RECENT, None),
        ("ko", "내달 5일", When.FUTURE, None),
    ],
)
def test_dates_of_other_languages(language: str, text: str, when: When, on: date | None) -> None:
    vocabulary = load_vocabulary(language)
    assert vocabulary is not None
    times = find_times(tokenize(text, 0, len(text)), vocabulary.calendar, PUBLISHED)
    assert [(time.when, time.on) for time in times] == [(when, on)]


@pytest.mark.parametrize(
    "text", ["on 6/7/2025 or 7/6/2025", "version 31.02.2018", "2025-13-45", "1/2/3", "99/99/2018", "10 - 5 - 2018"]
)
def test_figures_that_may_be_no_date_are_none_of_a_day(text: str) -> None:
    times = find_times(tokenize(text, 0, len(text)), english().calendar, PUBLISHED)
    assert all(time.on is None for time in times)


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize(
    "text", ["on Sunday and on Monday", "on 1 January", "on 31 December", "15日和1日", "31 January"]
)
def test_dates_are_read_at_both_ends_of_the_calendar(text: str, day: date) -> None:
    find_times(tokenize(text, 0, len(text)), english().calendar, day)


@pytest.mark.parametrize(("language", "text"), [("zh", "公告2025年第13号"), ("zh", "日本"), ("ko", "필요일")])
def test_no_day_is_read_into_other_characters(language: str, text: str) -> None:
    vocabulary = load_vocabulary(language)
    assert vocabulary is not None
    times = find_times(tokenize(text, 0, len(text)), vocabulary.calendar, PUBLISHED)
    assert all(time.on is None for time in times)


def test_the_verb_may_is_no_month() -> None:
    text = "It may act"
    assert find_times(tokenize(text, 0, len(text)), english().calendar, PUBLISHED) == []


def test_a_chinese_date_is_read() -> None:
    text = "2025年6月10日"
    times = find_times(tokenize(text, 0, len(text)), english().calendar, PUBLISHED)
    assert [time.on for time in times] == [date(2025, 6, 10)]


@pytest.mark.parametrize(
    ("language", "text", "codes"),
    [
        ("es", "Un grupo y un diario", []),
        ("fr", "Un groupe a eu un délai", []),
        ("en", "He told us", []),
        ("es", "La ONU, la UE y EE. UU.", ["UN", "EU", "US"]),
        ("fr", "L'ONU, l'UE et les États-Unis", ["UN", "EU", "US"]),
        ("de", "UN, EU, USA und Großbritannien", ["UN", "EU", "US", "UK"]),
        ("en", "The UN, the EU, the UK and the US told us", ["UN", "EU", "UK", "US"]),
        ("zh", "美國與歐盟", ["US", "EU"]),
        ("es", "EU veta a tres bancos mexicanos", ["US"]),  # in Mexico, where Europe is "UE"
        ("de", "Der Rat hat sie gelistet", ["EU"]),
    ],
)
def test_which_authorities_a_text_names(language: str, text: str, codes: list[str]) -> None:
    """ "Un" is an article in Spanish and French, "eu" a verb: letters for a name are written in capitals."""
    vocabulary = load_vocabulary(language)
    assert vocabulary is not None
    tokens = vocabulary.mark_authorities(tokenize(text, 0, len(text)))
    assert [token.authority for token in tokens if token.authority] == codes


def test_authorities_are_joined_to_one_token() -> None:
    text = "The US Treasury and us"
    tokens = english().mark_authorities(tokenize(text, 0, len(text)))
    assert [token.low for token in tokens if token.kind is Kind.AUTHORITY] == ["us treasury"]


def test_a_relative_clause_is_told_from_the_main_one() -> None:
    text = "The yard, which was listed in 2018, was fined on Monday."
    vocabulary = english()
    tokens = vocabulary.mark_authorities(tokenize(text, 0, len(text)))
    structure = read_structure(tokens, vocabulary)
    said = {clause.kind: [tokens[i].low for i in clause.tokens] for clause in structure.clauses}
    assert "listed" in said[ClauseKind.RELATIVE]
    assert {"yard", "fined"} <= set(said[ClauseKind.MAIN])
    assert "listed" not in said[ClauseKind.MAIN]


@pytest.mark.parametrize(
    "part", ["put on ", "added to ", "a" * 40 + " ", "not ", ", and ", "who ", "(", '"', "制", "1.", "'s "]
)
def test_no_text_makes_reading_slow(part: str) -> None:
    vocabulary = english()
    text = part * (20_000 // len(part))
    started = time.process_time()
    tokens = vocabulary.mark_authorities(tokenize(text, 0, len(text)))
    vocabulary.find(tokens)
    read_structure(tokens, vocabulary)
    assert time.process_time() - started < 3.0


@given(st.text(max_size=200))
def test_tokens_keep_their_places(text: str) -> None:
    for token in tokenize(text, 0, len(text)):
        assert text[token.start : token.end] == token.text
