import { WebSocket } from 'ws';
import type { ClientsCommand, ClientsReport } from './clients.js';
import { nameOf, preciseNow, TOPIC_CHANGED } from './topicGraph.js';

/** The clients of the bench of subscribers, in a process of their own: what they need is not the gateway's. */
const open: WebSocket[] = [];
let delays: number[] = [];
let wrong = 0;
let firstWrong: string | undefined;

function isWrong(what: string): void {
  wrong += 1;
  firstWrong ??= what;
}

function note(text: string): void {
  const { type, payload } = JSON.parse(text) as {
    type: string;
    payload?: { data?: { topicChanged: { id: string; sentAt: number; name: string } } };
  };
  if (type !== 'next') return;
  const event = payload?.data?.topicChanged;
  if (event === undefined || event.name !== nameOf(event.id)) isWrong(text);
  else delays.push(preciseNow() - event.sentAt);
}

function connect(url: string, topic: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    socket.once('error', reject);
    socket.once('close', (code) => isWrong(`closed with ${code}`));
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
    socket.once('message', () => {
      const payload = { query: TOPIC_CHANGED, variables: { id: topic } };
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
      socket.on('message', (data) => note(String(data)));
      open.push(socket);
      resolve();
    });
  });
}

async function grow({ url, subscribers, topics }: ClientsCommand & { kind: 'grow' }): Promise<void> {
  while (open.length < subscribers) {
    const first = open.length;
    const count = Math.min(50, subscribers - first);
    await Promise.all(
      Array.from({ length: count }, (_, index) => connect(url, String((first + index) % topics))),
    );
  }
}

process.on('message', (command: ClientsCommand) => {
  const answer = (report: ClientsReport) => process.send?.(report);
  if (command.kind === 'grow') void grow(command).then(() => answer({ delays: [], wrong, firstWrong }));
  else if (command.kind === 'forget') {
    delays = [];
    answer({ delays, wrong, firstWrong });
  } else answer({ delays, wrong, firstWrong });
});
process.once('disconnect', () => process.exit());
