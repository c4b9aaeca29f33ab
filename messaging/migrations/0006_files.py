import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Files in messages, offers, pictures of groups."""

    dependencies = [("messaging", "0005_messages"), ("files", "0001_initial")]

    operations = [
        migrations.AddField("conversation", "avatar", models.CharField(blank=True, max_length=22)),
        migrations.AddIndex(
            "message",
            models.Index(fields=["conversation", "seq"], condition=Q(kind="file"), name="message_with_files"),
        ),
        migrations.AddIndex(
            "message",
            models.Index(fields=["conversation", "seq"], condition=Q(html__contains="<a "), name="message_with_links"),
        ),
        migrations.CreateModel(
            "MessageFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="messaging.message",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("message", "position"), name="message_file_position"),
                    models.UniqueConstraint(fields=("message", "file"), name="message_file_once"),
                ]
            },
        ),
        migrations.CreateModel(
            "MessageOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="messaging.message"
                    ),
                ),
                (
                    "offer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="files.offer"
                    ),
                ),
            ],
        ),
    ]
