"""Lines of the page and lines of the world: which are which."""

from __future__ import annotations

import time

import pytest

from bot.text.furniture import is_caption, is_credit, is_furniture, is_signed
from bot.text.patterns import load_patterns

# A designation may stand in any of these, or what it rests on: they are read.
REPORTS = """
By Tuesday evening Treasury had added 40 names to the list
By Friday, three banks were cut off from SWIFT
By Executive Order 14024 all their property is blocked
By Council Decision of 3 March the measures were extended
By Order of the President the ban took effect
By Monday Night, Banks Were Told To Stop All Transfers
Follow the money: three shell firms in Dubai were listed on Tuesday.
Follow US lead, Kyiv urges Brussels on oil
Update: the sanctions took effect on Tuesday.
Updated: the EU has added 45 entities to the list
UPDATE: Treasury lists two more tankers
Update 3: the Council adopts the package
Updated 14 entries on the consolidated list
Updated 14:20 The sanctions took effect on Tuesday.
Updated at 4:10 pm: both banks are now on the SDN list
Last update of the list: 12 firms were added
14:20 The Council has adopted the package.
14.20 GMT – EU adopts its 20th package
2 hours ago the Treasury announced new sanctions.
3 days ago they were listed by Canada
An hour ago the Council adopted the package
Contact: the firm is reached through a front company in Dubai, the notice says, which was listed on Tuesday.
Contacts with the two banks are forbidden from Tuesday.
Tags on the crates tied them to the listed plant.
Topics of the meeting were the new sanctions and a price cap.
Photos by satellite show the tanker at the pier.
Photos by Maxar show two tankers that were listed in May.
Photographs show that the plant, listed on Tuesday, works on.
Images released by the ministry show the strike.
Pictures of the crates were in the notice.
File photos show the ship before it was listed.
In pictures released by the ministry, the two men stand by the drone.
Media sources said the sanctions took effect on Tuesday.
Media source: two banks will be listed
Image sources were not named.
Filed under seal, the indictment was opened on Tuesday, when both were listed.
Filed under the Magnitsky Act, the case ended in their listing.
Advertisement revenue of the channel was frozen on Tuesday.
Advertisements by the listed channels are forbidden.
All rights and interests in property of the listed persons are blocked.
(c) 2 vessels of the listed company
(c) 50 percent or more owned by them, directly or not
Copyright law does not shield the listed channel, the court said.
Attorney advised them that they had been listed.
Corrections of spelling were made to 14 entries of the list.
Correction of the list: two entries were removed
Published 14 new names on Tuesday
Published on Tuesday, the list has 14 new names.
Published in the Official Journal, the act takes effect at once.
Reporting by the Financial Times showed that the firm shipped oil, and it was listed on Tuesday.
Reporting by Reuters has shown that both were listed in May
Compiled by the panel of experts, the list has 40 names.
Reported by banks on Tuesday, the freeze took effect at once.
Edited by the Council on Tuesday, the list has 40 names now.
Reporting was made mandatory: banks must tell the office within ten days.
Reporting from Kyiv says that the plant was hit.
Additional reporting requirements apply to banks from Tuesday.
With input from allies, Treasury listed 14 ships.
With files from the raid, prosecutors proved the evasion, and both were listed.
A version of this bill passed the Senate, and two banks were listed under it.
A version of this report was sent to Congress, and the listing followed.
This note is to tell banks that the persons below were listed on Tuesday.
Our standards are clear: they were listed for what they did.
About the authorities' plans little is known, but the listing stands.
The author of the scheme was listed on Tuesday.
The author of the malware is wanted, and was added to the list.
The writer was put on the list in May.
The authorship of the virus is theirs, the Treasury said.
Terms of use of the general licence were changed on Tuesday.
Get the approval of the office before any payment to the listed bank.
Join the appeal: both were listed in May
Support our troops fund was listed
Support independent states give to the measure grew on Tuesday.
What's new: the EU added 45 entities to its list.
What’s new – the Treasury listed two banks
Media contacts of the listed channel were questioned.
Press contacts in Minsk said both were listed.
Notes to editors: the full list of those listed today follows
Key points of the package are a ban on services and 45 new listings.
Key points agreed: 45 new listings
More on the list are:
More on the list were added on Tuesday.
More from Tehran's fleet were listed on Tuesday.
More from the same network will follow, the Treasury said
Ends of the scheme were in Dubai
Vessels that sailed without permission were listed on Tuesday.
Without permission from the office, no bank may pay them.
Without permission of the Council no funds may be released.
One of those listed is a professor at a university in Moscow.
The second man is a journalist of state television who was listed on Tuesday.
Among the new names is a former correspondent of the state agency.
His deputy is a writer of speeches and was listed too.
The list is at www.zelkova.example and took effect on Tuesday.
The notice (https://zelkova.example/notice) says that the sanctions took effect on Tuesday.
The office was told at desk@zelkova.example that both had been listed on Tuesday.
Zelkova Mill LLC, 4 Harbour Road, Dubai; Website www.zelkova.example; Registration Number 4711 [SDGT]
Zelkov, Ivan; DOB 4 May 1970; Email Address ivan@zelkova.example; Gender Male (individual) [RUSSIA-EO14024]
Name | Date of listing | Programme
Zelkova Mill | Dubai | 24 February 2025
Designated | 24 February 2025
Zelkova Mill | Dubai
Bank | Russia | blocked
Status: listed | Date: 24 February 2025
Bloomberg: US to list two banks
Reuters: two banks were listed
AFP says five banks listed
EU bans TASS
TASS added to EU list
Xinhua office in Riga listed
EPA lists two firms
US, EU list TASS and Efe
AP: Treasury lists two mills
Get accounts frozen, court told
Court orders free accounting of the frozen funds.
Related-party lending was the reason, the EU said as it listed the bank.
Most popular-front leaders were listed in May
Recommended-for-listing names were sent to the Council
Watch list: two banks were added
Watch lists of both countries have them since Tuesday.
Share on the exchange fell after the listing.
Print shops of the listed firm were searched.
Save for two, all were listed on Tuesday.
Sign up to now, 40 states joined the measure
Subscribers of the listed channel were told to leave.
Skip to 2025: the Council lists the bank
Play videos of the listed channel and be fined, the law says.
Listen, the minister said, both are on the list.
Top stories of the listed channel were false.
Up next for the Council are the banks.
Credits were cut off after the listing.
Credit lines to the listed bank were cut.
Disclosure of funds is a duty of whoever is listed.
Comments by the listed bank were not to be had.
Comments (3) and (4) of the notice are now in force.
Фотографии со спутника показывают танкер у причала.
Фото и видео телеканала, внесённого в список, удалены.
Фотограф агентства внесён в список во вторник.
Подписан указ о санкциях против телеканалов
Подписанный во вторник указ вводит санкции против каналов поставки.
Підписано указ про санкції проти телеканалів
Підписаний указ вводить санкції проти нас, сказав депутат.
Подписание указа о санкциях против трёх каналов сбыта ожидается во вторник.
Редакция санкционного списка обновлена во вторник.
Редакция газеты внесена в список во вторник.
Редактор канала внесён в санкционный список.
Источник: санкции вступили в силу во вторник
Источник изображения спутника не назван.
Реклама на канале под санкциями запрещена.
По теме санкций министры договорились во вторник.
Подробнее о санкциях министр рассказал во вторник.
Обновлено: санкции вступили в силу во вторник
Обновлено 14 записей санкционного списка
Поделиться данными с комиссией банки обязаны со вторника.
Le puede costar caro al banco, que entró en la lista el martes.
Redacción de la ley: los bancos quedan sancionados desde el martes.
Redacción del decreto que sanciona a dos bancos
Con información de inteligencia, el Tesoro incluyó dos bancos en la lista.
Suscribió el decreto que sanciona a dos bancos.
Suscribieron el acta de sanciones el martes.
Comentarios (a) y (b) del aviso ya rigen.
Publicidad del canal sancionado queda prohibida.
Relacionadas con la red están dos empresas sancionadas el martes.
Actualización: las sanciones entraron en vigor el martes
Fuente: dos bancos entran en la lista
Mehr zum Schein als zum Nutzen seien die Sanktionen, sagte er.
Mehr zum Inhalt der Liste teilte der Rat am Dienstag mit.
Bild: zwei Banken kommen auf die Liste
Quellen: zwei Banken kommen auf die Liste
Quelle: EU setzt zwei Banken auf die Liste
Fotos zeigen den gelisteten Tanker am Pier.
Über dieses Themas Liste berieten die Minister am Dienstag.
Stand: 45 neue Namen auf der Liste
Teilen der Regierung gehören die gelisteten Werke.
Anzeige gegen die gelistete Bank wurde am Dienstag erstattet.
Update: die Sanktionen gelten seit Dienstag
Lesen Sie die Liste: zwei Banken sind neu
Sur le même fondement, le Conseil a ajouté deux banques.
Sur le même navire, deux hommes inscrits mardi ont été vus.
À lire l'avis du Trésor, deux banques sont inscrites depuis mardi.
Crédits : le Trésor gèle ceux de deux banques
Publicité de la chaîne inscrite : interdite depuis mardi
Partager des données avec la banque inscrite est interdit.
Mise à jour : les sanctions sont entrées en vigueur mardi
Source : deux banques seront inscrites
Photo satellite : le pétrolier inscrit est à quai, dit l'avis.
编辑部主任被列入制裁名单。
编辑周二被列入名单
来源国被列入名单，措施周二生效。
更新：制裁周二生效
分享情报后，两国周二同时宣布制裁。
视频显示，被制裁油轮停在港口。
相关链接公司也被列入名单。
사진에는 제재 대상 유조선이 담겼다.
사진작가가 화요일 제재 명단에 올랐다.
기자 회견에서 재무부는 은행 두 곳을 제재한다고 밝혔다.
기자 2명이 제재 명단에 올랐다.
무단으로 영해를 침범한 선박이 제재됐다.
무단 전용된 자금이 동결됐다.
업데이트: 제재가 화요일 발효됐다
관련 기업도 화요일 제재됐다.
영상에는 제재 대상 유조선이 보인다.
출처를 밝히지 않은 자금이 동결됐다.
To continue the pressure, the Treasury listed 14 ships on Tuesday.
To read the full list, banks were told, is a duty.
Advertisement-funded channels were listed on Tuesday.
Past results of the listed fund were false.
This is a developing country, and the ban hits it hard.
[2025/45] The Council has listed two banks.
При использовании материалов двойного назначения банк обошёл санкции.
Подписаться под соглашением о санкциях отказались двое.
Jetzt bestellen die gelisteten Werke anderswo.
The measures took effect on Tuesday. Banks have until May to comply. For the full list click here.
A Reuters/Ipsos poll found that most want the ban.
EU lists two banks - Reuters
EU lists two banks | Reuters
Reuters | Two banks were listed
Video shows the strike on the listed plant.
Watch out, the minister told banks on Tuesday.
Home to both listed firms, Dubai said nothing.
Home Office lists two groups
World Bank freezes two loans
News of the listing came on Tuesday.
Tel Aviv lists two groups
Phone taps proved that both were listed for good reason.
Tip: banks have until Tuesday to comply
Thanks to the listing, the price rose.
Start of the ban: Tuesday
Get out of the listed bank by Tuesday, savers were told.
Save the Children fund was not listed.
Search of the listed firm's rooms
Close to 40 firms were listed
Sponsored by the state, the group was listed on Tuesday.
Popular front leaders were listed
Latest listings: two banks
More names: two banks
Next on the list are two banks.
Next: the Council lists two banks
Previous listings stand.
Recommended listing of two banks was adopted
Comment by the minister: both are on the list
Reply to the listing: counter-sanctions from Tuesday
The views of the Council prevailed: both were listed.
The opinion of the court: the listing stands
The writer is in prison and was listed on Tuesday.
Disclosure rules bind both listed banks
E-mail servers of the listed group were seized.
X was fined, and two firms were listed
Telegram channels of the group were listed.
Google listed 14 channels that it had closed
Ends on Tuesday: the licence for both listed banks
Effective immediately.
The ban is in force.
In force from Tuesday
Reason: support of the invasion
Listed on: 24 February 2025
Date of listing: 24.2.2025
Legal basis: Regulation 269/2014
Programme: UKR
Nationality: Russian
Status: in force
Removed
New
Added today:
New entries:
The following were listed:
Individuals
Entities
Vessels
Все они внесены в список.
Читаемое в Москве как вызов решение вступило в силу.
Всего в списке 14 имён.
Популярное в Москве лицо внесено в список
Последние новости: санкции вступили в силу
Комментарий министра: санкции вступили в силу
Текст указа: два банка внесены в список
Автор схемы внесён в список
Источник в Брюсселе: два банка внесут в список
Время вступления в силу: вторник
Материалы дела: двое внесены в список
Стежили за трьома каналами, що тепер у списку.
Автор схеми потрапив до списку
Останні санкції набули чинності
Por decreto, dos bancos quedan sancionados
Por Orden del Tesoro quedan bloqueados
Publicado el decreto, las sanciones rigen desde el martes.
Publicado en el diario oficial, el decreto rige ya
Actualizado el listado con dos bancos
Temas de la reunión: sanciones a dos bancos
Más sanciones: dos bancos
Comentario del ministro: dos bancos sancionados
Von der Liste gestrichen: zwei Banken
Von Dienstag an gelten die Sanktionen
Von Moskau gesteuert: zwei Banken gelistet
Aktualisiert wurde die Liste am Dienstag.
Veröffentlicht im Amtsblatt, gilt der Beschluss sofort.
Dieser Beschluss ist am Dienstag veröffentlicht worden.
Themen der Sitzung: Sanktionen gegen zwei Banken
Kommentar des Ministers: beide gelistet
Archivbilder zeigen den gelisteten Tanker am Pier.
Par décret, deux banques sont inscrites
Par Décret du Président, deux banques sont gelées
Publié mardi au Journal officiel, le décret gèle deux banques.
Mis à jour mardi, la liste compte deux banques de plus.
Avec deux banques de plus, la liste compte 14 noms.
La suite est connue : deux banques inscrites
Voir la liste : deux banques
À la une du Journal officiel : deux banques inscrites
记者周二获悉，两家公司被列入名单。
作者被列入名单。
来源不明的资金被冻结。
更多公司被列入名单
最新名单公布
评论称，制裁周二生效。
发布时间为周二，措施随即生效。
点击率下降后，公司被列入名单。
입력 오류로 명단이 수정됐다.
수정된 명단에 은행 두 곳이 올랐다.
등록 선박 두 척이 제재됐다.
광고 수입이 동결됐다.
공유 자산도 동결됐다.
구독자 두 명이 제재됐다.
제보는 사실로 확인돼 두 곳이 제재됐다.
사진 제공 업체가 제재됐다.
특파원 두 명이 제재 명단에 올랐다.
This article is produced in breach of the ban.
Unlock this, the minister said of the frozen funds, and the war goes on.
Thank you for signing the decree, he told the president.
Not a member of the board since May, he was listed all the same.
E-mail 4 of the annex names both.
For further information on the 14 names added on Tuesday, please see the notice.
Comments are closed on the draft list; it takes effect on Tuesday.
Мнение редакции списка не касается.
Нашли ошибку в списке: банк исключён
Знайшли помилку в списку: банк вилучено
Por Decreto Supremo 4, Dos Bancos Quedan Bloqueados
Dieser Text ist am Dienstag im Amtsblatt erschienen und gilt sofort.
Themen: EU listet zwei Banken
Mit Material von der gelisteten Firma wurden Drohnen gebaut.
来源：两家公司被列入名单
记者：请问两家公司为何被列入名单？
作者：王某，周二被列入名单
资料图书馆被列入名单。
Posted on Tuesday, the notice adds two banks.
Published Tuesday: 14 names
By continuing the trade the two firms broke the ban.
This note is addressed to banks: two names were added on Tuesday.
Todos los derechos sobre bienes de los sancionados quedan bloqueados.
Alle Rechte an Vermögen der Gelisteten sind gesperrt.
Все права на имущество лиц из списка заблокированы.
Усі права на майно осіб зі списку заблоковано.
김철수 기자가 제재 명단에 올랐다
광고 회사 두 곳 제재
관련 뉴스에 따르면 제재가 발효됐다.
"""

