import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, type GraphQLSchema, parse, validate } from 'graphql';
import {
  buildSupergraph,
  type ShopSubgraph,
  shopSdls,
} from '../../../../test/support/fetchCache/shopGraph.js';
import type { JsonObject } from '../../../execution/json.js';
import type { FetchTags } from './compileFetchTags.js';
import { createFetchTagger } from './fetchTagger.js';

const tagger = createFetchTagger(buildSupergraph(shopSdls));
const schemas = Object.fromEntries(
  Object.entries(shopSdls).map(([name, typeDefs]) => [
    name,
    buildSubgraphSchema({ typeDefs: parse(typeDefs) }),
  ]),
) as Record<ShopSubgraph, GraphQLSchema>;

function compile(subgraph: ShopSubgraph, query: string): FetchTags {
  const tags = tagger.tagsFor(subgraph, query);
  if (tags === undefined) throw new Error('not compiled');
  expect(validate(schemas[subgraph], parse(tags.query)).map(({ message }) => message)).toEqual([]);
  return tags;
}

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** What the subgraph's own schema makes of the root value, once as asked and once as planned. */
async function answer(subgraph: ShopSubgraph, query: string, rootValue: object, variables: JsonObject = {}) {
  const tags = compile(subgraph, query);
  const run = async (text: string) => {
    const { data, errors } = await execute({
      schema: schemas[subgraph],
      document: parse(text),
      rootValue,
      variableValues: variables,
    });
    expect(errors).toBeUndefined();
    return plain(data) as JsonObject;
  };
  const [data, planned] = [await run(tags.query), await run(query)];
  const finding = tags.tagsOf(data, variables);
  return { tags: [...finding.tags].sort(), fault: finding.fault, data: plain(data), planned, finding };
}

const p1 = { __typename: 'Product', id: 'p1', sku: 'S 1', name: 'One' };
const p2 = { __typename: 'Product', id: 'p2', sku: 'S,2', name: 'Two' };
const tagsOfP1 = ['Product:id=p1', 'Product:sku=S%201', 'shelf:p1', 'type:Product'];
const tagsOfP2 = ['Product:id=p2', 'Product:sku=S%2C2', 'shelf:p2', 'type:Product'];

function sorted(...tags: readonly string[]): string[] {
  return [...new Set(tags)].sort();
}

