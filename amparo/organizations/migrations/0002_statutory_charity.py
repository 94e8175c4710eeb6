from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="is_statutory_charity",
            field=models.BooleanField(
                default=False,
                help_text="Only a charity by the law of its country may write to people who did not say yes and did not say no (the soft opt-in). Leave it out when you are not sure.",
                verbose_name="registered charity",
            ),
        ),
    ]
