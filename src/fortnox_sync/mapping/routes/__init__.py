"""The BackOffice's calls on what is chosen for the till's items, and what Fortnox has to choose among."""

from fastapi import APIRouter

from fortnox_sync.connection.link import Link
from fortnox_sync.mapping.routes import cost_centers, mappings, new_account, pick_lists, settings, suggestions
from fortnox_sync.runtime.bell import Bell
from fortnox_sync.runtime.database import Database
from fortnox_sync.web.door import Door


def build(door: Door, database: Database, bell: Bell, link: Link) -> tuple[APIRouter, ...]:
    """Make the routes, in the order in which the contract tells them."""
    return (
        mappings.build(door, database, bell),
        cost_centers.build(door, database, bell),
        settings.build(door, database, bell, link),
        suggestions.build(door, database, link),
        pick_lists.build(door, database, link),
        new_account.build(door, database, bell, link),
    )
