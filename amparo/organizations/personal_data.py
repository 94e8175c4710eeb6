"""What this floor keeps about people, column by column (see `kit/personal_data.py`)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amparo.kit.personal_data import Kind, Rule, Term, Who, declare, rules, stays
from amparo.organizations import limits

declare(
    "organizations.Organization",
    title=_("The organization's own addresses"),
    about=Who.OFFICE,
    why=_("To say who writes and how to answer; printed on every page."),
    kept=Term(_("As long as the organization is here.")),
    fields=[
        stays(Kind.CONTACT, "sender_name", "sender_email", "contact_email", "postal_address"),
        stays(Kind.NOT_PERSONAL, "id", "name", "slug", "jurisdiction", "locale", "time_zone", "boilerplate"),
        stays(
            Kind.TECHNICAL,
            "is_statutory_charity",
            "second_person_above",
            "quiet_from",
            "quiet_until",
            "wrapped_data_key",
            "sending_paused_at",
            "created_at",
        ),
    ],
)

declare(
    "organizations.AttemptCount",
    title=_("Counts for limits"),
    about=Who.NOBODY,
    why=_("To keep robots out. The mark is keyed, changes daily and leads back to nobody."),
    kept=Term(_("Two days."), limits.COUNTS_KEPT),
    fields=[stays(Kind.TECHNICAL, "id", "limit", "mark", "window_start", "count")],
)

rules.register("limits")(Rule(_("counts for limits"), limits.COUNTS_KEPT, limits.forget_old))
