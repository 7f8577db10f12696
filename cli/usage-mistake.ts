/** The command line asks for something that cannot be meant; the message says what to write instead. */
export class UsageMistake extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageMistake';
  }
}
