"""Connect to a broker, and move messages over the sockets of a session.

A descriptor that arrives is either handed to the caller or closed, whatever
else is wrong with its message.
"""

from __future__ import annotations

import array
import errno
import os
import select
import socket
import stat
import struct
import sys
import time
from typing import List, NamedTuple, Optional, Tuple

from . import _errors, _wire
from ._wire import Malformed, Reason, Status, Type

_CLOEXEC: int = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
_NOSIGNAL: int = getattr(socket, "MSG_NOSIGNAL", 0)
# Room for as many descriptors as a message can have, whatever is expected: so
# MSG_CTRUNC means that some could not be installed.
_CONTROL = socket.CMSG_SPACE(_wire.BATCH_MAX * struct.calcsize("i"))
_PEERS = ".peers"


class Message(NamedTuple):
    """A message that arrived.  Its descriptors belong to who has it."""

    data: bytes
    fds: List[int]
    lost: bool          # descriptors were lost on the way


def close_all(fds: List[int]) -> None:
    """Close descriptors."""
    while fds:
        try:
            os.close(fds.pop())
        except OSError:
            pass


def _session_error(number: int, text: str,
                   path: Optional[str] = None) -> _errors.SessionError:
    return _errors.SessionError(number, text, path)


def receive(sock: socket.socket) -> Optional[Message]:
    """The next message, or None at the end of the connection.

    Raises BlockingIOError if there is none, OSError, or Malformed.
    """
    fds: List[int] = []
    try:
        data, control, flags, _ = sock.recvmsg(_wire.REPLY_MAX + 1, _CONTROL,
                                               _CLOEXEC)
        for level, kind, rights in control:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                numbers = array.array("i")
                usable = len(rights) - len(rights) % numbers.itemsize
                numbers.frombytes(rights[:usable])
                fds.extend(numbers)
        if not _CLOEXEC:
            for fd in fds:
                os.set_inheritable(fd, False)
        if flags & socket.MSG_TRUNC or len(data) > _wire.REPLY_MAX:
            raise Malformed("it is too long")
        if flags & socket.MSG_CTRUNC:
            close_all(fds)
            return Message(data, [], True)
        if not data and not fds:
            return None
        return Message(data, fds, False)
    except BaseException:
        close_all(fds)
        raise


def _peer_uid(sock: socket.socket) -> int:
    """The user who listens at the other end."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        raise OSError(errno.ENOTSUP, "cannot tell who listens there")
    cred = struct.unpack("3I", sock.getsockopt(socket.SOL_SOCKET, option, 12))
    return int(cred[0 if sys.platform.startswith("openbsd") else 1])


def _connect_one(path: str, deadline: Optional[float]) -> socket.socket:
    """Connect, and check who listens there."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        if deadline is not None:
            # 0 would mean for ever.
            left = max(deadline - time.monotonic(), 0.001)
            usec = max(int(left % 1 * 1000000), 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO,
                            struct.pack("@ll", int(left), usec))
        sock.connect(path)
        uid = _peer_uid(sock)
        if uid not in (0, os.geteuid()):
            raise PermissionError(errno.EPERM,
                                  f"the broker belongs to uid {uid}")
        return sock
    except BaseException:
        sock.close()
        raise


def _connect_peers(path: str,
                   deadline: Optional[float]) -> Optional[socket.socket]:
    """Connect to the socket for peers; None if the rendezvous must do.

    Somebody else who can create files there must not keep us from the
    rendezvous.
    """
    try:
        st = os.stat(path + _PEERS)
        if (not stat.S_ISSOCK(st.st_mode) or
                st.st_uid not in (0, os.geteuid())):
            return None
        return _connect_one(path + _PEERS, deadline)
    except BlockingIOError:
        raise
    except OSError:
        return None


def _connect(path: str, deadline: Optional[float]) -> socket.socket:
    """Connect as a peer, or else to the rendezvous."""
    try:
        return (_connect_peers(path, deadline) or
                _connect_one(path, deadline))
    except BlockingIOError:
        # The broker accepted nobody in time.
        raise _session_error(errno.ETIMEDOUT, "No broker answers",
                             path) from None
    except OSError as e:
        text = e.strerror or str(e)
        raise _session_error(e.errno or errno.EPROTO,
                             f"No broker: {text}", path) from e


def _poll(poller: select.poll, deadline: Optional[float]) -> bool:
    """Wait for an event; False after the time."""
    if deadline is None:
        poller.poll()
        return True
    left = deadline - time.monotonic()
    return bool(poller.poll(max(0, left) * 1000))


