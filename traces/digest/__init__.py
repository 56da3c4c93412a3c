"""The settled look at a trace: events join their spans, each call counts once, totals are final.

Intake queues every trace it writes to; three seconds after the last write the trace is settled.
"""
