"""What every answer says to browsers besides its content (C35): each class of answer, in the clear and under TLS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts import actions
from accounts.sealing import new_key
from files.tests.made import make_file, make_picture
from tests.cast import PASSWORD, PICTURE, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:StreamingHttpResponse")]
ROOT = Path(__file__).parent.parent


def directives(response: Any) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))


def classes(cast: Cast) -> dict[str, tuple[Any, int, bool]]:
    """An answer of each class: (response, status, whether it is one person's own)."""
    member, admin = cast.member.client, cast.administrator.client
    avatar = actions.set_avatar(cast.member.user, PICTURE)
    file, picture = make_file(cast.member), make_picture(cast.member)
    made = actions.begin_import(cast.administrator.user, "x.csv", b"name\nfresh\n")
    key = new_key()
    actions.start_import(cast.administrator.user, made.pk, key)
    actions.run_import(made.pk)
    admin.cookies[f"import-{made.pk}"] = key
    admin.cookies[f"import-{made.pk}"]["path"] = "/"
    nobody = type(member)()
    strict = type(member)(enforce_csrf_checks=True)
    import_page = f"/admin/accounts/user/import/{made.pk}/"
    return {
        "page": (member.get("/"), 200, True),
        "settings": (member.get("/accounts/settings/"), 200, True),
        "page for strangers": (nobody.get("/accounts/login/"), 200, False),
        "redirect": (nobody.get("/"), 302, False),
        "missing page": (member.get("/nothing/"), 404, True),
        "forged form": (strict.post("/accounts/login/", {"login": "x"}), 403, False),
        "answer": (member.get("/api/snapshot"), 200, True),
        "refused answer": (member.get("/api/conversations/99999/messages"), 404, True),
        "unknown answer": (nobody.get("/api/snapshot"), 401, False),
        "export": (member.get("/accounts/data/"), 200, True),
        "avatar": (member.get(f"/avatars/{avatar}/64.webp"), 200, False),
        "file": (member.get(f"/files/{file.token}/x"), 200, True),
        "picture": (member.get(f"/files/{picture.token}/x"), 200, True),
        "picture, part": (member.get(f"/files/{picture.token}/x", headers={"Range": "bytes=0-1"}), 206, True),
        "picture, kept": (member.get(f"/files/{picture.token}/x", headers={"If-None-Match": "*"}), 304, True),
        "preview": (member.get(f"/files/{picture.token}/preview"), 200, True),
        "file, no such part": (member.get(f"/files/{file.token}/x", headers={"Range": "bytes=9999999-"}), 416, True),
        "texts": (nobody.get("/i18n/vi.json"), 200, False),
        "manifest": (nobody.get("/manifest.webmanifest"), 200, False),
        "health": (nobody.get("/healthz"), 200, False),
        "admin": (admin.get("/admin/accounts/user/"), 200, True),
        "admin, refused": (cast.moderator.client.get("/admin/accounts/user/"), 403, True),
        "one-time passwords": (admin.post(import_page + "report/", {"show": 1}), 200, True),
        "one-time passwords as a file": (admin.post(import_page + "report/", {"download": 1}), 200, True),
        "progress": (admin.get(import_page + "progress/"), 200, True),
    }


def test_every_class_of_answer(cast: Cast):
    wrong = []
    for name, (response, status, private) in classes(cast).items():
        policy, headers = directives(response), response.headers
        said = headers.get("Cache-Control", "")
        of_file = name.startswith(("file", "picture", "preview"))
        checks = {
            f"status {response.status_code}": response.status_code == status,
            "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
            "frames": headers.get("X-Frame-Options") == "DENY" and policy.get("frame-ancestors") == "'none'",
            "default": policy.get("default-src") == "'none'" and policy.get("base-uri") == "'none'",
            "scripts": ("sandbox" in policy and "script-src" not in policy)
            if of_file
            else (policy.get("script-src", "").split()[0] == "'self'" and "unsafe" not in str(policy)),
            "types": ("require-trusted-types-for" in policy)
            != (of_file or name.startswith(("admin", "one-time", "progress"))),
            "embedding": headers.get("Cross-Origin-Resource-Policy") == "same-origin",
            "referrer": headers.get("Referrer-Policy") == "same-origin",
            "cache": not private or (("no-cache" if of_file else "no-store") in said and "private" in said),
            "kind": response.status_code in (301, 302, 304) or bool(headers.get("Content-Type")),
        }
        wrong += [f"{name}: {check}" for check, passed in checks.items() if not passed]
    assert wrong == []


def test_cookies_are_for_the_server_alone(cast: Cast, client):
    client.post("/accounts/login/", {"login": "member", "password": PASSWORD})
    client.post("/accounts/language/", {"language": "vi", "next": "/"})
    cookies = client.cookies
    assert {"sessionid", "language"} <= set(cookies)
    for name, cookie in cookies.items():
        assert cookie["samesite"] in ("Lax", "Strict"), name
        assert cookie["httponly"] or name in ("csrftoken", "language"), name
        assert not cookie["domain"] and cookie["path"] == "/", name


def test_under_tls_cookies_cannot_be_planted_and_windows_are_apart():
    program = (
        "import json, django; django.setup(); from django.conf import settings as s; from accounts import device;"
        " print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, device.COOKIE, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.LANGUAGE_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SECURE_CROSS_ORIGIN_OPENER_POLICY, s.SECURE_HSTS_SECONDS]))"
    )
    env = {**os.environ, "CHATROOM_TLS": "1", "DJANGO_SETTINGS_MODULE": "chatroom.settings"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    names, rest = json.loads(done.stdout)[:3], json.loads(done.stdout)[3:]
    assert names == ["__Host-sessionid", "__Host-csrftoken", "__Host-device"]
    assert rest[:5] == [True, True, True, True, "same-origin"] and rest[5] >= 31_536_000


def test_static_files_say_it_too():
    headers: dict[str, str] = {}
    settings.WHITENOISE_ADD_HEADERS_FUNCTION(headers, "x.svg", "/static/x.svg")
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin" and headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
