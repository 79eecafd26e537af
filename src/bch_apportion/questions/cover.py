"""The cover of a result: what it was worked out from."""

from __future__ import annotations

from collections.abc import Sequence

from bch_apportion import __version__
from bch_apportion.ledger import Ledger
from bch_apportion.terms import agreement
from bch_apportion.words import joined_words, scenario_words, stamp
from bch_apportion.writing.report import Cover, spans
from bch_apportion.years import FinancialYear


def cover(
    ledger: Ledger,
    title: str,
    asked: tuple[tuple[str, str], ...] = (),
    *,
    units: Sequence[str] = (),
    years: Sequence[FinancialYear] = (),
) -> Cover:
    """The input and its hash, the version, what was asked, the settings, the years and units shown (the ledger's)."""
    inputs = ledger.inputs
    units = units or list(dict.fromkeys(result.unit.code for result in ledger.results))
    failed = sum(not control.passed for control in ledger.controls)
    settings = "; ".join(f"{name}: {value}" for name, value in inputs.settings.given.items())
    rows = [
        ("Input", inputs.source),
        ("SHA-256 of the input", inputs.sha256),
        ("Worked out by", f"bch-apportion {__version__}"),
        ("On", f"{agreement()} (June 2015), with the parameters of the workbook"),
        *(("With", words) for words in joined_words(inputs)),
        *([("Scenario", "; ".join(scenario_words(inputs)))] if inputs.scenarios else []),
        *asked,
        ("Forces", ", ".join(f"{f.code} ({f.name})" if f.name else f.code for f in inputs.forces)),
        ("Units", ", ".join(units)),
        ("Financial years", spans(years or ledger.years())),
        ("Settings", settings or "none given: the defaults hold"),
        ("Controls", f"{failed} failed" if failed else f"all {len(ledger.controls)} passed"),
    ]
    if ledger.as_at is not None:
        rows.append(("Pooling as at", ledger.as_at.isoformat()))
    files = (inputs.source, *(joined.file for joined in inputs.joined))
    source = ", ".join((*files, *(scenario.name for scenario in inputs.scenarios)))
    return Cover(title, tuple(rows), source, stamp(inputs))
