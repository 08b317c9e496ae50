"""A fake broker, which says what a test lets it say."""

from __future__ import annotations

import array
import os
import socket
import struct
import tempfile
import threading
from typing import Callable, List, Optional, Sequence

from fdbroker import Session

HEADER = struct.Struct("=IHHIHHIII")
STAT = bytes(104)


def message(kind: int, request: int = 0, items: int = 1, body: bytes = b"",
            fds: int = 0, flags: int = 0, magic: int = 0x46444231,
            version: int = 1, length: Optional[int] = None,
            generation: int = 0) -> bytes:
    """A message, right or wrong."""
    if length is None:
        length = HEADER.size + len(body)
    return HEADER.pack(magic, version, kind, request, items, fds, length,
                       flags, generation) + body


def string(text: bytes) -> bytes:
    return struct.pack("=H", len(text)) + text


def status(error: int = 0, reason: int = 0, number: int = 0,
           where: bytes = b"") -> bytes:
    return struct.pack("=IBI", error, reason, number) + string(where)


def welcome(window: int = 8, batch: int = 253, most: int = 73728,
            role: bytes = b"role") -> bytes:
    """The body of WELCOME."""
    return struct.pack("=IQIIIIIII", 1, 1, window, batch, most, 256, 0xff, 0,
                       0) + string(role)


def send(sock: socket.socket, data: bytes, fds: Sequence[int] = ()) -> None:
    """Send a message with descriptors."""
    control = []
    if fds:
        control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                    array.array("i", fds).tobytes())]
    sock.sendmsg([data], control)


class Broker:
    """Serves one session in a thread, in a directory of its own."""

    def __init__(self, serve: Callable[[socket.socket, socket.socket], None],
                 answer: Optional[Callable[[socket.socket], None]] = None
                 ) -> None:
        self.dir = tempfile.TemporaryDirectory(prefix="fdb.")
        self.path = os.path.join(self.dir.name, "sock")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(self.path)
        self._listener.listen(5)
        self._serve = serve
        self._answer = answer
        self.failed: List[BaseException] = []
        self._begun = threading.Event()
        # A test that fails may leave it waiting for a request.
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            conn, _ = self._listener.accept()
        except OSError:
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with conn, ours, theirs:
            try:
                conn.recv(1000)
                if self._answer is not None:
                    self._answer(conn)
                    return
                send(conn, message(2, body=welcome(), fds=1),
                     [theirs.fileno()])
                theirs.close()
                self._begun.set()
                self._serve(conn, ours)
            except BaseException as e:
                self.failed.append(e)

    def __enter__(self) -> Broker:
        self._thread.start()
        return self

    def session(self, timeout: Optional[float] = 10) -> Session:
        """Begin one; the thread opens and closes nothing more then."""
        session = Session("role", self.path, timeout)
        self._begun.wait(30)
        return session

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(30)
        self._listener.close()
        self.dir.cleanup()
