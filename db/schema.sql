-- What the migrations make, read from the catalogue by `npm run dump-schema`: to be read, not to be run.

create schema app authorization bulkhead_owner;
grant usage on schema app to bulkhead_audit;
grant usage on schema app to bulkhead_backup;
grant usage on schema app to bulkhead_gateway;
grant usage on schema app to bulkhead_posture;
grant usage on schema app to bulkhead_worker;

create schema audit authorization bulkhead_audit;
grant usage on schema audit to bulkhead_gateway;
grant usage on schema audit to bulkhead_posture;
grant usage on schema audit to bulkhead_worker;

create schema graphile_worker authorization bulkhead_owner;
grant usage on schema graphile_worker to bulkhead_backup;
grant usage on schema graphile_worker to bulkhead_worker;

create schema platform authorization bulkhead_owner;
grant usage on schema platform to bulkhead_audit;
grant usage on schema platform to bulkhead_backup;
grant usage on schema platform to bulkhead_gateway;
grant usage on schema platform to bulkhead_posture;
grant usage on schema platform to bulkhead_worker;

create schema public authorization pg_database_owner;

create table app.alert_events (
  org_id uuid not null,
  id uuid not null,
  monitor_id uuid not null,
  alert_id text not null,
  alert_name text not null,
  thing_id uuid not null,
  place_id uuid not null,
  operand text not null,
  aggregation text not null,
  operator text not null,
  threshold double precision not null,
  value double precision not null,
  tripped_at timestamp with time zone not null,
  cleared_at timestamp with time zone,
  cleared_reason text,
  constraint alert_events_check CHECK (((cleared_at IS NULL) = (cleared_reason IS NULL))),
  constraint alert_events_cleared_reason_check CHECK ((cleared_reason = ANY (ARRAY['RECOVERED'::text, 'MONITOR_CHANGED'::text, 'MONITOR_DISABLED'::text, 'NOT_WATCHED'::text]))),
  constraint alert_events_org_id_monitor_id_fkey FOREIGN KEY (org_id, monitor_id) REFERENCES app.monitors(org_id, id) ON DELETE CASCADE,
  constraint alert_events_org_id_thing_id_fkey FOREIGN KEY (org_id, thing_id) REFERENCES app.things(org_id, id) ON DELETE CASCADE,
  constraint alert_events_pkey PRIMARY KEY (org_id, id)
);
alter table app.alert_events owner to bulkhead_owner;
CREATE INDEX alert_events_monitor ON app.alert_events USING btree (org_id, monitor_id, id);
CREATE UNIQUE INDEX alert_events_open ON app.alert_events USING btree (org_id, monitor_id, alert_id, thing_id) WHERE (cleared_at IS NULL);
CREATE INDEX alert_events_place ON app.alert_events USING btree (org_id, place_id, id);
CREATE INDEX alert_events_thing ON app.alert_events USING btree (org_id, thing_id, id);
alter table app.alert_events enable row level security;
alter table app.alert_events force row level security;
create policy being_deleted on app.alert_events for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.alert_events for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.alert_events for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy evaluated_by_insert on app.alert_events for insert to bulkhead_worker
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND ('%'::text = ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy evaluated_by_select on app.alert_events for select to bulkhead_worker
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy evaluated_by_update on app.alert_events for update to bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND ('%'::text = ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy expired on app.alert_events for delete to bulkhead_owner
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (cleared_at IS NOT NULL)));
create policy known_to_owner on app.alert_events for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy visible on app.alert_events for select to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.visible('MONITOR'::text) AS visible)::text[]))));
grant insert, select on app.alert_events to bulkhead_worker;
grant select on app.alert_events to bulkhead_gateway;
grant update (cleared_at, cleared_reason) on app.alert_events to bulkhead_gateway;
grant update (cleared_at, cleared_reason) on app.alert_events to bulkhead_worker;

create table app.api_key_secrets (
  org_id uuid not null,
  key_id text not null,
  id uuid not null,
  secret_hash bytea not null,
  valid_until timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint api_key_secrets_org_id_key_id_fkey FOREIGN KEY (org_id, key_id) REFERENCES app.api_keys(org_id, id) ON DELETE RESTRICT,
  constraint api_key_secrets_pkey PRIMARY KEY (org_id, key_id, id),
  constraint api_key_secrets_secret_hash_check CHECK ((length(secret_hash) = 32))
);
alter table app.api_key_secrets owner to bulkhead_owner;
CREATE TRIGGER keep_end_of_secret BEFORE UPDATE ON app.api_key_secrets FOR EACH ROW EXECUTE FUNCTION app.keep_end_of_secret();
CREATE TRIGGER note_revocation AFTER UPDATE OF valid_until ON app.api_key_secrets FOR EACH ROW WHEN (((new.valid_until IS NOT NULL) AND (new.valid_until IS DISTINCT FROM old.valid_until))) EXECUTE FUNCTION platform.note_revocation();
CREATE TRIGGER revise AFTER UPDATE ON app.api_key_secrets FOR EACH ROW EXECUTE FUNCTION app.revise_key_of_secret();
alter table app.api_key_secrets enable row level security;
alter table app.api_key_secrets force row level security;
create policy being_deleted on app.api_key_secrets for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.api_key_secrets for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('APIKEY/'::text || key_id) ~~ ANY (( SELECT app.changeable('APIKEY'::text, 'admin'::text) AS changeable)::text[]))));
create policy created on app.api_key_secrets for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('APIKEY/'::text || key_id) ~~ ANY (( SELECT app.changeable('APIKEY'::text, 'admin'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.api_key_secrets for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy expired on app.api_key_secrets for delete to bulkhead_owner
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (valid_until IS NOT NULL)));
create policy known_to_owner on app.api_key_secrets for select to bulkhead_owner
  using ((org_id = ( SELECT platform.lookup_org() AS lookup_org)));
create policy visible on app.api_key_secrets for select to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('APIKEY/'::text || key_id) ~~ ANY (( SELECT app.visible('APIKEY'::text) AS visible)::text[]))));
grant insert on app.api_key_secrets to bulkhead_gateway;
grant select (org_id, key_id, id, valid_until, created_at) on app.api_key_secrets to bulkhead_gateway;
grant update (valid_until) on app.api_key_secrets to bulkhead_gateway;

create table app.api_keys (
  org_id uuid not null,
  id text not null,
  type text not null,
  name text not null,
  scopes jsonb not null,
  allowed_cidrs text[] default '{}'::text[] not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  revoked_by text,
  last_used_at timestamp with time zone,
  rotated_at timestamp with time zone,
  revision bigint default 1 not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint api_keys_id_check CHECK ((id ~ '^[0-9A-Za-z]{12}$'::text)),
  constraint api_keys_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
  constraint api_keys_org_id_fkey FOREIGN KEY (org_id) REFERENCES app.organizations(org_id) ON DELETE RESTRICT,
  constraint api_keys_pkey PRIMARY KEY (org_id, id),
  constraint api_keys_scopes_check CHECK (((jsonb_typeof(scopes) = 'array'::text) AND ((jsonb_array_length(scopes) >= 1) AND (jsonb_array_length(scopes) <= 64)))),
  constraint api_keys_type_check CHECK ((type = ANY (ARRAY['EXTERNAL'::text, 'ADMIN'::text])))
);
alter table app.api_keys owner to bulkhead_owner;
CREATE TRIGGER keep_revoked BEFORE UPDATE ON app.api_keys FOR EACH ROW EXECUTE FUNCTION app.keep_revoked();
CREATE TRIGGER note_narrowing AFTER UPDATE OF scopes, allowed_cidrs, expires_at ON app.api_keys FOR EACH ROW EXECUTE FUNCTION platform.note_narrowing();
CREATE TRIGGER note_revocation AFTER UPDATE OF revoked_at ON app.api_keys FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL))) EXECUTE FUNCTION platform.note_revocation();
CREATE TRIGGER revise BEFORE UPDATE ON app.api_keys FOR EACH ROW EXECUTE FUNCTION app.revise_api_key();
alter table app.api_keys enable row level security;
alter table app.api_keys force row level security;
create policy being_deleted on app.api_keys for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.api_keys for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('APIKEY/'::text || id) ~~ ANY (( SELECT app.changeable('APIKEY'::text, 'admin'::text) AS changeable)::text[]))));
create policy created on app.api_keys for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('APIKEY/'::text || id) ~~ ANY (( SELECT app.changeable('APIKEY'::text, 'admin'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.api_keys for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.api_keys for select to bulkhead_owner
  using ((org_id = ( SELECT platform.lookup_org() AS lookup_org)));
create policy used on app.api_keys for update to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy visible on app.api_keys for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('APIKEY/'::text || id) ~~ ANY (( SELECT app.visible('APIKEY'::text) AS visible)::text[]))));
grant insert, select on app.api_keys to bulkhead_gateway;
grant select on app.api_keys to bulkhead_worker;
grant update (name, scopes, allowed_cidrs, expires_at, revoked_at, revoked_by, rotated_at, updated_at, updated_by) on app.api_keys to bulkhead_gateway;

create table app.deliveries (
  org_id uuid not null,
  id uuid not null,
  direction text default 'EGRESS'::text not null,
  type text not null,
  integration_id uuid not null,
  event_type text not null,
  is_test boolean default false not null,
  status text not null,
  body text,
  attempts integer default 0 not null,
  http_status integer,
  failure text,
  due_at timestamp with time zone,
  last_attempt_at timestamp with time zone,
  finished_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  constraint deliveries_check CHECK ((((status = 'PENDING'::text) = (body IS NOT NULL)) AND ((status = 'PENDING'::text) = (due_at IS NOT NULL)))),
  constraint deliveries_direction_check CHECK ((direction = 'EGRESS'::text)),
  constraint deliveries_event_type_check CHECK (((char_length(event_type) >= 1) AND (char_length(event_type) <= 100))),
  constraint deliveries_failure_check CHECK ((char_length(failure) <= 200)),
  constraint deliveries_org_id_direction_type_integration_id_fkey FOREIGN KEY (org_id, direction, type, integration_id) REFERENCES app.integrations(org_id, direction, type, id) ON DELETE CASCADE,
  constraint deliveries_pkey PRIMARY KEY (org_id, id),
  constraint deliveries_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'DELIVERED'::text, 'FAILED'::text])))
);
alter table app.deliveries owner to bulkhead_owner;
CREATE INDEX deliveries_integration ON app.deliveries USING btree (org_id, integration_id, id);
CREATE INDEX deliveries_pending ON app.deliveries USING btree (org_id) WHERE (status = 'PENDING'::text);
CREATE TRIGGER follow_work AFTER INSERT OR DELETE OR UPDATE OF due_at ON app.deliveries FOR EACH ROW EXECUTE FUNCTION platform.follow_work('DELIVERY');
alter table app.deliveries enable row level security;
alter table app.deliveries force row level security;
create policy being_deleted on app.deliveries for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.deliveries for update to bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || integration_id) ~~ ANY (( SELECT app.changeable('INTEGRATION'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.deliveries for insert to bulkhead_gateway, bulkhead_worker
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || integration_id) ~~ ANY (( SELECT app.changeable('INTEGRATION'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.deliveries for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy expired on app.deliveries for delete to bulkhead_owner
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (status <> 'PENDING'::text)));
create policy known_to_owner on app.deliveries for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy visible on app.deliveries for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || integration_id) ~~ ANY (( SELECT app.visible('INTEGRATION'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant insert on app.deliveries to bulkhead_gateway;
grant insert, select on app.deliveries to bulkhead_worker;
grant select (org_id, id, direction, type, integration_id, event_type, is_test, status, attempts, http_status, failure, due_at, last_attempt_at, finished_at, created_at, created_by) on app.deliveries to bulkhead_gateway;
grant update (status, body, attempts, http_status, failure, due_at, last_attempt_at, finished_at) on app.deliveries to bulkhead_worker;

create table app.exports (
  org_id uuid not null,
  id uuid not null,
  state text default 'REQUESTED'::text not null,
  recipient text not null,
  life_hours integer not null,
  attempts integer default 0 not null,
  tables_done integer default 0 not null,
  tables_total integer default 0 not null,
  rows_written bigint default 0 not null,
  bytes_written bigint default 0 not null,
  failure text,
  archive_bytes bigint,
  archive_sha256 text,
  ready_at timestamp with time zone,
  expires_at timestamp with time zone,
  download_id uuid,
  claimed_until timestamp with time zone,
  downloads_begun integer default 0 not null,
  ended_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  constraint exports_archive_sha256_check CHECK ((archive_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint exports_check CHECK (((state <> 'READY'::text) OR ((archive_bytes IS NOT NULL) AND (expires_at IS NOT NULL)))),
  constraint exports_failure_check CHECK ((char_length(failure) <= 500)),
  constraint exports_life_hours_check CHECK (((life_hours >= 1) AND (life_hours <= 24))),
  constraint exports_org_id_fkey FOREIGN KEY (org_id) REFERENCES app.organizations(org_id) ON DELETE RESTRICT,
  constraint exports_pkey PRIMARY KEY (org_id, id),
  constraint exports_recipient_check CHECK ((recipient ~ '^age1[0-9a-z]{58}$'::text)),
  constraint exports_state_check CHECK ((state = ANY (ARRAY['REQUESTED'::text, 'RUNNING'::text, 'READY'::text, 'DOWNLOADED'::text, 'FAILED'::text, 'CANCELLED'::text, 'EXPIRED'::text])))
);
alter table app.exports owner to bulkhead_owner;
CREATE UNIQUE INDEX exports_one_at_a_time ON app.exports USING btree (org_id) WHERE (state = ANY (ARRAY['REQUESTED'::text, 'RUNNING'::text, 'READY'::text]));
alter table app.exports enable row level security;
alter table app.exports force row level security;
create policy being_deleted on app.exports for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.exports for update to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('ORGANIZATION/'::text || org_id) ~~ ANY (( SELECT app.changeable('ORGANIZATION'::text, 'admin'::text) AS changeable)::text[]))));
create policy created on app.exports for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('ORGANIZATION/'::text || org_id) ~~ ANY (( SELECT app.changeable('ORGANIZATION'::text, 'admin'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.exports for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy visible on app.exports for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('ORGANIZATION/'::text || org_id) ~~ ANY (( SELECT app.visible('ORGANIZATION'::text) AS visible)::text[]))));
grant insert, select on app.exports to bulkhead_gateway;
grant select on app.exports to bulkhead_worker;
grant update (state, attempts, tables_done, tables_total, rows_written, bytes_written, failure, archive_bytes, archive_sha256, ready_at, expires_at, download_id, claimed_until, ended_at) on app.exports to bulkhead_worker;
grant update (state, download_id, claimed_until, downloads_begun, ended_at) on app.exports to bulkhead_gateway;

create unlogged table app.hook_posts (
  org_id uuid not null,
  id uuid not null,
  integration_id uuid not null,
  client_address text not null,
  headers jsonb not null,
  body bytea not null,
  verdict text,
  retry_after_ms integer,
  due_at timestamp with time zone default clock_timestamp(),
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint hook_posts_org_id_integration_id_fkey FOREIGN KEY (org_id, integration_id) REFERENCES app.integrations(org_id, id) ON DELETE CASCADE,
  constraint hook_posts_pkey PRIMARY KEY (org_id, id),
  constraint hook_posts_verdict_check CHECK ((verdict = ANY (ARRAY['ACCEPTED'::text, 'REFUSED'::text, 'LIMITED'::text])))
);
alter table app.hook_posts owner to bulkhead_owner;
CREATE INDEX hook_posts_integration ON app.hook_posts USING btree (org_id, integration_id);
CREATE TRIGGER follow_work AFTER INSERT OR DELETE OR UPDATE OF due_at ON app.hook_posts FOR EACH ROW EXECUTE FUNCTION platform.follow_work('POST');
CREATE TRIGGER tell_verdict AFTER UPDATE OF verdict ON app.hook_posts FOR EACH ROW WHEN ((new.verdict IS NOT NULL)) EXECUTE FUNCTION app.tell_verdict();
alter table app.hook_posts enable row level security;
alter table app.hook_posts force row level security;
create policy being_deleted on app.hook_posts for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.hook_posts for update to bulkhead_worker
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy deleted_with_organization on app.hook_posts for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy handed_over on app.hook_posts for all to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)))
  with check ((org_id = ( SELECT app.org_id() AS org_id)));
create policy visible on app.hook_posts for select to bulkhead_worker
  using ((org_id = ( SELECT app.org_id() AS org_id)));
grant select on app.hook_posts to bulkhead_worker;
grant update (verdict, retry_after_ms, due_at) on app.hook_posts to bulkhead_worker;

create table app.idempotency_keys (
  org_id uuid not null,
  key text not null,
  fingerprint bytea not null,
  request_id text not null,
  scopes jsonb not null,
  begun_at timestamp with time zone not null,
  leased_until timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  is_done boolean default false not null,
  reference jsonb,
  answer bytea,
  constraint idempotency_keys_answer_check CHECK ((octet_length(answer) <= 33000)),
  constraint idempotency_keys_check CHECK ((is_done OR (answer IS NULL))),
  constraint idempotency_keys_fingerprint_check CHECK ((octet_length(fingerprint) = 32)),
  constraint idempotency_keys_key_check CHECK ((key ~ '^[ -~]{1,255}$'::text)),
  constraint idempotency_keys_org_id_fkey FOREIGN KEY (org_id) REFERENCES app.organizations(org_id) ON DELETE RESTRICT,
  constraint idempotency_keys_pkey PRIMARY KEY (org_id, key)
);
alter table app.idempotency_keys owner to bulkhead_owner;
CREATE INDEX idempotency_keys_expiry ON app.idempotency_keys USING btree (org_id, expires_at);
alter table app.idempotency_keys enable row level security;
alter table app.idempotency_keys force row level security;
create policy being_deleted on app.idempotency_keys for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.idempotency_keys for update to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy created on app.idempotency_keys for insert to bulkhead_owner
  with check ((org_id = ( SELECT app.org_id() AS org_id)));
create policy deleted_with_organization on app.idempotency_keys for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.idempotency_keys for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.idempotency_keys for delete to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));

