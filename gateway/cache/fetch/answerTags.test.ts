import { readAnswerTags } from './answerTags.js';

describe('tags that a subgraph puts on its answer', () => {
  it('are those of the answer and those of each entity, ours and those of Apollo Router', () => {
    const extensions = {
      headgate: { cacheTags: ['a'], entityCacheTags: [['x'], []] },
      apolloCacheTags: ['b c'],
      apolloEntityCacheTags: [[], ['y,z']],
    };
    expect(readAnswerTags(extensions, 2)).toEqual({ shared: ['a', 'b%20c'], byEntity: [['x'], ['y%2Cz']] });
  });

  it.each([undefined, null, 'text', {}, { headgate: null }, { headgate: 7 }, { apolloCacheTags: null }])(
    '%j has none',
    (extensions) => {
      expect(readAnswerTags(extensions, 1)).toEqual({ shared: [], byEntity: [] });
    },
  );

  it.each([
    { headgate: { cacheTags: 'a' } },
    { headgate: { cacheTags: [1] } },
    { headgate: { cacheTags: [''] } },
    { headgate: { cacheTags: ['x'.repeat(2_000)] } },
    { headgate: { entityCacheTags: [['x']] } },
    { headgate: { entityCacheTags: ['x', 'y'] } },
    { apolloEntityCacheTags: {} },
  ])('%j cannot be understood, so the answer must not be kept', (extensions) => {
    expect(readAnswerTags(extensions, 2).fault).toBeDefined();
  });
});
