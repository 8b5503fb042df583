import { basename } from 'node:path';
import { build, type Plugin, transform } from 'esbuild';

/** The plugin as a few scripts: the one that starts it, and those that it loads when it needs them. */
export interface Bundle {
  readonly main: string;
  /** By the file name that the others have for it: `get-K2B7.mjs`. */
  readonly chunks: ReadonlyMap<string, string>;
  /** The files of the project and its packages that each is made of, by its file name: `plugin/run.ts`. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
}

/** commander can run a command as a program of its own. None of ours is one, and to load what it needs for that takes 4 ms. */
const WITHOUT_PROCESSES: Plugin = {
  name: 'commander without processes',
  setup(bundling) {
    bundling.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      importer.includes('node_modules/commander/') ? { path, namespace: 'nothing' } : undefined,
    );
    bundling.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/**
 * Bundles the plugin as ES modules, so that what is imported late is loaded late, as `make build` does.
 *
 * @param root the project's folder
 */
export async function bundlePlugin(root: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...{ absWorkingDir: root, entryPoints: ['plugin/main.ts'], outdir: 'dist', outbase: '.', write: false },
    ...{ entryNames: '[dir]', chunkNames: 'chunks/[name]-[hash]', outExtension: { '.js': '.mjs' } },
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node24', metafile: true },
    ...{ minify: true, keepNames: true, legalComments: 'none', logLevel: 'warning' },
    plugins: [WITHOUT_PROCESSES],
  });
  const parts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const main = parts.get('plugin.mjs') ?? '';
  parts.delete('plugin.mjs');
  const sources = Object.entries(metafile.outputs).map(([output, { inputs }]) => {
    const used = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    return [basename(output), used.map(([input]) => input)] as const;
  });
  return { main, chunks: parts, sources: new Map(sources) };
}

/** The same as scripts of CommonJS, of which an executable of Node is made. */
export async function asScripts({ main, chunks, sources }: Bundle): Promise<Bundle> {
  const scripts = await Promise.all([...chunks].map(async ([name, text]) => [name, await commonJs(text)] as const));
  return { main: `${LOADER}${await commonJs(main)}`, chunks: new Map(scripts), sources };
}

async function commonJs(text: string): Promise<string> {
  const { code } = await transform(text, {
    ...{ format: 'cjs', platform: 'node', target: 'node24', minify: true },
    // Node has it, and looks in files for what is asked for.
    supported: { 'dynamic-import': false },
  });
  return code;
}

/** Behind the name of a part, the name of what V8 has made of it. */
export const CODE_CACHE = '.cache';

/**
 * `require` in an executable knows what is built into Node. What else it is asked for lies in the executable, as an asset by
 * its file name; it is read, compiled and run when it is asked for first. Where V8's code of it lies beside it, that is half the
 * time; V8 passes over what another V8 has made.
 */
const LOADER = `require = (() => {
  const builtIn = require;
  const { getRawAsset } = builtIn('node:sea');
  const { Script } = builtIn('node:vm');
  const loaded = new Map();
  function codeCache(name) {
    try {
      return { cachedData: new Uint8Array(getRawAsset(name + '${CODE_CACHE}')) };
    } catch {
      return {};
    }
  }
  return function load(id) {
    if (!id.startsWith('.')) return builtIn(id);
    const name = id.slice(id.lastIndexOf('/') + 1);
    if (!loaded.has(name)) {
      const module = { exports: {} };
      loaded.set(name, module);
      const source = Buffer.from(getRawAsset(name)).latin1Slice();
      const script = new Script('(function(module,exports,require){' + source + '})', { filename: name, ...codeCache(name) });
      script.runInThisContext()(module, module.exports, load);
    }
    return loaded.get(name).exports;
  };
})();
`;
