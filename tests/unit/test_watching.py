"""Watchlists changed in chat: asked, pasted, edited, merged, taken back; against a real store."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.commands import Services, answer
from bot.commands.watch import nearly
from bot.commands.watch.keyless import untracked
from bot.errors import EditedMeanwhileError
from bot.lists import LISTS, SHORT_NAMES
from bot.matching.legal_forms import core_of
from bot.matching.names import name_forms
from bot.model import (
    WHOLE_BOT,
    Article,
    Attachment,
    Chat,
    ChatKey,
    ChatKind,
    Entity,
    EntityEdit,
    EntityLink,
    Event,
    EventSource,
    EventTarget,
    Finding,
    Grant,
    Identifier,
    Judgement,
    Message,
    NoticeKind,
    Reply,
    Request,
    Role,
    Schema,
    Scope,
    Subscription,
    SubscriptionKind,
    Tier,
    User,
    Verdict,
    Watchlist,
    WatchlistEdit,
)
from bot.ports import ArticleRecord, Health, Records
from bot.rendering import render_plain
from bot.storage import SqlStore
from bot.watchlist import parse_watchlist
from tests.reading import shown
from tests.writing import appoint, track

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
HOME, DESK = Chat(ChatKey("telegram", "1")), Chat(ChatKey("telegram", "-5"))
ANA, BEN = User("telegram", "7", "Ana"), User("telegram", "8", "Ben")
GPN = Entity("gpn", Schema.COMPANY, "Gazprom Neft PJSC", ("Газпром нефть",), (), ("ru",), ("supplier",))
SNG = Entity("sng", Schema.COMPANY, "Surgutneftegas PJSC", (), (), ("ru",), ("supplier",))
ADDRESS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
HEADER = "key,schema,name,aliases,countries,topics,identifiers\n"


@dataclass
class Bot:
    """`bot("watch list")` as Ana, at `now`."""

    store: SqlStore
    now: datetime = NOW
    listed: dict[str, Entity] = field(default_factory=dict)
    approval_entities: int = 3
    notices: list[tuple[ChatKey, Message]] = field(default_factory=list)

    def _put(self, _records: Records, kind: NoticeKind, _key: str, chat: ChatKey, message: Message) -> bool:
        assert kind is NoticeKind.APPROVAL
        self.notices.append((chat, message))
        return True

    def __call__(self, text: str, user: User = ANA, chat: Chat = HOME, file: tuple[str, bytes] | None = None) -> Reply:
        services = Services(
            self.store,
            lambda: self.now,
            (),
            lambda: Health(NOW),
            entry_of=self.listed.get,
            approval_entities=self.approval_entities,
            approval_share=0.5,
            upload_bytes=100_000,
            put_notice=self._put,
        )
        attachment = Attachment(*file) if file else None
        return answer(Request(chat, user, text, attachment=attachment), services)

    def fill(self, user: User = ANA, **fields: str) -> Reply:
        """Send the form in."""
        services = Services(self.store, lambda: self.now, (), lambda: Health(NOW))
        return answer(Request(HOME, user, "watch form", fields=fields), services)

    def press(self, reply: Reply, label: str, user: User = ANA) -> Reply:
        (action,) = [action for action in reply.message.actions if action.label.startswith(label)]
        return self(action.data, user)

    def entity(self, key: str) -> Entity | None:
        with self.store.reading() as records:
            return records.entity(key)

    def tracked(self) -> list[str]:
        with self.store.reading() as records:
            return [entity.key for entity in records.entities()]

    def edits(self) -> tuple[WatchlistEdit, ...]:
        with self.store.reading() as records:
            return records.watchlist_edits()

    def subscriptions(self) -> list[tuple[str, str]]:
        with self.store.reading() as records:
            return [(one.kind.value, one.value) for one in records.subscriptions()]


@pytest.fixture
def bot(empty_store: SqlStore) -> Bot:
    with empty_store.writing() as records:
        records.edit_watchlist([EntityEdit(one.key, one) for one in (GPN, SNG)], "config", NOW, "from the file")
        for user in (ANA, BEN):
            appoint(records, user, "test", NOW)
    return Bot(empty_store)


# ---------------------------------------------------------------- the conversation


def test_what_is_missing_is_asked_by_buttons_and_by_plain_words(bot: Bot) -> None:
    asked = bot("watch add Igor Sechin")
    assert "what is it?" in asked.message.title
    asked = bot.press(asked, "Person")
    assert "which country" in asked.message.title
    asked = bot("Russia, Belarus")
    assert "other names" in asked.message.title
    done = bot("Игорь Сечин\nI. I. Sechin")
    assert done.message.title == "Now tracked: Igor Sechin"
    assert bot.entity("igor-sechin") == Entity(
        "igor-sechin", Schema.PERSON, "Igor Sechin", ("Игорь Сечин", "I. I. Sechin"), (), ("ru", "by")
    )


def test_questions_can_be_passed_over_and_ended(bot: Bot) -> None:
    bot("watch add Foo Trading LLC")
    assert "other names" in bot("skip").message.title
    assert "Now tracked" in bot("save").message.title
    bot("watch add Bar Shipping LLC")
    assert "nothing was changed" in bot("cancel").message.title
    assert "no command" in shown(bot("Russia"))
    assert "bar-shipping-llc" not in bot.tracked()


def test_an_answer_that_is_not_understood_keeps_the_question(bot: Bot) -> None:
    bot("watch add Foo Trading LLC")
    reply = bot("Atlantis")
    assert not reply.ok
    assert "unknown" in shown(reply)
    assert "other names" in bot("Iran").message.title


def test_a_command_that_is_misspelt_is_no_answer_to_what_is_asked(bot: Bot) -> None:
    bot("watch add Gefest-M")
    told = render_plain(bot("/wach list").message)
    assert "There is no command “wach”. Did you mean watch?" in told
    assert bot("company").message.title.startswith("Gefest-M: which country"), "the question stands"


def test_a_button_below_a_question_that_is_open_no_more_changes_nothing(bot: Bot) -> None:
    old = bot("watch add Sovkomflot")
    now = bot("watch add Vladimir Putin")
    assert "Sovkomflot, which you were asked about before this, was not saved." in shown(now)
    for label in ("Company", "Save as it is", "Cancel"):
        told = bot.press(old, label)
        assert not told.ok
        assert "You are asked about Vladimir Putin now" in shown(told)
    assert "which country" in bot.press(now, "Person").message.title
    assert "was not saved" not in shown(bot.press(bot("watch add Vladimir Putin"), "Person"))
    assert not bot.press(now, "Skip").ok, "pressed twice, it passes over no second question"
    bot("watch add")
    assert not bot.press(old, "Company").ok
    assert "company" not in bot.tracked(), "a button's word is no name"


def test_a_question_tells_another_way_only_where_plain_words_may_be_missed(bot: Bot) -> None:
    group = replace(DESK, kind=ChatKind.GROUP)
    assert "does not read plain messages" in shown(bot("watch add Foo Trading", chat=group))
    assert "does not read plain messages" not in shown(bot("watch add Foo Trading"))


def test_a_preview_and_a_question_tell_the_numbers_that_they_took(bot: Bot) -> None:
    assert "vessel · key mt-tavian · IMO number 9187629" in shown(bot("watch add MT Tavian (IMO 9187629)"))
    pasted = shown(bot("watch add MT Tavian, IMO 9187629\nFoo Trading LLC"))
    assert "New: MT Tavian · vessel · key mt-tavian · IMO number 9187629" in pasted


def test_what_is_asked_ends_by_a_command_too(bot: Bot) -> None:
    bot("watch add Bar Shipping LLC")
    assert "other names" in bot("/skip").message.title
    assert "nothing was changed" in bot("/cancel").message.title
    assert not bot("/cancel").ok


NUMBERS = {
    "IMO 9274446": ("IMO 9274446", Schema.VESSEL, Identifier("imoNumber", "9274446")),
    "imo 9187629 MT Tavian": ("MT Tavian", Schema.VESSEL, Identifier("imoNumber", "9187629")),
    "MT Tavian (IMO No. 9187629)": ("MT Tavian", Schema.VESSEL, Identifier("imoNumber", "9187629")),
    ADDRESS: (ADDRESS, Schema.CRYPTO_WALLET, Identifier("publicKey", ADDRESS)),
    f"Garnex; {ADDRESS}": ("Garnex", Schema.LEGAL_ENTITY, Identifier("publicKey", ADDRESS)),
}


@pytest.mark.parametrize(("words", "wanted"), NUMBERS.items(), ids=NUMBERS)
def test_a_number_written_as_a_name_is_an_identifier(
    bot: Bot, words: str, wanted: tuple[str, Schema, Identifier]
) -> None:
    bot(f"watch add {words} confirm")
    (key,) = set(bot.tracked()) - {"gpn", "sng"}
    entity = bot.entity(key)
    assert entity is not None
    assert (entity.caption, entity.schema, *entity.identifiers) == wanted
    assert not entity.aliases
    assert "add a longer one, or an identifier" not in shown(bot(f"lookup {key}"))


@pytest.mark.parametrize("words", ["IMO 9274447", "MT Tavian IMO 9187628", ADDRESS[:-1] + "x"])
def test_a_mistyped_number_is_no_name(bot: Bot, words: str) -> None:
    told = bot(f"watch add {words}")
    assert not told.ok
    assert "a digit is mistyped" in shown(told)


@pytest.mark.parametrize(
    ("tracked", "name", "is_twin"),
    [
        ("PAO Sovcomflot; Совкомфлот", "Sovkomflot", True),
        ("Sovkomflot", "Совкомфлот", True),
        ("PAO Sovcomflot; Совкомфлот", "Sovkomneft", False),
        ("Oleg Ivanovich Orlenko | schema=Person", "Olga Ivanovna Orlenko", False),
    ],
)
def test_a_name_that_is_searched_for_as_a_tracked_one_is_told_as_perhaps_the_same(
    bot: Bot, tracked: str, name: str, is_twin: bool
) -> None:
    bot(f"watch add {tracked} confirm")
    assert ("Perhaps it is tracked already" in shown(bot(f"watch add {name}"))) is is_twin
    assert ("erhaps" in shown(bot(f"watch add {name}\nFoo Trading LLC"))) is is_twin


def test_of_a_wallet_no_country_is_asked(bot: Bot) -> None:
    assert "other names" in bot(f"watch add {ADDRESS}").message.title


def test_marks_of_a_pasted_list_are_no_part_of_its_names(bot: Bot) -> None:
    bot.press(bot("watch add 1. Foo Trading LLC\n2. Bar Shipping\n3) Gefest-M"), "Save")
    bot.press(bot("watch add - Hayat Trading FZE\n• Volga-Baltic Lines\n1. FC Union"), "Save")
    names = {entity.caption for key in bot.tracked() if (entity := bot.entity(key))}
    assert names >= {"Foo Trading LLC", "Bar Shipping", "Gefest-M", "Hayat Trading FZE", "Volga-Baltic Lines"}
    assert "1. FC Union" in names, "a number alone counts nothing"


def test_a_draft_is_of_one_person_and_chat_survives_a_restart_and_ends(bot: Bot) -> None:
    bot("watch add Foo Trading LLC")
    assert "no command" in shown(bot("Iran", BEN))
    assert "no command" in shown(bot("Iran", chat=DESK))
    assert bot("status").ok, "commands are commands meanwhile"
    url = f"sqlite:///{bot.store.url.database}"
    bot.store.close()
    again = Bot(SqlStore(url))
    assert "other names" in again("Iran").message.title
    again.now += timedelta(hours=1)
    assert "no command" in shown(again("Foo Ltd"))
    again.store.close()


def test_an_entry_of_an_official_list_fills_names_and_identifiers(bot: Bot) -> None:
    listed = Entity(
        "ofac-22603", Schema.VESSEL, "EAGLE S", ("Орёл",), identifiers=(Identifier("listId", "us_sdn:22603"),)
    )
    bot.listed["OFAC 22603"] = listed
    assert bot("watch add OFAC 22603").message.title == "Now tracked: EAGLE S"
    assert bot.entity("ofac-22603") == listed
    assert "no entry 99 on the list OFAC" in shown(bot("watch add OFAC 99"))


@pytest.mark.parametrize("word", [*LISTS, *SHORT_NAMES, "seco", "DFAT", "uksl"])
def test_an_id_that_a_list_has_not_is_not_tracked_as_a_name(bot: Bot, word: str) -> None:
    assert f"no entry X99 on the list {word}" in shown(bot(f"watch add {word} X99"))


@pytest.mark.parametrize("name", ["AU 79", "SC 2000", "Unit 29155", "GB 4"])
def test_two_letters_and_a_number_may_be_a_name(bot: Bot, name: str) -> None:
    assert name in shown(bot(f"watch add {name}"))
    assert "no entry" not in shown(bot(f"watch add {name}"))


# ---------------------------------------------------------------- several at once


def test_pasted_lines_are_previewed_and_saved_by_the_button(bot: Bot) -> None:
    reply = bot("watch add Foo Trading LLC; Foo | country=ir\nBar Shipping\nGazprom Neft PJSC\nBaz | schema=Firma")
    told = shown(reply)
    assert "New: 2" in told.replace("\n", " ") or "2" in told
    assert "line 3: Gazprom Neft PJSC is tracked already" in told
    assert "line 4" in told
    assert "foo-trading-llc" not in bot.tracked()
    assert not bot.press(reply, "Save", BEN).ok, "it is Ana's"
    assert bot.press(reply, "Save").ok
    assert {"foo-trading-llc", "bar-shipping"} <= set(bot.tracked())
    assert not bot.press(reply, "Save").ok, "once"


def upload(bot: Bot, rows: str, text: str = "watch import") -> Reply:
    return bot(text, file=("list.csv", (HEADER + rows).encode()))


def test_an_upload_tells_new_changed_unchanged_and_refused_before_anything_is_saved(bot: Bot) -> None:
    rows = (
        "gpn,Company,Gazprom Neft PJSC,Газпром нефть,ru,supplier,\n"
        "sng,Company,Surgutneftegas PJSC,,ru;by,supplier,\n"
        "new,Vessel,Eagle S,,ck,,imo:9329760\n"
        "bad,Firma,Nothing,,,,\n"
        "imo,Vessel,Wrong Number,,,,imo:9329761\n"
    )
    reply = upload(bot, rows)
    told = shown(reply)
    for part in ("Changed: Surgutneftegas PJSC · countries: + by", "New: Eagle S", "line 5", "check digit is wrong"):
        assert part in told
    assert bot.tracked() == ["gpn", "sng"]
    done = bot.press(reply, "Save")
    assert "It is edit" in shown(done)
    assert bot.tracked() == ["gpn", "imo", "new", "sng"]
    assert bot.press(done, "Undo").ok
    assert bot.tracked() == ["gpn", "sng"]
    assert bot.entity("sng") == SNG


NAMES = [  # (what, the file, what the preview shows, who is tracked afterwards)
    (
        "new, the same, twice, and by another name",
        "name\nSURGUTNEFTEGAS PJSC\nFoo Trading LLC\nfoo trading llc\nГазпром нефть\n",
        ("New 1", "Unchanged 2", "foo trading llc (lines 3 and 4)", "No kind is told of 1 new name"),
        {"gpn": GPN, "sng": SNG, "foo-trading-llc": Entity("foo-trading-llc", Schema.COMPANY, "Foo Trading LLC")},
    ),
    (
        "what the list tells is changed, all else stays",
        "name,country,topics\nГазпром нефть,by,\nsurgutneftegas pjsc,,oil\n",
        ("Changed 2", "countries: + by, − ru", "topics: + oil, − supplier"),
        {"gpn": replace(GPN, countries=("by",)), "sng": replace(SNG, topics=("oil",))},
    ),
    (
        "one under two of its names counts once",
        "name,country\nГазпром нефть,by\nGazprom Neft PJSC,cn\n",
        ("Changed 1", "Gazprom Neft PJSC (lines 2 and 3)"),
        {"gpn": replace(GPN, countries=("by",)), "sng": SNG},
    ),
    (
        "another of the name, by its kind",
        "name,schema\nGazprom Neft PJSC,Vessel\n",
        ("New 1", "Tracked already under another key: Gazprom Neft PJSC (key gpn)"),
        {"gpn": GPN, "sng": SNG, "gazprom-neft-pjsc": Entity("gazprom-neft-pjsc", Schema.VESSEL, "Gazprom Neft PJSC")},
    ),
    (
        "aliases are those of the list, and no name is lost",
        "name,aliases\nГазпром нефть,Gazpromneft\n",
        ("aliases: + Gazpromneft",),
        {"gpn": replace(GPN, aliases=("Газпром нефть", "Gazpromneft")), "sng": SNG},
    ),
    (
        "with keys, a column that the file has not stays as it is",
        "key,name,countries\ngpn,Gazprom Neft,\n",
        ("name: Gazprom Neft PJSC → Gazprom Neft; countries: − ru",),
        {"gpn": replace(GPN, caption="Gazprom Neft", countries=()), "sng": SNG},
    ),
    (
        "a column of one kind of number leaves the other kinds alone",
        "key,name,imo,lei\ngpn,Gazprom Neft PJSC,9187629,\nsng,Surgutneftegas,9187629,\n",
        ("Changed 2", "+ imoNumber: 9187629"),
        {
            "gpn": replace(GPN, identifiers=(*GPN.identifiers, Identifier("imoNumber", "9187629"))),
            "sng": replace(SNG, caption="Surgutneftegas", identifiers=(Identifier("imoNumber", "9187629"),)),
        },
    ),
]


@pytest.mark.parametrize(("what", "rows", "telling", "wanted"), NAMES)
def test_a_list_of_names_finds_those_who_are_tracked(
    bot: Bot, what: str, rows: str, telling: tuple[str, ...], wanted: dict[str, Entity]
) -> None:
    reply = bot("watch import", file=("names.csv", rows.encode()))
    told = " ".join(shown(reply).replace(":", ": ").split())
    for part in telling:
        assert part in told or part.replace(" ", ": ", 1) in told, (what, told)
    assert bot.press(reply, "Save").ok
    assert {key: bot.entity(key) for key in bot.tracked()} == wanted


SEV = Entity("sev", Schema.VESSEL, "Severin", identifiers=(Identifier("imoNumber", "9187629"),), watchlist="oil")
SEV_HAS = "Severin (key sev, watchlist oil) has the IMO number 9187629 already"
WALLET = "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh"
DOUBLES = [  # (what, the words or rows, what is told)
    (
        "a ship by another name",
        "Eagle S | imo=9187629",
        "Severin (key sev, watchlist oil) has the IMO number 9187629 already.",
    ),
    ("written otherwise", "Eagle S | imo=IMO 918-7629", "has the IMO number 9187629 already"),
    ("with all its names", "Eagle S; Орёл | imo=9187629", "watch alias sev + Eagle S; Орёл"),
    ("another country's office", "Sever | tax=7736050003 country=kz", ""),
    (
        "the same country's office",
        "Sever | tax=77-36050003 country=ru",
        "Gazprom Neft PJSC (key gpn) has the tax number",
    ),
    ("of another kind", "Sever | registration=9187629", ""),
    ("too short to tell", "Sever | passport=12", ""),
    ("a wallet", f"Sever | wallet={WALLET}", f"Surgutneftegas PJSC (key sng) has the wallet {WALLET} already"),
    (
        "an entry on a list",
        "Sever | listid=us_ofac_sdn:1",
        "Surgutneftegas PJSC (key sng) has the id on a list us_ofac_sdn:1",
    ),
]


@pytest.fixture
def numbered(bot: Bot) -> Bot:
    """Some have numbers; this chat sees two of the three watchlists."""
    theirs = (
        Identifier("publicKey", WALLET),
        Identifier("listId", "us_ofac_sdn:1"),
        Identifier("passportNumber", "12"),
    )
    with bot.store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil", NOW, "test"))
        records.add_watchlist(Watchlist("hidden", "Hidden", NOW, "test"))
        records.set_watchlists(HOME.key, ["main", "oil"])
        track(records, SEV, "test", NOW)
        track(records, replace(GPN, identifiers=(Identifier("taxNumber", "7736050003"),)), "test", NOW)
        track(records, replace(SNG, identifiers=theirs), "test", NOW)
        imo = (Identifier("imoNumber", "9074729"),)
        track(records, replace(SEV, key="other", caption="Unseen", identifiers=imo, watchlist="hidden"), "test", NOW)
    return bot


@pytest.mark.parametrize(("what", "words", "told"), DOUBLES)
def test_a_number_that_somebody_has_already_is_told_before_it_is_saved(
    numbered: Bot, what: str, words: str, told: str
) -> None:
    reply = numbered(f"watch add {words}")
    assert told in shown(reply), what
    assert (" already" in shown(reply)) == bool(told), what
    assert reply.message.title.startswith("Track" if told else "Now tracked"), what


def test_a_number_that_somebody_has_already_is_told_with_the_next_step(numbered: Bot) -> None:
    asked = numbered("watch add Eagle S | imo=9187629")
    assert "If it is the same under another name: watch alias sev + Eagle S" in shown(asked)
    assert "lookup sev" in [action.data for action in asked.message.actions]
    assert "eagle-s" not in numbered.tracked()
    assert "aliases: + Eagle S" in shown(numbered.press(asked, "Add the name to Severin"))
    assert numbered("watch alias sev - Eagle S").ok
    saved = numbered.press(asked, "Track it")
    assert "has the IMO number 9187629 already. If both are one: watch merge eagle-s into sev" in shown(saved)
    assert numbered("watch merge eagle-s into sev").ok
    assert "already" not in shown(numbered("watch add Unlike | imo=9074729")), "what the chat does not see is not told"
    assert "watch merge sure-s into sev" in shown(numbered("watch add Sure S | imo=9187629 confirm"))
    assert "watch merge sng into sev" in shown(numbered("watch edit sng imo=9187629"))
    assert "already" not in shown(numbered("watch edit sng country=by")), "only what an edit brings is told"


ROWS = [  # (what, the file, which doubles are told)
    ("another name", "key,name,imo\nnew,Eagle S,9187629\n", [f"Eagle S: {SEV_HAS}"]),
    ("the same again", "key,name,imo,watchlist\nsev,Severin,9187629,oil\n", []),
    ("what changes otherwise", "key,name,imo,country,watchlist\nsev,Severin,9187629,by,oil\n", []),
    ("whoever gets it", "key,name,imo\nsng,Surgutneftegas PJSC,9187629\n", [f"Surgutneftegas PJSC: {SEV_HAS}"]),
    ("whoever gives it away", "key,name,imo,watchlist\nsev,Severin,9074729,oil\nnew,Eagle S,9187629,main\n", []),
    (
        "twice in the file",
        "key,name,imo\na,One,9321483\nb,Two,9321483\nc,Three,\n",
        ["Two: One (key a) has the IMO number 9321483 already"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "rows", "told"), ROWS)
def test_numbers_that_others_have_are_told_of_a_file(numbered: Bot, what: str, rows: str, told: list[str]) -> None:
    reply = numbered("watch import", file=("names.csv", rows.encode()))
    assert [line for line in reply.message.bullets if " already" in line] == told, what
    merge = "merge them afterwards: watch merge" in shown(reply)
    assert merge == bool(told), what


def test_numbers_that_others_have_are_told_of_pasted_lines(numbered: Bot) -> None:
    told = shown(numbered("watch add\nEagle S | imo=9187629\nSever | tax=7736050003 country=ru\nBar LLC | country=ir"))
    assert "2 names have a number that somebody else has already" in told
    assert "Sever: Gazprom Neft PJSC (key gpn) has the tax number 7736050003 already" in told


def test_what_a_replaced_watchlist_loses_has_no_number_any_more(numbered: Bot) -> None:
    rows = b"key,name,imo\nnew,Eagle S,9187629\n"
    assert "already" not in shown(numbered("watch replace oil", file=("names.csv", rows)))


def test_a_list_of_names_gets_free_keys_and_is_the_same_the_second_time(bot: Bot) -> None:
    assert bot("watch add Other Firm | key=foo-trading country=ru").ok
    file = ("names.csv", b"Foo Trading\nBar\n")
    assert bot.press(bot("watch import", file=file), "Save").ok
    assert bot.tracked() == ["bar", "foo-trading", "foo-trading-2", "gpn", "sng"]
    assert bot("watch import", file=file).message.title == "Nothing would change"
    replacing = bot("watch replace", file=file)
    assert "Removed: Other Firm" in shown(replacing)
    assert "Foo Trading" not in shown(replacing)


@pytest.mark.parametrize(
    ("rows", "new"),
    [
        ("key,name\nsng,Whoever\nnew,Gazprom Neft PJSC\n", ["new"]),  # a key says who it is
        ("name\nGazprom Neft PJSC\nгазпром нефть\nVolga Metals LLC\n", ["volga-metals-llc"]),
        ("schema,name\nPerson,Gazprom Neft PJSC\nCompany,Surgutneftegas PJSC\n", ["gazprom-neft-pjsc"]),  # of a kind
        ("name\nTwin Star\n", []),  # one of the two, whichever
        ("name\nGone Trading\n", []),  # what was removed stays so
    ],
)
def test_a_start_takes_from_the_file_whom_nobody_tracks(bot: Bot, rows: str, new: list[str]) -> None:
    """A row without a key means whom it would mean in an import."""
    rows_before = "a,Company,Twin Star,,,,\nb,Company,Twin Star,,,,\ngone-trading,Company,Gone Trading,,,,\n"
    assert bot.press(upload(bot, rows_before), "Save").ok
    assert bot("watch remove gone-trading").ok
    with bot.store.reading() as records:
        assert [entity.key for entity in untracked(records, parse_watchlist(rows, "names.csv"))] == new


def test_a_name_of_a_list_that_may_be_two_is_refused(bot: Bot) -> None:
    for key in ("a", "b"):
        assert bot.press(upload(bot, f"{key},Company,Twin Star,,,,\n"), "Save").ok
    told = shown(bot("watch import", file=("names.csv", b"name\nTwin Star\n")))
    assert "Twin Star may be Twin Star (key a) or Twin Star (key b): write its key" in told


def test_a_name_of_a_list_means_whoever_is_called_so_to_the_letter(bot: Bot) -> None:
    for key, name in (("garant", "Garant Europe OÜ"), ("garant-ou", "Garant Europe OU")):
        assert bot.press(upload(bot, f"{key},Company,{name},,,,\n"), "Save").ok
    told = bot("watch import", file=("names.csv", b"name\nGarant Europe OU\n"))
    assert told.message.title == "Nothing would change"


def test_what_stands_beside_the_names_of_a_list_is_kept_apart_and_told(bot: Bot) -> None:
    rows = (
        b'name;country\n"Foo Trading LLC, UAE";\nIvan Petrov (b. 1975);\nABC Import Ltd. t/a Ammersham Ventures;\n'
        b'"Novyi Vek Media, Reg. No. 1234567";ru\nFoo Trading LLC;\n'
    )
    preview = bot("watch import", file=("names.csv", rows))
    told = render_plain(preview.message)
    assert "“Foo Trading LLC, UAE” as Foo Trading LLC (United Arab Emirates)" in told
    assert "“Ivan Petrov (b. 1975)” as Ivan Petrov (Born 1975.)" in told
    assert "There more than once, the first counts: Foo Trading LLC (lines 2 and 6)." in told
    bot(preview.message.actions[0].data)
    with bot.store.reading() as records:
        found = {one.key: one for one in records.entities(["main"])}
    assert found["foo-trading-llc"].countries == ("ae",)
    assert found["ivan-petrov"].schema is Schema.PERSON
    assert "b 1975" not in [form.text for form in name_forms(found["ivan-petrov"])]
    assert found["abc-import-ltd"].aliases == ("Ammersham Ventures",)
    assert found["novyi-vek-media"].identifiers == (Identifier("registrationNumber", "1234567"),)
    again = bot("watch import", file=("names.csv", rows))
    assert again.message.title == "Nothing would change", "the same list sent again changes nothing"


def test_a_column_of_birth_dates_is_not_called_unknown_and_where_one_may_stand_is_told(bot: Bot) -> None:
    rows = b"name,D.O.B.,Comment\nPavel Reznik,12/03/1966,late\n"
    told = render_plain(bot("watch import", file=("names.csv", rows)).message)
    assert "Unknown and left out: the column 'Comment'." in told
    assert "Left out, as birth dates are not kept in a column: 'D.O.B.'. One that stands behind the name" in told


def test_what_other_columns_tell_did_not_stand_beside_the_name(bot: Bot) -> None:
    rows = (
        b'name,aliases,country,notes\n"Petrov, Ivan (b. 1975)",Ivan Sergeevich Petrov,RU,A client.\n'
        b"Velmur Shipping (Cyprus),Velmur Lines,CY,\n"
    )
    told = render_plain(bot("watch import", file=("names.csv", rows)).message)
    assert "“Petrov, Ivan (b. 1975)” as Petrov, Ivan (Born 1975.); " in told
    assert "“Velmur Shipping (Cyprus)” as Velmur Shipping (Cyprus). Where" in told


@pytest.mark.parametrize(
    "name", ["Gazprom Naft", "Gazprm Neft", "Gzaprom Neft LLC", "Surgutneftegaz", "Rsurgutneftegas"]
)
def test_a_name_that_is_one_letter_from_a_tracked_one_is_told(bot: Bot, name: str) -> None:
    answered = bot(f"watch add {name} | country=kz")
    assert answered.message.title == f"Track {name}? It is not saved yet"
    wanted = "Gazprom Neft PJSC (key gpn)" if name.startswith("G") else "Surgutneftegas PJSC (key sng)"
    assert f"Perhaps it is tracked already, as {wanted}." in render_plain(answered.message)
    pasted = render_plain(bot(f"watch add {name}\nVelmur Shipping").message)
    assert "One letter apart, perhaps the same: " in pasted
    assert wanted in pasted


@pytest.mark.parametrize("name", ["Gazprom Neft 2", "Gazprom", "Surgut", "Gazprom Aeft Xeft"])
def test_a_name_that_is_another_is_not_told_as_nearly_the_same(bot: Bot, name: str) -> None:
    assert "One letter apart" not in render_plain(bot(f"watch add {name}\nVelmur Shipping").message)


def test_of_many_tracked_names_only_those_are_read_that_may_be_near(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """To read a hundred thousand as names of firms took three seconds, twice for each name that was added."""
    with bot.store.writing() as records:
        for number in range(200):
            track(records, Entity(f"v{number}", Schema.COMPANY, f"Velmur {number} Shipping LLC"), "test", NOW)
    read: list[str] = []

    def counted(name: str) -> Sequence[str]:
        read.append(name)
        return core_of(name)

    monkeypatch.setattr(nearly, "core_of", counted)
    with bot.store.reading() as records:
        found = nearly.find_nearly_same(records, [Entity("new", Schema.COMPANY, "Gazprom Naft")], ["main"])
    assert found == {"new": ("gpn",)}
    assert len(read) < 10


def test_names_of_a_file_that_are_one_letter_from_others_are_told(bot: Bot) -> None:
    others = "".join(f"Velmur {number} Shipping\n" for number in range(1_000))
    rows = f"name\nGazprom Naft\nBanco Petrol Holding\nBanco Petrool Holding\n{others}".encode()
    told = render_plain(bot("watch import", file=("names.csv", rows)).message)
    assert (
        "One letter apart, perhaps the same: Gazprom Naft and Gazprom Neft PJSC (key gpn); "
        "Banco Petrol Holding and Banco Petrool Holding (key banco-petrool-holding). If so"
    ) in told


def test_names_of_a_file_that_are_others_in_another_spelling_are_told(bot: Bot) -> None:
    names = (
        "Сургутнефтегаз", "ORLENKO, John Mark", "John Mark Orlenko", "Yevgeny Lukomsky", "Evgeniy Viktorovich Lukomsky",
        "Zelkova Oil Company", "PJSC Zelkova", "Zelkova Deutschland GmbH",
        *(f"Velmur {number} Shipping" for number in range(1_000)),
    )  # fmt: skip
    preview = bot("watch import", file=("names.txt", "\n".join(("name", *map('"{}"'.format, names))).encode()))
    told = render_plain(preview.message)
    (line,) = [line for line in told.splitlines() if "Perhaps one in two spellings" in line]
    for one, other in (
        ("Сургутнефтегаз", "Surgutneftegas PJSC (key sng)"),
        ("John Mark Orlenko", "ORLENKO, John Mark (key orlenko-john-mark)"),
        ("Evgeniy Viktorovich Lukomsky", "Yevgeny Lukomsky (key yevgeny-lukomsky)"),
        ("PJSC Zelkova", "Zelkova Oil Company (key zelkova-oil-company)"),
    ):
        assert f"{one} and {other}" in line
    assert line.count(" (key ") == 4
    assert "watch merge KEY into KEY" in line


def test_of_many_names_in_two_spellings_all_are_in_the_file_of_the_preview(bot: Bot) -> None:
    names = [f"{name} Orlenko" for name in "Oleg Olga Ivan Igor Anna Pyotr Pavel Kirill Denis Roman".split()]
    turned = [" ".join(reversed(name.split())) for name in names]
    preview = bot("watch import", file=("names.txt", "\n".join(("name", *names, *turned)).encode()))
    assert preview.attachment is not None
    rows = preview.attachment.content.decode("utf-8-sig").splitlines()
    assert sum(row.startswith("perhaps one") for row in rows) >= len(names)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("Сургутнефтегаз", "Surgutneftegas PJSC"),
        ("Lukomskiy Evgeny", "Yevgeny Lukomsky"),
        ("Евгений Лукомский", "Yevgeny Lukomsky"),
        ("Зелькова", "Zelkova Oil LLC"),
    ],
)
def test_who_is_asked_for_in_another_spelling_than_the_tracked_one_is_found(bot: Bot, words: str, meant: str) -> None:
    """A look-up said "so no alert would be about it" of a name by which an article would have raised one."""
    for name in ("Yevgeny Lukomsky | schema=Person", "Zelkova Oil LLC"):
        bot(f"watch add {name} confirm")
    told = shown(bot(f"lookup {words}"))
    assert "1 name comes near" in told
    assert f"{meant} ·" in told
    assert f"Did you mean {meant}?" in shown(bot(f"subscribe {words}"))


@pytest.mark.parametrize("words", ["Сургут", "Олег Лукомский", "Велькова", "Rosneft"])
def test_who_is_called_otherwise_is_not_found(bot: Bot, words: str) -> None:
    for name in ("Yevgeny Lukomsky | schema=Person", "Zelkova Oil LLC"):
        bot(f"watch add {name} confirm")
    assert "No tracked name is like it" in shown(bot(f"lookup {words}"))


def test_a_list_of_names_whose_first_line_has_a_comma_is_read(bot: Bot) -> None:
    preview = bot("watch import", file=("names.txt", b"Foo Trading LLC, UAE\nShahbaz TV Center\n"))
    told = render_plain(preview.message)
    assert "New: Foo Trading LLC" in told
    assert "New: Shahbaz TV Center" in told


@pytest.mark.parametrize(
    "rows",
    [
        "Name;Vorname;Land\nPetrov;Ivan;Russland\nFoo GmbH;;Deutschland\n",
        "Last name;First name;Country\nPetrov;Ivan;Russia\nFoo GmbH;;Germany\n",
        "Name;Surname;Given name;Country\nIvan Petrov;Petrov;Ivan;ru\nFoo GmbH;;;de\n",
        "Nombre;Apellidos;País\nIvan;Petrov;RU\n;Foo GmbH;DE\n",
        "Name;Surname;Country\nIvan;Petrov;RU\nFoo GmbH;;DE\n",
        "Nachname;Vorname;Sitzland\nPetrov;Ivan;RU\nFoo GmbH;;DE\n",
    ],
)
def test_given_and_family_names_in_two_columns_are_one_name(bot: Bot, rows: str) -> None:
    preview = bot("watch import", file=("people.csv", rows.encode()))
    bot(preview.message.actions[0].data)
    with bot.store.reading() as records:
        person, firm = records.entity("ivan-petrov"), records.entity("foo-gmbh")
    assert person is not None
    assert firm is not None
    assert (person.caption, person.countries) == ("Ivan Petrov", ("ru",))
    assert person.schema is Schema.PERSON or "Vorname" not in rows
    assert (firm.schema, firm.countries) == (Schema.COMPANY, ("de",))


def test_the_log_tells_both_of_an_approved_change_and_whom_it_removed(bot: Bot) -> None:
    bot.approval_entities = 1
    asked = bot(bot("watch remove gpn; sng why=no longer clients").message.actions[0].data)
    code = asked.message.actions[0].data.split()[-1]
    assert bot(f"approve {code}", user=BEN).ok
    with bot.store.reading() as records:
        row = records.latest_audit(limit=1)[0].row
        version = records.entity_versions("gpn", 1)[0]
    assert row.who == "telegram:8"
    assert row.before == "tracked: Gazprom Neft PJSC; Surgutneftegas PJSC"
    assert f"asked for by telegram:7 as {code}, why: no longer clients" in row.after
    assert version.why == "no longer clients; approved by telegram:8"


def test_who_is_removed_is_removed_with_the_reason(bot: Bot) -> None:
    assert bot("watch remove gpn why=sold in May").message.title == "No longer tracked: Gazprom Neft PJSC"
    assert "removed: sold in May" in render_plain(bot("audit 1").message)
    assert "sold in May" in render_plain(bot("watch history gpn").message)


@pytest.mark.parametrize(
    ("name", "found"), [("IVANOV, Sergei", True), ("Smith, John Paul", True), ("Petrov, Sidorov and Partners", False)]
)
def test_a_family_name_and_a_given_name_of_no_kind_are_sought_as_people_write_them(name: str, found: bool) -> None:
    texts = [form.text for form in name_forms(Entity("x", Schema.LEGAL_ENTITY, name))]
    assert ({"sergei ivanov", "john paul smith", "sidorov and partners petrov"} & {*texts} != set()) is found


def test_a_birth_date_in_brackets_is_not_sought_as_a_name() -> None:
    for name in ("Ivan Petrov (b. 1975)", "Foo Trading (Reg. No. 1234567)"):
        texts = [form.text for form in name_forms(Entity("x", Schema.LEGAL_ENTITY, name))]
        assert texts[0] in ("ivan petrov", "foo trading")
        assert not [text for text in texts if any(char.isdigit() for char in text)]


def test_a_list_that_is_cut_off_removes_nobody(bot: Bot) -> None:
    preview = bot("watch replace", file=("cut.csv", b"key,name,country\ngpn,Gazprom Neft PJSC,ru\nsng,Surgut"))
    told = render_plain(preview.message)
    assert "Refused, line 3: is cut off, as the file ends in it: 2 of 3 cells" in told
    assert "Nothing is removed" in told


def test_who_is_tracked_by_a_name_with_what_stands_beside_it_stays_so(bot: Bot) -> None:
    written = Entity("foo", Schema.COMPANY, "Foo Trading LLC, UAE")
    with bot.store.writing() as records:
        track(records, written, "me", NOW)
    for rows in (b'name\n"Foo Trading LLC, UAE"\n', b'key,name\nfoo,"Foo Trading LLC, UAE"\n'):
        assert bot("watch import", file=("names.csv", rows)).message.title == "Nothing would change"
    exported = bot("watch export csv").attachment
    assert exported is not None
    assert bot("watch import", file=("back.csv", exported.content)).message.title == "Nothing would change"
    with bot.store.reading() as records:
        assert untracked(records, parse_watchlist('name\n"Foo Trading LLC, UAE"\n', "watchlist.csv")) == []


def test_what_stands_beside_a_name_that_is_added_is_kept_apart_and_told(bot: Bot) -> None:
    asked = bot("watch add Foo Trading LLC, UAE")
    assert "“Foo Trading LLC, UAE” as Foo Trading LLC (United Arab Emirates)" in render_plain(asked.message)
    pasted = bot("watch add Ivan Petrov (b. 1975)\nVelmur Shipping (Cyprus)")
    assert "“Velmur Shipping (Cyprus)” as Velmur Shipping (Cyprus)" in render_plain(pasted.message)
    bot(pasted.message.actions[0].data)
    with bot.store.reading() as records:
        assert records.entity("velmur-shipping") == Entity(
            "velmur-shipping", Schema.LEGAL_ENTITY, "Velmur Shipping", countries=("cy",)
        )
    renamed = bot("watch rename velmur-shipping to Velmur Shipping, Cyprus")
    assert renamed.ok, "whoever means it so says so"
    with bot.store.reading() as records:
        found = records.entity("velmur-shipping")
    assert found is not None
    assert found.caption == "Velmur Shipping, Cyprus"


def test_an_upload_does_not_overwrite_what_another_changed_meanwhile(bot: Bot) -> None:
    reply = upload(bot, "sng,Company,Surgutneftegas PJSC,,ru;by,supplier,\n")
    assert bot("watch edit sng topic+=oil", BEN).ok
    late = bot.press(reply, "Save")
    assert not late.ok
    assert "changed meanwhile, by Ben (telegram:8): version" in shown(late)
    assert bot.entity("sng") == replace(SNG, topics=("supplier", "oil"))


@pytest.mark.parametrize(
    ("name", "content", "telling"),
    [
        ("big.csv", b"x" * 100_001, "at most"),
        ("list.csv", b"", "is empty"),
        ("list.xlsx", b"PK\x03\x04 broken", "broken or locked workbook"),
        ("list.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 100, "old Excel file"),
        ("list.json", b'[{"id": 1', "is no JSON"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(bot: Bot, name: str, content: bytes, telling: str) -> None:
    reply = bot("watch import", file=(name, content))
    assert not reply.ok
    assert telling in shown(reply)
    assert bot.tracked() == ["gpn", "sng"]


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_what_is_exported_comes_back_unchanged(bot: Bot, form: str) -> None:
    full = Entity(
        "eagle-s", Schema.VESSEL, "=Eagle S", ("Орёл", "-Eagle"), ("EGL",), ("ck", "ae"), ("fleet",),
        (Identifier("imoNumber", "9329760"), Identifier("listId", "us_sdn:1")), "seen; off Porkkala", "main",
        (EntityLink("owned_by", "gpn"), EntityLink("director", "Ivan Ivanov")),
    )  # fmt: skip
    with bot.store.writing() as records:
        track(records, full, "test", NOW)
    exported = bot(f"watch export {form}")
    assert exported.attachment is not None
    reply = bot("watch import", file=(exported.attachment.name, exported.attachment.content))
    assert "Nothing would change" in reply.message.title, shown(reply)
    assert reply.ok, shown(reply)
    changed = exported.attachment.content if form == "xlsx" else exported.attachment.content.replace(b"ck", b"pa")
    assert ("ck" in shown(bot("watch import", file=("x." + form, changed)))) == (form != "xlsx")


# ---------------------------------------------------------------- edits


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("watch edit gpn country+=by topic=oil, gas", replace(GPN, countries=("ru", "by"), topics=("oil", "gas"))),
        ("watch edit gpn country=+by topic=+gas", replace(GPN, countries=("ru", "by"), topics=(*GPN.topics, "gas"))),
        ("watch edit Gazprom Neft country=", replace(GPN, countries=())),
        ("watch edit gpn imo=IMO 9329760", replace(GPN, identifiers=(Identifier("imoNumber", "9329760"),))),
        ("watch edit gpn owned_by=sng", replace(GPN, links=(EntityLink("owned_by", "sng"),))),
        ("watch edit gpn schema=vessel note=old why=by legal", replace(GPN, schema=Schema.VESSEL, notes="old")),
        ("watch alias gpn + GPN Ltd; Neft-Gaz", replace(GPN, aliases=("Газпром нефть", "GPN Ltd", "Neft-Gaz"))),
        ("watch alias gpn - газпром нефть", replace(GPN, aliases=())),
        ("watch rename gpn to Neft", replace(GPN, caption="Neft", aliases=("Газпром нефть", "Gazprom Neft PJSC"))),
    ],
)  # fmt: skip
def test_an_edit_changes_what_it_says_and_is_undone(bot: Bot, words: str, wanted: Entity) -> None:
    reply = bot(words)
    assert reply.ok, shown(reply)
    assert bot.entity("gpn") == wanted
    assert "Searched for" in shown(reply), "the rule is restated"
    assert bot.press(reply, "Undo").ok
    assert bot.entity("gpn") == GPN


@pytest.mark.parametrize(
    ("words", "telling"),
    [
        ("watch edit gpn", "say what changes"),
        ("watch edit gpn colour=red", "is not known"),
        ("watch edit gpn imo=9329761", "check digit is wrong"),
        ("watch edit gpn imo=932976", "an IMO number has seven digits, this has 6"),
        ("watch edit gpn kind=shoe", "organisation, public body, legal entity, vessel, aircraft, crypto wallet"),
        ("watch add X | imo=932976", "watch add NAME; OTHER NAME; … | schema=Vessel imo=9187629 country=pa"),
        ("watch add X | colour=red", "imo, lei, tax, passport, wallet"),
        ("watch edit gpn lei=ABC", "wrong"),
        ("watch edit gpn key=x", "never changes"),
        ("watch edit gpn watchlist=oil", "does not see a watchlist"),
        ("watch edit gpn owns_by=x", "is not known"),
        ("watch edit nobody country=ru", "Nobody tracked"),
        ("watch edit gpn country=by version=9", "version 1 stands"),
        ("watch merge gpn into gpn", "nothing to merge"),
        ("watch merge gpn", "Say which two"),
        ("watch rollback gpn 7", "no version 7"),
        ("watch undo 999999", "There is no edit 999999"),
        ("watch undo", "changed nothing"),
        ("watch confirm abc", "not waiting"),
    ],
)
def test_an_edit_that_cannot_be_made_says_why_and_changes_nothing(bot: Bot, words: str, telling: str) -> None:
    reply = bot(words)
    assert not reply.ok
    assert telling in shown(reply)
    assert bot.entity("gpn") == GPN


@pytest.mark.parametrize("kind", ["organisation", "aircraft", "crypto wallet", "public body", "legal entity"])
def test_each_kind_is_read_as_it_is_told(bot: Bot, kind: str) -> None:
    bot(f"watch edit gpn kind={kind}")
    assert str(bot.entity("gpn").schema).casefold() in kind.replace(" ", "").replace("s", "z") + "airplane"


def test_a_second_confirmation_tells_what_was_saved(bot: Bot) -> None:
    asked = bot("watch add\nOrlova Trading LLC | country=pa\nVelmur Management LLC | country=pa")
    assert bot.press(asked, "Save").ok
    again = bot.press(asked, "Save")
    assert not again.ok
    assert "Your last change here was saved just now, as edit" in shown(again)


def test_a_time_that_is_not_understood_is_named(bot: Bot) -> None:
    told = bot("mute Gazprom Neft 5 fortnights")
    assert not told.ok
    assert "“5 fortnights” is no time that is understood" in shown(told)
    assert "mute Gazprom Neft 7d" in shown(told)


def test_a_new_name_is_not_made_russian(bot: Bot) -> None:
    assert "country=ru" not in shown(bot("watch add Orlova Trading LLC | country=pa confirm"))


def test_two_admins_editing_one_entity_both_have_their_say(bot: Bot) -> None:
    bot("watch edit gpn topic+=oil")
    bot("watch edit gpn country+=by", BEN)
    assert bot.entity("gpn") == replace(GPN, topics=("supplier", "oil"), countries=("ru", "by"))
    late = bot("watch edit gpn topic=gas version=1")
    assert "changed meanwhile, by Ben (telegram:8): version" in shown(late)
    with bot.store.writing() as records, pytest.raises(EditedMeanwhileError):
        records.edit_watchlist([EntityEdit("gpn", GPN, seen=2)], "x", NOW, "x")


def test_a_merge_takes_names_and_subscriptions_along_and_is_undone_whole(bot: Bot) -> None:
    with bot.store.writing() as records:
        records.add_subscription(Subscription(HOME.key, SubscriptionKind.ENTITY, "sng", NOW, "x"))
    reply = bot("watch merge sng into gpn")
    merged = bot.entity("sng")
    assert merged is not None
    assert (merged.key, merged.aliases) == ("gpn", ("Газпром нефть", "Surgutneftegas PJSC"))
    assert bot.tracked() == ["gpn"]
    assert bot.subscriptions() == [("entity", "gpn")]
    assert "merged into gpn" in shown(bot("watch history sng"))
    undone = bot.press(reply, "Undo")
    assert (bot.entity("gpn"), bot.entity("sng"), bot.subscriptions()) == (GPN, SNG, [("entity", "sng")])
    assert bot.press(undone, "Redo").ok
    assert (bot.tracked(), bot.subscriptions()) == (["gpn"], [("entity", "gpn")])


def test_two_of_unlike_kinds_are_merged_only_once_that_is_confirmed(bot: Bot) -> None:
    assert bot("watch add Alexey Miller | schema=Person confirm").ok
    before = bot.tracked()
    asked = bot("watch merge Alexey Miller into gpn")
    assert "unlike kinds: person and company" in shown(asked)
    assert bot.tracked() == before
    assert "Merged: Alexey Miller is" in shown(bot.press(asked, "Merge them"))
    assert "gpn" in bot.tracked()
    assert len(bot.tracked()) == len(before) - 1
    assert bot("watch add Board of Gazprom Neft | schema=Organization confirm").ok
    assert "Merged" in shown(bot("watch merge Board of Gazprom Neft into gpn")), "kinds of organisation are alike"


def test_history_tells_who_when_what_and_why_and_leads_back(bot: Bot) -> None:
    bot("watch edit gpn topic+=oil why=asked by legal")
    bot("watch remove gpn", BEN)
    told = shown(bot("watch history gpn"))
    for part in ("It is not tracked now", "Ana (telegram:7): changed: topics: + oil · asked by legal"):
        assert part in told
    assert "Ben (telegram:8): removed" in told
    assert bot("watch rollback gpn 1").ok
    assert bot.entity("gpn") == GPN
    assert "went back to version 1" in shown(bot("watch history gpn"))


def test_undo_walks_back_through_ones_own_edits(bot: Bot) -> None:
    bot("watch edit gpn topic+=oil")
    bot("watch edit sng topic+=oil", BEN)
    bot("watch edit gpn topic+=gas")
    assert bot("watch undo").ok
    assert bot("watch undo").ok
    assert bot.entity("gpn") == GPN
    assert bot.entity("sng") != SNG, "Ben's edit stays"
    assert "changed nothing in this chat that could be undone" in shown(bot("watch undo"))
    assert bot("watch undo sng").ok
    assert bot.entity("sng") == SNG


def test_an_edit_that_was_changed_since_is_not_undone_over_it(bot: Bot) -> None:
    first = bot("watch edit gpn topic+=oil")
    bot("watch edit gpn country+=by", BEN)
    reply = bot.press(first, "Undo")
    assert not reply.ok
    assert "changed since" in shown(reply)


def test_a_rollback_of_what_was_changed_meanwhile_names_who_was_faster(bot: Bot) -> None:
    bot("watch edit gpn topic+=oil", BEN)
    late = bot("watch rollback gpn 1 version=1")
    assert not late.ok
    assert "gpn was changed meanwhile, by Ben (telegram:8): version 2 stands" in shown(late)


def test_an_undo_that_another_edit_outruns_names_who_was_faster(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    bot("watch edit gpn topic+=oil")
    bot("watch edit gpn country+=by", BEN)
    before = [EntityEdit("gpn", GPN, 2)]  # as it was read a moment before Ben's edit was saved
    monkeypatch.setattr("bot.commands.watch.versions.taken_back", lambda _records, _edit: (before, []))
    late = bot("watch undo")
    assert not late.ok
    assert "Not undone, and nothing is lost: gpn was changed meanwhile, by Ben (telegram:8): version 3" in shown(late)


# ---------------------------------------------------------------- a second admin


def many(bot: Bot) -> list[str]:
    keys = [f"x{number}" for number in range(5)]
    with bot.store.writing() as records:
        edits = [EntityEdit(key, Entity(key, Schema.COMPANY, f"Firm {key}")) for key in keys]
        records.edit_watchlist(edits, "test", NOW, "added")
    return keys


def ask_to_remove(bot: Bot) -> str:
    preview = bot("watch remove " + "; ".join(many(bot)))
    assert "needs a second admin" in shown(preview)
    waiting = bot.press(preview, "Remove")
    assert "Waits for a second admin" in waiting.message.title
    return waiting.message.actions[0].data.split()[-1]


def test_removing_many_waits_for_another_admin(bot: Bot) -> None:
    number = ask_to_remove(bot)
    assert "x0" in bot.tracked()
    assert "another admin has to approve" in shown(bot(f"approve {number}"))
    own, others = bot("approve"), bot("approve", BEN)
    assert [action.label for action in own.message.actions] == [f"Take {number} back"]
    assert [action.label for action in others.message.actions] == [f"Approve {number}", f"Refuse {number}"]
    assert "removes 5 names: Firm x0, Firm x1, Firm x2" in shown(others), "nobody approves what they do not see"
    assert bot(f"approve {number}", BEN).ok
    assert bot.tracked() == ["gpn", "sng"]
    assert "approved by telegram:8" in shown(bot("watch history x0"))
    assert not bot(f"approve {number}", BEN).ok, "once"


def test_an_approval_of_what_was_changed_meanwhile_is_closed_and_who_asked_is_told(bot: Bot) -> None:
    number = ask_to_remove(bot)
    assert bot("watch edit x1 topic+=oil", BEN).ok
    stale = bot(f"approve {number}", BEN, DESK)
    assert not stale.ok
    assert "Not done, and closed" in stale.message.title
    assert "x1 was changed meanwhile, by Ben (telegram:8)" in shown(stale)
    assert "Ana (telegram:7), who asked, is told to send it again" in shown(stale)
    ((chat, told),) = bot.notices
    assert (chat, "Then send it again" in render_plain(told)) == (HOME.key, True)
    assert "Nothing waits" in shown(bot("approve", BEN))
    assert "x0" in bot.tracked()


def test_one_name_fits_and_who_made_a_watchlist_is_named(bot: Bot) -> None:
    assert bot("watch list Surgut").message.title == "1 name tracked that fits “Surgut”"
    assert bot("watch new Oil desk").ok
    assert "made by Ana (telegram:7)" in shown(bot("watch lists"))


def test_a_refusal_tells_who_asked_the_reason(bot: Bot) -> None:
    number = ask_to_remove(bot)
    refused = bot(f"approve refuse {number} they are still suppliers", BEN, DESK)
    assert "Ana (telegram:7), who asked, is told, with your reason" in shown(refused)
    ((chat, told),) = bot.notices
    assert chat == HOME.key
    assert "By Ben (telegram:8): they are still suppliers." in render_plain(told)


def test_an_undo_that_removes_many_waits_too(bot: Bot) -> None:
    many(bot)
    waiting = bot("watch undo x0")
    assert "Waits for a second admin" in waiting.message.title
    assert "x0" in bot.tracked()
    assert bot(f"approve {waiting.message.actions[0].data.split()[-1]}", BEN).ok
    assert bot.tracked() == ["gpn", "sng"]


def test_an_undo_that_a_second_admin_approved_is_not_made_again(bot: Bot) -> None:
    many(bot)
    asked = [bot("watch undo x0").message.actions[0].data.split()[-1] for _ in range(2)]
    done = bot(f"approve {asked[0]}", BEN)
    assert bot.tracked() == ["gpn", "sng"]
    assert "is undone already, by edit" in shown(bot(f"approve {asked[1]}", BEN))
    assert "undone by edit" in shown(bot("watch history"))
    first = next(edit.id for edit in bot.edits() if edit.undone_by)
    assert "is undone already" in shown(bot(f"watch undo {first}"))
    assert bot.press(done, "Redo").ok
    assert "x0" in bot.tracked()


def test_undo_without_a_number_takes_my_last_change_in_this_chat_and_says_which(bot: Bot) -> None:
    assert bot("watch edit gpn topic+=oil").ok
    assert bot("watch edit sng topic+=oil", chat=DESK).ok
    told = shown(bot("watch undo"))
    assert "Undone: changed Gazprom Neft PJSC" in told
    assert "That was your last change in this chat: edit 2 of 28 Nov 2026, 09:00 UTC." in told
    assert bot.entity("gpn") == GPN
    assert bot.entity("sng") != SNG
    told = shown(bot("watch undo"))
    assert "You changed nothing in this chat that could be undone." in told
    assert "Elsewhere your last was “changed Surgutneftegas PJSC”: watch undo 3 takes it back." in told
    assert "That was edit 3 of 28 Nov 2026, 09:00 UTC, by Ana (telegram:7)." in shown(bot("watch undo 3", BEN))


BUTTONS = {
    "add": "watch add Foo Trading LLC confirm",
    "edit": "watch edit gpn topic+=oil",
    "rename": "watch rename gpn to Gazprom Oil",
    "alias": "watch alias gpn + GPN Trading",
    "merge": "watch merge sng into gpn",
    "remove": "watch remove gpn",
    "rollback": "watch rollback gpn 1",
}


@pytest.mark.parametrize("text", BUTTONS.values(), ids=BUTTONS)
def test_a_button_below_each_change_takes_it_back(bot: Bot, text: str) -> None:
    if "rollback" in text:
        bot("watch edit gpn topic+=oil", BEN)
    before = bot.tracked(), bot.entity("gpn"), bot.entity("sng")
    assert bot.press(bot(text), "Undo").ok
    assert (bot.tracked(), bot.entity("gpn"), bot.entity("sng")) == before


@pytest.mark.parametrize("text", ["watch add A1 Holding LLC\nB2 Holding LLC", "watch import"])
def test_a_button_below_what_was_confirmed_takes_all_of_it_back(bot: Bot, text: str) -> None:
    file = ("l.csv", b"key,schema,name\nz,Company,Zed LLC\n") if text == "watch import" else None
    done = bot.press(bot(text, file=file), "Save")
    assert len(bot.tracked()) > 2
    assert bot.press(done, "Undo").ok
    assert bot.tracked() == ["gpn", "sng"]


def test_the_audit_log_tells_entities_in_words(bot: Bot) -> None:
    for words in ("watch edit gpn topic+=oil", "watch rollback gpn 1", "watch remove gpn"):
        assert bot(words).ok
    told = shown(bot("audit 5"))
    assert "topics: + oil" in told
    assert "gpn version 2" in told
    assert "Gazprom Neft PJSC (company, Russia" in told
    assert "Entity(" not in told


def test_edits_of_watchlists_that_the_chat_does_not_see_are_not_shown_nor_undone(bot: Bot) -> None:
    oil = EntityEdit("oil1", Entity("oil1", Schema.COMPANY, "Hidden Oil", watchlist="oil"))
    with bot.store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil", NOW, "test"))
        done = records.edit_watchlist([oil], "telegram:7", NOW, "added Hidden Oil")
    assert "Hidden" not in shown(bot("watch history"))
    assert "does not see" in shown(bot(f"watch undo {done}"))


def test_who_is_asked_which_one_is_meant_keeps_the_version_and_the_reason(bot: Bot) -> None:
    asked = bot("watch edit PJSC topic+=gas version=1 why=asked by legal")
    assert [action.data for action in asked.message.actions] == [
        f"watch edit {key} topic+=gas version=1 why=asked by legal" for key in ("gpn", "sng")
    ]


def test_an_approval_is_refused_or_ends_by_itself(bot: Bot) -> None:
    number = ask_to_remove(bot)
    assert bot(f"approve refuse {number}", BEN).ok
    assert not bot(f"approve {number}", BEN).ok
    assert "x0" in bot.tracked()


def test_an_approval_ends_after_a_day(bot: Bot) -> None:
    number = ask_to_remove(bot)
    bot.now += timedelta(hours=25)
    assert "waits for approval" in shown(bot(f"approve {number}", BEN))
    assert "x0" in bot.tracked()


def test_a_single_admin_is_told_how_to_go_on(bot: Bot) -> None:
    with bot.store.writing() as records:
        records.remove_grant(BEN, WHOLE_BOT)
    waiting = bot.press(bot("watch remove " + "; ".join(many(bot))), "Remove")
    assert "You are the only admin" in shown(waiting)
    bot.approval_entities = 0
    assert bot.press(bot("watch remove x0; x1; x2; x3"), "Remove").message.title == "Done: removed 4 names"


def test_an_upload_that_removes_a_large_share_waits_too(bot: Bot) -> None:
    many(bot)
    preview = upload(bot, "gpn,Company,Gazprom Neft PJSC,Газпром нефть,ru,supplier,\n", "watch replace")
    assert "Removed: Firm x0" in shown(preview)
    assert "more than 3 at once" in shown(bot.press(preview, "Save"))


def test_a_replacing_upload_with_a_row_that_cannot_be_read_removes_nothing(bot: Bot) -> None:
    preview = upload(bot, "bad,Firma,Somebody,,,,\nnew,Company,Foo,,,,\n", "watch replace")
    assert "Nothing is removed: a row that was refused" in shown(preview)
    bot.press(preview, "Save")
    assert bot.tracked() == ["gpn", "new", "sng"]


# ---------------------------------------------------------------- several watchlists


def test_a_chat_sees_its_own_watchlists_and_nothing_of_the_others(bot: Bot) -> None:
    assert bot("watch new Oil desk").ok
    assert "already" in shown(bot("watch new oil  desk"))
    assert bot("watch use oil-desk", chat=DESK).ok
    assert bot("watch add Foo Trading LLC confirm", chat=DESK).ok
    assert "oil-desk" in shown(bot("watch lists"))
    assert "1 name tracked" in shown(bot("watch list", chat=DESK))
    assert "2 names tracked" in shown(bot("watch list"))
    assert "Nobody tracked" in shown(bot("watch edit foo-trading-llc country=ir"))
    assert "Nobody tracked" in shown(bot("watch edit gpn country=ir", chat=DESK))
    assert "everything tracked on the watchlist Oil desk (1 name" in shown(bot("subscribe everything", chat=DESK))
    assert "is for the watchlist oil-desk" in shown(
        bot("watch import", file=("l.csv", b"key,schema,name,watchlist\nz,Company,Zed,oil-desk\n"))
    )


def test_a_chat_may_see_several_and_move_names_between_them(bot: Bot) -> None:
    bot("watch new Oil")
    assert "New names go to main" in shown(bot("watch use main; oil"))
    assert bot("watch edit gpn watchlist=oil").ok
    assert "watchlist oil" in shown(bot("watch list"))
    assert "You may see no watchlist “nothing”: there are main and oil" in shown(bot("watch use nothing"))
    assert bot("watch use main").ok
    assert "1 name tracked" in shown(bot("watch list"))


@pytest.mark.parametrize(
    ("words", "kept", "told"),
    [
        ("watchlist main", ("watchlist", "main"), "the watchlist Main"),
        ("authority european union", ("authority", "EU"), "tracked names when EU acts"),
        ("programme russia", ("programme", "Russia"), "under the programme Russia"),
        ("programme DPRK3", ("programme", "DPRK3"), "only where an official list names it"),
    ],
)
def test_subscriptions_on_watchlists_authorities_and_programmes(
    bot: Bot, words: str, kept: tuple[str, str], told: str
) -> None:
    reply = bot(f"subscribe {words}")
    assert reply.ok
    assert told in shown(reply)
    assert bot.subscriptions() == [kept]
    assert bot.press(reply, "Undo").ok
    assert bot.subscriptions() == []


@pytest.mark.parametrize("words", ["watchlist nothing", "authority atlantis"])
def test_subscriptions_on_what_there_is_not_are_refused(bot: Bot, words: str) -> None:
    assert not bot(f"subscribe {words}").ok


def test_only_admins_change_and_see_the_watchlists(bot: Bot) -> None:
    stranger = User("telegram", "99")
    verbs = (
        "add Foo", "add A\nB", "edit gpn country=by", "rename gpn to X", "alias gpn + X", "merge gpn into sng",
        "remove gpn", "remove gpn; sng", "list", "lists", "new X", "use main", "import", "replace", "export",
        "history gpn", "undo", "rollback gpn 1", "answer x", "confirm x",
    )  # fmt: skip
    file = ("l.csv", (HEADER + "z,Company,Zed,,,,\n").encode())
    for verb in verbs:
        assert "Not done\n\nOnly " in shown(bot(f"watch {verb}", stranger, file=file)), verb
    assert "Only " in shown(bot("approve 1", stranger))
    assert bot.entity("gpn") == GPN


# ---------------------------------------------------------------- what others see and may


def event_on(*entities: Entity) -> Event:
    targets = tuple(
        EventTarget(
            one.key, one.caption, Verdict.NEW_SANCTIONS, 0.9, "Sanctioned.", one.caption, "https://w.example", "W"
        )
        for one in entities
    )
    source = EventSource("a1", "https://w.example", "W", "Title", Tier.NEWS, NOW, NOW)
    return Event("3f2a9c41", Verdict.NEW_SANCTIONS, ("US",), "Russia", None, NOW, NOW, targets, (source,))


def article_on(*entities: Entity) -> ArticleRecord:
    """Its stages name them all, as those of an article do that joins the event."""
    why = f"same act: {', '.join(one.caption for one in entities)} named by both"
    stages = ("new entry of W", f"joined event 3f2a9c41: {why}", f"edit for {HOME.key}: {why}")
    stages = (*stages, f"nothing for {HOME.key}: it is about a watchlist that this chat does not see")
    findings = tuple(Finding(one.key, Verdict.NEW_SANCTIONS, 0.9) for one in entities)
    article = Article("a1", "https://w.example", "W", "Title", "", (), NOW, tier=Tier.NEWS)
    return ArticleRecord(article, Judgement("a1", findings, Verdict.NEW_SANCTIONS), stages, "3f2a9c41", NOW)


OF_AN_EVENT = (
    "latest",
    "event 3f2a9c41",
    "why 3f2a9c41",
    "why https://w.example",
    "timeline programme Russia 90d",
    "adjacent 3f2a9c41",
    "lookup gpn",
)


@pytest.mark.parametrize("text", OF_AN_EVENT)
def test_no_answer_names_who_is_on_a_watchlist_that_the_chat_does_not_see(bot: Bot, text: str) -> None:
    secret = replace(SNG, key="sec", caption="Zarya Secret Works", watchlist="oil")
    with bot.store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil", NOW, "test"))
        track(records, secret, "test", NOW)
        records.save_event(event_on(GPN, secret))
        records.save_article(article_on(GPN, secret))
    told = shown(bot(text))
    assert "Gazprom Neft" in told
    assert "Zarya" not in told


@pytest.mark.parametrize("text", ["why 3f2a9c41", "why https://w.example"])
def test_why_an_article_joined_its_event_is_told_where_all_of_it_is_seen(bot: Bot, text: str) -> None:
    with bot.store.writing() as records:
        records.save_event(event_on(GPN, SNG))
        records.save_article(article_on(GPN, SNG))
    assert "named by both" in shown(bot(text))


def test_an_event_of_others_alone_is_no_event_here(bot: Bot) -> None:
    secret = replace(SNG, key="sec", caption="Zarya Secret Works", watchlist="oil")
    with bot.store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil", NOW, "test"))
        track(records, secret, "test", NOW)
        records.save_event(event_on(secret))
        records.save_article(article_on(secret))
    assert "Zarya" not in shown(bot("latest"))
    article = bot("why https://w.example")
    assert "raised nothing" in shown(article)
    assert "3f2a9c41" not in shown(article)
    assert "does not see" not in shown(article)
    assert "Its event" not in [action.label for action in article.message.actions]
    for text in ("event 3f2a9c41", "why 3f2a9c41", "feedback 3f2a9c41 right", "notmine 3f2a9c41"):
        assert "Zarya" not in shown(bot(text))
        assert not bot(text).ok


def test_an_editor_of_one_watchlist_changes_no_other(bot: Bot) -> None:
    cleo = User("telegram", "9", "Cleo")
    with bot.store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil", NOW, "test"))
        records.save_grant(Grant(cleo, Role.EDITOR, Scope.of_watchlist("oil"), "test", NOW))
    assert not bot("watch add Mine LLC confirm", cleo).ok
    assert bot("watch use main; oil").ok
    assert not bot("watch add Mine LLC confirm", cleo).ok, "new names go to main"
    assert bot("watch add Mine LLC; МИНЕ | watchlist=oil key=mine", cleo).ok
    assert bot("watch edit mine country=ru", cleo).ok
    for text in ("watch remove gpn", "watch edit gpn watchlist=oil", "watch edit mine watchlist=main", "watch new Gas"):
        assert not bot(text, cleo).ok, text
    assert not bot("watch use main", cleo).ok
    assert (bot.entity("gpn"), (bot.entity("mine") or GPN).watchlist) == (GPN, "oil")


def test_who_may_not_edit_is_told_so_even_where_nothing_would_change(bot: Bot) -> None:
    cleo = User("telegram", "9", "Cleo")
    with bot.store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil", NOW, "test"))
        records.save_grant(Grant(cleo, Role.EDITOR, Scope.of_watchlist("oil"), "test", NOW))
    assert bot("watch use main; oil").ok
    refused = bot("watch edit gpn country=ru", cleo)
    assert (refused.ok, "is so already" in shown(refused)) == (False, False)
    assert "is so already" in shown(bot("watch edit gpn country=ru"))


# ---------------------------------------------------------------- a form, or a conversation from the name on


def test_watch_add_alone_asks_for_the_name_first_and_has_a_form(bot: Bot) -> None:
    asked = bot("watch add")
    assert "Who is to be tracked?" in asked.message.title
    assert asked.form
    assert [one.key for one in asked.form.fields if one.is_needed] == ["name"]
    assert "A name is needed" in shown(bot("skip"))
    assert "what is it" in shown(bot("Rosalind Kray"))
    assert bot("person").ok
    assert "Now tracked" in shown(bot("save"))
    assert "no command" in shown(bot("Somebody Else")), "nothing is asked any more"


def test_a_name_said_with_all_that_is_known_ends_the_question(bot: Bot) -> None:
    bot("watch add")
    assert "is tracked already" in shown(bot("Gazprom Neft PJSC"))
    assert "Now tracked" in shown(bot("Foo Trading LLC; Foo | country=ru"))
    assert "no command" in shown(bot("Somebody Else"))


def test_a_form_may_choose_among_the_watchlists_that_its_sender_may_change(bot: Bot) -> None:
    cleo = User("telegram", "9", "Cleo")
    hide(bot)
    assert bot("watch use main; oil").ok
    form = bot("watch add").form
    assert form
    assert form.fields[-1].choices == (("main", "main"), ("oil", "oil"))
    with bot.store.writing() as records:
        records.save_grant(Grant(cleo, Role.EDITOR, Scope.of_watchlist("oil"), "test", NOW))
    own = bot("watch add", cleo).form
    assert own
    assert [one.key for one in own.fields][-1] == "notes"
    done = bot.fill(name="Foo LLC", watchlist="oil")
    assert bot(done.message.actions[0].data).ok
    assert (bot.entity("foo-llc") or GPN).watchlist == "oil"
    assert "does not see a watchlist “gas”" in shown(bot.fill(name="Bar LLC", watchlist="gas"))


# ---------------------------------------------------------------- what a chat does not see


SECRET = Entity("sec", Schema.COMPANY, "Zarya Secret Works", watchlist="oil")


def hide(bot: Bot, *entities: Entity) -> None:
    """On the watchlist oil, which no chat was given."""
    with bot.store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil desk", NOW, "test"))
        edits = [EntityEdit(one.key, one) for one in entities or (SECRET,)]
        records.edit_watchlist(edits, "telegram:8", NOW, "added Zarya Secret Works")


@pytest.mark.parametrize("state", ["tracked", "removed", "merged"])
def test_an_upload_learns_of_a_hidden_key_only_that_it_is_taken(bot: Bot, state: str) -> None:
    hide(bot, SECRET, replace(SECRET, key="other"))
    with bot.store.writing() as records:
        if state != "tracked":
            into = "other" if state == "merged" else ""
            records.edit_watchlist([EntityEdit("sec", merged_into=into)], "telegram:8", NOW, "gone")
    told = shown(bot("watch import", file=("l.csv", b"key,schema,name\nsec,Company,Foo LLC\n")))
    assert "the key sec is taken: write another one, or leave it empty" in told
    assert "oil" not in told
    assert "Zarya" not in told
    assert "is taken" in shown(bot("watch add Foo LLC | key=sec"))
    assert "oil" not in shown(bot("watch add Foo LLC | key=sec"))


def test_an_official_entry_that_is_tracked_unseen_can_be_tracked_here_too(bot: Bot) -> None:
    listed = replace(SECRET, key="us_ofac_sdn-22603", watchlist="main")
    hide(bot, replace(listed, watchlist="oil"))
    bot.listed = {"OFAC 22603": listed}
    assert "Now tracked" in bot("watch add OFAC 22603").message.title
    assert bot.tracked() == ["gpn", "sng", "us_ofac_sdn-22603", "us_ofac_sdn-22603-2"]
    assert "is tracked already" in shown(bot("watch add OFAC 22603"))


def test_other_watchlists_are_named_to_those_alone_who_may_look_into_them(bot: Bot) -> None:
    hide(bot)
    cleo, dora = User("telegram", "9", "Cleo"), User("telegram", "10", "Dora")
    with bot.store.writing() as records:
        records.save_grant(Grant(cleo, Role.EDITOR, Scope.of_watchlist("main"), "test", NOW))
        records.save_grant(Grant(dora, Role.READER, Scope.of_watchlist("main"), "test", NOW))
        records.save_grant(Grant(dora, Role.READER, Scope.of_watchlist("oil"), "test", NOW))
    assert "oil" not in shown(bot("watch lists", cleo))
    assert "oil" not in shown(bot("watch list", cleo))
    assert "You may see no watchlist “oil”: there are main." in shown(bot("watch use oil", cleo))
    for user in (ANA, dora):
        assert "Oil desk (oil): 1 name" in shown(bot("watch lists", user))
        assert "not seen here" in shown(bot("watch lists", user))


def test_notes_are_looked_up_by_those_alone_who_may_see_the_watchlist(bot: Bot) -> None:
    cleo, stranger = User("telegram", "9", "Cleo"), User("telegram", "99")
    with bot.store.writing() as records:
        track(records, replace(GPN, notes="client of ours"), "test", NOW)
        records.save_grant(Grant(cleo, Role.READER, Scope.of_watchlist("main"), "test", NOW))
    assert "client of ours" in shown(bot("lookup gpn"))
    assert "client of ours" in shown(bot("lookup gpn", cleo))
    told = shown(bot("lookup gpn", stranger))
    assert "Газпром нефть" in told
    assert "client of ours" not in told


def test_a_history_names_no_hidden_name_watchlist_or_notes(bot: Bot) -> None:
    hide(bot)
    assert bot("watch use main; oil", chat=DESK).ok
    assert bot("watch merge sng into sec", chat=DESK).ok
    assert "merged into sec" in shown(bot("watch history sng", chat=DESK))
    told = shown(bot("watch history sng"))
    assert "merged into another name" in told
    assert not [word for word in ("sec", "Zarya") if word in told]
    assert bot("watch undo", chat=DESK).ok
    told = shown(bot("watch history sng"))
    assert "Version 3, 28 Nov 2026, 09:00 UTC, Ana (telegram:7): changed\n" in told
    assert not [word for word in ("sec", "Zarya") if word in told]


def test_versions_on_a_hidden_watchlist_are_neither_told_nor_gone_back_to(bot: Bot) -> None:
    hide(bot, replace(SECRET, notes="client of ours"))
    assert bot("watch use main; oil", chat=DESK).ok
    assert bot("watch edit sec name=Zarya Works notes= watchlist=main why=off the oil desk", chat=DESK).ok
    moved = bot.edits()[0].id
    assert bot("watch edit sec country=ru").ok
    reply = bot("watch history sec")
    assert "countries: + ru" in shown(reply)
    for text in ("watch history sec", "watch history", "watch rollback sec 1", f"watch undo {moved}", "watch undo sec"):
        told = shown(bot(text))
        assert not [word for word in ("oil", "client", "Secret") if word in told], (text, told)
    assert all(" 1 " not in action.data for action in reply.message.actions)
    assert "client of ours" in shown(bot("watch history sec", chat=DESK))
    assert bot("watch rollback sec 1", chat=DESK).ok


@pytest.mark.parametrize("way", ["merged", "moved", "moved and removed"])
def test_a_subscription_that_follows_a_name_out_of_sight_does_not_name_it(bot: Bot, way: str) -> None:
    hide(bot, replace(SECRET, key="zarya"))
    bot("subscribe sng")
    bot.now += timedelta(minutes=1)
    bot("subscribe gpn")
    assert bot("watch use main; oil", chat=DESK).ok
    if way == "merged":
        assert bot("watch merge sng into zarya", chat=DESK).ok
    else:
        assert bot("watch edit sng name=Zarya Holding watchlist=oil", chat=DESK).ok
    if way == "moved and removed":
        assert bot("watch remove sng", chat=DESK).ok
    told = ("subscriptions", "subscribe", "unsubscribe", "unsubscribe nobody", "unsubscribe zarya", "start")
    for reply in [bot(text) for text in (*told, "unsubscribe entity zarya", "unsubscribe entity sng")]:
        data = " ".join(action.data + action.label for action in reply.message.actions)
        assert "zarya" not in (shown(reply) + data).casefold().replace("“zarya”", "").replace("“entity zarya”", "")
        assert "Surgut" not in shown(reply) + data
    reply = bot("subscriptions")
    assert "a name that this chat does not see" in shown(reply)
    (end,) = [action.data for action in reply.message.actions if "a name that" in action.label]
    assert not bot(f"subscriptions last 3 {end.removeprefix('unsubscribe ')}").message.actions
    ended = bot(end)
    assert ended.message.title == "Unsubscribed from a name that this chat does not see"
    assert ended.message.actions == ()
    assert bot.subscriptions() == [("entity", "gpn")]


def test_an_edit_that_also_touches_a_hidden_watchlist_is_not_undone_from_here(bot: Bot) -> None:
    with bot.store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil desk", NOW, "test"))
        edits = [EntityEdit(one.key, one) for one in (SECRET, replace(GPN, key="gpn2"))]
        done = records.edit_watchlist(edits, "telegram:7", NOW, "merged Zarya")
    assert "Zarya" not in shown(bot("watch history"))
    assert "does not see" in shown(bot(f"watch undo {done}"))
    assert bot.entity("sec") == SECRET


def test_what_waits_for_approval_is_seen_and_refused_by_those_whom_it_concerns(bot: Bot) -> None:
    cleo = User("telegram", "9", "Cleo")
    hide(bot, *(replace(SECRET, key=f"s{at}") for at in range(4)))
    with bot.store.writing() as records:
        records.save_grant(Grant(cleo, Role.EDITOR, Scope.of_watchlist("main"), "test", NOW))
    assert bot("watch use oil", chat=DESK).ok
    preview = bot("watch remove s0; s1; s2; s3", chat=DESK)
    waiting = bot(next(one.data for one in preview.message.actions if one.label.startswith("Remove")), chat=DESK)
    number = waiting.message.actions[0].data.split()[-1]
    assert "Nothing waits" in shown(bot("approve", cleo))
    assert "may refuse what somebody else asked for" in shown(bot(f"approve refuse {number}", cleo))
    assert number in shown(bot("approve", BEN)), "whoever may approve sees all that waits"
    assert bot(f"approve refuse {number}", ANA).ok, "who asked takes it back"
