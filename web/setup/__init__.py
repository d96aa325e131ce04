"""What a school sets up for its desk: forms, surveys, talk scripts."""

from fastapi import APIRouter

from web.access import Access
from web.frame import Frame
from web.setup import forms, scripts, survey_answers, surveys


def routes(access: Access, frame: Frame) -> list[APIRouter]:
    """`/forms`, `/surveys`, `/scripts`, and `/answer` for who asks a survey."""
    return [
        *forms.routes(access, frame), *surveys.routes(access, frame), survey_answers.routes(access, frame),
        scripts.routes(access, frame),
    ]  # fmt: skip
