"""Installs packages of Debian and its kin where that can be done: with apt-get, as root."""

import os
import shutil
import subprocess


def install(*packages: str) -> None:
    """Install quietly, or do nothing; whether it helped shows in what is found afterwards."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for act in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        command = ["apt-get", "-qq", *act]
        subprocess.run(command, env=quiet, capture_output=True, check=False)  # noqa: S603 - fixed words
