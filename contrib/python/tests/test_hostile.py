"""A broker that breaks the protocol: a documented error, and nothing leaks."""

from __future__ import annotations

import errno
import gc
import os
import resource
import socket
import struct
import unittest
from typing import Callable, List, Optional, Sequence, Tuple

import fdbroker
from fdbroker import ProtocolError, Session, SessionError
from tests.fake import (HEADER, STAT, Broker, message, send, status, string,
                        welcome)

GOOD = status() + STAT


def open_fds() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def request_id(data: bytes) -> int:
    return int(HEADER.unpack_from(data)[3])


class Hostile(unittest.TestCase):
    """Descriptors are counted before and after each test."""

    def setUp(self) -> None:
        self.before = open_fds()

    def tearDown(self) -> None:
        self.assertEqual(open_fds(), self.before)

    def null(self, count: int = 1) -> List[int]:
        fds = [os.open("/dev/null", os.O_RDONLY) for _ in range(count)]
        for fd in fds:
            self.addCleanup(os.close, fd)
        self.before += count
        self.addCleanup(self.less, count)
        return fds

    def less(self, count: int) -> None:
        self.before -= count

    def answered(self, data: bytes, fds: Sequence[int] = ()) -> Exception:
        """Begin a session with this answer to HELLO: it must fail."""
        def answer(conn: socket.socket) -> None:
            if data or fds:
                send(conn, data, fds)

        with Broker(lambda a, b: None, answer) as broker:
            with self.assertRaises(SessionError) as caught:
                broker.session()
            self.assertEqual(broker.failed, [])
        return caught.exception

    def replied(self, reply: Callable[[int], bytes], fds: Sequence[int] = (),
                ask: Optional[Callable[[Session], object]] = None
                ) -> Exception:
        """Answer a request with this: it must fail."""
        def serve(conn: socket.socket, sock: socket.socket) -> None:
            send(sock, reply(request_id(sock.recv(61440))), fds)
            conn.recv(1)    # until the client ends the session

        with Broker(serve) as broker:
            with broker.session() as session:
                with self.assertRaises(fdbroker.BrokerError) as caught:
                    if ask is not None:
                        ask(session)
                    else:
                        session.open_fd("/file")
            self.assertEqual(broker.failed, [])
        return caught.exception


class Handshake(Hostile):
    def test_silence(self) -> None:
        error = self.answered(b"")
        self.assertEqual(getattr(error, "errno"), errno.ECONNRESET)

    def test_refused(self) -> None:
        body = struct.pack("=I", errno.EACCES) + string(b"no such user")
        error = self.answered(message(3, body=body))
        self.assertIsInstance(error, fdbroker.Refused)
        self.assertEqual(getattr(error, "errno"), errno.EACCES)
        self.assertIn("no such user", str(error))

    def test_wrong(self) -> None:
        body = welcome()
        a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        c, d = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.before += 4
        null = self.null(253)
        cases: List[Tuple[bytes, List[int]]] = [
            (message(2, body=body), []),
            (message(2, body=body, fds=1), []),
            (message(2, body=body, fds=1), null[:2]),
            (message(2, body=body, fds=2), null[:2]),
            (message(2, body=body, fds=1), null),
            (message(2, body=body, fds=1), null[:1]),
            (message(2, body=body, fds=1), [a.fileno()]),
            (message(2, body=body + b"x", fds=1), [c.fileno()]),
            (message(2, body=body[:-1], fds=1), [c.fileno()]),
            (message(2, body=welcome(role=b"other"), fds=1),
             [c.fileno()]),
            (message(2, body=welcome(window=0), fds=1), [c.fileno()]),
            (message(2, body=welcome(window=65), fds=1), [c.fileno()]),
            (message(2, body=welcome(batch=254), fds=1), [c.fileno()]),
            (message(2, body=welcome(most=73729), fds=1), [c.fileno()]),
            (message(2, body=body, fds=1, version=2), [c.fileno()]),
            (message(2, body=body, fds=1, magic=1), [c.fileno()]),
            (message(2, body=body, fds=1, flags=1), [c.fileno()]),
            (message(2, body=body, fds=1, items=2), [c.fileno()]),
            (message(2, body=body, fds=1, length=30), [c.fileno()]),
            (message(2, body=body, fds=1, generation=1), [c.fileno()]),
            (message(32, body=GOOD, fds=1), null[:1]),
            (b"x", null[:1]),
            (b"", null[:1]),
            (bytes(70000), null[:1])]
        for data, fds in cases:
            with self.subTest(data=data[:40]):
                self.assertIsInstance(self.answered(data, fds),
                                      ProtocolError)
        for sock in (a, b, c, d):
            sock.close()
        self.before -= 4

    def test_nobody(self) -> None:
        with self.assertRaises(SessionError) as caught:
            Session("role", "/nonexistent/socket")
        self.assertEqual(caught.exception.errno, errno.ENOENT)
        with self.assertRaises(SessionError):
            Session("role", "/" + 120 * "x")

    def test_no_answer_in_time(self) -> None:
        def answer(conn: socket.socket) -> None:
            conn.recv(1)

        with Broker(lambda a, b: None, answer) as broker:
            with self.assertRaises(SessionError) as caught:
                broker.session(0.01)
        self.assertEqual(caught.exception.errno, errno.ETIMEDOUT)

    def test_names_of_roles(self) -> None:
        for role in ("", 64 * "x", "\u00e4"):
            with self.assertRaises(ValueError):
                Session(role, "/nonexistent/socket")


