"""A client of fdbrokerd(8) in Python, written from fdbroker-protocol(7).

A program that may not open files itself names them to a broker and gets open
descriptors, as far as the policy of a role permits:

    import fdbroker

    with fdbroker.Session("weblogs") as broker:
        with broker.open("/var/log/nginx/access.log") as log:
            print(log.readline())
"""

from ._changes import ChangeError, Meta, MetaFlag, Over, PendingFile
from ._directory import Directory
from ._errors import (BrokerError, Exists, IsADirectory, NotADirectory,
                      NotFound, NotPermitted, PolicyDenied, ProtocolError,
                      Refused, SessionError)
from ._items import Descriptor, Entry, Opened
from ._session import DEFAULT_PATH, Session
from ._walk import Skip, Walk, WalkEntry, WalkFlag, WalkKind
from ._watch import Watch
from ._wire import Access, Confined, Info, Reason, Stat

__version__ = "0.1.0"

__all__ = [
    "Access", "BrokerError", "ChangeError", "Confined", "DEFAULT_PATH",
    "Descriptor", "Directory", "Entry", "Exists", "Info", "IsADirectory",
    "Meta", "MetaFlag", "NotADirectory", "NotFound", "NotPermitted", "Opened",
    "Over", "PendingFile", "PolicyDenied", "ProtocolError", "Reason",
    "Refused", "Session", "SessionError", "Skip", "Stat", "Walk", "WalkEntry",
    "WalkFlag", "WalkKind", "Watch",
]
