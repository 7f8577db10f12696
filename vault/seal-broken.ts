/**
 * Sealed bytes that do not open: altered, moved to another row, sealed for another deployment, or the wrong key. Which of
 * these it was cannot be told. Carries nothing of key, bytes or value.
 */
export class SealBroken extends Error {
  constructor() {
    super('the sealed bytes do not open with this key for this place');
    this.name = 'SealBroken';
  }
}
