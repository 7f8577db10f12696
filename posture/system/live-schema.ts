import { buildSchema, type GraphQLSchema } from 'graphql';
import type { PostureContext } from '../posture-context.js';
import { askGateway } from './ask-gateway.js';

/**
 * The schema that the gateway serves now.
 * @throws Error when it serves none
 */
export async function liveSchema(context: PostureContext): Promise<GraphQLSchema> {
  const { status, text } = await askGateway(context, '/schema.graphql');
  if (status !== 200) throw new Error(`/schema.graphql answered ${status}`);
  return buildSchema(text);
}
