"""The four protocols as far as tests over all of them need: sign-in, and one frame after the other. Written by hand, not with our codecs."""

from __future__ import annotations

from gateways.conftest import Gate

PASSWORD = "green-Tea-47"  # fits twelve bytes


def field(text: str, width: int) -> bytes:
    """A field with its NULs."""
    return text.encode().ljust(width, b"\0")


class Talker:
    """A client that keeps what came."""

    protocol = ""

    def __init__(self, gate: Gate, name: str) -> None:
        self.name, self.wire = name, gate.connect(self.protocol)
        self.seen: list[bytes] = []

    def sign_in_bytes(self, name: str, password: str) -> bytes:
        """The request."""
        raise NotImplementedError

    def next(self) -> bytes:
        """One whole frame."""
        raise NotImplementedError

    def code(self, answer: bytes) -> str:
        """The code of an answer to a sign-in."""
        raise NotImplementedError

    def try_in(self, password: str = PASSWORD, name: str = "") -> str:
        """The code that a sign-in is answered with."""
        self.wire.send(self.sign_in_bytes(name or self.name, password))
        return self.code(self.next())

    def everyone(self, text: str) -> bytes:
        """A text to Everyone."""
        raise NotImplementedError

    def group(self, group: str, text: str) -> bytes:
        """A text to a group."""
        raise NotImplementedError

    def direct(self, name: str, text: str) -> bytes:
        """A text to one person."""
        raise NotImplementedError

    def hears(self, sender: str, text: str, place: str = "") -> None:
        """The text arrives (`place`: the name of a group, or empty for a direct one); what comes before is kept."""
        wanted = self.form(sender, text, place)
        before = [frame for frame in self.seen if wanted in frame]
        while not before:
            frame = self.next()
            assert frame, f"{self.protocol} was closed; saw {self.seen[-5:]}"
            self.seen.append(frame)
            before = [frame] if wanted in frame else []
        self.seen.remove(before[0])

    def form(self, sender: str, text: str, place: str) -> bytes:
        """What is in the frame of a text that arrives."""
        raise NotImplementedError


class Struct(Talker):
    """1008 bytes each."""

    protocol = "struct"

    def frame(self, type: int, data: int, text: str = "") -> bytes:
        """One frame."""
        return bytes((type, 0, 0, 0, data, 0, 0, 0)) + field(text, 1000)

    def sign_in_bytes(self, name: str, password: str) -> bytes:
        return self.frame(2, 0, name) + self.frame(2, 1, password)

    def next(self) -> bytes:
        return self.wire.read(1008)

    def code(self, answer: bytes) -> str:
        return str(answer[4]) if answer[0] == 2 else "?"

    def everyone(self, text: str) -> bytes:
        return self.frame(5, 3, "Everyone") + self.frame(5, 4, text)

    def group(self, group: str, text: str) -> bytes:
        return self.frame(5, 3, group) + self.frame(5, 4, text)

    def direct(self, name: str, text: str) -> bytes:
        return self.frame(4, 0, name) + self.frame(4, 1, text)

    def open(self, place: str, person: str = "") -> None:
        """Opens a group or the talk with a person, and waits until that is done."""
        self.wire.send(self.frame(4, 0, person) if person else self.frame(5, 3, place), self.frame(3, 0, "nobody"))
        while self.next()[:8] != bytes((3, 0, 0, 0, 1, 0, 0, 0)):
            pass

    def form(self, sender: str, text: str, place: str) -> bytes:
        return bytes((5, 0, 0, 0, 4, 0, 0, 0) if place else (4, 0, 0, 0, 1, 0, 0, 0)) + f"{sender}: {text}\0".encode()


class Frames(Talker):
    """Four bytes of header, the length with them."""

    protocol = "frames"

    def sign_in_bytes(self, name: str, password: str) -> bytes:
        return bytes.fromhex("11000020") + field(name, 16) + field(password, 12)

    def next(self) -> bytes:
        head = self.wire.read(4)
        return head + self.wire.read(int.from_bytes(head[2:], "big") - 4) if head else b""

    def code(self, answer: bytes) -> str:
        return str(answer[1]) if answer[0] == 0x71 else "?"

    def text(self, body: str) -> bytes:
        """0x12."""
        data = body.encode()
        return b"\x12\x00" + (len(data) + 4).to_bytes(2, "big") + data

    def everyone(self, text: str) -> bytes:
        return self.text(text)

    def group(self, group: str, text: str) -> bytes:
        return self.text(f"@#{group} {text}")

    def direct(self, name: str, text: str) -> bytes:
        return self.text(f"@{name} {text}")

    def form(self, sender: str, text: str, place: str) -> bytes:
        group = "" if place in ("", "Everyone") else f"#{place} "
        body = f"@{sender} {group}{text}".encode()
        return bytes((0x77, 1 if place else 0)) + (len(body) + 4).to_bytes(2, "big") + body


class Lines(Talker):
    """A line each."""

    protocol = "lines"

    def sign_in_bytes(self, name: str, password: str) -> bytes:
        return f"2 {name} {password}\n".encode()

    def next(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            byte = self.wire.read(1)
            if not byte:
                break
            line += byte
        return line

    def code(self, answer: bytes) -> str:
        return answer.decode().rstrip("\n")

    def everyone(self, text: str) -> bytes:
        return f"3 {self.name} Everyone {text}\n".encode()

    def group(self, group: str, text: str) -> bytes:
        return f"3 {self.name} {group} {text}\n".encode()

    def direct(self, name: str, text: str) -> bytes:
        return f"5 {self.name} {name} {text}\n".encode()

    def form(self, sender: str, text: str, place: str) -> bytes:
        return f"3 {sender} {place} {text}\n".encode() if place else f"5 {sender} {self.name} {text}\n".encode()


class Packets(Talker):
    """Eight bytes of header, the length without them."""

    protocol = "packets"

    def sign_in_bytes(self, name: str, password: str) -> bytes:
        return bytes.fromhex("00100000 00000040") + field(name, 32) + field(password, 32)

    def next(self) -> bytes:
        head = self.wire.read(8)
        return head + self.wire.read(int.from_bytes(head[4:], "big")) if head else b""

    def code(self, answer: bytes) -> str:
        return f"{answer[3]:02x}" if answer[:2] == b"\x00\x80" else "?"

    def text(self, text: str, *receivers: str) -> bytes:
        """0x12/0x00."""
        data = len(receivers).to_bytes(4, "big") + b"".join(field(name, 32) for name in receivers) + text.encode()
        return bytes.fromhex("00120000") + len(data).to_bytes(4, "big") + data

    def everyone(self, text: str) -> bytes:
        return self.text(text)

    def group(self, group: str, text: str) -> bytes:
        return self.text(text, f"#{group}")

    def direct(self, name: str, text: str) -> bytes:
        return self.text(text, name)

    def hears(self, sender: str, text: str, place: str = "") -> None:
        """The time in the middle is not known beforehand."""
        group = "" if place in ("", "Everyone") else f"#{place} "
        head, tail = bytes.fromhex("00820000"), f"{group}{text}".encode()

        def fits(frame: bytes) -> bool:
            return frame[:4] == head and frame[8:40] == field(sender, 32) and frame[59:] == tail

        while not any(fits(frame) for frame in self.seen):
            frame = self.next()
            assert frame, f"packets was closed; saw {self.seen[-5:]}"
            self.seen.append(frame)
        self.seen.remove(next(frame for frame in self.seen if fits(frame)))


TALKERS = (Struct, Frames, Lines, Packets)