describe('entities in a root answer', () => {
  it('are tagged under each of their keys, though the client asked for none, and nothing is left over', async () => {
    const { tags, data, planned, fault } = await answer('products', '{product{name}}', { product: p1 });
    expect(tags).toEqual(sorted('subgraph:products', 'product:id=p0', ...tagsOfP1));
    expect(data).toEqual(planned);
    expect(fault).toBeUndefined();
  });

  it('are found nested, in lists, in lists of lists, beside nulls', async () => {
    const root = {
      grid: [[{ ...p1, related: [null, p2] }, null], null, []],
      featured: { product: null },
    };
    const query = '{grid{name related{name}} featured{product{name}}}';
    const { tags, data, planned } = await answer('products', query, root);
    expect(tags).toEqual(sorted('subgraph:products', ...tagsOfP1, ...tagsOfP2));
    expect(data).toEqual(planned);
  });

  it('are told apart by their runtime type behind interfaces and unions', async () => {
    const book = { __typename: 'Book', id: 'b1', isbn: '3-16', title: 'B' };
    const film = { __typename: 'Film', id: 'f1', title: 'F', related: [book] };
    const category = { __typename: 'Category', name: 'c', best: p2 };
    const { tags, data, planned } = await answer(
      'products',
      '{media{title related{__typename}} anything{...on Category{best{name}} ...on Product{name}}}',
      { media: [film, null], anything: [p1, category, book] },
    );
    expect(tags).toEqual(
      sorted(
        'subgraph:products',
        'type:Book',
        'Book:id=b1',
        'Book:isbn=3-16',
        'type:Film',
        'Film:id=f1',
        ...tagsOfP1,
        ...tagsOfP2,
      ),
    );
    expect(data).toEqual(planned);
  });

  it('are all tagged in an answer that repeats some of them, also where types share ids', async () => {
    const film = (id: string) => ({ __typename: 'Film', id, title: id });
    const query = '{media{title} product{brand{name} related{name}}}';
    const { tags, fault, data, planned } = await answer('products', query, {
      media: [film('1'), film('1'), film('2'), film('1')],
      product: { ...p1, brand: { id: '1', name: 'B' }, related: [p1, { ...p1, sku: 'other' }] },
    });
    expect(tags).toEqual(
      sorted(
        'subgraph:products',
        'product:id=p0',
        ...tagsOfP1,
        'Product:sku=other',
        'type:Film',
        'Film:id=1',
        'Film:id=2',
        'type:Brand',
        'Brand:id=1',
      ),
    );
    expect(fault).toBeUndefined();
    expect(data).toEqual(planned);
  });

  it('are tagged by composite and nested keys, sorted by name', async () => {
    const author = { number: 7, org: { id: 'o/1', region: 'eu' }, name: 'A' };
    const { tags, data, planned } = await answer('products', '{media{...on Book{author{name}}}}', {
      media: [{ __typename: 'Book', id: 'b', isbn: null, author }],
    });
    expect(tags).toEqual(
      sorted(
        'subgraph:products',
        'type:Book',
        'Book:id=b',
        'type:Person',
        'Person:number=7&org.id=o%2F1&org.region=eu',
      ),
    );
    expect(data).toEqual(planned);
  });

  it('are found through named fragments, and where selections of one name merge', async () => {
    const query = `query($with:Boolean!){product{...P id@include(if:$with)} product{related{...P}}}
      fragment P on Product{name brand{name}}`;
    const root = { product: { ...p1, brand: { id: 'x' }, related: [{ ...p2, brand: { id: 'y' } }] } };
    for (const included of [true, false]) {
      const { tags, data, planned } = await answer('products', query, root, { with: included });
      expect(tags).toEqual(
        sorted(
          ...['subgraph:products', 'product:id=p0', 'type:Brand', 'Brand:id=x', 'Brand:id=y'],
          ...tagsOfP1,
          ...tagsOfP2,
        ),
      );
      expect(data).toEqual(planned);
    }
  });

  it('cannot be hidden behind aliases: of the type name, of a key, of what is added', async () => {
    const query = '{product{__typename:name id:sku sku:id _hgt:name _hg0:name _hg_1:name}}';
    const { tags, data, planned } = await answer('products', query, { product: p1 });
    expect(tags).toEqual(sorted('subgraph:products', 'product:id=p0', ...tagsOfP1));
    expect(data).toEqual(planned);
    expect(data).toEqual({
      product: { __typename: 'One', id: 'S 1', sku: 'p1', _hgt: 'One', _hg0: 'One', _hg_1: 'One' },
    });
  });

  it('are asked for no more than the client did where all of it is there', () => {
    const query = '{product{__typename id stock:sku name}}';
    expect(compile('products', query).query).toBe(query);
  });

  it('are tagged with nothing that their subgraph cannot answer', async () => {
    const { tags } = await answer('inventory', '{stock(productId:"p1"){product{available}}}', {
      stock: { product: { id: 'p1', available: 3 } },
    });
    expect(tags).toEqual(
      sorted('subgraph:inventory', 'type:Product', 'Product:id=p1', 'availability:productId=p1'),
    );
  });

  it('make the answer one that must not be kept when they cannot be identified', () => {
    const tags = compile('products', '{product{name}}');
    expect(tags.tagsOf({ product: { name: 'no type' } }, {}).fault).toMatch(/name of its type/);
    const typename = /(\w+):__typename/.exec(tags.query)?.[1] ?? '';
    expect(tags.tagsOf({ product: { [typename]: 'Product' } }, {}).fault).toMatch(/fields of its key/);
  });

  it('get a text even for half a surrogate pair', async () => {
    const { tags } = await answer('products', '{product{name}}', { product: { ...p1, sku: '\ud800' } });
    expect(tags).toContain('Product:sku=%EF%BF%BD');
  });
});

