"""What is said of the sessions: counts and means, right on both databases."""

from pathlib import Path

from lab_rows import Lab

from lab_server.overview import sessions
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Scorecard


def test_contacts_are_counted_and_scores_averaged(lab: Lab, tmp_path: Path) -> None:
    for score in (80.0, 90.5, None):
        contact = lab.serve("complaint")
        with writing(lab.engine) as session:
            session.add(
                Scorecard(
                    site_id=lab.site.id, session_id=lab.session_id, contact_id=contact, score=score,
                    graded_at=lab.clock.utc(),
                )
            )  # fmt: skip
    with reading(lab.engine) as session:
        [view] = sessions(session, tmp_path)
    assert (view.contacts, view.calls_planned, view.graded, view.mean_score) == (3, 3, 3, 85.2)
    assert view.report is None
