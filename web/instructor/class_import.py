"""A class list's import: upload, look at every row, take all of it in; the first PINs are shown once, to print."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import UploadFile

from lab_server.desk import class_import, class_list, classes, people, pins
from lab_server.desk.class_import import Preview
from lab_server.desk.class_list import Fault, Line
from lab_server.desk.desk import Desk
from lab_server.desk.errors import ClassListError, DeskError
from lab_server.desk.passwords import hashed_pin
from lab_server.desk.rights import Right
from lab_server.i18n import Translator
from lab_server.store.tables import Klass, User
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.refusals import sentence, status_of


@dataclass(frozen=True)
class Slip:
    """What a student is given on paper: shown this once."""

    name: str
    number: str
    pin: str


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/classes/<id>/import` and the PINs of a class or a student."""
    router = APIRouter()
    Runs = Annotated[Visitor, Depends(signed_in(Right.CLASS_MANAGE))]  # noqa: N806 (a type)
    LooksAfter = Annotated[Visitor, Depends(signed_in(Right.STUDENT_MANAGE))]  # noqa: N806

    async def page(
        request: Request,
        visitor: Visitor,
        klass_id: str,
        seen: Preview | None = None,
        refused: str = "",
        status: int = 200,
    ) -> Response:
        klass = await access.read(visitor, lambda desk: classes.known(desk, klass_id))
        say = frame.say(request, visitor)
        return frame.page(
            request, "instructor/import.html", visitor, status=status, klass=klass, seen=seen, said=refused,
            lines=_packed(seen.lines) if seen is not None else "", fault_said=lambda line: fault_said(say, line),
        )  # fmt: skip

    def slips(request: Request, visitor: Visitor, klass: Klass | None, given: list[Slip]) -> Response:
        return frame.page(request, "instructor/slips.html", visitor, klass=klass, slips=given)

    @router.get("/classes/{klass_id}/import")
    async def show(request: Request, klass_id: str, visitor: Runs) -> Response:
        return await page(request, visitor, klass_id)

    @router.post("/classes/{klass_id}/import")
    async def look(request: Request, klass_id: str, visitor: Runs) -> Response:
        """Read the file and show what taking it in would do: nothing is changed."""
        say = frame.say(request, visitor)
        content, filename = await _uploaded(request)
        if not filename:
            return await page(request, visitor, klass_id, refused=say.gettext("Choose a file first."), status=422)
        try:
            lines = await access.hashed(lambda: class_list.read(content, filename))
        except ClassListError as error:
            said = f"{say.gettext('The file cannot be read as a class list:')} {unreadable(say, error)}"
            return await page(request, visitor, klass_id, refused=said, status=422)
        seen = await access.read(visitor, lambda desk: class_import.preview(desk.session, desk.actor.site_id, lines))
        return await page(request, visitor, klass_id, seen)

    @router.post("/classes/{klass_id}/import/take")
    async def take(request: Request, klass_id: str, visitor: Runs) -> Response:
        """All or nothing. What was looked at comes back with the form and is checked anew from the beginning."""
        say = frame.say(request, visitor)
        try:
            lines = _unpacked((await fields(request)).get("lines", ""))
            seen = await access.read(
                visitor, lambda desk: class_import.preview(desk.session, desk.actor.site_id, lines)
            )
            if seen.faults:
                return await page(request, visitor, klass_id, seen, status=422)
            given = {number: pins.fresh() for number in seen.new_numbers}
            hashes = await access.hashed(lambda: {number: hashed_pin(pin) for number, pin in given.items()})
            klass, made = await access.write(visitor, lambda desk: _take(desk, klass_id, lines, hashes))
        except ClassListError as error:
            said = sentence(say, error)
            return await page(request, visitor, klass_id, refused=said, status=status_of(error))
        return slips(request, visitor, klass, [Slip(user.name, user.login, given[user.login]) for user in made])

    @router.post("/classes/{klass_id}/pins")
    async def new_pins(request: Request, klass_id: str, visitor: Runs) -> Response:
        """A new PIN for each student of the class; the old ones open nothing any more."""
        klass = await access.read(visitor, lambda desk: classes.known(desk, klass_id))
        there = await access.read(visitor, lambda desk: classes.students(desk.session, klass_id))
        return slips(request, visitor, klass, await _give(visitor, there))

    @router.post("/people/{user_id}/pin")
    async def new_pin(request: Request, user_id: str, visitor: LooksAfter) -> Response:
        """A new PIN for one student, shown this once."""
        user = await access.read(visitor, lambda desk: people.student(desk, user_id))
        return slips(request, visitor, None, await _give(visitor, [user]))

    async def _give(visitor: Visitor, users: Sequence[User]) -> list[Slip]:
        given = {user.id: pins.fresh() for user in users}
        hashes = await access.hashed(lambda: {one: hashed_pin(pin) for one, pin in given.items()})
        ended = await access.write(
            visitor, lambda desk: [over for one, kept in hashes.items() for over in people.give_pin(desk, one, kept)[1]]
        )
        access.ended(ended)
        return [Slip(user.name, user.login, given[user.id]) for user in users]

    return router


