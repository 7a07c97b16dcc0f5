"""One verdict for each name: who is acted on, by whom, when and how sure, in plain sentences of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events import as_confirmed
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.verdicts import Reasons, find_matter, judge_article, speaks_of_sanctions, tell_again
from bot.model import Article, Entity, Finding, Judgement, Mention, Schema, Strength, Verdict
from tests.measure import Tally, article_of, entities_of, read_set
from tests.measure_fetched import HELD_OUT, is_fetched, with_a_designation

PUBLISHED = datetime(2025, 6, 12, 9, 0, tzinfo=UTC)  # a Thursday


def judge(title: str, *paragraphs: str, names: dict[str, Schema], language: str = "en") -> Judgement:
    """Judge an article in which every occurrence of a name is a mention."""
    article = Article(
        key="a",
        url="https://example.org/a",
        outlet="Example",
        title=title,
        summary="",
        paragraphs=paragraphs,
        published_at=PUBLISHED,
        language=language,
    )
    entities = {name: Entity(key=name, schema=schema, caption=name) for name, schema in names.items()}
    mentions = []
    for number, block in enumerate(article.blocks):
        for name in names:
            at = block.text.find(name)
            while at >= 0:
                mentions.append(Mention(name, number, at, at + len(name), name, Strength.STRONG, name))
                at = block.text.find(name, at + 1)
    return judge_article(article, mentions, entities)


def finding(judgement: Judgement, name: str) -> Finding:
    return next(f for f in judgement.findings if f.entity == name)


C, P, V = Schema.COMPANY, Schema.PERSON, Schema.VESSEL

NEW_LEAD = "The US Treasury on Tuesday imposed sanctions on a network that sells drones to the junta."

CASES: dict[str, tuple[str, tuple[str, ...], str, Schema, Verdict]] = {
    "active": (
        "US hits drone network",
        ("The US Treasury on Tuesday sanctioned Orlan Works, a drone maker.",),
        "Orlan Works",
        C,
        Verdict.NEW_SANCTIONS,
    ),
    "passive": (
        "US hits drone network",
        ("Orlan Works was added to the Treasury's sanctions list on Tuesday.",),
        "Orlan Works",
        C,
        Verdict.NEW_SANCTIONS,
    ),
    "coordination": (
        "US hits drone network",
        ("The US Treasury on Tuesday sanctioned Acme Freight, Bolt Marine and Orlan Works.",),
        "Orlan Works",
        C,
        Verdict.NEW_SANCTIONS,
    ),
    "also designated": (
        "US hits drone network",
        (NEW_LEAD, "Also designated: Orlan Works, Bolt Marine and two pilots."),
        "Orlan Works",
        C,
        Verdict.NEW_SANCTIONS,
    ),
    "a vessel": (
        "UK lists shadow fleet",
        ("Britain on Tuesday imposed sanctions on six tankers, among them the Sea Lark.",),
        "Sea Lark",
        V,
        Verdict.NEW_SANCTIONS,
    ),
    "proposed": (
        "EU weighs more sanctions",
        ("The Commission has proposed to add Orlan Works to the EU sanctions list, diplomats said.",),
        "Orlan Works",
        C,
        Verdict.POSSIBLE,
    ),
    "delisted": (
        "Treasury lifts sanctions",
        ("The US Treasury on Tuesday removed Orlan Works from its sanctions list.",),
        "Orlan Works",
        C,
        Verdict.RELIEF,
    ),
    "annulled": (
        "Court annuls EU listing",
        ("The General Court on Wednesday annulled the sanctions imposed on Orlan Works in 2022.",),
        "Orlan Works",
        C,
        Verdict.RELIEF,
    ),
    "prolonged": (
        "EU extends sanctions",
        ("The Council on Tuesday extended its sanctions against Orlan Works for another year.",),
        "Orlan Works",
        C,
        Verdict.RENEWAL,
    ),
    "fined": (
        "Bank fined over sanctions",
        ("Orlan Bank has agreed to pay $3 million to settle apparent violations of Iran sanctions, OFAC said.",),
        "Orlan Bank",
        C,
        Verdict.ENFORCEMENT,
    ),
    "listed earlier": (
        "US hits drone network",
        (NEW_LEAD, "The parts came from Orlan Works, which has been under US sanctions since 2018."),
        "Orlan Works",
        C,
        Verdict.BACKGROUND,
    ),
    "expressly not a target": (
        "US hits drone network",
        (NEW_LEAD, "Orlan Works, the parent company, is not targeted."),
        "Orlan Works",
        C,
        Verdict.BYSTANDER,
    ),
    "a speaker": (
        "US hits drone network",
        (NEW_LEAD, '"It will not work," said Jane Roe, an analyst at a think tank.'),
        "Jane Roe",
        P,
        Verdict.BYSTANDER,
    ),
    "a lawyer who is sanctioned by a judge": (
        "Judge sanctions lawyers over brief",
        (
            "A federal judge imposed sanctions on two attorneys for a brief that cited no case.",
            "Jane Roe filed the brief in the lawsuit. The court fined her.",
        ),
        "Jane Roe",
        P,
        Verdict.UNRELATED,
    ),
    "a footballer": (
        "League sanctions club",
        ("The football league sanctioned the club and its striker Rick Roe after the match; he misses three games.",),
        "Rick Roe",
        P,
        Verdict.UNRELATED,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_on(name: str) -> None:
    title, paragraphs, entity, schema, verdict = CASES[name]
    found = finding(judge(title, *paragraphs, names={entity: schema}), entity)
    assert found.verdict is verdict, (found.reasons, found.would_change)


def test_the_target_and_the_one_it_supplied_are_told_apart() -> None:
    text = "The US Treasury on Tuesday sanctioned Orlan Works for supplying engines to Bolt Marine."
    judgement = judge("US hits drone maker", text, names={"Orlan Works": C, "Bolt Marine": C})
    assert finding(judgement, "Orlan Works").verdict is Verdict.NEW_SANCTIONS
    assert finding(judgement, "Bolt Marine").verdict is not Verdict.NEW_SANCTIONS


def test_a_finding_explains_itself() -> None:
    text = "The US Treasury on Tuesday sanctioned Orlan Works, a drone maker."
    found = finding(judge("US hits drone network", text, names={"Orlan Works": C}), "Orlan Works")
    assert found.evidence == text
    assert found.reasons == ("words of this field: “US Treasury on Tuesday sanctioned”",)
    assert 0 < found.confidence <= 1
    assert any(verdict.value in found.would_change for verdict in Verdict)
    assert [mention.surface for mention in found.mentions] == ["Orlan Works"]


def test_the_floor_decides_what_is_said_and_the_odds_are_told_either_way() -> None:
    entity = Entity("orlan", Schema.COMPANY, "Orlan Works")
    text = "The US Treasury on Friday imposed sanctions on Orlan Works, adding it to its blacklist."
    article = Article("a", "https://a.example", "Wire", "A firm is listed", "", (text,), PUBLISHED)
    mentions = find_mentions(article, NameIndex.compile([entity]))

    def judged(floor: float) -> Finding:
        (finding,) = judge_article(article, mentions, {"orlan": entity}, alert_floor=floor).findings
        return finding

    said, unsaid = judged(0.5), judged(1.0)
    assert said.verdict is Verdict.NEW_SANCTIONS
    assert said.alert_odds == said.confidence > 0.5
    assert unsaid.verdict is not Verdict.NEW_SANCTIONS
    assert unsaid.alert_odds == said.alert_odds


def test_the_article_tells_of_the_act() -> None:
    judgement = judge(
        "US sanctions 10 entities over North Korea",
        "The US Treasury on Tuesday imposed sanctions on 10 entities and six individuals, among them Orlan Works, "
        "for aiding North Korea.",
        names={"Orlan Works": C},
    )
    assert judgement.event is Verdict.NEW_SANCTIONS
    assert judgement.authorities[0] == "US"
    assert judgement.programme == "North Korea"
    assert judgement.acted_on == date(2025, 6, 10)
    assert "10 entities" in judgement.counts
    assert "six individuals" in judgement.counts


def test_what_somebody_confirms_is_told_as_if_the_judgement_had_been_sure() -> None:
    """Of the act as a whole, and of each target's: events are joined by it."""
    folder = Path(__file__).parents[2] / "data" / "judgement"
    sets = [folder / f"{name}.jsonl" for name in ("languages", "russia_eu_uk")]
    items = [item for path in sets for item in islice(read_set(str(path)), 12)]
    told = []
    for item in items:
        article, index = article_of(item), NameIndex.compile(entities_of(item))
        mentions = find_mentions(article, index)
        sure, unsure = (
            judge_article(article, mentions, index.entities, alert_floor=floor, reasons=Reasons.OF_NONE)
            for floor in (0.5, 1.1)
        )
        if confirmed := {one.entity for one in sure.of(Verdict.NEW_SANCTIONS)}:
            again = tell_again(article, as_confirmed(unsure, confirmed), index.entities)
            told.append((_act(again), _act(sure)))
    assert [again for again, _ in told] == [sure for _, sure in told]
    assert len(told) > 5


