"""How a bench says what it measured: one line for each figure, the target beside it."""

from collections.abc import Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def line(name: str, figures: str, note: str = "") -> None:
    print(f"  {name:<34}{figures:>26}  {note}".rstrip(), flush=True)


def verdict(target: str, *, is_met: bool) -> str:
    return f"target {target}: {'met' if is_met else 'MISSED'}"