PAGE = (
    "By Jane Roe, BBC News correspondent in Brussels",
    "(Photo: Jane Roe)",
    "*Comments (41)*",
    "• Share on Facebook",
    "[1/3]The port of Zelkova, May 3. REUTERS/Jane Roe",
    "Reuters",
    "AFP via Getty Images",
    "Jane Roe for Bloomberg",
    "Updated Nov 3, 2025 at 4:10 p.m. EST",
    "Last updated on Monday, 3 November 2025, 14:20 GMT",
    "Related stories",
    "Read more",
    "Most read",
    "Write to desk@zelkova.example",
    "www.zelkova.example",
    "Attorney advertising. Past results do not guarantee the same.",
    "Mis à jour le 3 novembre 2025 à 14h20",
    "Оновлено: 3 листопада 2025, 14:20",
    "[사진 출처=항구]",
    "（责任编辑：王）",
    "-ENDS-",
)
EXAMPLES = [
    (kind, example)
    for kind, languages in load_patterns("text/furniture.toml").items()
    for entries in languages.values()
    for example in entries.values()
]


@pytest.mark.parametrize("line", REPORTS.strip().splitlines())
def test_a_report_that_begins_like_a_line_of_the_page_is_none(line: str) -> None:
    assert not is_furniture(line)
    assert not is_credit(line)


