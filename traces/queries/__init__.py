"""Reads of traces and spans: lists, one trace, facets, figures, what intake said."""
