import type { MongoClient } from 'mongodb';
import { currentSpan } from '../../tracing/currentSpan.js';
import type { Span } from '../../tracing/tracing.js';
import type { DatabaseMonitor } from '../databaseMonitor.js';

/** Tells the monitor of commands, connections and members. The client must have been made with `monitorCommands`. */
export function monitorClient(client: MongoClient, monitor: DatabaseMonitor): void {
  client.on('commandSucceeded', ({ commandName, duration }) =>
    monitor.commandEnded(commandName, 'succeeded', duration),
  );
  client.on('commandFailed', ({ commandName, duration }) =>
    monitor.commandEnded(commandName, 'failed', duration),
  );
  client.on('connectionCreated', () => monitor.connectionOpened());
  client.on('connectionClosed', () => monitor.connectionClosed());
  client.on('connectionCheckedOut', ({ durationMS }) => monitor.connectionTaken(durationMS));
  client.on('connectionCheckedIn', () => monitor.connectionReturned());
  client.on('connectionCheckOutFailed', () => monitor.connectionRefused());
  monitorMembers(client, monitor);
}

/**
 * How far secondaries are behind, as drivers estimate it for `maxStalenessSeconds`: each server says when it last wrote,
 * and hears are moments apart, so each one's word is taken relative to when it was heard.
 */
function monitorMembers(client: MongoClient, monitor: DatabaseMonitor): void {
  let primaryAgeMs: number | undefined;
  client.on('serverHeartbeatSucceeded', ({ connectionId, reply }) => {
    const lastWriteDate: unknown = reply['lastWrite']?.lastWriteDate;
    if (!(lastWriteDate instanceof Date)) return;
    const ageMs = Date.now() - lastWriteDate.getTime();
    if (reply['isWritablePrimary'] === true) primaryAgeMs = ageMs;
    else if (reply['secondary'] === true && primaryAgeMs !== undefined) {
      monitor.memberSeen(connectionId, Math.max(0, ageMs - primaryAgeMs));
    }
  });
}

/** Each command within a traced request is a span: its name and collection, never its content. */
export function traceCommands(client: MongoClient): void {
  const spans = new Map<number, Span>();
  client.on('commandStarted', ({ requestId, commandName, databaseName, command, address }) => {
    const parent = currentSpan();
    if (parent === undefined) return;
    const collection: unknown = command[commandName];
    const attributes = {
      'db.system.name': 'mongodb',
      'db.namespace': databaseName,
      'db.operation.name': commandName,
      'server.address': address,
      ...(typeof collection === 'string' && { 'db.collection.name': collection }),
    };
    spans.set(requestId, parent.child(`mongodb ${commandName}`, attributes, 'client'));
  });
  const end = (requestId: number, error?: unknown) => {
    spans.get(requestId)?.end(error);
    spans.delete(requestId);
  };
  client.on('commandSucceeded', ({ requestId }) => end(requestId));
  client.on('commandFailed', ({ requestId }) => end(requestId, new Error('the command failed')));
}
