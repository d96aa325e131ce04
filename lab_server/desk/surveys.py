"""The answers that follow from what was recorded on a survey's form."""

from collections.abc import Mapping

from sqlmodel import Session, col, delete, select

from lab_server.desk.desk import Desk
from lab_server.store.tables import Contact, SurveyAnswer


def apply(desk: Desk, contact: Contact, values: Mapping[str, str] | None) -> None:
    """Make the contact's answers be `values` (question → answer, hidden questions left out); None takes them away."""
    of_form = (col(SurveyAnswer.contact_id) == contact.id, col(SurveyAnswer.survey_id).is_(None))
    desk.session.exec(delete(SurveyAnswer).where(*of_form))  # a poll's answers, asked besides, are its own
    now = desk.clock.utc()
    desk.session.add_all(
        SurveyAnswer(**desk.scope(contact), question=question, answer=answer, answered_at=now)
        for question, answer in (values or {}).items()
    )


def of_contact(session: Session, contact_id: str) -> dict[str, str]:
    """The contact's answers, question → answer."""
    answers = session.exec(select(SurveyAnswer).where(SurveyAnswer.contact_id == contact_id))
    return {answer.question: answer.answer for answer in answers}