def _first(conn: socket.socket, path: str,
           deadline: Optional[float]) -> Message:
    """The broker's answer on the connection."""
    poller = select.poll()
    poller.register(conn, select.POLLIN)
    message: Optional[Message] = None
    # The kernel reports a reset once, before a message that is queued.
    for _ in range(2):
        if not _poll(poller, deadline):
            raise _session_error(errno.ETIMEDOUT, "No answer from the broker",
                                 path)
        try:
            message = receive(conn)
            break
        except ConnectionResetError:
            continue
    if message is None:
        raise _session_error(errno.ECONNRESET, "The broker closed the "
                             "connection without an answer", path)
    return message


def _welcome(message: Message, path: str,
             role: str) -> Tuple[_wire.Info, socket.socket]:
    """Take WELCOME and its socket, or raise what REFUSED says."""
    if message.lost:
        raise _session_error(errno.EMFILE, "Too many open files", path)
    head, fields = _wire.parse(message.data, len(message.fds))
    if head.type == Type.REFUSED:
        number, text = fields.u32(), fields.string(_wire.TEXT_MAX)
        fields.end()
        if not 0 < number < 4096:
            number = errno.EACCES
        raise _errors.Refused(number, f"Refused: {text}", path)
    if head.type != Type.WELCOME:
        raise Malformed("it is no answer to HELLO")
    info = fields.info()
    fields.end()
    if info.role != role:
        raise Malformed(f"it gives another role, {info.role!r}")
    # The object asks the kernel for domain and type.
    try:
        sock = socket.socket(fileno=message.fds[0])
    except OSError:
        raise Malformed("its descriptor is no socket") from None
    message.fds.clear()
    if sock.family != socket.AF_UNIX or sock.type != socket.SOCK_DGRAM:
        sock.close()
        raise Malformed("its descriptor is no datagram socket")
    return info, sock


class Channel:
    """The two sockets of a session."""

    def __init__(self, path: str, role: str,
                 timeout: Optional[float]) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        self._conn = _connect(path, deadline)
        self._sock: Optional[socket.socket] = None
        message: Optional[Message] = None
        try:
            hello = _wire.Writer().string(role.encode("ascii")).bytes()
            try:
                self._conn.send(_wire.message(Type.HELLO, 0, 1, hello),
                                _NOSIGNAL)
            except (BrokenPipeError, ConnectionResetError):
                pass    # it may have refused already
            self._conn.setblocking(False)
            message = _first(self._conn, path, deadline)
            self.info, self._sock = _welcome(message, path, role)
            self._sock.setblocking(False)
        except Malformed as e:
            self.close()
            raise _errors.ProtocolError(
                errno.EPROTO, f"Not a broker's answer: {e}", path) from None
        except BaseException:
            self.close()
            raise
        finally:
            if message is not None:
                close_all(message.fds)

    def close(self) -> None:
        """Close both sockets: that ends the session."""
        if self._sock is not None:
            self._sock.close()
        self._conn.close()

    def _poller(self, events: int) -> select.poll:
        assert self._sock is not None
        poller = select.poll()
        poller.register(self._sock, events)
        # Its end is reported without being asked for.
        poller.register(self._conn, 0)
        return poller

    def fileno(self) -> int:
        """The socket of the requests and replies."""
        assert self._sock is not None
        return self._sock.fileno()

    def try_send(self, data: bytes) -> bool:
        """Send; False if the socket takes no more at present."""
        assert self._sock is not None
        try:
            self._sock.send(data, _NOSIGNAL)
            return True
        except BlockingIOError:
            return False
        except OSError as e:
            if e.errno == errno.ENOBUFS:
                return False
            raise

    def wait_to_send(self) -> None:
        """Wait until try_send() or try_receive() has something to do."""
        self._poller(select.POLLIN | select.POLLOUT).poll()

    def _receive(self) -> Optional[Message]:
        """A message that is queued; None if there is none."""
        assert self._sock is not None
        for _ in range(2):
            try:
                message = receive(self._sock)
                if message is None:
                    raise Malformed("it is empty")
                return message
            except BlockingIOError:
                return None
            except ConnectionResetError:
                continue    # told once, before what is queued
        return None

    def try_receive(self) -> Optional[Message]:
        """A message, or None if none has arrived.

        Raises EOFError if the opener is gone and nothing is queued.
        """
        message = self._receive()
        if message is not None or not self._poller(0).poll(0):
            return message
        # It may have sent something before its end.
        message = self._receive()
        if message is None:
            raise EOFError
        return message

    def wait(self, deadline: Optional[float] = None) -> bool:
        """Wait until a message has arrived, or the opener is gone.  False if
        that has not happened at the deadline."""
        return _poll(self._poller(select.POLLIN), deadline)


def lost_status() -> Status:
    """The status of an item whose descriptor was lost."""
    return Status(errno.EMFILE, Reason.LIMIT, 0, "")
