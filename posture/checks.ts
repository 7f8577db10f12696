import type { Check } from './check.js';
import { alertsWatched } from './checks/alerts-watched.js';
import { auditCopiesElsewhere } from './checks/audit-copies-elsewhere.js';
import { auditCopiesVerify } from './checks/audit-copies-verify.js';
import { auditRowsSealed } from './checks/audit-rows-sealed.js';
import { auditRowsStay } from './checks/audit-rows-stay.js';
import { backupsElsewhere } from './checks/backups-elsewhere.js';
import { backupsRotate } from './checks/backups-rotate.js';
import { backupsSealed } from './checks/backups-sealed.js';
import { baseBackupFresh } from './checks/base-backup-fresh.js';
import { boundedRequests } from './checks/bounded-requests.js';
import { boundedStatements } from './checks/bounded-statements.js';
import { bucketsOfOrganizations } from './checks/buckets-of-organizations.js';
import { cleanProcesses } from './checks/clean-processes.js';
import { closedToPublic } from './checks/closed-to-public.js';
import { databasesOwned } from './checks/databases-owned.js';
import { definitionsStay } from './checks/definitions-stay.js';
import { deletionsFinish } from './checks/deletions-finish.js';
import { diskOfData } from './checks/disk-of-data.js';
import { diskOfHome } from './checks/disk-of-home.js';
import { documentationServed } from './checks/documentation-served.js';
import { drillsPass } from './checks/drills-pass.js';
import { encryptedServices } from './checks/encrypted-services.js';
import { encryptedSessions } from './checks/encrypted-sessions.js';
import { firewallInFront } from './checks/firewall-in-front.js';
import { forcedRowSecurity } from './checks/forced-row-security.js';
import { forgedContextsRefused } from './checks/forged-contexts-refused.js';
import { jobsOnTime } from './checks/jobs-on-time.js';
import { keyRequired } from './checks/key-required.js';
import { keySecretsHidden } from './checks/key-secrets-hidden.js';
import { keysManaged } from './checks/keys-managed.js';
import { knownRoles } from './checks/known-roles.js';
import { modernTls } from './checks/modern-tls.js';
import { noChoiceOfOrganization } from './checks/no-choice-of-organization.js';
import { noPlainHttp } from './checks/no-plain-http.js';
import { noRowsOfOthers } from './checks/no-rows-of-others.js';
import { noRowsWithoutContext } from './checks/no-rows-without-context.js';
import { noSecretsInProgram } from './checks/no-secrets-in-program.js';
import { nodeSupported } from './checks/node-supported.js';
import { opensslSupported } from './checks/openssl-supported.js';
import { operatorsNotPublic } from './checks/operators-not-public.js';
import { operatorsPrivate } from './checks/operators-private.js';
import { organizationInKeys } from './checks/organization-in-keys.js';
import { passwordRequired } from './checks/password-required.js';
import { pinnedFunctions } from './checks/pinned-functions.js';
import { plainRoles } from './checks/plain-roles.js';
import { postgresqlSupported } from './checks/postgresql-supported.js';
import { privateFiles } from './checks/private-files.js';
import { privateListeners } from './checks/private-listeners.js';
import { privatePeers } from './checks/private-peers.js';
import { quietServerLog } from './checks/quiet-server-log.js';
import { replicaFollows } from './checks/replica-follows.js';
import { restorableWindow } from './checks/restorable-window.js';
import { restoredWithinADay } from './checks/restored-within-a-day.js';
import { retentionGoesOn } from './checks/retention-goes-on.js';
import { schemaAsShipped } from './checks/schema-as-shipped.js';
import { securityHeaders } from './checks/security-headers.js';
import { shippedSettings } from './checks/shipped-settings.js';
import { strictTransport } from './checks/strict-transport.js';
import { telemetryApart } from './checks/telemetry-apart.js';
import { telemetryDatabases } from './checks/telemetry-databases.js';
import { triggersEnabled } from './checks/triggers-enabled.js';
import { validCertificate } from './checks/valid-certificate.js';
import { vaultClosed } from './checks/vault-closed.js';
import { wholeAuditEntries } from './checks/whole-audit-entries.js';
import { wholeLifeCycle } from './checks/whole-life-cycle.js';
import { writeAheadLogArchived } from './checks/write-ahead-log-archived.js';
import { writeOnlySecrets } from './checks/write-only-secrets.js';

/** All checks, in the order in which they are run and shown. */
export const checks: readonly Check[] = [
  forcedRowSecurity,
  organizationInKeys,
  noRowsWithoutContext,
  noRowsOfOthers,
  forgedContextsRefused,
  telemetryDatabases,
  telemetryApart,
  schemaAsShipped,
  plainRoles,
  knownRoles,
  shippedSettings,
  pinnedFunctions,
  triggersEnabled,
  closedToPublic,
  databasesOwned,
  keyRequired,
  operatorsPrivate,
  operatorsNotPublic,
  keySecretsHidden,
  keysManaged,
  noChoiceOfOrganization,
  bucketsOfOrganizations,
  boundedStatements,
  boundedRequests,
  vaultClosed,
  writeOnlySecrets,
  privateFiles,
  cleanProcesses,
  noSecretsInProgram,
  auditRowsStay,
  wholeAuditEntries,
  auditCopiesVerify,
  auditRowsSealed,
  auditCopiesElsewhere,
  writeAheadLogArchived,
  baseBackupFresh,
  restorableWindow,
  backupsRotate,
  backupsSealed,
  backupsElsewhere,
  drillsPass,
  restoredWithinADay,
  replicaFollows,
  privateListeners,
  privatePeers,
  passwordRequired,
  firewallInFront,
  modernTls,
  validCertificate,
  strictTransport,
  noPlainHttp,
  securityHeaders,
  encryptedSessions,
  encryptedServices,
  diskOfData,
  diskOfHome,
  alertsWatched,
  quietServerLog,
  nodeSupported,
  postgresqlSupported,
  opensslSupported,
  jobsOnTime,
  retentionGoesOn,
  definitionsStay,
  deletionsFinish,
  wholeLifeCycle,
  documentationServed,
];
