"""Key points: facts first, in the article's own words, nothing supposed, nothing invented."""

from __future__ import annotations

import json
import re
import string
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import Article, Entity, Finding, Judgement, Mention, Schema, Strength, Verdict
from bot.summaries import MAX_BULLETS, MAX_LENGTH, with_key_points
from bot.summaries.listing import list_of_names
from bot.summaries.points import _relevance
from bot.summaries.reading import Reading
from bot.summaries.shortening import shorten
from bot.summaries.wording import (
    means_somebody_before,
    tells_how_many,
    tells_of_earlier,
    tells_of_silence,
)
from bot.text.acts import tells_of_acting
from bot.text.datelines import plain
from bot.text.phrasing import leans_back, split_sentences

JUDGEMENT_SETS = sorted((Path(__file__).parent.parent / "data" / "judgement").glob("*.jsonl"))


def article(
    title: str, *paragraphs: str, summary: str = "", points: tuple[str, ...] = (), language: str = "en"
) -> Article:
    return Article(
        key="a", url="https://example.org/a", outlet="Example", title=title, summary=summary, paragraphs=paragraphs,
        published_at=datetime(2025, 2, 21, tzinfo=UTC), key_points=points, language=language,
    )  # fmt: skip


def mentions(key: str, names: tuple[str, ...], text: Article) -> Iterator[Mention]:
    for number, block in enumerate(text.blocks):
        for name in names:
            for found in re.finditer(re.escape(name), block.text):
                yield Mention(key, number, found.start(), found.end(), found.group(), Strength.STRONG, name)


def judged(
    text: Article, verdicts: dict[str, Verdict], event: Verdict | None = Verdict.NEW_SANCTIONS, evidence: str = ""
) -> tuple[Judgement, dict[str, Entity]]:
    """A judgement with each name of `verdicts` found wherever the article writes it; evidence: its first sentence."""
    findings = []
    for name, verdict in verdicts.items():
        found = tuple(mentions(name, (name,), text))
        sentences = [s for block in text.blocks[1:] for s in split_sentences(block.text) if name in s]
        findings.append(
            Finding(name, verdict, 0.9, evidence=evidence or (sentences[0] if sentences else ""), mentions=found)
        )
    return Judgement(text.key, tuple(findings), event), {name: Entity(name, Schema.COMPANY, name) for name in verdicts}


def points_of(
    text: Article, verdicts: dict[str, Verdict], event: Verdict | None = Verdict.NEW_SANCTIONS
) -> tuple[str, ...]:
    judgement, entities = judged(text, verdicts, event)
    return with_key_points(text, judgement, entities).key_points


NEW, BYSTANDER, POSSIBLE = Verdict.NEW_SANCTIONS, Verdict.BYSTANDER, Verdict.POSSIBLE

CONGO = article(
    "US punishes Rwandan minister",
    "By Jane Roe",
    "KIGALI, Feb 21 (Example) - The United States on Thursday imposed sanctions on James Kabarebe, a Rwandan minister, "
    "and Kingston Fresh.",
    "Photo: James Kabarebe at a summit in 2023 (Example/Getty)",
    "Kabarebe handles much of the $100 million that the rebels earn from minerals, the Treasury said.",
    "If Washington ever sanctioned Bank of Kigali, the franc would collapse, an analyst at Example Partners wrote.",
    "Will others follow?",
    "Congo's spokesman Patrick Muyaya welcomed the step and called for more.",
    "Read more: How minerals leave Congo",
    "Jane Roe is a correspondent in Nairobi.",
)


def test_the_act_comes_first_without_its_dateline() -> None:
    points = points_of(CONGO, {"James Kabarebe": NEW, "Kingston Fresh": NEW})
    assert points[0].startswith("The United States on Thursday imposed sanctions on James Kabarebe")
    assert any("$100 million" in point for point in points)


@pytest.mark.parametrize("never", ["If Washington", "Will others", "By Jane", "Photo", "Read more", "correspondent"])
def test_suppositions_questions_and_furniture_are_left_out(never: str) -> None:
    assert not [point for point in points_of(CONGO, {"James Kabarebe": NEW}) if never in point]


def test_nothing_is_said_of_an_article_that_reports_no_sanctions_event() -> None:
    assert points_of(CONGO, {"James Kabarebe": Verdict.UNRELATED}, event=None) == ()
    assert points_of(CONGO, {"James Kabarebe": BYSTANDER}, event=BYSTANDER) == ()


def test_a_new_designation_among_others_makes_the_article_one_of_new_sanctions() -> None:
    assert points_of(CONGO, {"James Kabarebe": NEW}, event=None) != ()


def test_the_outlets_own_key_points_are_used_but_not_what_they_only_suppose() -> None:
    text = article(
        "Strategy shows resolve",
        "The Treasury on Tuesday put ten firms on its list, Zhicheng Metal among them, for buying coal from the North.",
        points=(
            "The latest measures against Zhicheng Metal could anger Beijing",
            "If Washington ever went after a large bank, that would hurt ties",
        ),
    )
    points = points_of(text, {"Zhicheng Metal": NEW})
    assert "The latest measures against Zhicheng Metal could anger Beijing" in points
    assert not [point for point in points if "ever" in point]


