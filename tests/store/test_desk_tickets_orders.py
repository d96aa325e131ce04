"""Tickets on their way between people, files on them, orders and the stock they are taken from, surveys' quotas."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lab_rows import Lab

from lab_server.desk import entries, notes, polls
from lab_server.desk.desk import Desk
from lab_server.desk.errors import (
    AttachmentError,
    BadValueError,
    ChangedError,
    FormFaultsError,
    NoRightError,
    NotYoursError,
    StateError,
    StockError,
    UnknownProductError,
)
from lab_server.desk.polls import Quota
from lab_server.desk.shop import catalogue, listing, sales
from lab_server.desk.shop.sales import LineIn
from lab_server.desk.templates.model import FieldKind, Jump, TemplateField
from lab_server.desk.ticketing import attachments, categories, comments, piles, work
from lab_server.ids import new_id
from lab_server.store.engine import writing
from lab_server.store.tables import User

HOME = {"name": "王丽", "address": "杭州市西湖区文三路128号", "phone": "16300000001"}


def test_a_ticket_travels_until_it_is_closed_and_its_history_says_how(lab: Lab) -> None:
    with lab.desk(lab.staff("instructor")) as desk:
        categories.save(desk, "repair", {"zh-CN": "维修", "en": "Repair"})
        node = categories.save(desk, "repair.fridge", {"zh-CN": "冰箱"}, parent="repair")
    with lab.desk(lab.student) as desk:
        one = work.open_ticket(desk, "training", "fault", "冰箱不制冷", category_id=node.id, urgency="urgent")
        assert (one.due_at - lab.clock.utc()).total_seconds() == 4 * 3600  # type: ignore[operator]
        one = work.assign(desk, one.id, one.version, lab.other.id)
        comments.add(desk, one.id, "<b>客户很急</b>")
    with pytest.raises(ChangedError), lab.desk(lab.other) as desk:
        work.change(desk, one.id, one.version - 1, title="x")
    lab.clock.forward(5 * 3600)
    with lab.desk(lab.other) as desk:
        assert [(line.title, line.overdue) for line in work.pile(desk, "training", "mine")] == [("冰箱不制冷", True)]
        assert comments.listed(desk, one.id)[0].text == "<b>客户很急</b>"
        done = work.move(desk, one.id, one.version, "resolved")
        done = work.move(desk, one.id, done.version, "closed")
        with pytest.raises(StateError, match="closed: open it again"):
            work.change(desk, one.id, done.version, title="x")
        again = work.move(desk, one.id, done.version, "open", "客户说又坏了")
        assert (again.closed_at, work.pile(desk, "training", "overdue")[0].id) == (None, one.id)
        kinds = [step.kind for step in work.history(desk, one.id)]
    assert kinds == ["opened", "assigned", "commented", "moved", "moved", "moved"]


def test_a_ticket_is_not_a_strangers_and_what_is_no_ticket_is_refused(lab: Lab) -> None:
    with lab.desk(lab.other) as desk:
        one = work.open_ticket(desk, "training", "query", "何时到货")
    with pytest.raises(NotYoursError), lab.desk(lab.student) as desk:
        work.read(desk, one.id)
    with pytest.raises(NoRightError), lab.desk(lab.staff("grader")) as desk:
        work.change(desk, one.id, one.version, title="x")
    for values in (
        {"title": "\x07"},
        {"title": ""},
        {"kind": "joke"},
        {"urgency": "x"},
        {"state": "closed"},
        {"due_at": "x"},
    ):
        with pytest.raises(BadValueError), lab.desk(lab.other) as desk:
            work.change(desk, one.id, one.version, **values)


def test_the_forms_ticket_is_the_one_that_travels(lab: Lab) -> None:
    contact = lab.serve("complaint")
    with lab.desk(lab.student) as desk:
        entries.save_entry(desk, contact, "ticket", {"name": "张伟"}, new_id())
        one = work.open_ticket(desk, "training", "complaint", "投诉", contact_id=contact)
        assert one.fields == {"name": "张伟"}
        entries.undo(desk, contact, "ticket", new_id())
        assert work.read(desk, one.id).fields == {}


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("../../etc/passwd", b"root", "text/plain"),
        ("C:\\Windows\\evil.exe", b"%PDF-1.7 x", "application/pdf"),
        ("a\u202egnp.exe", b"\x89PNG\r\n\x1a\n....", "image/png"),
        ("", "客户来信".encode(), "text/plain"),
    ],
)
def test_a_file_is_kept_under_its_id_whatever_its_name(
    lab: Lab, tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    with lab.desk(lab.student) as desk:
        one = work.open_ticket(desk, "training", "query", "x")
        file = attachments.add(desk, tmp_path / "files", one.id, name, content)
        seen, path = attachments.opened(desk, tmp_path / "files", file.id)
    assert (seen.type, path.read_bytes()) == (kind, content)
    assert path.resolve().is_relative_to(tmp_path / "files")
    assert not set("/\\\u202e") & set(seen.name)
    path.write_bytes(b"altered")
    with pytest.raises(AttachmentError, match="altered"), lab.desk(lab.student) as desk:
        attachments.opened(desk, tmp_path / "files", file.id)
    with lab.desk(lab.student) as desk:
        attachments.take_away(desk, file.id)
        assert attachments.listed(desk, one.id) == ()
        attachments.take_away(desk, file.id, back=True)
        assert len(attachments.listed(desk, one.id)) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00",
        b"<html><script>",
        b"  \n<svg onload=x>",
        b"\x7fELF",
        b"a\0b",
        b"x" * (attachments.LARGEST + 1),
    ],
)
def test_a_file_that_is_not_taken_leaves_nothing_behind(lab: Lab, tmp_path: Path, content: bytes) -> None:
    with lab.desk(lab.student) as desk:
        one = work.open_ticket(desk, "training", "query", "x")
    with pytest.raises(AttachmentError), lab.desk(lab.student) as desk:
        attachments.add(desk, tmp_path / "files", one.id, "x.png", content)
    assert not (tmp_path / "files").exists()


@pytest.mark.parametrize("trick", ["../../x", "", "%2e%2e", "a" * 5000])
def test_no_id_leads_out_of_the_folder(lab: Lab, tmp_path: Path, trick: str) -> None:
    with pytest.raises(AttachmentError), lab.desk(lab.student) as desk:
        attachments.opened(desk, tmp_path, trick)


def shop(lab: Lab, stock: int = 3) -> None:
    with lab.desk(lab.staff("instructor")) as desk:
        catalogue.save(desk, "A1", {"name": "电压力锅", "price_cents": 26800, "variants": ["4升", "6升"]})
        catalogue.save(desk, "B1", {"name": "100%_羊毛毯", "price_cents": 36800})
        catalogue.restock(desk, "A1", stock)
        catalogue.restock(desk, "B1", 1)


def stock(lab: Lab) -> dict[str, int]:
    with lab.desk(lab.student) as desk:
        return {one.sku: one.stock for one in catalogue.listed(desk)}


def test_an_order_goes_its_way_and_what_comes_back_is_in_stock_again(lab: Lab) -> None:
    shop(lab)
    with lab.desk(lab.student) as desk:
        one = sales.place(desk, "training", [LineIn(sku="A1", quantity=2, variant="4升")], "cod", HOME)
        assert (one.state, one.total_cents, one.next) == ("placed", 53600, ("shipped", "cancelled"))
    assert stock(lab)["A1"] == 1
    with lab.desk(lab.student) as desk:
        one = sales.advance(desk, one.id, one.version, "shipped", tracking="SF1")
        with pytest.raises(StateError, match="shipped: it can become delivered"):
            sales.advance(desk, one.id, one.version, "cancelled")
        one = sales.advance(desk, one.id, one.version, "delivered")
        assert one.paid_at is not None
        one = sales.advance(desk, one.id, one.version, "returned")
        assert one.next == ()
        with pytest.raises(ChangedError):
            sales.advance(desk, one.id, one.version - 1, "returned")
    assert stock(lab)["A1"] == 3


def test_what_cannot_be_had_takes_nothing_from_the_stock(lab: Lab) -> None:
    shop(lab)
    wrong = [
        (
            [LineIn(sku="A1", quantity=1, variant="4升"), LineIn(sku="B1", quantity=2)],
            StockError,
            "line 2: .*there are 1",
        ),
        ([LineIn(sku="A1", quantity=1, variant="9升")], BadValueError, "comes as 4升, 6升"),
        ([LineIn(sku="ZZ", quantity=1)], UnknownProductError, "no article 'ZZ'"),
        ([], BadValueError, "1 to 50 lines"),
    ]
    for lines, error, match in wrong:
        with pytest.raises(error, match=match), lab.desk(lab.student) as desk:
            sales.place(desk, "training", lines, "prepaid", HOME)
    with pytest.raises(BadValueError, match="name and an address"), lab.desk(lab.student) as desk:
        sales.place(desk, "training", [LineIn(sku="B1", quantity=1)], "prepaid", {"name": "x"})
    assert stock(lab) == {"A1": 3, "B1": 1}


def test_two_cannot_buy_the_last_one(lab: Lab) -> None:
    shop(lab)

    def buy(actor: User) -> bool:
        try:
            with writing(lab.engine) as session:
                sales.place(Desk(session, lab.clock, actor), "training", [LineIn(sku="B1", quantity=1)], "cod", HOME)
        except StockError:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(buy, [lab.student, lab.other])) == [False, True]
    assert stock(lab)["B1"] == 0


@pytest.mark.parametrize(
    ("query", "found"), [("%", ["B1"]), ("_羊", ["B1"]), ("压力", ["A1"]), ("\0", ["A1", "B1"]), ("'--", [])]
)
def test_the_catalogue_is_searched_for_what_was_typed(lab: Lab, query: str, found: list[str]) -> None:
    shop(lab)
    with lab.desk(lab.student) as desk:
        assert [one.sku for one in catalogue.listed(desk, query)] == found


def test_the_contacts_order_is_placed_once_and_its_form_changes_no_line_any_more(lab: Lab) -> None:
    shop(lab)
    contact = lab.serve("order")
    with lab.desk(lab.student) as desk:
        entries.save_entry(desk, contact, "order", {"product": "拖把", "quantity": "2"}, new_id())
        one = sales.place(desk, "training", [LineIn(sku="B1", quantity=1)], "cod", HOME, contact_id=contact)
        entries.save_entry(desk, contact, "order", {"product": "拖把", "quantity": "3"}, new_id())
        entries.undo(desk, contact, "order", new_id())
        assert [line.product for line in sales.read(desk, one.id).lines] == ["100%_羊毛毯"]
        with pytest.raises(StateError, match="is placed"):
            sales.place(
                desk, "training", [LineIn(sku="A1", quantity=1, variant="4升")], "cod", HOME, contact_id=contact
            )


def questions() -> list[TemplateField]:
    yes_no = FieldKind.YES_NO
    return [
        TemplateField(key="used", kind=yes_no, title={"en": "Used?"}, required=True, jumps=(Jump(among=("no",)),)),
        TemplateField(key="happy", kind=yes_no, title={"en": "Happy?"}, required=True),
    ]


def test_a_survey_jumps_and_ends_where_its_quota_is_full(lab: Lab) -> None:
    with lab.desk(lab.staff("instructor")) as desk:
        polls.save(desk, "after_sales", "After sales", questions(), [Quota(key="used", answers=("yes",), most=1)])
        one = polls.start(desk, "after_sales")
    first, second = lab.serve("survey"), lab.serve("survey")
    with lab.desk(lab.student) as desk:
        assert polls.next_question(one, {"used": "yes"}).key == "happy"  # type: ignore[union-attr]
        assert polls.next_question(one, {"used": "no"}) is None
        with pytest.raises(FormFaultsError, match="happy: Please fill this in"):
            polls.finish(desk, first, one.id, {"used": "yes"})
        after = polls.finish(desk, first, one.id, {"used": "yes", "happy": "no"})
        assert after.quotas[0].full
        assert [quota.key for quota in polls.full_quotas(after, {"used": "yes"})] == ["used"]
        with pytest.raises(StateError, match="thank this one"):
            polls.finish(desk, second, one.id, {"used": "yes", "happy": "yes"})
        polls.finish(desk, second, one.id, {"used": "no", "happy": "left from before"})
        polls.finish(desk, first, one.id, {"used": "yes", "happy": "yes"})


def test_a_note_and_its_code_travel_with_the_contact(lab: Lab) -> None:
    contact = lab.serve("complaint")
    with lab.desk(lab.staff("instructor")) as desk:
        notes.save_disposition(desk, "solved", {"zh-CN": "已解决", "en": "Solved"})
        notes.save_disposition(desk, "sold", {"en": "Sold"}, queues=("order",))
    with lab.desk(lab.student) as desk:
        notes.save(desk, contact, text="客户\n满意")
        notes.save(desk, contact, disposition="solved")
        (one,) = notes.of_contact(desk.session, contact)
        assert (one.text, one.disposition) == ("客户\n满意", "solved")
        with pytest.raises(BadValueError, match="not on the list"):
            notes.save(desk, contact, disposition="sold")
    with pytest.raises(NotYoursError), lab.desk(lab.other) as desk:
        notes.save(desk, contact, text="x")


def test_a_list_of_tickets_is_narrowed_to_a_branch_of_the_tree_and_words(lab: Lab) -> None:
    with lab.desk(lab.staff("admin")) as desk:
        categories.save(desk, "goods", {"en": "Goods"})
        deep = categories.save(desk, "goods.broken", {"en": "Broken"}, parent="goods")
        goods = categories.tree(desk.session, lab.site.id)[0]
    with lab.desk(lab.student) as desk:
        one = work.open_ticket(desk, "training", "fault", "冰箱_不制冷", category_id=deep.id, urgency="urgent")
        work.open_ticket(desk, "training", "query", "何时到货")
    with lab.desk(lab.other) as desk:
        work.open_ticket(desk, "training", "fault", "冰箱", category_id=deep.id)

        def listed(**wanted: str) -> list[str]:
            return [line.ticket.title for line in piles.listed(desk, "training", piles.Wanted(**wanted)).lines]

        assert listed(which="all") == ["冰箱"]  # nobody else's
    with lab.desk(lab.student) as desk:
        assert listed(which="written") == ["何时到货", "冰箱_不制冷"]
        assert listed(which="open") == ["冰箱_不制冷", "何时到货"]  # what is due first
        assert listed(which="open", category_id=goods.id) == ["冰箱_不制冷"]
        assert listed(which="all", text="_") == ["冰箱_不制冷"]
        assert listed(which="all", text="%") == []
        assert listed(which="mine") == []
        lab.clock.forward(5 * 3600)
        assert listed(which="overdue", urgency="urgent", kind="fault") == [one.title]
        assert lab.student.id in {user.id for user in piles.takers(desk)}
        assert lab.other.id not in {user.id for user in piles.takers(desk)}


def test_orders_are_listed_to_whom_they_belong(lab: Lab) -> None:
    shop(lab)
    with lab.desk(lab.student) as desk:
        sku = catalogue.listed(desk)[0].sku
        variant = next(iter(catalogue.listed(desk)[0].variants), "")
        line = LineIn(sku=sku, quantity=1, variant=variant)
        placed = sales.place(desk, "training", [line], "cod", {"name": "李芳", "address": "杭州"})
    for actor, seen in ((lab.student, 1), (lab.other, 0), (lab.staff("instructor"), 1)):
        with lab.desk(actor) as desk:
            assert len(listing.listed(desk, "training").lines) == seen
            assert listing.listed(desk, "training", "returned").lines == ()
            assert listing.listed(desk, "production").lines == ()
    with lab.desk(lab.student) as desk:
        sales.advance(desk, placed.id, placed.version, "cancelled")
        assert [one.order.id for one in listing.listed(desk, "training", "cancelled", mine=True).lines] == [placed.id]
