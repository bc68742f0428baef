import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { DatabaseMonitor } from '../database/databaseMonitor.js';
import { knownLabel, limitedLabel } from './boundedLabel.js';
import { REQUEST_SECONDS } from './buckets.js';

const COMMANDS = [
  ...['find', 'aggregate', 'count', 'distinct', 'getMore', 'insert', 'update', 'delete', 'findAndModify'],
  ...['commitTransaction', 'abortTransaction', 'killCursors', 'ping', 'endSessions'],
];

/** More members than a replica set can have. */
const MAX_MEMBERS = 50;

export function createDatabaseMetrics(registry: Registry): DatabaseMonitor {
  const registers = [registry];
  const commands = new Histogram({
    name: 'headgate_mongodb_command_duration_seconds',
    help: 'Commands to MongoDB, from sending to the answer. getMore of a change stream waits for changes.',
    labelNames: ['command', 'outcome'],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const connections = new Gauge({
    name: 'headgate_mongodb_connections',
    help: 'Connections to MongoDB that are open, and those among them that an operation has.',
    labelNames: ['state'],
    registers,
  });
  const waits = new Histogram({
    name: 'headgate_mongodb_connection_wait_seconds',
    help: 'How long operations waited for a free connection.',
    buckets: REQUEST_SECONDS,
    registers,
  });
  const refused = new Counter({
    name: 'headgate_mongodb_connections_refused_total',
    help: 'Operations that got no connection in time.',
    registers,
  });
  const lag = new Gauge({
    name: 'headgate_mongodb_member_lag_seconds',
    help: 'How far a secondary is behind the primary, by what both said last. None behind mongos, which hides them.',
    labelNames: ['member'],
    registers,
  });
  const commandLabel = knownLabel(COMMANDS);
  const memberLabel = limitedLabel(MAX_MEMBERS);
  for (const state of ['open', 'used']) connections.set({ state }, 0);
  return {
    commandEnded: (name, outcome, durationMs) =>
      commands.observe({ command: commandLabel(name), outcome }, durationMs / 1000),
    connectionOpened: () => connections.inc({ state: 'open' }),
    connectionClosed: () => connections.dec({ state: 'open' }),
    connectionTaken(waitedMs) {
      connections.inc({ state: 'used' });
      waits.observe(waitedMs / 1000);
    },
    connectionReturned: () => connections.dec({ state: 'used' }),
    connectionRefused: () => refused.inc(),
    memberSeen: (address, lagMs) => lag.set({ member: memberLabel(address) }, lagMs / 1000),
  };
}
