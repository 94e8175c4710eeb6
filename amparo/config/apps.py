from django.apps import AppConfig


class AssemblyConfig(AppConfig):
    """Finds what upper floors offer, once every app is loaded."""

    name = "amparo.config"
    label = "assembly"

    def ready(self) -> None:
        from amparo.kit.registry import discover

        for name in ("lines_of_work", "notice_kinds", "receivers"):
            discover(name)
