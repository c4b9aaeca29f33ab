"""A file may turn out to be of a kind that is not allowed. Nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0002_names_for_people")]

    operations = [
        migrations.AlterField(
            model_name="storedfile",
            name="status",
            field=models.CharField(
                choices=[
                    ("processing", "Being read"),
                    ("ready", "Ready"),
                    ("failed", "Could not be read"),
                    ("refused", "Removed: not allowed"),
                ],
                default="processing",
                max_length=10,
                verbose_name="state",
            ),
        ),
    ]
