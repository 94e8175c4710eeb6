import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("actions", "__first__")]

    operations = [
        migrations.CreateModel(
            name="PledgePage",
            fields=[
                (
                    "actionpage_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="actions.actionpage",
                    ),
                ),
                ("promise", models.CharField(max_length=200)),
            ],
            options={"abstract": False},
            bases=("actions.actionpage",),
        ),
    ]
