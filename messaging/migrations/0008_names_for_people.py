"""Columns and tables are called by names that people know. Nothing changes in the database."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0007_reports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="conversation",
            options={"verbose_name": "conversation", "verbose_name_plural": "conversations"},
        ),
        migrations.AlterModelOptions(
            name="invitation",
            options={"verbose_name": "invitation", "verbose_name_plural": "invitations"},
        ),
        migrations.AlterModelOptions(
            name="joinrequest",
            options={"verbose_name": "join request", "verbose_name_plural": "join requests"},
        ),
        migrations.AlterModelOptions(
            name="membership",
            options={"verbose_name": "membership", "verbose_name_plural": "memberships"},
        ),
        migrations.AlterModelOptions(
            name="message",
            options={"verbose_name": "message", "verbose_name_plural": "messages"},
        ),
        migrations.AlterField(
            model_name="conversation",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="made"),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="discoverable",
            field=models.BooleanField(default=False, verbose_name="can be found"),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="join_policy",
            field=models.CharField(
                choices=[("open", "Anybody"), ("request", "On request"), ("invitation", "By invitation")],
                default="invitation",
                max_length=10,
                verbose_name="who may join",
            ),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="kind",
            field=models.CharField(
                choices=[("direct", "Direct conversation"), ("group", "Group"), ("everyone", "Everyone")],
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="members_invite",
            field=models.BooleanField(default=True, verbose_name="members may invite"),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="name",
            field=models.CharField(blank=True, max_length=64, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="notice",
            field=models.CharField(blank=True, max_length=2000, verbose_name="notice"),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="slow_mode",
            field=models.PositiveIntegerField(default=0, verbose_name="seconds between two messages"),
        ),
        migrations.AlterField(
            model_name="conversation",
            name="who_may_post",
            field=models.CharField(
                choices=[("all", "All members"), ("managers", "Only managers")],
                default="all",
                max_length=10,
                verbose_name="who may write",
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="answered_at",
            field=models.DateTimeField(null=True, verbose_name="answered"),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="conversation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="messaging.conversation",
                verbose_name="group",
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="invited_at",
            field=models.DateTimeField(verbose_name="invited"),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="inviter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="invited by",
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting"),
                    ("accepted", "Accepted"),
                    ("refused", "Declined"),
                    ("withdrawn", "Withdrawn"),
                    ("closed", "Closed"),
                ],
                default="pending",
                max_length=9,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AlterField(
            model_name="joinrequest",
            name="answered_at",
            field=models.DateTimeField(null=True, verbose_name="answered"),
        ),
        migrations.AlterField(
            model_name="joinrequest",
            name="answered_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="answered by",
            ),
        ),
        migrations.AlterField(
            model_name="joinrequest",
            name="asked_at",
            field=models.DateTimeField(verbose_name="asked"),
        ),
        migrations.AlterField(
            model_name="joinrequest",
            name="conversation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="messaging.conversation",
                verbose_name="group",
            ),
        ),
        migrations.AlterField(
            model_name="joinrequest",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="reason"),
        ),
        migrations.AlterField(
            model_name="joinrequest",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting"),
                    ("accepted", "Accepted"),
                    ("refused", "Declined"),
                    ("withdrawn", "Withdrawn"),
                    ("closed", "Closed"),
                ],
                default="pending",
                max_length=9,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="joinrequest",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AlterField(
            model_name="joinrequest",
            name="words",
            field=models.CharField(blank=True, max_length=200, verbose_name="words"),
        ),
        migrations.AlterField(
            model_name="membership",
            name="conversation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="messaging.conversation",
                verbose_name="conversation",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="joined_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="joined"),
        ),
        migrations.AlterField(
            model_name="membership",
            name="read_seq",
            field=models.BigIntegerField(default=0, verbose_name="read up to number"),
        ),
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[("master", "Owner"), ("manager", "Manager"), ("member", "Member")],
                default="member",
                max_length=8,
                verbose_name="role",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL, verbose_name="account"
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="body",
            field=models.TextField(blank=True, verbose_name="text"),
        ),
        migrations.AlterField(
            model_name="message",
            name="conversation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="messaging.conversation",
                verbose_name="conversation",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="edited_at",
            field=models.DateTimeField(null=True, verbose_name="edited"),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[("text", "Text"), ("system", "Notice of the system"), ("file", "File"), ("game", "Game")],
                default="text",
                max_length=6,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="recalled_at",
            field=models.DateTimeField(null=True, verbose_name="recalled"),
        ),
        migrations.AlterField(
            model_name="message",
            name="recalled_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="recalled by",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="sender",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="sender",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="sent_at",
            field=models.DateTimeField(verbose_name="sent"),
        ),
        migrations.AlterField(
            model_name="message",
            name="seq",
            field=models.BigIntegerField(verbose_name="number"),
        ),
    ]
