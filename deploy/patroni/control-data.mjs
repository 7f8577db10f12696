// What pg_controldata says, as far as Patroni asks: `control-data.mjs DIR`. Reads global/pg_control of PostgreSQL 18
// (ControlFileData, src/include/catalog/pg_control.h), little-endian, and refuses every other version and broken ones.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';

const version = 1800;
const checksumAt = 292;
const states = [
  ...['starting up', 'shut down', 'shut down in recovery', 'shutting down'],
  ...['in crash recovery', 'in archive recovery', 'in production'],
];

const file = readFileSync(join(argv[2] ?? '', 'global', 'pg_control'));
if (file.readUInt32LE(8) !== version) throw new Error(`pg_control has version ${file.readUInt32LE(8)}, not ${version}`);
if (file.readUInt32LE(checksumAt) !== crc32c(file.subarray(0, checksumAt))) throw new Error('pg_control is broken');

const integer = (at) => file.readInt32LE(at);
const onOff = (at) => (file[at] === 0 ? 'off' : 'on');
const location = (at) =>
  `${file.readUInt32LE(at + 4).toString(16)}/${file.readUInt32LE(at).toString(16)}`.toUpperCase();
const lines = {
  'pg_control version number': integer(8),
  'Catalog version number': integer(12),
  'Database system identifier': file.readBigUInt64LE(0),
  'Database cluster state': states[integer(16)],
  'Latest checkpoint location': location(32),
  "Latest checkpoint's REDO location": location(40),
  "Latest checkpoint's TimeLineID": integer(48),
  'Minimum recovery ending location': location(136),
  "Min recovery ending loc's timeline": integer(144),
  'wal_level setting': ['minimal', 'replica', 'logical'][integer(172)],
  'wal_log_hints setting': onOff(176),
  'max_connections setting': integer(180),
  'max_worker_processes setting': integer(184),
  'max_wal_senders setting': integer(188),
  'max_prepared_xacts setting': integer(192),
  'max_locks_per_xact setting': integer(196),
  'track_commit_timestamp setting': onOff(200),
  'Data page checksum version': integer(252),
};
for (const [name, value] of Object.entries(lines)) stdout.write(`${`${name}:`.padEnd(38)}${value}\n`);

/** CRC-32C (Castagnoli), as PostgreSQL computes it. */
function crc32c(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
