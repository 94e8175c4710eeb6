"""What is asked with every signature is answered by an index, however many there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("actions", "0015_actions_by_person")]

    operations = [
        migrations.AddIndex(
            model_name="confirmation",
            index=models.Index(fields=["address_mark", "used_at"], name="confirmations_by_address"),
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(
                condition=models.Q(("is_test", False), ("state", "pending")),
                fields=["page", "supporter", "state", "is_test"],
                name="actions_awaiting",
            ),
        ),
    ]
