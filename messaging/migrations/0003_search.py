from django.db import migrations, models

from core.names import search_key
from messaging import search_index


def name_groups(apps, schema_editor):
    groups = apps.get_model("messaging", "Conversation").objects.exclude(name="")
    for pk, name in groups.values_list("pk", "name").iterator():
        groups.filter(pk=pk).update(search_key=search_key(name))


def make_index(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        search_index.create(cursor, schema_editor.connection.vendor)
    search_index.fill()


def drop_index(apps, schema_editor):
    schema_editor.execute("DROP TABLE messaging_search")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_invites")]
    operations = [
        migrations.AddField("conversation", "search_key", models.CharField(default="", editable=False, max_length=512)),
        migrations.RunPython(name_groups, migrations.RunPython.noop),
        migrations.RunPython(make_index, drop_index),
    ]
