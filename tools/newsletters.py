"""Says what the gate finds in real newsletters under our footer: for each rule, how many and where.

Run as ``python -m tools.newsletters``, or with the names of rules to see all their findings. A
finding is no error of a rule by itself; a refusal that you would not defend to the author is one.
"""

import sys
from collections import defaultdict

from mailer.compliance import gate
from mailer.compliance.finding import Finding
from tests.corpus import newsletters, wrapping
from tests.corpus.newsletters import Newsletter

EXAMPLES = 3

Found = list[tuple[Newsletter, Finding]]


def main() -> None:
    found: defaultdict[tuple[str, str], Found] = defaultdict(list)
    mails = newsletters.newsletters()
    for mail in mails:
        for finding in gate.judge(wrapping.candidate(mail)).findings:
            found[finding.rule, finding.severity.value].append((mail, finding))
    print(f"{len(mails)} newsletters")
    for (rule, severity), findings in sorted(found.items()):
        show(rule, severity, findings, None if rule in sys.argv[1:] else EXAMPLES)


def show(rule: str, severity: str, findings: Found, most: int | None) -> None:
    number = len({mail.number for mail, _ in findings})
    print(f"\n{rule} {severity}: {len(findings)} findings in {number} newsletters")
    for mail, finding in findings[:most]:
        print(f"  {mail.number} {mail.subject}\n        {finding.evidence}")


if __name__ == "__main__":
    main()
