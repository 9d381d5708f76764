"""Requests as they travel: streamed without being held, and told apart from a broken connection."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

CHUNK = bytes(256 * 1024)
BOUNDARY = "----invented"


@dataclass(frozen=True)
class Answer:
    """What came back; ``status`` is 0 when the connection broke before an answer."""

    status: int
    text: str


def upload(
    address: str, fields: dict[str, str], size: int, *, cookies: dict[str, str], chunked: bool = False
) -> Answer:
    """Post a form whose photograph is ``size`` bytes of nothing."""
    head = "".join(_part(name, value) for name, value in fields.items()) + _part("photo", "", "photo.jpg")
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
    connection.putrequest("POST", where.path)
    connection.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    connection.putheader("Cookie", "; ".join(f"{k}={v}" for k, v in cookies.items()))
    if chunked:
        connection.putheader("Transfer-Encoding", "chunked")
    else:
        connection.putheader("Content-Length", str(len(head) + size + len(tail)))
    connection.endheaders()
    try:
        for piece in (head.encode(), *([CHUNK] * (size // len(CHUNK))), tail):
            connection.send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            connection.send(b"0\r\n\r\n")
    except OSError:  # the server has answered and will not read on: what it said is waiting
        pass
    return _answer(connection)


def post(address: str, body: str, timeout: float = 30) -> Answer:
    """Post an encoded form; a server that dies meanwhile is no answer."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=timeout)
    try:
        connection.request("POST", where.path, body, {"Content-Type": "application/x-www-form-urlencoded"})
    except OSError:
        return Answer(0, "")
    return _answer(connection)


def get(address: str) -> Answer:
    """Open a page."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
    connection.request("GET", where.path)
    return _answer(connection)


def _answer(connection: http.client.HTTPConnection) -> Answer:
    try:
        response = connection.getresponse()
        return Answer(response.status, response.read().decode())
    except (OSError, http.client.HTTPException):
        return Answer(0, "")
    finally:
        connection.close()


def _part(name: str, value: str, filename: str = "") -> str:
    file = f'; filename="{filename}"\r\nContent-Type: image/jpeg' if filename else ""
    disposition = f'Content-Disposition: form-data; name="{name}"{file}'
    return f"--{BOUNDARY}\r\n{disposition}\r\n\r\n{value}" + ("" if filename else "\r\n")
