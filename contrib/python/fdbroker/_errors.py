"""The exceptions: each is an OSError, and says who refused and by which rule."""

from __future__ import annotations

import errno as _errno
import os
from typing import Dict, Optional, Type

from ._wire import Reason, Status


class BrokerError(OSError):
    """The broker refused, or the session failed.

    errno and filename are as in other OSErrors.  reason says who refused;
    rule is the rule or the option that denied, or what failed, or "";
    id is the number under which fdbrokerctl explain finds the refusal, or 0.
    """

    rule: str = ""
    id: int = 0
    reason: Reason = Reason.NONE

    def __str__(self) -> str:
        text = super().__str__()
        if self.rule:
            text += f" ({self.rule})"
        if self.id:
            text += f" [{self.id:x}]"
        return text


class PolicyDenied(BrokerError, PermissionError):
    """The policy denied it; errno is EACCES, EXDEV or EEXIST."""


class NotFound(BrokerError, FileNotFoundError):
    """ENOENT."""


class Exists(BrokerError, FileExistsError):
    """EEXIST."""


class IsADirectory(BrokerError, IsADirectoryError):
    """EISDIR."""


class NotADirectory(BrokerError, NotADirectoryError):
    """ENOTDIR."""


class NotPermitted(BrokerError, PermissionError):
    """EACCES or EPERM, not from the policy."""


class SessionError(BrokerError, ConnectionError):
    """There is no session, or it has ended."""


class Refused(SessionError):
    """The broker refused to begin a session."""


class ProtocolError(SessionError):
    """The broker broke the protocol, and the session was ended."""


_CLASSES: Dict[int, Type[BrokerError]] = {
    _errno.ENOENT: NotFound,
    _errno.EEXIST: Exists,
    _errno.EISDIR: IsADirectory,
    _errno.ENOTDIR: NotADirectory,
    _errno.EACCES: NotPermitted,
    _errno.EPERM: NotPermitted,
}


def from_status(status: Status, path: Optional[str]) -> BrokerError:
    """The exception for an item whose error is not 0."""
    kind = _CLASSES.get(status.error, BrokerError)
    text = os.strerror(status.error)
    if status.reason == Reason.POLICY:
        kind = PolicyDenied
        text = "Denied by policy"
    error = kind(status.error, text, path)
    error.rule = status.where
    error.id = status.id
    error.reason = status.reason
    return error


def local(number: int, path: Optional[str], reason: Reason) -> BrokerError:
    """The exception for something that this side refused."""
    return from_status(Status(number, reason, 0, ""), path)
