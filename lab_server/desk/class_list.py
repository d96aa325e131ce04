"""Class lists from a school's own files: read, then every row checked. Pure: no database, nothing is executed.

A table is CSV (UTF-8, UTF-16 with its mark, or GB18030) or an Excel sheet (.xlsx). Its first row names the columns.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import openpyxl

from lab_server.desk.errors import ClassListError

MOST_BYTES = 2_000_000
MOST_ROWS = 1000
MOST_COLUMNS = 50
UNPACKED_BYTES = 30_000_000
LONGEST_NAME = 80
_NUMBER = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_EXACT = 10**15  # digits a spreadsheet keeps of a number
_NAMES = frozenset({"name", "fullname", "studentname", "student", "姓名", "学生姓名", "名字", "学生"})
_NUMBERS = frozenset(
    {
        "number",
        "no",
        "id",
        "studentid",
        "studentnumber",
        "studentno",
        "login",
        "学号",
        "工号",
        "编号",
        "账号",
        "学生编号",
    }
)


class Fault(StrEnum):
    """What is wrong with a row; the page says it in the reader's language."""

    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    NAME_UNPRINTABLE = "name_unprintable"
    NUMBER_MISSING = "number_missing"
    NUMBER_BAD = "number_bad"
    NUMBER_TWICE = "number_twice"
    NUMBER_IMPRECISE = "number_imprecise"
    TAKEN_BY_STAFF = "taken_by_staff"
    OTHER_NAME = "other_name"


@dataclass(frozen=True)
class Line:
    """One student of the list. `row` counts from 1 as the file's rows do, the header being the first."""

    row: int
    number: str
    name: str
    fault: Fault | None = None
    detail: str = ""


def read(content: bytes, filename: str) -> list[Line]:
    """The list's lines with their faults. Raises `ClassListError` if it can't be read as a whole."""
    if not content:
        raise ClassListError("the file is empty")
    if len(content) > MOST_BYTES:
        raise ClassListError(f"the file is larger than {MOST_BYTES // 1_000_000} MB: a class list is not")
    if content.startswith(b"PK"):
        rows = _sheet(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0") or filename.lower().endswith((".xls", ".xlsb", ".ods", ".numbers")):
        raise ClassListError("this kind of file is not read: save it as .xlsx or .csv")
    else:
        rows = _text_table(content)
    return checked(_lines(rows))


def checked(lines: Iterable[Line]) -> list[Line]:
    """Every line with the first fault it has by itself or beside the others; faults found before are found anew."""
    first: dict[str, int] = {}
    made = []
    for line in lines:
        number, name = line.number.strip().lower(), " ".join(line.name.split())
        fault = line.fault if line.fault is Fault.NUMBER_IMPRECISE else _fault(number, name)
        detail = ""
        if fault is None and number in first:
            fault, detail = Fault.NUMBER_TWICE, str(first[number])
        first.setdefault(number, line.row)
        made.append(Line(line.row, number, name, fault, detail))
    return made


def _fault(number: str, name: str) -> Fault | None:
    if not name:
        return Fault.NAME_MISSING
    if len(name) > LONGEST_NAME:
        return Fault.NAME_TOO_LONG
    if not name.isprintable():
        return Fault.NAME_UNPRINTABLE
    if not number:
        return Fault.NUMBER_MISSING
    return None if _NUMBER.fullmatch(number) else Fault.NUMBER_BAD


def _lines(rows: Sequence[tuple[int, Sequence[Any]]]) -> list[Line]:
    filled = [(row, cells) for row, cells in rows if any(_text(cell) for cell in cells)]
    if not filled:
        raise ClassListError("the table is empty")
    header = [re.sub(r"[\W_]", "", _text(cell).lower()) for cell in filled[0][1]]
    name, number = (next((i for i, word in enumerate(header) if word in known), None) for known in (_NAMES, _NUMBERS))
    if name is None or number is None:
        raise ClassListError("the first row must name the columns: name and number (姓名, 学号)")
    if len(filled) - 1 > MOST_ROWS:
        raise ClassListError(f"the table has more than {MOST_ROWS} rows: that is no class")
    if len(filled) == 1:
        raise ClassListError("the table has column names and no student")
    return [_line(row, _cell(cells, number), _cell(cells, name)) for row, cells in filled[1:]]


def _line(row: int, number: Any, name: Any) -> Line:
    imprecise = isinstance(number, int | float) and not isinstance(number, bool) and abs(number) >= _EXACT
    return Line(row, _text(number), _text(name), Fault.NUMBER_IMPRECISE if imprecise else None)


def _cell(cells: Sequence[Any], index: int) -> Any:
    return cells[index] if index < len(cells) else None


def _text(cell: Any) -> str:
    """A cell as text: what looks like a formula is text too. A whole number has no `.0`."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip().replace("\ufeff", "")


def _text_table(content: bytes) -> list[tuple[int, Sequence[Any]]]:
    text = _decoded(content)
    if "\0" in text:
        raise ClassListError("this is no table of text: save it as .xlsx or .csv")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if re.fullmatch(r"sep=.", first.strip()):  # Excel's own hint
        return _records(text.split(first, 1)[1], first.strip()[-1])
    return _records(text, max(",;\t，", key=first.count))


def _records(text: str, separator: str) -> list[tuple[int, Sequence[Any]]]:
    rows: list[tuple[int, Sequence[Any]]] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        for row, cells in enumerate(reader, start=1):
            if row > MOST_ROWS * 3:
                raise ClassListError(f"the table has more than {MOST_ROWS} rows: that is no class")
            rows.append((row, cells[:MOST_COLUMNS]))
    except csv.Error as error:
        raise ClassListError(f"line {len(rows) + 1} is no line of a CSV file ({error})") from error
    return rows


def _decoded(content: bytes) -> str:
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ClassListError("the text is neither UTF-8 nor GB18030: save it as “CSV UTF-8”, or as .xlsx")


def _sheet(content: bytes) -> list[tuple[int, Sequence[Any]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > UNPACKED_BYTES:
                raise ClassListError("the sheet is far too large for a class list")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        found = enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, max_row=MOST_ROWS * 3, values_only=True), start=1)
        return [(row, cells) for row, cells in found]
    except ClassListError:
        raise
    except Exception as error:
        # openpyxl raises whatever its parsers do (KeyError, BadZipFile, ParseError …); the file is at fault, not we.
        raise ClassListError("this is no readable Excel file: open it and save it as .xlsx again") from error
