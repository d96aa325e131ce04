"""Customers, tickets and orders as pages: without JavaScript, by htmx, by two at once, and by who means harm."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import openpyxl
import pytest_asyncio
from door_lab import ORIGIN, Browser, DoorLab, door_lab, kept
from httpx import Response
from lab_rows import Lab

from lab_server.desk.crm import records
from lab_server.desk.shop import catalogue
from lab_server.desk.ticketing import categories, work
from lab_server.store.engine import writing
from lab_server.store.tables import Contact, Order, Ticket, User

EVIL = "<script>alert(1)</script>"


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def mine(door: DoorLab) -> Browser:
    """The browser of the student at seat 1001."""
    with writing(door.lab.engine) as session:
        student = session.get_one(User, door.lab.student.id)
        student.password, student.is_robot = kept(), False
        session.add(student)
    return await door.signed_in(door.lab.student.login)


def hidden(page: Response) -> dict[str, str]:
    """What the form of the record carries unseen, and what stands in its fields."""
    form = page.text[page.text.index('id="record"') :]
    form = form[: form.index("</form>")]
    found = dict(re.findall(r'name="((?:was|v|f)\.[^"]+|version)" value="([^"]*)"', form))
    found |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', form))
    chosen = re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL)
    for name, options in chosen:
        value = re.search(r'value="([^"]*)" selected', options)
        found[name] = value[1] if value else ""
    return found | dict(re.findall(r'<input id="t-\w+"[^>]* name="([^"]+)" value="([^"]*)"', form))


async def customer(browser: Browser, number: str = "13900000001", **values: str) -> str:
    """A new customer's page."""
    await browser.get("/customers/new")
    answer = await browser.post("/customers/new", number=number, **values)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


def shop(lab: Lab) -> None:
    with lab.desk(lab.staff("admin")) as desk:
        catalogue.save(desk, "POT-1", {"name": "炒锅", "price_cents": 12900, "variants": ["红", "黑"]})
        catalogue.save(desk, "CUP-1", {"name": "杯子", "price_cents": 1500})
        catalogue.restock(desk, "POT-1", 3)
        catalogue.restock(desk, "CUP-1", 2)


async def test_a_customer_is_made_found_by_pinyin_and_edited_as_plain_text(mine: Browser) -> None:
    path = await customer(mine, name="王小明", note=EVIL)
    page = await mine.get(path)
    assert EVIL not in page.text
    assert "&lt;script&gt;" in page.text
    for query in ("wxm", "小明", "0001"):
        assert path in (await mine.get(f"/customers?q={query}")).text
    assert (await mine.get("/customers?q=wxm&go=1")).headers["location"] == path
    part = await mine.get("/customers?q=wxm", **{"HX-Request": "true", "HX-Target": "rows"})
    assert part.text.lstrip().startswith('<div id="rows"')
    assert "<html" not in part.text
    answer = await mine.post(path, **{**hidden(page), "f.name": "王晓明", "extra_name": "微信", "extra_value": "wxm88"})
    assert answer.headers["location"] == f"{path}?done=saved"
    seen = (await mine.get(path)).text
    assert "王晓明" in seen
    assert "wxm88" in seen
    assert (await mine.post(f"{path}/undo")).status_code == 303


async def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(mine: Browser) -> None:
    await mine.get("/customers/new")
    answer = await mine.post("/customers/new", number="abc", name="李" * 20)
    assert answer.status_code == 422
    assert 'id="wrong-number"' in answer.text
    assert "李" * 20 in answer.text
    there = await customer(mine, "13900000009")
    answer = await mine.post("/customers/new", number="139 0000 0009", name="别人")
    assert answer.status_code == 409
    assert f'href="{there}"' in answer.text


async def test_two_in_one_record_see_each_other_and_lose_nothing(door: DoorLab, mine: Browser) -> None:
    path = await customer(mine, name="王小明", address="杭州")
    door.person("teacher", "instructor", name="陈老师")
    theirs = await door.signed_in("teacher", "10.0.0.9")
    one, two = await mine.get(path), await theirs.get(path)
    assert (await mine.post(f"{path}/here", field="f.name")).status_code == 200
    told = await theirs.post(f"{path}/here", field="f.address")
    assert door.lab.student.name in told.text
    await theirs.post(path, **{**hidden(two), "f.address": "宁波"})
    # another field: both are kept
    assert (await mine.post(path, **{**hidden(one), "f.note": "老客户"})).status_code == 303
    both = await mine.get(path)
    assert "宁波" in both.text
    assert "老客户" in both.text
    noticed = await mine.post(f"{path}/here", **{name: text for name, text in hidden(one).items() if name[:2] == "v."})
    assert "宁波" in noticed.text
    # the same field: both values are shown, nothing is kept; then one is chosen
    clash = await mine.post(path, **{**hidden(one), "f.address": "温州", "f.name": "王明"})
    assert clash.status_code == 409
    for value in ("宁波", "温州", "王明", "陈老师"):
        assert value in clash.text
    assert "温州" not in (await theirs.get(path)).text
    again = hidden(clash) | {"f.address": "温州"}
    assert (await mine.post(path, **again)).status_code == 303
    final = hidden(await mine.get(path))
    assert (final["was.address"], final["was.name"]) == ("温州", "王明")


