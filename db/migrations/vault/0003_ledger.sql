-- Values of secrets that were replaced or deleted, until the ledger outside of the database has them: a database that is
-- put back in time would open them again.
create table platform.unledgered (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  event text not null default 'SECRET_ENDED' check (event = 'SECRET_ENDED'),
  subject text not null,
  at timestamptz not null
);

create function vault.note_ended_value() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- What goes with its whole organization is in the ledger by the deletion.
  if vault.deleting_org() is distinct from old.org_id then
    insert into platform.unledgered (org_id, subject, at) values (old.org_id, old.integration_id || '/' || old.name, now());
  end if;
  return null;
end $$;
create trigger note_ended_value after update of sealed or delete on vault.secrets
  for each row execute function vault.note_ended_value();

create function platform.list_unledgered() returns table (id uuid, org_id uuid, event text, subject text, at text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if app.context()->>'actorType' is distinct from 'SYSTEM' then
    raise exception 'not for this actor' using errcode = 'insufficient_privilege';
  end if;
  return query
    select u.id, u.org_id, u.event, u.subject, to_char(u.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    from platform.unledgered u order by u.at, u.id limit 1000;
end $$;

create function platform.forget_unledgered(ids uuid[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if app.context()->>'actorType' is distinct from 'SYSTEM' or app.context()->>'purpose' is distinct from 'write' then
    raise exception 'not for this actor' using errcode = 'insufficient_privilege';
  end if;
  delete from platform.unledgered u where u.id = any (ids);
end $$;

revoke all on function vault.note_ended_value(), platform.list_unledgered(), platform.forget_unledgered(uuid[]) from public;
grant usage on schema platform to bulkhead_vault_reader;
grant execute on function platform.list_unledgered(), platform.forget_unledgered(uuid[]) to bulkhead_vault_reader;
