"""Tags and custom fields for staff, and tagging many people at once with a way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.forms import Form
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from amparo.accounts.models import Role
from amparo.accounts.staff_screens import StaffDeed, StaffList
from amparo.supporters import choosing, custom_fields, tagging
from amparo.supporters.many_screens import OfOneOrganization
from amparo.supporters.models import BulkChange, CustomField, Tag
from amparo.supporters.screens import SEES_NAMES, SUPPORTERS
from amparo.supporters.staff_forms import FieldForm, NameForm, TagManyForm

if TYPE_CHECKING:
    from django.db.models import QuerySet

TAGS = (gettext_lazy("Tags"), "staff_tags")
FIELDS = (gettext_lazy("Custom fields"), "staff_fields")
CHANGES = (gettext_lazy("Tagged at once"), "staff_changes")
#: How private an answer is, in a word.
_PRIVACY = {
    CustomField.Privacy.ORDINARY: gettext_lazy("Ordinary"),
    CustomField.Privacy.PERSONAL: gettext_lazy("Personal, sealed"),
}


class Tags(StaffList):
    """Every tag, with how many people have it."""

    page_title = gettext_lazy("Tags")
    header_icon = "tag"
    index_url_name = "staff_tags"
    index_results_url_name = "staff_tags_results"
    search_fields = ["name"]
    default_ordering = "name"
    verbose_name_plural = gettext_lazy("tags")
    columns = [
        TitleColumn(
            "name",
            label=gettext_lazy("Tag"),
            get_url=lambda row: reverse("staff_tag", args=[row.pk]),
            sort_key="name",
        ),
        Column("people", label=gettext_lazy("Supporters"), sort_key="people"),
        Column("organization", label=gettext_lazy("Organization"), accessor="organization.name"),
        DateColumn("created_at", label=gettext_lazy("Made"), sort_key="created_at", classname="staff-wide"),
    ]

    def rows(self) -> QuerySet[Tag]:
        mine = Tag.objects.filter(organization__in=self.organizations)
        return mine.select_related("organization").annotate(people=Count("taggings"))

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Make a tag"), url=reverse("staff_tag_add"), icon_name="plus")]


class MakeTag(StaffDeed):
    """A new tag."""

    least_role = SEES_NAMES
    above = (TAGS,)
    page_title = gettext_lazy("Make a tag")
    header_icon = "tag"
    form_class = NameForm
    button = gettext_lazy("Make")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def act(self, form: NameForm) -> str:
        chosen = form.cleaned_data
        tagging.make_tag(organization=chosen["organization"], name=chosen["name"], by=self.user, now=self.now)
        return _("The tag is made.")


class _OneTag(StaffDeed):
    least_role = SEES_NAMES
    above = (TAGS,)
    header_icon = "tag"

    @cached_property
    def tag(self) -> Tag:
        found: Tag = self.find(Tag.objects.select_related("organization"), pk=self.kwargs["pk"])
        return found

    def get_page_title(self) -> str:
        return self.tag.name


class RenameTag(_OneTag):
    """Another name for a tag, with the way to remove it."""

    template_name = "supporters/staff/tag.html"
    form_class = NameForm
    button = gettext_lazy("Rename")

    def consequences(self) -> list[str]:
        people = self.tag.taggings.count()
        return [
            ngettext(
                "%(count)d supporter has this tag, and keeps it under its new name.",
                "%(count)d supporters have this tag, and keep it under its new name.",
                people,
            )
            % {"count": people}
        ]

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.tag.name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"tag": self.tag}

    def act(self, form: NameForm) -> str:
        tagging.rename_tag(tag=self.tag, name=form.cleaned_data["name"], by=self.user, now=self.now)
        return _("The tag has its new name.")


class RemoveTag(_OneTag):
    """Take a tag off everybody."""

    button = gettext_lazy("Remove the tag")
    serious = True

    def consequences(self) -> list[str]:
        people = self.tag.taggings.count()
        return [
            ngettext(
                "The tag “%(tag)s” is taken off %(count)d supporter, for good.",
                "The tag “%(tag)s” is taken off %(count)d supporters, for good.",
                people,
            )
            % {"count": people, "tag": self.tag.name},
            _("Segments that ask for this tag find nobody afterwards."),
        ]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        tagging.remove_tag(tag=self.tag, by=self.user, now=self.now)
        return _("The tag is gone.")


# --- Many at once ---------------------------------------------------------------------------------


class TagMany(OfOneOrganization):
    """Give one tag to everybody that the list shows."""

    above = (SUPPORTERS,)
    page_title = gettext_lazy("Tag them all")
    header_icon = "tag"
    template_name = "supporters/staff/of_one_organization.html"
    form_class = TagManyForm
    button = gettext_lazy("Tag them")

    @cached_property
    def people(self) -> Any:
        return choosing.select(organization=self.organization, chosen=self.chosen, now=self.now)

    def consequences(self) -> list[str]:
        count = self.people.count()
        return [
            *self.in_words(),
            ngettext("%(count)d supporter gets the tag.", "%(count)d supporters get the tag.", count)
            % {"count": count},
            _("For 30 days it can be undone: then everybody has exactly the tags that they had before."),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organization": self.organization}

    def act(self, form: TagManyForm) -> str:
        change = tagging.tag_many(
            supporters=self.people,
            tag=self._tag(form),
            chosen=choosing.frozen(self.chosen),
            by=self.user,
            now=self.now,
        )
        return _("Done. Chosen: %(count)d; did not have the tag before: %(new)d. You can undo it here.") % {
            "new": change.tagged,
            "count": change.matched,
        }

    def _tag(self, form: TagManyForm) -> Tag:
        chosen = form.cleaned_data
        if chosen["tag"]:
            return Tag.objects.for_organization(self.organization).get(pk=chosen["tag"])
        return tagging.make_tag(
            organization=self.organization, name=chosen["new"], by=self.user, now=self.now
        )

    def after(self) -> str:
        return reverse("staff_changes") if self.request.method == "POST" else super().after()


class Changes(StaffList):
    """Tags that were given to many at once."""

    page_title = gettext_lazy("Tagged at once")
    header_icon = "history"
    index_url_name = "staff_changes"
    index_results_url_name = "staff_changes_results"
    default_ordering = "-made_at"
    verbose_name_plural = gettext_lazy("changes")
    columns = [
        TitleColumn(
            "tag",
            label=gettext_lazy("Tag"),
            accessor="tag.name",
            get_url=lambda row: reverse("staff_change_undo", args=[row.pk]) if not row.undone_at else None,
        ),
        Column("matched", label=gettext_lazy("Chosen")),
        Column("tagged", label=gettext_lazy("New")),
        Column("made_by", label=gettext_lazy("By"), accessor=lambda row: row.made_by or "–"),
        DateColumn("made_at", label=gettext_lazy("When"), sort_key="made_at"),
        DateColumn("undone_at", label=gettext_lazy("Undone")),
    ]

    def rows(self) -> QuerySet[BulkChange]:
        mine = BulkChange.objects.filter(organization__in=self.organizations)
        return mine.select_related("tag", "made_by")


class Undo(StaffDeed):
    """Take back a tag that was given to many at once."""

    least_role = SEES_NAMES
    above = (CHANGES,)
    header_icon = "undo"
    button = gettext_lazy("Undo")
    serious = True

    @cached_property
    def change(self) -> BulkChange:
        found: BulkChange = self.find(
            BulkChange.objects.select_related("tag", "organization", "made_by"), pk=self.kwargs["pk"]
        )
        return found

    def get_page_title(self) -> str:
        return _("Undo: %(tag)s") % {"tag": self.change.tag}

    def consequences(self) -> list[str]:
        if self.change.undone_at:
            return [_("This was undone already.")]
        left = self.change.taggings.count()
        return [
            *choosing.in_words(self.change.chosen),
            ngettext(
                "%(count)d supporter who got the tag “%(tag)s” by this loses it again.",
                "%(count)d supporters who got the tag “%(tag)s” by this lose it again.",
                left,
            )
            % {"count": left, "tag": self.change.tag},
            _("Whoever had it before keeps it."),
        ]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        gone = tagging.undo(change=self.change, by=self.user, now=self.now)
        return ngettext(
            "%(count)d supporter has lost the tag again.",
            "%(count)d supporters have lost the tag again.",
            gone,
        ) % {"count": gone}


# --- Custom fields --------------------------------------------------------------------------------


class Fields(StaffList):
    """The organization's own questions about supporters."""

    least_role = Role.ADMINISTRATOR
    page_title = gettext_lazy("Custom fields")
    header_icon = "form"
    index_url_name = "staff_fields"
    index_results_url_name = "staff_fields_results"
    search_fields = ["label", "key"]
    default_ordering = "label"
    verbose_name_plural = gettext_lazy("custom fields")
    columns = [
        TitleColumn(
            "label",
            label=gettext_lazy("Asks"),
            get_url=lambda row: reverse("staff_field", args=[row.pk]),
            sort_key="label",
        ),
        Column("key", label=gettext_lazy("Column in lists"), classname="staff-wide"),
        Column("kind", label=gettext_lazy("Kind"), accessor="get_kind_display"),
        Column("privacy", label=gettext_lazy("Privacy"), accessor=lambda row: _PRIVACY[row.privacy]),
        Column("answers", label=gettext_lazy("Answers")),
        Column("organization", label=gettext_lazy("Organization"), accessor="organization.name"),
    ]

    def rows(self) -> QuerySet[CustomField]:
        mine = CustomField.objects.filter(organization__in=self.organizations)
        return mine.select_related("organization").annotate(answers=Count("values"))

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Add a field"), url=reverse("staff_field_add"), icon_name="plus")]