create table app.inbound_events (
  org_id uuid not null,
  id uuid not null,
  direction text default 'INGRESS'::text not null,
  type text not null,
  integration_id uuid not null,
  event_id text not null,
  status text not null,
  body bytea,
  attempts integer default 0 not null,
  report jsonb,
  failure text,
  due_at timestamp with time zone,
  finished_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint inbound_events_check CHECK ((((status = 'PENDING'::text) = (body IS NOT NULL)) AND ((status = 'PENDING'::text) = (due_at IS NOT NULL)))),
  constraint inbound_events_direction_check CHECK ((direction = 'INGRESS'::text)),
  constraint inbound_events_event_id_check CHECK (((char_length(event_id) >= 1) AND (char_length(event_id) <= 256))),
  constraint inbound_events_failure_check CHECK ((char_length(failure) <= 500)),
  constraint inbound_events_org_id_direction_type_integration_id_fkey FOREIGN KEY (org_id, direction, type, integration_id) REFERENCES app.integrations(org_id, direction, type, id) ON DELETE CASCADE,
  constraint inbound_events_org_id_integration_id_event_id_key UNIQUE (org_id, integration_id, event_id),
  constraint inbound_events_pkey PRIMARY KEY (org_id, id),
  constraint inbound_events_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'RECEIVED'::text, 'APPLIED'::text, 'FAILED'::text])))
);
alter table app.inbound_events owner to bulkhead_owner;
CREATE INDEX inbound_events_integration ON app.inbound_events USING btree (org_id, integration_id, id);
CREATE TRIGGER follow_work AFTER INSERT OR DELETE OR UPDATE OF due_at ON app.inbound_events FOR EACH ROW EXECUTE FUNCTION platform.follow_work('EVENT');
alter table app.inbound_events enable row level security;
alter table app.inbound_events force row level security;
create policy being_deleted on app.inbound_events for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.inbound_events for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || integration_id) ~~ ANY (( SELECT app.changeable('INTEGRATION'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.inbound_events for insert to bulkhead_worker
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || integration_id) ~~ ANY (( SELECT app.changeable('INTEGRATION'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.inbound_events for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy expired on app.inbound_events for delete to bulkhead_owner
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (status <> 'PENDING'::text)));
create policy known_to_owner on app.inbound_events for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy visible on app.inbound_events for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || integration_id) ~~ ANY (( SELECT app.visible('INTEGRATION'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant insert, select on app.inbound_events to bulkhead_worker;
grant select on app.inbound_events to bulkhead_gateway;
grant update (status, body, attempts, report, failure, due_at, finished_at) on app.inbound_events to bulkhead_gateway;

create table app.integrations (
  org_id uuid not null,
  id uuid not null,
  name text not null,
  direction text not null,
  type text not null,
  is_enabled boolean default true not null,
  properties jsonb default '{}'::jsonb not null,
  resources jsonb default '[]'::jsonb not null,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint integrations_direction_check CHECK ((direction = ANY (ARRAY['INGRESS'::text, 'EGRESS'::text]))),
  constraint integrations_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
  constraint integrations_org_id_direction_type_id_key UNIQUE (org_id, direction, type, id),
  constraint integrations_org_id_fkey FOREIGN KEY (org_id) REFERENCES app.organizations(org_id) ON DELETE RESTRICT,
  constraint integrations_pkey PRIMARY KEY (org_id, id),
  constraint integrations_type_check CHECK ((type ~ '^[A-Z][A-Z0-9_]{0,49}$'::text))
);
alter table app.integrations owner to bulkhead_owner;
CREATE TRIGGER follow_hook AFTER INSERT OR DELETE OR UPDATE OF is_enabled ON app.integrations FOR EACH ROW EXECUTE FUNCTION platform.follow_hook();
CREATE TRIGGER require_room BEFORE INSERT ON app.integrations FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.integrations enable row level security;
alter table app.integrations force row level security;
create policy being_deleted on app.integrations for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.integrations for update to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || id) ~~ ANY (( SELECT app.changeable('INTEGRATION'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.integrations for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || id) ~~ ANY (( SELECT app.changeable('INTEGRATION'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.integrations for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.integrations for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.integrations for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || id) ~~ ANY (( SELECT app.changeable('INTEGRATION'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.integrations for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || id) ~~ ANY (( SELECT app.visible('INTEGRATION'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant delete, insert, select on app.integrations to bulkhead_gateway;
grant select on app.integrations to bulkhead_worker;
grant update (is_enabled, updated_at, updated_by) on app.integrations to bulkhead_worker;
grant update (name, is_enabled, properties, resources, metadata, updated_at, updated_by) on app.integrations to bulkhead_gateway;

create table app.level_group_members (
  org_id uuid not null,
  site_id uuid not null,
  level_group_id uuid not null,
  level_id uuid not null,
  constraint level_group_members_org_id_site_id_level_group_id_fkey FOREIGN KEY (org_id, site_id, level_group_id) REFERENCES app.level_groups(org_id, site_id, id) ON DELETE CASCADE,
  constraint level_group_members_org_id_site_id_level_id_fkey FOREIGN KEY (org_id, site_id, level_id) REFERENCES app.levels(org_id, site_id, id) ON DELETE CASCADE,
  constraint level_group_members_pkey PRIMARY KEY (org_id, level_group_id, level_id)
);
alter table app.level_group_members owner to bulkhead_owner;
CREATE INDEX level_group_members_level ON app.level_group_members USING btree (org_id, level_id);
alter table app.level_group_members enable row level security;
alter table app.level_group_members force row level security;
create policy being_deleted on app.level_group_members for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy created on app.level_group_members for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.level_group_members for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.level_group_members for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.level_group_members for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.level_group_members for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.visible('PLACE'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant delete, insert, select on app.level_group_members to bulkhead_gateway;
grant select on app.level_group_members to bulkhead_worker;

create table app.level_groups (
  org_id uuid not null,
  site_id uuid not null,
  id uuid not null,
  name text not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint level_groups_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
  constraint level_groups_org_id_site_id_fkey FOREIGN KEY (org_id, site_id) REFERENCES app.places(org_id, id) ON DELETE RESTRICT,
  constraint level_groups_org_id_site_id_id_key UNIQUE (org_id, site_id, id),
  constraint level_groups_org_id_site_id_name_key UNIQUE (org_id, site_id, name),
  constraint level_groups_pkey PRIMARY KEY (org_id, id)
);
alter table app.level_groups owner to bulkhead_owner;
CREATE TRIGGER require_room BEFORE INSERT ON app.level_groups FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.level_groups enable row level security;
alter table app.level_groups force row level security;
create policy being_deleted on app.level_groups for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.level_groups for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.level_groups for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.level_groups for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.level_groups for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.level_groups for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.level_groups for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.visible('PLACE'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant delete, insert, select on app.level_groups to bulkhead_gateway;
grant select on app.level_groups to bulkhead_worker;
grant update (name, updated_at, updated_by) on app.level_groups to bulkhead_gateway;

create table app.level_type_parents (
  org_id uuid not null,
  site_id uuid not null,
  level_type_id uuid not null,
  parent_type_id uuid not null,
  constraint level_type_parents_org_id_site_id_level_type_id_fkey FOREIGN KEY (org_id, site_id, level_type_id) REFERENCES app.level_types(org_id, site_id, id) ON DELETE CASCADE,
  constraint level_type_parents_org_id_site_id_parent_type_id_fkey FOREIGN KEY (org_id, site_id, parent_type_id) REFERENCES app.level_types(org_id, site_id, id) ON DELETE RESTRICT,
  constraint level_type_parents_pkey PRIMARY KEY (org_id, level_type_id, parent_type_id)
);
alter table app.level_type_parents owner to bulkhead_owner;
CREATE INDEX level_type_parents_parent ON app.level_type_parents USING btree (org_id, parent_type_id);
alter table app.level_type_parents enable row level security;
alter table app.level_type_parents force row level security;
create policy being_deleted on app.level_type_parents for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy created on app.level_type_parents for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.level_type_parents for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.level_type_parents for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.level_type_parents for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.level_type_parents for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.visible('PLACE'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant delete, insert, select on app.level_type_parents to bulkhead_gateway;
grant select on app.level_type_parents to bulkhead_worker;

create table app.level_types (
  org_id uuid not null,
  site_id uuid not null,
  id uuid not null,
  name text not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint level_types_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
  constraint level_types_org_id_site_id_fkey FOREIGN KEY (org_id, site_id) REFERENCES app.places(org_id, id) ON DELETE RESTRICT,
  constraint level_types_org_id_site_id_id_key UNIQUE (org_id, site_id, id),
  constraint level_types_org_id_site_id_name_key UNIQUE (org_id, site_id, name),
  constraint level_types_pkey PRIMARY KEY (org_id, id)
);
alter table app.level_types owner to bulkhead_owner;
CREATE TRIGGER require_room BEFORE INSERT ON app.level_types FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.level_types enable row level security;
alter table app.level_types force row level security;
create policy being_deleted on app.level_types for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.level_types for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.level_types for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.level_types for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.level_types for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.level_types for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.level_types for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.visible('PLACE'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant delete, insert, select on app.level_types to bulkhead_gateway;
grant select on app.level_types to bulkhead_worker;
grant update (name, updated_at, updated_by) on app.level_types to bulkhead_gateway;

create table app.levels (
  org_id uuid not null,
  site_id uuid not null,
  id uuid not null,
  level_type_id uuid not null,
  parent_id uuid,
  name text not null,
  description text,
  address text,
  latitude double precision,
  longitude double precision,
  altitude double precision,
  attributes jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint levels_address_check CHECK ((char_length(address) <= 500)),
  constraint levels_check CHECK (((latitude IS NULL) = (longitude IS NULL))),
  constraint levels_check1 CHECK ((parent_id IS DISTINCT FROM id)),
  constraint levels_description_check CHECK ((char_length(description) <= 500)),
  constraint levels_latitude_check CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision))),
  constraint levels_longitude_check CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision))),
  constraint levels_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
  constraint levels_org_id_site_id_fkey FOREIGN KEY (org_id, site_id) REFERENCES app.places(org_id, id) ON DELETE RESTRICT,
  constraint levels_org_id_site_id_id_key UNIQUE (org_id, site_id, id),
  constraint levels_org_id_site_id_level_type_id_fkey FOREIGN KEY (org_id, site_id, level_type_id) REFERENCES app.level_types(org_id, site_id, id) ON DELETE RESTRICT,
  constraint levels_org_id_site_id_parent_id_fkey FOREIGN KEY (org_id, site_id, parent_id) REFERENCES app.levels(org_id, site_id, id) ON DELETE RESTRICT,
  constraint levels_pkey PRIMARY KEY (org_id, id)
);
alter table app.levels owner to bulkhead_owner;
CREATE UNIQUE INDEX levels_one_root ON app.levels USING btree (org_id, site_id) WHERE (parent_id IS NULL);
CREATE INDEX levels_parent ON app.levels USING btree (org_id, parent_id);
CREATE TRIGGER require_room BEFORE INSERT ON app.levels FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.levels enable row level security;
alter table app.levels force row level security;
create policy being_deleted on app.levels for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.levels for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.levels for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.levels for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.levels for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.levels for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.levels for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (('PLACE/Site/'::text || site_id) ~~ ANY (( SELECT app.visible('PLACE'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant delete, insert, select on app.levels to bulkhead_gateway;
grant select on app.levels to bulkhead_worker;
grant update (parent_id, name, description, address, latitude, longitude, altitude, attributes, updated_at, updated_by) on app.levels to bulkhead_gateway;

create table app.metric_definitions (
  org_id uuid not null,
  id text not null,
  name text not null,
  data_type text not null,
  default_aggregation text not null,
  display_name text,
  description text,
  unit_label text,
  tags text[] default '{}'::text[] not null,
  enum_values jsonb,
  deleted_at timestamp with time zone,
  deleted_by text,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint metric_definitions_check CHECK (((enum_values IS NULL) OR (data_type = 'INT'::text))),
  constraint metric_definitions_check1 CHECK (((default_aggregation = ANY (ARRAY['FIRST'::text, 'LAST'::text, 'COUNT'::text])) OR ((data_type = ANY (ARRAY['INT'::text, 'DOUBLE'::text])) AND (enum_values IS NULL)))),
  constraint metric_definitions_data_type_check CHECK ((data_type = ANY (ARRAY['INT'::text, 'DOUBLE'::text, 'STRING'::text, 'BOOL'::text, 'JSON'::text]))),
  constraint metric_definitions_default_aggregation_check CHECK ((default_aggregation = ANY (ARRAY['FIRST'::text, 'LAST'::text, 'AVG'::text, 'SUM'::text, 'COUNT'::text]))),
  constraint metric_definitions_description_check CHECK ((char_length(description) <= 500)),
  constraint metric_definitions_display_name_check CHECK ((char_length(display_name) <= 200)),
  constraint metric_definitions_id_check CHECK ((id ~ '^mdef_[0-9a-z]{26}$'::text)),
  constraint metric_definitions_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
  constraint metric_definitions_org_id_fkey FOREIGN KEY (org_id) REFERENCES app.organizations(org_id) ON DELETE RESTRICT,
  constraint metric_definitions_pkey PRIMARY KEY (org_id, id),
  constraint metric_definitions_unit_label_check CHECK ((char_length(unit_label) <= 50))
);
alter table app.metric_definitions owner to bulkhead_owner;
CREATE UNIQUE INDEX metric_definitions_active_name ON app.metric_definitions USING btree (org_id, lower(name)) WHERE (deleted_at IS NULL);
CREATE TRIGGER require_room BEFORE INSERT ON app.metric_definitions FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.metric_definitions enable row level security;
alter table app.metric_definitions force row level security;
create policy being_deleted on app.metric_definitions for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.metric_definitions for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('DEFINITION/Metric/'::text || id) ~~ ANY (( SELECT app.changeable('DEFINITION'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.metric_definitions for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('DEFINITION/Metric/'::text || id) ~~ ANY (( SELECT app.changeable('DEFINITION'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.metric_definitions for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.metric_definitions for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy purged on app.metric_definitions for delete to bulkhead_owner
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (deleted_at IS NOT NULL)));
create policy visible on app.metric_definitions for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (('DEFINITION/Metric/'::text || id) ~~ ANY (( SELECT app.visible('DEFINITION'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant insert, select on app.metric_definitions to bulkhead_gateway;
grant select on app.metric_definitions to bulkhead_worker;
grant update (display_name, description, unit_label, tags, enum_values, deleted_at, deleted_by, updated_at, updated_by) on app.metric_definitions to bulkhead_gateway;

create table app.monitor_alert_integrations (
  org_id uuid not null,
  monitor_id uuid not null,
  alert_id text not null,
  integration_id uuid not null,
  constraint monitor_alert_integrations_org_id_integration_id_fkey FOREIGN KEY (org_id, integration_id) REFERENCES app.integrations(org_id, id) ON DELETE RESTRICT,
  constraint monitor_alert_integrations_org_id_monitor_id_alert_id_fkey FOREIGN KEY (org_id, monitor_id, alert_id) REFERENCES app.monitor_alerts(org_id, monitor_id, id) ON DELETE CASCADE,
  constraint monitor_alert_integrations_pkey PRIMARY KEY (org_id, monitor_id, alert_id, integration_id)
);
alter table app.monitor_alert_integrations owner to bulkhead_owner;
CREATE INDEX monitor_alert_integrations_integration ON app.monitor_alert_integrations USING btree (org_id, integration_id);
alter table app.monitor_alert_integrations enable row level security;
alter table app.monitor_alert_integrations force row level security;
create policy being_deleted on app.monitor_alert_integrations for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy created on app.monitor_alert_integrations for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.monitor_alert_integrations for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy evaluated_by_select on app.monitor_alert_integrations for select to bulkhead_worker
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy known_to_owner on app.monitor_alert_integrations for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.monitor_alert_integrations for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.monitor_alert_integrations for select to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.visible('MONITOR'::text) AS visible)::text[]))));
grant delete, insert, select on app.monitor_alert_integrations to bulkhead_gateway;
grant select on app.monitor_alert_integrations to bulkhead_worker;

create table app.monitor_alerts (
  org_id uuid not null,
  monitor_id uuid not null,
  id text not null,
  ordinal integer not null,
  name text not null,
  operand text not null,
  aggregation text not null,
  operator text not null,
  threshold double precision not null,
  for_ticks integer not null,
  constraint monitor_alerts_aggregation_check CHECK ((aggregation = ANY (ARRAY['FIRST'::text, 'LAST'::text, 'AVG'::text, 'SUM'::text, 'MIN'::text, 'MAX'::text, 'COUNT'::text]))),
  constraint monitor_alerts_for_ticks_check CHECK (((for_ticks >= 1) AND (for_ticks <= 100))),
  constraint monitor_alerts_id_check CHECK ((id ~ '^alt_[0-9a-z]{26}$'::text)),
  constraint monitor_alerts_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 80))),
  constraint monitor_alerts_operand_check CHECK ((operand ~ '^[A-Za-z][A-Za-z0-9_]{0,99}$'::text)),
  constraint monitor_alerts_operator_check CHECK ((operator = ANY (ARRAY['GT'::text, 'GTE'::text, 'LT'::text, 'LTE'::text, 'EQ'::text, 'NEQ'::text]))),
  constraint monitor_alerts_org_id_monitor_id_fkey FOREIGN KEY (org_id, monitor_id) REFERENCES app.monitors(org_id, id) ON DELETE CASCADE,
  constraint monitor_alerts_pkey PRIMARY KEY (org_id, monitor_id, id)
);
alter table app.monitor_alerts owner to bulkhead_owner;
alter table app.monitor_alerts enable row level security;
alter table app.monitor_alerts force row level security;
create policy being_deleted on app.monitor_alerts for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy created on app.monitor_alerts for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.monitor_alerts for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy evaluated_by_select on app.monitor_alerts for select to bulkhead_worker
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.monitor_alerts for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.monitor_alerts for select to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.visible('MONITOR'::text) AS visible)::text[]))));
grant delete, insert, select on app.monitor_alerts to bulkhead_gateway;
grant select on app.monitor_alerts to bulkhead_worker;

create table app.monitor_metrics (
  org_id uuid not null,
  monitor_id uuid not null,
  ordinal integer not null,
  metric_id text not null,
  name text not null,
  missing_data text not null,
  constraint monitor_metrics_missing_data_check CHECK ((missing_data = ANY (ARRAY['NO_INFILL'::text, 'INFILL_ZERO'::text, 'INFILL_LAST_VALUE'::text]))),
  constraint monitor_metrics_name_check CHECK ((name ~ '^[A-Za-z][A-Za-z0-9_]{0,99}$'::text)),
  constraint monitor_metrics_org_id_metric_id_fkey FOREIGN KEY (org_id, metric_id) REFERENCES app.metric_definitions(org_id, id) ON DELETE RESTRICT,
  constraint monitor_metrics_org_id_monitor_id_fkey FOREIGN KEY (org_id, monitor_id) REFERENCES app.monitors(org_id, id) ON DELETE CASCADE,
  constraint monitor_metrics_org_id_monitor_id_name_key UNIQUE (org_id, monitor_id, name),
  constraint monitor_metrics_pkey PRIMARY KEY (org_id, monitor_id, ordinal)
);
alter table app.monitor_metrics owner to bulkhead_owner;
CREATE INDEX monitor_metrics_metric ON app.monitor_metrics USING btree (org_id, metric_id);
alter table app.monitor_metrics enable row level security;
alter table app.monitor_metrics force row level security;
create policy being_deleted on app.monitor_metrics for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy created on app.monitor_metrics for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.monitor_metrics for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy evaluated_by_select on app.monitor_metrics for select to bulkhead_worker
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy known_to_owner on app.monitor_metrics for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.monitor_metrics for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.monitor_metrics for select to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.visible('MONITOR'::text) AS visible)::text[]))));
grant delete, insert, select on app.monitor_metrics to bulkhead_gateway;
grant select on app.monitor_metrics to bulkhead_worker;

create table app.monitor_states (
  org_id uuid not null,
  monitor_id uuid not null,
  thing_id uuid not null,
  health text not null,
  data_state text not null,
  ticks jsonb not null,
  evaluated_at timestamp with time zone not null,
  constraint monitor_states_data_state_check CHECK ((data_state = ANY (ARRAY['OK'::text, 'STALE'::text, 'NO_DATA'::text]))),
  constraint monitor_states_health_check CHECK ((health = ANY (ARRAY['HEALTHY'::text, 'UNHEALTHY'::text, 'UNKNOWN'::text]))),
  constraint monitor_states_org_id_monitor_id_fkey FOREIGN KEY (org_id, monitor_id) REFERENCES app.monitors(org_id, id) ON DELETE CASCADE,
  constraint monitor_states_org_id_thing_id_fkey FOREIGN KEY (org_id, thing_id) REFERENCES app.things(org_id, id) ON DELETE CASCADE,
  constraint monitor_states_pkey PRIMARY KEY (org_id, monitor_id, thing_id)
);
alter table app.monitor_states owner to bulkhead_owner;
CREATE INDEX monitor_states_thing ON app.monitor_states USING btree (org_id, thing_id);
alter table app.monitor_states enable row level security;
alter table app.monitor_states force row level security;
create policy being_deleted on app.monitor_states for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy deleted_with_organization on app.monitor_states for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy evaluated_by_delete on app.monitor_states for delete to bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND ('%'::text = ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy evaluated_by_insert on app.monitor_states for insert to bulkhead_worker
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND ('%'::text = ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy evaluated_by_select on app.monitor_states for select to bulkhead_worker
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy evaluated_by_update on app.monitor_states for update to bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND ('%'::text = ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy removed on app.monitor_states for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.monitor_states for select to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.visible('MONITOR'::text) AS visible)::text[]))));
grant delete, insert, select, update on app.monitor_states to bulkhead_worker;
grant delete, select on app.monitor_states to bulkhead_gateway;

create table app.monitor_things (
  org_id uuid not null,
  monitor_id uuid not null,
  thing_id uuid not null,
  constraint monitor_things_org_id_monitor_id_fkey FOREIGN KEY (org_id, monitor_id) REFERENCES app.monitors(org_id, id) ON DELETE CASCADE,
  constraint monitor_things_org_id_thing_id_fkey FOREIGN KEY (org_id, thing_id) REFERENCES app.things(org_id, id) ON DELETE CASCADE,
  constraint monitor_things_pkey PRIMARY KEY (org_id, monitor_id, thing_id)
);
alter table app.monitor_things owner to bulkhead_owner;
CREATE INDEX monitor_things_thing ON app.monitor_things USING btree (org_id, thing_id);
alter table app.monitor_things enable row level security;
alter table app.monitor_things force row level security;
create policy being_deleted on app.monitor_things for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy created on app.monitor_things for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.monitor_things for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy evaluated_by_select on app.monitor_things for select to bulkhead_worker
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.monitor_things for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.monitor_things for select to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || monitor_id) ~~ ANY (( SELECT app.visible('MONITOR'::text) AS visible)::text[]))));
grant delete, insert, select on app.monitor_things to bulkhead_gateway;
grant select on app.monitor_things to bulkhead_worker;

create table app.monitors (
  org_id uuid not null,
  id uuid not null,
  name text not null,
  target_type text not null,
  place_id uuid,
  thing_type_id text,
  frequency_minutes integer not null,
  lookback_minutes integer not null,
  variables jsonb default '[]'::jsonb not null,
  is_enabled boolean not null,
  health text default 'UNKNOWN'::text not null,
  data_state text default 'NO_DATA'::text not null,
  evaluated_at timestamp with time zone,
  next_evaluation_at timestamp with time zone not null,
  things_watched integer default 0 not null,
  things_omitted integer default 0 not null,
  failure text,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint monitors_check CHECK (((place_id IS NOT NULL) = (target_type = ANY (ARRAY['ALL_THINGS_OF_TYPE_IN_PLACE'::text, 'ALL_THINGS_AT_PLACE'::text])))),
  constraint monitors_check1 CHECK (((thing_type_id IS NOT NULL) = (target_type = ANY (ARRAY['ALL_THINGS_OF_TYPE'::text, 'ALL_THINGS_OF_TYPE_IN_PLACE'::text])))),
  constraint monitors_data_state_check CHECK ((data_state = ANY (ARRAY['OK'::text, 'STALE'::text, 'NO_DATA'::text]))),
  constraint monitors_failure_check CHECK ((char_length(failure) <= 500)),
  constraint monitors_frequency_minutes_check CHECK ((frequency_minutes = ANY (ARRAY[1, 2, 5, 10, 12, 15, 30, 60, 120, 180, 360, 720, 1440]))),
  constraint monitors_health_check CHECK ((health = ANY (ARRAY['HEALTHY'::text, 'UNHEALTHY'::text, 'UNKNOWN'::text]))),
  constraint monitors_lookback_minutes_check CHECK ((lookback_minutes = ANY (ARRAY[1, 2, 5, 10, 12, 15, 30, 60, 120, 180, 360, 720, 1440]))),
  constraint monitors_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 80))),
  constraint monitors_org_id_fkey FOREIGN KEY (org_id) REFERENCES app.organizations(org_id) ON DELETE RESTRICT,
  constraint monitors_org_id_place_id_fkey FOREIGN KEY (org_id, place_id) REFERENCES app.places(org_id, id) ON DELETE RESTRICT,
  constraint monitors_org_id_thing_type_id_fkey FOREIGN KEY (org_id, thing_type_id) REFERENCES app.thing_types(org_id, id) ON DELETE RESTRICT,
  constraint monitors_pkey PRIMARY KEY (org_id, id),
  constraint monitors_target_type_check CHECK ((target_type = ANY (ARRAY['SINGLE_THING'::text, 'EXPLICIT_LIST'::text, 'ALL_THINGS_OF_TYPE'::text, 'ALL_THINGS_OF_TYPE_IN_PLACE'::text, 'ALL_THINGS_AT_PLACE'::text]))),
  constraint monitors_variables_check CHECK ((jsonb_typeof(variables) = 'array'::text))
);
alter table app.monitors owner to bulkhead_owner;
CREATE INDEX monitors_due ON app.monitors USING btree (org_id, next_evaluation_at) WHERE is_enabled;
CREATE INDEX monitors_place ON app.monitors USING btree (org_id, place_id) WHERE (place_id IS NOT NULL);
CREATE INDEX monitors_type ON app.monitors USING btree (org_id, thing_type_id) WHERE (thing_type_id IS NOT NULL);
CREATE TRIGGER require_room BEFORE INSERT ON app.monitors FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.monitors enable row level security;
alter table app.monitors force row level security;
create policy being_deleted on app.monitors for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.monitors for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.monitors for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.monitors for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy due_to_owner on app.monitors for select to bulkhead_owner
  using ((( SELECT current_setting('app.listing'::text, true) AS current_setting) = 'all'::text));
create policy evaluated_by_select on app.monitors for select to bulkhead_worker
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy evaluated_by_update on app.monitors for update to bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND ('%'::text = ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy known_to_owner on app.monitors for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.monitors for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || id) ~~ ANY (( SELECT app.changeable('MONITOR'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.monitors for select to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('MONITOR/'::text || id) ~~ ANY (( SELECT app.visible('MONITOR'::text) AS visible)::text[]))));
grant delete, insert, select on app.monitors to bulkhead_gateway;
grant select on app.monitors to bulkhead_worker;
grant update (health, data_state, evaluated_at, next_evaluation_at, things_watched, things_omitted, failure) on app.monitors to bulkhead_worker;
grant update (name, target_type, place_id, thing_type_id, frequency_minutes, lookback_minutes, variables, is_enabled, health, data_state, next_evaluation_at, failure, updated_at, updated_by) on app.monitors to bulkhead_gateway;

create table app.organizations (
  org_id uuid not null,
  name text not null,
  display_name text,
  logo_url text,
  primary_color text,
  secondary_color text,
  retention_days integer default 365 not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  definition_purge_days integer default 90,
  constraint organizations_definition_purge_days_check CHECK (((definition_purge_days >= 1) AND (definition_purge_days <= 3650))),
  constraint organizations_display_name_check CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 200))),
  constraint organizations_logo_url_check CHECK ((char_length(logo_url) <= 2048)),
  constraint organizations_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
  constraint organizations_pkey PRIMARY KEY (org_id),
  constraint organizations_primary_color_check CHECK ((primary_color ~ '^#[0-9a-f]{6}$'::text)),
  constraint organizations_retention_days_check CHECK (((retention_days >= 1) AND (retention_days <= 3650))),
  constraint organizations_secondary_color_check CHECK ((secondary_color ~ '^#[0-9a-f]{6}$'::text))
);
alter table app.organizations owner to bulkhead_owner;
alter table app.organizations enable row level security;
alter table app.organizations force row level security;
create policy being_deleted on app.organizations for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.organizations for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('ORGANIZATION/'::text || org_id) ~~ ANY ((( SELECT app.changeable('ORGANIZATION'::text, 'write'::text) AS changeable) || ( SELECT app.changeable('ORGANIZATION'::text, 'admin'::text) AS changeable))))));
create policy created on app.organizations for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('ORGANIZATION/'::text || org_id) ~~ ANY (( SELECT app.changeable('ORGANIZATION'::text, 'admin'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.organizations for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.organizations for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy listed_by_owner on app.organizations for select to bulkhead_owner
  using ((( SELECT current_setting('app.listing'::text, true) AS current_setting) = 'all'::text));
create policy visible on app.organizations for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('ORGANIZATION/'::text || org_id) ~~ ANY (( SELECT app.visible('ORGANIZATION'::text) AS visible)::text[]))));
grant insert, select on app.organizations to bulkhead_gateway;
grant select on app.organizations to bulkhead_worker;
grant update (name, display_name, logo_url, primary_color, secondary_color, retention_days, updated_at, updated_by, definition_purge_days) on app.organizations to bulkhead_gateway;

