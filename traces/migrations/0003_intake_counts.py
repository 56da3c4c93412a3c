"""What arrived, by minute and SDK, for the page Intake."""


import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0002_feedback_and_settling'),
    ]

    operations = [
        migrations.CreateModel(
            name='IntakeCount',
            fields=[
                ('pk', models.CompositePrimaryKey('project_id', 'minute', 'client', 'version', 'dialect', blank=True, editable=False, primary_key=True, serialize=False)),
                ('project_id', models.BigIntegerField()),
                ('minute', models.DateTimeField()),
                ('client', models.TextField()),
                ('version', models.TextField()),
                ('dialect', models.TextField()),
                ('requests', models.BigIntegerField()),
                ('spans', models.BigIntegerField()),
                ('refused', models.BigIntegerField()),
                ('rejected', models.BigIntegerField()),
                ('cut', models.BigIntegerField()),
                ('clamped', models.BigIntegerField()),
                ('last_at', models.DateTimeField()),
                ('lags', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ],
            options={
                'db_table': 'intake_count',
                'indexes': [models.Index(fields=['minute'], name='intake_count_minute')],
            },
        ),
    ]