describe('tags of arguments', () => {
  const tagsFor = async (query: string, variables: JsonObject = {}) => {
    const { tags } = await answer('products', query, { products: [], product: null }, variables);
    return tags.filter((tag) => tag !== 'subgraph:products');
  };

  it.each<[string, JsonObject, string[]]>([
    ['{products(category:"a b"){name}}', {}, ['products', 'products:category=a%20b', 'products:shop=']],
    [
      'query($c:String){products(category:$c){name}}',
      { c: 'x' },
      ['products', 'products:category=x', 'products:shop='],
    ],
    [
      'query($c:String){products(category:$c){name}}',
      { c: null },
      ['products', 'products:category=', 'products:shop='],
    ],
    [
      'query($c:String="d"){products(category:$c){name}}',
      {},
      ['products', 'products:category=d', 'products:shop='],
    ],
    ['{products{name}}', {}, ['products', 'products:category=', 'products:shop=']],
    ['{products(filter:{shop:"s"}){name}}', {}, ['products', 'products:category=', 'products:shop=s']],
    [
      'query($s:String){products(filter:{shop:$s}){name}}',
      { s: 't' },
      ['products', 'products:category=', 'products:shop=t'],
    ],
    [
      'query($f:Filter){products(filter:$f){name}}',
      { f: { shop: 'u' } },
      ['products', 'products:category=', 'products:shop=u'],
    ],
    ['{products(filter:{}){name}}', {}, ['products', 'products:category=', 'products:shop=main']],
    ['{products(filter:{shop:null}){name}}', {}, ['products', 'products:category=', 'products:shop=']],
    ['{product{name}}', {}, ['product:id=p0']],
    ['{product(id:90071992547409931234){name}}', {}, ['product:id=90071992547409931234']],
    ['{a:product(id:"1"){name}b:product(id:"2"){name}}', {}, ['product:id=1', 'product:id=2']],
  ])('%s with %j are %j', async (query, variables, expected) => {
    expect(await tagsFor(query, variables)).toEqual(expected);
  });

  it('tell which nulls something will purge', () => {
    const tags = compile('products', '{a:product(id:"1"){name} featured{product{name}}}');
    expect(tags.tagsOf({ a: null, featured: {} }, {})).toMatchObject({ hasNull: true, nullsAreNamed: true });
    expect(tags.tagsOf({ a: null, featured: null }, {})).toMatchObject({ nullsAreNamed: false });
    const list = compile('products', 'query($c:String){products(category:$c){name}}');
    expect(list.tagsOf({ products: null }, { c: 'x' }).nullsAreNamed).toBe(true);
    expect(list.tagsOf({ products: null }, {}).nullsAreNamed).toBe(false);
  });
});

