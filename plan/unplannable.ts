/** An operation, or one request of it, that is left to the resolvers. Not a fault: they answer everything. */
export class Unplannable extends Error {
  /** Why, in a few words that name parts of the schema only: the key under which such operations are counted. */
  readonly reason: string;
  /** Whether other requests of the same operation may be planned. */
  readonly isOfRequest: boolean;

  /** Whether another plan would answer the request: this one was made for other arguments. */
  readonly isOfPlan: boolean;

  constructor(
    reason: string,
    { isOfRequest = false, isOfPlan = false }: { readonly isOfRequest?: boolean; readonly isOfPlan?: boolean } = {},
  ) {
    super(reason);
    this.name = 'Unplannable';
    this.reason = reason;
    this.isOfRequest = isOfRequest;
    this.isOfPlan = isOfPlan;
  }
}
