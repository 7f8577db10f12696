import { templates } from '../db/tables/templates.js';
import type { Entity } from './entity.js';

/** Templates. No read of them is planned: they are few, and what is stored of a spec has to be looked at. */
export const Template: Entity = { table: templates, id: templates.id, noun: 'template', fields: {} };
