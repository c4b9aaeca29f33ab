from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_security")]
    operations = [
        migrations.AddField("user", "avatar", models.CharField(blank=True, editable=False, max_length=32)),
        migrations.AlterField(
            "friendship",
            "status",
            models.CharField(
                choices=[("pending", "Pending"), ("accepted", "Accepted"), ("refused", "Refused")],
                default="pending",
                max_length=8,
            ),
        ),
    ]
