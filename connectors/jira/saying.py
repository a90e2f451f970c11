"""What syncd says on the summary issue, and whether an earlier try has said it already.

Called by ``write``. Posts through ``pen``, reads through its client. Jira has no name for a comment that its author may
choose; so the name travels as a property, and where Jira does not tell properties, the words are compared.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.errors import DeniedError, FullError, MissingError, PermanentError
from connectors.jira import adf, talk, wiki
from connectors.jira.parse import account, mapping, sequence, text, time
from mapping.document import Mention

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from connectors.jira.client import Client
    from connectors.jira.pen import Pen
    from connectors.jira.talk import Raw
    from mapping.document import Line

PROPERTY = "syncd"
"""The comment property that holds its name."""

_SKEW = timedelta(minutes=5)


def say(pen: Pen, lines: Sequence[Line], name: str, tried: datetime | None) -> None:
    """Posts the lines on the pen's own issue, unless an earlier try got through."""
    body = _body(pen.client, lines)
    if tried is not None and _stands(pen, body, name, tried - _SKEW):
        return
    try:
        pen.comment(body, {PROPERTY: {"name": name}})
    except (DeniedError, FullError, MissingError):
        raise
    except PermanentError as error:
        if "propert" not in error.message.lower():
            raise
        pen.comment(body, {})


def _body(client: Client, lines: Sequence[Line]) -> Any:  # noqa: ANN401  # ADF is a tree, wiki markup a string
    client.open()
    if client.cloud:
        return adf.spoken(lines)
    mentioned = {span.account for line in lines for span in line if isinstance(span, Mention) and span.account}
    return wiki.spoken(lines, {each: _login(client, each) for each in sorted(mentioned)})


def _login(client: Client, key: str) -> str:
    """By which a Data Center mentions the account with this key; "" where it tells nobody."""
    try:
        return text(mapping(client.get("user", key=key)).get("name"))
    except (DeniedError, MissingError):
        return ""


def _stands(pen: Pen, body: object, name: str, since: datetime) -> bool:
    us = pen.client.identify().account.id
    for row in talk.lately(pen.client, pen.own):
        made = time(row.get("created"))
        if made is not None and made < since:
            return False
        author = account(row.get("author"), pen.name)
        if author is not None and author.id == us and _is_it(row, body, name):
            return True
    return False


def _is_it(row: Raw, body: object, name: str) -> bool:
    named = [mapping(each) for each in sequence(row.get("properties"))]
    told = [mapping(each.get("value")).get("name") for each in named if each.get("key") == PROPERTY]
    return name in told if told else _letters(row.get("body")) == _letters(body)


def _letters(body: object) -> str:
    return "".join(filter(str.isalnum, "".join(talk.lines(body, str))))
