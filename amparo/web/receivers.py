"""What the face of the site does when a lower floor announces something."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.models import Site
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from amparo.content.known_routes import forget_routes
from amparo.content.known_sites import forget_sites
from amparo.content.models import SiteIdentity
from amparo.organizations.models import Organization
from amparo.web.page_cache import forget_pages


@receiver([page_published, page_unpublished, page_slug_changed, post_page_move])
@receiver([post_save, post_delete], sender=SiteIdentity)
@receiver([post_save, post_delete], sender=Site)
@receiver([post_save], sender=Organization)
def forget_pages_after_a_change(**kwargs: Any) -> None:  # noqa: ARG001
    """What was published a moment ago is what readers see; only after the commit, or an old page would be
    kept again.
    """
    forget_sites()
    forget_routes()
    transaction.on_commit(forget_pages)
