"""Readers as a table to take elsewhere: all of them, a segment or a search, read as a stream."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import searches, standing
from mailer.audience.models import (
    ConsentAction,
    ConsentEvent,
    MailingList,
    Scope,
    Subscriber,
    SubscriberStatus,
    Subscription,
    SubscriptionStatus,
    Suppression,
)
from mailer.audience.searches import Search
from mailer.compliance import gate
from mailer.compliance.acts import Leaver, Purpose, Release
from mailer.privacy import listing, tables

COLUMNS = (
    *("uuid", "email", "name", "attributes", "status", "created_at", "updated_at"),
    *("lists", "consent_at", "consent_action", "consent_method", "consent_page", "suppressed"),
)
BATCH = 1000
