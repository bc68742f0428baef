import { GraphQLError } from 'graphql';
import { executionCodes } from '../codes.js';
import { getOwn, isJsonObject, type JsonObject, setOwn } from '../json.js';
import type { ObjectFields, ObjectShape, ValueShape } from './shapes.js';

export interface ProjectionResult {
  readonly data: JsonObject | null;
  /** Values that do not fit the schema, each with its path. */
  readonly errors: readonly GraphQLError[];
}

/** A null that an error explains already; a non-null parent adds no error of its own. */
const explainedNull = Symbol('explained null');
/** A non-null value that is null: the parent becomes null. */
const bubble = Symbol('bubble');

type Completed = unknown;

interface State {
  readonly path: (string | number)[];
  readonly errors: GraphQLError[];
  readonly introspection: JsonObject;
}

function report(state: State, message: string): void {
  const extensions = { code: executionCodes.invalidValue };
  state.errors.push(new GraphQLError(message, { path: [...state.path], extensions }));
}

function describe(state: State, shape: ValueShape, parentTypeName: string): string {
  const last = state.path.at(-1);
  return typeof last === 'number'
    ? `array element of type ${shape.typeName} at index ${last}`
    : `field ${parentTypeName}.${last ?? ''}`;
}

function completeList(
  shape: Extract<ValueShape, { kind: 'list' }>,
  value: unknown,
  parentTypeName: string,
  state: State,
): Completed {
  if (!Array.isArray(value)) {
    report(state, `Invalid non-list value found for ${describe(state, shape, parentTypeName)}.`);
    return explainedNull;
  }
  let isBroken = false;
  const completed = value.map((element: unknown, index) => {
    state.path.push(index);
    const item = complete(shape.of, element, parentTypeName, state);
    state.path.pop();
    isBroken ||= item === bubble;
    return item === explainedNull ? null : item;
  });
  return isBroken ? explainedNull : completed;
}

function completeObject(
  shape: Extract<ValueShape, { kind: 'object' }>,
  value: unknown,
  parentTypeName: string,
  state: State,
): Completed {
  if (!isJsonObject(value)) {
    report(state, `Invalid non-object value found for ${describe(state, shape, parentTypeName)}.`);
    return explainedNull;
  }
  const typename = value['__typename'];
  const fields =
    typename === undefined || typename === null || typeof typename === 'string'
      ? shape.object.fieldsFor(typename ?? undefined)
      : undefined;
  if (fields === undefined) {
    report(state, `Invalid __typename found for object at ${describe(state, shape, parentTypeName)}.`);
    return explainedNull;
  }
  return completeFields(fields, value, state) ?? explainedNull;
}

/** `undefined` when a null bubbled up to this object. */
function completeFields(
  { fields, typename, typeName }: ObjectFields,
  value: JsonObject,
  state: State,
): JsonObject | undefined {
  const result: JsonObject = {};
  for (const field of fields) {
    const { responseName, sourceName } = field;
    if (field.value === 'introspection') {
      setOwn(result, responseName, getOwn(state.introspection, sourceName) ?? null);
      continue;
    }
    state.path.push(responseName);
    let completed: Completed;
    if (field.value !== 'typename') {
      completed = complete(field.value, getOwn(value, sourceName), typeName, state);
    } else if (typename === undefined) {
      report(state, `The concrete type is not known of an object of type ${typeName}.`);
      completed = bubble;
    } else {
      completed = typename;
    }
    state.path.pop();
    if (completed === bubble) {
      return undefined;
    }
    setOwn(result, responseName, completed === explainedNull ? null : completed);
  }
  return result;
}

function completeNullable(
  shape: ValueShape,
  value: unknown,
  parentTypeName: string,
  state: State,
): Completed {
  if (value === undefined || value === null) {
    return null;
  }
  switch (shape.kind) {
    case 'leaf':
      if (shape.check(value)) {
        return value;
      }
      report(state, `Invalid value found for ${describe(state, shape, parentTypeName)}.`);
      return explainedNull;
    case 'list':
      return completeList(shape, value, parentTypeName, state);
    case 'object':
      return completeObject(shape, value, parentTypeName, state);
  }
}

function complete(shape: ValueShape, value: unknown, parentTypeName: string, state: State): Completed {
  const completed = completeNullable(shape, value, parentTypeName, state);
  if (!shape.nonNull || (completed !== null && completed !== explainedNull)) {
    return completed;
  }
  if (completed === null) {
    report(state, `Cannot return null for non-nullable ${describe(state, shape, parentTypeName)}.`);
  }
  return bubble;
}

/**
 * Shapes the result tree as the operation selects and the API schema allows, by the specification's value completion:
 * a null in a non-null place takes the nearest nullable parent with it.
 */
export function projectExactly(
  shape: ObjectShape,
  root: JsonObject,
  introspection: JsonObject,
): ProjectionResult {
  const state: State = { path: [], errors: [], introspection };
  const fields = shape.fieldsFor(undefined);
  const data = fields && completeFields(fields, root, state);
  return { data: data ?? null, errors: state.errors };
}
