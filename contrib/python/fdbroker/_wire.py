"""Encode and decode messages, as fdbroker-protocol(7) describes them.

Touches bytes only: no descriptor and no socket.
"""

from __future__ import annotations

import enum
import errno
import os
import struct
from typing import Dict, List, NamedTuple, Optional, Tuple

MAGIC = 0x46444231
VERSION = 1
MORE = 0x1

MESSAGE_MAX = 73728     # of what a client sends
REPLY_MAX = 61440       # of what a broker sends
POLICY_MAX = 57344
WATCHES_MAX = 64
BATCH_MAX = 253
NAME_MAX = 4095
COMPONENT_MAX = 255
TEXT_MAX = 255
XATTR_VALUE_MAX = 65536
XATTRS_MAX = 128

# Integers have the machine's byte order, without padding.
_HEADER = struct.Struct("=IHHIHHIII")
HEADER_SIZE = _HEADER.size
_STAT = struct.Struct("=8I3Q4q4I")
_U8 = struct.Struct("=B")
_U16 = struct.Struct("=H")
_U32 = struct.Struct("=I")
_U64 = struct.Struct("=Q")
_I64 = struct.Struct("=q")


class Type(enum.IntEnum):
    """The messages of a session."""

    HELLO = 1
    WELCOME = 2
    REFUSED = 3
    ENDED = 5
    OPEN = 16
    STAT = 17
    LIST = 18
    FORGET = 19
    WALK = 24
    CREDIT = 25
    CANCEL = 26
    CHANGE = 27
    WATCH = 28
    LIMIT = 29
    OPEN_REPLY = 32
    STAT_REPLY = 33
    LIST_REPLY = 34
    WALK_REPLY = 40
    CHANGED = 43
    WATCHED = 44
    LIMITED = 45


class _Row(NamedTuple):
    items: Tuple[int, int]
    fds: int            # at most; WELCOME has exactly one
    flags: int
    generation: bool


# What a client may receive.
_RECEIVED: Dict[int, _Row] = {
    Type.WELCOME: _Row((1, 1), 1, 0, False),
    Type.REFUSED: _Row((1, 1), 0, 0, False),
    Type.ENDED: _Row((1, 1), 0, 0, False),
    Type.OPEN_REPLY: _Row((1, BATCH_MAX), BATCH_MAX, MORE, True),
    Type.STAT_REPLY: _Row((1, BATCH_MAX), 0, MORE, True),
    Type.LIST_REPLY: _Row((0, 65535), 0, 0, True),
    Type.WALK_REPLY: _Row((1, 65535), BATCH_MAX, MORE, True),
    Type.CHANGED: _Row((1, BATCH_MAX), BATCH_MAX, MORE, True),
    Type.WATCHED: _Row((1, 1), 1, MORE, True),
    Type.LIMITED: _Row((1, 1), 0, 0, True),
}


class Reason(enum.IntEnum):
    """Who refused a request: the errno alone does not tell."""

    NONE = 0        # nobody
    POLICY = 1      # a rule of the role, or the lack of one
    KERNEL = 2      # a system call failed
    LIMIT = 3       # a limit of the session or of this process
    TYPE = 4        # a file of this type cannot be opened
    NAME = 5        # the name or the token is not valid


class Access(enum.IntFlag):
    """What a file is to be opened for."""

    READ = 1
    WRITE = 2
    APPEND = 4
    CREATE = 8
    EXCLUSIVE = 16
    TRUNCATE = 32
    NOFOLLOW = 64


class Confined(enum.IntFlag):
    """The layers of confinement of the session's opener."""

    NNP = 0x01
    PATHS = 0x02
    SYSCALLS = 0x04
    NODUMP = 0x08
    CLONE = 0x10
    CAPS = 0x20
    NAMESPACES = 0x40
    UID = 0x80


class Malformed(Exception):
    """A message breaks the protocol."""


class Header(NamedTuple):
    """The header of a message, without what was checked already."""

    type: int
    id: int
    items: int
    fds: int
    length: int
    flags: int
    generation: int

    @property
    def more(self) -> bool:
        return self.flags & MORE != 0


class Status(NamedTuple):
    """How an item ended."""

    error: int
    reason: Reason
    id: int
    where: str


class Info(NamedTuple):
    """What the broker announced at the start of a session."""

    id: int             # the session's number in the broker's log
    generation: int     # of the policy, at the start
    window: int         # most requests in flight
    batch: int          # most items in a request
    bytes: int          # most bytes in a message to the broker
    tokens: int         # most directories held at once
    confined: Confined  # the layers of the opener
    worker_uid: int     # user that a root client should become, or 0
    worker_gid: int
    role: str


class Stat(NamedTuple):
    """A file, with the names of os.stat_result.  Times are nanoseconds."""

    st_mode: int
    st_nlink: int
    st_uid: int
    st_gid: int
    st_dev: int
    st_rdev: int
    st_ino: int
    st_size: int
    st_blocks: int
    st_atime_ns: int
    st_mtime_ns: int
    st_ctime_ns: int
    st_birthtime_ns: Optional[int]  # None: the file system does not know

    @property
    def st_atime(self) -> float:
        return self.st_atime_ns / 1e9

    @property
    def st_mtime(self) -> float:
        return self.st_mtime_ns / 1e9

    @property
    def st_ctime(self) -> float:
        return self.st_ctime_ns / 1e9


