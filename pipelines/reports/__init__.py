"""The report: one HTML file that opens offline, and the summary for the terminal.

Here: `write_report`, `print_summary`, `summary`. The same lake gives the same bytes: nothing here reads the clock. Not here: the queries
(`sql/reports`) and anything that computes a table of the lake.
"""

from __future__ import annotations

from pipelines.reports.html import write_report
from pipelines.reports.summary import Summary, print_summary, summary

__all__ = ["Summary", "print_summary", "summary", "write_report"]
