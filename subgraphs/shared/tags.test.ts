import { entityTag, listTag } from './tags.js';

describe('tags', () => {
  it('names an entity by its key, composite keys in the order of their names', () => {
    expect(entityTag('Product', { id: 'books-0001' })).toBe('Product:id=books-0001');
    expect(entityTag('Price', { sku: 'A', country: 'DE' })).toBe('Price:country=DE&sku=A');
    expect(entityTag('Price', { country: 'DE', sku: 'A' })).toBe('Price:country=DE&sku=A');
  });

  it('encodes values, so that no value can look like another tag', () => {
    expect(entityTag('Product', { id: 'a&b=c' })).toBe('Product:id=a%26b%3Dc');
  });

  it('names a list as a whole or by its arguments', () => {
    expect(listTag('products')).toBe('products');
    expect(listTag('products', { category: 'books' })).toBe('products:category=books');
  });
});
