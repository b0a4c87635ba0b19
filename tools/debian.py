"""Installs packages of Debian and its kin where that can be done: with apt-get, as root."""

import os
import shutil
import subprocess


def install(*packages: str, answers: str = "") -> None:
    """Install quietly, or do nothing; whether it helped shows in what is found afterwards.

    ``answers`` to the questions of a package come first. Nothing is removed, and no daemon starts.
    """
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    preset = shutil.which("debconf-set-selections")
    if answers and preset:
        subprocess.run([preset], input=answers.encode(), check=False)  # noqa: S603 - fixed words
    options = ["--yes", "--no-install-recommends", "--no-remove"]
    for act in (["update"], ["install", *options, *packages]):
        command = ["apt-get", "-qq", *act]
        subprocess.run(command, env=quiet, capture_output=True, check=False)  # noqa: S603 - fixed words