class Replies(Hostile):
    def assert_broken(self, reply: Callable[[int], bytes],
                      fds: Sequence[int] = ()) -> None:
        self.assertIsInstance(self.replied(reply, fds), ProtocolError)

    def test_wrong(self) -> None:
        null = self.null(253)
        cases: List[Tuple[Callable[[int], bytes], List[int]]] = [
            (lambda i: message(32, i, body=GOOD), null[:1]),
            (lambda i: message(32, i, body=GOOD), []),
            (lambda i: message(32, i, body=GOOD, fds=1), []),
            (lambda i: message(32, i, body=GOOD, fds=2), null[:2]),
            (lambda i: message(32, i, body=GOOD, fds=253), null),
            (lambda i: message(32, i, body=status(2, 2), fds=1),
             null[:1]),
            (lambda i: message(32, i + 1, body=GOOD, fds=1), null[:1]),
            (lambda i: message(32, i, 2, GOOD + GOOD, 2), null[:2]),
            (lambda i: message(32, i, 1, GOOD, 1, flags=1), null[:1]),
            (lambda i: message(33, i, body=GOOD + string(b"")), []),
            (lambda i: message(33, i, body=GOOD, fds=1), null[:1]),
            (lambda i: message(40, i, body=b"\5" + status()), []),
            (lambda i: message(16, i, body=GOOD), []),
            (lambda i: message(99, i, body=GOOD), []),
            (lambda i: message(32, i, body=GOOD + b"x", fds=1),
             null[:1]),
            (lambda i: message(32, i, body=GOOD[:-1], fds=1), null[:1]),
            (lambda i: message(32, i, body=status(0, 1) + STAT, fds=1),
             null[:1]),
            (lambda i: message(32, i, body=status(2, 0)), []),
            (lambda i: message(32, i, body=status(2, 9)), []),
            (lambda i: message(32, i, body=status(2, 2, 0, b"\0")), []),
            (lambda i: message(32, i, body=status(2, 2, 0, 256 * b"x")),
             []),
            (lambda i: message(32, i, 0), []),
            (lambda i: b"x", null[:1]),
            (lambda i: b"", []),
            (lambda i: b"", null[:1]),
            (lambda i: bytes(70000), null[:1])]
        for number, (reply, fds) in enumerate(cases):
            with self.subTest(number=number):
                self.assert_broken(reply, fds)

    def test_listings(self) -> None:
        def listing(name: bytes, token: int = 1, error: int = 0,
                    end: int = 1) -> bytes:
            return (status(error, 2 if error else 0) +
                    struct.pack("=IB", token, end) + string(name) + GOOD +
                    string(b""))

        for body in (listing(b""), listing(b"a/b"), listing(b".."),
                     listing(b"a\0b"), listing(256 * b"x"),
                     listing(b"a", token=0), listing(b"a", error=2),
                     listing(b"a", end=2)):
            with self.subTest(body=body[:30]):
                error = self.replied(lambda i: message(34, i, body=body),
                                     ask=lambda s: s.scandir("/dir"))
                self.assertIsInstance(error, ProtocolError)

    def test_walks(self) -> None:
        null = self.null(2)
        thing = STAT + struct.pack("=Q", 0)

        def entry(name: bytes, flags: int = 0, xattrs: int = 0) -> bytes:
            return (bytes([1, flags]) + string(name) + status() + thing +
                    string(b"") + struct.pack("=H", xattrs))

        def value(name: bytes, total: int, offset: int, piece: bytes) -> bytes:
            return (b"\2" + string(name) + status() +
                    struct.pack("=IIH", total, offset, len(piece)) + piece)

        leave = b"\3" + status() + thing + struct.pack("=Q", 0)
        end = b"\5" + status()
        cases: List[Tuple[List[bytes], List[int], int]] = [
            ([entry(b"x"), end], [], 0),
            ([entry(b"", 1), entry(b"x/y"), leave, end], [], 0),
            ([entry(b"", 1), entry(b".."), leave, end], [], 0),
            ([entry(b"", 1), entry(b""), leave, end], [], 0),
            ([entry(b"", 1), end], [], 0),
            ([entry(b""), leave, end], [], 0),
            ([entry(b""), entry(b"x"), end], [], 0),
            ([entry(b"", 2), end], [], 0),
            ([entry(b""), end], null[:1], 0),
            ([entry(b"", 2), end], null, 0),
            ([entry(b"", 3), end], null[:1], 0),
            ([entry(b"", 0, 1), end], [], 0),
            ([entry(b"", 0, 1), value(b"a", 2, 1, b"x"), end], [], 0),
            ([entry(b"", 0, 1), value(b"a", 2, 0, b"x"),
              value(b"b", 2, 1, b"x"), end], [], 0),
            ([entry(b"", 0, 1), value(b"a", 65537, 0, b"x"), end], [], 0),
            ([entry(b""), value(b"a", 1, 0, b"x"), end], [], 0),
            ([b"\4\1" + string(b"x") + thing, end], [], 0),
            ([b"\6"], [], 0),
            ([entry(b"")], [], 0),
            ([end], [], 1),
            ([end, end], [], 0)]
        for number, (records, fds, more) in enumerate(cases):
            with self.subTest(number=number):
                error = self.replied(
                    lambda i: message(40, i, len(records), b"".join(records),
                                      len(fds), more), fds,
                    lambda s: list(s.walk("/dir")))
                self.assertIsInstance(error, ProtocolError)

    def test_changes(self) -> None:
        def result(change: int, error: int = 0, refused: int = 0,
                   made: int = 0, number: int = 0) -> bytes:
            return (bytes([change]) + status(error, 2 if error else 0) +
                    struct.pack("=BBI", refused, made, number))

        for body in (result(9), result(4, made=2), result(4, refused=1),
                     result(4, error=2, number=1), result(4) + STAT):
            with self.subTest(body=body):
                error = self.replied(lambda i: message(43, i, body=body),
                                     ask=lambda s: s.mkdir("/dir"))
                self.assertIsInstance(error, ProtocolError)

    def test_limits(self) -> None:
        for body, fds in ((status() + STAT, 0), (status(2, 0), 0),
                          (status(), 1), (b"", 0)):
            with self.subTest(body=body):
                error = self.replied(
                    lambda i: message(45, i, body=body, fds=fds),
                    self.null(fds), lambda s: s.limit("permit read \"/\""))
                self.assertIsInstance(error, ProtocolError)

    def test_watches(self) -> None:
        null = self.null(2)
        cases: List[Tuple[Callable[[int], bytes], List[int]]] = [
            (lambda i: message(44, i + 1, body=GOOD, fds=1, flags=1),
             null[:1]),
            (lambda i: message(44, i, body=GOOD, fds=1), null[:1]),
            (lambda i: message(44, i, body=GOOD, flags=1), []),
            (lambda i: message(44, i, body=GOOD, fds=2, flags=1), null),
            (lambda i: message(44, i, body=GOOD + b"x", fds=1, flags=1),
             null[:1]),
            (lambda i: message(44, i, body=GOOD[:-1], fds=1, flags=1),
             null[:1]),
            (lambda i: message(44, i, body=status(2, 2), fds=1, flags=1),
             null[:1]),
            (lambda i: message(44, i, body=status()), []),
            (lambda i: message(44, i, 0, flags=1), []),
            (lambda i: message(44, i, 2, GOOD + GOOD, 1, 1), null[:1]),
            (lambda i: message(40, i, body=b"\5" + status()), [])]
        for number, (reply, fds) in enumerate(cases):
            with self.subTest(number=number):
                error = self.replied(reply, fds,
                                     lambda s: next(s.watch("/file")))
                self.assertIsInstance(error, ProtocolError)

    def watched(self, *messages: Tuple[bytes, Sequence[int]]
                ) -> Callable[[socket.socket, socket.socket], None]:
        """Serves a watch, whose number is 1, with these messages at once."""
        def serve(conn: socket.socket, sock: socket.socket) -> None:
            sock.recv(73728)
            for data, fds in messages:
                send(sock, data, fds)
            conn.recv(1)

        return serve

    def test_watch_without_credit(self) -> None:
        null = self.null(2)
        more = message(44, 1, body=GOOD, fds=1, flags=1)
        with Broker(self.watched((more, null[:1]), (more, null[1:]))
                    ) as broker, broker.session() as session:
            watch = session.watch("/file")
            with self.assertRaises(ProtocolError):
                session.stat("/file")
            # What came before that is still there.
            next(watch).check().close()
            with self.assertRaises(ProtocolError):
                next(watch)

    def test_watch_ends(self) -> None:
        """The last message needs no credit, and comes after the result."""
        null = self.null(1)
        last = message(44, 1, body=status(errno.EMFILE, 3))
        with Broker(self.watched(
                (message(44, 1, body=GOOD, fds=1, flags=1), null),
                (last, []), (last, []))) as broker:
            with broker.session() as session:
                watch = session.watch("/file")
                next(watch).check().close()
                with self.assertRaises(OSError) as caught:
                    next(watch)
                self.assertEqual(caught.exception.errno, errno.EMFILE)
                self.assertIsNone(watch.take(60))
                with self.assertRaises(ProtocolError):
                    session.stat("/file")   # an end that comes twice

    def test_watch_loses_descriptor(self) -> None:
        null = self.null(1)

        def serve(conn: socket.socket, sock: socket.socket) -> None:
            sock.recv(73728)
            send(sock, message(44, 1, body=GOOD, fds=1, flags=1), null)
            # It goes on: this is CREDIT.
            if HEADER.unpack_from(sock.recv(73728))[2] == 25:
                send(sock, message(44, 1, body=status(2, 2), flags=1))
            conn.recv(1)

        with Broker(serve) as broker, broker.session() as session:
            watch = session.watch("/file")
            limit = resource.getrlimit(resource.RLIMIT_NOFILE)
            free = os.dup(0)
            os.close(free)
            resource.setrlimit(resource.RLIMIT_NOFILE, (free, limit[1]))
            try:
                one = next(watch)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, limit)
            assert one.error is not None
            self.assertEqual((one.error.errno, one.error.reason),
                             (errno.EMFILE, fdbroker.Reason.LIMIT))
            self.assertIsInstance(next(watch).error, FileNotFoundError)

    def test_ended(self) -> None:
        body = struct.pack("=I", errno.ECANCELED) + string(b"by order")
        error = self.replied(lambda i: message(5, body=body))
        self.assertIsInstance(error, SessionError)
        self.assertEqual(getattr(error, "errno"), errno.ECANCELED)
        self.assertIn("by order", str(error))

    def test_gone(self) -> None:
        def serve(conn: socket.socket, sock: socket.socket) -> None:
            sock.recv(61440)

        with Broker(serve) as broker, broker.session() as session:
            for _ in range(2):
                with self.assertRaises(SessionError) as caught:
                    session.stat("/file")
                self.assertEqual(caught.exception.errno, errno.EPIPE)
            self.assertTrue(session.closed)

    def test_lost_descriptors(self) -> None:
        null = self.null(20)

        def serve(conn: socket.socket, sock: socket.socket) -> None:
            number = request_id(sock.recv(61440))
            send(sock, message(32, number, 20, 20 * GOOD, 20), null)
            conn.recv(1)

        with Broker(serve) as broker, broker.session() as session:
            limit = resource.getrlimit(resource.RLIMIT_NOFILE)
            free = os.dup(0)
            os.close(free)
            results = session.open_many(["/file"] * 20)
            resource.setrlimit(resource.RLIMIT_NOFILE, (free + 5, limit[1]))
            try:
                got = list(results)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, limit)
        self.assertEqual(len(got), 20)
        for one in got:
            self.assertFalse(one.has_descriptor)
            assert one.error is not None
            self.assertEqual(one.error.errno, errno.EMFILE)
            self.assertEqual(one.error.reason, fdbroker.Reason.LIMIT)

    def test_close_on_exec(self) -> None:
        null = self.null()

        def serve(conn: socket.socket, sock: socket.socket) -> None:
            number = request_id(sock.recv(61440))
            send(sock, message(32, number, body=GOOD, fds=1), null)
            conn.recv(1)

        with Broker(serve) as broker, broker.session() as session:
            fd = session.open_fd("/file")
            try:
                self.assertFalse(os.get_inheritable(fd))
                self.assertFalse(os.get_inheritable(
                    session._engine.channel.fileno()))
            finally:
                os.close(fd)

    def test_foreign_socket_for_peers(self) -> None:
        """What is no socket does not keep a client from the rendezvous."""
        with Broker(lambda conn, sock: None) as broker:
            with open(broker.path + ".peers", "w", encoding="ascii"):
                pass
            broker.session().close()


if __name__ == "__main__":
    unittest.main()
