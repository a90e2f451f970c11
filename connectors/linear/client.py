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

from connectors.errors import DeniedError, MalformedError, TrackerError
from connectors.linear import documents, limits
from connectors.linear.refusal import Answer, TooComplexError, lost, refused, unanswered
from connectors.wire import Wire, tracker_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from graphql import DocumentNode
    from requests import PreparedRequest, Response

    from connectors.base import Settings

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

    def nodes(self, name: str, path: tuple[str, ...], variables: Mapping[str, Any]) -> Iterator[Any]:
        """All nodes of the connection at ``path``. Raises as ``pages``."""
        for _, nodes in self.pages(name, path, variables):
            yield from nodes

    def pages(
        self, name: str, path: tuple[str, ...], variables: Mapping[str, Any]
    ) -> Iterator[tuple[dict[str, Any], list[Any]]]:
        """Each page's whole answer and its nodes; the page shrinks where Linear finds it too complex.

        Raises MalformedError where the pages could not end, or end too early.
        """
        first, after, seen = PAGE, None, set[str]()
        for _ in range(MAX_PAGES):
            try:
                answer = self.ask(name, {**variables, "first": first, "after": after})
            except TooComplexError:
                if first <= SMALLEST_PAGE:
                    raise
                first = max(first // 2, SMALLEST_PAGE)
                continue
            nodes, after = self._page(answer, path)
            yield answer, nodes
            if after is None:
                return
            if after in seen or not nodes:
                raise self.malformed("its pages go round in a circle")
            seen.add(after)
        raise self.malformed(f"a query does not end after {MAX_PAGES} pages", "narrow the selector")

    def malformed(self, what: str, hint: str = "try again; if it stays, report it") -> MalformedError:
        return MalformedError(self.name, f"Linear's answer cannot be used: {what}", hint)

    def close(self) -> None:
        self._client.close_sync()  # type: ignore[no-untyped-call]  # gql leaves it untyped

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _page(self, answer: Mapping[str, Any], path: tuple[str, ...]) -> tuple[list[Any], str | None]:
        """The nodes of one page and the cursor of the next, None on the last."""
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

    def _send(self, document: DocumentNode, variables: Mapping[str, Any], *, writes: bool) -> dict[str, Any]:
        self._answer = Answer()
        try:
            name = documents.operation_name(document)
            request = GraphQLRequest(document, variable_values=dict(variables), operation_name=name)
            answer: object = self._session.execute(request)
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
            found = refused(self.name, error.errors, self._answer, partial=bool(error.data))
        else:
            found = unanswered(self.name, self._answer)
        return lost(found) if writes else found

    def _hear(self, response: Response, *_: object, **__: object) -> None:
        """Keeps the status and headers, which gql drops from its errors."""
        self._answer = Answer(
            status=response.status_code, headers=response.headers, now=self._wire.date, secret=self._secret
        )


def in_pages(ids: Iterable[str]) -> list[list[str]]:
    """The ids in parts, as many in each as one request asks for."""
    listed = list(ids)
    return [listed[start : start + PAGE] for start in range(0, len(listed), PAGE)]


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
