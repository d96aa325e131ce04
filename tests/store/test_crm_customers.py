"""Customers: found however they are asked for, edited by two at once, deleted, merged, and back again."""

import io

import openpyxl
import pytest
from lab_rows import Lab

from lab_server.desk import members
from lab_server.desk.crm import finding, merging, records, sheet, viewers
from lab_server.desk.errors import (
    BadValueError,
    FieldConflictError,
    GoneError,
    NoRightError,
    NotYoursError,
    SheetError,
    StateError,
    TakenError,
    UnknownCustomerError,
    VirtualNumberError,
)
from lab_server.store.tables import User


def make(lab: Lab, actor: User, number: str, **values: str) -> str:
    with lab.desk(actor) as desk:
        return records.create(desk, "training", {"number": number, **values}).id


def found(lab: Lab, actor: User, query: str) -> list[str]:
    with lab.desk(actor) as desk:
        return [line.name for line in finding.search_customers(desk, "training", query).lines]


@pytest.mark.parametrize(
    "query",
    ["王小明", "小明", "王", "wangxiao", "xiaoming", "wxm", "0042", "16300000042", "+86 163 0000 0042", "西湖",
     "文三路", "王 0042", "小明 杭州", "ＷＸＭ"],
)  # fmt: skip
def test_a_customer_is_found_by_any_part_that_people_say(lab: Lab, query: str) -> None:
    make(lab, lab.student, "163 0000 0042", name="王小明", address="浙江省杭州市西湖区文三路128号")
    make(lab, lab.student, "163 0000 9999", name="李静", address="北京市海淀区中关村大街1号")
    assert found(lab, lab.student, query) == ["王小明"]


@pytest.mark.parametrize(
    "query", ["%", "_", "' OR 1=1 --", '"', "*", "NEAR(", "王\0明", "\ud800", "a" * 100_000, "：", "-王"]
)
def test_no_query_finds_what_it_does_not_say_or_breaks(lab: Lab, query: str) -> None:
    make(lab, lab.student, "163 0000 0042", name="陈晨")
    assert found(lab, lab.student, query) == []


def test_a_student_finds_own_customers_only_and_an_instructor_all(lab: Lab) -> None:
    hers = make(lab, lab.other, "163 0000 0001", name="赵敏")
    assert found(lab, lab.student, "赵敏") == []
    assert found(lab, lab.other, "赵敏") == ["赵敏"]
    assert found(lab, lab.staff("instructor"), "zhaomin") == ["赵敏"]
    with pytest.raises(NotYoursError), lab.desk(lab.student) as desk:
        records.read(desk, hers)
    with pytest.raises(NoRightError), lab.desk(lab.staff("grader")) as desk:
        records.edit(desk, hers, {"name": "x"}, {})
    with pytest.raises(UnknownCustomerError), lab.desk(lab.stranger()) as desk:
        records.read(desk, hers)


def test_two_who_edit_different_fields_both_keep_their_work(lab: Lab) -> None:
    one, boss = make(lab, lab.student, "163 0000 0001", name="张伟"), lab.staff("instructor")
    with lab.desk(lab.student) as desk:
        seen = records.read(desk, one).versions
    with lab.desk(boss) as desk:
        records.edit(desk, one, {"address": "杭州市"}, seen)
    with lab.desk(lab.student) as desk:
        both = records.edit(desk, one, {"note": "老客户"}, seen)
    assert (both.address, both.note) == ("杭州市", "老客户")


def test_two_who_edit_one_field_are_shown_both_values_and_neither_is_lost(lab: Lab) -> None:
    one, boss = make(lab, lab.student, "163 0000 0001", name="张伟"), lab.staff("instructor")
    with lab.desk(boss) as desk:
        records.edit(desk, one, {"name": "张玮"}, {})
    with pytest.raises(FieldConflictError, match="somebody has changed name") as refused, lab.desk(lab.student) as desk:
        records.edit(desk, one, {"name": "章伟", "note": "new"}, {})
    (conflict,) = refused.value.conflicts
    assert (conflict.yours, conflict.theirs, conflict.user_id) == ("章伟", "张玮", boss.id)
    with lab.desk(lab.student) as desk:
        assert records.read(desk, one).note == ""
        assert records.edit(desk, one, {"name": "章伟"}, {"name": conflict.version}).name == "章伟"
    with lab.desk(lab.student) as desk:
        assert records.undo_edit(desk, one).name == "张玮"
        assert next(line.after for line in records.history(desk, one) if line.field == "name") == "张玮"


