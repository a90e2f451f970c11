"""Deadlines: each request has its own, one thread keeps them all, and what is over in time is left alone."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack

from connectors.deadline import TICK_S, Deadline


def pair(kept: ExitStack) -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(10)
    return kept.enter_context(ours), kept.enter_context(theirs)


def test_a_socket_is_shut_when_the_time_is_up_and_not_before() -> None:
    with ExitStack() as kept:
        (ours, theirs), (others, far) = pair(kept), pair(kept)
        with Deadline(60) as long, Deadline(TICK_S) as short:
            long.sock, short.sock = others, ours
            assert theirs.recv(1) == b"", "the far end sees it shut"
            assert short.over
            assert not long.over
        others.sendall(b"x")
        assert far.recv(1) == b"x"


def test_a_request_that_ended_in_time_is_left_alone() -> None:
    with ExitStack() as kept:
        (ours, _), (others, far) = pair(kept), pair(kept)
        with Deadline(TICK_S) as ended:
            ended.sock = ours
        with Deadline(3 * TICK_S) as later:
            later.sock = others
            assert far.recv(1) == b""
        assert later.over
        assert not ended.over


def test_many_requests_share_one_thread() -> None:
    with ExitStack() as kept:
        for _ in range(50):
            kept.enter_context(Deadline(60))
        assert [thread.name for thread in threading.enumerate()].count("deadlines") == 1
