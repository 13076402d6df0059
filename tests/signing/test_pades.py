"""PDF signatures: the body stays, pdfsig and pyHanko agree, changes are named."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from authority import Authority
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from auditor.core.errors import AuditorError
from auditor.signing import pades, pades_check
from auditor.signing.certificates import Identity, to_asn1
from auditor.signing.dsse import SignatureError
from auditor.signing.keys import from_private
from auditor.writers.pdf import convert

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def ours() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def body() -> bytes:
    file = io.BytesIO()
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(file)
    return file.getvalue()


def order(ours: Authority, authority: str | None = None) -> pades.Order:
    key, certificate = ours.person("Ann")
    identity = Identity(certificate, (ours.root,))
    return pades.Order(from_private(key), identity, authority, (ours.root,))


@pytest.fixture(scope="module")
def lasting(ours: Authority, body: bytes) -> bytes:
    with ours.serve() as address:
        return pades.sign(body, order(ours, address))


def test_the_body_stays_and_the_signature_is_read_back(
    ours: Authority, body: bytes, lasting: bytes
) -> None:
    assert lasting.startswith(body)
    found = pades_check.check(lasting, [ours.root])
    assert found is not None
    assert (found.identity.name, found.authority) == ("CN=Ann", "Common Name: Test clock")
    assert found.long_term
    assert found.trusted
    assert found.time is not None
    assert pades_check.check(body) is None


def test_it_is_of_level_b_lta_for_another_validator(ours: Authority, lasting: bytes) -> None:
    """ETSI EN 319 102-1's long-term algorithm passes offline, from the file alone."""
    policy = CertRevTrustPolicy(RevocationCheckingPolicy.from_legacy("require"))
    roots = SimpleTrustManager.build(trust_roots=[to_asn1(ours.root)])
    rules = SignatureValidationSpec(
        CertValidationPolicySpec(trust_manager=roots, revinfo_policy=policy),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY
        ),
    )
    signature = PdfFileReader(io.BytesIO(lasting)).embedded_regular_signatures[0]
    result = asyncio.run(ades_lta_validation(signature, PdfSignatureValidationSpec(rules)))
    assert result.ades_subindic == AdESPassed.OK, result.failure_msg


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="Debian: apt install poppler-utils")
def test_pdfsig_agrees(lasting: bytes, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    for data, words in ((lasting, "Signature is Valid"), (_changed(lasting), "Digest Mismatch")):
        file.write_bytes(data)
        ran = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False)
        assert f"Signature Validation: {words}" in ran.stdout
        assert "ETSI.CAdES.detached" in ran.stdout


def test_a_printed_report_keeps_its_body_and_its_form(ours: Authority) -> None:
    """A tagged PDF/A-3a from WeasyPrint, as reports are."""
    page = '<html lang="en"><title>Report</title><h1>Report</h1><p>Words.</p></html>'
    body = convert(page)
    assert convert(page) == body
    with ours.serve() as address:
        signed = pades.sign(body, order(ours, address))
    assert signed.startswith(body)
    found = pades_check.check(signed, [ours.root])
    assert found is not None
    assert found.long_term
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.Root.MarkInfo.Marked
        assert b"pdfaid:part" in bytes(pdf.Root.Metadata.read_bytes())


def _changed(data: bytes) -> bytes:
    place = data.index(b"/MediaBox")
    return data[:place] + b"/mediaBox" + data[place + 9 :]


def test_changes_after_signing_are_named(ours: Authority, lasting: bytes) -> None:
    with pytest.raises(SignatureError, match=r"changed after it was signed|cannot be read"):
        pades_check.check(_changed(lasting), [ours.root])
    grown = io.BytesIO()
    with pikepdf.open(io.BytesIO(lasting)) as pdf:
        pdf.add_blank_page()
        pdf.save(grown)
    with pytest.raises(SignatureError):
        pades_check.check(grown.getvalue(), [ours.root])
    for length in range(lasting.index(b"/ByteRange") + 10, len(lasting) - 9, 2511):
        with pytest.raises(SignatureError):
            pades_check.check(lasting[:length], [ours.root])
    with pytest.raises(SignatureError, match="cut off"):
        pades_check.check(lasting + b"appended", [ours.root])


def test_a_page_replaced_by_an_increment_is_named(ours: Authority, lasting: bytes) -> None:
    from pyhanko.pdf_utils.generic import NameObject, NumberObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(lasting))
    page = writer.root["/Pages"]["/Kids"][0]
    page[NameObject("/Rotate")] = NumberObject(90)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(SignatureError, match="changed after it was signed"):
        pades_check.check(out.getvalue(), [ours.root])


def test_strangers_are_not_trusted(ours: Authority, lasting: bytes) -> None:
    found = pades_check.check(lasting)
    assert found is not None
    assert not found.trusted
    with pytest.raises(SignatureError, match="not trusted"):
        pades_check.check(lasting, [Authority("Stranger").root])


def test_without_an_authority_it_is_a_basic_signature(ours: Authority, body: bytes) -> None:
    found = pades_check.check(pades.sign(body, order(ours)), [ours.root])
    assert found is not None
    assert not found.long_term
    assert found.time is None


def test_a_stamped_signature_outlives_its_certificate(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    ours = Authority()
    key, certificate = ours.person("Short", now - 20 * DAY, 10)
    with ours.serve(at=now - 15 * DAY) as address:
        order = pades.Order(from_private(key), Identity(certificate), address, (ours.root,))
        with pytest.raises(AuditorError, match="CN=Short had expired"):
            pades.sign(body, order)
        # As if signed in time: without today's checks, and without what needs a valid chain.
        monkeypatch.setattr(pades.Order, "check", lambda self: None)
        basic = pades._settings(pades.Order(order.signer, order.identity), None)
        monkeypatch.setattr(pades, "_settings", lambda *given: basic)
        signed = pades.sign(body, order)
        unstamped = pades.sign(body, pades.Order(order.signer, order.identity))
    found = pades_check.check(signed, [ours.root])
    assert found is not None
    assert found.time is not None
    assert found.time.date() == (now - 15 * DAY).date()
    with pytest.raises(SignatureError, match="Short in the PDF is not trusted"):
        pades_check.check(unstamped, [ours.root])


def test_orders_that_cannot_be_carried_out_are_refused(ours: Authority, body: bytes) -> None:
    good = order(ours)
    stranger = from_private(ours.person("Bob")[0])
    edwards = from_private(Ed25519PrivateKey.generate())
    for bad, message in (
        (pades.Order(stranger, good.identity), "belongs to another key"),
        (pades.Order(edwards, good.identity), "Ed25519"),
        (pades.Order(good.signer, good.identity, "http://127.0.0.1:9/"), "--trust"),
        (pades.Order(good.signer, good.identity, None, (Authority("Else").root,)), "not trusted"),
        (order(ours, "http://127.0.0.1:9/"), r"did not answer|could not be signed"),
    ):
        with pytest.raises(AuditorError, match=message):
            pades.sign(body, bad)
