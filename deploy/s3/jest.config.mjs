import { readFileSync } from 'node:fs';

const shared = JSON.parse(readFileSync(new URL('../../jest.config.json', import.meta.url), 'utf8'));

// biome-ignore lint/style/noDefaultExport: jest's contract
export default { ...shared, rootDir: '../..', roots: ['<rootDir>/deploy/s3'] };
