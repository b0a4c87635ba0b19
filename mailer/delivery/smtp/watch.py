"""The clock over a line: it notices when nothing has moved for too long."""

from mailer.delivery.smtp.relay import Times

NEVER = float("inf")


class Watch:
    """Looks at a line now and then instead of setting a timer for each command.

    A phase begins, for the watch, when it first sees that something moved; so a phase may last a
    tick longer than it may, and not more.
    """

    def __init__(self, times: Times) -> None:
        self.limits = {
            "mail": times.command,
            "rcpt": times.command,
            "rset": times.command,
            "empty": times.command,
            "data": times.data,
            "body": times.body,
            "dot": times.dot,
            "quit": times.quit,
            "idle": times.idle,
            "source": NEVER,  # nobody waits for the relay
        }
        self.transaction = times.transaction
        self.moves = -1
        self.until = NEVER
        self.oldest: object | None = None
        self.oldest_until = NEVER

    def is_over(self, now: float, phase: str, moves: int, oldest: object | None) -> bool:
        """Is the time of this phase, or of the oldest transaction, over? ``now`` in seconds."""
        if moves != self.moves:
            self.moves, self.until = moves, now + self.limits[phase]
        if oldest is not self.oldest:
            self.oldest = oldest
            self.oldest_until = NEVER if oldest is None else now + self.transaction
        return now >= self.until or now >= self.oldest_until
