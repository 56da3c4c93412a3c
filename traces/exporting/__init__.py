"""Traces as files: what a row says, three formats that grow part by part, where parts are kept."""