def test_in_an_article_about_proposals_what_would_be_is_told_with_its_hedge() -> None:
    text = article(
        "Bill aims at Tbilisi",
        "A bill that would place leaders of Georgian Dream under sanctions passed the House on Monday by 349 to 42.",
        "Suppose that Georgian Dream were listed tomorrow: nobody would notice.",
    )
    points = points_of(text, {"Georgian Dream": POSSIBLE}, event=POSSIBLE)
    assert any("would place leaders" in point for point in points)
    assert not [point for point in points if "Suppose" in point]


LISTED = ("Alpha Trading", "Beta Shipping", "Gamma Metals", "Delta Finance", "Epsilon Oil")


def test_many_names_are_listed_in_one_bullet() -> None:
    spread = [
        f"{name} was added to the list because it sold parts to the army, the ministry said on Friday."
        for name in LISTED
    ]
    points = points_of(article("Five firms listed", *spread), dict.fromkeys(LISTED, NEW))
    assert "On the list: Alpha Trading, Beta Shipping, Gamma Metals, Delta Finance, Epsilon Oil" in points


@pytest.mark.parametrize(
    ("line", "written", "called"),
    [
        ("Kira K | 9346720 | Barbados", ("Kira K", "9346720"), "Kira K"),
        ("Darkvault LLC (a.k.a. Darkvault Hosting)", ("Darkvault LLC", "Darkvault Hosting"), "Darkvault LLC"),
        ("Grani, or Grani Elektron, of Tula", ("Grani", "Grani Elektron"), "Grani Elektron"),
        ('LLC "Grani", of Moscow', ('LLC "Grani',), 'LLC "Grani"'),
    ],
)
def test_a_list_calls_somebody_by_the_name_that_comes_first(line: str, written: tuple[str, ...], called: str) -> None:
    text = article("Ships listed", "Britain has added these to its list.", line, "Beta Shipping was listed too.")
    told, _ = judged(text, {"Beta Shipping": NEW})
    found = sorted(mentions("k", written, text), key=lambda mention: mention.start)
    numbered = (replace(one, strength=Strength.IDENTIFIER) if one.surface.isdigit() else one for one in found)
    findings = (*told.findings, Finding("k", NEW, 0.9, mentions=tuple(numbered)))
    assert list_of_names(Reading(text, findings, NEW, ()), ()) == f"On the list: {called}, Beta Shipping"


def test_a_russian_list_has_names_in_the_nominative() -> None:
    """Also of those whom the watchlist has in Latin letters: the title has «Роснефти»."""
    text = article(
        "США ввели санкции против «Роснефти» и «Башнефти»",
        "В список внесена «Роснефть».",
        "За нею следует «Башнефть».",
        language="ru",
    )
    named = {"Rosneft": ("Роснефти", "Роснефть"), "Bashneft": ("Башнефти", "Башнефть")}
    findings = tuple(
        Finding(key, NEW, 0.9, mentions=tuple(replace(one, form=key) for one in mentions(key, forms, text)))
        for key, forms in named.items()
    )
    assert list_of_names(Reading(text, findings, NEW, ()), ()) == "В списке: Роснефть, Башнефть"


def test_an_item_of_a_list_that_tells_an_address_is_on_it() -> None:
    item = "- Gamma Mill LLC, of Dubai, www.gamma.example"
    text = article("Ships listed", "Britain has added these to its list.", item, "- Beta Shipping", "- Alpha Trading")
    told, _ = judged(text, {"Alpha Trading": NEW, "Beta Shipping": NEW})
    assert "Gamma Mill LLC" in str(list_of_names(Reading(text, told.findings, NEW, ()), ()))


@pytest.mark.parametrize(
    "caption",
    [
        "FILE PHOTO: Kabarebe at a parade of the army in Kigali, which the Treasury sanctioned. He spoke of peace.",
        "Kabarebe, a minister whom the Treasury named, at a parade in Kigali on May 3, 2024. Photographer: Jane Roe",
        "Kabarebe stands beside a general at a parade of the army in Kigali on May 3, 2024. (AFP)",
    ],
)
def test_what_a_caption_tells_is_no_key_point(caption: str) -> None:
    act = "The United States on Thursday imposed sanctions on James Kabarebe, a Rwandan minister."
    assert points_of(article("US punishes Rwandan minister", caption, act), {"Kabarebe": NEW}) == (act,)


def test_what_an_agency_signs_is_told_where_it_is_on_an_act() -> None:
    act = "The United States on Thursday imposed sanctions on James Kabarebe, a Rwandan minister."
    points = points_of(article("US punishes Rwandan minister", f"{act} (AFP)"), {"Kabarebe": NEW})
    assert [point.startswith(act) for point in points] == [True]


def test_a_row_of_a_table_makes_no_caption_of_what_is_before_it() -> None:
    act = "Britain put Alpha Trading on its list of sanctions on Tuesday, the Foreign Office said."
    points = points_of(article("Ships listed", act, "Alpha Trading | Dubai"), {"Alpha Trading": NEW})
    assert [point for point in points if "on its list of sanctions on Tuesday" in point]


