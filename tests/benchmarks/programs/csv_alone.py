"""The floor of reading a log: `csv.reader` alone over the file given. Prints the seconds."""

from __future__ import annotations

import csv
import sys
import time

if __name__ == "__main__":
    begin = time.perf_counter()
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        for _ in csv.reader(file):
            pass
    print(time.perf_counter() - begin)
