"""Every table, one noun a module. Importing this package makes all of them known to `metadata`."""

from lab_server.store.tables.agent_state import AgentState, AgentStateWord
from lab_server.store.tables.attempt import Attempt, AttemptStatus
from lab_server.store.tables.case import Case, CaseStatus, Direction
from lab_server.store.tables.columns import Language, Mode, Row, UtcDateTime, metadata
from lab_server.store.tables.contact import Contact
from lab_server.store.tables.customer import Customer
from lab_server.store.tables.desk_entry import DeskEntry, Form
from lab_server.store.tables.job import Job, JobState
from lab_server.store.tables.journal_entry import JOURNAL_VERSION, JournalEntry
from lab_server.store.tables.klass import Klass
from lab_server.store.tables.lab_session import LabSession, SessionStatus
from lab_server.store.tables.leg import Leg, LegRole
from lab_server.store.tables.order import Order, OrderItem, OrderState
from lab_server.store.tables.prompt import Prompt
from lab_server.store.tables.recording import Recording
from lab_server.store.tables.scorecard import Scorecard, ScorecardLine
from lab_server.store.tables.seat import Seat
from lab_server.store.tables.segment import Segment
from lab_server.store.tables.site import Site
from lab_server.store.tables.survey import Survey, SurveyAnswer
from lab_server.store.tables.ticket import Ticket, TicketState
from lab_server.store.tables.told import Told
from lab_server.store.tables.user import Role, User

__all__ = [
    "JOURNAL_VERSION",
    "AgentState",
    "AgentStateWord",
    "Attempt",
    "AttemptStatus",
    "Case",
    "CaseStatus",
    "Contact",
    "Customer",
    "DeskEntry",
    "Direction",
    "Form",
    "Job",
    "JobState",
    "JournalEntry",
    "Klass",
    "LabSession",
    "Language",
    "Leg",
    "LegRole",
    "Mode",
    "Order",
    "OrderItem",
    "OrderState",
    "Prompt",
    "Recording",
    "Role",
    "Row",
    "Scorecard",
    "ScorecardLine",
    "Seat",
    "Segment",
    "SessionStatus",
    "Site",
    "Survey",
    "SurveyAnswer",
    "Ticket",
    "TicketState",
    "Told",
    "User",
    "UtcDateTime",
    "metadata",
]
