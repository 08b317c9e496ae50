"""Keep requests in flight, and give each reply to its request.

The opener replies in the order of the requests.  What it sends of walks and
watches comes in between.  One thread at a time uses a session.
"""

from __future__ import annotations

import errno
from collections import deque
from typing import (Callable, Deque, Dict, List, NamedTuple, Optional, Sequence,
                    Tuple)

from . import _channel, _errors, _wire
from ._items import Descriptor
from ._wire import Header, Malformed, Reader, Stat, Status, Type

# Of each request: the type of its reply.
_REPLIES: Dict[Type, Type] = {
    Type.OPEN: Type.OPEN_REPLY,
    Type.STAT: Type.STAT_REPLY,
    Type.LIST: Type.LIST_REPLY,
    Type.CHANGE: Type.CHANGED,
    Type.LIMIT: Type.LIMITED,
}
_CREATE, _MKDIR = 1, 4


class Item(NamedTuple):
    """One item of a reply.  The descriptor is closed with the last reference
    to the item, unless it was detached."""

    status: Status
    stat: Optional[Stat] = None
    text: str = ""                      # target of a symbolic link
    descriptor: Optional[Descriptor] = None
    number: int = 0                     # of CREATE and MKDIR
    refused: int = 0                    # metadata that was refused
    made: bool = False


class Listing(NamedTuple):
    """The reply to LIST."""

    status: Status
    token: int
    end: bool
    entries: List[Tuple[str, Item]]


class Pending:
    """A request in flight."""

    def __init__(self, kind: Type, number: int, items: int,
                 changes: Sequence[int] = ()) -> None:
        self.kind = kind
        self.number = number
        self.left = items               # items that are not answered
        self.changes = deque(changes)   # of CHANGE: their kinds
        self.items: Deque[Item] = deque()
        self.listing: Optional[Listing] = None
        self.lost = False               # the rest of the reply is ignored
        self.done = False
        self.then: Optional[Callable[[Pending], None]] = None


class Sink:
    """Takes what the opener sends of one walk or watch; see _walk.Walk and
    _watch.Watch."""

    number = 0
    abandoned = False       # its caller wants no more of it

    def take(self, head: Header, fields: Reader, descriptors: List[int],
             lost: bool) -> bool:
        """Decode a message and remove the descriptors from the list that it
        keeps.  True if that was the last one."""
        raise NotImplementedError


def _get_stat_item(fields: Reader, kind: Type) -> Item:
    """An item of OPEN_REPLY or STAT_REPLY, or that of LIMITED."""
    status = fields.status()
    if status.error or kind == Type.LIMIT:
        return Item(status)
    stat = fields.stat()
    if kind == Type.OPEN:
        return Item(status, stat)
    return Item(status, stat, fields.string(_wire.NAME_MAX))


def _get_change(fields: Reader, change: int) -> Item:
    """An item of CHANGED."""
    if fields.u8() != change:
        raise Malformed("a reply to another change")
    status = fields.status()
    refused, made, number = fields.u8(), fields.u8(), fields.u32()
    good = status.error == 0
    if made > 1 or (refused and good):
        raise Malformed("the result of a change contradicts itself")
    if (number != 0) != (change == _CREATE and good) and not (
            change == _MKDIR and good):
        raise Malformed("the result of a change has a wrong number")
    stat = fields.stat() if change == _CREATE and good else None
    return Item(status, stat, number=number, refused=refused,
                made=made == 1)


def _get_listing(head: Header, fields: Reader) -> Listing:
    """LIST_REPLY."""
    status, token, end = fields.status(), fields.u32(), fields.u8()
    if end > 1 or (status.error != 0) != (token == 0) or (
            status.error and not end):
        raise Malformed("the state of a directory contradicts itself")
    entries = []
    for _ in range(head.items):
        name = fields.component()
        entries.append((name, Item(fields.status(), fields.stat(),
                                   fields.string(_wire.NAME_MAX))))
    return Listing(status, token, end == 1, entries)


def _has_descriptor(pending: Pending, item: Item, change: int) -> bool:
    return item.status.error == 0 and (
        pending.kind == Type.OPEN or change == _CREATE)


