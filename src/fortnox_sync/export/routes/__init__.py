"""The BackOffice's and an operator's calls on exports and all that comes of them."""

from fastapi import APIRouter

from fortnox_sync.connection.link import Link
from fortnox_sync.export.routes import (
    corrections,
    days,
    decisions,
    exports,
    faults,
    integration,
    notifications,
    reconciliation,
    registers,
    vouchers,
)
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.door import Door


def build(door: Door, database: Database, bell: Bell, link: Link) -> tuple[APIRouter, ...]:
    """Make the routes, in the order in which the contract tells them."""
    return (
        integration.build(door, database),
        exports.build(door, database, bell),
        vouchers.build(door, database, bell),
        decisions.build(door, database, bell, link),
        registers.build(door, database),
        days.build(door, database),
        notifications.build(door, database),
        faults.build(door, database),
        corrections.build(door, database, bell, link),
        reconciliation.build(door, database, bell),
    )
