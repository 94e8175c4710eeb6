from django.db import migrations

from amparo.accounts import second_factor_seal


def _changed(data, change):
    """The same data with its secrets sealed, or unsealed."""
    fresh = dict(data)
    for name in ("secret", "seed"):
        if name in fresh:
            fresh[name] = change(fresh[name])
    if "migrated_codes" in fresh:
        fresh["migrated_codes"] = [change(code) for code in fresh["migrated_codes"]]
    return fresh


def _rewrite(apps, change):
    for row in apps.get_model("mfa", "Authenticator").objects.exclude(type="webauthn"):
        row.data = _changed(row.data, change)
        row.save(update_fields=["data"])


def seal(apps, schema_editor):
    def once(text):
        return text if text.startswith(second_factor_seal.PREFIX) else second_factor_seal.seal(text)

    _rewrite(apps, once)


def unseal(apps, schema_editor):
    _rewrite(apps, second_factor_seal.unseal)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_audit_chain"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [migrations.RunPython(seal, unseal)]
