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
    elif sys.argv[1:2] in (["backup"], ["restore"], ["gateway"]):
        from chatroom.serving.options import use_data

        use_data(sys.argv[2:])
    if sys.argv[1:2] == ["doctor"]:
        from chatroom.doctor_settings import readable

        if problem := readable():
            sys.exit(f"error  The settings cannot be read: {problem} → Compare the environment with docs/configure.md.")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
