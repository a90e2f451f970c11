"""A reading on its way into the database: the items' texts, in a temporary file once they are many.

Filled while a tracker is read, which may take minutes, and read once when it is saved, in one transaction: so neither
the memory nor the database's write lock is held as long as the network takes.
"""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Self

from syncd.store.content import digest_of, head_from, head_text, item_text
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
        try:
            for item in items:
                text = item_text(item)
                # JSON of text and of key alike: no line break is left in either
                self._file.write(f"{head_text(item.id, item.key, digest_of(text))}\n{text}\n")
                self.count += 1
        except OSError as error:
            raise _full(error) from error

    def __iter__(self) -> Iterator[Content]:
        try:
            self._file.seek(0)
            while head := self._file.readline():
                id_, key, digest = head_from(head)
                yield Content(id=id_, key=key, digest=digest, text=self._file.readline()[:-1])
        except OSError as error:
            raise _full(error) from error


def _full(error: OSError) -> StoreError:
    return StoreError(f"a temporary file cannot be used: {error.strerror or error}", "is the disk full?")
