"""What can be wrong with the facts themselves, before anyone is asked to book them."""


class AccountingError(Exception):
    """A fact or a voucher that bookkeeping cannot accept."""


class TransactionUnbalancedError(AccountingError):
    """The payments of a transaction are not the sum of what they paid for."""

    def __init__(self, transaction_id: str, paid_ore: int, sold_ore: int) -> None:
        """Keep both sides, in öre, so that a person can see the gap."""
        self.transaction_id = transaction_id
        self.paid_ore = paid_ore
        self.sold_ore = sold_ore
        super().__init__(f"transaction {transaction_id}: paid {paid_ore} öre for {sold_ore} öre")


class VoucherUnbalancedError(AccountingError):
    """Debit and credit differ, so this is no voucher."""

    def __init__(self, debit_ore: int, credit_ore: int) -> None:
        """Keep both sums, in öre."""
        self.debit_ore = debit_ore
        self.credit_ore = credit_ore
        super().__init__(f"debit {debit_ore} öre is not credit {credit_ore} öre")
