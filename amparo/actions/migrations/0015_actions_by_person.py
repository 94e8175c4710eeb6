"""How often each person acted, in the order of people: segments join with it (`supporters.listed`)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("actions", "0014_reminders_to_confirm")]

    operations = [
        migrations.AddIndex(
            model_name="action",
            index=models.Index(
                condition=models.Q(("is_test", False), ("state", "confirmed")),
                fields=["organization", "supporter", "taken_at", "state", "is_test"],
                name="actions_by_person",
            ),
        ),
    ]
