"""``mailer demo`` walks the whole product, and would stop where it does not do as promised."""

import re

from click.testing import CliRunner

from mailer.cli.demo import demo


def test_it_walks_from_sign_up_to_the_campaign_that_no_longer_reaches_her() -> None:
    result = CliRunner().invoke(demo)
    assert result.exit_code == 0, result.output
    steps = re.findall(r"^(\d+)\. ", result.output, re.MULTILINE)
    assert steps == [str(number) for number in range(1, 10)]
    for rule in ("R06", "R13", "R14", "R16"):
        assert rule in result.output
    assert "accepted: 6" in result.output
    assert "unsubscribed: 1" in result.output
