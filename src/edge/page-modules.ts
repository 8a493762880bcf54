import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import amaro from 'amaro';

const SOURCE = fileURLToPath(new URL('..', import.meta.url));
const ENTRY = join(SOURCE, 'page/main.ts');

/** Packages that the page imports, by the file of theirs that runs in a browser. */
const PACKAGES: Record<string, string> = {
  'socket.io-client': join(packageFile('socket.io-client'), '../../../dist/socket.io.esm.min.js'),
  'onnxruntime-web/wasm': packageFile('onnxruntime-web/wasm'),
};
/** Other files of packages, for the page to fetch. */
const ASSETS: Record<string, string> = {
  'onnxruntime-web.wasm': join(packageFile('onnxruntime-web/wasm'), '../ort-wasm-simd-threaded.wasm'),
  'silero-vad.onnx': join(packageFile('@ricky0123/vad-web'), '../silero_vad_v5.onnx'),
};

// Static imports and re-exports, `import()`, and files named relative to the module, as worklets are.
const STATIC = /(?<=^(?:import|export)\b[^;'"]*?['"])[^'"]+(?=['"];)/gm;
const LATER = /(?<=\b(?:import\(|new URL\()['"])[^'"]+(?=['"])/g;

/** What the page consists of, as a browser asks for it. */
export type PageModules = {
  /** JavaScript by its URL, which is the TypeScript file's path below `src/`. */
  scripts: ReadonlyMap<string, string>;
  /** Files that are sent as they are, by URL. */
  files: ReadonlyMap<string, string>;
  /** URLs that the page needs at once: an early hint saves a round trip per import. */
  preload: readonly string[];
};

let loaded: PageModules | undefined;

/**
 * The page's modules and all that they import, types stripped, packages' names replaced by URLs; read once. There is no
 * build: a line of the browser's is the same line of the source. Nothing but this closure can be asked for.
 */
export function pageModules(): PageModules {
  loaded ??= load();
  return loaded;
}

function load(): PageModules {
  const scripts = new Map<string, string>();
  const preload = new Set<string>();

  function add(file: string, atOnce: boolean): void {
    const url = urlOf(file);
    const again = scripts.has(url);
    if (again && (!atOnce || preload.has(url))) return;
    if (atOnce) preload.add(url);
    scripts.set(url, '');
    const { code } = amaro.transformSync(readFileSync(file, 'utf8'), { mode: 'strip-only' });
    const follow = (soon: boolean) => (name: string) => {
      if (name.startsWith('.')) add(resolve(dirname(file), name), soon);
      else if (soon && name in PACKAGES) preload.add(vendored(name));
      return name.startsWith('.') || name.startsWith('/') ? name : vendored(name);
    };
    scripts.set(url, code.replace(STATIC, follow(atOnce)).replace(LATER, follow(false)));
  }
  add(ENTRY, true);

  const packages = Object.entries(PACKAGES).map(([name, file]) => [vendored(name), file] as const);
  const assets = Object.entries(ASSETS).map(([name, file]) => [`/vendor/${name}`, file] as const);
  return { scripts, files: new Map([...packages, ...assets]), preload: [...preload] };
}

function vendored(name: string): string {
  if (!(name in PACKAGES)) throw new Error(`The page imports ${name}, which page-modules.ts does not name.`);
  return `/vendor/${name.replace('/', '-')}.js`;
}

function urlOf(file: string): string {
  return `/${relative(SOURCE, file).replaceAll('\\', '/')}`;
}

function packageFile(name: string): string {
  return fileURLToPath(import.meta.resolve(name));
}
