-- What each run-time role may do: columns are named, so that a new column is out of reach until it is granted.
revoke all on all functions in schema app, platform from public;

grant usage on schema app, platform to bulkhead_gateway, bulkhead_worker;

grant execute on function
  app.context(), app.org_id(), app.visible(text), app.changeable(text, text), app.enter(text), app.touch_api_key(),
  app.calling_key(), platform.authenticate(text, bytea), platform.authenticate_operator(text, bytea),
  platform.register_api_key(text), platform.register_organization(text, bytea), platform.list_organizations(uuid, integer),
  platform.operated_organization(), platform.set_rate_limit(text, integer, integer), platform.rate_limits_of_org(),
  platform.take_tokens(integer, integer, integer[], integer[], integer[]), platform.telemetry_window(), platform.telemetry_access(), platform.data_package(),
  platform.create_operator(text, text, bytea), platform.revoke_operator(text), platform.list_operators(),
  app.thing_metrics(uuid[]), app.metrics_of_things(uuid[]), app.resolve_thing_type(text, text, text), app.place_dependants(uuid),
  app.level_dependants(uuid), app.existing_metrics(text[]), app.existing_integrations(uuid[]),
  app.definition_dependants(text), app.existing_thing_types(text[]), app.latest_version(text), app.is_level_of(uuid, uuid), app.integration_dependants(uuid)
to bulkhead_gateway;

grant execute on function
  app.context(), app.org_id(), app.visible(text), app.changeable(text, text), app.enter(text),
  platform.list_organizations(uuid, integer), platform.telemetry_placement(),
  platform.telemetry_ready(), platform.telemetry_failed(text)
to bulkhead_worker;
grant select on app.organizations to bulkhead_worker;

grant select, insert on app.organizations to bulkhead_gateway;
grant update (name, display_name, logo_url, primary_color, secondary_color, retention_days, updated_at, updated_by)
  on app.organizations to bulkhead_gateway;

grant select, insert on app.api_keys to bulkhead_gateway;
grant update (name, scopes, allowed_cidrs, expires_at, revoked_at, revoked_by, rotated_at, updated_at, updated_by)
  on app.api_keys to bulkhead_gateway;
grant select (org_id, key_id, id, valid_until, created_at), insert, update (valid_until)
  on app.api_key_secrets to bulkhead_gateway;

grant select, insert on app.metric_definitions, app.thing_types, app.thing_type_versions, app.thing_type_metrics
  to bulkhead_gateway;
grant update (display_name, description, unit_label, tags, enum_values, deleted_at, deleted_by, updated_at, updated_by)
  on app.metric_definitions to bulkhead_gateway;
grant update (display_name, description, default_image_url, default_icon_url, latest_version_id, latest_version_number,
  deleted_at, deleted_by, updated_at, updated_by) on app.thing_types to bulkhead_gateway;
grant update (display_name, description, tags, model_metadata, property_definitions, updated_at, updated_by)
  on app.thing_type_versions to bulkhead_gateway;

grant select, insert, delete on app.places, app.level_types, app.level_type_parents, app.levels, app.level_groups,
  app.level_group_members, app.integrations, app.things, app.thing_integrations to bulkhead_gateway;
grant update (name, latitude, longitude, address, attributes, preferred_display_metric_ids, updated_at, updated_by)
  on app.places to bulkhead_gateway;
grant update (name, updated_at, updated_by) on app.level_types to bulkhead_gateway;
grant update (parent_id, name, description, address, latitude, longitude, altitude, attributes, updated_at, updated_by)
  on app.levels to bulkhead_gateway;
grant update (name, updated_at, updated_by) on app.level_groups to bulkhead_gateway;
grant update (name, is_enabled, properties, resources, metadata, updated_at, updated_by) on app.integrations to bulkhead_gateway;
grant update (level_id, thing_type_version_id, name, description, address, model, manufacturer, manufacturer_id,
  is_first_party, latitude, longitude, altitude, attributes, properties, updated_at, updated_by)
  on app.things to bulkhead_gateway;

grant select on audit.entries, audit.usage to bulkhead_gateway;
