-- Posture: whether promises are kept. Its role names objects of these schemas and holds no right on any of them.
grant usage on schema app, platform to bulkhead_posture;

-- What checks ask as the system.
grant execute on function platform.list_jobs(), platform.list_deletions(uuid, integer, uuid) to bulkhead_worker;

set local role bulkhead_audit;
grant usage on schema audit to bulkhead_posture;
grant execute on function audit.sealed_entries(bigint, integer), audit.stray_entries(integer) to bulkhead_worker;
set local role bulkhead_owner;
