/** A working folder in which the subgraphs take any free ports, so that processes do not meet. */
export const ANY_PORTS: Readonly<Record<string, string>> = {
  'headgate.yaml': `registry: { port: 0 }
subgraphs:
  products: { port: 0 }
  inventory: { port: 0 }
  orders: { port: 0 }
`,
};
