"""The demo: sixty days of a support assistant, the same for the same seed, sent like any client's.

Nothing here touches the tables: `story` and what it is made of turn a seed into OTLP requests, and
`loading` posts them to the public endpoint. So the demo is also a test from socket to page.
"""
