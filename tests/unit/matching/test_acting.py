"""Who acts, as an article tells it, and on one target."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.matching.acting import find_acting, find_named, find_named_with, find_own_act, find_side
from bot.matching.actors import find_authority_code, known_authorities
from bot.model import Article
from tests.unit.matching.test_passages import read


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


def test_where_somebody_is_in_korea_acts_not() -> None:
    text = "미국이 러시아와 중국에 주재하는 오를란을 제재 명단에 올렸다."
    assert find_acting(read(text, names=("오를란",), language="ko"), "new").codes == ("US",)


SAID_BY = {
    "a state that seldom lists, as agent": ("Orlan Works was put on a blacklist by Poland on Tuesday.", ("PL",)),
    "a state that seldom lists, as whose list it is": ("Orlan Works is on Estonia's new sanctions list.", ("EE",)),
    "a state that answers with its own": ("Iran blacklisted Orlan Works and two Britons on Tuesday.", ("IR",)),
    "who hits a state's firms": ("Iran coal firm Orlan Works was hit with sanctions, Washington said.", ("US",)),
    "a union of states": ("ECOWAS has sanctioned Orlan Works of Bamako.", ("ECOWAS",)),
    "where nobody may go": ("A ban on entering Latvia was imposed on the men of Orlan Works.", ("LV",)),
    "those whose people are hit": ("Tehran sanctions EU and UK officials of Orlan Works.", ("IR",)),
    "who is punished": ("The US decided to punish Turkey, and Orlan Works.", ("US",)),
    "what a place is named for": (
        "Two yards in Yemen and Turkey and Orlan Works were put under US sanctions.",
        ("US",),
    ),
    "places in a row": ("Six men in Russia, China and the UAE and Orlan Works were sanctioned by the US.", ("US",)),
    "whose trader it is": ("China's state-owned trader Orlan Works is among those that the EU sanctioned.", ("EU",)),
    "whose regulator it is": ("China's commerce ministry has sanctioned Orlan Works.", ("CN",)),
    "one of a people": ("A consul and a Russian sanctioned with Orlan Works are OFAC's newest names.", ("US",)),
    "what sanctions are for": ("Fresh EU sanctions on Orlan Works for arson by Russia were announced.", ("EU",)),
    "a dateline with its agency": ("TAIPEI (Formosa Post) — China sanctioned Orlan Works.", ("CN",)),
    "two datelines": (
        "WASHINGTON/SEOUL, July 9 - The US, where the North's yards trade, put sanctions on Orlan Works.",
        ("US",),
    ),
    "a union's committee": ("The UN's Yemen panel of envoys sanctioned Orlan Works.", ("UN",)),
    "a joint act": (
        "Four powers, the US, the EU, Britain and Canada, have imposed sanctions on Orlan Works.",
        ("US", "EU", "UK", "CA"),
    ),
}


@pytest.mark.parametrize(("text", "acting"), SAID_BY.values(), ids=SAID_BY)
def test_who_acts_is_told_from_whom_and_from_where(text: str, acting: tuple[str, ...]) -> None:
    assert set(find_acting(read(text, names=("Orlan Works",)), "new", "Iran").codes) == set(acting)


def test_a_state_that_is_hit_more_often_than_it_acts_is_not_said_to_act_beside_who_does() -> None:
    texts = ("The US hits a coal exchange.", "Brokers run it from two ports, Iran among them, beside Orlan Works.")
    assert find_acting(read(*texts, names=("Orlan Works",)), "new", "Lebanon").codes == ("US",)


def test_beside_who_is_said_to_act_a_state_counts_only_where_it_is_said_to_act_too() -> None:
    texts = ("The US sanctioned Orlan Works.", "Corruption, and China with it, is why two men were named.")
    assert find_acting(read(*texts, names=("Orlan Works",)), "new").codes == ("US",)


def test_where_a_state_only_seems_to_act_those_whom_the_title_names_do() -> None:
    firms = "In all, 70 yards of Russia, Turkey and the UAE are targeted, Orlan Works among them."
    sentences = read("It was out on Tuesday.", firms, title="What the EU's 17th package holds", names=("Orlan Works",))
    assert find_acting(sentences, "new").codes == ("EU",)
    texts = (*["It rained."] * 5, "Executives, including that of Orlan Works, shall be denied entry to China.")
    sentences = read(*texts, title="Countermeasures against US yards", names=("Orlan Works",))
    assert find_acting(sentences, "new").codes == ("CN",)


def test_a_title_tells_whose_sanctions_they_are_where_it_tells_no_act() -> None:
    text = "The glove that Orlan Works bought was fought over in court, as the US government tried to block the deal."
    sentences = read("He said so.", *["It rained."] * 6, text, title="A glove, and British sanctions for its buyer")
    assert find_acting(sentences, "new").codes == ("UK",)


def test_who_is_named_with_the_agent_of_an_act_acted_on_its_target_too() -> None:
    text = "Orlan Works, which sells coal, was sanctioned by the United States, Britain and Australia on Tuesday."
    sentences = read(text, names=("Orlan Works",))
    article = Article("a", "https://example.org/a", "Example", "News", "", (text,), datetime(2025, 6, 12, tzinfo=UTC))
    found = find_own_act(sentences, sentences[-1].ordinal, article, ("US",), frozenset(), "Orlan Works")
    assert found[0] == ("US", "UK", "AU")


OWN_SENTENCES = {
    "a state where targets are": "About 300 people from Iran are on it, Orlan Works among them.",
    "whose national one is": "The Ukrainian Orlan Works and two men are on the list.",
    "what was done before": "Orlan Works has been sanctioned before by the EU and Canada.",
}


@pytest.mark.parametrize("text", OWN_SENTENCES.values(), ids=OWN_SENTENCES)
def test_a_sentence_on_one_target_that_tells_of_no_act_of_theirs_makes_nobody_act(text: str) -> None:
    texts = ("On Wednesday the US Treasury widened its list.", text)
    at = datetime(2025, 6, 12, tzinfo=UTC)
    article = Article("a", "https://example.org/a", "Example", "News", "", texts, at)
    sentences = read(*texts, names=("Orlan Works",))
    acted, _ = find_own_act(sentences, sentences[-1].ordinal, article, ("US",), frozenset(), "Orlan Works")
    assert set(acted) <= {"US"}


FAR_EAST = {
    "the capital, as agent": ("zh", "日本议员遭北京制裁", ("CN",)),
    "an office": ("zh", "国台办宣布制裁欧兰", ("CN",)),
    "whose firms they are": ("zh", "外交部宣布制裁五家美国军工企业", ("CN",)),
    "whose national he is": ("ko", "정부, 중국 국적 선주 제재", ("KR",)),
}


@pytest.mark.parametrize(("language", "text", "acting"), FAR_EAST.values(), ids=FAR_EAST)
def test_in_chinese_and_korean_whose_firms_they_are_is_not_who_acts(
    language: str, text: str, acting: tuple[str, ...]
) -> None:
    assert (
        find_acting(read(text, title="新闻" if language == "zh" else "소식", language=language), "new").codes == acting
    )


def test_in_russian_whose_firms_they_are_in_a_row_is_not_who_acts() -> None:
    text = "Четыре фирмы из России, Китая и Турции оказались под санкциями США."
    assert find_acting(read(text, names=("Орлан",), language="ru"), "new").codes == ("US",)


@pytest.mark.parametrize(
    ("texts", "acting"),
    [
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
