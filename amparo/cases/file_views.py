"""The copies that we keep of a case's sources: take one in, read it, make a redacted copy, remove it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from wagtail.admin import messages

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffPage
from amparo.cases import evidence_files
from amparo.cases.evidence_file_forms import RedactForm, TakeInForm
from amparo.cases.models import Source, SourceFile
from amparo.cases.screens import CASES, OfOneCase, title_for
from amparo.kit import media_types
from amparo.kit.refusal import Refusal
from amparo.kit.sealed_uploads import SealingUploadHandler


class Files(OfOneCase, StaffPage):
    """Every source of a case, with the files that are kept of it."""

    template_name = "cases/staff/files.html"
    above = (CASES,)
    header_icon = "doc-full"

    def get_page_title(self) -> str:
        return _("Files: %(case)s") % {"case": self.case.reference}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.note_reading()
        return super().get_context_data(**kwargs) | {
            "case": self.case,
            "sources": [
                {
                    "source": source,
                    "title": title_for(source, reads_all=self.may_read_all),
                    "withheld": self.is_withheld(source),
                    "files": [] if self.is_withheld(source) else list(source.kept_files.all()),
                }
                for source in self._sources()
            ],
            "may_read_all": self.may_read_all,
        }

    def _sources(self) -> QuerySet[Source]:
        return Source.objects.for_organization(self.case.organization).filter(case=self.case)


class _OfOneSource:
    """A source of the user's organizations; one that stays unnamed is for approvers."""

    kwargs: dict[str, Any]
    find: Any
    may: Any

    @cached_property
    def source(self) -> Source:
        found: Source = self.find(Source.objects.select_related("organization", "case"), pk=self.kwargs["pk"])
        self.refuse_unless_open(found)
        return found

    def refuse_unless_open(self, source: Source) -> None:
        """Raises 404 for a source whose words the user may not read."""
        if source.is_confidential and not self.may(Role.APPROVER, source.organization_id):
            raise Http404

    def place_of(self, source: Source) -> str:
        """The screen with the files of this source's case; its own, where it is about none."""
        if source.case_id:
            return reverse("staff_case_files", args=[source.case_id])
        return reverse("staff_shared_source", args=[source.pk])


