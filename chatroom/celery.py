"""The Celery application: `celery -A chatroom.celery worker -P threads`, or inside `serve`."""

import os

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatroom.settings")

app = Celery("chatroom")
app.set_default()  # for every thread, not only the one that imports this
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.worker_init.connect
def begin(**kwargs):
    """A worker of its own notes what goes wrong, as servers do."""
    from chatroom import incidents  # needs Django, which is ready now

    incidents.begin()


@signals.task_postrun.connect
def count(sender=None, state=None, **kwargs):
    """Count what was done."""
    from core import metrics

    metrics.tasks.labels(sender.name, (state or "unknown").lower()).inc()
