from django.apps import AppConfig


class ToyboxConfig(AppConfig):
    name = "tests.toybox"
    label = "toybox"
    default_auto_field = "django.db.models.BigAutoField"
