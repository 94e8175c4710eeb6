from django.apps import AppConfig


class SupportersConfig(AppConfig):
    name = "amparo.supporters"
    label = "supporters"
    default_auto_field = "django.db.models.BigAutoField"
