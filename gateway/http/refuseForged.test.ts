import { refuseForged } from './refuseForged.js';

describe('a request that a page of somebody else could have forged', () => {
  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['plain text', { 'content-type': 'text/plain' }],
    ['plain text that names another type', { 'content-type': 'Text/Plain ; application/json' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a form with files', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['an empty header', { 'apollo-require-preflight': '' }],
    ['a page of another origin', { 'sec-fetch-site': 'cross-site' }],
    ['a page of the same site', { 'sec-fetch-site': 'same-site' }],
  ])('is refused with %s', (_what, headers) => {
    expect(() => refuseForged(headers)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });

  it.each<[string, Record<string, string>]>([
    ['JSON', { 'content-type': 'application/json; charset=utf-8' }],
    ['a header that has to be asked for', { 'apollo-require-preflight': '1' }],
    ['the name of an operation', { 'x-apollo-operation-name': 'A', 'content-type': 'text/plain' }],
    ['a page of the same origin', { 'sec-fetch-site': 'same-origin' }],
  ])('is none with %s', (_what, headers) => {
    expect(() => refuseForged(headers)).not.toThrow();
  });
});
