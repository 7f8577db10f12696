import { isObjectType } from 'graphql';
import { type Check, passUnless } from '../check.js';
import { liveSchema } from '../system/live-schema.js';

const secretName = /secret|password|token|privateKey|credential/i;

/** What is shown once, to who makes it: it is nowhere kept as it is shown. */
const shownOnce = ['CreateApiKeyPayload.secret', 'RotateApiKeyPayload.secret', 'CreateExportPayload.token'];

/** No field of the API that is served answers a stored secret; what is shown once says so. */
export const writeOnlySecrets: Check = {
  id: 'write-only-secrets',
  title: 'No field of the API answers a stored secret',
  look: async (context) => {
    const schema = await liveSchema(context);
    const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ type, field })) : [],
    );
    const faults = fields
      .filter(({ type, field }) => {
        const isText = /^(String|ID)!?$/.test(String(field.type));
        return isText && (secretName.test(field.name) || (type.name === 'Secret' && field.name === 'value'));
      })
      .map(({ type, field }) => `${type.name}.${field.name}`)
      .filter((path) => !shownOnce.includes(path));
    return passUnless(faults, `${fields.length} fields of answers: secrets only where they are made, shown once`);
  },
};
