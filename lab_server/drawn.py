"""A drawn case as a row, and back: the one place where the two meet."""

from lab_server.store.tables import Case as CaseRow
from scenarios.case import Case


def as_row(case: Case, *, site_id: str, session_id: str, arrives_at_s: float) -> CaseRow:
    """The row of a case that will ring `arrives_at_s` seconds after the session's start."""
    return CaseRow(
        site_id=site_id,
        session_id=session_id,
        index=case.index,
        seed=case.seed,
        scenario=case.scenario,
        language=case.language,
        direction=case.direction,
        number=case.caller_number,
        drawn=case.model_dump(mode="json"),
        arrives_at_s=arrives_at_s,
        patience_s=case.patience_s,
    )


def from_row(row: CaseRow) -> Case:
    """The case a row was made from."""
    return Case.model_validate(row.drawn)
