"""From CSV rows to totals. Knows nothing of files or of tables."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation


class BadInput(Exception):
    """The CSV cannot be summed up; the message says where and why."""


def totals(lines: Iterable[str], by: str, amount: str = "amount") -> list[tuple[str, int, float]]:
    """(group, how many, sum) for each value of column `by`, the largest sum first."""
    reader = csv.DictReader(lines)
    for column in (by, amount):
        if column not in (reader.fieldnames or []):
            known = ", ".join(reader.fieldnames or []) or "none"
            raise BadInput(f"there is no column {column!r}; columns: {known}")
    sums: dict[str, Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = defaultdict(int)
    for row in reader:
        try:
            value = Decimal(row[amount])
        except (InvalidOperation, TypeError):
            raise BadInput(f"line {reader.line_num}: {row[amount]!r} is not an amount") from None
        sums[row[by]] += value
        counts[row[by]] += 1
    ordered = sorted(sums, key=lambda group: (-sums[group], group))
    return [(group, counts[group], float(sums[group])) for group in ordered]
