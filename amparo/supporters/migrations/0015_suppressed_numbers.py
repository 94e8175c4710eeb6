from django.db import migrations, models

import amparo.kit.sealed_fields


class Migration(migrations.Migration):
    dependencies = [("supporters", "0014_text_messages")]

    operations = [
        migrations.AddField(
            model_name="suppression",
            name="phone_fingerprint",
            field=amparo.kit.sealed_fields.FingerprintField(
                editable=False,
                help_text="Of a telephone number: as its owner has it, so that audiences are counted without them.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="suppression",
            index=models.Index(
                condition=models.Q(("lifted_at__isnull", True), ("phone_fingerprint__isnull", False)),
                fields=["phone_fingerprint"],
                name="suppressed_numbers",
            ),
        ),
    ]
