"""Columns and tables are called by names that people know. Nothing changes in the database."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="storedfile",
            options={"verbose_name": "file", "verbose_name_plural": "files"},
        ),
        migrations.AlterField(
            model_name="storedfile",
            name="content_type",
            field=models.CharField(default="application/octet-stream", max_length=100, verbose_name="type"),
        ),
        migrations.AlterField(
            model_name="storedfile",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="uploaded"),
        ),
        migrations.AlterField(
            model_name="storedfile",
            name="kind",
            field=models.CharField(
                choices=[("image", "Picture"), ("audio", "Sound"), ("video", "Video"), ("file", "File")],
                default="file",
                max_length=5,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="storedfile",
            name="name",
            field=models.CharField(max_length=255, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="storedfile",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="owner",
            ),
        ),
        migrations.AlterField(
            model_name="storedfile",
            name="size",
            field=models.BigIntegerField(verbose_name="size"),
        ),
        migrations.AlterField(
            model_name="storedfile",
            name="status",
            field=models.CharField(
                choices=[("processing", "Being read"), ("ready", "Ready"), ("failed", "Could not be read")],
                default="processing",
                max_length=10,
                verbose_name="state",
            ),
        ),
    ]
