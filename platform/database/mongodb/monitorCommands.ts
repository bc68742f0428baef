import type { MongoClient } from 'mongodb';

export type CommandEvent =
  | {
      readonly phase: 'started';
      readonly requestId: number;
      readonly name: string;
      readonly database: string;
      /** As sent. Contains the values of filters and documents: not for logs. */
      readonly command: Readonly<Record<string, unknown>>;
    }
  | {
      readonly phase: 'succeeded' | 'failed';
      readonly requestId: number;
      readonly name: string;
      readonly durationMs: number;
    };

export type CommandListener = (event: CommandEvent) => void;

/** The client must have been made with `monitorCommands`. */
export function monitorCommands(client: MongoClient, listener: CommandListener): void {
  client.on('commandStarted', ({ requestId, commandName, databaseName, command }) =>
    listener({ phase: 'started', requestId, name: commandName, database: databaseName, command }),
  );
  client.on('commandSucceeded', ({ requestId, commandName, duration }) =>
    listener({ phase: 'succeeded', requestId, name: commandName, durationMs: duration }),
  );
  client.on('commandFailed', ({ requestId, commandName, duration }) =>
    listener({ phase: 'failed', requestId, name: commandName, durationMs: duration }),
  );
}
