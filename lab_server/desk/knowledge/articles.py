"""The knowledge base: written as drafts, approved by another, read, found by their words, kept in every version."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from datasets.language import Language
from lab_server.desk.desk import Desk
from lab_server.desk.errors import NotYoursError, StateError, UnknownArticleError
from lab_server.desk.rights import Right
from lab_server.desk.search.words import pieces, words
from lab_server.desk.typed import typed
from lab_server.store import search
from lab_server.store.tables import Article, ArticleFavourite, ArticleVersion, VersionState
from scenarios.facts import Frozen

KIND, REALM = "article", "a"
LONGEST_BODY = 20_000
_CANDIDATES = 200


class ArticleLine(Frozen):
    """An article in a list. `extract`: where the words stand."""

    id: str
    title: str
    language: Language
    queues: tuple[str, ...]
    tags: tuple[str, ...]
    favourite: bool
    extract: str
    updated_at: datetime


class ArticleView(Frozen):
    """One version of an article: plain text, an empty line between paragraphs."""

    id: str
    key: str
    language: Language
    version: int
    state: VersionState
    published: int
    title: str
    body: str
    queues: tuple[str, ...]
    tags: tuple[str, ...]
    user_id: str | None
    saved_at: datetime
    judged_by: str | None
    judged_at: datetime | None
    judgement: str


def find(
    desk: Desk, query: str, *, language: Language | None = None, favourites: bool = False, most: int = 20
) -> tuple[ArticleLine, ...]:
    """Published articles: with every word of `query`, or else with any; best first (title, then how many words).

    Without a query the newest, or the actor's favourites.
    """
    desk.check(Right.ARTICLE_READ)
    mine = _favourites(desk)
    terms = list(dict.fromkeys(words(query[:200]) or list(pieces(query[:40]))))[:12]
    if query.strip():
        ids = search.find(desk.session, KIND, REALM, terms, most=_CANDIDATES)
        ids = ids or search.find(desk.session, KIND, REALM, terms, most=_CANDIDATES, every=False)
        rows = select(Article).where(col(Article.id).in_(ids))
    else:
        rows = select(Article)
    rows = rows.where(Article.site_id == desk.actor.site_id, Article.published > 0, col(Article.retired_at).is_(None))
    if language is not None:
        rows = rows.where(Article.language == language)
    if favourites:
        rows = rows.where(col(Article.id).in_(mine))
    found = desk.session.exec(rows.order_by(col(Article.updated_at).desc(), col(Article.id)).limit(_CANDIDATES)).all()
    bodies = _bodies(desk.session, [row.id for row in found])
    ranked = sorted(found, key=lambda row: -_rank(row.title, bodies[row.id], terms))[: max(1, min(most, 100))]
    return tuple(_line(row, row.id in mine, _extract(bodies[row.id], terms)) for row in ranked)


def fitting(desk: Desk, queue: str, language: Language, *, about: str = "", most: int = 5) -> tuple[ArticleLine, ...]:
    """What fits a call: articles with words of `about`, then those made for the queue, then favourites."""
    found = list(find(desk, about, language=language, most=20)) if words(about) else []
    ours = find(desk, "", language=language, most=100)
    found += [one for one in ours if queue and queue in one.queues]
    found += [one for one in ours if one.favourite]
    usable = [one for one in found if not one.queues or queue in one.queues]
    return tuple({one.id: one for one in usable}.values())[:most]


def read(desk: Desk, article_id: str) -> ArticleView:
    """What readers see. Raises `UnknownArticleError`."""
    desk.check(Right.ARTICLE_READ)
    head = _head(desk, article_id)
    if not head.published or head.retired_at is not None:
        raise UnknownArticleError(f"there is no article {article_id[:40]!r} to read: it is not published")
    return _view(head, _version(desk, article_id, head.published))


def newest(desk: Desk, article_id: str) -> ArticleView:
    """What its editor shows: the newest version, published or not. Raises `UnknownArticleError`."""
    desk.check(Right.ARTICLE_WRITE)
    head = _head(desk, article_id)
    return _view(head, _version(desk, article_id, head.newest))


def unfinished(desk: Desk) -> tuple[ArticleView, ...]:
    """What the actor writes on: own newest versions that readers do not see yet, those given back among them."""
    desk.check(Right.ARTICLE_WRITE)
    rows = (
        select(ArticleVersion, Article)
        .join(Article)
        .where(
            ArticleVersion.user_id == desk.actor.id,
            ArticleVersion.version == Article.newest,
            ArticleVersion.state != "approved",
        )
    )
    found = desk.session.exec(rows.order_by(col(ArticleVersion.saved_at).desc()).limit(50))
    return tuple(_view(head, one) for one, head in found)


def is_favourite(desk: Desk, article_id: str) -> bool:
    """Whether it is among the actor's favourites."""
    return article_id in _favourites(desk)


