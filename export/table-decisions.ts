/** What an archive holds of a table, or why it holds nothing of it. */
export type TableDecision =
  | {
      /** Columns that are exported, in this order. */
      readonly columns: readonly string[];
      /** Columns that are not, and why. */
      readonly withheld: Readonly<Record<string, string>>;
    }
  | { readonly excluded: string };

/** Stores that tables are read from by row. */
export type TableStore = 'operational' | 'vault' | 'telemetry';

/**
 * Every table with rows of organizations, and what becomes of it in an archive. A table or column of the catalogue that
 * is missing here fails a test and every export: nothing is left out unnoticed. Whatever is exported is granted to
 * `bulkhead_worker`, column by column where some are withheld, under a policy `visible`.
 */
export const tableDecisions: Readonly<Record<TableStore, Readonly<Record<string, TableDecision>>>> = {
  operational: {
    'app.organizations': exported(
      'name display_name logo_url primary_color secondary_color retention_days definition_purge_days created_at created_by updated_at updated_by',
    ),
    'app.api_keys': exported(
      'id type name scopes allowed_cidrs expires_at revoked_at revoked_by last_used_at rotated_at revision created_at created_by updated_at updated_by',
    ),
    'app.api_key_secrets': excluded('hashes of secrets'),
    'app.metric_definitions': exported(
      'id name data_type default_aggregation display_name description unit_label tags enum_values deleted_at deleted_by created_at created_by updated_at updated_by',
    ),
    'app.thing_types': exported(
      'id display_name description default_image_url default_icon_url latest_version_id latest_version_number deleted_at deleted_by created_at created_by updated_at updated_by',
    ),
    'app.thing_type_versions': exported(
      'id thing_type_id version display_name description tags model_metadata property_definitions allowed_sub_definition_ids deleted_metric_ids created_at created_by updated_at updated_by',
    ),
    'app.thing_type_metrics': exported('thing_type_id version_id metric_id position'),
    'app.places': exported(
      'id place_type name latitude longitude address attributes preferred_display_metric_ids created_at created_by updated_at updated_by',
    ),
    'app.level_types': exported('site_id id name created_at created_by updated_at updated_by'),
    'app.level_type_parents': exported('site_id level_type_id parent_type_id'),
    'app.levels': exported(
      'site_id id level_type_id parent_id name description address latitude longitude altitude attributes created_at created_by updated_at updated_by',
    ),
    'app.level_groups': exported('site_id id name created_at created_by updated_at updated_by'),
    'app.level_group_members': exported('site_id level_group_id level_id'),
    'app.integrations': exported(
      'id name direction type is_enabled properties resources metadata created_at created_by updated_at updated_by',
    ),
    'app.resource_mappings': exported(
      'id direction type integration_id third_party_id resource_third_party_id resource_type thing_id place_id metadata created_at created_by',
    ),
    'app.deliveries': exported(
      'id direction type integration_id event_type is_test status attempts http_status failure due_at last_attempt_at finished_at created_at created_by',
      { body: 'an event on its way, kept until it has arrived' },
    ),
    'app.inbound_events': exported(
      'id direction type integration_id event_id status attempts report failure due_at finished_at created_at',
      { body: 'a document on its way, kept until it is applied' },
    ),
    'app.hook_posts': excluded('what came to a hook and is not verified yet, for seconds'),
    'app.things': exported(
      'id place_type place_id level_id thing_type_id thing_type_version_id name description address model manufacturer manufacturer_id is_first_party is_simulated latitude longitude altitude attributes properties created_at created_by updated_at updated_by',
    ),
    'app.thing_integrations': exported('thing_id integration_id'),
    'app.monitors': exported(
      'id name target_type place_id thing_type_id frequency_minutes lookback_minutes variables is_enabled health data_state evaluated_at next_evaluation_at things_watched things_omitted failure created_at created_by updated_at updated_by',
    ),
    'app.monitor_things': exported('monitor_id thing_id'),
    'app.monitor_metrics': exported('monitor_id ordinal metric_id name missing_data'),
    'app.monitor_alerts': exported('monitor_id id ordinal name operand aggregation operator threshold for_ticks'),
    'app.monitor_alert_integrations': exported('monitor_id alert_id integration_id'),
    'app.monitor_states': exported('monitor_id thing_id health data_state ticks evaluated_at'),
    'app.alert_events': exported(
      'id monitor_id alert_id alert_name thing_id place_id operand aggregation operator threshold value tripped_at cleared_at cleared_reason',
    ),
    'app.templates': exported(
      'id name description target format spec tags revision deleted_at deleted_by created_at created_by updated_at updated_by',
    ),
    'app.template_revisions': exported(
      'id template_id target format revision name description spec tags created_at created_by',
    ),
    'app.exports': exported(
      'id state life_hours attempts tables_done tables_total rows_written bytes_written failure archive_bytes archive_sha256 ready_at expires_at downloads_begun ended_at created_at created_by',
      {
        recipient: 'key of an archive',
        download_id: 'state of a download under way',
        claimed_until: 'state of a download under way',
      },
    ),
    'app.retention_states': exported('seen_at cutoff days confirmed_before refusal refused_at'),
    'app.idempotency_keys': excluded('claims of requests of a day, with sealed answers'),
    'audit.entries': exported(
      'id at actor_type actor_id action resource outcome code client_address request_id change salt',
    ),
    'audit.usage': exported('hour actor_type actor_id action calls amount'),
    'audit.trees': excluded('made of the entries: proofs are asked of the API'),
    'audit.leaves': excluded('made of the entries: proofs are asked of the API'),
    'audit.nodes': excluded('made of the entries: proofs are asked of the API'),
    'audit.heads': excluded('made of the entries: proofs are asked of the API'),
    'platform.unsealed_entries': excluded('entries that are sealed within a second'),
    'platform.deletions': excluded('state of a deletion'),
    'platform.unledgered': excluded('revocations that the ledger has within seconds'),
    'platform.organizations': excluded('an index of the organizations'),
    'platform.api_key_owners': excluded('an index of the ids in app.api_keys'),
    'platform.telemetry_databases': excluded('where the deployment keeps readings, and a sealed credential'),
    'platform.live_subscriptions': excluded('leases of seconds'),
    'platform.hooks': excluded('an index of integrations'),
    'platform.integration_work': excluded('what the worker has to do next'),
    'platform.job_runs': excluded('what became of jobs of the deployment'),
    'platform.data_packages': excluded('a limit that the operator sets, and what a job has measured'),
    'platform.rate_limits': excluded('limits that the operator sets'),
    'platform.rate_buckets': excluded('state of the limiter, of seconds'),
  },
  vault: {
    'vault.secrets': exported('integration_id name version key_version created_at created_by updated_at updated_by', {
      sealed: 'the secret itself',
    }),
    'vault.organization_keys': excluded('keys that seal secrets'),
    'platform.unledgered': excluded('ends of secrets that the ledger has within seconds'),
  },
  telemetry: {
    'telemetry.readings': exported('thing_id at int_value double_value bool_value metric_id text_value json_value'),
    'telemetry.latest': excluded('the newest of the readings'),
    'telemetry.rollup_minutes': excluded('computed from the readings'),
    'telemetry.rollup_hours': excluded('computed from the readings'),
    'telemetry.rollup_days': excluded('computed from the readings'),
    'telemetry.rollup_state': excluded('state of what computes them'),
    'telemetry.forgotten_things': excluded('ids of deleted things, which take no reading any more'),
    'telemetry.migrations': excluded('versions of the schema'),
  },
};

function exported(columns: string, withheld: Readonly<Record<string, string>> = {}): TableDecision {
  return { columns: columns.split(' '), withheld };
}

function excluded(reason: string): TableDecision {
  return { excluded: reason };
}
