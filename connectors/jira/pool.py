"""Clients of one Jira, and work that they do side by side: a session is no thing for two threads.

Called by the source's modules. What is asked and what it means is theirs; how many requests are really under way is
the tracker's pace, which the wire asks for each of them.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, TypeVar

from connectors.jira.client import Client, reads_only

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connectors.base import Settings

_Task = TypeVar("_Task")
_Told = TypeVar("_Told")


class Pool:
    """``client`` is the calling thread's own; those of other threads are made when they are needed, and kept."""

    def __init__(self, settings: Settings) -> None:
        self.client = Client(settings, reads_only)
        self._most = settings.pace.most
        self._idle: list[Client] = []
        self._begun: set[Future[Any]] = set()

    def each(self, tasks: Sequence[_Task], do: Callable[[Client, _Task], _Told], take: Callable[[_Told], None]) -> None:
        """Does every task, at most ``pace.most`` at a time, and hands what each told to ``take``, in the order of the
        tasks and in this thread. The first error ends it and is raised here; nothing is left running.
        """
        most = min(self._most, len(tasks))
        if most <= 1:
            for task in tasks:
                take(do(self.client, task))
            return
        self.client.open()
        waiting: deque[Future[_Told]] = deque()
        with ThreadPoolExecutor(most, thread_name_prefix=f"read {self.client.name}") as threads:
            try:
                for task in tasks:
                    waiting.append(threads.submit(self._elsewhere, do, task))
                    if len(waiting) >= 2 * most:  # enough that nobody idles, and no more in memory
                        take(waiting.popleft().result())
                while waiting:
                    take(waiting.popleft().result())
            finally:
                for future in waiting:
                    future.cancel()

    def beside(self, do: Callable[[Client], _Told]) -> Callable[[], _Told]:
        """Begins it in a thread of its own, if more than one request may be under way; what is returned waits for what
        it told, or raises what it raised.
        """
        if self._most <= 1:
            return lambda: do(self.client)
        self.client.open()
        threads = ThreadPoolExecutor(1, thread_name_prefix=f"beside {self.client.name}")
        future = threads.submit(self._elsewhere, lambda client, _: do(client), None)
        self._begun.add(future)
        future.add_done_callback(self._begun.discard)
        threads.shutdown(wait=False)
        return future.result

    def close(self) -> None:
        wait(self._begun)
        for client in (self.client, *self._idle):
            client.close()

    def _elsewhere(self, do: Callable[[Client, _Task], _Told], task: _Task) -> _Told:
        try:
            client = self._idle.pop()
        except IndexError:
            client = self.client.another()
        client.us = self.client.us
        try:
            return do(client, task)
        finally:
            self._idle.append(client)
