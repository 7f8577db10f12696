import { monitors } from '../db/tables/monitors.js';
import type { Entity } from './entity.js';

/** Monitors. No read of them is planned: they are few. */
export const Monitor: Entity = { table: monitors, id: monitors.id, noun: 'monitor', fields: {} };
