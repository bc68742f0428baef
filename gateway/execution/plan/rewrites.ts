import type { FetchDataRewrite } from '@apollo/query-planner';
import { getOwn, isJsonObject, type JsonObject, setOwn } from '../json.js';
import type { TypeConditions } from '../typeConditions.js';

/** Changes a representation before it is sent, or an answer before it is merged, in place. */
export type Rewriter = (value: unknown) => void;

const fragmentPrefix = '... on ';

function compileChange(rewrite: FetchDataRewrite, field: string): (object: JsonObject) => void {
  if (rewrite.kind === 'ValueSetter') {
    const value: unknown = rewrite.setValueTo;
    return (object) => setOwn(object, field, value);
  }
  const newName = rewrite.renameKeyTo;
  return (object) => {
    const value = getOwn(object, field);
    if (value !== undefined) {
      setOwn(object, newName, value);
      // Not deleted: that would turn the object into a slow dictionary. Undefined counts as absent everywhere.
      setOwn(object, field, undefined);
    }
  };
}

function compileRewrite(rewrite: FetchDataRewrite, conditions: TypeConditions): Rewriter {
  const field = rewrite.path.at(-1);
  if (field === undefined) {
    return () => undefined;
  }
  let apply: Rewriter = compileChange(rewrite, field) as Rewriter;
  for (const element of rewrite.path.slice(0, -1).reverse()) {
    const inner = throughLists(apply);
    if (element.startsWith(fragmentPrefix)) {
      const condition = element.slice(fragmentPrefix.length);
      apply = (object) => {
        const typename = (object as JsonObject)['__typename'];
        // Without a type name the planner knew the type: it asks for the name wherever it could differ.
        if (typeof typename !== 'string' || conditions.matches(typename, condition)) {
          inner(object);
        }
      };
    } else {
      apply = (object) => inner(getOwn(object as JsonObject, element));
    }
  }
  return throughLists(apply);
}

function throughLists(apply: Rewriter): Rewriter {
  const rewriter: Rewriter = (value) => {
    if (Array.isArray(value)) {
      value.forEach(rewriter);
    } else if (isJsonObject(value)) {
      apply(value);
    }
  };
  return rewriter;
}

/** One function for all rewrites of a fetch, in their order; `undefined` when there is nothing to do. */
export function compileRewrites(
  rewrites: readonly FetchDataRewrite[] | undefined,
  conditions: TypeConditions,
): Rewriter | undefined {
  if (rewrites === undefined || rewrites.length === 0) {
    return undefined;
  }
  const compiled = rewrites.map((rewrite) => compileRewrite(rewrite, conditions));
  return (value) => {
    for (const rewrite of compiled) {
      rewrite(value);
    }
  };
}
