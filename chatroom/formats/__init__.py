"""Dates as people write them, where Django's own form reads oddly inside a sentence."""