def test_items_of_a_list_in_one_bullet_are_parted() -> None:
    text = article(
        "The package",
        "- Alpha Trading is listed for the first time, with its refinery",
        "- Beta Shipping is listed, which runs the flag from the Emirates",
    )
    points = points_of(text, {"Alpha Trading": NEW, "Beta Shipping": NEW})
    assert not [point for point in points if "refinery Beta" in point]


def test_a_sentence_with_all_the_names_makes_the_list_needless() -> None:
    text = article("Three listed", f"The ministry put {LISTED[0]}, {LISTED[1]} and {LISTED[2]} on its list on Friday.")
    assert points_of(text, dict.fromkeys(LISTED[:3], NEW)) == (text.paragraphs[0],)


def test_untracked_items_beside_a_listed_one_are_named_too() -> None:
    text = article(
        "Canada adds names to its list",
        "Canada today added the following to its list.",
        "- Hossein Salami, commander",
        "- Evin Prison, where prisoners are held",
        "- Ali Shamkhani, secretary of the council",
        "The minister thanked her officials for their work on the measures.",
    )
    points = points_of(text, {"Evin Prison": NEW})
    assert any(point.endswith("Hossein Salami, Evin Prison, Ali Shamkhani") for point in points)


def test_an_item_that_is_judged_otherwise_is_not_named_as_listed() -> None:
    text = article(
        "Lists",
        "Canada added these to its list.",
        "- Alpha Trading",
        "- Beta Shipping",
        "- Gamma Metals",
        "- Delta Finance",
    )
    points = points_of(text, {"Alpha Trading": NEW, "Beta Shipping": Verdict.RELIEF})
    assert not [point for point in points if "Gamma Metals" in point and "Beta Shipping" in point]


HIT = "The Treasury on Thursday imposed sanctions on several makers of machines that supply the army."
BLOCKED = "The assets of the companies in the United States are blocked, the Treasury said on Thursday."


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (
            ("- Gefest-M LLC", "- Nord Axis LLC", "- Technopole", "Recommended Stories", "Trump Meets Xi Jinping"),
            ("Gefest-M LLC", "Nord Axis LLC", "Technopole"),
        ),
        (
            ("Gefest-M LLC", "Nord Axis LLC", "ООО Технополь", "What Happens Next"),
            ("Gefest-M LLC", "Nord Axis LLC", "ООО Технополь"),
        ),
        (
            ("Sanctioned Entities", "Gefest-M LLC", "Nord Axis LLC", "Licensed Under Licence 13", "Alfa Capital LLC"),
            ("Gefest-M LLC", "Nord Axis LLC"),
        ),
        (
            ("• Hengli Trading Co., Ltd.", "• Gefest-M LLC", "• Nord Axis LLC", "• Zibo Chemical Inc"),
            ("Hengli Trading Co., Ltd.", "Gefest-M LLC", "Nord Axis LLC", "Zibo Chemical Inc"),
        ),
        (
            ("1. Ivan Petrov, director", "2. Gefest-M LLC", "3. Nord Axis LLC", "Contact Details"),
            ("Ivan Petrov", "Gefest-M LLC", "Nord Axis LLC"),
        ),
        (
            ("- Technopole – Moscow's largest maker", "- Gefest-M LLC", "- Nord Axis LLC"),
            ("Technopole", "Gefest-M LLC", "Nord Axis LLC"),
        ),
        (
            ("- Nord Axis LLC Trading", "- Nord Axis LLC", "- Gefest-M LLC"),
            ("Nord Axis LLC Trading", "Nord Axis LLC", "Gefest-M LLC"),
        ),
    ],
    ids=[
        "a box of stories behind a list with marks",
        "a heading behind one without",
        "two lists with headings",
        "a stop and a comma of the legal form",
        "a list with numbers",
        "what an item is said to be",
        "a name within another's",
    ],
)
def test_the_list_ends_where_its_names_end(lines: tuple[str, ...], named: tuple[str, ...]) -> None:
    text = article("Makers of machines hit", HIT, "The following were added to the list:", *lines, BLOCKED)
    tracked = ["Gefest-M LLC", "Nord Axis LLC"] + [name for name in named if name == "Nord Axis LLC Trading"]
    listed = [point for point in points_of(text, dict.fromkeys(tracked, NEW)) if point.startswith("On the list")]
    assert listed == [f"On the list: {', '.join(named)}"]


