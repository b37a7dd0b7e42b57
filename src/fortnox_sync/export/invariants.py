"""What must hold in the books whatever happens, each as one SQL statement that returns what breaks it.

The statements run as they stand on PostgreSQL and SQLite, also by hand. `/*of company_id*/` in them marks
where an audit of one company adds its condition. They return ids, states and öre: nothing of a person, no
secret. Sums are made by the database; a statement reads a table once, or along an index.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

_OF_COMPANY = re.compile(r"/\*of ([a-z_.]+)\*/")


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule: its name, what it says when it holds, and the statement that finds what breaks it."""

    name: str
    rule: str
    sql: str

    def query(self, company_id: str | None, most: int) -> sa.TextClause:
        """Return the statement for one company or all, for so many rows at most."""
        condition = "" if company_id is None else r"AND \1 = :company_id"
        narrowed = _OF_COMPANY.sub(condition, self.sql)
        given: dict[str, Any] = {"most": most} | ({} if company_id is None else {"company_id": company_id})
        shown = f"SELECT * FROM ({narrowed}) AS broken ORDER BY 1, 2, 3 LIMIT :most"  # noqa: S608 - ours
        return sa.text(shown).bindparams(**given)


# Faults about the door to Fortnox or to the till: they are open though nothing need wait for them.
_ABOUT_A_DOOR = """
  'authorization_expired', 'license_missing', 'fortnox_unavailable', 'rate_limited', 'rejected_by_fortnox',
  'wrong_company', 'delivery_unreadable', 'delivery_conflicting', 'transaction_unbalanced', 'z_number_gap',
  'voucher_foreign', 'voucher_numbers_missing'
"""

_HAS_OPEN_FAULT = """
  EXISTS (SELECT 1 FROM fault_waiting w JOIN fault f ON f.fault_id = w.fault_id
          WHERE w.kind = '{kind}' AND w.waiting_id = {of} AND f.company_id = {of_company}
            AND f.resolved_at IS NULL)
"""
_SESSION_WAITS = _HAS_OPEN_FAULT.format(kind="session", of="s.session_id", of_company="s.company_id")
_VOUCHER_WAITS = _HAS_OPEN_FAULT.format(kind="voucher", of="v.voucher_id", of_company="v.company_id")

