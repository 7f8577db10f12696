-- The sealed audit log: a Merkle tree (RFC 6962) of the entries of each organization, and one of the deployment, whose
-- leaves bind the trees of the organizations. The tree of the deployment has the largest UUID as organization. What is sealed is never
-- changed; the owner of these tables cannot log in, and the owner of all others has to become it first.

-- Entries that are committed and not sealed yet.
create table platform.unsealed_entries (
  org_id uuid not null,
  entry_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (org_id, entry_id)
);

-- Size of a tree, and the hashes of its largest complete subtrees from left to right, 32 bytes each: one for every bit
-- of the size. `head_size` is what the last checkpoint covers.
create table audit.trees (
  org_id uuid primary key,
  size bigint not null check (size >= 0),
  frontier bytea not null check (length(frontier) % 32 = 0),
  head_size bigint not null default 0 check (head_size between 0 and size)
);
create index trees_grown on audit.trees (org_id) where size > head_size;

create table audit.leaves (
  org_id uuid not null,
  leaf_index bigint not null check (leaf_index >= 0),
  -- null in the tree of the deployment.
  entry_id uuid,
  -- Exactly what was hashed: canonical JSON (RFC 8785) in UTF-8.
  leaf text not null,
  hash bytea not null check (length(hash) = 32),
  -- Ed25519, of the statement `audit-leaf`.
  signature bytea not null check (length(signature) = 64),
  primary key (org_id, leaf_index)
);
create unique index leaves_entry on audit.leaves (org_id, entry_id);

-- Hashes of complete subtrees of 2^level leaves, from level 1 on; the one at `position` begins at leaf position * 2^level.
create table audit.nodes (
  org_id uuid not null,
  level smallint not null check (level between 1 and 62),
  position bigint not null check (position >= 0),
  hash bytea not null check (length(hash) = 32),
  primary key (org_id, level, position)
);

-- Trees as checkpoints cover them: `log_index` is the leaf of the deployment's tree that binds organization, size, root.
create table audit.heads (
  org_id uuid not null,
  size bigint not null,
  -- Size at the head before: the leaves from there on are in the same segment.
  from_size bigint not null,
  log_index bigint not null,
  primary key (org_id, size)
);

create table platform.checkpoints (
  -- Counts the times that a database was found behind its own checkpoints.
  generation integer not null check (generation >= 1),
  number bigint not null check (number >= 1),
  -- Size and root of the tree of the deployment, and its size at the checkpoint before.
  log_size bigint not null,
  from_size bigint not null,
  root bytea not null check (length(root) = 32),
  -- Signed note (C2SP tlog-checkpoint), and the public key as a verifier key.
  note text not null,
  verifier_key text not null,
  -- SHA-256 of the body of its segment.
  sha256 bytea not null check (length(sha256) = 32),
  at timestamptz not null,
  primary key (generation, number)
);

-- How far the copies outside of the database are.
create table platform.checkpoint_copies (
  destination text primary key check (char_length(destination) <= 500),
  generation integer not null,
  number bigint not null,
  failure text,
  updated_at timestamptz not null default now()
);

-- The sequencer on the tree of the deployment.
create function platform.acts_for_deployment() returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare context jsonb := app.context();
begin
  return coalesce(context->>'actorType' = 'SYSTEM' and context->>'org' = 'ffffffff-ffff-ffff-ffff-ffffffffffff', false);
end $$;

