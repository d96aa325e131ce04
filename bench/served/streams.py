"""Many browsers that keep a stream of events open and do nothing else, in one thread that only reads."""

import selectors
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Streams:
    """`heard`: bytes each has got since it was opened; `over`: how many the server has ended."""

    heard: list[int] = field(default_factory=list)
    over: int = 0


@contextmanager
def streams(port: int, path: str, cookies: Iterable[str]) -> Iterator[Streams]:
    """One for each cookie; all have begun when this begins. Raises RuntimeError if one is refused."""
    found, held, stop = Streams(), list[socket.socket](), threading.Event()
    with selectors.DefaultSelector() as selector:
        for at, cookie in enumerate(cookies):
            one = socket.create_connection(("127.0.0.1", port), 30)
            held.append(one)
            one.sendall(
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
                "Accept: text/event-stream\r\n\r\n".encode()
            )
            head = one.recv(4096)
            if not head.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"{path} is refused: {head[:200]!r}")
            found.heard.append(len(head))
            one.setblocking(False)
            selector.register(one, selectors.EVENT_READ, at)
        reader = threading.Thread(target=_read, args=(selector, found, stop), name="streams")
        reader.start()
        try:
            yield found
        finally:
            stop.set()
            reader.join()
            for one in held:
                one.close()


def _read(selector: selectors.BaseSelector, found: Streams, stop: threading.Event) -> None:
    while not stop.is_set():
        for key, _ in selector.select(0.5):
            assert isinstance(key.fileobj, socket.socket)
            data = key.fileobj.recv(65536)
            found.heard[key.data] += len(data)
            if not data:
                found.over += 1
                selector.unregister(key.fileobj)