@pytest.mark.parametrize("line", PAGE)
def test_a_line_of_the_page_is_one(line: str) -> None:
    assert is_furniture(line) or is_credit(line)


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_the_examples_of_the_data_are_what_their_kind_says(kind: str, example: str) -> None:
    says = {"credit": is_credit, "caption": is_caption, "signed": is_signed}
    assert says.get(kind, is_furniture)(example)


@pytest.mark.parametrize(
    "line",
    [
        "The minister at the port of Zelkova, 3 May 2024. Harbour Wire / Reuters",
        "The minister at the port (Photo by Jane Roe/Harbour Wire via Getty Images)",
        "The minister at the port. Credit: Harbour Wire",
        "The minister at the port. PHOTO: AFP/FILE",
        "The minister at the port. REUTERS/Jane Roe/File Photo",
        "FILE - The minister at the port. She was listed in May.",
        "Министр в порту. Фото: Анна Рой / ТАСС",
    ],
)
def test_a_paragraph_that_ends_in_a_pictures_credit_is_a_caption(line: str) -> None:
    assert is_caption(line)


@pytest.mark.parametrize(
    "line",
    [
        "The Treasury listed ten firms on Monday, Reuters reported.",
        "The Treasury gave the bigger picture: ten firms were listed.",
        "All looked at the same photograph: Orlenko was not in it.",
        "Ten firms were listed, according to AFP and Reuters.",
        "The notice has his photo (he was listed in May).",
    ],
)
def test_a_paragraph_that_speaks_of_pictures_and_agencies_is_no_caption(line: str) -> None:
    assert not is_caption(line)
    assert not is_signed(line)


@pytest.mark.parametrize(
    "piece", ["By A ", "Updated 1", "updated may ", "x", "more on A-A ", "facebook x ", "© A/", "share ", ". A "]
)
def test_no_line_takes_long(piece: str) -> None:
    started = time.process_time()
    for line in (piece * 5_000, f"By {piece * 5_000}", f"Updated {piece * 5_000}z"):
        is_furniture(line)
        is_credit(line)
        is_caption(line)
    assert time.process_time() - started < 1