describe('answers to representations', () => {
  const query =
    'query($representations:[_Any!]!){_entities(representations:$representations){...on Product{available}}}';

  it('take the tags of their representation, and ask for nothing more when that has the key', () => {
    const tags = compile('inventory', query);
    expect(tags.isEntityFetch).toBe(true);
    expect(tags.query).toBe(query);
    const { tags: found } = tags.tagsOfEntity(
      { available: 3 },
      { __typename: 'Product', id: 'p1', sku: 's' },
    );
    expect([...found].sort()).toEqual(
      sorted('subgraph:inventory', 'type:Product', 'Product:id=p1', 'availability:productId=p1'),
    );
  });

  it('take them also when there is no such entity', () => {
    const { tags: found } = compile('inventory', query).tagsOfEntity(null, {
      __typename: 'Product',
      id: 'p1',
    });
    expect([...found]).toContain('Product:id=p1');
  });

  it('bring the keys that the representation does not', () => {
    const text =
      'query($representations:[_Any!]!){_entities(representations:$representations){...on Product{name}}}';
    const tags = compile('products', text);
    const names = [...tags.query.matchAll(/(\w+):(id|sku)\b/g)].map(([, alias, field]) => [field, alias]);
    const entity: JsonObject = { name: 'One' };
    for (const [field = '', alias = ''] of names) entity[alias] = p1[field as 'id'];
    const finding = tags.tagsOfEntity(entity, { __typename: 'Product', sku: 'S 1' });
    expect([...finding.tags].sort()).toEqual(sorted('subgraph:products', ...tagsOfP1));
    expect(plain(entity)).toEqual({ name: 'One' });
  });

  it('are known by the type that they turn out to have; a missing one by each that it could have had', () => {
    const text =
      'query($representations:[_Any!]!){_entities(representations:$representations){...on Media{title}}}';
    const tags = compile('products', text);
    const typename = /(\w+):__typename/.exec(tags.query)?.[1] ?? '';
    const found = tags.tagsOfEntity({ title: 't', [typename]: 'Film' }, { __typename: 'Media', id: '1' });
    expect([...found.tags].sort()).toEqual(['Film:id=1', 'subgraph:products', 'type:Film']);
    const missing = tags.tagsOfEntity(null, { __typename: 'Media', id: '1' });
    expect([...missing.tags]).toEqual(expect.arrayContaining(['Media:id=1', 'Book:id=1', 'Film:id=1']));
  });

  it('are not kept when their representation has no key that this subgraph knows', () => {
    expect(compile('inventory', query).tagsOfEntity(null, { __typename: 'Product' }).fault).toMatch(/no key/);
    expect(compile('inventory', query).tagsOfEntity(null, { __typename: 'Other', id: '1' }).fault).toMatch(
      /no key/,
    );
  });

  it('have their nested entities tagged as well', () => {
    const text =
      'query($representations:[_Any!]!){_entities(representations:$representations){...on Product{reviews{text}}}}';
    const tags = compile('reviews', text);
    const [id, typename] = ['id', '__typename'].map(
      (name) => new RegExp(`(\\w+):${name}`).exec(tags.query)?.[1] ?? '',
    );
    const entity = { reviews: [{ text: 'good', [id as string]: 'r1', [typename as string]: 'Review' }] };
    const { tags: found } = tags.tagsOfEntity(entity, { __typename: 'Product', sku: 's' });
    expect([...found]).toEqual(expect.arrayContaining(['Product:sku=s', 'Review:id=r1', 'type:Review']));
    expect(plain(entity)).toEqual({ reviews: [{ text: 'good' }] });
  });
});

describe('what cannot be tagged', () => {
  it.each([
    ['an unknown field', '{nothing}'],
    [
      'entities among other things',
      'query($representations:[_Any!]!){products{name}_entities(representations:$representations){__typename}}',
    ],
    ['no GraphQL', '{'],
  ])('%s is not cached', (_, query) => {
    expect(tagger.tagsFor('products', query)).toBeUndefined();
  });

  it('has no subgraph', () => {
    expect(tagger.tagsFor('elsewhere', '{product{id}}')).toBeUndefined();
    expect(tagger.fingerprint('elsewhere')).toBeUndefined();
  });
});

describe('fingerprints', () => {
  const fingerprints = (sdls: Readonly<Record<string, string>>) => {
    const other = createFetchTagger(buildSupergraph(sdls));
    return Object.keys(sdls).map((name) => other.fingerprint(name));
  };

  it('stay when another subgraph is published', () => {
    const changed = {
      ...shopSdls,
      reviews: shopSdls.reviews.replace('text: String', 'text: String stars: Int'),
    };
    const [products, inventory, reviews] = fingerprints(changed);
    expect(products).toBe(tagger.fingerprint('products'));
    expect(inventory).toBe(tagger.fingerprint('inventory'));
    expect(reviews).not.toBe(tagger.fingerprint('reviews'));
  });

  it('change with the cache tags alone, since old records lack the new ones', () => {
    const changed = { ...shopSdls, products: shopSdls.products.replace('shelf:{', 'rack:{') };
    expect(fingerprints(changed)[0]).not.toBe(tagger.fingerprint('products'));
  });
});

it('gives fetches that differ in the name of the operation alone one key', () => {
  const [a, b, c] = ['query A{product{name}}', 'query B{ product { name } }', '{product{id}}'].map(
    (query) => compile('products', query).queryKey,
  );
  expect(a).toBe(b);
  expect(a).not.toBe(c);
});