def _act(judgement: Judgement) -> Judgement:
    """What is told of the act, without how sure it is."""
    findings = tuple(replace(one, confidence=0, reasons=(), would_change="") for one in judgement.findings)
    return replace(judgement, findings=findings, reasons=())


def test_entities_without_a_mention_get_no_finding() -> None:
    judgement = judge("US hits drone network", NEW_LEAD, names={"Orlan Works": C})
    assert judgement.findings == ()


def test_a_language_without_a_vocabulary_never_alerts_and_says_why() -> None:
    judgement = judge(
        "Orlan listed", "Orlan Works was put on the list of the Treasury.", names={"Orlan Works": C}, language="xx-XX"
    )
    found = finding(judgement, "Orlan Works")
    assert found.verdict is Verdict.BYSTANDER
    assert found.confidence < 0.5
    assert found.reasons == ("no vocabulary for xx",)
    assert judgement.event is None


def test_what_is_expressly_on_no_list_is_not_new_where_only_signs_are_known() -> None:
    judgement = judge(
        "Havarierter Tanker treibt vor Rügen",
        "Die Ministerin dringt auf weitere Sanktionen gegen Tanker der Schattenflotte.",
        "Die Orlan Works steht bisher auf keiner Sanktionsliste.",
        names={"Orlan Works": V},
        language="de",
    )
    assert finding(judgement, "Orlan Works").verdict is not Verdict.NEW_SANCTIONS


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The US Treasury on Tuesday sanctioned Acme Freight but not Orlan Works.", "en"),
        ("London on Tuesday blacklisted Acme Freight, though not Orlan Works.", "en"),
        ("The Treasury sanctioned Acme Freight on Tuesday, and not the Orlan Works.", "en"),
        ("All the yards except Orlan Works were sanctioned by the US on Tuesday, Acme Freight among them.", "en"),
        ("With the exception of Orlan Works, all yards, Acme Freight too, were sanctioned on Tuesday.", "en"),
        ("Unlike Orlan Works, Acme Freight was added to the US sanctions list on Tuesday.", "en"),
        ("The US sanctioned Acme Freight on Tuesday, but not Bolt Marine or Orlan Works.", "en"),
        ("The US Treasury on Tuesday sanctioned Acme Freight but not its owner, Orlan Works.", "en"),
        ("London on Tuesday blacklisted Acme Freight, though not its parent company Orlan Works.", "en"),
        ("The US sanctioned Acme Freight on Tuesday, with the exception of its subsidiary, Orlan Works.", "en"),
        ("The Treasury on Tuesday blacklisted Acme Freight, sparing its largest shareholder, Orlan Works.", "en"),
        ("The US sanctioned Acme Freight and Bolt Marine on Tuesday but not Acme Freight's owner, Orlan Works.", "en"),
        ("Die USA haben am Dienstag Acme Freight sanktioniert, nicht aber Orlan Works.", "de"),
        ("Die USA haben am Dienstag Acme Freight sanktioniert, nicht aber ihren Eigentümer Orlan Works.", "de"),
        ("Les États-Unis ont sanctionné mardi Acme Freight, mais pas son propriétaire, Orlan Works.", "fr"),
        ("Estados Unidos sancionó el martes a Acme Freight, pero no a su dueño, Orlan Works.", "es"),
        ("США во вторник ввели санкции против Acme Freight, но не её владельца Orlan Works.", "ru"),
        ("США у вівторок запровадили санкції проти Acme Freight, але не її власника Orlan Works.", "uk"),
        ("Les États-Unis ont sanctionné mardi Acme Freight, mais pas Orlan Works.", "fr"),
        ("Estados Unidos sancionó el martes a Acme Freight, pero no a Orlan Works.", "es"),
        ("США во вторник ввели санкции против Acme Freight, но не Orlan Works.", "ru"),
        ("США у вівторок запровадили санкції проти Acme Freight, але не Orlan Works.", "uk"),
    ],
)
def test_who_is_expressly_set_apart_is_no_target(text: str, language: str) -> None:
    names = {"Acme Freight": C, "Bolt Marine": C, "Orlan Works": C}
    judgement = judge("Sanctions", text, names=names, language=language)
    assert finding(judgement, "Orlan Works").verdict is not Verdict.NEW_SANCTIONS


