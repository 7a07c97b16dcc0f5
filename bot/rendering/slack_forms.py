"""Form -> a Slack modal, and a message inside one (docs.slack.dev/surfaces/modals)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.model import Form, FormField, Message
from bot.rendering.slack import render_slack
from bot.rendering.text import shorten

FORM = "form"  # callback_id of a form
SHOWN = "shown"  # callback_id of a message that may be confirmed
MOST_TITLE = 24  # characters
MOST_TEXT = 3_000
_MOST_HINT, _MOST_LABEL, _MOST_OPTION, _MOST_BLOCKS = 2_000, 2_000, 75, 100
_VALUE = "value"  # action_id of each field's element

Json = dict[str, Any]


def render_form(form: Form, place: str) -> Json:
    """`place`: what comes back with it, for our side, at most 3,000 characters."""
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": place,
        "notify_on_close": True,
        "title": _plain(form.title, MOST_TITLE),
        "submit": _plain("Check", MOST_TITLE),
        "close": _plain("Cancel", MOST_TITLE),
        "blocks": [_input(field) for field in form.fields],
    }


def render_shown(title: str, message: Message, place: str = "", submit: str = "", close: str = "Close") -> Json:
    """The message without its buttons; with `submit`, one button goes on and `close` does not."""
    blocks = [block for block in render_slack(message).blocks if block["type"] != "actions"]
    view = {
        "type": "modal",
        "callback_id": SHOWN,
        "private_metadata": place,
        "notify_on_close": bool(submit),
        "title": _plain(title, MOST_TITLE),
        "close": _plain(close, MOST_TITLE),
        "blocks": blocks[:_MOST_BLOCKS],
    }
    return view | ({"submit": _plain(submit, MOST_TITLE)} if submit else {})


def read_form(values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, str]:
    """What was filled in, by field: `view.state.values` of a submission."""
    return {key: _said(element.get(_VALUE, {})) for key, element in values.items()}


def _said(element: Mapping[str, Any]) -> str:
    chosen = element.get("selected_option")
    return str((chosen["value"] if chosen else element.get("value")) or "")


def _input(field: FormField) -> Json:
    told = f"{field.wrong} {field.hint}".strip()
    return {
        "type": "input",
        "block_id": field.key,
        "optional": not field.is_needed,
        "label": _plain(field.label, _MOST_LABEL),
        "element": _select(field) if field.choices else _text(field),
        **({"hint": _plain(told, _MOST_HINT)} if told else {}),
    }


def _select(field: FormField) -> Json:
    options = [{"text": _plain(label, _MOST_OPTION), "value": value} for label, value in field.choices]
    initial = next((option for option in options if option["value"] == field.value), None)
    return {
        "type": "static_select",
        "action_id": _VALUE,
        "options": options,
        **({"initial_option": initial} if initial else {}),
    }


def _text(field: FormField) -> Json:
    return {
        "type": "plain_text_input",
        "action_id": _VALUE,
        "multiline": field.is_long,
        "max_length": MOST_TEXT,
        **({"initial_value": field.value[:MOST_TEXT]} if field.value else {}),
    }


def _plain(text: str, most: int) -> Json:
    return {"type": "plain_text", "text": shorten(text, most), "emoji": False}
