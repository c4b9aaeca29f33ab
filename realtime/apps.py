from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"

    def ready(self) -> None:
        from core import registry
        from realtime import limits  # noqa: F401 - its policies
        from realtime.heads import UserFeed

        registry.feeds["u"] = UserFeed()
