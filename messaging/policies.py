"""Site policies on groups and messages."""

from dataclasses import field

from django.utils.translation import gettext_lazy as _

from core import policies


@policies.section
class Groups:
    """Who makes groups, how people come into them, and who writes in Everyone."""

    title = _("Groups")
    creators: str = field(
        default="everybody",
        metadata={
            "label": _("Who may create groups"),
            "choices": ("everybody", "staff"),
            "names": {"everybody": _("Everybody"), "staff": _("Administrators and moderators")},
        },
    )
    add_directly: bool = field(
        default=True,
        metadata={"label": _("Owners and managers may add people without asking them (off: they are invited)")},
    )
    everyone_posting: str = field(  # the same as `posting` of Everyone: whoever changes one of them changes both
        default="all",
        metadata={
            "label": _("Who may write in Everyone"),
            "choices": ("all", "managers"),
            "names": {"all": _("Everybody"), "managers": _("Administrators and moderators")},
        },
    )


@policies.section
class Messages:
    """Windows in minutes; -1: any time."""

    title = _("Messages")
    recall_minutes: int = field(
        default=2,
        metadata={"label": _("Minutes in which one may recall a message (-1: any time)"), "range": (-1, 525_600)},
    )
    edit_minutes: int = field(
        default=15,
        metadata={"label": _("Minutes in which one may edit a message (-1: any time)"), "range": (-1, 525_600)},
    )


@policies.section
class Moderation:
    """Words that the site does not want."""

    title = _("Moderation")
    words: str = field(
        default="",
        metadata={
            "label": _("Words that are not wanted, one a line"),
            "long": 20_000,
            "help": _(
                "Whole words, also with blanks or signs between their letters; “word*” also finds longer ones that begin so."
                " Letters without marks find those with marks, not the other way round; “=word” finds exactly these."
            ),
        },
    )
    word_action: str = field(
        default="refuse",
        metadata={
            "label": _("A message with such words"),
            "choices": ("refuse", "report"),
            "names": {"refuse": _("Is not sent"), "report": _("Is sent and reported to the moderators")},
        },
    )
