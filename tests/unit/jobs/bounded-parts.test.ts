import { describe, expect, it } from '@jest/globals';
import { BoundedParts } from '../../../jobs/bounded-parts.js';

describe('BoundedParts', () => {
  it('waits for no part that hangs, and begins it again only when it has ended', async () => {
    const parts = new BoundedParts();
    let end = (_value: string) => {};
    const hanging = () =>
      new Promise<string>((resolve) => {
        end = resolve;
      });
    expect(await parts.run('disk', 1, hanging)).toBeUndefined();
    expect(await parts.run('disk', 60_000, async () => 'again')).toBeUndefined();
    expect(await parts.run('other', 60_000, async () => 'other')).toBe('other');
    end('late');
    await new Promise(setImmediate);
    expect(await parts.run('disk', 60_000, async () => 'again')).toBe('again');
    await expect(parts.run('disk', 60_000, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  });
});
