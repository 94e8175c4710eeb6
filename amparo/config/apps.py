from django.apps import AppConfig


class AssemblyConfig(AppConfig):
    """Finds what upper floors offer, once every app is loaded, and refuses what no letter could leave through."""

    name = "amparo.config"
    label = "assembly"

    def ready(self) -> None:
        from amparo.config.engines import refuse_bad_smtp_url, wire_the_bell
        from amparo.kit.registry import discover

        for name in ("lines_of_work", "notice_kinds", "receivers"):
            discover(name)
        refuse_bad_smtp_url()
        wire_the_bell()
