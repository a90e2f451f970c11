"""bugwarrior's Jira service, read to its end. Runs in bugwarrior's own environment: ``... URL EMAIL TOKEN``.

What it finds is not put into taskwarrior: that is another program, and writing is not compared here.
"""

from __future__ import annotations

import json
import sys
from tempfile import NamedTemporaryFile

from bugwarrior.config.schema import MainSectionConfig
from bugwarrior.services.jira import JiraConfig, JiraService

from bench.stopwatch import timed

_QUERY = "project in (JIRAA, JIRAB, JIRAC, JIRAD, JIRAE, JIRAF, JIRAG, JIRAH) ORDER BY key ASC"


def main() -> None:
    url, email, token = sys.argv[1:]
    said = {"service": "jira", "base_uri": url, "username": email, "password": token, "query": _QUERY}
    with NamedTemporaryFile(suffix=".taskrc") as taskrc, timed() as lap:
        wanted = MainSectionConfig(targets=["bench"], taskrc=taskrc.name)
        count = sum(1 for _ in JiraService(JiraConfig(target="bench", **said), wanted).issues())
    print(json.dumps({"wall_s": lap.wall_s, "items": count}))


if __name__ == "__main__":
    main()
