"""The client: one open GraphQL session at one Linear workspace, for queries only.

Made by the source and the writer, one for each and for each thread. Nothing is repeated here, and a partial answer is
an error: a short list must never look like a whole one. The token is put on each request and kept nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from gql import Client as GraphQLClient
from gql import GraphQLRequest
from gql.transport.exceptions import (
    TransportConnectionFailed,
    TransportError,
    TransportQueryError,
)
from gql.transport.requests import RequestsHTTPTransport
from requests.auth import AuthBase

from connectors.errors import DeniedError, MalformedError, MissingError, TrackerError
from connectors.linear import documents, limits
from connectors.linear.refusal import Answer, TooComplexError, lost, refused, unanswered
from connectors.wire import Wire, tracker_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from requests import PreparedRequest, Response

    from connectors.base import Settings
    from connectors.linear.documents import Document

PAGE = 250
"""The most that Linear gives in a page; 251 is refused (trackers.md §5.3)."""

SMALLEST_PAGE = 10
MAX_PAGES = 2000


class Client:
    """``name`` is the tracker's in the configuration; ``now`` is Linear's own clock at its last answer."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.name
        path = urlsplit(settings.url).path or "/"
        self._wire = Wire(
            settings.url,
            timeout_s=settings.timeout_s,
            allow=lambda method, asked: method == "POST" and (asked or "/") == path,
            pace=settings.pace,
            limits=limits,
        )
        self._secret = settings.token.strip()
        self._answer = Answer()
        transport = RequestsHTTPTransport(
            settings.url, auth=_Token(settings), timeout=max(1, round(settings.timeout_s)), retries=0
        )
        self._client = GraphQLClient(transport=transport, fetch_schema_from_transport=False)
        self._session = self._client.connect_sync()  # type: ignore[no-untyped-call]  # gql leaves it untyped
        if transport.session is not None:
            transport.session.mount("https://", self._wire)
            transport.session.mount("http://", self._wire)
            transport.session.hooks["response"].append(self._hear)

    @property
    def now(self) -> datetime | None:
        return self._wire.date

    def ask(self, name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of a query document. Raises TrackerError, also when only part of the answer came."""
        return self._send(documents.query(name), variables, writes=False)

    def ask_several(self, name: str, variables: Mapping[str, Any], count: int) -> dict[str, Any]:
        """The same for the document's list of issues asked ``count`` times at once (``documents.several``)."""
        return self._send(documents.several(name, count), variables, writes=False)

    def ask_existing(self, kinds: tuple[str, ...], variables: Mapping[str, Any]) -> dict[str, Any]:
        """The same for ``documents.existing``."""
        return self._send(documents.existing(kinds), variables, writes=False)

    def nodes(
        self, name: str, path: tuple[str, ...], variables: Mapping[str, Any], *, first: int = PAGE
    ) -> Iterator[Any]:
        """All nodes of the connection at ``path``. Raises as ``pages``."""
        for _, nodes in self.pages(name, path, variables, first=first):
            yield from nodes

    def pages(
        self, name: str, path: tuple[str, ...], variables: Mapping[str, Any], *, first: int = PAGE
    ) -> Iterator[tuple[dict[str, Any], list[Any]]]:
        """Each page's whole answer and its nodes; the page shrinks where Linear finds it too complex.

        Raises MalformedError where the pages could not end, or end too early.
        """
        after, seen = None, set[str]()
        for _ in range(MAX_PAGES):
            try:
                answer = self.ask(name, {**variables, "first": first, "after": after})
            except TooComplexError:
                if first <= SMALLEST_PAGE:
                    raise
                first = max(first // 2, SMALLEST_PAGE)
                continue
            nodes, after = self.page(answer, path)
            yield answer, nodes
            if after is None:
                return
            if after in seen or not nodes:
                raise self.malformed("its pages go round in a circle")
            seen.add(after)
        raise self.malformed(f"a query does not end after {MAX_PAGES} pages", "narrow the selector")

    def listed(self, answer: Mapping[str, Any], name: str) -> list[Mapping[str, object]]:
        """The nodes of a list that is read without paging. Raises MalformedError: no list is not an empty one."""
        found = answer.get(name)
        nodes = found.get("nodes") if isinstance(found, dict) else None
        if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes):
            raise self.malformed(f"there is no list of {name} in it")
        return nodes

    def malformed(self, what: str, hint: str = "try again; if it stays, report it") -> MalformedError:
        return MalformedError(self.name, f"Linear's answer cannot be used: {what}", hint)

    def unknown(self, what: str, value: object) -> MissingError:
        """Linear's "Entity not found" does not say which: we do."""
        hint = "check its spelling, and that this token may see it"
        return MissingError(self.name, f'Linear shows this token no {what} "{value}"', hint)

    def close(self) -> None:
        self._client.close_sync()  # type: ignore[no-untyped-call]  # gql leaves it untyped

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def page(self, answer: Mapping[str, Any], path: tuple[str, ...]) -> tuple[list[Any], str | None]:
        """The nodes of one page and the cursor of the next, None on the last. Raises MalformedError."""
        found: Any = answer
        for step in (*path, "nodes"):
            connection, found = found, found.get(step) if isinstance(found, dict) else None
        info = connection.get("pageInfo") if isinstance(connection, dict) else None
        more = info.get("hasNextPage") if isinstance(info, dict) else None
        if not isinstance(found, list) or not isinstance(more, bool):
            raise self.malformed(f"there is no page of {'.'.join(path)} in it")
        cursor = info.get("endCursor") if isinstance(info, dict) and more else None
        if more and not (isinstance(cursor, str) and cursor):
            raise self.malformed("it says that there is more, and not where")
        return found, cursor

    def _send(self, document: Document, variables: Mapping[str, Any], *, writes: bool) -> dict[str, Any]:
        self._answer = Answer()
        try:
            answer: object = self._session.execute(_Printed(document, dict(variables)))
        except TransportConnectionFailed as error:
            raise tracker_error(self.name, error.__cause__ or error, writes=writes) from None
        except TransportError as error:
            raise self._refusal(error, writes=writes) from None
        except (AssertionError, AttributeError, KeyError, TypeError, ValueError):
            # gql stumbles over JSON that is no object, or an object without data
            raise self._refusal(None, writes=writes) from None
        if not isinstance(answer, dict):
            raise self._refusal(None, writes=writes)
        return answer

    def _refusal(self, error: TransportError | None, *, writes: bool) -> TrackerError:
        found: TrackerError
        if isinstance(error, TransportQueryError):
            partial = isinstance(error.data, dict) and any(part is not None for part in error.data.values())
            found = refused(self.name, error.errors, self._answer, partial=partial)
        else:
            partial = False
            found = unanswered(self.name, self._answer)
        return lost(found, self._answer, partial=partial) if writes else found

    def _hear(self, response: Response, *_: object, **__: object) -> None:
        """Keeps the status and the limit, which gql drops from its errors."""
        self._answer = Answer(status=response.status_code, limit=self._wire.limit, secret=self._secret)


def in_pages(ids: Iterable[str]) -> list[list[str]]:
    """The ids in parts, as many in each as one request asks for."""
    listed = list(ids)
    return [listed[start : start + PAGE] for start in range(0, len(listed), PAGE)]


class _Printed(GraphQLRequest):
    """A request whose document is not printed anew each time it is sent: that costs more than to read the answer."""

    def __init__(self, document: Document, variables: dict[str, Any]) -> None:
        super().__init__(document.node, variable_values=variables, operation_name=document.name)
        self._text = document.text

    @property
    def payload(self) -> dict[str, Any]:
        return {"query": self._text, "operationName": self.operation_name, "variables": self.variable_values}


class _Token(AuthBase):
    """A personal key goes bare, an OAuth token as a bearer (trackers.md §5.1). Being an ``auth``, it also keeps
    ``requests`` from taking another one out of a .netrc file.
    """

    def __init__(self, settings: Settings) -> None:
        token = settings.token.strip()
        if not (token and token.isascii() and token.isprintable()):
            raise DeniedError(
                settings.name, "the token is empty or not one line of plain characters", "check its source"
            )
        self._value = f"Bearer {token}" if token.startswith("lin_oauth_") else token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = self._value
        return request
