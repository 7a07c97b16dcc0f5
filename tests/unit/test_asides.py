"""What stands beside a name in a cell or a pasted line, taken off it; and what is a part of the name."""

from __future__ import annotations

import pytest

from bot.text.asides import Written, read_written


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Foo Trading LLC, UAE", Written("Foo Trading LLC", countries=("ae",))),
        ("Foo Trading LLC, Jebel Ali, UAE", Written("Foo Trading LLC", countries=("ae",))),
        ("FOO TRADING LLC,UAE", Written("FOO TRADING LLC", countries=("ae",))),
        ("Foo Trading LLC UAE", Written("Foo Trading LLC", countries=("ae",))),
        ("Foo FZE, P.O. Box 1234, Dubai, UAE", Written("Foo FZE", countries=("ae",))),
        ("Ivan Petrov, 12.03.1975", Written("Ivan Petrov", born="12.03.1975", is_person=True)),
        ("Foo Co., Ltd., Shenzhen, China", Written("Foo Co., Ltd.", countries=("cn",))),
        ("Shahbaz TV Center (Cyprus)", Written("Shahbaz TV Center", countries=("cy",))),
        ("Shahbaz TV Center (Limassol, Cyprus)", Written("Shahbaz TV Center", countries=("cy",))),
        ("Yukos, Russia", Written("Yukos", countries=("ru",))),
        ("TSUNAMI RELIEF FUND, SRI LANKA", Written("TSUNAMI RELIEF FUND", countries=("lk",))),
        ("Foo Trading (HK)", Written("Foo Trading", countries=("hk",))),
        ("Ivan Petrov (b. 1975)", Written("Ivan Petrov", born="1975", is_person=True)),
        ("Ivan Petrov, born 12.03.1965", Written("Ivan Petrov", born="12.03.1965", is_person=True)),
        ("Ivan Petrov DOB: 12/03/75", Written("Ivan Petrov", born="12/03/75", is_person=True)),
        ("Peter Müller (geb. 01.02.1960)", Written("Peter Müller", born="01.02.1960", is_person=True)),
        ("Иванов Иван, 1975 г.р.", Written("Иванов Иван", born="1975", is_person=True)),
        ("Mr Gaston Iyamuremye", Written("Gaston Iyamuremye", is_person=True)),
        ("Novyi Vek Media, Reg. No. 1234567", Written("Novyi Vek Media", numbers=("registration:1234567",))),
        ("Foo GmbH HRB 12345", Written("Foo GmbH", numbers=("registration:HRB 12345",))),
        ("Foo LLC, INN 7701234567", Written("Foo LLC", numbers=("tax:7701234567",))),
        ("Foo Inc (USA), Reg No 555-1234", Written("Foo Inc", countries=("us",), numbers=("registration:555-1234",))),
        ("c/o Shahbaz TV Center", Written("Shahbaz TV Center")),
        ("Ivan Petrov c/o Shahbaz TV Center, UAE", Written("Ivan Petrov", parties=("Shahbaz TV Center",))),
        ("ABC Import Ltd. t/a Ammersham", Written("ABC Import Ltd.", others=("Ammersham",))),
        ("ABC Import Ltd. (formerly Foo Ltd.)", Written("ABC Import Ltd.", others=("Foo Ltd.",))),
        ("ABC Import Ltd. (a.k.a. Foo Ltd.)", Written("ABC Import Ltd.", others=("Foo Ltd.",))),
        ("ABC Import Ltd., f.k.a. Foo Ltd.", Written("ABC Import Ltd.", others=("Foo Ltd.",))),
        ("Ocean Star; ex Blue Star", Written("Ocean Star", others=("Blue Star",))),
        ("Foo LLC, UAE; Bar Trading; f/k/a Baz", Written("Foo LLC", others=("Baz", "Bar Trading"), countries=("ae",))),
        ("Sberbank / Сбербанк", Written("Sberbank", others=("Сбербанк",))),
        ("Rosneft Роснефть", Written("Rosneft", others=("Роснефть",))),
        ("Ivan Ivanov (Иван Иванов)", Written("Ivan Ivanov", others=("Иван Иванов",))),
    ],
)
def test_what_stands_beside_a_name_is_taken_off_and_told(text: str, wanted: Written) -> None:
    found = read_written(text)
    assert found.aside, "what was taken off is told"
    assert (found.name, found.others, found.parties) == (wanted.name, wanted.others, wanted.parties)
    assert (found.countries, found.born, found.numbers) == (wanted.countries, wanted.born, wanted.numbers)
    assert found.is_person == wanted.is_person


@pytest.mark.parametrize(
    "name",
    [
        "Foo Trading Co., Ltd.", "Foo, S.A.", "Foo Trading, SA", "Foo (SA)", "Foo Bank (Switzerland) AG",
        "PETROV, Ivan Sergeevich", "ROMASHKIN, Ruslan", "BRICENO SUAREZ, German", "Garcia Lopez, Israel", "KHAN, Mali",
        "Jordan, Michael", "AGUILAR DEL BOSQUE, Mauricio", "DE LA CRUZ LOPEZ, German", "ABU BAKR AL MASRI, Shadi",
        "HANSEN, PER", "YILMAZ, CAN", "IVANOV, Y.", "IVANOV, Y", "Foo Trading (Y)",
        "Foo GmbH, 12.03.1975", "Foo,S.A.", "Foo Ltd Group", "Air France / KLM", "Martyrs Foundation in Lebanon",
        "Max Born Institute", "AC/DC Lighting", "Bank Saderat Iran", "Channel 4", "Tesla 2000",
        "Islamic State of Iraq and Syria - Mozambique", "Mr Price Group Ltd.", "ООО Gefest", "ООО «Gefest»",
        "Завод Siemens", "Ansar al-Sharia (Benghazi Brigade)", "Trading Company 1234567", "Ltd. t/a X", "LLC, UAE",
        "Iran, Islamic Republic of", "3M Company", "Petrov, Sidorov and Partners",
    ],
)  # fmt: skip
def test_what_belongs_to_a_name_stays_in_it(name: str) -> None:
    assert read_written(name) == Written(name)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("part", ["Foo t/a ", "Foo (reg no a.a.a.", "reg no 1-1-", "Foo, UAE, "])
def test_a_cell_that_is_as_long_as_cells_may_be_is_read_at_once(part: str) -> None:
    text = (part * 32_767)[:32_767].strip()
    assert read_written(text).name == " ".join(text.split())
