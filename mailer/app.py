"""The application factory: wire, register, return."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from config import ROOT, Config
from mailer import broker, tasks, tokens, worker
from mailer.accounts.models import Role, User
from mailer.db import db
from mailer.links import Site
from mailer.privacy.policy import cookies
from mailer.turns import Turns
from mailer.web import (
    access,
    accounts,
    banners,
    departures,
    errors,
    former_links,
    headers,
    looking,
    navigation,
    routes,
    scoping,
    sessions,
    uploads,
)
from mailer.web.limits import limiter

FORM_BYTES = 5_000_000
FORM_FIELD_BYTES = 2_000_000
LOOPBACK = ("127.0.0.1", "localhost")
# Connections stay open, for one costs more than most pages; the one used last is taken first, for
# it knows its statements.
POOL: dict[str, object] = {"pool_size": 15, "max_overflow": 0, "pool_use_lifo": True}


def create_app(config: Config) -> Flask:
    """Return the application for one configuration; nothing is started and nothing is read."""
    app = errors.Discreet(
        "mailer",
        static_folder=str(ROOT / "mailer/web/static"),
        template_folder=str(ROOT / "templates"),
    )
    app.session_interface = sessions.Sessions()
    app.config.update(flask_settings(config))
    app.extensions["config"] = config
    app.extensions["site"] = Site(
        public_url=config.public_url,
        keys=tokens.Keys(
            config.secret_keys, config.suppression_key, config.suppression_key_fallbacks
        ),
        development=config.is_development,
        relay_host=config.relay_host,
        routed=config.routed,
        confirmations_per_hour=config.confirmations_per_hour,
        letters=config.letters_address,
    )
    if config.proxy_hops:
        hops = config.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    db.init_app(app)
    Security(app, SQLAlchemyUserDatastore(db, User, Role))
    accounts.prepare(app)
    watch_requests(app, config)
    navigation.register(app)
    banners.register(app)
    app.context_processor(scoping.words)
    errors.register(app)
    departures.register(app)
    app.extensions["turns"] = Turns()
    app.extensions["broker"] = broker.build(app, config.redis_url)
    app.extensions["broker"].add_middleware(worker.Clockwork(app))
    app.extensions["bell"] = tasks.Bell(app.extensions["broker"])
    return app


def watch_requests(app: Flask, config: Config) -> None:
    """Wire the routes and what stands before and after them, in the order that counts."""
    app.before_request(uploads.allow)  # before the form token is looked for in the form
    csrf = CSRFProtect(app)
    limiter.init_app(app)
    app.before_request(former_links.answer_phplist)
    app.before_request(access.guard)
    app.before_request(scoping.narrow)
    app.before_request(looking.demand)
    app.after_request(looking.log)
    app.after_request(headers.protect)
    routes.register(app, csrf, development=config.is_development)


def flask_settings(config: Config) -> dict[str, object]:
    return {
        "SECRET_KEY": config.secret_keys[0],
        "SECRET_KEY_FALLBACKS": list(config.secret_keys[1:]),
        "TRUSTED_HOSTS": trusted_hosts(config),
        "MAX_CONTENT_LENGTH": FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": FORM_FIELD_BYTES,
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(config),
        "SESSION_COOKIE_SECURE": config.production,
        "SESSION_COOKIE_NAME": cookies.SESSION.name,
        "SESSION_COOKIE_SAMESITE": cookies.SAME_SITE,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
        "REMEMBER_COOKIE_NAME": cookies.REMEMBER.name,
        "REMEMBER_COOKIE_DURATION": cookies.REMEMBER.lasts,
        "REMEMBER_COOKIE_SECURE": config.production,
        "REMEMBER_COOKIE_SAMESITE": cookies.SAME_SITE,
        "WTF_CSRF_TIME_LIMIT": None,  # an hour in the editor must not cost the text
        "RATELIMIT_ENABLED": config.rate_limits,
        "RATELIMIT_STORAGE_URI": config.redis_url or "memory://",
        "RATELIMIT_STORAGE_OPTIONS": broker.REDIS_PATIENCE if config.redis_url else {},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        **security_settings(config),
    }


def engine_options(config: Config) -> dict[str, object]:
    options: dict[str, object] = {
        "pool_pre_ping": True,
        "hide_parameters": True,  # what a statement was given are people's addresses
    }
    return options if config.database_url.startswith("sqlite") else options | POOL


def trusted_hosts(config: Config) -> list[str]:
    """Return the names that a request may call this server by; any other is answered with 400."""
    own = urlsplit(config.public_url).hostname or ""
    return [own] if config.production else [own, *LOOPBACK]


def security_settings(config: Config) -> dict[str, object]:
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SINGLE_HASH": True,  # no key in it, so that keys can be replaced
        "SECURITY_PASSWORD_LENGTH_MIN": 12,
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_CHANGEABLE": True,
        "SECURITY_CHANGE_URL": "/account/password",
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
        "SECURITY_SEND_REGISTER_EMAIL": False,
        "SECURITY_LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
        "SECURITY_CHANGE_PASSWORD_TEMPLATE": "accounts/password.html",
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/sign-in",
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_CACHE_CONTROL": None,  # mailer.web.headers says it
        # Signed in is signed in: its page that asks again for the password is shut.
        "SECURITY_FRESHNESS": timedelta(-1),
        "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {
            "check_deliverability": False,
            "test_environment": config.is_development,
        },
    }
