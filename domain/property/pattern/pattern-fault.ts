/** Why a pattern is not accepted; the message is the reason, in words that follow the name of the field. */
export class PatternFault extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'PatternFault';
  }
}
