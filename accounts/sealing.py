"""Text that whoever writes it cannot read again: sealed to a public key, opened with the private one."""

from __future__ import annotations

import base64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = bytes(12)  # each seal has a key of its own


def new_key() -> str:
    """A private key."""
    return _text(X25519PrivateKey.generate().private_bytes_raw())


def public_of(private: str) -> str:
    """The public key to a private one. Raises ValueError when it is none."""
    return _text(X25519PrivateKey.from_private_bytes(_bytes(private)).public_key().public_bytes_raw())


def seal(text: str, public: str) -> str:
    """The text, closed to everybody without the private key."""
    receiver, once = _bytes(public), X25519PrivateKey.generate()
    mine = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(receiver))
    return _text(mine + ChaCha20Poly1305(_key(shared, mine + receiver)).encrypt(NONCE, text.encode(), None))


def unseal(sealed: str, private: str) -> str | None:
    """The text again; None when this key does not open it."""
    try:
        data, own = _bytes(sealed), X25519PrivateKey.from_private_bytes(_bytes(private))
        theirs = data[:32]
        shared = own.exchange(X25519PublicKey.from_public_bytes(theirs))
        key = _key(shared, theirs + own.public_key().public_bytes_raw())
        return ChaCha20Poly1305(key).decrypt(NONCE, data[32:], None).decode()
    except (ValueError, InvalidTag):
        return None


def _key(shared: bytes, keys: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"chatroom report" + keys).derive(shared)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode())
