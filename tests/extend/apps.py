from django.apps import AppConfig


class ExtendConfig(AppConfig):
    name = "tests.extend"
    label = "extend"
    default_auto_field = "django.db.models.BigAutoField"
