"""Small configurations that tests begin with."""

from __future__ import annotations

FIVE_LINES = """\
trackers:
  jira: {kind: jira, url: https://acme.atlassian.net, email: me@acme.example, token: {env: JIRA_TOKEN}}
releases:
  atlas-2:
    launch: REL-12
    gates: {engineering: jira/ENG, support: jira/SUP}
"""

TRACKERS = """\
trackers:
  eng: {kind: jira, url: https://acme.atlassian.net/, token: {env: JIRA_TOKEN}}
  gtm: {kind: linear, token: {env: LINEAR_TOKEN}}
"""


def gates(*lines: str) -> str:
    """Two trackers and one release with these gates."""
    body = "".join(f"      {line}\n" for line in lines)
    return f"{TRACKERS}releases:\n  atlas-2:\n    launch: eng/REL-12\n    gates:\n{body}"
