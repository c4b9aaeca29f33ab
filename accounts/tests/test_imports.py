"""Imports: all or nothing, told line by line, passwords that nobody but the one who asked can read."""

import json
import stat
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from accounts import actions, admin_import, tasks
from accounts.models import AccountImport, User
from accounts.people_file import Line, read
from accounts.sealing import new_key
from accounts.tests.factories import PASSWORD, person
from audit.chain import verify
from audit.models import Event
from core.refusal import Refusal
from messaging.models import Conversation, Membership, Message
from realtime.models import UserHead

pytestmark = pytest.mark.django_db
FILE = "name,display name,groups,language\nlan,Trần Lan,Lớp 10A;Cờ vua,vi\nzhang.wei,张伟,Lớp 10A,中文\nemma,,,\n"


@pytest.fixture(autouse=True)
def cheap_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def lines(text=FILE):
    return read(text).lines


def refusal(call, *args, **kwargs):
    with pytest.raises(Refusal) as found:
        call(*args, **kwargs)
    return found.value


def done(admin, text=FILE, **options):
    """An import through its job; the row and the key."""
    job = actions.begin_import(admin, "people.csv", text.encode(), **options)
    key = new_key()
    actions.start_import(admin, job.pk, key)
    actions.run_import(job.pk)
    job.refresh_from_db()
    return job, key


def test_everybody_is_made_put_into_groups_and_written_down():
    admin = person("admin", is_admin=True)
    job, key = done(admin, create_groups=True)
    assert (job.state, job.new, job.there, job.new_groups, job.done) == ("done", 3, 0, ["Cờ vua", "Lớp 10A"], 3)
    lan, zhang = User.objects.get(username="lan"), User.objects.get(username="zhang.wei")
    assert (lan.name, lan.language, zhang.language, lan.must_change_password) == ("Trần Lan", "vi", "zh-hans", True)
    assert lan.password_expires is not None and lan.is_active and not lan.is_staff
    report = actions.fetch_report(admin, job.pk, key, how="downloaded")
    assert [row[:2] for row in report] == [["lan", "Trần Lan"], ["zhang.wei", "张伟"], ["emma", ""]]
    assert lan.check_password(report[0][2]) and zhang.check_password(report[1][2])
    group = Conversation.objects.get(name="Lớp 10A")
    roles = dict(Membership.objects.filter(conversation=group).values_list("user__username", "role"))
    assert roles == {"admin": "master", "lan": "member", "zhang.wei": "member"}
    facts = [json.loads(m.body) for m in Message.objects.filter(conversation=group).order_by("seq")]
    assert [(fact["code"], len(fact.get("users", []))) for fact in facts] == [("created", 0), ("joined", 2)]
    assert Membership.objects.filter(conversation__kind="everyone").count() == 4
    assert UserHead.objects.filter(user__in=[lan, zhang]).count() == 2
    made = Event.objects.filter(action="account.made", detail__imported=True)
    assert [event.target_name for event in made.order_by("id")] == ["lan", "zhang.wei", "emma"]
    counts = Event.objects.get(action="accounts.imported").detail
    assert counts == {"new": 3, "there": 0, "groups": {"Lớp 10A": 2, "Cờ vua": 1}, "new_groups": ["Cờ vua", "Lớp 10A"]}
    assert verify().broken_at is None


def test_the_check_names_every_bad_line_and_changes_nothing():
    person("Taken")
    Conversation.objects.create(kind="group", name="Here", name_key="here")
    text = (
        "name,display name,groups,language\nok1,,HERE,\n,Nobody,,\na b,,,\nTAKEN,,,\nok2,,,\nOK2,,,\nall,,,\nok3,,,klingon\n"
        f"ok4,,Nowhere,\nok5,{'x' * 65},,\n"
    )
    checked = actions.check_import(lines(text))
    assert [line.username for line in checked.new] == ["ok1", "ok2"]
    reasons = dict(checked.problems)
    assert sorted(reasons) == [3, 4, 5, 7, 8, 9, 10, 11]
    assert "TAKEN" in reasons[5] and "line 6" in reasons[7] and "reserved" in reasons[8] and "Nowhere" in reasons[10]
    before = User.objects.count(), Event.objects.count(), Message.objects.count()
    found = refusal(actions.store_people, None, lines(text), {})
    assert found.code == "bad_lines" and found.problems == checked.problems
    assert (User.objects.count(), Event.objects.count(), Message.objects.count()) == before


def test_one_bad_line_among_seven_hundred_changes_nothing():
    admin = person("admin", is_admin=True)
    text = "name\n" + "".join(f"pupil{n}\n" for n in range(2, 700)) + "bad name\n"
    job = actions.begin_import(admin, "x.csv", text.encode())
    assert (job.state, [number for number, _ in job.problems], job.lines) == ("failed", [700], [])
    assert refusal(actions.start_import, admin, job.pk, new_key()).code == "conflict"
    assert User.objects.count() == 1


