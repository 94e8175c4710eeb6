"""What staff do with a mailing on its way: choose its audience, hand it on, approve, pause, resume, stop."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts.models import Role
from amparo.mailings import audience, freezing, local_hours, steering, subject_tests, targeting
from amparo.mailings.composer import hints
from amparo.mailings.models import Mailing
from amparo.mailings.screens import sending_words
from amparo.mailings.screens.mailing_screens import SteeringDeed
from amparo.mailings.screens.sending_forms import TO_THINK_BETTER, AudienceForm, HourForm
from amparo.supporters.models import Segment


class ChooseAudience(SteeringDeed):
    """Whom a draft is for."""

    page_title = gettext_lazy("Choose the audience")
    form_class = AudienceForm
    button = gettext_lazy("Save and count")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "mailing": self.mailing}

    def get_initial(self) -> dict[str, Any]:
        mailing = self.mailing
        return {
            "segment": mailing.segment_id,
            "leave_out_takers": bool(mailing.leave_out) or mailing.segment_id is None,
            "urgency": mailing.urgency,
            "unknown_policy": mailing.unknown_policy,
        }

    def consequences(self) -> list[str]:
        if self.mailing.resend_of is not None:
            name = self.mailing.resend_of.name
            return [
                _("It goes to those who got “%(name)s” and have not acted since.") % {"name": name},
                _("Whoever unsubscribed, called it junk, or from whom it came back, gets nothing."),
            ]
        if not Segment.objects.for_organization(self.mailing.organization).exists():
            return [_("There is no segment yet: build one under Supporters → Segments.")]
        return [_("Who is in it is decided when the mailing begins, not now.")]

    def act(self, form: Any) -> str:
        targeting.choose_audience(mailing=self.mailing, **form.cleaned_data, by=self.user, now=self.now)
        people = audience.forecast(mailing=self.mailing, now=self.now).sendable
        said = ngettext("%(people)d person would get it now.", "%(people)d people would get it now.", people)
        return said % {"people": people}


class MakeReady(SteeringDeed):
    """Hand a draft on to whoever approves."""

    page_title = gettext_lazy("Hand it on for approval")
    button = gettext_lazy("It is ready")

    def consequences(self) -> list[str]:
        most = self.mailing.organization.second_person_above
        return [
            _("Nobody can write on it until it is taken back."),
            _("For more than %(most)d people, somebody else than you approves it.") % {"most": most},
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002
        steering.make_ready(mailing=self.mailing, by=self.user, now=self.now)
        return _("It waits for approval.")


class TakeBack(SteeringDeed):
    """Back to the draft."""

    page_title = gettext_lazy("Take it back")
    button = gettext_lazy("Take it back")

    def consequences(self) -> list[str]:
        return [_("It becomes a draft again. An approval no longer holds, and nothing leaves.")]

    def act(self, form: Any) -> str:  # noqa: ARG002
        steering.back_to_draft(mailing=self.mailing, by=self.user, now=self.now)
        return _("It is a draft again.")


class Approve(SteeringDeed):
    """Let it go at an hour."""

    least_role = Role.APPROVER
    page_title = gettext_lazy("Approve the mailing")
    form_class = HourForm
    button = gettext_lazy("Approve it")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "mailing": self.mailing, "now": self.now}

    def consequences(self) -> list[str]:
        mailing = self.mailing
        if mailing.segment_id is None:
            return [str(steering.NothingToSend.sentence)]
        people = audience.forecast(mailing=mailing, now=self.now).sendable
        said = ngettext("%(people)d person gets it.", "%(people)d people get it, once each.", people)
        grave = [hint.sentence for hint in hints.of_mailing(mailing, now=self.now) if hint.is_grave]
        return [
            said % {"people": people},
            *([sending_words.rule(mailing)] if subject_tests.somebody_waits(mailing) else []),
            *sending_words.quiet_hours_of(mailing),
            _("Until it begins, it can be taken back. From then on it can be paused and stopped."),
            *grave,
        ]

    def act(self, form: Any) -> str:
        told, mailing = form.cleaned_data, self.mailing
        moment, local = told["moment"], None
        if told["when"] == "local":
            local = (told["day"], told["hour"])
            moment = local_hours.begins(mailing, day=local[0], hour=local[1], now=self.now, otherwise=moment)
            moment = max(moment, self.now + TO_THINK_BETTER)
        steering.approve(
            mailing=mailing,
            at=moment,
            local=local,
            quiet_hours_broken_because=told.get("because", "") if told.get("in_quiet_hours") else "",
            by=self.user,
            now=self.now,
        )
        return sending_words.leaves(mailing)


class Pause(SteeringDeed):
    """Nothing more leaves."""

    page_title = gettext_lazy("Pause the mailing")
    button = gettext_lazy("Pause it")

    def consequences(self) -> list[str]:
        return [
            _("%(sent)d have it. The other %(queued)d wait until it is resumed.")
            % {"sent": self.came.sent, "queued": self.came.queued}
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002
        steering.pause(mailing=self.mailing, by=self.user, now=self.now)
        return _("It is paused.")


class Resume(SteeringDeed):
    """It goes on where it was."""

    least_role = Role.APPROVER
    page_title = gettext_lazy("Resume the mailing")
    button = gettext_lazy("Go on")

    def consequences(self) -> list[str]:
        return [
            *([self.mailing.trouble] if self.mailing.trouble else []),
            _("The %(queued)d who wait get it. Nobody gets it a second time.") % {"queued": self.came.queued},
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002
        steering.resume(mailing=self.mailing, by=self.user, now=self.now)
        return _("It goes on.")


class Stop(SteeringDeed):
    """For good."""

    page_title = gettext_lazy("Stop the mailing")
    button = gettext_lazy("Stop it for good")
    serious = True

    def consequences(self) -> list[str]:
        if self.mailing.state == Mailing.State.SCHEDULED:
            return [
                _("It has not begun: nobody has it, and nobody gets it."),
                _("This cannot be taken back. To change it and send it later, take it back instead."),
            ]
        return [
            _("%(sent)d have it. The other %(queued)d never get it.")
            % {"sent": self.came.sent, "queued": self.came.queued},
            _("This cannot be taken back; a copy of the mailing can be sent."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002
        steering.stop(mailing=self.mailing, by=self.user, now=self.now)
        return _("It is stopped.")


class AddLateJoiners(SteeringDeed):
    """A second snapshot, asked for."""

    least_role = Role.APPROVER
    page_title = gettext_lazy("Send it to who joined since")
    button = gettext_lazy("Send it to them too")

    def consequences(self) -> list[str]:
        return [
            _("Whoever matches the segment now and was not in the audience gets it as well."),
            _("Who was in it before, however it went, gets nothing by this."),
        ]

    def act(self, form: Any) -> str:  # noqa: ARG002
        frozen = freezing.add_late_joiners(mailing=self.mailing, by=self.user, now=self.now)
        said = ngettext("%(people)d person more gets it.", "%(people)d people more get it.", frozen.people)
        return said % {"people": frozen.people}


class SendToUnknown(SteeringDeed):
    """Those whose answer never came."""

    least_role = Role.APPROVER
    page_title = gettext_lazy("Send it again to those of whom it is not known")
    button = gettext_lazy("Send it to them again")
    serious = True

    def consequences(self) -> list[str]:
        unknown = self.came.unknown
        said = ngettext(
            "It was handed over for %(unknown)d person, and the answer never came.",
            "It was handed over for %(unknown)d people, and the answer never came.",
            unknown,
        )
        return [said % {"unknown": unknown}, _("Some of them may get it a second time.")]

    def act(self, form: Any) -> str:  # noqa: ARG002
        again = steering.send_to_unknown_again(mailing=self.mailing, by=self.user, now=self.now)
        said = ngettext(
            "It is sent again to %(again)d person.", "It is sent again to %(again)d people.", again
        )
        return said % {"again": again}
