"""A school with a class, customers, tickets and an order: what the pictures of the documentation show."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session, select

from datasets.language import Language
from lab_server.desk.crm import records
from lab_server.desk.day import notices
from lab_server.desk.desk import Desk
from lab_server.desk.passwords import hashed_pin
from lab_server.desk.shop import catalogue, sales
from lab_server.desk.templates import library
from lab_server.desk.ticketing import comments, work
from lab_server.desk.users import ensure_user, of_login
from lab_server.store.engine import writing
from lab_server.store.tables import Klass, KlassMember, TicketKind, Urgency, User
from telephony.clock import Clock

SECRET = "only for pictures"  # noqa: S105 (a lab that lives for a minute, on this machine's own address)
STUDENT, TEACHER = "20260101", "teacher"

_CLASS = {"zh-CN": ("客服实训二班", "呼叫中心实务"), "en": ("Friday morning, class 2", "Call-centre practice")}
_STUDENTS = {
    "zh-CN": ("王小明", "李芳", "赵敏", "周岚", "陈静", "高翔", "刘洋", "孙丽", "何勇", "林静", "吴昊", "郑洁"),
    "en": (
        "Tom Ward", "Ella Stone", "Mia Chen", "Noah Park", "Ruth Adler", "Omar Haddad", "Lucy Hale", "Ben Ortiz",
        "Ivy Walsh", "Sam Reed", "Zoe Lang", "Max Vogel",
    ),
}  # fmt: skip
_TEACHER = {"zh-CN": "顾老师", "en": "Ms Grant"}
_CUSTOMERS = {
    "zh-CN": (
        ("丁雨桐", "杭州市西湖区文三路 90 号 3 幢 501"), ("方建国", "南京市鼓楼区中山北路 12 号"),
        ("谢晓东", "成都市武侯区人民南路四段 7 号"), ("许佳宁", "武汉市洪山区珞喻路 152 号"),
    ),
    "en": (
        ("Ada Lark", "12 Harbour Street, Bristol"), ("Paul Finch", "4 Mill Lane, York"),
        ("Jane Heron", "88 Castle Road, Leeds"), ("Max Swift", "3 Station Square, Bath"),
    ),
}  # fmt: skip
_TICKETS: dict[Language, tuple[tuple[TicketKind, Urgency, str, str], ...]] = {
    "zh-CN": (
        ("fault", "high", "电饭煲通电后不加热", "客户三天前收到, 第一次使用就不加热, 指示灯不亮。"),
        ("complaint", "urgent", "上门维修两次都没人来", "约好周二和周四, 师傅都没有到, 也没有电话。"),
        ("query", "normal", "想知道发票什么时候寄出", ""),
        ("suggestion", "low", "希望周末也能送货", ""),
    ),
    "en": (
        ("fault", "high", "The rice cooker does not heat", "It came three days ago; its light stays dark."),
        ("complaint", "urgent", "Nobody came for the repair, twice", "Tuesday and Thursday were agreed upon."),
        ("query", "normal", "When is the invoice sent?", ""),
        ("suggestion", "low", "Deliveries at the weekend, please", ""),
    ),
}  # fmt: skip
_COMMENT = {
    "zh-CN": "已联系仓库, 换新机, 明天发货。",
    "en": "The warehouse sends another one tomorrow.",
}
_NEWS = {
    "zh-CN": ("今天练习投诉处理", "先听完, 再道歉, 最后给方案。十点半开始考核。"),
    "en": ("Complaints today", "Hear them out, say sorry, offer a way. The test begins at half past ten."),
}
_MESSAGE = {"zh-CN": "下一通难缠的我来接, 你先写单子。", "en": "I take the next hard one, write yours up first."}


@dataclass(frozen=True)
class ExampleSchool:
    """The ids of what there is to open."""

    klass: str
    customer: str
    ticket: str
    order: str
    form: str


def fill(engine: Engine, clock: Clock, site_id: str, language: Language) -> ExampleSchool:
    """Fill the new site `site_id` in that language. The student and the teacher sign in with `SECRET`."""
    with writing(engine) as session:
        klass, student, teacher = _people(session, clock, site_id, language)
        mine, admin = Desk(session, clock, student), Desk(session, clock, _admin(session, site_id))
        customers = [
            records.create(mine, "training", {"number": f"1631234560{at}", "name": name, "address": address}).id
            for at, (name, address) in enumerate(_CUSTOMERS[language])
        ]
        tickets = []
        for at, (kind, urgency, title, text) in enumerate(_TICKETS[language]):
            due = clock.utc() + timedelta(hours=3 * at - 1)
            made = work.open_ticket(
                mine, "training", kind, title, text=text, urgency=urgency, due_at=due, customer_id=customers[at]
            )
            tickets.append(work.assign(mine, made.id, made.version, student.id).id)
        comments.add(mine, tickets[0], _COMMENT[language])
        pot = next(one for one in catalogue.listed(mine) if one.language == language and one.stock)
        line = sales.LineIn(sku=pot.sku, quantity=1, variant=pot.variants[0] if pot.variants else "")
        name, address = _CUSTOMERS[language][0]
        placed = sales.place(
            mine, "training", [line], "prepaid", {"name": name, "address": address}, customer_id=customers[0]
        )
        paid = sales.advance(mine, placed.id, placed.version, "paid")
        notices.announce(Desk(session, clock, teacher), *_NEWS[language])
        friend = session.exec(select(User).where(User.name == _STUDENTS[language][1])).one()
        notices.send(Desk(session, clock, friend), student.id, _MESSAGE[language], "first")
        return ExampleSchool(klass, customers[0], tickets[0], paid.id, library.listed(admin)[0].key)


def _people(session: Session, clock: Clock, site_id: str, language: Language) -> tuple[str, User, User]:
    kept = hashed_pin(SECRET)

    def person(login: str, name: str, role: str) -> User:
        user = ensure_user(session, clock, site_id=site_id, login=login, name=name, role=role)  # type: ignore[arg-type]
        user.password, user.language = kept, language
        session.add(user)
        return user

    teacher = person(TEACHER, _TEACHER[language], "instructor")
    name, course = _CLASS[language]
    klass = Klass(site_id=site_id, name=name, course=course, instructor_id=teacher.id)
    session.add(klass)
    session.flush()
    students = [person(str(int(STUDENT) + at), student, "student") for at, student in enumerate(_STUDENTS[language])]
    session.add_all(
        KlassMember(site_id=site_id, klass_id=klass.id, user_id=one.id, joined_at=clock.utc()) for one in students
    )
    session.flush()
    return klass.id, students[0], teacher


def _admin(session: Session, site_id: str) -> User:
    admin = of_login(session, site_id, "admin")
    if admin is None:
        raise LookupError("the new site has no administrator")
    return admin
