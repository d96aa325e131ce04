"""Class lists as schools have them: encodings, separators, sheets, and everything that is wrong with them."""

import io
import zipfile
from collections.abc import Sequence

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_server.desk import pins
from lab_server.desk.class_list import MOST_BYTES, Fault, Line, read
from lab_server.desk.errors import ClassListError

PLAIN = "学号,姓名\n20260101,王小明\n20260102,李芳\n"
GOOD = [Line(2, "20260101", "王小明"), Line(3, "20260102", "李芳")]


def sheet(rows: Sequence[Sequence[object]]) -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))
    book.save(packed)
    return packed.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "，"])
def test_a_list_is_read_however_it_was_saved(encoding: str, separator: str) -> None:
    assert read(PLAIN.replace(",", separator).encode(encoding), "名单.csv") == GOOD


def test_other_columns_are_passed_over_and_rows_keep_their_numbers() -> None:
    text = "sep=;\r\n序;Student No.;班组;Full Name\r\n\r\n1;A-1;x;Zhou  Lan \r\n;;;\r\n2;A-2;y;Li\r\n"
    lines = read(text.encode(), "list.csv")
    assert [(line.number, line.name, line.fault) for line in lines] == [("a-1", "Zhou Lan", None), ("a-2", "Li", None)]
    assert [line.row for line in read(b"name,number\n\nA,1\n\nB,2\n", "x.csv")] == [3, 5]


def test_a_sheet_is_read_and_nothing_in_it_is_worked_out() -> None:
    rows = [
        ["姓名", "学号"],
        ["王小明", 20260101],
        ["=1+1", "a2"],
        ["李芳", 20260102.0],
        ['=HYPERLINK("http://x")', "@3"],
    ]
    lines = read(sheet(rows), "名单.xlsx")
    assert [(line.number, line.name) for line in lines[:3]] == [
        ("20260101", "王小明"),
        ("a2", "=1+1"),
        ("20260102", "李芳"),
    ]
    assert lines[3].fault is Fault.NUMBER_BAD


@pytest.mark.parametrize(
    ("number", "name", "fault"),
    [
        ("1", "", Fault.NAME_MISSING),
        ("", "王", Fault.NUMBER_MISSING),
        ("1", "王" * 81, Fault.NAME_TOO_LONG),
        ("1", "王\u202eabc", Fault.NAME_UNPRINTABLE),
        ("1", "王\x07", Fault.NAME_UNPRINTABLE),
        ("1 2", "王", Fault.NUMBER_BAD),
        ("../etc", "王", Fault.NUMBER_BAD),
        ("<b>", "王", Fault.NUMBER_BAD),
        ("1" * 41, "王", Fault.NUMBER_BAD),
        ("学", "王", Fault.NUMBER_BAD),
    ],
)
def test_each_faulty_row_is_named(number: str, name: str, fault: Fault) -> None:
    good, bad = read(f"学号,姓名\n9,刘洋\n{number},{name}\n".encode(), "x.csv")
    assert (good.fault, bad.fault, bad.row) == (None, fault, 3)


def test_a_number_twice_names_the_other_row_and_a_rounded_one_is_noticed() -> None:
    lines = read("学号,姓名\nA1,王\na1,李\n".encode(), "x.csv")
    assert (lines[1].fault, lines[1].detail) == (Fault.NUMBER_TWICE, "2")
    [rounded] = read(sheet([["学号", "姓名"], [3.20102200001011e17, "王"]]), "x.xlsx")
    assert rounded.fault is Fault.NUMBER_IMPRECISE


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/worksheets/sheet1.xml", b"0" * 40_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "x.csv", "the file is empty"),
        (b"\n \n", "x.csv", "the table is empty"),
        (b"a,b\n1,2\n", "x.csv", "the first row must name the columns"),
        ("学号,姓名\n".encode(), "x.csv", "no student"),
        (b"x" * (MOST_BYTES + 1), "x.csv", "larger than 2 MB"),
        ("学号,姓名\n".encode() + b"1,a\n" * 1001, "x.csv", "more than 1000 rows"),
        (b"\xd0\xcf\x11\xe0rest", "x.xls", "save it as .xlsx or .csv"),
        (b"PK\x03\x04rubbish", "x.xlsx", "no readable Excel file"),
        (bomb(), "x.xlsx", "far too large"),
        (b"\x81\xff\xfe\x00", "x.csv", "neither UTF-8 nor GB18030"),
        ('学号,姓名\n1,"a\n'.encode(), "x.csv", "no line of a CSV file"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_list_is_refused_with_the_reason(content: bytes, name: str, why: str) -> None:
    with pytest.raises(ClassListError, match=why):
        read(content, name)


@given(st.binary(max_size=300))
def test_whatever_is_uploaded_is_read_or_refused(content: bytes) -> None:
    try:
        for line in read(content, "x.csv"):
            assert line.row > 0
    except ClassListError:
        pass


def test_pins_that_everybody_tries_first_are_not_given() -> None:
    assert not any(pins._is_plain(pin) for pin in (pins.fresh() for _ in range(200)))
    for plain in ("000000", "121212", "123456", "987654", "111112"):
        assert pins._is_plain(plain)
