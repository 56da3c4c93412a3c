"""The database itself refuses to change or remove an audit entry."""

from django.db import migrations

REFUSE = """
create function audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are append-only (% refused)', lower(tg_op)
    using errcode = 'insufficient_privilege';
end $$;
create trigger audit_append_only before update or delete on audit_auditentry
  for each row execute function audit_refuse();
create trigger audit_no_truncate before truncate on audit_auditentry
  for each statement execute function audit_refuse();
"""
ALLOW = """
drop trigger audit_no_truncate on audit_auditentry;
drop trigger audit_append_only on audit_auditentry;
drop function audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
