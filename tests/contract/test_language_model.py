"""The client of a language model, against a server on loopback that answers and fails as such servers do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.errors import SecondReaderError
from bot.language_model import AT_ONCE, LONG_REST, LONGEST_REST, LanguageModel
from bot.matching.second_reading import SCHEMA
from bot.model import Question
from tests.fakes.language_model import KEY, Json, LanguageModelServer, completion

QUESTION = Question("vsm", "You check …", "BEGIN DATA-1\n0| Volga “Metals” \ud800\nEND DATA-1", SCHEMA)
GOOD = {"verdict": "background", "quote": "q", "reason": "r"}


@pytest.fixture
async def server() -> AsyncIterator[LanguageModelServer]:
    async with LanguageModelServer(key=KEY) as made:
        made.says(GOOD)
        yield made


@pytest.fixture
async def model(server: LanguageModelServer) -> AsyncIterator[LanguageModel]:
    async with LanguageModel(server.url, "test-model", key=KEY, timeout=timedelta(seconds=1)) as made:
        yield made


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


async def trouble(model: LanguageModel) -> str:
    with pytest.raises(SecondReaderError) as caught:
        await model.read(QUESTION)
    return str(caught.value)


# ---------------------------------------------------------------- asking


async def test_a_question_is_a_chat_completion_with_a_schema(server: LanguageModelServer, model: LanguageModel) -> None:
    assert "not asked by this process" in model.health()
    assert await model.read(QUESTION) == '{"verdict": "background", "quote": "q", "reason": "r"}'
    (body,) = server.asked
    assert body["model"] == "test-model"
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"][0]["content"] == QUESTION.task
    assert body["messages"][1]["content"] == QUESTION.material
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert "last answered" in model.health()


async def test_without_a_key_none_is_sent(server: LanguageModelServer) -> None:
    server.key = ""
    async with LanguageModel(f"{server.url}/", "test-model") as model:
        await model.read(QUESTION)
    assert "Authorization" not in server.headers[0]


@pytest.mark.parametrize(
    ("refuses", "kinds"),
    [
        ({"json_schema"}, ["json_schema", "json_schema", "json_object", "json_object"]),
        ({"temperature"}, ["json_schema", "json_schema", "json_schema"]),
        ({"max_tokens"}, ["json_schema", "json_schema", "json_schema"]),
    ],
)
async def test_what_a_server_refuses_is_left_out_and_not_tried_again(
    server: LanguageModelServer, model: LanguageModel, refuses: set[str], kinds: list[str]
) -> None:
    server.refuses = refuses
    await model.read(QUESTION)
    await model.read(QUESTION)
    assert [body["response_format"]["type"] for body in server.asked] == kinds
    assert model.resting() == ""


async def test_a_server_that_refuses_every_form_is_told_so(server: LanguageModelServer, model: LanguageModel) -> None:
    server.refuses = {"model"}
    assert await trouble(model) == "answered 400"
    assert len(server.asked) == 3


# ---------------------------------------------------------------- failures


async def test_a_refused_key_is_named_and_never_told(
    server: LanguageModelServer, model: LanguageModel, logged: list[Any]
) -> None:
    server.key = "another"
    assert await trouble(model) == "refused the key (401): set language_model_key"
    assert "trouble: test-model refused the key (401)" in model.health()
    (line,) = logged
    assert line["log_level"] == "error"
    assert KEY not in repr(logged)
    assert "asked again from" in model.resting()


async def test_an_echo_of_the_key_is_not_logged(
    server: LanguageModelServer, model: LanguageModel, logged: list[Any]
) -> None:
    server.fails(500, f"cannot reach upstream with {KEY}")
    assert await trouble(model) == "answered 500"
    assert "cannot reach upstream with …" in logged[0]["said"]
    assert KEY not in repr(logged)


FAILURES = {
    "an error of the server": (500, "answered 500"),
    "an overloaded one": (503, "answered 503"),
    "too many questions": (429, "has had too many questions (429)"),
    "no such model": (404, "answered 404: look at language_model_url and language_model_name"),
    "a forbidden one": (403, "refused the key (403): set language_model_key"),
    "a redirect": (302, "answered 302, a redirect, which is not followed"),
}


@pytest.mark.parametrize(("status", "told"), FAILURES.values(), ids=FAILURES)
async def test_a_failure_is_told_and_the_server_left_alone_for_a_while(
    server: LanguageModelServer, model: LanguageModel, status: int, told: str
) -> None:
    server.fails(status, Location="http://127.0.0.1:9/elsewhere")
    assert (await trouble(model)).startswith(told)
    assert len(server.asked) == 1, "no second try: the article must not wait for it"
    assert model.resting().startswith(f"it {told.split(' (')[0].split(',')[0]}")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30),
        ("99999999", LONGEST_REST.total_seconds()),
        ("0", 1),
        ("soon", 60),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1),
        ("9" * 400, 60),
    ],
)
async def test_it_rests_as_long_as_the_server_asks_an_hour_at_most(
    server: LanguageModelServer, model: LanguageModel, logged: list[Any], value: str, seconds: float
) -> None:
    server.fails(429, Retry_After=value)
    await trouble(model)
    assert logged[0]["rests_for_s"] == pytest.approx(seconds, abs=1)


async def in_turn(model: LanguageModel) -> str:
    async with model.turn() as reason:
        if reason:
            return reason
        with contextlib.suppress(SecondReaderError):
            await model.read(QUESTION)
        return ""


async def test_those_who_wait_for_a_turn_are_told_of_the_failure_before_them(
    server: LanguageModelServer, model: LanguageModel
) -> None:
    """In a burst of news every article would else wait for its own time-out, one after the other."""
    server.hangs()
    began = time.monotonic()
    reasons = await asyncio.gather(*(in_turn(model) for _ in range(12)))
    assert time.monotonic() - began < 2.5, "the time of one answer, not of six in a row"
    assert len(server.asked) == AT_ONCE
    assert sum("did not answer within 1 s" in reason or "busy" in reason for reason in reasons) == 12 - AT_ONCE


async def test_a_turn_is_waited_for_no_longer_than_an_answer(server: LanguageModelServer, model: LanguageModel) -> None:
    async def slowly(_request: web.Request, _body: Json) -> web.StreamResponse:
        await asyncio.sleep(0.7)
        return web.json_response(completion(json.dumps(GOOD)))

    server.does(slowly)
    reasons = await asyncio.gather(*(in_turn(model) for _ in range(12)))
    assert reasons.count("") == 2 * AT_ONCE
    assert reasons.count("it is busy with other articles") == 12 - 2 * AT_ONCE
    assert model.resting() == "", "it is slow, not down"


@pytest.mark.parametrize(
    ("status", "failures", "told"),
    [
        (401, 1, "the language model test-model refused the key (401): set language_model_key"),
        (404, 1, "the language model test-model answered 404: look at language_model_url and language_model_name"),
        (302, 1, "the language model test-model answered 302, a redirect"),
        (500, 1, ""),
        (500, 3, "the language model test-model answered 500; articles are judged without it"),
    ],
)
async def test_those_who_run_it_are_told_of_what_lasts(
    server: LanguageModelServer, model: LanguageModel, status: int, failures: int, told: str
) -> None:
    noted: list[str] = []
    model.on_trouble = noted.append
    server.fails(status, Location="http://127.0.0.1:9/elsewhere")
    for _ in range(failures):
        await trouble(model)
    assert "".join(noted).startswith(told)
    assert len(noted) == bool(told)
    assert KEY not in repr(noted)


async def test_a_slow_answer_is_not_waited_for(server: LanguageModelServer, model: LanguageModel) -> None:
    server.hangs()
    began = time.monotonic()
    assert await trouble(model) == "did not answer within 1 s"
    assert time.monotonic() - began < 3


async def test_a_huge_answer_is_not_read_to_its_end(server: LanguageModelServer, model: LanguageModel) -> None:
    server.floods()
    assert await trouble(model) == "answered with more than 1 MB"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<html>Bad gateway</html>", "answered something that is no chat completion"),
        ("", "answered something that is no chat completion"),
        ("[" * 100_000, "answered something that is no chat completion"),
        ('{"choices": []}', "answered something that is no chat completion"),
        ('{"choices": "x"}', "answered something that is no chat completion"),
        ('{"choices": [{"message": {"content": null}}]}', "answered without a text"),
        ('{"choices": [{"message": {"content": [1]}}]}', "answered without a text"),
        ('{"choices": [{"message": {"content": " "}}]}', "answered without a text"),
    ],
)
async def test_an_answer_of_another_shape_is_a_failure(
    server: LanguageModelServer, model: LanguageModel, body: str, told: str
) -> None:
    server.fails(200, body)
    assert await trouble(model) == told


async def test_an_answer_that_was_cut_is_a_failure_and_the_next_is_asked_for(
    server: LanguageModelServer, model: LanguageModel
) -> None:

    server.fails(200, json.dumps(completion('{"verdict": "backgr', "length")))
    assert await trouble(model) == "broke its answer off"
    assert model.resting() == "", "the server is well"
    server.says(GOOD)
    await model.read(QUESTION)
    assert "last answered" in model.health()


async def test_a_server_that_is_not_there(logged: list[Any]) -> None:
    async with LanguageModel("http://127.0.0.1:9/v1", "test-model", key=KEY) as model:
        assert await trouble(model) == "was not reached: connection refused"
        assert "connection refused" in model.health()
    assert KEY not in repr(logged)


async def test_after_a_rest_it_is_asked_again(
    server: LanguageModelServer, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.fails(401)
    await trouble(model)
    later = time.monotonic() + LONG_REST.total_seconds() + 1
    monkeypatch.setattr("bot.language_model.time.monotonic", lambda: later)
    assert model.resting() == ""
    assert "refused the key" in model.health(), "until it answers, the trouble is told"
    server.says(GOOD)
    await model.read(QUESTION)
    assert f"{datetime.now(UTC):%H:}" in model.health()
