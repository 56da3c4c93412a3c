"""The database itself refuses to change what a version says or to take a number twice."""

from django.db import migrations

REFUSE = """
create function prompt_version_refuse() returns trigger language plpgsql as $$
begin
  if (old.prompt_id, old.number, old.body, old.tools, old.response_schema, old.model, old.parameters,
      old.config, old.variables, old."references", old.content_hash, old.message, old.author_label,
      old.origin, old.created_at)
     is distinct from
     (new.prompt_id, new.number, new.body, new.tools, new.response_schema, new.model, new.parameters,
      new.config, new.variables, new."references", new.content_hash, new.message, new.author_label,
      new.origin, new.created_at) then
    raise exception 'a version of a prompt never changes; make a new one'
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger prompt_version_frozen before update on prompts_promptversion
  for each row execute function prompt_version_refuse();
"""
ALLOW = """
drop trigger prompt_version_frozen on prompts_promptversion;
drop function prompt_version_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("prompts", "0001_registry_and_reviews")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
