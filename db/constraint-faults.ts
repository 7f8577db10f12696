import type { ErrorCode } from '../errors/error-codes.js';

/** What a broken constraint means to the caller. */
export interface ConstraintFault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
}

function conflict(message: string, field?: string): ConstraintFault {
  return field === undefined ? { code: 'CONFLICT', message } : { code: 'CONFLICT', message, field };
}

/**
 * Constraints that a caller can break although its input was checked: two requests at once, or a name in use. Messages
 * name no value and no id. Any other broken constraint is a fault of ours and masked.
 */
export const constraintFaults: Readonly<Record<string, ConstraintFault>> = {
  metric_definitions_active_name: conflict('An active metric with this name exists'),
  thing_types_active_name: conflict('An active thing type with this display name exists'),
  thing_type_versions_org_id_thing_type_id_version_key: conflict('Another version was made at the same time'),
  things_org_id_thing_type_id_manufacturer_id_key: conflict(
    'A thing of this type with this manufacturer id exists',
    'input.manufacturerId',
  ),
  things_org_id_place_type_place_id_fkey: conflict('The place is in use by things, or was deleted at the same time'),
  things_org_id_place_id_level_id_fkey: conflict('The level is in use by things, or was deleted at the same time'),
  levels_one_root: conflict('The site has a root level', 'input.parentId'),
  levels_org_id_site_id_parent_id_fkey: conflict('The level has levels below it, or was deleted at the same time'),
  levels_org_id_site_id_level_type_id_fkey: conflict('The level type is in use by levels'),
  levels_org_id_site_id_fkey: conflict('The site has levels'),
  level_types_org_id_site_id_name_key: conflict('A level type with this name exists in the site', 'input.name'),
  level_types_org_id_site_id_fkey: conflict('The site has level types'),
  level_type_parents_org_id_site_id_parent_type_id_fkey: conflict('The level type is a parent of other level types'),
  level_groups_org_id_site_id_name_key: conflict('A level group with this name exists in the site', 'input.name'),
  level_groups_org_id_site_id_fkey: conflict('The site has level groups'),
  level_group_members_org_id_site_id_level_id_fkey: conflict('A level was deleted at the same time'),
  thing_integrations_org_id_integration_id_fkey: conflict('The integration is in use by things'),
  monitors_org_id_place_id_fkey: conflict('The place is watched by monitors'),
  monitor_alert_integrations_org_id_integration_id_fkey: conflict('The integration is fired by alerts of monitors'),
  exports_one_at_a_time: conflict(
    'An export is under way, or an archive can be fetched: wait for it, fetch it, or cancelExport',
  ),
  secrets_pkey: conflict('A secret with this name exists: use rotateSecret', 'input.name'),
  operators_name_key: conflict('An operator with this name exists', 'name'),
};
