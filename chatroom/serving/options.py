"""The options of `serve`, and what of them the settings need to know."""

import argparse
import os
import secrets
from pathlib import Path

from chatroom.serving import network
from chatroom.serving.translations import compile_translations

BASE = Path(__file__).resolve().parent.parent.parent


def add_options(parser: argparse.ArgumentParser) -> None:
    """All options of `serve`."""
    parser.add_argument("--bind", default="", help="address to listen on (default 127.0.0.1: this machine alone)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
    parser.add_argument(
        "--data", default="", metavar="DIR", help="folder of the database, keys and files (default ./data)"
    )
    parser.add_argument("--lan", action="store_true", help="listen on the local network and show a QR code for phones")
    parser.add_argument(
        "--tls", action="store_true", help="HTTPS with a certificate of our own making; /trust/ explains it"
    )
    parser.add_argument(
        "--tls-cert", default="", metavar="FILE", help="HTTPS with this certificate (PEM, with its chain)"
    )
    parser.add_argument("--tls-key", default="", metavar="FILE", help="key of --tls-cert")
    parser.add_argument(
        "--demo", action="store_true", help="add demo people and conversations (once, to an empty site)"
    )
    parser.add_argument("--no-worker", action="store_true", help="no background worker in this process")
    parser.add_argument(
        "--server", choices=["uvicorn", "daphne"], default="uvicorn", help="ASGI server (default uvicorn)"
    )
    parser.add_argument(
        "--gateway",
        action="append",
        default=[],
        metavar="PROTOCOL=HOST:PORT",
        help="also speak struct, frames, lines or packets",
    )
    parser.add_argument("--plain", action="store_true", help="gateways without TLS, also where others can reach them")
    parser.add_argument("--quiet", action="store_true", help="print only the address")


def bind_address(options: argparse.Namespace) -> str:
    """The address to listen on."""
    return options.bind or ("0.0.0.0" if options.lan else "127.0.0.1")  # noqa: S104


def prepare_environment(arguments: list[str]) -> None:
    """Before the settings are read: the data folder, the secret key, host names, translations."""
    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser)
    options, _ = parser.parse_known_args(arguments)
    if options.data:
        os.environ["CHATROOM_DATA"] = str(Path(options.data).resolve())
    data = Path(os.environ.setdefault("CHATROOM_DATA", str(BASE / "data")))
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_secret_key(data / "secret_key")
    if options.tls or options.tls_cert:
        os.environ["CHATROOM_TLS"] = "1"
    if options.tls and not options.tls_cert:
        # A browser that was told HSTS offers no way past a certificate it does not trust yet.
        os.environ.setdefault("CHATROOM_HSTS", "0")
    given = [host.strip() for host in os.environ.get("CHATROOM_ALLOWED_HOSTS", "").split(",") if host.strip()]
    hosts = dict.fromkeys([*given, *network.hosts(bind_address(options))])
    os.environ["CHATROOM_ALLOWED_HOSTS"] = ",".join(hosts)
    compile_translations(BASE / "locale")
    os.umask(0o077)  # the database and what else is made from here on is the owner's alone


def use_data(arguments: list[str]) -> None:
    """The data folder of a command that is told it by `--data`."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--data", default="")
    options, _ = parser.parse_known_args(arguments)
    if options.data:
        os.environ["CHATROOM_DATA"] = str(Path(options.data).resolve())
    os.umask(0o077)


def make_secret_key(path: Path) -> None:
    """A new key, readable by the owner alone; of two processes that start at once one wins."""
    if path.exists() or os.environ.get("CHATROOM_SECRET_KEY"):
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(50) + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
