"""Storages of the tests of files, for those of other apps that store something."""

from files.tests.conftest import disk, one_thread, s3_server, store

__all__ = ["disk", "one_thread", "s3_server", "store"]
