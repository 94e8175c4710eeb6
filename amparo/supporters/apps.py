from django.apps import AppConfig


class SupportersConfig(AppConfig):
    name = "amparo.supporters"
    label = "supporters"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amparo.supporters import checks  # noqa: F401 - being imported is what registers it