def test_accounts_that_exist_stay_as_they_are_and_join_the_groups():
    admin, lan = person("admin", is_admin=True), person("LAN", display_name="Lan cũ")
    assert actions.begin_import(admin, "x.csv", FILE.encode(), create_groups=True).problems[0][0] == 2
    job, key = done(admin, create_groups=True, keep_existing=True)
    assert (job.state, job.new, job.there) == ("done", 2, 1)
    password, lan = lan.password, User.objects.get(pk=lan.pk)
    assert (lan.display_name, lan.password, lan.must_change_password) == ("Lan cũ", password, False)
    assert Membership.objects.filter(user=lan, conversation__name="Lớp 10A").exists()
    assert [row[0] for row in actions.fetch_report(admin, job.pk, key, how="shown")] == ["zhang.wei", "emma"]
    again, _ = done(admin, keep_existing=True)
    assert (again.state, again.new, again.there) == ("done", 0, 3)


def test_a_name_taken_while_the_passwords_are_hashed_fails_the_whole_file(monkeypatch):
    admin = person("admin", is_admin=True)
    job = actions.begin_import(admin, "x.csv", FILE.encode(), create_groups=True)
    actions.start_import(admin, job.pk, new_key())
    from accounts.actions import import_jobs

    def hash_and_be_slow(passwords):
        person("emma")
        return iter(passwords)

    monkeypatch.setattr(import_jobs, "hash_passwords", hash_and_be_slow)
    actions.run_import(job.pk)
    job.refresh_from_db()
    assert (job.state, job.problems[0][0], job.sealed) == ("failed", 4, "")
    assert set(User.objects.values_list("username", flat=True)) == {"admin", "emma"}
    assert not Conversation.objects.filter(kind="group").exists()


def test_the_passwords_lie_nowhere_and_come_once_for_each_use():
    admin, other = person("admin", is_admin=True), person("other", is_admin=True)
    job, key = done(admin, create_groups=True)
    assert key not in str(list(AccountImport.objects.values())) and job.lines == []
    for who, opener in ((other, key), (admin, new_key()), (admin, ""), (admin, "x" * 44)):
        assert refusal(actions.fetch_report, who, job.pk, opener, how="shown").code == "not_found"
    passwords = [row[2] for row in actions.fetch_report(admin, job.pk, key, how="shown")]
    assert refusal(actions.fetch_report, admin, job.pk, key, how="shown").code == "not_found"
    assert [row[2] for row in actions.fetch_report(admin, job.pk, key, how="downloaded")] == passwords
    assert refusal(actions.fetch_report, admin, job.pk, key, how="downloaded").code == "not_found"
    job.refresh_from_db()
    assert job.sealed == ""
    stored = (
        str(list(AccountImport.objects.values())) + str(list(Event.objects.values())) + str(list(User.objects.values()))
    )
    assert len(passwords) == 3 and not any(password in stored for password in passwords)


def test_a_job_whose_worker_died_is_taken_up_and_the_late_one_finds_nothing(monkeypatch):
    admin = person("admin", is_admin=True)
    job = actions.begin_import(admin, "x.csv", b"name\nlan\n")
    for bad in ("", "x" * 44, "é"):
        assert refusal(actions.start_import, admin, job.pk, bad).code == "bad_request"
    actions.start_import(admin, job.pk, new_key())
    rows = AccountImport.objects.filter(pk=job.pk)
    assert actions.pending_imports() == []
    rows.update(state="running", attempt=1)
    actions.run_import(job.pk)
    assert rows.get().state == "running"  # somebody is at it
    rows.update(touched_at=job.made_at - actions.import_jobs.STALE * 2)
    assert actions.pending_imports() == [job.pk]
    actions.run_import(job.pk)
    assert (rows.get().state, rows.get().attempt) == ("done", 2)
    actions.run_import(job.pk)
    assert User.objects.filter(username="lan").count() == 1
    rows.update(touched_at=job.made_at - actions.import_jobs.KEPT * 2)
    assert actions.pending_imports() == [] and not rows.exists()


def test_only_administrators_import(monkeypatch):
    member, moderator = person("member"), person("moderator", is_moderator=True)
    for who in (member, moderator):
        assert refusal(actions.begin_import, who, "x.csv", FILE.encode()).code == "not_allowed"
        assert refusal(actions.store_people, who, lines(), {}).code == "not_allowed"


def test_the_number_of_queries_does_not_grow_with_the_file(django_assert_max_num_queries):
    admin = person("admin", is_admin=True)
    rows = [Line(n, f"pupil{n}", f"Học sinh {n}", ["10A"]) for n in range(2, 302)]
    with django_assert_max_num_queries(90):  # some of them are batches of one INSERT
        actions.store_people(admin, rows, {row.username: "x" for row in rows}, create_groups=True)
    assert User.objects.count() == 301


