"""What a log at lesser levels still tells: a full log is lowered as an audit policy would have lowered it, derived again, and compared.

Here: policies and how they lower lines (`policy`), the variants (`variants`), and the comparison (`compare`). Not here: comparisons with what really happened (`bench.truth`).
"""
