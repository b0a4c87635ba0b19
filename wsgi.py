"""The composition root: ``granian wsgi:app`` serves, ``dramatiq wsgi:broker`` sends."""

from config import Config
from mailer.app import create_app

app = create_app(Config.from_environ())
broker = app.extensions["broker"]
