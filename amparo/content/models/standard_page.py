from __future__ import annotations

from amparo.content.models.base_page import BasePage


class StandardPage(BasePage):
    """A page to be read: about us, privacy, how we work."""

    template = "web/standard_page.html"
