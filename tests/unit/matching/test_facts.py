"""What an article tells of the act itself: the figures, in its own words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.matching.facts import (
    count_programmes,
    find_acting,
    find_authority_code,
    find_counts,
    find_day,
    find_named,
    find_named_with,
    find_names,
    find_own_act,
    find_programme,
    find_side,
    known_authorities,
    most_told,
)
from bot.matching.subjects import find_subjects
from bot.model import Article
from tests.unit.matching.test_passages import read

COUNTS = {
    "in figures": ("10 entities and six individuals", ("10 entities", "six individuals")),
    "with words between": ("30 mostly Chinese firms", ("30 firms",)),
    "with a comma": ("1,200 vessels", ("1,200 vessels",)),
    "two dozen": ("two dozen companies", ("two dozen companies",)),
    "a dozen": ("a dozen companies", ("a dozen companies",)),
    "half a dozen": ("half a dozen banks", ("half a dozen banks",)),
    "dozens": ("dozens of Russian companies", ("dozens of companies",)),
    "a hyphen": ("twenty-five individuals", ("twenty-five individuals",)),
    "a capital": ("Forty-three tankers", ("Forty-three tankers",)),
    "hundreds": ("three hundred and fifty people", ("three hundred and fifty people",)),
    "a number after an article": ("a list of six banks", ("six banks",)),
    "a year and a figure": ("since 2022 two banks fled", ("two banks",)),
    "a year": ("in 2024 companies fled", ()),
    "a day": ("since May 10, companies fled", ()),
    "a decimal of a million": ("1.5 million people fled", ()),
    "a million": ("2 million people fled", ()),
    "thousands": ("five thousand people fled", ()),
    "a share": ("10 percent of companies fled", ()),
    "money": ("it paid $10 million to firms and $500 firms", ()),
    "a span of time": ("for two years people fled", ()),
    "only one": ("one company fled", ()),
    "what was done so far": ("it has now sanctioned over 600 vessels", ()),
    "what was done since a year": ("it blacklisted 2,000 people since February 2022", ()),
    "what it comes to": ("six banks were added, bringing the total to 90 banks", ("six banks",)),
    "what was done to this day": ("300 firms to date, 12 people today", ("12 people",)),
}


@pytest.mark.parametrize("name", COUNTS)
def test_find_counts(name: str) -> None:
    text, expected = COUNTS[name]
    found = find_counts(read(f"The Treasury imposed sanctions on 7 ships; {text}."), "new")
    assert found == ("7 ships", *expected)


def test_another_authoritys_act_in_passing_is_not_who_acted() -> None:
    paragraph = (
        "The Treasury imposed sanctions on Orlan Works. It came weeks after the United Nations "
        "imposed sanctions on coal. "
        "Orlan Works was singled out for its furnaces."
    )
    article = Article(
        "a", "https://example.org/a", "Example", "News", "", (paragraph,), datetime(2025, 6, 12, tzinfo=UTC), "en"
    )
    sentences = read(paragraph)
    decides = sentences[-1].ordinal
    assert find_own_act(sentences, decides, article, ("US",))[0] == ("US",)
    assert find_own_act(sentences, decides, article, ("UN", "US"))[0] == ("UN",)


@pytest.mark.parametrize(
    ("text", "acted"),
    [
        ("Orlan Works was sanctioned by the EU on Tuesday, China said.", ("EU",)),
        ("The UK has sanctioned Orlan Works, used by Russia to pay for arms.", ("UK",)),
        ("WASHINGTON - The United States, Britain and Australia sanctioned Orlan Works.", ("US", "UK", "AU")),
    ],
)
def test_who_acted_on_one_target_is_its_sentences_agent(text: str, acted: tuple[str, ...]) -> None:
    sentences = read(text)
    article = Article("a", "https://example.org/a", "Example", "News", "", (text,), datetime(2025, 6, 12, tzinfo=UTC))
    assert find_own_act(sentences, sentences[-1].ordinal, article, acted)[0] == acted


@pytest.mark.parametrize(
    ("paragraph", "acted"),
    [
        ("Britain had listed Orlan Works the week before.", ("UK",)),
        ("Britain had listed Kranich AG the week before, and the EU Orlan Works.", ("UK", "EU")),
        ("Britain froze the assets of Kranich AG, a day after the EU put it and Orlan Works on its list.", ("EU",)),
        ("A day after the EU sanctioned Orlan Works, Britain sanctioned Kranich AG.", ("EU",)),
        ("A day after the EU sanctioned Kranich AG, Britain sanctioned it and Orlan Works.", ("UK",)),
        ("On Monday Switzerland took over the EU's listings of Orlan Works.", ()),
        ("Orlan Works was singled out for its furnaces.", ("US",)),
        ("Orlan Works, which the EU had sanctioned in July, was singled out for its furnaces.", ("US",)),
        ("Orlan Works of Kazan, Britain's main supplier of furnaces, was on it too.", ("US",)),
    ],
)
def test_who_acted_on_others_a_paragraph_above_did_not_act_on_whom_another_hit(
    paragraph: str, acted: tuple[str, ...]
) -> None:
    texts = ("On Wednesday the US Treasury blocked Kranich AG.", paragraph)
    at = datetime(2025, 6, 12, tzinfo=UTC)
    article = Article("a", "https://example.org/a", "Example", "The week in sanctions", "", texts, at, "en")
    sentences = read(*texts, names=("Orlan Works", "Kranich AG"))
    found = find_own_act(sentences, sentences[-1].ordinal, article, ("US",), frozenset(), "Orlan Works")
    assert found[0] == acted


def test_who_keeps_the_list_that_one_is_added_to_acts() -> None:
    sentences = read("Orlan Works was added to the European Union's Russia list on Thursday.")
    assert find_acting(sentences, "new", "Russia").codes == ("EU",)


@pytest.mark.parametrize(
    ("text", "acting"),
    [
        ("OFAC is designating Orlan Works for work in the energy sector of the Russian Federation.", ("US",)),
        ("The UK this week imposed sanctions on Orlan Works, a supplier of Russian yards.", ("UK",)),
        ("Canada announced sanctions against two Israeli ministers and Orlan Works.", ("CA",)),
        ("The UK ramps up pressure with fresh sanctions on Orlan Works.", ("UK",)),
        ("The EU has imposed 90 new sanctions that hit Russia's shippers and Orlan Works.", ("EU",)),
        ("Switzerland adopts EU sanctions against Orlan Works.", ("CH",)),
        ("Two Chinese banks and a Russian firm are on it, and Orlan Works, the EU says.", ("EU",)),
        ("Orlan Works is on the American list, and two Chinese banks are.", ("US",)),
        ("US Treasury bonds fell when the EU imposed sanctions on Orlan Works.", ("EU",)),
        ("Firms in Turkey and the United States and Orlan Works were sanctioned by the EU on Tuesday.", ("EU",)),
        ("China protested on Saturday after Orlan Works was hit by EU sanctions.", ("EU",)),
        ("WASHINGTON - Orlan Works was put on the sanctions list by the European Union.", ("EU",)),
        ("BEIJING - Orlan Works is the latest name that was added to OFAC's sanctions list.", ("US",)),
        ("Britain has sanctioned Orlan Works, which made engines bought by China.", ("UK",)),
        ("US, UK and Australia impose sanctions on Orlan Works.", ("US", "UK", "AU")),
        ("LONDON - A yard of Orlan Works was put under sanctions on Tuesday.", ("UK",)),
    ],
)
def test_who_acts_is_told_from_whom_it_is_about(text: str, acting: tuple[str, ...]) -> None:
    assert find_acting(read(text), "new").codes == acting


@pytest.mark.parametrize(
    ("texts", "acting"),
    [
        (
            (
                "Russia's Orlan Works targeted by EU sanctions",
                "Ministers of the European Union agreed to put under sanctions targets tied to Orlan Works, the "
                "Russian firm that is accused of robbing Ukraine.",
                "Its owner serves the Kremlin, the ministers hold, and froze what is left of it.",
            ),
            ("EU",),
        ),
        (("Forty Russian firms, Orlan Works among them, are put under sanctions by Poland over Ukraine.",), ("PL",)),
        (("Forty men were put on Poland's sanctions list, and Orlan Works with its Russian capital.",), ("PL",)),
    ],
)
def test_whose_measures_they_are_is_told_in_the_title_or_the_lead(texts: tuple[str, ...], acting: tuple[str]) -> None:
    assert find_acting(read(*texts), "new", "Russia").codes == acting


def test_a_state_whose_firms_are_hit_does_not_act_beside_who_does() -> None:
    sentences = read(
        "China's trading arm and two yards of Orlan Works are among the targets of the EU's package, which bars trade.",
        "China's firms were never among the targets before.",
        title="EU lists Orlan Works and two yards",
        names=("Orlan Works",),
    )
    assert find_acting(sentences, "new", "Russia").codes == ("EU",)


def test_a_verb_behind_an_authority_is_no_plural() -> None:
    for verb in ("tightens", "seizes"):
        head = (f"US {verb} coal sanctions on Orlan Works.", f"The US {verb} coal and puts sanctions on Orlan Works.")
        rest = ("It makes pumps.", "It has 40 men.", "The EU's asset freeze on Orlan Works stays.")
        assert find_acting(read(*head, *rest), "new").codes[0] == "US"


def test_where_nobody_is_said_to_act_those_who_list_most_are_meant() -> None:
    yards = ("Orlan Works had a yard in Turkey, and sold it.", "A trader in Turkey bought it.")
    assert find_acting(read(*yards, "A spokesman in Washington had no comment on the list."), "new").codes == ("US",)
    assert find_acting(read(*yards), "new").codes == ()
    exile = read("On information, ten names, among them Orlan Works and the American exile John Miller.")
    assert find_acting(exile, "new").codes == ()
    named = read("On information, ten names, the American exile John Miller and Orlan Works, the EU says.")
    assert find_acting(named, "new").codes == ("EU",)


NAMED = "Orlan Works and Delta Bank heard of it from the Treasury.", "The yards have 40 men."
NAMED_TOO = {
    "with another": ("Nord Trade has been on the EU's books since January 2024.", ("US",)),
    "with the target": ("Brussels wrote to Orlan Works, too.", ("US", "EU")),
    "as news": ("Brussels followed on Thursday.", ("US", "EU")),
    "as old news, with the target": ("Orlan Works was the supplier of the EU in 2019.", ("US",)),
    "in one row": ("It thanked the US, Britain and Canada.", ("US", "UK", "CA")),
    "as one that reports": ("The UN put the number of the dead at 90.", ("US",)),
}


@pytest.mark.parametrize(("text", "acting"), NAMED_TOO.values(), ids=NAMED_TOO)
def test_where_nobody_is_said_to_act_who_is_named_beside_acts_if_it_is_near_the_act(
    text: str, acting: tuple[str, ...]
) -> None:
    sentences = read(*NAMED, text, names=("Orlan Works", "Delta Bank", "Nord Trade"))
    assert find_acting(sentences, "new", hit={"Orlan Works", "Delta Bank"}).codes == acting


def test_what_is_told_as_old_is_another_act_than_the_one_that_is_news() -> None:
    news = "The EU has put Orlan Works under an asset freeze."
    old = (
        "In 2012 two men were hit, and in the last days of that year the Security Council placed two yards on its list."
    )
    assert find_acting(read(news, old), "new").codes == ("EU",)


GUESSES = {
    "of no target's side": ("The list of Orlan Works and others was read out in Moscow.", ["us"], ("RU",)),
    "of a target's own side": ("The list of Orlan Works and others was read out in Moscow.", ["ru"], ()),
    "of one target's own side": ("The list of Orlan Works and others was read out in Moscow.", ["us", "ru"], ()),
    "Ukraine, which lists its own": ("The list of Orlan Works and others was read out in Kyiv.", ["ua"], ("UA",)),
    "who seldom lists anybody": ("The list of Orlan Works and others was read out in Israel.", ["us"], ()),
}


@pytest.mark.parametrize(("text", "countries", "acting"), GUESSES.values(), ids=GUESSES)
def test_a_state_that_nobody_says_acts_is_told_only_where_it_may_be_meant(
    text: str, countries: list[str], acting: tuple[str, ...]
) -> None:
    targets = [find_side([country]) for country in countries]
    assert find_acting(read(text), "new", targets=targets) == (acting, True)


OWN_PAGES = {
    "names another as whose the targets are": (
        "The Working Mechanism has decided to add Orlan Works and five other US entities to the list.",
        "CN",
        ("CN",),
    ),
    "names another as what it is about": (
        "In light of the situation surrounding Ukraine, asset freezes were imposed on Orlan Works.",
        "JP",
        ("JP",),
    ),
    "tells of another's act": ("The EU today sanctioned Orlan Works.", "UA", ("EU",)),
    "tells of an act with another": ("The US and the UK today sanctioned Orlan Works.", "UK", ("US", "UK")),
    "of nobody's": ("The EU today sanctioned Orlan Works.", "", ("EU",)),
}


@pytest.mark.parametrize(("text", "publisher", "acting"), OWN_PAGES.values(), ids=OWN_PAGES)
def test_on_an_authoritys_own_page_it_acts_unless_the_page_says_that_others_do(
    text: str, publisher: str, acting: tuple[str, ...]
) -> None:
    sentences = read(text, names=("Orlan Works",))
    assert find_acting(sentences, "new", publisher=publisher) == (acting, False)


SURE = {
    "whose sanctions they are": ("Orlan Works was hit by Ukrainian sanctions.", False),
    "whose they are, behind": ("Orlan Works came under sanctions of Ukraine.", False),
    "who signed them": (
        "Ukraine's president, Volodymyr Zelensky, signed a decree on sanctions against 17 firms.",
        False,
    ),
    "where somebody is": ("A plant of Orlan Works that ships to Ukraine was blocked.", True),
    "whom they are about": ("Sanctions over Ukraine hit Orlan Works.", True),
    "who signed something else": ("Orlan Works, a plant that Ukraine was to buy, was put on the list.", True),
}


@pytest.mark.parametrize(("text", "is_guess"), SURE.values(), ids=SURE)
def test_whose_sanctions_an_article_says_they_are_is_no_guess(text: str, is_guess: bool) -> None:
    acting = find_acting(read(text, "Among them is Orlan Works.", names=("Orlan Works",)), "new")
    assert acting == (("UA",), is_guess)


def test_in_russian_the_owner_of_sanctions_stands_behind_them() -> None:
    text = (
        "«Орлан» попал под санкции Украины",
        "Президент Украины Владимир Зеленский подписал указ о санкциях против 17 компаний.",
    )
    for one in text:
        assert find_acting(read(one, names=("Орлан",), language="ru"), "new") == (("UA",), False)


def test_the_country_that_a_notice_is_filed_under_does_not_act_where_it_says_whose_list_it_is() -> None:
    title = "Financial sanctions notice: Russia: Orlan Works added to the UK sanctions list"
    acting = find_acting(read(title, names=("Orlan Works",)), "new", "Russia", [find_side(("cn",))])
    assert acting.codes == ("UK",)
    for text in (
        "Orlan Works is on the UK's Russia sanctions list.",
        "The UK on Monday added Orlan Works to its Russia sanctions list.",
        "The UK on Monday added Orlan Works to the Russia list.",
    ):
        assert find_acting(read(text), "new", "Russia", [find_side(("cn",))]).codes == ("UK",)


def test_the_country_of_an_order_does_not_act() -> None:
    texts = ("Orlan Works was designated afresh under the Russia order.", "Its owner got the OFAC treatment.")
    assert find_acting(read(*texts, names=("Orlan Works",)), "new").codes == ("US",)
    assert find_acting(read("Orlan Works was put on the Ukraine sanctions list."), "new").codes == ("UA",)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("The foreign ministry today sanctioned Orlan Works under the Russia Sanctions Act.", "NZ"),
        (
            "The minister announced sanctions on Orlan Works under the Special Economic Measures (Russia) Regulations.",
            "CA",
        ),
        ("The ministry announced sanctions on Orlan Works under the Autonomous Sanctions (Russia) list.", "AU"),
        ("Under Russia's law the ministry sanctioned Orlan Works on Thursday.", "RU"),
        ("Russia sanctioned Orlan Works under a new law on Thursday.", "RU"),
    ],
)
def test_the_country_of_a_law_does_not_act_but_who_has_that_law(text: str, who: str) -> None:
    assert find_acting(read(text, names=("Orlan Works",)), "new", "Russia").codes == (who,)


def test_where_nobody_is_said_to_act_the_laws_that_are_cited_tell_it() -> None:
    sentences = read("The Autonomous Sanctions (Myanmar) List is amended.", "Name of entity: Orlan Works, Moscow")
    assert find_acting(sentences, "new").codes == ("AU",)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The minister today announced that Canada is imposing sanctions on two men and Orlan Works.", 12),
        ("OFAC designated two men and five firms on Tuesday in what it calls its largest strike.", 10),
        ("9 Jun: OFAC designated Orlan Works.", 9),
        ("The minister said today that the sanctions of London are a farce.", None),
        ("Orlan Works, which OFAC designated, opened a yard on Tuesday.", None),
        ("The cabinet approved further sanctions on two men and Orlan Works on Tuesday.", 10),
        ("Ministers are to talk on Monday, and Belgium is pushing to list Orlan Works.", None),
        ("The cabinet decided on Tuesday to list Orlan Works.", 10),
    ],
)
def test_the_day_of_an_act(text: str, day: int | None) -> None:
    assert find_day(read(text), "new", _telling(text)) == (day and date(2025, 6, day))


def test_the_day_of_an_act_of_somebody_else_is_not_that_of_this_one() -> None:
    sentences = read("Britain sanctioned Orlan Works.", "The EU sanctioned Orlan Works on Monday.")
    assert find_day(sentences, "new", _telling(""), ("UK",)) is None
    assert find_day(sentences, "new", _telling(""), ("UK", "EU")) == date(2025, 6, 9)


PROGRAMMES = {
    "a seat is none": ("US sanctions Hong Kong firms over Iranian oil", "They are Hong Kong-based.", "Iran"),
    "where an entry ban holds": (
        "China bars ex-senator",
        "He may not enter the mainland, Hong Kong and Macao, over Taiwan.",
        "Taiwan",
    ),
    "of the city": ("Six officials hit", "They used Hong Kong's law against Hong Kong's exiles.", "Hong Kong"),
    "a country within another's name": ("Two men of South Sudan hit", "South Sudan is poor.", "South Sudan"),
    "an order's number": ("A host of hackers hit", "It is listed under E.O. 13694.", "cyber"),
    "in a compound": ("A firm is hit", "It is the first use of anti-corruption sanctions.", "corruption"),
    "against terrorism": (
        "A firm is hit",
        "Counter-terrorism sanctions hit a counter-terrorism suspect in Russia.",
        "counter-terrorism",
    ),
    "in the names of bodies": (
        "Two hit over ICC work",
        "The Centre for Human Rights and a human rights group in Hebron were listed.",
        "International Criminal Court",
    ),
    "none": ("A firm is hit", "It sells shoes.", None),
}


@pytest.mark.parametrize(("title", "text", "programme"), PROGRAMMES.values(), ids=PROGRAMMES)
def test_which_programme_an_article_tells_of(title: str, text: str, programme: str | None) -> None:
    assert find_programme(_telling(text, title)) == programme


def test_what_a_country_does_to_others_is_no_programme_of_its_own() -> None:
    article = _telling("Moscow bars ten men of Kyiv. The Kremlin spoke of drugs.", "Russia bars ten men over drugs")
    assert find_programme(article) == "Russia"
    assert most_told(count_programmes(article), ("RU",)) == "counter-narcotics"


SUBJECTS = {
    "in its head": ("US hits traders of Iranian crude", "It is one of many.", ("oil",)),
    "the same in German": ("Schlag gegen Tanker", "Sie brachten Rohöl nach China.", ("oil",)),
    "and in Chinese": ("美国制裁无人机企业", "财政部周二宣布。", ("drones",)),
    "none": ("A firm is hit", "It sells shoes.", ()),
    "a place that has its word": ("Settlement builder in the West Bank is hit", "Its office is in Port Sudan.", ()),
    "that place and the thing": ("Bank in the West Bank is hit", "It lends.", ("banks",)),
}


@pytest.mark.parametrize(("title", "text", "subjects"), SUBJECTS.values(), ids=SUBJECTS)
def test_what_an_act_is_about(title: str, text: str, subjects: tuple[str, ...]) -> None:
    assert find_subjects(_telling(text, title)) == subjects


def _telling(text: str, title: str = "News") -> Article:
    return Article("a", "https://example.org/a", "Example", title, "", (text,), datetime(2025, 6, 12, tzinfo=UTC))


def test_an_authority_that_somebody_tracks_acts_too() -> None:
    text = "The Office of Foreign Assets Control imposed sanctions on Orlan Works, a Russian firm."
    assert find_acting(read(text, names=("Office of Foreign Assets Control",)), "new").codes == ("US",)


@pytest.mark.parametrize(
    ("text", "acting"),
    [
        ("Britain froze the assets of Orlan Works, a day after the European Union hit both in its package.", ("UK",)),
        ("A day after the EU sanctioned it, Britain sanctioned Orlan Works.", ("UK",)),
        ("Orlan Works was put on a blacklist after the US Treasury sanctioned its owner.", ("US",)),
        ("Britain and the EU sanctioned Orlan Works after a vote.", ("UK", "EU")),
        ("The EU put Orlan Works on its list. The decision came hours after Washington blocked Orlan Works.", ("EU",)),
        ("Britain sanctioned Orlan Works. The freeze follows American sanctions on Orlan Works.", ("UK",)),
        ("Carney hosts Zelenskyy and adds Orlan Works to Canada's blacklist.", ("CA",)),
    ],
)
def test_whose_act_came_before_did_not_act_now(text: str, acting: tuple[str, ...]) -> None:
    sentences = read(text)
    article = Article("a", "https://example.org/a", "Example", "News", "", (text,), datetime(2025, 6, 12, tzinfo=UTC))
    assert set(find_acting(sentences, "new").codes) == set(acting)
    assert set(find_own_act(sentences, sentences[-1].ordinal, article, acting)[0]) <= set(acting)


def test_a_country_outside_which_something_holds_does_not_act() -> None:
    text = "The EU has a new package. The ban now also hits, outside Russia, Orlan Works."
    assert find_acting(read(text), "new", "Russia").codes == ("EU",)


ANSWERS = {
    "one side answers the other": (
        "China on Monday sanctioned Orlan Works, a week after Britain imposed sanctions on four officials in Tibet.",
        ("gb",),
        ("CN",),
    ),
    "told from the side that is hit": (
        "Beijing answered. Britain had imposed sanctions on two of its officials, and Orlan Works pays for it.",
        ("gb",),
        ("CN",),
    ),
    "one member of the union": (
        "The EU imposed sanctions on ten mills in Henan last week. China has now put Orlan Works on its list.",
        ("de",),
        ("CN",),
    ),
    "of one's own, where nobody else is named": ("The US Treasury imposed sanctions on Orlan Works.", ("us",), ("US",)),
    "of a country that imposes none": (
        "China protested after the EU imposed sanctions on Orlan Works over trade with Russia.",
        ("kz",),
        ("EU",),
    ),
    "of one's own, as the act on it says": (
        "Ukraine imposes sanctions on Orlan Works, an ally of Russia. Washington had no comment.",
        ("ua",),
        ("UA",),
    ),
    "of one's own, whose title has a verb before the noun": (
        "Zelensky puts in force sanctions on Orlan Works. It worked for the spies of Russia.",
        ("ua",),
        ("UA",),
    ),
    "what one's own is said to be in": ("Russia's Orlan Works was put on a list in Brussels.", ("ru",), ("EU",)),
    "of no known country": ("The EU imposed sanctions on Orlan Works.", (), ("EU",)),
}


@pytest.mark.parametrize(("text", "countries", "acting"), ANSWERS.values(), ids=ANSWERS)
def test_nobody_acts_on_its_own_where_another_is_named(
    text: str, countries: tuple[str, ...], acting: tuple[str, ...]
) -> None:
    sentences = read(text, names=("Orlan Works",))
    assert find_acting(sentences, "new", "China", [find_side(countries)]).codes == acting


def test_what_a_targets_own_side_did_before_is_no_act_on_it() -> None:
    paragraph = "The EU on Monday imposed sanctions on two ministers. Its answer: Orlan Works is blacklisted."
    article = Article(
        "a", "https://example.org/a", "Example", "News", "", (paragraph,), datetime(2025, 6, 12, tzinfo=UTC)
    )
    sentences = read(paragraph)
    decides = sentences[-1].ordinal
    assert find_own_act(sentences, decides, article, ("EU",))[0] == ("EU",)
    assert find_own_act(sentences, decides, article, ("EU",), find_side(("de",)))[0] == ()


def test_who_is_named_with_a_target_is_named_in_its_paragraph_else_in_the_last_one_before_it_that_names_any() -> None:
    sentences = read(
        "London acted on Monday.",
        "Washington followed.",
        "Among the names is Orlan Works.",
        "Nothing came from Brussels, where Berg Bank and the European Commission are.",
        names=("Orlan Works", "Berg Bank"),
    )
    named, orlan, berg = find_named(sentences), 4, 5  # title, teaser, and the paragraphs from 2
    assert find_named_with(named, {orlan}, frozenset()) == ("US",)
    assert find_named_with(named, {orlan}, frozenset({"US"})) == ("UK",)
    assert find_named_with(named, {orlan, berg}, frozenset()) == ("US", "EU")
    assert find_named_with(named, {1}, frozenset()) == ()


ASIDE = {
    "whom another listed": "Orlan Works, whom the EU placed on its list on Tuesday, is now barred from London.",
    "which another sanctioned": "The UK list includes Orlan Works, which Ukraine sanctioned on Tuesday.",
    "who was listed earlier": "The UK is also designating Orlan Works, which was sanctioned by the EU on June 10.",
}


@pytest.mark.parametrize("sentence", ASIDE.values(), ids=ASIDE)
def test_a_clause_about_a_name_tells_of_another_act_than_its_sentence(sentence: str) -> None:
    article = _article(f"The UK imposed sanctions on five firms. {sentence}")
    sentences = read(article.paragraphs[0], names=("Orlan Works",))
    authorities, day = find_own_act(sentences, sentences[-1].ordinal, article, ("UK", "EU"))
    assert authorities == ("UK",)
    assert day is None
    assert find_acting(sentences, "new").codes == ("UK",)


def test_a_clause_about_a_name_tells_of_the_act_where_its_sentence_tells_of_none() -> None:
    article = _article("Orlan Works, which the EU sanctioned on Tuesday, closed its doors.")
    sentences = read(article.paragraphs[0], names=("Orlan Works",))
    assert find_own_act(sentences, sentences[-1].ordinal, article, ("EU",)) == (("EU",), date(2025, 6, 10))


def _article(paragraph: str) -> Article:
    return Article(
        "a", "https://example.org/a", "Example", "News", "", (paragraph,), datetime(2025, 6, 12, tzinfo=UTC), "en"
    )


def test_a_british_notice_cites_regulations_that_have_the_eu_in_their_name() -> None:
    text = "Orlan Works was designated today under the Russia (Sanctions) (EU Exit) Regulations 2019."
    assert find_acting(read(text), "new", "Russia").codes == ("UK",)


NATIONS = {
    "a state that acts alone": ("Estonia banned 38 Russian officials on Friday.", ("EE",)),
    "its government": ("The Czech government on Friday sanctioned a Russian hotel owner.", ("CZ",)),
    "its capital": ("Warsaw imposed sanctions on a Belarusian banker.", ("PL",)),
    "one of its politicians": ("A German politician said the EU had imposed sanctions on a banker.", ("EU",)),
    "where its firms are": ("The EU imposed sanctions on French firms.", ("EU",)),
    "where it was written": ("PARIS, June 3 - The EU imposed sanctions on a banker.", ("EU",)),
    "a verb like its adjective": ("The EU imposed sanctions on men who polish lenses.", ("EU",)),
}


@pytest.mark.parametrize(("text", "acting"), NATIONS.values(), ids=NATIONS)
def test_who_seldom_acts_alone(text: str, acting: tuple[str, ...]) -> None:
    assert find_acting(read(text), "new").codes == acting


@pytest.mark.parametrize(
    ("words", "code"), [("CZ", "CZ"), ("Czechia", "CZ"), ("Estonie", "EE"), ("Deutschland", "DE"), ("OFAC", "US")]
)
def test_what_an_authority_is_called(words: str, code: str) -> None:
    assert find_authority_code(words) == code
    assert code in known_authorities()


def test_german_nouns_are_no_names() -> None:
    """Else two acts of one day are one, as both tell of accounts, ministers and a spokesman."""
    text = (
        "Der Rat setzt die Reederei Wolga Maritim auf die Sanktionsliste. Die Konten werden gesperrt, "
        "sagte ein Sprecher. Auch Lewadin ist betroffen."
    )
    article = replace(_telling(text, "Neuer Beschluss"), language="de")
    assert {"wolga", "maritim", "lewadin"} <= set(find_names(article))
    assert {"sanktionsliste", "konten", "sprecher"}.isdisjoint(find_names(article))


def test_where_somebody_is_in_korea_acts_not() -> None:
    text = "미국이 러시아와 중국에 주재하는 오를란을 제재 명단에 올렸다."
    assert find_acting(read(text, names=("오를란",), language="ko"), "new").codes == ("US",)


def test_beijing_and_a_seat_in_brackets_tell_no_programme() -> None:
    day = datetime(2025, 6, 12, tzinfo=UTC)
    chinese = Article("a", "", "Wire", "北京宣布反制措施", "", ("中方在北京宣布制裁。",), day, language="zh")
    assert find_programme(chinese) is None
    listed = "Санкции введены против Qolva (Hong Kong)."
    seated = Article("a", "", "Wire", listed, "", (listed,), day, language="ru")
    assert find_programme(seated) is None