def retired(desk: Desk) -> tuple[ArticleLine, ...]:
    """What readers find no more and can be brought back, the newest first."""
    desk.check(Right.ARTICLE_APPROVE)
    rows = select(Article).where(Article.site_id == desk.actor.site_id, col(Article.retired_at).is_not(None))
    return tuple(_line(row, False, "") for row in desk.session.exec(rows.order_by(col(Article.retired_at).desc())))


def write(
    desk: Desk,
    key: str,
    language: Language,
    title: str,
    body: str,
    *,
    queues: Sequence[str] = (),
    tags: Sequence[str] = (),
) -> ArticleView:
    """Keep a draft of the article of that key: over one's own, else as a new version. Readers do not see it."""
    desk.check(Right.ARTICLE_WRITE)
    now, key = desk.clock.utc(), typed("key", key, 60, needed=True)
    rows = select(Article).where(Article.site_id == desk.actor.site_id, Article.key == key)
    head = desk.session.exec(rows).first()
    if head is None:
        head = Article(
            site_id=desk.actor.site_id, key=key, language=language, newest=0, title="", created_at=now, updated_at=now
        )
    draft = _draft(desk, head)
    draft.title, draft.body = (
        typed("title", title, 200, needed=True),
        typed("body", body, LONGEST_BODY, lines=True, needed=True),
    )
    draft.queues = [typed("queue", one, 40, needed=True) for one in queues][:20]
    draft.tags = [typed("tag", one, 40, needed=True) for one in tags][:20]
    draft.user_id, draft.saved_at, head.newest = desk.actor.id, now, draft.version
    head.title = head.title or draft.title
    desk.session.add(head)
    desk.session.flush()
    desk.session.add(draft)
    desk.session.flush()
    desk.note(None, "article.written", {"article": key, "version": draft.version})
    return _view(head, draft)


def submit(desk: Desk, article_id: str) -> ArticleView:
    """Ask for approval of one's draft."""
    desk.check(Right.ARTICLE_WRITE)
    return _judged(desk, article_id, ("draft",), "submitted", own=True)


def approve(desk: Desk, article_id: str, judgement: str = "") -> ArticleView:
    """Publish what was submitted. Nobody approves what is his own, but for an administrator.

    Raises `StateError`, `NotYoursError`.
    """
    desk.check(Right.ARTICLE_APPROVE)
    return _judged(desk, article_id, ("submitted",), "approved", judgement=judgement)


def refuse(desk: Desk, article_id: str, judgement: str) -> ArticleView:
    """Give it back with a reason."""
    desk.check(Right.ARTICLE_APPROVE)
    return _judged(
        desk, article_id, ("submitted",), "refused", judgement=typed("judgement", judgement, 500, needed=True)
    )


def waiting(desk: Desk) -> tuple[ArticleView, ...]:
    """What waits for approval, the oldest first."""
    desk.check(Right.ARTICLE_APPROVE)
    rows = (
        select(ArticleVersion, Article)
        .join(Article)
        .where(ArticleVersion.site_id == desk.actor.site_id, ArticleVersion.state == "submitted")
    )
    return tuple(_view(head, one) for one, head in desk.session.exec(rows.order_by(col(ArticleVersion.saved_at))))


def history(desk: Desk, article_id: str) -> tuple[ArticleView, ...]:
    """Every version, the newest first; to who may write."""
    desk.check(Right.ARTICLE_WRITE)
    head = _head(desk, article_id)
    rows = select(ArticleVersion).where(ArticleVersion.article_id == article_id)
    return tuple(_view(head, one) for one in desk.session.exec(rows.order_by(col(ArticleVersion.version).desc())))


def bring_back(desk: Desk, article_id: str, version: int) -> ArticleView:
    """An approved version is what readers see again."""
    desk.check(Right.ARTICLE_APPROVE)
    head, old = _head(desk, article_id), _version(desk, article_id, version)
    if old.state != "approved":
        raise StateError(f"version {version} was never approved: write and submit it anew")
    return _published(desk, head, old)


def retire(desk: Desk, article_id: str, *, back: bool = False) -> None:
    """Readers find it no more; `back`: they do again."""
    desk.check(Right.ARTICLE_APPROVE)
    head = _head(desk, article_id)
    head.retired_at = None if back else desk.clock.utc()
    desk.session.add(head)
    desk.session.flush()
    if back and head.published:
        _published(desk, head, _version(desk, article_id, head.published))
    else:
        search.remove(desk.session, KIND, article_id)
    desk.note(None, "article.retired", {"article": head.key, "back": back})


def mark(desk: Desk, article_id: str, favourite: bool) -> None:
    """Put it among the actor's favourites, or take it away."""
    desk.check(Right.ARTICLE_READ)
    head = _head(desk, article_id)
    rows = select(ArticleFavourite).where(
        ArticleFavourite.user_id == desk.actor.id, ArticleFavourite.article_id == article_id
    )
    there = desk.session.exec(rows).first()
    if favourite and there is None:
        desk.session.add(
            ArticleFavourite(site_id=head.site_id, user_id=desk.actor.id, article_id=article_id, at=desk.clock.utc())
        )
    elif not favourite and there is not None:
        desk.session.delete(there)
    desk.session.flush()


