from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "files"
    verbose_name = _("Files")

    def ready(self) -> None:
        from core import registry
        from files import policies
        from files.actions import account_deleted, disk

        registry.site_facts.append(policies.site_facts)
        registry.account_deleted.append(account_deleted)
        registry.me_parts.append(disk.me_part)
