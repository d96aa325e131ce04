"""The content a new site's desk begins with. What the school has changed since is left alone."""

from importlib.resources import files

from sqlmodel import Session, select

from datasets.language import LANGUAGES
from datasets.school.articles import articles as example_articles
from datasets.school.goods import goods
from datasets.school.lists import CATEGORIES, DISPOSITIONS
from datasets.school.scripts import SCRIPTS
from lab_server.desk import notes
from lab_server.desk.desk import Desk
from lab_server.desk.knowledge import articles, scripts
from lab_server.desk.knowledge.scripts import ScriptStep
from lab_server.desk.shop import catalogue
from lab_server.desk.templates import library
from lab_server.desk.templates.transfer import imported
from lab_server.desk.ticketing import categories
from lab_server.store.tables import Article, Category, Disposition, FormTemplate, Product, TalkScript, User
from telephony.clock import Clock


def fill(session: Session, clock: Clock, admin: User) -> bool:
    """Give each kind of content of which the admin's site has none its example. Returns whether anything was new."""
    desk, new = Desk(session, clock, admin), False
    for table, put in (
        (Category, _categories),
        (Disposition, _dispositions),
        (Product, _goods),
        (TalkScript, _scripts),
        (Article, _articles),
        (FormTemplate, _forms),
    ):
        if session.exec(select(table.id).where(table.site_id == admin.site_id).limit(1)).first() is None:
            put(desk)
            new = True
    return new


def _categories(desk: Desk) -> None:
    for at, one in enumerate(CATEGORIES):
        categories.save(desk, one.code, {"zh-CN": one.chinese, "en": one.english}, parent=one.parent, position=at)


def _dispositions(desk: Desk) -> None:
    for at, one in enumerate(DISPOSITIONS):
        title = {"zh-CN": one.chinese, "en": one.english}
        notes.save_disposition(desk, one.code, title, queues=one.queues, position=at)  # type: ignore[arg-type]


def _goods(desk: Desk) -> None:
    for language in LANGUAGES:
        for one in goods(language):
            catalogue.save(
                desk,
                one.sku,
                {
                    "language": language, "name": one.name, "category": one.category, "price_cents": one.price_minor,
                    "currency": one.currency, "variants": list(one.variants),
                },
            )  # fmt: skip
            if one.stock:
                catalogue.restock(desk, one.sku, one.stock, "begun with")


def _scripts(desk: Desk) -> None:
    for one in SCRIPTS:
        steps = [ScriptStep(key=key, title=title, text=text) for key, title, text in one.steps]
        scripts.save(desk, one.queue, one.language, one.title, steps)


def _articles(desk: Desk) -> None:
    for one in example_articles():
        written = articles.write(desk, one.key, one.language, one.title, one.body, queues=one.queues, tags=one.tags)
        articles.submit(desk, written.id)
        articles.approve(desk, written.id)


def _forms(desk: Desk) -> None:
    template = imported((files("datasets.school") / "repair.yaml").read_text("utf-8"))
    library.save_draft(desk, template)
    library.publish(desk, template.key)
