from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatewaysConfig(AppConfig):
    name = "gateways"
    verbose_name = _("Older clients")

    def ready(self) -> None:
        from core import registry
        from gateways import policies
        from gateways.packets import kept

        registry.policies_changing.append(policies.policies_changing)
        registry.account_deleted.append(kept.account_deleted)
        registry.exports.append(kept.exported)
