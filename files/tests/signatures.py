"""What an S3 server says of a signed address at a moment: Signature Version 4 in the query, by AWS's description. moto looks at none of it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit


def admitted(address: str, at: datetime, secret: str = "test") -> bool:
    """Whether a GET of it is answered."""
    parts = urlsplit(address)
    told = dict(parse_qsl(parts.query, keep_blank_values=True))
    signature = told.pop("X-Amz-Signature", "")
    scope = told["X-Amz-Credential"].partition("/")[2]
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(told.items()))
    asked = "\n".join(["GET", parts.path, query, f"host:{parts.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    digest = hashlib.sha256(asked.encode()).hexdigest()
    key = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", told["X-Amz-Date"], scope, digest])
    if not hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), signature):
        return False
    made = datetime.strptime(told["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return made <= at < made + timedelta(seconds=int(told["X-Amz-Expires"]))
