/** Where an archive stops to be what was sealed. */
export interface FaultPlace {
  readonly generation: number;
  /** Number of the segment. */
  readonly segment: number;
  /** Organization of the first bad entry; null for the log of the deployment, undefined where no entry can be named. */
  readonly organization?: string | null;
  /** Index of the first bad entry in its tree. */
  readonly index?: number;
}

/** The first fault of an archive. */
export class ArchiveFault extends Error {
  readonly place: FaultPlace | undefined;

  /** @param reason what is wrong, in words for the operator */
  constructor(reason: string, place?: FaultPlace) {
    super(reason);
    this.place = place;
  }
}
