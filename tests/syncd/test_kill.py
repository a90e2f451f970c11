"""``kill -9`` of the real process at any request, again and again, while people work: nothing is lost or made twice.

``SYNCD_KILLS=50 pytest tests/syncd/test_kill.py`` kills as often; without it six times.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

from syncd import clock
from syncd.reconcile import complete_pass
from syncd.store.store import open_store
from tests.daemon_process import PATIENCE_S, configure

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.wrappers import Request

    from tests.trial import Trial

RELEASE = """
  atlas-2:
    launch: eng/REL-1
    timing: {soak: 0s}
    gates:
      engineering: {owner: dana, items: eng/ENG, sign_off: false}
      marketing: {owner: maya, items: [{tracker: gtm, team: MKT, label: atlas-2}], sign_off: false}
"""
KILLS = int(os.environ.get("SYNCD_KILLS", "6"))
MOST_REQUESTS = 24


class Killer:
    """Kills the process when the trackers get its ``at``-th request, which is ``done`` nevertheless or not."""

    def __init__(self, whole: Trial) -> None:
        self._lock = Lock()
        self.left = 0
        self.done = True
        self.process: subprocess.Popen[bytes] | None = None
        whole.jira_site.before = whole.linear_site.before = self.came

    def came(self, request: Request) -> None:
        with self._lock:
            self.left -= 1
            if self.left != 0 or self.process is None:
                return
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(PATIENCE_S)
        creates = request.method == "POST" and request.path.endswith("/issue")
        if not self.done and not creates:  # a create that never came is waited for as long as an index may lag
            raise ConnectionError

    def kill(self, path: Path, environ: dict[str, str], word: str, at: int) -> bool:
        """Whether it was killed before it was done."""
        command = [sys.executable, "-m", "syncd", "--config", str(path), word]
        with self._lock:
            self.left = at
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                command, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        code = self.process.wait(PATIENCE_S)
        assert code in (0, -signal.SIGKILL), code
        return code != 0

    def rest(self) -> None:
        with self._lock:
            self.left, self.process = 0, None


def _work(whole: Trial, chance: Random, n: int) -> None:
    """People go on between two lives."""
    key = whole.jira.add("ENG", f"Part {n}", fix_versions=["Atlas 2.0"])
    whole.linear.add("MKT", f"Post {n}", labels=["atlas-2"], state=chance.choice(("Todo", "Done")))
    if chance.random() < 0.5:
        whole.jira.move(key, "Done")


def test_kill_9_at_any_request_again_and_again_loses_nothing_and_makes_nothing_twice(whole: Trial) -> None:
    chance = Random(3)  # noqa: S311 - the same kills each time
    whole.linear.label("atlas-2")
    path = configure(whole, RELEASE, "min_write_interval: 1s\nhttp: null\n")
    killer, kills, lives = Killer(whole), 0, 0
    while kills < KILLS:
        lives += 1
        assert lives < 3 * KILLS, "most lives end before they are killed"
        _work(whole, chance, lives)
        killer.done = chance.random() < 0.5
        kills += killer.kill(path, whole.environ, chance.choice(("once", "run")), chance.randint(1, MOST_REQUESTS))
        assert len(whole.summaries()) <= 1, f"after kill {kills}"
    killer.rest()
    _check_whole(whole)


def _check_whole(whole: Trial) -> None:
    """What stands after one more undisturbed pass is what a reading into an empty store gives."""
    whole.jira.clock = whole.linear.clock = clock.now
    whole.clock.at = clock.now()
    config = whole.configure(RELEASE)
    passed = whole.once(config)
    assert not passed.problems
    with open_store(config.database_url) as store:
        kept, known, touched = store.items("atlas-2"), store.summary("atlas-2"), store.touched()
    assert not touched
    fresh = config.model_copy(update={"database": f"sqlite:///{whole.folder}/fresh.db"})
    with whole.outside(fresh) as outside:
        (afresh,) = complete_pass(fresh, ["atlas-2"], outside, write=False)
        assert outside.store.items("atlas-2") == kept
    assert known is not None
    assert known.accepted is not None
    assert afresh.draft.digest == passed.draft.digest == known.accepted.digest
    assert len(whole.summaries()) == 1
