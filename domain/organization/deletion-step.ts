/** The steps of a deletion, in order. */
export const deletionSteps = [
  'CLOSE',
  'JOBS',
  'TELEMETRY',
  'ROWS',
  'FILES',
  'VAULT',
  'VERIFICATION',
  'CERTIFICATE',
] as const;

/** A step of a deletion. */
export type DeletionStep = (typeof deletionSteps)[number];
