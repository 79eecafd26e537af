"""The JSON documents of each command: fixed forms that other programs read. Money is a decimal string of pounds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from bch_apportion import __version__
from bch_apportion.ledger import Ledger, by_subjective
from bch_apportion.model import Inputs, Line
from bch_apportion.money import decimal_text, plain, pounds
from bch_apportion.problems import Control, Problem
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.terms import NOT_AGREED, parameters
from bch_apportion.years import month_text


def run_of(inputs: Inputs, as_at: date | None = None) -> dict[str, Any]:
    """What a result was worked out from."""
    found: dict[str, Any] = {
        "version": __version__,
        "input": inputs.source,
        "sha256": inputs.sha256,
        "scenarios": [one.name for one in inputs.scenarios],
        "settings": dict(inputs.settings.given),
    }
    hashes = {one.name: one.sha256 for one in inputs.scenarios if one.sha256}
    if hashes:
        found["scenario_sha256"] = hashes
    if as_at is not None:
        found["as_at"] = as_at.isoformat()
    return found


def compute(ledger: Ledger, by: str | None = None) -> dict[str, Any]:
    """The document of `compute`."""
    document: dict[str, Any] = {
        "schema": "bch-apportion/compute/1",
        "run": run_of(ledger.inputs, ledger.as_at),
        "currency": "GBP",
        "forces": list(ledger.inputs.force_codes()),
        "lines": [
            {
                "unit": line.unit,
                "year": str(line.year),
                **posting(line),
                "reference": line.reference,
                "cells": list(map(str, line.cells)),
            }
            for line in ledger.lines
        ],
        "totals": [
            {"unit": result.unit.code, "year": str(result.year), "force": force, "amount": pounds(pence)}
            for result in ledger.results
            for force, pence in result.totals().items()
        ],
        "bases": [basis(result) for result in ledger.results],
        "controls": controls(ledger.controls),
        "notes": list(ledger.notes),
    }
    if by:
        found = ledger.detail()
        document["detail"] = [
            {
                "unit": one.unit,
                "year": str(one.year),
                "component": one.component,
                "force": one.force,
                **({"line": one.line} if by == "line" else {}),
                "subjective": one.subjective,
                "amount": pounds(one.pence),
                "cells": list(map(str, one.cells)),
            }
            for one in (by_subjective(found) if by == "subjective" else found)
        ]
    return document


def posting(line: Line) -> dict[str, Any]:
    """A line's figures, as `compute` and `explain` both give them."""
    return {
        "component": line.component,
        "force": line.force,
        "amount": pounds(line.pence),
        "basis": line.basis,
        "share": None if line.share is None else decimal_text(line.share),
        "share_exact": None if line.share is None else str(line.share),
    }


def basis(result: UnitYear) -> dict[str, Any]:
    """On what a unit stands in a year, with its evidence."""
    decision, found = result.decision, result.no_loser
    return {
        "unit": result.unit.code,
        "year": str(result.year),
        "basis": decision.basis,
        "reason": decision.reason,
        "changed_from": result.changed_from,
        "robust": decision.robust,
        "window": [month_text(decision.window.first), month_text(decision.window.last)],
        "left_out": [month_text(month) for month in decision.left_out()],
        "fixed_base": plain(result.terms.fixed_base),
        "parameters": parameters_of(result),
        "tests": tests(result),
        "shadow": [
            {"force": force, "share": decimal_text(share), "amount": pounds(pence)}
            for force, share, pence in zip(result.members, decision.shadow or (), result.shadow, strict=False)
        ],
        "no_loser": None
        if found is None
        else {
            "excess": pounds(found.excess),
            "headroom": pounds(found.headroom),
            "achievable": found.achievable,
            "applied": plain(found.applied),
        },
    }


def parameters_of(result: UnitYear) -> list[dict[str, Any]]:
    """Every parameter in force for a unit and year, with its origin."""
    found = []
    for parameter in parameters().values():
        origin = result.terms.origin(parameter.name)
        found.append(
            {
                "parameter": parameter.name,
                "value": parameter.words(result.terms.values[parameter.name]),
                "from_year": None if origin.from_year is None else str(origin.from_year),
                "origin": str(origin) if origin.cell else NOT_AGREED,
            }
        )
    return found


def tests(result: UnitYear) -> list[dict[str, Any]]:
    return [
        {"test": test.test, "driver": test.driver, "passed": test.passed, "detail": test.detail}
        for test in result.decision.tests
    ]


def controls(found: Sequence[Control]) -> list[dict[str, Any]]:
    return [{"control": one.control, "passed": one.passed, "detail": one.detail} for one in found]


def failed_controls(source: str, found: Sequence[Control]) -> dict[str, Any]:
    """What is said instead of figures where a control failed."""
    return {"schema": "bch-apportion/controls/1", "input": source, "controls": controls(found)}


def problems(found: Sequence[Problem]) -> dict[str, Any]:
    """What is said instead of figures where the input has problems."""
    return {
        "schema": "bch-apportion/problems/1",
        "problems": [
            {
                "code": one.code,
                "severity": one.severity,
                "sheet": one.sheet,
                "cell": one.cell,
                "message": one.message,
                "remedy": one.remedy,
                "value": one.value,
            }
            for one in found
        ],
    }


def check(ledger: Ledger) -> dict[str, Any]:
    """The document of `check`: a workbook without problems, its robustness tests and controls."""
    return {
        "schema": "bch-apportion/check/1",
        "run": run_of(ledger.inputs, ledger.as_at),
        "problems": [],
        "tests": [
            {
                "unit": result.unit.code,
                "year": str(result.year),
                "robust": result.decision.robust,
                "tests": tests(result),
            }
            for result in ledger.results
        ],
        "controls": controls(ledger.controls),
        "notes": list(ledger.notes),
    }
