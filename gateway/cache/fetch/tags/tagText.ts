/** What a tag can be made of: values of these types have one text, whoever writes it. */
export type TagValue = string | number | boolean;

export function isTagValue(value: unknown): value is TagValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** A value inside a tag: percent-encoded, so that separators, spaces and commas in it stay its own. */
export function tagValueText(value: TagValue): string {
  const text = String(value);
  try {
    return encodeURIComponent(text);
  } catch {
    // Half of a surrogate pair, which JSON can carry: written as UTF-8 it becomes U+FFFD.
    return encodeURIComponent(Buffer.from(text).toString());
  }
}

/**
 * The fixed part of a tag, or a tag that a subgraph chose: only what would break a list of tags is encoded. Half of a
 * surrogate pair is what it becomes on its way through Redis, so that memory knows it by the same name.
 */
export function tagLiteral(text: string): string {
  return text.replaceAll(/[\s,]/g, encodeURIComponent).replaceAll(/\p{Surrogate}/gu, '\ufffd');
}

/** The tag of one entity under one of its keys, such as `Stock:productId=p1&shop=7`; pairs come sorted by name. */
export function entityTag(typename: string, pairs: readonly (readonly [string, TagValue])[]): string {
  return `${typename}:${pairs.map(([name, value]) => `${name}=${tagValueText(value)}`).join('&')}`;
}
