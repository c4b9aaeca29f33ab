from django.apps import AppConfig


class ChatroomConfig(AppConfig):
    name = "chatroom"

    def ready(self) -> None:
        from chatroom.backup import policies  # noqa: F401 - sections register themselves
