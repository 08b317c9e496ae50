"""Against the daemon that tests/regress/python.t starts: its policy and tree
are there.  FDB_TEST_SOCKET is its rendezvous."""

from __future__ import annotations

import errno
import gc
import os
import stat
import unittest
from typing import Callable, List

import fdbroker
from fdbroker import (Access, Meta, Over, PolicyDenied, Reason, Session,
                      WalkFlag, WalkKind)

SOCKET = os.environ.get("FDB_TEST_SOCKET", "")
DATA = os.environ.get("FDB_TEST_DATA", "")
DEST = os.environ.get("FDB_TEST_DEST", "")
MANY = 600


def open_fds() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


@unittest.skipUnless(SOCKET, "FDB_TEST_SOCKET is not set")
class Daemon(unittest.TestCase):
    role = "reader"

    def setUp(self) -> None:
        self.before = open_fds()
        self.broker = Session(self.role, SOCKET)

    def tearDown(self) -> None:
        self.broker.close()
        self.assertEqual(open_fds(), self.before)


class Sessions(Daemon):
    def test_info(self) -> None:
        info = self.broker.info
        self.assertEqual(info.role, "reader")
        self.assertGreaterEqual(info.window, 1)
        self.assertTrue(info.confined & fdbroker.Confined.SYSCALLS)

    def test_no_such_role(self) -> None:
        with self.assertRaises(fdbroker.Refused) as caught:
            Session("nobody", SOCKET)
        self.assertEqual(caught.exception.errno, errno.ENOENT)

    def test_not_admitted(self) -> None:
        with self.assertRaises(fdbroker.Refused) as caught:
            Session("others", SOCKET)
        self.assertEqual(caught.exception.errno, errno.EACCES)

    def test_no_name_of_a_role(self) -> None:
        for role in ("", "my role", "-r", "r\n", "\u00e9", "r" * 64):
            with self.assertRaises(ValueError, msg=role):
                Session(role, SOCKET)

    def test_closed(self) -> None:
        self.broker.close()
        self.assertTrue(self.broker.closed)
        with self.assertRaises(fdbroker.SessionError):
            self.broker.stat(DATA + "/file")


class Files(Daemon):
    def test_open(self) -> None:
        with self.broker.open(DATA + "/file") as file:
            self.assertEqual(file.read(), "hello\n")
        with self.broker.open(DATA + "/file", "rb", buffering=0) as file:
            self.assertFalse(os.get_inheritable(file.fileno()))
            self.assertEqual(file.read(), b"hello\n")

    def test_open_fd(self) -> None:
        fd = self.broker.open_fd(os.fsencode(DATA + "/file"))
        self.assertEqual(os.read(fd, 100), b"hello\n")
        os.close(fd)

    def test_stat(self) -> None:
        st = self.broker.stat(DATA + "/file")
        real = os.lstat(DATA + "/file")
        for name in ("st_mode", "st_nlink", "st_uid", "st_gid", "st_dev",
                     "st_rdev", "st_ino", "st_size", "st_blocks",
                     "st_mtime_ns", "st_ctime_ns"):
            self.assertEqual(getattr(st, name), getattr(real, name), name)
        self.assertTrue(stat.S_ISLNK(self.broker.stat(DATA + "/link").st_mode))
        self.assertEqual(self.broker.readlink(DATA + "/link"), "file")
        with self.assertRaises(OSError) as caught:
            self.broker.readlink(DATA + "/file")
        self.assertEqual(caught.exception.errno, errno.EINVAL)

    def test_denied(self) -> None:
        with self.assertRaises(PermissionError) as caught:
            self.broker.open(DATA + "/secret/file")
        error = caught.exception
        assert isinstance(error, PolicyDenied)
        self.assertEqual(error.errno, errno.EACCES)
        self.assertEqual(error.reason, Reason.POLICY)
        self.assertEqual(error.filename, DATA + "/secret/file")
        self.assertIn("no secrets", error.rule)
        self.assertNotEqual(error.id, 0)
        self.assertIn(f"[{error.id:x}]", str(error))

    def test_errors(self) -> None:
        for path, kind, reason in (
                ("/none", FileNotFoundError, Reason.KERNEL),
                ("/sub", IsADirectoryError, Reason.TYPE),
                ("/file/x", NotADirectoryError, Reason.KERNEL)):
            with self.assertRaises(kind) as caught:
                self.broker.open(DATA + path)
            assert isinstance(caught.exception, fdbroker.BrokerError)
            self.assertEqual(caught.exception.reason, reason)

    def test_names(self) -> None:
        for path, number in (("relative", errno.EINVAL),
                             (DATA + "//file", errno.EINVAL),
                             (DATA + "/../x", errno.EINVAL),
                             ("/" + 5000 * "x", errno.ENAMETOOLONG),
                             ("/" + 300 * "x", errno.EINVAL)):
            with self.assertRaises(OSError) as caught:
                self.broker.open(path)
            self.assertEqual(caught.exception.errno, number)
        with self.assertRaises(ValueError):
            self.broker.open(DATA + "/a\0b")
        self.assertFalse(self.broker.closed)

    def test_modes(self) -> None:
        # The broker is not asked: "wr" would have emptied the file.
        for mode in ("", "q", "rw", "wr", "r++", "rbt", "br+w", "rr", "rU"):
            with self.assertRaises(ValueError, msg=mode):
                self.broker.open(DATA + "/nothing", mode)

    def test_raw_names(self) -> None:
        raw = os.fsencode(DATA) + b"/sub/\xff\xfe"
        with self.broker.open(raw, "rb") as file:
            self.assertEqual(file.read(), b"raw\n")
        self.assertIn(os.fsdecode(b"\xff\xfe"),
                      [e.name for e in self.broker.scandir(DATA + "/sub")])


