/** Exit statuses of every command. */
export const exitStatus = {
  /** Done. */
  clean: 0,
  /** Something failed; what to do is on standard error. */
  fault: 1,
  /** The command line or the configuration is wrong; nothing was done. */
  mistake: 2,
} as const;
