"""The category tree of tickets: few levels, edited by the school; what is on a ticket is never taken away."""

from sqlmodel import Session, col, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, UnknownCategoryError
from lab_server.desk.rights import Right
from lab_server.desk.typed import typed
from lab_server.store.tables import Category
from scenarios.facts import Frozen, Localised

DEEPEST = 4


class CategoryNode(Frozen):
    """A node with what is below it."""

    id: str
    code: str
    title: Localised
    active: bool
    below: tuple["CategoryNode", ...] = ()


def tree(session: Session, site_id: str, *, all_of_them: bool = False) -> tuple[CategoryNode, ...]:
    """The whole tree in its order; those that are offered no more only if `all_of_them`."""
    rows = session.exec(
        select(Category).where(Category.site_id == site_id).order_by(col(Category.position), col(Category.code))
    )
    below: dict[str | None, list[Category]] = {}
    for row in rows:
        if row.active or all_of_them:
            below.setdefault(row.parent_id, []).append(row)

    def nodes(parent: str | None) -> tuple[CategoryNode, ...]:
        return tuple(
            CategoryNode(id=row.id, code=row.code, title=localised(row.title), active=row.active, below=nodes(row.id))
            for row in below.get(parent, [])
        )

    return nodes(None)


def save(
    desk: Desk, code: str, title: Localised, *, parent: str | None = None, position: int = 0, active: bool = True
) -> CategoryNode:
    """Make the node of that code, or bring it up to date. `parent` is a code.

    Raises `UnknownCategoryError`, `BadValueError` if it would hang below itself or too deep.
    """
    desk.check(Right.DESK_SETUP)
    code = typed("code", code, 60, needed=True)
    titles = {language: typed("title", text, 80, needed=True) for language, text in title.items()}
    if not titles:
        raise BadValueError("title: a category needs a title in one language at least")
    above = _by_code(desk, parent) if parent is not None else None
    if parent is not None and above is None:
        raise UnknownCategoryError(f"there is no category {parent!r}: make it first")
    row = _by_code(desk, code) or Category(site_id=desk.actor.site_id, code=code, title={})
    _refuse_circle(desk, row, above)
    row.title, row.parent_id = {str(key): text for key, text in titles.items()}, above.id if above is not None else None
    row.position, row.active = position, active
    desk.session.add(row)
    desk.session.flush()
    desk.note(None, "category.saved", {"category": code, "active": active})
    return CategoryNode(id=row.id, code=row.code, title=localised(row.title), active=row.active)


def known(session: Session, site_id: str, category_id: str) -> Category:
    """The category, to be put on a ticket. Raises `UnknownCategoryError`."""
    row = session.get(Category, category_id)
    if row is None or row.site_id != site_id or not row.active:
        raise UnknownCategoryError(f"there is no category {category_id!r} to choose: take one from the tree")
    return row


def localised(title: dict[str, str]) -> Localised:
    """A title of the database."""
    return {language: text for language, text in title.items() if language in {"zh-CN", "en"}}  # type: ignore[misc]


def _refuse_circle(desk: Desk, row: Category, above: Category | None) -> None:
    depth, at = 1, above
    while at is not None:
        if at.id == row.id:
            raise BadValueError(f"{row.code!r} cannot hang below itself")
        depth += 1
        at = desk.session.get(Category, at.parent_id) if at.parent_id is not None else None
    if depth > DEEPEST:
        raise BadValueError(f"{row.code!r} would be {depth} levels deep: at most {DEEPEST}, or nobody finds it")


def _by_code(desk: Desk, code: str) -> Category | None:
    rows = select(Category).where(Category.site_id == desk.actor.site_id, Category.code == code)
    return desk.session.exec(rows).first()
