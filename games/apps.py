from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GamesConfig(AppConfig):
    name = "games"
    verbose_name = _("Games")

    def ready(self) -> None:
        from core import registry
        from games import clocks, commands, export, feeds, policies  # noqa: F401 - commands register themselves
        from games.actions.attend import account_closed, conversation_changed, policies_changing

        registry.feeds["table"] = feeds.TableFeed()
        registry.snapshot_parts.append(feeds.snapshot_part)
        registry.private_parts.append(feeds.private_part)
        registry.site_facts.append(policies.site_facts)
        registry.exports.append(export.parts)
        registry.beginnings.append(clocks.start)
        registry.conversation_changed.append(conversation_changed)
        registry.account_blocked.append(account_closed)
        registry.account_deleted.append(account_closed)
        registry.policies_changing.append(policies_changing)
