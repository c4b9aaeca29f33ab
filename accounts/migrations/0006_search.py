from django.db import migrations, models

from core.names import search_key


def fill(apps, schema_editor):
    people = apps.get_model("accounts", "User").objects
    for pk, *names in people.values_list("pk", "username", "display_name").iterator():
        people.filter(pk=pk).update(search_key=search_key(*names))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_people")]
    operations = [
        migrations.AlterField("user", "search_key", models.CharField(editable=False, max_length=512)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
