import { describe, expect, it } from '@jest/globals';
import { scramVerifier } from '../../../telemetry/scram-verifier.js';

describe('scramVerifier', () => {
  it('agrees with the example of RFC 7677, section 3', () => {
    // Its server signature needs ServerKey; user, password and salt are those of the example.
    const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
    expect(verifier).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  it('refuses passwords that SASLprep could change', () => {
    expect(() => scramVerifier('pässwort')).toThrow('printable ASCII');
    expect(() => scramVerifier('')).toThrow('printable ASCII');
  });
});
