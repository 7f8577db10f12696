-- Posture names objects of the vault and holds no right on any of them.
grant usage on schema vault to bulkhead_posture;
