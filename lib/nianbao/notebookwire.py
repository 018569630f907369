"""
The wire of a notebook's shell: the messages that a kernel would send, and standard output and error made into such messages.

Which notebook runs, and what becomes of its messages, is not known here.
"""

from __future__ import annotations

import codecs
import fcntl
import io
import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from jupyter_client.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from .forking import Channel

# The end of a cell, and a notebook that cannot go on without the ordinary kernel.
REPLY, NEEDS = "execute_reply", "needs_kernel"

_CHUNK = 1 << 20


class Wire(Session):
    """What the shell takes for its session: sends each message over the channel instead of sockets."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(key=b"")
        self._channel = channel

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *_args: Any, **_named: Any) -> None:
        """Send one message of the kind that nbclient reads."""
        del stream
        message = msg_or_type if isinstance(msg_or_type, dict) else self.msg(msg_or_type, content)
        self.tell(message["msg_type"], message["content"])

    def tell(self, kind: str, content: Any) -> None:
        """Send *content* as a message of this *kind*."""
        header = {"msg_type": kind}
        message = {**header, "header": header, "parent_header": {}, "metadata": {}, "content": content}
        try:
            packed = self.pack(message)
        except UnicodeEncodeError:
            # Half a character, which no file can hold.
            packed = json.dumps(message, ensure_ascii=False, default=repr).encode("utf-8", "replace")
        self._channel.send(packed)


class Stream(io.TextIOBase):
    """
    Standard output or error of the notebook: what its code prints, and what other programs write to the descriptor, in order.

    Args:
        before: called before something is printed, to send what is due.
    """

    encoding = "UTF-8"

    def __init__(self, wire: Wire, name: str, descriptor: int, before: Callable[[], None]) -> None:
        super().__init__()
        self.name = name
        self._wire = wire
        self._owner = os.getpid()
        self._descriptor = descriptor
        self._original = os.dup(descriptor)
        self._captured = os.memfd_create(name)
        fcntl.fcntl(self._captured, fcntl.F_SETFL, os.O_APPEND)
        os.dup2(self._captured, descriptor)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._read = 0
        self._text: list[str] = []
        self._lock = threading.RLock()
        self._before = before
        self.since = 0.0

    def writable(self) -> bool:
        """Say so, as every stream of a notebook does."""
        return True

    def fileno(self) -> int:
        """Return the descriptor that was here before, as ipykernel does: what is written to it is not the notebook's."""
        return self._original

    def write(self, text: str) -> int:
        """Take up *text*; what a process prints that the notebook forked is read from the descriptor."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() != self._owner:
            os.write(self._descriptor, text.encode("utf-8", "replace"))
            return len(text)
        self._before()
        with self._lock:
            self._take_captured()
            self._add(text)
        return len(text)

    def flush(self) -> None:
        """Send what there is."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            self._take_captured()
            text = "".join(self._text)
            self._text.clear()
            self.since = 0.0
        if text:
            self._wire.tell("stream", {"name": self.name, "text": text})

    def discard(self) -> None:
        """Forget what came after the last cell had ended: the ordinary kernel's reader does not see it either."""
        with self._lock:
            self._take_captured()
            self._text.clear()
            self.since = 0.0

    def _add(self, text: str) -> None:
        if text:
            self.since = self.since or time.monotonic()
            self._text.append(text)

    def _take_captured(self) -> None:
        size = os.fstat(self._captured).st_size
        if size < self._read:
            # A program opened the stream by name and so emptied it.
            self._read = 0
        while self._read < size:
            taken = os.pread(self._captured, _CHUNK, self._read)
            self._read += len(taken)
            self._add(self._decoder.decode(taken))
