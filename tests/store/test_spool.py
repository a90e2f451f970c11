"""A reading waits in the spool until it is saved: whatever trackers call their items, it comes out as it went in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.store.content import digest_of, item_from
from syncd.store.spool import Spool
from tests.store.readings import item


@pytest.mark.parametrize(
    "word", ["ENG-1", 'a "b" \\n', "lines\nof\r\nall\u2028kinds\x85", "Grüße", "half \ud800 of a pair", ""]
)
def test_any_item_comes_out_as_it_went_in(word: str) -> None:
    kept = replace(item(1), key=word, title=word)
    with Spool() as spool:
        spool.add([kept, item(2)])
        first, second = spool
    assert (first.id, first.key, second.id) == ("1", word, "2")
    assert first.digest == digest_of(first.text)
    assert item_from(first.text, tracker="eng", item_id="1", key=word) == kept
