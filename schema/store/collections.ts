import type { CollectionDefinition } from '../../platform/database/database.js';
import { USAGE_COLLECTIONS } from '../usage/usageCollections.js';
import { APPROVALS } from './approvals.js';
import { CHECKS } from './checks.js';

/** Everything of the registry is small, rarely written, and decides what is served: it is read from the primary alone. */
const COMMON = {
  shardKey: null,
  indexes: [],
  watched: false,
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 5_000 },
  maxTimeMs: 10_000,
} as const satisfies Partial<CollectionDefinition>;

/** Texts under their hash; never changed, never deleted. */
export const ARTEFACTS: CollectionDefinition = { ...COMMON, name: 'registry_artefacts' };

/** One document: which version is served, and the newest version whole. */
export const GRAPH: CollectionDefinition = { ...COMMON, name: 'registry_graph' };

export const VERSIONS: CollectionDefinition = {
  ...COMMON,
  name: 'registry_versions',
  indexes: [{ name: 'number', key: { number: -1 }, unique: true, reason: 'history, newest first' }],
};

/** One document: where the lists of operations of all clients stand. */
export const OPERATION_LISTS: CollectionDefinition = { ...COMMON, name: 'registry_operation_lists' };

/** The `_id` begins with the time. */
export const AUDIT: CollectionDefinition = { ...COMMON, name: 'registry_audit' };

export const REGISTRY_COLLECTIONS: readonly CollectionDefinition[] = [
  ARTEFACTS,
  GRAPH,
  VERSIONS,
  OPERATION_LISTS,
  AUDIT,
  APPROVALS,
  CHECKS,
  ...USAGE_COLLECTIONS,
];
