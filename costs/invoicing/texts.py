"""From bytes to rows of a CSV, piece by piece and within bounds."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from costs.invoicing.faults import BadFile

MOST_BYTES = 50 * 2**20
MOST_LINES = 200_000
MOST_CELL = 2_000  # characters
MOST_COLUMNS = 200
_END = re.compile(r"\r\n|\n|\r")
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def rows_of(pieces: Iterable[bytes]) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """The delimiter, and (line, cells) of each row that is not blank. Raises: BadFile.

    UTF-8, or UTF-16 with its mark; lines may end in LF, CRLF or CR; a line `sep=;` is obeyed.
    """
    lines = _lines(_text(pieces))
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        raise BadFile("The file is empty", expected="a CSV whose first line names its columns")
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        delimiter, skipped = first.strip()[4], 1
    else:
        delimiter, skipped = _delimiter(first), 0
        lines = chain([first], lines)
    return delimiter, _rows(lines, delimiter, skipped)


def _delimiter(first: str) -> str:
    return max(_DELIMITERS, key=lambda one: (first.count(one), -_DELIMITERS.index(one)))


def _rows(lines: Iterator[str], delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        begins = reader.line_num + skipped + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise BadFile(f"this is no CSV: {fault}", line=begins) from None
        if begins > MOST_LINES:
            raise BadFile(f"The file has more than {MOST_LINES:,} lines. Export fewer days")
        if len(cells) > MOST_COLUMNS:
            raise BadFile(f"more than {MOST_COLUMNS} columns", line=begins)
        if cells and max(map(len, cells)) > MOST_CELL:
            raise BadFile(
                f"a cell has more than {MOST_CELL:,} characters", line=begins,
                expected="a quote that is opened to be closed",
            )  # fmt: skip
        if any(cell.strip() for cell in cells):
            yield begins, [cell.strip() for cell in cells]


def _lines(texts: Iterator[str]) -> Iterator[str]:
    """Lines with one LF each, whatever ended them; none is longer than its cells may be."""
    rest = ""
    for text in texts:
        rest += text
        # A CR at the end may be half of an end.
        held = "\r" if rest.endswith("\r") else ""
        *whole, rest = _END.split(rest[: len(rest) - len(held)])
        rest += held
        for line in whole:
            yield f"{line}\n"
        if len(rest) > MOST_CELL * MOST_COLUMNS:
            raise BadFile("A line has no end", expected="a CSV, one row a line")
    if rest.rstrip("\r"):
        yield rest.rstrip("\r") + "\n"


def _text(pieces: Iterable[bytes]) -> Iterator[str]:
    decoder, seen, line = None, 0, 1
    for piece in _never_short(pieces):
        given = piece
        if decoder is None:
            mark, name = next((one for one in _MARKS if given.startswith(one[0])), (b"", "utf-8"))
            decoder = codecs.getincrementaldecoder(name)()
            given = given[len(mark) :]
        seen += len(piece)
        if seen > MOST_BYTES:
            raise BadFile(f"A file may have {MOST_BYTES // 2**20} MB. Export fewer days")
        try:
            text = decoder.decode(given)
        except UnicodeDecodeError as fault:
            line += given[: fault.start].count(b"\n")
            raise BadFile("this is not UTF-8", line=line, expected="a CSV in UTF-8") from None
        if "\0" in text:
            line += text[: text.index("\0")].count("\n")
            raise BadFile("there is a NUL character", line=line, expected="a CSV, no other file")
        line += text.count("\n")
        yield text
    if decoder is not None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise BadFile("the file ends within a character", line=line) from None


def _never_short(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same with a first piece of at least four bytes where there are so many."""
    first, rest = b"", iter(pieces)
    for piece in rest:
        first += piece
        if len(first) >= 4:
            break
    if first:
        yield first
    yield from (piece for piece in rest if piece)