def test_what_there_is_to_spare_repeats_neither_a_bullet_nor_what_decided() -> None:
    text = article(
        "Pump makers hit",
        "The Treasury froze the assets of Morvanta, which sold 40 pumps worth $3 million to the navy and of nine"
        " firms in Tula, Perm and Samara that helped it to evade a ban on such exports.",
        "It also cut off Lugosk, a bank in Samara with 14 branches and assets of $210 million, which had paid for the"
        " pumps since 2023 by way of two accounts in Dubai and one in Almaty.",
        "The measures are the eleventh since 2022 under Executive Order 14024 and bring the number of those listed to"
        " 2,310, of whom 411 are in third countries, an official told reporters in Washington.",
        "Oleg Sabitov, the director of Morvanta, called the decision absurd and said that its 1,200 workers would go on"
        " making turbines for frigates, 12 of which are to be finished by 2027.",
        "Exports of the pumps had doubled to $90 million within two years, customs figures of Turkey and Georgia show,"
        " while those of machine tools fell by 34 percent to $410 million in the same time.",
        "Firms that deal with the ten have until 14 May to wind down their contracts, according to general licence 55,"
        " which does not cover deliveries of spare parts worth more than $50,000.",
    )
    judgement, entities = judged(text, {"Morvanta": Verdict.NEW_SANCTIONS, "Lugosk": Verdict.NEW_SANCTIONS})
    told = with_key_points(text, judgement, entities)
    assert len(told.key_points) == MAX_BULLETS
    assert told.spare_points
    deciding = {finding.evidence for finding in judgement.findings}
    assert deciding.isdisjoint(told.spare_points)
    assert not any(point in whole for point in told.spare_points for whole in told.key_points)


def test_two_bullets_do_not_tell_the_same() -> None:
    line = "The Treasury on Monday blacklisted Alpha Trading for shipping 40 tonnes of steel to the arms maker Omega."
    text = article("Alpha Trading blacklisted", line, line.replace("on Monday ", "this Monday "), summary=line)
    assert len(points_of(text, {"Alpha Trading": NEW})) == 1


@pytest.mark.parametrize(
    ("language", "paragraph", "name"),
    [
        ("ru", "Минфин США в четверг внес банк «Альфа» в санкционный список из-за сделок на 5 млрд руб.", "Альфа"),
        ("uk", "Президент у четвер підписав указ про санкції проти компанії «Омега» через постачання зброї.", "Омега"),
        (
            "es",
            "El Tesoro incluyó este jueves a Naviera Sur en su lista por transportar 3 millones de barriles.",
            "Naviera Sur",
        ),
        (
            "de",
            "Die EU setzte am Dienstag die Reederei Nordlicht auf ihre Sanktionsliste, weil sie Öl befördert.",
            "Nordlicht",
        ),
        (
            "fr",
            "L'Union européenne a inscrit jeudi la société Horizon sur sa liste et gelé ses avoirs en Europe.",
            "Horizon",
        ),
        ("zh", "商务部13日将北方银行列入反制清单，禁止境内组织和个人与其进行交易，自当日起施行。", "北方银行"),
        ("ko", "정부는 14일 북극해운을 독자제재 대상으로 지정했다고 외교부가 서울에서 밝혔다.", "북극해운"),
        ("zh", "财政部当天将北方银行列入制裁名单。", "北方银行"),
        ("ko", "정부는 북극해운을 제재했다.", "북극해운"),
    ],
)
def test_other_languages(language: str, paragraph: str, name: str) -> None:
    text = article("", paragraph, language=language)
    assert points_of(text, {name: NEW}) == (paragraph,)


@pytest.mark.parametrize(
    ("text", "leans"),
    [
        ("He shares the fate of his refinery.", True),
        ("The bank did not comment on the decision.", True),
        ("The bank Rossiya did not comment.", False),
        ("On account of that, the two were listed.", True),
        ("There are 65 other individuals on the list.", False),
        ("Among those targeted by the Treasury were three coal firms.", False),
        ("Those who deal with Orlan Works may be listed too.", False),
        ("Among those were three coal firms.", True),
        ("In Sarajevo she told reporters of the ban.", False),
        ("For what it called corruption, the Treasury listed him.", False),
    ],
)
def test_a_sentence_that_needs_the_one_before_it_is_known(text: str, leans: bool) -> None:
    assert leans_back(text) is leans


ORLAN = "The Treasury on Monday blacklisted Orlan Works, a yard in Astrakhan, for building barges for the fleet."


@pytest.mark.parametrize(
    ("text", "is_somebody"),
    [
        ("The Treasury put him and Orlan Bank, an exchange in Tula, on its list.", True),
        ("On Tuesday Washington blacklisted it for having built a channel to the North.", True),
        ("The EU had listed him in February.", True),
        ("The Treasury put Oleg Sabitov and his brother on its list.", False),
        ("The Treasury listed a general and his two sons on Monday.", False),
        ("The Treasury said that it had acted together with London.", False),
        ("Oleg Sabitov says that the Treasury listed him by mistake.", False),
    ],
)
def test_whom_a_sentence_means_and_does_not_name_is_known_where_it_names_who_acts_alone(
    text: str, is_somebody: bool
) -> None:
    assert means_somebody_before(text) is is_somebody


SABITOV = (
    "Oleg Sabitov led the fifth department of the security service, and when he left it he bought two yards in"
    " Astrakhan, an island in the delta, a club of the second division and the newspapers that had written about them."
)


