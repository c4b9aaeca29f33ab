"""Limits of the HTTP protocol, over real connections."""

import socket
import time
from contextlib import suppress

from chatroom.serving.http_protocol import HttpProtocol
from chatroom.tests.live import live, read_all, wait_for

GET = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


class Impatient(HttpProtocol):
    """Short clocks and small caps."""

    head_timeout = body_timeout = write_timeout = 0.5
    linger = 0.2
    max_head = 2000
    max_body = 10_000
    max_streamed = 50_000


class Patient(Impatient):
    """A pause of a busy machine is no end."""

    body_timeout = 2.0


def test_requests_pass_and_share_a_connection() -> None:
    with live() as server, server.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        assert connection.recv(4096).endswith(b"\r\n\r\n5")
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        assert connection.recv(4096).endswith(b"\r\n\r\n3")
        connection.sendall(GET)
        assert read_all(connection).endswith(b"\r\n\r\n0")
        wait_for(lambda: HttpProtocol.bodies_held == 0)


def test_a_slow_head_is_closed() -> None:
    with live(Impatient) as server, server.connect() as connection:
        began = time.monotonic()
        for byte in (b"G", b"E", b"T", b" "):
            connection.sendall(byte)
            time.sleep(0.05)
        assert read_all(connection).startswith(b"HTTP/1.1 408 ")
        assert 0.25 < time.monotonic() - began < HttpProtocol.head_timeout


def test_a_slow_second_head_is_closed() -> None:
    with live(Impatient) as server, server.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"GET / HT")
        assert b" 408 " in read_all(connection)


def test_a_silent_connection_is_closed() -> None:
    with live(Impatient) as server, server.connect() as connection:
        assert b" 408 " in read_all(connection)
        wait_for(lambda: not server.server.server_state.connections)


def test_a_large_head_is_refused() -> None:
    with live(Impatient) as server:
        assert server.talk(GET).startswith(b"HTTP/1.1 200 ")
        assert server.talk(b"GET / HTTP/1.1\r\nX: " + b"x" * 4000).startswith(b"HTTP/1.1 431 ")


def test_a_body_that_stands_still_is_closed() -> None:
    with live(Impatient) as server, server.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhello")
        assert b" 408 " in read_all(connection)


def test_a_body_that_moves_is_not_closed() -> None:
    with live(Patient) as server, server.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            time.sleep(0.3)
            connection.sendall(b"x")
        assert read_all(connection).endswith(b"\r\n\r\n8")


def test_large_bodies_are_refused_early() -> None:
    with live(Impatient) as server:
        assert server.talk(
            b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 10000\r\n\r\n" + b"x" * 10_000
        ).endswith(b"10000")
        declared = server.talk(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10001\r\n\r\n")
        assert declared.startswith(b"HTTP/1.1 413 ")
        chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
        assert server.talk(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 3).startswith(
            b"HTTP/1.1 413 "
        )
    assert HttpProtocol.bodies_held == 0


def test_connections_are_limited() -> None:
    class Small(HttpProtocol):
        max_connections = 2
        linger = 0.2

    with live(Small) as server, server.connect(), server.connect():
        assert server.talk(GET).startswith(b"HTTP/1.1 503 ")
    with live(Small) as server, server.connect():
        assert server.talk(GET).startswith(b"HTTP/1.1 200 ")


def test_a_response_nobody_reads_is_cut() -> None:
    with live(Impatient) as server, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_for(lambda: len(server.server.server_state.connections) == 1)
        wait_for(lambda: not server.server.server_state.connections)


def test_a_running_request_ends_before_the_server() -> None:
    with live() as server, server.connect() as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_for(server.app.slow.is_set)
        server.server.should_exit = True
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")


def test_the_end_of_a_body_does_not_count_as_a_head() -> None:
    with live(Impatient) as server, server.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 8000\r\n\r\n")
        time.sleep(0.05)
        connection.sendall(b"x" * 8000)  # more than a head may have, and read as one piece
        assert read_all(connection).endswith(b"\r\n\r\n8000")


def test_uploads_have_a_cap_of_their_own_and_are_not_held() -> None:
    head = b"PATCH /files/uploads/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    with live(Impatient) as server:
        assert server.talk(head + b"Content-Length: 40000\r\n\r\n" + b"x" * 40_000).endswith(b"\r\n\r\n40000")
        assert b" 413 " in server.talk(head + b"Content-Length: 60000\r\n\r\n")
        chunks = b"7530\r\n" + b"x" * 30_000 + b"\r\n"
        assert b" 413 " in server.talk(head + b"Transfer-Encoding: chunked\r\n\r\n" + 2 * chunks)
        other = head.replace(b"/files/uploads/x", b"/files/x")
        assert b" 413 " in server.talk(other + b"Content-Length: 40000\r\n\r\n")
        with server.connect() as connection:
            connection.sendall(head + b"Content-Length: 40000\r\n\r\n" + b"x" * 9000)
            time.sleep(0.1)
            assert HttpProtocol.bodies_held == 0


def test_an_upload_that_is_refused_is_read_no_further() -> None:
    head = b"PATCH /files/uploads/refused HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n"
    with live(Impatient) as server:
        with server.connect() as connection:
            connection.sendall(head)
            assert connection.recv(4096).startswith(b"HTTP/1.1 403 ")
            began = time.monotonic()
            with suppress(ConnectionError):
                assert connection.recv(4096) == b""
            assert time.monotonic() - began < HttpProtocol.body_timeout
        with server.connect() as connection:  # who sends the rest at once keeps the connection
            connection.sendall(head + b"x" * 40_000)
            assert connection.recv(4096).startswith(b"HTTP/1.1 403 ")
            time.sleep(0.4)
            connection.sendall(GET)
            assert read_all(connection).endswith(b"\r\n\r\n0")
