import { dependencies } from './dependencies.ts';
import { itself } from './itself.ts';
import { learning } from './learning.ts';
import { traffic } from './traffic.ts';

/** Every metric of the agent: the only place where a name, kind, unit, help, labels or buckets stand. */
export const catalog = { ...traffic, ...dependencies, ...learning, ...itself };
export type Catalog = typeof catalog;
export const rooms = { traffic, dependencies, learning, itself };
export type CatalogName = keyof Catalog;
