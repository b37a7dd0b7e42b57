"""Booking a voucher that passed its checks, properly or as a switch demands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from starlette.responses import Response

from fortnox_sync.simulator import checks, shapes
from fortnox_sync.simulator.books import Draft, Voucher
from fortnox_sync.simulator.caller import Caller
from fortnox_sync.simulator.delivery import Lost
from fortnox_sync.simulator.gateway import failure
from fortnox_sync.simulator.lists import answer
from fortnox_sync.simulator.registers import FinancialYear
from fortnox_sync.simulator.switches import SwitchForm


@dataclass(frozen=True, slots=True)
class Order:
    """A voucher somebody may book."""

    caller: Caller
    year: FinancialYear
    draft: Draft

    def book(self, now: datetime) -> Voucher:
        """Book it, and tell the ledger which request did."""
        company = self.caller.company
        voucher = company.books.book(self.draft, self.year.id, now, self.caller.token.consent.client_id)
        self.caller.exchange.seen.booked.append(voucher.key)
        return voucher

    def book_if_it_still_passes(self, now: datetime) -> None:
        """Book it later, in books that may have changed since."""
        checks.check(self.caller.company, self.year, self.draft)
        self.book(now)


def fulfil(order: Order) -> Response:
    """Book an order and answer, or let a switch spoil it."""
    caller = order.caller
    form = caller.world.switches.take(caller.company.database_number, "POST /3/vouchers", booking=True)
    if form is None:
        return _created(order, order.book(caller.now))
    caller.exchange.seen.switch = form.switch
    return _spoil(order, form)


def _spoil(order: Order, form: SwitchForm) -> Response:
    caller, now = order.caller, order.caller.now
    match form.switch:
        case "book_twice":
            first, last = order.book(now), order.book(now)
            return _created(order, first if form.answer == "first" else last)
        case "book_late":
            due_at = now + timedelta(seconds=form.after_seconds)
            caller.world.postpone(due_at, order.book_if_it_still_passes)
        case "lose_answer_after_booking":
            order.book(now)
        case "fail_after_booking":
            order.book(now)
            broken = failure(form)
            return Response(broken.body, broken.status, {n.decode(): v.decode() for n, v in broken.headers})
    # Only never_book arrives here with nothing done.
    caller.exchange.delivery = Lost(form.how)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _created(order: Order, voucher: Voucher) -> Response:
    url = voucher_url(order.caller, voucher)
    return answer({"Voucher": shapes.voucher(voucher, url, order.caller.company)}, status=HTTPStatus.CREATED)


def voucher_url(caller: Caller, voucher: Voucher) -> str:
    """Write the address of a voucher."""
    year_id, series, number = voucher.key
    return caller.url(f"vouchers/{series}/{number}?financialyear={year_id}")
