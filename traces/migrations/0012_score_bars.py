"""Score definitions have a bar."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0011_more_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='scoredefinition',
            name='bar',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='scoredefinition',
            name='bar_direction',
            field=models.CharField(choices=[('at_least', 'At least'), ('at_most', 'At most')], default='at_least', max_length=10),
        ),
        migrations.AddField(
            model_name='scoredefinition',
            name='passing',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list, size=None),
        ),
    ]
