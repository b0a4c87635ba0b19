"""Reads all letters that wait, once, as the clock of the environment's installation does."""

from mailer import clockwork
from wsgi import app

if __name__ == "__main__":
    clockwork.read_letters(app)
