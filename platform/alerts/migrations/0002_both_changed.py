"""An incident may be our own change and the provider's."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0001_incidents_and_channels'),
    ]

    operations = [
        migrations.AlterField(
            model_name='incident',
            name='origin',
            field=models.CharField(choices=[('unknown', 'Not known yet'), ('us', 'Our own change'), ('provider', 'The provider'), ('traffic', 'The traffic'), ('both', 'Ours and the provider’s'), ('judge', 'The judge')], default='unknown', max_length=8),
        ),
    ]