do $$
declare each text;
begin
  foreach each in array array['trees', 'leaves', 'nodes', 'heads'] loop
    execute format('alter table audit.%I enable row level security', each);
    execute format('alter table audit.%I force row level security', each);
    -- Hashes of the deployment's tree are part of every proof.
    execute format('create policy sealed on audit.%I for select to bulkhead_audit using (org_id = (select app.org_id())
      or org_id = ''ffffffff-ffff-ffff-ffff-ffffffffffff'' or (select platform.acts_for_deployment()))', each);
    execute format('create policy appended on audit.%I for insert to bulkhead_audit
      with check (org_id = (select app.org_id()) or (select platform.acts_for_deployment()))', each);
  end loop;
end $$;
create policy grown on audit.trees for update to bulkhead_audit
  using (org_id = (select app.org_id()) or (select platform.acts_for_deployment()));
create policy sealed on audit.entries for select to bulkhead_audit using (org_id = (select app.org_id()));

grant usage on schema platform to bulkhead_audit;
grant select, insert, delete on platform.unsealed_entries to bulkhead_audit;
grant select, insert on platform.checkpoints to bulkhead_audit;
grant execute on function app.visible(text), platform.require_actor(text[]), platform.acts_for_deployment() to bulkhead_audit;

-- Organizations with entries that wait to be sealed.
create function platform.unsealed_organizations() returns table (org_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select distinct u.org_id from platform.unsealed_entries u;
end $$;

-- The tree of the context's organization, locked until the end of the transaction: one grows it at a time.
create function audit.open_tree() returns table (size bigint, frontier bytea)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into audit.trees as t (org_id, size, frontier) values (app.org_id(), 0, '') on conflict on constraint trees_pkey do nothing;
  return query select t.size, t.frontier from audit.trees t where t.org_id = app.org_id() for update;
end $$;

-- Entries of the context's organization that are not sealed yet, oldest first.
create function audit.unsealed(page_size integer)
returns table (id uuid, at text, actor_type text, actor_id text, action text, resource text, outcome text, code text,
  client_address text, request_id text, change text, salt bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select e.id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.actor_type, e.actor_id, e.action,
           e.resource, e.outcome, e.code, e.client_address, e.request_id, e.change, e.salt
    from platform.unsealed_entries u join audit.entries e on e.org_id = u.org_id and e.id = u.entry_id
    where u.org_id = app.org_id() order by e.at, e.id limit page_size;
end $$;

-- Appends leaves to the tree of the context's organization, which has `first` leaves and was opened before.
-- `signatures` are 64 bytes each, `hashes` of new complete subtrees 32 bytes each.
create function audit.seal(first bigint, entries uuid[], leaves text[], signatures bytea,
  levels smallint[], positions bigint[], hashes bytea, frontier bytea) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := app.org_id();
  named integer := (select count(*) from unnest(seal.entries) e where e is not null);
  waiting integer;
begin
  perform platform.require_actor(array['SYSTEM']);
  update audit.trees t set size = seal.first + cardinality(seal.leaves), frontier = seal.frontier
  where t.org_id = org and t.size = seal.first;
  if not found then raise exception 'the tree has another size' using errcode = 'serialization_failure'; end if;
  insert into audit.leaves (org_id, leaf_index, entry_id, leaf, hash, signature)
  select org, seal.first + x.n - 1, x.entry, x.leaf, sha256('\x00'::bytea || convert_to(x.leaf, 'UTF8')),
         substring(seal.signatures from (x.n::integer - 1) * 64 + 1 for 64)
  from unnest(seal.entries, seal.leaves) with ordinality x (entry, leaf, n);
  insert into audit.nodes (org_id, level, position, hash)
  select org, x.level, x.position, substring(seal.hashes from (x.n::integer - 1) * 32 + 1 for 32)
  from unnest(seal.levels, seal.positions) with ordinality x (level, position, n);
  delete from platform.unsealed_entries u where u.org_id = org and u.entry_id = any (seal.entries);
  get diagnostics waiting = row_count;
  if waiting <> named then raise exception 'an entry was sealed before' using errcode = 'serialization_failure'; end if;
end $$;

-- Trees that have grown since their last head.
create function audit.grown_trees() returns table (org_id uuid, size bigint, frontier bytea, head_size bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select t.org_id, t.size, t.frontier, t.head_size from audit.trees t
    where t.size > t.head_size and t.org_id <> 'ffffffff-ffff-ffff-ffff-ffffffffffff' order by t.org_id;
end $$;

-- Notes that a leaf of the deployment's tree binds the tree of an organization.
create function audit.add_heads(organizations uuid[], sizes bigint[], log_indexes bigint[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into audit.heads (org_id, size, from_size, log_index)
  select x.org_id, x.size, t.head_size, x.log_index
  from unnest(add_heads.organizations, add_heads.sizes, add_heads.log_indexes) x (org_id, size, log_index)
  join audit.trees t on t.org_id = x.org_id;
  update audit.trees t set head_size = x.size
  from unnest(add_heads.organizations, add_heads.sizes) x (org_id, size) where t.org_id = x.org_id;
end $$;

-- The ranges of leaves that a segment is made of, in order: of each organization with a head there, then of the deployment.
create function audit.segment_ranges(first_log_index bigint, log_size bigint)
returns table (org_id uuid, from_index bigint, to_index bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select h.org_id, h.from_size, h.size from audit.leaves d
    join audit.heads h on h.org_id = (d.leaf::jsonb->>'organization')::uuid and h.size = (d.leaf::jsonb->>'size')::bigint
    where d.org_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff' and d.leaf_index >= segment_ranges.first_log_index
      and d.leaf_index < segment_ranges.log_size and d.leaf::jsonb->>'type' = 'head'
    order by d.leaf_index;
  return query select 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid, segment_ranges.first_log_index, segment_ranges.log_size;
end $$;

-- Sealed leaves of one organization or of the deployment, in order.
create function audit.leaves_between(organization uuid, from_index bigint, to_index bigint)
returns table (leaf_index bigint, leaf text, signature bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select l.leaf_index, l.leaf, l.signature from audit.leaves l
    where l.org_id = leaves_between.organization and l.leaf_index >= leaves_between.from_index
      and l.leaf_index < leaves_between.to_index
    order by l.leaf_index;
end $$;

create function platform.latest_checkpoint()
returns table (generation integer, number bigint, log_size bigint, from_size bigint, root bytea, note text,
  verifier_key text, sha256 bytea, at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if app.context() is null then return; end if;
  return query select c.* from platform.checkpoints c order by c.generation desc, c.number desc limit 1;
end $$;

-- The first checkpoint after another one; the one of the next generation where there is none of its own.
create function platform.checkpoint_after(after_generation integer, after_number bigint)
returns table (generation integer, number bigint, log_size bigint, from_size bigint, root bytea, note text,
  verifier_key text, sha256 bytea, at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select c.* from platform.checkpoints c
    where (c.generation, c.number) > (after_generation, after_number)
    order by c.generation, c.number limit 1;
end $$;

create function platform.add_checkpoint(checkpoint platform.checkpoints) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into platform.checkpoints select (checkpoint).*;
end $$;

create function platform.checkpoint_copies() returns table (destination text, generation integer, number bigint, failure text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select c.destination, c.generation, c.number, c.failure from platform.checkpoint_copies c;
end $$;

create function platform.note_checkpoint_copy(destination text, generation integer, number bigint, failure text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into platform.checkpoint_copies as c (destination, generation, number, failure)
  values (note_checkpoint_copy.destination, note_checkpoint_copy.generation, note_checkpoint_copy.number,
          left(note_checkpoint_copy.failure, 500))
  on conflict on constraint checkpoint_copies_pkey do update set generation = excluded.generation, number = excluded.number,
    failure = excluded.failure, updated_at = now();
end $$;

-- Places of sealed entries in the tree of the context's organization; for those who may read its audit log.
create function audit.indexes_of(entries uuid[]) returns table (entry_id uuid, leaf_index bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select l.entry_id, l.leaf_index from audit.leaves l
    where l.org_id = app.org_id() and l.entry_id = any (indexes_of.entries) and 'AUDIT' like any (app.visible('AUDIT'));
end $$;

-- A sealed entry with the newest head and checkpoint that cover it; no row while there is none.
create function audit.proof_of(entry uuid)
returns table (leaf_index bigint, leaf text, signature bytea, head_size bigint, head_index bigint, head_leaf text,
  log_size bigint, root bytea, note text, verifier_key text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select l.leaf_index, l.leaf, l.signature, h.size, h.log_index, hl.leaf, c.log_size, c.root, c.note, c.verifier_key
    from audit.leaves l
    cross join lateral (select k.* from platform.checkpoints k order by k.generation desc, k.number desc limit 1) c
    join lateral (
      select x.size, x.log_index from audit.heads x
      where x.org_id = l.org_id and x.size > l.leaf_index and x.log_index < c.log_size order by x.size desc limit 1) h on true
    join audit.leaves hl on hl.org_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff' and hl.leaf_index = h.log_index
    where l.org_id = app.org_id() and l.entry_id = proof_of.entry and 'AUDIT' like any (app.visible('AUDIT'));
end $$;

-- Hashes of complete subtrees of the context's organization, or of the deployment.
create function audit.subtree_hashes(is_of_deployment boolean, levels smallint[], positions bigint[])
returns table (level smallint, "position" bigint, hash bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  tree uuid := case when is_of_deployment then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else app.org_id() end;
begin
  if not coalesce('AUDIT' like any (app.visible('AUDIT')), false) then return; end if;
  return query
    select x.level, x.position, coalesce(n.hash, l.hash)
    from unnest(subtree_hashes.levels, subtree_hashes.positions) x (level, position)
    left join audit.nodes n on n.org_id = tree and n.level = x.level and n.position = x.position
    left join audit.leaves l on x.level = 0 and l.org_id = tree and l.leaf_index = x.position;
end $$;

-- Sealed leaves of the context's organization beside the rows that they were made of: to compare both.
create function audit.sealed_entries(from_index bigint, page_size integer)
returns table (leaf_index bigint, leaf text, signature bytea, id uuid, at text, actor_type text, actor_id text, action text,
  resource text, outcome text, code text, client_address text, request_id text, change text, salt bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select l.leaf_index, l.leaf, l.signature, e.id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           e.actor_type, e.actor_id, e.action, e.resource, e.outcome, e.code, e.client_address, e.request_id, e.change, e.salt
    from audit.leaves l left join audit.entries e on e.org_id = l.org_id and e.id = l.entry_id
    where l.org_id = app.org_id() and l.leaf_index >= sealed_entries.from_index
    order by l.leaf_index limit page_size;
end $$;

-- Entries of the context's organization that neither are sealed nor wait for it: whoever wrote them went around `append`.
create function audit.stray_entries(page_size integer) returns table (id uuid, at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select e.id, e.at from audit.entries e
    where e.org_id = app.org_id()
      and not exists (select from audit.leaves l where l.org_id = e.org_id and l.entry_id = e.id)
      and not exists (select from platform.unsealed_entries u where u.org_id = e.org_id and u.entry_id = e.id)
    order by e.at, e.id limit page_size;
end $$;

revoke all on all functions in schema platform from public;
grant execute on function platform.unsealed_organizations(), platform.latest_checkpoint(),
  platform.checkpoint_after(integer, bigint), platform.checkpoint_copies(),
  platform.add_checkpoint(platform.checkpoints),
  platform.note_checkpoint_copy(text, integer, bigint, text),
  audit.open_tree(), audit.unsealed(integer), audit.grown_trees(), audit.add_heads(uuid[], bigint[], bigint[]),
  audit.seal(bigint, uuid[], text[], bytea, smallint[], bigint[], bytea, bytea), audit.segment_ranges(bigint, bigint),
  audit.leaves_between(uuid, bigint, bigint)
to bulkhead_worker;
grant execute on function platform.latest_checkpoint(), audit.indexes_of(uuid[]), audit.proof_of(uuid),
  audit.subtree_hashes(boolean, smallint[], bigint[]), audit.sealed_entries(bigint, integer), audit.stray_entries(integer)
to bulkhead_gateway;

-- The log belongs to a role that nobody can log in as and that the owner has to become first.
grant create on schema audit to bulkhead_audit;
do $$
declare each record;
begin
  for each in select c.oid::regclass as name from pg_class c
              where c.relnamespace = 'audit'::regnamespace and c.relkind = 'r' loop
    execute format('alter table %s owner to bulkhead_audit', each.name);
  end loop;
  for each in select p.oid::regprocedure as name from pg_proc p
              where p.pronamespace = 'audit'::regnamespace and p.proowner <> 'bulkhead_audit'::regrole loop
    execute format('alter function %s owner to bulkhead_audit', each.name);
  end loop;
end $$;
-- Who owns a schema can drop what is in it.
do $$ begin
  execute format('grant create on database %I to bulkhead_audit', current_database());
  alter schema audit owner to bulkhead_audit;
  execute format('revoke create on database %I from bulkhead_audit', current_database());
end $$;
