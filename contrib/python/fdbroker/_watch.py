"""Watches: the opener sends a descriptor of the file that stands at a name,
and another one whenever another file stands there."""

from __future__ import annotations

import errno
import time
from collections import deque
from typing import Deque, Iterator, List, Optional, Sequence, Tuple

from . import _channel, _errors
from ._engine import Engine, Sink
from ._items import Opened
from ._wire import Access, Header, Malformed, Reader, Reason, Type, Writer

WRITTEN = 1     # WATCH: also tell of the same file after it was written


class _Told(Sink):
    """What the broker told of one name, and the caller has not taken."""

    def __init__(self, path: str, queue: Deque[_Told]) -> None:
        self.path = path
        self.queue = queue          # of its Watch: those that have a result
        self.ended = False
        self.credit = True          # the broker may send one more
        # At most one that the broker needed credit for, and the last one.
        self.results: Deque[Opened] = deque()
        self.last: Optional[_errors.BrokerError] = None

    def take(self, head: Header, fields: Reader, descriptors: List[int],
             lost: bool) -> bool:
        status = fields.status()
        good = status.error == 0
        stat = fields.stat() if good else None
        fields.end()
        if good != (head.fds == 1) or (good and not head.more):
            raise Malformed("a watch with the wrong number of descriptors")
        if head.more and not self.credit:
            raise Malformed("a message of a watch without credit")
        self.credit = False
        error = None
        if not good:
            error = _errors.from_status(status, self.path)
        elif lost:
            error = _errors.from_status(_channel.lost_status(), self.path)
        self.ended = not head.more
        if self.abandoned:
            return self.ended
        if self.ended:
            self.last = error
        else:
            fd = descriptors.pop() if error is None else -1
            self.results.append(
                Opened(self.path, fd, stat if error is None else None, error))
        self.queue.append(self)
        return self.ended


class Watch(Iterator[Opened]):
    """What stands at some names, whenever that changes; see Session.watch().

    Yields an Opened for each change, the first one of each name at once.  Its
    `error' says that nothing is there, or that it cannot be opened; the watch
    goes on.  An error that ends the watch of a name is raised, and the watches
    of the other names go on.  There is no end until close(), or until none of
    the names is watched any more.
    """

    def __init__(self, engine: Engine, access: Access, written: bool,
                 places: Sequence[Tuple[str, bytes]]) -> None:
        self._engine = engine
        self._queue: Deque[_Told] = deque()
        self._names: List[_Told] = []
        try:
            for path, name in places:
                self._begin(path, Writer().u8(access).u8(
                    WRITTEN if written else 0).string(name).bytes())
        except BaseException:
            self.close()
            raise

    def _begin(self, path: str, item: bytes) -> None:
        told = _Told(path, self._queue)
        if not self._engine.begin_watch(told, item):
            raise _errors.local(errno.EMFILE, path, Reason.LIMIT)
        self._names.append(told)

    def __iter__(self) -> Watch:
        return self

    def _next(self) -> Opened:
        """The first of the results that are there."""
        told = self._queue.popleft()
        if told.results:
            result = told.results.popleft()
            if not told.ended:
                told.credit = True
                self._engine.order(Type.CREDIT, told.number, 1,
                                   Writer().u32(0).u32(1).bytes())
            return result
        self._names.remove(told)
        assert told.last is not None
        raise told.last

    def __next__(self) -> Opened:
        while not self._queue:
            if not self._names:
                raise StopIteration
            self._engine.pump()
        return self._next()

    def take(self, timeout: float = 0) -> Optional[Opened]:
        """The next result; None if none comes within timeout seconds, or if
        no name is watched any more."""
        deadline = time.monotonic() + timeout
        while not self._queue:
            if not self._names or not self._engine.pump(deadline):
                return None
        return self._next()

    def close(self) -> None:
        """End the watches.  Results that were not taken are closed."""
        for told in self._names:
            told.abandoned = True
            if not told.ended:
                self._engine.order(Type.CANCEL, told.number, 0, b"")
            told.results.clear()
        self._names.clear()
        self._queue.clear()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_names"):
            self.close()
