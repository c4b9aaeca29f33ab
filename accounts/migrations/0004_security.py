from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_manage")]
    operations = [
        migrations.AddField("user", "older_password", models.CharField(blank=True, editable=False, max_length=128)),
        migrations.AddField("user", "older_password_at", models.DateTimeField(editable=False, null=True)),
    ]
