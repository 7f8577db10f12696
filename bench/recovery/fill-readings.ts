import type { Administrator } from '../../db/administrator.js';
import type { Progress } from '../seed/progress.js';

const rowsAtATime = 500_000;

/** Makes `public.readings` with rows of some 85 bytes as readings are: a thing, a moment, a number, a text. */
export async function fillReadings(admin: Administrator, rows: number, progress: Progress): Promise<void> {
  await admin`create table public.readings (id bigint, thing uuid, at timestamptz, value float8, text_value text)`;
  for (let from = 0; from < rows; from += rowsAtATime) {
    await admin`insert into public.readings
                select n, gen_random_uuid(), now() - n * interval '1 second', random() * 100, 'state ' || n % 50
                from generate_series(${from + 1}::bigint, ${from + rowsAtATime}::bigint) n`;
    progress.say(`${((from + rowsAtATime) / 1e6).toFixed(1)} million rows`);
  }
}
