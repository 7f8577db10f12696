import type { Task } from './task.js';
import { checkPosture } from './tasks/check-posture.js';
import { cleanJobs } from './tasks/clean-jobs.js';
import { deleteOrganization } from './tasks/delete-organization.js';
import { evaluateMonitors } from './tasks/evaluate-monitors.js';
import { expire } from './tasks/expire.js';
import { expireExports } from './tasks/expire-exports.js';
import { exportOrganization } from './tasks/export-organization.js';
import { findDueMeasurements } from './tasks/find-due-measurements.js';
import { findDueMonitors } from './tasks/find-due-monitors.js';
import { findUnfinishedDeletions } from './tasks/find-unfinished-deletions.js';
import { findUnprovisioned } from './tasks/find-unprovisioned.js';
import { measureData } from './tasks/measure-data.js';
import { provisionTelemetry } from './tasks/provision-telemetry.js';
import { purgeDefinitions } from './tasks/purge-definitions.js';
import { removeArchive } from './tasks/remove-archive.js';
import { retention } from './tasks/retention.js';
import { rewrapKeys } from './tasks/rewrap-keys.js';
import { rollups } from './tasks/rollups.js';

/** All tasks, by name: what a worker runs. */
export const tasks: readonly Task[] = [
  checkPosture,
  cleanJobs,
  deleteOrganization,
  evaluateMonitors,
  expire,
  expireExports,
  exportOrganization,
  findDueMeasurements,
  findDueMonitors,
  findUnfinishedDeletions,
  findUnprovisioned,
  measureData,
  provisionTelemetry,
  purgeDefinitions,
  removeArchive,
  retention,
  rewrapKeys,
  rollups,
];
