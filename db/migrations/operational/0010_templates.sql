-- Templates: how payloads of third parties become readings. Soft-deleted, never removed: no DELETE is granted.
create table app.templates (
  org_id uuid not null references app.organizations (org_id) on delete restrict,
  id uuid not null,
  name text not null check (char_length(name) between 1 and 100),
  description text check (char_length(description) <= 500),
  target text not null check (target in ('THING_DATA')),
  format text not null check (format in ('JSON_POINTER', 'JAVASCRIPT_HANDLER')),
  spec jsonb not null,
  tags text[] not null default '{}',
  revision integer not null default 1 check (revision >= 1),
  deleted_at timestamptz,
  deleted_by text,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, id),
  unique (org_id, target, format, id)
);

-- What a template said at each of its revisions, the current one too: no UPDATE and no DELETE is granted.
create table app.template_revisions (
  org_id uuid not null,
  id uuid not null,
  template_id uuid not null,
  target text not null,
  format text not null,
  revision integer not null check (revision >= 1),
  name text not null check (char_length(name) between 1 and 100),
  description text check (char_length(description) <= 500),
  spec jsonb not null,
  tags text[] not null default '{}',
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (org_id, id),
  unique (org_id, template_id, revision),
  foreign key (org_id, target, format, template_id)
    references app.templates (org_id, target, format, id) on delete restrict
);

-- As for places: ids are looked up as arrays, and an id implies its organization.
create statistics app.templates_id (dependencies) on id, org_id from app.templates;

do $$
declare
  entry record;
begin
  for entry in values
    ('templates', '''TEMPLATE/'' || target || ''/'' || id'),
    ('template_revisions', '''TEMPLATE/'' || target || ''/'' || template_id')
  loop
    execute format('alter table app.%I enable row level security', entry.column1);
    execute format('alter table app.%I force row level security', entry.column1);
    execute format('create policy visible on app.%I for select to bulkhead_gateway using (org_id = (select app.org_id()) and case when %s like any ((select app.visible(''TEMPLATE''))::text[]) then true end)', entry.column1, entry.column2);
    execute format('create policy created on app.%I for insert to bulkhead_gateway with check (org_id = (select app.org_id()) and %s like any ((select app.changeable(''TEMPLATE'', ''write''))::text[]))', entry.column1, entry.column2);
    execute format('create policy known_to_owner on app.%I for select to bulkhead_owner using (org_id = (select app.org_id()))', entry.column1);
    if entry.column1 = 'templates' then
      execute format('create policy changed on app.%I for update to bulkhead_gateway using (org_id = (select app.org_id()) and %s like any ((select app.changeable(''TEMPLATE'', ''write''))::text[]))', entry.column1, entry.column2);
    end if;
  end loop;
end $$;

grant select, insert on app.templates, app.template_revisions to bulkhead_gateway;
grant update (name, description, spec, tags, revision, deleted_at, deleted_by, updated_at, updated_by)
  on app.templates to bulkhead_gateway;
