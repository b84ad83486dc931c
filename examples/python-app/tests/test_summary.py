import unittest

import tinytable
from spending.summary import BadInput, totals

CSV = ["day,category,amount\n", "1,food,2.10\n", "2,travel,30\n", "3,food,0.20\n"]


class TotalsTest(unittest.TestCase):
    def test_largest_first(self):
        self.assertEqual(totals(CSV, by="category"), [("travel", 1, 30.0), ("food", 2, 2.3)])

    def test_unknown_column_names_the_known_ones(self):
        with self.assertRaisesRegex(BadInput, "columns: day, category, amount"):
            totals(CSV, by="shop")

    def test_bad_amount_names_the_line(self):
        with self.assertRaisesRegex(BadInput, "line 3: 'much' is not an amount"):
            totals([CSV[0], CSV[1], "2,travel,much\n"], by="category")


class TableTest(unittest.TestCase):
    def test_numbers_stand_right(self):
        self.assertEqual(tinytable.render(["a", "n"], [("x", 5), ("yy", 10)]), "a    n\n--  --\nx    5\nyy  10")


if __name__ == "__main__":
    unittest.main()
