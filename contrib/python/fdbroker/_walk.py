"""Walks: the opener sends a tree, with a descriptor of each regular file."""

from __future__ import annotations

import enum
import os
from collections import deque
from typing import Deque, Dict, Iterator, List, NamedTuple, Optional, Tuple

from . import _channel, _errors, _wire
from ._directory import Directory
from ._engine import Engine, Sink
from ._items import Descriptor
from ._wire import Header, Malformed, Reader, Stat, Status, Type


class WalkFlag(enum.IntFlag):
    """What a walk does."""

    ONE_FS = 1
    CACHEDIR = 2
    SINCE = 4
    NO_OPEN = 8
    XATTR = 16
    READAHEAD = 32
    PSEUDO = 64


class WalkKind(enum.IntEnum):
    """What an entry of a walk tells."""

    ENTRY = 1       # an object
    LEAVE = 3       # the end of the directory that was entered last
    SKIPPED = 4     # an object that was left out


class Skip(enum.IntEnum):
    """Why a walk left something out."""

    NONE = 0
    EXCLUDED = 1    # an exclude pattern
    TAGGED = 2      # the rest of a directory that has a tag
    ONE_FS = 3      # it is on another file system
    PSEUDO = 4      # it is on a pseudo file system


_XATTR, _END = 2, 5
_ENTERED, _FD, _UNCHANGED = 1, 2, 4


class WalkEntry(Descriptor):
    """What a walk says about one object.

    path is relative to the start of the walk, and "" for the start itself.
    """

    def __init__(self, kind: WalkKind, path: str, name: str) -> None:
        super().__init__()
        self.kind = kind
        self.path = path
        self.name = name
        self.stat: Optional[Stat] = None    # None: it could not be found out
        self.attributes = 0                 # as statx(2) has them
        self.link = ""                      # target of a symbolic link
        self.entered = False                # what is in it follows
        self.unchanged = False              # not opened: not after `since'
        self.xattrs: Dict[str, bytes] = {}
        # Of values that could not be read; "": of the list of names.
        self.xattr_errors: Dict[str, _errors.BrokerError] = {}
        self.error: Optional[_errors.BrokerError] = None
        self.skip = Skip.NONE
        self.hidden = 0                     # LEAVE: names the policy denies

    def __repr__(self) -> str:
        return f"<WalkEntry {self.kind.name} {self.path!r}>"


class _Value(NamedTuple):
    """A piece of the value of an extended attribute."""

    name: str
    status: Status
    total: int
    offset: int
    piece: bytes


class _Record(NamedTuple):
    kind: int
    entry: Optional[WalkEntry] = None
    status: Optional[Status] = None
    xattrs: int = 0
    value: Optional[_Value] = None
    # Credit that its message has used, if it is the last of its message.
    credit: Tuple[int, int] = (0, 0)


def _get_object(fields: Reader, entry: WalkEntry) -> None:
    stat = fields.stat()
    entry.stat = stat if stat.st_mode else None
    entry.attributes = fields.u64()


def _get_value(fields: Reader) -> _Value:
    name, status = fields.string(_wire.COMPONENT_MAX), fields.status()
    total, offset = fields.u32(), fields.u32()
    piece = fields.raw(fields.u16())
    if total > _wire.XATTR_VALUE_MAX or offset + len(piece) > total or (
            not piece and total) or (status.error and total) or (
            not status.error and not name):
        raise Malformed("an extended attribute contradicts itself")
    return _Value(name, status, total, offset, piece)


class _Track:
    """Where a walk is: refuses records that have no place there."""

    def __init__(self) -> None:
        self.dirs: List[str] = []
        self.started = False
        self.xattrs = 0             # values that have not come
        self.value: Optional[Tuple[str, int, int]] = None

    def join(self, name: str) -> str:
        return os.path.join(self.dirs[-1], name) if self.dirs else name

    def add_value(self, value: _Value) -> None:
        if self.xattrs == 0 or (value.name, value.total, value.offset) != (
                self.value or (value.name, value.total, 0)):
            raise Malformed("a value that has no place")
        end = value.offset + len(value.piece)
        self.value = (value.name, value.total, end)
        if end == value.total:
            self.value = None
            self.xattrs -= 1

    def get_entry(self, fields: Reader) -> Tuple[_Record, int]:
        flags = fields.u8()
        name = fields.component(empty=True)
        if (name == "") == self.started or (self.started and not self.dirs):
            raise Malformed("an object that has no place in its walk")
        status = fields.status()
        entry = WalkEntry(WalkKind.ENTRY, self.join(name), name)
        _get_object(fields, entry)
        entry.link = fields.string(_wire.NAME_MAX)
        self.xattrs = fields.u16()
        if flags not in (0, _ENTERED, _FD, _UNCHANGED) or (
                flags and status.error):
            raise Malformed("an object that contradicts itself")
        entry.entered = flags == _ENTERED
        entry.unchanged = flags == _UNCHANGED
        self.started = True
        if entry.entered:
            self.dirs.append(entry.path)
        if status.error:
            entry.error = _errors.from_status(status, entry.path)
        return _Record(WalkKind.ENTRY, entry, status, self.xattrs), flags

    def get_leave(self, fields: Reader) -> _Record:
        status = fields.status()
        if not self.dirs:
            raise Malformed("the end of a directory that was not entered")
        path = self.dirs.pop()
        entry = WalkEntry(WalkKind.LEAVE, path, os.path.basename(path))
        _get_object(fields, entry)
        entry.hidden = fields.u64()
        if status.error:
            entry.error = _errors.from_status(status, path)
        return _Record(WalkKind.LEAVE, entry, status)

    def get_skipped(self, fields: Reader) -> _Record:
        try:
            skip = Skip(fields.u8())
        except ValueError:
            raise Malformed("an unknown reason to skip") from None
        name = fields.component(empty=True)
        if skip == Skip.NONE or (name == "") != (skip == Skip.TAGGED) or (
                not self.dirs):
            raise Malformed("what was skipped has no place")
        entry = WalkEntry(WalkKind.SKIPPED, self.join(name), name)
        _get_object(fields, entry)
        entry.skip = skip
        return _Record(WalkKind.SKIPPED, entry)

    def get(self, fields: Reader) -> Tuple[_Record, int]:
        """The next record, and the flags of an entry."""
        kind = fields.u8()
        if kind == _XATTR:
            value = _get_value(fields)
            self.add_value(value)
            return _Record(kind, value=value), 0
        if kind == _END:
            status = fields.status()
            if not status.error and (self.dirs or self.xattrs):
                raise Malformed("a walk ends too early")
            return _Record(kind, status=status), 0
        if self.xattrs:
            raise Malformed("an extended attribute is missing")
        if kind == WalkKind.ENTRY:
            return self.get_entry(fields)
        if kind == WalkKind.LEAVE:
            return self.get_leave(fields), 0
        if kind == WalkKind.SKIPPED:
            return self.get_skipped(fields), 0
        raise Malformed("an unknown record of a walk")


