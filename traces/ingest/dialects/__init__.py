"""How the attribute names of each instrumentation map to the canonical span: a module a dialect.

To add one: write a module with a `Dialect`, list it in `registry.py`, add a recorded fixture.
"""
