-- The vault: sealed bytes that the gateway can write and not read. Its own database, its own roles.
create schema vault;

-- One P-256 key pair per organization and version: the public half seals, the private half is wrapped by the
-- deployment's root key and opened only by the worker that delivers to third parties.
create table vault.organization_keys (
  org_id uuid not null,
  version integer not null check (version >= 1),
  public_key bytea not null,
  wrapped_private_key bytea not null,
  created_at timestamptz not null default now(),
  primary key (org_id, version)
);

create table vault.secrets (
  org_id uuid not null,
  integration_id uuid not null,
  name text not null check (name ~ '^[A-Za-z0-9_.-]{1,100}$'),
  version integer not null check (version >= 1),
  key_version integer not null,
  sealed bytea not null check (octet_length(sealed) <= 20000),
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, integration_id, name),
  foreign key (org_id, key_version) references vault.organization_keys (org_id, version) on delete restrict
);

alter table vault.organization_keys enable row level security;
alter table vault.organization_keys force row level security;
alter table vault.secrets enable row level security;
alter table vault.secrets force row level security;

create policy visible on vault.organization_keys for select to bulkhead_vault_writer, bulkhead_vault_reader
  using (org_id = (select app.org_id()));
create policy created on vault.organization_keys for insert to bulkhead_vault_reader
  with check (org_id = (select app.org_id()));

create policy visible on vault.secrets for select to bulkhead_vault_writer, bulkhead_vault_reader
  using (org_id = (select app.org_id()) and 'SECRET/' || integration_id like any ((select app.visible('SECRET'))::text[]));
create policy created on vault.secrets for insert to bulkhead_vault_writer
  with check (org_id = (select app.org_id()) and 'SECRET/' || integration_id like any ((select app.changeable('SECRET', 'write'))::text[]));
create policy changed on vault.secrets for update to bulkhead_vault_writer
  using (org_id = (select app.org_id()) and 'SECRET/' || integration_id like any ((select app.changeable('SECRET', 'write'))::text[]));
create policy removed on vault.secrets for delete to bulkhead_vault_writer
  using (org_id = (select app.org_id()) and 'SECRET/' || integration_id like any ((select app.changeable('SECRET', 'write'))::text[]));

-- The vault knows no API keys; that a key is still active was checked in the operational database of the same request.
create function app.enter(signed_context text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('app.context', signed_context, true);
  if app.verified() is null then raise exception 'context refused' using errcode = 'BH001'; end if;
end $$;

revoke all on all functions in schema app, platform from public;
grant usage on schema app, vault to bulkhead_vault_writer, bulkhead_vault_reader;
grant execute on function app.context(), app.org_id(), app.visible(text), app.changeable(text, text), app.enter(text)
  to bulkhead_vault_writer, bulkhead_vault_reader;
grant select (org_id, version, public_key, created_at) on vault.organization_keys to bulkhead_vault_writer;
grant select, insert on vault.organization_keys to bulkhead_vault_reader;
grant select (org_id, integration_id, name, version, key_version, created_at, created_by, updated_at, updated_by),
  insert, update (version, key_version, sealed, updated_at, updated_by), delete on vault.secrets to bulkhead_vault_writer;
grant select on vault.secrets to bulkhead_vault_reader;
