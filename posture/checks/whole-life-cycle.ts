import { type Check, passUnless } from '../check.js';
import { liveSchema } from '../system/live-schema.js';

/** What an organization makes, with the mutations beside `create` that it needs. */
const nouns: Readonly<Record<string, readonly string[]>> = {
  Site: ['update', 'delete'],
  Fleet: ['update', 'delete'],
  Level: ['update', 'delete'],
  Thing: ['update', 'delete'],
  Metric: ['update', 'delete'],
  ThingType: ['update', 'delete'],
  Integration: ['update', 'delete'],
  Template: ['update', 'delete'],
  Monitor: ['update', 'delete'],
  ApiKey: ['revoke', 'rotate'],
  Export: ['cancel'],
};
const others = ['putSecret', 'deleteSecret', 'updateOrganization', 'deleteOrganization'];

/** The API that is served can create, change and delete each kind of resource, take all data out, and end the whole. */
export const wholeLifeCycle: Check = {
  id: 'whole-life-cycle',
  title: 'Each kind of resource can be created, changed and deleted by the API',
  look: async (context) => {
    const fields = Object.keys((await liveSchema(context)).getMutationType()?.getFields() ?? {});
    const needed = Object.entries(nouns).flatMap(([noun, verbs]) =>
      ['create', ...verbs].map((verb) => `${verb}${noun}`),
    );
    const missing = [...needed, ...others].filter((name) => !fields.includes(name));
    return passUnless(
      missing.map((name) => `no mutation ${name}`),
      `${needed.length + others.length} mutations of ${Object.keys(nouns).length} kinds are served`,
    );
  },
};
