"""The principles of the agreement, one file each: pure functions of what they are given, exact, without a workbook.

What they share reaches them as arguments; they do not import one another, and nothing here rounds but `money.split`.
"""
