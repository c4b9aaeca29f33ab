"""The guard of the tests themselves: this process and those that it starts reach this machine only."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

# TEST-NET-1 of RFC 5737: nobody is there
TRIES = {
    "connect": "socket.create_connection(('192.0.2.1', 80), 1)",
    "name": "socket.getaddrinfo('example.org', 80)",
    "datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
}


@pytest.mark.parametrize("way", TRIES)
def test_nothing_goes_to_another_machine(way: str, tmp_path: Path):
    notes = tmp_path / "notes"
    program = f"import socket\ntry:\n    {TRIES[way]}\nexcept OSError as error:\n    print(error)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "TESTS_OUTSIDE": str(notes)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.startswith("tests reach this machine only"), done
    assert notes.read_text().startswith("socket.")


def test_this_machine_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as there, socket.create_connection(there.getsockname()) as here:
        assert here.getpeername() == there.getsockname()
    assert socket.getaddrinfo("localhost", 80)


def test_this_process_is_guarded_too():
    notes = Path(os.environ["TESTS_OUTSIDE"])
    before = notes.read_text()
    with pytest.raises(PermissionError, match="this machine only"):
        socket.create_connection(("192.0.2.1", 80), 1)
    notes.write_text(before)
