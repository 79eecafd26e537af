"""Reads every cell of a workbook and does nothing with them: python benchmarks/cells_alone.py BOOK.xlsx."""

import sys
from pathlib import Path

from bch_apportion.reading.book import open_book
from bch_apportion.reading.reader import read_rows

book = open_book(Path(sys.argv[1]))
print(sum(len(cells) for sheet in book.sheets for _, cells in read_rows(book, sheet)))