@pytest.mark.parametrize("opening", ["He lost all of it on Monday, when", "On Monday"])
def test_whom_a_bullet_means_stands_in_it_be_the_sentence_before_made_shorter(opening: str) -> None:
    act = f"{opening} the Foreign Office froze his accounts, worth £14 million, for paying for the war."
    text = article("A guest less", f"{SABITOV} {act}")
    told = with_key_points(text, *judged(text, {"Oleg Sabitov": NEW}, evidence=act))
    assert told.key_points[0].startswith("Oleg Sabitov led the fifth department of the security service")
    assert told.key_points[0].endswith(f" … {act}")


def test_the_sentence_before_is_not_made_shorter_by_the_name_that_it_stands_there_for() -> None:
    named = SABITOV.replace("Oleg Sabitov", "A man").replace("an island in the delta", "Oleg Sabitov's island")
    act = "On Monday the Foreign Office froze his accounts, worth £14 million, for paying for the war."
    points = points_of(article("A guest less", f"{named} {act}"), {"Oleg Sabitov": NEW})
    assert not [point for point in points if f"… {act}" in point and "Sabitov" not in point]


def test_a_bullet_that_means_something_that_it_does_not_name_gives_way_to_one_that_reads_alone() -> None:
    text = article(
        "Yard hit",
        ORLAN,
        "Nobody at the gate would speak. " * 8,
        "It was built for $14 million with 4 docks for 90 boats.",
    )
    assert points_of(text, {"Orlan Works": NEW}) == (ORLAN,)


@pytest.mark.parametrize(
    "text",
    [
        "China's foreign ministry announced countermeasures against seven companies.",
        "The administration has forbidden five campaigners to set foot in the country.",
        "Orlan Works may no longer buy parts in Europe.",
        "Nor may his wife, Anna Sabitova, enter Canada.",
        "Fourteen firms were put on the unreliable entity list.",
    ],
)
def test_measures_that_are_not_called_sanctions_are_known(text: str) -> None:
    assert tells_of_acting(text)


@pytest.mark.parametrize(
    ("text", "is_count"),
    [
        ("Seven Iranians and a prison were affected.", True),
        ("Twelve lawmakers and two institutions may not enter.", True),
        ("Eleven lenders lose access to the dollar.", True),
        ("Two Mondays later it was over.", False),
        ("Four million Syrians fled.", False),
    ],
)
def test_whoever_is_counted_is_known(text: str, is_count: bool) -> None:
    assert tells_how_many(text) is is_count


@pytest.mark.parametrize(
    ("text", "is_earlier"),
    [
        ("Its rival has been on the list since 2018.", True),
        ("London had frozen their assets last year.", True),
        ("Его брат под санкциями с 2014 года.", True),
        ("Der Bruder steht seit 2014 auf der Liste.", True),
        ("The measures were announced in May 2025.", False),
        ("Washington acted on Monday.", False),
    ],
)
def test_what_is_told_of_another_time_is_known(text: str, is_earlier: bool) -> None:
    assert tells_of_earlier(text, 2025) is is_earlier


def test_a_word_that_begins_like_months_takes_no_longer_than_others() -> None:
    started = time.process_time()
    assert not tells_of_earlier(f"It fell in {'jan' * 24}.", 2025)  # each more would double it
    assert time.process_time() - started < 1.0


def test_an_act_of_an_earlier_year_is_worth_less_than_one_of_this_day() -> None:
    text = article(
        "Yards hit",
        ORLAN,
        "Its rival Lugosk was blacklisted by the Treasury in 2018 for 14 frigates.",
        "Volgar was blacklisted by the Treasury on Monday for 14 corvettes.",
    )
    reading = Reading(text, judged(text, {"Orlan Works": NEW})[0].findings, NEW, ())
    rival, other = reading.sentences[1:]
    assert _relevance(rival, reading) < _relevance(other, reading)


def test_the_number_of_those_listed_is_told_though_a_list_follows_it() -> None:
    text = article(
        "Yard hit",
        ORLAN,
        "The 18 individuals and entities designated today come from four groups:",
        "- Builders of barges on the lower Volga and their bankers",
    )
    points = points_of(text, {"Orlan Works": NEW})
    assert any("The 18 individuals and entities designated today come from four groups …" in point for point in points)
    assert not [point for point in points if point.endswith(":")]


def test_a_name_in_a_sentence_too_short_to_stand_alone_is_told_behind_the_one_before_it() -> None:
    text = article("Yard hit", "A yard in Astrakhan was blacklisted by the Treasury on Monday. The name is Orlan.")
    assert points_of(text, {"Orlan": NEW}) == (
        "A yard in Astrakhan was blacklisted by the Treasury on Monday. The name is Orlan.",
    )
    assert points_of(article("Yard hit", "The name is Orlan."), {"Orlan": NEW}) == ()


def test_two_matters_of_two_paragraphs_are_no_one_bullet() -> None:
    ports = "Ports in Finland took in $52 million in May from 30 cargoes."
    pilots = "Denmark's Lars Holm wants to hire 30 pilots for €40 million."
    points = points_of(article("Baltic brief", ORLAN, ports, pilots), {"Orlan Works": NEW})
    assert not [point for point in points if ports in point and pilots in point]


