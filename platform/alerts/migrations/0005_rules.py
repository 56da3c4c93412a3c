"""Alert rules, what happened to each, and channels that are chosen for an incident."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('alerts', '0004_on_call'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='incident',
            name='channel_ids',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), db_default=[], default=list, size=None),
        ),
        migrations.CreateModel(
            name='AlertRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('metric', models.CharField(max_length=30)),
                ('scope', models.CharField(blank=True, max_length=2000)),
                ('match', models.CharField(blank=True, max_length=2000)),
                ('score', models.CharField(blank=True, max_length=200)),
                ('score_bar', models.FloatField(null=True)),
                ('score_is_most', models.BooleanField(default=False)),
                ('other', models.CharField(blank=True, max_length=200)),
                ('other_bar', models.FloatField(null=True)),
                ('other_is_most', models.BooleanField(default=False)),
                ('subject', models.CharField(blank=True, max_length=40)),
                ('condition', models.CharField(choices=[('above', 'is above'), ('below', 'is below'), ('rises', 'rises against before by more than'), ('falls', 'falls against before by more than'), ('silent', 'stays away')], max_length=10)),
                ('amount', models.DecimalField(decimal_places=9, default=0, max_digits=30)),
                ('is_percent', models.BooleanField(default=True)),
                ('baseline', models.CharField(blank=True, choices=[('day', 'the same time the day before'), ('week', 'the same time a week before'), ('median', 'the median of the same time on the days before')], max_length=10)),
                ('baseline_days', models.SmallIntegerField(default=7)),
                ('window_minutes', models.IntegerField(default=60)),
                ('least', models.IntegerField(default=0)),
                ('breaches', models.SmallIntegerField(default=1)),
                ('windows', models.SmallIntegerField(default=1)),
                ('clear_minutes', models.IntegerField(default=10)),
                ('severity', models.CharField(choices=[('info', 'Info'), ('ticket', 'Ticket'), ('page', 'Page')], default='ticket', max_length=6)),
                ('feature', models.CharField(blank=True, max_length=200)),
                ('runbook_url', models.CharField(blank=True, max_length=500)),
                ('is_enabled', models.BooleanField(default=True)),
                ('muted_until', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('new', 'Has not looked yet'), ('fine', 'Fine'), ('firing', 'Firing'), ('unknown', 'Cannot tell')], default='new', max_length=8)),
                ('since', models.DateTimeField(null=True)),
                ('fine_since', models.DateTimeField(null=True)),
                ('has_seen', models.BooleanField(default=False)),
                ('evaluated_at', models.DateTimeField(null=True)),
                ('next_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_value', models.DecimalField(decimal_places=9, max_digits=40, null=True)),
                ('last_bar', models.DecimalField(decimal_places=9, max_digits=40, null=True)),
                ('last_count', models.BigIntegerField(null=True)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('channels', models.ManyToManyField(related_name='+', to='alerts.channel')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('incident', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='alerts.incident')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.project')),
            ],
        ),
        migrations.CreateModel(
            name='RuleEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('fired', 'Fired'), ('over', 'Over')], max_length=5)),
                ('at', models.DateTimeField()),
                ('value', models.DecimalField(decimal_places=9, max_digits=40, null=True)),
                ('bar', models.DecimalField(decimal_places=9, max_digits=40, null=True)),
                ('count', models.BigIntegerField(default=0)),
                ('was_muted', models.BooleanField(default=False)),
                ('incident', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='alerts.incident')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='alerts.alertrule')),
            ],
        ),
        migrations.AddIndex(
            model_name='alertrule',
            index=models.Index(condition=models.Q(('is_enabled', True)), fields=['next_at'], name='alert_rule_due'),
        ),
        migrations.AddConstraint(
            model_name='alertrule',
            constraint=models.UniqueConstraint(fields=('project', 'name'), name='alert_rule_name_once'),
        ),
        migrations.AddConstraint(
            model_name='ruleevent',
            constraint=models.UniqueConstraint(fields=('rule', 'at', 'kind'), name='alert_rule_event_once'),
        ),
    ]