INVARIANTS = (
    Invariant(
        "sale_once",
        "No sale is in two live vouchers.",
        """
SELECT c.company_id, c.transaction_id, count(*) AS vouchers,
       min(c.voucher_id) AS first_voucher_id, max(c.voucher_id) AS last_voucher_id
FROM claim c
WHERE c.released_at IS NULL /*of c.company_id*/
GROUP BY c.company_id, c.transaction_id
HAVING count(*) > 1
""",
    ),
    Invariant(
        "sale_not_forgotten",
        "Every sale of a closed and planned day is in a voucher, unless a fault says why not.",
        f"""
SELECT t.company_id, t.session_id, t.transaction_id
FROM till_session s
JOIN company o ON o.company_id = s.company_id
JOIN till_transaction t ON t.company_id = s.company_id AND t.session_id = s.session_id
LEFT JOIN claim c ON c.company_id = t.company_id AND c.transaction_id = t.transaction_id
  AND c.released_at IS NULL
WHERE c.voucher_id IS NULL AND s.closed_at IS NOT NULL AND s.planned_changes = s.changes
  AND s.business_date >= o.start_on AND NOT {_SESSION_WAITS} /*of t.company_id*/
""",  # noqa: S608 - constants of this module
    ),
    Invariant(
        "standstill_explained",
        "A voucher that stands still has an open fault that says why.",
        f"""
SELECT v.company_id, v.voucher_id, v.state
FROM voucher v
WHERE v.state IN ('held', 'in_doubt', 'needs_decision') AND NOT {_VOUCHER_WAITS}
  AND (v.state <> 'in_doubt'
       OR EXISTS (SELECT 1 FROM attempt a WHERE a.voucher_id = v.voucher_id AND a.looks > 0))
  /*of v.company_id*/
""",  # noqa: S608 - as above
    ),
    Invariant(
        "rows_equal_sales",
        "Per payment method, VAT rate and event a voucher's rows are the sums of the sales it holds.",
        """
WITH told AS (
  SELECT c.voucher_id, e.type, e.item_id, e.vat_rate,
         CASE WHEN e.kind = 'drawer' THEN '@' || e.transaction_id ELSE '' END AS apart,
         sum(e.amount) AS amount, sum(e.vat) AS vat
  FROM claim c
  JOIN till_entry e ON e.company_id = c.company_id AND e.session_id = c.session_id
    AND e.transaction_id = c.transaction_id
  WHERE c.released_at IS NULL /*of c.company_id*/
  GROUP BY c.voucher_id, e.type, e.item_id, e.vat_rate,
           CASE WHEN e.kind = 'drawer' THEN '@' || e.transaction_id ELSE '' END
), sides AS (
  SELECT voucher_id, 'payment:' || item_id || apart AS is_sum_of, amount AS sales_ore, 0 AS rows_ore
  FROM told WHERE type = 'payment'
  UNION ALL
  SELECT voucher_id, 'event:' || item_id || apart, -amount, 0 FROM told WHERE type = 'event'
  UNION ALL
  SELECT voucher_id, 'sales:' || coalesce(vat_rate, '0') || apart, vat - amount, 0
  FROM told WHERE type = 'sale'
  UNION ALL
  SELECT voucher_id, 'vat:' || coalesce(vat_rate, '0') || apart, -vat, 0 FROM told WHERE type = 'sale'
  UNION ALL
  SELECT r.voucher_id, r.of, 0, sum(r.debit - r.credit)
  FROM voucher v
  JOIN voucher_row r ON r.voucher_id = v.voucher_id AND r.revision = v.revision
  LEFT JOIN voucher m ON m.reverses = v.voucher_id
  LEFT JOIN booking b ON b.voucher_id = v.voucher_id AND b.gone_at IS NOT NULL
  WHERE (EXISTS (SELECT 1 FROM claim c WHERE c.voucher_id = v.voucher_id AND c.released_at IS NULL)
         OR v.state <> 'dismissed' AND v.reverses IS NULL AND m.voucher_id IS NULL
            AND b.voucher_id IS NULL) /*of v.company_id*/
  GROUP BY r.voucher_id, r.of
), differing AS (
  SELECT voucher_id, is_sum_of, sum(sales_ore) AS sales_ore, sum(rows_ore) AS rows_ore
  FROM sides GROUP BY voucher_id, is_sum_of HAVING sum(sales_ore) <> sum(rows_ore)
)
SELECT v.company_id, d.voucher_id, d.is_sum_of, d.sales_ore, d.rows_ore
FROM differing d JOIN voucher v ON v.voucher_id = d.voucher_id
""",
    ),
    Invariant(
        "voucher_balances",
        "Debit equals credit in every voucher.",
        """
SELECT v.company_id, r.voucher_id, r.revision, sum(r.debit) AS debit_ore, sum(r.credit) AS credit_ore
FROM voucher_row r JOIN voucher v ON v.voucher_id = r.voucher_id
WHERE 1 = 1 /*of v.company_id*/
GROUP BY v.company_id, r.voucher_id, r.revision
HAVING sum(r.debit) <> sum(r.credit)
""",
    ),
    Invariant(
        "mirror_cancels",
        "A reversal cancels a booked voucher row by row, and neither of them holds sales.",
        """
SELECT m.company_id, m.voucher_id, m.reverses
FROM voucher m LEFT JOIN voucher v ON v.voucher_id = m.reverses
WHERE m.reverses IS NOT NULL AND (
  v.voucher_id IS NULL OR v.state <> 'booked' OR v.company_id <> m.company_id
  OR v.transaction_date <> m.transaction_date
  OR EXISTS (SELECT 1 FROM claim c
             WHERE c.voucher_id IN (m.voucher_id, m.reverses) AND c.released_at IS NULL)
  OR EXISTS (
    SELECT 1 FROM (
      SELECT r.account, r.cost_center, r.debit, r.credit, 1 AS times FROM voucher_row r
      WHERE r.voucher_id = m.voucher_id AND r.revision = m.revision
      UNION ALL
      SELECT r.account, r.cost_center, r.credit, r.debit, -1 FROM voucher_row r
      WHERE r.voucher_id = v.voucher_id AND r.revision = v.revision
    ) AS turned
    GROUP BY account, cost_center, debit, credit HAVING sum(times) <> 0
  )
) /*of m.company_id*/
""",
    ),
    Invariant(
        "one_live_attempt",
        "A voucher has one attempt at most that may still be executed.",
        """
SELECT v.company_id, a.voucher_id, count(*) AS attempts
FROM attempt a JOIN voucher v ON v.voucher_id = a.voucher_id
WHERE a.outcome IN ('open', 'in_doubt') /*of v.company_id*/
GROUP BY v.company_id, a.voucher_id
HAVING count(*) > 1
""",
    ),
    Invariant(
        "one_booking",
        "A voucher has one booking at most.",
        """
SELECT v.company_id, b.voucher_id, count(*) AS bookings
FROM booking b JOIN voucher v ON v.voucher_id = b.voucher_id
WHERE 1 = 1 /*of v.company_id*/
GROUP BY v.company_id, b.voucher_id
HAVING count(*) > 1
""",
    ),
    Invariant(
        "one_voucher_per_number",
        "A number of Fortnox is the booking of one voucher.",
        """
SELECT min(v.company_id) AS company_id, b.fortnox_company, b.financial_year, b.series, b.number,
       count(*) AS vouchers, min(b.voucher_id) AS first_voucher_id, max(b.voucher_id) AS last_voucher_id
FROM booking b JOIN voucher v ON v.voucher_id = b.voucher_id
WHERE b.gone_at IS NULL /*of v.company_id*/
GROUP BY b.fortnox_company, b.financial_year, b.series, b.number
HAVING count(*) > 1
""",
    ),
    Invariant(
        "attempts_in_turn",
        "No attempt began while an earlier one of the same voucher could still be executed.",
        """
SELECT v.company_id, later.voucher_id, earlier.no AS earlier_no, later.no AS later_no
FROM attempt later
JOIN attempt earlier ON earlier.voucher_id = later.voucher_id AND earlier.no < later.no
JOIN voucher v ON v.voucher_id = later.voucher_id
WHERE (earlier.ended_at IS NULL OR earlier.ended_at > later.started_at) /*of v.company_id*/
""",
    ),
    Invariant(
        "booked_on_purpose",
        "A booking has an older intent in its books, or was adopted on record; a copy has its reversal.",
        """
SELECT v.company_id, b.voucher_id, b.source, b.series, b.number
FROM booking b JOIN voucher v ON v.voucher_id = b.voucher_id
WHERE (
  b.source <> 'copy' AND NOT EXISTS (
    SELECT 1 FROM attempt a
    WHERE a.voucher_id = b.voucher_id AND a.fortnox_company = b.fortnox_company
      AND a.started_at <= b.booked_at)
    AND NOT (b.source = 'lookup' AND EXISTS (
      SELECT 1 FROM audit d
      WHERE d.company_id = v.company_id AND d.action = 'voucher.adopted'
        AND CAST(d.details AS text) LIKE '%' || b.voucher_id || '%'))
  OR b.source = 'decision' AND NOT EXISTS (
    SELECT 1 FROM audit d
    WHERE d.company_id = v.company_id AND d.action = 'voucher.decided.adopt'
      AND CAST(d.details AS text) LIKE '%' || b.voucher_id || '%')
  OR b.source = 'copy' AND NOT EXISTS (SELECT 1 FROM voucher m WHERE m.reverses = b.voucher_id)
) /*of v.company_id*/
""",
    ),
    Invariant(
        "booked_has_a_number",
        "What counts as booked has a number, and what has a number counts as booked.",
        """
SELECT v.company_id, v.voucher_id, v.state, b.series, b.number
FROM voucher v LEFT JOIN booking b ON b.voucher_id = v.voucher_id
WHERE (v.state = 'booked' AND b.voucher_id IS NULL
       OR v.state <> 'booked' AND b.voucher_id IS NOT NULL OR b.number <= 0) /*of v.company_id*/
""",
    ),
    Invariant(
        "verified_was_read",
        "What counts as read back was read after it was booked, and no attempt at it is left unanswered.",
        """
SELECT v.company_id, b.voucher_id, b.series, b.number
FROM booking b JOIN voucher v ON v.voucher_id = b.voucher_id
WHERE b.verified_at IS NOT NULL AND (
  b.verified_at < b.booked_at
  OR EXISTS (SELECT 1 FROM attempt a
             WHERE a.voucher_id = b.voucher_id AND a.outcome IN ('open', 'in_doubt'))
) /*of v.company_id*/
""",
    ),
    Invariant(
        "fault_matters",
        "Something waits for every open fault, unless it is about the door to Fortnox or the till.",
        f"""
SELECT f.company_id, f.fault_id, f.code
FROM fault f
WHERE f.resolved_at IS NULL AND f.code NOT IN ({_ABOUT_A_DOOR})
  AND NOT EXISTS (SELECT 1 FROM fault_waiting w WHERE w.fault_id = f.fault_id) /*of f.company_id*/
""",  # noqa: S608 - as above
    ),
)
