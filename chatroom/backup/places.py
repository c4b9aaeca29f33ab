"""Where archives lie: a file, a folder, or a bucket on a server that speaks S3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.atomic import atomic_file
from core.refusal import Refusal

PREFIX, SUFFIX = "chatroom-", ".tar.gz"
S3 = "s3://"
OF_S3 = ("boto3", "botocore", "urllib3")  # programs whose errors they are; importing them takes 30 MiB
PIECE, GROWN, GROWS = (
    8 * 2**20,
    64 * 2**20,
    2000,
)  # bytes of a piece on S3, the first 2,000 and the others; 10,000 is the most there may be


def new_name() -> str:
    """What an archive made now is called, unless it is told otherwise."""
    return f"{PREFIX}{datetime.now(UTC):%Y%m%d-%H%M%S}{SUFFIX}"


def place_of(out: str) -> str:
    """The full place of a new archive: a folder or a bucket gets a name in it. Raises Refusal."""
    if out.startswith(S3):
        bucket, _slash, key = out.removeprefix(S3).partition("/")
        if not bucket:
            raise Refusal("bad_request", _("There is no such folder: %(name)s."), name=out)
        return f"{S3}{bucket}/{key}{new_name()}" if not key or key.endswith("/") else out
    path = Path(out).resolve()
    path = path / new_name() if path.is_dir() else path
    if not path.parent.is_dir():
        raise Refusal("bad_request", _("There is no such folder: %(name)s."), name=str(path.parent))
    return str(path)


@contextmanager
def plainly() -> Iterator[None]:
    """What goes wrong with a bucket is told like what goes wrong with a disk. Raises OSError."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] in OF_S3:
            raise OSError(" ".join(str(error).split())) from error
        raise


@contextmanager
def writing(place: str) -> Iterator[Any]:
    """A stream to write to; what is written has its name when all of it is there, and else never."""
    if not place.startswith(S3):
        with atomic_file(Path(place)) as file:
            yield file
        return
    upload = S3Upload(*place.removeprefix(S3).split("/", 1))
    try:
        yield upload
    except BaseException:
        upload.abort()
        raise
    upload.complete()


@contextmanager
def reading(place: str) -> Iterator[IO[bytes]]:
    """A stream to read from. Raises Refusal."""
    if place.startswith(S3):
        client = s3_client()
        bucket, _slash, key = place.removeprefix(S3).partition("/")
        try:
            body = client.get_object(Bucket=bucket, Key=key)["Body"]
        except (client.exceptions.NoSuchKey, client.exceptions.NoSuchBucket):
            raise Refusal("not_found", _("There is no such file: %(name)s."), name=place) from None
        yield body
        body.close()
        return
    try:
        file = Path(place).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise Refusal("not_found", _("There is no such file: %(name)s."), name=f"{place} ({error.strerror})") from None
    with file:
        yield file


def s3_client() -> Any:
    """A client of the server that the settings name (`S3_ENDPOINT` and the others); the bucket may be another one."""
    import boto3  # takes 30 MiB
    from botocore.config import Config

    endpoint, region, access, secret = settings.S3_CLIENT
    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region,
        aws_access_key_id=access or None,
        aws_secret_access_key=secret or None,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


class S3Upload:
    """Bytes on their way to S3 in pieces, which become an object at the end."""

    def __init__(self, bucket: str, key: str) -> None:
        self.client, self.where = s3_client(), {"Bucket": bucket, "Key": key}
        self.id = self.client.create_multipart_upload(**self.where, ContentType="application/gzip")["UploadId"]
        self.buffer, self.parts = bytearray(), []  # type: ignore[var-annotated]

    def write(self, data: bytes) -> int:
        """Gathers, and sends a piece when there is one."""
        self.buffer += data
        if len(self.buffer) >= (PIECE if len(self.parts) < GROWS else GROWN):
            self._send()
        return len(data)

    def flush(self) -> None:
        """Pieces have a least size: nothing to do."""

    def _send(self) -> None:
        number = len(self.parts) + 1
        answer = self.client.upload_part(**self.where, UploadId=self.id, PartNumber=number, Body=bytes(self.buffer))
        self.parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        self.buffer = bytearray()

    def complete(self) -> None:
        """From now on it is there."""
        self._send()
        parts = {"Parts": self.parts}
        self.client.complete_multipart_upload(**self.where, UploadId=self.id, MultipartUpload=parts)

    def abort(self) -> None:
        """It never was."""
        self.client.abort_multipart_upload(**self.where, UploadId=self.id)
