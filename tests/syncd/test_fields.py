"""A field of the tracker that is not as we know it (F17): said in the tracker's own words, never "nothing to do"."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from syncd.commands import check
from syncd.commands.output import Exit

if TYPE_CHECKING:
    import pytest
    from werkzeug.wrappers import Request

    from tests.trial import Trial

WORDS = "ENG-1 is an epic, and Jira shows this account no field Epic Link"
REFUSED = "Field 'cf[10014]' does not exist or you do not have permission to view it."


def _without_the_field(request: Request) -> Response | None:
    """As a Data Center answers whose "Epic Link" is hidden or was never there."""
    if request.path.endswith("/field"):
        return Response("[]", content_type="application/json")
    if "cf[10014]" in request.get_data(as_text=True):
        return Response(json.dumps({"errorMessages": [REFUSED], "errors": {}}), 400, content_type="application/json")
    return None


def test_f17_a_field_that_is_absent_or_renamed_is_a_clear_error_in_check_and_cannot_tell_at_run_time(
    data_center: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    epic = data_center.jira.add("ENG", "Checkout", type="Epic")
    data_center.jira.add("ENG", "Pay", parent=epic, status="Done")
    config = data_center.configure(f"""
  atlas-2:
    launch: eng/REL-1
    timing: {{soak: 0s}}
    gates: {{engineering: {{owner: dana, items: [{{tracker: eng, epic: {epic}}}], sign_off: false}}}}
""")
    data_center.once(config)
    data_center.jira_site.before = _without_the_field
    for _ in range(2):
        data_center.clock.pass_by(minutes=1)
        passed = data_center.once(config)
    assert WORDS in str(passed.problems[0])
    assert data_center.states(config)["engineering"] == "unknown"
    capsys.readouterr()
    assert check.check(config) is Exit.FAILED
    assert WORDS in capsys.readouterr().err
