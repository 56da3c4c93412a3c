"""A version keeps the tags that were given with it; those that stand have the prompt's."""

import django.contrib.postgres.fields
from django.db import migrations, models

FROM_THE_PROMPT = """
update prompts_promptversion version set tags = prompt.tags
from prompts_prompt prompt where prompt.id = version.prompt_id and prompt.tags <> '{}'
"""


class Migration(migrations.Migration):
    dependencies = [("prompts", "0002_versions_are_frozen")]
    operations = [
        migrations.AddField(
            model_name="promptversion",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=100), default=list, size=None
            ),
        ),
        migrations.RunSQL(FROM_THE_PROMPT, migrations.RunSQL.noop),
    ]