class Many(Daemon):
    def names(self) -> List[str]:
        return [f"{DATA}/many/{i}" for i in range(MANY)]

    def test_in_order(self) -> None:
        names = self.names()
        names[7] = DATA + "/secret/file"
        names[300] = "not absolute"
        names[599] = DATA + "/many/none"
        for ahead in (1, 2, 7, 128, 2000):
            errors = {}
            got = []
            for one in self.broker.open_many(names, ahead=ahead):
                got.append(one.path)
                if one.error is not None:
                    errors[one.path] = one.error.errno
                    with self.assertRaises(fdbroker.BrokerError):
                        one.check()
                    continue
                with one.check().open("r") as file:
                    self.assertEqual(file.read(), one.path[-5:])
            self.assertEqual(got, names)
            self.assertEqual(errors, {names[7]: errno.EACCES,
                                      names[300]: errno.EINVAL,
                                      names[599]: errno.ENOENT})

    def test_bounded(self) -> None:
        results = self.broker.open_many(iter(self.names()), ahead=20)
        for one in results:
            self.assertLess(open_fds() - self.before, 30)
            one.close()

    def test_nested_and_abandoned(self) -> None:
        names = self.names()
        with self.broker.scandir(DATA + "/many") as directory:
            for i, one in enumerate(self.broker.open_many(names)):
                self.assertEqual(self.broker.stat(one.path).st_size, 5)
                next(directory)
                if i == 50:
                    break
        with self.broker.open(DATA + "/file") as file:
            self.assertEqual(file.read(), "hello\n")

    def test_long_names(self) -> None:
        deep = "/".join(["x" * 200] * 19)
        for one in self.broker.open_many([f"{DATA}/{deep}"] * 100):
            assert one.error is not None
            self.assertEqual(one.error.errno, errno.ENOENT)


