"""Secrets in private columns (C25): no page, answer, frame, log line or export of anybody shows one."""

from __future__ import annotations

import io
import json
import logging
import tarfile
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from celery import Task
from django.contrib.sessions.models import Session
from django.core.management import call_command

from accounts import actions, tasks
from accounts.data_export import document
from accounts.models import AccountImport, LoginSession, SetupLink, SignInGuard, Token, User
from audit import actions as log
from audit.formats import FORMATS
from messaging.models import RemovedText
from messaging.transcript_forms import FORMS
from realtime import hints
from tests import steps_files, steps_groups, steps_people  # noqa: F401 - their steps register themselves
from tests.answers import bytes_of
from tests.cast import Cast
from tests.steps import STEPS
from tests.tabs import Site
from tests.test_policy_matrix import (
    PAGES,
    ROLES,
    SIGNED_OUT,
    Scene,
    address,
    pages_scene,  # noqa: F401
    scene,  # noqa: F401
)

CANARY = "caNary7Xq"
WIDEST = ("administrator", "master", "stranger", "anonymous")  # each of them sees something that no other does


def plant(scene: Scene) -> set[str]:  # noqa: F811
    """The same, where a scene is built."""
    return plant_for(scene.cast)


def plant_for(cast: Cast) -> set[str]:
    """A canary in each column that only the server reads, and the secrets that are there anyway."""
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(
            older_password=f"{CANARY}-older-{user.pk}", options={**user.options, "x": f"{CANARY}-option"}
        )
    Token.objects.create(user=cast.member.user, name="token", digest=f"{CANARY}-digest")
    Authenticator.objects.create(user=cast.blocked.user, type="totp", data={"secret": f"{CANARY}-secret"})
    SetupLink.objects.create(pk=1, digest=f"{CANARY}-link")
    SignInGuard.objects.create(key=f"name:{CANARY}-guard")
    AccountImport.objects.create(
        by=cast.administrator.user, sealed=f"{CANARY}-sealed", seal=f"{CANARY}-seal", state="done"
    )
    seq = cast.say(cast.member, f"{CANARY}-recalled")
    cast.member.client.post(
        "/api/message.recall",
        json.dumps({"conversation": cast.group, "seq": seq}),
        content_type="application/json",
    )
    assert RemovedText.objects.filter(body=f"{CANARY}-recalled").exists()
    hashes = set(User.objects.exclude(password="").values_list("password", flat=True))
    sessions = set(Session.objects.values_list("pk", flat=True)) | set(
        LoginSession.objects.values_list("key", flat=True)
    )
    return {CANARY} | hashes | sessions


def found_in(text: str, secrets: set[str]) -> list[str]:
    return [secret for secret in secrets if secret in text]


@pytest.mark.django_db
def test_no_page_shows_one_to_anybody(pages_scene: Scene, caplog: pytest.LogCaptureFixture, slow: bool):  # noqa: F811
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "django.template")  # it tells of each name that a page does not have, at length
    browsers = {role: pages_scene.browser(role) for role in (ROLES if slow else WIDEST)}
    secrets = plant(pages_scene)
    assert found_in(f"a page with {CANARY}", secrets)
    told, seen = [], 0
    for name in PAGES:
        if name.startswith("GET ") and "logout" not in name:
            for role, browser in browsers.items():
                if role == "blocked":
                    continue  # his first page signs him out
                response = browser.get(address(pages_scene, name[4:].strip("/") and name[4:], role))
                text = bytes_of(response).decode(errors="replace")
                seen += len(text)
                told += [
                    f"{name} for {role}: {secret}" for secret in found_in(text + str(dict(response.headers)), secrets)
                ]
    assert seen > (1_000_000 if slow else 400_000) and told == []
    lines = "\n".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert not found_in(lines, secrets)


