"""Has spend done something that nobody expected? Pure, with numpy.

`series` lays rows on a grid, `detector` reads it causally and says which buckets alert and why,
`episodes` makes one anomaly of alerts that belong together. Each module names its source; the
figures that chose the rules stand in docs/anomalies.md.
"""