async def test_deleted_and_merged_both_have_a_way_back(mine: Browser) -> None:
    path, other = (
        await customer(mine, name="王小明"),
        await customer(mine, "13900000002", name="王小明", address="绍兴"),
    )
    assert (await mine.post(f"{path}/delete")).headers["location"] == f"{path}?done=deleted"
    assert path not in (await mine.get("/customers?q=wxm")).text
    assert f'action="{path}/back"' in (await mine.get(path)).text
    await mine.post(f"{path}/back")
    assert path in (await mine.get("/customers?q=wxm")).text
    one, two = path.rpartition("/")[2], other.rpartition("/")[2]
    assert two in (await mine.get(f"{path}/merge")).text
    sides = await mine.get(f"{path}/merge/{two}")
    assert "绍兴" in sides.text
    answer = await mine.post(f"{path}/merge/{two}", **{"take.address": "gone", "take.name": "kept"})
    assert answer.status_code == 303
    assert "绍兴" in (await mine.get(path)).text
    gone = await mine.get(other)
    assert f'href="/customers/{one}"' in gone.text
    assert (await mine.post(f"{other}/unmerge")).status_code == 303
    assert "绍兴" not in (await mine.get(path)).text
    assert "绍兴" in (await mine.get(other)).text


async def test_a_list_is_shown_row_by_row_and_taken_whole_or_not_at_all(door: DoorLab) -> None:
    door.person("teacher", "instructor")
    browser = await door.signed_in("teacher")
    await browser.get("/customers/import")
    bad = "号码,姓名\n13900000001,王一\n,王二\n13900000001,王三\n"
    seen = await browser.post("/customers/import", file=("a.csv", bad.encode("gb18030")))
    assert re.findall(r'<td class="figure">(\d+)</td>', seen.text) == ["3", "4"]
    assert 'name="key"' not in seen.text
    good = f'号码,姓名,备注\n13900000001,{EVIL},"=HYPERLINK(1)"\n13900000002,王二,\n'
    seen = await browser.post("/customers/import", file=("a.csv", good.encode()))
    assert EVIL not in seen.text
    assert "13900000001" not in (await browser.get("/customers")).text  # only looked at
    await browser.post("/customers/import", file=("a.csv", good.encode()))
    key = re.search(r'name="key" value="(\w+)"', seen.text)
    assert key is not None
    door.person("other", "instructor")
    stranger = await door.signed_in("other", "10.0.0.7")
    await stranger.get("/customers/import")
    assert (await stranger.post("/customers/import/take", key=key[1], kind="csv")).status_code == 422
    assert (await stranger.post("/customers/import/take", key="../../etc/passwd", kind="csv")).status_code == 422
    assert (await browser.post("/customers/import/take", key=key[1], kind="csv")).status_code == 200
    assert "13900000002" in (await browser.get("/customers")).text
    out = await browser.get("/customers/export?kind=csv")
    assert out.headers["content-disposition"] == 'attachment; filename="customers.csv"'
    assert "'=HYPERLINK(1)" in out.text
    book = openpyxl.load_workbook(io.BytesIO((await browser.get("/customers/export?kind=xlsx")).content))
    cells = [str(cell.value) for row in book.worksheets[0].iter_rows(min_row=2) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


async def test_a_ticket_is_written_in_a_call_and_travels_until_it_is_closed(door: DoorLab, mine: Browser) -> None:
    lab = door.lab
    with lab.desk(lab.staff("admin")) as desk:
        branch = categories.save(desk, "goods", {"zh-CN": "商品", "en": "Goods"})
    contact = lab.serve("complaint")
    with writing(lab.engine) as session:
        number = session.get_one(Contact, contact).caller_dialled
    page = await mine.get(f"/customers/new?contact={contact}")
    assert number in page.text
    made = await mine.post("/customers/new", number=number, name="李芳", contact=contact)
    with writing(lab.engine) as session:
        assert made.headers["location"].startswith(f"/customers/{session.get_one(Contact, contact).customer_id}?")
    page = await mine.get(f"/tickets/new?contact={contact}", **{"HX-Request": "true", "HX-Target": "beside-body"})
    assert "<html" not in page.text
    assert "李芳" in page.text
    faulty = await mine.post("/tickets/new", contact=contact, kind="fault", title="", text="保留")
    assert faulty.status_code == 422
    assert "保留" in faulty.text
    form = {"kind": "fault", "title": EVIL, "category_id": branch.id, "urgency": "urgent", "contact": contact}
    path = (await mine.post("/tickets/new", **form)).headers["location"].partition("?")[0]
    with writing(lab.engine) as session:
        row = session.get_one(Ticket, path.rpartition("/")[2])
        assert (row.contact_id, row.session_id) == (contact, lab.session_id)
    # a second ticket of the same call does not write over the first
    second = (await mine.post("/tickets/new", **{**form, "title": "第二张"})).headers["location"].partition("?")[0]
    assert second != path
    page = await mine.get(path)
    assert EVIL not in page.text
    assert "李芳" in page.text
    assert path in (await mine.get(f"/tickets?pile=written&kind=fault&urgency=urgent&category={branch.id}")).text
    assert path not in (await mine.get("/tickets?pile=written&kind=query")).text
    await mine.get(path)
    version = hidden(page)["version"]
    assert (await mine.post(f"{path}/assign", version=version, assignee=lab.student.id)).status_code == 303
    assert path in (await mine.get("/tickets")).text  # for me
    late = await mine.post(f"{path}/move", version=version, state="closed")
    assert late.status_code == 409
    assert (await mine.post(f"{path}/remarks", remark="已联系")).status_code == 303
    version = hidden(await mine.get(path))["version"]
    assert (await mine.post(f"{path}/move", version=version, state="closed")).status_code == 303
    assert path not in (await mine.get("/tickets")).text


async def test_two_on_one_ticket_keep_both_and_see_both(door: DoorLab, mine: Browser) -> None:
    lab = door.lab
    with lab.desk(lab.student) as desk:
        one = work.open_ticket(desk, "training", "query", "何时到货", text="旧")
    door.person("teacher", "instructor")
    theirs, path = await door.signed_in("teacher", "10.0.0.9"), f"/tickets/{one.id}"
    here, there = hidden(await mine.get(path)), hidden(await theirs.get(path))
    assert (await theirs.post(path, **{**there, "title": "何时发货"})).status_code == 303
    assert (await mine.post(path, **{**here, "text": "新"})).status_code == 303  # another field
    clash = await mine.post(path, **{**here, "title": "哪天到"})
    assert clash.status_code == 409
    assert "哪天到" in clash.text
    assert "何时发货" in clash.text
    assert (await mine.post(path, **{**hidden(clash), "title": "哪天到"})).status_code == 303
    final = hidden(await mine.get(path))
    assert (final["was.title"], final["text"]) == ("哪天到", "新")


async def test_a_file_comes_back_as_a_download_and_no_path_or_page_gets_in(door: DoorLab, mine: Browser) -> None:
    with door.lab.desk(door.lab.student) as desk:
        one = work.open_ticket(desk, "training", "query", "x")
    path = f"/tickets/{one.id}"
    await mine.get(path)
    assert (await mine.post(f"{path}/files", file=("../../e\u202evil.html", b"%PDF-1.7"))).status_code == 303
    file = re.search(r'href="(/files/\w+)"', (await mine.get(path)).text)
    assert file is not None
    given = await mine.get(file[1])
    assert given.headers["content-disposition"].startswith("attachment")
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-type"] == "application/pdf"
    assert "/" not in given.headers["content-disposition"].partition("filename")[2]
    for content in (b"<html><script>alert(1)</script>", b"MZ\x90\x00", b""):
        assert (await mine.post(f"{path}/files", file=("a.txt", content))).status_code == 422
    assert (
        await mine.client.post(f"{path}/files", content=b"x", headers={"content-length": "5000000"})
    ).status_code == 413
    for trick in ("..%2F..%2Fetc%2Fpasswd", "%2e%2e", "0" * 26):
        assert (await mine.get(f"/files/{trick}")).status_code in {404, 422}
    others = await door.signed_in(door.person("zhao").login, "10.0.0.9")
    assert (await others.get(file[1])).status_code == 403
    away = await mine.post(f"{path}{file[1]}/away")
    back = await mine.get(away.headers["location"])
    assert f'action="{path}{file[1]}/back"' in back.text


async def test_an_order_is_priced_as_it_is_typed_placed_once_and_goes_its_way(door: DoorLab, mine: Browser) -> None:
    lab = door.lab
    shop(lab)
    contact = lab.serve("order")
    await mine.get(f"/orders/new?contact={contact}")
    typed = {"sku.1": "POT-1 炒锅", "quantity.1": "2", "variant.1": "", "sku.2": "杯", "quantity.2": "", "sku.3": ""}
    cells = await mine.client.post(
        "/orders/look", data=typed, headers={"origin": ORIGIN, "x-csrf-token": mine.csrf, "HX-Request": "true"}
    )
    assert 'id="variant-1" hx-swap-oob="true"' in cells.text
    assert "273.00" in cells.text
    looked = await mine.post("/orders/new", **typed, then="look")  # what Enter does
    assert "Choose which kind." in looked.text
    assert stock(lab) == {"CUP-1": 2, "POT-1": 3}
    form = typed | {"contact": contact, "payment": "cod", "d.name": "李芳", "d.address": ""}
    faulty = await mine.post("/orders/new", **form)
    assert (faulty.status_code, stock(lab)) == (422, {"CUP-1": 2, "POT-1": 3})
    form |= {"variant.1": "红"}
    faulty = await mine.post("/orders/new", **form)
    assert faulty.status_code == 422
    assert "李芳" in faulty.text
    form |= {"d.address": "杭州西湖区1号"}
    assert (await mine.post("/orders/new", **{**form, "quantity.2": "9"})).status_code == 409
    path = (await mine.post("/orders/new", **form)).headers["location"].partition("?")[0]
    assert stock(lab) == {"CUP-1": 1, "POT-1": 1}
    with writing(lab.engine) as session:
        order = session.get_one(Order, path.rpartition("/")[2])
        assert (order.contact_id, order.total_cents, order.state) == (contact, 27300, "placed")
    assert path in (await mine.get("/orders")).text
    for state in ("shipped", "delivered", "returned"):
        version = re.search(r'name="version" value="(\d+)"', (await mine.get(path)).text)
        assert version is not None
        assert (await mine.post(f"{path}/step", version=version[1], state=state)).status_code == 303
        late = await mine.post(f"{path}/step", version=version[1], state=state)
        assert late.status_code == 409
    assert stock(lab) == {"CUP-1": 2, "POT-1": 3}
    assert path not in (await mine.get("/orders")).text
    assert path in (await mine.get("/orders?pile=returned")).text


def stock(lab: Lab) -> dict[str, int]:
    with lab.desk(lab.student) as desk:
        return {one.sku: one.stock for one in catalogue.listed(desk)}


async def test_the_catalogue_is_the_teachers_to_change(door: DoorLab, mine: Browser) -> None:
    door.person("teacher", "instructor")
    browser = await door.signed_in("teacher", "10.0.0.9")
    await browser.get("/catalogue/article")
    article = {"sku": "A/B 1", "name": EVIL, "price": "12.5", "currency": "CNY", "language": "zh-CN", "active": "1"}
    assert (await browser.post("/catalogue/article", **{**article, "price": "1.234"})).status_code == 422
    assert (await browser.post("/catalogue/article", **{**article, "price": "NaN"})).status_code == 422
    assert (await browser.post("/catalogue/article", **article)).status_code == 303
    assert (await browser.post("/catalogue/stock", sku="A/B 1", change="7")).status_code == 303
    assert (await browser.post("/catalogue/stock", sku="A/B 1", change="-8")).status_code == 409
    page = (await mine.get("/catalogue")).text
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert stock(door.lab) == {"A/B 1": 7}
    assert (await mine.get("/catalogue/article?sku=A/B 1")).status_code == 403


async def test_a_record_that_is_not_mine_is_refused_on_every_page(door: DoorLab, mine: Browser) -> None:
    lab = door.lab
    shop(lab)
    with lab.desk(lab.other) as desk:
        theirs = records.create(desk, "training", {"number": "13900000005", "name": "别人的"})
        ticket = work.open_ticket(desk, "training", "query", "别人的")
    await mine.get("/customers")
    for path in (f"/customers/{theirs.id}", f"/customers/{theirs.id}/merge", f"/tickets/{ticket.id}"):
        assert (await mine.get(path)).status_code == 403, path
    for path in (f"/customers/{theirs.id}", f"/customers/{theirs.id}/delete", f"/customers/{theirs.id}/here"):
        assert (await mine.post(path, **{"f.name": "x", "was.name": "y"})).status_code == 403, path
    for path in ("/customers?q=13900000005", "/customers/pick?customer_q=13900000005", "/tickets?pile=all"):
        assert "别人的" not in (await mine.get(path)).text
    assert (await mine.post("/tickets/new", kind="query", title="x", customer=theirs.id)).status_code == 403
    with lab.desk(lab.stranger()) as desk:
        foreign = work.open_ticket(desk, "training", "query", "x")
    assert (await mine.get(f"/tickets/{foreign.id}")).status_code == 404
    assert (await mine.get("/customers/%27%20OR%201=1")).status_code == 404