class Engine:
    """A session: its channel, and the requests in flight."""

    def __init__(self, channel: _channel.Channel) -> None:
        self.channel = channel
        self.info = channel.info
        self._next = 1
        self._window: Deque[Pending] = deque()
        self._walks: Dict[int, Sink] = {}
        self._watches: Dict[int, Sink] = {}
        self._orders: Deque[bytes] = deque()    # FORGET, CREDIT, CANCEL
        self._ended: Optional[_errors.SessionError] = None

    # The end.

    def end(self, error: _errors.SessionError) -> None:
        """End the session; only the first reason counts."""
        if self._ended is None:
            self._ended = error
            self.channel.close()
            self._window.clear()
            self._walks.clear()
            self._watches.clear()
            self._orders.clear()

    @property
    def ended(self) -> bool:
        """True if the session has ended."""
        return self._ended is not None

    def check(self) -> None:
        """Raise SessionError if the session has ended."""
        if self._ended is not None:
            # Another object: each has the traceback of its own raise.
            raise type(self._ended)(*self._ended.args)

    def _broken(self, why: str) -> None:
        self.end(_errors.ProtocolError(
            errno.EPROTO, f"The broker broke the protocol: {why}"))
        self.check()

    # Sending.

    def _number(self) -> int:
        """A request's number that nothing else in flight has."""
        while True:
            number = self._next
            self._next = number % 0xffffffff + 1
            if number not in self._walks and number not in self._watches:
                return number

    def _send(self, data: bytes) -> None:
        """Send, and take replies while the socket takes no more."""
        while True:
            self.check()
            try:
                if self.channel.try_send(data):
                    return
            except OSError as e:
                # The opener is gone; it may have said why.
                while self._take_one():
                    pass
                self.end(_errors.SessionError(
                    errno.EPIPE, f"Cannot send to the broker: {e}"))
                self.check()
            self.channel.wait_to_send()
            self._take_one()

    def order(self, kind: Type, number: int, items: int, body: bytes) -> None:
        """Queue a message that has no reply; the next call sends it."""
        if not self.ended:
            self._orders.append(_wire.message(kind, number, items, body))

    def flush(self) -> None:
        """Send what is queued."""
        while self._orders:
            # Dispatching a reply can queue more: take it out first.
            self._send(self._orders.popleft())

    def request(self, kind: Type, items: Sequence[bytes],
                changes: Sequence[int] = ()) -> Pending:
        """Send a request, when the window has room for it."""
        body = b"".join(items)
        if _wire.HEADER_SIZE + len(body) > self.info.bytes:
            raise _errors.BrokerError(errno.E2BIG,
                                      "The request is too large")
        self.check()
        while len(self._window) >= self.info.window:
            self.pump()
        self.flush()
        pending = Pending(kind, self._number(), len(items), changes)
        self._window.append(pending)
        try:
            self._send(_wire.message(kind, pending.number, len(items), body))
        except BaseException:
            # Interrupted: it was not sent, and has no reply.
            if self._window and self._window[-1] is pending:
                self._window.pop()
            raise
        return pending

    def begin_walk(self, sink: Sink, items: Sequence[bytes]) -> None:
        """Send WALK, in as many messages as it takes."""
        self.check()
        while len(self._walks) >= self.info.window:
            self.pump()
        self.flush()
        sink.number = self._number()
        self._walks[sink.number] = sink
        try:
            self._send_walk(sink, items)
        except BaseException:
            # Interrupted: nothing else may follow an unfinished request.
            self.end(_errors.SessionError(errno.EPIPE,
                                          "A request was interrupted"))
            raise

    def _send_walk(self, sink: Sink, items: Sequence[bytes]) -> None:
        room = self.info.bytes - _wire.HEADER_SIZE
        at = 0
        while at < len(items):
            size = count = 0
            while at + count < len(items) and count < self.info.batch and (
                    size + len(items[at + count]) <= room):
                size += len(items[at + count])
                count += 1
            body = b"".join(items[at:at + count])
            at += count
            self._send(_wire.message(Type.WALK, sink.number, count, body,
                                     _wire.MORE if at < len(items) else 0))

    def begin_watch(self, sink: Sink, item: bytes) -> bool:
        """Send WATCH.  False if the session has as many watches as it may."""
        self.check()
        while len(self._watches) >= _wire.WATCHES_MAX:
            # The end of one that was closed is on its way.
            if not any(one.abandoned for one in self._watches.values()):
                return False
            self.pump()
        self.flush()
        sink.number = self._number()
        self._watches[sink.number] = sink
        try:
            self._send(_wire.message(Type.WATCH, sink.number, 1, item))
        except BaseException:
            # Interrupted: it was not sent, and has no end.
            self._watches.pop(sink.number, None)
            raise
        return True

    # Receiving.

    def pump(self, deadline: Optional[float] = None) -> bool:
        """Wait for a message, and take it.  False if none has come at the
        deadline, a time of the monotonic clock."""
        self.check()
        self.flush()
        return self._take_one() or self.channel.wait(deadline)

    def wait(self, pending: Pending) -> None:
        """Wait until a request has an item that was not taken, or is done."""
        while not pending.items and not pending.done:
            self.pump()

    def _take_one(self) -> bool:
        """Take a message, if one has arrived."""
        self.check()
        try:
            message = self.channel.try_receive()
            if message is None:
                return False
            try:
                self._dispatch(message)
            finally:
                _channel.close_all(message.fds)
        except EOFError:
            self.end(_errors.SessionError(
                errno.EPIPE, "The broker ended the session without a reason"))
            self.check()
        except Malformed as e:
            self._broken(str(e))
        except OSError as e:
            if isinstance(e, _errors.SessionError):
                raise
            self.end(_errors.SessionError(
                errno.EPIPE, f"Cannot receive from the broker: {e}"))
            self.check()
        return True

    def _dispatch(self, message: _channel.Message) -> None:
        if message.lost:
            head = _wire.peek(message.data)
            fields = Reader(message.data[_wire.HEADER_SIZE:])
        else:
            head, fields = _wire.parse(message.data, len(message.fds))
        if head.type == Type.ENDED:
            number, text = fields.u32(), fields.string(_wire.TEXT_MAX)
            fields.end()
            self.end(_errors.SessionError(
                number if 0 < number < 4096 else errno.EPIPE,
                f"The broker ended the session: {text}"))
            self.check()
        elif head.type == Type.WALK_REPLY:
            self._take_of(self._walks, head, fields, message)
        elif head.type == Type.WATCHED:
            self._take_of(self._watches, head, fields, message)
        else:
            self._take_reply(head, fields, message.fds, message.lost)

    @staticmethod
    def _take_of(sinks: Dict[int, Sink], head: Header, fields: Reader,
                 message: _channel.Message) -> None:
        """A message of a walk or of a watch."""
        sink = sinks.get(head.id)
        if sink is None:
            raise Malformed("a walk or watch that was not asked for")
        if sink.take(head, fields, message.fds, message.lost):
            del sinks[head.id]

    def _take_reply(self, head: Header, fields: Reader, fds: List[int],
                    lost: bool) -> None:
        """A reply to the oldest request: decode all of it, then keep it."""
        pending = self._window[0] if self._window else None
        if pending is None or head.id != pending.number or (
                head.type != _REPLIES[pending.kind]):
            raise Malformed("a reply that was not asked for")
        if pending.kind == Type.LIST:
            pending.listing = _get_listing(head, fields)
        elif head.items > pending.left or (
                head.more != (head.items < pending.left)):
            raise Malformed("a reply with the wrong number of items")
        elif not pending.lost and (not lost or pending.kind == Type.CHANGE):
            self._take_items(pending, head, fields, fds, lost)
        else:
            # Nobody can tell which items have lost their descriptors.
            pending.lost = True
            pending.left -= head.items
            pending.items.extend(
                Item(_channel.lost_status()) for _ in range(head.items))
        if not head.more:
            self._window.popleft()
            pending.done = True
            if pending.then is not None:
                pending.then(pending)

    def _take_items(self, pending: Pending, head: Header, fields: Reader,
                    fds: List[int], lost: bool) -> None:
        items: List[Tuple[Item, bool]] = []
        for i in range(head.items):
            change = pending.changes[i] if pending.changes else 0
            if change:
                item = _get_change(fields, change)
            else:
                item = _get_stat_item(fields, pending.kind)
            items.append((item, _has_descriptor(pending, item, change)))
        fields.end()
        wanted = sum(has for _, has in items)
        if not lost and wanted != len(fds):
            raise Malformed("a reply with the wrong number of descriptors")
        for item, has in items:
            if has and lost:
                item = item._replace(status=_channel.lost_status())
            elif has:
                item = item._replace(descriptor=Descriptor(fds.pop(0)))
            pending.items.append(item)
            if pending.changes:
                pending.changes.popleft()
        pending.left -= head.items