class _Sink(Sink):
    """The records of a walk that have arrived."""

    def __init__(self) -> None:
        self.records: Deque[_Record] = deque()
        self.track = _Track()
        self.abandoned = False
        self.base: Optional[Directory] = None

    def take(self, head: Header, fields: Reader, descriptors: List[int],
             lost: bool) -> bool:
        records: List[_Record] = []
        with_fd: List[int] = []
        for i in range(head.items):
            if records and records[-1].kind == _END:
                raise Malformed("records follow the end of a walk")
            record, flags = self.track.get(fields)
            if flags == _FD:
                with_fd.append(i)
            records.append(record)
        fields.end()
        ended = records[-1].kind == _END
        if ended == head.more:
            raise Malformed("a walk without its end")
        if len(with_fd) != head.fds:
            raise Malformed("a reply with the wrong number of descriptors")
        records[-1] = records[-1]._replace(credit=(head.length, head.fds))
        for number, i in enumerate(with_fd):
            entry = records[i].entry
            assert entry is not None
            if lost:
                entry.error = _errors.from_status(_channel.lost_status(),
                                                  entry.path)
            else:
                entry._fd = descriptors[number]
        descriptors.clear()
        base, self.base = self.base, None
        if base is not None:
            base.release()
        if not self.abandoned:
            self.records.extend(records)
        return ended


class Walk(Iterator[WalkEntry]):
    """The entries of a walk, depth first; see Session.walk().

    An error that begins or breaks off the walk is raised.
    """

    def __init__(self, engine: Engine, start: str, items: List[bytes],
                 credit: Tuple[int, int], base: Optional[Directory]) -> None:
        self._engine = engine
        self._start = start
        self._credit = credit
        self._used = (0, 0)
        self._over = False
        sink = _Sink()
        if base is not None:
            # The broker needs the token until the first record has come.
            base.hold()
            sink.base = base
        engine.begin_walk(sink, items)
        self._sink = sink

    def __iter__(self) -> Walk:
        return self

    def _record(self) -> _Record:
        """The next record; what is in it makes room for more."""
        while not self._sink.records:
            self._engine.pump()
        record = self._sink.records.popleft()
        self._used = (self._used[0] + record.credit[0],
                      self._used[1] + record.credit[1])
        if record.kind != _END and any(
                used * 2 >= most for used, most in
                zip(self._used, self._credit) if used):
            self._engine.order(
                Type.CREDIT, self._sink.number, 1,
                _wire.Writer().u32(self._used[0]).u32(self._used[1]).bytes())
            self._used = (0, 0)
        return record

    def _take_values(self, entry: WalkEntry, values: int) -> None:
        pieces: List[bytes] = []
        while values:
            record = self._record()
            if record.kind == _END:     # with an error: broken off
                self._sink.records.appendleft(record)
                return
            value = record.value
            assert value is not None
            pieces.append(value.piece)
            if value.offset + len(value.piece) < value.total:
                continue
            if value.status.error:
                entry.xattr_errors[value.name] = _errors.from_status(
                    value.status, entry.path)
            else:
                entry.xattrs[value.name] = b"".join(pieces)
            pieces.clear()
            values -= 1

    def __next__(self) -> WalkEntry:
        if self._over:
            raise StopIteration
        record = self._record()
        if record.kind == _END:
            self._over = True
            assert record.status is not None
            if record.status.error:
                raise _errors.from_status(record.status, self._start)
            raise StopIteration
        assert record.entry is not None
        self._take_values(record.entry, record.xattrs)
        return record.entry

    def close(self) -> None:
        """Break off the walk."""
        if not self._over:
            self._over = True
            self._sink.abandoned = True
            if not self._sink.records or (
                    self._sink.records[-1].kind != _END):
                self._engine.order(Type.CANCEL, self._sink.number, 0, b"")
            self._sink.records.clear()

    def __enter__(self) -> Walk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_sink"):
            self.close()

