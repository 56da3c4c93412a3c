"""Where a file is shown is found by the file."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0003_intake_counts'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='mediause',
            index=models.Index(fields=['project_id', 'media_id'], name='media_use_of'),
        ),
    ]
