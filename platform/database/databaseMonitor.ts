/** Told what happens between a process and its MongoDB. Nothing of it names a value of a document. */
export interface DatabaseMonitor {
  commandEnded(name: string, outcome: 'succeeded' | 'failed', durationMs: number): void;
  connectionOpened(): void;
  connectionClosed(): void;
  /** An operation got its connection after waiting this long. */
  connectionTaken(waitedMs: number): void;
  connectionReturned(): void;
  /** An operation got none in time. */
  connectionRefused(): void;
  /** By the servers' own words, each few seconds: how far this secondary is behind the primary. */
  memberSeen(address: string, lagMs: number): void;
}
