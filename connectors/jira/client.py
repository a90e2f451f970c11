"""Jira's REST API through the ``jira`` library: sign-in, the requests, and what each refusal means.

The only module that touches the library, whose own paths for searching are passed by on purpose: they read ``/field``
first, send ``null`` where the API wants nothing, and its retries repeat a POST whose answer was lost. Called by
``read`` and ``write``. Raises ``TrackerError`` and nothing else, and no message of it shows a header or a token.
"""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, unquote_plus, urlsplit

from jira import JIRA, JIRAError
from requests import RequestException

from connectors.base import Identity
from connectors.errors import (
    DeniedError,
    FullError,
    LostAnswerError,
    MalformedError,
    MissingError,
    PermanentError,
    TemporaryError,
    TrackerError,
)
from connectors.jira import limits
from connectors.jira.parse import account, mapping, sequence, text, time
from connectors.wire import Wire, tracker_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from requests import Response

    from connectors.base import Settings

_LONGEST_WORDS = 300
_LOGIN = "X-AUSERNAME"
_SIGNED = (_LOGIN, "X-AACCOUNTID")
"""Where an answer names the account: its login name (Data Center), its id (Cloud). Not every answer does."""

Names = frozenset[str]
"""What the name in a header may stand for."""

_ASKING_POSTS = frozenset({"search", "search/jql", "issue/bulkfetch", "jql/match"})
"""POSTs that only read: a query may be too long for an address."""


def reads_only(method: str, resource: str) -> bool:
    """The allow-list of a source: ``resource`` is the path behind ``/rest/api/N/``."""
    return method == "GET" or (method == "POST" and resource in _ASKING_POSTS)


class RefusedError(PermanentError):
    """400: Jira does not take what it was asked, in its own words."""


