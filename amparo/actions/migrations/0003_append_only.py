from django.db import migrations

from amparo.kit.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("actions", "0002_initial")]

    operations = [refuse_changes("actions_messageevent")]
