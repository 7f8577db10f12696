import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Identity } from '../../auth/identity.js';
import { type LevelGroupRow, type LevelRow, levelGroups, levels } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { withOrg } from '../../db/with-org.js';
import { createLevel } from '../../domain/level/create-level.js';
import { createLevelGroup } from '../../domain/level/create-level-group.js';
import { createLevelType } from '../../domain/level/create-level-type.js';
import { deleteLevel } from '../../domain/level/delete-level.js';
import { deleteLevelGroup } from '../../domain/level/delete-level-group.js';
import { deleteLevelType } from '../../domain/level/delete-level-type.js';
import { getLevel } from '../../domain/level/get-level.js';
import { memberIds } from '../../domain/level/group-members.js';
import { levelGroupList } from '../../domain/level/level-group-list.js';
import { levelList } from '../../domain/level/level-list.js';
import { moveLevel } from '../../domain/level/move-level.js';
import { parentTypeIds } from '../../domain/level/parent-types.js';
import { updateLevel } from '../../domain/level/update-level.js';
import { updateLevelGroup } from '../../domain/level/update-level-group.js';
import { updateLevelType } from '../../domain/level/update-level-type.js';
import { listBelow } from '../../domain/list-below.js';
import { createPlace } from '../../domain/place/create-place.js';
import { readPage } from '../../domain/read-page.js';
import {
  newOrganization,
  type OperationalDatabase,
  restricted,
  startOperationalDatabase,
  write,
} from '../support/operational-database.js';
import { settled } from '../support/settled.js';

let operational: OperationalDatabase;
let owner: Identity;
let siteId: string;

const unknownId = '00000000-0000-7000-8000-000000000000';
const site = { name: 'Plant', latitude: 48, longitude: 11, address: 'Street 1' };

beforeAll(async () => {
  operational = await startOperationalDatabase();
  owner = await newOrganization(operational.database);
});

afterAll(() => operational.stop());

const as = <T>(identity: Identity, work: (tx: OrgTransaction) => Promise<T>) =>
  write(operational.database, identity, work);
const run = <T>(work: (tx: OrgTransaction) => Promise<T>) => as(owner, work);
const newSite = () => run((tx) => createPlace(tx, 'Site', site));

async function newType(name: string, allowedParentTypeIds?: string[]): Promise<string> {
  return (await run((tx) => createLevelType(tx, { siteId, name, allowedParentTypeIds }))).id;
}

async function newLevel(levelTypeId: string, parentId?: string): Promise<string> {
  return (await run((tx) => createLevel(tx, { siteId, levelTypeId, parentId, name: 'Level' }))).id;
}

