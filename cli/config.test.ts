import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { assetPath } from '../platform/readAsset.js';
import { configSchema, ENVIRONMENT_KEYS, readConfig } from './config.js';

const page = readFileSync(assetPath('docs/configuration.md'), 'utf8');
const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] as string;

/** Every key of a JSON schema as a dotted path; `*` stands for a name that the user chooses. */
function keysOf(schema: JsonSchema, prefix: string): string[] {
  const own = Object.entries(schema.properties ?? {});
  const free: [string, JsonSchema][] =
    typeof schema.additionalProperties === 'object' ? [['*', schema.additionalProperties]] : [];
  return [...own, ...free].flatMap(([name, child]) => {
    const below = keysOf(child, `${prefix}${name}.`);
    return below.length > 0 ? below : [`${prefix}${name}`];
  });
}
interface JsonSchema {
  readonly properties?: Record<string, JsonSchema>;
  readonly additionalProperties?: JsonSchema | boolean;
}

function pathsIn(value: unknown, prefix = ''): string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [prefix.slice(0, -1)];
  return Object.entries(value).flatMap(([name, child]) => pathsIn(child, `${prefix}${name}.`));
}

describe('docs/configuration.md', () => {
  it('shows an example that is accepted', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'headgate-'));
    try {
      const file = path.join(folder, 'headgate.yaml');
      writeFileSync(file, example);
      expect(readConfig(file, {}).gateway.subgraphs.byName['products']?.timeoutMs).toBe(3000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('names every key', () => {
    const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
    // What excludes something of the example is in a block of its own.
    const shown = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
      pathsIn(parseYaml(block)),
    );
    // One subgraph stands for all: what is shown of any of them holds for the others.
    const general = new Set(shown.map(generalise));
    expect(
      keysOf(schema, '')
        .map(generalise)
        .filter((key) => !general.has(key) && !key.startsWith('gateway.subgraphs.byName.')),
    ).toEqual([]);
  });

  it('gives the defaults as they are', () => {
    const defaults = configSchema.parse({}) as unknown as Record<string, unknown>;
    const documented = parseYaml(example) as Record<string, unknown>;
    const wrong = pathsIn(defaults).filter(
      (key) =>
        JSON.stringify(valueAt(defaults, key)) !== JSON.stringify(valueAt(documented, key)) &&
        !key.endsWith('byName'),
    );
    expect(wrong).toEqual([]);
  });

  it('names every environment variable and its key', () => {
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\| `([\w.]+)` +\|$/gm)].map(([, name, key]) => [
      name,
      key,
    ]);
    expect(rows).toEqual(
      Object.entries(ENVIRONMENT_KEYS).map(([name, { path: key }]) => [name, key.join('.')]),
    );
  });
});

function generalise(key: string): string {
  return key.replace(/^subgraphs\.(products|inventory|orders)\./, 'subgraphs.*.');
}

function valueAt(value: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
}