def _take(desk: Desk, klass_id: str, lines: Sequence[Line], hashes: dict[str, str]) -> tuple[Klass, list[User]]:
    klass = classes.known(desk, klass_id)
    return klass, class_import.take_in(desk, klass, lines, hashes)


async def _uploaded(request: Request) -> tuple[bytes, str]:
    """What the file holds, as far as it is looked at, and its name, "" if none was chosen."""
    async with request.form(max_files=1, max_fields=200) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            return b"", ""
        return await upload.read(class_list.MOST_BYTES + 1), upload.filename or ""


def _packed(lines: Sequence[Line]) -> str:
    return json.dumps([[line.row, line.number, line.name] for line in lines], ensure_ascii=False)


def _unpacked(text: str) -> list[Line]:
    """Raises `ClassListError` for what is not what we had packed."""
    try:
        rows = json.loads(text)
        if not isinstance(rows, list) or not 0 < len(rows) <= class_list.MOST_ROWS:
            raise ClassListError("no rows")
        lines = []
        for row, number, name in rows:
            if not (isinstance(row, int) and isinstance(number, str) and isinstance(name, str)):
                raise ClassListError("no row")
            lines.append(Line(row, number, name))
    except (ValueError, TypeError, RecursionError) as error:
        raise ClassListError("the form did not come back whole") from error
    return class_list.checked(lines)


def fault_said(say: Translator, line: Line) -> str:
    """What is wrong with a row, in the reader's language; "" for nothing."""
    _ = say.gettext
    if line.fault is None:
        return ""
    return {
        Fault.NAME_MISSING: _("The name is missing."),
        Fault.NAME_TOO_LONG: _("The name is longer than 80 characters."),
        Fault.NAME_UNPRINTABLE: _("The name has characters that cannot be printed."),
        Fault.NUMBER_MISSING: _("The number is missing."),
        Fault.NUMBER_BAD: _("A number has up to 40 of a-z, 0-9, dot, dash and underscore."),
        Fault.NUMBER_TWICE: _("The same number is in row {row}.").format(row=line.detail),
        Fault.NUMBER_IMPRECISE: _("The sheet has rounded this number: format the column as text."),
        Fault.TAKEN_BY_STAFF: _("This number is the login of a member of staff."),
        Fault.OTHER_NAME: _("This number is another student's: {name}.").format(name=line.detail),
    }[line.fault]


def unreadable(say: Translator, error: DeskError) -> str:
    """Why a file can't be read. The desk's sentence is English; the common ones are translated here."""
    _ = say.gettext
    known = {
        "the file is empty": _("it is empty."),
        "the table is empty": _("it is empty."),
        "the first row must name the columns: name and number (姓名, 学号)": _(
            "the first row must name the columns: name and number (姓名, 学号)."
        ),
        "the table has column names and no student": _("it has column names and no student."),
        "this kind of file is not read: save it as .xlsx or .csv": _("save it as .xlsx or .csv."),
        "this is no table of text: save it as .xlsx or .csv": _("save it as .xlsx or .csv."),
        "this is no readable Excel file: open it and save it as .xlsx again": _("open it and save it as .xlsx again."),
        "the text is neither UTF-8 nor GB18030: save it as “CSV UTF-8”, or as .xlsx": _(
            "the text is neither UTF-8 nor GB18030: save it as “CSV UTF-8”, or as .xlsx."
        ),
    }
    return known.get(str(error), f"{error}.")