def test_who_has_a_record_open_is_seen_until_he_leaves(lab: Lab) -> None:
    one = make(lab, lab.student, "163 0000 0001")
    with lab.desk(lab.student) as desk:
        assert viewers.look(desk, "customer", one, "name") == ()
    with lab.desk(lab.other) as desk:
        (seen,) = viewers.look(desk, "customer", one)
        assert (seen.user_id, seen.field) == (lab.student.id, "name")
    lab.clock.forward(31)
    with lab.desk(lab.other) as desk:
        assert viewers.look(desk, "customer", one) == ()


def test_a_deleted_customer_is_gone_from_lists_and_can_be_brought_back(lab: Lab) -> None:
    one = make(lab, lab.student, "163 0000 0001", name="张伟")
    with lab.desk(lab.student) as desk:
        records.delete(desk, one)
        records.delete(desk, one)
    assert found(lab, lab.student, "张伟") == []
    with pytest.raises(GoneError, match="bring the record back"), lab.desk(lab.student) as desk:
        records.edit(desk, one, {"name": "x"}, {})
    other = make(lab, lab.student, "163 0000 0001", name="李四")
    with pytest.raises(TakenError, match=other), lab.desk(lab.student) as desk:
        records.bring_back(desk, one)
    with lab.desk(lab.student) as desk:
        records.delete(desk, other)
        records.bring_back(desk, one)
    assert found(lab, lab.student, "zhangwei") == ["张伟"]


def test_merging_takes_everything_over_and_its_undo_gives_everything_back(lab: Lab) -> None:
    number = lab.cases["complaint"].caller_number
    boss = lab.staff("instructor")
    gone = make(lab, boss, number, name="王 丽", note="会员", address="杭州市西湖区")
    contact = lab.serve("complaint")
    kept = make(lab, boss, "020 8888 6666", name="王丽", note="老客户")
    with lab.desk(boss) as desk:
        before = records.read(desk, kept), records.read(desk, gone)
        merged = merging.merge(desk, kept, gone)
    assert (merged.name, merged.note, merged.address) == ("王丽", "老客户\n会员", "杭州市西湖区")
    assert merged.numbers == (number,)
    assert found(lab, boss, number[-4:]) == ["王丽"]
    again = lab.serve("complaint")  # rings after the merge: is the kept one's for good
    from lab_server.store.engine import reading
    from lab_server.store.tables import Contact

    with reading(lab.engine) as session:
        assert {session.get_one(Contact, one).customer_id for one in (contact, again)} == {kept}
    with pytest.raises(GoneError, match=kept), lab.desk(boss) as desk:
        records.edit(desk, gone, {"name": "x"}, {})
    with lab.desk(boss) as desk:
        merging.undo_merge(desk, gone)
        after = records.read(desk, kept), records.read(desk, gone)
    for one, other in zip(before, after, strict=True):
        assert one.model_dump(exclude={"updated_at", "versions"}) == other.model_dump(
            exclude={"updated_at", "versions"}
        )
    with reading(lab.engine) as session:
        assert session.get_one(Contact, contact).customer_id == gone
        assert session.get_one(Contact, again).customer_id == kept
    with pytest.raises(StateError, match="nothing to undo"), lab.desk(boss) as desk:
        merging.undo_merge(desk, gone)
    with pytest.raises(BadValueError), lab.desk(boss) as desk:
        merging.merge(desk, kept, kept)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "x" * 81), ("name", "a\0b"), ("name", "\ud83d"), ("number", ""), ("number", "none"), ("salutation", "z"),
     ("password", "x"), ("number", "1" * 1_000_000)],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_and_nothing_changes(lab: Lab, field: str, value: str) -> None:
    one = make(lab, lab.student, "163 0000 0001", name="张伟")
    with pytest.raises(BadValueError), lab.desk(lab.student) as desk:
        records.edit(desk, one, {field: value}, {})
    assert found(lab, lab.student, "张伟") == ["张伟"]


def test_markup_is_just_text_and_a_number_is_taken_once(lab: Lab) -> None:
    text = "<script>alert('王')</script>"
    one = make(lab, lab.student, "163 0000 0001", name=text)
    with lab.desk(lab.student) as desk:
        assert records.read(desk, one).name == text
    with pytest.raises(TakenError, match=one):
        make(lab, lab.student, "+86 163-0000-0001")
    with pytest.raises(VirtualNumberError), lab.desk(lab.student) as desk:
        records.create(desk, "production", {"number": "163 0000 0001"})


