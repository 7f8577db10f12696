import { isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { type Check, passUnless } from '../check.js';
import { liveSchema } from '../system/live-schema.js';

const organizationName = /^(org|organization|tenant|company)(Id)?$/i;
/** Deleting asks for the id of the caller's own organization, as a confirmation. */
const confirmations = ['DeleteOrganizationInput.organizationId'];

/** No argument and no input of the API that is served names an organization: the key does. */
export const noChoiceOfOrganization: Check = {
  id: 'no-choice-of-organization',
  title: 'No argument of the API names an organization',
  look: async (context) => {
    const types = Object.values((await liveSchema(context)).getTypeMap());
    const named = types.flatMap((type) => {
      if (isInputObjectType(type))
        return Object.keys(type.getFields()).map((field) => ({ at: type.name, name: field }));
      if (!isObjectType(type) && !isInterfaceType(type)) return [];
      return Object.values(type.getFields()).flatMap((field) =>
        field.args.map(({ name }) => ({ at: `${type.name}.${field.name}`, name })),
      );
    });
    const faults = named
      .filter(({ name }) => organizationName.test(name))
      .map(({ at, name }) => `${at}.${name}`)
      .filter((path) => !confirmations.includes(path));
    return passUnless(faults, `none of ${named.length} arguments and fields of inputs does`);
  },
};
