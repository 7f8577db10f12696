import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import type { Identity } from '../../auth/identity.js';
import type { PropertyDefinition } from '../../db/tables/definitions.js';
import { type ThingRow, thingIntegrations } from '../../db/tables/things.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { createIntegration } from '../../domain/integration/create-integration.js';
import { removeIntegration } from '../../domain/integration/remove-integration.js';
import { createLevel } from '../../domain/level/create-level.js';
import { createLevelType } from '../../domain/level/create-level-type.js';
import { deleteLevel } from '../../domain/level/delete-level.js';
import { createPlace } from '../../domain/place/create-place.js';
import { readPage } from '../../domain/read-page.js';
import { createThing, type NewThing } from '../../domain/thing/create-thing.js';
import { deleteThing } from '../../domain/thing/delete-thing.js';
import { getThing } from '../../domain/thing/get-thing.js';
import { type ThingListFilter, thingList } from '../../domain/thing/thing-list.js';
import { type ThingChange, updateThing } from '../../domain/thing/update-thing.js';
import { upgradeThing } from '../../domain/thing/upgrade-thing.js';
import {
  newOrganization,
  type OperationalDatabase,
  restricted,
  startOperationalDatabase,
  write,
} from '../support/operational-database.js';
import { settled } from '../support/settled.js';
import { deleteThingType, newThingType, type TestThingType } from '../support/thing-types.js';

let operational: OperationalDatabase;
let owner: Identity;
let siteId: string;
let fleetId: string;
let levelId: string;
let battery: TestThingType;
let charger: TestThingType;

const unknownId = '00000000-0000-7000-8000-000000000000';
const property = (name: string, valueType: PropertyDefinition['valueType'], required = false): PropertyDefinition => ({
  name,
  valueType,
  constraints: { required },
});

const as = <T>(identity: Identity, work: (tx: OrgTransaction) => Promise<T>) =>
  write(operational.database, identity, work);
const run = <T>(work: (tx: OrgTransaction) => Promise<T>) => as(owner, work);
const create = async (input: Partial<NewThing> = {}, identity = owner) =>
  (await as(identity, (tx) => createThing(tx, { placeId: siteId, name: 'Cell 1', typeId: battery.id, ...input }))).id;
const update = (input: ThingChange, identity = owner) => as(identity, (tx) => settled(updateThing(tx, input)));
const read = (id: string, identity = owner) =>
  withOrg(operational.database, identity, 'read', (tx) => getThing(tx, id));
const newIntegration = () => run((tx) => createIntegration(tx, { name: 'Hook', direction: 'EGRESS', type: 'PAGER' }));

async function integrationsOf(thingId: string): Promise<string[]> {
  const rows = await run((tx) => tx.db.select().from(thingIntegrations).where(eq(thingIntegrations.thingId, thingId)));
  return rows.map((row) => row.integrationId).sort();
}

async function newLevel(identity: Identity, site: string): Promise<string> {
  return as(identity, async (tx) => {
    const type = await createLevelType(tx, { siteId: site, name: 'Building' });
    return (await createLevel(tx, { siteId: site, levelTypeId: type.id, name: 'Hall' })).id;
  });
}

const newSite = (identity = owner) =>
  as(identity, (tx) => createPlace(tx, 'Site', { name: 'Plant', latitude: 48, longitude: 11, address: '' }));

beforeAll(async () => {
  operational = await startOperationalDatabase();
  owner = await newOrganization(operational.database);
  siteId = await newSite();
  fleetId = await run((tx) => createPlace(tx, 'Fleet', { name: 'Vans' }));
  levelId = await newLevel(owner, siteId);
  battery = await newThingType(operational.database, owner, 'Battery', [
    [property('serial', 'STRING')],
    [property('serial', 'STRING', true), property('cells', 'INT')],
    [property('serial', 'STRING'), property('cells', 'INT')],
  ]);
  charger = await newThingType(operational.database, owner, 'EV Charger');
});

afterAll(() => operational.stop());

