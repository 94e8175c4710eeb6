from django.db import migrations, models

from amparo.kit.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("supporters", "0004_preference_centre")]

    operations = [
        migrations.AddField(
            model_name="consentrecord",
            name="given_on",
            field=models.DateField(help_text="When it was said, where that was before it was written here.", null=True),
        ),
        migrations.AlterField(
            model_name="consentrecord",
            name="origin",
            field=models.CharField(
                choices=[
                    ("form", "A form, confirmed from the mailbox"),
                    ("preferences", "The preference centre"),
                    ("one-click", "The unsubscribe button of a mail"),
                    ("import", "A list that was brought in"),
                    ("staff", "Staff, as asked by the person"),
                    ("complaint", "Marked as junk by the reader"),
                    ("undone", "An import or a merge that was undone"),
                    ("lapsed", "The time for which the law lets it hold was over"),
                ],
                default="form",
                max_length=12,
            ),
        ),
        refuse_changes("supporters_consentrecord"),
        migrations.AddField(
            model_name="merge",
            name="tags_given",
            field=models.JSONField(default=list, help_text="Tags that the survivor got by it, and loses when it is undone."),
        ),
    ]
