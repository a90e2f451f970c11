"""A reading on its way into the database: the items' texts, in a temporary file once they are many.

Filled while a tracker is read, which may take minutes, and read once when it is saved, in one transaction: so neither
the memory nor the database's write lock is held as long as the network takes.
"""

from __future__ import annotations

import json
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Self

from syncd.store.content import digest_of, item_text
from syncd.store.errors import StoreError
from syncd.store.model import Content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mapping.item import Item

IN_MEMORY_BYTES = 4 * 1024 * 1024


class Spool:
    """Close it when done. Each method raises StoreError when the temporary file cannot be written or read."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES, mode="w+", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed by close
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, items: Iterable[Item]) -> None:
        rows = [Content(item.id, item.key, digest_of(text := item_text(item)), text) for item in items]
        self.count += len(rows)
        try:
            self._file.write(f"{json.dumps(rows)}\n")  # one line, for JSON leaves no line break in a text
        except OSError as error:
            raise _full(error) from error

    def __iter__(self) -> Iterator[Content]:
        try:
            self._file.seek(0)
            while rows := self._file.readline():
                yield from (Content._make(row) for row in json.loads(rows))
        except OSError as error:
            raise _full(error) from error


def _full(error: OSError) -> StoreError:
    return StoreError(f"a temporary file cannot be used: {error.strerror or error}", "is the disk full?")
