"""The report: one HTML file that opens offline, and the same at a glance for a terminal.

The same lake gives the same bytes: nothing here reads the clock. Not here: the queries (`sql/reports`) and anything that computes a table
of the lake.
"""