describe('level types', () => {
  beforeAll(async () => {
    siteId = await newSite();
  });

  it('knows parents of the same site only', async () => {
    const building = await newType('Building');
    const floor = await newType('Floor', [building, building.toUpperCase()]);
    expect(await run((tx) => parentTypeIds(tx, floor))).toEqual([building]);
    const elsewhere = await newSite();
    await expect(
      run((tx) => createLevelType(tx, { siteId: elsewhere, name: 'Floor', allowedParentTypeIds: [building] })),
    ).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.allowedParentTypeIds[0]' } });
    await expect(newType('Room', ['nonsense'])).rejects.toMatchObject({
      details: { field: 'input.allowedParentTypeIds[0]' },
    });
  });

  it('refuses a name in use, null and unknown ids', async () => {
    await expect(newType('Building')).rejects.toMatchObject({ code: 'CONFLICT', details: { field: 'input.name' } });
    const id = await newType('Wing');
    await expect(run((tx) => updateLevelType(tx, { id, name: null }))).rejects.toMatchObject({
      details: { field: 'input.name' },
    });
    await expect(run((tx) => updateLevelType(tx, { id, allowedParentTypeIds: null }))).rejects.toMatchObject({
      details: { field: 'input.allowedParentTypeIds' },
    });
    await expect(run((tx) => updateLevelType(tx, { id: unknownId }))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(run((tx) => deleteLevelType(tx, 'nonsense'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('deletes types that nothing uses, also its own parent', async () => {
    const building = await newType('House');
    const cell = await newType('Cell', [building]);
    await expect(run((tx) => deleteLevelType(tx, building))).rejects.toMatchObject({ code: 'CONFLICT' });
    const { before } = await run((tx) =>
      updateLevelType(tx, { id: cell, name: 'Zelle', allowedParentTypeIds: [cell, building] }),
    );
    expect(before).toMatchObject({ name: 'Cell', allowedParentTypeIds: [building] });
    expect(await run((tx) => deleteLevelType(tx, cell))).toMatchObject({ name: 'Zelle' });
  });

  it('holds 50 types a site, also when made at once', async () => {
    siteId = await newSite();
    const made = await Promise.allSettled(Array.from({ length: 55 }, (_, index) => newType(`Type ${index}`)));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    for (const result of made) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    }
  });
});

describe('levels', () => {
  let building: string;
  let floor: string;
  let room: string;
  let root: string;

  beforeAll(async () => {
    siteId = await newSite();
    building = await newType('Building');
    floor = await newType('Floor', [building]);
    room = await newType('Room', [floor]);
    await run((tx) => updateLevelType(tx, { id: room, allowedParentTypeIds: [floor, room] }));
    root = await newLevel(building);
  });

  it('has one root', async () => {
    await expect(newLevel(building)).rejects.toMatchObject({ code: 'CONFLICT', details: { field: 'input.parentId' } });
    await expect(newLevel(floor)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.parentId' },
    });
  });

  it('keeps the rule of parent types', async () => {
    const first = await newLevel(floor, root);
    await expect(newLevel(room, root)).rejects.toMatchObject({ details: { field: 'input.parentId' } });
    await expect(newLevel(building, root)).rejects.toMatchObject({ details: { field: 'input.parentId' } });
    await expect(newLevel(room, unknownId)).rejects.toMatchObject({ details: { field: 'input.parentId' } });
    await expect(newLevel(room, 'nonsense')).rejects.toMatchObject({ details: { field: 'input.parentId' } });
    await expect(newLevel(unknownId, first)).rejects.toMatchObject({ details: { field: 'input.levelTypeId' } });
    await expect(newLevel('nonsense', first)).rejects.toMatchObject({ details: { field: 'input.levelTypeId' } });
    const inner = await newLevel(room, first);
    expect(await run((tx) => getLevel(tx, inner))).toMatchObject({ parentId: first, levelTypeId: room, siteId });
  });

  it('refuses a change of types that leaves levels misplaced', async () => {
    for (const allowedParentTypeIds of [[], [building]]) {
      await expect(run((tx) => updateLevelType(tx, { id: room, allowedParentTypeIds }))).rejects.toMatchObject({
        code: 'CONFLICT',
      });
    }
    await expect(
      run((tx) => updateLevelType(tx, { id: building, allowedParentTypeIds: [floor] })),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    await run((tx) => updateLevelType(tx, { id: room, allowedParentTypeIds: [floor, building, room] }));
    await run((tx) => updateLevelType(tx, { id: room, allowedParentTypeIds: [floor, room] }));
    await expect(run((tx) => deleteLevelType(tx, room))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('moves a level with all below it, never below itself', async () => {
    const [left, right] = [await newLevel(floor, root), await newLevel(floor, root)];
    const outer = await newLevel(room, left);
    const inner = await newLevel(room, outer);
    const { before, after } = await run((tx) => moveLevel(tx, outer, right));
    expect([before.parentId, after.parentId]).toEqual([left, right]);
    expect(await run((tx) => getLevel(tx, inner))).toMatchObject({ parentId: outer });
    for (const parentId of [outer, inner, root, unknownId]) {
      await expect(run((tx) => moveLevel(tx, outer, parentId))).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field: 'input.parentId' },
      });
    }
    await expect(run((tx) => moveLevel(tx, root, left))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(run((tx) => moveLevel(tx, unknownId, left))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('never lets two moves at once make a cycle', async () => {
    const ground = await newLevel(floor, root);
    const [one, two] = [await newLevel(room, ground), await newLevel(room, ground)];
    const moves = await Promise.allSettled([
      run((tx) => moveLevel(tx, one, two)),
      run((tx) => moveLevel(tx, two, one)),
    ]);
    expect(moves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is at most 20 levels deep, also with what is moved', async () => {
    const ground = await newLevel(floor, root);
    let deepest = ground;
    for (let depth = 3; depth <= 20; depth += 1) deepest = await newLevel(room, deepest);
    await expect(newLevel(room, deepest)).rejects.toMatchObject({ details: { field: 'input.parentId' } });
    const nineteenth = (await run((tx) => getLevel(tx, deepest))).parentId!;
    const pair = await newLevel(room, ground);
    await newLevel(room, pair);
    await expect(run((tx) => moveLevel(tx, pair, nineteenth))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const eighteenth = (await run((tx) => getLevel(tx, nineteenth))).parentId!;
    await run((tx) => moveLevel(tx, pair, eighteenth));
  });

  it('updates what is given and merges metadata of changes at once', async () => {
    const id = await newLevel(floor, root);
    await run((tx) =>
      settled(updateLevel(tx, { id, name: 'A', description: '', latitude: 1, longitude: 2, altitude: 3 })),
    );
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => run((tx) => settled(updateLevel(tx, { id, attributes: { [name]: name } })))),
    );
    const { after } = await run((tx) => settled(updateLevel(tx, { id, altitude: null, attributesToDelete: ['b'] })));
    expect(after).toMatchObject({ name: 'A', description: '', latitude: 1, longitude: 2, altitude: null });
    expect(after.attributes).toEqual({ a: 'a', c: 'c', d: 'd' });
    await expect(run((tx) => settled(updateLevel(tx, { id, name: null })))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    await expect(run((tx) => settled(updateLevel(tx, { id, latitude: null })))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  it('groups levels of one site; a deleted level leaves its groups', async () => {
    const [one, two] = [await newLevel(floor, root), await newLevel(floor, root)];
    const group = await run((tx) => createLevelGroup(tx, { siteId, name: 'Bays', levelIds: [one, two, one] }));
    expect(await run((tx) => memberIds(tx, group.id))).toEqual([one, two]);
    await expect(run((tx) => createLevelGroup(tx, { siteId, name: 'Bays', levelIds: [] }))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(
      run((tx) => createLevelGroup(tx, { siteId, name: 'Other', levelIds: [one, unknownId] })),
    ).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.levelIds[1]' } });
    const many = Array.from({ length: 501 }, (_, index) => String(index));
    await expect(run((tx) => updateLevelGroup(tx, { id: group.id, levelIds: many }))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.levelIds' },
    });
    await expect(run((tx) => updateLevelGroup(tx, { id: group.id, levelIds: null }))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    await expect(run((tx) => deleteLevel(tx, root))).rejects.toMatchObject({ code: 'CONFLICT' });
    await run((tx) => deleteLevel(tx, one));
    expect(await run((tx) => memberIds(tx, group.id))).toEqual([two]);
    const { before } = await run((tx) => updateLevelGroup(tx, { id: group.id, name: 'Bay', levelIds: [root] }));
    expect(before).toMatchObject({ name: 'Bays', levelIds: [two] });
    const groups = await readPage<LevelGroupRow>(
      operational.database,
      owner,
      listBelow(levelGroupList(), levelGroups.siteId, siteId),
      { first: 10 },
    );
    expect(groups.rows.map(({ name }) => name)).toEqual(['Bay']);
    await run((tx) => deleteLevelGroup(tx, group.id));
    await expect(run((tx) => deleteLevelGroup(tx, group.id))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('lists by parent', async () => {
    const list = (parentId?: string) =>
      readPage<LevelRow>(operational.database, owner, listBelow(levelList(parentId), levels.siteId, siteId), {
        first: 100,
      });
    const below = await list(root);
    expect(below.rows.length).toBeGreaterThan(3);
    expect(below.rows.every((level) => level.parentId === root)).toBe(true);
    expect(await (await list()).countAll()).toBeGreaterThan(below.rows.length);
    expect((await list('nonsense')).rows).toEqual([]);
  });

  it('is decided on the site', async () => {
    const id = await newLevel(floor, root);
    const reader = restricted(owner, `read PLACE/Site/${siteId}`);
    const stranger = restricted(owner, 'write THING/#/#', `write PLACE/Site/${await newSite()}`);
    const writer = restricted(owner, `write PLACE/Site/${siteId}`);
    const attempts: ((tx: OrgTransaction) => Promise<unknown>)[] = [
      (tx) => createLevelType(tx, { siteId, name: 'New' }),
      (tx) => updateLevelType(tx, { id: room, name: 'Chamber' }),
      (tx) => createLevel(tx, { siteId, levelTypeId: floor, parentId: root, name: 'New' }),
      (tx) => settled(updateLevel(tx, { id, name: 'New' })),
      (tx) => moveLevel(tx, id, root),
      (tx) => createLevelGroup(tx, { siteId, name: 'New', levelIds: [id] }),
      (tx) => deleteLevel(tx, id),
    ];
    for (const attempt of attempts) {
      await expect(as(reader, attempt)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(as(stranger, attempt)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await as(writer, attempt);
    }
    await expect(withOrg(operational.database, writer, 'read', (tx) => getLevel(tx, root))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
