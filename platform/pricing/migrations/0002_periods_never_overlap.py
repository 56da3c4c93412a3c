"""The database itself refuses two prices for one thing at one time.

An exclusion constraint would need btree_gist, which the embedded PostgreSQL does not have. The
trigger takes the lock that the services take, so that of two writers the later sees the earlier.
"""

from django.db import migrations

REFUSE = """
create function price_refuse_overlap() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('prices'), (new.project_id % 2147483647)::int);
  if exists (
    select 1 from pricing_price p
    where p.project_id = new.project_id and p.provider = new.provider
      and p.pattern = new.pattern and p.id <> new.id
      and tstzrange(p.valid_from, p.valid_to) && tstzrange(new.valid_from, new.valid_to)
  ) then
    raise exception 'two prices of % at one time', new.pattern using errcode = 'exclusion_violation';
  end if;
  return new;
end $$;
create trigger price_no_overlap
  before insert or update of project_id, provider, pattern, valid_from, valid_to on pricing_price
  for each row execute function price_refuse_overlap();
"""
ALLOW = """
drop trigger price_no_overlap on pricing_price;
drop function price_refuse_overlap();
"""


class Migration(migrations.Migration):
    dependencies = [("pricing", "0001_prices")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
