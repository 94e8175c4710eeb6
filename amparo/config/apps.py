from django.apps import AppConfig
from django.core import checks


class AssemblyConfig(AppConfig):
    """Finds what upper floors offer, once every app is loaded, and refuses what no letter could leave through."""

    name = "amparo.config"
    label = "assembly"

    def ready(self) -> None:
        from amparo.config.engines import refuse_bad_smtp_url, wire_the_bell
        from amparo.kit.registry import discover
        from amparo.kit.undeclared import check_declarations

        for name in (
            "added_forms",
            "automation_kinds",
            "brace_words",
            "cautions",
            "lines_of_work",
            "mail_blocks",
            "mailing_fields",
            "mailing_results",
            "notice_kinds",
            "page_pieces",
            "personal_data",
            "receivers",
            "segment_filters",
            "supporter_record",
            "target_facts",
            "text_providers",
        ):
            discover(name)
        checks.register(check_declarations)
        refuse_bad_smtp_url()
        wire_the_bell()
