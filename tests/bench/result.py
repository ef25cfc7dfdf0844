"""What a measurement gives, and how it is printed."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One figure, what it is compared with in the same run, and what is wanted of it.

    `most` is the target for the ratio to the peer, or for the value where there is no peer; `most_value` that for the value in any case.
    """

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    most: float | None = None
    most_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """To the peer; None where there is none."""
        return None if self.peer_value is None else self.value / self.peer_value

    @property
    def target(self) -> float | None:
        """What is wanted at the most; None where nothing is."""
        return self.most if self.most_value is None else self.most_value

    @property
    def reached(self) -> bool:
        """Whether it is what is wanted."""
        judged = self.value if self.ratio is None or self.most_value is not None else self.ratio
        return self.target is None or judged <= self.target

    def line(self) -> str:
        """One line of text."""
        text = f"{self.name:<46}{self.value:>9.4g} {self.unit:<10}"
        if self.ratio is not None:
            text += f" {self.ratio:5.2f} × {self.peer} ({self.peer_value:.4g} {self.unit})"
        if self.target is not None:
            by = "" if self.ratio is None or self.most_value is not None else " ×"
            text += f"  {'ok' if self.reached else 'MISSED'}, target ≤ {self.target:g}{by}"
        return text

    def json(self) -> dict[str, object]:
        """The same for a machine."""
        return {**asdict(self), "ratio": self.ratio, "reached": self.reached}
