from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import access, actions, commands, events, policies, signals  # noqa: F401
        from core import registry

        registry.find_actors = access.actors

        registry.gates.append(access.gate)
        registry.ended.append(access.recently_ended)
        registry.audiences.append(access.friends_of)
        registry.hidden.append(access.is_blocked_between)
        registry.last_seen.append(actions.went_offline)
        registry.snapshot_parts.append(events.add_to_snapshot)
        registry.site_facts.append(events.site_facts)
        registry.private_parts.append(events.private_state)
