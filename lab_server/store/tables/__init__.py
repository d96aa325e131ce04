"""Every table, one noun a module. Importing this package makes all of them known to `metadata`."""

from lab_server.store.tables.agent_state import AgentState, AgentStateWord
from lab_server.store.tables.alert import Alert
from lab_server.store.tables.api_token import ApiToken
from lab_server.store.tables.article import Article, ArticleFavourite, ArticleVersion, VersionState
from lab_server.store.tables.attempt import Attempt, AttemptStatus
from lab_server.store.tables.audit_entry import AuditEntry
from lab_server.store.tables.callback import Callback, CallbackState
from lab_server.store.tables.case import Case, CaseStatus, Direction
from lab_server.store.tables.columns import Language, Mode, Row, UtcDateTime, metadata
from lab_server.store.tables.conference import Conference
from lab_server.store.tables.contact import Contact, ContactDirection
from lab_server.store.tables.customer import Customer
from lab_server.store.tables.customer_change import CustomerChange, CustomerMerge
from lab_server.store.tables.customer_number import CustomerNumber
from lab_server.store.tables.desk_entry import DeskEntry, Form
from lab_server.store.tables.disposition import ContactNote, Disposition
from lab_server.store.tables.draft_value import DraftValue
from lab_server.store.tables.form_template import ContactForm, FormTemplate, TemplateState
from lab_server.store.tables.job import Job, JobState
from lab_server.store.tables.journal_entry import JOURNAL_VERSION, JournalEntry
from lab_server.store.tables.klass import Klass
from lab_server.store.tables.klass_member import KlassMember
from lab_server.store.tables.lab_session import LabSession, SessionStatus
from lab_server.store.tables.leg import Leg, LegRole
from lab_server.store.tables.membership import Membership
from lab_server.store.tables.notice import Announcement, AnnouncementRead, ColleagueMessage
from lab_server.store.tables.number_list import ListedNumber, ListKind
from lab_server.store.tables.one_time_link import OneTimeLink
from lab_server.store.tables.order import Order, OrderItem, OrderState, Payment
from lab_server.store.tables.product import OrderEvent, Product, StockMove
from lab_server.store.tables.prompt import Prompt
from lab_server.store.tables.record_viewer import RecordViewer
from lab_server.store.tables.recording import Recording
from lab_server.store.tables.scorecard import Scorecard, ScorecardLine
from lab_server.store.tables.seat import Seat
from lab_server.store.tables.seat_setting import SeatSetting
from lab_server.store.tables.segment import Segment
from lab_server.store.tables.sign_in_try import SignInTry
from lab_server.store.tables.site import Site
from lab_server.store.tables.survey import Survey, SurveyAnswer, SurveyState
from lab_server.store.tables.talk_script import TalkScript
from lab_server.store.tables.ticket import Ticket, TicketKind, TicketState, Urgency
from lab_server.store.tables.ticket_paper import Attachment, Category, TicketComment, TicketEvent
from lab_server.store.tables.told import Told
from lab_server.store.tables.user import Role, User
from lab_server.store.tables.voicemail import Voicemail
from lab_server.store.tables.web_session import WebSession
from lab_server.store.tables.webhook import DeliveryState, Webhook, WebhookDelivery

__all__ = [
    "JOURNAL_VERSION",
    "AgentState",
    "AgentStateWord",
    "Alert",
    "Announcement",
    "AnnouncementRead",
    "ApiToken",
    "Article",
    "ArticleFavourite",
    "ArticleVersion",
    "Attachment",
    "Attempt",
    "AttemptStatus",
    "AuditEntry",
    "Callback",
    "CallbackState",
    "Case",
    "CaseStatus",
    "Category",
    "ColleagueMessage",
    "Conference",
    "Contact",
    "ContactDirection",
    "ContactForm",
    "ContactNote",
    "Customer",
    "CustomerChange",
    "CustomerMerge",
    "CustomerNumber",
    "DeliveryState",
    "DeskEntry",
    "Direction",
    "Disposition",
    "DraftValue",
    "Form",
    "FormTemplate",
    "Job",
    "JobState",
    "JournalEntry",
    "Klass",
    "KlassMember",
    "LabSession",
    "Language",
    "Leg",
    "LegRole",
    "ListKind",
    "ListedNumber",
    "Membership",
    "Mode",
    "OneTimeLink",
    "Order",
    "OrderEvent",
    "OrderItem",
    "OrderState",
    "Payment",
    "Product",
    "Prompt",
    "RecordViewer",
    "Recording",
    "Role",
    "Row",
    "Scorecard",
    "ScorecardLine",
    "Seat",
    "SeatSetting",
    "Segment",
    "SessionStatus",
    "SignInTry",
    "Site",
    "StockMove",
    "Survey",
    "SurveyAnswer",
    "SurveyState",
    "TalkScript",
    "TemplateState",
    "Ticket",
    "TicketComment",
    "TicketEvent",
    "TicketKind",
    "TicketState",
    "Told",
    "Urgency",
    "User",
    "UtcDateTime",
    "VersionState",
    "Voicemail",
    "WebSession",
    "Webhook",
    "WebhookDelivery",
    "metadata",
]
