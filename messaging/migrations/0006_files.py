from django.db import migrations


class Migration(migrations.Migration):
    """Files in messages, offers, pictures of groups."""

    dependencies = [("messaging", "0005_messages"), ("files", "0001_initial")]

    operations: list = []
