"""Which spans went with a trace that was sampled away, so that a repeat counts once."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0014_prompts_of_hours'),
    ]

    operations = [
        migrations.AddField(
            'sampledtrace',
            'spans',
            django.contrib.postgres.fields.ArrayField(models.BigIntegerField(), null=True),
        ),
    ]