class Reader:
    """The fields of one message.  Each getter raises Malformed at its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def raw(self, length: int) -> bytes:
        """The next bytes."""
        at = self._at
        if length > len(self._data) - at:
            raise Malformed("it ends within a field")
        self._at = at + length
        return self._data[at:at + length]

    def u8(self) -> int:
        return self.raw(1)[0]

    def u16(self) -> int:
        return int(_U16.unpack(self.raw(2))[0])

    def u32(self) -> int:
        return int(_U32.unpack(self.raw(4))[0])

    def u64(self) -> int:
        return int(_U64.unpack(self.raw(8))[0])

    def i64(self) -> int:
        return int(_I64.unpack(self.raw(8))[0])

    def string(self, most: int) -> str:
        """A str, as os.fsdecode() gives it."""
        length = self.u16()
        if length > most:
            raise Malformed("a text is too long")
        text = self.raw(length)
        if b"\0" in text:
            raise Malformed("a text has a NUL")
        return os.fsdecode(text)

    def component(self, empty: bool = False) -> str:
        """The name of an entry of a directory."""
        name = self.string(COMPONENT_MAX)
        if "/" in name or name in (".", "..") or (not name and not empty):
            raise Malformed("a name is not one component")
        return name

    def status(self) -> Status:
        error = self.u32()
        number = self.u8()
        refusal = self.u32()
        where = self.string(TEXT_MAX)
        try:
            reason = Reason(number)
        except ValueError:
            raise Malformed("an unknown reason") from None
        if error > 0x7fffffff or (error == 0) != (reason == Reason.NONE):
            raise Malformed("a status contradicts itself")
        return Status(error, reason, refusal, where)

    def stat(self) -> Stat:
        f = _STAT.unpack(self.raw(_STAT.size))
        nsec = f[15:19]
        if any(n > 999999999 for n in nsec[:3]):
            raise Malformed("a time is not valid")
        birth = f[14] * 1000000000 + nsec[3]
        return Stat(f[0], f[1], f[2], f[3], os.makedev(f[4], f[5]),
                    os.makedev(f[6], f[7]), f[8], f[9], f[10],
                    f[11] * 1000000000 + nsec[0],
                    f[12] * 1000000000 + nsec[1],
                    f[13] * 1000000000 + nsec[2],
                    birth if nsec[3] <= 999999999 else None)

    def info(self) -> Info:
        numbers = self.u32(), self.u64()
        window, batch, most, tokens = (self.u32() for _ in range(4))
        confined = Confined(self.u32() & 0xff)
        uid, gid = self.u32(), self.u32()
        role = self.string(63)
        if not (1 <= window <= 64 and 1 <= batch <= BATCH_MAX and
                8192 <= most <= MESSAGE_MAX and tokens >= 1 and
                (uid == 0) == (gid == 0)):
            raise Malformed("a limit is out of bounds")
        return Info(*numbers, window, batch, most, tokens, confined, uid,
                    gid, role)

    def end(self) -> None:
        """Refuse bytes after the last field."""
        if self._at != len(self._data):
            raise Malformed("bytes follow its last field")


class Writer:
    """Collect the fields of a message."""

    def __init__(self) -> None:
        self._parts: List[bytes] = []

    def _put(self, field: struct.Struct, value: int) -> Writer:
        try:
            self._parts.append(field.pack(value))
        except struct.error:
            raise ValueError(f"out of range: {value!r}") from None
        return self

    def u8(self, value: int) -> Writer:
        return self._put(_U8, value)

    def u16(self, value: int) -> Writer:
        return self._put(_U16, value)

    def u32(self, value: int) -> Writer:
        return self._put(_U32, value)

    def i64(self, value: int) -> Writer:
        return self._put(_I64, value)

    def string(self, text: bytes) -> Writer:
        self._parts.append(_U16.pack(len(text)) + text)
        return self

    def raw(self, data: bytes) -> Writer:
        self._parts.append(data)
        return self

    def bytes(self) -> bytes:
        return b"".join(self._parts)


def message(kind: Type, request: int, items: int, body: bytes,
            flags: int = 0) -> bytes:
    """A message to the broker, which never has descriptors."""
    return _HEADER.pack(MAGIC, VERSION, kind, request, items, 0,
                        HEADER_SIZE + len(body), flags, 0) + body


def peek(data: bytes) -> Header:
    """The header of a message, after the checks that need no other field."""
    if len(data) < HEADER_SIZE:
        raise Malformed("it is shorter than a header")
    magic, version, *rest = _HEADER.unpack_from(data)
    head = Header(*rest)
    if magic != MAGIC:
        raise Malformed("wrong magic")
    if version != VERSION:
        raise Malformed("another version of the protocol")
    row = _RECEIVED.get(head.type)
    if row is None:
        raise Malformed("a type that no broker sends")
    if head.flags & ~row.flags or (head.generation and not row.generation):
        raise Malformed("reserved bits are set")
    if not row.items[0] <= head.items <= row.items[1]:
        raise Malformed("wrong number of items")
    if head.fds > row.fds or (head.type == Type.WELCOME and head.fds != 1):
        raise Malformed("wrong number of descriptors")
    if head.length != len(data) or head.length > REPLY_MAX:
        raise Malformed("wrong length")
    return head


def parse(data: bytes, fds: int) -> Tuple[Header, Reader]:
    """Check the header of a message that came with that many descriptors."""
    head = peek(data)
    if head.fds != fds:
        raise Malformed("descriptors announced and sent differ")
    return head, Reader(data[HEADER_SIZE:])


def encode_name(name: bytes) -> bytes:
    """Refuse a name that would make the message malformed."""
    if b"\0" in name:
        raise ValueError("embedded null byte")
    if len(name) > NAME_MAX:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG),
                      os.fsdecode(name))
    return name
