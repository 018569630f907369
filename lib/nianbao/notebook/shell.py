"""
The shell of one notebook in a process of its own: it runs cells and sends the messages that a kernel would send, output among them.

IPython's own shell does the work; here are its session (`Wire`), its standard output and error (`Stream`) and its loop (`serve`).
Which notebook runs, and what becomes of its messages, is not known here.
"""

from __future__ import annotations

import asyncio
import builtins
import codecs
import fcntl
import gc
import getpass
import io
import json
import os
import sys
import threading
import time
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn

import comm
from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from IPython.core.shellapp import InteractiveShellApp
from jupyter_client.session import Session
from traitlets.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable

    from nianbao.inputs.yaml import Json
    from nianbao.processes.fork import Channel


# The end of a cell, and a notebook that cannot go on without the ordinary kernel.
REPLY, NEEDS = "execute_reply", "needs_kernel"

_CHUNK = 1 << 20
# The audit events of Python by which a process reaches others; the first argument is a socket, or the name to look up.
_BY_SOCKET = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"})
_REACHING = _BY_SOCKET | {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}


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
        if os.getpid() == self._owner and (text := self.taken()):
            self._wire.tell("stream", {"name": self.name, "text": text})

    def taken(self) -> str:
        """Return what there is and forget it."""
        with self._lock:
            self._take_captured()
            text = "".join(self._text)
            self._text.clear()
            self.since = 0.0
        return text

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


# After so many seconds ipykernel sends what was printed; it decides which stream comes first in a long cell.
_FLUSH_AFTER = 0.2


class _NeedsKernelError(RuntimeError):
    """Stops the code of a cell that wants what only the ordinary kernel has."""


class _Kernel:
    """What the shell asks of its kernel; whoever asks more needs a real one."""

    eventloop = None
    # `exit()` stops the kernel's loop; here `serve` looks whether the notebook has left.
    io_loop = SimpleNamespace(call_later=lambda *_args: None, stop=None)

    def __init__(self, need: Callable[[str], NoReturn]) -> None:
        self._need = need

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._need(f"内核本身（{name}）")


class _Notebook:
    """One notebook's shell and its streams."""

    def __init__(self, channel: Channel) -> None:
        self._wire = wire = Wire(channel)
        self._needed = ""
        self._streams = [Stream(wire, name, descriptor, self._send_due) for name, descriptor in (("stdout", 1), ("stderr", 2))]
        sys.stdout, sys.stderr = self._streams
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        config = Config({"HistoryManager": {"enabled": False}})
        ZMQInteractiveShell.clear_instance()
        self._shell = shell = ZMQInteractiveShell.instance(
            config=config, user_ns={}, kernel=_Kernel(self._need), compiler_class=XCachingCompiler
        )
        shell.displayhook.session = shell.display_pub.session = wire
        shell.displayhook.topic = b"execute_result"
        shell.extension_manager.load_extension("storemagic")
        shell.enable_gui = self._enable_gui
        comm.create_comm = comm.get_comm_manager = self._make_widget
        builtins.input = _refusal("raw_input")
        getpass.getpass = _refusal("getpass")

    async def run(self, code: str) -> bool:
        """Run the *code* of a cell, send what comes of it, and tell whether there may be another."""
        for stream in self._streams:
            # What came after the last cell had ended is lost: the ordinary kernel's reader does not see it either.
            stream.taken()
            if not hasattr(getattr(sys, stream.name), "write"):
                # An earlier cell took it away; IPython runs none without.
                setattr(sys, stream.name, stream)
        shell = self._shell
        self._wire.tell("execute_input", {"code": code, "execution_count": shell.execution_count})
        result = await self._executed(code)
        for each in (sys.stdout, sys.stderr, *self._streams):
            # The notebook may have put something of its own in their place.
            with suppress(AttributeError):
                each.flush()
        if self._needed:
            self._wire.tell(NEEDS, {"what": self._needed})
            return False
        self._wire.tell(REPLY, {**self._outcome(result), "execution_count": shell.execution_count - 1})
        return not shell.exit_now

    async def _executed(self, code: str) -> Any:
        """Run *code* as `IPythonKernel.do_execute` does, in a loop that is already running."""
        shell, failed = self._shell, None
        shell._last_traceback, shell._last_traceback_during_displayhook = None, False  # noqa: SLF001 - the kernel reads them too
        try:
            transformed = shell.transform_cell(code)
        except Exception:  # noqa: BLE001 - the shell tells it, as the cell's error
            transformed, failed = code, sys.exc_info()
        if not shell.should_run_async(code, transformed_cell=transformed, preprocessing_exc_tuple=failed):
            return shell.run_cell(code, store_history=True)
        result = None
        try:
            result = await shell.run_cell_async(
                code, store_history=True, transformed_cell=transformed, preprocessing_exc_tuple=failed
            )
        finally:
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
        return result

    def _outcome(self, result: Any) -> Json:
        shell = self._shell
        if result.success and not shell._last_traceback_during_displayhook:  # noqa: SLF001
            return {"status": "ok"}
        error = result.error_before_exec if result.error_before_exec is not None else result.error_in_exec
        return {
            "status": "error",
            "ename": type(error).__name__,
            "evalue": str(error),
            "traceback": shell._last_traceback or [],  # noqa: SLF001
        }

    def _need(self, what: str) -> NoReturn:
        self._needed = self._needed or what
        raise _NeedsKernelError(what)

    def _enable_gui(self, gui: str | None = None) -> None:
        if gui not in {None, "inline"}:
            self._need(f"图形界面（{gui}）")

    def _make_widget(self, *_args: Any, **_named: Any) -> NoReturn:
        self._need("控件")

    def _send_due(self) -> None:
        """Send what the kernel would have sent by now."""
        now = time.monotonic()
        due = [stream for stream in self._streams if stream.since and now - stream.since >= _FLUSH_AFTER]
        for stream in sorted(due, key=lambda stream: stream.since):
            stream.flush()