class Directories(Daemon):
    def test_scandir(self) -> None:
        entries = {e.name: e for e in self.broker.scandir(DATA)}
        self.assertEqual(sorted(entries),
                         ["fifo", "file", "link", "many", "sub"])
        self.assertTrue(entries["sub"].is_dir())
        self.assertTrue(entries["file"].is_file())
        self.assertTrue(entries["link"].is_symlink())
        self.assertEqual(entries["link"].link, "file")
        self.assertEqual(entries["file"].path, DATA + "/file")
        self.assertEqual(entries["file"].stat().st_size, 6)

    def test_many_parts(self) -> None:
        self.assertEqual(
            sorted(e.name for e in self.broker.scandir(DATA + "/many")),
            sorted(str(i) for i in range(MANY)))

    def test_base(self) -> None:
        with self.broker.scandir(DATA) as directory:
            list(directory)
            with self.broker.open("file", dir=directory) as file:
                self.assertEqual(file.read(), "hello\n")
            self.assertEqual(
                self.broker.stat("sub", dir=directory).st_mode & 0o170000,
                stat.S_IFDIR)
            [one] = self.broker.open_many(["file"], dir=directory)
            one.close()
            with self.broker.scandir("sub", dir=directory) as sub:
                self.assertIn("other", [e.name for e in sub])
        with self.assertRaises(ValueError):
            self.broker.open("file", dir=directory)

    def test_tokens_are_given_back(self) -> None:
        for i in range(3 * self.broker.info.tokens):
            listing = self.broker.scandir(DATA + "/sub")
            if i % 3 == 0:
                list(listing)
            elif i % 3 == 1:
                listing.close()

    def test_errors(self) -> None:
        with self.assertRaises(NotADirectoryError):
            self.broker.scandir(DATA + "/file")
        with self.assertRaises(PolicyDenied):
            self.broker.scandir(DATA + "/secret")


class Walks(Daemon):
    def test_tree(self) -> None:
        for flags in (WalkFlag(0), WalkFlag.XATTR | WalkFlag.READAHEAD):
            seen = {}
            for one in self.broker.walk(DATA, flags=flags, ahead=1):
                if one.kind != WalkKind.ENTRY:
                    continue
                assert one.stat is not None
                if stat.S_ISREG(one.stat.st_mode):
                    with one.open("rb") as file:
                        seen[one.path] = file.read()
                else:
                    seen[one.path] = b""
            self.assertEqual(len(seen), MANY + 8)
            self.assertEqual(seen["file"], b"hello\n")
            self.assertEqual(seen["sub/other"], b"other\n")
            self.assertNotIn("secret", seen)

    def test_attributes(self) -> None:
        [one] = self.broker.walk(DATA + "/sub/other", flags=WalkFlag.XATTR)
        if "FDB_TEST_XATTR" not in os.environ:
            self.skipTest("the file has no extended attributes")
        self.assertEqual(one.xattrs["user.big"], 3000 * b"v")
        self.assertEqual(one.xattrs["user.small"], b"1")
        self.assertEqual(one.xattr_errors, {})

    def test_flags(self) -> None:
        for one in self.broker.walk(DATA, flags=WalkFlag.NO_OPEN,
                                    exclude=["many/", "/sub/o*"]):
            self.assertFalse(one.has_descriptor)
            self.assertFalse(one.path.startswith("many/"))
            if one.kind == WalkKind.SKIPPED:
                self.assertEqual(one.skip, fdbroker.Skip.EXCLUDED)
        newer = os.lstat(DATA + "/file").st_mtime_ns + 3600 * 1000000000
        files = [one for one in self.broker.walk(DATA, since_ns=newer)
                 if one.path == "file"]
        self.assertTrue(files[0].unchanged)

    def test_base(self) -> None:
        with self.broker.scandir(DATA) as directory:
            walk = self.broker.walk("sub", dir=directory)
        self.assertIn("other", [one.path for one in walk])

    def test_break(self) -> None:
        for _ in range(20):
            with self.broker.walk(DATA, ahead_bytes=65536, ahead=8) as walk:
                next(walk)
            next(self.broker.walk(DATA))
        self.assertEqual(self.broker.stat(DATA + "/file").st_size, 6)

    def test_errors(self) -> None:
        for path, kind in (("/none", FileNotFoundError),
                           ("/secret", PolicyDenied)):
            with self.assertRaises(kind):
                list(self.broker.walk(DATA + path))
        with self.assertRaises(OSError) as caught:
            list(self.broker.walk(DATA, exclude=["[" * 300]))
        self.assertEqual(caught.exception.errno, errno.EINVAL)

    def test_many_patterns(self) -> None:
        patterns = [f"{i}-" + "x" * 100 for i in range(2000)]
        self.assertEqual(len(list(self.broker.walk(
            DATA + "/sub", exclude=patterns, if_present=["none"]))), 4)


