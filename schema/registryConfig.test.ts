import { registryConfigSchema } from './registryConfig.js';

describe('the configuration of the registry', () => {
  const token = (text: string) =>
    registryConfigSchema.safeParse({ tokens: [{ name: 'ops', role: 'admin', token: text }] }).success;

  it.each(['sixteen characters with spaces', 'sixteen-characters\n', 'sechzehn-zeichen-für-uns'])(
    'has no token that nobody could send: %j',
    (text) => {
      expect(token(text)).toBe(false);
    },
  );

  it('has no token that could be guessed', () => {
    expect(token('fifteen-letters')).toBe(false);
  });

  it('has tokens of whatever else can be sent', () => {
    expect(token('aB3-._~+/=!%&{"}"')).toBe(true);
  });
});
