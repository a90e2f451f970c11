"""Sandbox trackers without a socket: the real client libraries and our own wire above, the WSGI applications below.

Called by the simulation. Only ``requests.adapters.HTTPAdapter.send`` is replaced; what comes back is a real response
whose body is still to be read. An application that raises ConnectionError drops the connection; with
ConnectionAbortedError no answer comes in time; an answer shorter than its Content-Length is broken off.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NameResolutionError
from urllib3.response import HTTPResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from wsgiref.types import WSGIApplication

    from requests import PreparedRequest, Response


@contextmanager
def within(apps: Mapping[str, WSGIApplication], around: Callable[..., Response] | None = None) -> Iterator[None]:
    """Every request of this process goes to one of ``apps``, by the host of its address, while the block runs.

    ``around`` sees (request, send) and returns the answer: it may look, refuse or die before and after ``send()``.
    """

    def send(adapter: HTTPAdapter, request: PreparedRequest, **_: object) -> Response:
        def carry() -> Response:
            return _answered(adapter, request, apps)

        return around(request, carry) if around else carry()

    with mock.patch.object(HTTPAdapter, "send", send):
        yield


def _answered(adapter: HTTPAdapter, request: PreparedRequest, apps: Mapping[str, WSGIApplication]) -> Response:
    parts = urlsplit(request.url or "")
    app = apps.get(parts.hostname or "")
    if app is None:
        raise requests.ConnectionError(NameResolutionError(parts.hostname or "", None, OSError()))  # type: ignore[arg-type]  # no pool
    head: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
        head[:] = [status, headers]
        return io.BytesIO().write

    try:
        body = b"".join(app(_environ(request, parts.netloc), start_response))
    except ConnectionAbortedError:
        raise requests.ReadTimeout from TimeoutError()
    except ConnectionError as error:
        raise requests.ConnectionError(error) from error
    status, headers = head
    raw = HTTPResponse(
        io.BytesIO(body),
        headers=headers,
        status=int(status[:3]),
        preload_content=False,
        decode_content=False,
        request_method=request.method,
    )
    response: Response = adapter.build_response(request, raw)
    return response


def _environ(request: PreparedRequest, host: str) -> dict[str, Any]:
    parts = urlsplit(request.url or "")
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path, "latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(parts.port or 443),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "HTTP_HOST": host,
    }
    for name, value in request.headers.items():
        text = value if isinstance(value, str) else value.decode("latin-1")
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = text
    return environ
