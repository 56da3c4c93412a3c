"""Quality over time: has it fallen, since when, and whose change was it. Pure, with numpy.

`detector` is fed run by run and says when a series has dropped; `reports` tells of an alarm,
`rates` what a detector is worth before it has run. `attribution` tells the provider's change from
the team's and the judge's, `segments` cuts a history where the configuration changed, `semantic`
watches what texts are about. Each function names its source.
"""
