import { openPipelinedLayer } from './pipelined-layer.mjs';
import { openChecks } from './product.mjs';
import { requestData } from './resolvers.mjs';
import { openStraightforwardLayer } from './straightforward-layer.mjs';

/** What a GraphQL peer makes the context of a request with: its identity, checked or bare, and its data layer. */
export async function openServices(configuration) {
  const checks = await openChecks(configuration);
  const open = configuration.dataLayer === 'pipelined' ? openPipelinedLayer : openStraightforwardLayer;
  const layer = await open({ ...configuration, contextKey: checks.contextKey });
  return async (headers) => {
    const identity = await checks.identify(headers);
    return { identity, data: requestData(layer, identity) };
  };
}
