#!/usr/bin/env python3
"""Runs Django's and Chatroom's commands; `manage.py help` lists them."""

import os
import sys


def main() -> None:
    """Runs the command; `serve` settles its environment first, because settings read it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatroom.settings")
    if sys.argv[1:2] == ["serve"] and not {"-h", "--help"} & set(sys.argv):
        from chatroom.serving.options import prepare_environment

        prepare_environment(sys.argv[2:])
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
