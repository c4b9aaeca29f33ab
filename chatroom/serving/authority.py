"""Our own certificate authority for `serve --tls`: one CA per data folder, a server certificate for this machine's names."""

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_DAYS, SERVER_DAYS, RENEW_DAYS = 3650, 397, 30  # browsers refuse server certificates that live longer than 398 days
# The CA may speak for closed networks alone: whoever steals its key cannot pose as a site of the internet.
PRIVATE_SUFFIXES = ["local", "lan", "localhost", "internal", "home.arpa"]
PRIVATE_NETWORKS = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "100.64.0.0/10",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
]


class Authority:
    """The CA in `folder`; made at first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_file, self.ca_key_file = folder / "ca.pem", folder / "ca.key"
        self.server_file, self.server_key_file = folder / "server.pem", folder / "server.key"

    def ensure(self, hosts: list[str]) -> None:
        """A CA, and a server certificate for `hosts` that lives for another month at least."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = subject_names(hosts)
        if not (self.ca_file.exists() and self.ca_key_file.exists()):
            self.make_ca(names)
        if not self.server_is_good(names):
            self.make_server(names)

    def fingerprint(self) -> str:
        """SHA-256 of the CA certificate, as browsers show it."""
        return self.ca().fingerprint(hashes.SHA256()).hex(":").upper()

    def ca(self) -> x509.Certificate:
        """The CA certificate."""
        return x509.load_pem_x509_certificate(self.ca_file.read_bytes())

    def outside(self, hosts: list[str]) -> list[str]:
        """Those of `hosts` the CA may not speak for: machines got a name or address after the CA was made."""
        constraints = self.ca().extensions.get_extension_for_class(x509.NameConstraints).value
        return [
            str(name.value)
            for name in subject_names(hosts)
            if not permitted(name, constraints.permitted_subtrees or [])
        ]

    def make_ca(self, names: list[x509.GeneralName]) -> None:
        """A new key and certificate, limited to private networks and the names the machine has now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Chatroom CA {datetime.now(UTC):%Y-%m-%d}")])
        allowed: list[x509.GeneralName] = [x509.DNSName(suffix) for suffix in PRIVATE_SUFFIXES]
        allowed += [x509.IPAddress(ipaddress.ip_network(network)) for network in PRIVATE_NETWORKS]
        for name in names:
            if not permitted(name, allowed):
                allowed.append(
                    x509.IPAddress(ipaddress.ip_network(name.value)) if isinstance(name, x509.IPAddress) else name
                )
        certificate = (
            builder(subject, subject, key.public_key(), CA_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(key_usage(sign_certificates=True), critical=True)
            .add_extension(x509.NameConstraints(permitted_subtrees=allowed, excluded_subtrees=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        write_private(self.ca_key_file, pem_key(key))
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def make_server(self, names: list[x509.GeneralName]) -> None:
        """A new server key and certificate, signed by the CA."""
        ca = self.ca()
        ca_key = serialization.load_pem_private_key(self.ca_key_file.read_bytes(), None)
        assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        allowed = ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
        certificate = (
            builder(
                x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Chatroom")]),
                ca.subject,
                key.public_key(),
                SERVER_DAYS,
            )
            .add_extension(
                x509.SubjectAlternativeName([name for name in names if permitted(name, allowed)]), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(sign_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
            .sign(ca_key, hashes.SHA256())
        )
        write_private(self.server_key_file, pem_key(key))
        chain = certificate.public_bytes(serialization.Encoding.PEM) + self.ca_file.read_bytes()
        self.server_file.write_bytes(chain)

    def server_is_good(self, names: list[x509.GeneralName]) -> bool:
        """Whether the server certificate covers `names` and is not about to expire."""
        if not (self.server_file.exists() and self.server_key_file.exists()):
            return False
        certificate = x509.load_pem_x509_certificate(self.server_file.read_bytes())
        allowed = self.ca().extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
        covered = set(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
        wanted = {name for name in names if permitted(name, allowed)}
        return wanted <= covered and certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=RENEW_DAYS)


def subject_names(hosts: list[str]) -> list[x509.GeneralName]:
    """Host names and addresses (IPv6 in brackets) as certificate names."""
    names: list[x509.GeneralName] = []
    for host in hosts:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host.strip("[]"))))
        except ValueError:
            names.append(x509.DNSName(host.removeprefix(".")))
    return names


def permitted(name: x509.GeneralName, allowed: list[x509.GeneralName]) -> bool:
    """Whether name constraints let `name` pass (RFC 5280 §4.2.1.10)."""
    if isinstance(name, x509.IPAddress):
        address = ipaddress.ip_address(str(name.value))
        networks = [ipaddress.ip_network(str(entry.value)) for entry in allowed if isinstance(entry, x509.IPAddress)]
        return any(address in network for network in networks)  # false across versions
    return any(
        name.value == entry.value or name.value.endswith(f".{entry.value}")
        for entry in allowed
        if isinstance(entry, x509.DNSName)
    )


def builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    """A certificate from an hour ago (clocks of phones differ) for `days`."""
    start = datetime.now(UTC) - timedelta(hours=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
    )
    return made.not_valid_before(start).not_valid_after(start + timedelta(days=days))


def key_usage(*, sign_certificates: bool) -> x509.KeyUsage:
    """Signing certificates (a CA) or signing handshakes (a server)."""
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def pem_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The key as PEM, not encrypted: the server has to start by itself."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write_private(path: Path, data: bytes) -> None:
    """Writes a file that only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
