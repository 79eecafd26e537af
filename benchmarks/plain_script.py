"""What a user would write instead: the demand split of every unit with pandas, no checks, rounded force by force.

python benchmarks/plain_script.py BOOK.xlsx OUT.xlsx
"""

from __future__ import annotations

import sys

import pandas as pd

book, out = sys.argv[1:3]
sheets = pd.read_excel(book, sheet_name=None, engine="openpyxl")
budgets = sheets["Budgets"].groupby(["unit", "year"], as_index=False)["amount"].sum()
demand = sheets["Demand"].merge(sheets["Drivers"], on="driver")
months = int(sheets["Principles"]["window months"].iloc[-1])
ends = budgets["year"].str[:4].astype(int) * 12 + 3 - 6
demand["month"] = demand["period"].str[:4].astype(int) * 12 + demand["period"].str[5:7].astype(int) - 1
results = []
for year, end in zip(budgets["year"].unique(), sorted(ends.unique()), strict=True):
    window = demand[(demand["month"] >= end - months) & (demand["month"] < end)]
    volumes = window.groupby(["unit", "driver", "weight", "force"], as_index=False)["volume"].sum()
    volumes["share"] = volumes["volume"] / volumes.groupby(["unit", "driver"])["volume"].transform("sum")
    volumes["weighted"] = volumes["share"] * volumes["weight"]
    shares = volumes.groupby(["unit", "force"], as_index=False)["weighted"].sum()
    shares["share"] = shares["weighted"] / shares.groupby("unit")["weighted"].transform("sum")
    split = budgets[budgets["year"] == year].merge(shares, on="unit")
    split["pays"] = (split["amount"] * split["share"]).round(2)
    results.append(split)
result = pd.concat(results)
totals = result.groupby(["unit", "year"])["pays"].sum().round(2)
wanted = budgets.set_index(["unit", "year"])["amount"].round(2)
missed = int((totals.reindex(wanted.index).fillna(0).sub(wanted).abs() > 0.004).sum())
result.pivot_table(index=["unit", "year"], columns="force", values="pays").to_excel(out, engine="openpyxl")
print(f"{missed} of {len(wanted)} unit-years miss their budget by a penny or more")
