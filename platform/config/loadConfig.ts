import { readFileSync } from 'node:fs';
import { type Document, LineCounter, parseDocument, parse as parseYaml, Scalar, visit } from 'yaml';
import type { z } from 'zod';
import { ConfigError } from './configError.js';

/** One environment variable that sets one key, over what the file says. */
export interface EnvironmentKey {
  readonly path: readonly string[];
  /** @default 'string' */
  readonly type?: 'string' | 'number' | 'boolean';
}

export interface LoadConfigOptions<S extends z.ZodType> {
  readonly schema: S;
  /** Path of a YAML file; without it, environment and defaults decide. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly environmentKeys: Readonly<Record<string, EnvironmentKey>>;
}

/**
 * Reads the file, expands `${VAR}` and `${VAR:-default}` in its values, lays the environment over it, validates.
 * @throws ConfigError that names, for each fault, file and line (or variable), key, and what was expected
 */
export function loadConfig<S extends z.ZodType>(options: LoadConfigOptions<S>): z.infer<S> {
  const source = options.file === undefined ? undefined : readDocument(options.file, options.env);
  const value: unknown = source?.value ?? {};
  const fromEnvironment = applyEnvironment(value, options);
  const result = options.schema.safeParse(value);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.flatMap((issue) => {
      const base = issue.path.map(String);
      const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...base, key]) : [base];
      return paths.map((path) => {
        const key = path.join('.');
        const place = fromEnvironment.get(key) ?? source?.placeOf(path) ?? 'configuration';
        const fault = issue.code === 'unrecognized_keys' ? 'there is no such key' : issue.message;
        return `${place}: ${key || '(top level)'}: ${fault}`;
      });
    }),
  );
}

interface Source {
  readonly value: unknown;
  placeOf(path: readonly string[]): string;
}

function readDocument(file: string, env: LoadConfigOptions<z.ZodType>['env']): Source {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError([`${file}: cannot be read (${(cause as NodeJS.ErrnoException).code})`]);
  }
  const lines = new LineCounter();
  // Its warnings would be printed past our log; a key that is no text is refused as an unknown one anyway.
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'error' });
  const place = (offset: number) => `${file}:${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map(({ pos, message }) => `${place(pos[0])}: ${withoutPlace(message)}`),
    );
  }
  const missing: string[] = [];
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string' || !node.value.includes('${')) return;
      const expanded = expand(node.value, env, (name) =>
        missing.push(`${place(node.range?.[0] ?? 0)}: the environment variable ${name} is not set`),
      );
      // An unquoted value is read as YAML would have read it: `port: ${PORT:-4000}` is a number.
      node.value = node.type === Scalar.PLAIN ? plainValue(expanded) : expanded;
    },
  });
  if (missing.length > 0) throw new ConfigError(missing);
  return {
    value: plainOf(document, file),
    placeOf(path) {
      for (let length = path.length; length >= 0; length--) {
        const node = document.getIn(path.slice(0, length).map(numeric), true) as
          | { range?: [number] }
          | null
          | undefined;
        if (node?.range) return place(node.range[0]);
      }
      return file;
    },
  };
}

/** The first line of what the parser says; where it is stands before it already. */
function withoutPlace(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:$/, '');
}

/** Aliases are followed only now: one that leads nowhere, or too many inside of each other, are faults of the file. */
function plainOf(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new ConfigError([`${file}: ${(cause as Error).message.split('\n')[0]}`]);
  }
}

function expand(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  onMissing: (name: string) => void,
): string {
  return text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_all, name: string, fallback: string | undefined) => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    // As in a shell, `:-` also stands in for a variable that is set to nothing.
    if (value !== undefined && (value !== '' || fallback === undefined)) return value;
    if (fallback === undefined) onMissing(name);
    return fallback ?? '';
  });
}

/** Numbers and booleans alone: a variable's text is never read as structure, a comment, an anchor or a tag. */
function plainValue(text: string): unknown {
  if (!/^[\w.+-]+$/.test(text)) return text;
  const value: unknown = parseYaml(text);
  return typeof value === 'number' || typeof value === 'boolean' ? value : text;
}

function numeric(part: string): string | number {
  return /^\d+$/.test(part) ? Number(part) : part;
}

function applyEnvironment(value: unknown, options: LoadConfigOptions<z.ZodType>): Map<string, string> {
  const origins = new Map<string, string>();
  // What the file says wrongly stays for validation to tell.
  if (!isMapping(value)) return origins;
  for (const [name, { path, type = 'string' }] of Object.entries(options.environmentKeys)) {
    const text = options.env[name];
    if (text === undefined || text === '') continue;
    let target: unknown = value;
    for (const part of path.slice(0, -1)) {
      if (!isMapping(target)) break;
      target = target[part] ??= {};
    }
    if (!isMapping(target)) continue;
    target[path.at(-1) as string] = typed(text, type);
    origins.set(path.join('.'), `environment ${name}`);
  }
  return origins;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function typed(text: string, type: EnvironmentKey['type']): unknown {
  if (type === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (type === 'boolean' && /^(true|false|1|0)$/.test(text)) return text === 'true' || text === '1';
  return text;
}
