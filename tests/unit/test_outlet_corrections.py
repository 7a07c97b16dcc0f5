"""An outlet takes its own report back: what is read as that, what it does to the event, what readers are told."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.alerts import alert_message, follow_up_message
from bot.events import corroborate, restore_target, settle_doubts, take_back, withdraw_target
from bot.events.corrections import find_notes, find_sign, is_column, is_denied
from bot.model import (
    Article,
    Event,
    EventSource,
    EventTarget,
    Finding,
    Judgement,
    Mention,
    Strength,
    Tier,
    Verdict,
)
from bot.visibility import without_hidden

NOW = datetime(2026, 11, 28, 20, 58, tzinfo=UTC)
WRONG = "A previous report that the EU had sanctioned Litasco was wrong."


def source(outlet: str, key: str) -> EventSource:
    return EventSource(key, f"https://x.example/{key}", outlet, "A title", Tier.NEWS, NOW, NOW)


EVENT = Event(
    key="3f2a9c1d",
    kind=Verdict.NEW_SANCTIONS,
    authorities=("EU",),
    programme="Russia",
    acted_on=date(2026, 11, 28),
    opened_at=NOW,
    updated_at=NOW,
    targets=(EventTarget("lit", "Litasco SA", Verdict.NEW_SANCTIONS, 0.9, "It was.", "Litasco", "https://x", "Wire"),),
    sources=(source("Wire", "a3"),),
)


def article(title: str = "Correction: EU did not sanction Litasco", text: str = WRONG, outlet: str = "Wire") -> Article:
    return Article("b1", "https://x.example/b1", outlet, title, "", (text, "The Council said so."), NOW)


def judged(verdict: Verdict = Verdict.BYSTANDER, entity: str = "lit") -> Judgement:
    start = WRONG.index("Litasco")
    mention = Mention(entity, 2, start, start + 7, "Litasco", Strength.STRONG, "Litasco")
    return Judgement("b1", (Finding(entity, verdict, 0.8, mentions=(mention,)),), None)


SIGNS = {
    "Correction: EU did not list it": True,
    "CORRECTED-EU lists Litasco": True,
    "Corrects that Litasco was listed": True,
    "WITHDRAWN: EU lists Litasco": True,
    "Kill: EU lists Litasco": True,
    "Clarification (2): EU package": True,
    "Correction to Friday's report on Litasco: it was spared": True,
    "Berichtigung: EU listet Litasco nicht": True,
    "Исправление: ЕС не внес Litasco": True,
    "Editor's note: The Herald has withdrawn its report that Litasco was listed": True,
    "We have retracted an earlier story on Litasco": True,
    "Report on Litasco withdrawn": True,
    "Report: sanctions on Litasco withdrawn": False,
    "Brussels has withdrawn its proposal on Litasco": False,
    "Market correction: oil falls": False,
    "Correctional officers sanctioned": False,
    "Kill switch: how sanctions work": False,
    "Withdrawn licences hit Litasco": False,
    "EU lists Litasco": False,
}


@pytest.mark.parametrize(("title", "is_one"), SIGNS.items(), ids=SIGNS)
def test_a_correction_says_so_where_it_begins(title: str, is_one: bool) -> None:
    assert bool(find_sign(article(title, "The Council met."))) is is_one
    assert bool(find_sign(article("EU and Litasco", f"{title}. The Council met."))) is is_one


def test_an_outlets_correction_puts_its_event_in_doubt_and_withdraws_nothing() -> None:
    (found,) = take_back(article(), judged(), [EVENT], NOW)
    assert not found.event.withdrawn
    assert found.event.targets == EVENT.targets
    assert found.event.revision == EVENT.revision + 1
    assert "correction" in found.reason
    reply = follow_up_message(found.event, (), correction=found.correction)
    assert reply.title == "Wire corrects its report on Litasco SA"
    assert [(quote.text, quote.source) for quote in reply.quotes] == [(WRONG, "Wire")]
    assert [link.url for link in reply.sources] == ["https://x.example/b1"]
    assert "No other source tells of it" in reply.paragraphs[0]
    alert = alert_message(found.event).paragraphs[0]
    assert alert.startswith("To be checked: Wire corrected its report on 28 Nov, 20:58 UTC")
    assert alert.endswith("No other source tells of it.")


def test_a_correction_may_stand_at_the_reports_own_address() -> None:
    corrected = replace(article(), key="a3")
    (found,) = take_back(corrected, judged(), [EVENT], NOW)
    assert take_back(corrected, judged(), [found.event], NOW) == ()


def _named(entity: str, *blocks: int, verdict: Verdict = Verdict.BYSTANDER) -> Finding:
    mentions = tuple(Mention(entity, block, 0, 7, entity, Strength.STRONG, entity) for block in blocks)
    return Finding(entity, verdict, 0.8, mentions=mentions)


TAKEN_BACK = {
    "of whom its title names": ((_named("lit", 0, 2), _named("luk", 2)), ["lit"]),
    "of all, where its title names nobody": ((_named("lit", 2), _named("luk", 2)), ["lit", "luk"]),
    "of all, where its title names who was listed before": (
        (_named("lit", 0, 2, verdict=Verdict.BACKGROUND), _named("luk", 2)),
        ["lit", "luk"],
    ),
    "of whom it tells nothing new": ((_named("lit", 0, verdict=Verdict.NEW_SANCTIONS), _named("luk", 2)), ["luk"]),
}


@pytest.mark.parametrize(("findings", "targets"), TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_a_correction_takes_back_what_it_is_about(findings: tuple[Finding, ...], targets: list[str]) -> None:
    both = replace(EVENT, targets=(*EVENT.targets, replace(EVENT.targets[0], entity="luk", caption="Lukomor")))
    found = take_back(article(), Judgement("b1", findings, None), [both], NOW)
    assert [one.correction.target for one in found] == targets


@pytest.mark.parametrize(
    ("right", "targets"),
    [
        ("the Treasury named only Lukomor.", ["lit"]),
        ("only Lukomor was sanctioned.", ["lit"]),
        ("Lukomor was not either.", ["lit", "luk"]),
    ],
)
def test_whom_alone_a_correction_says_were_listed_it_takes_not_back(right: str, targets: list[str]) -> None:
    both = replace(EVENT, targets=(*EVENT.targets, replace(EVENT.targets[0], entity="luk", caption="Lukomor")))
    said = f"It was not listed; {right}"
    told = replace(article("Correction: the EU's list", f"{WRONG} {said}"), language="en")
    luk = replace(_named("luk", 2), evidence=said)
    found = take_back(told, Judgement("b1", (replace(_named("lit", 2), evidence=WRONG), luk), None), [both], NOW)
    assert [one.correction.target for one in found] == targets


NO_CORRECTION = {
    "of another outlet": (article(outlet="Herald"), judged(), EVENT),
    "that says it is newly sanctioned": (article(), judged(Verdict.NEW_SANCTIONS), EVENT),
    "of somebody else": (article(), judged(entity="other"), EVENT),
    "of what is withdrawn": (article(), judged(), replace(EVENT, withdrawn=True)),
    "no correction": (article("EU and Litasco", "Litasco met the EU."), judged(), EVENT),
}


@pytest.mark.parametrize(("told", "judgement", "event"), NO_CORRECTION.values(), ids=NO_CORRECTION)
def test_nothing_is_put_in_doubt_by(told: Article, judgement: Judgement, event: Event) -> None:
    assert take_back(told, judgement, [event], NOW) == ()


def test_a_correction_is_told_once_and_names_who_still_tells_of_it() -> None:
    both = replace(EVENT, sources=(*EVENT.sources, source("Herald", "h1")))
    (found,) = take_back(article(), judged(), [both], NOW)
    assert found.correction.holds.startswith("Still told by Herald.")
    assert "No other source" not in alert_message(found.event).paragraphs[0]
    assert take_back(article(), judged(), [found.event], NOW) == ()


def test_who_still_tells_of_a_target_is_only_who_named_it() -> None:
    other = replace(EVENT.targets[0], entity="ros", caption="Rosneft")
    own, herald, post = (
        replace(source(outlet, key), targets=targets)
        for outlet, key, targets in (
            ("Wire", "a3", ("lit", "ros")),
            ("Herald", "h1", ("ros",)),
            ("Post", "p1", ("lit", "ros")),
        )
    )
    event = replace(EVENT, targets=(*EVENT.targets, other), sources=(own, herald, post))
    (found,) = take_back(article(), judged(), [event], NOW)
    assert found.correction.holds.startswith("Still told by Post.")
    (alone,) = take_back(article(), judged(), [replace(event, sources=(own, herald))], NOW)
    assert alone.correction.holds.startswith("No other source tells of it.")
    assert alert_message(alone.event).paragraphs[0].endswith("No other source tells of it.")
    assert alone.event.doubts[0].alone


def test_what_is_withdrawn_is_no_more_to_be_checked() -> None:
    other = replace(EVENT.targets[0], entity="ros", caption="Rosneft")
    (found,) = take_back(article(), judged(), [replace(EVENT, targets=(*EVENT.targets, other))], NOW)
    without, _ = withdraw_target(found.event, "lit", "it was spared", "Ana", NOW)
    assert not [text for text in alert_message(without).paragraphs if "To be checked" in text]
    back, _ = restore_target(without, "lit", "Ana", NOW)
    assert [text for text in alert_message(back).paragraphs if "To be checked" in text]


REFUTED = {
    "denied behind": ("An earlier version of this article said that the EU listed Litasco.", " It did not.", True),
    "denied in it": ("Our report on Friday wrongly said that the EU listed Litasco.", "", True),
    "another slip": (
        "An earlier version of this article said that the EU listed Litasco on Monday.",
        " It was Friday.",
        False,
    ),
    "what holds": ("The EU listed Litasco on Friday.", " An earlier version did not say when.", False),
}


REFUTED_IN = [
    ("de", "In einer ersten Meldung hieß es, die EU habe Litasco gelistet.", " Das trifft nicht zu.", True),
    ("de", "Wir haben am Freitag fälschlich berichtet, die EU habe Litasco gelistet.", "", True),
    ("de", "In einer ersten Meldung hieß es, die EU habe Litasco am Montag gelistet.", " Es war Freitag.", False),
    ("de", "Die EU hat Litasco gelistet.", " Das stand nicht in unserer ersten Meldung.", False),
    (
        "fr",
        "Une première version de cet article disait que l’UE avait inscrit Litasco.",
        " Il n’en est rien, et l’UE ne l’a pas fait.",
        True,
    ),
    ("fr", "Notre dépêche indiquait à tort que l’UE avait inscrit Litasco.", "", True),
    (
        "fr",
        "Une première version de cet article disait que l’UE avait inscrit Litasco lundi.",
        " C’était vendredi.",
        False,
    ),
    ("es", "Una versión anterior de este artículo afirmaba que la UE incluyó a Litasco.", " La UE no lo hizo.", True),
    ("es", "Inicialmente publicamos por error que la UE incluyó a Litasco.", "", True),
    ("es", "La UE incluyó a Litasco el viernes.", " La nota anterior no decía cuándo.", False),
    ("ru", "В предыдущей версии новости было указано, что ЕС внёс Litasco в список.", " Это не так.", True),
    ("ru", "Ранее мы ошибочно сообщали, что ЕС внёс Litasco в список.", "", True),
    ("ru", "Ранее Минфин сообщил, что внёс Litasco в список.", " Счета ещё не заблокированы.", False),
    ("uk", "У першій версії матеріалу йшлося, що ЄС вніс Litasco до списку.", " Насправді не вніс.", True),
    ("uk", "Раніше помилково повідомлялося, що ЄС вніс Litasco до списку.", "", True),
    ("uk", "ЄС вніс Litasco до списку.", " Раніше ми про це не писали.", False),
    ("zh", "本报早前的报道称欧盟已将Litasco列入名单。", "该公司并未被列入。", True),
    ("zh", "此前文章误称，欧盟已将Litasco列入名单。", "", True),
    ("zh", "欧盟周五将Litasco列入名单。", "此前的报道并未说明日期。", False),
    ("ko", "앞서 본지는 유럽연합이 Litasco를 제재했다고 보도했다.", " 이는 사실이 아니다.", True),
    ("ko", "앞서 재무부는 Litasco를 제재했다고 밝혔다.", " 자산은 아직 동결되지 않았다.", False),
    ("en", "An earlier version of this article said that the EU listed Litasco.", " There were no details.", False),
]


@pytest.mark.parametrize(
    ("language", "sentence", "behind", "is_refuted"),
    [*(("en", *case) for case in REFUTED.values()), *REFUTED_IN],
    ids=[*REFUTED, *(f"{language} {sentence[:30]}" for language, sentence, *_ in REFUTED_IN)],
)
def test_what_a_correction_says_of_an_earlier_version_and_denies_is_not_new(
    language: str, sentence: str, behind: str, is_refuted: bool
) -> None:
    told = replace(article("Correction: EU and Litasco", f"{sentence}{behind}"), language=language)
    mention = Mention("lit", 2, 0, 7, "Litasco", Strength.STRONG, "Litasco")
    finding = Finding("lit", Verdict.NEW_SANCTIONS, 0.9, sentence, mentions=(mention,), alert_odds=0.9)
    judgement = Judgement("b1", (finding,), Verdict.NEW_SANCTIONS, reasons=("event: new sanctions",))
    read = corroborate(told, judgement, {}, (), NOW, 0.5)
    assert (read.findings[0].verdict is not Verdict.NEW_SANCTIONS) is is_refuted
    assert bool(read.event) is not is_refuted
    assert bool(take_back(told, read, [EVENT], NOW)) is is_refuted


COLUMNS = {
    "Corrections and clarifications": True,
    "Corrections and clarifications – 8 March 2025": True,
    "Corrections: March 8, 2025": True,
    "Clarifications and corrections": True,
    "For the record": True,
    "Corrections officer sanctioned": False,
    "For the record, Litasco was listed": False,
    "Clarifications on the EU's list": False,
}


@pytest.mark.parametrize(("title", "is_one"), COLUMNS.items(), ids=COLUMNS)
def test_a_column_of_corrections_is_known_by_its_title(title: str, is_one: bool) -> None:
    assert is_column(article(title, "The Council met.")) is is_one


def test_a_title_of_marks_takes_no_longer_than_another() -> None:
    started = time.process_time()
    assert not is_column(article("!" * 20_000 + "x"))
    assert time.process_time() - started < 1.0


def test_a_long_page_with_many_names_is_looked_through_for_notes_as_fast_as_others() -> None:
    paragraphs = tuple(f"The port's owner {number} was heard on Monday." for number in range(1_500))
    page = replace(article("The port's owners"), paragraphs=paragraphs)
    mentions = [Mention(f"e{at}", at + 2, 4, 8, "port", Strength.STRONG, "port") for at in range(300)]
    started = time.process_time()
    assert not any(is_denied(page, Finding(at.entity, Verdict.BYSTANDER, 0.8, mentions=(at,))) for at in mentions)
    assert time.process_time() - started < 1.0


def test_words_that_may_deny_take_no_longer_than_others() -> None:
    text = "An earlier version of this article named the port. " + "in fact " * 2_400 + "1"
    page = replace(article(), paragraphs=("The port.", *[text] * 6))
    started = time.process_time()
    assert find_notes(page) == set(range(3, 9))
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    ("sentence", "behind", "is_refuted"),
    [
        ("We said that Britain had put Litasco on its list this week.", " It had not. We apologise.", True),
        ("A report on Thursday said that the US had sanctioned Litasco.", " It has no connection with the list.", True),
        ("In an article on Friday we reported that the EU had listed Litasco.", " In fact it was Lukomor.", True),
        ("In an article we reported that the EU had listed Litasco on Thursday.", " In fact it was on Friday.", False),
        ("The EU listed Litasco on Friday.", " The recipe omitted the eggs.", False),
    ],
)
def test_what_a_column_of_corrections_denies_is_not_new_and_the_column_puts_nothing_in_doubt(
    sentence: str, behind: str, is_refuted: bool
) -> None:
    told = article("Corrections and clarifications", f"{sentence}{behind}")
    mention = Mention("lit", 2, 0, 7, "Litasco", Strength.STRONG, "Litasco")
    finding = Finding("lit", Verdict.NEW_SANCTIONS, 0.9, sentence, mentions=(mention,), alert_odds=0.9)
    judgement = Judgement("b1", (finding,), Verdict.NEW_SANCTIONS, reasons=("event: new sanctions",))
    read = corroborate(told, judgement, {}, (), NOW, 0.5)
    assert (read.findings[0].verdict is not Verdict.NEW_SANCTIONS) is is_refuted
    assert take_back(told, read, [EVENT], NOW) == ()


ACT = "The EU put Acme under sanctions on Friday."
# language: what stands below the text, and is it that Litasco was not listed?
NOTES = {
    "an amended article": (
        "en",
        "This article was amended on 28 November. An earlier version wrongly said that Litasco was listed too.",
        True,
    ),
    "a correction, denied behind": (
        "en",
        "Correction: an earlier version of this article said that the EU listed Litasco. It is not on the list.",
        True,
    ),
    "a version": ("en", "An earlier version incorrectly named Litasco as listed.", True),
    "a slip that is not denied": ("en", "Correction: Litasco is based in Geneva, and has 400 employees.", False),
    "a report of others": ("en", "An earlier report by a rival said that Litasco was listed, which was wrong.", False),
    "German": ("de", "In einer früheren Fassung hieß es fälschlich, auch Litasco sei gelistet worden.", True),
    "French": ("fr", "Une version précédente de cet article citait à tort Litasco parmi les sociétés inscrites.", True),
    "Spanish": ("es", "Una versión anterior citaba por error a Litasco entre las sancionadas.", True),
    "Russian": ("ru", "В более ранней версии ошибочно говорилось, что под санкции попала и Litasco.", True),
    "Ukrainian": ("uk", "У попередній версії помилково йшлося, що до списку внесли й Litasco.", True),
    "Chinese": ("zh", "此前版本误将Litasco列入名单。", True),
    "Korean": ("ko", "이전 버전에서 Litasco를 제재 대상으로 잘못 언급했다.", True),
}


def _with_note(note: str, language: str, verdict: Verdict) -> tuple[Article, Judgement]:
    told = Article("b2", "https://x.example/b2", "Wire", "EU lists Acme", "", (ACT, note), NOW, language=language)
    start = note.index("Litasco")
    mention = Mention("lit", 3, start, start + 7, "Litasco", Strength.STRONG, "Litasco")
    odds = 0.9 if verdict is Verdict.NEW_SANCTIONS else 0.2
    finding = Finding("lit", verdict, 0.9, note.partition(". It is")[0], mentions=(mention,), alert_odds=odds)
    return told, Judgement("b2", (finding,), Verdict.NEW_SANCTIONS, reasons=("event: new sanctions",))


@pytest.mark.parametrize(("language", "note", "is_taken_back"), NOTES.values(), ids=NOTES)
def test_a_correction_may_stand_in_a_note_below_the_text(language: str, note: str, is_taken_back: bool) -> None:
    told, judgement = _with_note(note, language, Verdict.BACKGROUND)
    found = take_back(told, corroborate(told, judgement, {}, (EVENT,), NOW, 0.5), [EVENT], NOW)
    assert [one.correction.quote in note for one in found] == [True] * is_taken_back


def test_what_a_note_below_the_text_denies_is_not_new() -> None:
    told, judgement = _with_note(NOTES["a correction, denied behind"][1], "en", Verdict.NEW_SANCTIONS)
    read = corroborate(told, judgement, {}, (EVENT,), NOW, 0.5)
    assert read.findings[0].verdict is Verdict.BYSTANDER
    assert take_back(told, read, [EVENT], NOW)


def test_who_checked_it_ends_the_doubt_for_good() -> None:
    (found,) = take_back(article(), judged(), [EVENT], NOW)
    settled, told = settle_doubts(found.event, "Ana", NOW)
    assert settled.doubts == ()
    assert told.said == "Checked by Ana: it holds"
    assert take_back(article(), judged(), [settled], NOW) == (), "the correcting page is read again"
    assert take_back(replace(article(), key="b2", url="https://x.example/b2"), judged(), [settled], NOW)


def test_a_chat_that_does_not_see_the_name_does_not_see_the_doubt() -> None:
    other = replace(EVENT.targets[0], entity="ros", caption="Rosneft")
    (found,) = take_back(article(), judged(), [replace(EVENT, targets=(*EVENT.targets, other))], NOW)
    seen = without_hidden(found.event, frozenset({"lit"}))
    assert seen is not None
    assert seen.doubts == ()


def test_each_target_has_a_correction_of_its_own_that_names_no_other() -> None:
    other = replace(EVENT.targets[0], entity="ros", caption="Rosneft", surface="Rosneft")
    text = "A previous report that the EU had sanctioned Litasco and Rosneft was wrong."
    names = (("lit", "Litasco"), ("ros", "Rosneft"))
    mentions = [Mention(key, 2, 0, 0, name, Strength.STRONG, name) for key, name in names]
    findings = tuple(Finding(one.entity, Verdict.BYSTANDER, 0.8, text, mentions=(one,)) for one in mentions)
    both = replace(EVENT, targets=(*EVENT.targets, other))
    lit, ros = take_back(article(text=text), Judgement("b1", findings, None), [both], NOW)
    assert [one.event.revision for one in (lit, ros)] == [2, 3]
    assert lit.correction.said == "Wire corrects its report on Litasco SA"
    assert (ros.correction.said, ros.correction.target) == ("Wire corrects its report on Rosneft", "ros")
    assert not lit.correction.quote + ros.correction.quote
    told = alert_message(ros.event).paragraphs[0]
    assert told.startswith("To be checked: Wire corrected its report on Litasco SA and Rosneft on "), "both, at once"
    seen = without_hidden(ros.event, frozenset({"ros"}))
    assert seen is not None
    assert [doubt.targets for doubt in seen.doubts] == [("lit",)]
    assert "Rosneft" not in str(alert_message(seen))


def test_where_what_decides_names_another_target_the_title_is_quoted() -> None:
    other = replace(EVENT.targets[0], entity="ros", caption="Rosneft", surface="Rosneft")
    said = "Litasco was named in error beside Rosneft."
    corrected = article(title="Correction: Litasco was not listed", text=said)
    mentions = tuple(
        Mention("lit", block, at, at + 7, "Litasco", Strength.STRONG, "Litasco") for block, at in [(2, 0), (0, 12)]
    )
    finding = Finding("lit", Verdict.BYSTANDER, 0.8, said, mentions=mentions)
    both = replace(EVENT, targets=(*EVENT.targets, other))
    (found,) = take_back(corrected, Judgement("b1", (finding,), None), [both], NOW)
    assert found.correction.quote == "Correction: Litasco was not listed"
    told = alert_message(found.event).paragraphs[0]
    assert told.startswith("To be checked: Wire corrected its report on Litasco SA on 28 Nov"), "which of the two"


def test_a_correction_doubts_the_event_of_the_authority_that_it_tells_and_no_other() -> None:
    canadian = replace(EVENT, key="77aa", authorities=("CA",))
    corrected = replace(judged(), authorities=("EU",))
    (found,) = take_back(article(), corrected, [canadian, EVENT], NOW)
    assert found.event.key == EVENT.key
    assert take_back(article(), corrected, [canadian, found.event], NOW) == (), "read again, it means the same one"
    assert len(take_back(article(), judged(), [canadian, EVENT], NOW)) == 2, "nothing tells which"
    other = replace(judged(), authorities=("JP",))
    assert len(take_back(article(), other, [canadian], NOW)) == 1, "no event of that authority is known"
