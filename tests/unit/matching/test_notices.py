"""What official notices do with the entries that they list, in layouts of theirs and with names of ours."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.notices import Section, find_sections
from bot.matching.verdicts import Reasons, judge_article
from bot.model import Article, Block, BlockKind, Entity, Judgement, Schema, Verdict

PUBLISHED = datetime(2025, 6, 12, 9, 0, tzinfo=UTC)
NEW, RELIEF = Verdict.NEW_SANCTIONS, Verdict.RELIEF

OFAC_ADDED = "The following individuals have been added to OFAC's SDN List:"
OFAC_CHANGED = "The following changes have been made to OFAC's SDN List:"
OFAC_DELETED = "The following deletions have been made to OFAC's SDN List:"
KESSLER = "KESSLER, Anton, Moscow, Russia; DOB 04 Feb 1966; nationality Russia (individual) [RUSSIA-EO14024]"
RAHIMI = "RAHIMI, Parviz, Tehran, Iran; DOB 1968; Gender Male (individual) [NPWMD] [IFSR]"
RAHIMI_AFTER = "RAHIMI, Parviz (a.k.a. RAHEEMI, Parvez), Tehran, Iran; DOB 14 Sep 1968 (individual) [NPWMD] [IFSR]"
COLUMNS = "Name | Identifying information | Reasons | Date of listing"


def judge(title: str, *paragraphs: str, names: dict[str, Schema]) -> Judgement:
    article = Article("a", "https://example.org/a", "Example", title, "", paragraphs, PUBLISHED)
    index = NameIndex.compile([Entity(name, schema, name) for name, schema in names.items()])
    return judge_article(article, find_mentions(article, index), index.entities, reasons=Reasons.OF_NONE)


def verdicts(
    title: str, *paragraphs: str, people: tuple[str, ...] = (), firms: tuple[str, ...] = ()
) -> dict[str, Verdict]:
    names = dict.fromkeys(people, Schema.PERSON) | dict.fromkeys(firms, Schema.COMPANY)
    return {finding.entity: finding.verdict for finding in judge(title, *paragraphs, names=names).findings}


def test_an_entry_that_ofac_changed_from_one_to_another_is_not_newly_listed() -> None:
    told = verdicts(
        "Iran-related Designations Updates",
        "SPECIALLY DESIGNATED NATIONALS LIST UPDATE",
        OFAC_ADDED,
        f"{KESSLER}.",
        OFAC_CHANGED,
        f"{RAHIMI}. -to- {RAHIMI_AFTER}.",
        people=("Anton Kessler", "Parviz Rahimi"),
    )
    assert told == {"Anton Kessler": NEW, "Parviz Rahimi": Verdict.BACKGROUND}


def test_what_the_notice_does_with_an_entry_is_the_first_reason() -> None:
    told = judge(
        "Counter Terrorism Designations and Removal",
        OFAC_ADDED,
        f"{KESSLER} (Linked To: ORLAN WORKS).",
        OFAC_DELETED,
        f"{RAHIMI}.",
        names={"Anton Kessler": Schema.PERSON, "Parviz Rahimi": Schema.PERSON, "Orlan Works": Schema.COMPANY},
    )
    assert {finding.entity: finding.reasons[0] for finding in told.findings} == {
        "Anton Kessler": "the notice expressly adds this entry",
        "Parviz Rahimi": "the notice removes this entry",
        "Orlan Works": "an entry of the notice only says whom it is linked to, or why it was listed",
    }


def test_an_entry_that_ofac_put_under_one_more_programme_is_newly_listed() -> None:
    told = verdicts(
        "Counter Terrorism Designations",
        OFAC_CHANGED,
        f"{RAHIMI}. -to- {RAHIMI_AFTER} [SDGT].",
        people=("Parviz Rahimi",),
    )
    assert told == {"Parviz Rahimi": NEW}


def test_changes_that_show_no_entry_of_before_may_be_additions() -> None:
    """Some notices head what is new so: it is left to the reader."""
    blocks = tuple(Block(BlockKind.PARAGRAPH, text) for text in (OFAC_DELETED, OFAC_CHANGED, f"{KESSLER}."))
    shown = (*blocks, Block(BlockKind.PARAGRAPH, f"{RAHIMI}. -to- {RAHIMI_AFTER}."))
    ((_, section_at),) = find_sections(blocks, {2}, PUBLISHED.date())
    ((_, section_at_shown),) = find_sections(shown, {2}, PUBLISHED.date())
    assert section_at(0) is None
    assert section_at_shown(0) is Section.AMENDED


def test_what_an_entry_is_linked_to_is_not_newly_listed_unless_it_has_an_entry_of_its_own() -> None:
    told = verdicts(
        "Russia-related Designations",
        "The Treasury's Office of Foreign Assets Control has updated its list.",
        OFAC_ADDED,
        f"{KESSLER} (Linked To: ORLAN WORKS; Linked To: BOLT MARINE LLC).",
        "The following entities have been added to OFAC's SDN List:",
        "BOLT MARINE LLC, Perm, Russia; Tax ID No. 1646049999 (Russia) [RUSSIA-EO14024].",
        people=("Anton Kessler",),
        firms=("Orlan Works", "Bolt Marine"),
    )
    assert told == {"Anton Kessler": NEW, "Bolt Marine": NEW, "Orlan Works": Verdict.BACKGROUND}


def test_who_is_deleted_below_what_was_changed_is_told_to_be_relieved() -> None:
    told = verdicts(
        "Russia-related Designations; Counter Terrorism Designation Removal",
        OFAC_ADDED,
        f"{KESSLER}.",
        OFAC_CHANGED,
        f"{RAHIMI}. -to- {RAHIMI_AFTER}.",
        OFAC_DELETED,
        "HADDAD, Boutros (a.k.a. HADAD, Butrus; f.k.a. HADDAD, Peter), Beirut, Lebanon; DOB 03 Jan 1958 [SDGT].",
        people=("Anton Kessler", "Parviz Rahimi", "Boutros Haddad"),
    )
    assert told == {"Anton Kessler": NEW, "Parviz Rahimi": Verdict.BACKGROUND, "Boutros Haddad": RELIEF}


def test_entries_that_a_regulation_replaces_are_told_apart_from_those_it_adds_and_deletes() -> None:
    told = verdicts(
        "Council Implementing Regulation (EU) 2025/1776 implementing Regulation (EU) No 269/2014",
        "THE COUNCIL OF THE EUROPEAN UNION,",
        "HAS ADOPTED THIS REGULATION:",
        "(1) The following persons are added to the list set out in Annex I to Regulation (EU) No 269/2014:",
        COLUMNS,
        "1992. | Anton KESSLER | Date of birth: 12.8.1970 | Anton Kessler runs a yard of the navy. | 12.6.2025",
        "(2) The entry concerning the following person under the heading 'Persons' is replaced by the following:",
        COLUMNS,
        "761. | Viktor Stepanovich LOZOVOY | Date of birth: 1.1.1959 | Businessman in the coal trade. | 21.7.2022",
        "(3) The entry concerning the following person is deleted from the list set out in Annex I:",
        "'711. Gennady VOLKOV'.",
        people=("Anton Kessler", "Viktor Lozovoy", "Gennady Volkov"),
    )
    assert told == {"Anton Kessler": NEW, "Viktor Lozovoy": Verdict.BACKGROUND, "Gennady Volkov": RELIEF}


def test_whom_the_reasons_of_an_added_entry_name_is_not_newly_listed() -> None:
    told = verdicts(
        "Council Implementing Regulation (EU) 2025/389 implementing Regulation (EC) No 765/2006",
        "HAS ADOPTED THIS REGULATION:",
        "(1) in Table 'A. Natural persons referred to in Article 2(1)', the following entries are added:",
        "'298. | Anton KESSLER | POB: Minsk DOB: 9.9.1961 | He owns Orlan Works, close to the palace. | 12.6.2025'",
        people=("Anton Kessler",),
        firms=("Orlan Works",),
    )
    assert told == {"Anton Kessler": NEW, "Orlan Works": Verdict.BACKGROUND}


def test_a_section_ends_where_other_lines_begin() -> None:
    lines = (OFAC_DELETED, "HADDAD, Boutros [SDGT].", "Notes to editors", "Anton Kessler, spokesman", "Added today:")
    blocks = [Block(BlockKind.PARAGRAPH, line) for line in lines]
    sections = {number: section_at(0) for number, section_at in find_sections(blocks, {1, 3}, PUBLISHED.date())}
    assert sections == {1: Section.REMOVED, 3: None}


def test_a_row_that_begins_with_a_day_has_its_name_behind_it() -> None:
    told = verdicts(
        "Sanctions update: week of 9 June 2025",
        "This week's changes to the lists of the United States.",
        "Date | Name | List | Change",
        "10 June | Orlan Works | SDN | Added",
        "10 June | Anton Kessler | SDN | Amended (new alias)",
        "11 June | Bolt Marine | SDN | Removed",
        people=("Anton Kessler",),
        firms=("Orlan Works", "Bolt Marine"),
    )
    assert told == {"Orlan Works": NEW, "Anton Kessler": Verdict.BACKGROUND, "Bolt Marine": RELIEF}


def test_who_stands_behind_the_colon_of_what_was_amended_is_not_newly_listed() -> None:
    told = verdicts(
        "Financial Sanctions Notice: Libya",
        "2. On 12 June 2025 the following entry on the consolidated list has been amended. It is still subject to an "
        "asset freeze: Mabrouk, Salem (Group ID: 13651).",
        "Amendments",
        "1. MABROUK, Salem",
        "DOB: 01/01/1981. POB: Sabratha, Libya. Listed on: 07/06/2018 Last Updated: 12/06/2025 Group ID: 13651.",
        people=("Salem Mabrouk",),
    )
    assert told == {"Salem Mabrouk": Verdict.BACKGROUND}


def test_amendments_of_a_law_that_insert_names_are_no_amended_entries() -> None:
    told = verdicts(
        "Regulations Amending the Special Economic Measures (Belarus) Regulations: SOR/2025-4",
        "Her Excellency the Governor General in Council makes the annexed Regulations under the Special Economic "
        "Measures Act.",
        "Amendments",
        "1 Part 1 of Schedule 1 to the Regulations is amended by adding the following in numerical order:",
        "201 Anton KESSLER (born on March 2, 1980)",
        "2 Item 44 of Part 1 of Schedule 1 to the Regulations is replaced by the following:",
        "44 Viktor LOZOVOY (born on May 5, 1961)",
        people=("Anton Kessler", "Viktor Lozovoy"),
    )
    assert told == {"Anton Kessler": NEW, "Viktor Lozovoy": Verdict.BACKGROUND}


@pytest.mark.parametrize(
    ("cell", "verdict"),
    [
        ("Added", NEW),
        ("Variation: date of birth", Verdict.BACKGROUND),
        ("Delisted", RELIEF),
        ("Amended", Verdict.BACKGROUND),
    ],
)
def test_a_cell_of_a_row_tells_what_was_done(cell: str, verdict: Verdict) -> None:
    told = verdicts(
        "UK Sanctions List: update of 12 June 2025",
        "The Foreign, Commonwealth and Development Office has made the following changes to the UK Sanctions List.",
        "Name | Unique ID | Regime | Type of change",
        "ESFANDIARI, Mahdi | IRN0301 | Iran | Added",
        f"RAHIMI, Parviz | IRN0144 | Iran | {cell}",
        people=("Mahdi Esfandiari", "Parviz Rahimi"),
    )
    assert told == {"Mahdi Esfandiari": NEW, "Parviz Rahimi": verdict}


def test_entries_that_a_committee_amends_are_not_newly_listed_and_those_it_adds_are() -> None:
    entry = "TAi.{} Name: 1: {} 2: {} 3: na 4: na Title: na DOB: 1967 Nationality: Afghanistan Listed on: {}"
    amended = verdicts(
        "Security Council 1988 Committee Amends One Entry on Its Sanctions List",
        "The Security Council Committee established pursuant to resolution 1988 (2011) enacted the amendments "
        "specified with strikethrough and/or underline in the entry below on its Sanctions List.",
        entry.format(201, "ABDUL QAHAR", "HOTAKI", "25 Jan. 2001 (amended on 12 Jun. 2025)"),
        people=("Abdul Qahar Hotaki",),
    )
    added = verdicts(
        "Security Council 1988 Committee Adds One Entry to Its Sanctions List",
        "The Security Council Committee established pursuant to resolution 1988 (2011) approved the addition of the "
        "entry specified below to its Sanctions List.",
        entry.format(202, "GHULAM", "POPAL", "12 Jun. 2025"),
        people=("Ghulam Popal",),
    )
    assert amended == {"Abdul Qahar Hotaki": Verdict.BACKGROUND}
    assert added == {"Ghulam Popal": NEW}


def test_whom_one_writes_to_for_more_is_no_target() -> None:
    told = verdicts(
        "Notice of OFAC Sanctions Action",
        "SUMMARY: The Treasury's Office of Foreign Assets Control (OFAC) is publishing the names of persons that have "
        "been placed on the SDN List. All their property is blocked.",
        "FOR FURTHER INFORMATION CONTACT: OFAC: Lisa M. Palmer, Director, 202-622-2490.",
        people=("Lisa Palmer",),
    )
    assert told == {"Lisa Palmer": Verdict.BYSTANDER}


def test_the_following_day_begins_no_section() -> None:
    told = verdicts(
        "US sanctions arms dealers",
        "The Treasury sanctioned Orlan Works on Tuesday. The following day its listing in Moscow was removed: trading "
        "halted.",
        "Bolt Marine, a shipper, was sanctioned on Tuesday, too",
        firms=("Orlan Works", "Bolt Marine"),
    )
    assert told == {"Orlan Works": NEW, "Bolt Marine": NEW}


def test_everybody_in_a_long_list_of_entries_is_read() -> None:
    syllables = ("Kar", "Vel", "Tos", "Min", "Dra", "Pol", "Zhe", "Bru")
    ships = [
        f"{first}{second.lower()}a {third}ix" for first in syllables for second in syllables[:5] for third in ("Nor",)
    ]
    entries = [
        f"{ship.upper()} (V7A{at:04}) Crude Oil Tanker Panama flag; Secondary sanctions risk: Section 11 of Executive "
        f"Order 14024; Vessel Registration Identification IMO 93{at:05}; MMSI 5111{at:05} (vessel) [RUSSIA-EO14024] "
        "(Linked To: SOVCOMFLOT)."
        for at, ship in enumerate(ships)
    ]
    told = judge(
        "Russia-related Designations",
        "The following vessels have been added to OFAC's SDN List:",
        *entries,
        names=dict.fromkeys(ships, Schema.VESSEL),
    )
    assert {finding.entity for finding in told.of(NEW)} == set(ships)
    assert all(finding.evidence.startswith(finding.entity.upper()) for finding in told.findings)


REPORT = "Britain imposed sanctions on four firms on Thursday over the war in Ukraine."


@pytest.mark.parametrize(
    "paragraphs",
    [
        (
            "The following firm was deleted from the trade register in May: Vostok Mill. The new names are below.",
            "Orlan Works, Dubai",
        ),
        ("The following entries were amended:", "Vostok Mill", "Those newly listed are:", "Orlan Works"),
        ("The following entries were removed:", "Vostok Mill", "The new names:", "Orlan Works, a drone maker"),
        ("The entries in the register are amended as follows, his office said: Orlan Works is added.",),
        ("Vostok Mill is linked to: Orlan Works, which Britain also designated on Thursday.",),
    ],
)
def test_whom_a_report_calls_new_is_so_behind_or_below_a_line_on_others(paragraphs: tuple[str, ...]) -> None:
    assert verdicts("Britain sanctions drone makers", REPORT, *paragraphs, firms=("Orlan Works",)) == {
        "Orlan Works": NEW
    }


def test_who_was_added_in_an_earlier_year_is_not_newly_listed() -> None:
    told = verdicts(
        "What the sanctions of 2022 did to mills",
        "A study looks back at three years of sanctions.",
        "The following firms were added to the EU list in March 2022:",
        "• Orlan Works",
        firms=("Orlan Works",),
    )
    assert told == {"Orlan Works": Verdict.BACKGROUND}
    this_year = "On 8 June 2025 the following entries were added under the Regulations of 2019 on mills:", "ORLAN WORKS"
    assert _sections_below(*this_year) == [Section.ADDED]


def test_a_section_goes_on_below_what_its_line_says_of_the_list() -> None:
    sections = _sections_below(
        "The Committee approved the addition of the entries specified below to its list of measures: an assets freeze.",
        "• ORLAN WORKS",
    )
    assert sections == [Section.ADDED]
    removed = "(3) The following entries are deleted:", "1. Ali RAHIMI, Tehran", "Individuals:", "2. ORLAN WORKS"
    assert _sections_below(*removed) == [Section.REMOVED]


ENTRY = (
    "SWi.007 Name: 1: IDRIS 2: TAHIR 3: ABDELKARIM 4: na Title: Major General Designation: Head of Operations, "
    "Orlan Front (OF) DOB: na Nationality: Sarwan Listed on: 8 Apr. 2025"
)


def test_the_body_in_which_somebody_who_is_added_has_a_post_is_not_added() -> None:
    added = "The Committee approved the addition of the entry specified below to its List."
    told = judge(
        "Committee adds one entry to its list",
        added,
        "A. Individuals",
        ENTRY,
        names={"Idris Tahir Abdelkarim": Schema.PERSON, "Orlan Front": Schema.ORGANIZATION},
    )
    assert {finding.entity for finding in told.of(NEW)} == {"Idris Tahir Abdelkarim"}
    assert _sections_below(added, ENTRY.replace("Orlan Front", "ORLAN FRONT")) == [Section.BESIDE]
    own = "CDe.012 Name: ORLAN FRONT Other information: also known as Orlan Works. Listed on: 8 Apr. 2025"
    both = judge("Committee adds", added, ENTRY, own, names={"Orlan Front": Schema.ORGANIZATION})
    assert both.of(NEW), "it has an entry of its own"


def test_entries_that_a_committee_amended_as_specified_are_not_added() -> None:
    amended = "On 8 April 2025 the Committee enacted the amendments, specified with underline in the entries below."
    assert _sections_below(amended, "CDe.012 Name: ORLAN WORKS Listed on: 13 Nov. 2012") == [Section.AMENDED]
    told = verdicts(
        "Committee amends one entry on its list",
        amended,
        "A. Individuals",
        ENTRY.replace("8 Apr. 2025", "13 Nov. 2012 (amended on 8 Apr. 2025)"),
        people=("Idris Tahir Abdelkarim",),
    )
    assert told == {"Idris Tahir Abdelkarim": Verdict.BACKGROUND}


def _sections_below(*lines: str) -> list[Section | None]:
    """What the last line's name stands in."""
    blocks = [Block(BlockKind.PARAGRAPH, line) for line in lines]
    at = lines[-1].index("ORLAN")
    return [section_at(at) for _, section_at in find_sections(blocks, {len(blocks) - 1}, PUBLISHED.date())]


def test_a_notice_of_very_many_changes_takes_no_longer_than_another() -> None:
    blocks = [Block(BlockKind.PARAGRAPH, f"{OFAC_CHANGED} {number}") for number in range(1_500)]
    blocks.append(Block(BlockKind.PARAGRAPH, KESSLER))
    started = time.process_time()
    assert [section_at(0) for _, section_at in find_sections(blocks, {1_500}, PUBLISHED.date())] == [None]
    assert time.process_time() - started < 1.0
