import { BulkheadError, invalidInput } from '../../errors/bulkhead-error.js';

/** What an input names, or a fault of the input. */
export async function visible<Row>(field: string, found: Promise<Row>): Promise<Row> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof BulkheadError && error.code === 'NOT_FOUND') {
      throw invalidInput(field, 'names nothing that the key may see');
    }
    throw error;
  }
}
