import { exports } from '../../db/tables/exports.js';
import type { ListQuery } from '../read-page.js';

/** Exports of the organization. */
export const exportList: ListQuery = { name: 'exports', table: exports, conditions: [] };
