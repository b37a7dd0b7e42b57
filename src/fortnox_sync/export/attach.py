"""Attaching: the Z report is put into Fortnox's inbox, then onto its voucher, and nothing waits for it.

The file's id is on disk before it is linked, and a link that may exist already is looked for first: a voucher
gets one link. An upload nobody answered for is done again, and may leave a file in the inbox that hangs
nowhere. A link asks for no more than a number, and a deleted number is given out again: whose voucher it is
is looked at first, unless that was done just now.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from fortnox_sync.connection import lane
from fortnox_sync.export.desk import Desk
from fortnox_sync.export.marker import carries
from fortnox_sync.export.mistake import is_about_one
from fortnox_sync.export.papers import Paper, Papers
from fortnox_sync.export.report import report_for
from fortnox_sync.fault.kind import Kind, kind_of
from fortnox_sync.fortnox import FortnoxError, NotFound, Refused, Throttled, Unauthorised
from fortnox_sync.runtime.telemetry import log

_MOST_PAPERS = 5
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(days=1)
# What would fare no better now: the other papers wait too, but not as long as one that fails day by day.
_OTHERS_REST = timedelta(minutes=15)
_ABOUT_ONE = {Kind.INVALID, Kind.PERIOD}
# The turn that verified a voucher needs no second look; whoever comes after a failure or a pause does.
_JUST_NOW = timedelta(minutes=1)
_VOUCHER_GONE = "voucher_gone"


async def attach(desk: Desk) -> None:
    """Put papers that are due onto their vouchers, a few a turn.

    What fails is tried again later and stops nobody; only a refused token or a wish to slow down is raised,
    for that is about the whole lane.
    """
    async with desk.database.read() as connection:
        papers = await Papers(connection, desk.company_id).due(desk.now(), _MOST_PAPERS)
    for paper in papers:
        try:
            await _attach(desk, paper)
        except FortnoxError as error:
            if isinstance(error, Unauthorised) and not desk.has_other_token:
                raise
            await _failed(desk, paper, error)
            if isinstance(error, Unauthorised | Throttled):
                raise
            if kind_of(error) not in _ABOUT_ONE:
                return
        except Exception as error:
            if not is_about_one(error):
                raise
            log.exception("export.mistake", company_id=desk.company_id, voucher_id=paper.voucher_id)
            await _postpone(desk, paper, type(error).__name__)


async def _attach(desk: Desk, paper: Paper) -> None:
    if not await _is_ours(desk, paper):
        await _voucher_gone(desk, paper)
        return
    file_id = paper.file_id
    if file_id is None:
        file_id = await _upload(desk, paper)
    elif await _hangs(desk, paper, file_id):
        await _connected(desk, paper)
        return
    try:
        await desk.books.client.connect_file(file_id, paper.series, paper.number, paper.financial_year)
    except NotFound as error:
        await _file_gone(desk, paper, error)
        return
    await _connected(desk, paper)


async def _is_ours(desk: Desk, paper: Paper) -> bool:
    """Tell whether the number is still the one of our voucher."""
    if paper.verified_at is not None and desk.now() - paper.verified_at < _JUST_NOW:
        return True
    await _keep_lane(desk)
    booked = await desk.books.client.voucher(paper.series, paper.number, paper.financial_year)
    return booked is not None and carries(booked, paper.marker)


async def _upload(desk: Desk, paper: Paper) -> str:
    async with desk.database.read() as connection:
        report = await report_for(desk.database, connection, desk.company_id, paper, desk.now())
    await _keep_lane(desk)
    answer = await desk.books.client.upload_to_inbox(report.name, report.content, "application/pdf")
    async with desk.database.write() as connection:
        await lane.renew(desk.database, connection, desk.lease)
        papers = Papers(connection, desk.company_id)
        await papers.uploaded(paper.voucher_id, report.source, answer.value.id)
    return answer.value.id


async def _hangs(desk: Desk, paper: Paper, file_id: str) -> bool:
    """Look whether an earlier try has linked the file after all."""
    await _keep_lane(desk)
    found = await desk.books.client.file_connections(paper.number, paper.financial_year)
    await _keep_lane(desk)
    return any(one.file_id == file_id for one in found)


async def _keep_lane(desk: Desk) -> None:
    """Let no other worker take the lane while Fortnox is asked."""
    async with desk.database.write() as connection:
        await lane.renew(desk.database, connection, desk.lease)


async def _connected(desk: Desk, paper: Paper) -> None:
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        await Papers(connection, desk.company_id).connected(paper.voucher_id, desk.now())
    log.info("export.attached", company_id=desk.company_id, series=paper.series, number=paper.number)


async def _voucher_gone(desk: Desk, paper: Paper) -> None:
    """Give up: a voucher that was deleted does not come back."""
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        await Papers(connection, desk.company_id).failed(paper.voucher_id, _VOUCHER_GONE, None)
    _tell(desk, paper, _VOUCHER_GONE)


async def _file_gone(desk: Desk, paper: Paper, error: NotFound) -> None:
    """Let it be uploaded anew; whether the voucher was missing instead is seen at the next try."""
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        papers = Papers(connection, desk.company_id)
        await papers.forget_file(paper.voucher_id)
        await papers.failed(paper.voucher_id, _name(error), _next_try(desk, paper))
    _tell(desk, paper, repr(error))


async def _failed(desk: Desk, paper: Paper, error: FortnoxError) -> None:
    _tell(desk, paper, repr(error))
    asked = error.retry_after if isinstance(error, Throttled) else None
    rests_until = None
    if kind_of(error) not in _ABOUT_ONE:
        rests_until = desk.now() + min(_pause(paper), _OTHERS_REST)
    await _postpone(desk, paper, _name(error), timedelta(seconds=asked or 0), rests_until)


async def _postpone(
    desk: Desk,
    paper: Paper,
    error: str,
    at_least: timedelta = timedelta(0),
    rests_until: datetime | None = None,
) -> None:
    until = max(_next_try(desk, paper), desk.now() + at_least)
    async with desk.database.write() as connection:
        await lane.hold(connection, desk.lease)
        papers = Papers(connection, desk.company_id)
        await papers.failed(paper.voucher_id, error, until)
        if rests_until is not None:
            await papers.rest(rests_until)


def _next_try(desk: Desk, paper: Paper) -> datetime:
    return desk.now() + _pause(paper)


def _pause(paper: Paper) -> timedelta:
    """Return how long to wait after a failure: 1, 4, 16 minutes and so on, a day at most."""
    factor: int = 4 ** min(paper.tries, 6)
    return min(_FIRST_PAUSE * factor, _LONGEST_PAUSE)


def _name(error: FortnoxError) -> str:
    """Name the class of an error and Fortnox's code, never its words."""
    code = error.code if isinstance(error, Refused | Unauthorised) else None
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _tell(desk: Desk, paper: Paper, error: str) -> None:
    log.warning("export.not_attached", company_id=desk.company_id, voucher_id=paper.voucher_id, error=error)
