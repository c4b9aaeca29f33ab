import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


def key():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def person(**options):
    return models.ForeignKey(related_name="+", to=settings.AUTH_USER_MODEL, db_index=False, **options)


def part_of(model, **options):
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=f"messaging.{model}", **options)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_groups"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Mailing",
            fields=[
                key(),
                ("client_id", models.CharField(max_length=64)),
                ("sent_at", models.DateTimeField()),
                ("digest", models.CharField(max_length=64)),
                ("refused", models.JSONField(default=dict)),
                ("sender", person(on_delete=django.db.models.deletion.CASCADE)),
            ],
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                key(),
                ("seq", models.BigIntegerField()),
                ("conversation", part_of("conversation", db_index=False)),
                ("message", part_of("message", db_index=False)),
                ("user", person(on_delete=django.db.models.deletion.CASCADE)),
            ],
        ),
        migrations.CreateModel(
            name="Pin",
            fields=[
                key(),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("conversation", part_of("conversation")),
                (
                    "message",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to="messaging.message"),
                ),
                ("user", person(null=True, on_delete=django.db.models.deletion.SET_NULL)),
            ],
        ),
        migrations.AddField("message", "mentions_all", models.BooleanField(db_default=False, default=False)),
        migrations.AddField(
            "message", "forwarded_from", person(null=True, on_delete=django.db.models.deletion.SET_NULL)
        ),
        migrations.AddField(
            "message",
            "mailing",
            models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to="messaging.mailing"
            ),
        ),
        migrations.AddIndex(
            "message",
            models.Index(fields=["conversation", "seq"], condition=Q(mentions_all=True), name="message_mentions_all"),
        ),
        migrations.AddIndex(
            "message",
            models.Index(fields=["mailing"], condition=Q(mailing__isnull=False), name="message_of_mailing"),
        ),
        migrations.AddConstraint(
            "mailing", models.UniqueConstraint(fields=["sender", "client_id"], name="mailing_client_id_unique")
        ),
        migrations.AddConstraint(
            "mention", models.UniqueConstraint(fields=["user", "conversation", "seq"], name="mention_unique")
        ),
        migrations.AddConstraint(
            "mention", models.UniqueConstraint(fields=["message", "user"], name="mention_of_message")
        ),
    ]
