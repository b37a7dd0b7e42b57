"""What a control call is about: a company, or one of its vouchers."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, HTTPException

from fortnox_sync.simulator.books import Voucher, VoucherKey
from fortnox_sync.simulator.caller import InWorld
from fortnox_sync.simulator.company import Company

Record = dict[str, object]


def company_of(number: int, world: InWorld) -> Company:
    """Find the company."""
    if number not in world.companies:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"no company {number}")
    return world.companies[number]


OfCompany = Annotated[Company, Depends(company_of)]


def voucher_of(company: OfCompany, year: int, series: str, voucher_number: int) -> Voucher:
    """Find the voucher."""
    voucher = company.books.find(VoucherKey(year, series, voucher_number))
    if voucher is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"no voucher {series} {voucher_number} in year {year}")
    return voucher


OneVoucher = Annotated[Voucher, Depends(voucher_of)]
