"""The Celery application: `celery -A chatroom.celery worker -P threads`, or inside `serve`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatroom.settings")

app = Celery("chatroom")
app.set_default()  # for every thread, not only the one that imports this
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