def test_the_command_imports_and_writes_a_report_only_its_owner_reads(tmp_path):
    person("admin", is_admin=True)
    file, out = tmp_path / "people.csv", tmp_path / "report.csv"
    file.write_bytes(FILE.encode("utf-16"))
    said = StringIO()
    with pytest.raises(CommandError, match="line 2: There is no group"):
        call_command("import_users", str(file), dry_run=True, stderr=said)
    call_command("import_users", str(file), dry_run=True, create_groups=True, stderr=said)
    assert "3 new, 0 there already" in said.getvalue() and User.objects.count() == 1
    call_command("import_users", str(file), create_groups=True, out=out, stderr=said)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600 and not list(tmp_path.glob(".*"))
    rows = out.read_text(encoding="utf-8-sig").splitlines()
    assert User.objects.get(username="lan").check_password(rows[1].split(",")[2])
    assert Membership.objects.get(conversation__name="Cờ vua", role="master").user.username == "admin"
    with pytest.raises(CommandError, match="exists already"):
        call_command("import_users", str(file), keep_existing=True, out=out, stderr=said)
    with pytest.raises(CommandError, match="line 2"):
        call_command("import_users", str(file), stderr=said)
    printed = StringIO()
    file.write_text("name\nminh\n")
    call_command("import_users", str(file), stdout=printed, stderr=said)
    assert User.objects.get(username="minh").check_password(printed.getvalue().split()[-1].split(",")[2])


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_command_that_is_stopped_leaves_the_passwords_of_all_accounts_it_made(tmp_path, monkeypatch, when):
    file, out, part = tmp_path / "people.csv", tmp_path / "report.csv", tmp_path / ".report.csv.part"
    file.write_text("name\nminh\n")
    store = actions.store_people

    def stopped(*args, **kwargs):
        if when == "after":
            store(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "store_people", stopped)
    with pytest.raises(KeyboardInterrupt):
        call_command("import_users", str(file), out=out, stderr=StringIO())
    assert not out.exists() and stat.S_IMODE(part.stat().st_mode) == 0o600
    password = part.read_text(encoding="utf-8-sig").split()[-1].split(",")[2]
    assert [user.check_password(password) for user in User.objects.all()] == ([True] if when == "after" else [])
    with pytest.raises(CommandError, match="was stopped"):
        call_command("import_users", str(file), keep_existing=True, out=out, stderr=StringIO())


def test_the_key_is_a_cookie_of_this_page_alone(client, monkeypatch):
    asked = []
    monkeypatch.setattr(admin_import, "soon", lambda task, id: asked.append((task, id)))
    person("admin", is_admin=True)
    client.login(username="admin", password=PASSWORD)
    sent = {"file": SimpleUploadedFile("lớp.csv", FILE.encode("utf-16")), "create_groups": "on"}
    page = client.post("/admin/accounts/user/import/", sent)["Location"]
    client.post(f"{page}start/")
    job = AccountImport.objects.get()
    assert job.state == "checked" and not asked  # nothing is made for a browser that has no key yet
    response = client.get(page)
    assert "Make 3 accounts" in response.content.decode()
    cookie = response.cookies[f"import-{job.pk}"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (page, True, "Strict", 86400)
    assert f"import-{job.pk}" not in client.get(page).cookies
    for _ in range(2):  # pressed twice
        client.post(f"{page}start/")
    job.refresh_from_db()
    assert asked == [("accounts.run_import", job.pk)] and job.state == "waiting"
    tasks.run_import(job.pk)
    assert client.get(f"{page}progress/").json() == {"busy": False, "done": 3, "percent": 99}
    download = client.post(f"{page}report/", {"download": 1})
    assert download["Content-Disposition"].startswith("attachment") and download.content.startswith(b"\xef\xbb\xbf")
    assert client.post(f"{page}report/", {"download": 1}).status_code == 302
    del client.cookies[f"import-{job.pk}"]
    assert client.post(f"{page}report/", {"show": 1}).status_code == 302
    assert "Only the browser that started" in client.get(page).content.decode()


def test_what_a_stopped_worker_left_is_taken_up(monkeypatch):
    taken = []
    monkeypatch.setattr(tasks.run_import, "delay", lambda id: taken.append(("import", id)))
    monkeypatch.setattr(tasks.erase_messages, "delay", lambda id: taken.append(("erase", id)))
    admin, gone = person("admin", is_admin=True), person("gone")
    actions.delete_account(admin, gone)
    User.objects.filter(pk=gone.pk).update(erase_messages=True)
    job = actions.begin_import(admin, "x.csv", b"name\nlan\n")
    actions.start_import(admin, job.pk, new_key())
    tasks.look_after_jobs()
    assert taken == [("erase", gone.pk)]
    AccountImport.objects.update(touched_at=job.made_at - actions.import_jobs.STALE * 2)
    tasks.look_after_jobs()
    assert taken[1:] == [("import", job.pk), ("erase", gone.pk)]
