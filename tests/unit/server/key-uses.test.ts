import { describe, expect, it } from '@jest/globals';
import { repositoryFault } from '../../../server/key-uses.js';

const [older, newer] = ['20270101T040000Z', '20270102T040000Z'];

describe('a repository', () => {
  it('is believed where it holds each base backup that the database knows of', () => {
    const places = { bases: [older, newer], objects: undefined };
    expect(repositoryFault(places, [older, newer], 'current')).toBeUndefined();
    expect(repositoryFault({ ...places, bases: [newer] }, [older, newer], 'current')).toContain(`lacks 1 base`);
    expect(repositoryFault({ ...places, bases: [] }, [newer], 'current')).toContain(newer);
    expect(repositoryFault(places, [], 'current')).toContain('backup now');
  });

  it('has something that the current backup key has sealed, where objects are counted', () => {
    const objects = new Map([['retired', 7]]);
    expect(repositoryFault({ bases: [newer], objects }, [newer], 'current')).toContain('sealed with current');
    expect(repositoryFault({ bases: [newer], objects }, [newer], 'retired')).toBeUndefined();
  });
});
