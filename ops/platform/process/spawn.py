"""Starts child processes that end with this one, however it ends."""

import atexit
import ctypes
import os
import queue
import signal
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

PR_SET_PDEATHSIG = 1
_jobs: "queue.SimpleQueue[tuple[Callable[[], None], Future[None]]]" = queue.SimpleQueue()
_lock = threading.Lock()
_thread: threading.Thread | None = None


class Killable(Protocol):
    """What is ended at exit."""

    def kill(self) -> None:
        """End it at once."""


def on_spawner_thread(job: Callable[[], None]) -> None:
    """Run `job` on the one thread that lives as long as this process."""
    # Linux sends the death signal when the *thread* that forked ends, so a child started on a pool's
    # thread would die with the pool.
    global _thread
    with _lock:
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_serve, name="spawner", daemon=True)
            _thread.start()
    done: Future[None] = Future()
    _jobs.put((job, done))
    done.result()


def _serve() -> None:
    while True:
        job, done = _jobs.get()
        try:
            job()
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(None)


def die_with_parent() -> Callable[[], None] | None:
    """A preexec_fn after which the kernel kills the child when this process is gone; None off Linux."""
    if not sys.platform.startswith("linux"):
        return None
    # All look-ups happen here: after the fork only two system calls are left.
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()
    kill = int(signal.SIGKILL)

    def in_child() -> None:
        prctl(PR_SET_PDEATHSIG, kill)
        if os.getppid() != parent:
            os._exit(127)

    return in_child


_owned: "weakref.WeakSet[Killable]" = weakref.WeakSet()
_owner = os.getpid()


def own(server: Killable) -> None:
    """See to it that `server` is killed at exit if it still runs then."""
    _owned.add(server)


@atexit.register
def _end_all() -> None:
    # A forked worker inherits this handler, but not the servers.
    if os.getpid() == _owner:
        for server in list(_owned):
            server.kill()
