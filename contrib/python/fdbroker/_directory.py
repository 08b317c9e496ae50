"""Listings of directories, which also are the base of other requests."""

from __future__ import annotations

import os
from collections import deque
from typing import Deque, Iterator, Optional

from . import _errors, _wire
from ._engine import Engine, Listing, Pending
from ._items import Entry
from ._wire import Status, Type


class Directory(Iterator[Entry]):
    """The entries of a directory, and the directory itself.

    Pass it as dir= to other calls of the session: names are then resolved
    beneath this very directory.  A `with' block keeps it until its end;
    otherwise it is closed after its last entry.
    """

    def __init__(self, engine: Engine, path: str, item: bytes) -> None:
        self._engine = engine
        self._path = path
        self._entries: Deque[Entry] = deque()
        self._token = 0
        self._end = False
        self._closed = False
        self._keep = False
        self._uses = 0
        self._error: Optional[Status] = None
        self._pending: Optional[Pending] = engine.request(Type.LIST, [item])
        self._wait()
        if self._error is not None and not self._entries:
            raise _errors.from_status(self._error, path)

    @property
    def token(self) -> int:
        """The directory's number.  ValueError if it is not held."""
        if self._token == 0 or self._closed:
            raise ValueError(f"the directory is not held: {self._path!r}")
        return self._token

    def _take(self, listing: Listing) -> None:
        self._token = listing.token
        self._end = listing.end
        if listing.status.error:
            self._error = listing.status
        for name, item in listing.entries:
            path = os.path.join(self._path, name)
            error = (_errors.from_status(item.status, path)
                     if item.status.error else None)
            assert item.stat is not None
            self._entries.append(Entry(name, path, item.stat, item.text,
                                       error))

    def _wait(self) -> None:
        """Wait for the part that was requested."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        try:
            self._engine.wait(pending)
        except BaseException:
            self._pending = pending
            raise
        assert pending.listing is not None
        self._take(pending.listing)

    def __iter__(self) -> Directory:
        return self

    def __next__(self) -> Entry:
        while not self._entries and not self._end and not self._closed:
            if self._pending is None:
                item = _wire.Writer().u32(self._token).string(b"").bytes()
                self._pending = self._engine.request(Type.LIST, [item])
            self._wait()
        if self._entries:
            return self._entries.popleft()
        error, self._error = self._error, None
        if error is not None:
            raise _errors.from_status(error, self._path)
        if not self._keep:
            self.close()
        raise StopIteration

    def hold(self) -> None:
        """A walk needs the token until its first record has come."""
        self._uses += 1

    def release(self) -> None:
        self._uses -= 1
        if self._closed:
            self._forget()

    def _forget(self) -> None:
        """Let the broker close the directory, once nothing needs it."""
        if self._uses:
            return
        token, self._token = self._token, 0
        if self._pending is not None:
            # Only its reply tells whether the session holds the directory.
            _forget_after(self._engine, self._pending)
            self._pending = None
        elif token:
            _forget_token(self._engine, token)

    def close(self) -> None:
        """Let the broker close the directory."""
        if not self._closed:
            self._closed = True
            self._entries.clear()
            self._forget()

    def __enter__(self) -> Directory:
        self._keep = True
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_pending"):
            self.close()


def _forget_token(engine: Engine, token: int) -> None:
    engine.order(Type.FORGET, 0, 1, _wire.Writer().u32(token).bytes())


def _forget_after(engine: Engine, pending: Pending) -> None:
    """Forget the directory of a listing that was abandoned."""
    def forget(done: Pending) -> None:
        if done.listing is not None and done.listing.token:
            _forget_token(engine, done.listing.token)

    if pending.done:
        forget(pending)
    else:
        pending.then = forget
