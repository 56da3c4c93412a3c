"""The database itself refuses to change what a target says once it is proposed."""

from django.db import migrations

# The links to persons and keys may go with them; their names stay.
REFUSE = """
create function feature_target_refuse() returns trigger language plpgsql as $$
declare
  free text[] := array['state', 'author_id', 'made_with_id', 'approver_id', 'replaced_at'];
begin
  if old.state = 'draft' then
    return new;
  end if;
  if old.state = 'proposed' then
    free := free || array['approver_label', 'decided_at', 'note'];
  elsif new.state <> old.state and not (old.state = 'approved' and new.state = 'replaced') then
    raise exception 'a target that was decided stays so; write a new one'
      using errcode = 'insufficient_privilege';
  end if;
  if to_jsonb(old) - free is distinct from to_jsonb(new) - free then
    raise exception 'a target never changes once it is proposed; write a new one'
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger feature_target_frozen before update on features_target
  for each row execute function feature_target_refuse();
"""
ALLOW = """
drop trigger feature_target_frozen on features_target;
drop function feature_target_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("features", "0001_registry_and_targets")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
