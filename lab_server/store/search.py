"""The index of records' words: FTS5 on SQLite, a GIN of a tsvector on PostgreSQL, behind the same three functions.

A term is a run of letters and digits. Each begins with its realm (a letter for the kind of record and one for the
mode), so that one realm's records are never looked at for another's.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, text
from sqlmodel import Session


def put(session: Session, kind: str, record_id: str, realm: str, terms: Iterable[str]) -> None:
    """The record is found by these terms, and by no others, from now on."""
    joined = " ".join(sorted({realm + term for term in terms if term}))
    if not joined:
        remove(session, kind, record_id)
        return
    session.execute(
        text(
            "INSERT INTO search_text (kind, record_id, terms) VALUES (:kind, :record, :terms)"
            " ON CONFLICT (kind, record_id) DO UPDATE SET terms = excluded.terms"
        ),
        {"kind": kind, "record": record_id, "terms": joined},
    )


def remove(session: Session, kind: str, record_id: str) -> None:
    """It is found no more."""
    session.execute(
        text("DELETE FROM search_text WHERE kind = :kind AND record_id = :record"), {"kind": kind, "record": record_id}
    )


def find(session: Session, kind: str, realm: str, terms: Sequence[str], *, most: int, every: bool = True) -> list[str]:
    """The ids of the records with words that begin so, the newest first: with all of them, or with any."""
    asked = [realm + term for term in terms if term.isalnum()]
    if not asked:
        return []
    sqlite = session.get_bind().dialect.name == "sqlite"
    statement, query = (_FTS5, _fts5(asked, every)) if sqlite else (_TSVECTOR, _tsquery(asked, every))
    rows = session.execute(text(statement), {"query": query, "kind": kind, "most": most})
    return [record for (record,) in rows]


def find_among(
    session: Session, kind: str, realm: str, terms: Sequence[str], ids: Sequence[str], *, most: int
) -> list[str]:
    """`find` with every term, among a few thousand records at most: they are looked at one by one."""
    asked = [realm + term for term in terms if term.isalnum()]
    if not asked or not ids:
        return []
    tests = " AND ".join(f"(' ' || terms) LIKE :term{at}" for at in range(len(asked)))
    statement = text(
        f"SELECT record_id FROM search_text WHERE kind = :kind AND record_id IN :ids AND {tests}"  # noqa: S608 (no text of anybody's is in it)
        " ORDER BY id + 0 DESC LIMIT :most"  # not along the key: SQLite would walk the whole table backwards
    ).bindparams(bindparam("ids", expanding=True))
    patterns = {f"term{at}": f"% {term}%" for at, term in enumerate(asked)}  # letters and digits: no wildcard in it
    rows = session.execute(statement, {"kind": kind, "ids": list(ids), "most": most, **patterns})
    return [record for (record,) in rows]


_FTS5 = (
    "SELECT record_id FROM search_fts JOIN search_text ON search_text.id = search_fts.rowid"
    " WHERE search_fts MATCH :query AND kind = :kind ORDER BY search_fts.rowid DESC LIMIT :most"
)
_TSVECTOR = (
    "SELECT record_id FROM search_text WHERE array_to_tsvector(string_to_array(terms, ' ')) @@ CAST(:query AS tsquery)"
    " AND kind = :kind ORDER BY id DESC LIMIT :most"
)


def _fts5(terms: Iterable[str], every: bool) -> str:
    return (" AND " if every else " OR ").join(f'"{term}"*' for term in terms)


def _tsquery(terms: Iterable[str], every: bool) -> str:
    return (" & " if every else " | ").join(f"'{term}':*" for term in terms)
