import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("accounts", "0005_people")]
    operations = [
        migrations.CreateModel(
            name="InviteLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="made")),
                ("expires_at", models.DateTimeField(verbose_name="valid until")),
                ("max_uses", models.PositiveIntegerField(null=True, verbose_name="at most")),
                ("uses", models.PositiveIntegerField(default=0, verbose_name="used")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="revoked")),
                (
                    "conversation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="messaging.conversation",
                        verbose_name="group",
                    ),
                ),
                (
                    "maker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invite_links",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
            ],
            options={"verbose_name": "invite link", "verbose_name_plural": "invite links"},
        ),
        migrations.AddConstraint(
            model_name="invitelink",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_uses", None), ("uses__lte", models.F("max_uses")), _connector="OR"),
                name="invite_link_uses",
            ),
        ),
    ]
