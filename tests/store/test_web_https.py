"""https as other machines get it: a real web process, spoken to over this machine's own address."""

import os
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from private_pbx import free_ports

from telephony.addresses import own_addresses


@dataclass
class Served:
    plain: str
    secure: str
    authority: Path
    trusting: ssl.SSLContext


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    address = next((str(ip) for ip in own_addresses() if ip.version == 4), None)
    if address is None:
        pytest.skip("this machine has no address but loopback: nobody could come from elsewhere")
    var, (port, https_port) = tmp_path_factory.mktemp("https"), free_ports(2)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("RINGSIDE_", "DATABASE_URL"))}
    settings = {"VAR": var, "WEB_ADDRESS": "0.0.0.0", "WEB_PORT": port, "HTTPS_PORT": https_port}
    environment = clean | {f"RINGSIDE_{name}": str(value) for name, value in settings.items()}
    process = subprocess.Popen([sys.executable, "-m", "web"], env=environment, stderr=subprocess.PIPE)
    try:
        deadline_s = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False, timeout=5).raise_for_status()
                break
            except httpx.TransportError:
                assert process.poll() is None, process.stderr and process.stderr.read().decode()
                assert time.monotonic() < deadline_s
                time.sleep(0.05)
        authority = var / "secrets/tls/authority.pem"
        trusting = ssl.create_default_context(cafile=str(authority))
        yield Served(f"http://{address}:{port}", f"https://{address}:{https_port}", authority, trusting)
    finally:
        process.terminate()
        assert process.wait(20) == 0
        assert process.stderr is not None
        process.stderr.close()


def get(address: str, served: Served | None = None) -> httpx.Response:
    return httpx.get(address, verify=served.trusting if served else True, trust_env=False, timeout=10)


def test_who_trusts_the_authority_is_served_over_https(served: Served) -> None:
    page = get(f"{served.secure}/phone", served)
    assert page.status_code == 401 and "ringside.css" in page.text
    assert get(f"{served.secure}/healthz", served).status_code == 200


def test_who_does_not_trust_it_is_warned(served: Served) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        get(f"{served.secure}/healthz")


def test_plain_http_leads_to_https_and_carries_nothing_else(served: Served) -> None:
    sent = get(f"{served.plain}/phone?lang=en")
    assert (sent.status_code, sent.headers["location"]) == (308, f"{served.secure}/phone?lang=en")
    posted = httpx.post(f"{served.plain}/signin", data={"password": "x"}, trust_env=False)
    assert posted.status_code == 403  # it was readable on the way already: no second time


def test_the_authority_can_be_had_before_it_is_trusted(served: Served) -> None:
    page = get(f"{served.plain}/trust?lang=en")
    assert page.status_code == 200
    pem = get(f"{served.plain}/trust/ringside-ca.pem")
    assert pem.text == served.authority.read_text()
    der = get(f"{served.plain}/trust/ringside-ca.crt")
    assert der.headers["content-type"] == "application/x-x509-ca-cert"
    assert ssl.DER_cert_to_PEM_cert(der.content).split() == pem.text.split()
    assert len(re.findall(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", page.text)) == 1
    assert "KEY" not in page.text + pem.text


def test_a_foreign_name_for_our_address_is_refused(served: Served) -> None:
    answer = httpx.get(
        f"{served.secure}/healthz", headers={"Host": "evil.example"}, verify=served.trusting, trust_env=False
    )
    assert answer.status_code == 400