def serve(channel: Channel) -> None:
    """Go to the folder, then run the cells that come over *channel*, until the other end is closed or the notebook leaves."""
    _begin_as_the_kernel_does()
    refuse_network()
    # What was imported so far is not looked through for rubbish again and again.
    gc.freeze()
    gc.enable()
    notebook = _Notebook(channel)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    with suppress(EOFError):
        os.chdir(channel.receive())
        while loop.run_until_complete(notebook.run(channel.receive().decode())):
            pass


def _begin_as_the_kernel_does() -> None:
    """Give modules, arguments and random numbers the state that a notebook finds in a process of its own."""
    sys.argv = ["ipykernel_launcher.py"]
    if not sys.flags.safe_path:
        # The folder of the script that was started, or where it was started.
        del sys.path[0]
    InteractiveShellApp.init_path(SimpleNamespace(ignore_cwd=False))
    numbers = sys.modules.get("numpy.random")
    if numbers is not None:
        # Copies of one process would all draw the same numbers.
        numbers.seed()
    # How a report draws is for the notebook that opens one.
    plots = sys.modules.get("matplotlib")
    if plots is not None:
        plots.rc_file_defaults()
    dresser = sys.modules["nianbao"].Dresser
    if dresser in sys.meta_path:
        sys.meta_path.remove(dresser)


def refuse_network() -> None:
    """
    Let nothing in this process reach another machine, for good: what a report shows lies in the project, and is sealed with it.

    Other programs that a notebook starts are not held back.
    """
    sys.addaudithook(_refuse_network)


def _refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _REACHING:
        return
    address = arguments[1] if event in _BY_SOCKET else arguments[0]
    # A socket of this machine alone is a path; a datagram to where the socket is connected already has no address.
    if isinstance(address, str | bytes | None) and event in _BY_SOCKET:
        return
    where = address[0] if isinstance(address, tuple) else address
    raise PermissionError(f"生成报告时不能联网（要连的是 {where}）：先把数据存进 params/单位/data/，笔记本从那里读")


def _refusal(name: str) -> Callable[..., NoReturn]:
    def refuse(*_args: Any, **_named: Any) -> NoReturn:
        raise StdinNotImplementedError(f"{name} was called, but this frontend does not support input requests.")

    return refuse
