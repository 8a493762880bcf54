import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What is read of a dashboard in Grafana's classic schema; what is not here is not drawn. */
export type Board = {
  /** The file's, without its ending. */
  name: string;
  uid: string;
  title: string;
  description?: string;
  panels: Panel[];
  annotations?: { list?: { expr?: string; iconColor?: string }[] };
  templating?: { list?: { name: string; query?: unknown }[] };
};

export type Panel = {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { type?: string };
  targets?: Target[];
  links?: { title: string; url: string }[];
  fieldConfig?: { defaults?: Field; overrides?: Override[] };
  options?: { reduceOptions?: { calcs?: string[] } };
  transformations?: { id: string; options?: { excludeByName?: Record<string, boolean> } }[];
};

export type Target = { refId: string; expr?: string; legendFormat?: string; instant?: boolean };

export type Field = {
  unit?: string;
  min?: number;
  max?: number;
  noValue?: string;
  color?: { mode?: string; fixedColor?: string };
  thresholds?: { steps: Step[] };
  mappings?: Mapping[];
  custom?: {
    axisSoftMin?: number;
    fillOpacity?: number;
    stacking?: { mode?: string };
    thresholdsStyle?: { mode?: string };
  };
};

/** A level and the colour from there on; the first has no level, and JSON says null. */
export type Step = { value: number | null; color: string };
export type Mapping = { type: string; options: Record<string, { text?: string; color?: string }> };
type Override = { matcher: { id: string; options?: unknown }; properties: { id: string; value?: unknown }[] };

/** Every board of the folder; a folder without any is an error. */
export function readBoards(folder: string): Board[] {
  const files = existing(folder).filter((file) => file.endsWith('.json'));
  if (files.length === 0) throw new Error(`${folder} holds no dashboard (*.json); write them with: npm run generate`);
  // The overview comes first, as people look.
  return files
    .map((file) => readBoard(join(folder, file)))
    .sort((a, b) => Number(b.name === 'overview') - Number(a.name === 'overview') || a.name.localeCompare(b.name));
}

function existing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new Error(`${folder} cannot be read (${(error as NodeJS.ErrnoException).code}); name a folder with --boards`);
  }
}

function readBoard(file: string): Board {
  const board = JSON.parse(readFileSync(file, 'utf8')) as Omit<Board, 'name'>;
  if (!Array.isArray(board.panels)) throw new Error(`${file} is no Grafana dashboard: it has no panels`);
  return { ...board, name: basename(file, '.json') };
}

/** A series' own settings: the panel's, and what is overridden for its name. */
export function fieldOf(panel: Panel, name: string): Field {
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  const own = overrides.filter(({ matcher }) => matches(matcher, name)).flatMap(({ properties }) => properties);
  return { ...defaults, ...Object.fromEntries(own.map(({ id, value }) => [id, value])) };
}

function matches({ id, options }: Override['matcher'], name: string): boolean {
  if (id === 'byName') return options === name;
  // Grafana writes an expression between slashes.
  if (id === 'byRegexp') return new RegExp(`${options}`.replace(/^\/(.*)\/$/, '$1')).test(name);
  throw new Error(`an override matches ${id}; only byName and byRegexp are known here`);
}
