import { rollUp } from '../../telemetry/roll-up.js';
import { connectAsProvisioner } from '../../telemetry/with-provisioner.js';

/** Lets the product's roller finish the rollups of a telemetry database, up to the end of the seed. */
export async function rollUpAll(provisionerUrl: string, database: string, endMs: number): Promise<void> {
  const owner = connectAsProvisioner(provisionerUrl, database);
  try {
    for (let isDone = false; !isDone; ) ({ isDone } = await rollUp(owner, endMs));
  } finally {
    await owner.end({ timeout: 5 });
  }
}
