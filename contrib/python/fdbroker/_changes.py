"""Changes: make, fill, replace and remove objects, in a role that permits it."""

from __future__ import annotations

import enum
import errno
import os
from typing import TYPE_CHECKING, Dict, NamedTuple, Optional, Tuple

from . import _errors, _wire
from ._engine import Engine, Item
from ._items import Descriptor
from ._wire import Reason, Stat, Type, Writer

if TYPE_CHECKING:
    from ._session import Session, StrPath
    from ._directory import Directory


class Change(enum.IntEnum):
    """The kinds of changes."""

    CREATE = 1
    COMMIT = 2
    ABANDON = 3
    MKDIR = 4
    SYMLINK = 5
    LINK = 6
    MKNOD = 7
    SETMETA = 8
    REMOVE = 9
    PRESET = 10


class Over(enum.IntEnum):
    """What a change does if something is in its place already."""

    REFUSE = 0      # fail with EEXIST
    NEWER = 1       # replace it if it is older
    REPLACE = 2     # replace it


class MetaFlag(enum.IntFlag):
    """Metadata that was refused."""

    MODE = 1
    OWNER = 2
    MTIME = 4
    ATIME = 8
    XATTR = 16
    SETID = 32


class Meta(NamedTuple):
    """Metadata to give to an object; None is left alone.

    mode is 0o7777 at most, owner a pair of numbers; times are nanoseconds
    since the epoch.
    """

    mode: Optional[int] = None
    owner: Optional[Tuple[int, int]] = None
    mtime_ns: Optional[int] = None
    atime_ns: Optional[int] = None
    xattrs: Optional[Dict[str, bytes]] = None


class ChangeError(_errors.BrokerError):
    """A change failed.

    refused says which metadata was refused, and made whether the object is
    there nevertheless.
    """

    refused: MetaFlag = MetaFlag(0)
    made: bool = False


def _put_time(w: Writer, ns: int) -> None:
    w.i64(ns // 1000000000).u32(ns % 1000000000)


def _put_xattrs(w: Writer, xattrs: Dict[str, bytes]) -> None:
    if len(xattrs) > _wire.XATTRS_MAX:
        raise OSError(errno.E2BIG, "Too many extended attributes")
    w.u16(len(xattrs))
    for key, value in xattrs.items():
        name = os.fsencode(key)
        if not 0 < len(name) <= _wire.COMPONENT_MAX or b"\0" in name or (
                len(value) > _wire.XATTR_VALUE_MAX):
            raise ValueError(f"no such extended attribute: {key!r}")
        w.string(name).u32(len(value)).raw(value)


def put_meta(w: Writer, meta: Optional[Meta]) -> Writer:
    """Metadata, after the checks that keep the message well-formed."""
    m = meta or Meta()
    if m.mode is not None and not 0 <= m.mode <= 0o7777:
        raise ValueError(f"no such mode: {m.mode:o}")
    if m.owner is not None and not all(
            0 <= n < 0xffffffff for n in m.owner):
        raise ValueError(f"no such owner: {m.owner}")
    w.u8(sum(bit for bit, value in
             zip((1, 2, 4, 8, 16), m) if value is not None))
    if m.mode is not None:
        w.u32(m.mode)
    if m.owner is not None:
        w.u32(m.owner[0]).u32(m.owner[1])
    if m.mtime_ns is not None:
        _put_time(w, m.mtime_ns)
    if m.atime_ns is not None:
        _put_time(w, m.atime_ns)
    if m.xattrs is not None:
        _put_xattrs(w, m.xattrs)
    return w


def change(engine: Engine, kind: Change, fields: Writer, path: str) -> Item:
    """Ask for one change, and wait for its result."""
    body = Writer().u8(kind).raw(fields.bytes()).bytes()
    pending = engine.request(Type.CHANGE, [body], [kind])
    engine.wait(pending)
    item = pending.items.popleft()
    status = item.status
    if not status.error or (kind == Change.CREATE and item.number):
        return item
    if not item.refused and not item.made:
        raise _errors.from_status(status, path)
    error = ChangeError(status.error, os.strerror(status.error), path)
    error.rule, error.id, error.reason = status.where, status.id, status.reason
    error.refused, error.made = MetaFlag(item.refused), item.made
    raise error


class PendingFile(Descriptor):
    """A file that was made, and has no name yet; see Session.create().

    Write to it with open() or fileno(), then commit() it.  At the end of a
    `with' block it is abandoned, unless it was committed.
    """

    def __init__(self, session: Session, path: StrPath,
                 dir: Optional[Directory], item: Item) -> None:
        super().__init__(-1)
        self._session = session
        self._path = path
        self._dir = dir
        self._number = item.number
        self.stat: Optional[Stat] = item.stat
        if item.descriptor is not None:
            self._fd = item.descriptor.detach()
            return
        self.abandon()      # the descriptor was lost on its way
        raise _errors.local(errno.EMFILE, os.fsdecode(path), Reason.LIMIT)

    def commit(self, over: Over = Over.REFUSE,
               meta: Optional[Meta] = None) -> None:
        """Set the metadata, and give the file its name.

        Closes the descriptor, unless open() or detach() has passed it on:
        what is written afterwards changes the file's time.  After an error
        the file is still pending.
        """
        self.close()
        path = os.fsdecode(self._path)
        base, name = self._session._place(self._path, self._dir)
        w = Writer().u32(self._need()).u32(base).u8(Over(over)).string(name)
        change(self._session._engine, Change.COMMIT, put_meta(w, meta), path)
        self._number = 0

    def preset(self, xattrs: Dict[str, bytes]) -> None:
        """Set extended attributes now, before commit().

        So there can be more of them than one message holds.
        """
        path = os.fsdecode(self._path)
        base, name = self._session._place(self._path, self._dir)
        w = Writer().u32(self._need()).u32(base).string(name)
        change(self._session._engine, Change.PRESET,
               put_meta(w, Meta(xattrs=xattrs)), path)

    def _need(self) -> int:
        if self._number == 0:
            raise ValueError("the file is no longer pending")
        return self._number

    def abandon(self) -> None:
        """Drop the file, if it is still pending."""
        self.close()
        number, self._number = self._number, 0
        if number and not self._session.closed:
            change(self._session._engine, Change.ABANDON,
                   Writer().u32(number), os.fsdecode(self._path))

    def __exit__(self, *_: object) -> None:
        self.abandon()
