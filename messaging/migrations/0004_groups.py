import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STATUSES = [
    ("pending", "Pending"),
    ("accepted", "Accepted"),
    ("refused", "Refused"),
    ("withdrawn", "Withdrawn"),
    ("closed", "Closed"),
]


def person(**options):
    return models.ForeignKey(related_name="+", to=settings.AUTH_USER_MODEL, **options)


def row(**fields):
    return [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        (
            "conversation",
            models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="messaging.conversation"),
        ),
        ("user", person(on_delete=django.db.models.deletion.CASCADE)),
        ("status", models.CharField(choices=STATUSES, default="pending", max_length=9)),
        ("answered_at", models.DateTimeField(null=True)),
        ("dismissed", models.BooleanField(default=False)),
        *fields.items(),
    ]


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_search"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField("conversation", "discoverable", models.BooleanField(default=False)),
        migrations.AddField("conversation", "members_invite", models.BooleanField(default=True)),
        migrations.AddField("conversation", "notice_seq", models.BigIntegerField(default=0)),
        migrations.CreateModel(
            name="JoinRequest",
            fields=row(
                words=models.CharField(blank=True, max_length=200),
                reason=models.CharField(blank=True, max_length=200),
                asked_at=models.DateTimeField(),
                answered_by=person(null=True, on_delete=django.db.models.deletion.SET_NULL),
            ),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=row(
                invited_at=models.DateTimeField(),
                inviter=person(on_delete=django.db.models.deletion.CASCADE),
            ),
        ),
        migrations.AddConstraint(
            "joinrequest",
            models.UniqueConstraint(
                fields=["conversation", "user"],
                condition=models.Q(("status", "pending")),
                name="join_request_one_pending",
            ),
        ),
        migrations.AddConstraint(
            "invitation",
            models.UniqueConstraint(
                fields=["conversation", "user"],
                condition=models.Q(("status", "pending")),
                name="invitation_one_pending",
            ),
        ),
    ]
