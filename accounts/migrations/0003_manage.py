import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_signin")]
    operations = [
        migrations.AddField("user", "erase_messages", models.BooleanField(default=False, editable=False)),
        migrations.CreateModel(
            name="AccountImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checked", "Checked"),
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="checked",
                        max_length=8,
                    ),
                ),
                ("file_name", models.CharField(blank=True, max_length=100)),
                ("lines", models.JSONField(default=list)),
                ("problems", models.JSONField(default=list)),
                ("unused", models.JSONField(default=list)),
                ("new_groups", models.JSONField(default=list)),
                ("new", models.PositiveIntegerField(default=0)),
                ("there", models.PositiveIntegerField(default=0)),
                ("create_groups", models.BooleanField(default=False)),
                ("keep_existing", models.BooleanField(default=False)),
                ("done", models.PositiveIntegerField(default=0)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("seal", models.CharField(blank=True, max_length=64)),
                ("sealed", models.TextField(blank=True)),
                ("shown", models.BooleanField(default=False)),
                ("downloaded", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("touched_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
    ]
