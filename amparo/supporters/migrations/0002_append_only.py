from django.db import migrations

from amparo.kit.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("supporters", "0001_initial")]

    operations = [refuse_changes("supporters_consentrecord")]