class Writing(Daemon):
    role = "writer"

    def test_modes(self) -> None:
        path = DEST + "/modes"
        with self.broker.open(path, "x") as file:
            file.write("one\n")
        with self.assertRaises(FileExistsError):
            self.broker.open(path, "xb")
        with self.broker.open(path, "a") as file:
            file.write("two\n")
        with self.broker.open(path, "r+") as file:
            self.assertEqual(file.read(), "one\ntwo\n")
        with self.broker.open(path, "w+b") as file:
            self.assertEqual(file.read(), b"")
        with self.assertRaises(FileNotFoundError):
            self.broker.open_fd(DEST + "/none", Access.WRITE)

    def test_create(self) -> None:
        path = DEST + "/created"
        with self.broker.create(path, 0o640) as pending:
            with pending.open("wb") as file:
                file.write(b"contents")
            pending.commit(meta=Meta(mode=0o604, mtime_ns=1000000000123456789))
        st = self.broker.stat(path)
        self.assertEqual((stat.S_IMODE(st.st_mode), st.st_mtime_ns),
                         (0o604, 1000000000123456789))
        with self.broker.create(path) as pending:
            with self.assertRaises(FileExistsError):
                pending.commit()
            pending.commit(Over.REPLACE)
            with self.assertRaises(ValueError):
                pending.commit()
        with self.broker.create(path) as pending:
            pass
        self.assertEqual(self.broker.stat(path).st_size, 0)

    def test_names(self) -> None:
        base = DEST + "/names"
        self.assertTrue(self.broker.mkdir(base))
        self.assertFalse(self.broker.mkdir(base))
        self.broker.symlink("nowhere", base + "/link")
        self.assertEqual(self.broker.readlink(base + "/link"), "nowhere")
        self.broker.mknod(base + "/fifo", stat.S_IFIFO | 0o600,
                          meta=Meta(mtime_ns=5))
        self.assertEqual(self.broker.stat(base + "/fifo").st_mtime_ns, 5)
        with self.broker.create(base + "/file") as pending:
            pending.commit()
        self.broker.link(base + "/file", base + "/name")
        self.assertEqual(self.broker.stat(base + "/name").st_nlink, 2)
        self.broker.setmeta(base, Meta(mode=0o711))
        self.assertEqual(
            stat.S_IMODE(self.broker.stat(base).st_mode), 0o711)
        with self.assertRaises(OSError):
            self.broker.rmdir(base)
        for name in ("link", "fifo", "file", "name"):
            self.broker.remove(f"{base}/{name}")
        self.broker.rmdir(base)
        with self.assertRaises(FileNotFoundError):
            self.broker.stat(base)

    def test_denied(self) -> None:
        with self.assertRaises(PolicyDenied) as caught:
            self.broker.create(DATA + "/new")
        self.assertNotEqual(caught.exception.rule, "")

    def test_bad_values(self) -> None:
        """What no broker would take is refused here: a message that is
        malformed would end the session."""
        path = DEST + "/bad"
        bad: List[Callable[[], object]] = [
            lambda: self.broker.setmeta(DEST, Meta(mode=0o10000)),
            lambda: self.broker.setmeta(DEST, Meta(owner=(-1, 0))),
            lambda: self.broker.setmeta(DEST, Meta(mtime_ns=1 << 100)),
            lambda: self.broker.setmeta(DEST, Meta(xattrs={"": b""})),
            lambda: self.broker.create(path, 0o4755),
            lambda: self.broker.mknod(path, 0o600),
            lambda: self.broker.mknod(path, stat.S_IFREG | 0o600),
            lambda: self.broker.mknod(path, stat.S_IFIFO | 0o4600),
            lambda: self.broker.mknod(path, stat.S_IFIFO | 0o600, 5),
            lambda: self.broker.mkdir(path, over=Over(7)),
            lambda: self.broker.mkdir(path, over=7),  # type: ignore
            lambda: self.broker.walk(DEST, flags=WalkFlag(0x80)),
            lambda: self.broker.walk(DEST, flags=WalkFlag.SINCE),
            lambda: self.broker.walk(DEST, ahead=0),
            lambda: self.broker.walk(DEST, since_ns=1 << 100),
            lambda: self.broker.walk(DEST, exclude=[""]),
            lambda: self.broker.walk(DEST, if_present=["a/b"]),
            lambda: self.broker.open_fd(path, Access(0x100))]
        for call in bad:
            with self.assertRaises(ValueError):
                call()
        refused: List[Callable[[], object]] = [
            lambda: self.broker.symlink("", path),
            lambda: self.broker.mkdir(""),
            lambda: self.broker.mkdir("/"),
            lambda: self.broker.remove(DEST + "//x"),
            lambda: self.broker.create(path + "/.."),
            lambda: self.broker.open_fd(path, Access(0)),
            lambda: self.broker.open_fd(path, Access.WRITE | Access.APPEND),
            lambda: self.broker.walk(DEST, exclude=["x"] * 20000).close(),
            lambda: list(self.broker.walk(DEST, if_present=[".."])),
            lambda: self.broker.setmeta(
                DEST, Meta(xattrs={f"user.{i}": b"" for i in range(129)})),
            lambda: self.broker.setmeta(
                DEST, Meta(xattrs={"user.x": bytes(65536)}))]
        for call in refused:
            try:
                call()
            except OSError as e:
                self.assertNotIsInstance(e, fdbroker.SessionError)
        self.assertFalse(self.broker.closed)
        self.assertEqual(stat.S_IFMT(self.broker.stat(DEST).st_mode),
                         stat.S_IFDIR)

    def test_preset(self) -> None:
        path = DEST + "/preset"
        with self.broker.create(path) as pending:
            if "FDB_TEST_XATTR" in os.environ:
                pending.preset({"user.first": b"1"})
                pending.commit(meta=Meta(xattrs={"user.second": b"2"}))
                self.assertEqual([os.getxattr(path, "user.first"),
                                  os.getxattr(path, "user.second")],
                                 [b"1", b"2"])
            pending.abandon()
            with self.assertRaises(ValueError):
                pending.preset({})

    def test_large_message(self) -> None:
        """An attribute of 65536 bytes fits into a message to the broker."""
        self.assertGreater(self.broker.info.bytes, 65536 + 4096)
        with self.broker.create(DEST + "/large") as pending:
            try:
                pending.preset({"user.large": bytes(65536)})
            except fdbroker.BrokerError as e:
                # Few file systems take it; the request went there.
                self.assertNotIn(e.errno, (errno.E2BIG, errno.EPIPE))
        self.assertFalse(self.broker.closed)