def test_a_list_is_taken_whole_or_not_at_all(lab: Lab) -> None:
    boss = lab.staff("instructor")
    bad = "电话,姓名,称呼\n16300000001,张伟,先生\n,无号,\n163 0000 0001,again,\n16300000002,\x07,女士\n".encode(
        "gb18030"
    )
    with lab.desk(boss) as desk:
        seen = sheet.preview(desk, "training", bad, "csv")
    assert (seen.new, [(one.row, one.column) for one in seen.faults]) == (
        1,
        [(3, "number"), (4, "number"), (5, "name")],
    )
    with pytest.raises(SheetError) as refused, lab.desk(boss) as desk:
        sheet.take_in(desk, "training", bad, "csv")
    assert len(refused.value.faults) == 3
    assert found(lab, boss, "张伟") == []
    with pytest.raises(NoRightError), lab.desk(lab.student) as desk:
        sheet.preview(desk, "training", bad, "csv")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_goes_out_comes_in_again_and_no_cell_is_a_formula(lab: Lab, kind: sheet.SheetKind) -> None:
    boss = lab.staff("instructor")
    make(lab, boss, "+49 30 901820", name='=HYPERLINK("http://x")', note="@sum", address="-1+1")
    one = make(lab, boss, "16300000002", name="李静", salutation="f")
    with lab.desk(boss) as desk:
        content = sheet.give_out(desk, "training", kind)
    if kind == "xlsx":
        cells = [cell for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows() for cell in row]
        assert all(cell.data_type != "f" for cell in cells)
    else:
        assert "\r\n'+49" in content.decode("utf-8-sig")
        assert ",=" not in content.decode()
    with lab.desk(boss) as desk:
        records.delete(desk, one)
        taken = sheet.take_in(desk, "training", content, kind)
    assert (taken.new, taken.known) == (1, 1)
    with lab.desk(boss) as desk:
        names = {line.name for line in finding.search_customers(desk, "training", "").lines}
    assert names == {'=HYPERLINK("http://x")', "李静"}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"name\nx\n", b"PK\x03\x04rubbish", b'number\n"16300000001'])
def test_a_file_that_is_no_list_is_refused(lab: Lab, content: bytes) -> None:
    boss = lab.staff("instructor")
    for kind in ("csv", "xlsx"):
        with pytest.raises(SheetError), lab.desk(boss) as desk:
            sheet.take_in(desk, "training", content, kind)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_fields_of_the_schools_own_go_out_and_come_in_again(lab: Lab, kind: sheet.SheetKind) -> None:
    boss = lab.staff("instructor")
    one = make(lab, boss, "16300000002", name="李静", **{"extra.微信": "=cmd|'/c calc'!A1"})
    with lab.desk(boss) as desk:
        content = sheet.give_out(desk, "training", kind)
    if kind == "csv":
        assert ",'=cmd" in content.decode("utf-8-sig")
    with lab.desk(boss) as desk:
        records.edit(desk, one, {"extra.微信": ""}, {"extra.微信": 0})
        sheet.take_in(desk, "training", content, kind)
        assert records.read(desk, one).extra == {"微信": "=cmd|'/c calc'!A1"}


def test_merging_takes_the_fields_that_were_chosen_and_gives_them_back(lab: Lab) -> None:
    boss = lab.staff("instructor")
    kept = make(lab, boss, "16300000002", name="李静", address="杭州", note="一")
    gone = make(lab, boss, "16300000003", name="李静静", address="宁波", note="二", **{"extra.微信": "lj"})
    with lab.desk(boss) as desk:
        merged = merging.merge(desk, kept, gone, {"address": "gone", "note": "kept", "extra.微信": "kept"})
        assert (merged.name, merged.address, merged.note, merged.extra) == ("李静", "宁波", "一", {})
        with pytest.raises(BadValueError):
            merging.merge(desk, kept, kept)
    with lab.desk(boss) as desk:
        merging.undo_merge(desk, gone)
        back = records.read(desk, kept)
        assert (back.address, back.note) == ("杭州", "一")
        assert records.read(desk, gone).extra == {"微信": "lj"}
    with pytest.raises(BadValueError), lab.desk(boss) as desk:
        merging.merge(desk, kept, gone, {"number": "gone"})


def test_a_member_is_found_by_the_member_number(lab: Lab) -> None:
    boss = lab.staff("instructor")
    one = make(lab, boss, "16300000002", name="李静")
    with lab.desk(boss) as desk:
        members.enrol(desk, one, "880012")
    assert found(lab, boss, "880012") == ["李静"]
    assert found(lab, lab.student, "880012") == []
