"""Who may do what: the table, and that no way through it gives anybody more than they had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chain import GENESIS, digest_of, verify
from bot.model import WHOLE_BOT, Chat, ChatKey, ChatKind, Grant, Invitation, Role, Scope, User
from bot.ports import AuditRow, ChainedRow
from bot.rights import LEAST, ChatMode, Right, decide_chat, decide_mapping, decide_role, find_grants, may
from bot.rights.invitations import (
    GUESSES_FORGOTTEN,
    MOST_GUESSES,
    decide_guess,
    decide_use,
    is_token,
    is_token_of,
    make_token,
    token_digest,
)

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
ANA, BEN, CARA = (User("telegram", number) for number in "789")
GROUP = Chat(ChatKey("telegram", "-5"), ChatKind.GROUP, "Desk")
TOPIC = Chat(ChatKey("telegram", "-5", "3"), ChatKind.GROUP, "Desk › Iran")
HOME = Chat(ChatKey("telegram", "7"))
DESK, MAIN = Scope.of_chat(GROUP.key), Scope.of_watchlist("main")


# ---------------------------------------------------------------- the table


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("role", [None, *Role])
def test_each_role_may_what_the_table_says_and_all_that_lower_ones_may(role: Role | None, right: Right) -> None:
    least = LEAST[right]
    grants = [Grant(ANA, role)] if role else []
    allowed = least is None or (role is not None and role.rank >= least.rank)
    for scope in (WHOLE_BOT, DESK, MAIN):
        decision = may(grants, right, scope)
        assert decision.allowed is allowed
        assert decision.reason


@pytest.mark.parametrize(
    ("granted", "asked", "allowed"),
    [
        (WHOLE_BOT, MAIN, True),
        (WHOLE_BOT, DESK, True),
        (MAIN, MAIN, True),
        (MAIN, Scope.of_watchlist("other"), False),
        (MAIN, WHOLE_BOT, False),
        (DESK, Scope.of_chat(TOPIC.key), True),
        (DESK, Scope.of_chat(ChatKey("slack", "-5")), False),
        (DESK, MAIN, False),
    ],
)
def test_a_role_holds_for_its_scope_alone(granted: Scope, asked: Scope, allowed: bool) -> None:
    assert may([Grant(ANA, Role.EDITOR, granted)], Right.EDIT_WATCHLIST, asked).allowed is allowed


def test_a_scope_is_read_as_it_is_written() -> None:
    for scope in (WHOLE_BOT, DESK, MAIN, Scope.of_watchlist("a:b c")):
        assert Scope.read(str(scope)) == scope
    with pytest.raises(ValueError, match="planet"):
        Scope.read("planet:mars")


@pytest.mark.parametrize(
    ("chat", "is_chat_admin", "is_anonymous", "mapped", "may_change", "may_edit", "may_appoint"),
    [
        (HOME, True, False, None, True, False, False),
        (Chat(ChatKey("web", "console"), ChatKind.CHANNEL), False, False, None, True, False, False),
        (GROUP, False, False, None, False, False, False),
        (GROUP, True, False, None, True, False, False),
        (TOPIC, True, True, None, True, False, False),
        (GROUP, True, False, Role.READER, False, False, False),
        (GROUP, True, True, Role.EDITOR, True, True, False),
        (GROUP, True, False, Role.ADMIN, True, True, True),
        (GROUP, False, True, Role.ADMIN, False, False, False),
    ],
)
def test_what_comes_with_a_place(
    chat: Chat,
    is_chat_admin: bool,
    is_anonymous: bool,
    mapped: Role | None,
    may_change: bool,
    may_edit: bool,
    may_appoint: bool,
) -> None:
    """Administrators change their chat; a watchlist only if somebody said so."""
    grants = find_grants(BEN, [], chat, is_chat_admin=is_chat_admin, is_anonymous=is_anonymous, mapped=mapped)
    here = Scope.of_chat(chat.key)
    told = [may(grants, right, here).allowed for right in (Right.SUBSCRIBE, Right.EDIT_WATCHLIST, Right.MANAGE_PEOPLE)]
    assert told == [may_change, may_edit, may_appoint]
    assert not may(grants, Right.SEE_WATCHLIST).allowed


def test_in_the_name_of_a_chat_no_role_of_a_person_counts() -> None:
    stored = [Grant(ANA, Role.OWNER), Grant(BEN, Role.ADMIN)]
    assert find_grants(ANA, stored, GROUP) == (stored[0],)
    assert find_grants(ANA, stored, GROUP, is_anonymous=True) == ()
    assert find_grants(User("slack", ANA.id), stored, GROUP) == ()


# ---------------------------------------------------------------- giving and taking

PEOPLE = [User("telegram", str(number)) for number in range(4)]
SCOPES = (WHOLE_BOT, DESK, MAIN)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        st.sampled_from([None, *Role]),
        st.sampled_from(SCOPES),
    ),
    max_size=40,
)


def rank_at(grants: Sequence[Grant], user: User, scope: Scope) -> int:
    fitting = (grant.role.rank for grant in grants if grant.user == user and grant.scope in (WHOLE_BOT, scope))
    return max(fitting, default=-1)


@given(STEPS)
def test_no_sequence_of_grants_gives_anybody_more_than_who_gave_it_had(
    steps: list[tuple[User, User, Role, Scope]],
) -> None:
    """And the bot always has an owner."""
    grants = [Grant(PEOPLE[0], Role.OWNER), Grant(PEOPLE[1], Role.ADMIN, DESK)]
    for actor, user, role, scope in steps:
        own = [grant for grant in grants if grant.user == actor]
        if not decide_role(own, grants, actor, user, role, scope).allowed:
            continue
        before = {where: rank_at(grants, user, where) for where in SCOPES}
        had = {where: rank_at(grants, actor, where) for where in SCOPES}
        grants = [grant for grant in grants if (grant.user, grant.scope) != (user, scope)]
        grants += [Grant(user, role, scope)] if role else []
        for where in SCOPES:
            after = rank_at(grants, user, where)
            assert after <= max(before[where], had[where]), "nobody got more than the giver had there"
            if after != before[where] and actor != user:
                assert max(after, before[where]) <= had[where]
                assert had[where] >= Role.ADMIN.rank
        assert any(grant.role is Role.OWNER and grant.scope == WHOLE_BOT for grant in grants)


OWNER, ADMIN = Grant(ANA, Role.OWNER), Grant(BEN, Role.ADMIN)


@pytest.mark.parametrize(
    ("everybody", "actor", "user", "role", "scope", "refusal"),
    [
        ([OWNER], ANA, ANA, None, WHOLE_BOT, "only owner"),
        ([OWNER, ADMIN], ANA, ANA, Role.ADMIN, WHOLE_BOT, "only owner"),
        ([OWNER, Grant(BEN, Role.OWNER)], ANA, ANA, None, WHOLE_BOT, ""),
        ([OWNER, Grant(BEN, Role.OWNER)], ANA, BEN, None, WHOLE_BOT, ""),
        ([ADMIN], BEN, BEN, None, WHOLE_BOT, "only admin"),
        ([OWNER, ADMIN], BEN, ANA, None, WHOLE_BOT, "more than they have"),
        ([OWNER, ADMIN], BEN, ANA, Role.READER, WHOLE_BOT, "more than they have"),
        ([OWNER, ADMIN], BEN, CARA, Role.OWNER, WHOLE_BOT, "more than they have"),
        ([OWNER, ADMIN], BEN, BEN, Role.OWNER, WHOLE_BOT, "more than they have"),
        ([OWNER, ADMIN], BEN, CARA, Role.ADMIN, MAIN, ""),
        ([OWNER, ADMIN], BEN, BEN, None, WHOLE_BOT, ""),
        ([OWNER, Grant(BEN, Role.EDITOR)], BEN, CARA, Role.READER, WHOLE_BOT, "needs the role admin"),
        ([OWNER, Grant(BEN, Role.EDITOR)], BEN, BEN, Role.READER, WHOLE_BOT, ""),
        ([OWNER, Grant(BEN, Role.ADMIN, DESK)], BEN, CARA, Role.ADMIN, DESK, ""),
        ([OWNER, Grant(BEN, Role.ADMIN, DESK)], BEN, CARA, Role.READER, MAIN, "needs the role admin"),
        ([OWNER, Grant(BEN, Role.ADMIN, DESK)], BEN, CARA, Role.READER, WHOLE_BOT, "needs the role admin"),
        ([OWNER], ANA, BEN, Role.OWNER, DESK, "whole bot"),
    ],
)
def test_giving_and_taking(
    everybody: list[Grant], actor: User, user: User, role: Role | None, scope: Scope, refusal: str
) -> None:
    own = [grant for grant in everybody if grant.user == actor]
    decision = decide_role(own, everybody, actor, user, role, scope)
    assert decision.allowed is not bool(refusal)
    assert refusal in decision.reason


@pytest.mark.parametrize(
    ("own", "role", "allowed"),
    [
        (Grant(ANA, Role.OWNER), Role.OWNER, False),
        (Grant(ANA, Role.ADMIN), Role.ADMIN, True),
        (Grant(ANA, Role.ADMIN, DESK), Role.ADMIN, True),
        (Grant(ANA, Role.ADMIN, MAIN), Role.READER, False),
        (Grant(ANA, Role.EDITOR), Role.READER, False),
    ],
)
def test_mapping_a_chats_administrators(own: Grant, role: Role, allowed: bool) -> None:
    assert decide_mapping([own], role, DESK).allowed is allowed


# ---------------------------------------------------------------- which chats


@pytest.mark.parametrize(
    ("mode", "chat", "grants", "is_listed", "is_admin_command", "allowed"),
    [
        (ChatMode.ANYONE, GROUP, [], False, False, True),
        (ChatMode.LISTED, GROUP, [], False, False, False),
        (ChatMode.LISTED, GROUP, [], True, False, True),
        (ChatMode.LISTED, HOME, [], False, False, False),
        (ChatMode.LISTED, HOME, [Grant(ANA, Role.READER, MAIN)], False, False, True),
        (ChatMode.LISTED, GROUP, [Grant(ANA, Role.OWNER)], False, False, False),
        (ChatMode.LISTED, GROUP, [Grant(ANA, Role.ADMIN)], False, True, True),
        (ChatMode.LISTED, GROUP, [Grant(ANA, Role.ADMIN, DESK)], False, True, False),
        (ChatMode.LISTED, GROUP, [Grant(ANA, Role.EDITOR)], False, True, False),
        (ChatMode.LISTED, Chat(ChatKey("web", "console"), ChatKind.CHANNEL), [], False, False, True),
        (ChatMode.LISTED, Chat(ChatKey("terminal", "stdout")), [], False, False, True),
    ],
)
def test_which_chats_are_answered(
    mode: ChatMode, chat: Chat, grants: list[Grant], is_listed: bool, is_admin_command: bool, allowed: bool
) -> None:
    decision = decide_chat(mode, chat, grants, is_listed=is_listed, is_admin_command=is_admin_command)
    assert decision.allowed is allowed
    assert decision.reason


# ---------------------------------------------------------------- invitations

OPEN = Invitation(Role.EDITOR, MAIN, ANA, NOW, NOW + timedelta(days=7))


@pytest.mark.parametrize(
    ("invitation", "everybody", "refusal"),
    [
        (OPEN, [OWNER], ""),
        (OPEN, [Grant(ANA, Role.ADMIN, MAIN)], ""),
        (replace(OPEN, used_at=NOW), [OWNER], "used already"),
        (replace(OPEN, revoked_at=NOW), [OWNER], "taken back"),
        (replace(OPEN, expires_at=NOW), [OWNER], "ended on 05 Mar 2026, 12:00 UTC"),
        (OPEN, [ADMIN], "may not give"),
        (OPEN, [Grant(ANA, Role.EDITOR)], "may not give"),
        (replace(OPEN, role=Role.OWNER, scope=WHOLE_BOT), [Grant(ANA, Role.ADMIN)], "may not give"),
    ],
)
def test_what_an_invitation_is_worth(invitation: Invitation, everybody: list[Grant], refusal: str) -> None:
    decision = decide_use(invitation, everybody, NOW)
    assert decision.allowed is not bool(refusal)
    assert refusal in decision.reason


def test_a_token_fits_a_deep_link_and_only_its_digest_is_known() -> None:
    token = make_token(bytes(range(16)))
    assert is_token(token)
    assert len(token) <= 64
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert token not in token_digest(token)
    assert is_token_of(f" {token.upper()} ", token_digest(token))
    assert not is_token_of(make_token(bytes(16)), token_digest(token))
    for words in ("", "inv-", f"{token}0", "everything", "ABCD-EFGH-JKMN-PQRS"):
        assert not is_token(words)


def test_after_some_wrong_codes_one_has_to_wait() -> None:
    guesses = [NOW - timedelta(minutes=minutes) for minutes in range(MOST_GUESSES, 0, -1)]
    assert decide_guess(guesses[1:], NOW).allowed
    decision = decide_guess(guesses, NOW)
    assert not decision.allowed
    assert "in 10 min" in decision.reason
    assert decide_guess(guesses, guesses[0] + GUESSES_FORGOTTEN).allowed
    assert decide_guess([], NOW).allowed


# ---------------------------------------------------------------- the chain of the log

TEXTS = st.text(max_size=12)
ROWS = st.lists(st.builds(AuditRow, st.just(NOW), TEXTS, TEXTS, TEXTS, TEXTS, TEXTS), min_size=1, max_size=8)


def chained(rows: list[AuditRow]) -> list[ChainedRow]:
    made, digest = [], GENESIS
    for number, row in enumerate(rows, 1):
        digest = digest_of(digest, number, row)
        made.append(ChainedRow(number, row, digest))
    return made


@given(ROWS, st.data())
def test_a_change_of_any_column_of_any_row_is_found_at_that_row(rows: list[AuditRow], data: st.DataObject) -> None:
    log = chained(rows)
    assert verify(log).is_sound
    assert verify(log).head == log[-1].digest
    position = data.draw(st.integers(0, len(log) - 1))
    column = data.draw(st.sampled_from(["id", "digest", *(field.name for field in fields(AuditRow))]))
    old = log[position]
    match column:
        case "id":
            log[position] = replace(old, id=old.id + data.draw(st.sampled_from([-1, 1, 100])))
        case "digest":
            log[position] = replace(old, digest=old.digest[::-1] if old.digest != old.digest[::-1] else GENESIS)
        case "at":
            log[position] = replace(old, row=replace(old.row, at=NOW + timedelta(microseconds=1)))
        case _:
            log[position] = replace(old, row=replace(old.row, **{column: getattr(old.row, column) + "!"}))
    assert verify(log).broken == log[position].id
    assert verify(log).rows == position


def test_rows_taken_out_swapped_or_put_in_are_found_and_a_cut_end_by_what_was_noted() -> None:
    log = chained([AuditRow(NOW, "ana", "", f"change {number}") for number in range(5)])
    assert verify(log[:1] + log[2:]).broken == 3
    assert verify(log[1:]).broken == 2
    assert verify([log[0], log[2], log[1], *log[3:]]).broken == 3
    assert verify([*log[:2], replace(log[1]), *log[2:]]).broken == 2
    cut = verify(log[:3], log[-1].digest.upper())
    assert (cut.broken, cut.has_expected, cut.is_sound) == (None, False, False)
    assert verify(log, log[2].digest).is_sound
    assert verify([], GENESIS).is_sound
    assert verify(log).has_expected is None


def test_texts_that_run_together_have_other_digests() -> None:
    """'ab' + 'c' is not 'a' + 'bc'."""
    one, other = AuditRow(NOW, "ab", "c", "x"), AuditRow(NOW, "a", "bc", "x")
    assert digest_of(GENESIS, 1, one) != digest_of(GENESIS, 1, other)
