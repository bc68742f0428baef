import { getOwn, type JsonObject } from '../json.js';
import type { FieldShape, ObjectShape, ValueShape } from './shapes.js';

/** Writes the JSON of a result in which every value fits the schema; `undefined` for any other. */
export type FastWriter = (root: JsonObject, introspection: JsonObject) => string | undefined;

/** What a writer needs beside the value. */
interface Pass {
  readonly introspection: JsonObject;
  /** Text of lists that were written already, by their writer. */
  readonly done: Map<unknown, Map<readonly unknown[], string>>;
}

/** `undefined`: the value does not fit. */
type Write = (value: unknown, pass: Pass) => string | undefined;

/** What JSON escapes, and halves of surrogate pairs, of which only the engine knows whether they are whole. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

const OPENING = '['.charCodeAt(0);

/** Of a value that fits. */
function leafText(value: unknown): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}

function compileLeaf({ check, nonNull }: Extract<ValueShape, { kind: 'leaf' }>): Write {
  const whenNull = nonNull ? undefined : 'null';
  return (value) => {
    if (value === null || value === undefined) return whenNull;
    return check(value) ? leafText(value) : undefined;
  };
}

function compileList({ of, nonNull }: Extract<ValueShape, { kind: 'list' }>): Write {
  const whenNull = nonNull ? undefined : 'null';
  const writeItem = compileValue(of);
  const writeItems = (items: readonly unknown[], pass: Pass): string | undefined => {
    let text = '[';
    for (const item of items) {
      const written = writeItem(item, pass);
      if (written === undefined) return undefined;
      text += text === '[' ? written : `,${written}`;
    }
    return `${text}]`;
  };
  return (value, pass) => {
    if (value === null || value === undefined) return whenNull;
    if (!Array.isArray(value)) return undefined;
    let done = pass.done.get(writeItem);
    if (done === undefined) {
      done = new Map();
      pass.done.set(writeItem, done);
    }
    const known = done.get(value);
    // To look at a character makes one piece of a text that is many: what repeats is put together once, not each time.
    if (known !== undefined) return known.charCodeAt(0) === OPENING ? known : undefined;
    const written = writeItems(value, pass);
    if (written !== undefined) done.set(value, written);
    return written;
  };
}

function compileField({ value, sourceName }: FieldShape, typename: string | undefined): Write {
  if (value === 'typename') {
    const text = typename === undefined ? undefined : JSON.stringify(typename);
    return () => text;
  }
  if (value === 'introspection') {
    return (_value, { introspection }) => JSON.stringify(getOwn(introspection, sourceName) ?? null);
  }
  return compileValue(value);
}

/** Source that leaves the text of field `index` in `a<index>`, or returns because it does not fit. */
function fieldSource({ sourceName, value }: FieldShape, index: number): string {
  const name = JSON.stringify(sourceName);
  const read = sourceName in Object.prototype ? `own(v,${name})` : `v[${name}]`;
  if (typeof value !== 'object' || value.kind !== 'leaf' || value.scalar !== 'text') {
    return `const a${index}=f${index}(${read},p);if(a${index}===undefined)return undefined;`;
  }
  const whenNull = value.nonNull ? 'return undefined' : `a${index}="null"`;
  return `let a${index}=${read};if(typeof a${index}==="string")a${index}=quote(a${index});else{if(a${index}!=null)return undefined;${whenNull};}`;
}

/** One function per object type, generated, as `generateProjection` does. Only names of fields, quoted, enter the source. */
function generate(fields: readonly FieldShape[], typename: string | undefined): Write {
  const parameters = fields.map((_field, index) => `f${index}`);
  const statements = fields.map(fieldSource);
  const parts = fields.map(({ responseName }, index) => {
    const before = `${index === 0 ? '{' : ','}${JSON.stringify(responseName)}:`;
    return `${JSON.stringify(before)}+a${index}`;
  });
  const result = parts.length === 0 ? '"{}"' : `${parts.join('+')}+"}"`;
  const body = `return function(v,p){${statements.join('')}return ${result};}`;
  const create = new Function('own', 'quote', ...parameters, body) as (...args: unknown[]) => Write;
  return create(getOwn, quote, ...fields.map((field) => compileField(field, typename)));
}

function compileObject(shape: ObjectShape): Write {
  const writeByTypename = new Map<unknown, Write>();
  return (value, pass) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const typename = (value as JsonObject)['__typename'] ?? undefined;
    let write = writeByTypename.get(typename);
    if (write === undefined) {
      const object =
        typename === undefined || typeof typename === 'string' ? shape.fieldsFor(typename) : undefined;
      if (object === undefined) return undefined;
      write = generate(object.fields, object.typename);
      writeByTypename.set(typename, write);
    }
    return write(value, pass);
  };
}

function compileValue(shape: ValueShape): Write {
  switch (shape.kind) {
    case 'leaf':
      return compileLeaf(shape);
    case 'list':
      return compileList(shape);
    case 'object': {
      const whenNull = shape.nonNull ? undefined : 'null';
      const write = compileObject(shape.object);
      return (value, pass) => (value === null || value === undefined ? whenNull : write(value, pass));
    }
  }
}

/**
 * Compiles the shape of a response to a function that writes its JSON, for results in which lists stand in several
 * places: each is written once and its text repeated. Graphs that lead back to where they came from (reviews of a
 * product, of their author, of their products …) give answers that are mostly repetition. Without that, the
 * engine's own `JSON.stringify` over a projected result is faster.
 */
export function generateWriter(shape: ObjectShape): FastWriter {
  let write: Write | undefined;
  return (root, introspection) => {
    if (write === undefined) {
      const object = shape.fieldsFor(undefined);
      write = object && generate(object.fields, object.typename);
    }
    return write?.(root, { introspection, done: new Map() });
  };
}
