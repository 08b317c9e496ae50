"""A session: files, directories and trees by name, from a broker."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections import deque
from typing import (IO, Any, Deque, Iterable, Iterator, List, Optional, Tuple,
                    Union)

from . import _changes, _errors, _wire
from ._changes import Change, Meta, Over, PendingFile, change, put_meta
from ._channel import Channel
from ._directory import Directory
from ._engine import Engine, Item, Pending
from ._items import Opened
from ._walk import Walk, WalkFlag
from ._watch import Watch
from ._wire import Access, Info, Reason, Stat, Type, Writer

StrPath = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]

DEFAULT_PATH = "/run/fdbroker/fdbroker.sock"

_NODES = (stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR, stat.S_IFBLK)

# The longest item of OPEN.
_ITEM_MAX = 4 + 1 + 2 + _wire.NAME_MAX

_ROLE = re.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,62}")

_OPEN_MODES = {
    "r": Access.READ,
    "r+": Access.READ | Access.WRITE,
    "w": Access.WRITE | Access.CREATE | Access.TRUNCATE,
    "w+": (Access.READ | Access.WRITE | Access.CREATE | Access.TRUNCATE),
    "x": Access.WRITE | Access.CREATE | Access.EXCLUSIVE,
    "x+": (Access.READ | Access.WRITE | Access.CREATE | Access.EXCLUSIVE),
    "a": Access.APPEND | Access.CREATE,
    "a+": Access.READ | Access.APPEND | Access.CREATE,
}


def _access_of(mode: str) -> Access:
    """The access for a mode of open()."""
    words = set(mode)
    kind = words & set("rwxa")
    if (len(words) < len(mode) or words - set("rwxa+bt") or len(kind) != 1 or
            words >= {"b", "t"}):
        raise ValueError(f"invalid mode: {mode!r}")
    return _OPEN_MODES[kind.pop() + ("+" if "+" in words else "")]


class Session:
    """A session with a broker, in a role.

    path is the broker's rendezvous.  timeout is how many seconds the session
    may take to begin; None is for ever.  The session is a context manager and
    ends with its block.  One thread at a time may use it.  After os.fork(),
    only one of the two processes may.

    A path is absolute, or relative to the Directory that dir= names.  It is
    clean: no empty component, "." or "..".
    """

    def __init__(self, role: str, path: StrPath = DEFAULT_PATH,
                 timeout: Optional[float] = 5.0) -> None:
        if not _ROLE.fullmatch(role):
            raise ValueError(f"no role can have this name: {role!r}")
        self._engine = Engine(Channel(os.fsdecode(path), role, timeout))

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_engine"):
            self.close()

    def close(self) -> None:
        """End the session."""
        self._engine.end(_errors.SessionError(errno.EPIPE,
                                              "The session was closed"))

    @property
    def closed(self) -> bool:
        """True if the session has ended."""
        return self._engine.ended

    @property
    def info(self) -> Info:
        """What the broker announced at the start."""
        return self._engine.info

    # Names.

    def _place(self, path: StrPath,
               dir: Optional[Directory]) -> Tuple[int, bytes]:
        """Base and name of a path."""
        name = os.fsencode(path)
        if dir is not None:
            return dir.token, _wire.encode_name(name)
        if not name.startswith(b"/"):
            raise _errors.local(errno.EINVAL, os.fsdecode(name), Reason.NAME)
        return 0, _wire.encode_name(name[1:])

    def _item(self, path: StrPath, dir: Optional[Directory],
              access: Optional[Access] = None) -> bytes:
        """An item of OPEN, STAT or LIST."""
        base, name = self._place(path, dir)
        w = Writer().u32(base)
        if access is not None:
            w.u8(access)
        return w.string(name).bytes()

    def _one(self, kind: Type, item: bytes, path: StrPath) -> Item:
        """Ask for one item, and wait for it."""
        pending = self._engine.request(kind, [item])
        self._engine.wait(pending)
        result = pending.items.popleft()
        if result.status.error:
            raise _errors.from_status(result.status, os.fsdecode(path))
        return result

    # One file.

    def open_fd(self, path: StrPath, access: Access = Access.READ, *,
                dir: Optional[Directory] = None) -> int:
        """Open a file.  The descriptor is the caller's to close."""
        item = self._one(Type.OPEN, self._item(path, dir, access), path)
        assert item.descriptor is not None
        return item.descriptor.detach()

    def open(self, path: StrPath, mode: str = "r", *,
             dir: Optional[Directory] = None, **options: Any) -> IO[Any]:
        """Open a file as the built-in open() does, with its options.

        The policy sets the mode and the owner of a file that is created.
        """
        access = _access_of(mode)
        item = self._one(Type.OPEN, self._item(path, dir, access), path)
        assert item.descriptor is not None
        return item.descriptor.open(mode, **options)

    def stat(self, path: StrPath, *, dir: Optional[Directory] = None) -> Stat:
        """What os.lstat() says about a file, as far as the broker tells."""
        got = self._one(Type.STAT, self._item(path, dir), path).stat
        assert got is not None
        return got

    def readlink(self, path: StrPath, *,
                 dir: Optional[Directory] = None) -> str:
        """The target of a symbolic link."""
        item = self._one(Type.STAT, self._item(path, dir), path)
        if not item.text:
            raise _errors.local(errno.EINVAL, os.fsdecode(path), Reason.TYPE)
        return item.text

    def scandir(self, path: StrPath, *,
                dir: Optional[Directory] = None) -> Directory:
        """The entries of a directory, in no order."""
        return Directory(self._engine, os.fsdecode(path),
                         self._item(path, dir))

    # Many files.

    def open_many(self, paths: Iterable[StrPath],
                  access: Access = Access.READ, *,
                  dir: Optional[Directory] = None,
                  ahead: int = 128) -> Iterator[Opened]:
        """Open files: yields a result for each path, in the order of paths.

        Requests are sent while results are taken: up to `ahead' descriptors
        are open before they are asked for.  What a result does not pass on is
        closed with it.
        """
        slots: Deque[Tuple[str, Union[Pending, Opened]]] = deque()
        source = iter(paths)
        share = max(1, min(self.info.batch, ahead // 2))
        more = True
        while True:
            while more and (not slots or len(slots) + share <= ahead):
                more = self._send_some(source, share, access, dir, slots)
            if not slots:
                return
            name, slot = slots.popleft()
            if isinstance(slot, Pending):
                self._engine.wait(slot)
                slot = _opened(name, slot.items.popleft())
            yield slot

    def _send_some(self, source: Iterator[StrPath], share: int,
                   access: Access, dir: Optional[Directory],
                   slots: Deque[Tuple[str, Union[Pending, Opened]]]) -> bool:
        """Send a request for the next paths, and add a slot for each.  A path
        that cannot be sent has its result already.  False at their end."""
        names: List[str] = []
        items: List[bytes] = []
        failed: Optional[Opened] = None
        more = True
        room = self.info.bytes - _wire.HEADER_SIZE - _ITEM_MAX
        while len(names) < share and room >= 0 and failed is None:
            path = next(source, None)
            if path is None:
                more = False
                break
            name = os.fsdecode(path)
            try:
                items.append(self._item(path, dir, access))
                names.append(name)
                room -= len(items[-1])
            except OSError as e:
                failed = Opened(name, -1, None, _errors.local(
                    e.errno or errno.EINVAL, name, Reason.NAME))
        if items:
            pending = self._engine.request(Type.OPEN, items)
            slots.extend((name, pending) for name in names)
        if failed is not None:
            slots.append((failed.path, failed))
        return more

    # Trees.

    def walk(self, path: StrPath, *, dir: Optional[Directory] = None,
             flags: WalkFlag = WalkFlag(0), since_ns: Optional[int] = None,
             exclude: Iterable[StrPath] = (),
             if_present: Iterable[StrPath] = (), ahead_bytes: int = 1 << 20,
             ahead: int = 256) -> Walk:
        """Everything at and beneath a name, depth first, with an open
        descriptor of each regular file unless flags has NO_OPEN.

        since_ns, in nanoseconds, opens only files that changed after it.
        exclude are patterns, and if_present the names of tags, as fdb_walk(3)
        describes them.  The broker is ahead by ahead_bytes bytes of messages
        and `ahead' descriptors at most.
        """
        base, name = self._place(path, dir)
        if since_ns is not None:
            flags |= WalkFlag.SINCE
        elif flags & WalkFlag.SINCE:
            raise ValueError("SINCE needs since_ns")
        if not 65536 <= ahead_bytes < 1 << 31 or not 1 <= ahead < 1 << 31:
            raise ValueError("the credit of a walk is too small or too large")
        if int(flags) & ~0x7f:
            raise ValueError(f"no such flags: {flags!r}")
        sec, nsec = divmod(since_ns or 0, 1000000000)
        items = [Writer().u32(base).u32(flags).u32(ahead_bytes).u32(ahead)
                 .i64(sec).u32(nsec).string(name).bytes()]
        for kind, texts in ((1, exclude), (2, if_present)):
            for text in texts:
                raw = _wire.encode_name(os.fsencode(text))
                if not raw or (kind == 2 and b"/" in raw):
                    raise ValueError(f"no such pattern or name: {text!r}")
                items.append(Writer().u8(kind).string(raw).bytes())
        return Walk(self._engine, os.fsdecode(path), items,
                    (ahead_bytes, ahead), dir)

    # Names that change.

    def watch(self, *paths: StrPath, access: Access = Access.READ,
              written: bool = False) -> Watch:
        """Follow names: yields an Opened of what stands at each of them at
        once, and another one whenever another file stands there.

        written tells also when the same file has been written.  The paths are
        absolute.  At most 64 names can be watched in a session, and the next
        result of a name comes only after the last one was taken.
        """
        if int(access) & (Access.CREATE | Access.EXCLUSIVE | Access.TRUNCATE):
            raise ValueError("a watch neither makes nor empties a file")
        places = [(os.fsdecode(path), self._place(path, None)[1])
                  for path in paths]
        return Watch(self._engine, access, written, places)

    # Rights.

    def limit(self, policy: str) -> None:
        """Give up rights of the session, until it ends.

        policy has lines with permit and deny, as a role in fdbroker.conf(5).
        From now on these rules must permit, too.  If the policy is wrong,
        `rule' of the exception names the line.
        """
        text = os.fsencode(policy)
        if b"\0" in text:
            raise ValueError("embedded null byte")
        if len(text) > _wire.POLICY_MAX or (
                _wire.HEADER_SIZE + 2 + len(text) > self.info.bytes):
            raise _errors.local(errno.E2BIG, None, Reason.LIMIT)
        pending = self._engine.request(Type.LIMIT,
                                       [Writer().string(text).bytes()])
        self._engine.wait(pending)
        status = pending.items.popleft().status
        if status.error:
            raise _errors.from_status(status, None)

    # Changes.

    def create(self, path: StrPath, mode: int = 0o600, *,
               dir: Optional[Directory] = None) -> PendingFile:
        """Make a regular file, which gets this name when it is committed."""
        if not 0 <= mode <= 0o777:
            raise ValueError(f"no such mode: {mode:o}")
        base, name = self._place(path, dir)
        item = change(self._engine, Change.CREATE,
                      Writer().u32(base).u32(mode).string(name),
                      os.fsdecode(path))
        return PendingFile(self, path, dir, item)

    def mkdir(self, path: StrPath, *, over: Over = Over.REFUSE,
              dir: Optional[Directory] = None) -> bool:
        """Make a directory, or take one that is there.  True if it was made."""
        base, name = self._place(path, dir)
        return change(self._engine, Change.MKDIR,
                      Writer().u32(base).u8(0).u8(Over(over)).string(name),
                      os.fsdecode(path)).made

    def symlink(self, target: StrPath, path: StrPath, *,
                over: Over = Over.REFUSE, meta: Optional[Meta] = None,
                dir: Optional[Directory] = None) -> None:
        """Make a symbolic link that holds the text target."""
        base, name = self._place(path, dir)
        w = Writer().u32(base).u8(Over(over)).string(name)
        text = _wire.encode_name(os.fsencode(target))
        if not text:
            raise _errors.local(errno.ENOENT, os.fsdecode(path), Reason.NAME)
        w.string(text)
        change(self._engine, Change.SYMLINK, put_meta(w, meta),
               os.fsdecode(path))

    def link(self, target: StrPath, path: StrPath, *,
             over: Over = Over.REFUSE,
             dir: Optional[Directory] = None) -> None:
        """Give the file target another name."""
        base, name = self._place(path, dir)
        tobase, toname = self._place(target, dir)
        w = Writer().u32(base).u8(Over(over)).string(name)
        w.u32(tobase).string(toname)
        change(self._engine, Change.LINK, w, os.fsdecode(path))

    def mknod(self, path: StrPath, mode: int, device: int = 0, *,
              over: Over = Over.REFUSE, meta: Optional[Meta] = None,
              dir: Optional[Directory] = None) -> None:
        """Make a FIFO, a socket or a device; mode has the type."""
        if mode & ~0o170777 or stat.S_IFMT(mode) not in _NODES or (
                device and not stat.S_ISCHR(mode) and not stat.S_ISBLK(mode)):
            raise ValueError(f"no such object: {mode:o}, device {device}")
        base, name = self._place(path, dir)
        w = Writer().u32(base).u8(Over(over)).u32(mode)
        w.u32(os.major(device)).u32(os.minor(device)).string(name)
        change(self._engine, Change.MKNOD, put_meta(w, meta),
               os.fsdecode(path))

    def setmeta(self, path: StrPath, meta: Meta, *,
                dir: Optional[Directory] = None) -> None:
        """Set metadata of a directory."""
        base, name = self._place(path, dir)
        w = Writer().u32(base).string(name)
        change(self._engine, Change.SETMETA, put_meta(w, meta),
               os.fsdecode(path))

    def remove(self, path: StrPath, *,
               dir: Optional[Directory] = None) -> None:
        """Remove a name that is no directory."""
        self._remove(path, dir, 0)

    def rmdir(self, path: StrPath, *,
              dir: Optional[Directory] = None) -> None:
        """Remove an empty directory."""
        self._remove(path, dir, 1)

    def _remove(self, path: StrPath, dir: Optional[Directory],
                flags: int) -> None:
        base, name = self._place(path, dir)
        change(self._engine, Change.REMOVE,
               Writer().u32(base).u8(flags).string(name), os.fsdecode(path))


def _opened(name: str, item: Item) -> Opened:
    """A result of open_many()."""
    if item.status.error:
        return Opened(name, -1, None, _errors.from_status(item.status, name))
    assert item.descriptor is not None
    return Opened(name, item.descriptor.detach(), item.stat, None)
