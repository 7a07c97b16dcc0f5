"""The one table of official lists: where they are published, under which licence, how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import BinaryIO

from bot.lists.dfat import parse_dfat
from bot.lists.eu import parse_eu
from bot.lists.mfat import parse_mfat
from bot.lists.ofac_forms import parse_ofac
from bot.lists.official import ListFile, OfficialList, Parse, Parsed, RefusedRow
from bot.lists.opensanctions import parse_opensanctions
from bot.lists.seco import parse_seco
from bot.lists.sema import parse_sema
from bot.lists.uk import parse_uk
from bot.lists.un import parse_un
from bot.lists.us_csl import parse_csl

_OFAC = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/"
_PUBLIC_DOMAIN = "US public domain"
_NO_CREDIT = "Free for any use. No credit is asked for; naming the authority is good manners."


def _once(parse: Parse) -> Parse:
    """`parse`, but an id that comes again is refused: two entries under one would overwrite each other."""

    def parsed(files: Mapping[str, BinaryIO]) -> Parsed:
        seen: set[str] = set()
        for found in parse(files):
            if isinstance(found, RefusedRow):
                yield found
            elif found.uid in seen:
                yield RefusedRow(f"entry {found.uid}", f"the id {found.uid} comes twice: the first one counts")
            else:
                seen.add(found.uid)
                yield found

    return parsed


def _ofac(name: str, *, is_optional: bool = False) -> ListFile:
    return ListFile(name, f"{_OFAC}{name.upper()}", is_optional)


_ALL: tuple[OfficialList, ...] = (
    OfficialList(
        key="us_ofac_sdn",
        title="OFAC SDN list",
        authority="US",
        licence=_PUBLIC_DOMAIN,
        licence_note=_NO_CREDIT,
        is_on_by_default=True,
        files=(_ofac("sdn.csv"), _ofac("alt.csv"), _ofac("add.csv"), _ofac("sdn_comments.csv", is_optional=True)),
        every=timedelta(hours=1),
        parse=_once(
            parse_ofac(
                "us_ofac_sdn",
                ("sdn.csv", "sdn.xml", "sdn_advanced.xml", "sdn_enhanced.xml"),
                ("alt.csv", "add.csv", "sdn_comments.csv"),
            )
        ),
        other_files=("sdn.xml", "sdn_advanced.xml", "sdn_enhanced.xml"),
    ),
    OfficialList(
        key="us_ofac_cons",
        title="OFAC consolidated (non-SDN) list",
        authority="US",
        licence=_PUBLIC_DOMAIN,
        licence_note=_NO_CREDIT,
        is_on_by_default=True,
        files=(
            _ofac("cons_prim.csv"),
            _ofac("cons_alt.csv"),
            _ofac("cons_add.csv"),
            _ofac("cons_comments.csv", is_optional=True),
        ),
        every=timedelta(hours=1),
        parse=_once(
            parse_ofac(
                "us_ofac_cons",
                ("cons_prim.csv", "consolidated.xml", "cons_advanced.xml", "cons_enhanced.xml"),
                ("cons_alt.csv", "cons_add.csv", "cons_comments.csv"),
            )
        ),
        other_files=("consolidated.xml", "cons_advanced.xml", "cons_enhanced.xml"),
    ),
    OfficialList(
        key="us_csl",
        title="US Consolidated Screening List",
        authority="US",
        licence=_PUBLIC_DOMAIN,
        licence_note=_NO_CREDIT,
        is_on_by_default=True,
        files=(
            ListFile(
                "consolidated.csv",
                "https://data.trade.gov/downloadable_consolidated_screening_list/v1/consolidated.csv",
            ),
        ),
        every=timedelta(hours=12),
        parse=_once(parse_csl),
    ),
    OfficialList(
        key="un_sc",
        title="UN Security Council consolidated list",
        authority="UN",
        licence="UN terms of use",
        licence_note="For personal, non-commercial use; it may not be copied, passed on or sold, nor works be made "
        "of it without the UN's permission (un.org/en/about-us/terms-of-use).",
        is_on_by_default=False,
        files=(ListFile("consolidated.xml", "https://scsanctions.un.org/resources/xml/en/consolidated.xml"),),
        every=timedelta(hours=12),
        parse=_once(parse_un),
    ),
    OfficialList(
        key="eu_fsf",
        title="EU consolidated list of financial sanctions",
        authority="EU",
        licence="CC BY 4.0",
        licence_note="Free to use if the European Union is named as the source (Decision 2011/833/EU). It trails the "
        "Official Journal by days and holds no vessels.",
        is_on_by_default=True,
        files=(
            ListFile(
                "fsf.xml",
                # The token is no secret: the portal prints it for everybody.
                "https://webgate.ec.europa.eu/fsd/fsf/public/files/xmlFullSanctionsList_1_1/content?token=dG9rZW4tMjAxNw",
            ),
        ),
        every=timedelta(hours=12),
        parse=_once(parse_eu),
        other_files=("fsf.csv",),
    ),
    OfficialList(
        key="gb_uksl",
        title="UK Sanctions List",
        authority="UK",
        licence="Open Government Licence v3.0",
        licence_note="Free for any use with the words “Contains public sector information licensed under the Open "
        "Government Licence v3.0”.",
        is_on_by_default=True,
        files=(ListFile("UK-Sanctions-List.csv", "https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.csv"),),
        every=timedelta(hours=2),
        parse=_once(parse_uk),
        other_files=("UK-Sanctions-List.xml",),
    ),
    OfficialList(
        key="ch_seco",
        title="Swiss sanctions list (SECO)",
        authority="CH",
        licence="free use with the source named",
        licence_note="Name SECO as the source. Only the Official Compilation of Federal Legislation is binding.",
        is_on_by_default=True,
        files=(
            ListFile(
                "seco.xml",
                "https://www.sesam.search.admin.ch/sesam-search-web/pages/downloadXmlGesamtliste.xhtml"
                "?lang=en&action=downloadXmlGesamtlisteAction",
            ),
        ),
        every=timedelta(hours=12),
        parse=_once(parse_seco),
    ),
    OfficialList(
        key="ca_sema",
        title="Canadian autonomous sanctions list",
        authority="CA",
        licence="Open Government Licence – Canada",
        licence_note="Free for any use with the words “Contains information licensed under the Open Government "
        "Licence – Canada”.",
        is_on_by_default=True,
        files=(
            ListFile(
                "sema-lmes.xml",
                "https://www.international.gc.ca/world-monde/assets/office_docs/"
                "international_relations-relations_internationales/sanctions/sema-lmes.xml",
            ),
        ),
        every=timedelta(hours=12),
        parse=_once(parse_sema),
    ),
    OfficialList(
        key="au_dfat",
        title="Australian sanctions consolidated list",
        authority="AU",
        licence="CC BY 4.0",
        licence_note="Free to use if the Department of Foreign Affairs and Trade is named as the source.",
        is_on_by_default=True,
        files=(
            ListFile(
                "Australian_Sanctions_Consolidated_List.xlsx",
                "https://www.dfat.gov.au/sites/default/files/Australian_Sanctions_Consolidated_List.xlsx",
            ),
        ),
        every=timedelta(hours=24),
        parse=_once(parse_dfat),
    ),
    OfficialList(
        key="nz_mfat",
        title="New Zealand Russia Sanctions Register",
        authority="NZ",
        licence="CC BY 4.0",
        licence_note="Free to use if the Ministry of Foreign Affairs and Trade is named as the source.",
        is_on_by_default=True,
        files=(
            ListFile(
                "Russia-Sanctions-Register.xlsx",
                "https://www.mfat.govt.nz/assets/Countries-and-Regions/Europe/Ukraine/Russia-Sanctions-Register.xlsx",
            ),
        ),
        every=timedelta(hours=24),
        parse=_once(parse_mfat),
    ),
    OfficialList(
        key="opensanctions",
        title="OpenSanctions consolidated sanctions",
        authority="",  # many
        licence="CC BY-NC 4.0",
        licence_note="Not for commercial use: a business needs a paid licence (opensanctions.org/licensing). Name "
        "OpenSanctions as the source.",
        is_on_by_default=False,
        files=(
            ListFile(
                "targets.simple.csv", "https://data.opensanctions.org/datasets/latest/sanctions/targets.simple.csv"
            ),
        ),
        every=timedelta(hours=12),
        parse=_once(parse_opensanctions),
        other_files=("entities.ftm.json",),
    ),
)

LISTS: Mapping[str, OfficialList] = {one.key: one for one in _ALL}
