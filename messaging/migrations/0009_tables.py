from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0008_names_for_people")]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="tables",
            field=models.BooleanField(db_default=True, default=True, verbose_name="card tables"),
        )
    ]