@pytest.mark.parametrize(
    "text",
    [
        "The US Treasury on Tuesday sanctioned not only Acme Freight but Orlan Works.",
        "The US Treasury on Tuesday sanctioned Acme Freight, and Orlan Works, not Bolt Marine alone.",
        "Not its first target in the port, Orlan Works was sanctioned by the US Treasury on Tuesday.",
        "The US on Tuesday sanctioned not the yard's owner, Bolt Marine, but its builder, Orlan Works.",
        "The Treasury did not spare its largest client, Orlan Works, which was sanctioned on Tuesday.",
        "Unlike Bolt Marine, which was spared, Orlan Works was sanctioned by the US Treasury on Tuesday.",
        "It was not Bolt Marine but Orlan Works that the US Treasury sanctioned on Tuesday.",
        "The US Treasury on Tuesday imposed sanctions barring Orlan Works from the US financial system.",
        "Orlan Works, which tried to save Bolt Marine, was sanctioned by the US Treasury on Tuesday.",
    ],
)
def test_who_only_looks_set_apart_is_one(text: str) -> None:
    names = {"Acme Freight": C, "Bolt Marine": C, "Orlan Works": C}
    judgement = judge("US sanctions yard", text, names=names)
    assert finding(judgement, "Orlan Works").verdict is Verdict.NEW_SANCTIONS


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("ru", "США ввели санкции против верфи", "Минфин США во вторник внес Orlan Works в санкционный список."),
        (
            "uk",
            "США запровадили санкції",
            "Мінфін США у вівторок вніс Orlan Works до санкційного списку.",
        ),
        ("de", "USA verhängen Sanktionen", "Die USA haben am Dienstag Sanktionen gegen Orlan Works verhängt."),
        ("es", "EE. UU. sanciona a una red", "El Tesoro sancionó este martes a Orlan Works por vender drones."),
        ("fr", "Washington sanctionne un réseau", "Washington a sanctionné mardi Orlan Works, un fabricant de drones."),
        ("zh", "美国制裁一家公司", "美国财政部6月10日制裁Orlan Works。"),
        ("ko", "미국, 기업 제재", "미국 재무부가 10일 Orlan Works를 제재 대상으로 지정했다."),
    ],
)
def test_the_same_frame_in_other_languages(language: str, title: str, text: str) -> None:
    judgement = judge(title, text, names={"Orlan Works": C}, language=language)
    assert finding(judgement, "Orlan Works").verdict is Verdict.NEW_SANCTIONS