@pytest.mark.django_db(transaction=True)
def test_no_frame_and_no_answer_has_one(scene: Scene, site: Site):  # noqa: F811
    secrets = plant(scene)
    heard = []
    for role in ROLES:
        if role not in SIGNED_OUT:
            tab = site.connect(scene.person(role))
            heard.append(json.dumps(tab.hello(), ensure_ascii=False))
            heard.append(
                json.dumps(tab.ask("conversation.open", {"conversation": scene.cast.group}), ensure_ascii=False)
            )
            heard += [json.dumps(frame, ensure_ascii=False) for frame in tab.frames]
            for path in ("/api/snapshot", "/api/people", f"/api/conversations/{scene.cast.group}/messages"):
                heard.append(scene.browser(role).get(path).content.decode())
    assert len("".join(heard)) > 10_000
    assert not found_in("".join(heard), secrets)


@pytest.mark.django_db(transaction=True)
def test_nothing_handed_to_redis_or_a_worker_has_one(
    scene: Scene,  # noqa: F811
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
):
    secrets, handed = plant(scene), []

    async def keep(message: dict) -> None:
        handed.append(json.dumps(message, ensure_ascii=False))

    settings.REDIS_URL = "redis://nowhere"
    monkeypatch.setattr(hints, "_send", keep)
    monkeypatch.setattr(Task, "apply_async", lambda task, *args, **more: handed.append(f"{task.name} {args} {more}"))
    for step in STEPS.values():
        step(scene.cast)
    actions.begin_import(scene.cast.administrator.user, "x.csv", b"name\nfresh\n")
    AccountImport.objects.update(touched_at="2020-01-01T00:00Z", state="waiting")
    tasks.look_after_jobs()
    assert len(handed) > 100 and any("run_import" in line for line in handed)
    assert not found_in("\n".join(handed), secrets | set(User.objects.values_list("password", flat=True)) - {"!"})


@pytest.mark.django_db
def test_commands_print_none(pages_scene: Scene, capsys: pytest.CaptureFixture[str]):  # noqa: F811
    secrets = plant(pages_scene)
    call_command("create_user", "printed")
    call_command("unlock", "member")
    call_command("block_user", "stranger", reason="spam")
    assert not found_in("".join(capsys.readouterr()), secrets)


@pytest.mark.django_db(transaction=True)
def test_nothing_that_is_exported_has_one(cast: Cast, tmp_path: Path, settings: Any):
    """The log by command and from the administration, every conversation, one's own data. A backup's list of contents tells no more."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    secrets, texts = plant_for(cast), dict[str, str]()
    for step in STEPS.values():
        step(cast)
    for form in FORMATS:
        call_command("export_log", "--format", form, "--out", str(tmp_path / "log"), stderr=io.StringIO())
        texts[f"log as {form}"] = (tmp_path / "log").read_text()
        export = log.begin_export(cast.administrator.user, form)
        log.run_export(export.pk)
        texts[f"log as {form}, from the administration"] = "".join(
            file.read_text(errors="replace") for file in (tmp_path / "data").rglob("*") if file.is_file()
        )
    for form in FORMS:
        call_command(
            "export_conversation", "--all", "--format", form, "--out", str(tmp_path / form), stderr=io.StringIO()
        )
        texts[f"conversations as {form}"] = "".join(file.read_text() for file in (tmp_path / form).rglob("*.*"))
    texts["own data"] = "".join(document(cast.member.user))
    archive = tmp_path / "backup.tar.gz"
    call_command("backup", "--out", str(archive), stdout=io.StringIO(), stderr=io.StringIO())
    with tarfile.open(archive) as backup:
        names = [member.name for member in backup]
        manifest = backup.extractfile(next(name for name in names if "manifest" in name))
        assert manifest
        texts["a backup's list of contents"] = f"{manifest.read().decode()} {names}"
    assert all(len(text) > 200 for text in texts.values()), {name: len(text) for name, text in texts.items()}
    assert not {name: found for name, text in texts.items() if (found := found_in(text, secrets))}