class TakeIn(_OfOneSource, StaffDeed):
    """Keep a copy of a source. It is sealed while it arrives, which has to begin before the form is read."""

    above = (CASES,)
    header_icon = "upload"
    page_title = gettext_lazy("Keep a copy")
    template_name = "cases/staff/upload.html"
    form_class: Any = TakeInForm
    button = gettext_lazy("Keep it")

    def consequences(self) -> list[str]:
        return [
            _("The file is kept sealed, as it is, with its SHA-256. It is never public."),
            _("Approvers can read it, and each reading is on record. Others are given redacted copies."),
        ]

    @method_decorator(csrf_exempt)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.arriving = SealingUploadHandler(request, most_bytes=evidence_files.MOST_BYTES)
        request.upload_handlers = [self.arriving]
        return csrf_protect(self._protected)(request, *args, **kwargs)

    def _protected(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": SourceFile(organization=self.source.organization)}

    def form_valid(self, form: Any) -> HttpResponse:
        arrived = form.cleaned_data["file"]
        if arrived is None:
            said = _("That is more than 50 MB.") if self.arriving.too_large else _("Choose a file.")
            form.add_error("file", said)
            return self.form_invalid(form)
        told = {name: form.cleaned_data[name] for name in TakeInForm.field_order if name != "file"}
        try:
            evidence_files.take_in(
                blocks=arrived.chunks(),
                name=arrived.name,
                source=self.source,
                told=told,
                by=self.user,
                now=self.now,
            )
        except Refusal as refusal:
            form.add_error("file", str(refusal))
            return self.form_invalid(form)
        finally:
            arrived.discard()
        messages.success(self.request, _("The copy is kept."))
        return HttpResponseRedirect(self.after())

    def form_invalid(self, form: Any) -> HttpResponse:
        for arrived in self.request.FILES.values():
            discard = getattr(arrived, "discard", None)
            if discard:
                discard()
        return super().form_invalid(form)

    def after(self) -> str:
        return self.place_of(self.source)


class _OneFile(_OfOneSource):
    """One file of the user's organizations. Originals are for approvers; redacted copies for all who keep cases."""

    only_originals = False

    @cached_property
    def file(self) -> SourceFile:
        rows = SourceFile.objects.select_related(
            "organization", "source__case", "redacted_from", "entered_by"
        )
        found: SourceFile = self.find(rows, pk=self.kwargs["pk"])
        self.refuse_unless_open(found.source)
        if self.only_originals and found.is_redacted:
            raise Http404
        return found

    @cached_property
    def may_read(self) -> bool:
        """Whether the user may have the bytes of this file."""
        return self.file.is_redacted or bool(self.may(Role.APPROVER, self.file.organization_id))

    def refuse_unless_readable(self) -> None:
        """Raises `PermissionDenied` for an original, where the user is no approver."""
        if not self.may_read:
            raise PermissionDenied

    def after(self) -> str:
        return reverse("staff_file", args=[self.file.pk])


class FileScreen(_OneFile, StaffPage):
    """What is known of a file: how it came to us, its SHA-256, and the redacted copies made of it."""

    template_name = "cases/staff/file.html"
    above = (CASES,)
    header_icon = "doc-full"

    def get_page_title(self) -> str:
        return _("Redacted copy") if self.file.is_redacted else _("Copy of a source")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        file = self.file
        return super().get_context_data(**kwargs) | {
            "file": file,
            "place": self.place_of(file.source),
            "copies": file.redacted_copies.all(),
            "may_read": self.may_read,
            "may_redact": self.may_read and not file.is_redacted,
        }


class Download(_OneFile, StaffDeed):
    """The file itself, by POST; the trail says who took it."""

    above = (CASES,)
    header_icon = "download"
    page_title = gettext_lazy("Download")
    button = gettext_lazy("Download")

    def consequences(self) -> list[str]:
        self.refuse_unless_readable()
        if self.file.is_redacted:
            return [
                _(
                    "This copy was redacted: nothing lies under its boxes. Look at every page before it leaves."
                )
            ]
        return [
            _("This is the original: it is never public. Hand on redacted copies only."),
            _("The audit trail notes that you took it."),
        ]

    def form_valid(self, form: Any) -> HttpResponse:
        self.refuse_unless_readable()
        file = self.file
        try:
            content = evidence_files.read(file=file, by=self.user, now=self.now)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        stem, _dot, _ending = (file.name or "").rpartition(".")
        name = f"{slugify(stem or file.name) or 'file'}{media_types.ENDINGS[file.media_type]}"
        response = HttpResponse(content, content_type=file.media_type)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        # Whatever is in it, it runs nothing here.
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response


class PagePicture(_OneFile, StaffPage):
    """One page as a picture, to draw boxes on."""

    least_role = Role.APPROVER
    only_originals = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        self.refuse_unless_readable()
        try:
            content = evidence_files.page_of(
                file=self.file, page=self.kwargs["page"], by=self.user, now=self.now
            )
        except Refusal:
            raise Http404 from None
        return HttpResponse(content, content_type=media_types.PNG)


class Redact(_OneFile, StaffDeed):
    """Choose pages and boxes; the result is a new file of pictures."""

    least_role = Role.APPROVER
    only_originals = True
    above = (CASES,)
    header_icon = "no-view"
    page_title = gettext_lazy("Make a redacted copy")
    template_name = "cases/staff/redact.html"
    form_class: Any = RedactForm
    button = gettext_lazy("Make the copy")

    def consequences(self) -> list[str]:
        self.refuse_unless_readable()
        return [
            _(
                "A new file is made. Its pages are pictures: under a box there is nothing, and no other text is in it."
            ),
            _("What a camera or a program wrote into the original, such as the place, is not in it."),
            _("The original stays as it is. Look at every page of the copy before it leaves."),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "file": self.file,
            "pages": range(1, self.file.pages + 1),
        }

    def act(self, form: Any) -> str:
        self.refuse_unless_readable()
        self.made = evidence_files.redact(
            file=self.file,
            boxes=form.cleaned_data["boxes"],
            pages=form.cleaned_data["pages"],
            by=self.user,
            now=self.now,
        )
        return _("The redacted copy is made. Look at every page of it before it leaves.")

    def after(self) -> str:
        made: SourceFile | None = getattr(self, "made", None)
        return reverse("staff_file", args=[made.pk if made else self.file.pk])


class Remove(_OneFile, StaffDeed):
    """Remove a file; with an original, its redacted copies."""

    least_role = Role.APPROVER
    above = (CASES,)
    header_icon = "bin"
    page_title = gettext_lazy("Remove the file")
    button = gettext_lazy("Remove it")
    serious = True

    def consequences(self) -> list[str]:
        said = [_("The file is removed from this server, and cannot be shown as proof any more.")]
        if not self.file.is_redacted:
            said.append(_("Redacted copies that were made of it are removed too."))
        return said

    def act(self, form: Any) -> str:  # noqa: ARG002 - there is nothing to fill in
        evidence_files.remove(file=self.file, by=self.user, now=self.now)
        return _("The file is removed.")

    def after(self) -> str:
        return self.place_of(self.file.source)