def test_an_acronym_of_two_alerts_of_neither_where_nothing_tells_whose_it_is() -> None:
    entities = (
        Entity("dairy", Schema.COMPANY, "Kestrel Xenon Dairy Partners", ("KXDP",), countries=("ae",)),
        Entity("permits", Schema.PUBLIC_BODY, "Kwik Exports and Drilling Permits", ("KXDP",), countries=("ng",)),
    )
    index = NameIndex.compile(entities)

    def told(who: str) -> dict[str, Finding]:
        text = f"The US Treasury on Thursday imposed sanctions on {who}, adding it to its blacklist."
        article = Article("a", "https://example.org/a", "Example", "", "", (text,), PUBLISHED)
        found = judge_article(article, find_mentions(article, index), index.entities)
        return {one.entity: one for one in found.findings}

    assert {key: one.verdict for key, one in told("Nigeria's KXDP").items()} == {"permits": Verdict.NEW_SANCTIONS}
    unsure = told("KXDP")
    assert set(unsure) == {"dairy", "permits"}
    for one in unsure.values():
        assert one.verdict is Verdict.BYSTANDER
        assert 0.4 < one.alert_odds < 0.5, "the review chat is asked"
        assert one.against[0] == "2 tracked names share “KXDP”, and nothing tells which is meant"


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("US slaps sanctions on shipping firm", True),
        ("Treasury freezes assets of tycoon: asset freeze announced", True),
        ("США расширили санкции", True),
        ("美国将公司列入实体清单", True),
        ("정부, 독자제재 발표", True),
        ("EU-Sanktionspaket beschlossen", True),
        ("Bern sperrt die Konten der Werft", True),
        ("Die Werft kommt auf die Terrorliste", True),
        ("Berne bloque les avoirs du chantier", True),
        ("Moscou interdit l'entrée à dix diplomates", True),
        ("Suiza inmoviliza las cuentas del astillero", True),
        ("МИД закрыл въезд десяти чиновникам", True),
        ("Госдеп признал её террористической организацией", True),
        ("Токіо заморозив активи верфі", True),
        ("东京冻结船厂的资产", True),
        ("布鲁塞尔将其列为恐怖组织", True),
        ("도쿄가 조선소의 자산을 동결했다", True),
        ("EU가 테러단체로 지정했다", True),
        ("Let us list what we know", False),
        ("It added us to the list of guests", False),
        ("Exchange lists new firm", False),
        ("Rain expected on Sunday", False),
        ("", False),
    ],
)
def test_the_gate_lets_sanctions_through(text: str, speaks: bool) -> None:
    found = speaks_of_sanctions(text)
    assert (found is not None) is speaks


