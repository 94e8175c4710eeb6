from django.db import migrations

from amparo.kit.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_evidence")]

    operations = [refuse_changes("cases_figurecorrection")]
