"""Channels with what is sent to them, incidents with their steps, wishes of projects."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('prompts', '0005_versions_say_when_they_were_made'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_leaves', models.BooleanField(default=False)),
                ('escalate_minutes', models.IntegerField(default=15)),
                ('fold_minutes', models.IntegerField(default=10)),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.project')),
            ],
            options={
                'verbose_name_plural': 'alert settings',
            },
        ),
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('email', 'Email'), ('slack', 'Slack'), ('pagerduty', 'PagerDuty'), ('webhook', 'Webhook')], max_length=10)),
                ('name', models.CharField(max_length=100)),
                ('addresses', django.contrib.postgres.fields.ArrayField(base_field=models.EmailField(max_length=254), blank=True, default=list, size=None)),
                ('url', models.CharField(blank=True, max_length=500)),
                ('secret', models.TextField(blank=True)),
                ('least_severity', models.CharField(choices=[('info', 'Info'), ('ticket', 'Ticket'), ('page', 'Page')], default='ticket', max_length=6)),
                ('is_enabled', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('deleted_at', models.DateTimeField(null=True)),
                ('last_at', models.DateTimeField(null=True)),
                ('last_status', models.IntegerField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=300)),
                ('failing_since', models.DateTimeField(null=True)),
                ('failures', models.IntegerField(default=0)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.project')),
            ],
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(max_length=200)),
                ('feature', models.CharField(blank=True, max_length=200)),
                ('sentence', models.CharField(max_length=500)),
                ('severity', models.CharField(choices=[('info', 'Info'), ('ticket', 'Ticket'), ('page', 'Page')], max_length=6)),
                ('state', models.CharField(choices=[('open', 'Open'), ('acknowledged', 'Acknowledged'), ('snoozed', 'Snoozed'), ('resolved', 'Resolved')], default='open', max_length=12)),
                ('origin', models.CharField(choices=[('unknown', 'Not known yet'), ('us', 'Our own change'), ('provider', 'The provider'), ('traffic', 'The traffic'), ('judge', 'The judge')], default='unknown', max_length=8)),
                ('evidence', models.JSONField(default=dict)),
                ('runbook_url', models.CharField(blank=True, max_length=500)),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('times_seen', models.IntegerField(default=1)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('snoozed_until', models.DateTimeField(null=True)),
                ('escalate_at', models.DateTimeField(null=True)),
                ('escalations', models.IntegerField(default=0)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('last_number', models.IntegerField(default=0)),
                ('implicated', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='prompts.labelmove')),
                ('lead', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='folded', to='alerts.incident')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.project')),
            ],
        ),
        migrations.CreateModel(
            name='IncidentStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('kind', models.CharField(choices=[('opened', 'opened'), ('seen', 'seen again'), ('worsened', 'became more severe'), ('folded', 'another cause folded in'), ('acknowledged', 'acknowledged'), ('assigned', 'assigned'), ('snoozed', 'snoozed'), ('reopened', 'open again'), ('escalated', 'escalated'), ('rolled_back', 'rolled back'), ('resolved', 'resolved')], max_length=12)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by_label', models.CharField(max_length=320)),
                ('text', models.CharField(blank=True, max_length=1000)),
                ('details', models.JSONField(default=dict)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='alerts.incident')),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.CharField(max_length=40, unique=True)),
                ('body', models.TextField()),
                ('state', models.CharField(choices=[('due', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('unsure', 'Perhaps delivered')], default='due', max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, null=True)),
                ('claim', models.CharField(blank=True, max_length=16)),
                ('tries', models.IntegerField(default=0)),
                ('last_at', models.DateTimeField(null=True)),
                ('last_status', models.IntegerField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=300)),
                ('last_duration_ms', models.IntegerField(null=True)),
                ('response_start', models.TextField(blank=True)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='alerts.channel')),
                ('incident', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='alerts.incident')),
                ('step', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='alerts.incidentstep')),
            ],
            options={
                'verbose_name_plural': 'alert deliveries',
            },
        ),
        migrations.AddIndex(
            model_name='channel',
            index=models.Index(condition=models.Q(('deleted_at', None)), fields=['project'], name='alert_channel_live'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['project', '-id'], name='incident_newest'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(condition=models.Q(('escalate_at__isnull', False)), fields=['escalate_at'], name='incident_escalates'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(condition=models.Q(('state', 'snoozed')), fields=['snoozed_until'], name='incident_snoozed'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'resolved'), _negated=True), fields=('project', 'cause'), name='incident_open_once'),
        ),
        migrations.AddConstraint(
            model_name='incidentstep',
            constraint=models.UniqueConstraint(fields=('incident', 'number'), name='incident_step_once'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'due')), fields=['due_at'], name='alert_delivery_due'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['channel', '-id'], name='alert_delivery_newest'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('step', 'channel'), name='alert_delivery_once'),
        ),
    ]
