"""The command line: spending FILE --by COLUMN."""

import argparse
import sys

import tinytable

from .summary import BadInput, totals


def main() -> int:
    parser = argparse.ArgumentParser(prog="spending", description="Sums up a CSV of expenses.")
    parser.add_argument("file", help="a CSV with a header line")
    parser.add_argument("--by", default="category", metavar="COLUMN", help="group by this column (category)")
    options = parser.parse_args()
    try:
        with open(options.file, newline="", encoding="utf-8") as lines:
            rows = totals(lines, by=options.by)
    except (OSError, BadInput) as error:
        print(f"spending: {error}", file=sys.stderr)
        return 1
    print(tinytable.render([options.by, "items", "total"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
