"""How a command reaches the application."""

import functools
import getpass
import os
from collections.abc import Callable
from importlib import import_module
from typing import Any, Concatenate, ParamSpec, TypeVar

import click
from flask import Flask

ACTOR = "command line"

P = ParamSpec("P")
R = TypeVar("R")


def named_actor() -> str:
    """Return who acts, for acts that must have a name: the account of the operating system."""
    try:
        return f"{ACTOR} ({getpass.getuser()})"
    except (KeyError, OSError):  # a container whose account has no name
        return f"{ACTOR} (account {os.getuid()})"


def application(ctx: click.Context) -> Flask:
    """Return the application of the environment: the one that web and worker share.

    A test hands in its own as the context's object. Raises BadConfig.
    """
    given: Any = ctx.find_root().obj
    app = given if given is not None else import_module("wsgi").app
    assert isinstance(app, Flask)  # noqa: S101 - wsgi holds nothing else
    return app


def with_app(function: Callable[Concatenate[Flask, P], R]) -> Callable[P, R]:
    """Call a command with the application as its first argument, inside its context."""

    @functools.wraps(function)
    def command(*args: P.args, **kwargs: P.kwargs) -> R:
        app = application(click.get_current_context())
        with app.app_context():
            return function(app, *args, **kwargs)

    return command
