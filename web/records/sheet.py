"""Customers as a list: taken in with a look at every row before, given out as CSV or XLSX."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from starlette.datastructures import UploadFile

from lab_server.desk.crm import sheet
from lab_server.desk.crm.sheet import Preview, RowFault, SheetKind
from lab_server.desk.errors import SheetError
from lab_server.desk.rights import Right
from lab_server.i18n import Translator
from web.access import Access, Visitor, fields, signed_in
from web.frame import Frame
from web.records import words
from web.records.asked import mode_of
from web.records.held import Held

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def routes(access: Access, frame: Frame) -> APIRouter:
    """`/customers/import`, `/customers/import/take`, `/customers/export`."""
    router = APIRouter(prefix="/customers")
    Lists = Annotated[Visitor, Depends(signed_in(Right.CUSTOMER_SHEET))]  # noqa: N806 (a type)
    held = Held(access.settings.var / "imports")

    def page(
        request: Request, visitor: Visitor, *, seen: Preview | None = None, key: str = "", kind: str = "",
        taken: bool = False, refused: str = "", faults: tuple[RowFault, ...] = (),
    ) -> Response:  # fmt: skip
        say = frame.say(request, visitor)
        return frame.page(
            request, "records/import.html", visitor, part="main", seen=seen, key=key, kind=kind, taken=taken,
            refused=refused, faults=seen.faults if seen is not None and seen.faults else faults,
            fault_said=lambda one: fault_said(say, one), names=words.customer_fields(say), mode=mode_of(request),
            status=422 if refused or faults else 200, columns=sheet.COLUMNS,
        )  # fmt: skip

    @router.get("/import")
    async def show(request: Request, visitor: Lists) -> Response:
        return page(request, visitor)

    @router.post("/import")
    async def look(request: Request, visitor: Lists) -> Response:
        """Read the file and show what taking it in would do: nothing is changed."""
        say, mode = frame.say(request, visitor), mode_of(request)
        content, name = await _uploaded(request)
        kind = kind_of(name)
        if not name or kind is None:
            return page(request, visitor, refused=say.gettext("Choose a file that ends in .csv or .xlsx."))
        try:
            seen = await access.read(visitor, lambda desk: sheet.preview(desk, mode, content, kind))
        except SheetError as error:
            return page(request, visitor, refused=unreadable(say, error))
        key = held.put(visitor.user.id, content) if not seen.faults and seen.new + seen.known else ""
        return page(request, visitor, seen=seen, key=key, kind=kind)

    @router.post("/import/take")
    async def take(request: Request, visitor: Lists) -> Response:
        """All or nothing, from the file that was looked at."""
        form, say, mode = await fields(request), frame.say(request, visitor), mode_of(request)
        key, kind = form.get("key", ""), kind_of(f".{form.get('kind', '')}")
        content = held.get(visitor.user.id, key)
        if content is None or kind is None:
            return page(request, visitor, refused=say.gettext("That was too long ago: choose the file again."))
        try:
            seen = await access.write(visitor, lambda desk: sheet.take_in(desk, mode, content, kind))
        except SheetError as error:
            return page(request, visitor, refused=unreadable(say, error), faults=error.faults)
        held.drop(visitor.user.id, key)
        return page(request, visitor, seen=seen, taken=True)

    @router.get("/export")
    async def give_out(request: Request, visitor: Lists) -> Response:
        """What could be a formula has an apostrophe before it."""
        kind = kind_of(f".{request.query_params.get('kind', 'csv')}")
        if kind is None:
            raise HTTPException(404)
        mode = mode_of(request)
        content = await access.write(visitor, lambda desk: sheet.give_out(desk, mode, kind))
        headers = {"Content-Disposition": f'attachment; filename="customers.{kind}"'}
        return Response(content, media_type=_TYPES[kind], headers=headers)

    return router


def kind_of(name: str) -> SheetKind | None:
    """What a file's name says it is."""
    ending = name.rpartition(".")[2].casefold()
    if ending == "xlsx":
        return "xlsx"
    return "csv" if ending in {"csv", "txt"} else None


async def _uploaded(request: Request) -> tuple[bytes, str]:
    async with request.form(max_files=1, max_fields=200) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            return b"", ""
        return await upload.read(sheet.MOST_BYTES + 1), upload.filename or ""


def fault_said(say: Translator, fault: RowFault) -> str:
    """Why a row is not taken. The desk's sentence is English; its cases are translated here."""
    _ = say.gettext
    text = fault.says
    if text.startswith("the same number as in row"):
        return _("The same number is in row {row}.").format(row=text.rsplit(" ", 1)[1])
    if "a customer needs a number" in text:
        return _("The number is missing, or has no digits.")
    if "virtual customer" in text:
        return _("A virtual customer's number belongs to training only.")
    if "too many" in text or "at most" in text:
        return _("This is too long.")
    if "salutation" in text:
        return _("The salutation is f or m (女士, 先生), or empty.")
    return _("There is a character in it that cannot be kept: type it again.")


def unreadable(say: Translator, error: SheetError) -> str:
    """Why a file is not read at all."""
    _, text = say.gettext, str(error)
    if "first row names the columns" in text:
        return _("The first row names the columns, each once, at least the number (号码).")
    if "cannot be taken" in text:
        return _("Some rows cannot be taken. Nothing was changed.")
    if "bytes" in text or "more than" in text or "unpacks" in text:
        return _("The list is too long: split it.")
    if "GB18030" in text:
        return _("The text is neither UTF-8 nor GB18030: save it as “CSV UTF-8”, or as .xlsx.")
    return _("The file cannot be read: open it and save it as .csv or .xlsx again.")
