import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("actions", "0004_bundles_and_answers"), ("supporters", "0005_lapse_and_merge")]

    operations = [
        migrations.AddField(
            model_name="action",
            name="superseded_by_merge",
            field=models.ForeignKey(
                help_text="The merge by which it became a second action of one person on one page.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="supporters.merge",
            ),
        ),
    ]