class Watches(Daemon):
    role = "writer"

    def put(self, path: str, text: bytes) -> None:
        with self.broker.create(path) as pending:
            with pending.open("wb") as file:
                file.write(text)
            pending.commit(Over.REPLACE)

    def text_of(self, watch: fdbroker.Watch, path: str) -> bytes:
        one = next(watch).check()
        self.assertEqual(one.path, path)
        assert one.stat is not None
        self.assertFalse(os.get_inheritable(one.fileno()))
        self.assertEqual(os.fstat(one.fileno()).st_ino, one.stat.st_ino)
        with one.open() as file:
            text = file.read()
            assert isinstance(text, bytes)
            return text

    def assert_gone(self, watch: fdbroker.Watch) -> None:
        one = next(watch)
        self.assertIsInstance(one.error, FileNotFoundError)
        self.assertFalse(one.has_descriptor)
        self.assertIsNone(one.stat)

    def test_replaced(self) -> None:
        path = DEST + "/watched"
        with self.broker.watch(path) as watch:
            self.assert_gone(watch)
            for text in (b"one", b"two"):
                self.put(path, text)
                self.assertEqual(self.text_of(watch, path), text)
            self.broker.remove(path)
            self.assert_gone(watch)
            self.assertIsNone(watch.take())
        self.assertEqual(list(watch), [])
        self.assertIsNone(watch.take(60))

    def test_written(self) -> None:
        path = DEST + "/written"
        self.put(path, b"one")
        with self.broker.watch(path, written=True) as watch:
            self.assertEqual(self.text_of(watch, path), b"one")
            with self.broker.open(path, "ab") as file:
                file.write(b"two")
            self.assertEqual(self.text_of(watch, path), b"onetwo")

    def test_several(self) -> None:
        names = [f"{DEST}/several{i}" for i in range(3)]
        for name in names:
            self.put(name, os.fsencode(name))
        with self.broker.watch(*names) as watch:
            seen = []
            for _ in names:
                with next(watch).check() as one:
                    seen.append(one.path)
            self.assertEqual(sorted(seen), names)
            self.put(names[1], b"new")
            self.assertEqual(self.text_of(watch, names[1]), b"new")

    def test_denied(self) -> None:
        with self.broker.watch("/etc/shadow") as watch:
            self.assertIsInstance(next(watch).error, PolicyDenied)
            self.assertIsNone(watch.take())

    def test_not_taken(self) -> None:
        """What was not taken is closed, and other requests go on."""
        watch = self.broker.watch(DATA + "/file")
        while not watch._queue:
            self.broker.stat(DATA + "/file")
        watch.close()
        del watch
        self.assertEqual(open_fds(), self.before + 2)

    def test_many(self) -> None:
        names = [f"{DEST}/none{i}" for i in range(64)]
        for _ in range(3):
            with self.broker.watch(*names) as watch:
                with self.assertRaises(OSError) as caught:
                    self.broker.watch(DATA + "/file")
                self.assertEqual(caught.exception.errno, errno.EMFILE)
                self.assert_gone(watch)

    def test_bad_values(self) -> None:
        with self.assertRaises(ValueError):
            self.broker.watch(DEST, access=Access.WRITE | Access.CREATE)
        for path in ("relative", DEST + "//x", "/"):
            with self.assertRaises(OSError) as caught:
                next(self.broker.watch(path))
            self.assertEqual(caught.exception.errno, errno.EINVAL)
        for access in (Access(0), Access.WRITE | Access.APPEND):
            watch = self.broker.watch(DATA + "/file", access=access)
            with self.assertRaises(OSError) as caught:
                next(watch)
            self.assertEqual(caught.exception.errno, errno.EINVAL)
            self.assertEqual(list(watch), [])


