"""The rest of an issue that has more labels, releases or initiatives than the page shows in which it was read.

Called by whatever reads issues whole. So few issues have so many that a page is not made dearer for their sake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.linear import parse, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.linear.client import Client

AT_ONCE = 15


def complete(client: Client, raws: Sequence[Any], *, releases: bool = False, initiatives: bool = False) -> list[Any]:
    """The same issues, each with all of its labels, and its releases and initiatives where they are asked for. What
    nobody could read to its end says so still.
    """
    short = [parse.identity(raw) for raw in raws if parse.has_more(raw)]
    if not short:
        return list(raws)
    rest: dict[str, Any] = {}
    for start in range(0, len(short), AT_ONCE):
        part = short[start : start + AT_ONCE]
        variables = {"filter": select.these(part), "releases": releases, "initiatives": initiatives}
        found = client.nodes("rest", ("issues",), variables, first=len(part))
        rest |= {parse.identity(raw): raw for raw in found if isinstance(raw, dict)}
    return [{**raw, **rest.get(parse.identity(raw), {})} if parse.has_more(raw) else raw for raw in raws]
