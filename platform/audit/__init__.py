"""The append-only, hash-chained record of every write that matters.

Other apps call `audit.services.record(…)`, usually as `from audit.services import record`.
"""
