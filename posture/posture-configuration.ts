/** What posture is given: addresses and paths of the deployment as it runs. The first two are secrets. */
export interface PostureConfiguration {
  /** Operational database and vault as `bulkhead_posture`, which reads the catalogue and no rows. */
  readonly operationalUrl: string;
  readonly vaultUrl: string;
  /** Name of the administrator of PostgreSQL, who prepares it at every start. */
  readonly administrator: string;
  /** Address of the gateway on this machine. */
  readonly gatewayUrl: string;
  /** https address by which clients reach Bulkhead; none where nothing stands in front of the gateway. */
  readonly publicUrl?: string;
  /** Directory of keys and credentials. */
  readonly home: string;
  /** Names of the variables of the environment that are secrets, or addresses that may hold one. */
  readonly secretSettings: readonly string[];
  /** Files with secrets that are elsewhere. */
  readonly secretFiles: readonly string[];
  /** Directories with copies of the audit log, the ledger, archives, and backups. */
  readonly directories: Readonly<Record<'checkpoints' | 'ledger' | 'exports' | 'backups', string>>;
  /** Public key of the audit log as text. */
  readonly auditKey: string;
  /** Addresses of what is spoken to beside PostgreSQL, by the settings that hold them; they may hold passwords. */
  readonly services: Readonly<Record<string, string>>;
  /** Whether alerts are sent anywhere. */
  readonly hasAlertReceiver: boolean;
  /** What rotations keep: days of which every moment can be restored, and base backups of each period. */
  readonly rotation: Readonly<Record<'windowDays' | 'daily' | 'weekly' | 'monthly', number>>;
  /** Process that has started gateway and worker; 0 where they run on another machine. */
  readonly supervisorPid: number;
}
