"""How a bench tells what it found: a table, and one JSON object as the last line."""

import json
from dataclasses import dataclass, field


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0–1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Report:
    """Rows of one bench; a target is a pair like (">=", 0.5)."""

    name: str
    rows: list[tuple[str, str, float, str, tuple[str, float] | None]] = field(default_factory=list)

    def add(self, key: str, label: str, value: float, unit: str = "", target: tuple[str, float] | None = None) -> None:
        """One figure."""
        self.rows.append((key, label, value, unit, target))

    def missed(self) -> list[str]:
        """Keys of the figures that miss their target."""
        return [key for key, _, value, _, target in self.rows if target and not _meets(value, target)]

    def print(self) -> None:
        """The table and the JSON line."""
        width = max(len(label) for _, label, *_ in self.rows)
        for key, label, value, unit, target in self.rows:
            verdict = (
                "" if not target else f"   {target[0]} {target[1]:,g}  {'MISSED' if key in self.missed() else 'ok'}"
            )
            print(f"{label:<{width}}  {_number(value):>12} {unit:<14}{verdict}".rstrip())
        figures = {key: round(value, 4) for key, _, value, *_ in self.rows}
        print(json.dumps({"bench": self.name, **figures, "missed": self.missed()}), flush=True)


def _meets(value: float, target: tuple[str, float]) -> bool:
    return value >= target[1] if target[0] == ">=" else value <= target[1]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"
