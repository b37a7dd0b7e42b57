"""How Fortnox spells its resources in JSON (field names: public OpenAPI description)."""

from fortnox_sync.simulator.amounts import Kronor
from fortnox_sync.simulator.books import Voucher, VoucherRow
from fortnox_sync.simulator.company import Company
from fortnox_sync.simulator.registers import (
    Account,
    CostCenter,
    FileConnection,
    FinancialYear,
    Series,
    StoredFile,
)

Shape = dict[str, object]

_NOT_SUBJECT_TO_APPROVAL = 0


def voucher_head(voucher: Voucher, url: str) -> Shape:
    """Spell a voucher as lists show it: without rows, cost centre and project."""
    return {
        "@url": url,
        "ApprovalState": _NOT_SUBJECT_TO_APPROVAL,
        "Comments": voucher.draft.comments,
        "Description": voucher.draft.description,
        "ReferenceNumber": "",
        "ReferenceType": "MANUAL",
        "TransactionDate": voucher.draft.transaction_date.isoformat(),
        "VoucherNumber": voucher.key.number,
        "VoucherSeries": voucher.key.series,
        "Year": voucher.key.year_id,
    }


def voucher(booked: Voucher, url: str, company: Company) -> Shape:
    """Spell a voucher with its rows."""
    names = company.accounts.get(booked.key.year_id, {})
    return {
        **voucher_head(booked, url),
        "CostCenter": booked.draft.cost_center,
        "Project": booked.draft.project,
        "VoucherRows": [_voucher_row(row, names.get(row.account)) for row in booked.draft.rows],
    }


def _voucher_row(row: VoucherRow, account: Account | None) -> Shape:
    # Integrators report that Fortnox shows the account's name in place of the row's own description.
    return {
        "Account": row.account,
        "CostCenter": row.cost_center,
        "Credit": Kronor(row.credit),
        "Debit": Kronor(row.debit),
        "Description": account.description if account else row.description,
        "Project": row.project,
        "Quantity": row.quantity if row.quantity is not None else 0,
        "Removed": row.removed,
        "TransactionInformation": row.transaction_information,
    }


def account_head(account: Account, url: str, year_id: int) -> Shape:
    """Spell an account as lists show it."""
    return {
        "@url": url,
        "Active": account.active,
        "BalanceBroughtForward": Kronor(account.balance_brought_forward),
        "CostCenter": account.cost_center,
        "CostCenterSettings": account.cost_center_settings.value,
        "Description": account.description,
        "Number": account.number,
        "Project": "",
        "ProjectSettings": account.project_settings.value,
        "SRU": account.sru,
        "VATCode": account.vat_code,
        "Year": year_id,
    }


def account(one: Account, url: str, year_id: int, company: Company) -> Shape:
    """Spell an account with all its fields."""
    return {
        **account_head(one, url, year_id),
        "BalanceCarriedForward": Kronor(one.balance_brought_forward + _turnover(one, year_id, company)),
        "OpeningQuantities": [],
        "QuantitySettings": "ALLOWED",
        "QuantityUnit": "",
        "TransactionInformation": one.transaction_information,
        "TransactionInformationSettings": one.transaction_information_settings.value,
    }


def _turnover(one: Account, year_id: int, company: Company) -> int:
    return sum(
        row.debit - row.credit
        for booked in company.books
        if booked.key.year_id == year_id
        for row in booked.draft.rows
        if row.account == one.number and not row.removed
    )


def series(one: Series, url: str, year_id: int) -> Shape:
    """Spell a voucher series as lists show it."""
    return {
        "@url": url,
        "Approver": None,
        "Code": one.code,
        "Description": one.description,
        "Manual": one.manual,
        "Year": year_id,
    }


def cost_center(one: CostCenter, url: str) -> Shape:
    """Spell a cost centre."""
    return {
        "@url": url,
        "Active": one.active,
        "Code": one.code,
        "Description": one.description,
        "Note": one.note,
    }


def financial_year(year: FinancialYear, url: str) -> Shape:
    """Spell a financial year."""
    return {
        "@url": url,
        "AccountChartType": f"Bas {year.to_on.year}",
        "AccountingMethod": year.accounting_method,
        "FromDate": year.from_on.isoformat(),
        "Id": year.id,
        "ToDate": year.to_on.isoformat(),
    }


def company_information(company: Company) -> Shape:
    """Spell what any licence may read about a company."""
    return {
        "Address": "Storgatan 1",
        "City": "Växjö",
        "CompanyName": company.name,
        "CountryCode": "SE",
        "DatabaseNumber": company.database_number,
        "OrganizationNumber": company.organisation_number,
        "VisitAddress": "",
        "VisitCity": "",
        "VisitCountryCode": "SE",
        "VisitZipCode": "",
        "ZipCode": "352 30",
    }


def company_settings(company: Company) -> Shape:
    """Spell the settings; here the database number is a string."""
    return {
        "Address": "Storgatan 1",
        "BG": "",
        "City": "Växjö",
        "CountryCode": "SE",
        "DatabaseNumber": str(company.database_number),
        "IBAN": "",
        "Name": company.name,
        "OrganizationNumber": company.organisation_number,
        "PG": "",
        "VATNumber": "",
        "ZipCode": "352 30",
    }


def stored_file(one: StoredFile, url: str) -> Shape:
    """Spell an uploaded file."""
    return {
        "@url": url,
        "ArchiveFileId": one.archive_id,
        "Comments": "",
        "Id": one.id,
        "Name": one.name,
        "Path": one.folder,
        "Size": len(one.content),
    }


def file_connection(one: FileConnection, url: str, company: Company) -> Shape:
    """Spell a file on a voucher; the number is a string here (public OpenAPI description)."""
    stored = company.files.get(one.file_id)
    return {
        "@url": url,
        "FileId": one.file_id,
        "Name": stored.name if stored else "",
        "VoucherDescription": "",
        "VoucherNumber": str(one.number),
        "VoucherSeries": one.series,
        "VoucherYear": one.year_id,
    }
