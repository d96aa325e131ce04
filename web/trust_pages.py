"""`/trust`: the lab's own certificate authority, and how each kind of machine is told to trust it."""

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from lab_server.config import Settings
from lab_server.tls.authority import Authority, fingerprint, in_der
from lab_server.tls.names import machine_names
from web.access import Access
from web.frame import Frame

FILE = "ringside-ca"


def trust_routes(settings: Settings, access: Access, frame: Frame) -> APIRouter:
    """The page and the certificate in its two forms. All of it is public: a certificate is no secret."""
    router = APIRouter()
    authority = Authority(settings.tls, access.clock).file

    def own() -> bool:
        return settings.https_served and not settings.tls_cert and authority.is_file()

    @router.get("/trust", response_class=HTMLResponse)
    async def trust(request: Request) -> Response:
        return frame.page(
            request,
            "trust.html",
            await access.visitor(request),
            fingerprint=fingerprint(authority) if own() else "",
            file=FILE,
            addresses=[f"https://{host}:{settings.https_port}/" for host in machine_names().hosts[1:]],
        )

    @router.get(f"/trust/{FILE}.crt")
    async def der() -> Response:
        return _file(in_der(authority) if own() else None, "crt", "application/x-x509-ca-cert")

    @router.get(f"/trust/{FILE}.pem")
    async def pem() -> Response:
        return _file(authority.read_bytes() if own() else None, "pem", "application/x-pem-file")

    return router


def _file(content: bytes | None, ending: str, kind: str) -> Response:
    if content is None:
        raise HTTPException(404)
    return Response(
        content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{FILE}.{ending}"'}
    )
