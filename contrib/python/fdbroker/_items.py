"""What callers get: descriptors that are closed in time, entries, files."""

from __future__ import annotations

import os
import stat as _stat
from typing import IO, Any, Optional

from ._errors import BrokerError
from ._wire import Stat


class Descriptor:
    """An open descriptor, or none.

    It is closed when the object is closed or collected, unless open() or
    detach() has passed it on.
    """

    def __init__(self, fd: int = -1) -> None:
        self._fd = fd

    def fileno(self) -> int:
        """The descriptor, which stays the object's.  ValueError if none."""
        if self._fd == -1:
            raise ValueError("there is no open descriptor")
        return self._fd

    @property
    def has_descriptor(self) -> bool:
        """True if there is a descriptor."""
        return self._fd != -1

    def detach(self) -> int:
        """The descriptor, which is the caller's to close from now on."""
        fd = self.fileno()
        self._fd = -1
        return fd

    def open(self, mode: str = "rb", **options: Any) -> IO[Any]:
        """A file object that owns the descriptor; options as of open()."""
        file = os.fdopen(self.fileno(), mode, **options)
        self._fd = -1
        return file

    def close(self) -> None:
        """Close the descriptor, if it is still here."""
        fd, self._fd = self._fd, -1
        if fd != -1:
            os.close(fd)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        try:
            self.close()
        except OSError:
            pass


class Opened(Descriptor):
    """One result of open_many()."""

    def __init__(self, path: str, fd: int, stat: Optional[Stat],
                 error: Optional[BrokerError]) -> None:
        super().__init__(fd)
        self.path = path
        self.stat = stat        # None if there is an error
        self.error = error

    def check(self) -> Opened:
        """Raise the error, if there is one."""
        if self.error is not None:
            raise self.error
        return self


class Entry:
    """One entry of a directory, as os.DirEntry, without another request."""

    def __init__(self, name: str, path: str, stat: Stat, link: str,
                 error: Optional[BrokerError]) -> None:
        self.name = name
        self.path = path
        self.link = link        # target of a symbolic link, or ""
        self.error = error      # it exists, but nothing else is known
        self._stat = stat

    def stat(self) -> Stat:
        """The entry, or the symbolic link itself."""
        if self.error is not None:
            raise self.error
        return self._stat

    def is_dir(self) -> bool:
        return _stat.S_ISDIR(self._stat.st_mode)

    def is_file(self) -> bool:
        return _stat.S_ISREG(self._stat.st_mode)

    def is_symlink(self) -> bool:
        return _stat.S_ISLNK(self._stat.st_mode)

    def __repr__(self) -> str:
        return f"<Entry {self.name!r}>"