def test_what_some_put_in_closing_marks_at_both_ends_is_a_closed_quotation() -> None:
    told = "On Tuesday the Treasury announced ”secondary sanctions” against Orlan Works and nine banks that helped it."
    assert told in points_of(article("Yard hit", told), {"Orlan Works": NEW})


@pytest.mark.parametrize(
    ("text", "is_silent"),
    [
        ("Mr Roe's office in Lugano did not return a call on Tuesday.", True),
        ("Orlan Works could not immediately be reached by telephone.", True),
        ("Its director, Oleg Sabitov, declined to comment on it.", True),
        ("Orlan Works, whose accounts are frozen, had no comment.", False),
        ("La empresa no respondió a las preguntas del diario.", True),
        ("Компания отказалась от комментариев по этому поводу.", True),
        ("The director answered that 400 people would lose their jobs.", False),
    ],
)
def test_that_somebody_did_not_answer_is_no_key_point(text: str, is_silent: bool) -> None:
    assert tells_of_silence(text) is is_silent
    told = points_of(article("Yard hit", ORLAN, f"The fleet is the fourth largest. {text}"), {"Orlan Works": NEW})
    assert told
    assert not (is_silent and text in " ".join(told))


def test_no_key_point_begins_or_ends_within_a_quotation() -> None:
    text = article(
        "Yard hit",
        ORLAN,
        'Sabitov, who owns Orlan Works, told reporters: "They hit Orlan Works for its 12 barges and 400 men. The'
        ' Treasury wants Orlan Works, in Astrakhan, to build for America." Work went on.',
    )
    for point in points_of(text, {"Orlan Works": NEW}):
        assert point.count('"') % 2 == 0


def test_a_place_and_a_day_are_no_key_point() -> None:
    line = "ASTRAKHAN / SAMARA, 13 June."
    told = points_of(article("Yard hit", f"{line} {ORLAN}"), {"Orlan Works": NEW})
    assert told == (ORLAN,)


def test_the_number_of_those_hit_is_told_and_a_ceremony_is_not() -> None:
    text = article(
        "Washington hits the movement's bankers",
        "The United States on Thursday imposed sanctions on Alpha Trading, of Dubai, for moving oil for the rebels.",
        "More than 500 people and companies are affected.",
        "Presidents of two islands attended the inauguration that day. Brazil sent an ambassador to the palace.",
    )
    points = " ".join(points_of(text, {"Alpha Trading": NEW}))
    assert "500 people and companies" in points
    assert "inauguration" not in points


# ---------------------------------------------------------------- sentences and shortening


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("The U.S. Treasury acted. It listed Mr. Roe of Alpha Co. and two more.", 2),
        ("An order (E.O.) 13722 applies. The bank paid 1.5 million.", 2),
        ("Am 3. Mai trat das 17. Paket in Kraft. Es nennt Schiffe.", 2),
        ("第一句。第二句！", 2),
        ("El Tesoro retiró a Acme S.A. El banco calló.", 2),
        ("El presidente de EE. UU. Donald Trump habló.", 1),
        ("Viajó a EE. UU. El lunes volvió.", 2),
        ("Das Amt sperrte die Konten der Acme AG. Die Bank schwieg.", 2),
        ("Он под санкциями с 2022 г. В список его внёс Минфин.", 2),
        ("Завод им. В. И. Ленина в г. Туле стоит.", 1),
        ("Messrs. Roe, Poe and Cllr. Anna Doe were listed. The party kept silent.", 2),
        ("It flies the flag of Polaris 1. The head of the firm fled.", 2),
    ],
)
def test_sentences_end_where_they_end(text: str, parts: int) -> None:
    assert len(list(split_sentences(text))) == parts


def test_long_runs_of_stops_take_no_longer_than_other_text() -> None:
    started = time.process_time()
    assert list(split_sentences("." * 20_000 + "x"))
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    "dateline",
    [
        "WASHINGTON, Nov. 4 (Example) -- ",
        "NEW DELHI: ",
        "QUITO. ",
        "KAMPALA — ",
        "WASHINGTON—",
        "LONDON/KYIV - ",
        "May 2 (Example-Ukraine) - ",
        "Wien/Berlin – ",
        "07:48 - ",
        "12:30 GMT: ",
        "10.30 a.m. - ",
        "10.30 GMT – ",
        "• ",
        "(서울=통신) ",
        "[서울=통신] 홍길동 기자 = ",
        "【明報專訊】",
        "中央社台北5日電 ",
        "Washington, 24 oct (EFE).- ",
        "ASUNCIÓN.- ",
        "Bruxelles, le 17 mars 2025 – ",
        "PORT-AU-PRINCE, 22 mai (Exemple) — ",
        "Bern, 24.02.2025 - ",
        "Kiew, 3. Mai (dpa) - ",
        "Брюссель, 5 марта (Пример) — ",
        "ZELKOVA, Northern Coast – ",
        "ZELKOVA, Northern Coast of Vesk (Example) — ",
        "Zelkova, September 9th 2011 – ",
        "WASHINGTON, June 27 ",
        "WASHINGTON Feb 23 ",
        "(Example) -- ",
        "• – ",
    ],
)
def test_datelines_clocks_and_list_marks_are_dropped(dateline: str) -> None:
    assert plain(dateline + "Treasury listed ten firms.") == "Treasury listed ten firms."


