import { parse, print, stripIgnoredCharacters } from 'graphql';
import { prepareDocument } from './prepareDocument.js';
import { collectReservedNames } from './reservedNames.js';

const reserved = collectReservedNames(`
  type Product
    @join__type(graph: A, key: "id sku { code }")
    @join__type(graph: B, key: "id")
  {
    id: ID! @join__field(graph: A)
    cost: Int @join__field(graph: B, requires: "price(currency: \\"CHF\\") weight")
    label: Int @join__field(graph: B, contextArguments: [{ context: "c", name: "n", type: "String", selection: "{ locale }" }])
  }
`);

function prepared(text: string) {
  const { document, responseNames } = prepareDocument(parse(text), reserved);
  return { text: stripIgnoredCharacters(print(document)), names: Object.fromEntries(responseNames) };
}

describe('collectReservedNames', () => {
  it('finds the fields of keys, requirements and contexts', () => {
    expect([...reserved.keys()].sort()).toEqual([
      '__typename',
      'code',
      'id',
      'locale',
      'price',
      'sku',
      'weight',
    ]);
    expect(reserved.get('price')).toEqual({ withArguments: true });
  });
});

describe('prepareDocument', () => {
  it('leaves a document alone that needs nothing', () => {
    const document = parse('{ product { id weight name: title } }');
    expect(prepareDocument(document, reserved).document).toBe(document);
  });

  it('renames an alias that a key uses, the same everywhere', () => {
    expect(prepared('{ a { id: name ...F } } fragment F on Product { id: name }')).toEqual({
      text: '{a{id__own:name ...F}}fragment F on Product{id__own:name}',
      names: { id__own: 'id' },
    });
  });

  it('renames a field that is required with other arguments', () => {
    expect(prepared('{ a { price b { price(currency: "EUR") } } }')).toEqual({
      text: '{a{price__own:price b{price__own_1:price(currency:"EUR")}}}',
      names: { price__own: 'price', price__own_1: 'price' },
    });
  });

  it('takes no name that the client uses', () => {
    expect(prepared('{ a { id: name id__own: title } }').text).toBe('{a{id__own_1:name id__own:title}}');
  });

  it('keeps a selection from becoming empty', () => {
    expect(
      prepared('query($x:Boolean!){ a { name @skip(if: $x) } b { name ...F @include(if: $x) } }'),
    ).toEqual({
      text: 'query($x:Boolean!){a{name@skip(if:$x)keep__own:__typename}b{name ...F@include(if:$x)}}',
      names: { keep__own: undefined },
    });
  });

  it('leaves alone what introspection asks for, which nobody plans', () => {
    const text =
      'query($x:Boolean!){__schema{types{id:name ...T}}__type(name:"T"){fields{price:name@skip(if:$x)}}}fragment T on __Type{id:name fields{name@skip(if:$x)}}';
    expect(prepared(text)).toEqual({ text, names: {} });
  });

  it('takes arguments for the same in whatever order they are written', () => {
    const text =
      '{ a { price(currency: "EUR", at: {x: 1, y: 2}) price(at: {y: 2, x: 1}, currency: "EUR") } }';
    expect(prepared(text).names).toEqual({ price__own: 'price' });
  });
});
