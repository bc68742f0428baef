import { useSyncExternalStore } from 'react';
import type { LargeResult, LiveRun, Run } from './run';

export interface ExplorerState {
  readonly run: Run | undefined;
  /** Of the same operation with the same variables, so that both can be compared. */
  readonly previous: Run | undefined;
  readonly live: LiveRun | undefined;
  readonly large: LargeResult | undefined;
  readonly isTracing: boolean;
  readonly transport: LiveRun['transport'];
  /** Opens traces and the schema. */
  readonly explorerToken: string;
  /** Opens purging. */
  readonly adminToken: string;
  /** What was just done, for the eye and for screen readers. */
  readonly notice: string;
}

/** Tokens live as long as the browser's tab: they are nothing to leave behind on a disk. */
const kept = (name: string): string => sessionStorage.getItem(`headgate:${name}`) ?? '';

let state: ExplorerState = {
  run: undefined,
  previous: undefined,
  live: undefined,
  large: undefined,
  isTracing: true,
  transport: 'WebSocket',
  explorerToken: kept('explorerToken'),
  adminToken: kept('adminToken'),
  notice: '',
};
const listeners = new Set<() => void>();

export function readState(): ExplorerState {
  return state;
}

export function changeState(change: Partial<ExplorerState>): void {
  state = { ...state, ...change };
  for (const listener of listeners) listener();
}

export function keepToken(name: 'explorerToken' | 'adminToken', token: string): void {
  sessionStorage.setItem(`headgate:${name}`, token);
  changeState({ [name]: token });
}

/** Takes the place of the last run, which stays to compare with if it was of the same operation. */
export function showRun(run: Run): void {
  const last = state.run;
  const isSame =
    last !== undefined &&
    last.sent.query === run.sent.query &&
    JSON.stringify(last.sent.variables) === JSON.stringify(run.sent.variables);
  changeState({ run, previous: isSame ? last : undefined, live: undefined });
}

export function useExplorerState(): ExplorerState {
  return useSyncExternalStore(subscribe, readState);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
