from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from core import registry
        from messaging import commands, everyone, presence, summary  # noqa: F401 - commands register themselves
        from messaging.feeds import ConversationFeed

        registry.feeds["c"] = ConversationFeed()
        registry.snapshot_parts.append(summary.snapshot_part)
        registry.site_facts.append(summary.site_facts)
        registry.private_parts.append(summary.private_part)
        registry.audiences.append(presence.partners_of)
        registry.members_of.append(presence.members_among)
        registry.account_made.append(everyone.account_made)
        registry.account_deleted.append(everyone.account_deleted)