@pytest.mark.parametrize(
    "text",
    [
        "Rosneft – Russia's largest oil producer – was hit with sanctions on Thursday.",
        "Rosneft and Lukoil — Russia's two largest oil companies — were listed on Wednesday.",
        "HUAWEI -- China's largest maker of telephones -- was listed.",
        "1.25 Billion was frozen.",
        "10.30 Million dollars were frozen.",
    ],
)
def test_a_sentence_keeps_its_subject(text: str) -> None:
    assert plain(text) == text


def test_a_dateline_goes_though_an_insertion_follows() -> None:
    text = "Ten firms – all of them in Tula – were listed."
    assert plain(f"WASHINGTON (Example) – {text}") == text


@pytest.mark.parametrize("opening", ["Rosneft — ", "ROSNEFT: ", "(Rosneft) "])
def test_who_is_found_in_the_article_is_no_dateline(opening: str) -> None:
    text = f"{opening}Moscow's largest producer of oil, was put on the list by the Treasury on Thursday."
    assert plain(text, {"rosneft"}) == text
    assert points_of(article("Oil", text), {"Rosneft" if "Ros" in opening else "ROSNEFT": NEW}) == (text,)


FILLING = (
    "for its part in moving crude oil worth hundreds of millions of dollars between ports in the east of the country"
)


def test_a_long_sentence_ends_at_a_clause_with_its_attribution() -> None:
    middle = ", which officials had watched for some three years or even longer than that"
    long = f"The Treasury listed Alpha Trading of Dubai on Monday {FILLING}{middle}, the department said."
    short = shorten(long)
    assert len(short) <= MAX_LENGTH
    assert short == f"The Treasury listed Alpha Trading of Dubai on Monday {FILLING}, the department said."


def test_an_insertion_goes_before_a_clause_does() -> None:
    insertion = ", which has traded in oil and metals since the days of the old king,"
    long = f"The Treasury put Alpha Trading{insertion} on its list {FILLING} on Monday afternoon."
    assert shorten(long) == f"The Treasury put Alpha Trading on its list {FILLING} on Monday afternoon."


@pytest.mark.parametrize(
    "condition",
    [
        ", unless the court decides otherwise before the end of the month",
        ", if the council agrees on it in the week after next",
    ],
)
def test_a_condition_is_never_cut_away(condition: str) -> None:
    long = f"The ministry will put Alpha Trading of Dubai on its list, along with two others {FILLING}{condition}."
    assert shorten(long) == ""


def test_a_negation_inside_an_insertion_stays() -> None:
    insertion = ", which is not the firm of the same name in Oslo that sells furniture,"
    long = f"The Treasury put Alpha Trading{insertion} on its list {FILLING} on Monday."
    assert "Alpha Trading on its list" not in shorten(long)


def test_a_subject_does_not_lose_its_verb() -> None:
    relative = (
        f"whom the department had named a global terrorist in May of that year {FILLING}, where he was well known"
    )
    long = f"Mohammad Roe, {relative}, pleaded guilty."
    assert shorten(long) == "" or "pleaded" in shorten(long)


def test_quotations_are_closed() -> None:
    said = (
        f"this firm has helped the army, and we have listed it {FILLING}, which we shall go on doing for ever and a day"
    )
    long = f"The minister said “{said}” to reporters."
    assert shorten(long).count("“") == shorten(long).count("”")


# ---------------------------------------------------------------- whatever the text


def source_of(text: Article) -> str:
    return " ".join(" ".join(block.text for block in text.blocks).split()).casefold()


def loose_words(point: str, text: Article) -> list[str]:
    """Numbers and capitalised words of a bullet that its article does not have."""
    words = re.findall(r"\d[\d.,]*\d|\d|\b[A-Z][\w'’-]{2,}", point)
    return [word for word in words if word.casefold().strip("'’s") not in source_of(text)]


FRAGMENTS = st.sampled_from(
    [
        *(
            "The Treasury on Monday added Alpha Trading to its list.",
            "Alpha Trading, which sold 12 ships (two old), was hit",
        ),
        *(
            "If Alpha ever",
            "\n\n",
            "• ",
            "https://example.org",
            '"We',
            "“",
            "))))",
            "((((",
            "U.S. ",
            "$5 million",
            ",",
            " – ",
        ),
        *(
            ", which ",
            " that ",
            "…",
            "制裁。",
            "제재했다.",
            "\u202e",
            "\u0000",
            "\ud800",
            "İ",
            "ß",
            "ﬁ",
            "Alpha Trading",
        ),
        *("A" * 300, "a. " * 80, ", and " * 60),
    ]
)
HOSTILE = st.lists(FRAGMENTS | st.text(max_size=40) | st.text(string.printable, max_size=60), max_size=14).map(" ".join)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    title=HOSTILE,
    summary=HOSTILE,
    paragraphs=st.lists(HOSTILE, max_size=6),
    points=st.lists(HOSTILE, max_size=2),
    evidence=HOSTILE,
    verdict=st.sampled_from(list(Verdict)),
    event=st.none() | st.sampled_from(list(Verdict)),
    language=st.sampled_from(["en", "zh", "ko", "xx", ""]),
)
def test_any_text_gives_few_short_grounded_bullets(
    title: str,
    summary: str,
    paragraphs: list[str],
    points: list[str],
    evidence: str,
    verdict: Verdict,
    event: Verdict | None,
    language: str,
) -> None:
    text = article(title, *paragraphs, summary=summary, points=tuple(points), language=language)
    judgement, entities = judged(text, {"Alpha Trading": verdict, "Alpha": NEW}, event, evidence)
    bullets = with_key_points(text, judgement, entities).key_points
    assert len(bullets) <= MAX_BULLETS
    assert len(set(bullets)) == len(bullets)
    assert bullets == with_key_points(text, judgement, entities).key_points
    for bullet in bullets:
        assert 0 < len(bullet) <= MAX_LENGTH
        assert bullet.isprintable()
        assert loose_words(bullet, text) == []


