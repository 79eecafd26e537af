"""The questions, a folder each: its answer (rows), figures (rule), tables (page), and how it is asked (command)."""

from __future__ import annotations

from bch_apportion.questions.check.command import COMMAND as CHECK
from bch_apportion.questions.comparison.command import COMMAND as COMPARE
from bch_apportion.questions.explanation.command import COMMAND as EXPLAIN
from bch_apportion.questions.mtfs.command import COMMAND as MTFS
from bch_apportion.questions.settlement.command import COMMAND as SETTLE
from bch_apportion.questions.split.command import COMMAND as COMPUTE
from bch_apportion.questions.tracking.command import COMMAND as TRACK
from bch_apportion.questions.variance.command import COMMAND as VARIANCE

QUESTIONS = (COMPUTE, CHECK, EXPLAIN, VARIANCE, TRACK, MTFS, COMPARE, SETTLE)
