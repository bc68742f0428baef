import type { ResponsePath } from '@apollo/query-planner';

/** One step down the result tree: into a field, or (`list`) into every element of a list. */
export type PathSegment =
  | { readonly kind: 'field'; readonly name: string; readonly types: ReadonlySet<string> | undefined }
  | { readonly kind: 'list'; readonly types: ReadonlySet<string> | undefined }
  /** No move: only the condition on what stands here. Occurs at the root. */
  | { readonly kind: 'here'; readonly types: ReadonlySet<string> | undefined };

const typeConditionMark = '|[';

/**
 * Splits a path of the planner into segments. With type conditioned fetching an element can end in `|[A,B]`: what
 * stands there is followed only if its runtime type is listed.
 */
export function parseResponsePath(path: ResponsePath): PathSegment[] {
  const segments: PathSegment[] = [];
  for (const element of path) {
    const text = String(element);
    const mark = text.indexOf(typeConditionMark);
    const name = mark === -1 ? text : text.slice(0, mark);
    const types =
      mark === -1
        ? undefined
        : new Set(
            text
              .slice(mark + typeConditionMark.length, -1)
              .split(',')
              .filter(Boolean),
          );
    if (name === '@') {
      segments.push({ kind: 'list', types });
    } else if (name !== '') {
      segments.push({ kind: 'field', name, types });
    } else if (types !== undefined) {
      segments.push({ kind: 'here', types });
    }
  }
  return segments;
}
