"""WebSocket frames of the server (RFC 6455 §5.2): final, unmasked text."""

from struct import pack

FINAL_TEXT = 0x81
TWO_BYTES, EIGHT_BYTES = 126, 127


def frame_text(data: bytes) -> bytes:
    """The whole text frame around UTF-8 bytes; one frame serves all sockets."""
    size = len(data)
    if size < TWO_BYTES:
        return bytes((FINAL_TEXT, size)) + data
    if size <= 0xFFFF:
        return pack("!BBH", FINAL_TEXT, TWO_BYTES, size) + data
    return pack("!BBQ", FINAL_TEXT, EIGHT_BYTES, size) + data
