"""Customers as a list: out to CSV or XLSX, and in with a preview. One wrong row, and none is taken."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import openpyxl
from sqlmodel import col, select

from lab_server.desk import customers
from lab_server.desk.cells import FORMULA, harmless
from lab_server.desk.crm import fields
from lab_server.desk.crm.records import added
from lab_server.desk.desk import Desk
from lab_server.desk.errors import DeskError, SheetError
from lab_server.desk.numbers import identity, is_virtual, spelling
from lab_server.desk.rights import Right
from lab_server.store.tables import Customer, Mode, Site
from scenarios.facts import Frozen

SheetKind = Literal["csv", "xlsx"]
COLUMNS = ("number", "name", "salutation", "address", "note")
EXTRA = "extra."
"""Before the name of a column that holds a field of the school's own."""
_MOST_EXTRA = 30
MOST_ROWS = 20_000
MOST_BYTES = 10_000_000
_MOST_UNPACKED = 100_000_000
_HEADS: Mapping[str, str] = {
    **{name: name for name in COLUMNS},
    "电话": "number", "号码": "number", "phone": "number", "姓名": "name", "称呼": "salutation", "地址": "address",
    "备注": "note",
}  # fmt: skip
_SALUTATIONS: Mapping[str, str] = {"女士": "f", "先生": "m", "ms": "f", "mr": "m", "": "", "f": "f", "m": "m"}


class RowFault(Frozen):
    """Why a row cannot be taken. `row` as the sheet counts them: the heading is row 1."""

    row: int
    column: str
    says: str


class Preview(Frozen):
    """What an import would do: `new` and `known` (their empty fields are filled) rows, `faults` if it would not."""

    new: int
    known: int
    faults: tuple[RowFault, ...]
    sample: tuple[dict[str, str], ...]


def preview(desk: Desk, mode: Mode, content: bytes, kind: SheetKind) -> Preview:
    """Read the list and say what would happen; nothing is changed. Raises `SheetError` for what is no list."""
    desk.check(Right.CUSTOMER_SHEET)
    rows, faults = _checked(desk, mode, content, kind)
    known = _known(desk, mode, rows.values())
    return Preview(
        new=sum(spelling(row["number"]) not in known for row in rows.values()),
        known=sum(spelling(row["number"]) in known for row in rows.values()),
        faults=tuple(faults),
        sample=tuple(list(rows.values())[:10]),
    )


def take_in(desk: Desk, mode: Mode, content: bytes, kind: SheetKind) -> Preview:
    """Import the list, all of it or nothing. Raises `SheetError` with `faults`, every wrong row."""
    desk.check(Right.CUSTOMER_SHEET)
    rows, faults = _checked(desk, mode, content, kind)
    if faults:
        raise SheetError(f"{len({one.row for one in faults})} rows cannot be taken: correct them first", faults)
    known, new = _known(desk, mode, rows.values()), 0
    for row in rows.values():
        there = known.get(spelling(row["number"]))
        if there is None:
            added(desk, mode, row)
            new += 1
        else:
            _fill(desk, there, row)
    desk.session.flush()
    desk.note(None, "customer.imported", {"new": new, "known": len(rows) - new})
    return Preview(new=new, known=len(rows) - new, faults=(), sample=tuple(list(rows.values())[:10]))


def give_out(desk: Desk, mode: Mode, kind: SheetKind) -> bytes:
    """Every customer as a list that `take_in` reads, with a column for each field of the school's own.

    What could be a formula has an apostrophe before it.
    """
    desk.check(Right.CUSTOMER_SHEET)
    rows = select(Customer).where(
        Customer.site_id == desk.actor.site_id,
        Customer.mode == mode,
        col(Customer.deleted_at).is_(None),
        col(Customer.merged_into).is_(None),
    )
    found = desk.session.exec(rows.order_by(col(Customer.id))).all()
    own = sorted({f"{EXTRA}{name}" for row in found for name in row.extra})[:_MOST_EXTRA]
    columns = [*COLUMNS, *own]
    lines = ([harmless(fields.value_of(row, name)) for name in columns] for row in found)
    content = _csv(columns, lines) if kind == "csv" else _xlsx(columns, lines)
    desk.note(None, "customer.exported", {"kind": kind, "mode": mode})
    return content


