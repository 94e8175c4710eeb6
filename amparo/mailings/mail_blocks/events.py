"""Where people meet: what, on which day and at which hour, and where; with a way to say that one comes."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from amparo.mailings.composer.block_kinds import Drawn, MailBlock, mail_blocks
from amparo.mailings.composer.plain_words import link, underlined
from amparo.mailings.mail_blocks.asks import to_page_or_address
from amparo.organizations.quiet_hours import clock
from amparo.supporters.spells import DateInput

if TYPE_CHECKING:
    from amparo.mailings.composer.frame import Frame
    from amparo.organizations.models import Organization


class _Day(blocks.DateBlock):
    """The browser's own calendar; kept as it is written in JSON."""

    @cached_property
    def field(self) -> forms.DateField:
        return forms.DateField(widget=DateInput(), **self.field_options)

    def get_prep_value(self, value: date | str | None) -> str | None:
        return value.isoformat() if isinstance(value, date) else value


class _Hour(blocks.TimeBlock):
    """The browser's own clock; kept as it is written in JSON."""

    @cached_property
    def field(self) -> forms.TimeField:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        return forms.TimeField(widget=widget, **self.field_options)

    def get_prep_value(self, value: time | str | None) -> str | None:
        return f"{value:%H:%M}" if isinstance(value, time) else value


class EventFields(blocks.StructBlock):
    """One of the two addresses, or none: not everything needs a form."""

    title = blocks.CharBlock(max_length=120, label=gettext_lazy("What"))
    day = _Day(label=gettext_lazy("Day"))
    hour = _Hour(label=gettext_lazy("Hour"), help_text=gettext_lazy("By your organization’s clock."))
    place = blocks.CharBlock(
        max_length=200,
        label=gettext_lazy("Where"),
        help_text=gettext_lazy("As somebody finds it who has never been there; or “Online”."),
    )
    text = blocks.CharBlock(
        required=False,
        max_length=60,
        label=gettext_lazy("Link"),
        help_text=gettext_lazy("Such as “I am coming”."),
    )
    page = blocks.PageChooserBlock(required=False, label=gettext_lazy("Leads to a page"))
    url = blocks.URLBlock(
        required=False, label=gettext_lazy("Or an address elsewhere"), help_text="https://…"
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        to_page_or_address(cleaned, is_needed=bool(cleaned["text"]))
        return cleaned


@mail_blocks.register("event")
class Event(MailBlock):
    label = gettext_lazy("Event")
    icon = "date"
    order = 45
    asks = True

    def fields(self, organization: Organization) -> blocks.Block:  # noqa: ARG002
        return EventFields()

    def draw(self, value: Any, frame: Frame) -> Drawn | None:
        begins = _begins(value, frame)
        if begins is None:
            return None
        title, place = value["title"], value["place"]
        day = f"{date_format(begins, 'l')} {date_format(begins, _('j F Y'))}"
        when = f"{day} · {begins:%H:%M} ({begins:%Z})"
        page, url = value["page"], value["url"]
        address = frame.link_to(page) if page is not None else frame.marked(url) if url else ""
        words = value["text"] or title
        html = frame.draw(
            "mailings/blocks/event.html", title=title, when=when, place=place, url=address, text=words
        )
        lines = [underlined(title), when, place, link(words, address) if address else ""]
        return Drawn(html, "\n".join(filter(None, lines)))

    def complaints(self, value: Any, frame: Frame) -> list[str]:
        begins = _begins(value, frame)
        if begins is None:
            return [_("An event has no day or no hour: it is left out.")]
        if begins < frame.now:
            return [_("“%(event)s” is over.") % {"event": value["title"]}]
        return []


def _begins(value: Any, frame: Frame) -> datetime | None:
    """By the organization's clock."""
    if value["day"] is None or value["hour"] is None:
        return None
    return datetime.combine(value["day"], value["hour"], clock(frame.organization))
