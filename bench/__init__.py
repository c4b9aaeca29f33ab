"""Measurements of the running server, each beside a baseline of the same run."""