@pytest.mark.parametrize(
    ("title", "language", "matter"),
    [
        ("EU lists drone suppliers", "en", "EU"),
        ("Britain freezes oligarch's assets", "en", "UK"),
        ("Two traders named by Brussels over crude", "en", "EU"),
        ("'News agency' lands on British list", "en", "UK"),
        ("The gold that left Omdurman by night: a Sudan trader's story", "en", "Sudan"),
        ("Bern follows Brussels, with a footnote", "en", "CH"),
        ("Die Schweiz zieht nach", "de", "CH"),
        ("ЕС ответил Минску", "ru", "EU"),
        ("Der Milliardär vom See steht jetzt auf der EU-Liste", "de", "EU"),
        ("Prórroga de las listas Rusia-Ucrania: quién sigue", "es", "Russia"),
        ("Iran-linked tankers idle off Fujairah", "en", "Iran"),
        ("Harlow Town reach the third round", "en", None),
        ("A escola de samba que venceu o carnaval", "pt", None),
    ],
)
def test_a_title_may_tell_what_sanctions_are_about_without_a_word_of_them(
    title: str, language: str, matter: str | None
) -> None:
    assert speaks_of_sanctions(title) is None
    assert find_matter(Article("k", "", "Wire", title, "", (), PUBLISHED, language=language)) == matter


def test_a_page_that_tells_of_no_act_at_all_alerts_of_nobody() -> None:
    """However much its firm is described as targets are."""
    text = "Orlan Works, a maker of ship plate, has two mills on the river and employs some four thousand people."
    more = "Its sales rose by a tenth last year, it said, as yards ordered more."
    found = finding(judge("Orlan Works and its mills", text, more, names={"Orlan Works": C}), "Orlan Works")
    assert found.verdict is not Verdict.NEW_SANCTIONS
    act = "The United States imposed sanctions on it on Tuesday, the Treasury said."
    found = finding(judge("Orlan Works and its mills", text, act, names={"Orlan Works": C}), "Orlan Works")
    assert found.verdict is Verdict.NEW_SANCTIONS


def test_of_articles_with_a_new_designation_nearly_all_pages_are_fetched() -> None:
    """A floor; docs/decisions/0021-as-a-live-bot-reads.md has the figure."""
    items = with_a_designation(HELD_OUT / f"{name}.jsonl" for name in ("blind", "blind_10", "blind_languages_3"))
    assert sum(map(is_fetched, items)) > 0.96 * len(items)


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=400))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_judgement(text: str) -> None:
    judgement = judge("Acme", text + " Acme", names={"Acme": C})
    assert all(0 <= f.confidence <= 1 for f in judgement.findings)


@pytest.mark.timeout(600)  # 198 articles, half a minute on a quiet machine
def test_articles_that_nothing_was_learnt_from_are_judged_no_worse_than_before() -> None:
    """A floor under the figures of tests/measure.py on tests/data/heldout; docs/judgement.md has the figures."""
    tally = Tally()
    for name in ("blind", "blind_2", "short"):
        path = Path(__file__).parents[2] / "data" / "heldout" / f"{name}.jsonl"
        for item in read_set(str(path)):
            article, index = article_of(item), NameIndex.compile(entities_of(item))
            mentions = find_mentions(article, index)
            tally.add(item, judge_article(article, mentions, index.entities, reasons=Reasons.OF_NONE), (), ())
    figures = tally.figures()
    alert = figures["verdicts"]["new_sanctions"]
    assert tally.articles >= 150
    assert alert["precision"] >= 0.89
    assert alert["recall"] >= 0.84
    assert figures["macro_f1"] >= 0.81
    assert tally.noisy <= 5, "of 95 that report no new sanctions on anyone watched"