create table app.places (
  org_id uuid not null,
  id uuid not null,
  place_type text not null,
  name text not null,
  latitude double precision,
  longitude double precision,
  address text,
  attributes jsonb default '{}'::jsonb not null,
  preferred_display_metric_ids text[] default '{}'::text[] not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint places_address_check CHECK ((char_length(address) <= 500)),
  constraint places_check CHECK (((latitude IS NULL) = (longitude IS NULL))),
  constraint places_check1 CHECK (((place_type <> 'Site'::text) OR ((latitude IS NOT NULL) AND (address IS NOT NULL)))),
  constraint places_check2 CHECK (((place_type <> 'Fleet'::text) OR (address IS NULL))),
  constraint places_latitude_check CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision))),
  constraint places_longitude_check CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision))),
  constraint places_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
  constraint places_org_id_fkey FOREIGN KEY (org_id) REFERENCES app.organizations(org_id) ON DELETE RESTRICT,
  constraint places_org_id_place_type_id_key UNIQUE (org_id, place_type, id),
  constraint places_pkey PRIMARY KEY (org_id, id),
  constraint places_place_type_check CHECK ((place_type = ANY (ARRAY['Site'::text, 'Fleet'::text])))
);
alter table app.places owner to bulkhead_owner;
CREATE TRIGGER require_room BEFORE INSERT ON app.places FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.places enable row level security;
alter table app.places force row level security;
create policy being_deleted on app.places for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.places for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (((('PLACE/'::text || place_type) || '/'::text) || id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.places for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (((('PLACE/'::text || place_type) || '/'::text) || id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.places for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.places for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.places for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (((('PLACE/'::text || place_type) || '/'::text) || id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.places for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (((('PLACE/'::text || place_type) || '/'::text) || id) ~~ ANY (( SELECT app.visible('PLACE'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant delete, insert, select on app.places to bulkhead_gateway;
grant select on app.places to bulkhead_worker;
grant update (name, latitude, longitude, address, attributes, preferred_display_metric_ids, updated_at, updated_by) on app.places to bulkhead_gateway;

create table app.resource_mappings (
  org_id uuid not null,
  id uuid not null,
  direction text not null,
  type text not null,
  integration_id uuid not null,
  third_party_id text,
  resource_third_party_id text not null,
  resource_type text not null,
  thing_id uuid,
  place_id uuid,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  constraint resource_mappings_check CHECK (((thing_id IS NULL) <> (place_id IS NULL))),
  constraint resource_mappings_org_id_direction_type_integration_id_fkey FOREIGN KEY (org_id, direction, type, integration_id) REFERENCES app.integrations(org_id, direction, type, id) ON DELETE CASCADE,
  constraint resource_mappings_org_id_integration_id_third_party_id_reso_key UNIQUE NULLS NOT DISTINCT (org_id, integration_id, third_party_id, resource_third_party_id, thing_id, place_id),
  constraint resource_mappings_org_id_place_id_fkey FOREIGN KEY (org_id, place_id) REFERENCES app.places(org_id, id) ON DELETE CASCADE,
  constraint resource_mappings_org_id_thing_id_fkey FOREIGN KEY (org_id, thing_id) REFERENCES app.things(org_id, id) ON DELETE CASCADE,
  constraint resource_mappings_pkey PRIMARY KEY (org_id, id),
  constraint resource_mappings_resource_third_party_id_check CHECK (((char_length(resource_third_party_id) >= 1) AND (char_length(resource_third_party_id) <= 200))),
  constraint resource_mappings_third_party_id_check CHECK (((char_length(third_party_id) >= 1) AND (char_length(third_party_id) <= 200)))
);
alter table app.resource_mappings owner to bulkhead_owner;
CREATE INDEX resource_mappings_integration ON app.resource_mappings USING btree (org_id, integration_id, id);
CREATE INDEX resource_mappings_place ON app.resource_mappings USING btree (org_id, place_id) WHERE (place_id IS NOT NULL);
CREATE INDEX resource_mappings_thing ON app.resource_mappings USING btree (org_id, thing_id) WHERE (thing_id IS NOT NULL);
CREATE TRIGGER require_room BEFORE INSERT ON app.resource_mappings FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.resource_mappings enable row level security;
alter table app.resource_mappings force row level security;
create policy being_deleted on app.resource_mappings for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy created on app.resource_mappings for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || integration_id) ~~ ANY (( SELECT app.changeable('INTEGRATION'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.resource_mappings for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.resource_mappings for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.resource_mappings for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || integration_id) ~~ ANY (( SELECT app.changeable('INTEGRATION'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.resource_mappings for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (((((('INTEGRATION/'::text || direction) || '/'::text) || type) || '/'::text) || integration_id) ~~ ANY (( SELECT app.visible('INTEGRATION'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant delete, insert, select on app.resource_mappings to bulkhead_gateway;
grant select on app.resource_mappings to bulkhead_worker;

create table app.retention_states (
  org_id uuid not null,
  seen_at timestamp with time zone,
  cutoff timestamp with time zone,
  days integer,
  confirmed_before timestamp with time zone,
  refusal text,
  refused_at timestamp with time zone,
  constraint retention_states_check CHECK (((cutoff IS NULL) = (days IS NULL))),
  constraint retention_states_check1 CHECK (((refusal IS NULL) = (refused_at IS NULL))),
  constraint retention_states_days_check CHECK (((days >= 1) AND (days <= 3650))),
  constraint retention_states_org_id_fkey FOREIGN KEY (org_id) REFERENCES app.organizations(org_id) ON DELETE RESTRICT,
  constraint retention_states_pkey PRIMARY KEY (org_id),
  constraint retention_states_refusal_check CHECK ((refusal = ANY (ARRAY['CLOCK_AHEAD'::text, 'CLOCK_BEHIND'::text, 'TOO_MANY'::text])))
);
alter table app.retention_states owner to bulkhead_owner;
alter table app.retention_states enable row level security;
alter table app.retention_states force row level security;
create policy being_deleted on app.retention_states for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.retention_states for update to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('ORGANIZATION/'::text || org_id) ~~ ANY (( SELECT app.changeable('ORGANIZATION'::text, 'admin'::text) AS changeable)::text[]))));
create policy created on app.retention_states for insert to bulkhead_gateway, bulkhead_worker
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('ORGANIZATION/'::text || org_id) ~~ ANY (( SELECT app.changeable('ORGANIZATION'::text, 'admin'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.retention_states for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy visible on app.retention_states for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('ORGANIZATION/'::text || org_id) ~~ ANY (( SELECT app.visible('ORGANIZATION'::text) AS visible)::text[]))));
grant insert (org_id, confirmed_before) on app.retention_states to bulkhead_gateway;
grant insert, select on app.retention_states to bulkhead_worker;
grant select on app.retention_states to bulkhead_gateway;
grant update (confirmed_before) on app.retention_states to bulkhead_gateway;
grant update (seen_at, cutoff, days, confirmed_before, refusal, refused_at) on app.retention_states to bulkhead_worker;

create table app.template_revisions (
  org_id uuid not null,
  id uuid not null,
  template_id uuid not null,
  target text not null,
  format text not null,
  revision integer not null,
  name text not null,
  description text,
  spec jsonb not null,
  tags text[] default '{}'::text[] not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  constraint template_revisions_description_check CHECK ((char_length(description) <= 500)),
  constraint template_revisions_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
  constraint template_revisions_org_id_target_format_template_id_fkey FOREIGN KEY (org_id, target, format, template_id) REFERENCES app.templates(org_id, target, format, id) ON DELETE RESTRICT,
  constraint template_revisions_org_id_template_id_revision_key UNIQUE (org_id, template_id, revision),
  constraint template_revisions_pkey PRIMARY KEY (org_id, id),
  constraint template_revisions_revision_check CHECK ((revision >= 1))
);
alter table app.template_revisions owner to bulkhead_owner;
CREATE TRIGGER require_room BEFORE INSERT ON app.template_revisions FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.template_revisions enable row level security;
alter table app.template_revisions force row level security;
create policy being_deleted on app.template_revisions for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy created on app.template_revisions for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (((('TEMPLATE/'::text || target) || '/'::text) || template_id) ~~ ANY (( SELECT app.changeable('TEMPLATE'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.template_revisions for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.template_revisions for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy purged on app.template_revisions for delete to bulkhead_owner
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (EXISTS ( SELECT
   FROM app.templates t
  WHERE ((t.org_id = template_revisions.org_id) AND (t.id = template_revisions.template_id) AND (t.deleted_at IS NOT NULL))))));
create policy visible on app.template_revisions for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (((('TEMPLATE/'::text || target) || '/'::text) || template_id) ~~ ANY (( SELECT app.visible('TEMPLATE'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant insert, select on app.template_revisions to bulkhead_gateway;
grant select on app.template_revisions to bulkhead_worker;

create table app.templates (
  org_id uuid not null,
  id uuid not null,
  name text not null,
  description text,
  target text not null,
  format text not null,
  spec jsonb not null,
  tags text[] default '{}'::text[] not null,
  revision integer default 1 not null,
  deleted_at timestamp with time zone,
  deleted_by text,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint templates_description_check CHECK ((char_length(description) <= 500)),
  constraint templates_format_check CHECK ((format = ANY (ARRAY['JSON_POINTER'::text, 'JAVASCRIPT_HANDLER'::text]))),
  constraint templates_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
  constraint templates_org_id_fkey FOREIGN KEY (org_id) REFERENCES app.organizations(org_id) ON DELETE RESTRICT,
  constraint templates_org_id_target_format_id_key UNIQUE (org_id, target, format, id),
  constraint templates_pkey PRIMARY KEY (org_id, id),
  constraint templates_revision_check CHECK ((revision >= 1)),
  constraint templates_target_check CHECK ((target = 'THING_DATA'::text))
);
alter table app.templates owner to bulkhead_owner;
CREATE TRIGGER require_room BEFORE INSERT ON app.templates FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.templates enable row level security;
alter table app.templates force row level security;
create policy being_deleted on app.templates for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.templates for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (((('TEMPLATE/'::text || target) || '/'::text) || id) ~~ ANY (( SELECT app.changeable('TEMPLATE'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.templates for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (((('TEMPLATE/'::text || target) || '/'::text) || id) ~~ ANY (( SELECT app.changeable('TEMPLATE'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.templates for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.templates for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy purged on app.templates for delete to bulkhead_owner
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (deleted_at IS NOT NULL)));
create policy visible on app.templates for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (((('TEMPLATE/'::text || target) || '/'::text) || id) ~~ ANY (( SELECT app.visible('TEMPLATE'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant insert, select on app.templates to bulkhead_gateway;
grant select on app.templates to bulkhead_worker;
grant update (name, description, spec, tags, revision, deleted_at, deleted_by, updated_at, updated_by) on app.templates to bulkhead_gateway;

create table app.thing_integrations (
  org_id uuid not null,
  thing_id uuid not null,
  integration_id uuid not null,
  constraint thing_integrations_org_id_integration_id_fkey FOREIGN KEY (org_id, integration_id) REFERENCES app.integrations(org_id, id) ON DELETE RESTRICT,
  constraint thing_integrations_org_id_thing_id_fkey FOREIGN KEY (org_id, thing_id) REFERENCES app.things(org_id, id) ON DELETE CASCADE,
  constraint thing_integrations_pkey PRIMARY KEY (org_id, thing_id, integration_id)
);
alter table app.thing_integrations owner to bulkhead_owner;
CREATE INDEX thing_integrations_integration ON app.thing_integrations USING btree (org_id, integration_id);
alter table app.thing_integrations enable row level security;
alter table app.thing_integrations force row level security;
create policy being_deleted on app.thing_integrations for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy created on app.thing_integrations for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (EXISTS ( SELECT
   FROM app.things t
  WHERE ((t.org_id = thing_integrations.org_id) AND (t.id = thing_integrations.thing_id) AND (((((((('PLACE/'::text || t.place_type) || '/'::text) || t.place_id) || '/THING/'::text) || t.thing_type_id) || '/'::text) || t.id) ~~ ANY (( SELECT app.changeable('THING'::text, 'write'::text) AS changeable)::text[])))))));
create policy deleted_with_organization on app.thing_integrations for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.thing_integrations for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.thing_integrations for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (EXISTS ( SELECT
   FROM app.things t
  WHERE ((t.org_id = thing_integrations.org_id) AND (t.id = thing_integrations.thing_id) AND (((((((('PLACE/'::text || t.place_type) || '/'::text) || t.place_id) || '/THING/'::text) || t.thing_type_id) || '/'::text) || t.id) ~~ ANY (( SELECT app.changeable('THING'::text, 'write'::text) AS changeable)::text[])))))));
create policy visible on app.thing_integrations for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (EXISTS ( SELECT
   FROM app.things t
  WHERE ((t.org_id = thing_integrations.org_id) AND (t.id = thing_integrations.thing_id))))));
grant delete, insert, select on app.thing_integrations to bulkhead_gateway;
grant select on app.thing_integrations to bulkhead_worker;

create table app.thing_type_metrics (
  org_id uuid not null,
  thing_type_id text not null,
  version_id text not null,
  metric_id text not null,
  "position" integer not null,
  constraint thing_type_metrics_org_id_metric_id_fkey FOREIGN KEY (org_id, metric_id) REFERENCES app.metric_definitions(org_id, id) ON DELETE RESTRICT,
  constraint thing_type_metrics_org_id_thing_type_id_version_id_fkey FOREIGN KEY (org_id, thing_type_id, version_id) REFERENCES app.thing_type_versions(org_id, thing_type_id, id) ON DELETE RESTRICT,
  constraint thing_type_metrics_org_id_version_id_position_key UNIQUE (org_id, version_id, "position"),
  constraint thing_type_metrics_pkey PRIMARY KEY (org_id, version_id, metric_id),
  constraint thing_type_metrics_position_check CHECK (("position" >= 0))
);
alter table app.thing_type_metrics owner to bulkhead_owner;
CREATE INDEX thing_type_metrics_metric ON app.thing_type_metrics USING btree (org_id, metric_id);
CREATE TRIGGER keep_metric_set AFTER INSERT ON app.thing_type_metrics REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION app.keep_metric_set();
alter table app.thing_type_metrics enable row level security;
alter table app.thing_type_metrics force row level security;
create policy being_deleted on app.thing_type_metrics for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy created on app.thing_type_metrics for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('DEFINITION/ThingType/'::text || thing_type_id) ~~ ANY (( SELECT app.changeable('DEFINITION'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.thing_type_metrics for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.thing_type_metrics for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy purged on app.thing_type_metrics for delete to bulkhead_owner
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (EXISTS ( SELECT
   FROM app.thing_types t
  WHERE ((t.org_id = thing_type_metrics.org_id) AND (t.id = thing_type_metrics.thing_type_id) AND (t.deleted_at IS NOT NULL))))));
create policy visible on app.thing_type_metrics for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (('DEFINITION/ThingTypeVersion/'::text || version_id) ~~ ANY (( SELECT app.visible('DEFINITION'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant insert, select on app.thing_type_metrics to bulkhead_gateway;
grant select on app.thing_type_metrics to bulkhead_worker;

create table app.thing_type_versions (
  org_id uuid not null,
  id text not null,
  thing_type_id text not null,
  version integer not null,
  display_name text not null,
  description text,
  tags text[] default '{}'::text[] not null,
  model_metadata jsonb,
  property_definitions jsonb default '[]'::jsonb not null,
  allowed_sub_definition_ids text[] default '{}'::text[] not null,
  deleted_metric_ids text[] default '{}'::text[] not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint thing_type_versions_description_check CHECK ((char_length(description) <= 500)),
  constraint thing_type_versions_display_name_check CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 100))),
  constraint thing_type_versions_id_check CHECK ((id ~ '^tdef_[0-9a-z]{26}$'::text)),
  constraint thing_type_versions_org_id_thing_type_id_fkey FOREIGN KEY (org_id, thing_type_id) REFERENCES app.thing_types(org_id, id) ON DELETE RESTRICT,
  constraint thing_type_versions_org_id_thing_type_id_id_key UNIQUE (org_id, thing_type_id, id),
  constraint thing_type_versions_org_id_thing_type_id_version_key UNIQUE (org_id, thing_type_id, version),
  constraint thing_type_versions_pkey PRIMARY KEY (org_id, id),
  constraint thing_type_versions_version_check CHECK ((version >= 1))
);
alter table app.thing_type_versions owner to bulkhead_owner;
CREATE TRIGGER date_version BEFORE INSERT ON app.thing_type_versions FOR EACH ROW EXECUTE FUNCTION app.date_version();
CREATE TRIGGER require_room BEFORE INSERT ON app.thing_type_versions FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.thing_type_versions enable row level security;
alter table app.thing_type_versions force row level security;
create policy being_deleted on app.thing_type_versions for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.thing_type_versions for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('DEFINITION/ThingTypeVersion/'::text || id) ~~ ANY (( SELECT app.changeable('DEFINITION'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.thing_type_versions for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('DEFINITION/ThingType/'::text || thing_type_id) ~~ ANY (( SELECT app.changeable('DEFINITION'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.thing_type_versions for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.thing_type_versions for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy purged on app.thing_type_versions for delete to bulkhead_owner
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (EXISTS ( SELECT
   FROM app.thing_types t
  WHERE ((t.org_id = thing_type_versions.org_id) AND (t.id = thing_type_versions.thing_type_id) AND (t.deleted_at IS NOT NULL))))));
create policy visible on app.thing_type_versions for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (('DEFINITION/ThingTypeVersion/'::text || id) ~~ ANY (( SELECT app.visible('DEFINITION'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant insert, select on app.thing_type_versions to bulkhead_gateway;
grant select on app.thing_type_versions to bulkhead_worker;
grant update (display_name, description, tags, model_metadata, property_definitions, updated_at, updated_by) on app.thing_type_versions to bulkhead_gateway;

create table app.thing_types (
  org_id uuid not null,
  id text not null,
  display_name text not null,
  description text,
  default_image_url text,
  default_icon_url text,
  latest_version_id text not null,
  latest_version_number integer not null,
  deleted_at timestamp with time zone,
  deleted_by text,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint thing_types_default_icon_url_check CHECK ((char_length(default_icon_url) <= 2048)),
  constraint thing_types_default_image_url_check CHECK ((char_length(default_image_url) <= 2048)),
  constraint thing_types_description_check CHECK ((char_length(description) <= 500)),
  constraint thing_types_display_name_check CHECK ((((char_length(display_name) >= 1) AND (char_length(display_name) <= 100)) AND (display_name !~ '[/#]'::text))),
  constraint thing_types_id_check CHECK ((id ~ '^tdefi_[0-9a-z]{26}$'::text)),
  constraint thing_types_latest_version_number_check CHECK ((latest_version_number >= 1)),
  constraint thing_types_org_id_fkey FOREIGN KEY (org_id) REFERENCES app.organizations(org_id) ON DELETE RESTRICT,
  constraint thing_types_org_id_id_latest_version_id_fkey FOREIGN KEY (org_id, id, latest_version_id) REFERENCES app.thing_type_versions(org_id, thing_type_id, id) DEFERRABLE INITIALLY DEFERRED,
  constraint thing_types_pkey PRIMARY KEY (org_id, id)
);
alter table app.thing_types owner to bulkhead_owner;
CREATE UNIQUE INDEX thing_types_active_name ON app.thing_types USING btree (org_id, display_name) WHERE (deleted_at IS NULL);
CREATE TRIGGER require_room BEFORE INSERT ON app.thing_types FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.thing_types enable row level security;
alter table app.thing_types force row level security;
create policy being_deleted on app.thing_types for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.thing_types for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('DEFINITION/ThingType/'::text || id) ~~ ANY (( SELECT app.changeable('DEFINITION'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.thing_types for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('DEFINITION/ThingType/'::text || id) ~~ ANY (( SELECT app.changeable('DEFINITION'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.thing_types for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy known_to_owner on app.thing_types for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy purged on app.thing_types for delete to bulkhead_owner
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (deleted_at IS NOT NULL)));
create policy visible on app.thing_types for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (('DEFINITION/ThingType/'::text || id) ~~ ANY (( SELECT app.visible('DEFINITION'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant insert, select on app.thing_types to bulkhead_gateway;
grant select on app.thing_types to bulkhead_worker;
grant update (display_name, description, default_image_url, default_icon_url, latest_version_id, latest_version_number, deleted_at, deleted_by, updated_at, updated_by) on app.thing_types to bulkhead_gateway;

create table app.things (
  org_id uuid not null,
  id uuid not null,
  place_type text not null,
  place_id uuid not null,
  level_id uuid,
  thing_type_id text not null,
  thing_type_version_id text not null,
  name text not null,
  description text,
  address text,
  model text,
  manufacturer text,
  manufacturer_id text,
  is_first_party boolean default false not null,
  is_simulated boolean default false not null,
  latitude double precision,
  longitude double precision,
  altitude double precision,
  attributes jsonb default '{}'::jsonb not null,
  properties jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint things_address_check CHECK ((char_length(address) <= 500)),
  constraint things_check CHECK (((latitude IS NULL) = (longitude IS NULL))),
  constraint things_check1 CHECK (((level_id IS NULL) OR (place_type = 'Site'::text))),
  constraint things_description_check CHECK ((char_length(description) <= 500)),
  constraint things_latitude_check CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision))),
  constraint things_longitude_check CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision))),
  constraint things_manufacturer_check CHECK ((char_length(manufacturer) <= 200)),
  constraint things_manufacturer_id_check CHECK (((char_length(manufacturer_id) >= 1) AND (char_length(manufacturer_id) <= 200))),
  constraint things_model_check CHECK ((char_length(model) <= 200)),
  constraint things_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 256))),
  constraint things_org_id_place_id_level_id_fkey FOREIGN KEY (org_id, place_id, level_id) REFERENCES app.levels(org_id, site_id, id) ON DELETE RESTRICT,
  constraint things_org_id_place_type_place_id_fkey FOREIGN KEY (org_id, place_type, place_id) REFERENCES app.places(org_id, place_type, id) ON DELETE RESTRICT,
  constraint things_org_id_thing_type_id_fkey FOREIGN KEY (org_id, thing_type_id) REFERENCES app.thing_types(org_id, id) ON DELETE RESTRICT,
  constraint things_org_id_thing_type_id_manufacturer_id_key UNIQUE (org_id, thing_type_id, manufacturer_id),
  constraint things_org_id_thing_type_id_thing_type_version_id_fkey FOREIGN KEY (org_id, thing_type_id, thing_type_version_id) REFERENCES app.thing_type_versions(org_id, thing_type_id, id) ON DELETE RESTRICT,
  constraint things_pkey PRIMARY KEY (org_id, id)
);
alter table app.things owner to bulkhead_owner;
CREATE INDEX things_level ON app.things USING btree (org_id, level_id) WHERE (level_id IS NOT NULL);
CREATE INDEX things_place ON app.things USING btree (org_id, place_id, id);
CREATE INDEX things_type ON app.things USING btree (org_id, thing_type_id, id);
CREATE INDEX things_version ON app.things USING btree (org_id, thing_type_version_id);
CREATE TRIGGER require_room BEFORE INSERT ON app.things FOR EACH STATEMENT EXECUTE FUNCTION app.require_room();
alter table app.things enable row level security;
alter table app.things force row level security;
create policy being_deleted on app.things for select to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy changed on app.things for update to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (((((((('PLACE/'::text || place_type) || '/'::text) || place_id) || '/THING/'::text) || thing_type_id) || '/'::text) || id) ~~ ANY (( SELECT app.changeable('THING'::text, 'write'::text) AS changeable)::text[]))));
create policy created on app.things for insert to bulkhead_gateway
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (((('PLACE/'::text || place_type) || '/'::text) || place_id) ~~ ANY (( SELECT app.changeable('PLACE'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on app.things for delete to bulkhead_owner
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy evaluated on app.things for select to bulkhead_worker
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy known_to_owner on app.things for select to bulkhead_owner
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy removed on app.things for delete to bulkhead_gateway
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (((((((('PLACE/'::text || place_type) || '/'::text) || place_id) || '/THING/'::text) || thing_type_id) || '/'::text) || id) ~~ ANY (( SELECT app.changeable('THING'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on app.things for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND
CASE
    WHEN (((((((('PLACE/'::text || place_type) || '/'::text) || place_id) || '/THING/'::text) || thing_type_id) || '/'::text) || id) ~~ ANY (( SELECT app.visible('THING'::text) AS visible)::text[])) THEN true
    ELSE NULL::boolean
END));
grant delete, insert, select on app.things to bulkhead_gateway;
grant select on app.things to bulkhead_worker;
grant update (level_id, thing_type_version_id, name, description, address, model, manufacturer, manufacturer_id, is_first_party, latitude, longitude, altitude, attributes, properties, updated_at, updated_by) on app.things to bulkhead_gateway;

create table audit.entries (
  org_id uuid not null,
  id uuid default gen_random_uuid() not null,
  at timestamp with time zone default clock_timestamp() not null,
  actor_type text not null,
  actor_id text not null,
  action text not null,
  resource text not null,
  outcome text not null,
  code text,
  client_address text,
  request_id text not null,
  change text not null,
  salt bytea default (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) not null,
  constraint entries_action_check CHECK (((char_length(action) >= 1) AND (char_length(action) <= 100))),
  constraint entries_actor_type_check CHECK ((actor_type = ANY (ARRAY['API_KEY'::text, 'OPERATOR'::text, 'SYSTEM'::text]))),
  constraint entries_change_check CHECK ((octet_length(change) <= 32768)),
  constraint entries_outcome_check CHECK ((outcome = ANY (ARRAY['INTENDED'::text, 'SUCCEEDED'::text, 'REFUSED'::text, 'FAILED'::text]))),
  constraint entries_pkey PRIMARY KEY (org_id, id),
  constraint entries_resource_check CHECK ((char_length(resource) <= 400)),
  constraint entries_salt_check CHECK ((length(salt) = 32))
);
alter table audit.entries owner to bulkhead_audit;
CREATE INDEX entries_time ON audit.entries USING btree (org_id, at DESC, id DESC);
alter table audit.entries enable row level security;
alter table audit.entries force row level security;
create policy appended on audit.entries for insert to bulkhead_audit
  with check ((org_id = ( SELECT app.org_id() AS org_id)));
create policy being_deleted on audit.entries for select to bulkhead_audit
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy deleted_with_organization on audit.entries for delete to bulkhead_audit
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy sealed on audit.entries for select to bulkhead_audit
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy visible on audit.entries for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND ('AUDIT'::text ~~ ANY (( SELECT app.visible('AUDIT'::text) AS visible)::text[]))));
grant select on audit.entries to bulkhead_gateway;
grant select on audit.entries to bulkhead_worker;

create table audit.heads (
  org_id uuid not null,
  size bigint not null,
  from_size bigint not null,
  log_index bigint not null,
  constraint heads_pkey PRIMARY KEY (org_id, size)
);
alter table audit.heads owner to bulkhead_audit;
alter table audit.heads enable row level security;
alter table audit.heads force row level security;
create policy appended on audit.heads for insert to bulkhead_audit
  with check (((org_id = ( SELECT app.org_id() AS org_id)) OR ( SELECT platform.acts_for_deployment() AS acts_for_deployment)));
create policy sealed on audit.heads for select to bulkhead_audit
  using (((org_id = ( SELECT app.org_id() AS org_id)) OR (org_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) OR ( SELECT platform.acts_for_deployment() AS acts_for_deployment)));

create table audit.leaves (
  org_id uuid not null,
  leaf_index bigint not null,
  entry_id uuid,
  leaf text not null,
  hash bytea not null,
  signature bytea not null,
  constraint leaves_hash_check CHECK ((length(hash) = 32)),
  constraint leaves_leaf_index_check CHECK ((leaf_index >= 0)),
  constraint leaves_pkey PRIMARY KEY (org_id, leaf_index),
  constraint leaves_signature_check CHECK ((length(signature) = 64))
);
alter table audit.leaves owner to bulkhead_audit;
CREATE UNIQUE INDEX leaves_entry ON audit.leaves USING btree (org_id, entry_id);
alter table audit.leaves enable row level security;
alter table audit.leaves force row level security;
create policy appended on audit.leaves for insert to bulkhead_audit
  with check (((org_id = ( SELECT app.org_id() AS org_id)) OR ( SELECT platform.acts_for_deployment() AS acts_for_deployment)));
create policy sealed on audit.leaves for select to bulkhead_audit
  using (((org_id = ( SELECT app.org_id() AS org_id)) OR (org_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) OR ( SELECT platform.acts_for_deployment() AS acts_for_deployment)));

create table audit.nodes (
  org_id uuid not null,
  level smallint not null,
  "position" bigint not null,
  hash bytea not null,
  constraint nodes_hash_check CHECK ((length(hash) = 32)),
  constraint nodes_level_check CHECK (((level >= 1) AND (level <= 62))),
  constraint nodes_pkey PRIMARY KEY (org_id, level, "position"),
  constraint nodes_position_check CHECK (("position" >= 0))
);
alter table audit.nodes owner to bulkhead_audit;
alter table audit.nodes enable row level security;
alter table audit.nodes force row level security;
create policy appended on audit.nodes for insert to bulkhead_audit
  with check (((org_id = ( SELECT app.org_id() AS org_id)) OR ( SELECT platform.acts_for_deployment() AS acts_for_deployment)));
create policy sealed on audit.nodes for select to bulkhead_audit
  using (((org_id = ( SELECT app.org_id() AS org_id)) OR (org_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) OR ( SELECT platform.acts_for_deployment() AS acts_for_deployment)));

create table audit.trees (
  org_id uuid not null,
  size bigint not null,
  frontier bytea not null,
  head_size bigint default 0 not null,
  constraint trees_check CHECK (((head_size >= 0) AND (head_size <= size))),
  constraint trees_frontier_check CHECK (((length(frontier) % 32) = 0)),
  constraint trees_pkey PRIMARY KEY (org_id),
  constraint trees_size_check CHECK ((size >= 0))
);
alter table audit.trees owner to bulkhead_audit;
CREATE INDEX trees_grown ON audit.trees USING btree (org_id) WHERE (size > head_size);
alter table audit.trees enable row level security;
alter table audit.trees force row level security;
create policy appended on audit.trees for insert to bulkhead_audit
  with check (((org_id = ( SELECT app.org_id() AS org_id)) OR ( SELECT platform.acts_for_deployment() AS acts_for_deployment)));
create policy grown on audit.trees for update to bulkhead_audit
  using (((org_id = ( SELECT app.org_id() AS org_id)) OR ( SELECT platform.acts_for_deployment() AS acts_for_deployment)));
create policy sealed on audit.trees for select to bulkhead_audit
  using (((org_id = ( SELECT app.org_id() AS org_id)) OR (org_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) OR ( SELECT platform.acts_for_deployment() AS acts_for_deployment)));

create table audit.usage (
  org_id uuid not null,
  hour timestamp with time zone not null,
  actor_type text not null,
  actor_id text not null,
  action text not null,
  calls bigint not null,
  amount bigint not null,
  constraint usage_pkey PRIMARY KEY (org_id, hour, actor_id, action)
);
alter table audit.usage owner to bulkhead_audit;
alter table audit.usage enable row level security;
alter table audit.usage force row level security;
create policy added on audit.usage for update to bulkhead_audit
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy appended on audit.usage for insert to bulkhead_audit
  with check ((org_id = ( SELECT app.org_id() AS org_id)));
create policy being_deleted on audit.usage for select to bulkhead_audit
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy counted on audit.usage for select to bulkhead_audit
  using ((org_id = ( SELECT app.org_id() AS org_id)));
create policy deleted_with_organization on audit.usage for delete to bulkhead_audit
  using (
CASE
    WHEN (( SELECT current_setting('app.deleting'::text, true) AS current_setting) = 'yes'::text) THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org))
    ELSE NULL::boolean
END);
create policy visible on audit.usage for select to bulkhead_gateway, bulkhead_worker
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND ('AUDIT'::text ~~ ANY (( SELECT app.visible('AUDIT'::text) AS visible)::text[]))));
grant select on audit.usage to bulkhead_gateway;
grant select on audit.usage to bulkhead_worker;

create table platform.alerts (
  name text not null,
  severity text not null,
  summary text not null,
  evidence jsonb not null,
  firing boolean not null,
  since timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  resolved_at timestamp with time zone,
  constraint alerts_check CHECK ((firing = (resolved_at IS NULL))),
  constraint alerts_evidence_check CHECK (((jsonb_typeof(evidence) = 'object'::text) AND (octet_length((evidence)::text) <= 4000))),
  constraint alerts_name_check CHECK ((name ~ '^[A-Z][A-Za-z0-9]{2,59}(/[A-Za-z0-9._-]{1,60})?$'::text)),
  constraint alerts_pkey PRIMARY KEY (name),
  constraint alerts_severity_check CHECK ((severity = ANY (ARRAY['page'::text, 'ticket'::text]))),
  constraint alerts_summary_check CHECK (((char_length(summary) >= 1) AND (char_length(summary) <= 500)))
);
alter table platform.alerts owner to bulkhead_owner;

create table platform.api_key_owners (
  key_id text not null,
  org_id uuid not null,
  constraint api_key_owners_pkey PRIMARY KEY (key_id)
);
alter table platform.api_key_owners owner to bulkhead_owner;

create table platform.backup_drills (
  id uuid not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  is_passed boolean not null,
  statement text not null,
  signature bytea not null,
  constraint backup_drills_pkey PRIMARY KEY (id),
  constraint backup_drills_signature_check CHECK ((octet_length(signature) = 64)),
  constraint backup_drills_statement_check CHECK ((char_length(statement) <= 100000))
);
alter table platform.backup_drills owner to bulkhead_owner;

create table platform.backup_state (
  is_only boolean default true not null,
  beat_at timestamp with time zone default clock_timestamp() not null,
  place text,
  last_wal text,
  last_wal_at timestamp with time zone,
  restorable_until timestamp with time zone,
  restorable_from timestamp with time zone,
  spooled_files integer default 0 not null,
  spooled_bytes bigint default 0 not null,
  oldest_spooled_at timestamp with time zone,
  shipped_files bigint default 0 not null,
  shipped_bytes bigint default 0 not null,
  failures bigint default 0 not null,
  last_failure text,
  last_failed_at timestamp with time zone,
  constraint backup_state_is_only_check CHECK (is_only),
  constraint backup_state_last_failure_check CHECK ((char_length(last_failure) <= 500)),
  constraint backup_state_pkey PRIMARY KEY (is_only)
);
alter table platform.backup_state owner to bulkhead_owner;

create table platform.base_backups (
  id text not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  outcome text,
  reason text,
  bytes_total bigint,
  bytes_read bigint default 0 not null,
  bytes_stored bigint default 0 not null,
  constraint base_backups_check CHECK (((ended_at IS NULL) = (outcome IS NULL))),
  constraint base_backups_id_check CHECK ((id ~ '^\d{8}T\d{6}Z$'::text)),
  constraint base_backups_outcome_check CHECK ((outcome = ANY (ARRAY['COMPLETE'::text, 'FAILED'::text, 'EXPIRED'::text]))),
  constraint base_backups_pkey PRIMARY KEY (id),
  constraint base_backups_reason_check CHECK ((char_length(reason) <= 500))
);
alter table platform.base_backups owner to bulkhead_owner;

create table platform.checkpoint_copies (
  destination text not null,
  generation integer not null,
  number bigint not null,
  failure text,
  updated_at timestamp with time zone default now() not null,
  constraint checkpoint_copies_destination_check CHECK ((char_length(destination) <= 500)),
  constraint checkpoint_copies_pkey PRIMARY KEY (destination)
);
alter table platform.checkpoint_copies owner to bulkhead_owner;

create table platform.checkpoints (
  generation integer not null,
  number bigint not null,
  log_size bigint not null,
  from_size bigint not null,
  root bytea not null,
  note text not null,
  verifier_key text not null,
  sha256 bytea not null,
  at timestamp with time zone not null,
  constraint checkpoints_generation_check CHECK ((generation >= 1)),
  constraint checkpoints_number_check CHECK ((number >= 1)),
  constraint checkpoints_pkey PRIMARY KEY (generation, number),
  constraint checkpoints_root_check CHECK ((length(root) = 32)),
  constraint checkpoints_sha256_check CHECK ((length(sha256) = 32))
);
alter table platform.checkpoints owner to bulkhead_owner;
grant insert, select on platform.checkpoints to bulkhead_audit;

create table platform.context_keys (
  id integer not null,
  inner_pad bytea not null,
  outer_pad bytea not null,
  constraint context_keys_id_check CHECK ((id = 1)),
  constraint context_keys_inner_pad_check CHECK ((length(inner_pad) = 64)),
  constraint context_keys_outer_pad_check CHECK ((length(outer_pad) = 64)),
  constraint context_keys_pkey PRIMARY KEY (id)
);
alter table platform.context_keys owner to bulkhead_owner;

create table platform.data_packages (
  org_id uuid not null,
  limit_mebibytes integer default 1024 not null,
  record_bytes bigint default 0 not null,
  telemetry_bytes bigint default 0 not null,
  state text default 'BELOW'::text not null,
  measured_at timestamp with time zone,
  constraint data_packages_limit_mebibytes_check CHECK (((limit_mebibytes >= 1) AND (limit_mebibytes <= 16777216))),
  constraint data_packages_org_id_fkey FOREIGN KEY (org_id) REFERENCES platform.organizations(org_id) ON DELETE RESTRICT,
  constraint data_packages_pkey PRIMARY KEY (org_id),
  constraint data_packages_record_bytes_check CHECK ((record_bytes >= 0)),
  constraint data_packages_state_check CHECK ((state = ANY (ARRAY['BELOW'::text, 'NEAR'::text, 'FULL'::text]))),
  constraint data_packages_telemetry_bytes_check CHECK ((telemetry_bytes >= 0))
);
alter table platform.data_packages owner to bulkhead_owner;

create table platform.deletions (
  org_id uuid not null,
  requested_at timestamp with time zone default clock_timestamp() not null,
  requested_by_type text not null,
  requested_by_id text not null,
  database_name text not null,
  step text default 'CLOSE'::text,
  removed jsonb default '{}'::jsonb not null,
  verified_at timestamp with time zone,
  completed_at timestamp with time zone,
  certificate text,
  constraint deletions_certificate_check CHECK ((octet_length(certificate) <= 65536)),
  constraint deletions_check CHECK (((step IS NULL) = (completed_at IS NOT NULL))),
  constraint deletions_check1 CHECK (((completed_at IS NULL) = (certificate IS NULL))),
  constraint deletions_pkey PRIMARY KEY (org_id),
  constraint deletions_removed_check CHECK ((jsonb_typeof(removed) = 'object'::text)),
  constraint deletions_requested_by_type_check CHECK ((requested_by_type = ANY (ARRAY['API_KEY'::text, 'SYSTEM'::text]))),
  constraint deletions_step_check CHECK ((step = ANY (ARRAY['CLOSE'::text, 'JOBS'::text, 'TELEMETRY'::text, 'ROWS'::text, 'FILES'::text, 'VAULT'::text, 'VERIFICATION'::text, 'CERTIFICATE'::text])))
);
alter table platform.deletions owner to bulkhead_owner;
CREATE INDEX deletions_under_way ON platform.deletions USING btree (org_id) WHERE (completed_at IS NULL);

create table platform.deployment_keys (
  kind text not null,
  id text not null,
  state text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  changed_at timestamp with time zone default clock_timestamp() not null,
  unused_at timestamp with time zone,
  constraint deployment_keys_check CHECK (((unused_at IS NULL) OR (kind = 'root'::text))),
  constraint deployment_keys_id_check CHECK ((id ~ '^[0-9a-f]{16}$'::text)),
  constraint deployment_keys_kind_check CHECK ((kind = ANY (ARRAY['root'::text, 'backup'::text, 'telemetry'::text, 'context'::text, 'audit'::text]))),
  constraint deployment_keys_pkey PRIMARY KEY (kind, id),
  constraint deployment_keys_state_check CHECK ((state = ANY (ARRAY['CURRENT'::text, 'RETIRED'::text, 'REMOVED'::text])))
);
alter table platform.deployment_keys owner to bulkhead_owner;
CREATE UNIQUE INDEX deployment_keys_current ON platform.deployment_keys USING btree (kind) WHERE (state = 'CURRENT'::text);

create table platform.hooks (
  integration_id uuid not null,
  org_id uuid not null,
  constraint hooks_pkey PRIMARY KEY (integration_id)
);
alter table platform.hooks owner to bulkhead_owner;

create table platform.integration_work (
  org_id uuid not null,
  kind text not null,
  id uuid not null,
  integration_id uuid not null,
  due_at timestamp with time zone not null,
  leased_until timestamp with time zone,
  constraint integration_work_kind_check CHECK ((kind = ANY (ARRAY['POST'::text, 'EVENT'::text, 'DELIVERY'::text]))),
  constraint integration_work_pkey PRIMARY KEY (org_id, kind, id)
);
alter table platform.integration_work owner to bulkhead_owner;
CREATE INDEX integration_work_due ON platform.integration_work USING btree (due_at);
CREATE INDEX integration_work_leased ON platform.integration_work USING btree (leased_until) WHERE (leased_until IS NOT NULL);

create table platform.job_runs (
  job_id bigint not null,
  attempt smallint not null,
  task text not null,
  org_id uuid,
  worker text not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  ended_at timestamp with time zone,
  outcome text,
  reason text,
  constraint job_runs_check CHECK (((ended_at IS NULL) = (outcome IS NULL))),
  constraint job_runs_outcome_check CHECK ((outcome = ANY (ARRAY['SUCCEEDED'::text, 'FAILED'::text, 'INTERRUPTED'::text]))),
  constraint job_runs_pkey PRIMARY KEY (job_id, attempt),
  constraint job_runs_reason_check CHECK ((char_length(reason) <= 500))
);
alter table platform.job_runs owner to bulkhead_owner;
CREATE INDEX job_runs_newest ON platform.job_runs USING btree (task, started_at DESC);
CREATE INDEX job_runs_of_organization ON platform.job_runs USING btree (org_id);

create table platform.job_tasks (
  name text not null,
  concerns text not null,
  enqueued_by text[] default '{}'::text[] not null,
  max_attempts smallint not null,
  is_movable boolean default false not null,
  schedule text,
  next_run_at timestamp with time zone,
  constraint job_tasks_concerns_check CHECK ((concerns = ANY (ARRAY['DEPLOYMENT'::text, 'ORGANIZATION'::text, 'ROW'::text]))),
  constraint job_tasks_enqueued_by_check CHECK ((enqueued_by <@ ARRAY['API_KEY'::text, 'OPERATOR'::text, 'SYSTEM'::text])),
  constraint job_tasks_max_attempts_check CHECK (((max_attempts >= 1) AND (max_attempts <= 25))),
  constraint job_tasks_name_check CHECK ((name ~ '^[a-z][A-Za-z]{0,39}$'::text)),
  constraint job_tasks_pkey PRIMARY KEY (name)
);
alter table platform.job_tasks owner to bulkhead_owner;

create unlogged table platform.job_workers (
  worker text not null,
  seen_at timestamp with time zone not null,
  constraint job_workers_pkey PRIMARY KEY (worker)
);
alter table platform.job_workers owner to bulkhead_owner;

create table platform.ledger_ends (
  id integer not null,
  number bigint not null,
  sha256 text not null,
  constraint ledger_ends_id_check CHECK ((id = 1)),
  constraint ledger_ends_number_check CHECK ((number >= 1)),
  constraint ledger_ends_pkey PRIMARY KEY (id),
  constraint ledger_ends_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
alter table platform.ledger_ends owner to bulkhead_owner;

create unlogged table platform.live_subscriptions (
  org_id uuid not null,
  id uuid not null,
  kind text not null,
  topic text not null,
  expires_at timestamp with time zone not null,
  constraint live_subscriptions_kind_check CHECK ((kind = ANY (ARRAY['READINGS'::text, 'ALERTS'::text, 'DELETED'::text]))),
  constraint live_subscriptions_pkey PRIMARY KEY (org_id, id),
  constraint live_subscriptions_topic_check CHECK (((char_length(topic) >= 1) AND (char_length(topic) <= 200)))
);
alter table platform.live_subscriptions owner to bulkhead_owner;

create table platform.migrations (
  name text not null,
  digest text not null,
  applied_at timestamp with time zone default now() not null,
  constraint migrations_pkey PRIMARY KEY (name)
);
alter table platform.migrations owner to bulkhead_owner;

create view platform.operated_organizations with (security_invoker=true) as
 SELECT o.org_id,
    a.name,
    o.created_at,
    a.retention_days,
    t.state,
    t.failure,
    ( SELECT jsonb_agg(jsonb_build_object('tier', l.tier, 'perMinute', l.per_minute, 'burst', l.burst) ORDER BY l.tier DESC) AS jsonb_agg
           FROM platform.rate_limits_of(o.org_id) l(tier, per_minute, burst)) AS rate_limits,
    ( SELECT jsonb_build_object('limitMebibytes', p.limit_mebibytes, 'recordBytes', p.record_bytes, 'telemetryBytes', p.telemetry_bytes, 'state', p.state, 'measuredMs', ((EXTRACT(epoch FROM p.measured_at) * (1000)::numeric))::double precision) AS jsonb_build_object
           FROM platform.data_package_of(o.org_id) p(limit_mebibytes, record_bytes, telemetry_bytes, state, measured_at)) AS data_package
   FROM ((platform.organizations o
     JOIN platform.telemetry_databases t ON ((t.org_id = o.org_id)))
     JOIN app.organizations a ON ((a.org_id = o.org_id)));
alter table platform.operated_organizations owner to bulkhead_owner;

create table platform.operators (
  id text not null,
  name text not null,
  secret_hash bytea not null,
  created_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  constraint operators_id_check CHECK ((id ~ '^[0-9A-Za-z]{12}$'::text)),
  constraint operators_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
  constraint operators_name_key UNIQUE (name),
  constraint operators_pkey PRIMARY KEY (id),
  constraint operators_secret_hash_check CHECK ((length(secret_hash) = 32))
);
alter table platform.operators owner to bulkhead_owner;
CREATE TRIGGER note_revocation AFTER UPDATE OF revoked_at ON platform.operators FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL))) EXECUTE FUNCTION platform.note_revocation();

create table platform.organizations (
  org_id uuid not null,
  created_at timestamp with time zone default now() not null,
  constraint organizations_pkey PRIMARY KEY (org_id)
);
alter table platform.organizations owner to bulkhead_owner;

create table platform.posture_results (
  run timestamp with time zone not null,
  check_id text not null,
  status text not null,
  evidence text not null,
  looked_at timestamp with time zone not null,
  duration_ms integer not null,
  constraint posture_results_check_id_check CHECK ((check_id ~ '^[a-z0-9-]{1,60}$'::text)),
  constraint posture_results_duration_ms_check CHECK ((duration_ms >= 0)),
  constraint posture_results_evidence_check CHECK ((char_length(evidence) <= 1000)),
  constraint posture_results_pkey PRIMARY KEY (run, check_id),
  constraint posture_results_run_fkey FOREIGN KEY (run) REFERENCES platform.posture_runs(ended_at) ON DELETE CASCADE,
  constraint posture_results_status_check CHECK ((status = ANY (ARRAY['PASS'::text, 'FAIL'::text, 'NOT_PROVIDED'::text])))
);
alter table platform.posture_results owner to bulkhead_owner;

create table platform.posture_runs (
  ended_at timestamp with time zone default clock_timestamp() not null,
  started_at timestamp with time zone not null,
  constraint posture_runs_pkey PRIMARY KEY (ended_at)
);
alter table platform.posture_runs owner to bulkhead_owner;

create unlogged table platform.processes (
  process uuid not null,
  kind text not null,
  seen_at timestamp with time zone not null,
  metrics jsonb not null,
  evidence jsonb not null,
  constraint processes_evidence_check CHECK (((jsonb_typeof(evidence) = 'object'::text) AND (octet_length((evidence)::text) <= 4000))),
  constraint processes_kind_check CHECK ((kind = ANY (ARRAY['gateway'::text, 'worker'::text, 'backup'::text, 'supervisor'::text]))),
  constraint processes_metrics_check CHECK (((jsonb_typeof(metrics) = 'array'::text) AND (octet_length((metrics)::text) <= 262144))),
  constraint processes_pkey PRIMARY KEY (process)
);
alter table platform.processes owner to bulkhead_owner;

create unlogged table platform.rate_buckets (
  org_id uuid not null,
  standard_arrival timestamp with time zone not null,
  data_read_arrival timestamp with time zone not null,
  standard_held integer default 0 not null,
  data_read_held integer default 0 not null,
  held_until timestamp with time zone default '-infinity'::timestamp with time zone not null,
  constraint rate_buckets_pkey PRIMARY KEY (org_id)
);
alter table platform.rate_buckets owner to bulkhead_owner;

create table platform.rate_limits (
  org_id uuid not null,
  tier text not null,
  per_minute integer not null,
  burst integer not null,
  revision bigint default 1 not null,
  constraint rate_limits_burst_check CHECK (((burst >= 1) AND (burst <= 1000000))),
  constraint rate_limits_org_id_fkey FOREIGN KEY (org_id) REFERENCES platform.organizations(org_id) ON DELETE RESTRICT,
  constraint rate_limits_per_minute_check CHECK (((per_minute >= 1) AND (per_minute <= 1000000))),
  constraint rate_limits_pkey PRIMARY KEY (org_id, tier),
  constraint rate_limits_tier_check CHECK ((tier = ANY (ARRAY['STANDARD'::text, 'DATA_READ'::text])))
);
alter table platform.rate_limits owner to bulkhead_owner;
CREATE TRIGGER note_narrowing AFTER INSERT OR UPDATE ON platform.rate_limits FOR EACH ROW EXECUTE FUNCTION platform.note_narrowing();

create table platform.recoveries (
  id uuid default gen_random_uuid() not null,
  restored_to timestamp with time zone not null,
  fenced_at timestamp with time zone default clock_timestamp() not null,
  lifted_at timestamp with time zone,
  forked_at timestamp with time zone,
  constraint recoveries_pkey PRIMARY KEY (id)
);
alter table platform.recoveries owner to bulkhead_owner;
CREATE UNIQUE INDEX recoveries_fenced ON platform.recoveries USING btree ((true)) WHERE (lifted_at IS NULL);

create table platform.telemetry_databases (
  org_id uuid not null,
  host text,
  port integer,
  database_name text not null,
  sealed_password bytea not null,
  state text default 'REQUESTED'::text not null,
  failure text,
  requested_at timestamp with time zone default now() not null,
  ready_at timestamp with time zone,
  constraint telemetry_databases_check CHECK (((host IS NULL) = (port IS NULL))),
  constraint telemetry_databases_database_name_check CHECK ((database_name ~ '^t_[0-9a-f]{16}$'::text)),
  constraint telemetry_databases_database_name_key UNIQUE (database_name),
  constraint telemetry_databases_org_id_fkey FOREIGN KEY (org_id) REFERENCES platform.organizations(org_id) ON DELETE RESTRICT,
  constraint telemetry_databases_pkey PRIMARY KEY (org_id),
  constraint telemetry_databases_port_check CHECK (((port >= 1) AND (port <= 65535))),
  constraint telemetry_databases_state_check CHECK ((state = ANY (ARRAY['REQUESTED'::text, 'READY'::text])))
);
alter table platform.telemetry_databases owner to bulkhead_owner;

create table platform.unledgered (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  event text not null,
  subject text not null,
  at timestamp with time zone not null,
  details jsonb,
  constraint unledgered_event_check CHECK ((event = ANY (ARRAY['API_KEY_REVOKED'::text, 'API_KEY_SECRET_ENDED'::text, 'API_KEY_NARROWED'::text, 'API_KEY_EXPIRY_SET'::text, 'RATE_LIMIT_SET'::text, 'OPERATOR_REVOKED'::text]))),
  constraint unledgered_pkey PRIMARY KEY (id)
);
alter table platform.unledgered owner to bulkhead_owner;

create table platform.unsealed_entries (
  org_id uuid not null,
  entry_id uuid not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint unsealed_entries_pkey PRIMARY KEY (org_id, entry_id)
);
alter table platform.unsealed_entries owner to bulkhead_owner;
grant delete, insert, select on platform.unsealed_entries to bulkhead_audit;

-- graphile_worker._private_job_queues, of the library
grant select on graphile_worker._private_job_queues to bulkhead_backup;
grant update (locked_at) on graphile_worker._private_job_queues to bulkhead_backup;
grant update (locked_by) on graphile_worker._private_job_queues to bulkhead_backup;
grant insert (queue_name) on graphile_worker._private_job_queues to bulkhead_worker;
grant select on graphile_worker._private_job_queues to bulkhead_worker;
grant update (locked_at) on graphile_worker._private_job_queues to bulkhead_worker;
grant update (locked_by) on graphile_worker._private_job_queues to bulkhead_worker;

-- graphile_worker._private_jobs, of the library
CREATE INDEX jobs_of_organization ON graphile_worker._private_jobs USING btree (((payload ->> 'orgId'::text)));
CREATE TRIGGER hold_ids_only BEFORE INSERT OR UPDATE OF payload ON graphile_worker._private_jobs FOR EACH ROW EXECUTE FUNCTION platform.check_job_payload();
grant delete on graphile_worker._private_jobs to bulkhead_backup;
grant select on graphile_worker._private_jobs to bulkhead_backup;
grant update on graphile_worker._private_jobs to bulkhead_backup;
grant delete on graphile_worker._private_jobs to bulkhead_worker;
grant insert on graphile_worker._private_jobs to bulkhead_worker;
grant select on graphile_worker._private_jobs to bulkhead_worker;
grant update on graphile_worker._private_jobs to bulkhead_worker;

-- graphile_worker._private_known_crontabs, of the library
grant insert on graphile_worker._private_known_crontabs to bulkhead_backup;
grant select on graphile_worker._private_known_crontabs to bulkhead_backup;
grant update (last_execution) on graphile_worker._private_known_crontabs to bulkhead_backup;
grant insert on graphile_worker._private_known_crontabs to bulkhead_worker;
grant select on graphile_worker._private_known_crontabs to bulkhead_worker;
grant update (last_execution) on graphile_worker._private_known_crontabs to bulkhead_worker;

-- graphile_worker._private_tasks, of the library
grant insert (identifier) on graphile_worker._private_tasks to bulkhead_backup;
grant select on graphile_worker._private_tasks to bulkhead_backup;
grant insert (identifier) on graphile_worker._private_tasks to bulkhead_worker;
grant select on graphile_worker._private_tasks to bulkhead_worker;

-- graphile_worker.migrations, of the library
grant select on graphile_worker.migrations to bulkhead_backup;
grant select on graphile_worker.migrations to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.calling_key()
 RETURNS TABLE(allowed_cidrs text[], expires_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare context jsonb := app.context();
begin
  return query
    select k.allowed_cidrs, k.expires_at from app.api_keys k
    where context->>'actorType' = 'API_KEY' and k.org_id = (context->>'org')::uuid and k.id = context->>'actorId';
end $function$;
alter function app.calling_key() owner to bulkhead_owner;
grant execute on function app.calling_key() to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.changeable(noun text, action text)
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare payload text := app.verified();
begin
  if split_part(payload, E'\n', 4) = 'write' and action in ('write', 'admin') then
    return app.patterns(payload, action, noun);
  end if;
  return '{}';
end $function$;
alter function app.changeable(text,text) owner to bulkhead_owner;
grant execute on function app.changeable(text,text) to bulkhead_gateway;
grant execute on function app.changeable(text,text) to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.claim_idempotency_key(key text, fingerprint bytea, scopes text)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  request record := app.writing_request();
  held app.idempotency_keys;
begin
  if not pg_try_advisory_xact_lock(
    hashtextextended('bulkhead:idempotency:' || request.org_id || ':' || claim_idempotency_key.key, 0)) then
    raise exception 'the key is in use' using errcode = 'BH011';
  end if;
  select * into held from app.idempotency_keys k
  where k.org_id = request.org_id and k.key = claim_idempotency_key.key and k.expires_at > clock_timestamp();
  if held.key is not null then
    if held.fingerprint <> claim_idempotency_key.fingerprint then
      raise exception 'the key is of another request' using errcode = 'BH010';
    end if;
    if held.answer is null and held.leased_until > clock_timestamp() then
      raise exception 'the key is in use' using errcode = 'BH011';
    end if;
    if held.is_done then raise exception 'the request was carried out' using errcode = 'BH012'; end if;
  end if;
  insert into app.idempotency_keys as k
    (org_id, key, fingerprint, request_id, scopes, begun_at, leased_until, expires_at)
  values (request.org_id, claim_idempotency_key.key, claim_idempotency_key.fingerprint, request.request_id,
          claim_idempotency_key.scopes::jsonb, coalesce(held.begun_at, clock_timestamp()),
          clock_timestamp() + interval '60 seconds', clock_timestamp() + interval '24 hours')
  on conflict (org_id, key) do update
  set fingerprint = excluded.fingerprint, request_id = excluded.request_id, scopes = excluded.scopes,
      begun_at = excluded.begun_at, leased_until = excluded.leased_until, expires_at = excluded.expires_at,
      is_done = false, reference = null, answer = null;
  return held.begun_at;
end $function$;
alter function app.claim_idempotency_key(text,bytea,text) owner to bulkhead_owner;
grant execute on function app.claim_idempotency_key(text,bytea,text) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.context()
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  fields text[] := string_to_array(app.verified(), E'\n', '');
begin
  if fields is null then return null; end if;
  return jsonb_build_object('org', fields[1], 'purpose', fields[4], 'actorType', fields[6], 'actorId', fields[7],
                            'requestId', fields[8], 'clientAddress', fields[9]);
end $function$;
alter function app.context() owner to bulkhead_owner;
grant execute on function app.context() to bulkhead_audit;
grant execute on function app.context() to bulkhead_gateway;
grant execute on function app.context() to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.date_version()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  new.created_at := transaction_timestamp();
  return new;
end $function$;
alter function app.date_version() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.definition_dependants(definition text)
 RETURNS TABLE(things bigint, thing_types bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT ( SELECT count(*) AS count
            FROM app.things t
           WHERE ((t.org_id = app.org_id()) AND (t.thing_type_id = definition_dependants.definition))) AS count,
     ( SELECT count(*) AS count
            FROM (app.thing_types y
              JOIN app.thing_type_metrics m ON (((m.org_id = y.org_id) AND (m.version_id = y.latest_version_id))))
           WHERE ((y.org_id = app.org_id()) AND (y.deleted_at IS NULL) AND (m.metric_id = definition_dependants.definition))) AS count
   WHERE app.is_writing();
END;
alter function app.definition_dependants(text) owner to bulkhead_owner;
grant execute on function app.definition_dependants(text) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.enter(signed_context text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  payload text;
  current bigint;
begin
  perform set_config('app.lookup_org', '', true), set_config('app.listing', '', true),
          set_config('app.context', signed_context, true);
  payload := app.verified();
  if payload is null then raise exception 'context refused' using errcode = 'BH001'; end if;
  if split_part(payload, E'\n', 4) = 'write' and not (split_part(payload, E'\n', 6) = 'SYSTEM'
     and split_part(payload, E'\n', 7) in ('deletion', 'sealing', 'jobs')) then
    perform pg_advisory_xact_lock_shared(hashtextextended('bulkhead:writers:' || split_part(payload, E'\n', 1), 0));
    if exists (select from platform.deletions d where d.org_id = split_part(payload, E'\n', 1)::uuid) then
      raise exception 'deleted' using
        errcode = case split_part(payload, E'\n', 6) when 'API_KEY' then 'BH002' else 'BH004' end;
    end if;
  end if;
  if split_part(payload, E'\n', 6) = 'API_KEY' then
    select k.revision into current from app.api_keys k
    where k.org_id = split_part(payload, E'\n', 1)::uuid and k.id = split_part(payload, E'\n', 7)
      and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp());
    if not found then raise exception 'key not active' using errcode = 'BH002'; end if;
    if current::text <> split_part(payload, E'\n', 5) then
      raise exception 'key has changed' using errcode = 'BH003';
    end if;
  end if;
end $function$;
alter function app.enter(text) owner to bulkhead_owner;
grant execute on function app.enter(text) to bulkhead_backup;
grant execute on function app.enter(text) to bulkhead_gateway;
grant execute on function app.enter(text) to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.existing_integrations(ids uuid[])
 RETURNS TABLE(id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT i.id
    FROM app.integrations i
   WHERE (( SELECT app.is_writing() AS is_writing) AND (i.org_id = app.org_id()) AND (i.id = ANY (existing_integrations.ids)));
END;
alter function app.existing_integrations(uuid[]) owner to bulkhead_owner;
grant execute on function app.existing_integrations(uuid[]) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.existing_metrics(ids text[])
 RETURNS TABLE(id text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT m.id
    FROM app.metric_definitions m
   WHERE (( SELECT app.is_writing() AS is_writing) AND (m.org_id = app.org_id()) AND (m.id = ANY (existing_metrics.ids)) AND (m.deleted_at IS NULL));
END;
alter function app.existing_metrics(text[]) owner to bulkhead_owner;
grant execute on function app.existing_metrics(text[]) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.existing_thing_types(ids text[])
 RETURNS TABLE(id text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT t.id
    FROM app.thing_types t
   WHERE (( SELECT app.is_writing() AS is_writing) AND (t.org_id = app.org_id()) AND (t.id = ANY (existing_thing_types.ids)) AND (t.deleted_at IS NULL));
END;
alter function app.existing_thing_types(text[]) owner to bulkhead_owner;
grant execute on function app.existing_thing_types(text[]) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.expire_alert_events(now timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare removed bigint;
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from app.alert_events e
  where e.org_id = app.org_id() and e.cleared_at <= expire_alert_events.now - interval '90 days';
  get diagnostics removed = row_count;
  return removed;
end $function$;
alter function app.expire_alert_events(timestamp with time zone) owner to bulkhead_owner;
grant execute on function app.expire_alert_events(timestamp with time zone) to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.expire_api_key_secrets(now timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare removed bigint;
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from app.api_key_secrets s where s.org_id = app.org_id() and s.valid_until <= expire_api_key_secrets.now;
  get diagnostics removed = row_count;
  return removed;
end $function$;
alter function app.expire_api_key_secrets(timestamp with time zone) owner to bulkhead_owner;
grant execute on function app.expire_api_key_secrets(timestamp with time zone) to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.expire_idempotency_keys(now timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare removed bigint;
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from app.idempotency_keys k
  where k.org_id = app.org_id() and k.expires_at <= least(expire_idempotency_keys.now, clock_timestamp());
  get diagnostics removed = row_count;
  return removed;
end $function$;
alter function app.expire_idempotency_keys(timestamp with time zone) owner to bulkhead_owner;
grant execute on function app.expire_idempotency_keys(timestamp with time zone) to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.expire_integration_records(now timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  org uuid := app.org_id();
  kept_since timestamptz := expire_integration_records.now - interval '30 days';
  removed bigint := 0;
  one bigint;
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from app.hook_posts p where p.org_id = org and p.created_at < expire_integration_records.now - interval '5 minutes';
  get diagnostics one = row_count;
  removed := removed + one;
  delete from app.deliveries d where d.org_id = org and d.id in (
    select e.id from app.deliveries e
    where e.org_id = org and e.created_at < kept_since and e.status <> 'PENDING' limit 20000);
  get diagnostics one = row_count;
  removed := removed + one;
  delete from app.inbound_events i where i.org_id = org and i.id in (
    select e.id from app.inbound_events e
    where e.org_id = org and e.created_at < kept_since and e.status <> 'PENDING' limit 20000);
  get diagnostics one = row_count;
  return removed + one;
end $function$;
alter function app.expire_integration_records(timestamp with time zone) owner to bulkhead_owner;
grant execute on function app.expire_integration_records(timestamp with time zone) to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.expired_definitions()
 RETURNS TABLE(id text, held_by text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  org uuid := app.org_id();
  before timestamptz;
begin
  perform platform.require_actor(array['SYSTEM']);
  select clock_timestamp() - make_interval(days => o.definition_purge_days) into before
  from app.organizations o where o.org_id = org;
  return query
    with recursive expired as (
      select t.id from app.thing_types t where t.org_id = org and t.deleted_at < before
    ), held (id, held_by) as (
      select e.id, 'things' from expired e
      where exists (select from app.things h where h.org_id = org and h.thing_type_id = e.id)
      union
      select e.id, 'monitors' from expired e
      where exists (select from app.monitors n where n.org_id = org and n.thing_type_id = e.id)
      union
      select e.id, 'thing types' from expired e
      join app.thing_type_versions v on v.org_id = org and e.id = any (v.allowed_sub_definition_ids)
      where v.thing_type_id not in (select x.id from expired x)
      union
      select e.id, 'thing types' from held h
      join app.thing_type_versions v on v.org_id = org and v.thing_type_id = h.id
      join expired e on e.id = any (v.allowed_sub_definition_ids) and e.id <> h.id
    ), found as (
      select e.id, (select min(h.held_by) from held h where h.id = e.id) as held_by from expired e
      union all
      select m.id, case
        when exists (select from app.thing_type_metrics tm where tm.org_id = org and tm.metric_id = m.id
                     and (tm.thing_type_id not in (select x.id from expired x)
                          or tm.thing_type_id in (select h.id from held h))) then 'thing types'
        when exists (select from app.monitor_metrics mm where mm.org_id = org and mm.metric_id = m.id) then 'monitors'
        when exists (select from app.places p where p.org_id = org and m.id = any (p.preferred_display_metric_ids))
          then 'places' end
      from app.metric_definitions m where m.org_id = org and m.deleted_at < before
      union all
      select t.id::text, case
        when exists (select from app.integrations i
                     where i.org_id = org and strpos(i.properties::text, t.id::text) > 0) then 'integrations' end
      from app.templates t where t.org_id = org and t.deleted_at < before
    )
    select f.id, f.held_by from found f order by f.held_by is not null, f.id limit 1000;
end $function$;
alter function app.expired_definitions() owner to bulkhead_owner;
grant execute on function app.expired_definitions() to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.finish_idempotency_key(key text, reference text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare request record := app.writing_request();
begin
  update app.idempotency_keys k
  set is_done = true, reference = finish_idempotency_key.reference::jsonb,
      leased_until = clock_timestamp() + interval '15 seconds'
  where k.org_id = request.org_id and k.key = finish_idempotency_key.key and k.request_id = request.request_id
    and not k.is_done;
  if not found then raise exception 'the key was taken over' using errcode = 'BH011'; end if;
end $function$;
alter function app.finish_idempotency_key(text,text) owner to bulkhead_owner;
grant execute on function app.finish_idempotency_key(text,text) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.idempotent_outcome(key text, OUT scopes jsonb, OUT reference jsonb, OUT answer bytea)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select k.scopes, k.reference, k.answer from app.idempotency_keys k
  where k.org_id = (select app.org_id()) and k.key = idempotent_outcome.key and k.is_done
    and k.expires_at > clock_timestamp()
$function$;
alter function app.idempotent_outcome(text) owner to bulkhead_owner;
grant execute on function app.idempotent_outcome(text) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.integration_dependants(integration uuid)
 RETURNS TABLE(things bigint, alerts bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT ( SELECT count(*) AS count
            FROM app.thing_integrations i
           WHERE ((i.org_id = app.org_id()) AND (i.integration_id = integration_dependants.integration))) AS count,
     ( SELECT count(*) AS count
            FROM app.monitor_alert_integrations a
           WHERE ((a.org_id = app.org_id()) AND (a.integration_id = integration_dependants.integration))) AS count
   WHERE app.is_writing();
END;
alter function app.integration_dependants(uuid) owner to bulkhead_owner;
grant execute on function app.integration_dependants(uuid) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.is_level_of(level uuid, site uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
RETURN (app.is_writing() AND (EXISTS (SELECT FROM app.levels l WHERE ((l.org_id = app.org_id()) AND (l.site_id = is_level_of.site) AND (l.id = is_level_of.level)))));
alter function app.is_level_of(uuid,uuid) owner to bulkhead_owner;
grant execute on function app.is_level_of(uuid,uuid) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.is_writing()
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
RETURN COALESCE(((app.context() ->> 'purpose'::text) = 'write'::text), false);
alter function app.is_writing() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.keep_end_of_secret()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if old.valid_until is not null and coalesce(new.valid_until, 'infinity') > old.valid_until then
    raise exception 'a secret is not prolonged' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $function$;
alter function app.keep_end_of_secret() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.keep_metric_set()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if exists (
    select from added a where not exists (
      select from app.thing_type_versions v
      where v.org_id = a.org_id and v.id = a.version_id and v.created_at = transaction_timestamp()
        and v.xmin::text = (pg_current_xact_id()::text::bigint % 4294967296)::text)
  ) then
    raise exception 'the metrics of a version are fixed' using errcode = 'insufficient_privilege';
  end if;
  return null;
end $function$;
alter function app.keep_metric_set() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.keep_revoked()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if old.revoked_at is not null
     and (new.revoked_at, new.revoked_by) is distinct from (old.revoked_at, old.revoked_by) then
    raise exception 'a key is revoked for good' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $function$;
alter function app.keep_revoked() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.kind_of_integration(integration uuid)
 RETURNS TABLE(direction text, type text, scheme text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT i.direction,
     i.type,
     ((i.properties -> 'scheme'::text) ->> 0)
    FROM app.integrations i
   WHERE (( SELECT app.is_writing() AS is_writing) AND (i.org_id = app.org_id()) AND (i.id = kind_of_integration.integration));
END;
alter function app.kind_of_integration(uuid) owner to bulkhead_owner;
grant execute on function app.kind_of_integration(uuid) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.latest_version(type_id text)
 RETURNS TABLE(display_name text, description text, tags jsonb, model_metadata jsonb, property_definitions jsonb, allowed_sub_definition_ids jsonb, metric_ids jsonb)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT v.display_name,
     v.description,
     to_jsonb(v.tags) AS to_jsonb,
     v.model_metadata,
     v.property_definitions,
     to_jsonb(v.allowed_sub_definition_ids) AS to_jsonb,
     ( SELECT COALESCE(jsonb_agg(m.metric_id ORDER BY m."position"), '[]'::jsonb) AS "coalesce"
            FROM app.thing_type_metrics m
           WHERE ((m.org_id = v.org_id) AND (m.version_id = v.id))) AS "coalesce"
    FROM (app.thing_types t
      JOIN app.thing_type_versions v ON (((v.org_id = t.org_id) AND (v.id = t.latest_version_id))))
   WHERE ((t.org_id = app.org_id()) AND (t.id = latest_version.type_id) AND (('DEFINITION/ThingType/'::text || t.id) ~~ ANY (app.changeable('DEFINITION'::text, 'write'::text))));
END;
alter function app.latest_version(text) owner to bulkhead_owner;
grant execute on function app.latest_version(text) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.level_dependants(level uuid)
 RETURNS TABLE(things bigint, levels bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT ( SELECT count(*) AS count
            FROM app.things t
           WHERE ((t.org_id = app.org_id()) AND (t.level_id = level_dependants.level))) AS count,
     ( SELECT count(*) AS count
            FROM app.levels l
           WHERE ((l.org_id = app.org_id()) AND (l.parent_id = level_dependants.level))) AS count
   WHERE app.is_writing();
END;
alter function app.level_dependants(uuid) owner to bulkhead_owner;
grant execute on function app.level_dependants(uuid) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.metric_types(ids text[])
 RETURNS TABLE(id text, name text, data_type text, default_aggregation text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT m.id,
     m.name,
     m.data_type,
     m.default_aggregation
    FROM app.metric_definitions m
   WHERE (( SELECT app.is_writing() AS is_writing) AND (m.org_id = app.org_id()) AND (m.id = ANY (metric_types.ids)) AND (m.deleted_at IS NULL));
END;
alter function app.metric_types(text[]) owner to bulkhead_owner;
grant execute on function app.metric_types(text[]) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.metrics_of_things(thing_ids uuid[])
 RETURNS TABLE(version_id text, ordinal integer, metric_id text, name text, data_type text, default_aggregation text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  org uuid := app.org_id();
  visible text[] := app.visible('THING');
begin
  return query
    select tm.version_id, tm.position, m.id, m.name, m.data_type, m.default_aggregation
    from (
      select distinct t.thing_type_version_id as id from app.things t
      where t.org_id = org and t.id = any (thing_ids)
        and 'PLACE/' || t.place_type || '/' || t.place_id || '/THING/' || t.thing_type_id || '/' || t.id like any (visible)
    ) v
    join app.thing_type_metrics tm on tm.org_id = org and tm.version_id = v.id
    join app.metric_definitions m on m.org_id = org and m.id = tm.metric_id;
end $function$;
alter function app.metrics_of_things(uuid[]) owner to bulkhead_owner;
grant execute on function app.metrics_of_things(uuid[]) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.org_id()
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return split_part(app.verified(), E'\n', 1)::uuid;
end $function$;
alter function app.org_id() owner to bulkhead_owner;
grant execute on function app.org_id() to bulkhead_audit;
grant execute on function app.org_id() to bulkhead_gateway;
grant execute on function app.org_id() to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.patterns(payload text, use text, noun text)
 RETURNS text[]
 LANGUAGE plpgsql
 IMMUTABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if position(E'\n' || use || ' *' in payload) > 0 then return '{%}'; end if;
  return coalesce(nullif(split_part(split_part(payload, E'\n' || use || ' ' || noun || ' ', 2), E'\n', 1), ''), '{}');
end $function$;
alter function app.patterns(text,text,text) owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.pending_deliveries()
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
RETURN (SELECT count(*) AS count FROM app.deliveries d WHERE ((d.org_id = app.org_id()) AND (d.status = 'PENDING'::text) AND app.is_writing()));
alter function app.pending_deliveries() owner to bulkhead_owner;
grant execute on function app.pending_deliveries() to bulkhead_gateway;
grant execute on function app.pending_deliveries() to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.place_dependants(place uuid)
 RETURNS TABLE(things bigint, levels bigint, level_types bigint, level_groups bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT ( SELECT count(*) AS count
            FROM app.things t
           WHERE ((t.org_id = app.org_id()) AND (t.place_id = place_dependants.place))) AS count,
     ( SELECT count(*) AS count
            FROM app.levels l
           WHERE ((l.org_id = app.org_id()) AND (l.site_id = place_dependants.place))) AS count,
     ( SELECT count(*) AS count
            FROM app.level_types y
           WHERE ((y.org_id = app.org_id()) AND (y.site_id = place_dependants.place))) AS count,
     ( SELECT count(*) AS count
            FROM app.level_groups g
           WHERE ((g.org_id = app.org_id()) AND (g.site_id = place_dependants.place))) AS count
   WHERE app.is_writing();
END;
alter function app.place_dependants(uuid) owner to bulkhead_owner;
grant execute on function app.place_dependants(uuid) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.purge_definitions(ids text[])
 RETURNS TABLE(id text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  org uuid := app.org_id();
  gone text[];
begin
  perform platform.require_actor(array['SYSTEM']);
  perform pg_advisory_xact_lock(hashtextextended('bulkhead:definitions:' || org, 0));
  select array_agg(e.id) into gone from app.expired_definitions() e where e.held_by is null and e.id = any (ids);
  delete from app.thing_type_metrics m where m.org_id = org and m.thing_type_id = any (gone);
  return query delete from app.thing_type_versions v where v.org_id = org and v.thing_type_id = any (gone) returning v.id;
  return query delete from app.thing_types t where t.org_id = org and t.id = any (gone) returning t.id;
  return query delete from app.metric_definitions m where m.org_id = org and m.id = any (gone) returning m.id;
  delete from app.template_revisions r where r.org_id = org and r.template_id::text = any (gone);
  return query delete from app.templates t where t.org_id = org and t.id::text = any (gone) returning t.id::text;
end $function$;
alter function app.purge_definitions(text[]) owner to bulkhead_owner;
grant execute on function app.purge_definitions(text[]) to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.readable_paths(nouns text[], paths text[])
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return query
    select p.path from unnest(nouns, paths) as p (noun, path)
    where p.path like any (app.visible(p.noun));
end $function$;
alter function app.readable_paths(text[],text[]) owner to bulkhead_owner;
grant execute on function app.readable_paths(text[],text[]) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.receive_post(hook uuid, post uuid, client_address text, headers jsonb, body bytea)
 RETURNS TABLE(is_full boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  org uuid := app.org_id();
  waiting record;
begin
  perform from platform.hooks h where h.integration_id = hook and h.org_id = org and app.is_writing() for update;
  if not found then return; end if;
  select count(*) as of_organization, count(*) filter (where p.integration_id = hook) as of_hook,
         count(*) filter (where p.integration_id = hook and p.client_address = receive_post.client_address) as of_address
  into waiting from app.hook_posts p where p.org_id = org and p.due_at is not null;
  if waiting.of_organization >= 200 or waiting.of_hook >= 100 or waiting.of_address >= 60 then
    return query select true;
  else
    insert into app.hook_posts (org_id, id, integration_id, client_address, headers, body)
    values (org, post, hook, receive_post.client_address, receive_post.headers, receive_post.body);
    return query select false;
  end if;
end $function$;
alter function app.receive_post(uuid,uuid,text,jsonb,bytea) owner to bulkhead_owner;
grant execute on function app.receive_post(uuid,uuid,text,jsonb,bytea) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.require_room()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if exists (select from platform.data_packages p where p.org_id = app.org_id() and p.state = 'FULL')
     and app.context()->>'actorType' = 'API_KEY' then
    raise exception 'the data package is full' using errcode = 'BH006';
  end if;
  return null;
end $function$;
alter function app.require_room() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.resolve_thing_type(type_id text, type_name text, version_id text)
 RETURNS TABLE(thing_type_id text, thing_type_version_id text, display_name text, property_definitions jsonb)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT t.id,
     v.id,
     t.display_name,
     v.property_definitions
    FROM (app.thing_types t
      JOIN app.thing_type_versions v ON (((v.org_id = t.org_id) AND (v.thing_type_id = t.id))))
   WHERE (( SELECT app.is_writing() AS is_writing) AND (t.org_id = app.org_id()) AND ((resolve_thing_type.type_id IS NULL) OR (t.id = resolve_thing_type.type_id)) AND ((resolve_thing_type.type_name IS NULL) OR (t.display_name = resolve_thing_type.type_name)) AND ((resolve_thing_type.type_id IS NOT NULL) OR (resolve_thing_type.type_name IS NOT NULL)) AND
         CASE
             WHEN (resolve_thing_type.version_id IS NULL) THEN ((t.deleted_at IS NULL) AND (v.id = t.latest_version_id))
             ELSE (v.id = resolve_thing_type.version_id)
         END);
END;
alter function app.resolve_thing_type(text,text,text) owner to bulkhead_owner;
grant execute on function app.resolve_thing_type(text,text,text) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.revise_api_key()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if to_jsonb(new) - 'last_used_at' is distinct from to_jsonb(old) - 'last_used_at' then
    -- Nobody but the administrator can set it: a replay of the ledger goes beyond all that it has seen.
    new.revision := greatest(old.revision + 1, new.revision);
    perform pg_notify('bulkhead_api_keys', new.id);
  end if;
  return new;
end $function$;
alter function app.revise_api_key() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.revise_key_of_secret()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if new.valid_until is distinct from old.valid_until then
    update app.api_keys k set revision = k.revision + 1 where k.org_id = new.org_id and k.id = new.key_id;
  end if;
  return new;
end $function$;
alter function app.revise_key_of_secret() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.settle_idempotency_key(key text, answer bytea)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare request record := app.writing_request();
begin
  update app.idempotency_keys k
  set is_done = k.is_done or settle_idempotency_key.answer is not null, answer = settle_idempotency_key.answer,
      leased_until = clock_timestamp()
  where k.org_id = request.org_id and k.key = settle_idempotency_key.key and k.request_id = request.request_id;
end $function$;
alter function app.settle_idempotency_key(text,bytea) owner to bulkhead_owner;
grant execute on function app.settle_idempotency_key(text,bytea) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.take_verdict(post uuid, give_up boolean)
 RETURNS TABLE(verdict text, retry_after_ms integer)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 DELETE FROM app.hook_posts p
   WHERE ((p.org_id = app.org_id()) AND (p.id = take_verdict.post) AND ((p.verdict IS NOT NULL) OR take_verdict.give_up))
   RETURNING p.verdict,
     p.retry_after_ms;
END;
alter function app.take_verdict(uuid,boolean) owner to bulkhead_owner;
grant execute on function app.take_verdict(uuid,boolean) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.tell_verdict()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform pg_notify('bulkhead_hook_verdicts', new.id::text);
  return null;
end $function$;
alter function app.tell_verdict() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.thing_metrics(thing_ids uuid[])
 RETURNS TABLE(thing_id uuid, metric_id text, name text, data_type text, default_aggregation text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT t.id,
     m.id,
     m.name,
     m.data_type,
     m.default_aggregation
    FROM ((app.things t
      JOIN app.thing_type_metrics tm ON (((tm.org_id = t.org_id) AND (tm.version_id = t.thing_type_version_id))))
      JOIN app.metric_definitions m ON (((m.org_id = t.org_id) AND (m.id = tm.metric_id))))
   WHERE ((t.org_id = ( SELECT app.org_id() AS org_id)) AND (t.id = ANY (thing_metrics.thing_ids)) AND (((((((('PLACE/'::text || t.place_type) || '/'::text) || t.place_id) || '/THING/'::text) || t.thing_type_id) || '/'::text) || t.id) ~~ ANY (( SELECT app.visible('THING'::text) AS visible)::text[])))
   ORDER BY t.id, tm."position";
END;
alter function app.thing_metrics(uuid[]) owner to bulkhead_owner;
grant execute on function app.thing_metrics(uuid[]) to bulkhead_gateway;
grant execute on function app.thing_metrics(uuid[]) to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.touch_api_key()
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 UPDATE app.api_keys SET last_used_at = clock_timestamp()
   WHERE ((api_keys.org_id = app.org_id()) AND (api_keys.id = (app.context() ->> 'actorId'::text)) AND ((api_keys.last_used_at IS NULL) OR (api_keys.last_used_at < (clock_timestamp() - '00:01:00'::interval))));
END;
alter function app.touch_api_key() owner to bulkhead_owner;
grant execute on function app.touch_api_key() to bulkhead_gateway;

CREATE OR REPLACE FUNCTION app.verified()
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  value text := current_setting('app.context', true);
  payload text := substr(value, 65);
begin
  if value is null or length(value) < 66 then return null; end if;
  if not exists (
    select from platform.context_keys k
    where k.id = 1
      and encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(payload, 'UTF8'))), 'hex') = left(value, 64)
  ) then
    return null;
  end if;
  if split_part(payload, E'\n', 2) <> pg_backend_pid()::text then return null; end if;
  if coalesce(to_timestamp(nullif(split_part(payload, E'\n', 3), '')::float8) < clock_timestamp(), true) then
    return null;
  end if;
  return payload;
end $function$;
alter function app.verified() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.visible(noun text)
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return app.patterns(app.verified(), 'visible', noun);
end $function$;
alter function app.visible(text) owner to bulkhead_owner;
grant execute on function app.visible(text) to bulkhead_audit;
grant execute on function app.visible(text) to bulkhead_gateway;
grant execute on function app.visible(text) to bulkhead_worker;

CREATE OR REPLACE FUNCTION app.writing_request(OUT org_id uuid, OUT request_id text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare context jsonb := app.context();
begin
  if context is null or context->>'purpose' <> 'write' then
    raise exception 'context refused' using errcode = 'BH001';
  end if;
  org_id := (context->>'org')::uuid;
  request_id := context->>'requestId';
end $function$;
alter function app.writing_request() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION audit.add_heads(organizations uuid[], sizes bigint[], log_indexes bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into audit.heads (org_id, size, from_size, log_index)
  select x.org_id, x.size, t.head_size, x.log_index
  from unnest(add_heads.organizations, add_heads.sizes, add_heads.log_indexes) x (org_id, size, log_index)
  join audit.trees t on t.org_id = x.org_id;
  update audit.trees t set head_size = x.size
  from unnest(add_heads.organizations, add_heads.sizes) x (org_id, size) where t.org_id = x.org_id;
end $function$;
alter function audit.add_heads(uuid[],bigint[],bigint[]) owner to bulkhead_audit;
grant execute on function audit.add_heads(uuid[],bigint[],bigint[]) to bulkhead_worker;

CREATE OR REPLACE FUNCTION audit.append(action text, resource text, outcome text, code text, change text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  context jsonb := app.context();
  entry uuid := gen_random_uuid();
begin
  if context is null then raise exception 'context refused' using errcode = 'BH001'; end if;
  insert into audit.entries (org_id, id, actor_type, actor_id, action, resource, outcome, code, client_address, request_id, change)
  values ((context->>'org')::uuid, entry, context->>'actorType', context->>'actorId', append.action, append.resource,
          append.outcome, append.code, context->>'clientAddress', context->>'requestId', append.change);
  insert into platform.unsealed_entries (org_id, entry_id) values ((context->>'org')::uuid, entry);
end $function$;
alter function audit.append(text,text,text,text,text) owner to bulkhead_audit;
grant execute on function audit.append(text,text,text,text,text) to bulkhead_gateway;
grant execute on function audit.append(text,text,text,text,text) to bulkhead_worker;

CREATE OR REPLACE FUNCTION audit.count_rows()
 RETURNS TABLE(name text, remaining bigint, kept bigint)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ select * from platform.count_tables('bulkhead_audit') $function$;
alter function audit.count_rows() owner to bulkhead_audit;
grant execute on function audit.count_rows() to bulkhead_worker;

CREATE OR REPLACE FUNCTION audit.count_usage(action text, amount bigint)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare context jsonb := app.context();
begin
  if context is null then raise exception 'context refused' using errcode = 'BH001'; end if;
  insert into audit.usage as u (org_id, hour, actor_type, actor_id, action, calls, amount)
  values ((context->>'org')::uuid, date_trunc('hour', clock_timestamp(), 'UTC'), context->>'actorType', context->>'actorId',
          count_usage.action, 1, count_usage.amount)
  on conflict (org_id, hour, actor_id, action)
  do update set calls = u.calls + 1, amount = u.amount + excluded.amount;
end $function$;
alter function audit.count_usage(text,bigint) owner to bulkhead_audit;
grant execute on function audit.count_usage(text,bigint) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION audit.delete_rows(budget integer)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ select platform.empty_tables(delete_rows.budget, 'bulkhead_audit') $function$;
alter function audit.delete_rows(integer) owner to bulkhead_audit;
grant execute on function audit.delete_rows(integer) to bulkhead_worker;

CREATE OR REPLACE FUNCTION audit.grown_trees()
 RETURNS TABLE(org_id uuid, size bigint, frontier bytea, head_size bigint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select t.org_id, t.size, t.frontier, t.head_size from audit.trees t
    where t.size > t.head_size and t.org_id <> 'ffffffff-ffff-ffff-ffff-ffffffffffff' order by t.org_id;
end $function$;
alter function audit.grown_trees() owner to bulkhead_audit;
grant execute on function audit.grown_trees() to bulkhead_worker;

CREATE OR REPLACE FUNCTION audit.indexes_of(entries uuid[])
 RETURNS TABLE(entry_id uuid, leaf_index bigint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return query
    select l.entry_id, l.leaf_index from audit.leaves l
    where l.org_id = app.org_id() and l.entry_id = any (indexes_of.entries) and 'AUDIT' like any (app.visible('AUDIT'));
end $function$;
alter function audit.indexes_of(uuid[]) owner to bulkhead_audit;
grant execute on function audit.indexes_of(uuid[]) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION audit.leaves_between(organization uuid, from_index bigint, to_index bigint)
 RETURNS TABLE(leaf_index bigint, leaf text, signature bytea)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select l.leaf_index, l.leaf, l.signature from audit.leaves l
    where l.org_id = leaves_between.organization and l.leaf_index >= leaves_between.from_index
      and l.leaf_index < leaves_between.to_index
    order by l.leaf_index;
end $function$;
alter function audit.leaves_between(uuid,bigint,bigint) owner to bulkhead_audit;
grant execute on function audit.leaves_between(uuid,bigint,bigint) to bulkhead_worker;

CREATE OR REPLACE FUNCTION audit.open_tree()
 RETURNS TABLE(size bigint, frontier bytea)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into audit.trees as t (org_id, size, frontier) values (app.org_id(), 0, '') on conflict on constraint trees_pkey do nothing;
  return query select t.size, t.frontier from audit.trees t where t.org_id = app.org_id() for update;
end $function$;
alter function audit.open_tree() owner to bulkhead_audit;
grant execute on function audit.open_tree() to bulkhead_worker;

CREATE OR REPLACE FUNCTION audit.proof_of(entry uuid)
 RETURNS TABLE(leaf_index bigint, leaf text, signature bytea, head_size bigint, head_index bigint, head_leaf text, log_size bigint, root bytea, note text, verifier_key text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;
alter function audit.proof_of(uuid) owner to bulkhead_audit;
grant execute on function audit.proof_of(uuid) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION audit.seal(first bigint, entries uuid[], leaves text[], signatures bytea, levels smallint[], positions bigint[], hashes bytea, frontier bytea)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;
alter function audit.seal(bigint,uuid[],text[],bytea,smallint[],bigint[],bytea,bytea) owner to bulkhead_audit;
grant execute on function audit.seal(bigint,uuid[],text[],bytea,smallint[],bigint[],bytea,bytea) to bulkhead_worker;

CREATE OR REPLACE FUNCTION audit.sealed_entries(from_index bigint, page_size integer)
 RETURNS TABLE(leaf_index bigint, leaf text, signature bytea, id uuid, at text, actor_type text, actor_id text, action text, resource text, outcome text, code text, client_address text, request_id text, change text, salt bytea)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select l.leaf_index, l.leaf, l.signature, e.id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           e.actor_type, e.actor_id, e.action, e.resource, e.outcome, e.code, e.client_address, e.request_id, e.change, e.salt
    from audit.leaves l left join audit.entries e on e.org_id = l.org_id and e.id = l.entry_id
    where l.org_id = app.org_id() and l.leaf_index >= sealed_entries.from_index
    order by l.leaf_index limit page_size;
end $function$;
alter function audit.sealed_entries(bigint,integer) owner to bulkhead_audit;
grant execute on function audit.sealed_entries(bigint,integer) to bulkhead_gateway;
grant execute on function audit.sealed_entries(bigint,integer) to bulkhead_worker;

CREATE OR REPLACE FUNCTION audit.segment_ranges(first_log_index bigint, log_size bigint)
 RETURNS TABLE(org_id uuid, from_index bigint, to_index bigint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select h.org_id, h.from_size, h.size from audit.leaves d
    join audit.heads h on h.org_id = (d.leaf::jsonb->>'organization')::uuid and h.size = (d.leaf::jsonb->>'size')::bigint
    where d.org_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff' and d.leaf_index >= segment_ranges.first_log_index
      and d.leaf_index < segment_ranges.log_size and d.leaf::jsonb->>'type' = 'head'
    order by d.leaf_index;
  return query select 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid, segment_ranges.first_log_index, segment_ranges.log_size;
end $function$;
alter function audit.segment_ranges(bigint,bigint) owner to bulkhead_audit;
grant execute on function audit.segment_ranges(bigint,bigint) to bulkhead_worker;

CREATE OR REPLACE FUNCTION audit.stray_entries(page_size integer)
 RETURNS TABLE(id uuid, at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select e.id, e.at from audit.entries e
    where e.org_id = app.org_id()
      and not exists (select from audit.leaves l where l.org_id = e.org_id and l.entry_id = e.id)
      and not exists (select from platform.unsealed_entries u where u.org_id = e.org_id and u.entry_id = e.id)
    order by e.at, e.id limit page_size;
end $function$;
alter function audit.stray_entries(integer) owner to bulkhead_audit;
grant execute on function audit.stray_entries(integer) to bulkhead_gateway;
grant execute on function audit.stray_entries(integer) to bulkhead_worker;

CREATE OR REPLACE FUNCTION audit.subtree_hashes(is_of_deployment boolean, levels smallint[], positions bigint[])
 RETURNS TABLE(level smallint, "position" bigint, hash bytea)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  tree uuid := case when is_of_deployment then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else app.org_id() end;
begin
  if not coalesce('AUDIT' like any (app.visible('AUDIT')), false) then return; end if;
  return query
    select x.level, x.position, coalesce(n.hash, l.hash)
    from unnest(subtree_hashes.levels, subtree_hashes.positions) x (level, position)
    left join audit.nodes n on n.org_id = tree and n.level = x.level and n.position = x.position
    left join audit.leaves l on x.level = 0 and l.org_id = tree and l.leaf_index = x.position;
end $function$;
alter function audit.subtree_hashes(boolean,smallint[],bigint[]) owner to bulkhead_audit;
grant execute on function audit.subtree_hashes(boolean,smallint[],bigint[]) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION audit.unsealed(page_size integer)
 RETURNS TABLE(id uuid, at text, actor_type text, actor_id text, action text, resource text, outcome text, code text, client_address text, request_id text, change text, salt bytea)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select e.id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.actor_type, e.actor_id, e.action,
           e.resource, e.outcome, e.code, e.client_address, e.request_id, e.change, e.salt
    from platform.unsealed_entries u join audit.entries e on e.org_id = u.org_id and e.id = u.entry_id
    where u.org_id = app.org_id() order by e.at, e.id limit page_size;
end $function$;
alter function audit.unsealed(integer) owner to bulkhead_audit;
grant execute on function audit.unsealed(integer) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.acts_for_deployment()
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare context jsonb := app.context();
begin
  return coalesce(context->>'actorType' = 'SYSTEM' and context->>'org' = 'ffffffff-ffff-ffff-ffff-ffffffffffff', false);
end $function$;
alter function platform.acts_for_deployment() owner to bulkhead_owner;
grant execute on function platform.acts_for_deployment() to bulkhead_audit;

CREATE OR REPLACE FUNCTION platform.add_checkpoint(checkpoint platform.checkpoints)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into platform.checkpoints select (checkpoint).*;
end $function$;
alter function platform.add_checkpoint(platform.checkpoints) owner to bulkhead_owner;
grant execute on function platform.add_checkpoint(platform.checkpoints) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.add_job(task text, org uuid, payload jsonb, run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, job_key text DEFAULT NULL::text, max_attempts integer DEFAULT NULL::integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  known platform.job_tasks;
  prefix text := task || coalesce(':' || org::text, '');
  waiting integer;
begin
  select * into known from platform.job_tasks t where t.name = task;
  if not found or (org is null) <> (known.concerns = 'DEPLOYMENT') then
    raise exception 'no such job' using errcode = 'insufficient_privilege';
  end if;
  if job_key !~ '^[0-9A-Za-z_-]{1,64}$' then raise exception 'no key of a job' using errcode = 'check_violation'; end if;
  select count(*) into waiting from (
    select from graphile_worker._private_jobs j
    where j.payload->>'orgId' = org::text and j.is_available and j.run_at <= now() limit 100) w;
  return (graphile_worker.add_job(
    task,
    (jsonb_strip_nulls(jsonb_build_object('orgId', org)) || (payload - 'orgId'))::json,
    case when known.concerns <> 'ROW' then prefix end,
    add_job.run_at,
    least(coalesce(add_job.max_attempts, known.max_attempts), 25),
    prefix || ':' || job_key,
    waiting,
    -- Workers skip those of an organization that has its share of their slots.
    case when org is not null then array[org::text] end)).id;
end $function$;
alter function platform.add_job(text,uuid,jsonb,timestamp with time zone,text,integer) owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.arrival_at_rate(arrival timestamp with time zone, clock timestamp with time zone, old_rate integer, new_rate integer, burst integer)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE
RETURN (clock + LEAST(((GREATEST(arrival, clock) - clock) * ((old_rate)::double precision / (new_rate)::double precision)), (('00:01:00'::interval / (new_rate)::double precision) * (burst)::double precision)));
alter function platform.arrival_at_rate(timestamp with time zone,timestamp with time zone,integer,integer,integer) owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.authenticate(presented_id text, presented_hash bytea)
 RETURNS TABLE(org_id uuid, id text, type text, name text, scopes jsonb, allowed_cidrs text[], active boolean, revision bigint, ends_after_ms double precision)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare found_org uuid;
begin
  select o.org_id into found_org from platform.api_key_owners o where o.key_id = presented_id;
  if found_org is null then return; end if;
  perform set_config('app.lookup_org', found_org::text, true);
  return query
    select k.org_id, k.id, k.type, k.name, k.scopes, k.allowed_cidrs,
           k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp()),
           k.revision, extract(epoch from least(k.expires_at, s.valid_until) - clock_timestamp())::float8 * 1000
    from app.api_keys k
    join app.api_key_secrets s on s.org_id = k.org_id and s.key_id = k.id
    where k.org_id = found_org and k.id = presented_id and s.secret_hash = presented_hash
      and (s.valid_until is null or s.valid_until > clock_timestamp());
  perform set_config('app.lookup_org', '', true);
end $function$;
alter function platform.authenticate(text,bytea) owner to bulkhead_owner;
grant execute on function platform.authenticate(text,bytea) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.authenticate_operator(presented_id text, presented_hash bytea)
 RETURNS TABLE(id text, name text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT o.id,
     o.name
    FROM platform.operators o
   WHERE ((o.id = authenticate_operator.presented_id) AND (o.secret_hash = authenticate_operator.presented_hash) AND (o.revoked_at IS NULL));
END;
alter function platform.authenticate_operator(text,bytea) owner to bulkhead_owner;
grant execute on function platform.authenticate_operator(text,bytea) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.await_writers()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare org uuid := platform.require_deleting_org();
begin
  perform pg_advisory_xact_lock(hashtextextended('bulkhead:writers:' || org, 0));
end $function$;
alter function platform.await_writers() owner to bulkhead_owner;
grant execute on function platform.await_writers() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.backup_status()
 RETURNS TABLE(beat_at timestamp with time zone, place text, last_wal text, last_wal_at timestamp with time zone, restorable_from timestamp with time zone, restorable_until timestamp with time zone, spooled_files integer, spooled_bytes bigint, oldest_spooled_at timestamp with time zone, shipped_files bigint, shipped_bytes bigint, failures bigint, last_failure text, last_failed_at timestamp with time zone, base_id text, base_started_at timestamp with time zone, base_ended_at timestamp with time zone, base_bytes bigint, base_stored_bytes bigint, base_failed_at timestamp with time zone, base_failure text, running_id text, running_since timestamp with time zone, running_total bigint, running_read bigint, running_stored bigint, drill_at timestamp with time zone, drill_is_passed boolean, drill_passed_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select s.beat_at, s.place, s.last_wal, s.last_wal_at, s.restorable_from, s.restorable_until, s.spooled_files, s.spooled_bytes,
           s.oldest_spooled_at, s.shipped_files, s.shipped_bytes, s.failures, s.last_failure, s.last_failed_at,
           b.id, b.started_at, b.ended_at, b.bytes_read, b.bytes_stored, f.ended_at, f.reason,
           r.id, r.started_at, r.bytes_total, r.bytes_read, r.bytes_stored,
           d.ended_at, d.is_passed, p.ended_at
    from platform.backup_state s
    left join lateral (select * from platform.base_backups x where x.outcome = 'COMPLETE' order by x.ended_at desc limit 1) b on true
    left join lateral (select * from platform.base_backups x where x.outcome = 'FAILED' order by x.ended_at desc limit 1) f on true
    left join lateral (select * from platform.base_backups x where x.outcome is null order by x.started_at desc limit 1) r on true
    left join lateral (select * from platform.backup_drills x order by x.ended_at desc limit 1) d on true
    left join lateral (select * from platform.backup_drills x where x.is_passed order by x.ended_at desc limit 1) p on true;
end $function$;
alter function platform.backup_status() owner to bulkhead_owner;
grant execute on function platform.backup_status() to bulkhead_backup;
grant execute on function platform.backup_status() to bulkhead_gateway;
grant execute on function platform.backup_status() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.begin_job_run(job_id bigint)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare clock timestamptz := clock_timestamp();
begin
  perform platform.require_actor(array['SYSTEM']);
  if exists (
    select from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    join platform.deletions d on d.org_id = (j.payload->>'orgId')::uuid
    where j.id = begin_job_run.job_id and t.identifier <> 'deleteOrganization')
  then
    raise exception 'deleted' using errcode = 'BH004';
  end if;
  insert into platform.job_runs as r (job_id, attempt, task, org_id, worker, started_at)
  select j.id, j.attempts, t.identifier, (j.payload->>'orgId')::uuid, j.locked_by, clock
  from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
  where j.id = begin_job_run.job_id and j.locked_by is not null
  on conflict on constraint job_runs_pkey do update
    set worker = excluded.worker, started_at = excluded.started_at, ended_at = null, outcome = null, reason = null;
  return coalesce((select (j.payload->>'now')::timestamptz from graphile_worker._private_jobs j where j.id = begin_job_run.job_id), clock);
end $function$;
alter function platform.begin_job_run(bigint) owner to bulkhead_owner;
grant execute on function platform.begin_job_run(bigint) to bulkhead_backup;
grant execute on function platform.begin_job_run(bigint) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.check_job_payload()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if json_typeof(new.payload) <> 'object' or octet_length(new.payload::text) > 1000 or exists (
    select from json_each(new.payload) p
    where not case
      when p.key = '_cron' then p.value::text ~ '^\{"ts":"[0-9TZ:.-]{20,30}","backfilled":(true|false)\}$'
      when p.key = 'now' then p.value::text ~ '^"[0-9TZ:.-]{20,30}"$'
      when p.key ~ '^[a-z][A-Za-z]{0,30}Id$'
        then p.value::text ~ '^"([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Za-z_]{1,40})"$'
      else false end)
  then
    raise exception 'the payload of a job holds ids only' using errcode = 'check_violation';
  end if;
  return new;
end $function$;
alter function platform.check_job_payload() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.checkpoint_after(after_generation integer, after_number bigint)
 RETURNS TABLE(generation integer, number bigint, log_size bigint, from_size bigint, root bytea, note text, verifier_key text, sha256 bytea, at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select c.* from platform.checkpoints c
    where (c.generation, c.number) > (after_generation, after_number)
    order by c.generation, c.number limit 1;
end $function$;
alter function platform.checkpoint_after(integer,bigint) owner to bulkhead_owner;
grant execute on function platform.checkpoint_after(integer,bigint) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.checkpoint_copies()
 RETURNS TABLE(destination text, generation integer, number bigint, failure text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select c.destination, c.generation, c.number, c.failure from platform.checkpoint_copies c;
end $function$;
alter function platform.checkpoint_copies() owner to bulkhead_owner;
grant execute on function platform.checkpoint_copies() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.claim_integration_work(capacity integer, kinds text[])
 RETURNS TABLE(kind text, org_id uuid, integration_id uuid, id uuid)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare clock timestamptz;
begin
  perform platform.require_actor(array['SYSTEM']);
  perform pg_advisory_xact_lock(hashtextextended('bulkhead:integration work', 0));
  clock := clock_timestamp();
  return query
    with running as (
      select w.kind, w.org_id, w.integration_id, count(*) as leased from platform.integration_work w
      where w.leased_until > clock group by 1, 2, 3
    ), due as (
      select w.kind, w.org_id, w.integration_id, w.id, w.due_at,
             row_number() over (partition by w.kind, w.org_id, w.integration_id order by w.due_at, w.id) as rank
      from platform.integration_work w
      where w.kind = any (kinds) and w.due_at <= clock and (w.leased_until is null or w.leased_until <= clock)
        and not exists (select from platform.deletions d where d.org_id = w.org_id)
    ), of_integration as (
      select d.* from due d
      left join running r on r.kind = d.kind and r.org_id = d.org_id and r.integration_id = d.integration_id
      where d.rank + coalesce(r.leased, 0) <= 4
    ), of_organization as (
      select i.kind, i.org_id, i.integration_id, i.id, i.due_at,
             row_number() over (partition by i.kind, i.org_id order by i.due_at, i.id) + coalesce((
               select sum(r.leased) from running r where r.kind = i.kind and r.org_id = i.org_id), 0) as rank
      from of_integration i
    ), chosen as (
      select o.kind, o.org_id, o.id from of_organization o where o.rank <= 8 order by o.due_at, o.id limit capacity
    )
    update platform.integration_work w set leased_until = clock + interval '60 seconds'
    from chosen c where w.org_id = c.org_id and w.kind = c.kind and w.id = c.id
    returning w.kind, w.org_id, w.integration_id, w.id;
end $function$;
alter function platform.claim_integration_work(integer,text[]) owner to bulkhead_owner;
grant execute on function platform.claim_integration_work(integer,text[]) to bulkhead_gateway;
grant execute on function platform.claim_integration_work(integer,text[]) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.clean_jobs(at timestamp with time zone)
 RETURNS TABLE(runs bigint, jobs bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
begin
  perform platform.require_actor(array['SYSTEM']);
  -- Materialized: a plan could look for the 10,000th run of a task anew for each of its runs.
  with kept as materialized (
    select t.name, (
      select x.started_at from platform.job_runs x where x.task = t.name and x.outcome = 'SUCCEEDED'
      order by x.started_at desc offset 10000 limit 1) as more_from
    from platform.job_tasks t)
  delete from platform.job_runs r using kept
  where r.task = kept.name and r.outcome = 'SUCCEEDED'
    and (r.ended_at < at - interval '7 days' or r.started_at <= kept.more_from);
  get diagnostics runs = row_count;
  with gone as (
    delete from graphile_worker._private_jobs j
    where j.locked_at is null and not j.is_available and j.updated_at < at - interval '30 days' and j.run_at < at - interval '30 days'
    returning 1)
  select count(*) into jobs from gone;
  with gone as (
    delete from platform.job_runs r where r.started_at < at - interval '30 days'
      and not exists (select from graphile_worker._private_jobs j where j.id = r.job_id)
    returning 1)
  select runs + count(*) into runs from gone;
  delete from platform.job_workers w where w.seen_at < clock_timestamp() - interval '1 hour';
  lock table graphile_worker._private_job_queues in share row exclusive mode;
  delete from graphile_worker._private_job_queues q where q.locked_at is null
    and not exists (select from graphile_worker._private_jobs j where j.job_queue_id = q.id);
  return next;
end $function$;
alter function platform.clean_jobs(timestamp with time zone) owner to bulkhead_owner;
grant execute on function platform.clean_jobs(timestamp with time zone) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.complete_deletion(organization uuid, certificate text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare context jsonb := app.context();
begin
  if context->>'actorType' is distinct from 'SYSTEM' or context->>'actorId' is distinct from 'deletion'
     or context->>'purpose' is distinct from 'write' or context->>'org' <> '00000000-0000-0000-0000-000000000000' then
    raise exception 'only for a deletion' using errcode = 'insufficient_privilege';
  end if;
  update platform.deletions d
  set step = null, completed_at = clock_timestamp(), certificate = complete_deletion.certificate
  where d.org_id = complete_deletion.organization and d.step = 'CERTIFICATE';
  if not found then raise exception 'the deletion is at another step' using errcode = 'serialization_failure'; end if;
end $function$;
alter function platform.complete_deletion(uuid,text) owner to bulkhead_owner;
grant execute on function platform.complete_deletion(uuid,text) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.completed_base_backups()
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select b.id from platform.base_backups b where b.outcome = 'COMPLETE' order by b.id;
end $function$;
alter function platform.completed_base_backups() owner to bulkhead_owner;
grant execute on function platform.completed_base_backups() to bulkhead_backup;

CREATE OR REPLACE FUNCTION platform.count_rows()
 RETURNS TABLE(name text, remaining bigint, kept bigint)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ select * from platform.count_tables('bulkhead_owner') $function$;
alter function platform.count_rows() owner to bulkhead_owner;
grant execute on function platform.count_rows() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.count_tables(owner name)
 RETURNS TABLE(name text, remaining bigint, kept bigint)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  org uuid := platform.require_deleting_org();
  each record;
begin
  perform set_config('app.deleting', 'yes', true);
  for each in
    select t.*, platform.deletion_fault(t.relation, t.rank) as fault from platform.tables_of_organizations() t order by t.name
  loop
    if each.kept is distinct from 'true' and each.fault is not null then
      raise exception 'table % %', each.name, each.fault using errcode = 'BH005';
    end if;
    continue when each.owner <> count_tables.owner;
    name := each.name;
    execute format('select count(*) filter (where not (%2$s)), count(*) filter (where %2$s) from %1$s where org_id = $1',
                   each.relation::regclass, coalesce(each.kept, 'false')) into remaining, kept using org;
    return next;
  end loop;
end $function$;
alter function platform.count_tables(name) owner to bulkhead_owner;
grant execute on function platform.count_tables(name) to bulkhead_audit;

CREATE OR REPLACE FUNCTION platform.create_operator(id text, name text, secret_hash bytea)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into platform.operators (id, name, secret_hash) values (create_operator.id, create_operator.name, create_operator.secret_hash);
end $function$;
alter function platform.create_operator(text,text,bytea) owner to bulkhead_owner;
grant execute on function platform.create_operator(text,text,bytea) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.data_package()
 RETURNS TABLE(limit_mebibytes integer, record_bytes bigint, telemetry_bytes bigint, state text, measured_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT p.limit_mebibytes,
     p.record_bytes,
     p.telemetry_bytes,
     p.state,
     p.measured_at
    FROM platform.data_package_of(app.org_id()) p(limit_mebibytes, record_bytes, telemetry_bytes, state, measured_at)
   WHERE (app.org_id() IS NOT NULL);
END;
alter function platform.data_package() owner to bulkhead_owner;
grant execute on function platform.data_package() to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.data_package_of(org uuid)
 RETURNS TABLE(limit_mebibytes integer, record_bytes bigint, telemetry_bytes bigint, state text, measured_at timestamp with time zone)
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT COALESCE(p.limit_mebibytes, 1024) AS "coalesce",
     COALESCE(p.record_bytes, (0)::bigint) AS "coalesce",
     COALESCE(p.telemetry_bytes, (0)::bigint) AS "coalesce",
     COALESCE(p.state, 'BELOW'::text) AS "coalesce",
     p.measured_at
    FROM (( VALUES (1)) one
      LEFT JOIN platform.data_packages p ON ((p.org_id = data_package_of.org)));
END;
alter function platform.data_package_of(uuid) owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.data_state(used_bytes bigint, limit_mebibytes integer, old_state text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
RETURN CASE WHEN ((used_bytes)::numeric >= ((limit_mebibytes)::numeric * 1048576.0)) THEN 'FULL'::text WHEN ((old_state = 'FULL'::text) AND ((used_bytes)::numeric >= (((limit_mebibytes)::numeric * 1048576.0) * 0.95))) THEN 'FULL'::text WHEN ((used_bytes)::numeric >= (((limit_mebibytes)::numeric * 1048576.0) * 0.80)) THEN 'NEAR'::text WHEN ((old_state <> 'BELOW'::text) AND ((used_bytes)::numeric >= (((limit_mebibytes)::numeric * 1048576.0) * 0.75))) THEN 'NEAR'::text ELSE 'BELOW'::text END;
alter function platform.data_state(bigint,integer,text) owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.delete_jobs()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  org uuid := platform.require_deleting_org();
  amount bigint;
begin
  delete from graphile_worker._private_jobs j
  using graphile_worker._private_tasks k
  where k.id = j.task_id and k.identifier <> 'deleteOrganization' and j.payload->>'orgId' = org::text and j.locked_at is null;
  get diagnostics amount = row_count;
  if amount > 0 then perform platform.note_removed('JOBS', 'jobs', amount); end if;
  return (
    select count(*)::integer from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
    where k.identifier <> 'deleteOrganization' and j.payload->>'orgId' = org::text);
end $function$;
alter function platform.delete_jobs() owner to bulkhead_owner;
grant execute on function platform.delete_jobs() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.delete_rows(budget integer)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ select platform.empty_tables(delete_rows.budget, 'bulkhead_owner') $function$;
alter function platform.delete_rows(integer) owner to bulkhead_owner;
grant execute on function platform.delete_rows(integer) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.deleting_org()
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare context jsonb := app.context();
begin
  if context->>'actorType' is distinct from 'SYSTEM' or context->>'actorId' is distinct from 'deletion'
     or context->>'purpose' is distinct from 'write' then
    return null;
  end if;
  return (select d.org_id from platform.deletions d
          where d.org_id = (context->>'org')::uuid and d.completed_at is null);
end $function$;
alter function platform.deleting_org() owner to bulkhead_owner;
grant execute on function platform.deleting_org() to bulkhead_audit;

CREATE OR REPLACE FUNCTION platform.deletion_fault(relation oid, rank integer)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select case
    when c.relowner not in ('bulkhead_owner'::regrole, 'bulkhead_audit'::regrole) then 'belongs to another role'
    when deletion_fault.rank >= 100 then 'is in a circle of foreign keys'
    when c.relrowsecurity and (
      select count(*) from pg_policy p
      where p.polrelid = c.oid and p.polpermissive and p.polroles = array[c.relowner]
        and (p.polname, p.polcmd) in (('being_deleted', 'r'), ('deleted_with_organization', 'd'))
        and btrim(regexp_replace(pg_get_expr(p.polqual, p.polrelid), '\s+', ' ', 'g')) =
          'CASE WHEN (( SELECT current_setting(''app.deleting''::text, true) AS current_setting) = ''yes''::text) '
          'THEN (org_id = ( SELECT platform.deleting_org() AS deleting_org)) ELSE NULL::boolean END') < 2
      then 'has no policies for the deletion: call platform.include_in_deletion' end
  from pg_class c where c.oid = deletion_fault.relation
$function$;
alter function platform.deletion_fault(oid,integer) owner to bulkhead_owner;
grant execute on function platform.deletion_fault(oid,integer) to bulkhead_audit;

CREATE OR REPLACE FUNCTION platform.deletion_faults()
 RETURNS TABLE(name text, fault text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select t.name, platform.deletion_fault(t.relation, t.rank) from platform.tables_of_organizations() t
  where t.kept is distinct from 'true' and platform.deletion_fault(t.relation, t.rank) is not null order by t.name
$function$;
alter function platform.deletion_faults() owner to bulkhead_owner;
grant execute on function platform.deletion_faults() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.deletion_under_way()
 RETURNS TABLE(requested_at timestamp with time zone, requested_by_type text, requested_by_id text, database_name text, step text, removed jsonb, verified_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return query
    select d.requested_at, d.requested_by_type, d.requested_by_id, d.database_name, d.step, d.removed, d.verified_at
    from platform.deletions d where d.org_id = platform.deleting_org();
end $function$;
alter function platform.deletion_under_way() owner to bulkhead_owner;
grant execute on function platform.deletion_under_way() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.empty_tables(budget integer, owner name)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  org uuid := platform.require_deleting_org();
  left_over integer := budget;
  each record;
  amount bigint;
  total bigint;
begin
  perform set_config('app.deleting', 'yes', true);
  for each in
    select t.*, platform.deletion_fault(t.relation, t.rank) as fault from platform.tables_of_organizations() t
    where t.kept is distinct from 'true' order by t.rank, t.name
  loop
    if each.fault is not null then
      raise exception 'table % %', each.name, each.fault using errcode = 'BH005';
    end if;
    continue when each.owner <> empty_tables.owner;
    exit when left_over <= 0 and not each.is_whole;
    total := 0;
    loop
      execute format(
        'delete from %1$s where ctid = any (array(select t.ctid from %1$s t where t.org_id = $1 and not (%2$s) and %3$s limit $2))',
        each.relation::regclass, coalesce(each.kept, 'false'), coalesce(each.leaves_first, 'true'))
      using org, case when each.is_whole then null else left_over end;
      get diagnostics amount = row_count;
      total := total + amount;
      left_over := left_over - amount;
      exit when amount = 0 or left_over <= 0 and not each.is_whole;
    end loop;
    if total > 0 then perform platform.note_removed('ROWS', each.name, total); end if;
  end loop;
  return left_over > 0;
end $function$;
alter function platform.empty_tables(integer,name) owner to bulkhead_owner;
grant execute on function platform.empty_tables(integer,name) to bulkhead_audit;

CREATE OR REPLACE FUNCTION platform.end_job_run(job_id bigint, attempt integer, outcome text, reason text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.job_runs r
  set ended_at = clock_timestamp(), outcome = end_job_run.outcome, reason = left(end_job_run.reason, 500)
  where r.job_id = end_job_run.job_id and r.attempt = end_job_run.attempt;
end $function$;
alter function platform.end_job_run(bigint,integer,text,text) owner to bulkhead_owner;
grant execute on function platform.end_job_run(bigint,integer,text,text) to bulkhead_backup;
grant execute on function platform.end_job_run(bigint,integer,text,text) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.end_what_was_under_way()
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  counts jsonb := '{}';
  amount bigint;
begin
  update app.deliveries d
  set status = 'FAILED', body = null, due_at = null, failure = 'RESTORED', finished_at = clock_timestamp()
  where d.status = 'PENDING';
  get diagnostics amount = row_count;
  counts := counts || jsonb_build_object('deliveries', amount);
  delete from graphile_worker._private_jobs;
  get diagnostics amount = row_count;
  counts := counts || jsonb_build_object('jobs', amount);
  delete from graphile_worker._private_job_queues;
  update platform.job_runs r set ended_at = clock_timestamp(), outcome = 'INTERRUPTED', reason = 'RESTORED'
  where r.ended_at is null;
  update app.exports e
  set state = case e.state when 'READY' then 'EXPIRED' else 'FAILED' end, failure = 'RESTORED', ended_at = clock_timestamp()
  where e.state in ('REQUESTED', 'RUNNING', 'READY');
  get diagnostics amount = row_count;
  counts := counts || jsonb_build_object('exports', amount);
  delete from app.idempotency_keys k where not k.is_done;
  get diagnostics amount = row_count;
  return counts || jsonb_build_object('unfinishedRequests', amount);
end $function$;
alter function platform.end_what_was_under_way() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.enqueue_backup_job(task text, run_at timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if task not in ('baseBackup', 'rotateBackups', 'drill') then
    raise exception 'not a task of backups' using errcode = 'insufficient_privilege';
  end if;
  return platform.add_job(task, null, '{}', enqueue_backup_job.run_at, 'schedule');
end $function$;
alter function platform.enqueue_backup_job(text,timestamp with time zone) owner to bulkhead_owner;
grant execute on function platform.enqueue_backup_job(text,timestamp with time zone) to bulkhead_backup;

CREATE OR REPLACE FUNCTION platform.enqueue_job(task text, payload text, run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, job_key text DEFAULT NULL::text, max_attempts integer DEFAULT NULL::integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  context jsonb := app.context();
  deployment constant uuid := '00000000-0000-0000-0000-000000000000';
begin
  if context is null or context->>'purpose' <> 'write' then
    raise exception 'not in a write' using errcode = 'insufficient_privilege';
  end if;
  if session_user <> 'bulkhead_worker' and not exists (
    select from platform.job_tasks t where t.name = task and context->>'actorType' = any (t.enqueued_by))
  then
    raise exception 'not for this actor' using errcode = 'insufficient_privilege';
  end if;
  return platform.add_job(task, nullif((context->>'org')::uuid, deployment), payload::jsonb - 'now' - '_cron',
                          enqueue_job.run_at, enqueue_job.job_key, enqueue_job.max_attempts);
end $function$;
alter function platform.enqueue_job(text,text,timestamp with time zone,text,integer) owner to bulkhead_owner;
grant execute on function platform.enqueue_job(text,text,timestamp with time zone,text,integer) to bulkhead_gateway;
grant execute on function platform.enqueue_job(text,text,timestamp with time zone,text,integer) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.expire_live(now timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare removed bigint;
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from platform.live_subscriptions s where s.expires_at < expire_live.now;
  get diagnostics removed = row_count;
  return removed;
end $function$;
alter function platform.expire_live(timestamp with time zone) owner to bulkhead_owner;
grant execute on function platform.expire_live(timestamp with time zone) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.expire_rate_buckets(now timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare removed bigint;
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from platform.rate_buckets b
  where greatest(b.standard_arrival, b.data_read_arrival, b.held_until) < expire_rate_buckets.now - interval '1 day';
  get diagnostics removed = row_count;
  return removed;
end $function$;
alter function platform.expire_rate_buckets(timestamp with time zone) owner to bulkhead_owner;
grant execute on function platform.expire_rate_buckets(timestamp with time zone) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.find_hook(hook uuid)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
RETURN (SELECT h.org_id FROM platform.hooks h WHERE (h.integration_id = find_hook.hook));
alter function platform.find_hook(uuid) owner to bulkhead_owner;
grant execute on function platform.find_hook(uuid) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.follow_hook()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if tg_op <> 'DELETE' and new.is_enabled and new.direction = 'INGRESS' and new.type = 'WEBHOOK' then
    insert into platform.hooks (integration_id, org_id) values (new.id, new.org_id) on conflict do nothing;
  else
    delete from platform.hooks h where h.integration_id = old.id and h.org_id = old.org_id;
  end if;
  return null;
end $function$;
alter function platform.follow_hook() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.follow_work()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if tg_op = 'DELETE' or (tg_op = 'UPDATE' and new.due_at is null) then
    delete from platform.integration_work w where w.org_id = old.org_id and w.kind = tg_argv[0] and w.id = old.id;
  elsif new.due_at is not null then
    insert into platform.integration_work (org_id, kind, id, integration_id, due_at)
    values (new.org_id, tg_argv[0], new.id, new.integration_id, new.due_at)
    on conflict (org_id, kind, id) do update set due_at = excluded.due_at, leased_until = null;
    if new.due_at <= clock_timestamp() then perform pg_notify('bulkhead_integration_work', ''); end if;
  end if;
  return null;
end $function$;
alter function platform.follow_work() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.forget_unledgered(ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from platform.unledgered u where u.id = any (ids);
end $function$;
alter function platform.forget_unledgered(uuid[]) owner to bulkhead_owner;
grant execute on function platform.forget_unledgered(uuid[]) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.go_on_with_deletion(from_step text, to_step text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare org uuid := platform.require_deleting_org();
begin
  update platform.deletions d
  set step = to_step, verified_at = case when to_step = 'CERTIFICATE' then clock_timestamp() end
  where d.org_id = org and d.step = from_step;
  if not found then raise exception 'the deletion is at another step' using errcode = 'serialization_failure'; end if;
end $function$;
alter function platform.go_on_with_deletion(text,text) owner to bulkhead_owner;
grant execute on function platform.go_on_with_deletion(text,text) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.include_in_deletion(target regclass)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  owner text := (select pg_get_userbyid(c.relowner) from pg_class c where c.oid = target);
  condition constant text := $c$case when (select current_setting('app.deleting', true)) = 'yes'
    then org_id = (select platform.deleting_org()) end$c$;
begin
  execute format('create policy being_deleted on %s for select to %I using (%s)', target, owner, condition);
  execute format('create policy deleted_with_organization on %s for delete to %I using (%s)', target, owner, condition);
end $function$;
alter function platform.include_in_deletion(regclass) owner to bulkhead_owner;
grant execute on function platform.include_in_deletion(regclass) to bulkhead_audit;

CREATE OR REPLACE FUNCTION platform.job_state(job_id bigint)
 RETURNS TABLE(state text, outcome text, reason text, started_at timestamp with time zone, ended_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select case when j.locked_at is not null then 'RUNNING' when j.is_available then 'WAITING' else 'ENDED' end,
           r.outcome, r.reason, r.started_at, r.ended_at
    from (select job_state.job_id as id) asked
    left join graphile_worker._private_jobs j on j.id = asked.id
    left join lateral (select * from platform.job_runs x where x.job_id = asked.id order by x.attempt desc limit 1) r on true
    where j.id is not null or r.job_id is not null;
end $function$;
alter function platform.job_state(bigint) owner to bulkhead_owner;
grant execute on function platform.job_state(bigint) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.keep_posture(started_at timestamp with time zone, results jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare run timestamptz;
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into platform.posture_runs (started_at) values (keep_posture.started_at) returning ended_at into run;
  insert into platform.posture_results (run, check_id, status, evidence, looked_at, duration_ms)
  select run, r."check", r.status, left(r.evidence, 1000), r.at, r."durationMs"
  from jsonb_to_recordset(keep_posture.results) r ("check" text, status text, evidence text, at timestamptz, "durationMs" integer);
  delete from platform.posture_runs p where p.ended_at in (
    select o.ended_at from platform.posture_runs o order by o.ended_at desc offset 720);
end $function$;
alter function platform.keep_posture(timestamp with time zone,jsonb) owner to bulkhead_owner;
grant execute on function platform.keep_posture(timestamp with time zone,jsonb) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.kept_after_deletion()
 RETURNS TABLE(name text, condition text, reason text)
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  values
    ('platform.deletions', 'true', 'the deletion itself, with its certificate'),
    ('platform.job_runs', $c$task = 'deleteOrganization'$c$, 'runs of the deletion, which cleanJobs removes'),
    ('audit.trees', 'true', 'what the audit log is proved by: ids and hashes'),
    ('audit.leaves', 'true', 'what the audit log is proved by: ids and hashes'),
    ('audit.nodes', 'true', 'what the audit log is proved by: ids and hashes'),
    ('audit.heads', 'true', 'what the audit log is proved by: ids and hashes')
$function$;
alter function platform.kept_after_deletion() owner to bulkhead_owner;
grant execute on function platform.kept_after_deletion() to bulkhead_audit;

CREATE OR REPLACE FUNCTION platform.kept_by_deletion()
 RETURNS TABLE(name text, reason text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select k.name, k.reason from platform.kept_after_deletion() k where platform.deleting_org() is not null
$function$;
alter function platform.kept_by_deletion() owner to bulkhead_owner;
grant execute on function platform.kept_by_deletion() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.last_posture()
 RETURNS TABLE(started_at timestamp with time zone, ended_at timestamp with time zone, check_id text, status text, evidence text, looked_at timestamp with time zone, duration_ms integer)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select p.started_at, p.ended_at, r.check_id, r.status, r.evidence, r.looked_at, r.duration_ms
    from (select * from platform.posture_runs o order by o.ended_at desc limit 1) p
    join platform.posture_results r on r.run = p.ended_at;
end $function$;
alter function platform.last_posture() owner to bulkhead_owner;
grant execute on function platform.last_posture() to bulkhead_gateway;
grant execute on function platform.last_posture() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.latest_checkpoint()
 RETURNS TABLE(generation integer, number bigint, log_size bigint, from_size bigint, root bytea, note text, verifier_key text, sha256 bytea, at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if app.context() is null then return; end if;
  return query select c.* from platform.checkpoints c order by c.generation desc, c.number desc limit 1;
end $function$;
alter function platform.latest_checkpoint() owner to bulkhead_owner;
grant execute on function platform.latest_checkpoint() to bulkhead_gateway;
grant execute on function platform.latest_checkpoint() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.lease_live(id uuid, kind text, topic text, max_count integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_variable
declare
  org uuid := app.org_id();
  clock timestamptz;
begin
  if org is null then raise exception 'context refused' using errcode = 'BH001'; end if;
  perform pg_advisory_xact_lock(hashtextextended('bulkhead:live:' || org, 0));
  clock := clock_timestamp();
  delete from platform.live_subscriptions s where s.org_id = org and s.expires_at < clock and s.id <> id;
  update platform.live_subscriptions s set expires_at = clock + interval '15 seconds' where s.org_id = org and s.id = id;
  if found then return true; end if;
  if (select count(*) from platform.live_subscriptions s where s.org_id = org) >= max_count then return false; end if;
  insert into platform.live_subscriptions values (org, id, kind, topic, clock + interval '15 seconds');
  return true;
end $function$;
alter function platform.lease_live(uuid,text,text,integer) owner to bulkhead_owner;
grant execute on function platform.lease_live(uuid,text,text,integer) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.ledger_end()
 RETURNS TABLE(number bigint, sha256 text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select e.number, e.sha256 from platform.ledger_ends e;
end $function$;
alter function platform.ledger_end() owner to bulkhead_owner;
grant execute on function platform.ledger_end() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.lift_fence()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare each name;
begin
  update platform.recoveries r set lifted_at = clock_timestamp() where r.lifted_at is null;
  if not found then return; end if;
  for each in select r.rolname from pg_roles r where r.rolname like 'bulkhead\_%' and r.rolname not in ('bulkhead_owner', 'bulkhead_audit') loop
    execute format('alter role %I login', each);
  end loop;
end $function$;
alter function platform.lift_fence() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.list_alerts()
 RETURNS TABLE(name text, severity text, summary text, evidence jsonb, firing boolean, since timestamp with time zone, changed_at timestamp with time zone, resolved_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select a.name, a.severity, a.summary, a.evidence, a.firing, a.since, a.changed_at, a.resolved_at
    from platform.alerts a order by a.firing desc, a.changed_at desc, a.name;
end $function$;
alter function platform.list_alerts() owner to bulkhead_owner;
grant execute on function platform.list_alerts() to bulkhead_gateway;
grant execute on function platform.list_alerts() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.list_deletions(after uuid, page_size integer, only_org uuid DEFAULT NULL::uuid)
 RETURNS TABLE(org_id uuid, requested_at timestamp with time zone, requested_by_type text, requested_by_id text, step text, completed_at timestamp with time zone, failure text, certificate text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select d.org_id, d.requested_at, d.requested_by_type, d.requested_by_id, d.step, d.completed_at,
           case when d.completed_at is null then (
             select r.reason from platform.job_runs r where r.org_id = d.org_id and r.task = 'deleteOrganization'
             order by r.started_at desc limit 1) end,
           d.certificate
    from platform.deletions d
    where (after is null or d.org_id > after) and (only_org is null or d.org_id = only_org)
    order by d.org_id limit page_size;
end $function$;
alter function platform.list_deletions(uuid,integer,uuid) owner to bulkhead_owner;
grant execute on function platform.list_deletions(uuid,integer,uuid) to bulkhead_gateway;
grant execute on function platform.list_deletions(uuid,integer,uuid) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.list_drills(page_size integer)
 RETURNS TABLE(id uuid, started_at timestamp with time zone, ended_at timestamp with time zone, is_passed boolean, statement text, signature bytea)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query select d.id, d.started_at, d.ended_at, d.is_passed, d.statement, d.signature
    from platform.backup_drills d order by d.ended_at desc limit page_size;
end $function$;
alter function platform.list_drills(integer) owner to bulkhead_owner;
grant execute on function platform.list_drills(integer) to bulkhead_backup;
grant execute on function platform.list_drills(integer) to bulkhead_gateway;
grant execute on function platform.list_drills(integer) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.list_failed_jobs(before bigint, page_size integer)
 RETURNS TABLE(id bigint, task text, payload text, attempts integer, reason text, created_at timestamp with time zone, failed_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select j.id, k.identifier, (j.payload::jsonb - '_cron' - 'now')::text, j.attempts::integer, j.last_error, j.created_at, r.ended_at
    from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
    left join lateral (select x.ended_at from platform.job_runs x where x.job_id = j.id order by x.attempt desc limit 1) r on true
    where j.locked_at is null and not j.is_available and (before is null or j.id < before)
    order by j.id desc limit page_size;
end $function$;
alter function platform.list_failed_jobs(bigint,integer) owner to bulkhead_owner;
grant execute on function platform.list_failed_jobs(bigint,integer) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.list_jobs()
 RETURNS TABLE(name text, concerns text, is_movable boolean, schedule text, next_run_at timestamp with time zone, last_started_at timestamp with time zone, last_ended_at timestamp with time zone, last_outcome text, last_reason text, last_attempt integer, max_attempts integer, waiting bigint, running bigint, failed bigint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select t.name, t.concerns, t.is_movable, t.schedule, t.next_run_at, r.started_at, r.ended_at, r.outcome, r.reason,
           r.attempt::integer, t.max_attempts::integer, coalesce(c.waiting, 0), coalesce(c.running, 0), coalesce(c.failed, 0)
    from platform.job_tasks t
    left join lateral (
      select * from platform.job_runs x where x.task = t.name order by x.started_at desc limit 1) r on true
    left join (
      select k.identifier, count(*) filter (where j.is_available) as waiting,
             count(*) filter (where j.locked_at is not null) as running,
             count(*) filter (where j.locked_at is null and not j.is_available) as failed
      from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
      group by k.identifier) c on c.identifier = t.name
    order by t.name;
end $function$;
alter function platform.list_jobs() owner to bulkhead_owner;
grant execute on function platform.list_jobs() to bulkhead_gateway;
grant execute on function platform.list_jobs() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.list_keys()
 RETURNS TABLE(kind text, id text, state text, created_at timestamp with time zone, changed_at timestamp with time zone, unused_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select k.kind, k.id, k.state, k.created_at, k.changed_at, k.unused_at
    from platform.deployment_keys k order by k.kind, k.state, k.created_at desc, k.id;
end $function$;
alter function platform.list_keys() owner to bulkhead_owner;
grant execute on function platform.list_keys() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.list_operators()
 RETURNS TABLE(id text, name text, created_at timestamp with time zone, revoked_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select o.id, o.name, o.created_at, o.revoked_at from platform.operators o order by o.created_at, o.id;
end $function$;
alter function platform.list_operators() owner to bulkhead_owner;
grant execute on function platform.list_operators() to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.list_organizations(after uuid, page_size integer)
 RETURNS TABLE(org_id uuid, name text, created_at timestamp with time zone, retention_days integer, telemetry_state text, failure text, rate_limits jsonb, data_package jsonb)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare is_job boolean := app.context()->>'actorType' = 'SYSTEM';
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  perform set_config('app.listing', 'all', true);
  return query
    select o.* from platform.operated_organizations o
    -- Jobs pass over an organization that is being deleted.
    where (after is null or o.org_id > after) and (not is_job
           or not exists (select from platform.deletions d where d.org_id = o.org_id))
    order by o.org_id limit page_size;
  perform set_config('app.listing', '', true);
end $function$;
alter function platform.list_organizations(uuid,integer) owner to bulkhead_owner;
grant execute on function platform.list_organizations(uuid,integer) to bulkhead_gateway;
grant execute on function platform.list_organizations(uuid,integer) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.list_processes()
 RETURNS TABLE(process uuid, kind text, seen_seconds double precision, metrics jsonb, evidence jsonb)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select p.process, p.kind, extract(epoch from clock_timestamp() - p.seen_at)::double precision, p.metrics, p.evidence
    from platform.processes p order by p.kind, p.process;
end $function$;
alter function platform.list_processes() owner to bulkhead_owner;
grant execute on function platform.list_processes() to bulkhead_gateway;
grant execute on function platform.list_processes() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.list_unledgered()
 RETURNS TABLE(id uuid, org_id uuid, event text, subject text, at text, details jsonb)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select u.id, u.org_id, u.event, u.subject, to_char(u.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), u.details
    from platform.unledgered u order by u.at, u.id limit 1000;
end $function$;
alter function platform.list_unledgered() owner to bulkhead_owner;
grant execute on function platform.list_unledgered() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.lookup_org()
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
RETURN COALESCE((NULLIF(current_setting('app.lookup_org'::text, true), ''::text))::uuid, app.org_id());
alter function platform.lookup_org() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.measure()
 RETURNS TABLE(name text, value double precision)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare now timestamptz := clock_timestamp();
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select m.name, m.value::double precision from (
      select count(*) filter (where j.is_available and j.run_at <= now) as waiting,
             extract(epoch from now - min(j.run_at) filter (where j.is_available and j.run_at <= now)) as waiting_seconds,
             count(*) filter (where j.locked_at is not null) as running,
             count(*) filter (where j.locked_at is null and not j.is_available) as failed
      from graphile_worker._private_jobs j) q
    cross join lateral (values
      ('bulkhead_jobs_waiting', q.waiting::numeric), ('bulkhead_jobs_waiting_seconds', coalesce(q.waiting_seconds, 0)),
      ('bulkhead_jobs_running', q.running), ('bulkhead_jobs_failed', q.failed)) m (name, value);
  return query
    select m.name, m.value::double precision from (
      select count(*) as entries, extract(epoch from now - min(u.at)) as seconds from platform.unsealed_entries u) q
    cross join lateral (values
      ('bulkhead_audit_unsealed_entries', q.entries::numeric),
      ('bulkhead_audit_unsealed_seconds', coalesce(q.seconds, 0))) m (name, value);
  return query
    select m.name, m.value::double precision from (
      select c.log_size, extract(epoch from now - c.at) as seconds
      from platform.checkpoints c order by c.generation desc, c.number desc limit 1) q
    cross join lateral (values
      ('bulkhead_audit_log_size', q.log_size::numeric),
      ('bulkhead_audit_checkpoint_age_seconds', q.seconds)) m (name, value);
  -- A place that is no longer copied to is no longer noted either.
  return query
    select 'bulkhead_audit_copies_failing', count(*)::double precision from platform.checkpoint_copies c
    where c.failure is not null and c.updated_at > now - interval '10 minutes';
  return query
    select 'bulkhead_telemetry_unprovisioned_seconds',
           coalesce(extract(epoch from now - min(t.requested_at)), 0)::double precision
    from platform.telemetry_databases t
    where t.state = 'REQUESTED' and not exists (select from platform.deletions d where d.org_id = t.org_id);
  return query
    select m.name, m.value::double precision from (
      select count(*) filter (where p.state <> 'BELOW') as near, count(*) filter (where p.state = 'FULL') as "full"
      from platform.data_packages p
      where not exists (select from platform.deletions d where d.org_id = p.org_id)) q
    cross join lateral (values
      ('bulkhead_data_packages_near', q.near::numeric), ('bulkhead_data_packages_full', q."full")) m (name, value);
  return query
    select 'bulkhead_deletion_unfinished_seconds',
           coalesce(extract(epoch from now - min(d.requested_at)), 0)::double precision
    from platform.deletions d where d.completed_at is null;
  return query
    select m.name, m.value::double precision from pg_stat_archiver a
    cross join lateral (values
      ('bulkhead_wal_archived_files', a.archived_count::numeric), ('bulkhead_wal_archive_failures', a.failed_count),
      ('bulkhead_wal_archive_failing', (a.last_failed_time > coalesce(a.last_archived_time, '-infinity'))::integer),
      ('bulkhead_wal_archive_age_seconds', extract(epoch from now - coalesce(a.last_archived_time, a.stats_reset))))
      m (name, value)
    where current_setting('archive_mode') <> 'off';
  return query
    select m.name, m.value::double precision from (
      select count(*) as slots, max(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)) as bytes
      from pg_replication_slots s where not pg_is_in_recovery()) q
    cross join lateral (values
      ('bulkhead_replication_slots', q.slots::numeric),
      ('bulkhead_replication_lag_bytes', q.bytes)) m (name, value);
  return query
    select 'bulkhead_database_connections_ratio',
           (select count(*) from pg_stat_activity a where a.backend_type is distinct from 'walsender' and a.datid is not null)
             / current_setting('max_connections')::double precision;
  return query select 'bulkhead_transaction_age', max(age(d.datfrozenxid))::double precision from pg_database d;
  return query select 'bulkhead_database_clock_seconds', extract(epoch from clock_timestamp())::double precision;
end $function$;
alter function platform.measure() owner to bulkhead_owner;
grant execute on function platform.measure() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.note_base_backup(id text, started_at timestamp with time zone, outcome text, reason text, bytes_total bigint, bytes_read bigint, bytes_stored bigint)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 UPDATE platform.base_backups b SET outcome = 'FAILED'::text, ended_at = clock_timestamp(), reason = 'its process ended'::text
   WHERE ((b.outcome IS NULL) AND (b.id <> note_base_backup.id));
 INSERT INTO platform.base_backups AS b (id, started_at, ended_at, outcome, reason, bytes_total, bytes_read, bytes_stored)
   VALUES (note_base_backup.id, note_base_backup.started_at,
         CASE
             WHEN (note_base_backup.outcome IS NULL) THEN NULL::timestamp with time zone
             ELSE clock_timestamp()
         END, note_base_backup.outcome, "left"(note_base_backup.reason, 500), note_base_backup.bytes_total, note_base_backup.bytes_read, note_base_backup.bytes_stored) ON CONFLICT ON CONSTRAINT base_backups_pkey DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome, reason = excluded.reason, bytes_total = excluded.bytes_total, bytes_read = excluded.bytes_read, bytes_stored = excluded.bytes_stored;
END;
alter function platform.note_base_backup(text,timestamp with time zone,text,text,bigint,bigint,bigint) owner to bulkhead_owner;
grant execute on function platform.note_base_backup(text,timestamp with time zone,text,text,bigint,bigint,bigint) to bulkhead_backup;

CREATE OR REPLACE FUNCTION platform.note_checkpoint_copy(destination text, generation integer, number bigint, failure text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into platform.checkpoint_copies as c (destination, generation, number, failure)
  values (note_checkpoint_copy.destination, note_checkpoint_copy.generation, note_checkpoint_copy.number,
          left(note_checkpoint_copy.failure, 500))
  on conflict on constraint checkpoint_copies_pkey do update set generation = excluded.generation, number = excluded.number,
    failure = excluded.failure, updated_at = now();
end $function$;
alter function platform.note_checkpoint_copy(text,integer,bigint,text) owner to bulkhead_owner;
grant execute on function platform.note_checkpoint_copy(text,integer,bigint,text) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.note_data_size(record_bytes bigint, telemetry_bytes bigint)
 RETURNS TABLE(old_state text, state text, limit_mebibytes integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  org uuid := app.org_id();
  known platform.data_packages;
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into platform.data_packages (org_id) values (org) on conflict (org_id) do nothing;
  select * into known from platform.data_packages p where p.org_id = org for update;
  return query
    update platform.data_packages p
    set record_bytes = note_data_size.record_bytes, telemetry_bytes = note_data_size.telemetry_bytes,
        measured_at = clock_timestamp(),
        state = platform.data_state(note_data_size.record_bytes + note_data_size.telemetry_bytes, p.limit_mebibytes, p.state)
    where p.org_id = org
    returning known.state, p.state, p.limit_mebibytes;
end $function$;
alter function platform.note_data_size(bigint,bigint) owner to bulkhead_owner;
grant execute on function platform.note_data_size(bigint,bigint) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.note_drill(id uuid, started_at timestamp with time zone, is_passed boolean, statement text, signature bytea)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 INSERT INTO platform.backup_drills (id, started_at, ended_at, is_passed, statement, signature)
   VALUES (note_drill.id, note_drill.started_at, clock_timestamp(), note_drill.is_passed, note_drill.statement, note_drill.signature);
 DELETE FROM platform.backup_drills d
   WHERE (d.ended_at < (clock_timestamp() - '800 days'::interval));
END;
alter function platform.note_drill(uuid,timestamp with time zone,boolean,text,bytea) owner to bulkhead_owner;
grant execute on function platform.note_drill(uuid,timestamp with time zone,boolean,text,bytea) to bulkhead_backup;

CREATE OR REPLACE FUNCTION platform.note_heartbeat()
 RETURNS timestamp with time zone
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 UPDATE platform.backup_state s SET beat_at = clock_timestamp()
   RETURNING s.beat_at;
END;
alter function platform.note_heartbeat() owner to bulkhead_owner;
grant execute on function platform.note_heartbeat() to bulkhead_backup;

CREATE OR REPLACE FUNCTION platform.note_keys(kind text, ids text[], made_at timestamp with time zone[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
begin
  perform platform.require_actor(array['SYSTEM']);
  -- First those that are no longer current: there is one at a time.
  update platform.deployment_keys k set
    state = case when k.id = any (ids[2:]) then 'RETIRED' else 'REMOVED' end, changed_at = clock_timestamp()
  where k.kind = note_keys.kind and k.id <> ids[1]
    and k.state <> case when k.id = any (ids[2:]) then 'RETIRED' else 'REMOVED' end;
  insert into platform.deployment_keys as k (kind, id, state, created_at)
  select note_keys.kind, i.id, case i.place when 1 then 'CURRENT' else 'RETIRED' end, least(i.made_at, clock_timestamp())
  from unnest(ids, made_at) with ordinality i (id, made_at, place)
  on conflict on constraint deployment_keys_pkey do update set
    state = excluded.state, changed_at = clock_timestamp(), unused_at = null
  where k.state <> excluded.state;
end $function$;
alter function platform.note_keys(text,text[],timestamp with time zone[]) owner to bulkhead_owner;
grant execute on function platform.note_keys(text,text[],timestamp with time zone[]) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.note_ledger(number bigint, sha256 text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into platform.ledger_ends as e (id, number, sha256) values (1, note_ledger.number, note_ledger.sha256)
  on conflict (id) do update set number = excluded.number, sha256 = excluded.sha256 where e.number < excluded.number;
end $function$;
alter function platform.note_ledger(bigint,text) owner to bulkhead_owner;
grant execute on function platform.note_ledger(bigint,text) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.note_narrowing()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if exists (select from platform.deletions d where d.org_id = new.org_id) then return null; end if;
  if tg_table_name = 'rate_limits' then
    insert into platform.unledgered (org_id, event, subject, at)
    values (new.org_id, 'RATE_LIMIT_SET', concat_ws('/', new.tier, new.revision, new.per_minute, new.burst), clock_timestamp());
    return null;
  end if;
  if (new.scopes, new.allowed_cidrs) is distinct from (old.scopes, old.allowed_cidrs) then
    insert into platform.unledgered (org_id, event, subject, at, details)
    values (new.org_id, 'API_KEY_NARROWED', new.id || '/' || new.revision, clock_timestamp(), jsonb_build_object(
      'before', jsonb_build_object('scopes', old.scopes, 'allowedCidrs', old.allowed_cidrs),
      'after', jsonb_build_object('scopes', new.scopes, 'allowedCidrs', new.allowed_cidrs)));
  end if;
  if new.expires_at < coalesce(old.expires_at, 'infinity') then
    insert into platform.unledgered (org_id, event, subject, at)
    values (new.org_id, 'API_KEY_EXPIRY_SET', new.id || '/' || new.revision, new.expires_at);
  end if;
  return null;
end $function$;
alter function platform.note_narrowing() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.note_process(process uuid, kind text, metrics jsonb, evidence jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if session_user = 'bulkhead_gateway' and note_process.kind <> 'gateway' then
    raise exception 'not for this role' using errcode = 'insufficient_privilege';
  end if;
  delete from platform.processes p where p.seen_at < clock_timestamp() - interval '10 minutes';
  if (select count(*) from platform.processes p where p.process <> note_process.process) >= 100 then
    raise exception 'there are 100 processes already' using errcode = 'program_limit_exceeded';
  end if;
  insert into platform.processes as p (process, kind, seen_at, metrics, evidence)
  values (note_process.process, note_process.kind, clock_timestamp(), note_process.metrics, note_process.evidence)
  on conflict on constraint processes_pkey do update set
    seen_at = excluded.seen_at, metrics = excluded.metrics, evidence = excluded.evidence
  where p.kind = excluded.kind;
end $function$;
alter function platform.note_process(uuid,text,jsonb,jsonb) owner to bulkhead_owner;
grant execute on function platform.note_process(uuid,text,jsonb,jsonb) to bulkhead_backup;
grant execute on function platform.note_process(uuid,text,jsonb,jsonb) to bulkhead_gateway;
grant execute on function platform.note_process(uuid,text,jsonb,jsonb) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.note_removed(step text, name text, amount bigint)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare org uuid := platform.require_deleting_org();
begin
  update platform.deletions d
  set removed = jsonb_set(
    d.removed || jsonb_build_object(note_removed.step, coalesce(d.removed->note_removed.step, '{}')),
    array[note_removed.step, note_removed.name],
    to_jsonb(coalesce((d.removed->note_removed.step->>note_removed.name)::bigint, 0) + note_removed.amount))
  where d.org_id = org;
end $function$;
alter function platform.note_removed(text,text,bigint) owner to bulkhead_owner;
grant execute on function platform.note_removed(text,text,bigint) to bulkhead_audit;
grant execute on function platform.note_removed(text,text,bigint) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.note_revocation()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  case tg_table_name
    when 'api_keys' then
      -- What goes with its whole organization is in the ledger by the deletion.
      insert into platform.unledgered (org_id, event, subject, at)
      select new.org_id, 'API_KEY_REVOKED', new.id, new.revoked_at
      where not exists (select from platform.deletions d where d.org_id = new.org_id);
    when 'api_key_secrets' then
      insert into platform.unledgered (org_id, event, subject, at)
      values (new.org_id, 'API_KEY_SECRET_ENDED', new.key_id || '/' || new.id, new.valid_until);
    when 'operators' then
      insert into platform.unledgered (org_id, event, subject, at)
      values ('00000000-0000-0000-0000-000000000000', 'OPERATOR_REVOKED', new.id, new.revoked_at);
  end case;
  return null;
end $function$;
alter function platform.note_revocation() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.note_root_keys_in_use(ids text[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.deployment_keys k set unused_at = case when k.id = any (ids) then null else clock_timestamp() end
  where k.kind = 'root' and k.state = 'RETIRED' and (k.unused_at is null) <> (k.id = any (ids));
end $function$;
alter function platform.note_root_keys_in_use(text[]) owner to bulkhead_owner;
grant execute on function platform.note_root_keys_in_use(text[]) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.note_rotation(kept text[], restorable_from timestamp with time zone)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 UPDATE platform.backup_state s SET restorable_from = note_rotation.restorable_from;
 UPDATE platform.base_backups b SET outcome = 'EXPIRED'::text
   WHERE ((b.outcome = 'COMPLETE'::text) AND (b.id <> ALL (note_rotation.kept)));
 DELETE FROM platform.base_backups b
   WHERE ((b.outcome <> 'COMPLETE'::text) AND (b.ended_at < (clock_timestamp() - '90 days'::interval)));
END;
alter function platform.note_rotation(text[],timestamp with time zone) owner to bulkhead_owner;
grant execute on function platform.note_rotation(text[],timestamp with time zone) to bulkhead_backup;

CREATE OR REPLACE FUNCTION platform.note_schedule(task text, schedule text, next_run_at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.job_tasks t set schedule = note_schedule.schedule, next_run_at = note_schedule.next_run_at
  where t.name = task;
end $function$;
alter function platform.note_schedule(text,text,timestamp with time zone) owner to bulkhead_owner;
grant execute on function platform.note_schedule(text,text,timestamp with time zone) to bulkhead_backup;
grant execute on function platform.note_schedule(text,text,timestamp with time zone) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.note_shipping(note jsonb)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 UPDATE platform.backup_state s SET place = (note_shipping.note ->> 'place'::text), last_wal = COALESCE((note_shipping.note ->> 'lastWal'::text),
         CASE
             WHEN (s.place = (note_shipping.note ->> 'place'::text)) THEN s.last_wal
             ELSE NULL::text
         END), last_wal_at =
         CASE
             WHEN ((note_shipping.note ->> 'lastWal'::text) IS NULL) THEN s.last_wal_at
             ELSE clock_timestamp()
         END, restorable_until = COALESCE(((note_shipping.note ->> 'restorableUntil'::text))::timestamp with time zone, s.restorable_until), spooled_files = ((note_shipping.note ->> 'spooledFiles'::text))::integer, spooled_bytes = ((note_shipping.note ->> 'spooledBytes'::text))::bigint, oldest_spooled_at = ((note_shipping.note ->> 'oldestSpooledAt'::text))::timestamp with time zone, shipped_files = (s.shipped_files + ((note_shipping.note ->> 'shippedFiles'::text))::integer), shipped_bytes = (s.shipped_bytes + ((note_shipping.note ->> 'shippedBytes'::text))::bigint), failures = (s.failures + (((note_shipping.note ->> 'failure'::text) IS NOT NULL))::integer), last_failure = COALESCE("left"((note_shipping.note ->> 'failure'::text), 500), s.last_failure), last_failed_at =
         CASE
             WHEN ((note_shipping.note ->> 'failure'::text) IS NULL) THEN s.last_failed_at
             ELSE clock_timestamp()
         END;
END;
alter function platform.note_shipping(jsonb) owner to bulkhead_owner;
grant execute on function platform.note_shipping(jsonb) to bulkhead_backup;

CREATE OR REPLACE FUNCTION platform.note_worker(worker text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 INSERT INTO platform.job_workers AS w (worker, seen_at)
   VALUES (note_worker.worker, clock_timestamp()) ON CONFLICT(worker) DO UPDATE SET seen_at = excluded.seen_at;
END;
alter function platform.note_worker(text) owner to bulkhead_owner;
grant execute on function platform.note_worker(text) to bulkhead_backup;
grant execute on function platform.note_worker(text) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.operated_organization()
 RETURNS TABLE(org_id uuid, name text, created_at timestamp with time zone, retention_days integer, telemetry_state text, failure text, rate_limits jsonb, data_package jsonb)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query select o.* from platform.operated_organizations o where o.org_id = app.org_id();
end $function$;
alter function platform.operated_organization() owner to bulkhead_owner;
grant execute on function platform.operated_organization() to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.organizations_to_measure()
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select t.org_id from platform.telemetry_databases t
    left join platform.data_packages p on p.org_id = t.org_id
    where t.state = 'READY' and not exists (select from platform.deletions d where d.org_id = t.org_id)
      and (p.measured_at is null or p.measured_at < clock_timestamp() - interval '55 minutes' or p.state <> 'BELOW')
    order by p.measured_at nulls first, t.org_id;
end $function$;
alter function platform.organizations_to_measure() owner to bulkhead_owner;
grant execute on function platform.organizations_to_measure() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.organizations_with_due_monitors()
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  perform set_config('app.listing', 'all', true);
  return query
    select distinct m.org_id from app.monitors m where m.is_enabled and m.next_evaluation_at <= clock_timestamp()
      and not exists (select from platform.deletions d where d.org_id = m.org_id);
  perform set_config('app.listing', '', true);
end $function$;
alter function platform.organizations_with_due_monitors() owner to bulkhead_owner;
grant execute on function platform.organizations_with_due_monitors() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.passed_checks()
 RETURNS SETOF text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select distinct r.check_id from platform.posture_results r where r.status = 'PASS';
end $function$;
alter function platform.passed_checks() owner to bulkhead_owner;
grant execute on function platform.passed_checks() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.prolong_live(ids uuid[])
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return query
    update platform.live_subscriptions s set expires_at = clock_timestamp() + interval '15 seconds'
    where s.org_id = app.org_id() and s.id = any (ids)
    returning s.id;
end $function$;
alter function platform.prolong_live(uuid[]) owner to bulkhead_owner;
grant execute on function platform.prolong_live(uuid[]) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.publish_live(kind text, id text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  org uuid := app.org_id();
begin
  if exists (select from platform.live_subscriptions s
             where s.org_id = org and s.kind = publish_live.kind and s.topic in (publish_live.id, '*')
               and s.expires_at > clock_timestamp()) then
    perform pg_notify('bulkhead_live', concat_ws(' ', org, kind, id));
  end if;
end $function$;
alter function platform.publish_live(text,text) owner to bulkhead_owner;
grant execute on function platform.publish_live(text,text) to bulkhead_gateway;
grant execute on function platform.publish_live(text,text) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.raise_fence(restored_to timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare each name;
begin
  insert into platform.recoveries (restored_to) values (raise_fence.restored_to)
  on conflict ((true)) where lifted_at is null do update set restored_to = excluded.restored_to;
  for each in select r.rolname from pg_roles r where r.rolname like 'bulkhead\_%' loop
    execute format('alter role %I nologin', each);
  end loop;
end $function$;
alter function platform.raise_fence(timestamp with time zone) owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.rate_limits_of(org uuid)
 RETURNS TABLE(tier text, per_minute integer, burst integer)
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT d.tier,
     COALESCE(l.per_minute, d.per_minute) AS "coalesce",
     COALESCE(l.burst, d.burst) AS "coalesce"
    FROM (( VALUES ('STANDARD'::text,60,100), ('DATA_READ'::text,600,1000)) d(tier, per_minute, burst)
      LEFT JOIN platform.rate_limits l ON (((l.org_id = rate_limits_of.org) AND (l.tier = d.tier))));
END;
alter function platform.rate_limits_of(uuid) owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.rate_limits_of_org()
 RETURNS TABLE(tier text, per_minute integer, burst integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT l.tier,
     l.per_minute,
     l.burst
    FROM platform.rate_limits_of(app.org_id()) l(tier, per_minute, burst);
END;
alter function platform.rate_limits_of_org() owner to bulkhead_owner;
grant execute on function platform.rate_limits_of_org() to bulkhead_gateway;
grant execute on function platform.rate_limits_of_org() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.register_api_key(key_id text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 INSERT INTO platform.api_key_owners (key_id, org_id)  SELECT register_api_key.key_id,
             app.org_id() AS org_id
           WHERE (app.org_id() IS NOT NULL);
END;
alter function platform.register_api_key(text) owner to bulkhead_owner;
grant execute on function platform.register_api_key(text) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.register_organization(database_name text, sealed_password bytea)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  insert into platform.organizations (org_id) values (app.org_id());
  insert into platform.telemetry_databases (org_id, database_name, sealed_password)
  values (app.org_id(), register_organization.database_name, register_organization.sealed_password);
  perform platform.add_job('provisionTelemetry', app.org_id(), '{}');
end $function$;
alter function platform.register_organization(text,bytea) owner to bulkhead_owner;
grant execute on function platform.register_organization(text,bytea) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.release_dead_workers()
 RETURNS TABLE(worker text, jobs integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  dead record;
  released integer;
begin
  for dead in
    select l.locked_by as name, coalesce(w.seen_at, l.locked_at) as seen_at from (
      select locked_by, max(locked_at) as locked_at from (
        select locked_by, locked_at from graphile_worker._private_jobs where locked_by is not null
        union all select locked_by, locked_at from graphile_worker._private_job_queues where locked_by is not null) t
      group by locked_by) l
    left join platform.job_workers w on w.worker = l.locked_by
    where coalesce(w.seen_at, l.locked_at) < clock_timestamp() - interval '3 seconds'
  loop
    continue when dead.seen_at > clock_timestamp() - interval '30 seconds'
      and not pg_try_advisory_xact_lock(hashtextextended('bulkhead:worker:' || dead.name, 0));
    update platform.job_runs r set ended_at = clock_timestamp(), outcome = 'INTERRUPTED', reason = 'its worker ended'
    from graphile_worker._private_jobs j
    where j.locked_by = dead.name and r.job_id = j.id and r.attempt = j.attempts and r.outcome is null;
    update graphile_worker._private_jobs j set locked_at = null, locked_by = null, last_error = 'its worker ended'
    where j.locked_by = dead.name;
    get diagnostics released = row_count;
    update graphile_worker._private_job_queues q set locked_at = null, locked_by = null where q.locked_by = dead.name;
    delete from platform.job_workers w where w.worker = dead.name;
    perform pg_notify('jobs:insert', '{"count":' || released || '}');
    worker := dead.name;
    jobs := released;
    return next;
  end loop;
end $function$;
alter function platform.release_dead_workers() owner to bulkhead_owner;
grant execute on function platform.release_dead_workers() to bulkhead_backup;
grant execute on function platform.release_dead_workers() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.release_integration_work(kind text, id uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 UPDATE platform.integration_work w SET leased_until = NULL::timestamp with time zone
   WHERE ((w.org_id = app.org_id()) AND (w.kind = release_integration_work.kind) AND (w.id = release_integration_work.id));
END;
alter function platform.release_integration_work(text,uuid) owner to bulkhead_owner;
grant execute on function platform.release_integration_work(text,uuid) to bulkhead_gateway;
grant execute on function platform.release_integration_work(text,uuid) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.release_live(ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  delete from platform.live_subscriptions s where s.org_id = app.org_id() and s.id = any (ids);
end $function$;
alter function platform.release_live(uuid[]) owner to bulkhead_owner;
grant execute on function platform.release_live(uuid[]) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.request_deletion(confirmed_name text)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  context jsonb := app.context();
  org uuid := app.org_id();
  requested timestamptz;
begin
  perform platform.require_actor(array['API_KEY', 'SYSTEM']);
  if not ('ORGANIZATION/' || org like any (app.changeable('ORGANIZATION', 'admin')))
     or context->>'actorType' = 'API_KEY' and not exists (
       select from app.api_keys k where k.org_id = org and k.id = context->>'actorId' and k.type = 'ADMIN') then
    raise exception 'not for this key' using errcode = 'insufficient_privilege';
  end if;
  if not exists (select from app.organizations o where o.org_id = org and o.name = confirmed_name) then
    raise exception 'not confirmed' using errcode = 'insufficient_privilege';
  end if;
  insert into platform.deletions (org_id, requested_by_type, requested_by_id, database_name)
  select org, context->>'actorType', context->>'actorId', t.database_name
  from platform.telemetry_databases t where t.org_id = org
  on conflict (org_id) do nothing returning requested_at into requested;
  -- Another request came first, and has revoked the key of this one.
  if requested is null then raise exception 'deleted' using errcode = 'BH004'; end if;
  update app.api_keys k set revoked_at = clock_timestamp(), revoked_by = context->>'actorId'
  where k.org_id = org and k.revoked_at is null;
  delete from graphile_worker._private_jobs j where j.payload->>'orgId' = org::text and j.locked_at is null;
  perform platform.add_job('deleteOrganization', org, '{}');
  return requested;
end $function$;
alter function platform.request_deletion(text) owner to bulkhead_owner;
grant execute on function platform.request_deletion(text) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.request_job(task text, at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare org uuid := nullif(app.org_id(), '00000000-0000-0000-0000-000000000000');
begin
  perform platform.require_actor(array['SYSTEM']);
  if exists (
    select from platform.job_tasks t where t.name = task and (t.concerns = 'ROW' or at is not null and not t.is_movable))
  then
    raise exception 'not on demand' using errcode = 'insufficient_privilege';
  end if;
  return platform.add_job(
    task, org,
    jsonb_strip_nulls(jsonb_build_object('now', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))),
    max_attempts => 1);
end $function$;
alter function platform.request_job(text,timestamp with time zone) owner to bulkhead_owner;
grant execute on function platform.request_job(text,timestamp with time zone) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.require_actor(allowed text[])
 RETURNS void
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if not coalesce(app.context()->>'actorType' = any (allowed), false) then
    raise exception 'not for this actor' using errcode = 'insufficient_privilege';
  end if;
end $function$;
alter function platform.require_actor(text[]) owner to bulkhead_owner;
grant execute on function platform.require_actor(text[]) to bulkhead_audit;

CREATE OR REPLACE FUNCTION platform.require_deleting_org()
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare org uuid := platform.deleting_org();
begin
  if org is null then raise exception 'only for a deletion' using errcode = 'insufficient_privilege'; end if;
  return org;
end $function$;
alter function platform.require_deleting_org() owner to bulkhead_owner;
grant execute on function platform.require_deleting_org() to bulkhead_audit;

CREATE OR REPLACE FUNCTION platform.revoke_operator(id text)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare since timestamptz;
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.operators o set revoked_at = clock_timestamp() where o.id = revoke_operator.id and o.revoked_at is null;
  select o.revoked_at into since from platform.operators o where o.id = revoke_operator.id;
  return since;
end $function$;
alter function platform.revoke_operator(text) owner to bulkhead_owner;
grant execute on function platform.revoke_operator(text) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.set_alert(name text, firing boolean, severity text, summary text, evidence jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare now timestamptz := clock_timestamp();
begin
  if not set_alert.firing then
    update platform.alerts a
    set firing = false, severity = set_alert.severity, summary = set_alert.summary, evidence = set_alert.evidence,
        changed_at = now, resolved_at = now
    where a.name = set_alert.name and a.firing;
    return;
  end if;
  delete from platform.alerts a where a.resolved_at < now - interval '30 days';
  if (select count(*) from platform.alerts a where a.name <> set_alert.name) >= 1000 then
    raise exception 'there are 1,000 alerts already' using errcode = 'program_limit_exceeded';
  end if;
  insert into platform.alerts as a (name, severity, summary, evidence, firing, since, changed_at)
  values (set_alert.name, set_alert.severity, set_alert.summary, set_alert.evidence, true, now, now)
  on conflict on constraint alerts_pkey do update set
    severity = excluded.severity, summary = excluded.summary, evidence = excluded.evidence, firing = true,
    since = case when a.firing then a.since else now end, changed_at = now, resolved_at = null;
end $function$;
alter function platform.set_alert(text,boolean,text,text,jsonb) owner to bulkhead_owner;
grant execute on function platform.set_alert(text,boolean,text,text,jsonb) to bulkhead_backup;
grant execute on function platform.set_alert(text,boolean,text,text,jsonb) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.set_context_key(key bytea)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  block bytea := key || decode(repeat('00', 64 - length(key)), 'hex');
  ipad bytea := decode(repeat('36', 64), 'hex');
  opad bytea := decode(repeat('5c', 64), 'hex');
begin
  if length(key) <> 32 then raise exception 'the context key has 32 bytes'; end if;
  for i in 0..63 loop
    ipad := set_byte(ipad, i, get_byte(ipad, i) # get_byte(block, i));
    opad := set_byte(opad, i, get_byte(opad, i) # get_byte(block, i));
  end loop;
  insert into platform.context_keys as k (id, inner_pad, outer_pad) values (1, ipad, opad)
  on conflict (id) do update set inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad
  where k.inner_pad is distinct from excluded.inner_pad;
end $function$;
alter function platform.set_context_key(bytea) owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION platform.set_data_limit(limit_mebibytes integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare org uuid := app.org_id();
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  insert into platform.data_packages as p (org_id, limit_mebibytes) values (org, set_data_limit.limit_mebibytes)
  on conflict (org_id) do update set limit_mebibytes = excluded.limit_mebibytes,
    state = platform.data_state(p.record_bytes + p.telemetry_bytes, excluded.limit_mebibytes, 'BELOW');
  perform platform.add_job('measureData', org, '{}', job_key => 'limit');
end $function$;
alter function platform.set_data_limit(integer) owner to bulkhead_owner;
grant execute on function platform.set_data_limit(integer) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.set_rate_limit(tier text, per_minute integer, burst integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  org uuid := app.org_id();
  clock timestamptz;
  old_rate integer;
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  perform from platform.rate_buckets b where b.org_id = org for update;
  clock := clock_timestamp();
  select l.per_minute into old_rate from platform.rate_limits_of(org) l where l.tier = set_rate_limit.tier;
  update platform.rate_buckets b set
    standard_arrival = case set_rate_limit.tier when 'STANDARD'
      then platform.arrival_at_rate(b.standard_arrival, clock, old_rate, set_rate_limit.per_minute, set_rate_limit.burst)
      else b.standard_arrival end,
    data_read_arrival = case set_rate_limit.tier when 'DATA_READ'
      then platform.arrival_at_rate(b.data_read_arrival, clock, old_rate, set_rate_limit.per_minute, set_rate_limit.burst)
      else b.data_read_arrival end
  where b.org_id = org;
  insert into platform.rate_limits as l (org_id, tier, per_minute, burst)
  values (org, set_rate_limit.tier, set_rate_limit.per_minute, set_rate_limit.burst)
  on conflict (org_id, tier) do update
    set per_minute = excluded.per_minute, burst = excluded.burst, revision = l.revision + 1;
  -- Gateways that keep buckets elsewhere remember limits.
  perform pg_notify('bulkhead_rate_limits', org::text);
end $function$;
alter function platform.set_rate_limit(text,integer,integer) owner to bulkhead_owner;
grant execute on function platform.set_rate_limit(text,integer,integer) to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.tables_of_organizations()
 RETURNS TABLE(relation oid, name text, owner name, rank integer, is_whole boolean, leaves_first text, kept text)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  with recursive tables as (
    select c.oid as relation, n.nspname || '.' || c.relname as name, c.relowner from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname not in ('pg_catalog', 'information_schema')
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
    where c.relkind in ('r', 'p') and not c.relispartition
  ), keys as (
    select k.oid, k.conrelid, k.confrelid, k.conkey, k.confkey, k.condeferred from pg_constraint k where k.contype = 'f'
  ), ranked (relation, rank) as (
    select t.relation, 0 from tables t
    union
    select k.confrelid, r.rank + 1 from ranked r
    join keys k on k.conrelid = r.relation and k.confrelid <> k.conrelid and not k.condeferred
    join tables t on t.relation = k.confrelid
    where r.rank < 100
  ), ordered as (
    select r.relation, max(r.rank) as rank from ranked r group by r.relation
  ), late as (
    select min(f.rank) as first, max(c.rank) as last from keys k
    join ordered c on c.relation = k.conrelid join ordered f on f.relation = k.confrelid where k.condeferred
  )
  select t.relation, t.name, pg_get_userbyid(t.relowner), o.rank, coalesce(o.rank between late.first and late.last, false),
    (select string_agg(format('not exists (select from %s c where %s)', t.relation::regclass, (
        select string_agg(format('c.%I = t.%I', x.attname, y.attname), ' and ')
        from unnest(k.conkey, k.confkey) p (child, parent)
        join pg_attribute x on x.attrelid = t.relation and x.attnum = p.child
        join pg_attribute y on y.attrelid = t.relation and y.attnum = p.parent)), ' and ')
     from keys k where k.conrelid = t.relation and k.confrelid = t.relation and not k.condeferred),
    kept.condition
  from tables t join ordered o on o.relation = t.relation cross join late
  left join platform.kept_after_deletion() kept on kept.name = t.name
$function$;
alter function platform.tables_of_organizations() owner to bulkhead_owner;
grant execute on function platform.tables_of_organizations() to bulkhead_audit;

CREATE OR REPLACE FUNCTION platform.take_fork()
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.recoveries r set forked_at = clock_timestamp() where r.forked_at is null;
  return found;
end $function$;
alter function platform.take_fork() owner to bulkhead_owner;
grant execute on function platform.take_fork() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.take_tokens(standard integer, data_read integer, more integer[] DEFAULT '{0,0}'::integer[], held integer[] DEFAULT '{0,0}'::integer[], back integer[] DEFAULT '{0,0}'::integer[])
 RETURNS TABLE(tier text, per_minute integer, burst integer, remaining integer, retry_after_ms bigint, full_after_ms bigint, granted boolean, taken integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  org uuid := app.org_id();
  costs bigint[] := array[standard, data_read];
  tiers text[] := array['STANDARD', 'DATA_READ'];
  rates integer[] := array[60, 600];
  bursts integer[] := array[100, 1000];
  bucket platform.rate_buckets;
  clock timestamptz;
  limits record;
  arrivals timestamptz[];
  returned integer[] := array[0, 0];
  holding integer[] := array[0, 0];
  -- Microseconds: between two tokens, until the bucket is full, and to wait.
  emissions bigint[] := array[0, 0];
  missing bigint[] := array[0, 0];
  waits bigint[] := array[0, 0];
  fits boolean := true;
  is_taken boolean := false;
begin
  if org is null then raise exception 'context refused' using errcode = 'BH001'; end if;
  if least(standard, data_read, more[1], more[2], back[1], back[2]) < 0 or back[1] > held[1] or back[2] > held[2] then
    raise exception 'tokens are not negative, and no more come back than were held';
  end if;
  select * into bucket from platform.rate_buckets b where b.org_id = org for update;
  if not found then
    insert into platform.rate_buckets values (org, '-infinity', '-infinity') on conflict (org_id) do nothing;
    select * into bucket from platform.rate_buckets b where b.org_id = org for update;
  end if;
  clock := clock_timestamp();
  for limits in select l.tier, l.per_minute, l.burst from platform.rate_limits l where l.org_id = org loop
    rates[array_position(tiers, limits.tier)] := limits.per_minute;
    bursts[array_position(tiers, limits.tier)] := limits.burst;
  end loop;
  arrivals := array[bucket.standard_arrival, bucket.data_read_arrival];
  -- No more comes back than is out, and nothing that is out no more.
  if bucket.held_until > clock then
    returned := array[least(back[1], bucket.standard_held), least(back[2], bucket.data_read_held)];
    holding := array[greatest(0, bucket.standard_held - held[1]), greatest(0, bucket.data_read_held - held[2])];
  end if;
  for i in 1..2 loop
    emissions[i] := round(60000000.0 / rates[i]);
    if arrivals[i] > clock then missing[i] := extract(epoch from arrivals[i] - clock) * 1000000; end if;
    -- Beyond a twentieth of the burst it was taken under another limit, and is lost.
    if returned[i] <= bursts[i] / 20 then missing[i] := missing[i] - returned[i] * emissions[i]; end if;
    missing[i] := greatest(missing[i], holding[i] * emissions[i]);
    waits[i] := greatest(0, missing[i] + (costs[i] - bursts[i]) * emissions[i]);
    if costs[i] > 0 and waits[i] > 0 then fits := false; end if;
  end loop;
  for i in 1..2 loop
    taken := 0;
    if fits then
      missing[i] := missing[i] + costs[i] * emissions[i];
      taken := greatest(0, least(more[i], bursts[i] / 20 - holding[i],
                                 bursts[i] / 2 - ceil(missing[i]::float8 / emissions[i])));
      missing[i] := missing[i] + taken * emissions[i];
      holding[i] := holding[i] + taken;
      is_taken := is_taken or taken > 0;
    end if;
    tier := tiers[i];
    per_minute := rates[i];
    burst := bursts[i];
    remaining := greatest(0, bursts[i] - ceil(missing[i]::float8 / emissions[i]));
    retry_after_ms := case when fits then 0 else ceil(waits[i] / 1000.0) end;
    full_after_ms := ceil(missing[i] / 1000.0);
    granted := fits;
    return next;
  end loop;
  if fits and standard + data_read > 0 or held[1] + held[2] > 0 then
    update platform.rate_buckets b
    set standard_arrival = clock + make_interval(secs => missing[1] / 1e6),
        data_read_arrival = clock + make_interval(secs => missing[2] / 1e6),
        standard_held = holding[1], data_read_held = holding[2],
        held_until = case when is_taken then clock + interval '2 seconds' else b.held_until end
    where b.org_id = org;
  end if;
end $function$;
alter function platform.take_tokens(integer,integer,integer[],integer[],integer[]) owner to bulkhead_owner;
grant execute on function platform.take_tokens(integer,integer,integer[],integer[],integer[]) to bulkhead_gateway;
grant execute on function platform.take_tokens(integer,integer,integer[],integer[],integer[]) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.telemetry_access()
 RETURNS TABLE(oldest_ms bigint, now_ms bigint, host text, port integer, database_name text, sealed_password bytea, state text, is_full boolean)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  org uuid := app.org_id();
  clock timestamptz := clock_timestamp();
begin
  return query
    select floor(extract(epoch from clock - make_interval(days => o.retention_days)) * 1000)::bigint,
           floor(extract(epoch from clock) * 1000)::bigint, t.host, t.port, t.database_name, t.sealed_password, t.state,
           exists (select from platform.data_packages p where p.org_id = org and p.state = 'FULL')
    from app.organizations o join platform.telemetry_databases t on t.org_id = o.org_id
    where o.org_id = org;
end $function$;
alter function platform.telemetry_access() owner to bulkhead_owner;
grant execute on function platform.telemetry_access() to bulkhead_gateway;
grant execute on function platform.telemetry_access() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.telemetry_failed(reason text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.telemetry_databases t set failure = left(reason, 500) where t.org_id = app.org_id();
end $function$;
alter function platform.telemetry_failed(text) owner to bulkhead_owner;
grant execute on function platform.telemetry_failed(text) to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.telemetry_placement()
 RETURNS TABLE(host text, port integer, database_name text, sealed_password bytea, state text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT t.host,
     t.port,
     t.database_name,
     t.sealed_password,
     t.state
    FROM platform.telemetry_databases t
   WHERE (t.org_id = app.org_id());
END;
alter function platform.telemetry_placement() owner to bulkhead_owner;
grant execute on function platform.telemetry_placement() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.telemetry_ready()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.telemetry_databases t set state = 'READY', ready_at = clock_timestamp(), failure = null where t.org_id = app.org_id();
end $function$;
alter function platform.telemetry_ready() owner to bulkhead_owner;
grant execute on function platform.telemetry_ready() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.telemetry_window()
 RETURNS TABLE(oldest_ms bigint, now_ms bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
BEGIN ATOMIC
 SELECT (floor((EXTRACT(epoch FROM (clock_timestamp() - make_interval(days => o.retention_days))) * (1000)::numeric)))::bigint AS floor,
     (floor((EXTRACT(epoch FROM clock_timestamp()) * (1000)::numeric)))::bigint AS floor
    FROM app.organizations o
   WHERE (o.org_id = app.org_id());
END;
alter function platform.telemetry_window() owner to bulkhead_owner;
grant execute on function platform.telemetry_window() to bulkhead_gateway;

CREATE OR REPLACE FUNCTION platform.unfinished_deletions()
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select d.org_id from platform.deletions d
    where d.completed_at is null and not exists (
      select from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
      where j.payload->>'orgId' = d.org_id::text and k.identifier = 'deleteOrganization'
        and (j.is_available and j.run_at <= clock_timestamp() + interval '5 minutes' or j.locked_at is not null));
end $function$;
alter function platform.unfinished_deletions() owner to bulkhead_owner;
grant execute on function platform.unfinished_deletions() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.unprovisioned_organizations()
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select t.org_id from platform.telemetry_databases t
    where t.state = 'REQUESTED' and not exists (select from platform.deletions d where d.org_id = t.org_id) and not exists (
      select from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
      where j.payload->>'orgId' = t.org_id::text and k.identifier = 'provisionTelemetry'
        and (j.is_available or j.locked_at is not null))
    order by t.requested_at;
end $function$;
alter function platform.unprovisioned_organizations() owner to bulkhead_owner;
grant execute on function platform.unprovisioned_organizations() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.unsealed_organizations()
 RETURNS TABLE(org_id uuid)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select distinct u.org_id from platform.unsealed_entries u;
end $function$;
alter function platform.unsealed_organizations() owner to bulkhead_owner;
grant execute on function platform.unsealed_organizations() to bulkhead_worker;

CREATE OR REPLACE FUNCTION platform.watched_live(kind text, topics text[])
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  found_topics text[];
begin
  select array_agg(distinct s.topic) into found_topics from platform.live_subscriptions s
  where s.org_id = app.org_id() and s.kind = watched_live.kind and s.topic = any (topics)
    and s.expires_at > clock_timestamp();
  return coalesce(found_topics, '{}');
end $function$;
alter function platform.watched_live(text,text[]) owner to bulkhead_owner;
grant execute on function platform.watched_live(text,text[]) to bulkhead_gateway;

-- default privileges of bulkhead_owner on functions: {bulkhead_owner=X/bulkhead_owner}
