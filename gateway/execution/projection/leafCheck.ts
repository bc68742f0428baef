import { type GraphQLLeafType, isEnumType, isSpecifiedScalarType } from 'graphql';

/** Whether a value that a subgraph gave may be sent for a leaf. Null is not asked. */
export type LeafCheck = (value: unknown) => boolean;

/** What `String(value)` writes without a fraction or an exponent. */
function isIntegral(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 1e21;
}

const checks: Readonly<Record<string, LeafCheck>> = {
  Boolean: (value) => typeof value === 'boolean',
  Int: isIntegral,
  Float: (value) => typeof value === 'number' && Number.isFinite(value),
  String: (value) => typeof value === 'string',
  // A subgraph may write its ids as numbers; they are passed on as they are.
  ID: (value) => typeof value === 'string' || isIntegral(value),
};

/** Custom scalars are the subgraph's affair. An enum value has to be one that the API schema shows. */
export function leafCheck(type: GraphQLLeafType): LeafCheck {
  if (isEnumType(type)) {
    const names = new Set(type.getValues().map((value) => value.name));
    return (value) => typeof value === 'string' && names.has(value);
  }
  const check = isSpecifiedScalarType(type) ? checks[type.name] : undefined;
  return check ?? (() => true);
}

/** `text` if every string is a valid value and nothing else is: the check is cheap enough to be inlined. */
export type LeafKind = 'text' | 'other';

export function leafKind(type: GraphQLLeafType): LeafKind {
  return isSpecifiedScalarType(type) && type.name === 'String' ? 'text' : 'other';
}