class AddField(StaffDeed):
    """A new field."""

    least_role = Role.ADMINISTRATOR
    above = (FIELDS,)
    page_title = gettext_lazy("Add a field")
    header_icon = "form"
    form_class = FieldForm
    button = gettext_lazy("Add")

    def consequences(self) -> list[str]:
        return [
            _("Its kind and its privacy cannot be changed later: the answers are kept by them."),
            _(
                "Ask for nothing that you do not need. Health, faith and political views need a reason in law."
            ),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def act(self, form: FieldForm) -> str:
        chosen = form.cleaned_data
        custom_fields.make_field(
            organization=chosen["organization"],
            label=chosen["label"],
            kind=custom_fields.Kind(chosen["kind"]),
            privacy=custom_fields.Privacy(chosen["privacy"]),
            choices=chosen["choices"],
            by=self.user,
            now=self.now,
        )
        return _("The field is added.")


class _OneField(StaffDeed):
    least_role = Role.ADMINISTRATOR
    above = (FIELDS,)
    header_icon = "form"

    @cached_property
    def field(self) -> CustomField:
        found: CustomField = self.find(
            CustomField.objects.select_related("organization"), pk=self.kwargs["pk"]
        )
        return found

    def get_page_title(self) -> str:
        return self.field.label


class ChangeField(_OneField):
    """Another label, other choices; with the way to remove the field."""

    template_name = "supporters/staff/field.html"
    form_class = FieldForm
    button = gettext_lazy("Change")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "field": self.field}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"field": self.field}

    def act(self, form: FieldForm) -> str:
        custom_fields.change_field(
            field=self.field,
            label=form.cleaned_data["label"],
            choices=form.cleaned_data.get("choices", []),
            by=self.user,
            now=self.now,
        )
        return _("The field is changed.")


class RemoveField(_OneField):
    """Forget a field and its answers."""

    button = gettext_lazy("Remove the field")
    serious = True

    def consequences(self) -> list[str]:
        answers = self.field.values.count()
        return [
            ngettext(
                "The field and %(count)d answer to it are removed for good.",
                "The field and %(count)d answers to it are removed for good.",
                answers,
            )
            % {"count": answers}
        ]

    def act(self, form: Form) -> str:  # noqa: ARG002 - there is nothing to fill in
        custom_fields.remove_field(field=self.field, by=self.user, now=self.now)
        return _("The field is gone.")
