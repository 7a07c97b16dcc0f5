"""Who is named where in an article, and who only seems to be. Every case has its sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.identifiers import LIST_ID
from bot.matching.acronyms import SHARED
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.terms import load_terms
from bot.matching.twins import find_twins
from bot.model import Article, Entity, EntityLink, Identifier, Mention, Schema, Strength
from bot.text.folding import BREAK

SANCTIONS = "Sanctions were announced today."


def article(*paragraphs: str, title: str = "", language: str = "en") -> Article:
    published = datetime(2025, 3, 4, tzinfo=UTC)
    return Article("a", "https://paper.example/a", "Paper", title, "", paragraphs, published, language=language)


def read(text: str, *tracked: Entity, language: str = "en") -> list[Mention]:
    index = NameIndex.compile(tracked)
    page = article(*text.split("\n"), SANCTIONS, language=language)
    mentions = find_mentions(page, index)
    for mention in mentions:
        text = page.blocks[mention.block].text[mention.start : mention.end]
        assert text.replace(BREAK, " ") == mention.surface
    return list(mentions)


def surfaces(text: str, *tracked: Entity, language: str = "en") -> list[str]:
    return [mention.surface for mention in read(text, *tracked, language=language)]


def person(caption: str, *aliases: str, countries: tuple[str, ...] = ()) -> Entity:
    return Entity(caption, Schema.PERSON, caption, aliases, countries=countries)


def company(caption: str, *aliases: str, countries: tuple[str, ...] = ()) -> Entity:
    return Entity(caption, Schema.COMPANY, caption, aliases, countries=countries)


def body(caption: str, *aliases: str, countries: tuple[str, ...] = ()) -> Entity:
    return Entity(caption, Schema.ORGANIZATION, caption, aliases, countries=countries)


def office(caption: str, *aliases: str, countries: tuple[str, ...] = ()) -> Entity:
    return Entity(caption, Schema.PUBLIC_BODY, caption, aliases, countries=countries)


def vessel(caption: str, *aliases: str) -> Entity:
    return Entity(caption, Schema.VESSEL, caption, aliases)


NAMED = [
    ("Morvanta Dalga ships it.", company("Morvanta Dalga Ticaret Ltd"), "Morvanta Dalga", "a Turkish word for trade"),
    (
        "Fabrika Morvanta Tisa was hit.",
        company("Fabrika Morvanta Tisa a.d. Novi Sad"),
        "Fabrika Morvanta Tisa",
        "without form and seat",
    ),
    (
        "The Zelk Morva Institute spoke",
        body("Zelk Morva Institute for Regional Change"),
        "Zelk Morva Institute",
        "without what it is for",
    ),
    ("Morva Zelk House is to pay", company("Morva Zelk House K.S.C.P."), "Morva Zelk House", "a form from Kuwait"),
    (
        "The Ukrainian president asked that Zelmorva be listed",
        company("State Corporation Zelmorva", "Zelmorva", countries=("ru",)),
        "Zelmorva",
        "another country's president speaks of it",
    ),
    ("Zurich is to stop it", company("Zurich Insurance Group AG", "Zurich"), "Zurich", "a place, and no dateline"),
    ("Almorv-Antov makes it.", company("JSC Concern VKO Almorv-Antov"), "Almorv-Antov", "without what it is"),
    ("St Morv Currency Exchange", company("Saint Morv Currency Exchange"), "St Morv Currency Exchange", "St for Saint"),
    (
        "The weekly Kwarkpost said so.",
        company("Kwarkpost Verlag AG", "Die Kwarkpost"),
        "Kwarkpost",
        "without its article",
    ),
    ("DOKVELL, MORVANTA BLACKLISTED", company("PJSC Morvanta", "Morvanta"), "MORVANTA", "a short line in capitals"),
    (
        "On it stand dealers in Tver and Kazan, KovEX, a café.",
        company("KovEX"),
        "KovEX",
        "a comma defines nothing that its letters do not begin",
    ),
    (
        "Brussels named Iran's morality police.",
        office("Morality Police", countries=("ir",)),
        "morality police",
        "a body of common words, where its country is named",
    ),
    ("the tanker, the MR Dokvell, left", company("Dokvell"), "Dokvell", "a kind of tanker in front, no man"),
    ("The Electricity ZKDS sold it", company("Zkds Sh.A."), "ZKDS", "a short word in capitals"),
    ("the builder Rosvetom paid", company("State Atomic Energy Corporation Rosvetom"), "Rosvetom", "behind its kind"),
    (
        "Vorobeyko keeps it",
        person("Vorobeyko Nikolai Nikolaevich", countries=("by",)),
        "Vorobeyko",
        "a family name that a patronymic shows to come first",
    ),
    (
        "Pearl Economic Holdings stays",
        company("Pearl Economic Holdings Public Company Limited"),
        "Pearl Economic Holdings",
        "a Thai legal form",
    ),
    ("Yurga Nickel is not", company("MMC Yurga Nickel PJSC"), "Yurga Nickel", "a Russian legal form in front"),
    ("Oleg Deripaska's yacht", person("Oleg Deripaska"), "Oleg Deripaska", "a possessive"),
    (
        "the firm of Oleg V. Stepanchuk, who",
        person("Stepanchuk, Oleg V."),
        "Oleg V. Stepanchuk",
        "an initial in the middle",
    ),
    (
        "by Mr Lukomsky of the board",
        person("Artem Lukomsky"),
        "Lukomsky",
        "a distinctive surname, where sanctions are spoken of",
    ),
    ("OAO Morvanta, a builder", company("Morvanta JSC"), "Morvanta", "another legal form"),
    (
        "Iran's central bank was cut off",
        office("Central Bank of Iran", countries=("ir",)),
        "Iran's central bank",
        "a country in front",
    ),
    (
        "In Iran the central bank was cut off",
        office("Central Bank of Iran", countries=("ir",)),
        "central bank",
        "its country is the one spoken of",
    ),
    (
        "a Rosneft-linked trader",
        company("Rosneft Oil Company", "Rosneft"),
        "Rosneft",
        "a hyphen that leaves the name the same",
    ),
    ("pro-Hezbollah crowds", body("Hezbollah"), "Hezbollah", "a prefix that leaves the name the same"),
    ("the ruling of Fifa", body("Football Federation", "FIFA"), "Fifa", "an acronym as a British paper writes it"),
    ("adidas, its sponsor", company("adidas AG"), "adidas", "a name that is written small"),
    ("Circle, which issues the coin", company("Circle Internet", "Circle"), "Circle", "a common word before a comma"),
    ("tankers such as the Hope and", vessel("HOPE"), "Hope", "a ship of a common name, among ships"),
    ("| Pioneer | 9256602 | Palau |", vessel("Unrelated", "IMO 9256602"), "9256602", "an IMO number in a table"),
    ("소식통은 고려항공은 운항을", company("Air Koryo", "고려항공"), "고려항공", "a Korean particle attached"),
    (
        "政府制裁广州腾跃化工等",
        company("Guangzhou Tengyue", "广州腾跃化工有限公司"),
        "广州腾跃化工",
        "Chinese without blanks",
    ),
    ("санкции против Андрея Сербина", person("Andrei Serbin"), "Андрея Сербина", "Cyrillic in the genitive"),
    ("«Роснефтью» управляет", company("Rosneft", "Роснефть"), "Роснефтью", "a Cyrillic firm in the instrumental"),
    (
        "Kronverk, which builds drones",
        company("Joint Stock Company Kronverk"),
        "Kronverk",
        "a legal form of several words in front",
    ),
    (
        "the sawmill of Lobrava Bois in Bangui",
        company("Lobrava Bois SARLU"),
        "Lobrava Bois",
        "a legal form of francophone Africa",
    ),
    ("Suvek Polska sells coal", company("Suvek Polska Sp. z o.o."), "Suvek Polska", "a Polish legal form with dots"),
    (
        "Consuelo Porvas, who heads them",
        person("María Consuelo Porvas Arguello", countries=("gt",)),
        "Consuelo Porvas",
        "the second given and the first family name",
    ),
    (
        "Getahun Reda of the front",
        person("Getahun Reda Kahsay", countries=("et",)),
        "Getahun Reda",
        "a father's name that serves as a family name",
    ),
    (
        "Betzalel Smotrakich said",
        person("Betzalel Yoel Smotrakich", countries=("il",)),
        "Betzalel Smotrakich",
        "a family name that looks like a patronymic",
    ),
    (
        "In Iran the Revolutionary Guards cheered",
        body("Islamic Revolutionary Guard Corps", countries=("ir",)),
        "Revolutionary Guards",
        "without its first word, where its country is spoken of",
    ),
    (
        "Xiamen Lembach, which makes engines",
        company("Xiamen Lembach Aircraft Engine Co., Ltd."),
        "Xiamen Lembach",
        "the place and the first word",
    ),
    ("The M27 movement, which", body("March 27 Movement", "M27"), "M27", "an acronym with a number"),
    ("a loan of VXB and others", company("VXB Bank PJSC"), "VXB", "three capitals before a generic word"),
    ("Khatim al-Anbar, the builder", company("Khatim al-Anbar Headquarters"), "Khatim al-Anbar", "without what it is"),
    (
        "Tourists look at the Eventrin.\nThe weather was fine.\nTankers lose cargo, says a yacht's crew.",
        vessel("Eventrin"),
        "Eventrin",
        "a ship far from the ships of the article",
    ),
    (
        "Sehr geehrter Mitgesellschafter Shell sagt",
        company("Shell plc", "Shell"),
        "Shell",
        "German nouns prove nothing",
    ),
    (
        "Alisher B. Usmankov, a magnate, and",
        person("Alisher Usmankov"),
        "Alisher B. Usmankov",
        "a middle initial that the list does not have",
    ),
    (
        "Alisher Burkhanovich Usmankov, a magnate",
        person("Alisher Usmankov"),
        "Alisher Burkhanovich Usmankov",
        "a patronymic that the list does not have",
    ),
    ("the estate of A. B. Usmankov was", person("Alisher Usmankov"), "A. B. Usmankov", "two initials, one not listed"),
    ("the estate of A.B. Usmankov was", person("Alisher Usmankov"), "A.B. Usmankov", "the same without a blank"),
    (
        "Sergey V. Ivanov, a minister",
        person("Sergey Vladimirovich Ivanov"),
        "Sergey V. Ivanov",
        "the initial of a patronymic, before a common family name",
    ),
    ("the firm of S.V. Chemizov was", person("Sergey Vladimirovich Chemizov"), "S.V. Chemizov", "both initials"),
    ("the firm of S. V. Chemizov was", person("Sergey Vladimirovich Chemizov"), "S. V. Chemizov", "both, apart"),
    ("a loan of QTB, a lender", company("Bank QTB", countries=("ru",)), "QTB", "three capitals behind a generic word"),
    (
        "The Sheikh Ali Hassan al-Jumeil",
        person("Ali Hassan al-Jumeil"),
        "Ali Hassan al-Jumeil",
        "its own family name",
    ),
    (
        "It hit Russian Star Shipping and",
        company("Star Shipping", countries=("ru",)),
        "Star Shipping",
        "its country in front",
    ),
    ("by May Star Shipping had paid", company("Star Shipping"), "Star Shipping", "a month in front"),
    ("At 19:15 So Star Shipping had paid", company("Star Shipping"), "Star Shipping", "a small word in front"),
    ("the Guards' Star Shipping had paid", company("Star Shipping"), "Star Shipping", "a possessive in front"),
    ("It hit Bank of China and", company("Bank of China", countries=("cn",)), "Bank of China", "nothing in front"),
    (
        "a wire trader, Germes-Metiz, sold springs",
        company("OOO Torgovy Dom Germes-Metiz"),
        "Germes-Metiz",
        "without the words of several that say what it is",
    ),
    (
        "a wire trader, Germetiz, sold springs",
        company("Trading House Germetiz LLC"),
        "Germetiz",
        "one word without the words that say what it is",
    ),
]


@pytest.mark.parametrize(("text", "tracked", "surface", "why"), NAMED, ids=[case[3] for case in NAMED])
def test_is_named(text: str, tracked: Entity, surface: str, why: str) -> None:
    language = "de" if text.startswith("Sehr") else "en"
    assert surface in surfaces(text, tracked, language=language), why


ABSENT = [
    ("Iran's central bank met.", office("Central Bank", countries=("ir",)), "words that are said of many bodies"),
    ("They fear the morality police.", office("Morality Police", countries=("ir",)), "nobody says whose"),
    (
        "ZURICH/LONDON, April 6 (Courier) - Traders ring in",
        company("Zurich Insurance Group AG", "Zurich"),
        "a dateline",
    ),
    ("ZURICH — Traders ring in", company("Zurich Insurance Group AG", "Zurich"), "a dateline of one place"),
    ("State Bank of India stopped", company("Bank of India", countries=("in",)), "a longer name begins the sentence"),
    ("The Royal Institute spoke", body("Royal Institute for Policy Studies"), "common words, without what it is for"),
    ("Igor Serbin and others", person("Andrei Serbin"), "a namesake"),
    ("Igor Serbin spoke. Serbin said", person("Andrei Serbin"), "a namesake's surname, later alone"),
    ("Kim Yong Nam met them", person("Kim Jong Un"), "another given name after the family name"),
    ("Kim Yong-bok met them", person("Kim Yong Chol", countries=("kp",)), "half of a given name after the family name"),
    ("The Export-Import Bank of China lent", company("Bank of China", countries=("cn",)), "a longer name, in front"),
    ("The People's Bank of China lent", company("Bank of China", countries=("cn",)), "another longer name"),
    ("the Mid-Atlantic Council met", body("Atlantic Council"), "a hyphen in front"),
    ("A grant of the Reuters Foundation", company("Reuters"), "a longer name, behind"),
    ("Alex Saab was freed. Saab said", company("Saab AB", "Saab"), "a person's family name is no firm"),
    ("Isabel dos Santos left", company("Santos Limited", "Santos"), "a particle in a person's name"),
    ("Liu Lizhi was charged", company("Lizhi Inc.", "Lizhi"), "a Chinese given name is no firm"),
    ("The Caesar Act was repealed", company("Caesar Holdings", "Caesar"), "a law"),
    ("a house in Aspen, Colorado, was", company("Aspen Pharma", "Aspen"), "a place"),
    ("It hopes for the best", vessel("HOPE"), "a common word, small"),
    ("Hope is no plan", company("Hope Trading", "Hope"), "a common word that begins a sentence"),
    ("Basque Homeland (ETA) gave up", company("ETA SA Manufacture", "ETA"), "an acronym of another name"),
    ("in Sudan. Bank of Khartoum rose", company("Sudan Bank"), "a sentence ends between the words"),
    ("Toll Holdings paid", company("Toll Brothers, Inc.", "Toll"), "a common word in another firm's name"),
    (
        "British risk adviser Vangarde said",
        company("Vangarde Group", "Vangarde Funds", countries=("us",)),
        "a firm of another country",
    ),
    (
        "a man they call “Gold Finger” left",
        person("Rico Valdano", "Gold Finger"),
        "a nickname of common words, in quotes",
    ),
    ("It sold REC shares", company("REC Silicon ASA", "REC", countries=("no",)), "an acronym that nothing speaks for"),
    ("Oleg Salanin owns mines", person("Oleg Salin"), "a consonant and a vowel more make another name"),
    ("Alexei Likhachov spoke", person("Alexei Lukashov"), "kh and ch are not k and sh"),
    ("Mr Karovi left", person("Majid Karov"), "a last vowel makes another name"),
    ("Irina Velkova sings", person("Irin Velkov"), "a woman's name is not a man's"),
    ("Intervol has a notice", body("Interval Aid", "Intervalle", "Interval"), "a firm of another vowel"),
    ("The EU agreed to it", company("E.U. S.A.S."), "what a legal form leaves is a short name of a country"),
    ("It built a Terminal there", company("Terminal LLC"), "what a legal form leaves is what many are"),
    ("such as the German of the group", person("Abu Ranzo the German"), "a people's name of a nickname"),
    (
        "A Ministry of Finance decree",
        office("Ministry of Finance of the Republic of Belarus"),
        "what every country has",
    ),
    ("Imam Hossanei said", body("Imam Hossanei Foundation"), "a person whom a body is called after"),
    ("Staff of al-Rashva met", body("Al-Rashva in Mozambique"), "a branch is not the whole"),
    ("the Cyber agency and its Directorate", body("New Cyber Army"), "a word that everybody uses"),
    ("The town of Chelyabinsk waits", company("Chelyabinsk Forge Works LLC"), "a town"),
    (
        "They talked again about Agricultural Bank of China, a lender",
        company("Bank of China", countries=("cn",)),
        "a common word in front",
    ),
    (
        "They talked again about Blue Star Shipping, a carrier",
        company("Star Shipping Co"),
        "a common word before a common word",
    ),
    (
        "Blue Star Shipping sank. Then they talked again about Blue Star Shipping, a carrier",
        company("Star Shipping Co"),
        "a name that begins a sentence and stands inside another",
    ),
    ("Penelope Wonk spoke of it", company("Wonk Technologies"), "a short word behind another with a capital"),
    ("It is brought from prisons in Farz", company("Farz Air"), "a short word that is a place"),
    ("Its 20th package came", body("20th Research Institute"), "an ordinal"),
    ("They talked again about South Delta Bank, a lender", company("Delta Bank"), "a part of the world in front"),
    ("They talked again about Western Union Bank, a lender", company("Union Bank"), "a common word before a kind"),
    ("They blamed again for it Kata'ib Hezbollah for it", body("Hezbollah"), "the brigades of a movement's name"),
    ("They blamed again for it Ali Hassan al-Majid for it", person("Ali Hassan"), "a family name with its article"),
    ("They blamed again for it Ali Hassan bin Walid for it", person("Ali Hassan"), "a father's name"),
    (
        "Later that day Sergey B. Chemizov left them alone",
        person("Sergey Vladimirovich Chemizov"),
        "the initial of another patronymic",
    ),
    (
        "Later that day Sergey Borisovich Chemizov left them alone",
        person("Sergey Vladimirovich Chemizov"),
        "another patronymic",
    ),
    (
        "Later that day Sergey B. Ivanov left them alone",
        person("Sergey Ivanov"),
        "an initial before a common family name",
    ),
    ("Later that day Ali M. Hassan left them alone", person("Ali Hassan"), "an initial between given names"),
    (
        "Iran spoke. Germany's morality police did too.",
        office("Morality Police", countries=("ir",)),
        "another country's, as it is said right before",
    ),
    (
        "Iran spoke. The central bank of Turkey did too.",
        office("Central Bank of Iran", countries=("ir",)),
        "another country's, as it is said right behind",
    ),
    ("Hong Kong's golden dragon parade", company("Golden Dragon", countries=("hk",)), "a firm has its capitals"),
    (
        "The Ukrainian MoD said so.",
        office("Ministry of Defence of Russia", "MoD", countries=("ru",)),
        "an acronym of a ministry is anybody's, with a small o too",
    ),
    (
        "Bank Melvi lends.",
        company("Bank Melvi PLC Asset Management"),
        "two words behind a legal form that are no seat",
    ),
    ("Mr Dokvell sings.", company("Concern Dokvell"), "a man"),
    ("At 5 Morvanta St in London", company("Morvanta Saint"), "a street"),
]


@pytest.mark.parametrize(("text", "tracked", "why"), ABSENT, ids=[case[2] for case in ABSENT])
def test_is_not_named(text: str, tracked: Entity, why: str) -> None:
    assert surfaces(text, tracked) == [], why


SHORT = [
    (
        'Hefei Lanzhou Optics ("Helan") sells lenses. Helan denied it.',
        company("Hefei Lanzhou Optics Co., Ltd."),
        ["Hefei Lanzhou Optics", "Helan", "Helan"],
        "introduced in brackets and quotes",
    ),
    (
        "The Reconnaissance Bureau (RGB) runs it. The RGB is old.",
        body("Reconnaissance Bureau"),
        ["Reconnaissance Bureau", "RGB", "RGB"],
        "an acronym in brackets",
    ),
    (
        "Dandong Zhicheng Metallic sold coal. Zhicheng is Chinese.",
        company("Dandong Zhicheng Metallic Material Co., Ltd."),
        ["Dandong Zhicheng Metallic", "Zhicheng"],
        "its first distinctive word",
    ),
    (
        "Oleg Ivanov left. Mr Ivanov sold it.",
        person("Oleg Ivanov"),
        ["Oleg Ivanov", "Ivanov"],
        "a common surname, after the name",
    ),
    (
        "Oleg Ivanov left. Pavel Ivanov stayed. Ivanov sang.",
        person("Oleg Ivanov"),
        ["Oleg Ivanov"],
        "a surname is the one's who was named last",
    ),
    (
        "The Ministry of Trade of Iran spoke, the Foreign Ministry and Ministry of Works did not; the Ministry sang.",
        office("Ministry of Trade of Iran", countries=("ir",)),
        ["Ministry of Trade of Iran", "Ministry"],
        "what it is, but not where it is another's name",
    ),
]


@pytest.mark.parametrize(("text", "tracked", "expected", "why"), SHORT, ids=[case[3] for case in SHORT])
def test_short_forms(text: str, tracked: Entity, expected: list[str], why: str) -> None:
    assert surfaces(text, tracked) == expected, why


IN_OTHER_WORDS = [
    ("de", "Auch der Deutschen Frachtbank drohte das.", company("Deutsche Frachtbank"), "a German adjective declined"),
    (
        "de",
        "Das Nationale Eisstock-Komitee Arkadiens wehrt sich.",
        body("Nationales Eisstock-Komitee Arkadiens"),
        "a German adjective after an article",
    ),
    (
        "de",
        "Gelistet ist das 841. Zentrum für elektronische Kampfführung.",
        company("841. Zentrum für elektronische Kampfführung"),
        "a German ordinal, whose dot ends no sentence",
    ),
    ("de", "Der Morvanta-Chef ging.", company("Morvanta JSC", "Morvanta"), "a German compound of a name and a noun"),
    ("ru", "Счета банка «Тавир» закрыты.", company("Банк Тавир"), "a Russian bank's kind, small and declined"),
    ("ru", "Акции Полканта нефти упали.", company("Полканта нефть"), "the common noun of a Russian firm declined"),
    (
        "uk",
        "Постачальник QVZ, пише Serbian Post, мовчить.",
        company("Quelloro Zavod", "QVZ", countries=("rs",)),
        "a word before it in another script",
    ),
    ("ru", "Банк Credit Morvanta молчит.", company("Credit Morvanta"), "a kind before it in another script"),
    ("uk", "Блаженнішого Онисифора не чіпали.", person("Онисифор"), "the first word of a sentence is no given name"),
    ("en", "The NGO Sherkana objected.", body("Sherkana"), "an acronym before it is no given name"),
    ("fr", "L'unité 71844 est visée.", office("GRU Unit 71844", "unité 71844"), "a number that names it"),
    (
        "zh",
        "其中有腾跃（佛山）光学等。",
        company("Tengyue", "腾跃（佛山）光学有限公司"),
        "Chinese with brackets inside",
    ),
    ("es", "El yate Solvanta zarpó.", vessel("SOLVANTA"), "a ship, in Spanish"),
    ("ru", "Яхта Solvanta ушла.", vessel("SOLVANTA"), "a ship, in Russian"),
    ("en", "It fined Arkadian Railways.", company("Arkadian Railways Group"), "without the word group"),
    (
        "en",
        "The Atomic Research Organisation denied it.",
        body("Atomic Research Organization"),
        "a British spelling",
    ),
    (
        "en",
        "Latvia's finance ministry agreed.",
        office("Ministry of Finance of Latvia", countries=("lv",)),
        "a ministry by its country and subject",
    ),
    (
        "en",
        "Denmark's defence ministry agreed.",
        office("Danish Ministry of Defence", countries=("dk",)),
        "a ministry whose country stands in front",
    ),
    (
        "es",
        "La ministra Lucía Rodríguez viajó.",
        person("Lucía Belén Rodríguez Prat", countries=("ve",)),
        "the first of two Spanish family names, also a given name",
    ),
    ("en", "VQK lends abroad; VQK Capital does not.", company("VQK Bank", "VQK"), "a daughter's name takes nothing"),
    ("fr", "Le ministre Alexeï Chavronov est visé.", person("Alexei Shavronov"), "sh as French has it"),
    ("fr", "Le patron, Iouri Tchamezin, est visé.", person("Yuri Chamezin"), "ch as French has it"),
    ("de", "Der Minister Sergej Schavronow geht.", person("Sergei Shavronov"), "sh, w and a last j as German has them"),
    ("ru", "Сергей Шаваров ушёл.", person("Sergei Shavarov"), "a family name that ends like a plural"),
    ("ru", "Потом Шаваров ушёл.", person("Sergei Shavarov"), "such a family name alone"),
    ("ru", "Максим Ганавин ушёл.", person("Maksim Ganavin"), "a given name that ends like a case"),
    ("ru", "Дело Максима Ганавина и других.", person("Maksim Ganavin"), "such a given name in the genitive"),
    ("ru", "Счета «Вертокатов России» закрыты.", company("Vertokaty Rossii AO"), "a plural in the genitive"),
    ("ru", "Доля «Реновары» выросла.", company("Renovara Group"), "the first word of a Latin name, declined"),
    ("en", "The Velkom Trade yard", company("Velkom Trade d.o.o. Beograd"), "a place behind the legal form"),
    ("en", "The Vumpel shipyard works.", company("JSC Shipyard Vumpel"), "what it is, put behind the name"),
    ("en", "The hackers of AVT 39 wait.", body("Persistent Threat 39", "AVT39"), "an acronym apart from its number"),
    ("en", "The ship Taedonkang sails.", vessel("TAE DON KANG"), "a ship's name written together"),
    ("en", "Hizbolleh agreed.", body("Hezbolleh"), "an Arabic name with other vowels"),
    ("ru", "Меры против Чемизова С.В. приняты.", person("Сергей Викторович Чемизов"), "initials behind, declined"),
    ("ru", "Меры против С.В. Чемизова приняты.", person("Сергей Викторович Чемизов"), "initials in front, declined"),
    ("ru", "Меры против С. В. Чемизова приняты.", person("Sergei Viktorovich Chemizov"), "a Latin name's initials"),
    ("ru", "Дело Алишера Бурхановича Усманкова.", person("Алишер Усманков"), "a patronymic, declined"),
    ("de", "Alischer Burchanowitsch Usmankow ging.", person("Alisher Usmankov"), "a German patronymic"),
    ("ru", "Меры против ЩТБ, банка из Тулы.", company("Банк ЩТБ", countries=("ru",)), "an acronym without bank"),
    ("ru", "Активы «Полканта» заморожены.", company("Полканта"), "in quotes alone"),
    ("zh", "美国制裁中国腾跃公司。", company("腾跃"), "two characters before what it is"),
    ("zh", "华跃被列入名单。华跃否认。", company("华跃"), "two characters that begin a sentence"),
    ("zh", "中国银行业务受损。", company("中国银行"), "a bank's business"),
    ("ko", "한솜은 제재 대상이다.", company("한솜"), "two syllables and a particle"),
    ("ko", "미국은 한솜그룹을 제재했다.", company("한솜"), "two syllables and group"),
    (
        "en",
        "Margarita Kuzvanova left.",
        Entity("e", Schema.LEGAL_ENTITY, "Margarita Vasilyevna Kuzvanova"),
        "a person on a list that does not say what its entries are",
    ),
]


@pytest.mark.parametrize(
    ("language", "text", "tracked", "why"), IN_OTHER_WORDS, ids=[case[3] for case in IN_OTHER_WORDS]
)
def test_is_named_in_other_words(language: str, text: str, tracked: Entity, why: str) -> None:
    assert surfaces(text, tracked, language=language), why


RU, UA, BY = ("ru",), ("ua",), ("by",)
SPELLED = [
    ("ru", "В список внесли «Русал».", company("RUSAL", countries=RU), "a word of capitals, in Cyrillic"),
    ("ru", "Меры против «Алросы».", company("ALROSA", countries=RU), "… and declined"),
    ("ru", "В список внесли ВТБ, второй банк.", company("VTB Bank PJSC", countries=RU), "an acronym, letter by letter"),
    ("ru", "Он купил «Газпром».", company("Gazprom", countries=RU), "an end that looks like a case"),
    ("ru", "Он купил «Росатом».", company("Rosatom", countries=RU), "…"),
    ("ru", "Глава Совкомфлота Игорь Тонковидов.", company("Sovcomflot", countries=RU), "a person's name behind it"),
    ("ru", "Глава FESCO Андрей Северилов.", company("FESCO", countries=RU), "… in another script"),
    ("fr", "Le patron de TotalEnergies Patrick Pouyanné.", company("TotalEnergies"), "… in French"),
    ("es", "El presidente de PDVSA Asdrúbal Chávez.", company("PDVSA", countries=("ve",)), "… in Spanish"),
    ("ru", "Глава дипломатии Кая Каллас.", person("Kaja Kallas", countries=("ee",)), "an Estonian j"),
    ("uk", "Проти Миколи Патрушева.", person("Nikolai Patrushev", countries=RU), "a Ukrainian given name"),
    ("ru", "Против Николая Азарова.", person("Mykola Azarov", countries=UA), "a Russian one"),
    ("uk", "Проти Євгена Мураєва.", person("Yevhen Murayev", countries=UA), "a Ukrainian h"),
    ("de", "Gegen Jewgeni Prigoschin.", person("Evgeny Prigozhin", countries=RU), "a German j"),
    ("de", "Gegen Juri Podoljaka.", person("Yurii Podoliaka", countries=UA), "…"),
    ("de", "Gegen Alexander Lukaschenko.", person("Alyaksandr Lukashenka", countries=BY), "a Belarusian ending"),
    ("de", "Das Vermögen Alischer Usmanows.", person("Alisher Usmanov", countries=RU), "a German genitive"),
    ("de", "Das trifft Gazproms Tochter.", company("Gazprom", countries=RU), "…"),
    ("zh", "美國制裁華為。", company("Huawei", "华为"), "simplified in a traditional text"),
    ("zh", "美国制裁华为。", company("Huawei", "華為"), "traditional in a simplified one"),
    ("zh", "外交部制裁洛克希德•马丁公司。", company("Lockheed Martin", "洛克希德·马丁"), "another dot"),
    ("zh", "中方制裁鲁比奥。", person("Marco Rubio", "马尔科·鲁比奥"), "a family name, transliterated"),
    ("ko", "김세운·조경훈·명철민을 제재했다.", person("Jo Kyong Hun", "조경훈"), "dots between different people"),
    ("ko", "한화한테 물었다.", company("Hanwha", "한화"), "a particle"),
    ("ko", "한화까지도 올랐다.", company("Hanwha", "한화"), "two particles"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "tracked", "why"), SPELLED, ids=[f"{a}: {d}" for a, b, _, d in SPELLED])
def test_is_named_as_its_language_spells_it(language: str, text: str, tracked: Entity, why: str) -> None:
    assert read(text, tracked, language=language), why


USED_AGAIN = [
    ("de", "Gennadi Timtschenko kam. Timtschenkos Jacht blieb.", person("Gennady Timchenko", countries=RU), 2),
    ("fr", "Vladimir Poutine a répondu. M. Poutine proteste.", person("Vladimir Putin", countries=RU), 2),
    ("ko", "블라디미르 푸틴 대통령. 푸틴은 반발했다.", person("Vladimir Putin", "블라디미르 푸틴"), 2),
    ("zh", "美国制裁埃里克·特朗普。", person("Donald Trump", "唐纳德·特朗普"), 0),
    ("de", "Die Moskauer Bank schwieg. Die Bank St. Petersburg auch.", company("Bank St. Petersburg"), 1),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "tracked", "times"), USED_AGAIN, ids=[b for _, b, *_ in USED_AGAIN])
def test_short_forms_as_the_article_spells_them(language: str, text: str, tracked: Entity, times: int) -> None:
    assert len(read(text, tracked, language=language)) == times


NOT_IN_OTHER_WORDS = [
    ("en", "Norway's defence ministry agreed.", office("Danish Ministry of Defence", countries=("dk",)), "another's"),
    ("de", "Die Morvanta-Bank zahlt.", company("Morvanta JSC", "Morvanta"), "a kind makes another firm of it"),
    ("ru", "Олег полканта ушёл.", person("Олег Полканта"), "a person's name has its capitals"),
    ("zh", "其中信息技术企业受到制裁。", company("CITIC", "中信"), "two characters inside two words"),
    ("zh", "居民平安无事。", company("平安保险", "平安"), "two characters of a saying"),
    ("zh", "小李伟大的祖国。", person("李伟"), "a person's two characters inside two words"),
    ("zh", "中国银行业监督管理委员会回应制裁。", company("中国银行"), "a trade and its authority"),
    ("zh", "中国石油大学受到制裁。", company("中国石油"), "a university"),
    ("ko", "미국은 북한화물선을 제재했다.", company("한화"), "two syllables inside a word"),
    ("ko", "현대사회에서 제재는 중요하다.", company("현대"), "two syllables that begin a word"),
    ("ko", "김강민 장관이 제재를 발표했다.", person("김강"), "two syllables of a longer name"),
    ("ru", "Меры против «Полкант нефти» приняты.", company("Полкант"), "a small noun inside the quotes"),
    ("ru", "Меры против «Полкант нефть шиппинг».", company("Полкант"), "two small nouns inside the quotes"),
]


@pytest.mark.parametrize("text", ["Osama al-masri is named.", "Xi jinping is named.", "Osama el-masri is named."])
def test_a_second_word_in_small_letters_is_still_the_name(text: str) -> None:
    assert surfaces(text, person("Osama al-Masri", "Osama el-Masri", "Xi Jinping"))


@pytest.mark.parametrize(
    ("language", "text", "tracked", "why"), NOT_IN_OTHER_WORDS, ids=[case[3] for case in NOT_IN_OTHER_WORDS]
)
def test_is_not_named_in_other_words(language: str, text: str, tracked: Entity, why: str) -> None:
    assert surfaces(text, tracked, language=language) == [], why


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Berlin verhängt Einreisesperren."),
        ("fr", "Leurs avoirs sont bloqués."),
        ("es", "El Consejo inmovilizó sus fondos."),
        ("uk", "Рада запровадила санкції."),
        ("uk", "Йому заборонено в’їзд."),
        ("en", "Ottawa imposed a travel ban."),
    ],
)
def test_an_article_speaks_of_sanctions_in_many_words(language: str, said: str) -> None:
    index = NameIndex.compile([person("Artem Lukomsky", "Артем Лукомський")])
    name = "Лукомський" if language == "uk" else "Lukomsky"
    assert find_mentions(article(said, f"So {name} .", language=language), index)
    assert not find_mentions(article(f"So {name} .", language=language), index)


EIGHT_OTHERS = (
    "Igor Lukomsky, Oleg Tarnov, Boris Melkin, Yuri Bolkhov, Viktor Semkin, Ivan Gorvin, Maxim Tolvin and Denis Parvin"
)
RELATIVES = [
    (
        "Gustavo Velmar spoke. The list was long, and the night was too.\nSo is his eldest, Pavel.",
        person("Pavel Andrés Velmar Ruiz", "Pavel Velmar"),
        "Pavel",
    ),
    ("Anton Said Ahmad dealt in art.\nThe gallery was his daughter Lena's.", person("Lena Ahmad"), "Lena"),
    ("The three Zelkovar brothers are known here.\nPavel has the licence.", person("Pavel Zelkovar"), "Pavel"),
    ("Brothers Zelkovar, of Omsk.\nPavel has the licence.", person("Pavel Zelkovar"), "Pavel"),
    ("Two Zelkovars own it, and a brother of theirs.\nPavel has the licence.", person("Pavel Zelkovar"), "Pavel"),
    (
        "Bashar al-Assad, who lives in Moscow, stays on the list together with his brother Maher.",
        person("Maher al-Assad"),
        "Maher",
    ),
    ("Anton Zelkovar was there with his brother Pavel.", person("Pavel Zelkovar"), "Pavel"),
    ("Anton Zelkovar, his wife Lena and their sons Igor and Pavel.", person("Pavel Zelkovar"), "Pavel"),
    ("They are Ivan Assad and his brother Pavel.", person("Pavel al-Assad"), "Pavel"),
    ("Gustavo Petro, and Petro's eldest son Pavel,", person("Pavel Petro"), "Pavel"),
    ("Gustavo Petro, and Petro's sons Igor and Pavel,", person("Pavel Petro"), "Pavel"),
    ("Anton Zelkovar dirige tout. Lena, la fille, l'aide.", person("Lena Zelkovar"), "Lena"),
    ("Anton Zelkovar lost all. In Rome they asked for their brother Pavel.", person("Pavel Zelkovar"), "Pavel"),
    ("The Zelkovars, Anton and his nephew Pavel, are two.", person("Pavel Zelkovar"), "Pavel"),
    ("Anton Zelkovar fled.\nLena, the Paris-born wife, stayed.", person("Lena Zelkovar"), "Lena"),
    ("Zelkovin, the spokesman, was there with his daughter Lena.", person("Lena Zelkovina"), "Lena"),
    ("A vault of the Zelkovars' keeps it (Igor and Pavel had bought it).", person("Pavel Zelkovar"), "Pavel"),
    ("The Assad dynasty fell.\nPavel has the licence.", person("Pavel al-Assad"), "Pavel"),
    ("Igor Lukomsky stayed.\nThe two Zelkovars, Igor and Pavel, left.", person("Igor Zelkovar"), "Igor"),
    ("Anton Zelkovar, his wife Vera Lukomskaya and his son Pavel left.", person("Pavel Zelkovar"), "Pavel"),
    ("Anton Zelkovar left. Zelkovar's British wife Lena stayed.", person("Lena Zelkovar"), "Lena"),
    (
        "His brother Pavel is on it.\nSo is Vera Lukomskaya, and so is Anton Zelkovar.",
        person("Pavel Zelkovar"),
        "Pavel",
    ),
    (
        "Vera Lukomskaya, mother of two, is on it; they add his son Pavel.\nSo is Anton Zelkovar.",
        person("Pavel Zelkovar"),
        "Pavel",
    ),
    (
        "Anton Zelkovar lost. Zelkovar had it all; Zelkovar is old.\n"
        + EIGHT_OTHERS
        + " wrote.\nHis son, Pavel, did not.",
        person("Pavel Zelkovar"),
        "Pavel",
    ),
    ("Zelkovsky's widow Lena spoke.", person("Lena Zelkovskaya"), "Lena"),
    (
        f"Anton Zelkovar fled. {EIGHT_OTHERS} wrote. " + "It rained all day. " * 25 + "His brother Pavel stayed.",
        person("Pavel Zelkovar"),
        "Pavel",
    ),
]


@pytest.mark.parametrize(("text", "tracked", "surface"), RELATIVES)
def test_a_relative_is_named_by_a_given_name(text: str, tracked: Entity, surface: str) -> None:
    assert surface in surfaces(text, tracked)


@pytest.mark.parametrize("word", load_terms().kin)
def test_every_word_of_kinship_names_a_relative(word: str) -> None:
    text = f"Anton Zelkovar was there with {word.replace('*', 'ом')} Pavel."
    language = "de" if word[0].isupper() else "en"  # a German noun has its capital anyway
    assert surfaces(text, person("Pavel Zelkovar"), language=language) == ["Pavel"]


@pytest.mark.parametrize(("his", "hers"), load_terms().hers.items())
def test_every_ending_of_a_daughters_name_is_known(his: str, hers: str) -> None:
    text = f"Anton Zelk{his} was there with his daughter Lena."
    assert surfaces(text, person(f"Lena Zelk{hers}")) == ["Lena"]


OTHERS_RELATIVES = [
    ("Anton Zelkovar was there with his brother Pavel Lukomsky.", "named in full"),
    ("Anton Polkan was there with his brother Pavel.", "of another family"),
    ("Anton Zelkovar met Igor Lukomsky and his brother Pavel.", "of whom stands right before"),
    ("Anton Zelkovar left. In Omsk, Igor Lukomsky came with his brother Pavel.", "with a verb between"),
    ("Anton Zelkovar left. In Omsk, Tymo Lukomsky came with his brother Pavel.", "a given name that nobody lists"),
    ("Anton Zelkovar left. Igor Lukomsky's brother Pavel stayed.", "whose brother is said"),
    ("Anton Zelkovar left. Lukomsky's elder brother Pavel stayed.", "whose brother is said, by the family name"),
    ("Anton Zelkovar ging. Igor Lukomsky und sein Bruder Pavel blieben.", "in German"),
    ("Anton Zelkovar left. Father Pavel, a priest, stayed.", "a priest"),
    ("Zelkovar Lines grew. Uncle Pavel is a film.", "a title of a film"),
    (
        "Anton Zelkovar came.\n"
        + EIGHT_OTHERS
        + " came.\n"
        + "It rained all day and night. " * 12
        + "The mayor praised his son Pavel.",
        "eight others were named since",
    ),
    ("Lehman Brothers fell. Pavel lost all.", "a firm"),
    ("Two Zelkovars landed. Pavel flew one.", "planes, it may be"),
]


@pytest.mark.parametrize(("text", "why"), OTHERS_RELATIVES)
def test_a_given_name_is_no_relative_of_somebody_else(text: str, why: str) -> None:
    found = surfaces(
        text,
        person("Pavel Zelkovar"),
        person("Pavel Lehman"),
        company("Zelkovar Lines"),
    )
    assert "Pavel" not in found, why


def test_a_nickname_that_is_tracked_tells_whose_relative_is_meant() -> None:
    tracked = (person("Mohamed Zelkovar", "Hemvedi"), person("Pavel Zelkovar"))
    assert "Pavel" in surfaces("Igor Lukomsky left. Hemvedi's brother Pavel stayed.", *tracked)


def test_a_saint_is_not_called_so_for_short() -> None:
    assert surfaces("Saint Morv Exchange moved to St Petersburg.", company("Saint Morv Exchange")) == [
        "Saint Morv Exchange"
    ]


def test_how_tells_what_was_found() -> None:
    tracked = person("Oleg Stepanchuk")
    first, second = read("Oleg Stepanchuk left. Stepanchuk sang.", tracked)
    assert (first.how, first.strength, first.form) == ("exact", Strength.STRONG, "Oleg Stepanchuk")
    assert second.how == "surname"
    assert read("Олега Степанчука видели", tracked)[0].how == "spelling variant"


SERVANTS = (
    "Abdulrahman Muhammad",
    "Abdul Rahman Muhammad",
    "Abd al-Rahman Muhammad",
    "Abd el-Rahman Mohammed",
    "Abdurrahman Muhammad",
    "Abdelrahman Mohammed",
    "Abdel-Rahman Muhammad",
)


@pytest.mark.parametrize("tracked", SERVANTS)
@pytest.mark.parametrize("written", SERVANTS)
def test_abd_al_is_one_name_however_it_is_parted(tracked: str, written: str) -> None:
    assert surfaces(f"The cleric {written} was among them.", person(tracked)) == [written]


@pytest.mark.parametrize("tracked", ["عبدالرحمن محمد", "عبد الرحمن محمد"])
@pytest.mark.parametrize("written", ["عبدالرحمن محمد", "عبد الرحمن محمد"])
def test_abd_al_in_arabic(tracked: str, written: str) -> None:
    assert surfaces(f"عقوبات على {written} اليوم", person(tracked), language="ar") == [written]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("AL-SALIM, Mahmoud Hasan (a.k.a. AJ), Beirut; DOB 1971", ["AL-SALIM, Mahmoud Hasan"]),
        ("linked to: AL-SALIM, Mahmoud Hasan).", ["AL-SALIM, Mahmoud Hasan"]),
        ("They are SALIM, MAHMOUD HASAN AND ALI.", []),
        ("They are Salim, Mahmoud and Hasan.", []),
    ],
)
def test_a_list_has_the_family_name_first_though_all_its_words_are_given_names(text: str, found: list[str]) -> None:
    assert surfaces(text, person("AL-SALIM, Mahmoud Hasan")) == found


@pytest.mark.parametrize(
    ("text", "tracked", "found"),
    [
        ("KIM, Sang Man (a.k.a. KIM, Steven), Pyongyang", "Kim Sang Man", ["KIM, Sang Man"]),
        ("SOE, Win", "Soe Win", ["SOE, Win"]),
        ("Kim, Sang and Man", "Kim Sang Man", []),
    ],
)
def test_a_list_has_a_comma_behind_a_family_name_that_comes_first(text: str, tracked: str, found: list[str]) -> None:
    assert surfaces(text, person(tracked)) == found


@pytest.mark.parametrize(
    ("text", "tracked", "found"),
    [
        ("HTi.008 Name: 1: LUCKSON 2: ELAN 3: na 4: na Title: na", "Luckson Elan", ["LUCKSON 2: ELAN"]),
        ("Name: 1: PRO 2: FANNE 3: VIKTOR 4: na", "Pro Fanne Viktor", ["PRO 2: FANNE 3: VIKTOR"]),
        ("Name: 1: Abu 2: Jafar 3: Said 4: Omran Title: na", "Abu Jafar Said Omran", ["Abu 2: Jafar 3: Said 4: Omran"]),
        ("Name: 1: GRIFFO 2: na 3: na 4: na", "Luckson Elan", []),
    ],
)
def test_a_list_numbers_the_parts_of_a_name(text: str, tracked: str, found: list[str]) -> None:
    assert surfaces(text, person(tracked)) == found


def test_in_a_text_without_capitals_a_whole_name_needs_none() -> None:
    text = "the us treasury listed semyon lukomsky and his bank. lukomsky lives in dubai, where frank long stays."
    index = NameIndex.compile([person("Semyon Lukomsky"), person("Oleg Frank Long")])
    found = find_mentions(article(text, "sanctions were announced today.", title="us sanctions a banker"), index)
    assert [mention.surface for mention in found][:1] == ["semyon lukomsky"]
    capitals = article(
        f"The Treasury, he said: {text}", SANCTIONS, "It Was The Treasury Of The United States Of America."
    )
    assert not find_mentions(capitals, index)


def test_in_a_text_without_capitals_a_title_tells_a_family_name() -> None:
    index = NameIndex.compile([person("Semyon Lukomsky"), person("Oleg Brank"), company("Tarnov")])
    text = (
        "mr. lukomsky is on there, and general brank too. that tarnov is a bank, mr. tarnov said, and brank is a word."
    )
    found = find_mentions(article(text, "sanctions were announced today.", title="Briefing Of The Secretary"), index)
    assert [mention.surface for mention in found] == ["lukomsky", "brank"]


def test_what_is_introduced_at_the_end_of_a_name_may_be_another() -> None:
    brigade, ministry = body("Qolva Brigade of the Interior Office"), office("Interior Office of Laos", "MINOFF")
    text = "The Qolva Brigade of the Interior Office (MINOFF) was hit. MINOFF said so."
    assert {mention.surface: mention.entity for mention in read(text, brigade, ministry)} == {
        "Qolva Brigade of the Interior Office": brigade.key,
        "MINOFF": ministry.key,
    }


def test_papers_of_some_languages_write_a_short_acronym_as_a_name() -> None:
    gru = office("GRU")
    assert surfaces("Dmitri Qolva, uscito dal Gru, le sanzioni le conosce.", gru, language="it") == ["Gru"]
    assert surfaces("Gru e camion sono fermi al porto. Le sanzioni restano.", gru, language="it") == []
    assert surfaces("The film is Despicable and stars Gru.", gru) == []


def test_given_names_share_a_family_name() -> None:
    brothers = [person(f"{given} Gupta") for given in ("Ajay", "Atul", "Rajesh")]
    assert surfaces("From today Ajay, Atul and Rajesh Gupta are barred.", *brothers) == ["Ajay", "Atul", "Rajesh Gupta"]


def test_the_longer_of_two_tracked_names_wins() -> None:
    short, long = (
        company("COSCO Shipping Tanker (Dalian) Co., Ltd."),
        company("COSCO Shipping Tanker (Dalian) Seaman Management"),
    )
    found = read("COSCO Shipping Tanker (Dalian) Seaman Management stays", short, long)
    assert [mention.entity for mention in found] == [long.caption]


def test_a_word_is_its_who_is_called_so_and_not_a_derived_name() -> None:
    settler, bank = body("Amana"), company("Amana Bank PLC", "Amana")
    assert {mention.entity for mention in read("Amana, the builder, is off the list", settler, bank)} == {"Amana"}


def test_a_list_item_ends_a_name() -> None:
    tracked = company("Morvanta Trading LLC")
    assert surfaces("Named were:\n- Polkanta Bank\n- Morvanta Trading\n- Quelloro Shipping", tracked) == [
        "Morvanta Trading"
    ]


def test_a_wallet_is_matched_letter_by_letter() -> None:
    address = "TXk9mP2vQ4sLr8WbN6yZcD3fGhJ5tVa7Ue"
    tracked = Entity("w", Schema.CRYPTO_WALLET, "Mixer hot wallet", identifiers=(Identifier("publicKey", address),))
    (mention,) = read(f"Funds went to {address}.", tracked)
    assert (mention.strength, mention.how) == (Strength.IDENTIFIER, "identifier")
    assert read(f"Funds went to {address.lower()}.", tracked) == []
    ether = "0x" + "aB3d" * 10
    tracked = Entity("e", Schema.CRYPTO_WALLET, ether)
    assert len(read(f"Funds went to {ether.lower()}.", tracked)) == 1


VOUCHED = [
    ("Zelkovar bought it from", person("Artem Zelkovar"), "Zelkovar", "a family name alone"),
    ("Karzhul and", company("Karzhul Oil Terminal"), "Karzhul", "a distinctive first word"),
    ("Zaha and", company("Zaha Airlines"), "Zaha", "one of four letters"),
    ("KXD sold it to", company("Kestrel Drilling Holdings", "KXD"), "KXD", "an acronym that is listed as it is"),
    ("M77 fought", body("Seventh Day Movement", "M77"), "M77", "an acronym with a number"),
    ("Of the tankers in port the Olja met", vessel("OLJA"), "Olja", "a ship of one word"),
]


@pytest.mark.parametrize(("text", "tracked", "surface", "why"), VOUCHED, ids=[case[3] for case in VOUCHED])
def test_a_name_in_full_vouches_for_weak_forms_of_others(text: str, tracked: Entity, surface: str, why: str) -> None:
    index = NameIndex.compile([tracked, company("Morvanta Shipping")])
    named = [mention.surface for mention in find_mentions(article(f"{text} Morvanta Shipping."), index)]
    assert named == [surface, "Morvanta Shipping"], why
    assert find_mentions(article(f"{text} somebody else."), index) == ()


def test_a_name_of_common_words_vouches_for_no_other() -> None:
    index = NameIndex.compile([company("Karzhul Oil Terminal"), company("Blue Lagoon Group Ltd")])
    named = find_mentions(article("They bathe in the Blue Lagoon near Karzhul."), index)
    assert "Karzhul" not in [mention.surface for mention in named]


SPELT_OUT = [
    ("Kestrel Xenon Dairies (KXD) and", "in brackets"),
    ("Kestrel Xenon Dairies and", "without brackets"),
    ("The Kestrel of Xenon and Dairies and", "with small words"),
]


@pytest.mark.parametrize(("text", "why"), SPELT_OUT, ids=[case[1] for case in SPELT_OUT])
def test_an_acronym_that_is_spelt_out_as_another_is_not_meant(text: str, why: str) -> None:
    tracked = company("Kovrovsk Drilling Holdings", "KXD")
    assert surfaces(f"{text} Morvanta Shipping met. KXD sang.", tracked, company("Morvanta Shipping")) == [
        "Morvanta Shipping"
    ], why


KXDP = (
    company("Kestrel Xenon Dairy Partners", "KXDP", countries=("ae",)),
    office("Kwik Exports and Drilling Permits", "KXDP", countries=("ng",)),
)
KEYS = {one.key for one in KXDP}


def test_a_plus_is_a_part_of_the_name_it_stands_behind() -> None:
    text = "En+, the metals holding, fell. En route to Rome, +7 in front and A + B behind, Rosneft+Shell met C++."
    assert surfaces(text, company("En+ Group")) == ["En+"]
    assert surfaces(text.replace("metals", "métals: сталь"), company("En+ Group")) == ["En+"]  # not ASCII
    assert surfaces(text, company("Rosneft")) == ["Rosneft"]


def test_an_alias_that_begins_small_is_found_beside_the_name_it_is_short_for() -> None:
    text = "Riga waits: airBaltic fell."
    assert surfaces(text, company("Air Baltic Corporation AS", "airBaltic")) == ["airBaltic"]
    assert surfaces(text.replace("airB", "airb"), company("Air Baltic Corporation AS")) == []


@pytest.mark.parametrize(
    "text",
    [
        "El Volgostar lleva nueve días amarrado en Nueva Palmira.",
        "Le Volgostar et son équipage attendent.",
        "Die Volgostar ankert vor Rostock.",
        "She berthed on Monday: Volgostar, 4,000 dwt.",
        "Ali Qolva, captain of the Volgostar, was hit.",
    ],
)
def test_words_of_the_sea_tell_a_ship(text: str) -> None:
    assert surfaces(text, vessel("VOLGOSTAR"), language="es") == ["Volgostar"]


@pytest.mark.parametrize("prefix", ["MT", "MV", "M/T", "M/V", "VLCC", "FSO", "the MS"])
@pytest.mark.parametrize("name", ["Volgostar", "Ace", "VOLGOSTAR"])
def test_what_stands_in_capitals_before_a_ships_name_is_no_part_of_it(prefix: str, name: str) -> None:
    assert surfaces(f"On Monday {prefix} {name} was listed.", vessel(name.upper())) == [name]


@pytest.mark.parametrize("before", ["Mt", "Ms", "Captain Fso", "Alma"])
def test_what_only_looks_like_it_is_another_name(before: str) -> None:
    assert surfaces(f"Sanctions were the talk when {before} Volgost spoke.", vessel("VOLGOST")) == []


def test_whose_countryman_somebody_is_called_is_no_given_name() -> None:
    text = "Listed with her was the Frenchman Vaucelle. Dutchwoman Van Laar was too."
    tracked = person("Etienne Vaucelle"), person("Mieke van Laar")
    assert surfaces(text, *tracked) == ["Vaucelle", "Van Laar"]


def test_what_a_list_is_of_tells_its_ships() -> None:
    text = "These vessels, and who commands them:\n• Bolero - Ivan Qolva\n• Mole - Oleg Tarn\n• Volgostar - Ivan Qorv"
    assert surfaces(text, vessel("Volgostar")) == ["Volgostar"]


def test_nothing_else_tells_a_ship_of_one_word() -> None:
    assert surfaces("Volgostar pagó.", vessel("VOLGOSTAR"), language="es") == []


def test_a_list_is_called_after_a_person_and_no_firm() -> None:
    text = "Cierra la lista {}, de Texas."
    assert surfaces(text.format("Saronic"), company("Saronic Technologies", "Saronic"), language="es") == ["Saronic"]
    assert surfaces(text.format("Clinton"), person("Bill Clinton", "Clinton"), language="es") == []


BEARERS = [
    ("Nigeria's KXDP. KXDP sang.", [1], "the country before it"),
    ("Nigeria's KXDP met in Emirati waters. KXDP sang.", [1], "the country before it, not behind"),
    ("KXDP sang. KXDP danced.\nNigeria mourns.", [1], "a country that is named elsewhere"),
    ("KXDP sang. The Xenon people left.", [0], "a word of one name"),
    ("KXDP sang. Many partners left.", [0, 1], "a common word tells nothing"),
    ("KXDP sang. Oleg Stepanchuk left.", [1], "a tracked person of its country"),
    ("Kestrel Xenon Dairy Partners sang.\nKXDP left Nigeria.", [0], "named in full"),
    ("Nigeria's KXDP met the Emirati KXDP.", [0, 1], "each has its country"),
    ("KXDP sang.", [0, 1], "nothing tells"),
]


@pytest.mark.parametrize(("text", "meant", "why"), BEARERS, ids=[case[2] for case in BEARERS])
def test_of_several_that_share_an_acronym_the_one_is_found_that_the_article_tells(
    text: str, meant: list[int], why: str
) -> None:
    mentions = [one for one in read(text, *KXDP, person("Oleg Stepanchuk", countries=("ng",))) if one.entity in KEYS]
    assert {mention.entity for mention in mentions} == {KXDP[at].key for at in meant}, why
    assert {mention.how == SHARED for mention in mentions} == {"tells nothing" in why or "nothing tells" in why}


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        (("Kestrel Xenon", ("ng",)), ("Federatia Pustelga", ("ng",)), "exact"),
        (("Kestrel Xenon", ()), ("Xenon Kestrels", ("ng",)), "exact"),
        (("Kestrel Xenon", ()), ("Federatia Pustelga", ("ng",)), SHARED),
    ],
    ids=["of one country", "with a word in common", "with nothing in common"],
)
def test_one_body_that_is_tracked_twice_shares_its_acronym_with_nobody(
    one: tuple[str, tuple[str, ...]], other: tuple[str, tuple[str, ...]], how: str
) -> None:
    mentions = read("KXDP sang.", *(body(name, "KXDP", countries=countries) for name, countries in (one, other)))
    assert [(mention.surface, mention.how) for mention in mentions] == [("KXDP", how)] * 2


@pytest.mark.parametrize(
    ("text", "ours", "theirs"),
    [
        ("John Mark Orlenko was listed.", person("ORLENKO, John Mark"), person("John Mark Orlenko")),
        ("Kostyantyn Orlenko was listed.", person("Kostyantyn Valentynovych Orlenko"), person("Kostyantyn Orlenko")),
        ("Ihor Orlenkoy was listed.", person("Ihor Petrovych Orlenko", "Orlenkoy"), person("Ihor Orlenkoy")),
        ("Zelkova was listed.", company("Joint Stock Company Zelkova Oil", "Zelkova"), company("Zelkova PJSC")),
        ("Zelkova Oil was listed.", company("Zelkova Holding", "Zelkova"), company("Zelkova Oil")),
        ("KXDP was listed.", body("Kestrel Xenon", "KXDP"), body("KXDP")),
    ],
)
def test_a_name_on_another_watchlist_takes_no_words_from_one_on_ours(text: str, ours: Entity, theirs: Entity) -> None:
    alone = read(text, ours)
    together = read(text, ours, replace(theirs, watchlist="other desk"))
    assert [mention for mention in together if mention.entity == ours.key] == alone
    assert theirs.key in {mention.entity for mention in together}


TWINS = [
    (person("ORLENKO, John Mark"), person("John Mark Orlenko"), "Sanctioned: ORLENKO, John Mark."),
    (person("Oleg Petrovich Orlenko"), person("Oleg Orlenko"), "Oleg Orlenko was listed."),
    (person("Oleg Orlenko"), person("Orlenko Oleg"), "Orlenko Oleg was listed."),
    (person("Сулейман Керимов"), person("Suleyman Kerimov"), "Suleiman Kerimov was listed."),
    (company("Суперфосфат"), company("PJSC Superfosfat"), "Superfosfat was listed."),
    (company("Surgutneftegas"), company("Surgutneftegaz PJSC"), "Surgutneftegaz was listed."),
    (company("ООО Гефест-М"), company("Gefest-M Ltd."), "Gefest-M Ltd. was listed."),
    (company("Zelkova Neft"), body("Zelkovaneft"), "Zelkova Neft was listed."),
]


@pytest.mark.parametrize(("one", "other", "text"), TWINS, ids=[case[2] for case in TWINS])
def test_who_is_tracked_twice_in_two_spellings_is_named_as_both(one: Entity, other: Entity, text: str) -> None:
    assert {mention.entity for mention in read(text, one, other)} == {one.key, other.key}
    surface = {(mention.block, mention.start, mention.surface) for mention in read(text, one, other)}
    assert len(surface) == 1, "by the same words"


IMO = Identifier("imoNumber", "9187629"), Identifier("imoNumber", "9074729")
NO_TWINS = [
    ("another country", {"countries": ("ru",)}, {"countries": ("de",)}),
    ("another IMO number", {"identifiers": IMO[:1]}, {"identifiers": IMO[1:]}),
    ("a link", {"links": (EntityLink("owned_by", "Surgutneftegaz PJSC"),)}, {}),
    ("another kind", {"schema": Schema.PERSON}, {}),
    ("another legal form", {"caption": "Surgutneftegas GmbH"}, {}),
    ("another entry of one list", {"identifiers": (Identifier(LIST_ID, "ofac:1"),)},
     {"identifiers": (Identifier(LIST_ID, "ofac:2"),)}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "ours", "theirs"), NO_TWINS, ids=[case[0] for case in NO_TWINS])
def test_two_that_something_tells_apart_are_not_taken_for_one(
    why: str, ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    one, other = company("Surgutneftegas"), replace(company("Surgutneftegaz PJSC"), **theirs)
    mentions = read("Surgutneftegaz was listed.", replace(one, **ours), other)
    assert {mention.entity for mention in mentions} == {other.key}, why


NO_TWINS_BY_NAME = [
    ("father and son", person("Oleg Petrovich Orlenko"), person("Oleg Ivanovich Orlenko")),
    ("two ships", vessel("Zelko Fara"), vessel("Zelkofara")),
    ("a branch", company("Zelkova Metal (Beijing) Ltd."), company("Zelkova Metal Ltd.")),
    ("another given name", person("Wei Orlenko"), person("Wei Orlenko (Vicki Orlenko)")),
]


@pytest.mark.parametrize(("why", "one", "other"), NO_TWINS_BY_NAME, ids=[case[0] for case in NO_TWINS_BY_NAME])
def test_names_that_leave_out_what_tells_two_apart_make_no_twins(why: str, one: Entity, other: Entity) -> None:
    index = NameIndex.compile((one, other))
    assert (find_twins(one.key, index), find_twins(other.key, index)) == ((), ()), why


@pytest.mark.parametrize(
    ("one", "other", "text", "named"),
    [
        ("RussNeft", "Rosneft", "США ввели санкции против «Роснефти».", "Rosneft"),
        ("Gazprom Neft", "Gazprom", "Gazprom was listed.", "Gazprom"),
        ("Zelkova Holding", "Zelkova Oil", "Zelkova Oil was listed.", "Zelkova Oil"),
    ],
)
def test_a_name_that_is_like_another_or_a_part_of_it_is_not_taken_for_it(
    one: str, other: str, text: str, named: str
) -> None:
    assert {mention.entity for mention in read(text, company(one), company(other))} == {named}


def test_whoever_is_tracked_by_an_acronym_alone_is_named_by_it_whatever_it_is_introduced_for() -> None:
    text = "Iran's Islamic Revolutionary Guard Corps (IRGC) was listed. The IRGC protested."
    assert surfaces(text, body("IRGC")) == ["IRGC", "IRGC"]
    assert surfaces(text, body("Institute of Rare Grain Cultures", "IRGC")) == []
    named = body("Islamic Revolutionary Guard Corps")
    both = read(text, named, body("IRGC"))
    assert [one.surface for one in both if one.entity == "IRGC"] == ["IRGC", "IRGC"]
    assert [one for one in both if one.entity == named.key] == read(text, named), "nothing is taken from the other"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TD Bank, N.A.", "TD Bank"),
        ("Zelkova Bank A.E.", "Zelkova Bank"),
        ("Zelkova Metales S. de R.L.", "Zelkova Metales"),
        ("Zelkova Metal JLLC", "Zelkova Metal"),
        ("Zelkova Fish ehf.", "Zelkova Fish"),
    ],
)
def test_legal_forms_that_are_words_elsewhere_are_no_part_of_the_name(name: str, text: str) -> None:
    assert surfaces(f"On Monday {text} was listed.", company(name)) == [text]


def test_a_caption_that_begins_with_the_family_name_is_as_much_its_own_as_one_that_does_not() -> None:
    one, other = person("ORLENKO, John Mark"), person("Someone Else", "John Mark Orlenko")
    assert [mention.entity for mention in read("John Mark Orlenko was listed.", one, other)] == [one.key]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The patriarch is spared. Kirill prays.", ["Kirill"]),
        ("Kirill prays.", []),
        ("The patriarch is spared. Kirill Lukomsky prays.", []),
    ],
)
def test_who_is_called_by_a_title_is_named_by_the_given_name_beside_it(text: str, found: list[str]) -> None:
    assert surfaces(text, person("Vladimir Gundorin", "Patriarch Kirill")) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Caracas was told that the central bank may trade.", ["central bank"]),
        ("Havana was told that the central bank may trade.", []),
        ("Caracas was told by Havana and Riyadh that the central bank may trade.", []),
    ],
)
def test_a_seat_of_government_tells_whose_office_it_is(text: str, found: list[str]) -> None:
    assert surfaces(text, office("Central Bank of Venezuela", countries=("ve",))) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A tanker that left on Monday, the Kazan, belongs to Kazan Shipping.", ["Kazan"]),
        ("Three ships that left on Monday are hit: *Kazan* and two that belong to Kazan Shipping.", ["Kazan"]),
        ("The tankers of Kazan Shipping sail.", []),
    ],
)
def test_a_ship_beside_her_owner_of_the_same_name(text: str, found: list[str]) -> None:
    assert surfaces(text, vessel("KAZAN")) == found


def test_no_article_without_sanctions_counts_a_weak_form() -> None:
    index = NameIndex.compile([company("Orange Polska", "Orange"), person("Artem Lukomsky")])
    assert find_mentions(article("He drank Orange juice with Lukomsky."), index) == ()


def test_blocks_are_those_of_the_article() -> None:
    index = NameIndex.compile([company("Morvanta JSC")])
    page = article("First.", "Then Morvanta.", title="Morvanta falls")
    assert [(mention.block, mention.start) for mention in find_mentions(page, index)] == [(0, 0), (3, 5)]


TRACKED = NameIndex.compile(
    [person("Oleg Ivanov", "Олег Иванов"), company("Bank of China"), vessel("HOPE"), body("FARC"), company("华为")]
)
PIECES = st.sampled_from(
    [
        "Oleg",
        "Ivanov",
        "Иванова",
        "Bank",
        "of",
        "China",
        "HOPE",
        "FARC",
        "华为",
        "(",
        ")",
        '"',
        ",",
        ". ",
        "-",
        "’s",
        "&",
        "\x01",
        "\n",
    ]
)


@settings(max_examples=150)
@given(
    st.lists(PIECES | st.text(alphabet=st.characters(exclude_categories=[]), max_size=4), max_size=25), st.booleans()
)
def test_a_hostile_text_never_raises_and_surfaces_are_slices(pieces: list[str], spaced: bool) -> None:
    text = (" " if spaced else "").join(pieces)
    page = article(text, SANCTIONS, title=text)
    for mention in find_mentions(page, TRACKED):
        text = page.blocks[mention.block].text[mention.start : mention.end]
        assert text.replace(BREAK, " ") == mention.surface
        assert mention.surface


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("США ввели санкции против «Роснефти».", "Rosneft"),
        ("Лондон внёс в список «Русснефть».", "RussNeft"),
        ("Лондон внёс в список активы «Русснефти».", "RussNeft"),
    ],
)
def test_of_two_whom_a_word_spells_otherwise_it_is_the_one_spelt_most_like_it(text: str, meant: str) -> None:
    found = read(text, company("Rosneft"), company("RussNeft"), language="ru")
    assert [mention.entity for mention in found] == [meant]


@pytest.mark.parametrize(
    ("text", "tracked", "times"),
    [
        ("В список внесли «Роснефть».", company("RussNeft", countries=("ru",)), 0),
        ("В список внесли «Русснефть».", company("Rosneft", countries=("ru",)), 0),
        ("В список внесли «Русснефть».", company("RussNeft", countries=("ru",)), 1),
        ("В список внесли Усаму Хамдана.", person("Osama Hamdan", countries=("lb",)), 1),
        ("В список внесли Муаммара Каддафи.", person("Muammar Qadhafi", countries=("ly",)), 1),
    ],
)
def test_a_russian_name_has_the_vowels_of_its_own_spelling(text: str, tracked: Entity, times: int) -> None:
    assert len(surfaces(text, tracked, language="ru")) == times


@pytest.mark.parametrize(
    ("text", "tracked", "times"),
    [
        ("Черга дійшла й до «Мечела».", company("Mechel PAO", "Мечел"), 1),
        ("Промсвязьбанку терять нечего.", company("Promsvyazbank PJSC", "Промсвязьбанк"), 1),
        ("Рынок ждал «Лукойла».", company("Lukoil PJSC"), 1),
        ("Рынок рос, Мочаловым интересовались.", company("Mechel PAO", "Мечел"), 0),
        ("Согазу и «СОГАЗом» интересовались.", company("SOGAZ", "СОГАЗ"), 2),
        ("С «Редутом» обошлись так же.", body("Redut PMC", "Редут"), 1),
        ("Из редута вышли солдаты.", body("Redut PMC", "Редут"), 0),
        ("Про Сбера, Сберу и в «Сбере».", company("Sberbank", "Сбер"), 3),
        ("Зустрілися з Андрієм Кармаловим.", person("Andrey Karmalov", "Андрій Кармалов"), 1),
        ("Зустрілися з Юрієм Бойком.", person("Yuriy Boyko", "Юрій Бойко"), 1),
        ("У Льва Пономаренка мережа пекарень.", person("Lev Ponomarenko", "Лев Пономаренко"), 1),
        ("В списке Христодулос Вассилиадис.", person("Christodoulos Vassiliades"), 1),
    ],
)
def test_a_cyrillic_name_is_found_in_every_case_whatever_the_article_speaks_of(
    text: str, tracked: Entity, times: int
) -> None:
    assert len(surfaces(text, tracked, language="uk")) == times


@pytest.mark.parametrize(
    ("text", "tracked", "surface"),
    [
        (
            "El Tahir Mohamed El Awad signed the orders.",
            person("El Tahir Mohamed El Awad El Amin"),
            "El Tahir Mohamed El Awad",
        ),
        ("The Central Prison of Shiraz was listed.", office("Shiraz Central Prison"), "Central Prison of Shiraz"),
        (
            "The Santa Rosa de Lima cartel was left out.",
            body("Cartel de Santa Rosa de Lima"),
            "Santa Rosa de Lima cartel",
        ),
        (
            "The ministry for state security said so.",
            office("Ministry of State Security"),
            "ministry for state security",
        ),
        ("GTME Tekhnologii was founded in June.", company("GTME Tekhnologii OsOO"), "GTME Tekhnologii"),
        (
            "PTT Oil and Retail owns the brand.",
            company("PTT Oil and Retail Business Public Company Limited"),
            "PTT Oil and Retail",
        ),
    ],
)
def test_a_name_with_a_part_less_or_parts_in_another_order(text: str, tracked: Entity, surface: str) -> None:
    assert surfaces(text, tracked) == [surface]


_OF_A_FAMILY = """
from datetime import UTC, datetime
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.model import Article, Entity, Schema
tracked = [
    Entity("one", Schema.PERSON, "Karim Belmondar", ("Karim Zelmondar",)),
    Entity("two", Schema.PERSON, "Omar Belmondar", ("Omar Velmondar",)),
    Entity("son", Schema.PERSON, "Mohammed Zelmondar", ("Mohammed Velmondar",)),
]
text = "Karim Belmondar and Omar Belmondar were there. Belmondar's son Mohammed came later."
page = Article("a", "", "", "Talks", "", (text,), datetime(2026, 1, 1, tzinfo=UTC), language="en")
print([(mention.entity, mention.form) for mention in find_mentions(page, NameIndex.compile(tracked))])
"""


def test_a_given_name_is_told_by_the_same_name_of_its_bearer_in_every_process() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", _OF_A_FAMILY],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in "03"  # without an order these two differ
    }
    assert len(told) == 1
    assert "son" in told.pop()


@pytest.mark.parametrize(
    ("language", "text", "tracked", "surface"),
    [
        ("ko", "정부는 김철민을 독자제재 대상으로 지정했다.", person("Kim Chol Min", countries=("kp",)), "김철민"),
        ("ko", "조태열 장관은 말했다.", person("Cho Tae-yul", countries=("kr",)), "조태열"),
        ("ko", "명단에는 천즈 회장이 올랐다.", person("Chen Zhi", countries=("kh",)), "천즈"),
        ("ko", "보하이그룹의 쉬아이민을 제재했다.", person("Xu Aimin", countries=("cn",)), "쉬아이민"),
        ("ko", "다카이치 사나에 총리는 말했다.", person("Sanae Takaichi", countries=("jp",)), "다카이치 사나에"),
        (
            "ko",
            "세르게이 코즐로프가 명단에 올랐다.",
            person("KOZLOV, Sergey", countries=("ru",)),
            "세르게이 코즐로프",
        ),
        ("ko", "드미트리 메드베데프를 제재했다.", person("Dmitriy Medvedev", countries=("ru",)), "드미트리 메드베데프"),
        ("ko", "시진핑 주석을 제재하지 않았다.", person("XI, Jinping", countries=("cn",)), "시진핑"),
        ("ru", "В списке банкир Чан Гук Чхоль.", person("Jang Kuk Chol", countries=("kp",)), "Чан Гук Чхоль"),
        ("ru", "Санкции против Ким Чен Ына.", person("Kim Jong Un", countries=("kp",)), "Ким Чен Ына"),
        ("uk", "Санкції проти Рі Чхан Хо.", person("Ri Chang Ho", countries=("kp",)), "Рі Чхан Хо"),
        ("ru", "Санкции против Чжао Вэя.", person("Zhao Wei", countries=("cn",)), "Чжао Вэя"),
        ("uk", "Санкції проти Ліня Цзяня, Лінь Цзянь протестує.", person("Lin Jian", countries=("cn",)), "Лінь Цзянь"),
        ("ru", "В перечне Санаэ Такаити.", person("Sanae Takaichi", countries=("jp",)), "Санаэ Такаити"),
        ("ru", "Санкции против «Хэнли».", company("Hengli Petrochemical", countries=("cn",)), "Хэнли"),
        ("ru", "Осужден Ульрих Шмидт.", person("Ulrich Schmidt", countries=("de",)), "Ульрих Шмидт"),
        ("uk", "Підозру отримав Олег Ткачук.", person("Oleh Tkachuk", countries=("ua",)), "Олег Ткачук"),
        ("ru", "Санкции против «ФосАгро».", company("PhosAgro PJSC", countries=("ru",)), "ФосАгро"),
        ("uk", "У чернетці порт Кулеві.", company("Kulevi Oil Terminal", countries=("ge",)), "Кулеві"),
        ("de", "Gelistet wurde Kirill Kusnezow.", person("Kirill Kuznetsov", countries=("ru",)), "Kirill Kusnezow"),
        ("de", "Gelistet wurde Artjom Kurejew.", person("Artyom Kureev", countries=("ru",)), "Artjom Kurejew"),
        (
            "de",
            "Das sagte Wolodymyr Selenskyj.",
            person("Volodymyr Zelensky", countries=("ua",)),
            "Wolodymyr Selenskyj",
        ),
        ("fr", "Le fugitif Ilan Șor est visé.", person("Ilan Shor", countries=("md",)), "Ilan Șor"),
        ("es", "El Tesoro sancionó a Qolva.", company("Qolva, S.A., Institución de Banca Múltiple"), "Qolva"),
        ("es", "Sancionan a Rodolfo Simón.", person("Rodolfo Enrique Simón Alzate"), "Rodolfo Simón"),
        ("es", "Sancionan al Cartel San Telmo.", body("Cartel de San Telmo"), "Cartel San Telmo"),
        ("fr", "Il aurait servi le cartel Morvanta.", body("Morvanta Cartel"), "cartel Morvanta"),
        ("de", "Sanktionen gegen das Morvanta-Kartell.", body("Cartel de Morvanta"), "Morvanta-Kartell"),
        ("fr", "L'agence Dar Al-Morvan est visée.", company("Dar Al Morvan for Travel & Tourism"), "Dar Al-Morvan"),
        ("ko", "정부는 김웅철을 제재했다.", person("Kim Ung Chol"), "김웅철"),
        ("ko", "정부는 명학철을 제재했다.", person("Myong Hak Chol"), "명학철"),
        ("ko", "기관은 태성무역이다. 정부가 제재했다.", company("Taesong Trading Corporation"), "태성무역"),
        (
            "ko",
            "조선만복대컴퓨터기술회사도 제재를 받았다.",
            company("Korea Manbokdae Computer Technology Company"),
            "조선만복대컴퓨터기술회사",
        ),
        ("ko", "미국이 게나디 스톨랴로프를 제재했다.", person("Gennady Stolyarov"), "게나디 스톨랴로프"),
        ("ko", "알렉산드라 비코바도 제재를 받았다.", person("Alexandra Bykova"), "알렉산드라 비코바"),
        ("uk", "Санкції проти Ігоря Галущенка.", person("Ihor Halushchenko"), "Ігоря Галущенка"),
        ("uk", "Санкції проти Ігоря Чуйка.", person("Igor Chuiko", "Игорь Чуйко"), "Ігоря Чуйка"),
        ("ru", "Санкции против Георгия Кокарлюка.", person("Gheorghe Cocarliuc"), "Георгия Кокарлюка"),
        ("de", "Sanktionen gegen Taras Hratschuk.", person("Taras Hradchuk"), "Taras Hratschuk"),
        ("uk", "До списку санкцій внесли «Рем-ТВ».", company("REM TV"), "Рем-ТВ"),
        ("zh", "美国制裁鲁远石化。", company("Shandong Luyuan", "山东鲁远石化有限公司"), "鲁远石化"),
    ],
)
def test_people_and_firms_are_found_as_other_languages_write_them(
    language: str, text: str, tracked: Entity, surface: str
) -> None:
    assert surface in surfaces(text, tracked, language=language)


REVOLUTIONARY_GUARDS = body("Islamic Revolutionary Guard Corps", countries=("ir",))
BANK_OF_SYRIA = office("Central Bank of Syria", countries=("sy",))
EU_COUNCIL = office("Council of the European Union")
ARMY = body("Armed Forces of the Russian Federation")
ELECTIONS = office("Central Election Commission of the Russian Federation")


@pytest.mark.parametrize(
    ("language", "text", "tracked", "surface"),
    [
        ("de", "Die EU listet die iranischen Revolutionsgarden.", REVOLUTIONARY_GUARDS, "Revolutionsgarden"),
        ("fr", "L'UE vise les Gardiens de la révolution.", REVOLUTIONARY_GUARDS, "Gardiens de la révolution"),
        ("es", "La UE sanciona a la Guardia Revolucionaria.", REVOLUTIONARY_GUARDS, "Guardia Revolucionaria"),
        ("ru", "ЕС внёс КСИР в список.", REVOLUTIONARY_GUARDS, "КСИР"),
        ("zh", "欧盟制裁伊斯兰革命卫队。", REVOLUTIONARY_GUARDS, "伊斯兰革命卫队"),
        ("ko", "유럽연합이 혁명수비대를 제재했다.", REVOLUTIONARY_GUARDS, "혁명수비대"),
        ("de", "Gelistet wurde die syrische Zentralbank.", BANK_OF_SYRIA, "syrische Zentralbank"),
        ("fr", "La Banque centrale syrienne est libre.", BANK_OF_SYRIA, "Banque centrale syrienne"),
        ("es", "Liberaron al Banco Central de Siria.", BANK_OF_SYRIA, "Banco Central de Siria"),
        ("ru", "Санкции с Центрального банка Сирии сняты.", BANK_OF_SYRIA, "Центрального банка Сирии"),
        ("ko", "시리아 중앙은행이 해제됐다.", BANK_OF_SYRIA, "시리아 중앙은행"),
        ("es", "Bruselas sancionó a la división Hamza.", body("Hamza Division", countries=("sy",)), "división Hamza"),
        ("de", "Die Sanktionen treffen die Hisbollah.", body("Hizballah", countries=("lb",)), "Hisbollah"),
        ("de", "Sanktionen gegen den Rat der Europäischen Union.", EU_COUNCIL, "Rat der Europäischen Union"),
        ("zh", "中国制裁欧盟理事会。", EU_COUNCIL, "欧盟理事会"),
        ("de", "Waffen für die russischen Streitkräfte.", ARMY, "russischen Streitkräfte"),
        ("fr", "Les forces armées russes restent sous sanctions.", ARMY, "forces armées russes"),
        ("es", "Sancionan a las Fuerzas Armadas de Rusia.", ARMY, "Fuerzas Armadas de Rusia"),
        ("ru", "Санкции против ЦИК России.", ELECTIONS, "ЦИК России"),
        ("de", "Sanktioniert: die Zentrale Wahlkommission Russlands.", ELECTIONS, "Zentrale Wahlkommission Russlands"),
        ("ko", "미국이 국가두마를 제재했다.", office("State Duma of the Russian Federation"), "국가두마"),
        ("zh", "也门胡塞运动受制裁。", body("Houthi movement"), "胡塞运动"),
        ("fr", "Deux hommes de l'unité 81417 sont visés.", body("GRU Unit 81417"), "unité 81417"),
        ("ru", "Санкции против войсковой части 81417.", body("Military Unit 81417"), "войсковой части 81417"),
    ],
)
def test_bodies_are_found_by_what_papers_elsewhere_call_them(
    language: str, text: str, tracked: Entity, surface: str
) -> None:
    assert surface in surfaces(text, tracked, language=language)


def test_no_other_countrys_central_bank_is_meant() -> None:
    assert surfaces("La Banque centrale de Russie est visée.", BANK_OF_SYRIA, language="fr") == []
    assert surfaces("이란 중앙은행을 제재했다.", BANK_OF_SYRIA, language="ko") == []


@pytest.mark.parametrize(
    ("language", "text", "surface"),
    [
        ("uk", "Санкції проти Антона Колванича та його сина Олександра скасовано.", "Олександра"),
        ("uk", "Антон Колванич під санкціями. Син, Олександр, теж у списку.", "Олександр"),
        ("uk", "Колванич програв. Антона Колванича карали 2014 року. Син, Олександр, теж у списку.", "Олександр"),
        ("ru", "В списке Александр — сын Антона Колванича, санкции введены.", "Александр"),
    ],
)
def test_a_relative_is_told_in_russian_and_ukrainian(language: str, text: str, surface: str) -> None:
    given = "Oleksandr" if language == "uk" else "Aleksandr"
    family = "Kolvanych" if language == "uk" else "Kolvanich"
    tracked = person(f"{given} {family}"), person(f"Anton {family}")
    assert surface in surfaces(text, *tracked, language=language)


def test_a_given_name_in_cyrillic_letters_is_no_word_with_a_c() -> None:
    assert surfaces("Під санкціями Віктор та інші. Канада розширила список.", body("Victory Bloc"), language="uk") == []
    assert surfaces("Санкції запровадила Канада.", company("Canadia Group"), language="uk") == []


def test_a_wife_is_told_before_her_husband() -> None:
    text = "В список вошли банкир и Мария, жена Антона Колванова. Санкции уже действуют."
    tracked = person("Maria Kolvanova"), person("Anton Kolvanov")
    assert "Мария" in surfaces(text, *tracked, language="ru")


def test_a_family_name_in_the_genitive_is_rather_his_than_hers() -> None:
    his, hers = person("Anton Petrovich Kolvanov"), person("Maria Kolvanova")
    found = read("Санкции введены против Колванова.", his, hers, language="ru")
    assert [one.entity for one in found] == [his.key]


def test_a_name_of_korea_that_sounds_otherwise_is_nobodys() -> None:
    assert surfaces("정부는 김영희를 제재했다.", person("Kim Chol Min", countries=("kp",)), language="ko") == []
    assert surfaces("Санкции против Ким Ён Хи.", person("Kim Chol Min", countries=("kp",)), language="ru") == []


def test_a_word_that_is_one_bodys_name_is_not_the_beginning_of_anothers() -> None:
    """Qolva is the parent, though its German branch is named in full and it is not."""
    parent = company("Qolva Oil Company", countries=("ru",))
    branch = company("Qolva Deutschland GmbH", countries=("de",))
    text = "Washington listed the oil firm Qolva. Qolva Deutschland GmbH was spared."
    assert [(one.entity, one.surface) for one in read(text, parent, branch)] == [
        (parent.key, "Qolva"),
        (branch.key, "Qolva Deutschland GmbH"),
    ]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "La lista alcanza a Darek Qolva y a su hijo mayor, Nicolás, procesado."),
        ("fr", "Darek Qolva est visé, comme son fils aîné, Nicolás, poursuivi."),
        ("es", "Darek Qolva entró en la lista. Nicolás, su primogénito, también."),
    ],
)
def test_a_relative_is_told_behind_a_comma(language: str, text: str) -> None:
    tracked = person("Nicolás Qolva"), person("Darek Qolva")
    assert "Nicolás" in surfaces(text, *tracked, language=language)


@pytest.mark.parametrize(
    ("text", "tracked", "surface"),
    [
        (
            "In Islamabad, Pakistan's government said, had not been asked.",
            office("Government of Pakistan"),
            "Pakistan's government",
        ),
        ("The Pakistani Army lost two posts.", office("Pakistan Army"), "Pakistani Army"),
        ("Uganda's military spoke of a mistake.", body("Uganda People's Defence Force"), "Uganda's military"),
        ("The Myanmar army was told.", body("Armed Forces of Myanmar"), "Myanmar army"),
        (
            "The U.N. Human Rights Council met.",
            office("United Nations Human Rights Council"),
            "U.N. Human Rights Council",
        ),
        (
            "In Washington the US Treasury Department spoke.",
            office("U.S. Department of the Treasury"),
            "US Treasury Department",
        ),
        (
            "A deputy of Russia's State Duma left.",
            office("State Duma of the Federal Assembly of the Russian Federation"),
            "Russia's State Duma",
        ),
        ("The United States hit ten firms, the Treasury said.", office("U.S. Department of the Treasury"), "Treasury"),
        (
            "In Liberia he ran the National Port Authority.",
            office("National Port Authority of Liberia"),
            "National Port Authority",
        ),
        (
            "Leaders of Belarus and the country's military were hit.",
            body("Armed Forces of Belarus"),
            "country's military",
        ),
        ("He flew home to Uganda. Parliament speaker Ada Qolva was hit.", office("Parliament of Uganda"), "Parliament"),
        ("Latvia's central bank saw no risk.", office("Bank of Latvia"), "Latvia's central bank"),
        (
            "In Belarus the country's Defense Ministry was hit.",
            office("Ministry of Defence of Belarus"),
            "country's Defense Ministry",
        ),
        (
            "The interior troops, the Russian Interior Ministry said, had left.",
            office("Ministry of Internal Affairs of the Russian Federation"),
            "Russian Interior Ministry",
        ),
        (
            "Belarus: the Internal Troops of the Interior Ministry were hit.",
            office("Internal Troops of the Ministry of Internal Affairs of Belarus"),
            "Internal Troops of the Interior Ministry",
        ),
        (
            "Laos's foreign ministry regrets it.",
            office("Ministry of Foreign Affairs and International Cooperation of Laos"),
            "Laos's foreign ministry",
        ),
        (
            "He fell ill, the Russian prison service said.",
            office("Federal Penitentiary Service of the Russian Federation"),
            "Russian prison service",
        ),
        ("The government in Sofia asked for time.", office("Government of Bulgaria"), "government in Sofia"),
        (
            "The seat comes from the Human Rights Council, a body of the U.N. in Geneva.",
            office("United Nations Human Rights Council"),
            "Human Rights Council",
        ),
        (
            "For Russia it is the Institute of Botany of the Academy of Arts.",
            body("Institute of Botany of the Russian Academy of Arts"),
            "Institute of Botany of the Academy of Arts",
        ),
        (
            "It is told by the United Nations panel of judges on Laos.",
            office("Panel of Judges on Laos"),
            "panel of judges on Laos",
        ),
    ],
)
def test_a_body_of_a_state_is_told_by_its_country(text: str, tracked: Entity, surface: str) -> None:
    assert surface in surfaces(text, tracked)


@pytest.mark.parametrize(
    ("text", "tracked"),
    [
        ("Kenya's government said it had not been asked.", office("Government of Pakistan")),
        ("An army went through Pakistan.", office("Pakistan Army")),
        ("Leaders of Belarus, and of Poland and the country's military.", body("Armed Forces of Belarus")),
        ("Britain hit ten firms, the Treasury said.", office("U.S. Department of the Treasury")),
        ("In Ghana he ran the National Port Authority.", office("National Port Authority of Liberia")),
        ("A Polish committee met.", body("Poland Committee of Sailors")),
        ("The Chinese bank was hit.", company("Bank of China")),
        ("Qolva, an exchange, was hit.", company("Qolva Robotics Inc.")),
        ("Ireland's central bank was told.", company("Bank of Ireland")),
        ("Kim Jong Un met the Human Rights Council.", office("United Nations Human Rights Council")),
        ("Laos was told. The central bank spoke.", office("Bank of Laos")),
        ("The Iran airlines association met.", company("Iranian Airlines")),
    ],
)
def test_no_other_states_body_is_meant(text: str, tracked: Entity) -> None:
    assert surfaces(text, tracked) == []


@pytest.mark.parametrize(
    ("text", "tracked", "surface"),
    [
        ("Humberto Qolva was hit.", person("Carlos Humberto Qolva Tarrena"), "Humberto Qolva"),
        ("Nicolas Petro was hit.", person("Nicolas Ernesto Petro Tarrena"), "Nicolas Petro"),
        ("The envoy, Steve Qolven, was hit.", person("Steven H. Qolven"), "Steve Qolven"),
        ("Kostyantyn Zorbaho was hit.", person("Kostyantyn Zorbago"), "Kostyantyn Zorbaho"),
        ("Washington hit Tarrena over the trial.", person("Anselmo de Tarrena"), "Tarrena"),
        ("Midqolva Freight Lines was hit.", company("Mid-Qolva Freight Lines, Inc."), "Midqolva Freight Lines"),
        ("The state-owned Banks Qolva and Tarren were hit.", company("Bank Qolva Iran"), "Banks Qolva"),
        ("Ezequiel Qolva Tarrena was hit.", person("Antonio Ezequiel Qolva Tarrena"), "Ezequiel Qolva Tarrena"),
        ("Ahmed's Enterprises dodged it.", company("Ahmed's Enterprise"), "Ahmed's Enterprises"),
        ("Deputies of the Duma were hit.", office("State Duma"), "Duma"),
        ("Nicolás Petro was hit.", person("Nicolás Petro Tarrena"), "Nicolás Petro"),
        ("The founder, Gerald Yin, was hit.", person("Gerald Yin Qolvao"), "Gerald Yin"),
        ("He is in President Qolva's cabinet.", person("Salva Qolva Tarrendit", countries=("ss",)), "Qolva"),
        ("The Qolva-Tarrena regime was hit.", person("Daniel Qolva"), "Qolva"),
        ("The Qolva-Tarrena regime was hit.", person("Rosa Tarrena"), "Tarrena"),
        ("He fled from mostly Muslim Qolva rebels.", body("Qolva"), "Qolva"),
        ("A Sunni Qolva fighter was hit.", body("Qolva"), "Qolva"),
        ("Among the firms was QOLVAL.", company("United Company QOLVAL"), "QOLVAL"),
        ("Among the firms was Qolval.", company("United Company QOLVAL IPJSC"), "Qolval"),
        ("An analyst of QVG was hit.", company("QVG Groep N.V."), "QVG"),
        ("Beijing hit Qolva, a miner.", company("Qolva Rare Earths Limited"), "Qolva"),
        ("His party, Qolvilla, was hit.", body("Movimiento Qolvilla"), "Qolvilla"),
        ("The Bank of Qolva was hit.", company("Bank Qolva"), "Bank of Qolva"),
        (
            "Moscow Botany University was hit.",
            body("Moscow University of Botany"),
            "Moscow Botany University",
        ),
        ("The “Qolva” organization was hit.", body("Qolva Drug Trafficking Organization"), "Qolva” organization"),
        ("The Qolva TCO was hit.", body("Qolva Wildlife Trafficking Transnational Criminal Organization"), "Qolva TCO"),
        ("The Qolva MLO was hit.", body("Qolva Money Laundering Organization"), "Qolva MLO"),
        (
            "The IRGC Drone Force was hit.",
            body("Islamic Revolutionary Guard Corps Drone Force", "IRGC DF"),
            "IRGC Drone Force",
        ),
        ("The Quds Force was hit.", body("Islamic Revolutionary Guard Corps Quds Force"), "Quds Force"),
        ("So was Iran's IRGC-Quds Force.", body("Islamic Revolutionary Guard Corps Qods Force"), "IRGC-Quds Force"),
        (
            "An ally of Cartel Jalisco New Generation was hit.",
            body("Cartel Jalisco Nueva Generación"),
            "Cartel Jalisco New Generation",
        ),
        ("Radio Free Europe was hit.", body("Radio Free Europe/Radio Liberty"), "Radio Free Europe"),
        (
            "So was the National Special Brigade, in Havana.",
            office("Brigada Especial Nacional del Ministerio del Interior"),
            "National Special Brigade",
        ),
        ("The EU Council hit nine.", office("Council of the European Union"), "EU Council"),
        (
            "Iran's Islamic Revolutionary Guards were told.",
            body("Islamic Revolutionary Guard Corps"),
            "Islamic Revolutionary Guards",
        ),
    ],
)
def test_names_are_found_as_papers_shorten_and_spell_them(text: str, tracked: Entity, surface: str) -> None:
    assert surface in surfaces(text, tracked)


@pytest.mark.parametrize(
    ("text", "tracked", "given"),
    [
        ("Among them are al-Assad's son Karam and a general.", person("Karam Bashar al-Assad"), "Karam"),
        ("Aivars Qolvens and his daughter Ilze were hit.", person("Ilze Qolvena"), "Ilze"),
        ("President Daniel Qolva and the First Lady, Zuleva, were hit.", person("Zuleva Qolva"), "Zuleva"),
        ("The claim of Alexandra, wife of the magnate Anton Qolva, fails.", person("Aleksandra Qolva"), "Alexandra"),
        ("It hit Gustavo Petro and the president's son Nicolás.", person("Nicolás Petro Tarrena"), "Nicolás"),
    ],
)
def test_a_relative_is_told_by_the_family_name_of_whose_it_is(text: str, tracked: Entity, given: str) -> None:
    assert given in surfaces(text, tracked)


def test_a_family_of_one_country_alone_is_written_with_h() -> None:
    assert surfaces("Boris Zorbaho was hit.", person("Boris Zorbago")) == []


def test_four_names_that_are_no_spanish_ones_lose_only_what_they_did() -> None:
    assert surfaces("Anthony Qolva was hit.", person("Lars Anthony Qolva Tarrena")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Judges in Shiraz were hit, as was the Third Branch of the Revolutionary Court of that city.", True),
        ("The Third Branch of the Revolutionary Court in Shiraz was hit.", True),
        ("The Third Branch of the Revolutionary Court was hit.", False),
        ("Judges in Shiraz were hit, as was the Third Branch of the Revolutionary Court of Isfahan.", False),
    ],
)
def test_a_body_is_told_without_whose_it_is_where_the_page_names_that(text: str, found: bool) -> None:
    tracked = office("Third Branch of the Revolutionary Court of Shiraz")
    assert bool(surfaces(text, tracked)) is found


def test_a_son_is_told_beside_his_father_whose_name_he_has() -> None:
    """ "Bashar al-Assad" may be two of the son's names; it is the father's, and takes nothing from the son."""
    text = "Persons near President Bashar al-Assad were hit.\nAmong them are al-Assad's son Hafez and a general."
    assert "Hafez" in surfaces(text, person("Hafez Bashar al-Assad"))


# ---------------------------------------------------------------- foreign names in Chinese and Korean


@pytest.mark.parametrize(
    ("text", "tracked", "language", "found"),
    [
        ("名单上有姆博托洛夫斯基和德拉戈米罗夫等人。", person("Ivan Dragomirov"), "zh", "德拉戈米罗夫"),
        ("財長埃里克·梅爾頓森在聲明中說。", person("Eric Meltonsen"), "zh", "埃里克·梅爾頓森"),
        ("英国点名安德鲁斯科公司。", company("Andrusko Industries, Inc."), "zh", "安德鲁斯科"),
        (
            "싱가포르의 트랜스발틱 파트너스와 거래했다.",
            company("Transbaltic Partners Pte. Ltd."),
            "ko",
            "트랜스발틱 파트너스",
        ),
        ("크리스티나 벨모어는 유죄를 인정했다.", person("Christina Velmore"), "ko", "크리스티나 벨모어"),
        ("운영사 프로피넥스가 포함됐다.", company("Profinex Pte. Ltd."), "ko", "프로피넥스"),
        ("被制裁的有乔纳森·贝尔德森。", person("Jonathan Beldson"), "zh", "乔纳森·贝尔德森"),
        ("主席卡罗琳·默克森受制裁。", person("Carolyn Merkson"), "zh", "卡罗琳·默克森"),
        ("议员彼得·金受制裁。", person("Peter King"), "zh", "彼得·金"),
        ("受制裁的有梅尔比特系统的美国公司。", company("Melbit Systems Ltd."), "zh", "梅尔比特系统"),
        ("受制裁的有L4梅里斯海事服务公司。", company("L4Merris Maritime Services"), "zh", "L4梅里斯海事服务"),
        ("受制裁的有K7航空防务公司。", company("K7 AeroDefense"), "zh", "K7航空防务"),
        ("受制裁的有迪布斯與马克斯公司。", company("Dibbs & Max, Inc."), "zh", "迪布斯與马克斯"),
        ("킴벌리 드로스트 판사를 제재했다.", person("Kimberly Drost"), "ko", "킴벌리 드로스트"),
        ("선주 마지아 쉬핑 홀딩스를 제재했다.", company("Mazia Shipping Holding Ltd"), "ko", "마지아 쉬핑 홀딩스"),
        ("자회사 타이머은행도 제재했다.", company("Timer Bank, AO"), "ko", "타이머은행"),
        ("KTG 유니버설 오토를 제재했다.", company("KTG Universal Auto"), "ko", "KTG 유니버설 오토"),
    ],
    ids=[
        "surname",
        "whole name",
        "firm",
        "firm of two words",
        "person before a particle",
        "firm before a particle",
        "given name by custom",
        "an r that is not spoken",
        "family name of one character",
        "firm with what it is",
        "firm that begins in Latin letters",
        "Latin letters and what the firm is",
        "firm of two with an and",
        "an rl in Hangul",
        "words of trade in Hangul",
        "bank tied to its name",
        "Hangul behind Latin letters",
    ],
)
def test_a_foreign_name_in_chinese_or_korean_is_found_by_its_sound(
    text: str, tracked: Entity, language: str, found: str
) -> None:
    assert surfaces(text, tracked, language=language) == [found]


@pytest.mark.parametrize(
    ("text", "tracked", "language"),
    [
        (
            "제재는 블라디미르 푸틴 대통령을 겨냥했다.",
            person("Vladimir Potanin"),
            "ko",
        ),  # its two n are one in a skeleton
        ("우크라이나 정부는 리스트에 올렸다.", company("Krajina Kamen d.o.o."), "ko"),
        ("명단은 리스트에 있다.", person("Wolfgang Reiter"), "ko"),
        ("吉尔吉斯斯坦受制裁。", person("Louis Gilles"), "zh"),  # a part of a longer word
        ("德黑兰受制裁。", person("Mahsa Dehlan"), "zh"),
        ("亚太国际受制裁。", company("Yatai International Holding Group", countries=("cn",)), "zh"),
        ("安全委员会谈制裁。", body("National Security Council"), "zh"),  # everybody's
        ("因此获得·金额受制裁。", person("Peter King"), "zh"),
        ("东方科技受制裁。", company("Tongfang Technologies"), "zh"),
        ("梅尔森系统受制裁。", company("Melbit Systems Ltd."), "zh"),
        ("迈克尔·卡诺维尔受制裁。", person("Michael Carney"), "zh"),  # of a longer family name
        ("扬·切尔受制裁。", person("No Kwang Chol", countries=("kp",)), "zh"),
        ("인터내셔널 업체를 제재했다.", company("Internationale Handels GmbH"), "ko"),
        ("타이탄은행도 제재했다.", company("Timer Bank, AO"), "ko"),
    ],
)
def test_what_only_sounds_like_a_name_in_chinese_or_korean_is_none(text: str, tracked: Entity, language: str) -> None:
    assert surfaces(text, tracked, language=language) == []


@pytest.mark.parametrize(
    ("text", "tracked", "found"),
    [
        (
            "山东的寿光鲁清石化受制裁，鲁清石化有员工三千。",
            company("Shandong Shouguang Luqing Petrochemical Co., Ltd.", countries=("cn",)),
            ["寿光鲁清石化", "鲁清石化"],
        ),
        ("魯清石化受制裁。", company("Shandong Luqing Petrochemical Co., Ltd."), ["魯清石化"]),
        ("首席执行官王学清被列名。", person("Wang Xueqing"), ["王学清"]),
        ("立委羅志強受制裁。", person("Lo Chih-chiang"), ["羅志強"]),  # as Taiwan writes it
        ("绥芬河农商行受制裁。", company("Suifenhe Rural Commercial Bank"), ["绥芬河农商行"]),
    ],
)
def test_a_chinese_name_is_found_as_its_characters_are_read(text: str, tracked: Entity, found: list[str]) -> None:
    assert surfaces(text, tracked, language="zh") == found


@pytest.mark.parametrize(
    ("text", "tracked", "language", "found"),
    [
        ("普丁与总统普京。", person("Vladimir Vladimirovich Putin"), "zh", ["普丁", "普京"]),
        ("푸틴은 말했다.", person("Vladimir Putin"), "ko", ["푸틴"]),
        ("富国银行付了罚款。", company("Wells Fargo Bank, N.A."), "zh", ["富国银行"]),
        ("미얀마보석공사를 지정했다.", company("Myanma Gems Enterprise"), "ko", ["미얀마보석공사"]),
        ("동흥선박무역회사를 지정했다.", company("Dong Hung Shipping & Trading Co"), "ko", ["동흥선박무역회사"]),
        ("대진무역총회사를 지정했다.", company("Daejin Trading General Corporation"), "ko", ["대진무역총회사"]),
        ("승리산무역회사를 제재했다.", company("Sungnisan Trading Corporation"), "ko", ["승리산무역회사"]),
        ("加拿大西藏委员会受制裁。", body("Canada Tibet Committee"), "zh", ["加拿大西藏委员会"]),
        ("人权观察谴责制裁。", body("Human Rights Watch"), "zh", ["人权观察"]),
        ("유엔 안보리 제재를 어겼다.", office("United Nations Security Council"), "ko", ["유엔 안보리"]),
    ],
)
def test_the_well_known_are_found_by_what_chinese_and_korean_papers_call_them(
    text: str, tracked: Entity, language: str, found: list[str]
) -> None:
    assert surfaces(text, tracked, language=language) == found


@pytest.mark.parametrize(
    ("text", "tracked", "language", "found"),
    [
        ("В списке руководитель «Технопромэкспорта».", company("OAO Technopromexport"), "ru", "Технопромэкспорта"),
        ("Про це сказала Кая Каллас.", person("Kaja Kallas"), "uk", "Кая Каллас"),
        ("Сбербанк и ВТБ отрезаны от расчётов.", company("VTB Bank PJSC"), "ru", "ВТБ"),
    ],
)
def test_a_name_in_cyrillic_is_found_where_the_watchlist_tells_no_country(
    text: str, tracked: Entity, language: str, found: str
) -> None:
    assert surfaces(text, tracked, language=language) == [found]


LISTED_BANKS = "Девять кредитных организаций попали в список: Почта-банк, «Точка», «Ак-Барс» и другие."


@pytest.mark.parametrize(
    ("language", "text", "tracked", "found"),
    [
        ("uk", "Внесено «Агентство інтернет-досліджень» з Петербурга.", body("Internet Research Agency"), True),
        ("ru", LISTED_BANKS, company("Post Bank"), True),
        ("ru", "Под санкциями глава «Российских железных дорог».", company("Russian Railways"), True),
        ("ru", "В правящей «Грузинской мечте» недовольны.", body("Georgian Dream"), True),
        ("uk", "Є рішення Ради національної безпеки і оборони.", office("National Security and Defense Council"), True),
        ("ru", "Патриарха Кирилла в перечне нет.", person("Patriarch Kirill"), True),
        ("ru", "Внесены депутаты Госдумы РФ.", office("State Duma"), True),
        ("ru", "Ограничена группа «Промтех-Дубна».", company("Promtech-Dubna"), True),
        ("ru", "Праздник День России.", body("United Russia", "Единая Россия"), False),
    ],
)  # fmt: skip
def test_bodies_are_found_by_what_russian_and_ukrainian_papers_call_them(
    language: str, text: str, tracked: Entity, found: bool
) -> None:
    assert bool(surfaces(text, tracked, language=language)) is found


@pytest.mark.parametrize(
    ("text", "tracked", "found"),
    [
        (LISTED_BANKS, company("Tochka Bank", "Банк Точка"), ["Точка"]),
        (LISTED_BANKS, company("Ak Bars Bank"), ["Ак-Барс"]),
        ("Из банков названы Фора-банк, Ак Барс, Абсолют.", company("Ak Bars Bank"), ["Ак Барс"]),
        ("Из банков в перечень вошли «Россия», «Генбанк».", company("Bank Rossiya"), ["Россия"]),
        ("Клуб «Ак Барс» выиграл кубок.", company("Ak Bars Bank"), []),
        ("Из банков России в перечень вошли три.", company("Bank Rossiya"), []),
        ("Среди банков и партий нет «Россия 24».", company("Bank Rossiya"), []),
        ("Банки ждут. Телеканал «Россия» закрыт.", company("Bank Rossiya"), []),
        ("Закрыт Душанбе Сити.", company("Dushanbe City Bank CJSC", "Душанбе Сити Банк"), ["Душанбе Сити"]),
        ("Под санкциями банк «Россия». Телеканал «Россия» закрыт.", company("Bank Rossiya"), ["банк «Россия"]),
    ],
)
def test_a_bank_is_named_without_that_word_only_in_a_list_of_banks(
    text: str, tracked: Entity, found: list[str]
) -> None:
    assert surfaces(text, tracked, language="ru") == found


@pytest.mark.parametrize(
    ("language", "text", "tracked"),
    [
        ("uk", "Під санкціями олігарх Костянтин Григоришин.", person("Kostyantyn Hryhoryshyn")),
        ("ru", "Меры распространили на Константина Жеваго.", person("Kostyantin Zhevago")),
        ("uk", "Голови Сбербанку Германа Грефа немає.", person("Herman Gref")),
        ("ru", "Президент банка Герман Греф – тоже.", person("Herman Gref")),
        ("ru", "Деньги Йозефа Гамбалека заморожены.", person("Jozef Hambálek")),
        ("uk", "Камала Гарріс підписала документ.", person("Kamala Harris")),
        ("uk", "З китайців згадано Ло Дінвеня.", person("Luo Dingwen")),
    ],
)
def test_people_are_found_as_russian_and_ukrainian_each_write_them(language: str, text: str, tracked: Entity) -> None:
    assert len(surfaces(text, tracked, language=language)) == 1


def test_a_g_for_an_h_is_a_matter_of_cyrillic_letters() -> None:
    assert surfaces("Garold Garrison was listed.", person("Harold Harrison")) == []