class Limits(Daemon):
    def test_narrower(self) -> None:
        with self.broker.watch(DATA + "/sub/other") as watch:
            next(watch).check().close()
            self.broker.limit(f'permit read "{DATA}/file"\n')
            self.assertIsInstance(next(watch).error, PolicyDenied)
        with self.broker.open(DATA + "/file") as file:
            self.assertEqual(file.read(), "hello\n")
        with self.assertRaises(PolicyDenied):
            self.broker.open(DATA + "/sub/other")

    def test_not_wider(self) -> None:
        self.broker.limit(f'permit read "{DATA}"')
        with self.assertRaises(PolicyDenied):
            self.broker.open(DATA + "/secret/file")

    def test_in_flight(self) -> None:
        """Requests that were sent before are answered by the wider policy."""
        results = self.broker.open_many([DATA + "/file"] * 3, ahead=2)
        next(results).check().close()
        self.broker.limit(f'permit read "{DATA}/sub"')
        next(results).check().close()
        self.assertIsInstance(next(results).error, PolicyDenied)

    def test_wrong(self) -> None:
        with self.assertRaises(OSError) as caught:
            self.broker.limit('permit read "/a"\npermit nothing "/b"\n')
        error = caught.exception
        assert isinstance(error, fdbroker.BrokerError)
        self.assertEqual((error.errno, error.reason),
                         (errno.EINVAL, Reason.NAME))
        self.assertIn("2", error.rule)
        with self.assertRaises(ValueError):
            self.broker.limit("\0")
        with self.assertRaises(OSError) as caught:
            self.broker.limit("#" * 57345)
        self.assertEqual(caught.exception.errno, errno.E2BIG)
        self.broker.open(DATA + "/file").close()

    def test_eight_times(self) -> None:
        rule = f'permit read "{DATA}/file"'
        for _ in range(8):
            self.broker.limit(rule)
        with self.assertRaises(OSError) as caught:
            self.broker.limit(rule)
        self.assertEqual(caught.exception.errno, errno.E2BIG)
        self.broker.open(DATA + "/file").close()


if __name__ == "__main__":
    unittest.main()
