"""Reading a request's body up to a limit, and never further."""

from __future__ import annotations

from typing import Final, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, ValidationError

from hub.api.problems import WRONG_PARAMETER
from hub.errors import HubError

EVENT_BYTES: Final = 128 * 1024
BATCH_BYTES: Final = 8 * 1024 * 1024
BATCH_LINES: Final = 1_000
FORM_BYTES: Final = 16 * 1024
JSON_BYTES: Final = 16 * 1024
JSON_TYPE: Final = "application/json"
FORM_TYPE: Final = "application/x-www-form-urlencoded"

Model = TypeVar("Model", bound=BaseModel)


async def read_body(request: Request, *, media_type: str, limit: int) -> bytes:
    """The body, when its type and size are right.

    1. The media type is exactly the one expected; a coded body is refused, since a few packed bytes
       could unpack to gigabytes.
    2. A declared length over the limit is refused before anything is read.
    3. A body without a length is cut off at the limit.

    Raises: HubError media-type or too-large.
    """
    sent = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if sent != media_type:  # 1.
        raise HubError("media-type")
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise HubError("media-type", "Send the body as it is, without a content encoding.")
    declared = request.headers.get("content-length", "0")
    if not declared.isascii() or not declared.isdigit() or int(declared) > limit:  # 2.
        raise HubError("too-large")
    body = bytearray()
    async for chunk in request.stream():  # 3.
        body += chunk
        if len(body) > limit:
            raise HubError("too-large")
    return bytes(body)


async def read_form(request: Request) -> list[tuple[str, str]]:
    """The parameters of a small posted form, in order, repeated ones too.

    Raises: HubError media-type, too-large or schema.
    """
    body = await read_body(request, media_type=FORM_TYPE, limit=FORM_BYTES)
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=32)
    except ValueError:
        raise HubError("schema", "The form could not be read.") from None


async def read_json(request: Request, model: type[Model]) -> Model:
    """A small posted JSON document of this form.

    Trust: the framework would read a body of any length, and before it asks who is calling.
    Raises: HubError media-type, too-large or schema.
    """
    body = await read_body(request, media_type=JSON_TYPE, limit=JSON_BYTES)
    try:
        return model.model_validate_json(body)
    except ValidationError:
        raise HubError("schema", WRONG_PARAMETER) from None
