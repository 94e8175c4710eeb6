from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "amparo.organizations"
    label = "organizations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amparo.kit import sealing
        from amparo.organizations.keys import data_key

        sealing.set_data_key_source(data_key)