def _judged(
    desk: Desk,
    article_id: str,
    among: tuple[VersionState, ...],
    state: VersionState,
    *,
    own: bool = False,
    judgement: str = "",
) -> ArticleView:
    head = _head(desk, article_id)
    one = _version(desk, article_id, head.newest)
    if one.state not in among:
        raise StateError(f"version {one.version} of {head.key} is {one.state}: it cannot become {state}")
    is_own = one.user_id == desk.actor.id
    if own and not is_own:
        raise NotYoursError("only who wrote a draft may submit it")
    if not own and is_own and desk.actor.role != "admin":
        raise NotYoursError("somebody else has to judge what you wrote")
    one.state = state
    if not own:
        one.judged_by, one.judged_at, one.judgement = (
            desk.actor.id,
            desk.clock.utc(),
            typed("judgement", judgement, 500),
        )
    desk.session.add(one)
    desk.session.flush()
    desk.note(None, f"article.{state}", {"article": head.key, "version": one.version})
    return _published(desk, head, one) if state == "approved" else _view(head, one)


def _published(desk: Desk, head: Article, one: ArticleVersion) -> ArticleView:
    head.published, head.title, head.queues, head.tags = one.version, one.title, one.queues, one.tags
    head.updated_at, head.retired_at = desk.clock.utc(), None
    desk.session.add(head)
    desk.session.flush()
    text = "\n".join([one.title, *one.tags, one.body])
    search.put(desk.session, KIND, head.id, REALM, {*words(text), *pieces(one.title), *pieces(" ".join(one.tags))})
    return _view(head, one)


def _draft(desk: Desk, head: Article) -> ArticleVersion:
    newest = _newest(desk.session, head.id)
    if newest is not None and newest.state == "draft" and newest.user_id == desk.actor.id:
        return newest
    if newest is not None and newest.state in {"draft", "submitted"}:
        raise StateError(f"{head.key} has a version {newest.state} by somebody else: it has to be judged first")
    version = newest.version + 1 if newest is not None else 1
    return ArticleVersion(
        site_id=head.site_id, article_id=head.id, version=version, title="", body="", saved_at=desk.clock.utc()
    )


def _newest(session: Session, article_id: str) -> ArticleVersion | None:
    rows = select(ArticleVersion).where(ArticleVersion.article_id == article_id)
    return session.exec(rows.order_by(col(ArticleVersion.version).desc())).first()


def _version(desk: Desk, article_id: str, version: int) -> ArticleVersion:
    rows = select(ArticleVersion).where(ArticleVersion.article_id == article_id, ArticleVersion.version == version)
    found = desk.session.exec(rows).first()
    if found is None:
        raise UnknownArticleError(f"the article has no version {version}")
    return found


def _head(desk: Desk, article_id: str) -> Article:
    head = desk.session.get(Article, article_id)
    if head is None or head.site_id != desk.actor.site_id:
        raise UnknownArticleError(f"there is no article {article_id[:40]!r}: take the id from a search")
    return head


def _favourites(desk: Desk) -> set[str]:
    return set(desk.session.exec(select(ArticleFavourite.article_id).where(ArticleFavourite.user_id == desk.actor.id)))


def _bodies(session: Session, ids: list[str]) -> dict[str, str]:
    rows = (
        select(ArticleVersion.article_id, ArticleVersion.body)
        .join(Article)
        .where(col(ArticleVersion.article_id).in_(ids), ArticleVersion.version == Article.published)
    )
    return dict(session.exec(rows).all())


def _rank(title: str, body: str, terms: Sequence[str]) -> int:
    head, text = title.casefold(), body.casefold()
    return sum(5 * (term in head) + (term in text) for term in terms)


def _extract(body: str, terms: Sequence[str]) -> str:
    text = " ".join(body.split())
    places = [place for term in terms if (place := text.casefold().find(term)) >= 0]
    begin = max(0, min(places, default=0) - 30)
    return ("…" if begin else "") + text[begin : begin + 120] + ("…" if len(text) > begin + 120 else "")


def _line(row: Article, favourite: bool, extract: str) -> ArticleLine:
    return ArticleLine(
        id=row.id, title=row.title, language=row.language, queues=tuple(row.queues), tags=tuple(row.tags),
        favourite=favourite, extract=extract, updated_at=row.updated_at,
    )  # fmt: skip


def _view(head: Article, one: ArticleVersion) -> ArticleView:
    plain = one.model_dump(include=set(ArticleView.model_fields) - {"id", "queues", "tags"})
    return ArticleView(
        **plain, id=head.id, key=head.key, language=head.language, published=head.published, queues=tuple(one.queues),
        tags=tuple(one.tags),
    )  # fmt: skip
