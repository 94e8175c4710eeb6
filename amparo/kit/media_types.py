"""What a file is by what is in it: its name and what a browser says of it are not asked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amparo.kit.refusal import Refusal

PDF, PNG, JPEG, WEBP, TEXT = "application/pdf", "image/png", "image/jpeg", "image/webp", "text/plain"
IMAGES = frozenset({PNG, JPEG, WEBP})
#: What a file of each type is called at its end.
ENDINGS = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg", WEBP: ".webp", TEXT: ".txt"}
#: Readers of PDF look for its mark anywhere in the first kilobyte (ISO 32000-1, implementation note 13).
_PDF_WITHIN = 1024
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f")


class UnknownType(Refusal):
    sentence = _(
        "This is neither a PDF, nor a picture (JPEG, PNG, WebP), nor text in UTF-8. Save it as one of these."
    )


def media_type_of(content: bytes) -> str:
    """One of the types above. Raises `UnknownType`."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WEBP
    if b"%PDF-" in content[:_PDF_WITHIN]:
        return PDF
    if content and _is_text(content):
        return TEXT
    raise UnknownType


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not _CONTROLS.intersection(content)
