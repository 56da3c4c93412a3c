"""Reckoning without a database: cases as JSON in, figures as JSON out. Pure.

Each module has `answer(document) -> {case id: {name: figure or None}}`. `roadworthy engine NAME`
runs them.
"""
