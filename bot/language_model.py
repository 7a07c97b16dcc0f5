"""A language model behind any OpenAI-compatible endpoint, as `ports.SecondReader`. Believes nothing, decides nothing.

    POST {base}/chat/completions   platform.openai.com/docs/api-reference/chat/create; also Ollama, llama.cpp, vLLM …

The address is the operator's own, so it may be private; redirects are not followed, so that no other is asked. Time
and size are bounded. After a failure it rests for a while: a server that is down must not hold up every article.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any

import aiohttp
import structlog

from bot import __version__
from bot.errors import SecondReaderError
from bot.model import Question

log = structlog.get_logger(__name__)

MAX_BYTES = 1_000_000
AT_ONCE = 2
REST, LONG_REST, LONGEST_REST = timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1)
_ANSWER_TOKENS = 2_000  # room for a model that thinks first
_TOLD_FROM = 3  # failures in a row: one alone mends itself
_REFUSED_KEY = (401, 403)
_WILL_NOT_MEND = (401, 402, 403, 404, 405)
_REFUSED_FORM = (400, 415, 422, 501)
_CHUNK = 64 * 1024

Form = Callable[[Question], dict[str, Any]]


def _by_schema(question: Question) -> dict[str, Any]:
    schema = {"name": "second_reading", "strict": True, "schema": question.schema}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _by_schema_and_bounded(question: Question) -> dict[str, Any]:
    return {**_by_schema(question), "temperature": 0, "max_tokens": _ANSWER_TOKENS}


def _by_json(_question: Question) -> dict[str, Any]:
    return {"response_format": {"type": "json_object"}}


# From the strictest to what most servers know. Some models refuse temperature and max_tokens, some servers a schema.
FORMS: tuple[Form, ...] = (_by_schema_and_bounded, _by_schema, _by_json)


class LanguageModel:
    """`base_url` ends before /chat/completions: http://127.0.0.1:11434/v1. Use it as an async context, or close()."""

    def __init__(
        self, base_url: str, model: str, *, key: str | None = None, timeout: timedelta = timedelta(seconds=30)
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._model, self._key, self._timeout = model, key, timeout
        self._form = 0  # of FORMS: the strictest that the server took
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None
        self._rest_until = 0.0  # of time.monotonic
        self._trouble = ""
        self._answered_at: datetime | None = None
        self._failures = 0  # in a row
        self.on_trouble: Callable[[str], None] = lambda _text: None

    async def __aenter__(self) -> LanguageModel:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        session, self._session = self._session, None
        if session:
            await session.close()

    # ------------------------------------------------------------ ports.SecondReader

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[str]:
        if reason := self.resting():
            yield reason
            return
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                await self._turns.acquire()
        except TimeoutError:
            yield "it is busy with other articles"
            return
        try:
            yield self.resting()  # it may have failed those that went before
        finally:
            self._turns.release()

    async def read(self, question: Question) -> str:
        try:
            answer = await self._ask(question)
        except _Failure as failure:
            self._rest(failure)
            raise SecondReaderError(failure.problem) from None
        self._rest_until, self._trouble, self._answered_at, self._failures = 0.0, "", datetime.now(UTC), 0
        return answer

    def resting(self) -> str:
        left = self._rest_until - time.monotonic()
        if left <= 0:
            return ""
        return f"it {self._trouble}; asked again from {datetime.now(UTC) + timedelta(seconds=left):%H:%M} UTC"

    def health(self) -> str:
        if self._trouble:
            return f"trouble: {self._model} {self.resting().removeprefix('it ') or self._trouble}"
        if self._answered_at is None:
            return f"{self._model}, not asked by this process so far"
        return f"{self._model}, last answered {self._answered_at:%H:%M} UTC"

    def _rest(self, failure: _Failure) -> None:
        self._trouble = failure.problem
        self._rest_until = time.monotonic() + failure.rest.total_seconds()
        tell = log.error if failure.is_of_settings else log.warning
        tell(
            "language model gave no answer",
            model=self._model,
            problem=failure.problem,
            said=self._without_key(failure.said),
            rests_for_s=round(failure.rest.total_seconds()),
        )
        self._failures += 1
        if failure.is_of_settings or self._failures >= _TOLD_FROM:
            self.on_trouble(f"the language model {self._model} {failure.problem}; articles are judged without it")

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "…") if self._key else text

    # ------------------------------------------------------------ HTTP

    async def _ask(self, question: Question) -> str:
        """Its answer; a form that the server refuses is followed by a simpler one, within the time of one."""
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                for number in range(self._form, len(FORMS)):
                    status, headers, body = await self._post(question, FORMS[number])
                    if status in _REFUSED_FORM and number + 1 < len(FORMS):
                        continue
                    answer = _content(status, headers, body)
                    self._form = number
                    return answer
        except TimeoutError:
            raise _Failure(f"did not answer within {self._timeout.total_seconds():g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _Failure(_plain(error)) from None
        raise AssertionError("FORMS is not empty")

    async def _post(self, question: Question, form: Form) -> tuple[int, Mapping[str, str], bytes]:
        body = {
            "model": self._model,
            "messages": [
                {"role": "system", "content": question.task},
                {"role": "user", "content": question.material},
            ],
            **form(question),
        }
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        # ASCII, so that half a surrogate pair cannot stop it
        data = json.dumps(body).encode()
        async with self._open().post(self._url, data=data, headers=headers, allow_redirects=False) as response:
            return response.status, response.headers, await _read(response)

    def _open(self) -> aiohttp.ClientSession:
        """Made at the first question, as it belongs to the running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=AT_ONCE),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
                auto_decompress=False,  # what is not asked for is not unpacked
                trust_env=False,
                headers={"User-Agent": f"sanctions-bot/{__version__}"},
            )
        return self._session


class _Failure(Exception):  # noqa: N818  (becomes a SecondReaderError, without what the server said)
    """`problem` completes "it …"; `said` is the server's own words, for the log alone."""

    def __init__(self, problem: str, *, status: int = 0, said: str = "", rest: timedelta = REST) -> None:
        self.problem, self.status, self.said, self.rest = problem, status, said, rest
        super().__init__(problem)

    @property
    def is_of_settings(self) -> bool:
        """Whether it lasts until somebody sets something else."""
        return self.status in _WILL_NOT_MEND or 300 <= self.status < 400


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > MAX_BYTES:
            response.close()
            raise _Failure(f"answered with more than {MAX_BYTES / 1_000_000:g} MB")
    return bytes(body)


def _content(status: int, headers: Mapping[str, str], body: bytes) -> str:
    """The text of the answer. Raises _Failure."""
    if status != 200:
        raise _refused(status, headers, body)
    try:
        choice = json.loads(body)["choices"][0]
        content = choice["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise _Failure("answered something that is no chat completion", said=_excerpt(body)) from None
    if not isinstance(content, str) or not content.strip():
        raise _Failure("answered without a text", said=_excerpt(body), rest=timedelta(0))
    if choice.get("finish_reason") == "length":
        raise _Failure("broke its answer off", said=_excerpt(body), rest=timedelta(0))
    return content


def _refused(status: int, headers: Mapping[str, str], body: bytes) -> _Failure:
    rest = _retry_after(headers) or (LONG_REST if status in _WILL_NOT_MEND else REST)
    if status in _REFUSED_KEY:
        # what the server says may repeat the key
        return _Failure(f"refused the key ({status}): set language_model_key", status=status, rest=rest)
    if status == 429:
        return _Failure("has had too many questions (429)", status=status, said=_excerpt(body), rest=rest)
    if status == 404:
        problem = "answered 404: look at language_model_url and language_model_name"
        return _Failure(problem, status=status, said=_excerpt(body), rest=rest)
    if 300 <= status < 400:
        problem = f"answered {status}, a redirect, which is not followed: set language_model_url to where it leads"
        return _Failure(problem, status=status, rest=LONG_REST)
    return _Failure(f"answered {status}", status=status, said=_excerpt(body), rest=rest)


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Seconds or a date (RFC 9110 10.2.3), an hour at most."""
    value = headers.get("Retry-After", "").strip()
    try:
        wait = timedelta(seconds=int(value)) if value.isdecimal() else parsedate_to_datetime(value) - datetime.now(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta(seconds=1)), LONGEST_REST)


def _excerpt(body: bytes) -> str:
    return " ".join(body[:300].decode("utf-8", "replace").split())


def _plain(error: Exception) -> str:
    cause = getattr(error, "os_error", None) or error
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "was not reached: no such host"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "was not reached: no secure connection, look at its certificate"
        case aiohttp.ClientConnectorError() | OSError() if isinstance(cause, ConnectionRefusedError):
            return "was not reached: connection refused"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientPayloadError() | ConnectionResetError():
            return "broke off the connection"
        case _:
            return f"was not reached: {type(error).__name__}"