def _checked(
    desk: Desk, mode: Mode, content: bytes, kind: SheetKind
) -> tuple[dict[int, dict[str, str]], list[RowFault]]:
    prefixes = desk.session.get_one(Site, desk.actor.site_id).virtual_prefixes
    good, faults, first = dict[int, dict[str, str]](), list[RowFault](), dict[str, int]()
    for at, row in _rows(content, kind):
        found = _row_faults(at, row, mode, prefixes)
        number = spelling(row.get("number", ""))
        if not found and number in first:
            found = [RowFault(row=at, column="number", says=f"the same number as in row {first[number]}")]
        if found:
            faults += found
            continue
        first[number] = at
        good[at] = fields.checked(row)
    return good, faults


def _row_faults(at: int, row: dict[str, str], mode: Mode, prefixes: Sequence[str]) -> list[RowFault]:
    found = []
    for name, value in row.items():
        try:
            fields.checked({name: value})
        except DeskError as refusal:
            found.append(RowFault(row=at, column=name, says=str(refusal)))
    number = row.get("number", "")
    if not identity(number) and not found:
        found.append(RowFault(row=at, column="number", says="a customer needs a number"))
    if mode == "production" and is_virtual(number, list(prefixes)):
        found.append(RowFault(row=at, column="number", says="a virtual customer's number belongs to training only"))
    return found


def _rows(content: bytes, kind: SheetKind) -> Iterator[tuple[int, dict[str, str]]]:
    if len(content) > MOST_BYTES:
        raise SheetError(f"the file has {len(content)} bytes: at most {MOST_BYTES} are read; split it")
    lines = _csv_lines(content) if kind == "csv" else _xlsx_lines(content)
    heads = _heads(next(lines, []))
    for at, cells in enumerate(lines, start=2):
        if at > MOST_ROWS + 1:
            raise SheetError(f"more than {MOST_ROWS} rows: split the list")
        row = {heads[place]: _cell(cells[place]) for place in heads if place < len(cells)}
        if any(row.values()):
            row["salutation"] = _SALUTATIONS.get(row.get("salutation", "").casefold(), row.get("salutation", ""))
            yield at, {name: value for name, value in row.items() if value or name == "number"}


def _heads(cells: Sequence[str]) -> dict[int, str]:
    heads = dict[int, str]()
    for place, cell in enumerate(cells):
        name = cell.strip()
        if name.casefold() in _HEADS:
            heads[place] = _HEADS[name.casefold()]
        elif name.startswith(EXTRA) and len(name) > len(EXTRA):
            heads[place] = name
    if "number" not in heads.values() or len(set(heads.values())) < len(heads):
        raise SheetError(f"the first row names the columns, each once, at least number: {', '.join(COLUMNS)}")
    return heads


def _cell(text: str) -> str:
    """As `give_out` would have written it: without the apostrophe that keeps a formula from being one."""
    return text[1:].strip() if text[:1] == "'" and text[1:2] in FORMULA else text.strip()


def _csv_lines(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        raise SheetError(f"the file is no CSV: {error}") from error


def _decoded(content: bytes) -> str:
    """UTF-8, or what a Chinese Excel writes."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetError("the file is neither UTF-8 nor GB18030: save it as CSV UTF-8")


def _xlsx_lines(content: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > _MOST_UNPACKED:
                raise SheetError("the file unpacks to more than any list of customers: save it anew")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except SheetError:
        raise
    except Exception as error:  # openpyxl fails in as many ways as a file can be broken
        raise SheetError(
            f"the file is no XLSX workbook that can be read ({type(error).__name__}): save it anew"
        ) from error
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 2, max_col=40):
        yield ["" if cell is None else f"{cell:.0f}" if isinstance(cell, float) else str(cell) for cell in row]


def _known(desk: Desk, mode: Mode, rows: Iterable[Mapping[str, str]]) -> dict[str, Customer]:
    found = {}
    for row in rows:
        there = customers.find(desk.session, desk.actor.site_id, mode, row["number"])
        if there is not None:
            found[spelling(row["number"])] = there
    return found


def _fill(desk: Desk, there: Customer, row: Mapping[str, str]) -> None:
    """A list never overwrites what somebody has written."""
    empty = {
        name: value for name, value in row.items() if name != "number" and value and not fields.value_of(there, name)
    }
    for name, value in empty.items():
        fields.put(desk.session, there, name, value)
        fields.versioned(there, name)
    if empty:
        there.updated_at = desk.clock.utc()
        desk.session.add(there)
        desk.session.flush()
        fields.index(desk.session, there)


def _csv(heads: list[str], lines: Iterator[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows(lines)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(heads: list[str], lines: Iterator[list[str]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("customers")
    sheet.append(heads)
    for line in lines:
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
