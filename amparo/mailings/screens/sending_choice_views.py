"""What staff choose about the sending of a mailing: how fast, which subject for whom, and once more for whom."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts.models import Role
from amparo.mailings import audience, resending, steering, subject_tests, targeting
from amparo.mailings.screens import sending_words
from amparo.mailings.screens.mailing_screens import SteeringDeed
from amparo.mailings.screens.sending_forms import PaceForm, TestForm, WinnerForm, WriteAgainForm
from amparo.supporters.models import Channel


class ChoosePace(SteeringDeed):
    """How fast it goes out."""

    page_title = gettext_lazy("How fast it goes out")
    form_class = PaceForm
    button = gettext_lazy("Save")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "channel": self.mailing.channel}

    def get_initial(self) -> dict[str, Any]:
        mailing = self.mailing
        return {
            "per_minute": mailing.per_minute,
            "per_domain": "\n".join(f"{domain} {most}" for domain, most in mailing.per_domain.items()),
            "per_day": ", ".join(str(most) for most in mailing.per_day),
        }

    def consequences(self) -> list[str]:
        return [
            _("Leave everything empty unless your mail server or a provider asks for less."),
            _("Urgent mailings go before this one whatever you write here."),
        ]

    def act(self, form: Any) -> str:
        told = {"per_domain": {}, "per_day": [], **form.cleaned_data}
        targeting.choose_pace(mailing=self.mailing, **told, by=self.user, now=self.now)
        return _("It is saved.")


class TrySubjects(SteeringDeed):
    """On whom several subjects are tried, and when the others get the better one."""

    page_title = gettext_lazy("Try the subjects")
    form_class = TestForm
    button = gettext_lazy("Save")

    def get_initial(self) -> dict[str, Any]:
        mailing = self.mailing
        if not mailing.variant_shares:
            return {}
        return {"share": sum(map(int, mailing.variant_shares.values())), "hours": mailing.test_hours or 4}

    def consequences(self) -> list[str]:
        mailing = self.mailing
        fewest = subject_tests.FEWEST_ACTED
        if mailing.texts.values("variant").distinct().count() < 2:
            return [str(subject_tests.NothingToTry.sentence)]
        said = [
            _(
                "What decides is how many readers acted, of every thousand delivered. Who opened a mail nobody"
                " knows, and it counts for nothing."
            ),
            _(
                "Where it is equal, or fewer than %(fewest)d people acted in all, the others get the first subject."
            )
            % {"fewest": fewest},
            _("You see the figures meanwhile, and can choose one earlier."),
        ]
        if mailing.segment_id is not None:
            people = audience.forecast(mailing=mailing, now=self.now).sendable
            known = ngettext(
                "%(people)d person would get this mailing now.",
                "%(people)d people would get this mailing now.",
                people,
            )
            said.append(known % {"people": people})
        return said

    def act(self, form: Any) -> str:
        subject_tests.choose(mailing=self.mailing, **form.cleaned_data, by=self.user, now=self.now)
        return _("It is saved.")


class ChooseWinner(SteeringDeed):
    """Decide which variant the others get."""

    least_role = Role.APPROVER
    page_title = gettext_lazy("Choose the better variant")
    form_class = WinnerForm
    button = gettext_lazy("Send this one to the others")

    def get_form_kwargs(self) -> dict[str, Any]:
        choices = [
            (
                one.variant,
                _("%(variant)s: %(subject)s (%(acted)d acted, of %(delivered)d who have it)")
                % {
                    "variant": one.variant,
                    "subject": one.subject,
                    "acted": one.acted,
                    "delivered": one.delivered,
                },
            )
            for one in subject_tests.tried(self.mailing)
        ]
        return {**super().get_form_kwargs(), "variants": choices}

    def consequences(self) -> list[str]:
        return [
            _("Those who waited for the outcome get the variant that you choose."),
            sending_words.decided(self.mailing),
        ]

    def act(self, form: Any) -> str:
        variant = form.cleaned_data["variant"]
        steering.choose_winner(mailing=self.mailing, variant=variant, by=self.user, now=self.now)
        return _("The others get variant %(variant)s.") % {"variant": variant}


class WriteAgain(SteeringDeed):
    """Once more to those who have not acted."""

    page_title = gettext_lazy("Write again to those who have not acted")
    form_class = WriteAgainForm
    button = gettext_lazy("Make the draft")

    @cached_property
    def was_written_again(self) -> bool:
        return resending.was_written_again(self.mailing)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "was_written_again": self.was_written_again}

    def get_initial(self) -> dict[str, Any]:
        return {"name": _("%(name)s, once more") % {"name": self.mailing.name[:100]}}

    def consequences(self) -> list[str]:
        return [
            _("A new draft is made with the same text. Nothing leaves before it is approved."),
            _("It is for those who got this mailing and have not acted since."),
            _("Whoever acted, unsubscribed or called it junk, and from whom it came back, gets nothing."),
            _("Say it in other words than the first time.")
            if self.mailing.channel == Channel.SMS
            else _("It has no subject yet: another one than the first makes the difference."),
        ]

    def act(self, form: Any) -> str:
        told = form.cleaned_data
        self.draft = resending.write_again(
            mailing=self.mailing,
            name=told["name"],
            is_meant=told.get("is_meant", False),
            by=self.user,
            now=self.now,
        )
        said = _("“%(name)s” is there. Write its subject.")
        if self.mailing.channel == Channel.SMS:
            said = _("“%(name)s” is there. Say it in other words.")
        return said % {"name": self.draft.name}

    def after(self) -> str:
        draft = getattr(self, "draft", None)
        return reverse("staff_mailing", args=[draft.pk]) if draft else super().after()


class CopyMailing(SteeringDeed):
    """The same texts for the same people as a new draft."""

    page_title = gettext_lazy("Copy the mailing")
    form_class = WriteAgainForm
    button = gettext_lazy("Copy")

    def get_initial(self) -> dict[str, Any]:
        return {"name": _("%(name)s, copy") % {"name": self.mailing.name}}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "was_written_again": self.mailing.resend_of is not None}

    def consequences(self) -> list[str]:
        first = self.mailing.resend_of
        if first is None:
            return [
                _(
                    "A new draft with the same texts, sender and segment. It is neither approved nor scheduled."
                )
            ]
        return [
            _("A new draft with the same texts and sender. It is neither approved nor scheduled."),
            _("It is for the same people: those who got “%(name)s” and have not acted since.")
            % {"name": first.name},
            _("To write to everybody in the segment, copy “%(name)s” instead.") % {"name": first.name},
        ]

    def act(self, form: Any) -> str:
        told = form.cleaned_data
        self.made = resending.copy(
            mailing=self.mailing,
            name=told["name"],
            is_meant=told.get("is_meant", False),
            by=self.user,
            now=self.now,
        )
        return _("“%(name)s” is there.") % {"name": self.made.name}

    def after(self) -> str:
        return reverse("staff_mailing", args=[getattr(self, "made", self.mailing).pk])
