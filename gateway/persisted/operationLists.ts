import { hash } from 'node:crypto';
import type { OperationList } from './readOperationList.js';

export interface NamedList {
  /** Whose list it is; `undefined` for everybody's. */
  readonly client: string | undefined;
  readonly list: OperationList;
}

/** An id on the lists of a client, or on everybody's. */
export interface ListedId {
  readonly client: string | undefined;
  readonly id: string;
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
  /** The ids that were left out, since they stand for something else. */
  readonly clashes: readonly ListedId[];
  readonly #everybody = emptyScope();
  readonly #byClient = new Map<string, Scope>();

  /**
   * @param yielding lists of which an id is left out where it stands for another operation already
   * @throws Error when an id stands for two operations on `lists`
   */
  constructor(lists: readonly NamedList[], yielding: readonly NamedList[] = []) {
    const [clash] = this.#add(lists);
    if (clash !== undefined) throw new Error(`the id ${clash.id} stands for two operations on two lists`);
    this.clashes = this.#add(yielding);
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

  /** @returns what was left out, since it stands for another operation */
  #add(lists: readonly NamedList[]): ListedId[] {
    const clashes: ListedId[] = [];
    for (const { client, list } of lists) {
      const { texts, listed } = this.#scopeFor(client);
      for (const [id, text] of list) {
        if ((texts.get(id) ?? text) !== text) {
          clashes.push({ client, id });
          continue;
        }
        texts.set(id, text);
        listed.add(text);
      }
    }
    return clashes;
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