class Client:
    """One session with one Jira. ``allow`` sees (method, resource) before anything is sent. Not thread-safe.

    ``cloud`` and ``browse`` (where people open issues) are known after ``open``, which every request does by itself.
    ``us`` is what Jira's headers called the account in its answer to ``identify``, by header: an answer that has one of
    these headers with another name raises DeniedError. A header that is not there tells nothing.
    """

    def __init__(self, settings: Settings, allow: Callable[[str, str], bool]) -> None:
        self.name = settings.name
        self.url = settings.url.rstrip("/")
        self.cloud = False
        self.browse = self.url
        basic = b64encode(f"{settings.email}:{settings.token}".encode()).decode()
        self._secrets = tuple(secret for secret in (settings.token, basic) if secret)
        self._settings, self._allow = settings, allow
        self._writes, self._asked = False, ""
        self._opened = False
        self._site = settings.site
        self.us: Mapping[str, Names] = {}
        self._named: Mapping[str, Names] = {}
        self._prefix = urlsplit(self.url).path + "/rest/api/"
        self._wire = Wire(
            self.url, timeout_s=settings.timeout_s, allow=self._guard(allow), pace=settings.pace, limits=limits
        )
        self._jira = self._sign_in(settings)

    @property
    def now(self) -> datetime | None:
        """The tracker's clock at its last answer, None where it did not tell."""
        return self._wire.date

    def another(self) -> Client:
        """A second session with the same Jira for another thread, which asks for nothing that this one knows."""
        twin = Client(self._settings, self._allow)
        if self._opened:
            twin._take(cloud=self.cloud, browse=self.browse)
        return twin

    def open(self) -> None:
        """Reads once what stands there: Cloud (API 3) or Data Center (API 2), and the address for people."""
        if self._opened:
            return
        if "server" not in self._site:
            self._site["server"] = self._server()
        info = mapping(self._site["server"])
        base = text(info.get("baseUrl")).rstrip("/")
        browse = base if base.startswith(("https://", "http://")) else self.url
        self._take(cloud=info.get("deploymentType") == "Cloud", browse=browse)

    def _server(self) -> Mapping[str, object]:
        try:
            info = mapping(self.request("GET", "serverInfo"))
        except MissingError:
            hint = "check url in the file; a path before /rest, such as /jira, belongs to it"
            raise PermanentError(self.name, f"there is no Jira at {self.url}", hint) from None
        if not isinstance(info.get("deploymentType"), str) and not info.get("baseUrl"):
            raise MalformedError(self.name, f"{self.url} does not answer as a Jira does", "check url in the file")
        return info

    def identify(self) -> Identity:
        """Who Jira says we are. A bad token may be answered as anonymous, and 200 (trackers.md §1.5)."""
        self.us = {}  # whoever it was before: is it another one now, our caller must hear who
        user = mapping(self.get("myself"))
        found = account(user, self.name)
        name, named = text(user.get("name")).casefold(), self._named
        if name and name not in named.get(_LOGIN, {name}):
            raise self._nobody()
        self.us = named
        if found is None or (self.cloud and not user.get("accountId")):
            raise MalformedError(self.name, f"{self.url} does not say who we are", "check url, token and email")
        now = self.now or time(mapping(self.get("serverInfo")).get("serverTime"))
        if now is None:
            raise MalformedError(
                self.name, f"{self.url} does not tell its time", "is a proxy removing the Date header?"
            )
        return Identity(account=found, now=now)

    def get(self, resource: str, **params: object) -> Any:  # noqa: ANN401  # JSON
        self.open()
        return self.request("GET", resource, params=params)

    def ask(self, resource: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401  # JSON
        """A POST that only reads."""
        self.open()
        return self.request("POST", resource, body=body)

    def write(self, method: str, resource: str, body: object, **params: object) -> Any:  # noqa: ANN401  # JSON
        self.open()
        return self.request(method, resource, body=body, params=params, writes=True)

    def request(
        self,
        method: str,
        resource: str,
        *,
        body: object = None,
        params: Mapping[str, object] | None = None,
        writes: bool = False,
    ) -> Any:  # noqa: ANN401  # JSON
        """One request, never repeated; None for an answer without a body. Raises ``TrackerError``."""
        self._writes, self._asked = writes, resource
        address = self._jira._get_url(resource)  # noqa: SLF001  # the library has no public way to build an address
        sent = None if body is None else json.dumps(body)
        try:
            response = self._jira._session.request(method, address, params=params, data=sent)  # noqa: SLF001  # the same
            return self._content(response)
        except TrackerError:
            raise
        except (RequestException, OSError) as error:
            raise tracker_error(self.name, error, writes=writes) from None
        except JIRAError as error:
            raise self._malformed(f"answered {error.status_code}") from None

    def close(self) -> None:
        self._jira.close()  # type: ignore[no-untyped-call]  # the library is half typed

    def _take(self, *, cloud: bool, browse: str) -> None:
        self.cloud, self.browse = cloud, browse
        self._jira.deploymentType = "Cloud" if cloud else "Server"
        self._jira._options["rest_api_version"] = "3" if cloud else "2"  # noqa: SLF001  # it has no setter
        self._opened = True

    def _sign_in(self, settings: Settings) -> JIRA:
        logging.getLogger("jira").setLevel(logging.CRITICAL)
        signed = (
            JIRA(self.url, basic_auth=(settings.email, settings.token), **_OPTIONS)
            if settings.email
            else JIRA(self.url, token_auth=settings.token, **_OPTIONS)
        )
        session = signed._session  # noqa: SLF001  # the library has no public way to mount an adapter
        session.mount("https://", self._wire)
        session.mount("http://", self._wire)
        session.hooks["response"].append(self._see)
        session.max_redirects = 3
        return signed

    def _guard(self, allow: Callable[[str, str], bool]) -> Callable[[str, str], bool]:
        def allowed(method: str, path: str) -> bool:
            inside = path.startswith(self._prefix)
            _, _, resource = path.removeprefix(self._prefix).partition("/")
            return inside and allow(method, resource)

        return allowed

    def _see(self, response: Response, **_: object) -> None:
        """Sees each answer before the library does, whose own reading of errors is not total."""
        self._named = {name: _names(told) for name in _SIGNED if (told := response.headers.get(name))}
        if response.status_code >= 400:  # noqa: PLR2004  # where HTTP's refusals begin
            raise self._refusal(response)
        if self._asked != "serverInfo" and any("anonymous" in names for names in self._named.values()):
            raise self._nobody()
        if any(names.isdisjoint(self.us.get(header, names)) for header, names in self._named.items()):
            raise DeniedError(self.name, f"{self.url} takes us for another account now", "check token and email")

    def _nobody(self) -> DeniedError:
        """A bad token may be answered 200 as anonymous, with few issues or none (trackers.md §1.5)."""
        return DeniedError(self.name, f"{self.url} takes us for nobody", "check token and email; has it expired?")

    def _content(self, response: Response) -> Any:  # noqa: ANN401  # JSON
        if not response.content and self._writes:
            return None
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            kind = response.headers.get("Content-Type", "")
            said = "answered with a web page" if "html" in kind else "sent an answer that is not JSON"
            raise self._malformed(said) from None

    def _malformed(self, said: str) -> TrackerError:
        if self._writes:
            return LostAnswerError(self.name, f"{self.url} {said} to a write", "the next pass looks whether it arrived")
        return MalformedError(self.name, f"{self.url} {said}", "does a login page or a proxy stand in between?")

    def _refusal(self, response: Response) -> TrackerError:
        status = response.status_code
        said = f"Jira answers {status} to {self._asked}: {self._words(response)}"
        if status in {429, 503}:
            wait = self._wire.limit.pause_s if self._wire.limit else None
            stopped = self._wire.limit is not None and self._wire.limit.refused
            lost = self._writes and not stopped  # a gateway may have passed the request on
            kind = LostAnswerError if lost else TemporaryError
            return kind(self.name, said, "it asks for patience", retry_after_s=wait)
        if status >= 500:  # noqa: PLR2004  # the server's own failures
            kind = LostAnswerError if self._writes else TemporaryError
            return kind(self.name, said, "Jira or the proxy before it is in trouble; try again")
        if status in {408, 409, 425}:
            kind = LostAnswerError if self._writes else TemporaryError
            return kind(self.name, said, "try again")
        refused, hint = _REFUSALS.get(status, (PermanentError, "Jira refuses this request; see its words"))
        if "AUTHENTICATION_DENIED" in response.headers.get("X-Seraph-LoginReason", ""):
            hint = "Jira asks for a CAPTCHA after failed logins: log in once with a browser"
        return refused(self.name, said, hint)

    def _words(self, response: Response) -> str:
        """Jira's own words, in one line, cut, and without our secret should it come back."""
        try:
            told = mapping(json.loads(response.content))
        except (ValueError, RecursionError):
            return "a web page or nothing readable instead of its words"
        show = self._hidden
        parts = [show(part) for part in sequence(told.get("errorMessages"))]
        parts += [f"{show(name)}: {show(part)}" for name, part in mapping(told.get("errors")).items() if text(part)]
        parts += [show(told.get(name)) for name in ("message", "errorMessage")]
        words = " ".join(" ".join(part for part in parts if part).split())
        return words[:_LONGEST_WORDS] or "without a word"

    def _hidden(self, words: object) -> str:
        """Before anything is cut: a piece of a secret would no longer be known for one."""
        whole = words if isinstance(words, str) else ""
        for secret in self._secrets:
            whole = whole.replace(secret, "…")
        return text(whole)


def _names(told: str) -> Names:
    """Case-folded. Jiras differ in how they write a blank; where it is a plus, a plus is written as %2B."""
    return frozenset({unquote(told).casefold(), unquote_plus(told).casefold()})


_OPTIONS: Mapping[str, Any] = {
    "get_server_info": False,  # it would be read before our adapter is mounted
    "max_retries": 0,
    "logging": False,
}
_REFUSALS: Mapping[int, tuple[type[PermanentError], str]] = {
    400: (RefusedError, "see Jira's words"),
    401: (DeniedError, "check token and email; API tokens expire after a year at most"),
    403: (DeniedError, "the account lacks the permission; ask a Jira administrator"),
    404: (MissingError, "it does not exist, or this account may not see it"),
    413: (FullError, "shorten it, or make room: Jira limits the text, comments and links of an issue"),
    410: (PermanentError, "this Jira no longer offers what was asked for; is syncd up to date?"),
}
