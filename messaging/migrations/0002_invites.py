from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("accounts", "0005_people")]
    operations = []
