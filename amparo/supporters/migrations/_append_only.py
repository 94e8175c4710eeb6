from django.db import migrations

from amparo.kit.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("supporters", "")]

    operations = [refuse_changes("supporters_consentrecord")]
