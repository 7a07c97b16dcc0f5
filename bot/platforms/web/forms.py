"""The console's forms as they arrive: a command, and with it one file. Bounded while they are read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from bot.model import Attachment
from bot.rendering import file_name, told_size

MOST_BODY = 64 * 1024  # bytes of a form besides its file; a command has at most 4,000 characters
MOST_FIELDS = 20
FILLED = "f-"  # in front of the names of a form's fields that a command asked for


@dataclass(frozen=True, slots=True)
class Form:
    fields: Mapping[str, str]
    file: Attachment | None = None

    @property
    def filled(self) -> dict[str, str]:
        """What a command's form was filled in with."""
        return {name.removeprefix(FILLED): said for name, said in self.fields.items() if name.startswith(FILLED)}


async def read_form(request: Request, most_file: int) -> Form:
    """The fields of a form, and its file of at most `most_file` bytes. Raises HTTPException."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    try:
        if kind == "application/x-www-form-urlencoded":
            return Form(await _read_fields(request))
        if kind == "multipart/form-data":
            return await _read_parts(request, most_file)
    except ClientDisconnect:
        raise HTTPException(400, "The form did not arrive whole.") from None
    raise HTTPException(415, "Only a form of this console is taken.")


async def _read_fields(request: Request) -> dict[str, str]:
    body = b"".join([chunk async for chunk in _bounded(request, MOST_BODY, "That is too long.")])
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError:
        raise HTTPException(400, "The form cannot be read.") from None
    return {name: values[-1] for name, values in fields.items()}


async def _read_parts(request: Request, most_file: int) -> Form:
    too_large = f"That file is too large: at most {told_size(most_file)} are read. Send less of it, or parts."
    parser = MultiPartParser(
        request.headers,
        _bounded(request, most_file + MOST_BODY, too_large),
        max_files=1,
        max_fields=MOST_FIELDS,
        max_part_size=MOST_BODY,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:  # KeyError: a part without a name
        raise HTTPException(400, f"The form cannot be read: {error}") from None
    try:
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        uploads = [value for _, value in form.multi_items() if isinstance(value, UploadFile) and value.filename]
        file = await _attachment(uploads[0], most_file, too_large) if uploads else None
    finally:
        await form.close()
    return Form(fields, file)


async def _attachment(upload: UploadFile, most: int, too_large: str) -> Attachment:
    content = await upload.read()
    if len(content) > most:
        raise HTTPException(413, too_large)
    return Attachment(file_name(upload.filename or ""), content, upload.content_type or "application/octet-stream")


async def _bounded(request: Request, most: int, refusal: str) -> AsyncGenerator[bytes, None]:
    """The body, refused before it is read where its length is told, else when it grows too long."""
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and int(told[:20]) > most:
        raise HTTPException(413, refusal)
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise HTTPException(413, refusal)
        yield chunk