describe('createThing', () => {
  it('binds the latest version of a type by id, name or both', async () => {
    for (const type of [{}, { typeId: null, typeName: 'Battery' }, { typeName: 'Battery' }]) {
      const thing = await read(await create({ ...type, properties: { serial: 'A1', cells: 12 } }));
      expect(thing).toMatchObject({
        placeType: 'Site',
        placeId: siteId,
        thingTypeId: battery.id,
        thingTypeVersionId: battery.versionIds[2],
        properties: { serial: 'A1', cells: 12 },
        isFirstParty: false,
        isSimulated: false,
        levelId: null,
        description: null,
        attributes: {},
      });
    }
  });

  it('keeps all that is given', async () => {
    const input = {
      name: 'Van',
      levelId,
      description: '',
      address: 'Yard',
      model: 'M',
      manufacturer: 'N',
      manufacturerId: 'SN-1',
      isFirstParty: true,
      isSimulated: true,
      latitude: -90,
      longitude: 180,
      altitude: 500.5,
      attributes: { colour: 'red', seats: 3 },
    };
    const { levelId: _level, ...inFleet } = input;
    expect(await read(await create(input))).toMatchObject(input);
    expect(await read(await create({ ...inFleet, placeId: fleetId, typeId: charger.id }))).toMatchObject(inFleet);
  });

  it.each([
    ['input.typeId', () => ({ typeId: null })],
    ['input.typeId', () => ({ typeId: 'nonsense' })],
    ['input.typeId', () => ({ typeId: `tdefi_${'0'.repeat(26)}` })],
    ['input.typeId', () => ({ typeId: charger.id, typeName: 'Battery' })],
    ['input.typeName', () => ({ typeId: null, typeName: 'battery' })],
    ['input.typeName', () => ({ typeName: '\0' })],
    ['input.levelId', () => ({ levelId: 'nonsense' })],
    ['input.levelId', () => ({ levelId: unknownId })],
    ['input.levelId', () => ({ levelId, placeId: fleetId })],
    ['input.name', () => ({ name: 'n'.repeat(257) })],
    ['input.model', () => ({ model: 'n'.repeat(201) })],
    ['input.manufacturerId', () => ({ manufacturerId: '' })],
    ['input.latitude', () => ({ latitude: 1 })],
    ['input.longitude', () => ({ latitude: 1, longitude: 181 })],
    ['input.attributes.a', () => ({ attributes: { a: null } })],
    ['input.attributes.a', () => ({ attributes: { a: 2 ** 53 } })],
    ['input.attributes.a', () => ({ attributes: { a: Number.POSITIVE_INFINITY } })],
    ['input.properties.colour', () => ({ properties: { colour: 'red' } })],
    ['input.properties.cells', () => ({ properties: { cells: 'many' } })],
    ['input.properties', () => ({ properties: JSON.parse('{"__proto__": 1, "\\u0000": 1}') })],
    ['input.integrationIds[0]', () => ({ integrationIds: [unknownId] })],
    ['input.integrationIds[0]', () => ({ integrationIds: ['{}'] })],
    ['input.integrationIds', () => ({ integrationIds: Array.from({ length: 51 }, (_, index) => String(index)) })],
  ] as [string, () => Partial<NewThing>][])('refuses %s (%#)', async (field, input) => {
    const refused = await create(input()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect((refused as { details: { field: string } }).details.field.startsWith(field)).toBe(true);
  });

  it('refuses required properties that are missing, a deleted type and a manufacturer id in use', async () => {
    const strict = await newThingType(operational.database, owner, 'Strict', [[property('serial', 'STRING', true)]]);
    await expect(create({ typeId: strict.id })).rejects.toMatchObject({
      details: { field: 'input.properties.serial' },
    });
    await create({ typeId: strict.id, properties: { serial: 'S' }, manufacturerId: 'twice' });
    await create({ manufacturerId: 'twice' });
    await expect(create({ manufacturerId: 'twice' })).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { field: 'input.manufacturerId' },
    });
    await deleteThingType(operational.database, owner, strict.id);
    await expect(create({ typeId: strict.id })).rejects.toMatchObject({ details: { field: 'input.typeId' } });
  });

  it('is decided on the place, with integrations also on the thing', async () => {
    const placeWriter = restricted(owner, `write PLACE/Site/${siteId}`);
    const id = await create({ typeId: null, typeName: 'Battery', levelId }, placeWriter);
    await expect(read(id, placeWriter)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const integrationIds = [await newIntegration(), await newIntegration()];
    await expect(create({ integrationIds }, placeWriter)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const both = restricted(owner, `write PLACE/Site/${siteId}`, `write PLACE/Site/${siteId}/THING/${battery.id}/#`);
    const linked = await create({ integrationIds: [...integrationIds, String(integrationIds[0]).toUpperCase()] }, both);
    expect(await integrationsOf(linked)).toEqual([...integrationIds].sort());
    await expect(create({ integrationIds, typeId: charger.id }, both)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(create({}, restricted(owner, 'read PLACE/#/#'))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    for (const placeId of [siteId, unknownId, 'nonsense']) {
      await expect(create({ placeId }, restricted(owner, 'write THING/#/#'))).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    }
  });

  it('knows nothing of other organizations', async () => {
    const other = await newOrganization(operational.database);
    const otherSite = await newSite(other);
    await expect(create({ placeId: otherSite })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(create({ placeId: otherSite }, other)).rejects.toMatchObject({ details: { field: 'input.typeId' } });
    const integrationId = await newIntegration();
    await newThingType(operational.database, other, 'Battery');
    const foreign = { placeId: otherSite, typeId: null, typeName: 'Battery' };
    await expect(create({ ...foreign, integrationIds: [integrationId] }, other)).rejects.toMatchObject({
      details: { field: 'input.integrationIds[0]' },
    });
    await expect(create({ ...foreign, levelId }, other)).rejects.toMatchObject({ details: { field: 'input.levelId' } });
    const id = await create(foreign, other);
    await expect(update({ id, name: 'Mine' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(update({ id, levelId }, other)).rejects.toMatchObject({ details: { field: 'input.levelId' } });
  });
});

describe('updateThing', () => {
  it('changes what is given and merges maps of changes at once', async () => {
    const id = await create({ description: 'old', altitude: 3, latitude: 1, longitude: 2, properties: { cells: 1 } });
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((name, cells) =>
        update({ id, attributes: { [name]: cells }, ...(cells > 0 ? {} : { properties: { serial: 'S' } }) }),
      ),
    );
    const { before, after } = await update({
      id,
      name: 'New',
      description: null,
      latitude: null,
      longitude: null,
      isFirstParty: true,
      attributesToDelete: ['b', 'unknown'],
      propertiesToDelete: ['cells'],
    });
    expect(before).toMatchObject({ name: 'Cell 1', properties: { cells: 1, serial: 'S' } });
    expect(after).toMatchObject({ name: 'New', description: null, altitude: 3, latitude: null, isFirstParty: true });
    expect([after.attributes, after.properties]).toEqual([{ a: 0, c: 2, d: 3 }, { serial: 'S' }]);
    expect(after.updatedBy).toBe('test');
    expect(await read(id)).toEqual(after);
  });

  it('knows of changes at once, each made without a look at the row, what each of them has replaced', async () => {
    const id = await create({ name: 'Cell 0' });
    const names = ['Cell 1', 'Cell 2', 'Cell 3', 'Cell 4'];
    const changes = await Promise.all(names.map((name) => update({ id, name })));
    const next = new Map(changes.map(({ before, after }) => [before.name, after.name]));
    let last = 'Cell 0';
    for (const _ of names) last = next.get(last) ?? 'a change was lost';
    expect(new Set(next.values())).toEqual(new Set(names));
    expect((await read(id)).name).toBe(last);
  });

  it('refuses what must not be null and what does not fit', async () => {
    const id = await create();
    const refused: [string, Omit<ThingChange, 'id'>][] = [
      ['input.name', { name: null }],
      ['input.isFirstParty', { isFirstParty: null }],
      ['input.latitude', { latitude: 5 }],
      ['input.properties', { properties: { cells: 1 }, propertiesToDelete: ['cells'] }],
      ['input.properties.cells', { properties: { cells: 1.5 } }],
      ['input.levelId', { levelId: unknownId }],
      ['input.integrationIds[0]', { integrationIds: ['nonsense'] }],
    ];
    for (const [field, change] of refused) {
      await expect(update({ id, ...change })).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
    }
    const strict = await newThingType(operational.database, owner, 'Serial', [[property('serial', 'STRING', true)]]);
    const thing = await create({ typeId: strict.id, properties: { serial: 'S' } });
    await expect(update({ id: thing, propertiesToDelete: ['serial'] })).rejects.toMatchObject({
      details: { field: 'input.properties.serial' },
    });
    await deleteThingType(operational.database, owner, strict.id);
    expect((await update({ id: thing, properties: { serial: 'T' } })).after.properties).toEqual({ serial: 'T' });
  });

  it('replaces the integrations and keeps them from being removed', async () => {
    const id = await create();
    const [one, two, three] = [await newIntegration(), await newIntegration(), await newIntegration()];
    await update({ id, integrationIds: [one, two, two] });
    const { before } = await update({ id, integrationIds: [two, three] });
    expect([...(before.integrationIds ?? [])].sort()).toEqual([one, two].sort());
    await update({ id, name: 'Linked' });
    expect(await integrationsOf(id)).toEqual([two, three].sort());
    await expect(run((tx) => removeIntegration(tx, two))).rejects.toMatchObject({ code: 'CONFLICT' });
    await run((tx) => removeIntegration(tx, one));
    await update({ id, integrationIds: null });
    expect(await integrationsOf(id)).toEqual([]);
    await run((tx) => removeIntegration(tx, two));
  });

  it('is decided on the thing, with levels and integrations that the key cannot read', async () => {
    const id = await create();
    const writer = restricted(owner, `write THING/${battery.id}/${id}`);
    const { after } = await update({ id, levelId, integrationIds: [await newIntegration()] }, writer);
    expect(after.levelId).toBe(levelId);
    await expect(run((tx) => deleteLevel(tx, levelId))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await update({ id, levelId: null }, writer)).after.levelId).toBeNull();
    const elsewhere = await newLevel(owner, await newSite());
    await expect(update({ id, levelId: elsewhere }, writer)).rejects.toMatchObject({
      details: { field: 'input.levelId' },
    });
    const reader = restricted(owner, 'read THING/#/#');
    const stranger = restricted(owner, `write THING/${charger.id}/#`, `write PLACE/Site/${siteId}`);
    for (const attempt of [
      (identity: Identity) => update({ id, name: 'No' }, identity),
      (identity: Identity) => as(identity, (tx) => settled(upgradeThing(tx, id, null))),
      (identity: Identity) => as(identity, (tx) => deleteThing(tx, id)),
    ]) {
      await expect(attempt(reader)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(attempt(stranger)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});

describe('upgradeThing', () => {
  it('binds any version of the type that the properties fit', async () => {
    const id = await create();
    const upgrade = (version?: string | null) => run((tx) => settled(upgradeThing(tx, id, version)));
    const { before, after } = await upgrade(battery.versionIds[0]);
    expect([before.thingTypeVersionId, after.thingTypeVersionId]).toEqual([
      battery.versionIds[2],
      battery.versionIds[0],
    ]);
    await expect(upgrade(battery.versionIds[1])).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'thing.properties.serial' },
    });
    for (const version of [charger.versionIds[0], 'nonsense']) {
      await expect(upgrade(version)).rejects.toMatchObject({ details: { field: 'input.typeVersionId' } });
    }
    expect((await upgrade()).after.thingTypeVersionId).toBe(battery.versionIds[2]);
    expect((await upgrade(null)).after.thingTypeVersionId).toBe(battery.versionIds[2]);
  });

  it('needs a version where the type is deleted', async () => {
    const type = await newThingType(operational.database, owner, 'Old', [[], []]);
    const id = await create({ typeId: type.id });
    await deleteThingType(operational.database, owner, type.id);
    await expect(run((tx) => settled(upgradeThing(tx, id, undefined)))).rejects.toMatchObject({
      details: { field: 'input.typeVersionId' },
    });
    await run((tx) => settled(upgradeThing(tx, id, type.versionIds[0])));
  });
});

describe('deleteThing and lists', () => {
  it('deletes the row with its links', async () => {
    const id = await create({ integrationIds: [await newIntegration()] });
    expect(await run((tx) => deleteThing(tx, id))).toMatchObject({ id });
    await expect(run((tx) => deleteThing(tx, id))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await integrationsOf(id)).toEqual([]);
  });

  it('lists by place, type and search what may be read', async () => {
    const placeId = await newSite();
    const id = await create({ placeId, name: 'One 100%' });
    await create({ placeId, name: 'Two', typeId: charger.id });
    const names = async (filter: ThingListFilter, identity = owner) => {
      const query = thingList({ placeId, ...filter });
      const page = await readPage<ThingRow>(operational.database, identity, query, { first: 10 });
      expect(await page.countAll()).toBe(page.rows.length);
      return page.rows.map(({ name }) => name);
    };
    expect(await names({})).toEqual(['One 100%', 'Two']);
    expect(await names({ placeId: placeId.toUpperCase() })).toEqual(['One 100%', 'Two']);
    expect(await names({ typeId: charger.id })).toEqual(['Two']);
    expect(await names({ search: '100%' })).toEqual(['One 100%']);
    expect(await names({ search: id })).toEqual(['One 100%']);
    expect(await names({ placeId: 'nonsense' })).toEqual([]);
    expect(await names({ typeId: 'nonsense\0' })).toEqual([]);
    expect(await names({}, restricted(owner, `read THING/${battery.id}/#`))).toEqual(['One 100%']);
    expect(await names({}, restricted(owner, `read PLACE/Site/${siteId}/THING/#/#`))).toEqual([]);
    expect(() => thingList({ search: '' })).toThrow('search');
  });
});
