/**
 * Sealed bytes that do not open: altered, moved to another row, sealed for another deployment, or the wrong key. Which of
 * these it was cannot be told. Carries nothing of key, bytes or value.
 */
export class SealBroken extends Error {
  constructor(message = 'the sealed bytes do not open with this key for this place') {
    super(message);
    this.name = 'SealBroken';
  }
}

/** Sealed bytes that name a key which is not in the key ring: it was removed, or they were altered. */
export class UnknownKey extends SealBroken {
  /** @param id of the key, 16 hex digits */
  constructor(id: string) {
    super(`the key ${id} that has sealed this is not in the key ring`);
    this.name = 'UnknownKey';
  }
}