def test_a_mention_that_points_nowhere_is_no_trouble() -> None:
    finding = Finding("Alpha", NEW, 0.9, "", mentions=(Mention("Alpha", 99, 5, 10, "Alpha", Strength.STRONG, "Alpha"),))
    assert (
        with_key_points(
            article("", ""), Judgement("a", (finding,), NEW), {"Alpha": Entity("Alpha", Schema.COMPANY, "Alpha")}
        ).key_points
        == ()
    )


# ---------------------------------------------------------------- on the labelled articles


def labelled() -> Iterator[dict[str, Any]]:
    for path in JUDGEMENT_SETS:
        yield from (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def judged_as_labelled(item: dict[str, Any]) -> tuple[Article, Judgement, dict[str, Entity]]:
    text = article(
        item["title"],
        *(part for part in item["body"].split("\n\n") if part),
        summary=item["summary"],
        language=item["language"],
    )
    findings = tuple(
        Finding(
            row["key"], Verdict(item["labels"][row["key"]]), 1.0, evidence=item.get("evidence", {}).get(row["key"], ""),
            mentions=tuple(mentions(row["key"], (row["name"], *row["aliases"]), text)),
        )
        for row in item["watch"] if item["labels"][row["key"]] != "absent"
    )  # fmt: skip
    event = None if item["event"] == "none" else Verdict(item["event"])
    entities = {row["key"]: Entity(row["key"], Schema(row["schema"]), row["name"]) for row in item["watch"]}
    return text, Judgement(text.key, findings, event), entities


def test_key_points_of_the_labelled_articles_cover_their_facts_and_invent_nothing() -> None:
    facts = covered = 0
    for item in labelled():
        text, judgement, entities = judged_as_labelled(item)
        bullets = with_key_points(text, judgement, entities).key_points
        assert [word for bullet in bullets for word in loose_words(bullet, text)] == [], item["id"]
        assert all(len(bullet) <= MAX_LENGTH for bullet in bullets), item["id"]
        if "new_sanctions" in item["labels"].values():
            told = " ".join(bullets).casefold()
            facts += len(item["facts"])
            covered += sum(any(form.casefold() in told for form in fact) for fact in item["facts"])
    assert facts > 100
    assert covered / facts >= 0.85


@pytest.mark.parametrize(
    ("report", "is_told"),
    [
        ("Brent crude was up 41 cents at $67.25 a barrel by 1510 GMT, with dealers waiting for 30 more ships.", False),
        ("BTC yawned: $118,300 at pixel time, down 3% for reasons involving 2 other figures.", False),
        ("The rouble fell to 102.6 against the dollar, its weakest level since 2022, dealers in Moscow said.", False),
        ("Prosecutors laid claim to 127,271 bitcoin worth about $15 billion and closed the trading firm.", True),
        ("Shares in Beta Oil fell 12% in Oslo after the announcement of the $30 million freeze.", True),
    ],
)
def test_a_market_report_is_no_key_point_unless_it_tells_of_a_target(report: str, is_told: bool) -> None:
    text = article(
        "US punishes oil traders",
        "The United States on Thursday imposed sanctions on Alpha Trading and Beta Oil, which it accuses of fraud.",
        report,
        "Alpha Trading moved $30 million of crude oil for the rebels in 2023, the Treasury said.",
        "All property of the 2 companies in the United States is blocked, and Americans may not deal with them.",
    )
    points = points_of(text, {"Alpha Trading": NEW, "Beta Oil": NEW})
    assert any(report[:20] in point for point in points) is is_told


def test_a_name_whose_parts_are_numbered_is_listed_without_numbers() -> None:
    text = article(
        "Committee adds two entries",
        "The committee added the entries below to its list.",
        "HTi.008 Name: 1: LUCKSON 2: ELAN 3: na 4: na",
        "HTi.009 Name: 1: MONEL 2: FELIX 3: na 4: na",
    )
    points = points_of(text, {"LUCKSON 2: ELAN": NEW, "MONEL 2: FELIX": NEW})
    assert "On the list: LUCKSON ELAN, MONEL FELIX" in points
