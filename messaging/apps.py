from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        from core import registry
        from messaging import access, everyone, export, invites, log, presence, reports, sealing, summary, words
        from messaging import commands as _registered  # noqa: F401 - they register themselves
        from messaging.actions import enrol, erase, governing, offers, processed, use_invite
        from messaging.feeds import ConversationFeed

        registry.feeds["c"] = ConversationFeed()
        registry.snapshot_parts.append(summary.snapshot_part)
        registry.site_facts.append(summary.site_facts)
        registry.private_parts.append(summary.private_part)
        registry.opened += [summary.receipts, summary.pins]
        registry.small_places.append(presence.small_among)
        registry.audiences.append(presence.partners_of)
        registry.members_of.append(presence.members_among)
        registry.accounts_made.append(everyone.accounts_made)
        registry.site_role_changed.append(everyone.site_role_changed)
        registry.known_groups, registry.fill_groups = enrol.known_groups, enrol.fill_groups
        registry.erasers.append(erase.erase_messages)
        registry.exports.append(export.parts)
        registry.log_checks.append(sealing.check)
        registry.log_sources.append(log.Messages())
        registry.account_deleted.append(everyone.account_deleted)
        registry.account_blocked.append(everyone.account_blocked)
        registry.policies_changing.append(governing.policies_changing)
        registry.find_invite, registry.use_invite = invites.find_invite, use_invite
        registry.file_readers += [access.may_read_file, reports.may_read_file]
        registry.me_parts.append(reports.me_part)
        registry.text_checks.append(words.demand_wanted)
        registry.file_name_checks.append(words.demand_file_name)
        registry.file_changed.append(processed.file_changed)
        registry.offer_filled = offers.offer_filled
