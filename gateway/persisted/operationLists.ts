import { hash } from 'node:crypto';
import type { OperationList } from './readOperationList.js';

export interface NamedList {
  /** Whose list it is; `undefined` for everybody's. */
  readonly client: string | undefined;
  readonly list: OperationList;
}

interface Scope {
  readonly texts: Map<string, string>;
  readonly listed: Set<string>;
}

/** All lists at one moment. */
export class OperationLists {
  /** Equal for lists with equal contents, in whatever process. */
  readonly version: string;
  readonly size: number;
  readonly #everybody = emptyScope();
  readonly #byClient = new Map<string, Scope>();

  /** @throws Error when an id stands for two operations */
  constructor(lists: readonly NamedList[]) {
    for (const { client, list } of lists) {
      const scope = this.#scopeFor(client);
      for (const [id, text] of list) {
        const known = scope.texts.get(id);
        if (known !== undefined && known !== text) {
          throw new Error(`the id ${id} stands for two operations on two lists`);
        }
        scope.texts.set(id, text);
        scope.listed.add(text);
      }
    }
    const scopes = [[undefined, this.#everybody] as const, ...this.#byClient];
    this.size = scopes.reduce((sum, [, { texts }]) => sum + texts.size, 0);
    const contents = scopes.map(([client, { texts }]) => [client ?? null, [...texts].sort(byId)]);
    this.version = hash('sha256', JSON.stringify(contents), 'base64url');
  }

  /** The text of an id, on the client's own lists or on everybody's. */
  find(id: string, client: string): string | undefined {
    return this.#byClient.get(client)?.texts.get(id) ?? this.#everybody.texts.get(id);
  }

  lists(text: string, client: string): boolean {
    return this.#byClient.get(client)?.listed.has(text) === true || this.#everybody.listed.has(text);
  }

  #scopeFor(client: string | undefined): Scope {
    if (client === undefined) return this.#everybody;
    const known = this.#byClient.get(client);
    if (known !== undefined) return known;
    const scope = emptyScope();
    this.#byClient.set(client, scope);
    return scope;
  }
}

function emptyScope(): Scope {
  return { texts: new Map(), listed: new Set() };
}

function byId([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
