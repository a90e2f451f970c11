"""What a real Jira Cloud lets pass and the sandbox, which must show mistakes, does not.

Called by the world's process when peers are measured. It adds no route that a real site has not.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_LATEST, _TWO = "/rest/api/latest/", "/rest/api/2/"


class Lenient:
    """``latest`` means version 2, unknown ``validateQuery`` is ignored by search/jql, and ``expand=transitions`` is
    answered: with an empty list, for whoever asked wants the issue.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["PATH_INFO"] = environ["PATH_INFO"].replace(_LATEST, _TWO)
        if not environ["PATH_INFO"].endswith("/search/jql"):
            return self._app(environ, start_response)
        asked = [(name, value) for name, value in parse_qsl(environ["QUERY_STRING"]) if name != "validateQuery"]
        environ["QUERY_STRING"] = urlencode(asked)
        answer = Response.from_app(self._app, environ, buffered=True)
        if "transitions" in dict(asked).get("expand", ""):
            page = answer.get_json()
            for issue in page["issues"]:
                issue["transitions"] = []
            answer.set_data(json.dumps(page))
        return answer(environ, start_response)
