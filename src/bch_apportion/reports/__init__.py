"""Ledger → reports: tables and documents as values, before anything is rendered. Reports know nothing of Excel."""
