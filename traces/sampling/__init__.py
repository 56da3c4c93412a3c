"""Which traces are kept: a share of all, and beyond it errors, slow and scored ones.

A settled trace outside of the share becomes a candidate. Once it was quiet for the project's wait
it is judged as a whole; what has to go is deleted, and stays in the figures by hour as sampled.
"""
