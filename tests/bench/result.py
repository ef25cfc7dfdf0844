"""What a measurement gives, and how it is printed."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One figure, what it is compared with in the same run, and what is wanted of it: `most` of the ratio, or of the value itself."""

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    most: float | None = None

    @property
    def judged(self) -> float:
        """What the target is about: the ratio to the peer where there is one, else the value."""
        return self.value if self.peer_value is None else self.value / self.peer_value

    def line(self) -> str:
        """One line of text."""
        text = f"{self.name:<46}{self.value:>9.4g} {self.unit:<10}"
        if self.peer_value is not None:
            text += f" {self.judged:5.2f} × {self.peer} ({self.peer_value:.4g} {self.unit})"
        if self.most is not None:
            text += f"  {'ok' if self.judged <= self.most else 'MISSED'}, target ≤ {self.most:g}"
        return text

    def json(self) -> dict[str, object]:
        """The same for a machine."""
        return {**asdict(self), "judged": self.judged, "reached": self.most is None or self.judged <= self.most}
