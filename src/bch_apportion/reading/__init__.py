"""Workbook → Inputs, or every problem in it at once. Reading knows the sheets, never a rule."""
