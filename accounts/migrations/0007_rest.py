import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_search")]

    operations = [
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                models.F("date_joined"),
                condition=models.Q(("approved_at", None), ("blocked_at", None), ("deleted_at", None)),
                name="user_waiting",
            ),
        ),
        migrations.AlterField(
            model_name="loginsession",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="login_sessions",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
    ]
