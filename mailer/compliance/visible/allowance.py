"""How much work one page may cause: what is beyond it nobody judges, so that it is refused."""

from mailer.compliance.bounds import Obstacle, Unjudgeable

_OBSTACLE = Obstacle(
    "The HTML cannot be judged: its styles would take too long to follow.",
    "Simplify the style sheet, or start again from a template.",
    "HTML part",
)
# A tenth of a microsecond to a few of them each; heavy newsletters take a fifth of this.
MOST_STEPS = 3_000_000


class TooComplex(Unjudgeable):
    """The styles of a page would take too long to follow."""

    def __init__(self) -> None:
        super().__init__(_OBSTACLE)


class Allowance:
    """Steps of work that are left; more than those raise TooComplex."""

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self.steps = steps

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise TooComplex
