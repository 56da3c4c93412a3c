"""Notices of persons, how they want them, and the projects they want none of."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('notices', '0001_webhooks'),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonalNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(max_length=100)),
                ('title', models.CharField(max_length=200)),
                ('link', models.CharField(blank=True, max_length=500)),
                ('because', models.CharField(max_length=300)),
                ('actor_label', models.CharField(blank=True, max_length=120)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('read_at', models.DateTimeField(null=True)),
                ('mail_state', models.CharField(choices=[('none', 'Not by mail'), ('due', 'Mail waits'), ('sending', 'Mail is being sent'), ('sent', 'Mailed'), ('unsure', 'Perhaps mailed'), ('failed', 'Mail failed')], default='none', max_length=10)),
                ('mail_due_at', models.DateTimeField(null=True)),
                ('mail_tries', models.IntegerField(default=0)),
                ('mail_at', models.DateTimeField(null=True)),
                ('mail_error', models.CharField(blank=True, max_length=300)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.project')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-id'], name='notice_newest'), models.Index(condition=models.Q(('read_at', None)), fields=['user'], name='notice_unread'), models.Index(condition=models.Q(('mail_state__in', ['due', 'sending'])), fields=['mail_due_at'], name='notice_mail_due'), models.Index(fields=['created_at'], name='notice_age')],
            },
        ),
        migrations.CreateModel(
            name='NoticeWish',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(max_length=100)),
                ('wish', models.CharField(choices=[('mail', 'In the product and by mail'), ('product', 'In the product'), ('off', 'Off')], max_length=10)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'notice wishes',
                'constraints': [models.UniqueConstraint(fields=('user', 'event'), name='notice_wish_once')],
            },
        ),
        migrations.CreateModel(
            name='MutedProject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.project')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'project'), name='notice_mute_once')],
            },
        ),
    ]
