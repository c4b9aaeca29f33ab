"""What is wrong with the boxes of a page: one function, run in the page, that returns sentences."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

FAULTS = Path(__file__).with_suffix(".js").read_text()


def layout_faults(page: Page, width: int, touch: bool) -> list[str]:
    """Overflow, cut texts, small targets and targets on each other, at the width that the window was given."""
    return page.evaluate(FAULTS, [44 if touch else 24, 32 if touch else 24, width])


def told(found: dict[str, list[str]]) -> str:
    """Each fault once, with the screens where it was seen."""
    places: dict[str, list[str]] = {}
    for place, faults in found.items():
        for fault in faults:
            places.setdefault(fault, []).append(place)
    return "\n".join(f"{fault}\n    {'; '.join(at)}" for fault, at in places.items())
